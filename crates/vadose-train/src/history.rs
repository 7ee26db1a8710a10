//! What training reports, step by step and epoch by epoch.

use serde::{Deserialize, Serialize};

/// One optimiser step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Optimiser step, counted from 1 over the whole run.
    pub step: u64,
    /// Steps that the run will take at most.
    pub planned_steps: u64,
    /// Epoch, counted from 1.
    pub epoch: usize,
    /// Learning rate of this step.
    pub learning_rate: f64,
    /// Global L2 norm of the gradient before clipping.
    pub gradient_norm: f64,
    /// The terms of the loss.
    pub loss: LossRecord,
}

/// The loss of one batch (or its mean over an epoch), and what its two first terms weigh.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct LossRecord {
    /// `station_weight L1 + alpha L2`, and the weighted spread term if there is one; mean over the tiles of the
    /// batch.
    pub total: f64,
    /// The station term, after its reduction, before `station_weight`.
    pub station: f64,
    /// The coarse term, after its reduction, before `alpha`.
    pub coarse: f64,
    /// The spread term, after its reduction, before `spread_weight`; 0 without a spread head.
    #[serde(default)]
    pub spread: f64,
    /// Station cells per tile.
    pub n_stations: f64,
    /// Coarse cells per tile.
    pub n_coarse: f64,
    /// What multiplies the mean square error at stations in the total.
    pub station_weight: f64,
    /// What multiplies the mean square error of coarse cells in the total.
    pub coarse_weight: f64,
}

impl LossRecord {
    /// The mean of several records, member by member; all zero for none.
    #[must_use]
    pub fn mean(records: &[Self]) -> Self {
        let n = records.len().max(1) as f64;
        let mean = |of: fn(&Self) -> f64| records.iter().map(of).sum::<f64>() / n;
        Self {
            total: mean(|r| r.total),
            station: mean(|r| r.station),
            coarse: mean(|r| r.coarse),
            spread: mean(|r| r.spread),
            n_stations: mean(|r| r.n_stations),
            n_coarse: mean(|r| r.n_coarse),
            station_weight: mean(|r| r.station_weight),
            coarse_weight: mean(|r| r.coarse_weight),
        }
    }
}

/// Error at the stations of one split, all cells of all scenes pooled.
///
/// This is the learning curve's figure, as in the paper; final skill is reported per station
/// by `vadose-metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SkillRecord {
    /// Station cells with a prediction.
    pub n: usize,
    /// Root-mean-square error, m3 m-3.
    pub rmse: f64,
    /// Unbiased root-mean-square error, m3 m-3.
    pub ubrmse: f64,
    /// Mean of estimate minus reference, m3 m-3.
    pub bias: f64,
}

/// One epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Epoch, counted from 1.
    pub epoch: usize,
    /// Optimiser steps taken so far.
    pub step: u64,
    /// Mean of the batches' losses and weights.
    pub loss: LossRecord,
    /// At training stations; `None` where not evaluated or where there are none.
    pub train: Option<SkillRecord>,
    /// At validation stations; `None` where not evaluated or where there are none.
    pub validation: Option<SkillRecord>,
}

/// Why training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// All epochs were done.
    Finished,
    /// The validation stations no longer improved.
    EarlyStopping,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_is_taken_member_by_member() {
        let a = LossRecord {
            total: 1.0,
            n_stations: 4.0,
            spread: 0.5,
            ..LossRecord::default()
        };
        let b = LossRecord {
            total: 3.0,
            n_stations: 0.0,
            ..LossRecord::default()
        };
        let mean = LossRecord::mean(&[a, b]);
        assert_eq!((mean.total, mean.n_stations, mean.spread), (2.0, 2.0, 0.25));
        assert_eq!(LossRecord::mean(&[]), LossRecord::default());
    }

    #[test]
    fn a_record_from_before_the_spread_reads() {
        let old = r#"{"total":1.5,"station":1.0,"coarse":0.5,"n_stations":4.0,"n_coarse":9.0,
            "station_weight":4.0,"coarse_weight":0.009}"#;
        let record: LossRecord = serde_json::from_str(old).unwrap();
        assert_eq!((record.total, record.spread), (1.5, 0.0));
    }
}
