//! The one error type of the crate.

use vadose_grid::{GridError, Window};
use vadose_physics::PhysicsError;

/// Why a twin, or a part of it, could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TwinError {
    /// A number of a configuration is outside its range.
    #[error("{key}: expected a value from {min} to {max}, got {got}")]
    Config {
        /// The key.
        key: &'static str,
        /// Smallest value allowed.
        min: f64,
        /// Largest value allowed.
        max: f64,
        /// Value that came.
        got: f64,
    },
    /// Coordinates or cells that the grid refuses.
    #[error("a place of the twin is not on its grid")]
    Place(#[source] GridError),
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
