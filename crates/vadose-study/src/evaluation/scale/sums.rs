//! What is added up over the scenes of each window, and what it comes to.

use std::collections::BTreeMap;

use ndarray::{Array2, Zip};
use vadose_grid::Window;
use vadose_metrics::Bootstrap;
use vadose_retrieve::{RetrieveError, coarse_average};
use vadose_scene::{CoarseTarget, Scene};

use super::spectrum::{BandSums, N_BANDS, band_sums};
use super::structure::{LAGS, squared_differences};
use super::within::{Moments, add_deviations, coarse_pairs, within_coarse_cells};
use super::{
    Band, Consistency, Mean, MethodScale, ScaleConfig, StructurePoint, band_limits, distances,
    mean_over_windows,
};
use crate::StudyError;
use crate::evaluation::TRUTH_FIELD;
use crate::evaluation::method::CoarseMethod;

/// Position and size of a window.
type WindowKey = [usize; 4];

/// What the maps of a scene are held against.
pub(super) struct Reference<'a> {
    window: Window,
    /// Where a prediction is wanted, else NaN.
    truth: Option<Array2<f32>>,
    bilinear: Option<Array2<f32>>,
    coarse: Option<&'a CoarseTarget>,
    predictable: &'a Array2<bool>,
}

/// Sums of squared differences by lag: of estimate, truth and error, and the number of pairs.
type Structure = [([f64; 3], usize); LAGS.len()];

/// One map against its reference.
#[derive(Debug, Clone, Default)]
pub(super) struct SceneScale {
    bands: Option<[BandSums; N_BANDS]>,
    structure: Option<Structure>,
    within: Moments,
    /// Squared errors of the map and of the bilinear field at the cells that both have, and the same without
    /// each one's mean.
    squares: Option<[f64; 4]>,
    coarse: Vec<(f64, f64)>,
}

impl<'a> Reference<'a> {
    pub(super) fn of(scene: &'a Scene) -> Self {
        let masked = |mut map: Array2<f32>| {
            mask(&mut map, scene.predictable());
            map
        };
        Self {
            window: *scene.window(),
            truth: scene
                .field(TRUTH_FIELD)
                .map(|field| masked(field.to_owned())),
            bilinear: CoarseMethod::Bilinear.on(scene),
            coarse: scene.coarse_target(),
            predictable: scene.predictable(),
        }
    }

    pub(super) fn window_key(&self) -> WindowKey {
        let window = &self.window;
        [window.row0(), window.col0(), window.rows(), window.cols()]
    }

    pub(super) fn compare(
        &self,
        mut estimate: Array2<f32>,
        config: &ScaleConfig,
    ) -> Result<SceneScale, StudyError> {
        mask(&mut estimate, self.predictable);
        let coarse = match (self.coarse, coarse_average(&self.window, estimate.view())) {
            (Some(target), Ok(average)) => coarse_pairs(&average, target),
            (None, _) | (_, Err(RetrieveError::NoCoarseCell { .. })) => Vec::new(),
            (_, Err(error)) => return Err(error.into()),
        };
        let Some(truth) = &self.truth else {
            return Ok(SceneScale {
                coarse,
                ..SceneScale::default()
            });
        };
        // Both on the cells that both have.
        let mut truth = truth.clone();
        Zip::from(&mut truth)
            .and(&mut estimate)
            .for_each(|truth, value| {
                if !(truth.is_finite() && value.is_finite()) {
                    (*truth, *value) = (f32::NAN, f32::NAN);
                }
            });
        let error = &estimate - &truth;
        let structure = LAGS.map(|lag| {
            let of = |field: &Array2<f32>| squared_differences(field.view(), lag);
            let (error, n) = of(&error);
            ([of(&estimate).0, of(&truth).0, error], n)
        });
        let squares = |bilinear| squares(&error, bilinear, &truth);
        Ok(SceneScale {
            bands: band_sums(estimate.view(), truth.view(), config.min_valid_fraction),
            structure: Some(structure),
            within: within_coarse_cells(&self.window, estimate.view(), truth.view()),
            squares: self.bilinear.as_ref().and_then(squares),
            coarse,
        })
    }
}

/// NaN where no prediction is wanted.
fn mask(map: &mut Array2<f32>, predictable: &Array2<bool>) {
    Zip::from(map).and(predictable).for_each(|value, &wanted| {
        if !wanted {
            *value = f32::NAN;
        }
    });
}

/// Sums of squared errors, and of their deviations from the map's mean error: `[ours, bilinear, ours', bilinear']`.
fn squares(error: &Array2<f32>, bilinear: &Array2<f32>, truth: &Array2<f32>) -> Option<[f64; 4]> {
    let mut pairs = Vec::with_capacity(error.len());
    Zip::from(error)
        .and(bilinear)
        .and(truth)
        .for_each(|error, bilinear, truth| {
            let pair = (f64::from(*error), f64::from(bilinear - truth));
            if pair.0.is_finite() && pair.1.is_finite() {
                pairs.push(pair);
            }
        });
    if pairs.is_empty() {
        return None;
    }
    let mut pattern = Moments::default();
    add_deviations(&mut pattern, &pairs);
    let of = |error: fn(&(f64, f64)) -> f64| pairs.iter().map(|p| error(p).powi(2)).sum::<f64>();
    Some([
        of(|pair| pair.0),
        of(|pair| pair.1),
        pattern.estimate,
        pattern.truth,
    ])
}

/// The scenes of one window, added up.
#[derive(Debug, Clone, Default)]
struct WindowSums {
    bands: [BandSums; N_BANDS],
    n_bands: usize,
    /// Sum and number of the days' correlations.
    r_inside: (f64, usize),
    within: Moments,
    squares: [f64; 4],
}

/// One method over all windows.
#[derive(Debug, Clone, Default)]
pub(super) struct MethodSums {
    windows: BTreeMap<WindowKey, WindowSums>,
    structure: Structure,
    coarse: CoarseSums,
}

/// Differences from the coarse field.
#[derive(Debug, Clone, Default)]
struct CoarseSums {
    n: usize,
    difference: f64,
    square: f64,
    r: (f64, usize),
}

impl MethodSums {
    pub(super) fn add(&mut self, window: WindowKey, scene: SceneScale) {
        self.coarse.add(&scene.coarse);
        for (sums, (more, n)) in self
            .structure
            .iter_mut()
            .zip(scene.structure.unwrap_or_default())
        {
            for (sum, more) in sums.0.iter_mut().zip(more) {
                *sum += more;
            }
            sums.1 += n;
        }
        let sums = self.windows.entry(window).or_default();
        if let Some(bands) = scene.bands {
            for (sum, band) in sums.bands.iter_mut().zip(bands) {
                sum.estimate += band.estimate;
                sum.truth += band.truth;
                sum.error += band.error;
                sum.covariance += band.covariance;
            }
            sums.n_bands += 1;
        }
        if let Some(r) = scene.within.correlation() {
            sums.r_inside.0 += r;
            sums.r_inside.1 += 1;
        }
        sums.within.estimate += scene.within.estimate;
        sums.within.truth += scene.within.truth;
        for (sum, square) in sums
            .squares
            .iter_mut()
            .zip(scene.squares.unwrap_or_default())
        {
            *sum += square;
        }
    }

    pub(super) fn summarise(
        &self,
        method: &str,
        bootstrap: &Bootstrap,
    ) -> Result<MethodScale, StudyError> {
        let over_windows = |value: fn(&WindowSums) -> f64| -> Result<Option<Mean>, StudyError> {
            mean_over_windows(self.windows.values().map(value), bootstrap)
        };
        let sum = |value: fn(&WindowSums) -> f64| self.windows.values().map(value).sum::<f64>();
        let detail = (sum(|w| w.within.estimate), sum(|w| w.within.truth));
        Ok(MethodScale {
            method: method.to_owned(),
            spectrum_scenes: self.windows.values().map(|window| window.n_bands).sum(),
            bands: self.bands(bootstrap)?,
            structure: self.structure(),
            r_inside_coarse_cells: over_windows(|w| w.r_inside.0 / w.r_inside.1 as f64)?,
            detail_ratio: (detail.1 > 0.0).then(|| (detail.0 / detail.1).sqrt()),
            gain_over_bilinear: over_windows(|w| 1.0 - w.squares[0] / w.squares[1])?,
            pattern_gain_over_bilinear: over_windows(|w| 1.0 - w.squares[2] / w.squares[3])?,
            consistency: self.coarse.summarise(),
        })
    }

    fn bands(&self, bootstrap: &Bootstrap) -> Result<Vec<Band>, StudyError> {
        let windows = || self.windows.values().filter(|window| window.n_bands > 0);
        let mut bands = Vec::new();
        for band in 0..N_BANDS {
            let mean = |value: fn(&BandSums) -> f64| {
                let per_scene =
                    windows().map(|window| value(&window.bands[band]) / window.n_bands as f64);
                mean_over_windows(per_scene, bootstrap)
            };
            let (Some(estimate), Some(truth), Some(error), Some(covariance)) = (
                mean(|b| b.estimate)?,
                mean(|b| b.truth)?,
                mean(|b| b.error)?,
                mean(|b| b.covariance)?,
            ) else {
                continue;
            };
            let (from_km, until_km) = band_limits(band);
            let spreads = (estimate.value * truth.value).sqrt();
            bands.push(Band {
                from_km,
                until_km,
                estimate_variance: estimate.value,
                truth_variance: truth.value,
                error_variance: error.value,
                error_interval: error.interval,
                r: (spreads > 0.0).then(|| covariance.value / spreads),
            });
        }
        Ok(bands)
    }

    fn structure(&self) -> Vec<StructurePoint> {
        let points = distances().filter_map(|(position, distance_km)| {
            let (sums, n) = self.structure[position];
            let [estimate, truth, error] = sums.map(|sum| sum / n as f64);
            (n > 0).then_some(StructurePoint {
                distance_km,
                estimate,
                truth,
                error,
            })
        });
        points.collect()
    }
}

impl CoarseSums {
    fn add(&mut self, pairs: &[(f64, f64)]) {
        for (average, coarse) in pairs {
            self.difference += average - coarse;
            self.square += (average - coarse).powi(2);
        }
        self.n += pairs.len();
        let mut moments = Moments::default();
        if !pairs.is_empty() {
            add_deviations(&mut moments, pairs);
        }
        if let Some(r) = moments.correlation() {
            self.r.0 += r;
            self.r.1 += 1;
        }
    }

    fn summarise(&self) -> Option<Consistency> {
        let n = self.n as f64;
        (self.n > 0).then(|| Consistency {
            n: self.n,
            bias: self.difference / n,
            rmsd: (self.square / n).sqrt(),
            r: (self.r.1 > 0).then(|| self.r.0 / self.r.1 as f64),
        })
    }
}
