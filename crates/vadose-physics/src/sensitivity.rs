//! How a single-channel retrieval answers to errors of its inputs, to first order.

use crate::inversion::Inverter;
use crate::single_channel::Polarization;
use crate::tau_omega::{Surface, emission};

/// Change of retrieved soil moisture per change of one input, the others kept.
///
/// # References
/// First-order propagation as in JCGM 100:2008, Guide to the expression of uncertainty in
/// measurement, section 5.1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sensitivity {
    /// To brightness temperature, m3 m-3 K-1; negative, as wet soil is cold.
    pub to_tb: f64,
    /// To the temperature of soil and canopy, m3 m-3 K-1.
    pub to_temperature: f64,
    /// To the opacity along the line of sight, m3 m-3.
    pub to_tau_slant: f64,
    /// To the roughness parameter h, m3 m-3.
    pub to_roughness_h: f64,
}

/// Half steps of the central differences: small against the curvature of the model, large against
/// its rounding (1e-13 of 300 K).
const STEP_M3M3: f64 = 1e-4;
const STEP_KELVIN: f64 = 0.05;
const STEP_TAU: f64 = 1e-4;
const STEP_H: f64 = 1e-4;

impl Inverter {
    /// Sensitivity of [`Inverter::invert_single_channel`] where it found a solution.
    ///
    /// The retrieved moisture keeps the simulated temperature at the observed one, so that
    /// `d m / d x = -(d TB / d x) / (d TB / d m)`, and `d m / d TB = 1 / (d TB / d m)`; the
    /// derivatives of the model are central differences.
    ///
    /// # Shapes and units
    /// `soil_moisture_m3m3`: the solution, m3 m-3. Result: see [`Sensitivity`].
    /// # Missing values
    /// NaN in gives NaN out. At a bound the retrieval does not answer to its inputs at all; what
    /// is given there is the slope of the model.
    /// # Examples
    /// ```
    /// use vadose_physics::{InversionConfig, Polarization, Roughness, Surface};
    /// let inverter = InversionConfig::default().build()?;
    /// let surface = Surface {
    ///     clay_percent: 20.0,
    ///     temperature_kelvin: 295.0,
    ///     roughness: Roughness::single_channel(0.108),
    ///     albedo: 0.05,
    ///     tau_slant: 0.2871896036531013,
    /// };
    /// let found = inverter.single_channel_sensitivity(Polarization::V, &surface, 0.20);
    /// // From 0.10 to 0.30 the temperature falls from 278.2 to 248.6 K: 148 K per m3 m-3.
    /// assert!((1.0 / found.to_tb + 148.0).abs() < 5.0);
    /// # Ok::<(), vadose_physics::PhysicsError>(())
    /// ```
    #[must_use]
    pub fn single_channel_sensitivity(
        &self,
        polarization: Polarization,
        surface: &Surface,
        soil_moisture_m3m3: f64,
    ) -> Sensitivity {
        let tb = |surface: &Surface, soil_moisture_m3m3: f64| {
            let soil = self.model.soil(surface);
            let reflectivity = self
                .model
                .rough_reflectivity(&soil, soil_moisture_m3m3, surface);
            let tb = emission(reflectivity, surface, surface.tau_slant);
            match polarization {
                Polarization::H => tb.tb_h_kelvin,
                Polarization::V => tb.tb_v_kelvin,
            }
        };
        let by_moisture = (tb(surface, soil_moisture_m3m3 + STEP_M3M3)
            - tb(surface, soil_moisture_m3m3 - STEP_M3M3))
            / (2.0 * STEP_M3M3);
        let answer = |step: f64, shift: fn(&mut Surface, f64)| {
            let [above, below] = [step, -step].map(|step| {
                let mut shifted = *surface;
                shift(&mut shifted, step);
                tb(&shifted, soil_moisture_m3m3)
            });
            -(above - below) / (2.0 * step) / by_moisture
        };
        Sensitivity {
            to_tb: 1.0 / by_moisture,
            to_temperature: answer(STEP_KELVIN, |s, step| s.temperature_kelvin += step),
            to_tau_slant: answer(STEP_TAU, |s, step| s.tau_slant += step),
            to_roughness_h: answer(STEP_H, |s, step| s.roughness.h += step),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{InversionConfig, Roughness, SingleChannelCell};

    /// A change of a hundredth of an input, and the curvature over it, m3 m-3.
    const MAX_CURVATURE_M3M3: f64 = 2e-4;

    #[test]
    fn the_retrieval_moves_as_the_sensitivity_says() {
        let inverter = InversionConfig::default().build().unwrap();
        let surface = Surface {
            clay_percent: 25.0,
            temperature_kelvin: 292.0,
            roughness: Roughness::single_channel(0.13),
            albedo: 0.05,
            tau_slant: 0.3,
        };
        let retrieved = |polarization, surface, tb_kelvin| {
            let cell = SingleChannelCell {
                tb_kelvin,
                surface,
                bulk_density_g_cm3: 1.3,
                land_cover: None,
            };
            inverter
                .invert_single_channel(polarization, &cell)
                .soil_moisture_m3m3
        };
        for (polarization, truth) in [
            (Polarization::V, 0.12),
            (Polarization::V, 0.3),
            (Polarization::H, 0.2),
        ] {
            let simulated = inverter.model().brightness_temperature(truth, &surface);
            let tb = match polarization {
                Polarization::H => simulated.tb_h_kelvin,
                Polarization::V => simulated.tb_v_kelvin,
            };
            let found = inverter.single_channel_sensitivity(polarization, &surface, truth);
            assert!(found.to_tb < 0.0 && found.to_temperature > 0.0);
            let mut warmer = surface;
            warmer.temperature_kelvin += 0.5;
            let mut denser = surface;
            denser.tau_slant += 0.003;
            let mut rougher = surface;
            rougher.roughness.h += 0.003;
            for (moved, expected) in [
                (
                    retrieved(polarization, surface, tb + 0.5),
                    found.to_tb * 0.5,
                ),
                (
                    retrieved(polarization, warmer, tb),
                    found.to_temperature * 0.5,
                ),
                (
                    retrieved(polarization, denser, tb),
                    found.to_tau_slant * 0.003,
                ),
                (
                    retrieved(polarization, rougher, tb),
                    found.to_roughness_h * 0.003,
                ),
            ] {
                approx::assert_abs_diff_eq!(moved - truth, expected, epsilon = MAX_CURVATURE_M3M3);
                assert!((moved - truth) * expected > 0.0);
            }
        }
    }
}
