//! Brightness temperature of vegetated soil: the zeroth-order tau-omega model.

use serde::{Deserialize, Serialize};

use crate::dielectric::{Dielectric, SoilDielectric};
use crate::error::{PhysicsError, check_range};
use crate::fresnel::{Reflectivity, Roughness, fresnel_at_cosine};

/// Frequency at which the SMAP retrievals evaluate the soil dielectric, Hz.
pub const SMAP_FREQUENCY_HZ: f64 = 1.41e9;
/// Incidence angle of the SMAP retrievals, degrees.
pub const SMAP_INCIDENCE_DEG: f64 = 40.0;

/// Frequencies at which the 1.4 GHz fit of Mironov 2013 may stand in, Hz: the protected L band
/// (1.400 to 1.427 GHz) with a margin. The 2009 model changes by less than 1 % in its real part
/// across it.
const MIRONOV_2013_BAND_HZ: std::ops::RangeInclusive<f64> = 1.38e9..=1.45e9;

/// Settings of the radiative transfer; the default is SMAP's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TauOmegaConfig {
    /// Soil dielectric model. Default [`Dielectric::Mironov2009`].
    pub dielectric: Dielectric,
    /// Frequency, Hz, 0.045e9 to 26.5e9. Default 1.41e9.
    pub frequency_hz: f64,
    /// Incidence angle from the vertical, degrees, 0 to 80. Default 40.
    pub incidence_deg: f64,
}

impl Default for TauOmegaConfig {
    fn default() -> Self {
        Self {
            dielectric: Dielectric::default(),
            frequency_hz: SMAP_FREQUENCY_HZ,
            incidence_deg: SMAP_INCIDENCE_DEG,
        }
    }
}

impl TauOmegaConfig {
    /// Checks the settings and makes the model.
    ///
    /// # Errors
    /// [`PhysicsError::OutOfRange`] names the setting; [`PhysicsError::FrequencyOutsideModel`] if
    /// Mironov 2013 is asked for away from 1.4 GHz.
    pub fn build(self) -> Result<TauOmega, PhysicsError> {
        check_range("frequency_hz", self.frequency_hz, 0.045e9, 26.5e9)?;
        check_range("incidence_deg", self.incidence_deg, 0.0, 80.0)?;
        if self.dielectric == Dielectric::Mironov2013
            && !MIRONOV_2013_BAND_HZ.contains(&self.frequency_hz)
        {
            return Err(PhysicsError::FrequencyOutsideModel {
                frequency_hz: self.frequency_hz,
            });
        }
        Ok(TauOmega {
            config: self,
            cos_incidence: self.incidence_deg.to_radians().cos(),
        })
    }
}

/// What the emission of a cell depends on, besides soil moisture.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Surface {
    /// Clay, mass percent, 0 to 100: SMAP's `clay_fraction` times 100.
    pub clay_percent: f64,
    /// Effective temperature of soil and canopy alike, K.
    pub temperature_kelvin: f64,
    /// Surface roughness.
    pub roughness: Roughness,
    /// Single-scattering albedo of the vegetation, 0 to below 1.
    pub albedo: f64,
    /// Vegetation opacity along the line of sight, nadir opacity / cos(incidence), not negative:
    /// SMAP's `vegetation_opacity` as stored.
    pub tau_slant: f64,
}

impl Surface {
    fn values(&self) -> [f64; 6] {
        [
            self.clay_percent,
            self.temperature_kelvin,
            self.roughness.h,
            self.roughness.q,
            self.albedo,
            self.tau_slant,
        ]
    }

    pub(crate) fn is_finite(&self) -> bool {
        self.values().iter().all(|value| value.is_finite())
    }

    pub(crate) fn is_physical(&self) -> bool {
        (0.0..=100.0).contains(&self.clay_percent)
            && self.temperature_kelvin > 0.0
            && self.roughness.h >= 0.0
            && (0.0..=1.0).contains(&self.roughness.q)
            && (0.0..1.0).contains(&self.albedo)
            && self.tau_slant >= 0.0
    }
}

/// Brightness temperature at both polarisations.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BrightnessTemperature {
    /// Horizontal polarisation, K.
    pub tb_h_kelvin: f64,
    /// Vertical polarisation, K.
    pub tb_v_kelvin: f64,
}

/// The tau-omega model at one frequency and incidence angle; made by [`TauOmegaConfig::build`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TauOmega {
    config: TauOmegaConfig,
    cos_incidence: f64,
}

impl TauOmega {
    /// The settings the model was built from.
    #[must_use]
    pub fn config(&self) -> &TauOmegaConfig {
        &self.config
    }

    /// Brightness temperature of one cell.
    ///
    /// `TB_p = T (1 - r_p) g + T (1 - w) (1 - g) (1 + r_p g)` with `g = exp(-tau_slant)`: emission
    /// of the soil through the canopy, of the canopy upwards, and of the canopy by way of the soil.
    /// Atmosphere and sky are left out, as in the SMAP retrievals.
    ///
    /// # Shapes and units
    /// `soil_moisture_m3m3`: m3 m-3, not negative. Result: K.
    /// # Missing values
    /// NaN in gives NaN out.
    /// # References
    /// Mo, Choudhury, Schmugge, Wang and Jackson (1982), doi:10.1029/JC087iC13p11229. O'Neill et
    /// al., SMAP algorithm theoretical basis document, level 2 and 3 passive soil moisture, JPL
    /// D-66480.
    /// # Examples
    /// ```
    /// use vadose_physics::{Roughness, Surface, TauOmegaConfig};
    /// let bare = Surface {
    ///     clay_percent: 10.0,
    ///     temperature_kelvin: 300.0,
    ///     roughness: Roughness::single_channel(0.15),
    ///     albedo: 0.0,
    ///     tau_slant: 0.0,
    /// };
    /// let tb = TauOmegaConfig::default().build()?.brightness_temperature(0.05, &bare);
    /// assert!((tb.tb_h_kelvin - 252.8262).abs() < 1e-4);
    /// assert!((tb.tb_v_kelvin - 285.8077).abs() < 1e-4);
    /// # Ok::<(), vadose_physics::PhysicsError>(())
    /// ```
    #[must_use]
    pub fn brightness_temperature(
        &self,
        soil_moisture_m3m3: f64,
        surface: &Surface,
    ) -> BrightnessTemperature {
        let reflectivity =
            self.rough_reflectivity(&self.soil(surface), soil_moisture_m3m3, surface);
        emission(reflectivity, surface, surface.tau_slant)
    }

    /// The mixing model of the cell's soil, to be made once per cell.
    pub(crate) fn soil(&self, surface: &Surface) -> SoilDielectric {
        self.config.dielectric.soil(
            surface.clay_percent,
            surface.temperature_kelvin,
            self.config.frequency_hz,
        )
    }

    pub(crate) fn rough_reflectivity(
        &self,
        soil: &SoilDielectric,
        soil_moisture_m3m3: f64,
        surface: &Surface,
    ) -> Reflectivity {
        let smooth = fresnel_at_cosine(soil.permittivity(soil_moisture_m3m3), self.cos_incidence);
        surface
            .roughness
            .reflectivity_at_cosine(smooth, self.cos_incidence)
    }
}

/// Brightness temperature above a surface of given reflectivity, with the opacity on its own so
/// that the dual-channel inversion can vary it.
pub(crate) fn emission(
    reflectivity: Reflectivity,
    surface: &Surface,
    tau_slant: f64,
) -> BrightnessTemperature {
    let transmissivity = (-tau_slant).exp();
    let canopy = (1.0 - surface.albedo) * (1.0 - transmissivity);
    let at = |r: f64| {
        surface.temperature_kelvin
            * ((1.0 - r) * transmissivity + canopy * (1.0 + r * transmissivity))
    };
    BrightnessTemperature {
        tb_h_kelvin: at(reflectivity.h),
        tb_v_kelvin: at(reflectivity.v),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vegetation::{tau_nadir, tau_slant_from_nadir};

    /// The reference temperatures are printed with four decimals.
    const PRINTED_TB_TOLERANCE_KELVIN: f64 = 6e-5;

    fn smap() -> TauOmega {
        TauOmegaConfig::default().build().unwrap()
    }

    fn assert_tb(surface: &Surface, rows: &[(f64, f64, f64)]) {
        for &(moisture, tb_h, tb_v) in rows {
            let tb = smap().brightness_temperature(moisture, surface);
            approx::assert_abs_diff_eq!(
                tb.tb_h_kelvin,
                tb_h,
                epsilon = PRINTED_TB_TOLERANCE_KELVIN
            );
            approx::assert_abs_diff_eq!(
                tb.tb_v_kelvin,
                tb_v,
                epsilon = PRINTED_TB_TOLERANCE_KELVIN
            );
        }
    }

    #[test]
    fn cropland_gives_the_reference_brightness_temperature() {
        let cropland = Surface {
            clay_percent: 20.0,
            temperature_kelvin: 295.0,
            roughness: Roughness::single_channel(0.108),
            albedo: 0.05,
            tau_slant: tau_slant_from_nadir(tau_nadir(0.11, 2.0), SMAP_INCIDENCE_DEG),
        };
        assert_tb(
            &cropland,
            &[
                (0.05, 266.2513, 284.1604),
                (0.10, 255.0948, 278.2036),
                (0.20, 233.5146, 262.6920),
                (0.30, 218.0206, 248.5891),
                (0.40, 206.5365, 236.6458),
            ],
        );
    }

    #[test]
    fn bare_soil_gives_the_reference_brightness_temperature() {
        let bare = Surface {
            clay_percent: 10.0,
            temperature_kelvin: 300.0,
            roughness: Roughness::single_channel(0.15),
            albedo: 0.0,
            tau_slant: 0.0,
        };
        assert_tb(
            &bare,
            &[
                (0.05, 252.8262, 285.8077),
                (0.20, 195.3389, 246.6001),
                (0.40, 150.6353, 202.5837),
            ],
        );
    }

    #[test]
    fn opaque_canopy_hides_the_soil() {
        /// exp(-60) of a 300 K soil signal.
        const HIDDEN_KELVIN: f64 = 1e-12;
        let forest = Surface {
            clay_percent: 20.0,
            temperature_kelvin: 300.0,
            roughness: Roughness::single_channel(0.1),
            albedo: 0.05,
            tau_slant: 60.0,
        };
        let dry = smap().brightness_temperature(0.05, &forest);
        let wet = smap().brightness_temperature(0.45, &forest);
        approx::assert_abs_diff_eq!(dry.tb_h_kelvin, wet.tb_h_kelvin, epsilon = HIDDEN_KELVIN);
        approx::assert_abs_diff_eq!(dry.tb_h_kelvin, 285.0, epsilon = HIDDEN_KELVIN);
    }

    #[test]
    fn foreign_settings_are_refused_by_name() {
        let config = TauOmegaConfig {
            incidence_deg: f64::NAN,
            ..TauOmegaConfig::default()
        };
        assert!(matches!(
            config.build(),
            Err(PhysicsError::OutOfRange {
                name: "incidence_deg",
                ..
            })
        ));
        let c_band = TauOmegaConfig {
            dielectric: Dielectric::Mironov2013,
            frequency_hz: 5.4e9,
            ..TauOmegaConfig::default()
        };
        assert_eq!(
            c_band.build(),
            Err(PhysicsError::FrequencyOutsideModel {
                frequency_hz: 5.4e9
            })
        );
    }
}
