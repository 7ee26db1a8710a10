//! Does a 1 km map add anything to a 9 km one? Four answers, from scenes that hold the truth.
//!
//! Variance and error by wavelength; structure functions; correlation inside the cells of the coarse field, from
//! which their means are taken; and the mean square error against that of the coarse field interpolated. A fifth
//! needs no truth: whether the map, averaged, agrees with the coarse field.

mod spectrum;
mod structure;
mod sums;
mod within;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use vadose_metrics::{Bootstrap, Centre, Clusters, Interval, MetricError, centre_interval};
use vadose_scene::{SceneSource, seed};

use self::spectrum::BAND_EDGES;
use self::structure::LAGS;
use self::sums::{MethodSums, Reference};
use super::method::Method;
use crate::StudyError;

/// How scales are compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScaleConfig {
    /// Every how many-th scene of the source is taken, 1 by default.
    pub every: usize,
    /// Share of a scene's cells that a spectrum needs, 0 to 1. Missing cells leak into short waves.
    pub min_valid_fraction: f64,
    /// Resamples of the intervals.
    pub resamples: usize,
}

impl Default for ScaleConfig {
    fn default() -> Self {
        Self {
            every: 1,
            min_valid_fraction: 0.8,
            resamples: 1000,
        }
    }
}

/// Every method by scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScaleReport {
    /// Scenes that were taken.
    pub scenes: usize,
    /// Windows that they lie on; what intervals resample.
    pub windows: usize,
    /// The methods, in their order.
    pub methods: Vec<MethodScale>,
}

/// One method by scale. Figures are means over windows, of each window's days together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MethodScale {
    /// The method.
    pub method: String,
    /// Scenes with enough values for a spectrum.
    pub spectrum_scenes: usize,
    /// Variance by wavelength, short waves first; empty without truth.
    pub bands: Vec<Band>,
    /// Squared differences by distance; empty without truth.
    pub structure: Vec<StructurePoint>,
    /// Correlation of the deviations from the means of 9 km cells: of each day first, then the mean over the
    /// days of a window. `None` for a map without detail.
    pub r_inside_coarse_cells: Option<Mean>,
    /// Standard deviation of the estimate inside 9 km cells over that of the truth.
    pub detail_ratio: Option<f64>,
    /// `1 - MSE / MSE of the interpolated coarse field`, on the same cells; above 0 the map is better.
    pub gain_over_bilinear: Option<Mean>,
    /// The same after each day's map has lost its mean error: of the pattern alone.
    pub pattern_gain_over_bilinear: Option<Mean>,
    /// The map averaged by D, against the coarse field.
    pub consistency: Option<Consistency>,
}

/// Variance of one band of wavelengths, (m3 m-3)².
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// Shortest wavelength, km; 0 for the first band.
    pub from_km: f64,
    /// Where the next band begins, km; `None` for the last.
    pub until_km: Option<f64>,
    /// Of the estimate.
    pub estimate_variance: f64,
    /// Of the truth.
    pub truth_variance: f64,
    /// Of estimate minus truth.
    pub error_variance: f64,
    /// Interval of the latter over windows.
    pub error_interval: Option<Interval>,
    /// Correlation of estimate and truth in the band; `None` where one has no variance.
    pub r: Option<f64>,
}

/// Mean squared difference of cells so far apart, (m3 m-3)².
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StructurePoint {
    /// Distance along rows and columns, km.
    pub distance_km: usize,
    /// Of the estimate.
    pub estimate: f64,
    /// Of the truth, at the cells where the estimate has a value.
    pub truth: f64,
    /// Of estimate minus truth.
    pub error: f64,
}

/// A mean over windows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    /// Windows that have a value.
    pub windows: usize,
    /// The mean.
    pub value: f64,
    /// Its interval, from resampled windows; `None` below two.
    pub interval: Option<Interval>,
}

/// How a 1 km map, averaged to 9 km by the operator D, agrees with the coarse field.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Consistency {
    /// 9 km cells and days.
    pub n: usize,
    /// Mean of average minus coarse field, m3 m-3.
    pub bias: f64,
    /// Root-mean-square difference, m3 m-3.
    pub rmsd: f64,
    /// Correlation over the cells of each day's map, averaged over maps.
    pub r: Option<f64>,
}

impl ScaleReport {
    /// Compares whole maps of every method, scene by scene.
    ///
    /// Methods without a value at a cell are judged on the others; so a product with gaps is judged where it
    /// has values, and the number of scenes beside its spectrum says how often that was enough.
    ///
    /// # Errors
    /// [`StudyError::Scene`] for a scene that cannot be loaded; those of the methods and of D.
    pub fn of(
        source: &dyn SceneSource,
        methods: &[&dyn Method],
        config: &ScaleConfig,
        seed: u64,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, StudyError> {
        let taken: Vec<usize> = (0..source.len()).step_by(config.every.max(1)).collect();
        let mut sums = vec![MethodSums::default(); methods.len()];
        let mut windows = std::collections::BTreeSet::new();
        for (done, &index) in taken.iter().enumerate() {
            progress(done, taken.len());
            let scene = source.scene(index)?;
            let reference = Reference::of(&scene);
            windows.insert(reference.window_key());
            let of_scene = methods
                .par_iter()
                .map(|method| reference.compare(method.estimate(&scene)?.values, config))
                .collect::<Result<Vec<_>, StudyError>>()?;
            for (sums, of_scene) in sums.iter_mut().zip(of_scene) {
                sums.add(reference.window_key(), of_scene);
            }
        }
        progress(taken.len(), taken.len());
        let bootstrap = Bootstrap {
            resamples: config.resamples,
            ..Bootstrap::new(seed::derive(seed, "scale"))
        };
        let scales = methods
            .iter()
            .zip(&sums)
            .map(|(method, sums)| sums.summarise(method.name(), &bootstrap));
        Ok(Self {
            scenes: taken.len(),
            windows: windows.len(),
            methods: scales.collect::<Result<_, _>>()?,
        })
    }
}

/// The mean of the windows' values, with its interval.
fn mean_over_windows(
    values: impl Iterator<Item = f64>,
    bootstrap: &Bootstrap,
) -> Result<Option<Mean>, StudyError> {
    let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    if values.is_empty() {
        return Ok(None);
    }
    let value = values.iter().sum::<f64>() / values.len() as f64;
    let interval = match centre_interval(&values, Clusters::Stations, Centre::Mean, bootstrap) {
        Ok(centre) => Some(centre.interval),
        Err(MetricError::TooFewClusters { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(Some(Mean {
        windows: values.len(),
        value,
        interval,
    }))
}

/// The wavelengths of a band, km.
fn band_limits(band: usize) -> (f64, Option<f64>) {
    let from = band.checked_sub(1).map_or(0.0, |below| BAND_EDGES[below]);
    (from, BAND_EDGES.get(band).copied())
}

/// Distances of the structure functions, km.
fn distances() -> impl Iterator<Item = (usize, usize)> {
    LAGS.iter().copied().enumerate()
}
