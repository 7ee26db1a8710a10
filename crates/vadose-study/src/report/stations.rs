//! Station by station: scatter, Taylor diagrams, maps of skill, and series of some stations.

use std::collections::BTreeMap;

use vadose_metrics::Skill;
use vadose_viz::report::Section;
use vadose_viz::{
    ColourMap, Extent, ScatterPlot, ScatterSeries, SeriesRole, StationDot, StationMap,
    TaylorDiagram, TaylorPoint,
};

use super::page::{UNITS, add_figure, population};
use super::run::Run;
use super::samples::Samples;
use super::series;
use crate::evaluation::{Comparison, MethodSkill, Population, SampleSite};

/// Methods in scatter plots.
const MAX_SCATTERED: usize = 5;
/// Plots of one figure of scatter plots.
const PLOTS_A_FIGURE: usize = 3;
/// Fewer pairs are no scatter plot.
const FEWEST_PAIRS: usize = 10;
/// Room around the outermost stations, as a share of the map.
const MAP_MARGIN: f64 = 0.06;

/// Adds the section.
pub(super) fn add(section: &mut Section, run: &Run) {
    let Some(comparison) = run.first_comparison(Population::Test) else {
        section.paragraph("The run holds no comparison at test stations.");
        return;
    };
    let Some(subject) = run.subject(comparison) else {
        return;
    };
    match &run.samples {
        Some(samples) => {
            scatter(
                section.section("Estimate against station"),
                run,
                samples,
                subject,
            );
            let part = section.section("Correlation and spread");
            for population in [Population::Test, Population::Truth] {
                if let Some(comparison) = run.first_comparison(population) {
                    taylor(part, run, samples, comparison);
                }
            }
        }
        None => {
            section.paragraph(
                "Without the table of samples there are no scatter plots and no series.",
            );
        }
    }
    skill_maps(section.section("Where the stations are"), run, subject);
    if let Some(samples) = &run.samples {
        series::add(section.section("Through time"), run, samples, subject);
    }
}

/// The subject at training and test stations, then other methods at the test stations.
fn scatter(section: &mut Section, run: &Run, samples: &Samples, subject: &MethodSkill) {
    let test = samples.rows_of(Population::Test);
    let there: Vec<&str> = samples
        .columns
        .iter()
        .map(|column| column.method.as_str())
        .collect();
    // Methods whose gaps would leave nothing to compare on stay out.
    let mut methods = vec![subject.method.as_str()];
    for other in run.main_methods(&there, usize::MAX) {
        let with_other: Vec<&str> = methods.iter().copied().chain([other]).collect();
        if methods.len() < MAX_SCATTERED
            && !methods.contains(&other)
            && samples.shared(&test, &with_other).len() >= FEWEST_PAIRS
        {
            methods.push(other);
        }
    }
    let shared = samples.shared(&test, &methods);
    let series = |method: &str, role, rows: &[usize], of: &str| {
        let (estimate, reference) = samples.pairs(method, rows);
        ScatterSeries {
            label: format!("{method}, {of}"),
            role,
            estimate,
            reference,
            skill: None,
        }
    };
    let mut plots = Vec::new();
    let trained = samples.shared(&samples.rows_of(Population::Train), &methods[..1]);
    if run.is_model(methods[0]) && !trained.is_empty() {
        plots.push(series(
            methods[0],
            SeriesRole::Training,
            &trained,
            "training stations",
        ));
    }
    plots.extend(methods.iter().map(|method| {
        let role = match run.is_model(method) {
            true => SeriesRole::Test,
            false => SeriesRole::Product,
        };
        series(method, role, &shared, "test stations")
    }));
    for plots in plots.chunks(PLOTS_A_FIGURE) {
        let figure = ScatterPlot {
            title: run.titled("Estimate against station"),
            series: plots.to_vec(),
            footnote: run.footnote(),
            width_px: 600 * plots.len() as u32,
            ..ScatterPlot::default()
        };
        let caption = format!(
            "Each point is a cell on a day; the test stations' are the {} rows that {} all have. The figures in \
             the plots pool all points, those in the tables are of stations.",
            shared.len(),
            methods.join(", ")
        );
        add_figure(section, &figure, caption);
    }
}

/// Taylor's diagram of the variation in time: each station without its mean, on the rows that count.
fn taylor(section: &mut Section, run: &Run, samples: &Samples, comparison: &Comparison) {
    let methods: Vec<&str> = comparison
        .methods
        .iter()
        .map(|of| of.method.as_str())
        .collect();
    let counted: Vec<&str> = comparison.methods.first().map_or(Vec::new(), |of| {
        of.stations.iter().map(|of| of.station.as_str()).collect()
    });
    let mut rows = samples.shared(&samples.rows_of(comparison.population), &methods);
    rows.retain(|row| {
        counted
            .binary_search(&samples.rows[*row].station.as_str())
            .is_ok()
    });
    let mut by_station: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for row in rows {
        by_station
            .entry(&samples.rows[row].station)
            .or_default()
            .push(row);
    }
    let (mut points, mut constant) = (Vec::new(), Vec::new());
    for method in methods {
        let (mut estimate, mut reference) = (Vec::new(), Vec::new());
        for rows in by_station.values() {
            let (values, references) = samples.pairs(method, rows);
            estimate.extend(without_mean(&values));
            reference.extend(without_mean(&references));
        }
        match TaylorPoint::of(method, &estimate, &reference) {
            Ok(point) => points.push(point),
            Err(_) => constant.push(method),
        }
    }
    let at = population(comparison.population);
    let figure = TaylorDiagram {
        title: run.titled(&format!("Variation in time at {at}")),
        points,
        reference: match comparison.population {
            Population::Truth => "simulated truth".to_owned(),
            _ => "stations".to_owned(),
        },
        footnote: run.footnote(),
        ..TaylorDiagram::default()
    };
    let mut caption = format!(
        "Correlation (angle), standard deviation over that of the reference (distance from the origin) and unbiased \
         error (distance from the reference) at {at}, all pooled after each has lost its own mean."
    );
    if !constant.is_empty() {
        caption.push_str(&format!(
            " Without variation in time: {}.",
            constant.join(", ")
        ));
    }
    add_figure(section, &figure, caption);
}

fn without_mean(values: &[f64]) -> impl Iterator<Item = f64> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(move |value| value - mean)
}

/// ubRMSE and bias of a method on the map.
fn skill_maps(section: &mut Section, run: &Run, subject: &MethodSkill) {
    let sites: BTreeMap<&str, &SampleSite> = run
        .evaluation
        .sites
        .iter()
        .filter(|site| site.population == Population::Test)
        .map(|site| (site.name.as_str(), site))
        .collect();
    let dots = |value: fn(&Skill) -> Option<f64>| -> Vec<StationDot> {
        let stations = subject.stations.iter();
        let dot = stations.filter_map(|of| {
            let site = sites.get(of.station.as_str())?;
            Some(StationDot {
                east: site.location.lon_deg,
                north: site.location.lat_deg,
                value: value(&of.skill).unwrap_or(f64::NAN),
                n: of.skill.n,
            })
        });
        dot.collect()
    };
    let (ubrmse, bias) = (dots(|skill| skill.ubrmse), dots(|skill| skill.bias));
    let Some(extent) = extent(&ubrmse) else {
        section.paragraph("The places of the stations are not known.");
        return;
    };
    let largest = bias.iter().map(|dot| dot.value.abs());
    let largest = largest
        .filter(|value| value.is_finite())
        .fold(0.0, f64::max);
    let name = &subject.method;
    let map = |title: &str, quantity: &str, dots| StationMap {
        title: run.titled(title),
        quantity: quantity.to_owned(),
        units: UNITS.to_owned(),
        footnote: run.footnote(),
        ..StationMap::new(dots, extent)
    };
    let figure = map(&format!("Unbiased error of {name}"), "ubRMSE", ubrmse);
    let caption =
        format!("ubRMSE of {name} at each test station; a dot's area is its number of rows.");
    add_figure(section, &figure, caption);
    let figure = StationMap {
        colour_map: ColourMap::Difference,
        range: (largest > 0.0).then_some((-largest, largest)),
        ..map(&format!("Bias of {name}"), "bias", bias)
    };
    let caption = format!("Bias of {name}: where it is drier than the stations, and where wetter.");
    add_figure(section, &figure, caption);
}

/// A map that holds all stations with room around them.
fn extent(dots: &[StationDot]) -> Option<Extent> {
    let range = |of: fn(&StationDot) -> f64, limit: f64| {
        let values = || dots.iter().map(of);
        let (low, high) = (
            values().fold(f64::INFINITY, f64::min),
            values().fold(f64::NEG_INFINITY, f64::max),
        );
        // Stations in one place need a map as well.
        let room = (MAP_MARGIN * (high - low)).max(0.05);
        ((low - room).max(-limit), (high + room).min(limit))
    };
    (!dots.is_empty()).then(|| {
        let ((west, east), (south, north)) =
            (range(|dot| dot.east, 180.0), range(|dot| dot.north, 85.0));
        Extent::EqualAreaDeg {
            west,
            east,
            south,
            north,
        }
    })
}
