//! What can be wrong with a configuration or with the fields that belong together.

use thiserror::Error;
use vadose_grid::{GridError, Window};
use vadose_physics::PhysicsError;

/// Why an instrument could not be built or could not observe.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum TwinError {
    /// A configuration value lies outside the range that its documentation gives.
    #[error("{name} is {value}, expected {min} to {max}")]
    OutOfRange {
        /// Name of the configuration field.
        name: &'static str,
        /// The value given.
        value: f64,
        /// Smallest accepted value.
        min: f64,
        /// Largest accepted value.
        max: f64,
    },
    /// A window that is no rectangle of whole 9 km cells of M01.
    #[error("window {window:?} is no rectangle of M01 whose edges lie on multiples of 9")]
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
    /// A physical model refused its settings.
    #[error("a physical model cannot be built")]
    Physics(#[source] PhysicsError),
    /// A rectangle lies outside its grid.
    #[error("a rectangle of the orbit lies outside the grid")]
    Grid(#[source] GridError),
}

/// Refuses a configuration value that is not finite or not within `[min, max]`.
pub(crate) fn check_range(
    name: &'static str,
    value: f64,
    min: f64,
    max: f64,
) -> Result<(), TwinError> {
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(TwinError::OutOfRange {
            name,
            value,
            min,
            max,
        })
    }
}
