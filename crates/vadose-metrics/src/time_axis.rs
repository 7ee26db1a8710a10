//! When samples were taken: which are neighbours, how far apart, and what that makes of them.

use std::ops::Range;

use crate::error::{MetricError, Series};
use crate::pairs::{is_constant, mean};

/// Fewest effective samples that are ever assumed: Fisher's z needs more than three.
const FEWEST_EFFECTIVE: f64 = 4.0;
/// Largest correlation of neighbours that is assumed; at 1 a series would hold one sample.
const HIGHEST_PERSISTENCE: f64 = 0.9999;

/// The times of a series, cut into segments at long gaps.
///
/// Neighbours within a segment are taken as correlated by `phi^steps`, the correlation of a
/// first-order autoregression (AR(1)) seen at irregular times. Samples of different segments are
/// taken as independent, and no pair of neighbours crosses from one segment to the next: three
/// Junes are three segments.
///
/// # Examples
/// ```
/// use vadose_metrics::TimeAxis;
///
/// // 6 a.m. of days 1, 2, 4 and, a year on, 366 and 369; 30 days end a segment.
/// let hours = [1, 2, 4, 366, 369].map(|day| 24 * day + 6);
/// let axis = TimeAxis::new(&hours, 30 * 24)?;
/// assert_eq!(axis.step_hours(), 24);
/// assert_eq!(axis.segments(), [0..3, 3..5]);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TimeAxis {
    segments: Vec<Range<usize>>,
    step_hours: i64,
    /// Distances of neighbours, in steps, and how many neighbours lie so far apart.
    lags: Vec<(i32, usize)>,
    /// For each sample the position in `lags` of its distance to the one before it; for the first
    /// of a segment there is none.
    lag_before: Vec<Option<u32>>,
}

impl TimeAxis {
    /// The axis of these times.
    ///
    /// # Shapes and units
    /// `hours`: `[n]`, any count of hours that rises. A segment ends where the next sample is more
    /// than `longest_gap_hours` away. The step is the greatest common divisor of the distances.
    /// # Errors
    /// [`MetricError::TimesDoNotRise`].
    pub fn new(hours: &[i64], longest_gap_hours: i64) -> Result<Self, MetricError> {
        let mut segments = Vec::new();
        let mut start = 0;
        let mut distances: Vec<(i64, usize)> = Vec::new();
        let mut lag_before = Vec::with_capacity(hours.len());
        lag_before.extend((!hours.is_empty()).then_some(None));
        let mut kind = 0;
        for (idx, pair) in hours.windows(2).enumerate() {
            let distance = pair[1].saturating_sub(pair[0]);
            if distance <= 0 {
                return Err(MetricError::TimesDoNotRise {
                    before: pair[0],
                    hour: pair[1],
                });
            }
            if distance > longest_gap_hours {
                segments.push(start..idx + 1);
                start = idx + 1;
                lag_before.push(None);
                continue;
            }
            // Most distances are the one before; the kinds are few.
            if distances
                .get(kind)
                .is_none_or(|(known, _)| *known != distance)
            {
                let known = distances.iter().position(|(known, _)| *known == distance);
                kind = known.unwrap_or(distances.len());
                if known.is_none() {
                    distances.push((distance, 0));
                }
            }
            distances[kind].1 += 1;
            lag_before.push(Some(kind as u32));
        }
        if !hours.is_empty() {
            segments.push(start..hours.len());
        }
        let step_hours = distances
            .iter()
            .fold(0, |divisor, (distance, _)| {
                greatest_common_divisor(*distance, divisor)
            })
            .max(1);
        let lags = distances
            .into_iter()
            // A distance beyond i32 steps is one at which nothing is remembered.
            .map(|(distance, count)| {
                (
                    i32::try_from(distance / step_hours).unwrap_or(i32::MAX),
                    count,
                )
            })
            .collect();
        Ok(Self {
            segments,
            step_hours,
            lags,
            lag_before,
        })
    }

    /// Number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lag_before.len()
    }

    /// Whether there is no sample.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lag_before.is_empty()
    }

    /// The unit of distance, hours: the greatest common divisor of all distances within segments.
    #[must_use]
    pub fn step_hours(&self) -> i64 {
        self.step_hours
    }

    /// The samples of each segment, in order.
    #[must_use]
    pub fn segments(&self) -> &[Range<usize>] {
        &self.segments
    }

    /// Correlation of values one step apart: phi of an AR(1), seen at these times.
    ///
    /// `phi` is where `sum over neighbours of phi^steps` equals the sum of their products, each
    /// divided by the variance. On an even axis without gaps that is the lag-1 autocorrelation, the
    /// lagged products averaged over the pairs there are. Neighbours that are not positively
    /// correlated give 0, and 0.9999 is the most.
    ///
    /// Deviations are from the mean of all segments together, so that a difference between
    /// segments counts as persistence. The estimate is biased low in short series, by about
    /// `(1 + 3 phi) / n`.
    ///
    /// # Shapes and units
    /// `values`: `[n]`, finite, at the times of this axis. Result: dimensionless, 0 to 0.9999.
    /// # Errors
    /// [`MetricError::LengthMismatch`]; [`MetricError::ZeroVariance`].
    /// # References
    /// Bias: Kendall (1954), doi:10.1093/biomet/41.3-4.403.
    /// # Examples
    /// ```
    /// use vadose_metrics::TimeAxis;
    ///
    /// let axis = TimeAxis::new(&[0, 1, 2, 3], 1)?;
    /// // Deviations -1, -1, 1, 1: products 1, -1, 1 over the variance 1.
    /// let phi = axis.autocorrelation(&[1.0, 1.0, 3.0, 3.0])?;
    /// assert!((phi - 1.0 / 3.0).abs() < 1e-12);
    /// # Ok::<(), vadose_metrics::MetricError>(())
    /// ```
    pub fn autocorrelation(&self, values: &[f64]) -> Result<f64, MetricError> {
        if values.len() != self.len() {
            return Err(MetricError::LengthMismatch {
                what: "the time axis",
                expected: values.len(),
                got: self.len(),
            });
        }
        if is_constant(values.iter().copied()) {
            return Err(MetricError::ZeroVariance {
                series: Series::Values,
            });
        }
        let n = self.len();
        let centre = mean(values.iter().copied(), n);
        let variance = mean(values.iter().map(|value| (value - centre).powi(2)), n);
        let [phi] = self.persistence([variance], |idx| [values[idx] - centre]);
        Ok(phi)
    }

    /// [`Self::autocorrelation`] of several series, from their variances and their deviations from the mean.
    /// A variance of zero gives 0.
    pub(crate) fn persistence<const N: usize>(
        &self,
        variances: [f64; N],
        deviations: impl Fn(usize) -> [f64; N],
    ) -> [f64; N] {
        let mut products = [0.0; N];
        for segment in &self.segments {
            let mut before = deviations(segment.start);
            for idx in segment.start + 1..segment.end {
                let now = deviations(idx);
                for of in 0..N {
                    products[of] += before[of] * now[of];
                }
                before = now;
            }
        }
        std::array::from_fn(|of| self.solve(products[of] / variances[of]))
    }

    /// The phi at which the neighbours' expected correlations add up to `sum`.
    fn solve(&self, sum: f64) -> f64 {
        /// Newton's steps shrink quadratically; few are taken, and this only bounds them.
        const MOST_STEPS: usize = 100;
        /// Far below the sampling error of any correlation.
        const CONVERGED: f64 = 1e-12;
        let neighbours: usize = self.lags.iter().map(|(_, count)| count).sum();
        if sum.is_nan() || sum <= 0.0 {
            return 0.0;
        }
        if sum >= neighbours as f64 {
            return HIGHEST_PERSISTENCE;
        }
        // The sum of powers rises and is convex, so Newton comes down from 1 without overshooting.
        let mut phi: f64 = 1.0;
        for _ in 0..MOST_STEPS {
            let (mut excess, mut slope) = (-sum, 0.0);
            for &(steps, count) in &self.lags {
                let power = phi.powi(steps - 1);
                excess += count as f64 * power * phi;
                slope += count as f64 * f64::from(steps) * power;
            }
            let next = phi - excess / slope;
            if next <= 0.0 || phi - next < CONVERGED {
                break;
            }
            phi = next;
        }
        phi.clamp(0.0, HIGHEST_PERSISTENCE)
    }

    /// How many independent samples tell a mean as well as these do, if values one step apart
    /// correlate by `phi`.
    ///
    /// `n^2 / sum over i, j of phi^|steps between i and j|`, where samples of different segments add
    /// nothing, and each segment is taken to go on beyond its ends at the mean distance of
    /// neighbours. On an even axis this is exactly `n (1 - phi) / (1 + phi)`; without the
    /// continuation it would be the variance of the mean for known phi, and a little larger. The
    /// continuation makes up for part of the bias of an estimated phi.
    ///
    /// The result is clipped to 4..=n (to n, where n is below 4).
    ///
    /// # Shapes and units
    /// `phi`: 0 to below 1; a product of two correlations for a cross-product, and their square for a
    /// variance. Result: samples.
    /// # References
    /// Bayley and Hammersley (1946), doi:10.2307/2983560: the variance of means and of
    /// cross-products of autocorrelated series.
    /// # Examples
    /// ```
    /// use vadose_metrics::TimeAxis;
    ///
    /// let daily: Vec<i64> = (0..90).map(|day| 24 * day).collect();
    /// let every_third: Vec<i64> = (0..90).map(|day| 72 * day).collect();
    /// let n_eff = TimeAxis::new(&daily, 240)?.effective_size(0.8);
    /// assert!((n_eff - 90.0 * 0.2 / 1.8).abs() < 1e-9);
    /// // With one step of 72 h, the same soil has phi = 0.8^3, and most samples count.
    /// let n_eff = TimeAxis::new(&every_third, 240)?.effective_size(0.8_f64.powi(3));
    /// assert!((n_eff - 90.0 * 0.488 / 1.512).abs() < 1e-9);
    /// # Ok::<(), vadose_metrics::MetricError>(())
    /// ```
    #[must_use]
    pub fn effective_size(&self, phi: f64) -> f64 {
        let [n_eff] = self.effective_sizes([phi]);
        n_eff
    }

    /// [`Self::effective_size`] at several correlations, in one go over the samples.
    pub(crate) fn effective_sizes<const N: usize>(&self, phi: [f64; N]) -> [f64; N] {
        let n = self.len() as f64;
        if self.lags.is_empty() {
            return [n; N];
        }
        let phi = phi.map(|phi| phi.clamp(0.0, HIGHEST_PERSISTENCE));
        let powers: Vec<[f64; N]> = self
            .lags
            .iter()
            .map(|&(steps, _)| phi.map(|phi| phi.powi(steps)))
            .collect();
        let (neighbours, steps) =
            self.lags
                .iter()
                .fold((0.0, 0.0), |(neighbours, sum), &(steps, count)| {
                    (
                        neighbours + count as f64,
                        sum + f64::from(steps) * count as f64,
                    )
                });
        let beyond = phi.map(|phi| {
            let typical = phi.powf(steps / neighbours);
            typical / (1.0 - typical)
        });
        let power = |idx: usize| {
            let lag = self.lag_before[idx].expect("only the first of a segment has none");
            powers[lag as usize]
        };
        let mut sum = [n; N];
        for segment in &self.segments {
            // What is remembered of all earlier samples, and of all later ones.
            let (mut past, mut future) = (beyond, beyond);
            for of in 0..N {
                sum[of] += past[of] + future[of];
            }
            let inner = segment.start + 1..segment.end;
            for (ahead, back) in inner.clone().zip(inner.rev()) {
                let (ahead, back) = (power(ahead), power(back));
                for of in 0..N {
                    past[of] = ahead[of] * (past[of] + 1.0);
                    future[of] = back[of] * (future[of] + 1.0);
                    sum[of] += past[of] + future[of];
                }
            }
        }
        sum.map(|sum| (n * n / sum).max(FEWEST_EFFECTIVE).min(n))
    }

    /// Mean correlation of neighbouring samples, whatever their distance, if values one step apart
    /// correlate by `phi`.
    pub(crate) fn neighbour_correlation(&self, phi: f64) -> f64 {
        let neighbours: usize = self.lags.iter().map(|(_, count)| count).sum();
        let sum: f64 = self
            .lags
            .iter()
            .map(|&(steps, count)| count as f64 * phi.powi(steps))
            .sum();
        sum / (neighbours.max(1)) as f64
    }
}

fn greatest_common_divisor(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests;
