//! The learning curve as a table.

use std::path::Path;

use serde::Serialize;
use vadose_train::EpochRecord;

use crate::StudyError;
use crate::files::write_table;

/// A line of `history.csv`; a figure that was not evaluated is empty.
#[derive(Serialize)]
struct Line {
    epoch: usize,
    step: u64,
    loss: f64,
    station_term: f64,
    coarse_term: f64,
    spread_term: f64,
    station_weight: f64,
    coarse_weight: f64,
    train_rmse: Option<f64>,
    train_ubrmse: Option<f64>,
    validation_rmse: Option<f64>,
    validation_ubrmse: Option<f64>,
}

/// Writes one line an epoch as CSV: the loss, its terms and weights, and the errors of all stations pooled, m3 m-3.
///
/// # Errors
/// [`StudyError::Io`], [`StudyError::Write`].
pub fn write_history(path: &Path, history: &[EpochRecord]) -> Result<(), StudyError> {
    let lines = history.iter().map(|epoch| Line {
        epoch: epoch.epoch,
        step: epoch.step,
        loss: epoch.loss.total,
        station_term: epoch.loss.station,
        coarse_term: epoch.loss.coarse,
        spread_term: epoch.loss.spread,
        station_weight: epoch.loss.station_weight,
        coarse_weight: epoch.loss.coarse_weight,
        train_rmse: epoch.train.map(|skill| skill.rmse),
        train_ubrmse: epoch.train.map(|skill| skill.ubrmse),
        validation_rmse: epoch.validation.map(|skill| skill.rmse),
        validation_ubrmse: epoch.validation.map(|skill| skill.ubrmse),
    });
    write_table(path, lines)
}
