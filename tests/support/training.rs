//! A small training run on the real granule, with pseudo-stations of its own cells.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::granule::{self, RecommendedCell};
use crate::program::{self, Run};

/// Overpass of the granule, to the second.
pub const OVERPASS: &str = "2015-04-10T05:41:51Z";
/// Every n-th recommended cell is a station: 1,235 cells give 124 stations.
const CELLS_PER_STATION: usize = 10;

/// A folder with a station table and a configuration, and where the run will write.
#[derive(Clone, Debug)]
pub struct SmallRun {
    folder: PathBuf,
}

impl SmallRun {
    /// Writes `stations.csv` and `config.toml` into a folder. The network is `paper`; tiles are small
    /// and epochs two, so that the run takes seconds.
    ///
    /// # Panics
    /// If a file cannot be written.
    #[must_use]
    pub fn prepare(folder: &Path) -> Self {
        Self::prepare_with(folder, &granule::path(granule::SPL2SMAP_S))
    }

    /// As [`SmallRun::prepare`], on another granule.
    ///
    /// # Panics
    /// If a file cannot be written.
    #[must_use]
    pub fn prepare_with(folder: &Path, granule: &Path) -> Self {
        fs::create_dir_all(folder).expect("the folder can be made");
        fs::write(folder.join("stations.csv"), station_table()).expect("the table can be written");
        let run = Self {
            folder: folder.to_owned(),
        };
        run.write_config(&config(granule));
        run
    }

    /// Replaces the configuration.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn write_config(&self, text: &str) {
        fs::write(self.config(), text).expect("the configuration can be written");
    }

    /// The configuration file.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.folder.join("config.toml")
    }

    /// The folder that the run writes to.
    #[must_use]
    pub fn output(&self) -> PathBuf {
        self.folder.join("run")
    }

    /// The model that the run writes.
    #[must_use]
    pub fn model(&self) -> PathBuf {
        self.output().join("model.safetensors")
    }

    /// `vadose train config.toml`, not yet started.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = program::command();
        command.arg("train").arg(self.config());
        command
    }

    /// Trains.
    #[must_use]
    pub fn train(&self) -> Run {
        Run::of(&mut self.command())
    }
}

/// The configuration: only what differs from the defaults.
#[must_use]
pub fn config(granule: &Path) -> String {
    format!(
        "\
seed = 20150410
output = \"run\"
channels = \"spl2smap_s\"

[data]
granules = [{granule:?}]
stations = \"stations.csv\"

[train]
epochs = 2
batch_size = 4
tile_size = 96
tile_overlap = 16
"
    )
}

/// `lon,lat,time,soil_moisture` of every tenth recommended cell.
fn station_table() -> String {
    let mut table = String::from("lon,lat,time,soil_moisture\n");
    for cell in granule::recommended_cells()
        .iter()
        .step_by(CELLS_PER_STATION)
    {
        let RecommendedCell {
            lon_deg,
            lat_deg,
            soil_moisture_m3m3,
        } = cell;
        writeln!(table, "{lon_deg},{lat_deg},{OVERPASS},{soil_moisture_m3m3}")
            .expect("a string takes what is written");
    }
    table
}
