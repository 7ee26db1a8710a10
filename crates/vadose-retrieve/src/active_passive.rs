//! Active-passive disaggregation of a coarse brightness temperature, and SCA on what comes out.

mod coarse;

use ndarray::{Array2, ArrayView2, Zip};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use vadose_grid::{EaseGrid2, Window};
use vadose_physics::{Backscatter, Covariation, Polarization};
use vadose_scene::{COARSE_FACTOR, Scene};

use crate::input_errors::check_range;
use crate::map_inverter::{CellTb, MapInverter};
use crate::single_channel::tb_field;
use crate::surface_fields::{At, SurfaceFields, required};
use crate::{Retrieval, RetrievalStatus, RetrieveError, Retriever, SingleChannelConfig};
use coarse::{CoarseTb, FineCell};

/// Whence the covariation of brightness temperature and backscatter in a 9 km cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CovariationSource {
    /// Estimated from the cell's own fine cells and this one pass, as the SMAP/Sentinel-1 product does:
    /// gamma is the slope of VV on VH, within 0 to 10, beta that of [`Covariation::snapshot`] with
    /// [`Covariation::with_usual_slope`].
    #[default]
    Estimated,
    /// The scene's fields `beta_tbv_vv` and `gamma_vv_xpol`, both dimensionless: those of the granule.
    Fields,
}

/// Settings of [`ActivePassiveRetriever`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ActivePassiveConfig {
    /// The inversion of the disaggregated brightness temperature, and the errors of the inputs.
    pub single_channel: SingleChannelConfig,
    /// Whence the covariation.
    pub covariation: CovariationSource,
    /// Share of the 81 cells of a 9 km cell that must have backscatter, 0 to 1. Default 0.33: with fewer
    /// the slope of VV on VH rests on a corner of the cell.
    pub least_sigma0_share: f64,
}

impl Default for ActivePassiveConfig {
    fn default() -> Self {
        Self {
            single_channel: SingleChannelConfig::default(),
            covariation: CovariationSource::default(),
            least_sigma0_share: 0.33,
        }
    }
}

/// The physical method of SPL2SMAP_S: the brightness temperature of each 9 km cell is spread over its
/// 1 km cells by their backscatter, and SCA retrieves each.
///
/// The 9 km brightness temperature is the mean of the field over the cells of the 9 km cell that are land
/// and have backscatter: of a coarse field that is nested to 1 km its value, of a granule's disaggregated
/// field the value that it was made from. The mean of the result over these cells is that value again.
///
/// # Fields
/// Those of [`SingleChannelRetriever`](crate::SingleChannelRetriever), and `sigma0_vv`, `sigma0_vh` (linear
/// power); with [`CovariationSource::Fields`] also `beta_tbv_vv` and `gamma_vv_xpol`.
/// # Result
/// As of [`SingleChannelRetriever`](crate::SingleChannelRetriever). The uncertainty counts what the errors of
/// temperature, vegetation and backscatter do to the disaggregation too, gamma and beta included where they
/// are estimated; not how well the covariation model holds inside a cell.
/// # Missing values
/// A 9 km cell is disaggregated if a share of its cells
/// ([`least_sigma0_share`](ActivePassiveConfig::least_sigma0_share)) has backscatter.
/// # References
/// Das et al. (2019), doi:10.1016/j.rse.2019.111380; Jagdhuber et al. (2019),
/// doi:10.1109/TGRS.2018.2860630. What of it is verified: [`vadose_physics::CoarseCell::disaggregate`].
pub struct ActivePassiveRetriever {
    config: ActivePassiveConfig,
    inverter: MapInverter,
}

/// Disaggregation on one scene.
struct Disaggregated<'a> {
    scene: &'a Scene,
    coarse: Array2<Result<CoarseTb, RetrievalStatus>>,
    tb: ArrayView2<'a, f32>,
    sigma0: [ArrayView2<'a, f32>; 2],
}

impl ActivePassiveRetriever {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`RetrieveError::Physics`]; [`RetrieveError::ConfigOutOfRange`].
    pub fn new(config: ActivePassiveConfig) -> Result<Self, RetrieveError> {
        check_range("least_sigma0_share", config.least_sigma0_share, 0.0, 1.0)?;
        let inverter = MapInverter::new(&config.single_channel)?;
        Ok(Self { config, inverter })
    }

    fn name(&self) -> &'static str {
        match self.config.single_channel.polarization {
            Polarization::H => "active-passive, SCA-H",
            Polarization::V => "active-passive, SCA-V",
        }
    }

    /// The brightness temperature at 1 km that is inverted.
    ///
    /// # Shapes and units
    /// `[row, col]` of the scene's window (on M01), K.
    /// # Missing values
    /// NaN where the cell, or its 9 km cell, cannot be disaggregated.
    /// # Errors
    /// As [`Retriever::retrieve`].
    pub fn disaggregate(&self, scene: &Scene) -> Result<Array2<f32>, RetrieveError> {
        let fields = SurfaceFields::of(scene, &self.config.single_channel, self.name())?;
        let disaggregated = self.disaggregated(scene, &fields)?;
        let mut tb = Array2::from_elem(scene.window().shape(), f32::NAN);
        Zip::indexed(&mut tb).par_for_each(|at, tb| {
            if let Ok(found) = disaggregated.tb(at) {
                *tb = found.kelvin as f32;
            }
        });
        Ok(tb)
    }

    fn disaggregated<'a>(
        &self,
        scene: &'a Scene,
        fields: &SurfaceFields<'_>,
    ) -> Result<Disaggregated<'a>, RetrieveError> {
        let field = |name, hint| required(scene, self.name(), name, hint);
        let tb_field = tb_field(self.config.single_channel.polarization);
        let tb = field(tb_field, "brightness temperature, K")?;
        let sigma0 = [
            field("sigma0_vv", "linear power")?,
            field("sigma0_vh", "linear power")?,
        ];
        let given = match self.config.covariation {
            CovariationSource::Estimated => None,
            CovariationSource::Fields => Some([
                field("beta_tbv_vv", "of the granule")?,
                field("gamma_vv_xpol", "of the granule")?,
            ]),
        };
        let coarse_window = coarse_window(scene)?;
        let least = self.config.least_sigma0_share * (COARSE_FACTOR * COARSE_FACTOR) as f64;
        let shape = coarse_window.shape();
        let coarse = (0..shape.0 * shape.1).into_par_iter().map(|idx| {
            let coarse_cell = [
                coarse_window.row0() + idx / shape.1,
                coarse_window.col0() + idx % shape.1,
            ];
            let mut cells = Vec::with_capacity(COARSE_FACTOR * COARSE_FACTOR);
            let mut has_tb = false;
            for at in nested(scene, coarse_cell) {
                has_tb |= tb[at].is_finite();
                let backscatter = backscatter_at(&sigma0, at);
                if tb[at].is_finite() && backscatter.is_positive() && fields.is_land(at) {
                    cells.push(FineCell {
                        tb_kelvin: f64::from(tb[at]),
                        backscatter,
                        state: fields.state(at),
                        covariation: given.as_ref().map(|[beta, gamma]| Covariation {
                            beta: f64::from(beta[at]),
                            gamma: f64::from(gamma[at]),
                        }),
                    });
                }
            }
            if !has_tb {
                Err(RetrievalStatus::NoBrightnessTemperature)
            } else if cells.is_empty() || (cells.len() as f64) < least {
                Err(RetrievalStatus::NoBackscatter)
            } else {
                CoarseTb::of(&cells, self.inverter.errors().sigma0_share)
            }
        });
        let coarse = Array2::from_shape_vec(shape, coarse.collect())
            .expect("one entry for each coarse cell");
        Ok(Disaggregated {
            scene,
            coarse,
            tb,
            sigma0,
        })
    }
}

impl Disaggregated<'_> {
    fn tb(&self, at: At) -> Result<CellTb, RetrievalStatus> {
        let window = self.scene.window();
        let coarse = |first: usize, position: usize| {
            (first + position) / COARSE_FACTOR - first / COARSE_FACTOR
        };
        let parent = [coarse(window.row0(), at.0), coarse(window.col0(), at.1)];
        let parent = self.coarse[parent].as_ref().map_err(|&reason| reason)?;
        if !self.tb[at].is_finite() {
            return Err(RetrievalStatus::NoBrightnessTemperature);
        }
        let backscatter = backscatter_at(&self.sigma0, at);
        if !backscatter.is_positive() {
            return Err(RetrievalStatus::NoBackscatter);
        }
        Ok(parent.fine(backscatter))
    }
}

/// The 9 km cells that the scene touches.
fn coarse_window(scene: &Scene) -> Result<Window, RetrieveError> {
    let window = scene.window();
    let nests = window.grid().nesting_factor(EaseGrid2::M09) == Some(COARSE_FACTOR);
    window
        .coarsened(EaseGrid2::M09)
        .ok()
        .filter(|_| nests)
        .ok_or_else(|| RetrieveError::WrongGrid {
            got: window.grid(),
            scene: scene.id().to_owned(),
        })
}

/// Positions in the scene's arrays of the cells of a coarse cell.
fn nested(scene: &Scene, coarse_cell: [usize; 2]) -> impl Iterator<Item = At> {
    let window = scene.window();
    let along = |coarse: usize, first: usize, n: usize| {
        let from = (coarse * COARSE_FACTOR).max(first) - first;
        let to = ((coarse + 1) * COARSE_FACTOR).min(first + n) - first;
        from..to
    };
    let rows = along(coarse_cell[0], window.row0(), window.rows());
    let cols = along(coarse_cell[1], window.col0(), window.cols());
    rows.flat_map(move |row| cols.clone().map(move |col| (row, col)))
}

fn backscatter_at(sigma0: &[ArrayView2<'_, f32>; 2], at: At) -> Backscatter {
    Backscatter {
        copolarized: f64::from(sigma0[0][at]),
        cross_polarized: f64::from(sigma0[1][at]),
    }
}

impl Retriever for ActivePassiveRetriever {
    fn method(&self) -> String {
        self.name().to_owned()
    }

    fn retrieve_with_progress(
        &self,
        scene: &Scene,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Retrieval, RetrieveError> {
        let fields = SurfaceFields::of(scene, &self.config.single_channel, self.name())?;
        let disaggregated = self.disaggregated(scene, &fields)?;
        progress(1, 2);
        let retrieval = self
            .inverter
            .invert(self.method(), &fields, |at| disaggregated.tb(at))?;
        progress(2, 2);
        Ok(retrieval)
    }
}

#[cfg(test)]
mod tests;
