//! How the coarse analysis errs.

use serde::{Deserialize, Serialize};

use crate::error::{TwinError, check_range};
use crate::weather::RainErrorConfig;

/// How the coarse analysis errs.
///
/// A default that says *tuned* was set so that the twin has the statistics of this crate's test
/// `statistics`; its source gives the process and the order of magnitude, not the number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnalysisConfig {
    /// Errors of its rain.
    pub rain: RainErrorConfig,
    /// Deviation of the log of its clay and of its range of greenness. Default 0.2, tuned (texture
    /// of global soil maps is uncertain by tens of percent: Hengl et al. 2017,
    /// doi:10.1371/journal.pone.0169748).
    pub parameter_log_sd: f64,
    /// Deviation of the error that assimilation leaves in surface moisture, m3 m-3. Default 0.018,
    /// tuned: with the errors above an unbiased error of 0.025 to 0.03 at 9 km, below SMAP's
    /// requirement of 0.04 as the real analysis is (Reichle et al. 2017,
    /// doi:10.1175/JHM-D-17-0063.1).
    pub moisture_error_m3m3: f64,
    /// Deviation of its bias in time, m3 m-3. Default 0.02, tuned (the same paper finds biases of
    /// some hundredths).
    pub moisture_bias_m3m3: f64,
    /// Distance over which that error is correlated, km. Default 75, tuned: between the 9 km of the
    /// model and the 0.5° scale of the perturbations of the real ensemble.
    pub error_km: f64,
    /// Time over which it is correlated, hours. Default 60: SMAP passes every two to three days.
    pub error_hours: f64,
    /// Deviation of the error of its temperatures, K. Default 1.5, tuned: below the
    /// 2 K that SMAP's processors are given.
    pub temperature_error_kelvin: f64,
    /// Time in which the root zone follows the surface, hours. Default 480, 20 days (the
    /// exponential filter of a metre of soil: Albergel et al. 2008, doi:10.5194/hess-12-1323-2008).
    pub root_zone_hours: f64,
}

impl Default for AnalysisConfig {
    fn default() -> Self {
        Self {
            rain: RainErrorConfig::default(),
            parameter_log_sd: 0.2,
            moisture_error_m3m3: 0.018,
            moisture_bias_m3m3: 0.02,
            error_km: 75.0,
            error_hours: 60.0,
            temperature_error_kelvin: 1.5,
            root_zone_hours: 480.0,
        }
    }
}

impl AnalysisConfig {
    pub(super) fn check(&self) -> Result<(), TwinError> {
        self.rain.check()?;
        check_range("analysis.parameter_log_sd", self.parameter_log_sd, 0.0, 1.0)?;
        check_range(
            "analysis.moisture_error_m3m3",
            self.moisture_error_m3m3,
            0.0,
            0.2,
        )?;
        check_range(
            "analysis.moisture_bias_m3m3",
            self.moisture_bias_m3m3,
            0.0,
            0.2,
        )?;
        check_range("analysis.error_km", self.error_km, 10.0, 1000.0)?;
        check_range("analysis.error_hours", self.error_hours, 3.0, 720.0)?;
        check_range(
            "analysis.temperature_error_kelvin",
            self.temperature_error_kelvin,
            0.0,
            10.0,
        )?;
        check_range(
            "analysis.root_zone_hours",
            self.root_zone_hours,
            1.0,
            10_000.0,
        )
    }
}
