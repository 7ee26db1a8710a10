//! Stated errors of the inputs of a physical retrieval.

use serde::{Deserialize, Serialize};

use crate::RetrieveError;

/// One standard deviation of each input, from which the uncertainty of a retrieval follows.
///
/// Errors are taken as independent of each other. Those of brightness temperature, temperature and
/// vegetation are common to a 9 km cell, that of backscatter is independent from cell to cell and
/// channel to channel. What is not stated has no part: clay, albedo, and the model itself, so that
/// the uncertainty is a lower limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InputErrors {
    /// Brightness temperature, K, 0 to 20. Default 1.3: SMAP's requirement for a gridded value
    /// (Entekhabi et al., 2010, doi:10.1109/JPROC.2010.2043918).
    pub tb_kelvin: f64,
    /// Temperature of soil and canopy, K, 0 to 20. Default 2, the order that SMAP's error budget gives
    /// to the temperature of a land model (its document was not read here).
    pub surface_temperature_kelvin: f64,
    /// Vegetation water content or opacity, as a share of it, 0 to 1. Default 0.1, as above.
    pub vegetation_share: f64,
    /// Roughness parameter h, 0 to 1. Default 0.025: the standard deviation of the classes of SMAP's own
    /// table that have one (0.108 to 0.160); a single cell lies no nearer to its class.
    pub roughness_h: f64,
    /// Backscatter of a 1 km cell, as a share of it, 0 to 1. Default 0.05: speckle of 400 looks, as a
    /// square kilometre holds some 2,500 correlated cells of 20 m. The calibration error is common to
    /// both channels and all cells of a scene, and cancels in the disaggregation.
    pub sigma0_share: f64,
}

impl Default for InputErrors {
    fn default() -> Self {
        Self {
            tb_kelvin: 1.3,
            surface_temperature_kelvin: 2.0,
            vegetation_share: 0.1,
            roughness_h: 0.025,
            sigma0_share: 0.05,
        }
    }
}

impl InputErrors {
    /// No errors at all: the uncertainty is 0.
    pub const NONE: Self = Self {
        tb_kelvin: 0.0,
        surface_temperature_kelvin: 0.0,
        vegetation_share: 0.0,
        roughness_h: 0.0,
        sigma0_share: 0.0,
    };

    pub(crate) fn check(&self) -> Result<(), RetrieveError> {
        for (name, value, high) in [
            ("tb_kelvin", self.tb_kelvin, 20.0),
            (
                "surface_temperature_kelvin",
                self.surface_temperature_kelvin,
                20.0,
            ),
            ("vegetation_share", self.vegetation_share, 1.0),
            ("roughness_h", self.roughness_h, 1.0),
            ("sigma0_share", self.sigma0_share, 1.0),
        ] {
            check_range(name, value, 0.0, high)?;
        }
        Ok(())
    }
}

/// Refuses a setting outside its range, and NaN.
pub(crate) fn check_range(
    name: &'static str,
    value: f64,
    low: f64,
    high: f64,
) -> Result<(), RetrieveError> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(RetrieveError::ConfigOutOfRange {
            name,
            value,
            low,
            high,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_errors_are_refused_by_name() {
        let negative = InputErrors {
            tb_kelvin: -1.0,
            ..InputErrors::default()
        };
        let message = negative.check().unwrap_err().to_string();
        assert_eq!(message, "tb_kelvin is -1, but must be from 0 to 20");
        let unknown = InputErrors {
            sigma0_share: f64::NAN,
            ..InputErrors::default()
        };
        assert!(unknown.check().is_err());
        assert!(InputErrors::default().check().is_ok() && InputErrors::NONE.check().is_ok());
    }
}
