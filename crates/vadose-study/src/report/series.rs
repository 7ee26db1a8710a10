//! Estimate and station through time, at the best, the middle and the worst station.

use vadose_metrics::{Interval, StationSkill};
use vadose_viz::report::Section;
use vadose_viz::{StationSeries, StationSeriesPlot};

use super::page::{UNITS, add_figure, number};
use super::run::Run;
use super::samples::{Column, Samples};
use crate::evaluation::{Calibration, Coverage, CoverageReference, MethodSkill, Population};

/// Products beside the estimate, the first that has values.
const PRODUCTS: [&str; 2] = ["spl2smap_s", "spl2smp_e"];
/// Level of the intervals that are drawn.
const LEVEL: f64 = 0.9;

/// Adds the section.
pub(super) fn add(section: &mut Section, run: &Run, samples: &Samples, subject: &MethodSkill) {
    let Some(column) = samples.column(&subject.method) else {
        section.paragraph(format!(
            "The table of samples does not hold {}.",
            subject.method
        ));
        return;
    };
    let calibration = calibration(run, &subject.method).filter(|_| !column.spread.is_empty());
    let has_values = |column: &&Column| column.values.iter().any(|value| value.is_finite());
    let product = PRODUCTS
        .into_iter()
        .filter_map(|name| samples.column(name))
        .find(has_values)
        .filter(|product| product.method != subject.method);
    let stations: Vec<StationSeries> = chosen(&subject.stations)
        .into_iter()
        .map(|(rank, of)| series(samples, column, product, calibration, rank, of))
        .collect();
    let figure = StationSeriesPlot {
        title: run.titled(&format!("Soil moisture of {} and stations", subject.method)),
        y_label: UNITS.to_owned(),
        longest_gap_hours: longest_gap(&stations),
        stations,
        estimate_label: subject.method.clone(),
        interval_label: format!("{:.0} % interval", 100.0 * LEVEL),
        product_label: product.map_or(String::new(), |product| product.method.clone()),
        footnote: run.footnote(),
        ..StationSeriesPlot::default()
    };
    let caption = format!(
        "The test stations of the lowest, the middle and the highest ubRMSE of {}.{}",
        subject.method,
        match calibration {
            Some(_) => " Intervals are calibrated on validation stations.",
            None => "",
        }
    );
    add_figure(section, &figure, caption);
}

/// The calibration of a method's intervals on validation stations.
fn calibration(run: &Run, method: &str) -> Option<Calibration> {
    let mut coverage = run.evaluation.coverage.iter();
    let of_method = |of: &&Coverage| {
        of.method == method
            && of.reference == CoverageReference::Stations
            && (of.calibration.level.level() - LEVEL).abs() < 1e-9
    };
    Some(coverage.find(of_method)?.calibration)
}

/// The stations of lowest, middle and highest ubRMSE; fewer where there are fewer.
fn chosen(stations: &[StationSkill]) -> Vec<(&'static str, &StationSkill)> {
    let mut ranked: Vec<(f64, &StationSkill)> = stations
        .iter()
        .filter_map(|of| Some((of.skill.ubrmse?, of)))
        .collect();
    ranked.sort_by(|one, other| one.0.total_cmp(&other.0));
    let n = ranked.len();
    let places = match n {
        0 => vec![],
        1 => vec![("the only one", 0)],
        2 => vec![("lowest", 0), ("highest", 1)],
        _ => vec![("lowest", 0), ("middle", n / 2), ("highest", n - 1)],
    };
    places
        .into_iter()
        .map(|(rank, at)| (rank, ranked[at].1))
        .collect()
}

fn series(
    samples: &Samples,
    column: &Column,
    product: Option<&Column>,
    calibration: Option<Calibration>,
    rank: &str,
    of: &StationSkill,
) -> StationSeries {
    let mut rows = samples.rows_of(Population::Test);
    rows.retain(|row| samples.rows[*row].station == of.station);
    rows.sort_by_key(|row| samples.rows[*row].hour);
    let values = |column: &Column| rows.iter().map(|row| column.values[*row]).collect();
    let interval = |row: &usize| {
        let half = calibration.map_or(f64::NAN, |of| of.half_width(column.spread[*row]));
        Interval {
            lower: column.values[*row] - half,
            upper: column.values[*row] + half,
        }
    };
    let of_skill =
        |value: Option<f64>, decimals| value.map_or("–".to_owned(), |of| number(of, decimals));
    StationSeries {
        heading: format!(
            "{}: ubRMSE {} ({rank}), R {}, bias {}",
            of.station,
            of_skill(of.skill.ubrmse, 3),
            of_skill(of.skill.r, 2),
            of_skill(of.skill.bias, 3)
        ),
        hours: rows.iter().map(|row| samples.rows[*row].hour).collect(),
        station: rows
            .iter()
            .map(|row| samples.rows[*row].reference)
            .collect(),
        estimate: values(column),
        intervals: match calibration {
            Some(_) => rows.iter().map(interval).collect(),
            None => Vec::new(),
        },
        product: product.map_or(Vec::new(), values),
    }
}

/// What is further apart than one and a half of the usual steps is a gap: a cube may hold every third day.
fn longest_gap(stations: &[StationSeries]) -> i64 {
    let steps = stations
        .iter()
        .flat_map(|of| of.hours.windows(2).map(|pair| pair[1] - pair[0]));
    let mut steps: Vec<i64> = steps.collect();
    steps.sort_unstable();
    let usual = steps.get(steps.len() / 2).copied().unwrap_or(0);
    (usual + usual / 2).max(StationSeriesPlot::default().longest_gap_hours)
}
