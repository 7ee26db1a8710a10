//! Scenes: where they overlap, and block by block.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ndarray::Array2;
use vadose_grid::{EaseGrid2, Window};

use super::granules::{scene, time};
use super::{assert_same, clean_layers, day, window};
use crate::Source;
use crate::sources::open_day;

fn at(row0: usize, col0: usize, rows: usize, cols: usize) -> Window {
    Window::new(EaseGrid2::M01, row0, col0, rows, cols).unwrap()
}

/// Two scenes: one over the north-west of the window and beyond it, and one that shares rows with
/// it, is brighter and not recommended.
fn two_scenes(folder: &Path) -> Vec<PathBuf> {
    let fields = |window: &Window, value: f32| {
        let filled = |value: f32| Array2::from_elem(window.shape(), value);
        let mut vh = filled(value / 10.0);
        vh[[window.rows() - 1, 0]] = f32::NAN;
        vec![
            ("sigma0_vv_aggregated", filled(value)),
            ("sigma0_vh_aggregated", vh),
            ("sigma0_incidence_angle", filled(40.0 + value)),
            ("soil_moisture", filled(value / 2.0)),
        ]
    };
    let first = at(2691, 7640, 20, 30);
    let second = at(2705, 7645, 20, 30);
    [(first, 0.125, 0), (second, 0.25, 1)]
        .into_iter()
        .map(|(window, value, quality)| {
            let start = match quality {
                0 => time("2017-06-06T12:30:00Z"),
                _ => time("2017-06-06T12:30:25Z"),
            };
            scene(folder, start, &window, &fields(&window, value), quality)
        })
        .collect()
}

#[test]
fn scenes_are_averaged_where_they_overlap() {
    let folder = tempfile::tempdir().unwrap();
    let files = two_scenes(folder.path());
    let layers = clean_layers(Source::Radar, &files);
    let value = |layer: usize, row: usize, col: usize| layers[layer][[row - 2700, col - 7650]];
    // The first alone, both, the second alone, none.
    let places = [(2700, 7650), (2708, 7660), (2720, 7660), (2730, 7660)];
    let expected = [[0.125, 0.0125], [0.1875, 0.01875], [0.25, 0.025]];
    for ((row, col), [vv, vh]) in places.into_iter().zip(expected) {
        assert_eq!(value(0, row, col), vv);
        assert!((value(1, row, col) - vh).abs() < 1e-9);
        assert_eq!(value(2, row, col), 40.0 + vv);
        assert_eq!((value(3, row, col), value(4, row, col)), (1.0, vv / 2.0));
    }
    let share = places.map(|(row, col)| value(5, row, col));
    assert_eq!(share[..3], [1.0, 0.5, 0.0]);
    let (row, col) = places[3];
    assert!(value(0, row, col).is_nan() && share[3].is_nan());
    assert_eq!(value(3, row, col), 0.0);
}

#[test]
fn a_cell_is_observed_where_both_polarisations_are() {
    let folder = tempfile::tempdir().unwrap();
    let window = at(2700, 7650, 9, 9);
    let vv = Array2::from_elem(window.shape(), 0.1);
    let mut vh = Array2::from_elem(window.shape(), 0.02);
    vh[[3, 4]] = f32::NAN;
    let fields = [("sigma0_vv_aggregated", vv), ("sigma0_vh_aggregated", vh)];
    let path = scene(
        folder.path(),
        time("2017-06-06T12:30:00Z"),
        &window,
        &fields,
        0,
    );
    let layers = clean_layers(Source::Radar, &[path]);
    assert_eq!((layers[3][[3, 4]], layers[0][[3, 4]]), (0.0, 0.1));
    assert_eq!(layers[3].sum(), 80.0);
}

#[test]
fn blocks_are_the_parts_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let files = two_scenes(folder.path());
    let whole = clean_layers(Source::Radar, &files);
    let problems = Mutex::default();
    let blocks = open_day(Source::Radar, &files, &day(), &window(), &problems).unwrap();
    for (row0, rows) in [(0, 18), (18, 18)] {
        for (col0, cols) in [(0, 9), (9, 36)] {
            let block = at(2700 + row0, 7650 + col0, rows, cols);
            let parts = blocks.block(&block).unwrap();
            for (part, whole) in parts.iter().zip(&whole) {
                let cut = Array2::from_shape_fn((rows, cols), |(row, col)| {
                    whole[[row0 + row, col0 + col]]
                });
                assert_same(part, &cut, "block");
            }
        }
    }
}

#[test]
fn an_evening_pass_is_no_morning_pass() {
    let folder = tempfile::tempdir().unwrap();
    let window = at(2700, 7650, 9, 9);
    let vv = Array2::from_elem(window.shape(), 0.1);
    let fields = [("sigma0_vv_aggregated", vv)];
    let start = time("2017-06-06T12:30:00Z");
    let morning = scene(folder.path(), start, &window, &fields, 0);
    let evening = morning.to_string_lossy().replace("T124500", "T004500");
    std::fs::rename(&morning, &evening).unwrap();
    let layers = clean_layers(Source::Radar, &[evening.into()]);
    assert_eq!(layers[3].sum(), 0.0);
}
