//! SPL2SMAP_S: the fields of one Sentinel-1 scene with the SMAP pass of its day, at 1 and 3 km.

use ndarray::Array2;
use vadose_grid::EaseGrid2;
use vadose_io::j2000_seconds_of_timestamp;
use vadose_physics::{
    ActivePassiveForm, Backscatter, CoarseCell, Covariation, copolarized_by_cross_polarized,
};

use super::fine::backscatter_of_block;
use super::{Processor, ProductMaps};
use crate::error::TwinError;
use crate::ground::{Ground, block_mean};
use crate::orbit::{Scene, SmapPass, day_of};
use crate::radar::Sigma0Maps;

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
pub(super) struct Coarse {
    pub(super) cell: CoarseCell,
    /// Time of the pass, seconds since J2000.
    pub(super) seconds: f64,
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
        let field = |name: &'static str| {
            let missing = TwinError::MissingField { field: name };
            coarse.quantities.get(name).ok_or(missing)
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
                    covariation: found.with_usual_slope(),
                },
                seconds: begin_s + f64::from(pass.seconds[at]),
            })
        }))
    }
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
