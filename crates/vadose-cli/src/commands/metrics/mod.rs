//! `vadose metrics`: skill of two columns of a CSV table, as one series or by station.

mod table;

use std::path::PathBuf;

use anyhow::Context;
use serde::Serialize;
use vadose::metrics::{
    AnalyticInterval, Bootstrap, Clusters, Dependence, Distribution, Interval, IntervalConfig,
    Samples, Skill, SkillIntervals, SkillSummary, StationSkill,
};

use self::table::Table;
use crate::failure::Failure;
use crate::print;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A CSV table with a header row.
    #[arg(value_name = "TABLE.csv")]
    table: PathBuf,
    /// Column of the estimates.
    #[arg(long, value_name = "COL")]
    estimate: String,
    /// Column of the reference values.
    #[arg(long, value_name = "COL")]
    reference: String,
    /// Column of times, which count in whole hours: intervals with effective sample sizes.
    #[arg(long, value_name = "COL")]
    time: Option<String>,
    /// Column of station names: skill by station, then its summary with stations resampled.
    #[arg(long, value_name = "COL")]
    station: Option<String>,
    /// Print JSON, at full precision.
    #[arg(long)]
    json: bool,
}

/// Seed of the resampling of stations.
const SEED: u64 = 1;

/// One series with its intervals.
#[derive(Serialize)]
struct OneSeries {
    skill: Skill,
    intervals: SkillIntervals,
}

/// Many stations.
#[derive(Serialize)]
struct ByStation {
    stations: Vec<StationSkill>,
    summary: SkillSummary,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let table = Table::read(&args.table)?;
    let (estimate, reference) = (
        table.numbers(&args.estimate)?,
        table.numbers(&args.reference)?,
    );
    let hours = args.time.as_deref().map(|column| table.hours(column));
    let hours = hours.transpose()?;
    let stations = args.station.as_deref().map(|column| table.names(column));
    let name = || args.table.display().to_string();
    match (stations.transpose()?, hours) {
        (None, None) => {
            let skill = Skill::of(&estimate, &reference).with_context(name)?;
            if args.json {
                return print::json(&skill);
            }
            print_skill(&skill, None)
        }
        (None, Some(hours)) => {
            let one = one_series(&hours, &estimate, &reference).with_context(name)?;
            if args.json {
                return print::json(&one);
            }
            print_skill(&one.skill, Some(&one.intervals))
        }
        (Some(stations), hours) => {
            let mut samples = Samples::new(&stations);
            if let Some(hours) = &hours {
                samples = samples
                    .in_time(hours, IntervalConfig::default())
                    .with_context(name)?;
            }
            let stations = samples.skill(&estimate, &reference).with_context(name)?;
            let bootstrap = Bootstrap::new(SEED);
            let summary = SkillSummary::resampled(&stations, Clusters::Stations, &bootstrap)
                .with_context(name)?;
            let all = ByStation { stations, summary };
            if args.json {
                return print::json(&all);
            }
            print_stations(&all)
        }
    }
}

/// The rows in the order of time.
fn one_series(
    hours: &[i64],
    estimate: &[f64],
    reference: &[f64],
) -> Result<OneSeries, vadose::metrics::MetricError> {
    let mut rows: Vec<usize> = (0..hours.len()).collect();
    rows.sort_by_key(|row| hours[*row]);
    let sorted = |column: &[f64]| -> Vec<f64> { rows.iter().map(|row| column[*row]).collect() };
    let hours: Vec<i64> = rows.iter().map(|row| hours[*row]).collect();
    let config = IntervalConfig::default();
    let in_time = Dependence::InTime {
        hours: &hours,
        longest_gap_hours: config.longest_gap_hours,
    };
    let (estimate, reference) = (sorted(estimate), sorted(reference));
    let (skill, intervals) =
        Skill::with_intervals(&estimate, &reference, in_time, config.confidence)?;
    Ok(OneSeries { skill, intervals })
}

fn print_skill(skill: &Skill, intervals: Option<&SkillIntervals>) -> Result<(), Failure> {
    let serde_json::Value::Object(figures) = serde_json::to_value(skill)? else {
        return Err(Failure::failed("a skill is a set of named figures"));
    };
    for (name, value) in &figures {
        let interval = intervals.and_then(|intervals| match name.as_str() {
            "bias" => intervals.bias,
            "ubrmse" => intervals.ubrmse,
            "r" => intervals.r,
            "spearman" => intervals.spearman,
            "kendall" => intervals.kendall,
            _ => None,
        });
        let interval = interval.map_or(String::new(), |of| {
            let few = if of.few_effective { ", few" } else { "" };
            format!(
                "  [{:.6}, {:.6}] (n_eff {:.1}{few})",
                of.interval.lower, of.interval.upper, of.n_eff
            )
        });
        match value.as_f64() {
            Some(figure) if !value.is_u64() => {
                print::text(format_args!("{name:<10} {figure:.6}{interval}"))?;
            }
            _ => print::text(format_args!("{name:<10} {value}"))?,
        }
    }
    Ok(())
}

fn print_stations(all: &ByStation) -> Result<(), Failure> {
    let widths = all.stations.iter().map(|one| one.station.chars().count());
    let width = widths.max().unwrap_or(0).max("station".len());
    print::text(format_args!(
        "{:<width$} {:>6}  {:<26}  {:<26}  {:<26}",
        "station", "n", "bias", "ubRMSE", "R"
    ))?;
    for one in &all.stations {
        let interval = |of: fn(&SkillIntervals) -> Option<AnalyticInterval>| {
            one.intervals.as_ref().and_then(of).map(|of| of.interval)
        };
        print::text(format_args!(
            "{:<width$} {:>6}  {:<26}  {:<26}  {:<26}",
            one.station,
            one.skill.n,
            with_interval(one.skill.bias, interval(|of| of.bias)),
            with_interval(one.skill.ubrmse, interval(|of| of.ubrmse)),
            with_interval(one.skill.r, interval(|of| of.r)),
        ))?;
    }
    let summary = &all.summary;
    print::text(format_args!(
        "\nmedian over {} stations; {} with few effective samples",
        summary.stations, summary.few_effective
    ))?;
    let metrics: [(&str, &Distribution); 4] = [
        ("bias", &summary.bias),
        ("rmse", &summary.rmse),
        ("ubrmse", &summary.ubrmse),
        ("r", &summary.r),
    ];
    metrics.into_iter().try_for_each(|(name, of)| {
        let median = with_interval(of.median, of.median_interval);
        print::text(format_args!("{name:<10} {median}"))
    })
}

fn with_interval(value: Option<f64>, interval: Option<Interval>) -> String {
    let value = value.map_or("–".to_owned(), |value| format!("{value:.4}"));
    interval.map_or(value.clone(), |of| {
        format!("{value} [{:.4}, {:.4}]", of.lower, of.upper)
    })
}
