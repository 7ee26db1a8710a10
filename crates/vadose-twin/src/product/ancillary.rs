//! Ancillary data as the processors hold them: the truth with errors, and tables by land cover.

use ndarray::Array2;
use ndarray::parallel::prelude::*;
use serde::{Deserialize, Serialize};
use vadose_grid::{EaseGrid2, Window};
use vadose_physics::{Roughness, SMAP_INCIDENCE_DEG, Surface, tau_nadir, tau_slant_from_nadir};
use vadose_scene::seed;

use crate::draw::Lattice;
use crate::error::{TwinError, check_range};
use crate::ground::{Ground, class_of};

/// Errors of what the processors believe about the ground.
///
/// Roughness, albedo and opacity per water content come from NASA's tables by land cover; the
/// ground departs from them by `RadiometerConfig`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AncillaryConfig {
    /// Error of the clay fraction, 0 to 0.5. Default 0.06, over 30 km: SoilGrids 2.0 states errors
    /// of clay of this order (Poggio et al., 2021, doi:10.5194/soil-7-217-2021).
    pub clay_fraction_std: f32,
    /// Error of bulk density, g cm-3, 0 to 1. Default 0.12, over 30 km (same source).
    pub bulk_density_std_g_cm3: f32,
    /// Error of the vegetation water content as the deviation of its logarithm, 0 to 1. Default
    /// 0.2, over 40 km and 20 days: the processors use a climatology of NDVI, not the year's.
    pub vwc_log_std: f32,
    /// Error of the effective temperature, K, 0 to 20. Default 2.0, over 100 km and a day: the
    /// mission's error budget (O'Neill et al., JPL D-66480).
    pub temperature_std_kelvin: f32,
    /// Error of the share of open water as the deviation of its logarithm, 0 to 1. Default 0.15,
    /// over 20 km and 10 days: water bodies change, and the map does not.
    pub water_log_std: f32,
}

impl Default for AncillaryConfig {
    fn default() -> Self {
        Self {
            clay_fraction_std: 0.06,
            bulk_density_std_g_cm3: 0.12,
            vwc_log_std: 0.2,
            temperature_std_kelvin: 2.0,
            water_log_std: 0.15,
        }
    }
}

/// The fields of errors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ancillary {
    config: AncillaryConfig,
    clay: Lattice,
    bulk_density: Lattice,
    vwc: Lattice,
    temperature: Lattice,
    water: Lattice,
}

/// Ancillary data of one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Believed {
    pub(super) clay_fraction: f32,
    pub(super) bulk_density_g_cm3: f32,
    pub(super) vwc_kg_m2: f32,
    pub(super) temperature_kelvin: f32,
    pub(super) water_fraction: f32,
    /// Mean over the land of the cell of NASA's table by class.
    pub(super) roughness_h: f32,
    pub(super) albedo: f32,
    pub(super) albedo_dual_channel: f32,
    pub(super) tau_slant: f32,
}

impl Believed {
    const UNKNOWN: Self = Self {
        clay_fraction: f32::NAN,
        bulk_density_g_cm3: f32::NAN,
        vwc_kg_m2: f32::NAN,
        temperature_kelvin: f32::NAN,
        water_fraction: f32::NAN,
        roughness_h: f32::NAN,
        albedo: f32::NAN,
        albedo_dual_channel: f32::NAN,
        tau_slant: f32::NAN,
    };

    /// The ground as the single-channel algorithms see it.
    pub(super) fn surface(&self) -> Surface {
        Surface {
            clay_percent: 100.0 * f64::from(self.clay_fraction),
            temperature_kelvin: self.temperature_kelvin.into(),
            roughness: Roughness::single_channel(self.roughness_h.into()),
            albedo: self.albedo.into(),
            tau_slant: self.tau_slant.into(),
        }
    }

    /// The ground as the dual-channel algorithm sees it.
    ///
    /// NASA's own map of its roughness is not at hand; the ground of the twin emits with the
    /// roughness of the single-channel table, so that one serves here too.
    pub(super) fn surface_dual_channel(&self) -> Surface {
        Surface {
            roughness: Roughness::dual_channel(self.roughness_h.into()),
            albedo: self.albedo_dual_channel.into(),
            ..self.surface()
        }
    }
}

impl Ancillary {
    pub(super) fn new(config: AncillaryConfig, master_seed: u64) -> Result<Self, TwinError> {
        check_range(
            "clay_fraction_std",
            config.clay_fraction_std.into(),
            0.0,
            0.5,
        )?;
        check_range(
            "bulk_density_std_g_cm3",
            config.bulk_density_std_g_cm3.into(),
            0.0,
            1.0,
        )?;
        check_range("vwc_log_std", config.vwc_log_std.into(), 0.0, 1.0)?;
        check_range(
            "temperature_std_kelvin",
            config.temperature_std_kelvin.into(),
            0.0,
            20.0,
        )?;
        check_range("water_log_std", config.water_log_std.into(), 0.0, 1.0)?;
        let lattice = |purpose: &str, cells: f32, days: f32| Lattice {
            seed: seed::derive(master_seed, purpose),
            cells,
            days,
        };
        Ok(Self {
            config,
            clay: lattice("ancillary/clay", 30.0, 1.0),
            bulk_density: lattice("ancillary/bulk_density", 30.0, 1.0),
            vwc: lattice("ancillary/vwc", 40.0, 20.0),
            temperature: lattice("ancillary/temperature", 100.0, 1.0),
            water: lattice("ancillary/water", 20.0, 10.0),
        })
    }

    /// Ancillary data of the cells of a window of M01, M03 or M09 that lies in the ground's.
    ///
    /// Coarse cells hold means over their land: the 1 km cells with less than half water.
    /// A cell without land has NaN in what describes land, one that is not `wanted` in everything.
    pub(super) fn believed(
        &self,
        ground: &Ground<'_>,
        window: &Window,
        day: f32,
        wanted: impl Fn(usize, usize) -> bool + Sync,
    ) -> Result<Array2<Believed>, TwinError> {
        let factor = EaseGrid2::M01
            .nesting_factor(window.grid())
            .ok_or(TwinError::Window { window: *window })?;
        let outer = ground.window();
        let inside = |first: usize, n: usize, outer_first: usize, outer_n: usize| {
            let start = (first * factor).checked_sub(outer_first)?;
            (start + n * factor <= outer_n).then_some(start)
        };
        let row0 = inside(window.row0(), window.rows(), outer.row0(), outer.rows());
        let col0 = inside(window.col0(), window.cols(), outer.col0(), outer.cols());
        let (Some(row0), Some(col0)) = (row0, col0) else {
            return Err(TwinError::Window { window: *window });
        };

        let mut believed = Array2::from_elem(window.shape(), Believed::UNKNOWN);
        believed
            .outer_iter_mut()
            .into_par_iter()
            .enumerate()
            .for_each(|(row, mut cells)| {
                let centre = |index: usize| (index as f32 + 0.5) * factor as f32;
                let draw = |lattice: &Lattice, day: f32| {
                    let mut errors = vec![0.0; window.cols()];
                    let (row, col) = (centre(window.row0() + row), centre(window.col0()));
                    lattice.row(row, col, factor as f32, day, &mut errors);
                    errors
                };
                let (clay, bulk) = (draw(&self.clay, 0.0), draw(&self.bulk_density, 0.0));
                let (vwc, water) = (draw(&self.vwc, day), draw(&self.water, day));
                let temperature = draw(&self.temperature, day);
                for (col, cell) in cells.iter_mut().enumerate() {
                    if !wanted(row, col) {
                        continue;
                    }
                    *cell = mean(ground, [row0 + row * factor, col0 + col * factor], factor);
                    let error = Errors {
                        clay: clay[col],
                        bulk_density: bulk[col],
                        vwc: vwc[col],
                        temperature: temperature[col],
                        water: water[col],
                    };
                    self.err(cell, &error);
                }
            });
        Ok(believed)
    }

    fn err(&self, cell: &mut Believed, by: &Errors) {
        /// What soil maps hold.
        const CLAY: [f32; 2] = [0.01, 0.8];
        const BULK_DENSITY_G_CM3: [f32; 2] = [0.3, 1.9];
        let config = &self.config;
        // `clamp` keeps NaN.
        cell.clay_fraction =
            (cell.clay_fraction + config.clay_fraction_std * by.clay).clamp(CLAY[0], CLAY[1]);
        cell.bulk_density_g_cm3 = (cell.bulk_density_g_cm3
            + config.bulk_density_std_g_cm3 * by.bulk_density)
            .clamp(BULK_DENSITY_G_CM3[0], BULK_DENSITY_G_CM3[1]);
        let greener = (config.vwc_log_std * by.vwc).exp();
        cell.vwc_kg_m2 *= greener;
        cell.tau_slant *= greener;
        cell.temperature_kelvin += config.temperature_std_kelvin * by.temperature;
        let wetter = (config.water_log_std * by.water).exp();
        cell.water_fraction = (cell.water_fraction * wetter).clamp(0.0, 1.0);
    }
}

/// Means over a block of 1 km cells, and over its land for what describes land.
fn mean(ground: &Ground<'_>, [row0, col0]: [usize; 2], factor: usize) -> Believed {
    /// A cell with more open water has no soil to average.
    const MOST_WATER_OF_LAND: f32 = 0.5;
    let layers = ground.layers;
    let (mut land, mut n_land) = ([0.0_f64; 7], 0.0);
    let (mut temperature, mut water) = (0.0_f64, 0.0_f64);
    for row in row0..row0 + factor {
        for col in col0..col0 + factor {
            let at = [row, col];
            temperature += f64::from(ground.temperature_kelvin[at]);
            water += f64::from(layers.water_fraction[at]);
            if layers.water_fraction[at] < MOST_WATER_OF_LAND {
                let table = class_of(layers.land_cover[at]).parameters();
                let vwc = f64::from(ground.vwc_kg_m2[at]);
                let values = [
                    layers.clay_fraction[at].into(),
                    layers.bulk_density_g_cm3[at].into(),
                    vwc,
                    tau_nadir(table.b_m2_kg, vwc),
                    table.roughness_h,
                    table.albedo,
                    table.albedo_dual_channel,
                ];
                for (sum, value) in land.iter_mut().zip(values) {
                    *sum += value;
                }
                n_land += 1.0;
            }
        }
    }
    let n = (factor * factor) as f64;
    // Without land it is 0 / 0.
    let [
        clay,
        bulk_density,
        vwc,
        nadir_opacity,
        roughness,
        albedo,
        albedo_dual,
    ] = land.map(|sum| sum / n_land);
    Believed {
        clay_fraction: clay as f32,
        bulk_density_g_cm3: bulk_density as f32,
        vwc_kg_m2: vwc as f32,
        temperature_kelvin: (temperature / n) as f32,
        water_fraction: (water / n) as f32,
        roughness_h: roughness as f32,
        albedo: albedo as f32,
        albedo_dual_channel: albedo_dual as f32,
        tau_slant: tau_slant_from_nadir(nadir_opacity, SMAP_INCIDENCE_DEG) as f32,
    }
}

/// Standard normal errors of one cell.
struct Errors {
    clay: f32,
    bulk_density: f32,
    vwc: f32,
    temperature: f32,
    water: f32,
}
