//! The composite loss: stations where there are any, the coarse product everywhere.

use candle_core::{DType, Device, Result, Tensor};
use serde::{Deserialize, Serialize};
use vadose_ops::CoarseConfig;
use vadose_scene::COARSE_FACTOR;

use crate::{LossRecord, PreparedTile, TrainError};

/// Parameters of [`CompositeLoss`]. The default is the paper's: sums of squares, `alpha` = 1e-3.
///
/// `alpha` = 0 trains on stations alone, `station_weight` = 0 on the coarse target alone; both at once
/// would leave nothing to learn from and are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LossConfig {
    /// Weight of the station term.
    pub station_weight: f64,
    /// Weight of the coarse term.
    pub alpha: f64,
    /// How squared errors at station cells are reduced.
    pub station_reduction: Reduction,
    /// How squared errors of coarse cells are reduced.
    pub coarse_reduction: Reduction,
    /// The operator `D`. The coarse term counts each 9 km cell once, whatever its `mode`.
    pub coarse: CoarseConfig,
}

impl Default for LossConfig {
    fn default() -> Self {
        Self {
            station_weight: 1.0,
            alpha: 1e-3,
            station_reduction: Reduction::Sum,
            coarse_reduction: Reduction::Sum,
            coarse: CoarseConfig::default(),
        }
    }
}

impl LossConfig {
    /// Checks the ranges of the fields.
    ///
    /// # Errors
    /// [`TrainError::Config`] names the first value out of range.
    pub fn validate(&self) -> std::result::Result<(), TrainError> {
        for (key, weight) in [
            ("train.loss.station_weight", self.station_weight),
            ("train.loss.alpha", self.alpha),
        ] {
            if !(weight.is_finite() && weight >= 0.0) {
                return Err(TrainError::Config {
                    key,
                    value: weight.to_string(),
                    allowed: "zero or positive",
                });
            }
        }
        if self.station_weight == 0.0 && self.alpha == 0.0 {
            return Err(TrainError::Config {
                key: "train.loss.alpha",
                value: self.alpha.to_string(),
                allowed: "positive where train.loss.station_weight is 0",
            });
        }
        if self.coarse.factor != COARSE_FACTOR {
            return Err(TrainError::Config {
                key: "train.loss.coarse.factor",
                value: self.coarse.factor.to_string(),
                allowed: "9, the 1 km cells along a cell of the coarse target",
            });
        }
        if !(1..=COARSE_FACTOR * COARSE_FACTOR).contains(&self.coarse.min_valid_cells) {
            return Err(TrainError::Config {
                key: "train.loss.coarse.min_valid_cells",
                value: self.coarse.min_valid_cells.to_string(),
                allowed: "1 to 81",
            });
        }
        Ok(())
    }
}

/// How squared errors become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// Their sum, as the paper's equations read.
    Sum,
    /// Their mean; 0 for none.
    Mean,
}

impl Reduction {
    /// What a sum of `n` squares is multiplied by.
    fn factor(self, n: f64) -> f64 {
        match self {
            Self::Sum => 1.0,
            Self::Mean => 1.0 / n.max(1.0),
        }
    }
}

/// `L = w ‖P_Ω Ŷ − P_Ω S‖² + α ‖Z − D Ŷ‖²`: with `w` = [`LossConfig::station_weight`] = 1, equations 1 to 3
/// of the paper.
///
/// Station cells carry weights (1 by default). A tile without stations has a station term of 0 and
/// no gradient from it, never NaN; likewise for a tile without a coarse target. Squares are taken in the
/// estimate's type and summed in f64.
///
/// # References
/// Tsagkatakis, Moghaddam and Tsakalides (IGARSS 2024), equations 1–3.
#[derive(Debug, Clone, PartialEq)]
pub struct CompositeLoss {
    config: LossConfig,
}

/// The loss of one tile: a scalar to differentiate, and its parts as numbers.
#[derive(Debug, Clone)]
pub struct LossTerms {
    /// `w L1 + alpha L2`, a scalar tensor.
    pub total: Tensor,
    /// The parts.
    pub record: LossRecord,
}

impl CompositeLoss {
    /// The loss of a checked configuration.
    #[must_use]
    pub fn new(config: LossConfig) -> Self {
        Self { config }
    }

    /// The loss of an estimate `[row, col]` in m3 m-3 (f32, on the CPU) on the tile it was made for.
    ///
    /// # Errors
    /// Those of candle, for instance where the shape is not the tile's.
    pub fn tile(&self, estimate: &Tensor, tile: &PreparedTile) -> Result<LossTerms> {
        let mut record = LossRecord::default();
        let mut total = Tensor::zeros((), DType::F64, &Device::Cpu)?;

        let stations = tile.stations();
        if !stations.is_empty() {
            let values: Vec<f32> = stations.points().iter().map(|p| p.value).collect();
            let weights: Vec<f32> = stations.points().iter().map(|p| p.weight).collect();
            let sum_of_weights: f64 = weights.iter().map(|w| f64::from(*w)).sum();
            let squares = weighted_squares(&stations.apply_tensor(estimate)?, values, weights)?;
            let factor = self.config.station_reduction.factor(sum_of_weights);
            let term = (squares.to_dtype(DType::F64)?.sum_all()? * factor)?;
            record.station = scalar(&term)?;
            record.n_stations = stations.len() as f64;
            record.station_weight = self.config.station_weight * factor * sum_of_weights;
            total = (total + (term * self.config.station_weight)?)?;
        }

        if let Some(coarse) = tile.coarse() {
            let n = coarse.n_valid() as f64;
            let squares = weighted_squares(
                &coarse.operator().apply_tensor(estimate)?,
                coarse.target(),
                coarse.weight(),
            )?;
            let factor = self.config.coarse_reduction.factor(n);
            let term = (squares.to_dtype(DType::F64)?.sum_all()? * factor)?;
            record.coarse = scalar(&term)?;
            record.n_coarse = n;
            record.coarse_weight = self.config.alpha * factor * n;
            total = (total + (term * self.config.alpha)?)?;
        }

        record.total = scalar(&total)?;
        Ok(LossTerms { total, record })
    }
}

/// `weights (estimate − target)²`, element by element, in the shape of the estimate.
fn weighted_squares(estimate: &Tensor, target: Vec<f32>, weights: Vec<f32>) -> Result<Tensor> {
    let like = |values: Vec<f32>| {
        Tensor::from_vec(values, estimate.shape(), &Device::Cpu)?.to_dtype(estimate.dtype())
    };
    (estimate - like(target)?)?.sqr()? * like(weights)?
}

fn scalar(tensor: &Tensor) -> Result<f64> {
    tensor.to_dtype(DType::F64)?.to_scalar()
}

#[cfg(test)]
mod tests;
