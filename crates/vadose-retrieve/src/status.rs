//! What became of each cell of a map.

use serde::Serialize;
use vadose_physics::CellStatus;

/// Outcome of a physical retrieval in one cell: how the value came about, or why there is none.
///
/// The first three come with a value ([`RetrievalStatus::has_value`]). Where several reasons hold, the
/// first that is met counts, from what is lasting to what is of the day: water, static inputs, brightness
/// temperature, state of the surface, backscatter, and then what the inversion says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
#[non_exhaustive]
pub enum RetrievalStatus {
    /// A solution.
    Retrieved = 0,
    /// A solution under more than 5 kg m-2 of vegetation water, where SMAP does not recommend its own.
    RetrievedDenseVegetation = 1,
    /// The brightness temperature lies outside what the model can give by more than its noise: the value is
    /// a bound, without uncertainty.
    RetrievedAtBound = 2,
    /// Water, or masked out as no land.
    NoLand = 3,
    /// Clay, bulk density or land cover is missing.
    NoStaticInputs = 4,
    /// No brightness temperature: outside the swath, or not valid.
    NoBrightnessTemperature = 5,
    /// Surface temperature, vegetation or albedo is missing.
    NoSurfaceState = 6,
    /// No backscatter here, or in too little of the 9 km cell.
    NoBackscatter = 7,
    /// Backscatter does not tell soil from vegetation in the 9 km cell.
    NoCovariation = 8,
    /// Soil below 273.15 K.
    Frozen = 9,
    /// From the driest to the wettest soil the signal changes by less than its noise.
    Insensitive = 10,
    /// An input is outside its physical range.
    InvalidInput = 11,
    /// The scene asks for no retrieval here, though its inputs are there.
    NotAskedFor = 12,
}

impl RetrievalStatus {
    /// Every status, by code.
    pub const ALL: [Self; 13] = [
        Self::Retrieved,
        Self::RetrievedDenseVegetation,
        Self::RetrievedAtBound,
        Self::NoLand,
        Self::NoStaticInputs,
        Self::NoBrightnessTemperature,
        Self::NoSurfaceState,
        Self::NoBackscatter,
        Self::NoCovariation,
        Self::Frozen,
        Self::Insensitive,
        Self::InvalidInput,
        Self::NotAskedFor,
    ];

    /// The number in files.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The word in files (`flag_meanings` of CF) and in tables.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Retrieved => "retrieved",
            Self::RetrievedDenseVegetation => "retrieved_dense_vegetation",
            Self::RetrievedAtBound => "retrieved_at_bound",
            Self::NoLand => "no_land",
            Self::NoStaticInputs => "no_static_inputs",
            Self::NoBrightnessTemperature => "no_brightness_temperature",
            Self::NoSurfaceState => "no_surface_state",
            Self::NoBackscatter => "no_backscatter",
            Self::NoCovariation => "no_covariation",
            Self::Frozen => "frozen",
            Self::Insensitive => "insensitive",
            Self::InvalidInput => "invalid_input",
            Self::NotAskedFor => "not_asked_for",
        }
    }

    /// Whether a retrieved value goes with this status.
    #[must_use]
    pub fn has_value(self) -> bool {
        matches!(
            self,
            Self::Retrieved | Self::RetrievedDenseVegetation | Self::RetrievedAtBound
        )
    }

    /// What an inversion's own outcome means for the map.
    pub(crate) fn of_inversion(status: CellStatus, dense_vegetation: bool) -> Self {
        match status {
            CellStatus::Ok | CellStatus::WithinNoise if dense_vegetation => {
                Self::RetrievedDenseVegetation
            }
            CellStatus::Ok | CellStatus::WithinNoise => Self::Retrieved,
            CellStatus::TooWarm | CellStatus::TooCold | CellStatus::AtBound => {
                Self::RetrievedAtBound
            }
            CellStatus::Frozen => Self::Frozen,
            CellStatus::Insensitive => Self::Insensitive,
            CellStatus::MissingInput => Self::NoSurfaceState,
            _ => Self::InvalidInput,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_from_zero_and_meanings_are_single_words() {
        for (idx, status) in RetrievalStatus::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(status.code()), idx);
            assert!(!status.meaning().contains(' '));
            let json = serde_json::to_string(&status).unwrap();
            assert_eq!(json, format!("\"{}\"", status.meaning()));
            assert_eq!(
                status.has_value(),
                status.meaning().starts_with("retrieved")
            );
        }
    }
}
