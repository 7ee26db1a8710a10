//! Skill of soil-moisture estimates: bias, ubRMSE, correlation and their summaries over stations.
//!
//! Every function takes `(estimate, reference)` in this order, so that the bias is estimate minus
//! reference. Pairs with a NaN or infinite member are dropped, and [`Skill`] counts them. Sums are
//! f64. Variances divide by the number of pairs, not by one less, as in pytesmo.
//!
//! Skill belongs to a station first: [`by_station`] gives one [`Skill`] per station, and
//! [`SkillSummary`] the mean, the median and the quartiles of the stations. Pooling the samples of all
//! stations mixes differences between places into the score, and nothing here does it.
//!
//! # What there is
//! | to | take |
//! |---|---|
//! | score one pair of series | [`Skill`], or a metric alone: [`bias`], [`rmse`], [`ubrmse`], [`mae`], [`pearson_r`], [`spearman`], [`kendall`], [`nse`], [`kge`], [`mse_parts`] |
//! | say how sure that is | [`Skill::with_intervals`], [`pearson_interval`] and its like; [`block_bootstrap`] |
//! | know how long a series remembers | [`TimeAxis`]: autocorrelation and effective size, with gaps |
//! | score many stations | [`Samples`]: rows in time, the rows that all products share, strata |
//! | give a headline its interval | [`SkillSummary::resampled`], [`centre_interval`]: stations or spatial blocks resampled |
//! | compare methods | [`paired_difference`], [`wilcoxon_signed_rank`], then [`holm`] over all comparisons |
//! | take the season out | [`short_term_anomalies`], [`Climatology`] |
//! | do without a truth | [`triple_collocation`], [`triple_collocation_intervals`] |
//!
//! # Intervals and autocorrelation
//! Soil moisture remembers for days, and so do the errors of its estimates: 200 daily values can be worth 25.
//! How often intervals at 95 % hold the truth, measured on AR(1) series with phi = 0.8 and R = 0.6 (20,000
//! draws, and 2,000 for the bootstrap, with fixed seeds):
//!
//! | | R | ubRMSE | bias |
//! |---|---|---|---|
//! | analytic, samples taken as independent, n = 200 | 65 % | 64 % | 48 % |
//! | **analytic with effective sizes, n = 200** | 95 % | 93 % | 94 % |
//! | the same, revisits after 1 to 3 days, n = 200 | 95 % | 95 % | 94 % |
//! | the same, three Junes of 30 days | 96 % | 92 % | 94 % |
//! | bootstrap of single samples, BCa, n = 200 | 64 % | 61 % | 47 % |
//! | circular block bootstrap, BCa, n = 200 | 88 % | 84 % | 87 % |
//!
//! So [`Dependence::InTime`] is what to give wherever there are times. What remains: the autocorrelation is
//! itself estimated, and too low in short series, so that below 30 effective samples intervals are too short;
//! they are marked ([`AnalyticInterval::few_effective`]). Memory that is not of one time scale (a slow season
//! under fast rain) is longer than an AR(1) says; take anomalies. The formulas assume values that are nearly
//! normal. An interval of a station says nothing of other stations: a headline needs its own.
//!
//! # Example
//! ```
//! use vadose_metrics::Skill;
//!
//! let estimate = [0.12, 0.18, f64::NAN, 0.31];
//! let station = [0.10, 0.20, 0.22, 0.35];
//! let skill = Skill::of(&estimate, &station)?;
//! assert_eq!((skill.n, skill.dropped), (3, 1));
//! assert!((skill.bias.unwrap() - (-0.04 / 3.0)).abs() < 1e-15);
//! assert_eq!(skill.kendall, Some(1.0)); // the three pairs are in the same order
//! # Ok::<(), vadose_metrics::MetricError>(())
//! ```
#![forbid(unsafe_code)]

mod anomaly;
mod bootstrap;
mod confidence;
mod correlation;
mod dependent;
mod deviation;
mod distribution;
mod efficiency;
mod error;
mod interval;
mod kendall;
mod pair_intervals;
mod pairs;
mod ranks;
mod samples;
mod significance;
mod skill;
mod stations;
mod time_axis;
mod triple_collocation;

pub use anomaly::{Climatology, ClimatologyConfig, MovingMean, short_term_anomalies};
pub use bootstrap::blocks::BlockLength;
pub use bootstrap::clusters::{
    Centre, CentreEstimate, Clusters, PairedDifference, centre_interval, paired_difference,
};
pub use bootstrap::pairs::{BootstrapIntervals, block_bootstrap};
pub use bootstrap::{Bootstrap, BootstrapMethod};
pub use confidence::Confidence;
pub use correlation::{pearson_r, spearman};
pub use deviation::{MseParts, bias, mae, mse_parts, rmse, rmse_minus_abs_bias, ubrmse};
pub use distribution::Distribution;
pub use efficiency::{kge, nse};
pub use error::{MetricError, Series};
pub use interval::{AnalyticInterval, Dependence, FEW_EFFECTIVE, Interval};
pub use kendall::kendall;
pub use pair_intervals::{
    KendallError, bias_interval, kendall_interval, pearson_interval, spearman_interval,
    ubrmse_interval,
};
pub use samples::{IntervalConfig, Samples};
pub use significance::{SignedRank, holm, wilcoxon_signed_rank};
pub use skill::{Skill, SkillIntervals};
pub use stations::{SkillSummary, StationSkill, by_station, paired_values};
pub use time_axis::TimeAxis;
pub use triple_collocation::{
    CollocatedError, CollocatedIntervals, TripleCollocation, TripleIntervals, triple_collocation,
    triple_collocation_intervals,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
