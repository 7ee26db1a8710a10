//! What a station file holds: the variable codes of file names, and which values can be true.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A measured variable, by the code that stands in the name of its file.
///
/// # References
/// Table `VARIABLE_LUT` of TU Wien's `ismn` 1.5.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Variable {
    /// `sm`: volumetric soil moisture, m3 m-3.
    SoilMoisture,
    /// `ts`: soil temperature, degrees Celsius.
    SoilTemperature,
    /// `ta`: air temperature, degrees Celsius.
    AirTemperature,
    /// `tsf`: surface temperature, degrees Celsius.
    SurfaceTemperature,
    /// `p`: precipitation, mm.
    Precipitation,
    /// `sd`: snow depth, mm.
    SnowDepth,
    /// `sweq`: snow water equivalent, mm.
    SnowWaterEquivalent,
    /// `su`: soil suction, kPa.
    SoilSuction,
    /// Any other code.
    Other(String),
}

/// Soil moisture beyond it is no volume fraction, whatever its flags say: the station reports per
/// cent, or a code for a missing value. Above 1 there is room for a badly calibrated probe.
const MAX_SOIL_MOISTURE_M3M3: f32 = 1.5;
/// The coldest and the hottest surface on Earth lie within (-98 and 81 degrees Celsius, seen from
/// space).
const MAX_TEMPERATURE_CELSIUS: f32 = 100.0;
/// Codes for a missing value lie at or below it: -9999, -9999.9, -99999.
const HIGHEST_MISSING_CODE: f32 = -9990.0;

impl Variable {
    /// The code in file names.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::SoilMoisture => "sm",
            Self::SoilTemperature => "ts",
            Self::AirTemperature => "ta",
            Self::SurfaceTemperature => "tsf",
            Self::Precipitation => "p",
            Self::SnowDepth => "sd",
            Self::SnowWaterEquivalent => "sweq",
            Self::SoilSuction => "su",
            Self::Other(code) => code,
        }
    }

    /// Whether a value can be true: finite, and within what the variable can reach on Earth.
    pub(super) fn is_plausible(&self, value: f32) -> bool {
        match self {
            Self::SoilMoisture => value.abs() <= MAX_SOIL_MOISTURE_M3M3,
            Self::SoilTemperature | Self::AirTemperature | Self::SurfaceTemperature => {
                value.abs() <= MAX_TEMPERATURE_CELSIUS
            }
            _ => value.is_finite() && value > HIGHEST_MISSING_CODE,
        }
    }
}

impl From<&str> for Variable {
    fn from(code: &str) -> Self {
        match code {
            "sm" => Self::SoilMoisture,
            "ts" => Self::SoilTemperature,
            "ta" => Self::AirTemperature,
            "tsf" => Self::SurfaceTemperature,
            "p" => Self::Precipitation,
            "sd" => Self::SnowDepth,
            "sweq" => Self::SnowWaterEquivalent,
            "su" => Self::SoilSuction,
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<String> for Variable {
    fn from(code: String) -> Self {
        Self::from(code.as_str())
    }
}

impl From<Variable> for String {
    fn from(variable: Variable) -> Self {
        variable.code().to_string()
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip() {
        for code in [
            "sm", "ts", "ta", "tsf", "p", "sd", "sweq", "su", "tsfq", "xyz",
        ] {
            assert_eq!(Variable::from(code).code(), code);
        }
    }

    #[test]
    fn per_cent_codes_and_infinities_are_implausible() {
        assert!(Variable::SoilMoisture.is_plausible(-0.02));
        for value in [21.4, -9999.0, f32::NAN, f32::INFINITY] {
            assert!(!Variable::SoilMoisture.is_plausible(value), "{value}");
        }
        assert!(Variable::SoilTemperature.is_plausible(-40.0));
        assert!(!Variable::SoilTemperature.is_plausible(-9999.0));
        assert!(Variable::SnowDepth.is_plausible(12_000.0));
        assert!(!Variable::SnowDepth.is_plausible(-9999.0));
        assert!(!Variable::Other("x".to_string()).is_plausible(f32::NAN));
    }
}
