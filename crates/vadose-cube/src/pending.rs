//! Stands for what other parts of the crate bring.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::Timestamp;
use jiff::civil::Date;
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use vadose_grid::{Cell, Window};
use vadose_scene::StationSite;

use crate::layers::{DayBlocks, Layers};
use crate::store::coarsened;
use crate::{Axes, CubeDay, CubeError, Problem, Problems, Source, variables};

/// The rasters of the static layers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RasterConfig {
    /// Clay fraction.
    pub clay_fraction: Option<PathBuf>,
}

/// The stations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StationsConfig {
    /// Archives of ISMN.
    pub archives: Vec<PathBuf>,
}

/// Stations of a cube.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StationTable {
    /// Stations with at least one value.
    pub sites: Vec<StationTableSite>,
    /// Values, by day, then cell.
    pub observations: Vec<CellObservation>,
}

/// A station with values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StationTableSite {
    /// Name, network, place and cell.
    pub site: StationSite,
    /// Height above the sea, m; NaN where it is not stated.
    pub elevation_m: f64,
}

/// What the stations of one cell report of one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CellObservation {
    /// The cube's day.
    pub date: Date,
    /// Cell of the cube's grid.
    pub cell: Cell,
    /// Mean over the stations of the cell, m3 m-3.
    pub soil_moisture_m3m3: f32,
    /// Number of sensors of these stations.
    pub n_sensors: u32,
    /// Standard deviation of the stations about their mean, m3 m-3.
    pub standard_deviation_m3m3: f32,
    /// The stations, in alphabetic order.
    pub stations: Vec<String>,
    /// Mean time of the sensors' values, UTC.
    pub time: Timestamp,
}

/// Why a value of a sensor is in no observation.
pub type ExclusionReason = String;

/// What was lost for one reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// Stations that lost something.
    pub stations: u64,
}

impl StationTable {
    pub(crate) fn lost_by_reason(&self) -> BTreeMap<ExclusionReason, Lost> {
        BTreeMap::new()
    }

    pub(crate) fn problems(&self) -> Vec<Problem> {
        Vec::new()
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<(), CubeError> {
        let path = folder.join("stations.json");
        let json = serde_json::to_string(self).expect("plain data serialise");
        std::fs::write(&path, json).map_err(|error| CubeError::Table {
            path,
            reason: error.to_string(),
        })
    }

    pub(crate) fn read(folder: &Path) -> Result<Self, CubeError> {
        let path = folder.join("stations.json");
        let json = std::fs::read_to_string(&path).unwrap_or_default();
        serde_json::from_str(&json).map_err(|error| CubeError::Table {
            path,
            reason: error.to_string(),
        })
    }
}

/// A file that is there in a newer version too, or once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupersededFile {
    /// The file.
    pub path: PathBuf,
    /// What is used in its place.
    pub by: PathBuf,
}

/// The files of one source for one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayFiles {
    /// Those that are there, in the order of time.
    pub files: Vec<PathBuf>,
    /// Name patterns of those that are not.
    pub missing: Vec<String>,
}

pub(crate) struct NoFiles;

struct NoBlocks(Source);

impl DayBlocks for NoBlocks {
    fn block(&self, block: &Window) -> Result<Vec<Array2<f32>>, CubeError> {
        variables(self.0)
            .map(|variable| {
                let shape = match variable.axes {
                    Axes::DailyCoarseMap => coarsened(block)?.shape(),
                    Axes::Map | Axes::DailyMap => block.shape(),
                };
                Ok(Array2::from_elem(shape, f32::NAN))
            })
            .collect()
    }
}

impl Layers for NoFiles {
    fn problems(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn superseded(&self) -> Vec<SupersededFile> {
        Vec::new()
    }

    fn files(&self, _: Source, _: Option<&CubeDay>, _: &Window) -> Result<DayFiles, CubeError> {
        Ok(DayFiles::default())
    }

    fn open_day<'p>(
        &self,
        source: Source,
        _: &[PathBuf],
        _: &CubeDay,
        _: &Window,
        _: &'p Mutex<Problems>,
    ) -> Result<Box<dyn DayBlocks + 'p>, CubeError> {
        Ok(Box::new(NoBlocks(source)))
    }

    fn statics(&self, block: &Window) -> Result<Vec<Array2<f32>>, CubeError> {
        NoBlocks(Source::Static).block(block)
    }

    fn stations(&self, _: &Window, _: &[CubeDay]) -> Result<StationTable, CubeError> {
        Ok(StationTable::default())
    }
}
