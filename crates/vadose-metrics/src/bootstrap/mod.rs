//! Bootstrap intervals: seeded resampling that no thread count changes, percentile and BCa.

pub(crate) mod blocks;
pub(crate) mod clusters;
pub(crate) mod pairs;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::confidence::{Confidence, normal_probability, normal_quantile};
use crate::distribution::quantile;
use crate::error::MetricError;
use crate::interval::Interval;

/// Resamples, if nothing else is asked for; pytesmo's number too.
const DEFAULT_RESAMPLES: usize = 1000;

/// How the interval is read off the resampled statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BootstrapMethod {
    /// The quantiles at alpha / 2 and 1 - alpha / 2.
    Percentile,
    /// Quantiles moved for the bias and the skewness of the statistic (bias-corrected and
    /// accelerated), both of them from alpha / 2. The default. (pytesmo takes alpha in its place, and its
    /// 95 % interval covers 89 %.)
    #[default]
    Bca,
}

/// How a bootstrap is made. The same seed gives the same interval for any number of threads.
///
/// Each resample draws from a ChaCha8 stream of its own: the seed is the key, the number of the
/// resample the stream.
///
/// # Examples
/// ```
/// use vadose_metrics::{Bootstrap, Confidence};
/// let bootstrap = Bootstrap { resamples: 500, confidence: Confidence::P90, ..Bootstrap::new(42) };
/// assert_eq!(bootstrap.seed, 42);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// Seed.
    pub seed: u64,
    /// Resamples: 1,000 by default. The tails need more at levels above 95 %.
    pub resamples: usize,
    /// How the interval is read off.
    pub method: BootstrapMethod,
    /// Confidence level.
    pub confidence: Confidence,
}

impl Bootstrap {
    /// 1,000 resamples, BCa, 95 %.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            resamples: DEFAULT_RESAMPLES,
            method: BootstrapMethod::default(),
            confidence: Confidence::default(),
        }
    }

    /// Refuses fewer resamples than put one into each tail.
    fn check(&self) -> Result<(), MetricError> {
        let needed = (1.0 / self.confidence.tail()).ceil() as usize;
        if self.resamples < needed {
            return Err(MetricError::TooFewResamples {
                got: self.resamples,
                needed,
            });
        }
        Ok(())
    }

    /// The statistics of every resample, in order. `resample` draws one; `scratch` is memory that it
    /// may keep between draws.
    pub(crate) fn draw<const M: usize, S>(
        &self,
        scratch: impl Fn() -> S + Sync + Send,
        resample: impl Fn(&mut S, &mut ChaCha8Rng) -> [f64; M] + Sync + Send,
    ) -> Result<Vec<[f64; M]>, MetricError> {
        self.check()?;
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.seed.to_le_bytes());
        let start = ChaCha8Rng::from_seed(key);
        Ok((0..self.resamples as u64)
            .into_par_iter()
            .map_init(scratch, |scratch, number| {
                let mut rng = start.clone();
                rng.set_stream(number);
                resample(scratch, &mut rng)
            })
            .collect())
    }

    /// The interval of one statistic from its resampled values, which are put in order.
    ///
    /// `left_out` are the statistics without one block or cluster each, for the skewness. Resamples in
    /// which the statistic is undefined do not count; there is no interval if they are more than one
    /// tail, or if the statistic does not vary at all.
    pub(crate) fn interval(
        &self,
        value: f64,
        resampled: &mut Vec<f64>,
        left_out: impl Iterator<Item = f64> + Clone,
    ) -> Option<Interval> {
        resampled.retain(|value| value.is_finite());
        let undefined = self.resamples - resampled.len();
        if !value.is_finite() || undefined as f64 > self.confidence.tail() * self.resamples as f64 {
            return None;
        }
        resampled.sort_unstable_by(f64::total_cmp);
        let tail = self.confidence.tail();
        let shares = match self.method {
            BootstrapMethod::Percentile => [tail, 1.0 - tail],
            BootstrapMethod::Bca => {
                let centre = normal_quantile(share_below(resampled, value));
                let acceleration = acceleration(left_out);
                [tail, 1.0 - tail].map(|share| {
                    let z = centre + normal_quantile(share);
                    normal_probability(centre + z / (1.0 - acceleration * z))
                })
            }
        };
        let [lower, upper] = shares.map(|share| quantile(resampled, share));
        Some(Interval {
            lower: lower?,
            upper: upper?,
        })
    }
}

/// Share of the values below one, those equal to it counted half; never quite 0 or 1.
fn share_below(sorted: &[f64], value: f64) -> f64 {
    let n = sorted.len() as f64;
    let below = sorted.partition_point(|other| *other < value);
    let not_above = sorted.partition_point(|other| *other <= value);
    ((below + not_above) as f64 / 2.0).clamp(0.5, n - 0.5) / n
}

/// A sixth of the skewness of the statistic's influence, from its values with one part left out.
fn acceleration(left_out: impl Iterator<Item = f64> + Clone) -> f64 {
    let finite = left_out.filter(|value| value.is_finite());
    let (count, sum) = finite
        .clone()
        .fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
    let (square, cube) = finite.fold((0.0, 0.0), |(square, cube), value| {
        let deviation = sum / count - value;
        (square + deviation.powi(2), cube + deviation.powi(3))
    });
    if square > 0.0 {
        cube / (6.0 * f64::powf(square, 1.5))
    } else {
        0.0
    }
}

/// A uniform integer in `0 .. bound`, each equally likely; `bound` is at least 1.
pub(crate) fn below(rng: &mut ChaCha8Rng, bound: usize) -> usize {
    let bound = bound as u64;
    // Lemire (2019), doi:10.1145/3230636: the high word of a product, redrawn where it would be uneven.
    let excess = bound.wrapping_neg() % bound;
    loop {
        let product = u128::from(rng.next_u64()) * u128::from(bound);
        if product as u64 >= excess {
            return (product >> 64) as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(seed: u64) -> Vec<[f64; 1]> {
        Bootstrap::new(seed)
            .draw(|| (), |(), rng| [below(rng, 1 << 40) as f64])
            .unwrap()
    }

    #[test]
    fn streams_differ_and_repeat() {
        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
        let mut values: Vec<f64> = draws(3).into_iter().flatten().collect();
        values.sort_unstable_by(f64::total_cmp);
        values.dedup();
        assert_eq!(values.len(), 1000);
    }

    #[test]
    fn any_number_of_threads_draws_the_same() {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap().install(|| draws(7))
        };
        assert_eq!(with(1), with(3));
    }

    #[test]
    fn bounded_draws_are_even() {
        // 60,000 draws of 6: 10,000 each with a deviation of 91; five are allowed.
        let mut rng = ChaCha8Rng::from_seed([1; 32]);
        let mut counts = [0_i64; 6];
        for _ in 0..60_000 {
            counts[below(&mut rng, 6)] += 1;
        }
        assert!(
            counts.iter().all(|n| (n - 10_000).abs() < 455),
            "{counts:?}"
        );
        assert_eq!(below(&mut rng, 1), 0);
    }

    #[test]
    fn symmetric_statistic_has_the_same_interval_by_both_methods() {
        let values: Vec<f64> = (0..1000).map(|k| f64::from(k) / 999.0 - 0.5).collect();
        let of = |method| {
            let bootstrap = Bootstrap {
                method,
                ..Bootstrap::new(0)
            };
            let left_out = [-1.0, 1.0];
            let mut values = values.clone();
            bootstrap
                .interval(0.0, &mut values, left_out.into_iter())
                .unwrap()
        };
        let percentile = of(BootstrapMethod::Percentile);
        approx::assert_abs_diff_eq!(percentile.lower, -0.475, epsilon = 1e-12);
        approx::assert_abs_diff_eq!(percentile.upper, 0.475, epsilon = 1e-12);
        let bca = of(BootstrapMethod::Bca);
        approx::assert_abs_diff_eq!(bca.lower, -0.475, epsilon = 1e-9);
        approx::assert_abs_diff_eq!(bca.upper, 0.475, epsilon = 1e-9);
    }

    #[test]
    fn bca_reads_the_quantiles_of_its_formula() {
        // 60 % of 0, 1, ... 999 lie below 600: z0 = 0.2533471. With influences -2, 1, 1 the acceleration
        // is -6 / (6 * 6^1.5) = -0.0680414 (mean minus value: 2, -1, -1 gives +0.0680414).
        let mut values: Vec<f64> = (0..1000).map(f64::from).collect();
        let interval = Bootstrap::new(0)
            .interval(599.5, &mut values, [-2.0, 1.0, 1.0].into_iter())
            .unwrap();
        let share = |z_tail: f64| {
            let z = 0.253_347_103_1 + z_tail;
            normal_probability(0.253_347_103_1 + z / (1.0 - 0.068_041_381_7 * z))
        };
        approx::assert_abs_diff_eq!(interval.lower, 999.0 * share(-1.959_964), epsilon = 1e-3);
        approx::assert_abs_diff_eq!(interval.upper, 999.0 * share(1.959_964), epsilon = 1e-3);
    }

    #[test]
    fn statistic_that_is_often_undefined_has_no_interval() {
        let mut values = vec![f64::NAN; 1000];
        values[30..].fill(1.0);
        let of =
            |values: &mut Vec<f64>| Bootstrap::new(0).interval(1.0, values, std::iter::empty());
        assert_eq!(of(&mut values.clone()), None);
        values[..20].fill(1.0);
        assert!(of(&mut values).is_some());
    }

    #[test]
    fn too_few_resamples_are_refused() {
        let bootstrap = Bootstrap {
            resamples: 20,
            ..Bootstrap::new(0)
        };
        let error = bootstrap.draw(|| (), |(), _| [0.0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "20 resamples, at least 40 are needed at this confidence"
        );
    }
}
