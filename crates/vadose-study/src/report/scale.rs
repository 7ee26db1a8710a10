//! What a 1 km map adds to a 9 km one, against the simulated truth.

use vadose_viz::report::{Cell, Section, Table};
use vadose_viz::{Curve, SpectrumPlot, VerticalMark};

use super::page::{UNITS, add_figure, count};
use super::run::Run;
use crate::StudyError;
use crate::evaluation::{Band, Mean, MethodScale, StructurePoint};

/// Models of which a figure has two curves each, estimate and error.
const MAX_MODELS: usize = 2;
/// The coarse field by itself, beside them.
const INTERPOLATED: &str = "l4_bilinear";
/// The shortest wave that a grid of 1 km holds, km.
const SHORTEST_KM: f64 = 2.0;
const VARIANCE: &str = "(m³ m⁻³)²";

/// Adds the section.
pub(super) fn add(section: &mut Section, run: &Run) -> Result<(), StudyError> {
    let Some(scale) = &run.evaluation.scale else {
        section.paragraph("The run holds no comparison by scale, which needs a true field.");
        return Ok(());
    };
    section.paragraph(format!(
        "{} of {} against the simulated truth. Intervals resample windows.",
        count(scale.scenes, "map", "maps"),
        count(scale.windows, "window", "windows")
    ));
    section.table(table(&scale.methods))?;
    let shown: Vec<&MethodScale> = scale
        .methods
        .iter()
        .filter(|of| run.is_model(&of.method))
        .take(MAX_MODELS)
        .chain(scale.methods.iter().filter(|of| of.method == INTERPOLATED))
        .filter(|of| !of.bands.is_empty())
        .collect();
    let Some(first) = shown.first() else {
        section.paragraph("No model and no coarse field had enough values for a spectrum.");
        return Ok(());
    };
    let mut curves = vec![band_curve("simulated truth", &first.bands, |band| {
        band.truth_variance
    })];
    for of in &shown {
        curves.push(band_curve(&of.method, &of.bands, |band| {
            band.estimate_variance
        }));
    }
    for of in &shown {
        let label = format!("error of {}", of.method);
        curves.push(band_curve(&label, &of.bands, |band| band.error_variance));
    }
    let figure = SpectrumPlot {
        title: run.titled("Variance by wavelength"),
        curves,
        y_label: format!("variance in the band {VARIANCE}"),
        ..plot(run, "wavelength (km)")
    };
    let names: Vec<&str> = shown.iter().map(|of| of.method.as_str()).collect();
    let caption = format!(
        "Variance in bands of wavelengths, each at its geometric middle, of the simulated truth, of {} and of \
         their errors. An error below the truth's variance is information at that scale.",
        names.join(", ")
    );
    add_figure(section, &figure, caption);

    let mut curves = vec![structure_curve("simulated truth", &first.structure, |at| {
        at.truth
    })];
    for of in &shown {
        curves.push(structure_curve(&of.method, &of.structure, |at| at.estimate));
    }
    for of in &shown {
        let label = format!("error of {}", of.method);
        curves.push(structure_curve(&label, &of.structure, |at| at.error));
    }
    let figure = SpectrumPlot {
        title: run.titled("Differences by distance"),
        curves,
        y_label: format!("mean squared difference {VARIANCE}"),
        ..plot(run, "distance (km)")
    };
    add_figure(
        section,
        &figure,
        "Structure functions: the mean squared difference of two cells against their distance.",
    );
    Ok(())
}

fn plot(run: &Run, x_label: &str) -> SpectrumPlot {
    let mark = |x: f64, label: &str| VerticalMark {
        x,
        label: label.to_owned(),
    };
    SpectrumPlot {
        marks: vec![mark(9.0, "9 km"), mark(36.0, "36 km")],
        x_label: x_label.to_owned(),
        footnote: run.footnote(),
        ..SpectrumPlot::default()
    }
}

/// What a logarithmic axis can show.
fn positive(value: f64) -> f64 {
    if value > 0.0 { value } else { f64::NAN }
}

fn band_curve(label: &str, bands: &[Band], of: fn(&Band) -> f64) -> Curve {
    let middle = |band: &Band| {
        let from = band.from_km.max(SHORTEST_KM);
        // The last band has no end; it is drawn as wide as an octave.
        (from * band.until_km.unwrap_or(2.0 * from)).sqrt()
    };
    Curve {
        label: label.to_owned(),
        x: bands.iter().map(middle).collect(),
        y: bands.iter().map(|band| positive(of(band))).collect(),
        intervals: Vec::new(),
    }
}

fn structure_curve(
    label: &str,
    points: &[StructurePoint],
    of: fn(&StructurePoint) -> f64,
) -> Curve {
    Curve {
        label: label.to_owned(),
        x: points.iter().map(|at| at.distance_km as f64).collect(),
        y: points.iter().map(|at| positive(of(at))).collect(),
        intervals: Vec::new(),
    }
}

fn table(methods: &[MethodScale]) -> Table {
    let mut table = Table::new(
        "Inside the cells of the coarse field",
        &[
            ("method", ""),
            ("R inside 9 km", ""),
            ("detail / truth's", ""),
            ("gain over bilinear", ""),
            ("gain of the pattern", ""),
            ("D(map) − Z, RMSD", UNITS),
            ("D(map), Z: R", ""),
        ],
    );
    let mean =
        |of: Option<Mean>| Cell::metric(of.map(|of| of.value), of.and_then(|of| of.interval), 2);
    for of in methods {
        if of.consistency.is_none() && of.structure.is_empty() {
            continue; // without a value on any map
        }
        table.rows.push(vec![
            of.method.as_str().into(),
            mean(of.r_inside_coarse_cells),
            Cell::metric(of.detail_ratio, None, 2),
            mean(of.gain_over_bilinear),
            mean(of.pattern_gain_over_bilinear),
            Cell::metric(of.consistency.map(|of| of.rmsd), None, 4),
            Cell::metric(of.consistency.and_then(|of| of.r), None, 2),
        ]);
    }
    table.note = "R inside 9 km: correlation with the simulated truth of the deviations from the means of 9 km cells. \
        Detail: their standard deviation over the truth's. Gain: 1 − MSE / MSE of the coarse field interpolated; \
        above 0 the map is better; of the pattern: after each day's map has lost its mean error. D: the average to \
        9 km."
        .to_owned();
    table
}
