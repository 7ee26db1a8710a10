//! Files whose name is right and whose content is not.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use ndarray::Array2;
use vadose_grid::{Cell, EaseGrid2};

use super::granules::{HalfOrbit, analysis, scene, time};
use super::{layers, window};
use crate::Source;

const CELL: Cell = Cell { row: 300, col: 850 };
const SEEN: &str = "2017-06-06T12:50:00Z";

/// What is noted about the first of two half orbits, of which the second is good and used.
fn reason_of_orbit(spoil: impl FnOnce(&Path, &HalfOrbit) -> PathBuf) -> String {
    let folder = tempfile::tempdir().unwrap();
    let bad = HalfOrbit::new(1, time(SEEN), &[CELL], 0.0);
    let bad = spoil(folder.path(), &bad);
    let later = time(SEEN) + SignedDuration::from_mins(20);
    let good = HalfOrbit::new(2, later, &[CELL], 0.5).write(folder.path());
    let (layers, mut problems) = layers(Source::Radiometer, &[bad.clone(), good]);
    assert_eq!(layers[0][[0, 0]], 200.5, "the other file is used");
    assert_eq!(problems.len(), 1, "{problems:?}");
    let problem = problems.remove(0);
    assert_eq!(problem.path, bad);
    problem.reason
}

fn truncate(path: &Path) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() * 3 / 5]).unwrap();
}

#[test]
fn a_truncated_granule_is_left_out() {
    let reason = reason_of_orbit(|folder, orbit| {
        let path = orbit.write(folder);
        truncate(&path);
        path
    });
    assert!(reason.contains("truncated"), "{reason}");
}

#[test]
fn another_product_under_the_right_name_is_left_out() {
    let reason = reason_of_orbit(|folder, orbit| {
        let path = folder.join(orbit.name().to_string());
        let coarse = window().coarsened(EaseGrid2::M09).unwrap();
        let other = analysis(folder, time("2017-06-06T13:30:00Z"), &coarse, 0.2);
        fs::rename(other, &path).unwrap();
        path
    });
    assert!(reason.contains("SPL4SMGP"), "{reason}");
}

#[test]
fn a_granule_of_another_time_than_its_name_says_is_left_out() {
    let reason = reason_of_orbit(|folder, orbit| {
        let other = time(SEEN) - SignedDuration::from_hours(72);
        let other = HalfOrbit::new(1, other, &[CELL], 0.0).write(folder);
        let path = folder.join(orbit.name().to_string());
        fs::rename(other, &path).unwrap();
        path
    });
    assert!(reason.contains("2017-06-03T12:50"), "{reason}");
}

#[test]
fn a_granule_without_any_value_is_left_out() {
    let reason = reason_of_orbit(|folder, orbit| {
        let mut empty = HalfOrbit::new(1, orbit.seen, &[CELL], 0.0);
        empty.values.clear();
        empty.write(folder)
    });
    assert_eq!(reason, "holds no valid value");
}

#[test]
fn averaged_fill_values_are_noted_and_the_rest_of_the_file_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let mut orbit = HalfOrbit::new(1, time(SEEN), &[CELL], 0.0);
    orbit.set("tb_v_corrected", -10_068.993);
    let path = orbit.write(folder.path());
    let (layers, problems) = layers(Source::Radiometer, &[path]);
    assert!(layers[1][[0, 0]].is_nan());
    assert_eq!(layers[0][[0, 0]], 200.0);
    let reason =
        "used without impossible values: tb_v_corrected outside valid range [0, 330] K: -10068.993";
    assert_eq!(problems[0].reason, reason);
}

#[test]
fn scenes_that_cannot_be_used_are_noted_once_and_the_others_are_used() {
    let folder = tempfile::tempdir().unwrap();
    let window = window();
    let write = |minute: i64, value: f32| {
        let start = time("2017-06-06T12:00:00Z") + SignedDuration::from_mins(minute);
        let field = || Array2::from_elem(window.shape(), value);
        let fields = ["sigma0_vv_aggregated", "sigma0_vh_aggregated"].map(|name| (name, field()));
        scene(folder.path(), start, &window, &fields, 0)
    };
    let good = write(0, 0.1);
    let empty = write(1, f32::NAN);
    let truncated = write(2, 0.3);
    truncate(&truncated);
    let files = [empty.clone(), good, truncated.clone()];
    let (layers, problems) = layers(Source::Radar, &files);
    assert_eq!(layers[0][[7, 7]], 0.1);
    let paths: Vec<_> = problems.iter().map(|problem| &problem.path).collect();
    assert_eq!(paths, [&empty, &truncated]);
    assert_eq!(problems[0].reason, "holds no valid value");
}
