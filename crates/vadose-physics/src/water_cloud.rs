//! Radar backscatter of vegetated soil: the water-cloud model over bare soil.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use crate::bare_soil::{Backscatter, oh_1992};
use crate::dielectric::Dielectric;
use crate::error::{PhysicsError, check_range};

/// Carrier frequency of Sentinel-1's radar, Hz.
pub const SENTINEL1_FREQUENCY_HZ: f64 = 5.405e9;

const SPEED_OF_LIGHT_M_S: f64 = 299_792_458.0;

/// The two parameters that describe a canopy in one channel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CanopyParameters {
    /// Backscatter of an opaque canopy at nadir, linear power, 0 to 1.
    pub scattering: f64,
    /// Extinction per vegetation water content, nepers m2 kg-1, 0 to 2.
    pub extinction_m2_kg: f64,
}

/// Settings of the water-cloud model; the default is C band over mixed land.
///
/// Published pairs belong to one crop, season and vegetation descriptor each, and scatter by a
/// factor of three. The defaults were chosen within that scatter so that soil and canopy
/// together give the levels of a real SPL2SMAP_S granule (northern Tunisia, April 2015: medians
/// -11.1 dB VV and -18.0 dB VH at 41 degrees, vegetation water content 2.1 kg m-2, mostly
/// cropland), and -10.5 and -16.5 dB over forest (there -10.6 and -17.2). They are a calibration, not a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WaterCloudConfig {
    /// Frequency, Hz, 1e9 to 12e9. Default [`SENTINEL1_FREQUENCY_HZ`].
    pub frequency_hz: f64,
    /// Soil dielectric model. Default [`Dielectric::Mironov2009`], which holds at C band.
    pub dielectric: Dielectric,
    /// Canopy in the co-polarised channel. Default 0.12 and 0.09: Bindlish and Barros (2001),
    /// doi:10.1016/S0034-4257(00)00200-5, give an extinction of 0.091 for all land uses.
    pub copolarized: CanopyParameters,
    /// Canopy in the cross-polarised channel. Default 0.03 and 0.15.
    pub cross_polarized: CanopyParameters,
}

impl Default for WaterCloudConfig {
    fn default() -> Self {
        Self {
            frequency_hz: SENTINEL1_FREQUENCY_HZ,
            dielectric: Dielectric::Mironov2009,
            copolarized: CanopyParameters {
                scattering: 0.12,
                extinction_m2_kg: 0.09,
            },
            cross_polarized: CanopyParameters {
                scattering: 0.03,
                extinction_m2_kg: 0.15,
            },
        }
    }
}

impl WaterCloudConfig {
    /// Checks the settings and makes the model.
    ///
    /// # Errors
    /// [`PhysicsError::OutOfRange`] names the setting; [`PhysicsError::FrequencyOutsideModel`] for
    /// Mironov 2013, which holds at L band only.
    pub fn build(self) -> Result<WaterCloud, PhysicsError> {
        check_range("frequency_hz", self.frequency_hz, 1e9, 12e9)?;
        if self.dielectric == Dielectric::Mironov2013 {
            return Err(PhysicsError::FrequencyOutsideModel {
                frequency_hz: self.frequency_hz,
            });
        }
        for canopy in [self.copolarized, self.cross_polarized] {
            check_range("scattering", canopy.scattering, 0.0, 1.0)?;
            check_range("extinction_m2_kg", canopy.extinction_m2_kg, 0.0, 2.0)?;
        }
        Ok(WaterCloud {
            config: self,
            wave_number_per_m: TAU * self.frequency_hz / SPEED_OF_LIGHT_M_S,
        })
    }
}

/// What the backscatter of the ground depends on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BareSoil {
    /// Soil moisture, m3 m-3, not negative.
    pub soil_moisture_m3m3: f64,
    /// Clay, mass percent, 0 to 100.
    pub clay_percent: f64,
    /// Root-mean-square height of the surface, m: 0.003 (seedbed) to 0.04 (ploughed).
    pub rms_height_m: f64,
}

/// Backscatter of vegetated soil, by where it comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WaterCloudBackscatter {
    /// From the soil, through the canopy and back, linear power.
    pub soil: Backscatter,
    /// From the canopy, linear power.
    pub canopy: Backscatter,
}

impl WaterCloudBackscatter {
    /// What the radar sees: both parts together.
    #[must_use]
    pub fn total(&self) -> Backscatter {
        Backscatter {
            copolarized: self.soil.copolarized + self.canopy.copolarized,
            cross_polarized: self.soil.cross_polarized + self.canopy.cross_polarized,
        }
    }
}

/// The water-cloud model; made by [`WaterCloudConfig::build`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WaterCloud {
    config: WaterCloudConfig,
    wave_number_per_m: f64,
}

impl WaterCloud {
    /// The settings the model was built from.
    #[must_use]
    pub fn config(&self) -> &WaterCloudConfig {
        &self.config
    }

    /// Backscatter of vegetated soil.
    ///
    /// `sigma0 = T2 soil + A cos(theta) (1 - T2)` with `T2 = exp(-2 B vwc / cos(theta))`, in each
    /// channel with its own `A` and `B`; the soil by [`oh_1992`].
    ///
    /// # Shapes and units
    /// `vwc_kg_m2`: vegetation water content, kg m-2, not negative. `incidence_deg`: from the
    /// vertical, below 90. Result: linear power. Wave interaction between soil and stems is left
    /// out, so forests over wet soil are too dark at low frequencies; at C band they are opaque.
    /// # Missing values
    /// NaN in gives NaN out.
    /// # References
    /// Attema and Ulaby (1978), doi:10.1029/RS013i002p00357.
    /// # Examples
    /// ```
    /// use vadose_physics::{BareSoil, WaterCloudConfig};
    /// let model = WaterCloudConfig::default().build()?;
    /// let soil = BareSoil { soil_moisture_m3m3: 0.14, clay_percent: 25.0, rms_height_m: 0.01 };
    /// let crop = model.backscatter(&soil, 2.1, 41.0).total();
    /// let vv_db = 10.0 * crop.copolarized.log10();
    /// let vh_db = 10.0 * crop.cross_polarized.log10();
    /// assert!((-12.5..-10.0).contains(&vv_db) && (-19.5..-17.0).contains(&vh_db));
    /// # Ok::<(), vadose_physics::PhysicsError>(())
    /// ```
    #[must_use]
    pub fn backscatter(
        &self,
        soil: &BareSoil,
        vwc_kg_m2: f64,
        incidence_deg: f64,
    ) -> WaterCloudBackscatter {
        /// The 2009 dielectric model has no temperature; this is that of its fit.
        const FIT_KELVIN: f64 = 294.15;
        let mixing =
            self.config
                .dielectric
                .soil(soil.clay_percent, FIT_KELVIN, self.config.frequency_hz);
        let bare = oh_1992(
            mixing.permittivity(soil.soil_moisture_m3m3),
            self.wave_number_per_m * soil.rms_height_m,
            incidence_deg,
        );
        let cos = incidence_deg.to_radians().cos();
        let through =
            |canopy: CanopyParameters| (-2.0 * canopy.extinction_m2_kg * vwc_kg_m2 / cos).exp();
        let from_canopy = |canopy: CanopyParameters, t2: f64| canopy.scattering * cos * (1.0 - t2);
        let (like, cross) = (self.config.copolarized, self.config.cross_polarized);
        let (t2_like, t2_cross) = (through(like), through(cross));
        WaterCloudBackscatter {
            soil: Backscatter {
                copolarized: t2_like * bare.copolarized,
                cross_polarized: t2_cross * bare.cross_polarized,
            },
            canopy: Backscatter {
                copolarized: from_canopy(like, t2_like),
                cross_polarized: from_canopy(cross, t2_cross),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOIL: BareSoil = BareSoil {
        soil_moisture_m3m3: 0.2,
        clay_percent: 20.0,
        rms_height_m: 0.01,
    };

    fn model() -> WaterCloud {
        WaterCloudConfig::default().build().unwrap()
    }

    #[test]
    fn without_vegetation_only_the_soil_is_left() {
        let got = model().backscatter(&SOIL, 0.0, 38.0);
        let soil = Dielectric::Mironov2009.soil(20.0, 294.15, SENTINEL1_FREQUENCY_HZ);
        let wave_number = TAU * SENTINEL1_FREQUENCY_HZ / SPEED_OF_LIGHT_M_S;
        let bare = oh_1992(soil.permittivity(0.2), wave_number * 0.01, 38.0);
        assert_eq!(got.total(), bare);
    }

    #[test]
    fn an_opaque_canopy_hides_the_soil() {
        let wet = BareSoil {
            soil_moisture_m3m3: 0.4,
            ..SOIL
        };
        let [dry, wet] = [SOIL, wet].map(|soil| model().backscatter(&soil, 60.0, 35.0).total());
        approx::assert_relative_eq!(dry.copolarized, wet.copolarized, max_relative = 1e-4);
        let opaque = 0.12 * 35_f64.to_radians().cos();
        approx::assert_relative_eq!(dry.copolarized, opaque, max_relative = 1e-4);
    }

    #[test]
    fn vegetation_takes_sensitivity_to_moisture_away() {
        let gain_db = |vwc: f64| {
            let at = |moisture: f64| {
                let soil = BareSoil {
                    soil_moisture_m3m3: moisture,
                    ..SOIL
                };
                model().backscatter(&soil, vwc, 40.0).total().copolarized
            };
            10.0 * (at(0.3) / at(0.1)).log10()
        };
        assert!(gain_db(0.0) > gain_db(2.0) && gain_db(2.0) > gain_db(6.0));
        assert!((3.0..5.0).contains(&gain_db(0.0)));
    }

    #[test]
    fn foreign_settings_are_named() {
        let mut config = WaterCloudConfig::default();
        config.cross_polarized.scattering = 2.0;
        let error = config.build().unwrap_err();
        assert_eq!(error.to_string(), "scattering is 2, expected 0 to 1");
        let config = WaterCloudConfig {
            dielectric: Dielectric::Mironov2013,
            ..WaterCloudConfig::default()
        };
        assert!(config.build().is_err());
    }
}
