//! Whether intervals hold what they promise.

use vadose_viz::report::{Cell, Section, Table};
use vadose_viz::{CalibrationPlot, Curve};

use super::page::{UNITS, add_figure};
use super::run::Run;
use crate::StudyError;
use crate::evaluation::{Coverage, CoverageReference};

/// Adds the section.
pub(super) fn add(section: &mut Section, run: &Run) -> Result<(), StudyError> {
    let coverage = &run.evaluation.coverage;
    if coverage.is_empty() {
        section.paragraph(
            "No method of the run says how far it may be off: that takes an ensemble of several models or a network \
             with a spread, and enough validation stations.",
        );
        return Ok(());
    }
    section.paragraph(
        "Half an interval is the method's spread times a factor that was calibrated on values that no method was \
         trained on. Calibrated and held against stations, it includes what a point says wrongly of its cell.",
    );
    let figure = CalibrationPlot {
        title: run.titled("Observed and promised coverage"),
        curves: curves(coverage),
        footnote: run.footnote(),
        ..CalibrationPlot::default()
    };
    let caption = "Share of values inside their intervals against the share that should be: the mean over stations \
                   or cells, with intervals from resampled blocks. Before the arrow stands what the intervals were \
                   calibrated on, after it what they are held against.";
    add_figure(section, &figure, caption);
    section.table(table(coverage))?;
    Ok(())
}

fn words(reference: CoverageReference) -> &'static str {
    match reference {
        CoverageReference::Stations => "validation → test stations",
        CoverageReference::Truth => "simulated truth → other blocks of it",
        CoverageReference::StationsAgainstTruth => "validation stations → simulated truth",
    }
}

fn curves(coverage: &[Coverage]) -> Vec<Curve> {
    let mut curves: Vec<Curve> = Vec::new();
    for of in coverage {
        let Some(found) = of.coverage else {
            continue;
        };
        let label = format!("{}, {}", of.method, words(of.reference));
        let known = curves.iter().position(|curve| curve.label == label);
        let at = known.unwrap_or_else(|| {
            curves.push(Curve {
                label,
                ..Curve::default()
            });
            curves.len() - 1
        });
        curves[at].x.push(of.calibration.level.level());
        curves[at].y.push(found.value);
        curves[at].intervals.push(found.interval);
    }
    curves
}

fn table(coverage: &[Coverage]) -> Table {
    let mut table = Table::new(
        "How often intervals hold, and how wide they are",
        &[
            ("method", ""),
            ("calibrated on → held against", ""),
            ("level", "%"),
            ("coverage", "%"),
            ("values", ""),
            ("mean width", UNITS),
            ("width if constant", UNITS),
            ("factor", ""),
            ("groups", ""),
        ],
    );
    for of in coverage {
        let percent = |share: f64| 100.0 * share;
        table.rows.push(vec![
            of.method.as_str().into(),
            words(of.reference).into(),
            Cell::Number(percent(of.calibration.level.level()), 0),
            Cell::metric(
                of.coverage.map(|of| percent(of.value)),
                of.coverage.map(|of| vadose_metrics::Interval {
                    lower: percent(of.interval.lower),
                    upper: percent(of.interval.upper),
                }),
                1,
            ),
            of.samples.into(),
            Cell::Number(of.mean_width, 3),
            Cell::Number(of.constant_width, 3),
            Cell::Number(of.calibration.factor, 2),
            of.calibration.groups.into(),
        ]);
    }
    table.note = "Width if constant: of an interval that is the same everywhere, calibrated alike. Groups: stations, \
                  or blocks of the true field, that calibrated."
        .to_owned();
    table
}
