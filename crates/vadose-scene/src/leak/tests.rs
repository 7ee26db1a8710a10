//! Tests of the leak report on layouts drawn by hand.

use approx::assert_relative_eq;
use vadose_grid::{EaseGrid2, Window};

use super::*;
use crate::{InMemoryScenes, Scene, StationCell, station_sites};

/// A window of four tiles of 18 cells: rows 0 to 35, columns 0 to 35 from (900, 1800).
fn scene(id: &str, time: Option<&str>, stations: &[(&str, usize, usize)]) -> Scene {
    let window = Window::new(EaseGrid2::M01, 900, 1800, 36, 36).unwrap();
    let stations = stations.iter().map(|(station, row, col)| StationCell {
        cell: Cell {
            row: 900 + row,
            col: 1800 + col,
        },
        value_m3m3: 0.2,
        weight: 1.0,
        stations: vec![(*station).to_owned()],
    });
    let scene = Scene::new(id, window)
        .with_stations(stations.collect())
        .unwrap();
    match time {
        Some(time) => scene.with_time(time.parse().unwrap()),
        None => scene,
    }
}

fn split() -> StationSplit {
    [
        ("train-1", Split::Train),
        ("train-2", Split::Train),
        ("validation-1", Split::Validation),
        ("test-1", Split::Test),
        ("test-2", Split::Test),
    ]
    .map(|(station, split)| (station.to_owned(), split))
    .into_iter()
    .collect()
}

fn config(min_distance_km: f64) -> LeakConfig {
    LeakConfig {
        tile_size: 18,
        min_overlap: 0,
        min_distance_km,
    }
}

fn report(scenes: Vec<Scene>, min_distance_km: f64) -> LeakReport {
    let scenes = InMemoryScenes::from(scenes);
    let sites = station_sites(&scenes).unwrap();
    leak_report(&sites, &scenes, &split(), &config(min_distance_km)).unwrap()
}

/// Names of the pairs of a list.
fn names<'a, T>(
    list: &'a [T],
    pair: impl Fn(&'a T) -> (&'a LeakStation, &'a LeakStation),
) -> Vec<(&'a str, &'a str)> {
    let named = list.iter().map(pair);
    named
        .map(|(a, b)| (a.station.as_str(), b.station.as_str()))
        .collect()
}

#[test]
fn each_criterion_finds_its_pairs_and_no_others() {
    // North-west tile: train-1 and test-1 share a tile, not a coarse cell; train-2 is of
    // train-1's split. South-east tile: validation-1 and test-2 share tile and coarse cell.
    let stations = [
        ("train-1", 0, 0),
        ("train-2", 0, 1),
        ("test-1", 17, 17),
        ("validation-1", 27, 27),
        ("test-2", 35, 35),
        ("stranger", 26, 26),
    ];
    let report = report(vec![scene("s", Some("2018-06-01T12:00Z"), &stations)], 2.0);
    assert_eq!(
        names(&report.shared_tile_days, |p| (&p.first, &p.second)),
        [
            ("test-1", "train-1"),
            ("test-1", "train-2"),
            ("test-2", "validation-1")
        ]
    );
    assert_eq!(
        names(&report.shared_coarse_cells, |p| (&p.first, &p.second)),
        [("test-2", "validation-1")]
    );
    assert_eq!(
        report.shared_coarse_cells[0].coarse_cell,
        Cell { row: 103, col: 203 }
    );
    assert!(report.close_pairs.is_empty());
    let expected = LeakCounts {
        shared_tile_days: 3,
        shared_coarse_cells: 1,
        close_pairs: 0,
        test_stations_affected: 2,
    };
    assert_eq!(report.counts, expected);
}

#[test]
fn tile_days_count_days_and_not_scenes() {
    let both = [("train-1", 0, 0), ("test-1", 17, 17)];
    let scenes = vec![
        scene("morning", Some("2018-06-01T06:00Z"), &both),
        scene("again", Some("2018-06-01T06:05Z"), &both),
        scene("next day", Some("2018-06-02T06:00Z"), &both),
        scene("one only", Some("2018-06-03T06:00Z"), &both[..1]),
        scene("undated", None, &both),
        scene("undated", None, &both),
    ];
    assert_eq!(report(scenes, 0.0).shared_tile_days[0].tile_days, 4);
}

#[test]
fn stations_of_a_day_meet_over_its_scenes() {
    let scenes = vec![
        scene("a", Some("2018-06-01T06:00Z"), &[("train-1", 0, 0)]),
        scene("b", Some("2018-06-01T07:00Z"), &[("test-1", 1, 1)]),
    ];
    assert_eq!(report(scenes, 0.0).counts.shared_tile_days, 1);
}

#[test]
fn distances_are_measured_on_the_ground() {
    let site = |station: &str, lat_deg, lon_deg| StationSite {
        station: station.to_owned(),
        network: None,
        cell: Cell {
            row: lat_deg as usize * 100,
            col: 100,
        },
        location: LatLonDeg { lat_deg, lon_deg },
    };
    // At 60 degrees a degree of longitude is half as long as at the equator.
    let sites = [
        site("train-1", 60.0, 179.9),
        site("test-1", 60.0, -179.9),
        site("validation-1", 60.3, 179.9),
        site("test-2", 10.0, 0.0),
        site("stranger", 60.0, 179.9),
    ];
    let of = |min_distance_km| {
        leak_report(
            &sites,
            &InMemoryScenes::default(),
            &split(),
            &config(min_distance_km),
        )
        .unwrap()
    };
    let near = of(12.0);
    assert_eq!(
        names(&near.close_pairs, |p| (&p.first, &p.second)),
        [("test-1", "train-1")]
    );
    // 0.2 degrees of a parallel of 60: 11.1195 km along it, a trifle less along the great circle.
    assert_relative_eq!(
        near.close_pairs[0].distance_km,
        11.119_5,
        max_relative = 1e-4
    );
    assert_eq!(near.counts.test_stations_affected, 1);
    assert_eq!(of(40.0).counts.close_pairs, 3);
    assert!(of(0.0).close_pairs.is_empty());
}

#[test]
fn a_station_that_moved_counts_once_with_its_least_distance() {
    let site = |station: &str, lat_deg| StationSite {
        station: station.to_owned(),
        network: None,
        cell: Cell { row: 0, col: 0 },
        location: LatLonDeg {
            lat_deg,
            lon_deg: 0.0,
        },
    };
    let sites = [
        site("train-1", 0.0),
        site("train-1", 0.2),
        site("test-1", 0.3),
    ];
    let report = leak_report(&sites, &InMemoryScenes::default(), &split(), &config(50.0)).unwrap();
    assert_eq!(report.counts.close_pairs, 1);
    assert_relative_eq!(
        report.close_pairs[0].distance_km,
        11.119_508,
        max_relative = 1e-6
    );
    assert_eq!(report.counts.shared_coarse_cells, 1);
}

#[test]
fn independent_stations_give_a_clean_report_that_survives_json() {
    let stations = [("train-1", 0, 0), ("test-1", 35, 35)];
    let clean = report(vec![scene("s", None, &stations)], 5.0);
    assert!(clean.is_clean());
    let leaky = report(vec![scene("s", None, &stations)], 500.0);
    assert!(!leaky.is_clean());
    for report in [clean, leaky] {
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<LeakReport>(&json).unwrap(), report);
    }
}

#[test]
fn impossible_distances_and_places_are_refused() {
    let refused = |sites: &[StationSite], km| {
        leak_report(sites, &InMemoryScenes::default(), &split(), &config(km)).unwrap_err()
    };
    for km in [f64::NAN, f64::INFINITY, -1.0] {
        assert!(matches!(refused(&[], km), SceneError::OutOfRange { .. }));
    }
    let nowhere = StationSite {
        station: "x".to_owned(),
        network: None,
        cell: Cell { row: 0, col: 0 },
        location: LatLonDeg {
            lat_deg: f64::NAN,
            lon_deg: 0.0,
        },
    };
    assert!(matches!(
        refused(&[nowhere], 1.0),
        SceneError::InvalidLocation { .. }
    ));
}
