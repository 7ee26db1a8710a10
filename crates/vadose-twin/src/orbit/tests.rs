//! Orbits: repeat, local time, coverage, incidence, and independence of the window.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use vadose_grid::{Cell, LatLonDeg};

use super::*;

/// Chooses the tracks of Sentinel-1B.
const SEED: u64 = 1;

fn window(lat_deg: f64, lon_deg: f64, cells: usize) -> Window {
    let corner = EaseGrid2::M09
        .locate(LatLonDeg { lat_deg, lon_deg })
        .unwrap();
    Window::new(EaseGrid2::M01, 9 * corner.row, 9 * corner.col, cells, cells).unwrap()
}

fn june(day: i64) -> Timestamp {
    let first: Timestamp = "2018-06-01T00:00:00Z".parse().unwrap();
    first + SignedDuration::from_hours(24 * (day - 1))
}

fn track_of_day() -> (RepeatOrbit, Vec<Track>) {
    let orbit = SmapConfig::default().orbit;
    (orbit, orbit.descending(june(1), june(2)))
}

#[test]
fn a_day_has_as_many_orbits_as_the_cycle_says() {
    let orbit = SmapConfig::default().orbit;
    let nodes = |tracks: Vec<Track>, from: Timestamp, to: Timestamp| {
        let (from, to) = (unix_seconds(from), unix_seconds(to));
        tracks
            .iter()
            .filter(|t| (from..to).contains(&t.node_s))
            .count()
    };
    let tracks = orbit.descending(june(1), june(9));
    assert_eq!(nodes(tracks, june(1), june(9)), 117);
}

#[test]
fn ground_tracks_repeat_after_a_cycle() {
    let (orbit, tracks) = track_of_day();
    for track in tracks {
        let later = orbit.track(
            track.orbit + orbit.orbits_per_cycle,
            track.node_s + orbit.period_s() * f64::from(orbit.orbits_per_cycle),
        );
        assert!((later.node_lon - track.node_lon).abs() < 1e-9);
    }
}

#[test]
fn places_under_the_track_are_seen_at_zero_distance_and_at_six_in_the_morning() {
    let (_, tracks) = track_of_day();
    let track = tracks[3];
    for (along, hours) in [(-0.9_f64, 1.5), (-0.4, 0.8), (0.0, 1e-6), (0.7, 1.2)] {
        // The point of the track at an angle past the node, written out.
        let lat = (-track.sin_inclination * along.sin()).asin();
        let in_frame = (track.cos_inclination * along.sin()).atan2(along.cos());
        let lon = track.node_lon + in_frame - along * track.period_s / DAY_S;
        let (sin_lat, cos_lat) = lat.sin_cos();
        let view = track.view(Place {
            sin_lat,
            cos_lat,
            lon,
        });
        assert!(view.right_m.abs() < 1.0, "{view:?}");
        let expected = along / TAU * track.period_s;
        assert!((view.seconds - expected).abs() < 1e-3, "{view:?}");
        let utc_hour = (track.node_s + view.seconds).rem_euclid(DAY_S) / 3600.0;
        let local = (utc_hour + lon.to_degrees() / 15.0).rem_euclid(24.0);
        assert!((local - 6.0).abs() < hours, "local time {local}");
    }
}

#[test]
fn west_is_right_of_a_descending_track() {
    let (_, tracks) = track_of_day();
    let track = tracks[0];
    let east = Place {
        sin_lat: 0.0,
        cos_lat: 1.0,
        lon: track.node_lon + 0.02,
    };
    assert!(track.view(east).right_m < -50_000.0);
}

#[test]
fn every_place_of_the_united_states_is_seen_by_smap_every_one_to_three_days() {
    let window = window(40.0, -100.0, 81);
    let passes = SmapConfig::default()
        .passes(&window, june(1), june(30))
        .unwrap();
    // 117 orbits in 8 days, 1000 of 2 pi 6371 cos(40) km each, one direction: 12 to 17 in 29 days.
    assert!((10..22).contains(&passes.len()), "{}", passes.len());
    for pair in passes.windows(2) {
        let gap_h = pair[1].start.duration_since(pair[0].start).as_hours();
        assert!((20..80).contains(&gap_h), "{gap_h}");
    }
    for pass in &passes {
        assert_eq!(pass.seconds.dim(), (9, 9));
        let local = pass.mean_time().as_second().rem_euclid(86_400) as f64 / 3600.0 - 99.6 / 15.0;
        assert!((local.rem_euclid(24.0) - 6.0).abs() < 1.0, "{local}");
    }
}

#[test]
fn scenes_come_back_after_twelve_days_or_six() {
    let window = window(40.0, -100.0, 270);
    let scenes = Sentinel1Config::default()
        .scenes(&window, june(1), june(25), SEED)
        .unwrap();
    assert!(!scenes.is_empty());
    let mut tracks = BTreeSet::new();
    for scene in &scenes {
        tracks.insert(scene.relative_orbit);
        let of_track = scenes.iter().filter(|other| {
            (other.relative_orbit, other.window) == (scene.relative_orbit, scene.window)
        });
        let n_1b = of_track
            .clone()
            .filter(|s| s.platform == Platform::B)
            .count();
        assert_eq!(
            of_track
                .clone()
                .filter(|s| s.platform == Platform::A)
                .count(),
            2
        );
        assert!(n_1b == 0 || n_1b == 2);
    }
    assert!((2..=4).contains(&tracks.len()), "{tracks:?}");
}

#[test]
fn incidence_grows_to_the_west_across_the_swath() {
    let window = window(42.0, -102.0, 513);
    let scenes = Sentinel1Config::default()
        .scenes(&window, june(1), june(13), SEED)
        .unwrap();
    let (mut least, mut most) = (90.0_f32, 0.0_f32);
    for scene in &scenes {
        assert_eq!(scene.window.snapped_outward(9), scene.window);
        assert_eq!(scene.incidence_deg.dim(), scene.window.shape());
        for row in scene.incidence_deg.outer_iter() {
            let seen: Vec<f32> = row
                .iter()
                .copied()
                .filter(|angle| angle.is_finite())
                .collect();
            assert!(seen.windows(2).all(|pair| pair[0] > pair[1]));
            least = seen.iter().copied().fold(least, f32::min);
            most = seen.iter().copied().fold(most, f32::max);
        }
    }
    assert!(
        (30.5..31.5).contains(&least) && (45.5..=46.0).contains(&most),
        "{least} {most}"
    );
}

#[test]
fn a_scene_is_the_same_in_a_part_of_the_window() {
    let whole = window(42.0, -102.0, 360);
    let part = Window::new(
        EaseGrid2::M01,
        whole.row0() + 90,
        whole.col0() + 99,
        117,
        126,
    )
    .unwrap();
    let config = Sentinel1Config::default();
    let of_whole = config.scenes(&whole, june(1), june(13), SEED).unwrap();
    let of_part = config.scenes(&part, june(1), june(13), SEED).unwrap();
    assert!(!of_part.is_empty());
    for scene in &of_part {
        let same = of_whole
            .iter()
            .find(|other| other.start == scene.start)
            .unwrap();
        for ((row, col), angle) in scene.incidence_deg.indexed_iter() {
            let cell = scene.window.cell_at(row, col).unwrap();
            if !part.contains(cell) {
                continue;
            }
            let other = at(same, cell);
            assert!(other == *angle || (other.is_nan() && angle.is_nan()));
        }
    }
}

fn at(scene: &Scene, cell: Cell) -> f32 {
    scene
        .window
        .offset_of(cell)
        .map_or(f32::NAN, |(row, col)| scene.incidence_deg[[row, col]])
}

#[test]
fn each_cell_is_in_one_scene_of_a_pass_at_most() {
    let window = window(42.0, -102.0, 360);
    let scenes = Sentinel1Config::default()
        .scenes(&window, june(1), june(13), SEED)
        .unwrap();
    for (idx, scene) in scenes.iter().enumerate() {
        for other in scenes[idx + 1..].iter().filter(|o| o.orbit == scene.orbit) {
            if other.platform != scene.platform {
                continue;
            }
            for ((row, col), angle) in scene.incidence_deg.indexed_iter() {
                let cell = scene.window.cell_at(row, col).unwrap();
                assert!(angle.is_nan() || at(other, cell).is_nan());
            }
        }
    }
}

#[test]
fn windows_off_the_coarse_grid_are_refused() {
    let crooked = Window::new(EaseGrid2::M01, 1693, 5301, 90, 90).unwrap();
    let config = SmapConfig::default();
    assert!(matches!(
        config.passes(&crooked, june(1), june(2)),
        Err(TwinError::Window { .. })
    ));
    let coarse = Window::new(EaseGrid2::M09, 9, 9, 9, 9).unwrap();
    assert!(
        Sentinel1Config::default()
            .scenes(&coarse, june(1), june(2), SEED)
            .is_err()
    );
}
