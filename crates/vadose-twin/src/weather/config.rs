//! How often it rains, how hard, and over what.

use serde::{Deserialize, Serialize};

use crate::error::{TwinError, check_range};

/// Numbers of the storm process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WeatherConfig {
    /// Fronts that are born per day in a block of 1,024 × 1,024 km. Default 0.45: with the extents
    /// below a place meets one every four to five days, as in mid-latitude summers (Berry, Reeder
    /// and Jakob 2011, doi:10.1029/2010GL046451, find fronts over the United States in June at 5 to
    /// 10 % of six-hourly analyses).
    pub fronts_per_day: f64,
    /// Peak rate of a mean front, mm/h. Default 2.2: stratiform rain is mostly of 1 to 5 mm/h
    /// (Houze 2014, *Cloud Dynamics*, 2nd edition, chapter 6).
    pub front_peak_mm_h: f64,
    /// Speed of fronts, km/h. Default 45 (the same, chapter 11, gives 10 to 15 m/s).
    pub front_speed_km_h: f64,
    /// Convective cells that are born per day in a block of 128 × 128 km where the wetness is 1.
    /// Default 25: gives the convective half of the June rain, as in the central United States
    /// (Schumacher and Rasmussen 2020, doi:10.1038/s43017-020-0057-7).
    pub cells_per_day: f64,
    /// Mean peak rate of convective cells, mm/h; rates are exponential. Default 11 (Houze 2014,
    /// chapter 8: 10 to 50 mm/h in their cores, which a kilometre and an hour smooth).
    pub cell_peak_mm_h: f64,
    /// Share of convective cells that follow the sun, with a maximum at 16 h local time. Default
    /// 0.75 (Wallace 1975, doi:10.1175/1520-0493(1975)103<0406:DVIPAT>2.0.CO;2: a strong afternoon
    /// maximum in the west, a night-time one in the plains).
    pub diurnal_share: f64,
    /// Deviation of the log of the storm activity over spells of weather. Default 0.9: gives dry
    /// spells of one to two weeks.
    pub activity_log_sd: f64,
    /// Lattice spacing of the spells in time, hours. Default 60: synoptic disturbances return
    /// every 3 to 7 days (Blackmon 1976, doi:10.1175/1520-0469(1976)033<1607:ACSSOT>2.0.CO;2).
    pub spell_hours: f64,
    /// Deviation of the log of a front's rain on scales of 2 to 48 km. Default 1.0: radar rain has
    /// a coefficient of variation near 1 at 1 km in stratiform rain (Lovejoy and Schertzer 2013,
    /// *The Weather and Climate*, chapter 4).
    pub patchiness: f64,
}

impl Default for WeatherConfig {
    fn default() -> Self {
        Self {
            fronts_per_day: 0.45,
            front_peak_mm_h: 2.2,
            front_speed_km_h: 45.0,
            cells_per_day: 25.0,
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
