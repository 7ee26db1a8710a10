//! One resolution of SPL2SMAP_S: disaggregation, retrieval, flags.

use ndarray::parallel::prelude::*;
use ndarray::{Array2, Array3};
use vadose_grid::{EaseGrid2, Window};
use vadose_io::flags::{
    DisaggregatedTbFlag, NOTHING_TRIED_DISAGGREGATION, NOTHING_TRIED_RETRIEVAL,
    NOTHING_TRIED_SURFACE, SentinelRetrievalFlag as Quality, SentinelSurfaceFlag as Flag,
};
use vadose_physics::{
    Backscatter, CellStatus, Covariation, FREEZING_KELVIN, IgbpClass, Inversion, Polarization,
    SingleChannelCell,
};

use super::ancillary::Believed;
use super::sentinel::Coarse;
use super::terrain::{land_cover, relief_m};
use super::{Processor, ProductMaps};
use crate::error::TwinError;
use crate::ground::{Ground, block_mean};
use crate::orbit::Scene;
use crate::radar::Sigma0Maps;

/// Backscatter of land lies between these; what lies outside is called anomalous, linear power.
const USUAL_VV: std::ops::RangeInclusive<f32> = 0.005..=0.8;

/// One group's inputs, `[row, col]` of its window.
pub(super) struct Fine<'a> {
    window: Window,
    /// Cells along the edge of a 9 km cell, and 1 km cells along the edge of one.
    per_coarse: usize,
    factor: usize,
    sigma0: &'a Sigma0Maps,
    believed: Array2<Believed>,
    relief: Array2<f32>,
    rain: Array2<f32>,
    classes: Array3<u8>,
}

impl Processor {
    /// Gathers the inputs of the group on a grid.
    pub(super) fn fine<'a>(
        &self,
        ground: &Ground<'_>,
        scene: &Scene,
        grid: EaseGrid2,
        sigma0: &'a Sigma0Maps,
        day: f32,
    ) -> Result<Fine<'a>, TwinError> {
        let window = scene.window.coarsened(grid).map_err(TwinError::Place)?;
        let factor = scene.window.rows() / window.rows();
        let (outer, inner) = (ground.window(), &scene.window);
        // `believed` has checked that the scene lies in the ground's window.
        let believed = self.ancillary.believed(ground, &window, day, |_, _| true)?;
        let origin = [inner.row0() - outer.row0(), inner.col0() - outer.col0()];
        let coarse_shape = (inner.rows() / 9, inner.cols() / 9);
        Ok(Fine {
            window,
            per_coarse: 9 / factor,
            factor,
            sigma0,
            believed,
            relief: relief_m(ground, origin, coarse_shape, 9),
            rain: block_mean(window.shape(), factor, |row, col| {
                ground.recent_rain_mm[[origin[0] + row, origin[1] + col]]
            }),
            classes: land_cover(ground, origin, window.shape(), factor, 1).classes,
        })
    }

    /// Disaggregation and retrieval of one group.
    pub(super) fn group(
        &self,
        fine: &Fine<'_>,
        coarse: &Array2<Option<Coarse>>,
        hours: f32,
    ) -> ProductMaps {
        let shape = fine.window.shape();
        let mut tb = Array2::from_elem(shape, f32::NAN);
        for ((row, col), parameters) in coarse.indexed_iter() {
            let Some(parameters) = parameters else {
                continue;
            };
            let n = fine.per_coarse;
            let disaggregated =
                parameters
                    .cell
                    .disaggregate(&backscatter_of_block(fine.sigma0, row, col, n));
            for (idx, kelvin) in disaggregated.into_iter().enumerate() {
                tb[[row * n + idx / n, col * n + idx % n]] = kelvin as f32;
            }
        }
        let mut found = Array2::from_elem(shape, None);
        found
            .outer_iter_mut()
            .into_par_iter()
            .enumerate()
            .for_each(|(row, mut cells)| {
                for (col, cell) in cells.iter_mut().enumerate() {
                    *cell = self.retrieve_fine(fine, &tb, row, col);
                }
            });
        self.maps(fine, coarse, &tb, &found, hours)
    }

    fn retrieve_fine(
        &self,
        fine: &Fine<'_>,
        tb: &Array2<f32>,
        row: usize,
        col: usize,
    ) -> Option<Inversion> {
        let believed = &fine.believed[[row, col]];
        let land = believed.water_fraction <= self.limits.most_water;
        if !land || !tb[[row, col]].is_finite() {
            return None;
        }
        Some(self.inverter.invert_single_channel(
            Polarization::V,
            &SingleChannelCell {
                tb_kelvin: tb[[row, col]].into(),
                surface: believed.surface(),
                bulk_density_g_cm3: believed.bulk_density_g_cm3.into(),
                land_cover: IgbpClass::try_from(fine.classes[[row, col, 0]]).ok(),
            },
        ))
    }

    fn maps(
        &self,
        fine: &Fine<'_>,
        coarse: &Array2<Option<Coarse>>,
        tb: &Array2<f32>,
        found: &Array2<Option<Inversion>>,
        hours: f32,
    ) -> ProductMaps {
        let shape = fine.window.shape();
        let n = fine.per_coarse;
        let parameters = |(row, col): (usize, usize)| coarse[[row / n, col / n]].as_ref();
        let mut maps = ProductMaps::new(fine.window);
        let mut put = |name: &'static str, value: &dyn Fn((usize, usize)) -> f32| {
            maps.quantities
                .insert(name, Array2::from_shape_fn(shape, value));
        };
        put("sigma0_vv_aggregated", &|at| fine.sigma0.vv[at]);
        put("sigma0_vh_aggregated", &|at| fine.sigma0.vh[at]);
        put("sigma0_incidence_angle", &|at| {
            fine.sigma0.incidence_deg[at]
        });
        put("tb_v_disaggregated", &|at| tb[at]);
        put("soil_moisture", &|at| {
            found[at].map_or(f32::NAN, |found| found.soil_moisture_m3m3 as f32)
        });
        let covariation = |at, pick: fn(&Covariation) -> f64| {
            parameters(at).map_or(f32::NAN, |c| pick(&c.cell.covariation) as f32)
        };
        put("beta_tbv_vv", &|at| covariation(at, |c| c.beta));
        put("gamma_vv_xpol", &|at| covariation(at, |c| c.gamma));
        put("surface_temperature", &|at| {
            fine.believed[at].temperature_kelvin
        });
        put("vegetation_water_content", &|at| {
            fine.believed[at].vwc_kg_m2
        });
        put("vegetation_opacity", &|at| fine.believed[at].tau_slant);
        put("albedo", &|at| fine.believed[at].albedo);
        put("bare_soil_roughness_retrieved", &|at| {
            fine.believed[at].roughness_h
        });
        put("water_body_fraction", &|at| {
            fine.believed[at].water_fraction
        });
        put("SMAP_Sentinel_overpass_timediff_hr", &|_| hours);
        let time =
            Array2::from_shape_fn(shape, |at| parameters(at).map_or(f64::NAN, |c| c.seconds));
        maps.times.insert("spacecraft_overpass_time_seconds", time);

        let surface = Array2::from_shape_fn(shape, |at| self.surface_flag(fine, at));
        let quality = Array2::from_shape_fn(shape, |at| match &found[at] {
            Some(found) => quality_of(found.status, surface[at]),
            None => NOTHING_TRIED_RETRIEVAL,
        });
        let disaggregation = tb.mapv(|kelvin| {
            /// Brightness temperatures of land.
            const USUAL_KELVIN: std::ops::RangeInclusive<f32> = 180.0..=320.0;
            if !kelvin.is_finite() {
                NOTHING_TRIED_DISAGGREGATION
            } else if USUAL_KELVIN.contains(&kelvin) {
                0
            } else {
                DisaggregatedTbFlag::PoorTb.mask()
            }
        });
        maps.flags.insert("surface_flag", surface);
        maps.flags.insert("retrieval_qual_flag", quality);
        maps.flags
            .insert("disaggregated_tb_v_qual_flag", disaggregation);
        maps.classes.insert("landcover_class", fine.classes.clone());
        maps
    }

    fn surface_flag(&self, fine: &Fine<'_>, at: (usize, usize)) -> u16 {
        let vv = fine.sigma0.vv[at];
        if !vv.is_finite() {
            return NOTHING_TRIED_SURFACE;
        }
        let (cell, limits) = (&fine.believed[at], &self.limits);
        let frozen = f64::from(cell.temperature_kelvin) < FREEZING_KELVIN;
        let n = fine.per_coarse;
        let urban = fine.classes[[at.0, at.1, 0]] == IgbpClass::Urban.code();
        [
            (
                Flag::StaticWater,
                cell.water_fraction > limits.flagged_water,
            ),
            (Flag::Urban, urban),
            (Flag::Precipitation, fine.rain[at] > limits.flagged_rain_mm),
            (Flag::ModelFrozenGround, frozen),
            (
                Flag::Mountainous,
                fine.relief[[at.0 / n, at.1 / n]] > limits.flagged_relief_m,
            ),
            (
                Flag::DenseVegetation,
                cell.vwc_kg_m2 > limits.flagged_vwc_kg_m2,
            ),
            (
                Flag::SceneEdge,
                near_edge(&fine.sigma0.incidence_deg, at, fine.factor),
            ),
            (Flag::AnomalousSigma0, !USUAL_VV.contains(&vv)),
        ]
        .into_iter()
        .filter(|(_, holds)| *holds)
        .fold(0, |word, (bit, _)| word | bit.mask())
    }
}

/// The fine cells of a 9 km cell, row by row.
pub(super) fn backscatter_of_block(
    sigma0: &Sigma0Maps,
    row: usize,
    col: usize,
    n: usize,
) -> Vec<Backscatter> {
    (0..n * n)
        .map(|idx| [row * n + idx / n, col * n + idx % n])
        .map(|at| Backscatter {
            copolarized: sigma0.vv[at].into(),
            cross_polarized: sigma0.vh[at].into(),
        })
        .collect()
}

/// Whether the scene ends within three kilometres along a row or column.
fn near_edge(incidence_deg: &Array2<f32>, (row, col): (usize, usize), factor: usize) -> bool {
    let reach = (3 / factor) as isize;
    [(-reach, 0), (reach, 0), (0, -reach), (0, reach)]
        .into_iter()
        .any(|(down, right)| {
            let neighbour = row
                .checked_add_signed(down)
                .zip(col.checked_add_signed(right))
                .and_then(|at| incidence_deg.get(at));
            neighbour.is_none_or(|angle| angle.is_nan())
        })
}

fn quality_of(status: CellStatus, surface_flag: u16) -> u16 {
    let mut word = 0;
    if surface_flag != 0 {
        word |= Quality::NotRecommended.mask();
    }
    match status {
        CellStatus::Ok | CellStatus::WithinNoise => {}
        CellStatus::TooCold => {
            word |= Quality::NotRecommended.mask() | Quality::AboveUpperThreshold.mask();
        }
        CellStatus::TooWarm => {
            word |= Quality::NotRecommended.mask() | Quality::PoorDisaggregatedTb.mask();
        }
        _ => return NOTHING_TRIED_RETRIEVAL,
    }
    word
}
