//! Error at the stations of each split, during training.

use std::collections::BTreeMap;

use vadose_metrics as metrics;
use vadose_nn::Network;
use vadose_scene::Split;

use crate::error::Attempted;
use crate::estimate::predict;
use crate::{Orientation, SkillRecord, TrainError, TrainingTiles};

/// Estimates and references by split.
#[derive(Default)]
pub(crate) struct StationErrors {
    pairs: BTreeMap<Split, (Vec<f64>, Vec<f64>)>,
}

impl StationErrors {
    /// Skill over the pooled station cells of a split; `None` below two of them.
    pub(crate) fn of(&self, split: Split) -> Option<SkillRecord> {
        let (estimate, reference) = self.pairs.get(&split)?;
        Some(SkillRecord {
            n: estimate.len(),
            rmse: metrics::rmse(estimate, reference).ok()?,
            ubrmse: metrics::ubrmse(estimate, reference).ok()?,
            bias: metrics::bias(estimate, reference).ok()?,
        })
    }
}

/// Predicts every tile with a training or validation station as it stands. A cell in several overlapping tiles counts once, with the mean of
/// its estimates.
pub(crate) fn evaluate(
    network: &Network,
    tiles: &TrainingTiles<'_>,
) -> Result<StationErrors, TrainError> {
    /// Split, sum and count of the estimates, and the reference of one cell.
    type Cells = BTreeMap<(usize, (i64, i64)), (Split, f64, u32, f64)>;
    let mut cells = Cells::new();
    let network = network.detached();
    for &tile in tiles.evaluated() {
        let tile = tiles.prepare(tile)?;
        let prediction = predict(
            &network,
            std::slice::from_ref(&tile),
            &[Orientation::IDENTITY],
        )?;
        let estimate = prediction
            .estimate
            .get(0)
            .and_then(|e| e.to_vec2::<f32>())
            .attempted("reading the estimate")?;
        for station in tile
            .held()
            .iter()
            .filter(|station| station.split != Split::Test)
        {
            let (row, col) = station.at;
            let entry = cells.entry((tile.scene(), station.cell)).or_insert((
                station.split,
                0.0,
                0,
                f64::from(station.value),
            ));
            entry.1 += f64::from(estimate[row][col]);
            entry.2 += 1;
        }
    }
    let mut errors = StationErrors::default();
    for (split, sum, count, reference) in cells.into_values() {
        let (estimates, references) = errors.pairs.entry(split).or_default();
        estimates.push(sum / f64::from(count));
        references.push(reference);
    }
    Ok(errors)
}
