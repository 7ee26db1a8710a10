//! The one error type of the crate.

use std::path::PathBuf;

use vadose_grid::{EaseGrid2, GridError, Window};
use vadose_io::IoError;
use vadose_physics::PhysicsError;

/// Why a twin, or a part of it, could not be made.
#[derive(Debug, thiserror::Error)]
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
    /// A window that is no rectangle of whole 9 km cells of M01, or not inside another one.
    #[error("window {window:?} is no rectangle of whole 9 km cells of M01 inside the twin's")]
    Window {
        /// The window given.
        window: Window,
    },
    /// A field whose shape is not that of the window.
    #[error("{field} has shape {got:?}, the window has {expected:?}")]
    Shape {
        /// Name of the field.
        field: &'static str,
        /// Shape of the window.
        expected: (usize, usize),
        /// Shape of the field.
        got: (usize, usize),
    },
    /// A product lacks a field that the next one is made of.
    #[error("the coarse product has no field {field}")]
    MissingField {
        /// Name of the field.
        field: &'static str,
    },
    /// A physical model refused its settings.
    #[error("a physical model cannot be built")]
    Physics(#[source] PhysicsError),
    /// Two stretches of a period share days.
    #[error("period: the stretch of {year} begins before the one before it ends")]
    Overlap {
        /// Year of the later stretch.
        year: i16,
    },
    /// No preset has this name.
    #[error("no preset is called {got:?}; there are small, conus-mid, conus-west and conus")]
    UnknownPreset {
        /// The name given.
        got: String,
    },
    /// A simulation is written into a new or empty folder only.
    #[error("{}: the folder is not empty", path.display())]
    FolderNotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A file could not be written or read back.
    #[error(transparent)]
    Io(#[from] IoError),
    /// A record has no JSON form.
    #[cfg(feature = "archive")]
    #[error("a record cannot be written as JSON")]
    Json(#[source] serde_json::Error),
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
