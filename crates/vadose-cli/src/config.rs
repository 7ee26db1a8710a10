//! The configuration file of `vadose train`.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vadose::nn::NetworkConfig;
use vadose::scene::{ChannelSet, ChannelSpec, SplitConfig};
use vadose::train::TrainConfig;

use crate::failure::Failure;
use crate::toml_error::explain;

/// Everything that a training run depends on. Paths are relative to the configuration file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RunConfig {
    /// The one seed of the run; each purpose derives its own from it.
    pub(crate) seed: u64,
    /// Folder of everything the run writes.
    pub(crate) output: PathBuf,
    /// Channel list: the name of a preset, `paper`, `spl2smap_s` or `context`, or the names of channels in order.
    pub(crate) channels: ChannelChoice,
    /// What to train on.
    pub(crate) data: DataConfig,
    /// Which stations train, validate and test.
    pub(crate) split: SplitConfig,
    /// The network.
    pub(crate) network: NetworkConfig,
    /// The training.
    pub(crate) train: TrainConfig,
    /// Folder of the configuration file.
    #[serde(skip)]
    pub(crate) folder: PathBuf,
}

/// What to train on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DataConfig {
    /// Folder of a cube; granules and stations are not read then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cube: Option<PathBuf>,
    /// SPL2SMAP_S granules.
    pub(crate) granules: Vec<PathBuf>,
    /// Station table: CSV with the columns lon, lat, time, soil_moisture, and by choice station, network.
    pub(crate) stations: PathBuf,
    /// Largest distance in time between a station value and the SMAP overpass, hours.
    pub(crate) station_window_hours: f64,
    /// The coarse target Z.
    pub(crate) coarse_target: CoarseTargetChoice,
}

/// Which channels, in which order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum ChannelChoice {
    /// A preset by name.
    Preset(String),
    /// Channels by name; transforms and units are those that the presets give them.
    Names(Vec<String>),
}

/// Where the coarse target comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CoarseTargetChoice {
    /// The granule's own soil moisture, low-passed and averaged to 9 km.
    Granule,
    /// None: stations alone.
    None,
}

impl Default for RunConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            output: PathBuf::from("out/run"),
            channels: ChannelChoice::Preset("spl2smap_s".to_owned()),
            data: DataConfig::default(),
            split: SplitConfig::default(),
            network: NetworkConfig::default(),
            train: TrainConfig::default(),
            folder: PathBuf::new(),
        }
    }
}

impl Default for DataConfig {
    fn default() -> Self {
        Self {
            cube: None,
            granules: vec![PathBuf::from("SMAP_L2_SM_SP_….h5")],
            stations: PathBuf::from("stations.csv"),
            station_window_hours: 1.5,
            coarse_target: CoarseTargetChoice::Granule,
        }
    }
}

impl RunConfig {
    /// Reads and checks a configuration file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::usage(format_args!("{}: cannot be read: {error}", path.display()))
        })?;
        let mut config: Self = toml::from_str(&text).map_err(|error| {
            Failure::usage(format_args!(
                "{}: {}",
                path.display(),
                explain(&text, &error)
            ))
        })?;
        config.folder = path.parent().unwrap_or(Path::new("")).to_owned();
        config.check()?;
        Ok(config)
    }

    /// Refuses what can be seen to be wrong before any file is read.
    fn check(&self) -> Result<(), Failure> {
        self.train.validate().map_err(Failure::usage)?;
        let tile = (self.train.tile_size, self.train.tile_size);
        self.network.layer_table(tile).map_err(Failure::usage)?;
        let n_channels = self.channel_set()?.len();
        if self.network.channels != n_channels {
            return Err(Failure::usage(format_args!(
                "network.channels is {}, but the channel list has {n_channels}",
                self.network.channels
            )));
        }
        let hours = self.data.station_window_hours;
        if !(hours.is_finite() && hours >= 0.0) {
            return Err(Failure::usage(format_args!(
                "data.station_window_hours is {hours}, but must be 0 or more"
            )));
        }
        if self.data.granules.is_empty() && self.data.cube.is_none() {
            return Err(Failure::usage(
                "data.granules is empty; name at least one SPL2SMAP_S granule, or data.cube",
            ));
        }
        Ok(())
    }

    /// A path of the configuration, which is relative to its file, as seen from here.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// The configuration with absolute paths, so that a copy of it works in any folder.
    pub(crate) fn with_absolute_paths(&self) -> Self {
        let absolute = |path: &Path| {
            let path = self.resolve(path);
            std::path::absolute(&path).unwrap_or(path)
        };
        let mut copy = self.clone();
        copy.output = absolute(&self.output);
        copy.data.cube = self.data.cube.as_deref().map(absolute);
        copy.data.stations = absolute(&self.data.stations);
        copy.data.granules = self
            .data
            .granules
            .iter()
            .map(|granule| absolute(granule))
            .collect();
        copy
    }

    /// The channel list.
    pub(crate) fn channel_set(&self) -> Result<ChannelSet, Failure> {
        let set = match &self.channels {
            ChannelChoice::Preset(name) => ChannelSet::preset(name),
            ChannelChoice::Names(names) => {
                let known = |name: &String| {
                    ChannelSpec::known(name).ok_or_else(|| {
                        Failure::usage(format_args!("channels: no channel is called {name:?}"))
                    })
                };
                ChannelSet::new(names.iter().map(known).collect::<Result<_, _>>()?)
            }
        };
        set.map_err(Failure::usage)
    }

    /// Training parameters, with their seed.
    pub(crate) fn train_config(&self) -> TrainConfig {
        TrainConfig {
            seed: self.seed,
            ..self.train.clone()
        }
    }

    /// Split parameters, with their seed.
    pub(crate) fn split_config(&self) -> SplitConfig {
        SplitConfig {
            seed: self.seed,
            ..self.split.clone()
        }
    }

    /// The configuration with every default, as TOML.
    pub(crate) fn to_toml(&self) -> Result<String, Failure> {
        Ok(toml::to_string_pretty(self)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        explain(text, &toml::from_str::<RunConfig>(text).unwrap_err())
    }

    #[test]
    fn written_defaults_read_back_as_defaults() {
        let text = RunConfig::default().to_toml().unwrap();
        assert_eq!(
            toml::from_str::<RunConfig>(&text).unwrap(),
            RunConfig::default()
        );
    }

    #[test]
    fn an_unknown_key_is_answered_with_the_nearest_known_one() {
        assert_eq!(
            message("seed = 1\n\n[train]\nepoch = 3\n"),
            "line 4: unknown key \"epoch\"; did you mean \"epochs\"?"
        );
        let nested = message("[train.loss]\nalfa = 0.1\n");
        assert!(
            nested.contains("unknown key \"alfa\"; did you mean \"alpha\"?"),
            "{nested}"
        );
    }

    #[test]
    fn a_key_like_no_other_is_answered_with_all_known_ones() {
        let answer = message("[data]\nqqq = 1\n");
        assert!(
            answer.contains("known here: cube, granules, stations"),
            "{answer}"
        );
    }

    #[test]
    fn channels_are_a_preset_or_a_list_of_names() {
        let channels = |text: &str| toml::from_str::<RunConfig>(text).unwrap().channel_set();
        assert_eq!(channels("channels = \"paper\"").unwrap().len(), 13);
        let listed = channels("channels = [\"tb_v\", \"clay_fraction\"]").unwrap();
        assert_eq!(
            listed.names().collect::<Vec<_>>(),
            ["tb_v", "clay_fraction"]
        );
        assert!(channels("channels = [\"tb_x\"]").is_err());
    }

    #[test]
    fn a_seed_belongs_at_the_top() {
        assert!(message("[train]\nseed = 1\n").contains("unknown key \"seed\""));
    }

    #[test]
    fn a_wrong_type_names_its_line() {
        assert!(message("seed = \"one\"\n").starts_with("line 1: "));
    }
}
