//! Claims about the figures of an evaluation: marks lie where the values say.

use vadose_metrics::Interval;

use super::{assert_legible, has_text, labels};
use crate::drawing::{Anchor, Colour, Drawing, Mark, Rect};
use crate::marker::Marker;
use crate::text::FontSize;
use crate::*;

/// Pixels: marks are placed in f64, ticks and data by the same formula.
const NEAR: f64 = 1e-6;

fn around(value: f64, by: f64) -> Interval {
    Interval {
        lower: value - by,
        upper: value + by,
    }
}

/// Centres of the dots of a colour within the frame, where there is one: those of the legend lie outside.
fn dots(drawing: &Drawing, colour: Colour) -> Vec<(f64, f64)> {
    let frame = drawing.marks.iter().find_map(|mark| match mark {
        Mark::Outline(rect, _) => Some(*rect),
        _ => None,
    });
    let dots = drawing.marks.iter().filter_map(|mark| match mark {
        Mark::Dot(at, _, found, _) if *found == colour => Some(*at),
        _ => None,
    });
    dots.filter(|at| frame.is_none_or(|frame| frame.contains(*at)))
        .collect()
}

/// Lines of a colour.
fn paths(drawing: &Drawing, colour: Colour) -> Vec<&[(f64, f64)]> {
    let paths = drawing.marks.iter().filter_map(|mark| match mark {
        Mark::Path(points, stroke) if stroke.colour == colour => Some(points.as_slice()),
        _ => None,
    });
    paths.collect()
}

fn fills(drawing: &Drawing, colour: Colour) -> Vec<Rect> {
    let fills = drawing.marks.iter().filter_map(|mark| match mark {
        Mark::Fill(rect, found) if *found == colour => Some(*rect),
        _ => None,
    });
    fills.collect()
}

/// Where the number of a horizontal axis stands, pixels.
fn tick_x(drawing: &Drawing, number: &str) -> f64 {
    let is_tick = |label: &&drawing::Label| {
        label.text == number && label.size == FontSize::Tick && label.anchor == Anchor::TopCentre
    };
    let found = labels(drawing).into_iter().find(is_tick);
    found.unwrap_or_else(|| panic!("no tick {number}")).at.0
}

fn tick_y(drawing: &Drawing, number: &str) -> f64 {
    let is_tick =
        |label: &&drawing::Label| label.text == number && label.anchor == Anchor::CentreRight;
    let found = labels(drawing).into_iter().find(is_tick);
    found.unwrap_or_else(|| panic!("no tick {number}")).at.1
}

/// A horizontal axis, from two of its numbers.
fn x_of(drawing: &Drawing, from: (&str, f64), to: (&str, f64)) -> impl Fn(f64) -> f64 {
    let (left, right) = (tick_x(drawing, from.0), tick_x(drawing, to.0));
    move |value| left + (value - from.1) / (to.1 - from.1) * (right - left)
}

fn assert_near(one: f64, other: f64) {
    assert!((one - other).abs() < NEAR, "{one} and {other}");
}

fn blue() -> Colour {
    Marker::of(0).colour
}

#[test]
fn taylor_points_lie_at_their_correlation_and_spread() {
    let at = |r: f64, sd_ratio: f64| {
        let figure = TaylorDiagram {
            points: vec![TaylorPoint {
                label: "network".into(),
                r,
                sd_ratio,
            }],
            ..TaylorDiagram::default()
        };
        let drawing = figure.draw().unwrap();
        assert_legible(&drawing);
        dots(&drawing, blue())[0]
    };
    let (origin, along, up) = (at(0.0, 0.0), at(1.0, 1.0), at(0.0, 1.0));
    let unit = along.0 - origin.0;
    assert_near(origin.1, along.1);
    assert_near(up.1, origin.1 - unit);
    let (x, y) = at(0.6, 0.5);
    assert_near(x, origin.0 + 0.3 * unit);
    assert_near(y, origin.1 - 0.4 * unit);
}

#[test]
fn taylor_diagrams_open_to_a_half_circle_for_negative_correlations() {
    let point = |r| TaylorPoint {
        label: format!("estimate at {r}"),
        r,
        sd_ratio: 1.0,
    };
    let figure = TaylorDiagram {
        title: "Half".into(),
        points: vec![point(-0.5), point(0.5)],
        ..TaylorDiagram::default()
    };
    let drawing = figure.draw().unwrap();
    assert_legible(&drawing);
    assert!(has_text(&drawing, "−0.9") && has_text(&drawing, "0.9"));
    let refused = TaylorDiagram {
        points: vec![point(1.1)],
        ..figure
    };
    assert!(matches!(refused.draw(), Err(VizError::OutOfRange { .. })));
}

fn boxes(values: Vec<f64>) -> Drawing {
    let figure = BoxPlot {
        methods: vec!["network".into()],
        strata: vec![Stratum {
            label: "croplands".into(),
            values: vec![values],
        }],
        ..BoxPlot::default()
    };
    let drawing = figure.draw().unwrap();
    assert_legible(&drawing);
    drawing
}

#[test]
fn boxes_show_quartiles_median_whiskers_and_outliers() {
    // Quartiles of 1..=9 and 30, type 7: 3.25, 5.5, 7.75. The fence lies at 7.75 + 1.5 · 4.5 = 14.5.
    let mut values: Vec<f64> = (1..=9).map(f64::from).collect();
    values.extend([30.0, f64::NAN]);
    let drawing = boxes(values);
    assert!(has_text(&drawing, "croplands, n = 10"));
    let x = x_of(&drawing, ("0", 0.0), ("30", 30.0));
    let body = fills(&drawing, blue())[0];
    assert_near(body.left, x(3.25));
    assert_near(body.right, x(7.75));
    let whiskers = paths(&drawing, blue());
    let least = whiskers
        .iter()
        .flat_map(|path| path.iter())
        .map(|p| p.0)
        .fold(1e9, f64::min);
    let most = whiskers
        .iter()
        .flat_map(|path| path.iter())
        .map(|p| p.0)
        .fold(0.0, f64::max);
    assert_near(least, x(1.0));
    assert_near(most, x(9.0));
    let outliers = dots(&drawing, blue());
    assert_eq!(outliers.len(), 1);
    assert_near(outliers[0].0, x(30.0));
    let median = paths(&drawing, palette::INK)
        .into_iter()
        .find(|path| path[0].0 == path[1].0 && (path[0].0 - x(5.5)).abs() < NEAR);
    assert!(median.is_some());
}

#[test]
fn four_values_are_dots_without_a_box() {
    let drawing = boxes(vec![0.01, 0.02, 0.03, 0.05]);
    assert_eq!(dots(&drawing, blue()).len(), 4);
    // The legend's swatch alone.
    assert_eq!(fills(&drawing, blue()).len(), 1);
}

#[test]
fn skill_lies_at_its_value_with_its_interval_and_a_dash_where_there_is_none() {
    let metric = |name: &str, better| SkillMetric {
        name: name.into(),
        units: "m³ m⁻³".into(),
        better,
    };
    let method = |method: &str, value: Option<f64>| MethodSkill {
        method: method.into(),
        values: vec![
            Some(Estimate {
                value: 0.05,
                interval: Some(around(0.05, 0.01)),
            }),
            value.map(|value| Estimate {
                value,
                interval: None,
            }),
        ],
    };
    let figure = SkillPlot {
        metrics: vec![
            metric("ubRMSE", Better::Lower),
            metric("bias", Better::NearZero),
        ],
        groups: vec![SkillGroup {
            heading: "stations".into(),
            methods: vec![
                method("a network of many words", Some(-0.02)),
                method("none", None),
            ],
        }],
        ..SkillPlot::default()
    };
    let drawing = figure.draw().unwrap();
    assert_legible(&drawing);
    let x = x_of(&drawing, ("0.04", 0.04), ("0.06", 0.06));
    let dot = dots(&drawing, blue())[0];
    assert_near(dot.0, x(0.05));
    let bar = paths(&drawing, blue())[0];
    assert_near(bar[0].0, x(0.04));
    assert_near(bar[1].0, x(0.06));
    assert_near(bar[0].1, dot.1);
    assert!(has_text(&drawing, "–"));
    let text = figure.alternative_text();
    assert!(
        text.contains("bias is nearest to zero for a network of many words, −0.02."),
        "{text}"
    );

    let mut short = figure.clone();
    short.groups[0].methods[1].values.pop();
    assert!(matches!(
        short.draw(),
        Err(VizError::LengthMismatch {
            expected: 2,
            got: 1,
            ..
        })
    ));
    let mut empty = figure;
    empty.groups[0].methods.remove(0);
    assert!(matches!(empty.draw(), Err(VizError::NothingToDraw { .. })));
}

fn curve(x: &[f64], y: &[f64]) -> Curve {
    Curve {
        label: "network".into(),
        x: x.to_vec(),
        y: y.to_vec(),
        intervals: y.iter().map(|y| around(*y, 0.01)).collect(),
    }
}

#[test]
fn sweeps_place_values_on_a_logarithmic_axis_and_break_at_gaps() {
    let figure = SweepPlot {
        curves: vec![curve(
            &[1e-6, 1e-4, 1e-2, 1.0],
            &[0.08, 0.05, f64::NAN, 0.07],
        )],
        levels: vec![ReferenceLevel {
            label: "α = 0".into(),
            value: 0.06,
            interval: Some(around(0.06, 0.005)),
        }],
        marks: vec![VerticalMark {
            x: 1e-3,
            label: "chosen".into(),
        }],
        ..SweepPlot::default()
    };
    let drawing = figure.draw().unwrap();
    assert_legible(&drawing);
    let dots = dots(&drawing, blue());
    assert_near(dots[0].0, tick_x(&drawing, "10⁻⁶"));
    assert_near(dots[1].0, tick_x(&drawing, "10⁻⁴"));
    assert_near(dots[2].0, tick_x(&drawing, "10⁰"));
    // The label of the mark stands above its place, half way between the neighbouring decades.
    let label = labels(&drawing)
        .into_iter()
        .find(|label| label.text == "chosen")
        .unwrap();
    assert_near(label.at.0, tick_x(&drawing, "10⁻³"));
    let y = |value: f64| {
        let (low, high) = (tick_y(&drawing, "0.04"), tick_y(&drawing, "0.08"));
        low + (value - 0.04) / 0.04 * (high - low)
    };
    assert_near(dots[1].1, y(0.05));
    let upright = |path: &&[(f64, f64)]| path[0].0 == path[1].0;
    let bar = paths(&drawing, blue()).into_iter().find(upright).unwrap();
    assert_near(bar[0].1, y(0.07));
    assert_near(bar[1].1, y(0.09));
    // One line from the first to the second value, none to the last.
    let long = |path: &&[(f64, f64)]| (path[1].0 - path[0].0).abs() > 50.0;
    assert_eq!(paths(&drawing, blue()).into_iter().filter(long).count(), 1);
}

#[test]
fn logarithmic_axes_refuse_what_they_cannot_show() {
    let figure = SweepPlot {
        curves: vec![curve(&[0.0, 1.0], &[0.1, 0.2])],
        ..SweepPlot::default()
    };
    assert!(matches!(
        figure.draw(),
        Err(VizError::NotPositive { value: 0.0, .. })
    ));
    let mut short = curve(&[1.0, 2.0], &[0.1, 0.2]);
    short.intervals.pop();
    let figure = SpectrumPlot {
        curves: vec![short],
        ..SpectrumPlot::default()
    };
    assert!(matches!(
        figure.draw(),
        Err(VizError::LengthMismatch {
            expected: 2,
            got: 1,
            ..
        })
    ));
}

#[test]
fn guides_have_the_slope_they_name() {
    let x: Vec<f64> = (0..20).map(|step| 2.0 * 1.3_f64.powi(step)).collect();
    let spectrum = |slopes: Vec<f64>| SpectrumPlot {
        curves: vec![Curve {
            intervals: Vec::new(),
            ..curve(&x, &x.iter().map(|x| 1e-5 * x * x).collect::<Vec<_>>())
        }],
        marks: [9.0, 10.0, 36.0]
            .map(|x| VerticalMark {
                x,
                label: format!("at {x} kilometres"),
            })
            .to_vec(),
        slopes,
        ..SpectrumPlot::default()
    };
    let drawing = spectrum(vec![2.0]).draw().unwrap();
    assert_legible(&drawing);
    let line = paths(&drawing, blue())
        .into_iter()
        .find(|path| path.len() == x.len())
        .unwrap();
    let slope = |from: (f64, f64), to: (f64, f64)| (to.1 - from.1) / (to.0 - from.0);
    let dashes = paths(&drawing, palette::FAINT_INK);
    let slanted = |path: &&[(f64, f64)]| path[0].0 != path[1].0 && path[0].1 != path[1].1;
    let guide: Vec<_> = dashes.into_iter().filter(slanted).collect();
    let (first, last) = (guide[0][0], *guide[guide.len() - 1].last().unwrap());
    let of_line = slope(line[0], line[x.len() - 1]);
    assert!((slope(first, last) / of_line - 1.0).abs() < 1e-9);
    // And lies above the curve by log10(3) of a decade.
    let decade = tick_y(&drawing, "10⁻³") - tick_y(&drawing, "10⁻²");
    let on_line = line[0].1 + of_line * (first.0 - line[0].0);
    assert!((on_line - first.1 - 3_f64.log10() * decade).abs() < 1e-6);
    assert!(spectrum(vec![2.0]).alternative_text().contains("slope 2.0"));
}

#[test]
fn promised_coverage_lies_on_the_diagonal() {
    let figure = CalibrationPlot {
        title: "Coverage".into(),
        curves: vec![curve(&[0.2, 0.6], &[0.2, 0.6])],
        ..CalibrationPlot::default()
    };
    let drawing = figure.draw().unwrap();
    assert_legible(&drawing);
    let dots = dots(&drawing, blue());
    let (x, y) = (tick_x(&drawing, "0.2"), tick_y(&drawing, "0.6"));
    assert_near(dots[0].0, x);
    assert_near(dots[1].1, y);
    let refused = CalibrationPlot {
        curves: vec![curve(&[0.5], &[50.0])],
        ..figure
    };
    assert!(matches!(
        refused.draw(),
        Err(VizError::OutOfRange { value: 50.0, .. })
    ));
}
