//! What a study trains and evaluates.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use vadose_nn::NetworkConfig;
use vadose_scene::{ChannelSet, SplitConfig};
use vadose_train::TrainConfig;

use crate::StudyError;
use crate::evaluation::{BaselineConfig, EvaluationConfig, ScaleConfig};

/// A study of one cube. Plain data; every field has a default, and a field that is left out of a file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StudyConfig {
    /// The one seed of split, controls and resampling. Trainings have seeds of their own.
    pub seed: u64,
    /// Folder of the cube.
    pub cube: PathBuf,
    /// The simulated archive that the cube was built of, where it is one: for the control
    /// [`CoarseChoice::Truth`] and for the evaluation on truth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truth: Option<PathBuf>,
    /// Folder of everything that the study writes.
    pub output: PathBuf,
    /// Every how many-th day of the cube is trained on, at least 1. Other days enter antecedent precipitation
    /// alone.
    pub every_day: usize,
    /// Every how many-th day is evaluated on, at least 1. A station is scored from ten rows on that all methods
    /// have, and SMAP sees a place on every second or third day: few days leave no station.
    pub evaluate_every_day: usize,
    /// Tile-days that stay in memory between trainings; those beyond are read anew. One takes 5 MB.
    pub tile_days_in_memory: usize,
    /// Cells of the true field drawn from each tile-day for the evaluation.
    pub truth_cells_per_window: usize,
    /// Which stations train, validate and test.
    pub split: SplitConfig,
    /// The network of all trainings that do not name another; its number of channels is that of each.
    pub network: NetworkConfig,
    /// What all trainings have in common.
    pub train: TrainConfig,
    /// The trainings, in order: one that takes over another's alpha stands behind it.
    pub trainings: Vec<TrainingConfig>,
    /// How figures are made.
    pub evaluation: EvaluationConfig,
    /// The regressions beside the networks.
    pub baselines: BaselineConfig,
    /// How scales are compared, where there is truth.
    pub scale: ScaleConfig,
}

impl Default for StudyConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            cube: PathBuf::from("cube"),
            truth: None,
            output: PathBuf::from("study"),
            every_day: 1,
            evaluate_every_day: 1,
            tile_days_in_memory: 1000,
            truth_cells_per_window: 64,
            split: SplitConfig::default(),
            network: NetworkConfig::default(),
            train: TrainConfig {
                epochs: 6,
                tiles_per_epoch: Some(100),
                evaluate_every: 3,
                ..TrainConfig::default()
            },
            trainings: vec![TrainingConfig::default()],
            evaluation: EvaluationConfig::default(),
            baselines: BaselineConfig::default(),
            scale: ScaleConfig::default(),
        }
    }
}

/// One kind of training: one network for each seed, and for each alpha that is tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingConfig {
    /// Its name in tables: letters, digits and `_`.
    pub name: String,
    /// Seeds of weights, order of tiles and augmentation; several make an ensemble.
    pub seeds: Vec<u64>,
    /// Preset of channels.
    pub channels: String,
    /// Preset of network, where it is not that of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// The channel that holds a first guess, which the network corrects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_guess: Option<String>,
    /// Whether its networks learn their spread as well.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub spread_head: bool,
    /// Weight of the coarse term.
    pub alpha: Alpha,
    /// Weight of the station term; 0 trains on the coarse target alone.
    pub station_weight: f64,
    /// What the coarse target is.
    pub coarse: CoarseChoice,
    /// Share of the training stations' cells that are trained on, above 0 up to 1. Smaller shares are parts of larger
    /// ones.
    pub station_share: f64,
    /// Learning rate, where it is not that of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
    /// Weight decay, where it is not that of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,
    /// Dropout of channels, where it is not that of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_dropout: Option<f64>,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            name: "paper".to_owned(),
            seeds: vec![1],
            channels: "paper".to_owned(),
            network: None,
            first_guess: None,
            spread_head: false,
            alpha: Alpha::Fixed(1e-3),
            station_weight: 1.0,
            coarse: CoarseChoice::Analysis,
            station_share: 1.0,
            learning_rate: None,
            weight_decay: None,
            channel_dropout: None,
        }
    }
}

/// Where alpha comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Alpha {
    /// This one.
    Fixed(f64),
    /// The one of these with which the first seed's network has the least error at validation stations.
    Chosen(Vec<f64>),
    /// That of the training of this name.
    Of(String),
}

/// The coarse target of a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoarseChoice {
    /// The cube's: the analysis of the day.
    Analysis,
    /// Control: the analysis of another day of the same place, drawn once.
    Shuffled,
    /// Control: `D` of the true field.
    Truth,
}

impl StudyConfig {
    /// Refuses what can be seen to be wrong before any file is read.
    ///
    /// # Errors
    /// [`StudyError::ConfigOutOfRange`], [`StudyError::MethodName`], [`StudyError::DuplicateMethod`],
    /// [`StudyError::UnknownTraining`], [`StudyError::NoTruth`]; those of training and channels.
    pub fn check(&self) -> Result<(), StudyError> {
        let at_least_one = |name, value: usize| in_range(name, value as f64, [1.0, f64::INFINITY]);
        at_least_one("every_day", self.every_day)?;
        at_least_one("evaluate_every_day", self.evaluate_every_day)?;
        at_least_one("trainings", self.trainings.len())?;
        let mut known: BTreeMap<&str, ()> = BTreeMap::new();
        for training in &self.trainings {
            let name = training.name.as_str();
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                return Err(StudyError::MethodName {
                    name: name.to_owned(),
                });
            }
            at_least_one("trainings.seeds", training.seeds.len())?;
            in_range(
                "trainings.station_share",
                training.station_share,
                [f64::MIN_POSITIVE, 1.0],
            )?;
            let alphas = match &training.alpha {
                Alpha::Fixed(alpha) => vec![*alpha],
                Alpha::Chosen(alphas) => alphas.clone(),
                Alpha::Of(other) if known.contains_key(other.as_str()) => Vec::new(),
                Alpha::Of(other) => {
                    return Err(StudyError::UnknownTraining {
                        name: other.clone(),
                        by: name.to_owned(),
                    });
                }
            };
            if let Alpha::Chosen(alphas) = &training.alpha {
                at_least_one("trainings.alpha", alphas.len())?;
            }
            for alpha in alphas {
                training.train_config(self, alpha, 0).validate()?;
            }
            training.network_config(self)?;
            if training.coarse == CoarseChoice::Truth && self.truth.is_none() {
                return Err(StudyError::NoTruth {
                    training: name.to_owned(),
                });
            }
            if known.insert(name, ()).is_some() {
                return Err(StudyError::DuplicateMethod {
                    name: name.to_owned(),
                });
            }
        }
        Ok(())
    }
}

impl TrainingConfig {
    /// Its network, with as many channels as it has, and a spread head where it or the study asks for one.
    pub(super) fn network_config(&self, study: &StudyConfig) -> Result<NetworkConfig, StudyError> {
        let network = match &self.network {
            Some(preset) => NetworkConfig::preset(preset)?,
            None => study.network.clone(),
        };
        Ok(NetworkConfig {
            channels: ChannelSet::preset(&self.channels)?.len(),
            spread_head: self.spread_head || network.spread_head,
            ..network
        })
    }

    /// The configuration of one training.
    pub(super) fn train_config(&self, study: &StudyConfig, alpha: f64, seed: u64) -> TrainConfig {
        let mut train = study.train.clone();
        train.seed = seed;
        train.loss.alpha = alpha;
        train.loss.station_weight = self.station_weight;
        let optimizer = &mut train.optimizer;
        optimizer.learning_rate = self.learning_rate.unwrap_or(optimizer.learning_rate);
        optimizer.weight_decay = self.weight_decay.unwrap_or(optimizer.weight_decay);
        train.first_guess = self.first_guess.clone();
        train.channel_dropout = self.channel_dropout.unwrap_or(train.channel_dropout);
        train
    }
}

fn in_range(name: &'static str, value: f64, [low, high]: [f64; 2]) -> Result<(), StudyError> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(StudyError::ConfigOutOfRange {
        name,
        value,
        low,
        high,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn study(trainings: &str) -> StudyConfig {
        toml::from_str(trainings).unwrap()
    }

    #[test]
    fn alpha_is_a_number_a_list_or_a_name() {
        let config = study(
            "[[trainings]]\nalpha = [1e-3, 1.0]\n[[trainings]]\nname = \"l1\"\nalpha = 0.0\n\
             [[trainings]]\nname = \"context\"\nchannels = \"context\"\nalpha = \"paper\"\n",
        );
        config.check().unwrap();
        let alphas: Vec<_> = config.trainings.iter().map(|one| &one.alpha).collect();
        assert_eq!(alphas[0], &Alpha::Chosen(vec![1e-3, 1.0]));
        assert_eq!(alphas[1], &Alpha::Fixed(0.0));
        assert_eq!(alphas[2], &Alpha::Of("paper".to_owned()));
        let text = toml::to_string_pretty(&config).unwrap();
        assert_eq!(study(&text), config);
    }

    #[test]
    fn only_a_training_with_a_spread_head_says_so_in_its_text() {
        let config = study("[[trainings]]\n[[trainings]]\nname = \"spread\"\nspread_head = true\n");
        config.check().unwrap();
        let texts = config.trainings.iter().map(|training| {
            let network = training.network_config(&config).unwrap();
            let train = training.train_config(&config, 1e-3, 1);
            toml::to_string(&network).unwrap() + &toml::to_string(&train).unwrap()
        });
        let texts: Vec<String> = texts.collect();
        assert!(!texts[0].contains("spread"), "{}", texts[0]);
        assert_eq!(texts[1].matches("spread").count(), 1, "{}", texts[1]);
    }

    #[test]
    fn what_cannot_be_is_refused_before_any_work() {
        for (wrong, named) in [
            ("every_day = 0", "every_day"),
            ("trainings = []", "trainings"),
            ("[[trainings]]\nname = \"a-b\"", "a-b"),
            ("[[trainings]]\n[[trainings]]", "paper"),
            ("[[trainings]]\nalpha = \"later\"", "later"),
            ("[[trainings]]\nstation_share = 0.0", "station_share"),
            ("[[trainings]]\nseeds = []", "seeds"),
            ("[[trainings]]\nalpha = 0.0\nstation_weight = 0.0", "alpha"),
            ("[[trainings]]\nchannels = \"papr\"", "papr"),
            ("[[trainings]]\nnetwork = \"features\"", "features6"),
            ("[[trainings]]\ncoarse = \"truth\"", "paper"),
        ] {
            let message = study(wrong).check().unwrap_err().to_string();
            assert!(message.contains(named), "{wrong}: {message}");
        }
        StudyConfig::default().check().unwrap();
    }
}
