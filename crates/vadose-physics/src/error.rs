//! What can be wrong with a configuration. Trouble in one cell is a [`crate::CellStatus`], not an error.

use thiserror::Error;

/// Why a model or an inverter could not be built, or a land-cover code not be read.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum PhysicsError {
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
    /// The dielectric model holds at one frequency only, and another was asked for.
    #[error(
        "mironov 2013 holds near 1.4 GHz, and frequency_hz is {frequency_hz}; mironov 2009 covers other frequencies"
    )]
    FrequencyOutsideModel {
        /// The frequency given, Hz.
        frequency_hz: f64,
    },
    /// A land-cover code that is no IGBP class.
    #[error("land-cover code {code} is no IGBP class (0 to 17)")]
    UnknownLandCover {
        /// The code given.
        code: u8,
    },
}

/// Refuses a configuration value that is not finite or not within `[min, max]`.
pub(crate) fn check_range(
    name: &'static str,
    value: f64,
    min: f64,
    max: f64,
) -> Result<(), PhysicsError> {
    // NaN lies in no range.
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(PhysicsError::OutOfRange {
            name,
            value,
            min,
            max,
        })
    }
}
