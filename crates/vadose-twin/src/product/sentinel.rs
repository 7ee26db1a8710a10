//! SPL2SMAP_S: the fields of one Sentinel-1 scene with the SMAP pass of its day, at 1 and 3 km.

use ndarray::parallel::prelude::*;
use ndarray::{Array2, Array3};
use vadose_grid::{EaseGrid2, Window};
use vadose_io::flags::{
    DisaggregatedTbFlag, NOTHING_TRIED_DISAGGREGATION, NOTHING_TRIED_RETRIEVAL,
    NOTHING_TRIED_SURFACE, SentinelRetrievalFlag as Quality, SentinelSurfaceFlag as Flag,
};
use vadose_io::j2000_seconds_of_timestamp;
use vadose_physics::{
    ActivePassiveForm, Backscatter, CellStatus, CoarseCell, Covariation, FREEZING_KELVIN,
    IgbpClass, Inversion, Polarization, SingleChannelCell, copolarized_by_cross_polarized,
};

use super::ancillary::Believed;
use super::terrain::{class_shares, commonest, relief_m};
use super::{Processor, ProductMaps};
use crate::error::TwinError;
use crate::ground::{Ground, block_mean};
use crate::orbit::{Scene, SmapPass, day_of};
use crate::radar::Sigma0Maps;

/// Backscatter of land lies between these; what lies outside is called anomalous, linear power.
const USUAL_VV: std::ops::RangeInclusive<f32> = 0.005..=0.8;

/// Largest `gamma_vv_xpol` that the product's schema allows.
const MOST_GAMMA: f64 = 10.0;

/// The two groups of a granule.
#[derive(Debug, Clone, PartialEq)]
pub struct SentinelProduct {
    /// Group at 1 km, on M01.
    pub km1: ProductMaps,
    /// Group at 3 km, on M03.
    pub km3: ProductMaps,
}

/// What the 9 km cells of the scene contribute.
#[derive(Debug, Clone, Copy)]
struct Coarse {
    cell: CoarseCell,
    seconds: f64,
}

/// One group's inputs, `[row, col]` of its window.
struct Fine<'a> {
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
    /// The SPL2SMAP_S fields of a scene: sigma0, the brightness temperature of the pass
    /// disaggregated with it, and SCA-V on that, at 1 km and at 3 km.
    ///
    /// Covariation parameters come from the pass alone, as in NASA's product: gamma is the slope of
    /// VV on VH among the fine cells, beta follows from [`Covariation::snapshot`]; a beta above -1
    /// becomes -1, one below -10 becomes -3. sigma0 is averaged as power.
    ///
    /// # Shapes and units
    /// `ground` at the time of the pass, `coarse` from [`Processor::radiometer_product`] of `pass`,
    /// `sigma0` on the scene's window. Result: in the units of the product; `beta_tbv_vv` is
    /// dimensionless.
    /// # Missing values
    /// Cells without sigma0, outside SMAP's swath, or in 9 km cells with too few of them are NaN
    /// with the flag words for 'nothing tried'. `None` if the pass sees no 9 km cell with a
    /// disaggregation: no granule is made.
    /// # Errors
    /// [`TwinError::Window`], [`TwinError::Shape`] if the arguments do not fit together.
    pub fn sentinel_product(
        &self,
        ground: &Ground<'_>,
        scene: &Scene,
        sigma0: &Sigma0Maps,
        pass: &SmapPass,
        coarse: &ProductMaps,
    ) -> Result<Option<SentinelProduct>, TwinError> {
        ground.coarse_window()?;
        for (field, maps) in [("vv", &sigma0.vv), ("vh", &sigma0.vh)] {
            if maps.dim() != scene.window.shape() {
                return Err(TwinError::Shape {
                    field,
                    expected: scene.window.shape(),
                    got: maps.dim(),
                });
            }
        }
        let parameters = self.coarse_parameters(scene, sigma0, pass, coarse)?;
        if parameters.iter().all(Option::is_none) {
            return Ok(None);
        }
        let km3 = Sigma0Maps {
            vv: mean_of_nine(&sigma0.vv),
            vh: mean_of_nine(&sigma0.vh),
            incidence_deg: mean_of_nine(&sigma0.incidence_deg),
        };
        let hours = {
            let smap_s = j2000_seconds_of_timestamp(pass.mean_time());
            (smap_s - j2000_seconds_of_timestamp(scene.start)).abs() / 3600.0
        };
        let day = day_of(pass.start) as f32;
        let [km1, km3]: [Result<_, TwinError>; 2] =
            [(EaseGrid2::M01, sigma0), (EaseGrid2::M03, &km3)].map(|(grid, sigma0)| {
                let fine = self.fine(ground, scene, grid, sigma0, day)?;
                Ok(self.group(&fine, &parameters, hours as f32))
            });
        Ok(Some(SentinelProduct {
            km1: km1?,
            km3: km3?,
        }))
    }

    /// Temperature and covariation of the scene's 9 km cells; none where nothing can be done.
    fn coarse_parameters(
        &self,
        scene: &Scene,
        sigma0: &Sigma0Maps,
        pass: &SmapPass,
        coarse: &ProductMaps,
    ) -> Result<Array2<Option<Coarse>>, TwinError> {
        let outer = &coarse.window;
        let inner = crate::orbit::whole_coarse_cells(&scene.window)?;
        if *outer != pass.window || outer.intersection(&inner) != Some(inner) {
            return Err(TwinError::Window { window: inner });
        }
        let field = |name: &str| {
            coarse
                .quantities
                .get(name)
                .ok_or(TwinError::Window { window: *outer })
        };
        let tb_v = field("tb_v_corrected")?;
        let temperature = field("surface_temperature")?;
        let albedo = field("albedo")?;
        let tau = field("vegetation_opacity_option2")?;
        let water = field("surface_water_fraction_mb_v")?;
        let begin_s = j2000_seconds_of_timestamp(pass.start);
        let (row0, col0) = (inner.row0() - outer.row0(), inner.col0() - outer.col0());

        Ok(Array2::from_shape_fn(inner.shape(), |(row, col)| {
            let at = [row0 + row, col0 + col];
            let fine = backscatter_of_block(sigma0, row, col, 9);
            let valid: Vec<Backscatter> = fine
                .into_iter()
                .filter(|cell| cell.copolarized > 0.0 && cell.cross_polarized > 0.0)
                .collect();
            let enough = valid.len() as f32 >= self.limits.least_sigma0 * 81.0;
            if !enough || water[at] > self.limits.most_water || !pass.seconds[at].is_finite() {
                return None;
            }
            let n = valid.len() as f64;
            let mean = Backscatter {
                copolarized: valid.iter().map(|cell| cell.copolarized).sum::<f64>() / n,
                cross_polarized: valid.iter().map(|cell| cell.cross_polarized).sum::<f64>() / n,
            };
            let temperature_kelvin = f64::from(temperature[at]);
            let gamma = copolarized_by_cross_polarized(&valid)?.clamp(0.0, MOST_GAMMA);
            let found = Covariation::snapshot(
                tb_v[at].into(),
                temperature_kelvin,
                albedo[at].into(),
                tau[at].into(),
                mean,
                gamma,
            )?;
            Some(Coarse {
                cell: CoarseCell {
                    tb_kelvin: tb_v[at].into(),
                    form: ActivePassiveForm::Emissivity { temperature_kelvin },
                    covariation: Covariation {
                        beta: usual_beta(found.beta),
                        gamma,
                    },
                },
                seconds: begin_s + f64::from(pass.seconds[at]),
            })
        }))
    }

    fn fine<'a>(
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
        let believed = self.ancillary.believed(ground, &window, day)?;
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
            classes: commonest(&class_shares(ground, origin, window.shape(), factor), 1).0,
        })
    }

    /// Disaggregation and retrieval of one group.
    fn group(&self, fine: &Fine<'_>, coarse: &Array2<Option<Coarse>>, hours: f32) -> ProductMaps {
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

/// NASA's rule for slopes outside the usual range, as a real granule of release R17000 shows it.
fn usual_beta(beta: f64) -> f64 {
    const STEEPEST: f64 = -10.0;
    const INSTEAD_OF_STEEPER: f64 = -3.0;
    const FLATTEST: f64 = -1.0;
    if beta < STEEPEST {
        INSTEAD_OF_STEEPER
    } else {
        beta.min(FLATTEST)
    }
}

/// The fine cells of a 9 km cell, row by row.
fn backscatter_of_block(sigma0: &Sigma0Maps, row: usize, col: usize, n: usize) -> Vec<Backscatter> {
    (0..n * n)
        .map(|idx| [row * n + idx / n, col * n + idx % n])
        .map(|at| Backscatter {
            copolarized: sigma0.vv[at].into(),
            cross_polarized: sigma0.vh[at].into(),
        })
        .collect()
}

/// Means of 3 x 3 cells, of at least five with a value.
fn mean_of_nine(fine: &Array2<f32>) -> Array2<f32> {
    const LEAST: f32 = 5.0 / 9.0;
    let shape = (fine.nrows() / 3, fine.ncols() / 3);
    let mut mean = block_mean(shape, 3, |row, col| fine[[row, col]]);
    let share = block_mean(shape, 3, |row, col| f32::from(fine[[row, col]].is_finite()));
    mean.zip_mut_with(&share, |mean, share| {
        if *share < LEAST - f32::EPSILON {
            *mean = f32::NAN;
        }
    });
    mean
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
