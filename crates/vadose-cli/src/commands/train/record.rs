//! What a training run says of itself: `run.json`, `history.csv` and the lines on stdout.

use std::path::PathBuf;

use serde::Serialize;
use vadose::io::Provenance;
use vadose::scene::{LeakCounts, SplitCounts};
use vadose::train::{EpochRecord, StopReason};

use crate::failure::Failure;
use crate::print;

/// The content of `run.json`.
#[derive(Serialize)]
pub(super) struct RunRecord {
    #[serde(flatten)]
    pub(super) data: DataRecord,
    /// Channels that are constant in all training tiles, or missing from all scenes.
    pub(super) absent_channels: Vec<String>,
    pub(super) split: SplitCounts,
    pub(super) leaks: LeakCounts,
    pub(super) tiles: usize,
    pub(super) steps: u64,
    pub(super) best_epoch: Option<usize>,
    pub(super) stop_reason: StopReason,
    pub(super) last_epoch: Option<EpochRecord>,
    pub(super) provenance: Provenance,
}

/// What was trained on.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum DataRecord {
    Cube(CubeRecord),
    Granules(GranulesRecord),
}

/// A cube.
#[derive(Serialize)]
pub(super) struct CubeRecord {
    pub(super) cube: PathBuf,
    pub(super) days: usize,
    pub(super) tile_days: usize,
    /// Tile-days without a cell that can be predicted.
    pub(super) tile_days_left_out: usize,
}

/// Granules and a station table.
#[derive(Serialize)]
pub(super) struct GranulesRecord {
    pub(super) scenes: Vec<SceneRecord>,
    pub(super) rejected_station_rows: Vec<String>,
    pub(super) stations_without_granule: Vec<String>,
}

/// One granule and its stations.
#[derive(Serialize)]
pub(super) struct SceneRecord {
    pub(super) granule: String,
    pub(super) stations: Vec<String>,
    /// Stations in cells without brightness temperature or static inputs: they take no part.
    pub(super) stations_not_predictable: Vec<String>,
}

impl RunRecord {
    /// Prints the record in a few lines.
    pub(super) fn print(&self) -> Result<(), Failure> {
        let Self { split, leaks, .. } = self;
        print::text(format_args!(
            "stations: {} train, {} validation, {} test; {} tiles, {} steps",
            split.train, split.validation, split.test, self.tiles, self.steps
        ))?;
        print::text(format_args!(
            "independence: {} of {} test stations share a tile and day, a 9 km cell or 36 km with another split's \
             (leaks.json names them)",
            leaks.test_stations_affected, split.test
        ))?;
        let Some(last) = &self.last_epoch else {
            return Ok(());
        };
        print::text(format_args!(
            "effective weights: {:.3} on the mean square error at stations, {:.3} on that of 9 km cells",
            last.loss.station_weight, last.loss.coarse_weight
        ))?;
        for (name, skill) in [("training", last.train), ("validation", last.validation)] {
            if let Some(skill) = skill {
                print::text(format_args!(
                    "{name} stations, all cells pooled: RMSE {:.4}, ubRMSE {:.4}, bias {:+.4} m3 m-3 (n = {})",
                    skill.rmse, skill.ubrmse, skill.bias, skill.n
                ))?;
            }
        }
        Ok(())
    }
}
