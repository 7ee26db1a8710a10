//! Which stations, and which of their values.

use std::path::PathBuf;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use vadose_io::ismn::{FlagPolicy, SURFACE_LAYER_M, SoilMoistureUnit};

use crate::CubeError;

/// Which archives are read, and which of their values are used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StationsConfig {
    /// Archives as ISMN delivers them, folders or zips, relative to the configuration file. Files of several
    /// archives that hold one sensor (the same network, station, depths and instrument) are one series.
    pub archives: Vec<PathBuf>,
    /// USCRN's own daily table (Parquet). Its daily means are used whatever `matching` says. A station that stands
    /// in an archive too counts twice: it has another name there.
    pub uscrn: Option<PathBuf>,
    /// The layer within which a sensor must lie, metres below the surface: 0 to 0.055 by default, so that sensors
    /// at 2 inches (0.0508 m: SCAN, SNOTEL) belong to it.
    pub depth_m: [f64; 2],
    /// Which flags a value may carry. Frozen soil (D01 to D03) is never good.
    pub flags: FlagPolicy,
    /// Which value of a sensor belongs to a day.
    pub matching: StationMatching,
    /// The unit of soil moisture in the files.
    pub soil_moisture_unit: SoilMoistureUnit,
    /// What beside the flags says that the soil is frozen or under snow.
    pub screening: Screening,
}

/// Which value of a sensor belongs to a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StationMatching {
    /// The good value nearest to 6 h local solar time of the station, when SMAP's descending passes come; of two
    /// equally near the earlier.
    Nearest {
        /// Greatest distance in time, hours, 0 to 12.
        window_hours: f64,
    },
    /// The mean of the good values of the local solar day.
    DailyMean,
}

/// What beside the flags says that the soil is frozen or under snow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Screening {
    /// The station's own thermometers in the surface layer (below 0 °C) and snow gauge (above 0 mm), matched like
    /// soil moisture. A station without them, or without a value, is taken to be free of both.
    #[default]
    OwnSensors,
    /// Nothing.
    FlagsOnly,
}

/// Half of the three hours that SPL4SMGP averages over; it finds two or three hourly values.
const DEFAULT_WINDOW_HOURS: f64 = 1.5;
/// Beyond half a day the next day's pass would be nearer.
const WINDOW_HOURS_RANGE: [f64; 2] = [0.0, 12.0];
/// No probe of ISMN lies deeper.
const MAX_DEPTH_M: f64 = 10.0;
const SECONDS_PER_HOUR: f64 = 3600.0;

impl Default for StationsConfig {
    fn default() -> Self {
        Self {
            archives: Vec::new(),
            uscrn: None,
            depth_m: SURFACE_LAYER_M,
            flags: FlagPolicy::default(),
            matching: StationMatching::default(),
            soil_moisture_unit: SoilMoistureUnit::default(),
            screening: Screening::default(),
        }
    }
}

impl Default for StationMatching {
    fn default() -> Self {
        Self::Nearest {
            window_hours: DEFAULT_WINDOW_HOURS,
        }
    }
}

impl StationsConfig {
    /// # Errors
    /// [`CubeError::Config`], and for a NaN too.
    pub(super) fn check(&self) -> Result<(), CubeError> {
        if let StationMatching::Nearest { window_hours } = self.matching {
            let [low, high] = WINDOW_HOURS_RANGE;
            if !(low..=high).contains(&window_hours) {
                return Err(CubeError::Config {
                    key: "stations.matching.nearest.window_hours",
                    value: window_hours.to_string(),
                    allowed: "0 to 12",
                });
            }
        }
        let [from, to] = self.depth_m;
        if !(0.0 <= from && from <= to && to <= MAX_DEPTH_M) {
            return Err(CubeError::Config {
                key: "stations.depth_m",
                value: format!("[{from}, {to}]"),
                allowed: "an upper and a lower end between 0 and 10 m",
            });
        }
        Ok(())
    }
}

impl StationMatching {
    /// How long before and after 6 h local solar time of a day its values lie.
    pub(super) fn reach(self) -> [SignedDuration; 2] {
        match self {
            Self::Nearest { window_hours } => {
                let seconds = (window_hours * SECONDS_PER_HOUR).round() as i64;
                [SignedDuration::from_secs(seconds); 2]
            }
            // The local solar day begins 6 h before, and ends 18 h after.
            Self::DailyMean => [
                SignedDuration::from_hours(6),
                SignedDuration::from_hours(18),
            ],
        }
    }
}
