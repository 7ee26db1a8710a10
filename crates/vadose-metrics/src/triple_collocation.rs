//! Triple collocation: the errors of three data sets, none of which is the truth.

use serde::{Deserialize, Serialize};

use crate::bootstrap::Bootstrap;
use crate::bootstrap::blocks::{BlockLength, Blocks, segments};
use crate::error::{MetricError, Series};
use crate::interval::{Dependence, Interval};
use crate::pairs::{is_constant, mean};

/// What triple collocation finds of one data set.
///
/// `None`, and `null` in JSON, where the covariances do not define a value: above all the error where
/// sampling makes its variance negative.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CollocatedError {
    /// Signal-to-noise ratio, dB: 0 where both variances are equal, +3 where the signal's is twice the
    /// noise's.
    pub snr_db: Option<f64>,
    /// Standard deviation of the random error, in the unit and the range of the first data set.
    pub error_std: Option<f64>,
    /// Factor that brings the data set to the range of the first one, for which it is 1.
    pub scaling: Option<f64>,
}

/// What triple collocation finds, by data set.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripleCollocation {
    /// Triplets with three finite members.
    pub n: usize,
    /// Triplets left out because a member is NaN or infinite.
    pub dropped: usize,
    /// In the order of the arguments.
    pub errors: [CollocatedError; 3],
}

/// Random errors of three data sets of one quantity.
///
/// With covariances `s_ij`, the error variance of x is `s_xx - s_xy s_xz / s_yz`, its ratio of signal to
/// noise `-10 log10 ||s_xx s_yz / (s_xy s_xz)| - 1|` dB, and the factor that brings y to the range of x
/// `s_xz / s_yz`; y and z in turn.
///
/// It rests on errors that do not correlate with each other nor with the truth, on linear relations and on
/// a stationary signal. Nothing in the figures shows where that fails: two products that share a model or an
/// instrument look better than they are. The absolute values of the ratio keep a decibel figure where
/// sampling gives a negative one; it means little there.
///
/// # Shapes and units
/// `datasets`: three of `[n]`. The first one sets the range. Covariances divide by n - 1.
/// # Missing values
/// A triplet counts only if all three members are finite.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewTriplets`] below three;
/// [`MetricError::ZeroVariance`] if a data set is constant.
/// # References
/// Stoffelen (1998), doi:10.1029/97JC03180; Gruber et al. (2016), doi:10.1016/j.jag.2015.09.002; absolute
/// values as in Gruber et al. (2020), doi:10.1016/j.rse.2020.111806, equation 11. Peer:
/// `pytesmo.metrics.tcol_metrics`.
/// # Examples
/// ```
/// use vadose_metrics::triple_collocation;
///
/// // One truth, and errors that are orthogonal to it and to each other; z has twice the range.
/// let x = [1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0];
/// let y = [1.5, 1.5, 0.5, 0.5, -0.5, -0.5, -1.5, -1.5];
/// let z = [3.0, 1.0, 3.0, 1.0, -1.0, -3.0, -1.0, -3.0];
/// let found = triple_collocation([&x, &y, &z])?.errors;
/// assert_eq!(found[2].scaling, Some(0.5));
/// assert!((found[1].error_std.unwrap() - (0.25_f64 * 8.0 / 7.0).sqrt()).abs() < 1e-12);
/// assert!((found[1].snr_db.unwrap() - 6.0206).abs() < 1e-4); // variances 1 and 0.25
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
#[doc(alias = "tcol_metrics")]
pub fn triple_collocation(datasets: [&[f64]; 3]) -> Result<TripleCollocation, MetricError> {
    let triplets = Triplets::new(datasets)?;
    let whole = Blocks::new(triplets.quantities(), segments(None, triplets.n()), 1).mean();
    Ok(TripleCollocation {
        n: triplets.n(),
        dropped: datasets[0].len() - triplets.n(),
        errors: std::array::from_fn(|of| {
            let [snr_db, error_std, scaling] = figures(&whole, triplets.n(), of);
            let finite = |figure: f64| figure.is_finite().then_some(figure);
            CollocatedError {
                snr_db: finite(snr_db),
                error_std: finite(error_std),
                scaling: finite(scaling),
            }
        }),
    })
}

/// Intervals of what triple collocation finds of one data set.
///
/// `None` where the figure is undefined in the sample or in more resamples than a tail holds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CollocatedIntervals {
    /// Of [`CollocatedError::snr_db`].
    pub snr_db: Option<Interval>,
    /// Of [`CollocatedError::error_std`].
    pub error_std: Option<Interval>,
    /// Of [`CollocatedError::scaling`].
    pub scaling: Option<Interval>,
}

/// Bootstrap intervals of a triple collocation, by data set.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripleIntervals {
    /// The bootstrap.
    pub bootstrap: Bootstrap,
    /// Neighbouring triplets that were drawn together.
    pub block_length: usize,
    /// In the order of the arguments.
    pub errors: [CollocatedIntervals; 3],
}

/// Intervals of [`triple_collocation`] by the circular block bootstrap.
///
/// As for [`crate::block_bootstrap`], intervals are too short where the series remember long.
///
/// # Shapes and units
/// As [`triple_collocation`]; times, if there are any, as long as the data sets.
/// # Missing values
/// A triplet counts only if all three members are finite.
/// # Errors
/// As [`triple_collocation`]; [`MetricError::TimesDoNotRise`]; [`MetricError::TooFewResamples`].
/// # References
/// Peer, for independent samples: `pytesmo.metrics.tcol_metrics_with_bootstrapped_ci`.
/// # Examples
/// ```
/// use vadose_metrics::{
///     BlockLength, Bootstrap, Dependence, triple_collocation, triple_collocation_intervals,
/// };
///
/// let wave = |period: f64| move |day: u32| (f64::from(day) / period).sin();
/// let of = |own: f64| -> Vec<f64> {
///     (0..300).map(|day| wave(9.0)(day) + 0.3 * wave(own)(day)).collect()
/// };
/// let (x, y, z) = (of(0.11), of(0.23), of(0.31));
/// let found = triple_collocation([&x, &y, &z])?.errors[0];
/// let intervals = triple_collocation_intervals(
///     [&x, &y, &z], Dependence::Independent, BlockLength::Automatic, &Bootstrap::new(1))?;
/// assert!(intervals.errors[0].snr_db.unwrap().contains(found.snr_db.unwrap()));
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn triple_collocation_intervals(
    datasets: [&[f64]; 3],
    dependence: Dependence<'_>,
    block: BlockLength,
    bootstrap: &Bootstrap,
) -> Result<TripleIntervals, MetricError> {
    let triplets = Triplets::new(datasets)?;
    let n = triplets.n();
    let axis = dependence.axis(datasets[0].len(), |row| is_triplet(datasets, row))?;
    let phi = axis.as_ref().map_or(0.0, |axis| {
        let members = triplets.members.each_ref();
        let variances = members.map(|member| mean(member.iter().map(|x| x * x), n));
        let largest = axis
            .persistence(variances, |idx| members.map(|member| member[idx]))
            .into_iter()
            .fold(0.0, f64::max);
        axis.neighbour_correlation(largest)
    });
    let block_length = block.of(n, phi);
    let blocks = Blocks::new(
        triplets.quantities(),
        segments(axis.as_ref(), n),
        block_length,
    );
    let draws = bootstrap.draw(|| (), |(), rng| blocks.resample(rng))?;
    let whole = blocks.mean();
    let mut values = Vec::with_capacity(draws.len());
    let mut interval = |of: usize, figure: usize| {
        let pick = |means: &Means| figures(means, n, of)[figure];
        values.clear();
        values.extend(draws.iter().map(pick));
        let left_out = blocks.left_out().map(|means| pick(&means));
        bootstrap.interval(pick(&whole), &mut values, left_out)
    };
    let errors = std::array::from_fn(|of| CollocatedIntervals {
        snr_db: interval(of, 0),
        error_std: interval(of, 1),
        scaling: interval(of, 2),
    });
    Ok(TripleIntervals {
        bootstrap: *bootstrap,
        block_length,
        errors,
    })
}

/// Three series without the rows that miss a member, each about its mean.
struct Triplets {
    members: [Vec<f64>; 3],
}

/// Means of x, y, z and of their products xx, xy, xz, yy, yz, zz.
type Means = [f64; 9];

impl Triplets {
    fn new(datasets: [&[f64]; 3]) -> Result<Self, MetricError> {
        /// Three covariances of two points are all the same.
        const FEWEST: usize = 3;
        let n_rows = datasets[0].len();
        for (what, dataset) in [
            ("the second data set", datasets[1]),
            ("the third data set", datasets[2]),
        ] {
            if dataset.len() != n_rows {
                return Err(MetricError::LengthMismatch {
                    what,
                    expected: n_rows,
                    got: dataset.len(),
                });
            }
        }
        let rows: Vec<usize> = (0..n_rows)
            .filter(|row| is_triplet(datasets, *row))
            .collect();
        if rows.len() < FEWEST {
            return Err(MetricError::TooFewTriplets {
                got: rows.len(),
                needed: FEWEST,
            });
        }
        let members = datasets.map(|dataset| {
            let centre = mean(rows.iter().map(|row| dataset[*row]), rows.len());
            rows.iter()
                .map(|row| dataset[*row] - centre)
                .collect::<Vec<f64>>()
        });
        if members
            .iter()
            .any(|member| is_constant(member.iter().copied()))
        {
            return Err(MetricError::ZeroVariance {
                series: Series::Values,
            });
        }
        Ok(Self { members })
    }

    fn n(&self) -> usize {
        self.members[0].len()
    }

    fn quantities(&self) -> impl ExactSizeIterator<Item = Means> {
        let [x, y, z] = &self.members;
        (0..self.n()).map(|at| {
            let (x, y, z) = (x[at], y[at], z[at]);
            [x, y, z, x * x, x * y, x * z, y * y, y * z, z * z]
        })
    }
}

fn is_triplet(datasets: [&[f64]; 3], row: usize) -> bool {
    datasets.iter().all(|dataset| dataset[row].is_finite())
}

/// Ratio of signal to noise, error and scaling of one data set; NaN or infinite where undefined.
fn figures(means: &Means, n: usize, of: usize) -> [f64; 3] {
    /// Where the product of two data sets stands among the means.
    const PRODUCT: [[usize; 3]; 3] = [[3, 4, 5], [4, 6, 7], [5, 7, 8]];
    let divisor = n as f64 / (n as f64 - 1.0);
    let covariance = |i: usize, j: usize| divisor * (means[PRODUCT[i][j]] - means[i] * means[j]);
    let (next, other) = ((of + 1) % 3, (of + 2) % 3);
    let variance = covariance(of, of);
    let signal = covariance(of, next) * covariance(of, other) / covariance(next, other);
    // The factor comes from the data set that is neither this one nor the first.
    let scaling = match of {
        0 => 1.0,
        _ => covariance(0, 3 - of) / covariance(of, 3 - of),
    };
    [
        -10.0 * ((variance / signal).abs() - 1.0).abs().log10(),
        (variance - signal).sqrt() * scaling,
        scaling,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_triplet_counts_only_if_whole() {
        let x = [1.0, 2.0, f64::NAN, 4.0, 3.0];
        let y = [1.1, 2.3, 3.0, 3.8, 2.9];
        let z = [0.9, f64::INFINITY, 3.1, 4.2, 3.3];
        let found = triple_collocation([&x, &y, &z]).unwrap();
        assert_eq!((found.n, found.dropped), (3, 2));
        assert_eq!(found.errors[0].scaling, Some(1.0));
    }

    #[test]
    fn negative_error_variance_has_no_error_but_a_ratio() {
        // x and y, x and z agree better than y and z do: more signal than x has variance.
        let x = [1.0, -1.0, 1.0, -1.0];
        let y = [2.0, -1.0, 1.0, -2.0];
        let z = [1.0, -2.0, 2.0, -1.0];
        let x: Vec<f64> = x
            .iter()
            .zip(y)
            .zip(z)
            .map(|((x, y), z)| x + y + z)
            .collect();
        let found = triple_collocation([&x, &y, &z]).unwrap().errors;
        assert!(found.iter().any(|error| error.error_std.is_none()));
        assert!(found.iter().all(|error| error.snr_db.is_some()));
    }

    #[test]
    fn input_that_cannot_be_collocated_is_refused() {
        let varies = [1.0, 2.0, 4.0];
        assert_eq!(
            triple_collocation([&varies, &varies[..2], &varies])
                .unwrap_err()
                .to_string(),
            "the second data set has 2 values, not 3 as the first series"
        );
        assert_eq!(
            triple_collocation([&varies, &varies, &[0.1; 3]])
                .unwrap_err()
                .to_string(),
            "the series does not vary"
        );
        assert_eq!(
            triple_collocation([&varies, &varies, &[f64::NAN; 3]]),
            Err(MetricError::TooFewTriplets { got: 0, needed: 3 })
        );
    }
}
