//! Claims about whole figures before they become files: layout and colours.

mod evaluation;
mod stations;

use ndarray::Array2;

use crate::drawing::{Colour, Drawing, Label, Mark, Rect};
use crate::output::rasterise;
use crate::ticks::number;
use crate::*;

const FOOTNOTE: &str =
    "pseudo-stations: shows the machinery, no statement of accuracy against the ground";

fn curves(epochs: usize) -> LearningCurves {
    let epochs: Vec<f64> = (1..=epochs).map(|epoch| epoch as f64).collect();
    let history = |end: f64| SkillHistory {
        rmse: epochs.iter().map(|epoch| end + 0.1 / epoch).collect(),
        ubrmse: epochs.iter().map(|epoch| 0.9 * end + 0.1 / epoch).collect(),
        epochs: epochs.clone(),
    };
    let reference = |label: &str, rmse| ReferenceLine {
        label: label.into(),
        rmse: Some(rmse),
        ubrmse: None,
    };
    LearningCurves {
        title: "Learning curves".into(),
        training: history(0.02),
        validation: history(0.04),
        references: vec![
            reference(
                "a product with a rather long name and a version, 1 km",
                0.09,
            ),
            reference("another product with a rather long name, 9 km", 0.07),
            reference("a third one, 36 km", 0.05),
        ],
        footnote: FOOTNOTE.into(),
        ..LearningCurves::default()
    }
}

fn scatter(n_series: usize, width_px: u32) -> ScatterPlot {
    let series = |index: usize| ScatterSeries {
        label: format!("series {index}"),
        reference: (0..50).map(|i| 0.01 * f64::from(i)).collect(),
        estimate: (0..50)
            .map(|i| 0.012 * f64::from(i) - 0.02 * index as f64)
            .collect(),
        ..ScatterSeries::default()
    };
    let footnote = FOOTNOTE.into();
    ScatterPlot {
        title: "Scatter".into(),
        series: (0..n_series).map(series).collect(),
        footnote,
        width_px,
        ..ScatterPlot::default()
    }
}

fn ramp(rows: usize, cols: usize, scale: f32) -> Array2<f32> {
    Array2::from_shape_fn((rows, cols), |(row, col)| {
        scale * (row * cols + col) as f32 / (rows * cols) as f32
    })
}

fn panel<'a>(left: &'a Array2<f32>, right: &'a Array2<f32>, extent: Extent) -> MapPanel<'a> {
    let row = |colour_range| MapRow {
        left: MapImage::new("left map with a title", left.view(), "m³ m⁻³"),
        right: MapImage::new("right map", right.view(), "K"),
        colour_range,
    };
    MapPanel {
        title: "Maps".into(),
        footnote: FOOTNOTE.into(),
        ..MapPanel::new(
            vec![
                row(ColourRange::Own),
                row(ColourRange::Shared),
                row(ColourRange::Own),
            ],
            extent,
        )
    }
}

const NORTH_DAKOTA: Extent = Extent::EqualAreaDeg {
    west: -102.2,
    east: -99.6,
    south: 45.3,
    north: 48.4,
};
const KILOMETRES: Extent = Extent::ProjectedM {
    west: -9_800_000.0,
    east: -9_544_000.0,
    south: 4_800_000.0,
    north: 5_056_000.0,
};

fn labels(drawing: &Drawing) -> Vec<&Label> {
    let texts = drawing.marks.iter().filter_map(|mark| match mark {
        Mark::Text(label) => Some(label),
        _ => None,
    });
    texts.collect()
}

fn overlap(a: &Rect, b: &Rect) -> bool {
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

/// No label touches another or leaves the page.
fn assert_legible(drawing: &Drawing) {
    let labels = labels(drawing);
    let (width, height) = (f64::from(drawing.size.0), f64::from(drawing.size.1));
    for (index, label) in labels.iter().enumerate() {
        let bounds = label.bounds();
        let inside = bounds.left >= 0.0
            && bounds.top >= 0.0
            && bounds.right <= width
            && bounds.bottom <= height;
        assert!(
            inside,
            "{:?} leaves the page: {bounds:?} of {width}×{height}",
            label.text
        );
        for other in &labels[index + 1..] {
            assert!(
                !overlap(&bounds, &other.bounds()),
                "{:?} touches {:?}",
                label.text,
                other.text
            );
        }
    }
}

fn has_text(drawing: &Drawing, text: &str) -> bool {
    labels(drawing).iter().any(|label| label.text == text)
}

#[test]
fn labels_of_learning_curves_never_touch() {
    for epochs in [1, 2, 7, 480] {
        for y_scale in [YScale::Linear, YScale::Log] {
            for size_px in [(900, 600), (1600, 760), (2400, 1000)] {
                assert_legible(
                    &Figure::draw(&LearningCurves {
                        y_scale,
                        size_px,
                        ..curves(epochs)
                    })
                    .unwrap(),
                );
            }
        }
    }
}

#[test]
fn labels_of_scatter_plots_never_touch() {
    for (n_series, width_px) in [(1, 700), (2, 1200), (3, 1800)] {
        assert_legible(&Figure::draw(&scatter(n_series, width_px)).unwrap());
    }
}

#[test]
fn labels_of_map_panels_never_touch() {
    for extent in [NORTH_DAKOTA, KILOMETRES] {
        for (rows, cols) in [(256, 256), (90, 300), (300, 90), (1, 1)] {
            for scale in [0.5, 300.0, -12_345.0, 1e-4] {
                let (left, right) = (ramp(rows, cols, scale), ramp(28, 28, 280.0));
                for width_px in [1200, 1600, 2000] {
                    let panel = MapPanel {
                        width_px,
                        ..panel(&left, &right, extent)
                    };
                    assert_legible(&Figure::draw(&panel).unwrap());
                }
            }
        }
    }
}

#[test]
fn skill_in_the_box_is_that_of_the_pairs() {
    let series = ScatterSeries {
        estimate: vec![0.2, 0.3, 0.4, f64::NAN],
        reference: vec![0.1, 0.2, 0.3, 0.4],
        ..ScatterSeries::default()
    };
    let mut figure = ScatterPlot {
        series: vec![series],
        ..ScatterPlot::default()
    };
    let drawing = figure.draw().unwrap();
    for text in ["3", "0.100", "0.000", "1.00"] {
        assert!(has_text(&drawing, text), "{text}");
    }
    figure.series[0].skill = Some(SkillNote {
        n: 77,
        bias: Some(-0.0123),
        ..SkillNote::default()
    });
    let drawing = figure.draw().unwrap();
    for text in ["77", &number(-0.012, 3), "–"] {
        assert!(has_text(&drawing, text), "{text}");
    }
}

#[test]
fn skill_box_avoids_the_dots() {
    let at = |reference: f64, estimate: f64| {
        let series = ScatterSeries {
            reference: vec![0.0, 1.0, reference, reference],
            estimate: vec![0.0, 1.0, estimate, estimate],
            ..ScatterSeries::default()
        };
        let drawing = Figure::draw(&ScatterPlot {
            series: vec![series],
            width_px: 800,
            ..ScatterPlot::default()
        })
        .unwrap();
        let found = labels(&drawing)
            .into_iter()
            .find(|label| label.text == "ubRMSE")
            .map(|label| label.at.0);
        found.unwrap()
    };
    assert!(at(1.15, 0.05) < 400.0);
    assert!(at(0.05, 1.15) > 400.0);
}

#[test]
fn all_missing_map_says_so() {
    let (missing, some) = (Array2::from_elem((9, 9), f32::NAN), ramp(9, 9, 0.5));
    let drawing = Figure::draw(&panel(&missing, &some, KILOMETRES)).unwrap();
    assert_eq!(
        labels(&drawing)
            .iter()
            .filter(|label| label.text == "all missing")
            .count(),
        3
    );
    assert!(has_text(&drawing, "missing"));
    assert_legible(&drawing);
    // The other map of a shared row keeps its colours.
    let coloured = drawing
        .marks
        .iter()
        .filter(|mark| matches!(mark, Mark::Cells { cols: 9, .. }));
    assert_eq!(coloured.count(), 3);
}

#[test]
fn shared_range_gives_equal_values_equal_colours() {
    let (low, high) = (Array2::from_elem((4, 4), 0.2), ramp(4, 4, 0.8));
    let colours = |colour_range| {
        let row = MapRow {
            left: MapImage {
                range: Some((0.0, 0.4)),
                ..MapImage::new("", low.view(), "")
            },
            right: MapImage {
                range: Some((0.0, 0.8)),
                ..MapImage::new("", high.view(), "")
            },
            colour_range,
        };
        let drawing = Figure::draw(&MapPanel::new(vec![row], KILOMETRES)).unwrap();
        let cells = |mark: &Mark| match mark {
            Mark::Cells {
                cols: 4, colours, ..
            } => Some(colours.clone()),
            _ => None,
        };
        drawing.marks.iter().filter_map(cells).collect::<Vec<_>>()
    };
    // ramp: 0.8 * 4 / 16 = 0.2 in its cell 4.
    let own = colours(ColourRange::Own);
    assert_ne!(own[0][0], own[1][4]);
    let shared = colours(ColourRange::Shared);
    assert_eq!(shared[0][0], shared[1][4]);
    assert_eq!(shared[0][0], ColourMap::SoilMoisture.at(0.25));
}

#[test]
fn pixels_show_the_cells_north_up_and_the_missing_ones_grey() {
    let mut map = Array2::from_elem((2, 2), 1.0_f32);
    map[[0, 1]] = f32::NAN;
    map[[1, 0]] = 0.0;
    let image = || MapImage {
        range: Some((0.0, 1.0)),
        ..MapImage::new("", map.view(), "")
    };
    let row = MapRow {
        left: image(),
        right: image(),
        colour_range: ColourRange::Own,
    };
    let drawing = Figure::draw(&MapPanel {
        width_px: 1200,
        ..MapPanel::new(vec![row], KILOMETRES)
    })
    .unwrap();
    let area = drawing.marks.iter().find_map(|mark| match mark {
        Mark::Cells { area, cols: 2, .. } => Some(*area),
        _ => None,
    });
    let area = area.unwrap();
    let pixels = rasterise(&drawing).unwrap();
    let at = |x: f64, y: f64| {
        let (col, row) = (
            (area.left + x * area.width()) as usize,
            (area.top + y * area.height()) as usize,
        );
        let start = (row * drawing.size.0 as usize + col) * 3;
        Colour([pixels[start], pixels[start + 1], pixels[start + 2]])
    };
    assert_eq!(at(0.25, 0.25), ColourMap::SoilMoisture.at(1.0));
    assert_eq!(at(0.75, 0.25), palette::MISSING);
    assert_eq!(at(0.25, 0.75), ColourMap::SoilMoisture.at(0.0));
    assert_eq!(at(0.75, 0.75), ColourMap::SoilMoisture.at(1.0));
}

#[test]
fn gaps_break_a_curve() {
    let mut figure = curves(60);
    figure.validation = SkillHistory::default();
    figure.references.clear();
    let paths = |figure: &LearningCurves| {
        let drawing = figure.draw().unwrap();
        let thick = |mark: &&Mark| matches!(mark, Mark::Path(points, stroke) if stroke.width > 3.0 && points.len() > 2);
        drawing.marks.iter().filter(thick).count()
    };
    assert_eq!(paths(&figure), 2);
    figure.training.rmse[30] = f64::NAN;
    assert_eq!(paths(&figure), 3);
}

#[test]
fn figures_too_narrow_for_their_plots_are_refused() {
    let smallest = |error| match error {
        VizError::Size { smallest, .. } => smallest.0,
        other => panic!("{other}"),
    };
    let wide = smallest(Figure::draw(&scatter(3, 700)).unwrap_err());
    assert!(Figure::draw(&scatter(3, wide)).is_ok());
    assert!(Figure::draw(&scatter(3, wide - 1)).is_err());
    let map = ramp(9, 9, 1.0);
    let wide = smallest(
        Figure::draw(&MapPanel {
            width_px: 400,
            ..panel(&map, &map, KILOMETRES)
        })
        .unwrap_err(),
    );
    let drawing = Figure::draw(&MapPanel {
        width_px: wide,
        ..panel(&map, &map, KILOMETRES)
    })
    .unwrap();
    assert_legible(&drawing);
    assert!(
        Figure::draw(&MapPanel {
            width_px: wide - 1,
            ..panel(&map, &map, KILOMETRES)
        })
        .is_err()
    );
}
