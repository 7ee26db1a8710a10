//! SMAP's radiometer: emission at 1 km, the antenna's footprint, noise, posting at 9 km.

use ndarray::Array2;
use ndarray::parallel::prelude::*;
use serde::{Deserialize, Serialize};
use vadose_grid::Window;
use vadose_physics::{
    BrightnessTemperature, FREEZING_KELVIN, Permittivity, Roughness, SMAP_INCIDENCE_DEG, Surface,
    TauOmega, TauOmegaConfig, fresnel, tau_nadir, tau_slant_from_nadir,
};
use vadose_scene::seed;

use crate::draw;
use crate::error::{TwinError, check_range};
use crate::footprint::Footprint;
use crate::ground::{Ground, class_of};
use crate::orbit::SmapPass;

/// How the ground emits and how the radiometer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RadiometerConfig {
    /// Radiative transfer. Default: SMAP's own (Mironov 2009, 1.41 GHz, 40 degrees).
    pub tau_omega: TauOmegaConfig,
    /// Spread of the ground's roughness `h` about the table of its class, as the deviation of the
    /// logarithm, 0 to 1. Default 0.25: published values of one class differ by such factors
    /// (Wigneron et al., 2017, doi:10.1016/j.rse.2017.01.024).
    pub roughness_log_std: f32,
    /// Spread of opacity per water content about the table, likewise. Default 0.15.
    pub opacity_log_std: f32,
    /// Liquid water left in frozen ground, m3 m-3, 0 to 0.2. Default 0.04 (order of the unfrozen
    /// water content of loam some kelvin below zero).
    pub frozen_liquid_m3m3: f32,
    /// Permittivity of open water, real and imaginary. Default 78.8 and 6.7: fresh water at 20 °C
    /// and 1.41 GHz by one Debye relaxation (80.1 static, 4.9 at high frequency, 9.3 ps, 0.05 S/m;
    /// Meissner and Wentz, 2004, doi:10.1109/TGRS.2004.831888, give nearly the same). At 40
    /// degrees its emissivity is 0.29 (H) and 0.44 (V).
    pub water_permittivity: [f64; 2],
    /// Full width at half power of the footprint, km, 9 to 100. Default 39: the projected
    /// half-power beam is 39 by 47 km (Entekhabi et al., 2010, doi:10.1109/JPROC.2010.2043918).
    pub footprint_km: f64,
    /// Noise of a posted brightness temperature, K, 0 to 20. Default 1.3, what the mission allows
    /// for the error of brightness temperature over land; the radiometer's own noise is below 1 K
    /// for 17 ms (Piepmeier et al., 2017, doi:10.1109/TGRS.2016.2631978).
    pub noise_kelvin: f64,
    /// Full width at half maximum of the noise's correlation filter, km, 0 to 100; 0 is white.
    /// Default 20: neighbouring postings of the 9 km product share most of their footprints.
    pub noise_footprint_km: f64,
}

impl Default for RadiometerConfig {
    fn default() -> Self {
        Self {
            tau_omega: TauOmegaConfig::default(),
            roughness_log_std: 0.25,
            opacity_log_std: 0.15,
            frozen_liquid_m3m3: 0.04,
            water_permittivity: [78.8, 6.7],
            footprint_km: 39.0,
            noise_kelvin: 1.3,
            noise_footprint_km: 20.0,
        }
    }
}

impl RadiometerConfig {
    /// Checks the settings and makes the instrument.
    ///
    /// # Errors
    /// [`TwinError::Config`] names the setting; [`TwinError::Physics`].
    pub fn build(self, master_seed: u64) -> Result<Radiometer, TwinError> {
        check_range("roughness_log_std", self.roughness_log_std.into(), 0.0, 1.0)?;
        check_range("opacity_log_std", self.opacity_log_std.into(), 0.0, 1.0)?;
        check_range(
            "frozen_liquid_m3m3",
            self.frozen_liquid_m3m3.into(),
            0.0,
            0.2,
        )?;
        check_range("water_permittivity", self.water_permittivity[0], 1.0, 100.0)?;
        check_range("water_permittivity", self.water_permittivity[1], 0.0, 100.0)?;
        check_range("footprint_km", self.footprint_km, 9.0, 100.0)?;
        check_range("noise_kelvin", self.noise_kelvin, 0.0, 20.0)?;
        check_range("noise_footprint_km", self.noise_footprint_km, 0.0, 100.0)?;
        let [real, imag] = self.water_permittivity;
        let water = fresnel(Permittivity { real, imag }, self.tau_omega.incidence_deg);
        Ok(Radiometer {
            model: self.tau_omega.build().map_err(TwinError::Physics)?,
            water_emissivity: [1.0 - water.h, 1.0 - water.v],
            roughness_seed: seed::derive(master_seed, "radiometer/roughness"),
            opacity_seed: seed::derive(master_seed, "radiometer/opacity"),
            noise_seeds: ["radiometer/noise_h", "radiometer/noise_v"]
                .map(|purpose| seed::derive(master_seed, purpose)),
            config: self,
        })
    }
}

/// Brightness temperatures of a window, K, `[row, col]`.
#[derive(Debug, Clone, PartialEq)]
pub struct TbMaps {
    /// The cells, on M01 or M09.
    pub window: Window,
    /// Horizontal polarisation.
    pub tb_h_kelvin: Array2<f32>,
    /// Vertical polarisation.
    pub tb_v_kelvin: Array2<f32>,
}

/// The radiometer; made by [`RadiometerConfig::build`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Radiometer {
    config: RadiometerConfig,
    model: TauOmega,
    water_emissivity: [f64; 2],
    roughness_seed: u64,
    opacity_seed: u64,
    noise_seeds: [u64; 2],
}

impl Radiometer {
    /// The settings the instrument was built from.
    #[must_use]
    pub fn config(&self) -> &RadiometerConfig {
        &self.config
    }

    /// Emissivity of open water, H and V.
    #[must_use]
    pub fn water_emissivity(&self) -> [f64; 2] {
        self.water_emissivity
    }

    /// What the emission of one cell's land really depends on: the true ancillary data.
    ///
    /// `row`, `col` count from the window's corner.
    #[must_use]
    pub fn true_surface(&self, ground: &Ground<'_>, row: usize, col: usize) -> Surface {
        let window = ground.window();
        let (global_row, global_col) = ((window.row0() + row) as i64, (window.col0() + col) as i64);
        let at = [row, col];
        let class = class_of(ground.layers.land_cover[at]).parameters();
        let vary = |seed: u64, log_std: f32| {
            let normal = draw::normal(seed, global_row, global_col, 0);
            f64::from((log_std * normal).exp())
        };
        let h = class.roughness_h * vary(self.roughness_seed, self.config.roughness_log_std);
        let b = class.b_m2_kg * vary(self.opacity_seed, self.config.opacity_log_std);
        let nadir = tau_nadir(b, ground.vwc_kg_m2[at].into());
        Surface {
            clay_percent: 100.0 * f64::from(ground.layers.clay_fraction[at]),
            temperature_kelvin: ground.temperature_kelvin[at].into(),
            roughness: Roughness::single_channel(h),
            albedo: class.albedo,
            tau_slant: tau_slant_from_nadir(nadir, self.config.tau_omega.incidence_deg),
        }
    }

    /// Noise-free brightness temperature of the land in every 1 km cell, before the footprint.
    ///
    /// Frozen ground emits like ground that holds `frozen_liquid_m3m3` of liquid water at most.
    ///
    /// # Shapes and units
    /// Result: of the ground's window, K.
    /// # Missing values
    /// Where soil moisture or another input is missing the result is NaN.
    /// # Errors
    /// [`TwinError::Window`], [`TwinError::Shape`].
    pub fn land(&self, ground: &Ground<'_>) -> Result<TbMaps, TwinError> {
        self.map(ground, |row, col| self.land_cell(ground, row, col))
    }

    /// Noise-free brightness temperature of every 1 km cell with its open water mixed in by area.
    ///
    /// A cell without land values counts as water.
    ///
    /// # Errors
    /// [`TwinError::Window`], [`TwinError::Shape`].
    pub fn mixed(&self, ground: &Ground<'_>) -> Result<TbMaps, TwinError> {
        self.map(ground, |row, col| self.mixed_cell(ground, row, col))
    }

    /// What one pass delivers on 9 km postings: [`Radiometer::mixed`], averaged over 9 km cells,
    /// seen through the footprint, with noise.
    ///
    /// The footprint is a Gaussian on the 9 km cells, normalised at the window's edges, so cells
    /// within about 50 km of an edge differ from those of a larger window. The noise of H and V is
    /// independent and correlated over `noise_footprint_km`; it depends on the orbit and the
    /// cell, not on the window.
    ///
    /// # Shapes and units
    /// `pass`: of the ground's window. Result: on the M09 cells of that window, K.
    /// # Missing values
    /// Cells outside the swath are NaN.
    /// # Errors
    /// [`TwinError::Window`], [`TwinError::Shape`].
    pub fn observe(&self, ground: &Ground<'_>, pass: &SmapPass) -> Result<TbMaps, TwinError> {
        let coarse = ground.coarse_window()?;
        if pass.window != coarse || pass.seconds.dim() != coarse.shape() {
            return Err(TwinError::Window {
                window: pass.window,
            });
        }
        let footprint = Footprint::gaussian(self.config.footprint_km);
        let filter = Footprint::gaussian(self.config.noise_footprint_km);
        let emitted = self.coarse_emission(ground, &footprint.reach(&pass.seconds));
        let noise_std = self.config.noise_kelvin as f32;
        let [tb_h_kelvin, tb_v_kelvin] = [0, 1].map(|channel: usize| {
            let emitted = emitted.mapv(|tb| tb[channel]);
            let noise = filter.noise(&coarse, self.noise_seeds[channel], pass.orbit.into());
            let mut seen = footprint.smooth(&emitted) + noise * noise_std;
            seen.zip_mut_with(&pass.seconds, |tb, seconds| {
                if seconds.is_nan() {
                    *tb = f32::NAN;
                }
            });
            seen
        });
        Ok(TbMaps {
            window: coarse,
            tb_h_kelvin,
            tb_v_kelvin,
        })
    }

    /// Mean emission, H and V, of the 9 km cells that `reach` says some footprint touches.
    fn coarse_emission(&self, ground: &Ground<'_>, reach: &Array2<bool>) -> Array2<[f32; 2]> {
        let mut emitted = Array2::from_elem(reach.dim(), [f32::NAN; 2]);
        emitted
            .outer_iter_mut()
            .into_par_iter()
            .enumerate()
            .for_each(|(row, mut cells)| {
                for (col, cell) in cells.iter_mut().enumerate() {
                    if reach[[row, col]] {
                        let mut sums = [0.0_f64; 2];
                        for idx in 0..81 {
                            let tb = self.mixed_cell(ground, 9 * row + idx / 9, 9 * col + idx % 9);
                            sums[0] += tb.tb_h_kelvin;
                            sums[1] += tb.tb_v_kelvin;
                        }
                        *cell = sums.map(|sum| (sum / 81.0) as f32);
                    }
                }
            });
        emitted
    }

    /// Emission of one cell's land.
    fn land_cell(&self, ground: &Ground<'_>, row: usize, col: usize) -> BrightnessTemperature {
        let surface = self.true_surface(ground, row, col);
        let moisture = self.liquid(ground.soil_moisture[[row, col]], &surface);
        self.model.brightness_temperature(moisture, &surface)
    }

    /// Emission of one cell, its open water mixed in.
    fn mixed_cell(&self, ground: &Ground<'_>, row: usize, col: usize) -> BrightnessTemperature {
        let kelvin = f64::from(ground.temperature_kelvin[[row, col]]);
        let share = f64::from(ground.layers.water_fraction[[row, col]]);
        let [water_h, water_v] = self.water_emissivity.map(|emissivity| emissivity * kelvin);
        let land = self.land_cell(ground, row, col);
        let mix = |land: f64, water: f64| {
            if land.is_nan() {
                water
            } else {
                land + share * (water - land)
            }
        };
        BrightnessTemperature {
            tb_h_kelvin: mix(land.tb_h_kelvin, water_h),
            tb_v_kelvin: mix(land.tb_v_kelvin, water_v),
        }
    }

    fn map(
        &self,
        ground: &Ground<'_>,
        cell: impl Fn(usize, usize) -> BrightnessTemperature + Sync,
    ) -> Result<TbMaps, TwinError> {
        ground.coarse_window()?;
        let shape = ground.window().shape();
        let mut tb_h_kelvin = Array2::zeros(shape);
        let mut tb_v_kelvin = Array2::zeros(shape);
        tb_h_kelvin
            .outer_iter_mut()
            .into_par_iter()
            .zip(tb_v_kelvin.outer_iter_mut())
            .enumerate()
            .for_each(|(row, (mut h, mut v)): (usize, _)| {
                for (col, (h, v)) in h.iter_mut().zip(v.iter_mut()).enumerate() {
                    let tb = cell(row, col);
                    (*h, *v) = (tb.tb_h_kelvin as f32, tb.tb_v_kelvin as f32);
                }
            });
        Ok(TbMaps {
            window: *ground.window(),
            tb_h_kelvin,
            tb_v_kelvin,
        })
    }

    fn liquid(&self, soil_moisture: f32, surface: &Surface) -> f64 {
        // Written so that a missing moisture stays missing.
        if surface.temperature_kelvin < FREEZING_KELVIN
            && soil_moisture > self.config.frozen_liquid_m3m3
        {
            self.config.frozen_liquid_m3m3.into()
        } else {
            soil_moisture.into()
        }
    }
}

/// Incidence angle of the radiometer, degrees, as the product files state it.
pub(crate) const BORESIGHT_INCIDENCE_DEG: f32 = SMAP_INCIDENCE_DEG as f32;

#[cfg(test)]
mod tests;
