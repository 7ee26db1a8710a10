//! Block bootstrap of the pairwise metrics that are functions of means.

use serde::{Deserialize, Serialize};

use super::Bootstrap;
use super::blocks::{BlockLength, Blocks, segments};
use crate::dependent::Dependent;
use crate::error::{MetricError, Series};
use crate::interval::{Dependence, Interval};

/// Bootstrap intervals of one pair of series.
///
/// `None`, and `null` in JSON, where a metric is undefined in the sample or in more resamples than a tail
/// holds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BootstrapIntervals {
    /// The bootstrap.
    pub bootstrap: Bootstrap,
    /// Neighbouring samples that were drawn together.
    pub block_length: usize,
    /// Of [`crate::bias`].
    pub bias: Option<Interval>,
    /// Of [`crate::rmse`].
    pub rmse: Option<Interval>,
    /// Of [`crate::ubrmse`].
    pub ubrmse: Option<Interval>,
    /// Of [`crate::pearson_r`].
    pub r: Option<Interval>,
}

/// Intervals of bias, RMSE, ubRMSE and R by the circular block bootstrap.
///
/// Blocks of neighbouring samples are drawn with replacement until there are as many samples again, and
/// each metric is taken of them; a block never spans two segments of the time axis. For
/// [`Dependence::Independent`] and [`BlockLength::Automatic`] a block is one sample, the classical
/// bootstrap.
///
/// Blocks keep what neighbours know of each other but cut it at their ends, so that under
/// autocorrelation these intervals are shorter than they should be: for phi = 0.8 and n = 200 those at
/// 95 % cover 88 % (R), 84 % (ubRMSE) and 87 % (bias). The analytic intervals do better
/// ([`crate::Skill::with_intervals`]); these serve where differences are far from normal.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`, in one unit.
/// # Missing values
/// A pair counts only if both members are finite. A block is of pairs that count.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewPairs`] below two valid pairs;
/// [`MetricError::TimesDoNotRise`]; [`MetricError::TooFewResamples`].
/// # References
/// Politis and Romano (1992), circular blocks; Efron (1987), doi:10.1080/01621459.1987.10478410, BCa.
/// Peer, for independent samples: `pytesmo.metrics.with_bootstrapped_ci`.
/// # Examples
/// ```
/// use vadose_metrics::{BlockLength, Bootstrap, Dependence, block_bootstrap};
///
/// let reference: Vec<f64> = (0..90).map(|day| 0.2 + 0.1 * (f64::from(day) / 9.0).sin()).collect();
/// let estimate: Vec<f64> = reference.iter().map(|value| 0.7 * value + 0.08).collect();
/// let hours: Vec<i64> = (0..90).map(|day| 24 * day + 6).collect();
/// let intervals = block_bootstrap(
///     &estimate,
///     &reference,
///     Dependence::InTime { hours: &hours, longest_gap_hours: 240 },
///     BlockLength::Automatic,
///     &Bootstrap::new(1),
/// )?;
/// assert!(intervals.block_length > 20);
/// assert!(intervals.bias.unwrap().contains(0.0178));
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn block_bootstrap(
    estimate: &[f64],
    reference: &[f64],
    dependence: Dependence<'_>,
    block: BlockLength,
    bootstrap: &Bootstrap,
) -> Result<BootstrapIntervals, MetricError> {
    let samples = Dependent::new(estimate, reference, dependence)?;
    let pairs = &samples.pairs;
    pairs.need(2)?;
    let n = pairs.len();
    let phi = samples.axis.as_ref().map_or(0.0, |axis| {
        let persistence = samples.persistence();
        let largest = persistence
            .estimate
            .max(persistence.reference)
            .max(persistence.difference);
        axis.neighbour_correlation(largest)
    });
    let block_length = block.of(n, phi);

    // About the full sample's means, so that a large mean does not eat the digits of a small variance.
    let centre = pairs.moments();
    let about = [centre.mean_estimate, centre.mean_reference];
    let quantities = pairs
        .estimate
        .iter()
        .zip(&pairs.reference)
        .map(|(e, r)| quantities(e - about[0], r - about[1]));
    let blocks = Blocks::new(quantities, segments(samples.axis.as_ref(), n), block_length);
    let bias = about[0] - about[1];
    let correlates = pairs.need_variation(Series::Estimate).is_ok()
        && pairs.need_variation(Series::Reference).is_ok();
    let metrics = |means: [f64; 5]| {
        let [difference, rmse, ubrmse, r] = metrics(means, bias);
        [
            difference,
            rmse,
            ubrmse,
            if correlates { r } else { f64::NAN },
        ]
    };

    let draws = bootstrap.draw(|| (), |(), rng| metrics(blocks.resample(rng)))?;
    let whole = metrics(blocks.mean());
    let mut values = Vec::with_capacity(draws.len());
    let [bias, rmse, ubrmse, r] = std::array::from_fn(|of| {
        values.clear();
        values.extend(draws.iter().map(|draw| draw[of]));
        let left_out = blocks.left_out().map(|means| metrics(means)[of]);
        bootstrap.interval(whole[of], &mut values, left_out)
    });
    Ok(BootstrapIntervals {
        bootstrap: *bootstrap,
        block_length,
        bias,
        rmse,
        ubrmse,
        r,
    })
}

/// What the metrics are functions of the means of. The squared difference is one of them, because it
/// can be smaller by far than the squares of its members.
fn quantities(e: f64, r: f64) -> [f64; 5] {
    [e, r, e * e, r * r, (e - r) * (e - r)]
}

/// Bias, RMSE, ubRMSE and R from means of [`quantities`]; `bias` is that of the full sample.
fn metrics([e, r, ee, rr, dd]: [f64; 5], bias: f64) -> [f64; 4] {
    let difference = e - r;
    let scatter = (dd - difference * difference).max(0.0);
    let covariance = (ee + rr - dd) / 2.0 - e * r;
    let spreads = ((ee - e * e) * (rr - r * r)).sqrt();
    let bias = bias + difference;
    [
        bias,
        (scatter + bias * bias).sqrt(),
        scatter.sqrt(),
        (covariance / spreads).clamp(-1.0, 1.0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_of_the_means_are_those_of_the_pairs() {
        let estimate = [250.1, 250.3, 250.2, 250.6];
        let reference = [249.0, 249.3, 249.1, 249.2];
        let about = [250.3, 249.15];
        let mut means = [0.0; 5];
        for (e, r) in estimate.iter().zip(reference) {
            for (mean, value) in means.iter_mut().zip(quantities(e - about[0], r - about[1])) {
                *mean += value / 4.0;
            }
        }
        let skill = crate::Skill::of(&estimate, &reference).unwrap();
        let expected = [skill.bias, skill.rmse, skill.ubrmse, skill.r];
        for (got, expected) in metrics(means, about[0] - about[1])
            .into_iter()
            .zip(expected)
        {
            approx::assert_abs_diff_eq!(got, expected.unwrap(), epsilon = 1e-10);
        }
    }

    #[test]
    fn constant_series_has_errors_but_no_correlation() {
        let intervals = block_bootstrap(
            &[0.1; 50],
            &(0..50).map(|k| f64::from(k % 7)).collect::<Vec<_>>(),
            Dependence::Independent,
            BlockLength::Automatic,
            &Bootstrap::new(1),
        )
        .unwrap();
        assert_eq!((intervals.block_length, intervals.r), (1, None));
        assert!(intervals.ubrmse.unwrap().contains(2.0));
    }
}
