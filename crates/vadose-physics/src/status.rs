//! What became of one cell: the outcome that travels beside each retrieved value.

use serde::{Deserialize, Serialize};

/// Outcome of an inversion in one cell.
///
/// The first five come with a value, the rest with NaN; [`CellStatus::has_value`] tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CellStatus {
    /// A solution between the bounds.
    Ok,
    /// The observation lies outside the simulated range, but by no more than the radiometer's
    /// noise: the nearest bound.
    WithinNoise,
    /// Warmer than the model can be, by more than the noise: the lower bound, or in forest
    /// (IGBP 1 to 5) the upper one.
    TooWarm,
    /// Colder than the model can be, by more than the noise: the upper bound.
    TooCold,
    /// The best fit of the dual-channel cost touches a bound of soil moisture or opacity.
    AtBound,
    /// From the driest to the wettest soil the signal changes by less than the noise.
    Insensitive,
    /// Soil below 273.15 K, where the dielectric models do not hold.
    Frozen,
    /// An input is NaN or infinite.
    MissingInput,
    /// An input is finite, but outside its physical range.
    InvalidInput,
    /// The dual-channel minimisation did not settle.
    NotConverged,
}

impl CellStatus {
    /// Whether a retrieved value goes with this status.
    #[must_use]
    pub fn has_value(self) -> bool {
        matches!(
            self,
            Self::Ok | Self::WithinNoise | Self::TooWarm | Self::TooCold | Self::AtBound
        )
    }
}
