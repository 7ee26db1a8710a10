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
    /// Weight of the spread term, of a network with a spread head; without one it has no effect. 0 leaves the
    /// spread untrained.
    #[serde(skip_serializing_if = "is_one")]
    pub spread_weight: f64,
    /// How squared errors at station cells are reduced, the spread's as well.
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
            spread_weight: 1.0,
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
            ("train.loss.spread_weight", self.spread_weight),
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

/// Whether a weight has its default, which files leave out.
fn is_one(weight: &f64) -> bool {
    *weight == 1.0
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
/// A network with a spread `b` learns that as well: `L` grows by `v ‖P_Ω b − r‖²`, with
/// `v` = [`LossConfig::spread_weight`] and `r = |P_Ω Ŷ − P_Ω S|` taken as data, so that `b` regresses to the mean
/// absolute error and no gradient of this term reaches the estimate through `r`.
///
/// Station cells carry weights (1 by default). A tile without stations has a station term of 0 and
/// no gradient from it, never NaN; likewise for a tile without a coarse target. Squares are taken in the
/// estimate's type and summed in f64.
///
/// # References
/// Tsagkatakis, Moghaddam and Tsakalides (IGARSS 2024), equations 1–3. Spread: Lei et al. (2018),
/// doi:10.1080/01621459.2017.1307116, section 5.2.
#[derive(Debug, Clone, PartialEq)]
pub struct CompositeLoss {
    config: LossConfig,
}

/// The loss of one tile: a scalar to differentiate, and its parts as numbers.
#[derive(Debug, Clone)]
pub struct LossTerms {
    /// `w L1 + alpha L2`, and the weighted spread term if there is one; a scalar tensor.
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

    /// The loss of an estimate, and of its spread if it has one, on the tile they were made for: both
    /// `[row, col]` in m3 m-3, f32, on the CPU.
    ///
    /// # Errors
    /// Those of candle, for instance where a shape is not the tile's.
    pub fn tile(
        &self,
        estimate: &Tensor,
        spread: Option<&Tensor>,
        tile: &PreparedTile,
    ) -> Result<LossTerms> {
        let mut record = LossRecord::default();
        let mut total = Tensor::zeros((), DType::F64, &Device::Cpu)?;

        let stations = tile.stations();
        if !stations.is_empty() {
            let values: Vec<f32> = stations.points().iter().map(|p| p.value).collect();
            let weights: Vec<f32> = stations.points().iter().map(|p| p.weight).collect();
            let sum_of_weights: f64 = weights.iter().map(|w| f64::from(*w)).sum();
            let at_stations = stations.apply_tensor(estimate)?;
            let (values, weights) = (like(values, &at_stations)?, like(weights, &at_stations)?);
            let factor = self.config.station_reduction.factor(sum_of_weights);
            let term = (weighted_squares(&at_stations, &values, &weights)? * factor)?;
            record.station = scalar(&term)?;
            record.n_stations = stations.len() as f64;
            record.station_weight = self.config.station_weight * factor * sum_of_weights;
            total = (total + (term * self.config.station_weight)?)?;
            if let Some(spread) = spread {
                let misfit = (at_stations.detach() - values)?.abs()?;
                let spread = stations.apply_tensor(spread)?;
                let term = (weighted_squares(&spread, &misfit, &weights)? * factor)?;
                record.spread = scalar(&term)?;
                total = (total + (term * self.config.spread_weight)?)?;
            }
        }

        if let Some(coarse) = tile.coarse() {
            let n = coarse.n_valid() as f64;
            let averaged = coarse.operator().apply_tensor(estimate)?;
            let target = like(coarse.target(), &averaged)?;
            let weights = like(coarse.weight(), &averaged)?;
            let factor = self.config.coarse_reduction.factor(n);
            let term = (weighted_squares(&averaged, &target, &weights)? * factor)?;
            record.coarse = scalar(&term)?;
            record.n_coarse = n;
            record.coarse_weight = self.config.alpha * factor * n;
            total = (total + (term * self.config.alpha)?)?;
        }

        record.total = scalar(&total)?;
        Ok(LossTerms { total, record })
    }
}

/// Numbers in the shape and type of a tensor.
fn like(values: Vec<f32>, tensor: &Tensor) -> Result<Tensor> {
    Tensor::from_vec(values, tensor.shape(), &Device::Cpu)?.to_dtype(tensor.dtype())
}

/// `Σ weights (estimate − target)²`, summed in f64.
fn weighted_squares(estimate: &Tensor, target: &Tensor, weights: &Tensor) -> Result<Tensor> {
    let squares = ((estimate - target)?.sqr()? * weights)?;
    squares.to_dtype(DType::F64)?.sum_all()
}

fn scalar(tensor: &Tensor) -> Result<f64> {
    tensor.to_dtype(DType::F64)?.to_scalar()
}

#[cfg(test)]
mod tests;
