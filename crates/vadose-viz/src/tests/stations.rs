//! Claims about the figures of single stations: where they lie, and their values through time.

use super::{assert_legible, has_text, labels};
use crate::drawing::{Drawing, Mark};
use crate::*;

const REGION: Extent = Extent::ProjectedM {
    west: 0.0,
    east: 100e3,
    south: 0.0,
    north: 50e3,
};

fn station(east: f64, north: f64, value: f64, n: usize) -> StationDot {
    StationDot {
        east,
        north,
        value,
        n,
    }
}

/// Centre, radius and colour of every dot within the map's frame.
fn dots(drawing: &Drawing) -> Vec<((f64, f64), f64, drawing::Colour)> {
    let frame = drawing.marks.iter().find_map(|mark| match mark {
        Mark::Outline(rect, _) => Some(*rect),
        _ => None,
    });
    let frame = frame.unwrap();
    let dots = drawing.marks.iter().filter_map(|mark| match mark {
        Mark::Dot(at, radius, colour, _) if frame.contains(*at) && *colour != palette::INK => {
            Some((*at, *radius, *colour))
        }
        _ => None,
    });
    dots.collect()
}

#[test]
fn stations_lie_at_their_place_with_their_colour_and_size() {
    let figure = StationMap {
        range: Some((0.0, 0.1)),
        ..StationMap::new(
            vec![
                station(0.0, 0.0, 0.0, 100),
                station(100e3, 50e3, 0.1, 25),
                station(25e3, 25e3, f64::NAN, 100),
                station(200e3, 0.0, 0.05, 9_999),
            ],
            REGION,
        )
    };
    let drawing = figure.draw().unwrap();
    assert_legible(&drawing);
    let dots = dots(&drawing);
    // The one outside is left out; the small one is drawn last.
    assert_eq!(dots.len(), 3);
    let [
        (corner, large, dark),
        (quarter, _, grey),
        (opposite, small, light),
    ] = dots[..]
    else {
        panic!("{dots:?}");
    };
    assert_eq!(
        (dark, light),
        (ColourMap::Viridis.at(0.0), ColourMap::Viridis.at(1.0))
    );
    assert_eq!(grey, palette::MISSING);
    assert!((large - 2.0 * small).abs() < 1e-9, "{large} {small}");
    let (width, height) = (opposite.0 - corner.0, corner.1 - opposite.1);
    assert!((height / width - 0.5).abs() < 1e-9);
    assert!((quarter.0 - corner.0 - 0.25 * width).abs() < 1e-9);
    assert!((corner.1 - quarter.1 - 0.5 * height).abs() < 1e-9);
    assert!(has_text(&drawing, "100 samples") && has_text(&drawing, "no value"));
    let text = figure.alternative_text();
    assert!(
        text.contains("3 stations, coloured by ubRMSE (m³ m⁻³): from 0 to 0.1"),
        "{text}"
    );
    assert!(text.contains("1 station has no value."), "{text}");
}

#[test]
fn maps_without_a_station_or_with_a_bad_range_are_refused() {
    let outside = StationMap::new(vec![station(-1.0, 0.0, 0.1, 1)], REGION);
    assert!(matches!(
        outside.draw(),
        Err(VizError::NothingToDraw { .. })
    ));
    let bad = StationMap {
        range: Some((0.1, 0.1)),
        ..StationMap::new(vec![station(1.0, 1.0, 0.1, 1)], REGION)
    };
    assert!(matches!(bad.draw(), Err(VizError::BadRange { .. })));
}

#[test]
fn a_station_without_any_value_is_still_drawn() {
    let figure = StationMap::new(vec![station(1.0, 1.0, f64::NAN, 0)], REGION);
    assert_eq!(dots(&figure.draw().unwrap()).len(), 1);
}

/// 2017-06-01T12Z.
const FIRST: i64 = 24 * 17_318 + 12;

fn series(days: &[i64]) -> StationSeries {
    let value = |day: &i64| 0.2 + 0.001 * (*day % 7) as f64;
    let estimate: Vec<f64> = days.iter().map(value).collect();
    StationSeries {
        heading: "SCAN/Abrams".into(),
        hours: days.iter().map(|day| FIRST + 24 * day).collect(),
        station: vec![f64::NAN; days.len()],
        intervals: estimate
            .iter()
            .map(|value| vadose_metrics::Interval {
                lower: value - 0.02,
                upper: value + 0.02,
            })
            .collect(),
        estimate,
        product: Vec::new(),
    }
}

fn plot(stations: Vec<StationSeries>) -> StationSeriesPlot {
    StationSeriesPlot {
        title: "Stations".into(),
        stations,
        ..StationSeriesPlot::default()
    }
}

/// Lengths of the estimate's lines.
fn lines(drawing: &Drawing) -> Vec<usize> {
    let lines = drawing.marks.iter().filter_map(|mark| match mark {
        Mark::Path(points, stroke) if stroke.colour == palette::BLUE => Some(points.len()),
        _ => None,
    });
    lines.collect()
}

/// Lengths of the bands.
fn bands(drawing: &Drawing) -> Vec<usize> {
    let bands = drawing.marks.iter().filter_map(|mark| match mark {
        Mark::Polygon(corners, palette::BLUE, _) => Some(corners.len()),
        _ => None,
    });
    bands.collect()
}

#[test]
fn gaps_are_not_bridged() {
    // Days 0 to 4 and 8 to 10: a gap of four days. The legend adds a line of two points.
    let drawing = plot(vec![series(&[0, 1, 2, 3, 4, 8, 9, 10])])
        .draw()
        .unwrap();
    assert_legible(&drawing);
    assert_eq!(lines(&drawing), [5, 3, 2]);
    assert_eq!(bands(&drawing), [10, 6]);
    // A missing estimate is a gap for the line, not for the band beside it.
    let mut gap = series(&[0, 1, 2, 3]);
    gap.estimate[1] = f64::NAN;
    let wide = StationSeriesPlot {
        longest_gap_hours: 24,
        ..plot(vec![gap])
    };
    let drawing = wide.draw().unwrap();
    assert_eq!(lines(&drawing), [2, 2]);
    assert_eq!(bands(&drawing), [8]);
}

#[test]
fn long_pauses_are_cut_out_of_the_axis() {
    let days: Vec<i64> = (0..30).chain(365..395).chain(730..760).collect();
    let figure = plot(vec![series(&days), series(&days[..40])]);
    let drawing = figure.draw().unwrap();
    assert_legible(&drawing);
    for year in ["2017", "2018", "2019"] {
        assert!(has_text(&drawing, year), "{year}");
    }
    let dates = labels(&drawing)
        .iter()
        .filter(|label| label.text == "11 Jun")
        .count();
    assert_eq!(dates, 3);
    assert_eq!(lines(&drawing), [30, 30, 30, 30, 10, 2]);
    assert!(
        figure
            .alternative_text()
            .contains("2017-06-01 to 2019-06-30")
    );
}

#[test]
fn series_out_of_order_or_of_other_lengths_are_refused() {
    let mut swapped = series(&[0, 1, 2]);
    swapped.hours.swap(0, 1);
    assert!(matches!(
        plot(vec![swapped]).draw(),
        Err(VizError::TimesDoNotRise { .. })
    ));
    let mut short = series(&[0, 1, 2]);
    short.product = vec![0.1];
    assert!(matches!(
        plot(vec![short]).draw(),
        Err(VizError::LengthMismatch {
            expected: 3,
            got: 1,
            ..
        })
    ));
    assert!(matches!(
        plot(Vec::new()).draw(),
        Err(VizError::NothingToDraw { .. })
    ));
}
