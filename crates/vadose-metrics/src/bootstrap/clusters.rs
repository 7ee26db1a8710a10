//! Cluster bootstrap: mean and median over stations, with stations or blocks of them resampled.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{Bootstrap, below};
use crate::error::MetricError;
use crate::interval::Interval;
use crate::significance::differences;

/// What is drawn when stations are resampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clusters<'a> {
    /// Each station by itself. Right if the errors of different stations have nothing in common.
    Stations,
    /// Stations of equal label together: spatial blocks (cells of 36 km, say), networks. Neighbouring
    /// stations share weather, soil maps and the coarse pixel, and resampled one by one they give
    /// intervals that are too short.
    Labelled(&'a [u64]),
}

/// The middle of the stations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Centre {
    /// Mean.
    Mean,
    /// Median, the mean of the two middle values of an even number.
    Median,
}

/// The middle of values over stations, and what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CentreEstimate {
    /// Stations that count.
    pub stations: usize,
    /// Clusters that were resampled.
    pub clusters: usize,
    /// The middle.
    pub value: f64,
    /// Its interval.
    pub interval: Interval,
}

/// Mean or median over stations, with an interval from resampled stations or blocks.
///
/// This is the interval of a headline: it says how the figure would move with other stations. Samples are
/// not resampled, so it holds whatever the memory of the series is; what it asks for is that clusters be
/// independent. Below about 20 clusters it is too short.
///
/// # Shapes and units
/// `values`: `[stations]`, one metric a station; labels, if there are any: as many.
/// # Missing values
/// Values that are not finite do not count.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewClusters`] below two;
/// [`MetricError::TooFewResamples`].
/// # References
/// Davison and Hinkley (1997), section 3.8, doi:10.1017/CBO9780511802843.
/// # Examples
/// ```
/// use vadose_metrics::{Bootstrap, Centre, Clusters, centre_interval};
///
/// let ubrmse = [0.041, 0.052, 0.038, 0.060, 0.047, 0.055, 0.043, 0.049];
/// let alone = centre_interval(&ubrmse, Clusters::Stations, Centre::Median, &Bootstrap::new(1))?;
/// assert!((alone.value - 0.048).abs() < 1e-12);
/// assert!(alone.interval.contains(alone.value));
///
/// // Pairs of stations in one cell are four things to draw, and not eight.
/// let cells = [1, 1, 2, 2, 3, 3, 4, 4];
/// let blocks =
///     centre_interval(&ubrmse, Clusters::Labelled(&cells), Centre::Median, &Bootstrap::new(1))?;
/// assert_eq!((blocks.stations, blocks.clusters), (8, 4));
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn centre_interval(
    values: &[f64],
    clusters: Clusters<'_>,
    centre: Centre,
    bootstrap: &Bootstrap,
) -> Result<CentreEstimate, MetricError> {
    let [middle] = resample(values, clusters, [centre], bootstrap)?;
    Ok(middle.estimate)
}

/// How a challenger differs from a baseline at the same stations.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedDifference {
    /// Middle of challenger minus baseline.
    #[serde(flatten)]
    pub difference: CentreEstimate,
    /// Two-sided p-value of no difference: twice the share of resamples at or beyond zero, on the side
    /// where there are fewer, each side with one resample more than it has. At least
    /// `2 / (resamples + 1)`.
    pub p_value: f64,
}

/// The middle of the differences of two methods over the stations that both have, with an interval and a
/// p-value.
///
/// The methods share stations, weather and reference, and so most of what makes a metric vary; that cancels
/// in the differences, and two headline intervals that overlap can still differ significantly here.
///
/// # Shapes and units
/// `challenger`, `baseline`: `[stations]`, one metric a station, in the same order; both from the same
/// samples ([`crate::Samples::shared`]). For a bias compare absolute values.
/// # Missing values
/// A station counts only if both values are finite.
/// # Errors
/// As [`centre_interval`].
/// # Examples
/// ```
/// use vadose_metrics::{Bootstrap, Centre, Clusters, paired_difference};
///
/// let network = [0.041, 0.052, 0.038, 0.060, 0.047, 0.055, 0.043, 0.049];
/// let coarse = [0.045, 0.055, 0.044, 0.061, 0.053, 0.058, 0.044, 0.055];
/// let gain =
///     paired_difference(&network, &coarse, Clusters::Stations, Centre::Mean, &Bootstrap::new(1))?;
/// assert!((gain.difference.value - (-0.00375)).abs() < 1e-12);
/// assert!(gain.difference.interval.upper < 0.0 && gain.p_value < 0.01);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn paired_difference(
    challenger: &[f64],
    baseline: &[f64],
    clusters: Clusters<'_>,
    centre: Centre,
    bootstrap: &Bootstrap,
) -> Result<PairedDifference, MetricError> {
    let differences = differences(challenger, baseline)?;
    let [Resampled { estimate, values }] = resample(&differences, clusters, [centre], bootstrap)?;
    let not_above = values.iter().filter(|value| **value <= 0.0).count();
    let not_below = values.iter().filter(|value| **value >= 0.0).count();
    let fewer = not_above.min(not_below) + 1;
    Ok(PairedDifference {
        difference: estimate,
        p_value: (2.0 * fewer as f64 / (values.len() + 1) as f64).min(1.0),
    })
}

/// A middle, and its values in the resamples.
pub(crate) struct Resampled {
    pub(crate) estimate: CentreEstimate,
    values: Vec<f64>,
}

/// One middle or several from the same resamples.
pub(crate) fn resample<const M: usize>(
    values: &[f64],
    clusters: Clusters<'_>,
    centres: [Centre; M],
    bootstrap: &Bootstrap,
) -> Result<[Resampled; M], MetricError> {
    let stations = Stations::new(values, clusters)?;
    let middles = |counts: &[usize]| centres.map(|centre| stations.centre(counts, centre));
    let draws = bootstrap.draw(
        || vec![0; stations.clusters],
        |counts, rng| {
            stations.draw(counts, rng);
            middles(counts)
        },
    )?;
    let mut counts = vec![1; stations.clusters];
    let whole = middles(&counts);
    let left_out: Vec<[f64; M]> = (0..stations.clusters)
        .map(|cluster| {
            counts[cluster] = 0;
            let middles = middles(&counts);
            counts[cluster] = 1;
            middles
        })
        .collect();
    Ok(std::array::from_fn(|of| {
        let mut values: Vec<f64> = draws.iter().map(|draw| draw[of]).collect();
        let left_out = left_out.iter().map(|middles| middles[of]);
        let interval = bootstrap
            .interval(whole[of], &mut values, left_out)
            .expect("a middle of finite values is defined in every resample");
        Resampled {
            estimate: CentreEstimate {
                stations: stations.sorted.len(),
                clusters: stations.clusters,
                value: whole[of],
                interval,
            },
            values,
        }
    }))
}

/// Values in rising order, each with the position of its cluster.
struct Stations {
    sorted: Vec<(f64, usize)>,
    clusters: usize,
}

impl Stations {
    fn new(values: &[f64], clusters: Clusters<'_>) -> Result<Self, MetricError> {
        /// One cluster resampled is itself.
        const FEWEST: usize = 2;
        let mut positions = BTreeMap::new();
        let mut sorted = Vec::with_capacity(values.len());
        if let Clusters::Labelled(labels) = clusters
            && labels.len() != values.len()
        {
            return Err(MetricError::LengthMismatch {
                what: "the list of labels",
                expected: values.len(),
                got: labels.len(),
            });
        }
        for (station, value) in values.iter().enumerate().filter(|(_, v)| v.is_finite()) {
            let label = match clusters {
                Clusters::Stations => station as u64,
                Clusters::Labelled(labels) => labels[station],
            };
            let next = positions.len();
            sorted.push((*value, *positions.entry(label).or_insert(next)));
        }
        if positions.len() < FEWEST {
            return Err(MetricError::TooFewClusters {
                got: positions.len(),
                needed: FEWEST,
            });
        }
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(Self {
            sorted,
            clusters: positions.len(),
        })
    }

    /// How often each cluster is drawn, with as many draws as there are clusters.
    fn draw(&self, counts: &mut [usize], rng: &mut ChaCha8Rng) {
        counts.fill(0);
        for _ in 0..self.clusters {
            counts[below(rng, self.clusters)] += 1;
        }
    }

    /// The middle of the values, each as often as its cluster is there.
    fn centre(&self, counts: &[usize], centre: Centre) -> f64 {
        let total: usize = self
            .sorted
            .iter()
            .map(|(_, cluster)| counts[*cluster])
            .sum();
        match centre {
            Centre::Mean => {
                let sum: f64 = self
                    .sorted
                    .iter()
                    .map(|(value, cluster)| value * counts[*cluster] as f64)
                    .sum();
                sum / total as f64
            }
            Centre::Median => {
                let (lower, upper) = ((total - 1) / 2, total / 2);
                let mut passed = 0;
                let mut low = f64::NAN;
                for (value, cluster) in &self.sorted {
                    let before = passed;
                    passed += counts[*cluster];
                    if before <= lower && lower < passed {
                        low = *value;
                    }
                    if upper < passed {
                        return (low + value) / 2.0;
                    }
                }
                low
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn middle_counts_each_value_as_often_as_it_was_drawn() {
        let stations = Stations::new(&[3.0, 1.0, f64::NAN, 2.0], Clusters::Stations).unwrap();
        // In the order of their places: 3, 1, 2.
        for (counts, mean, median) in [
            ([1, 1, 1], 2.0, 2.0),
            ([2, 1, 0], 7.0 / 3.0, 3.0),
            ([1, 1, 0], 2.0, 2.0),
            ([0, 3, 0], 1.0, 1.0),
            ([2, 0, 2], 2.5, 2.5),
        ] {
            approx::assert_abs_diff_eq!(
                stations.centre(&counts, Centre::Mean),
                mean,
                epsilon = 1e-12
            );
            assert_eq!(stations.centre(&counts, Centre::Median), median);
        }
    }

    #[test]
    fn mean_of_many_stations_has_the_normal_interval() {
        // Values 0 and 1: the standard error of the mean of 400 is 0.025.
        let values: Vec<f64> = (0..400).map(|k| f64::from(k % 2)).collect();
        let bootstrap = Bootstrap {
            resamples: 20_000,
            ..Bootstrap::new(3)
        };
        let of = |clusters| centre_interval(&values, clusters, Centre::Mean, &bootstrap).unwrap();
        let alone = of(Clusters::Stations).interval;
        // A quantile of 20,000 draws strays by about 1 % of the deviation; a step of the mean is 0.0025.
        approx::assert_abs_diff_eq!(alone.width(), 2.0 * 1.96 * 0.025, epsilon = 0.004);

        // Ten stations of one value in a block: as if there were a tenth of them.
        let labels: Vec<u64> = (0..400).map(|k| (k / 20) * 2 + k % 2).collect();
        let blocks = of(Clusters::Labelled(&labels));
        assert_eq!(blocks.clusters, 40);
        let wider = blocks.interval.width() / alone.width();
        assert!((wider - 10.0_f64.sqrt()).abs() < 0.3, "{wider}");
    }

    #[test]
    fn difference_is_challenger_minus_baseline() {
        let bootstrap = Bootstrap::new(5);
        let (challenger, baseline) = ([3.0, 2.0, 4.0, 6.0], [1.0, 1.0, 1.0, f64::NAN]);
        let of = |a: &[f64], b: &[f64]| {
            paired_difference(a, b, Clusters::Stations, Centre::Mean, &bootstrap).unwrap()
        };
        let gain = of(&challenger, &baseline);
        assert_eq!((gain.difference.stations, gain.difference.value), (3, 2.0));
        // No resample of 2, 1, 3 reaches zero.
        assert_eq!(gain.p_value, 2.0 / 1001.0);
        assert_eq!(of(&baseline, &challenger).difference.value, -2.0);
        assert_eq!(of(&challenger, &challenger).p_value, 1.0);
    }

    #[test]
    fn one_cluster_is_too_few() {
        let error = centre_interval(
            &[1.0, 2.0, 3.0],
            Clusters::Labelled(&[4, 4, 4]),
            Centre::Mean,
            &Bootstrap::new(0),
        )
        .unwrap_err();
        assert_eq!(error, MetricError::TooFewClusters { got: 1, needed: 2 });
    }
}
