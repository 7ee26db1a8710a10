//! Estimates beside a reference, and what they have in common.

use std::collections::BTreeMap;

use serde::Serialize;
use vadose_metrics::{bias, pearson_r, rmse, ubrmse};

/// Quantiles 5, 25, 50, 75 and 95 % of finite values, and their number.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Spread {
    pub(crate) n: usize,
    pub(crate) q05: f64,
    pub(crate) q25: f64,
    pub(crate) q50: f64,
    pub(crate) q75: f64,
    pub(crate) q95: f64,
}

impl Spread {
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1) as f64;
        let at = |share: f64| {
            let value = sorted.get((share * last).round() as usize);
            value.copied().unwrap_or(f64::NAN)
        };
        Self {
            n: sorted.len(),
            q05: at(0.05),
            q25: at(0.25),
            q50: at(0.5),
            q75: at(0.75),
            q95: at(0.95),
        }
    }
}

/// Error of an estimate over all pairs, m3 m-3.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Error {
    pub(crate) n: usize,
    pub(crate) bias: f64,
    pub(crate) rmse: f64,
    pub(crate) ubrmse: f64,
    pub(crate) r: f64,
}

/// `(estimate, reference)` of each place, by the place's number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pairs {
    by_place: BTreeMap<usize, [Vec<f64>; 2]>,
}

impl Pairs {
    /// Adds a pair, if both are there.
    pub(crate) fn add(&mut self, place: usize, estimate: f32, reference: f32) {
        if estimate.is_finite() && reference.is_finite() {
            let [estimates, references] = self.by_place.entry(place).or_default();
            estimates.push(estimate.into());
            references.push(reference.into());
        }
    }

    /// Pairs of each place that has at least `fewest`.
    fn places(&self, fewest: usize) -> impl Iterator<Item = &[Vec<f64>; 2]> {
        let places = self.by_place.values();
        places.filter(move |[estimates, _]| estimates.len() >= fewest)
    }

    /// Temporal correlation, place by place.
    pub(crate) fn correlations(&self, fewest: usize) -> Spread {
        Spread::of(
            self.places(fewest)
                .filter_map(|[e, r]| pearson_r(e, r).ok()),
        )
    }

    /// Root-mean-square error, place by place.
    pub(crate) fn rmses(&self) -> Spread {
        Spread::of(self.places(2).filter_map(|[e, r]| rmse(e, r).ok()))
    }

    /// Unbiased error, place by place.
    pub(crate) fn ubrmses(&self, fewest: usize) -> Spread {
        Spread::of(self.places(fewest).filter_map(|[e, r]| ubrmse(e, r).ok()))
    }

    /// Error over everything; none without pairs.
    pub(crate) fn error(&self) -> Option<Error> {
        let all = |idx: usize| -> Vec<f64> {
            let places = self.by_place.values();
            places.flat_map(|pair| pair[idx].iter().copied()).collect()
        };
        let (estimates, references) = (all(0), all(1));
        Some(Error {
            n: estimates.len(),
            bias: bias(&estimates, &references).ok()?,
            rmse: rmse(&estimates, &references).ok()?,
            ubrmse: ubrmse(&estimates, &references).ok()?,
            r: pearson_r(&estimates, &references).ok()?,
        })
    }
}
