//! Coverage: how often intervals at 95 % hold the truth, on autocorrelated series whose truth is known.
//!
//! The seed is fixed. With 20,000 draws the standard error of a coverage of 0.95 is 0.0015.

use std::num::NonZeroUsize;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use vadose_metrics::{
    BlockLength, Bootstrap, Confidence, Dependence, Interval, KendallError, bias_interval,
    block_bootstrap, kendall_interval, pearson_interval, spearman_interval, ubrmse_interval,
};

const DRAWS: u64 = 20_000;
/// Draws where less is claimed: the standard error is then 0.004.
const FEWER_DRAWS: u64 = 3_000;
const SEED: u64 = 20_150_811;
/// Correlation of the two series.
const R: f64 = 0.6;
/// Correlation of neighbours in time, of both series.
const PHI: f64 = 0.8;

/// Which of the samples of a daily series are there, and when.
struct Sampling {
    /// Days from the first one; long gaps are independent.
    days: Vec<i64>,
}

/// A gap of more than these hours ends a segment.
const LONGEST_GAP_HOURS: i64 = 30 * 24;

impl Sampling {
    fn daily(n: i64) -> Self {
        Self {
            days: (0..n).collect(),
        }
    }

    /// Three Junes of thirty days.
    fn junes() -> Self {
        let june = |year: i64| (0..30).map(move |day| 365 * year + day);
        Self {
            days: (0..3).flat_map(june).collect(),
        }
    }

    /// Revisits after 1, 2, 3, 2 days, as a polar orbiter gives.
    fn revisits(n: i64) -> Self {
        let days = (0..n).map(|k| 8 * (k / 4) + [0, 1, 3, 6][(k % 4) as usize]);
        Self {
            days: days.collect(),
        }
    }

    fn hours(&self) -> Vec<i64> {
        self.days.iter().map(|day| 24 * day + 6).collect()
    }

    /// AR(1) of variance 1, seen on these days.
    fn draw(&self, phi: f64, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let mut normal = || -> f64 { StandardNormal.sample(rng) };
        let mut value = normal();
        let mut day = self.days[0];
        self.days
            .iter()
            .map(|next| {
                let kept = phi.powi((next - day) as i32);
                value = kept * value + (1.0 - kept * kept).sqrt() * normal();
                day = *next;
                value
            })
            .collect()
    }

    /// Estimate and reference of correlation `R`, both of variance 1 and mean 0.
    fn pair(&self, phi: f64, draw: u64) -> (Vec<f64>, Vec<f64>) {
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        rng.set_stream(draw);
        let reference = self.draw(phi, &mut rng);
        let own = self.draw(phi, &mut rng);
        let estimate = own
            .iter()
            .zip(&reference)
            .map(|(own, shared)| R * shared + (1.0 - R * R).sqrt() * own)
            .collect();
        (estimate, reference)
    }
}

/// Share of draws in which each interval holds its truth.
fn coverage<const N: usize>(
    draws: u64,
    sampling: &Sampling,
    phi: f64,
    truth: [f64; N],
    intervals: impl Fn(&[f64], &[f64], Dependence<'_>) -> [Interval; N] + Sync,
) -> [f64; N] {
    let hours = sampling.hours();
    let in_time = Dependence::InTime {
        hours: &hours,
        longest_gap_hours: LONGEST_GAP_HOURS,
    };
    let hits: Vec<[bool; N]> = (0..draws)
        .into_par_iter()
        .map(|draw| {
            let (estimate, reference) = sampling.pair(phi, draw);
            let intervals = intervals(&estimate, &reference, in_time);
            std::array::from_fn(|of| intervals[of].contains(truth[of]))
        })
        .collect();
    std::array::from_fn(|of| hits.iter().filter(|hit| hit[of]).count() as f64 / draws as f64)
}

/// The ubRMSE of two series of variance 1 and correlation `R`.
fn true_ubrmse() -> f64 {
    (2.0 - 2.0 * R).sqrt()
}

/// R, ubRMSE and bias.
fn of_pair(estimate: &[f64], reference: &[f64], dependence: Dependence<'_>) -> [Interval; 3] {
    [pearson_interval, ubrmse_interval, bias_interval].map(|interval| {
        interval(estimate, reference, dependence, Confidence::P95)
            .expect("both series vary")
            .interval
    })
}

fn truth() -> [f64; 3] {
    [R, true_ubrmse(), 0.0]
}

#[test]
fn intervals_cover_in_spite_of_autocorrelation() {
    let [r, ubrmse, bias] = coverage(DRAWS, &Sampling::daily(200), PHI, truth(), of_pair);
    println!("n = 200, phi = 0.8: R {r}, ubRMSE {ubrmse}, bias {bias}");
    assert!((0.93..0.97).contains(&r), "R: {r}");
    assert!((0.92..0.97).contains(&ubrmse), "ubRMSE: {ubrmse}");
    assert!((0.92..0.97).contains(&bias), "bias: {bias}");
}

#[test]
fn intervals_for_independent_samples_do_not() {
    let naive = |e: &[f64], r: &[f64], _: Dependence<'_>| of_pair(e, r, Dependence::Independent);
    let covered = coverage(FEWER_DRAWS, &Sampling::daily(200), PHI, truth(), naive);
    println!("n = 200, phi = 0.8, taken as independent: {covered:?}");
    // What the effective sizes are there for: measured .662, .634 and .474.
    for (covered, measured) in covered.into_iter().zip([0.662, 0.634, 0.474]) {
        assert!((covered - measured).abs() < 0.02, "{covered}");
    }
    // Without autocorrelation they are right, so the draws and the truth are.
    for covered in coverage(FEWER_DRAWS, &Sampling::daily(200), 0.0, truth(), naive) {
        assert!((covered - 0.95).abs() < 0.015, "{covered}");
    }
}

#[test]
fn intervals_cover_with_gaps_and_over_junes() {
    for (name, sampling) in [
        ("revisits, n = 200", Sampling::revisits(200)),
        ("three Junes", Sampling::junes()),
    ] {
        let [r, ubrmse, bias] = coverage(FEWER_DRAWS, &sampling, PHI, truth(), of_pair);
        println!("{name}: R {r}, ubRMSE {ubrmse}, bias {bias}");
        assert!((0.93..0.975).contains(&r), "{name}, R: {r}");
        assert!((0.90..0.97).contains(&ubrmse), "{name}, ubRMSE: {ubrmse}");
        assert!((0.90..0.97).contains(&bias), "{name}, bias: {bias}");
    }
}

#[test]
fn rank_correlations_cover_and_the_short_kendall_interval_does_not() {
    let truth = [
        6.0 / std::f64::consts::PI * (R / 2.0).asin(),
        2.0 / std::f64::consts::PI * R.asin(),
        2.0 / std::f64::consts::PI * R.asin(),
    ];
    let ranks = |e: &[f64], r: &[f64], dependence: Dependence<'_>| {
        [
            spearman_interval(e, r, dependence, Confidence::P95),
            kendall_interval(e, r, dependence, Confidence::P95, KendallError::Fieller),
            kendall_interval(e, r, dependence, Confidence::P95, KendallError::Pytesmo),
        ]
        .map(|interval| interval.unwrap().interval)
    };
    for (phi, fewest) in [(0.0, 0.935), (PHI, 0.935)] {
        let [spearman, kendall, short] =
            coverage(FEWER_DRAWS, &Sampling::daily(200), phi, truth, ranks);
        println!("phi = {phi}: rho {spearman}, tau {kendall}, tau as pytesmo {short}");
        assert!((fewest..0.98).contains(&spearman), "rho: {spearman}");
        assert!((fewest..0.98).contains(&kendall), "tau: {kendall}");
        assert!(short < 0.85, "tau as pytesmo: {short}");
    }
}

#[test]
fn blocks_cover_better_than_single_samples_and_worse_than_formulas() {
    let by = |block| {
        move |e: &[f64], r: &[f64], dependence: Dependence<'_>| {
            let bootstrap = Bootstrap {
                resamples: 400,
                ..Bootstrap::new(SEED)
            };
            let found = block_bootstrap(e, r, dependence, block, &bootstrap).unwrap();
            [found.r, found.ubrmse, found.bias].map(Option::unwrap)
        }
    };
    let one = BlockLength::Samples(NonZeroUsize::MIN);
    let of = |phi, block| coverage(FEWER_DRAWS, &Sampling::daily(200), phi, truth(), by(block));
    let independent = of(0.0, one);
    let (single, blocks) = (of(PHI, one), of(PHI, BlockLength::Automatic));
    println!("bootstrap: phi = 0 {independent:?}, phi = 0.8 {single:?}, in blocks {blocks:?}");
    for covered in independent {
        assert!((0.93..0.965).contains(&covered), "phi = 0: {covered}");
    }
    for covered in single {
        assert!(covered < 0.70, "single samples: {covered}");
    }
    // Measured with 1,000 resamples and 2,000 draws: .880, .845 and .868.
    for (covered, measured) in blocks.into_iter().zip([0.880, 0.845, 0.868]) {
        assert!((covered - measured).abs() < 0.03, "blocks: {covered}");
    }
}
