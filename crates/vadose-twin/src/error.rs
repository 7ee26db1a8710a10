//! The one error type of the crate.

use vadose_grid::{EaseGrid2, GridError, Window};

/// Why a twin, or a part of it, could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TwinError {
    /// A number of a configuration is outside its range.
    #[error("{key}: expected a value from {min} to {max}, got {got}")]
    Config {
        /// The section and key, e.g. `weather.fronts_per_day`.
        key: &'static str,
        /// Smallest value allowed.
        min: f64,
        /// Largest value allowed.
        max: f64,
        /// Value that came.
        got: f64,
    },
    /// A window is on a grid that does not nest with M01.
    #[error("expected a window on a grid that nests with M01, got one on {got}")]
    Grid {
        /// The window's grid.
        got: EaseGrid2,
    },
    /// A window of M01 cuts the coarse cells that are asked for.
    #[error("expected a window of whole 9 km cells, got {window:?}")]
    NotAligned {
        /// The window.
        window: Window,
    },
    /// Coordinates or cells that the grid refuses.
    #[error("a place of the twin is not on its grid")]
    Place(#[source] GridError),
    /// Series that belong together differ in length.
    #[error("{what} has {got} hours, the moisture of its cell has {expected}")]
    SeriesLength {
        /// Which series.
        what: &'static str,
        /// Hours expected.
        expected: usize,
        /// Hours that came.
        got: usize,
    },
}

/// Checks one number of a configuration.
pub(crate) fn check_range(
    key: &'static str,
    got: f64,
    min: f64,
    max: f64,
) -> Result<(), TwinError> {
    if (min..=max).contains(&got) {
        Ok(())
    } else {
        Err(TwinError::Config { key, min, max, got })
    }
}
