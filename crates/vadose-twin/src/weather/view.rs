//! The rain as it fell, or as something with errors of its own believes that it fell.

use serde::{Deserialize, Serialize};

use crate::error::{TwinError, check_range};

/// Whose rain is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum RainView {
    /// The rain that fell.
    Truth,
    /// The rain of an analysis or a satellite product.
    Estimate {
        /// How it errs.
        errors: RainErrorConfig,
        /// Seed of its errors: different products err differently.
        seed: u64,
    },
}

/// How an estimate of rain errs: storms in the wrong place, of the wrong strength, or missed, and
/// a regional bias.
///
/// A default that says *tuned* was set so that the twin has the statistics of this crate's test
/// `statistics`; its source gives the process and the order of magnitude, not the number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RainErrorConfig {
    /// Deviation of a storm's displacement along each axis, km. Default 7, tuned: just under a 9 km
    /// cell, the scale that such an estimate resolves.
    pub displacement_km: f64,
    /// Deviation of the log of a storm's strength. Default 0.30, tuned (errors of tens of percent
    /// in satellite rain over land: Tian and Peters-Lidard 2010, doi:10.1029/2010GL046008).
    pub strength_log_sd: f64,
    /// Probability that a convective cell is missed. Default 0.10, tuned; what is found is
    /// strengthened by as much, so that the total stays.
    pub miss_probability: f64,
    /// Deviation of the log of the regional bias. Default 0.15: biases of 10 to 25 %, as the
    /// forcing of SMAP's Level 4 analysis has where gauges are few (Reichle et al. 2017,
    /// doi:10.1175/JHM-D-17-0130.1).
    pub bias_log_sd: f64,
    /// Smoothing beyond the pixel, added in quadrature to the half extents of a storm, km. Default
    /// 6, tuned.
    pub smoothing_km: f64,
}

impl Default for RainErrorConfig {
    fn default() -> Self {
        Self {
            displacement_km: 7.0,
            strength_log_sd: 0.30,
            miss_probability: 0.10,
            bias_log_sd: 0.15,
            smoothing_km: 6.0,
        }
    }
}

impl RainErrorConfig {
    /// Checks every number against its range.
    ///
    /// # Errors
    /// [`TwinError::Config`].
    pub fn check(&self) -> Result<(), TwinError> {
        check_range(
            "rain_errors.displacement_km",
            self.displacement_km,
            0.0,
            15.0,
        )?;
        check_range(
            "rain_errors.strength_log_sd",
            self.strength_log_sd,
            0.0,
            1.5,
        )?;
        check_range(
            "rain_errors.miss_probability",
            self.miss_probability,
            0.0,
            0.9,
        )?;
        check_range("rain_errors.bias_log_sd", self.bias_log_sd, 0.0, 1.0)?;
        check_range("rain_errors.smoothing_km", self.smoothing_km, 0.0, 15.0)
    }
}
