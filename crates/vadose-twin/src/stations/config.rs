//! How a probe differs from the mean of its cell, and what goes wrong with it.

use serde::{Deserialize, Serialize};

use crate::error::{TwinError, check_range};

/// How a probe differs from the mean of its cell, and what goes wrong with it.
///
/// A default that says *tuned* was set so that the twin has the statistics of this crate's test
/// `statistics`; its source gives the process and the order of magnitude, not the number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StationConfig {
    /// Deviation of the difference that lasts: soil and exposure of the place, calibration of the
    /// probe, m3 m-3. Default 0.032, tuned: with the next three numbers the error of a station
    /// against its cell is 0.03 to 0.06 (upscaling error of sparse stations: Crow et al. 2012,
    /// doi:10.1029/2011RG000372).
    pub bias_m3m3: f64,
    /// Deviation of the log of the factor by which the station's changes exceed its cell's. Default
    /// 0.28, tuned (spread of point measurements within a footprint: Famiglietti et al. 2008,
    /// doi:10.1029/2006WR005804).
    pub amplitude_log_sd: f64,
    /// Deviation of the difference that comes and goes over half a day to a week, m3 m-3: showers
    /// that missed the probe, its own drying. Default 0.022, tuned (random errors of stations by
    /// triple collocation, 0.02 to 0.06 by network: Gruber et al. 2013, doi:10.2136/vzj2012.0170).
    pub drift_m3m3: f64,
    /// Noise of a reading, m3 m-3. Default 0.003 (precision of the Stevens HydraProbe by its data
    /// sheet).
    pub noise_m3m3: f64,
    /// Resolution of a reading, m3 m-3. Default 0.001 (three decimals in ISMN files).
    pub resolution_m3m3: f64,
    /// Share of hours in gaps: half without a line, half with a line flagged `M`. Default 0.05,
    /// tuned (a well-kept network: Bell et al. 2013, doi:10.1175/JHM-D-12-0146.1).
    pub gap_share: f64,
    /// Share of readings that are spikes. Default 0.001, tuned: a few per station and June (the
    /// flag: Dorigo et al. 2013, doi:10.2136/vzj2012.0097).
    pub spike_share: f64,
    /// Share of readings outside what soil can hold. Default 0.0005, tuned likewise.
    pub impossible_share: f64,
}

impl Default for StationConfig {
    fn default() -> Self {
        Self {
            bias_m3m3: 0.032,
            amplitude_log_sd: 0.28,
            drift_m3m3: 0.022,
            noise_m3m3: 0.003,
            resolution_m3m3: 0.001,
            gap_share: 0.05,
            spike_share: 0.001,
            impossible_share: 0.0005,
        }
    }
}

impl StationConfig {
    pub(super) fn check(&self) -> Result<(), TwinError> {
        check_range("stations.bias_m3m3", self.bias_m3m3, 0.0, 0.3)?;
        check_range("stations.amplitude_log_sd", self.amplitude_log_sd, 0.0, 1.5)?;
        check_range("stations.drift_m3m3", self.drift_m3m3, 0.0, 0.3)?;
        check_range("stations.noise_m3m3", self.noise_m3m3, 0.0, 0.1)?;
        check_range("stations.resolution_m3m3", self.resolution_m3m3, 1e-6, 0.1)?;
        check_range("stations.gap_share", self.gap_share, 0.0, 1.0)?;
        check_range("stations.spike_share", self.spike_share, 0.0, 0.5)?;
        check_range("stations.impossible_share", self.impossible_share, 0.0, 0.5)
    }
}
