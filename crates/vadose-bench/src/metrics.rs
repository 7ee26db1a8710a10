//! Metrics with intervals, and bootstraps, of many stations.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use candle_core::{Device, Tensor};
use clap::{Subcommand, ValueEnum};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use vadose_metrics::{
    BlockLength, Bootstrap, BootstrapIntervals, BootstrapMethod, Confidence, Dependence, Interval,
    KendallError, MetricError, Skill, SkillIntervals, block_bootstrap, kendall_interval,
};

use crate::duel::{Answer, Arguments, Inputs, Results, vector, write};

const STATIONS: usize = 500;
const DAYS: usize = 1000;
/// Stations that are bootstrapped: pytesmo takes a second for each.
const BOOTSTRAPPED: usize = 4;
const SEED: u64 = 20_150_411;
/// Correlation of one day with the next.
const PERSISTENCE: f64 = 0.8;
const LONGEST_GAP_HOURS: i64 = 30 * 24;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write daily series of estimate and reference.
    Inputs { output: PathBuf },
    /// Score them.
    Run(Arguments<Work>),
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Work {
    /// All metrics, with intervals for independent samples: what pytesmo has.
    Intervals,
    /// All metrics, with intervals that know of autocorrelation.
    EffectiveIntervals,
    /// Percentile bootstrap of single samples: what pytesmo has.
    Bootstrap,
    /// Circular block bootstrap, BCa.
    BlockBootstrap,
}

type Station = (Vec<f64>, Vec<f64>);

pub(crate) fn write_inputs(output: &Path) -> Result<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut estimate = Vec::with_capacity(STATIONS * DAYS);
    let mut reference = Vec::with_capacity(STATIONS * DAYS);
    for _ in 0..STATIONS {
        let (mut truth, mut error) = (0.0, 0.0);
        for _ in 0..DAYS {
            truth = PERSISTENCE * truth + rng.random_range(-0.05..0.05);
            error = PERSISTENCE * error + rng.random_range(-0.04..0.04);
            reference.push(0.22 + truth);
            estimate.push(0.24 + truth + error);
        }
    }
    let named = |name: &str, values| -> Result<_> {
        let tensor = Tensor::from_vec(values, (STATIONS, DAYS), &Device::Cpu)?;
        Ok((name.to_owned(), tensor))
    };
    write(
        output,
        vec![named("estimate", estimate)?, named("reference", reference)?],
    )
}

pub(crate) fn run(arguments: &Arguments<Work>) -> Result<Answer> {
    let stations = stations(&arguments.start()?)?;
    let hours: Vec<i64> = (0..DAYS as i64).map(|day| 24 * day + 6).collect();
    let in_time = Dependence::InTime {
        hours: &hours,
        longest_gap_hours: LONGEST_GAP_HOURS,
    };
    let score = |dependence| {
        arguments.measure(
            || {
                of_each(&stations, |(e, r)| {
                    Skill::with_intervals(e, r, dependence, Confidence::P95)
                })
            },
            |found| skills(&stations, &found),
        )
    };
    let bootstrap = |dependence, method| {
        let bootstrap = Bootstrap {
            method,
            ..Bootstrap::new(SEED)
        };
        arguments.measure(
            || {
                of_each(&stations[..BOOTSTRAPPED], |(e, r)| {
                    block_bootstrap(e, r, dependence, BlockLength::Automatic, &bootstrap)
                })
            },
            |found| widths(&found),
        )
    };
    match arguments.work {
        Work::Intervals => score(Dependence::Independent),
        Work::EffectiveIntervals => score(in_time),
        Work::Bootstrap => bootstrap(Dependence::Independent, BootstrapMethod::Percentile),
        Work::BlockBootstrap => bootstrap(in_time, BootstrapMethod::Bca),
    }
}

fn of_each<T: Send>(
    stations: &[Station],
    score: impl Fn(&Station) -> Result<T, MetricError> + Sync + Send,
) -> Result<Vec<T>> {
    Ok(stations.par_iter().map(score).collect::<Result<_, _>>()?)
}

fn stations(inputs: &Inputs) -> Result<Vec<Station>> {
    let series = |name| -> Result<Vec<Vec<f64>>> { Ok(inputs.tensor(name)?.to_vec2()?) };
    let pairs = series("estimate")?.into_iter().zip(series("reference")?);
    Ok(pairs.collect())
}

/// The metrics that pytesmo has too, and their intervals; Kendall's by pytesmo's formula.
fn skills(stations: &[Station], found: &[(Skill, SkillIntervals)]) -> Result<Results> {
    let metric = |name: &str, of: fn(&Skill) -> Option<f64>| {
        let values = found.iter().map(|(skill, _)| of(skill));
        let values: Option<Vec<f64>> = values.collect();
        vector(name, values.context("the series define every metric")?)
    };
    let mut results = vec![
        metric("bias", |skill| skill.bias)?,
        metric("rmse", |skill| skill.rmse)?,
        metric("ubrmse", |skill| skill.ubrmse)?,
        metric("mae", |skill| skill.mae)?,
        metric("r", |skill| skill.r)?,
        metric("spearman", |skill| skill.spearman)?,
        metric("kendall", |skill| skill.kendall)?,
        metric("nse", |skill| skill.nse)?,
    ];
    let mut add = |name: &str, intervals: Option<Vec<Interval>>| -> Result<()> {
        let intervals = intervals.context("the series define every interval")?;
        let (lower, upper): (Vec<f64>, Vec<f64>) =
            intervals.iter().map(|one| (one.lower, one.upper)).unzip();
        results.push(vector(&format!("{name} lower"), lower)?);
        results.push(vector(&format!("{name} upper"), upper)?);
        Ok(())
    };
    let all = |of: fn(&SkillIntervals) -> Option<Interval>| -> Option<Vec<Interval>> {
        found.iter().map(|(_, intervals)| of(intervals)).collect()
    };
    add("bias", all(|of| Some(of.bias?.interval)))?;
    add("ubrmse", all(|of| Some(of.ubrmse?.interval)))?;
    add("r", all(|of| Some(of.r?.interval)))?;
    add("spearman", all(|of| Some(of.spearman?.interval)))?;
    let kendall = of_each(stations, |(e, r)| {
        let independent = Dependence::Independent;
        kendall_interval(e, r, independent, Confidence::P95, KendallError::Pytesmo)
    })?;
    add(
        "kendall",
        Some(kendall.iter().map(|of| of.interval).collect()),
    )?;
    Ok(results)
}

/// Widths of the intervals: their places are those of the metrics.
fn widths(found: &[BootstrapIntervals]) -> Result<Results> {
    let width = |name: &str, of: fn(&BootstrapIntervals) -> Option<Interval>| {
        let widths = found.iter().map(|one| Some(of(one)?.width()));
        let widths: Option<Vec<f64>> = widths.collect();
        vector(name, widths.context("the series define every interval")?)
    };
    Ok(vec![
        width("bias", |one| one.bias)?,
        width("rmse", |one| one.rmse)?,
        width("ubrmse", |one| one.ubrmse)?,
        width("r", |one| one.r)?,
    ])
}
