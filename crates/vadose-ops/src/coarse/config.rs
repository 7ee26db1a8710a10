//! What D can be told.

use serde::{Deserialize, Serialize};

use crate::{LowPass, OpsError};

/// The posting of D's result.
///
/// The paper draws its second output on the 256×256 grid of the first, although subsampling by 9
/// leaves 28×28 values; both readings are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoarseMode {
    /// One value per coarse cell: what a loss wants, since it counts each coarse cell once.
    #[default]
    Nested9km,
    /// The same values repeated to 1 km, for display and files. A loss over this posting weights
    /// each term by [`CoarseOperator::posting_weight`](crate::CoarseOperator::posting_weight).
    Posted1km,
}

/// The choices behind D; [`Default`] is the operator of the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CoarseConfig {
    /// The filter before the average. Default: Gaussian, 9 cells wide, radius 12.
    pub low_pass: LowPass,
    /// Edge of a coarse cell in cells. Default 9: EASE-Grid 2.0 M01 in M09.
    pub factor: usize,
    /// A coarse value needs at least this many cells with mask 1. Default 41, the majority of 81.
    pub min_valid_cells: usize,
    /// Posting of the result. Default [`CoarseMode::Nested9km`].
    pub mode: CoarseMode,
}

impl Default for CoarseConfig {
    fn default() -> Self {
        CoarseConfig {
            low_pass: LowPass::default(),
            factor: 9,
            min_valid_cells: 41,
            mode: CoarseMode::default(),
        }
    }
}

impl CoarseConfig {
    /// Checks the numbers and gives the filter's half kernel.
    pub(crate) fn half_kernel(&self) -> Result<Vec<f64>, OpsError> {
        if self.factor == 0 {
            return Err(OpsError::ZeroFactor);
        }
        let limit = self.factor * self.factor;
        if !(1..=limit).contains(&self.min_valid_cells) {
            let min_valid_cells = self.min_valid_cells;
            return Err(OpsError::MinValidCells {
                min_valid_cells,
                limit,
            });
        }
        self.low_pass.half_kernel()
    }
}
