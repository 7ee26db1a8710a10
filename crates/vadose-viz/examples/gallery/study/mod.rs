//! A study that never was: every kind of figure, and their report.

mod evaluation;
mod paper;

use vadose_metrics::Interval;
use vadose_viz::report::{Cell, Report, Table};
use vadose_viz::{Figure, VizError};

pub(crate) use paper::{with_error_maps, with_maps};

pub(crate) const FOOTNOTE: &str = "Synthetic numbers: this shows what the figures look like and is no \
    statement of accuracy against the ground.";

/// A repeatable number in -1..1, about bell-shaped.
pub(crate) fn noise(index: usize) -> f64 {
    let uniform = |salt: u64| {
        let mixed = (index as u64 ^ salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f64
            / (1 << 24) as f64
    };
    (uniform(1) + uniform(71) + uniform(933)) / 1.5 - 1.0
}

/// An interval around a value.
pub(crate) fn around(value: f64, below: f64, above: f64) -> Interval {
    Interval {
        lower: value - below,
        upper: value + above,
    }
}

/// Every figure but the maps, with the name of its file and its caption.
pub(crate) fn figures() -> Vec<(&'static str, Box<dyn Figure>, &'static str)> {
    vec![
        (
            "learning_curves",
            Box::new(paper::curves()),
            "Error while learning; dashed lines are products at the same stations.",
        ),
        (
            "scatter",
            Box::new(paper::scatter()),
            "Estimate against station; every dot is one overpass.",
        ),
        (
            "skill",
            Box::new(evaluation::skill()),
            "Medians over stations with 95 % intervals from resampled stations.",
        ),
        (
            "taylor",
            Box::new(evaluation::taylor()),
            "Correlation, spread and unbiased error at the test stations.",
        ),
        (
            "boxes",
            Box::new(evaluation::boxes()),
            "Distribution over the test stations of each land cover.",
        ),
        (
            "station_map",
            Box::new(evaluation::station_map()),
            "Test stations; the area of a dot is the number of its samples.",
        ),
        (
            "bias_map",
            Box::new(evaluation::bias_map()),
            "The same stations: too dry is brown, too wet is blue-green.",
        ),
        (
            "series",
            Box::new(evaluation::series()),
            "Three test stations in three Junes.",
        ),
        (
            "spectrum",
            Box::new(evaluation::spectrum()),
            "Power against wavelength of truth, estimates and error.",
        ),
        (
            "calibration",
            Box::new(evaluation::calibration()),
            "Share of values within their intervals.",
        ),
        (
            "sweep",
            Box::new(evaluation::sweep()),
            "Validation error against the weight of the coarse term.",
        ),
    ]
}

/// A report with everything that a report may hold.
pub(crate) fn report() -> Result<Report, VizError> {
    let mut report = Report::new(
        "A synthetic study of 1 km soil moisture",
        "Every number on this page is made up: it shows what a report looks like.",
    );
    let summary = report.section("Summary");
    summary.warning("Synthetic numbers. No conclusion about any product may be drawn from them.");
    summary.paragraph(
        "The network is compared with two products, a regression and the coarse field it was given, on \
         the same samples of stations that no method was trained on.",
    );
    summary.table(skill_table())?;

    let mut figures = figures().into_iter();
    let mut add = |report: &mut Report, heading: &str, count: usize| {
        let section = report.section(heading);
        for (_, figure, caption) in figures.by_ref().take(count) {
            section.figure(&*figure, caption)?;
        }
        Ok::<(), VizError>(())
    };
    add(&mut report, "Training and stations", 2)?;
    add(&mut report, "Skill", 3)?;
    add(&mut report, "Station by station", 3)?;
    add(&mut report, "Scale, coverage and sensitivity", 3)?;

    let maps = report.section("Maps");
    with_maps(|panel| {
        maps.section("Inputs and results")
            .figure(panel, "One day.")
            .map(drop)
    })?;
    with_error_maps(|panel| {
        maps.section("Error")
            .figure(panel, "Where truth is known.")
            .map(drop)
    })?;

    let configuration = report.section("Configuration");
    configuration.settings([
        ("seed", "20260101"),
        (
            "network",
            "paper: widths 4, 6, 8, 14, bottleneck 20; 53,001 parameters",
        ),
        ("loss", "sums of squares, α = 0.001"),
        (
            "hash of the configuration",
            "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
        ),
    ]);
    Ok(report)
}

fn skill_table() -> Table {
    let mut table = Table::new(
        "Skill at 71 test stations: medians with 95 % intervals",
        &[
            ("method", ""),
            ("stations", ""),
            ("samples", ""),
            ("bias", "m³ m⁻³"),
            ("RMSE", "m³ m⁻³"),
            ("ubRMSE", "m³ m⁻³"),
            ("R", ""),
            ("time", "s"),
        ],
    );
    for (index, method) in evaluation::METHODS.into_iter().enumerate() {
        let value = |of: f64, below: f64, above: f64, decimals| {
            Cell::metric(Some(of), Some(around(of, below, above)), decimals)
        };
        let step = index as f64;
        table.rows.push(vec![
            method.into(),
            71.into(),
            (11_234 + 3 * index).into(),
            value(-0.012 + 0.009 * step, 0.008, 0.007, 3),
            value(0.052 + 0.006 * step, 0.004, 0.005, 3),
            value(0.041 + 0.006 * step, 0.003, 0.004, 3),
            value(0.78 - 0.07 * step, 0.05, 0.04, 2),
            if index == 0 {
                Cell::Number(412.5, 1)
            } else {
                Cell::Missing
            },
        ]);
    }
    table.note = "All methods on the samples that they share.".to_owned();
    table
}
