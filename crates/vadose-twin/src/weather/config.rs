//! How often it rains, how hard, and over what.

use serde::{Deserialize, Serialize};

use crate::error::{TwinError, check_range};

/// Numbers of the storm process.
///
/// A default that says *tuned* was set so that the twin has the statistics of this crate's test
/// `statistics`; its source gives the process and the order of magnitude, not the number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WeatherConfig {
    /// Fronts that are born per day in a block of 1,024 × 1,024 km. Default 0.45, tuned: with the
    /// extents of this module a place meets one every four to five days, the period of synoptic
    /// disturbances (Blackmon 1976, doi:10.1175/1520-0469(1976)033<1607:ACSSOT>2.0.CO;2).
    pub fronts_per_day: f64,
    /// Peak rate of a mean front, mm/h. Default 2.8, tuned (stratiform rain is mostly of 1 to 5
    /// mm/h: Houze 2014, *Cloud Dynamics*, 2nd edition, chapter 6).
    pub front_peak_mm_h: f64,
    /// Speed of fronts, km/h. Default 45 (Houze 2014, chapter 11: about 10 to 15 m/s).
    pub front_speed_km_h: f64,
    /// Convective cells that are born per day in a block of 128 × 128 km where the wetness is 1.
    /// Default 34, tuned to the June rain of the climate.
    pub cells_per_day: f64,
    /// Mean peak rate of convective cells, mm/h; rates are exponential. Default 11, tuned (their
    /// cores have tens of mm/h: Houze 2014, chapter 8; a kilometre and an hour smooth them).
    pub cell_peak_mm_h: f64,
    /// Share of convective cells that follow the sun, with a maximum at 16 h local time. Default
    /// 0.75, tuned (the afternoon maximum: Wallace 1975,
    /// doi:10.1175/1520-0493(1975)103<0406:DVIPAT>2.0.CO;2).
    pub diurnal_share: f64,
    /// Deviation of the log of the storm activity over spells of weather. Default 0.9, tuned: gives
    /// dry spells of one to two weeks.
    pub activity_log_sd: f64,
    /// Lattice spacing of the spells in time, hours. Default 60: synoptic disturbances return
    /// every 3 to 7 days (Blackmon 1976, doi:10.1175/1520-0469(1976)033<1607:ACSSOT>2.0.CO;2).
    pub spell_hours: f64,
    /// Deviation of the log of a front's rain on scales of 2 to 48 km. Default 1.0, tuned
    /// (log-normal multiplicative variability of rain: Lovejoy and Schertzer 2013, *The Weather and
    /// Climate*, chapter 4).
    pub patchiness: f64,
}

impl Default for WeatherConfig {
    fn default() -> Self {
        Self {
            fronts_per_day: 0.45,
            front_peak_mm_h: 2.8,
            front_speed_km_h: 45.0,
            cells_per_day: 34.0,
            cell_peak_mm_h: 11.0,
            diurnal_share: 0.75,
            activity_log_sd: 0.9,
            spell_hours: 60.0,
            patchiness: 1.0,
        }
    }
}

impl WeatherConfig {
    pub(super) fn check(&self) -> Result<(), TwinError> {
        check_range("weather.fronts_per_day", self.fronts_per_day, 0.0, 10.0)?;
        check_range("weather.front_peak_mm_h", self.front_peak_mm_h, 0.0, 50.0)?;
        check_range("weather.front_speed_km_h", self.front_speed_km_h, 5.0, 55.0)?;
        check_range("weather.cells_per_day", self.cells_per_day, 0.0, 500.0)?;
        check_range("weather.cell_peak_mm_h", self.cell_peak_mm_h, 0.0, 100.0)?;
        check_range("weather.diurnal_share", self.diurnal_share, 0.0, 1.0)?;
        check_range("weather.activity_log_sd", self.activity_log_sd, 0.0, 1.5)?;
        check_range("weather.spell_hours", self.spell_hours, 12.0, 480.0)?;
        check_range("weather.patchiness", self.patchiness, 0.0, 1.5)
    }
}
