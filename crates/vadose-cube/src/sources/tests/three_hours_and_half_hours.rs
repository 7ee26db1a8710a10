//! The analysis and the precipitation: which files a day needs, and what becomes of missing ones.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use ndarray::Array2;
use vadose_grid::{Cell, EaseGrid2, LatLonDeg, Window};
use vadose_io::imerg::ImergWindow;

use super::granules::{analysis, half_hour, time};
use super::{clean_layers, day, layers, window};
use crate::Source;
use crate::sources::{analysis::centres, precipitation::half_hours};

#[test]
fn the_analysis_is_of_the_three_hours_that_hold_six() {
    // 6 h local solar time is 12:00 UTC at 90 degrees west: a limit of the means.
    let middle = EaseGrid2::M01.locate(LatLonDeg {
        lat_deg: 40.0,
        lon_deg: -90.0,
    });
    let middle = middle.unwrap();
    let window = Window::new(EaseGrid2::M01, middle.row - 9, middle.col - 18, 9, 36).unwrap();
    let window = window.snapped_outward(9);
    let found = centres(&day(), &window).unwrap();
    let expected = [time("2017-06-06T10:30:00Z"), time("2017-06-06T13:30:00Z")];
    assert_eq!(found, expected);

    let folder = tempfile::tempdir().unwrap();
    let coarse = window.coarsened(EaseGrid2::M09).unwrap();
    let files: Vec<PathBuf> = expected
        .iter()
        .zip([0.1, 0.3])
        .map(|(centre, value)| analysis(folder.path(), *centre, &coarse, value))
        .collect();
    let problems = std::sync::Mutex::default();
    let blocks =
        crate::sources::open_day(Source::Analysis, &files, &day(), &window, &problems).unwrap();
    let map = blocks.block(&window).unwrap().remove(0);
    for ((row, col), &value) in map.indexed_iter() {
        let cell = coarse.cell_at(row, col).unwrap();
        let longitude = EaseGrid2::M09.centre(cell).unwrap().lon_deg;
        assert_eq!(value, if longitude > -90.0 { 0.1 } else { 0.3 });
    }
    assert!(map.iter().any(|&value| value == 0.1) && map.iter().any(|&value| value == 0.3));
}

/// Boxes around the window, in row-major order one more millimetre an hour each.
fn rates() -> (ImergWindow, Array2<f32>) {
    let window = ImergWindow::new(495, 785, 20, 20).unwrap();
    let rates = Array2::from_shape_fn((20, 20), |(row, col)| (20 * row + col) as f32 / 64.0);
    (window, rates)
}

fn write(folder: &Path, starts: &[Timestamp]) -> Vec<PathBuf> {
    let (window, rates) = rates();
    let write = |start: &Timestamp| half_hour(folder, *start, window, rates.clone());
    starts.iter().map(write).collect()
}

#[test]
fn half_hours_are_those_of_the_day_before_six() {
    let starts = half_hours(&day(), &window()).unwrap();
    // 100.6° W: 6 h are at 12:42 UTC, to the nearest half hour 12:30.
    assert_eq!(starts.first(), Some(&time("2017-06-05T12:30:00Z")));
    assert_eq!(starts.last(), Some(&time("2017-06-06T12:00:00Z")));
    assert_eq!(starts.len(), 48);
}

/// A centre of a cell of the window, and 24 h of the rate in its box.
fn expected(row: usize, col: usize) -> f32 {
    let cell = Cell {
        row: 2700 + row,
        col: 7650 + col,
    };
    let centre = EaseGrid2::M01.centre(cell).unwrap();
    let row = ((90.0 - centre.lat_deg) / 0.1).floor() as usize - 495;
    let col = ((centre.lon_deg + 180.0) / 0.1).floor() as usize - 785;
    24.0 * (20 * row + col) as f32 / 64.0
}

#[test]
fn precipitation_is_the_sum_of_a_day_and_up_to_four_half_hours_may_be_missing() {
    let folder = tempfile::tempdir().unwrap();
    let starts = half_hours(&day(), &window()).unwrap();
    let files = write(folder.path(), &starts);
    for missing in [0, 4] {
        let map = clean_layers(Source::Precipitation, &files[missing..]).remove(0);
        assert_eq!(map.dim(), (36, 45));
        for ((row, col), &sum) in map.indexed_iter() {
            assert!(
                (sum - expected(row, col)).abs() < 1e-4,
                "{row}, {col}: {sum}"
            );
        }
    }
    let map = clean_layers(Source::Precipitation, &files[5..]).remove(0);
    assert!(map.iter().all(|sum| sum.is_nan()));
}

#[test]
fn a_half_hour_of_another_time_than_its_name_says_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let starts = half_hours(&day(), &window()).unwrap();
    let mut files = write(folder.path(), &starts);
    let (window, rates) = rates();
    let other = starts[0] - SignedDuration::from_hours(48);
    let stray = half_hour(folder.path(), other, window, rates * 100.0);
    std::fs::rename(stray, &files[0]).unwrap();
    files.rotate_left(1);
    let (maps, problems) = layers(Source::Precipitation, &files);
    assert!((maps[0][[0, 0]] - expected(0, 0)).abs() < 1e-4);
    assert_eq!(problems.len(), 1);
    let reason = "holds 2017-06-03T12:30:00Z, but its name says 2017-06-05T12:30:00Z";
    assert_eq!(problems[0].reason, reason);
}
