//! What is simulated: where, when, and how hard.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::orbit::{Sentinel1Config, SmapConfig};
use crate::product::ProductConfig;
use crate::radar::RadarConfig;
use crate::radiometer::RadiometerConfig;
use crate::stations::StationConfig;
use crate::weather::RainErrorConfig;
use crate::{AnalysisConfig, NatureConfig, Period, Region, TwinError, WeatherConfig};

/// A simulation, complete: the same configuration gives the same bytes.
///
/// # Examples
/// ```
/// use vadose_twin::{Preset, SimulationConfig};
/// let config = SimulationConfig::preset(Preset::Small);
/// assert_eq!(config.region.window()?.shape(), (513, 513));
/// assert_eq!(config.period.years, [2017]);
/// # Ok::<(), vadose_twin::TwinError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SimulationConfig {
    /// The one seed: landscape, weather, instruments and stations derive theirs from it.
    pub seed: u64,
    /// Stations for each 256×256 cells, 0 to 64. About 4 stand there in reality (529 of USCRN and
    /// SNOTEL in the contiguous United States).
    pub stations_per_tile: u32,
    /// Where the truth is written every hour.
    pub hourly_truth: HourlyTruth,
    /// Which faults are planted.
    pub faults: Faults,
    /// Which part of M01.
    pub region: Region,
    /// Which days.
    pub period: Period,
    /// Rain and temperatures.
    pub weather: WeatherConfig,
    /// The water balance.
    pub nature: NatureConfig,
    /// The coarse analysis.
    pub analysis: AnalysisConfig,
    /// Errors of the stations.
    pub stations: StationConfig,
    /// Orbit and swath of SMAP.
    pub smap: SmapConfig,
    /// Orbit, swath and acquisition plan of Sentinel-1.
    pub sentinel1: Sentinel1Config,
    /// Footprint and noise of the radiometer.
    pub radiometer: RadiometerConfig,
    /// Backscatter and its noise.
    pub radar: RadarConfig,
    /// What the operational processors do, and the errors of the ancillary data.
    pub product: ProductConfig,
    /// Errors of the satellite precipitation.
    pub precipitation: RainErrorConfig,
}

/// Where the truth is written every hour; at 6 h local solar time it is written everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HourlyTruth {
    /// In the cells of the stations.
    Stations,
    /// In every cell: 4 bytes a cell and hour before compression.
    Everywhere,
}

/// Which faults of real archives are planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Faults {
    /// None.
    None,
    /// One or more of each kind, listed in `faults.json`.
    Typical,
}

/// A configuration by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Preset {
    /// 2×2 tiles, June 2017, truth hourly everywhere: for tests and first steps.
    Small,
    /// 4×4 tiles, three Junes, 20 stations a tile: for studies.
    ConusMid,
    /// 10×10 tiles, three Junes.
    ConusWest,
    /// The window of the contiguous United States, 2,646×5,697 cells, three Junes.
    Conus,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 4] = [Self::Small, Self::ConusMid, Self::ConusWest, Self::Conus];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::ConusMid => "conus-mid",
            Self::ConusWest => "conus-west",
            Self::Conus => "conus",
        }
    }

    /// Its region: tiles of 256 cells, rounded up to whole 9 km cells.
    fn region(self) -> Region {
        let [row0, col0, rows, cols] = match self {
            Self::Small => [2475, 7065, 513, 513],
            Self::ConusMid => [2250, 7200, 1026, 1026],
            Self::ConusWest => [1692, 5301, 2565, 2565],
            Self::Conus => [1692, 5301, 2646, 5697],
        };
        Region {
            row0,
            col0,
            rows,
            cols,
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Preset {
    type Err = TwinError;

    fn from_str(name: &str) -> Result<Self, TwinError> {
        let found = Self::ALL.into_iter().find(|preset| preset.name() == name);
        found.ok_or_else(|| TwinError::UnknownPreset {
            got: name.to_owned(),
        })
    }
}

impl SimulationConfig {
    /// The configuration of a preset.
    #[must_use]
    pub fn preset(preset: Preset) -> Self {
        let base = Self {
            region: preset.region(),
            ..Self::default()
        };
        match preset {
            Preset::Small => Self {
                period: Period {
                    years: vec![2017],
                    ..Period::default()
                },
                stations_per_tile: 10,
                hourly_truth: HourlyTruth::Everywhere,
                ..base
            },
            Preset::ConusMid => Self {
                stations_per_tile: 20,
                ..base
            },
            Preset::ConusWest | Preset::Conus => base,
        }
    }
}

/// The preset `conus-west`.
impl Default for SimulationConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            stations_per_tile: 5,
            hourly_truth: HourlyTruth::Stations,
            faults: Faults::None,
            region: Preset::ConusWest.region(),
            period: Period::default(),
            weather: WeatherConfig::default(),
            nature: NatureConfig::default(),
            analysis: AnalysisConfig::default(),
            stations: StationConfig::default(),
            smap: SmapConfig::default(),
            sentinel1: Sentinel1Config::default(),
            radiometer: RadiometerConfig::default(),
            radar: RadarConfig::default(),
            product: ProductConfig::default(),
            precipitation: RainErrorConfig::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_on_whole_coarse_cells_and_have_their_sizes() {
        let tiles = |preset: Preset| {
            let window = preset.region().window().unwrap();
            (window.rows() / 256, window.cols() / 256)
        };
        assert_eq!(tiles(Preset::Small), (2, 2));
        assert_eq!(tiles(Preset::ConusMid), (4, 4));
        assert_eq!(tiles(Preset::ConusWest), (10, 10));
        let conus = Preset::Conus.region().window().unwrap();
        assert_eq!(conus, vadose_grid::Window::conus_m01());
    }

    #[test]
    fn names_are_parsed_back() {
        for preset in Preset::ALL {
            assert_eq!(preset.name().parse::<Preset>().unwrap(), preset);
        }
        let error = "huge".parse::<Preset>().unwrap_err().to_string();
        assert!(error.contains("conus-mid"), "{error}");
    }
}
