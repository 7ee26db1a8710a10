//! Radar: levels of a real granule, water, and how well one channel follows moisture.

use jiff::{SignedDuration, Timestamp};
use vadose_grid::Window;

use super::*;
use crate::test_ground::TestGround;

fn radar() -> Radar {
    RadarConfig::default().build(42).unwrap()
}

/// A scene over the whole window under one angle.
fn scene(window: Window, day: i64, track: u32, incidence_deg: f32) -> Scene {
    let first: Timestamp = "2018-06-01T11:40:00Z".parse().unwrap();
    Scene {
        platform: Platform::A,
        orbit: 22_000 + 175 * u32::try_from(day).unwrap() + track,
        relative_orbit: track,
        start: first + SignedDuration::from_hours(24 * day),
        window,
        incidence_deg: Array2::from_elem(window.shape(), incidence_deg),
    }
}

fn quantiles_db(power: impl Iterator<Item = f32>) -> [f32; 3] {
    let mut db: Vec<f32> = power
        .filter(|p| *p > 0.0)
        .map(|p| 10.0 * p.log10())
        .collect();
    db.sort_by(f32::total_cmp);
    [0.05, 0.5, 0.95].map(|share| db[(share * (db.len() - 1) as f32) as usize])
}

#[test]
fn levels_are_those_of_a_real_granule() {
    let mut test = TestGround::new(90, 90);
    test.layers.water_fraction.fill(0.0);
    // Quantiles of each of 48 scenes, two months apart, averaged, so that the state of the region
    // averages out.
    let scenes: Vec<Sigma0Maps> = (0..48)
        .map(|time| scene(test.layers.window, 60 * time, 12, 40.0))
        .map(|scene| radar().observe(&test.ground(), &scene).unwrap())
        .collect();
    let typical = |channel: fn(&Sigma0Maps) -> &Array2<f32>| {
        let each: Vec<[f32; 3]> = scenes
            .iter()
            .map(|maps| quantiles_db(channel(maps).iter().copied()))
            .collect();
        [0, 1, 2].map(|i: usize| each.iter().map(|q| q[i]).sum::<f32>() / each.len() as f32)
    };
    // The real SPL2SMAP_S granule (5, 50, 95 %): VV -13.1, -11.1, -9.7; VH -20.0, -18.0, -16.4 dB.
    let [low, median, high] = typical(|maps| &maps.vv);
    assert!((-15.5..-12.0).contains(&low), "{low}");
    assert!((-12.0..-10.0).contains(&median), "{median}");
    assert!((-10.0..-7.0).contains(&high), "{high}");
    let [low, median, high] = typical(|maps| &maps.vh);
    assert!((-25.0..-19.0).contains(&low), "{low}");
    assert!((-20.5..-17.0).contains(&median), "{median}");
    assert!((-17.5..-14.0).contains(&high), "{high}");
}

#[test]
fn open_water_is_dark_and_needs_no_soil() {
    let mut test = TestGround::new(45, 45);
    test.layers.water_fraction.fill(1.0);
    test.soil_moisture.fill(f32::NAN);
    let maps = radar()
        .observe(&test.ground(), &scene(test.layers.window, 0, 3, 38.0))
        .unwrap();
    let [low, median, high] = quantiles_db(maps.vv.iter().copied());
    assert!(
        low > -32.0 && median < -16.0 && high > low + 2.0,
        "{low} {median} {high}"
    );
}

#[test]
fn missing_land_and_uncovered_cells_have_no_value() {
    let mut test = TestGround::new(9, 9);
    test.layers.water_fraction.fill(0.0);
    test.soil_moisture[[2, 3]] = f32::NAN;
    let mut scene = scene(test.layers.window, 0, 3, 38.0);
    scene.incidence_deg[[5, 5]] = f32::NAN;
    let maps = radar().observe(&test.ground(), &scene).unwrap();
    for at in [[2, 3], [5, 5]] {
        assert!(maps.vv[at].is_nan() && maps.vh[at].is_nan() && maps.incidence_deg[at].is_nan());
    }
    assert_eq!(maps.vv.iter().filter(|vv| vv.is_finite()).count(), 79);
}

#[test]
fn a_scene_of_a_part_is_the_part_of_the_scene() {
    let test = TestGround::new(54, 54);
    let whole = test.layers.window;
    let part = Window::new(EaseGrid2::M01, whole.row0() + 9, whole.col0() + 18, 27, 18).unwrap();
    let of_whole = radar()
        .observe(&test.ground(), &scene(whole, 5, 40, 41.0))
        .unwrap();
    let of_part = radar()
        .observe(&test.ground(), &scene(part, 5, 40, 41.0))
        .unwrap();
    for ((row, col), vv) in of_part.vv.indexed_iter() {
        assert_eq!(*vv, of_whole.vv[[row + 9, col + 18]]);
    }
    let outside = Window::new(EaseGrid2::M01, whole.row0() - 9, whole.col0(), 27, 18).unwrap();
    assert!(
        radar()
            .observe(&test.ground(), &scene(outside, 5, 40, 41.0))
            .is_err()
    );
}

#[test]
fn slopes_towards_the_radar_are_seen_steeply() {
    let mut test = TestGround::new(18, 18);
    test.layers.elevation_m =
        Array2::from_shape_fn((18, 18), |(_, col)| 1000.0 - 100.0 * col as f32);
    let maps = radar()
        .observe(&test.ground(), &scene(test.layers.window, 0, 3, 40.0))
        .unwrap();
    // A fall of 100 m per 1.0009 km to the east is 5.7 degrees.
    assert!((maps.incidence_deg[[8, 8]] - (40.0 - 5.705)).abs() < 0.01);
}

#[test]
fn foreign_settings_are_named() {
    let config = RadarConfig {
        looks: 1.0,
        ..RadarConfig::default()
    };
    assert_eq!(
        config.build(1).unwrap_err().to_string(),
        "looks: expected a value from 10 to 10000, got 1"
    );
}

/// Median over cells of one region of the temporal correlation of a channel in dB with the moisture at a point
/// of the cell, from moisture that forgets half in five days.
///
/// Both satellites and two tracks see each cell, at 35 and 41 degrees, over 150 days; vegetation
/// stands still and it does not rain on the canopy, so the twin as a whole is a little worse.
fn temporal_correlation(seed: u64) -> [f64; 2] {
    /// Deviation of daily moisture in time, and of the point from its cell, m3 m-3.
    const MOISTURE_STD: f32 = 0.045;
    const POINT_STD: f32 = 0.02;
    const LAG_1: f32 = 0.82;
    let mut test = TestGround::new(36, 36);
    test.layers.water_fraction.fill(0.0);
    let radar = RadarConfig::default().build(seed).unwrap();
    let shape = test.layers.window.shape();
    let mut anomaly = Array2::from_shape_fn(shape, |(row, col)| {
        draw::normal(900 + seed, row as i64, col as i64, -1)
    });
    let base = test.soil_moisture.mapv(|m| m.clamp(0.14, 0.28));
    let mut series: Vec<[Array2<f32>; 3]> = Vec::new();
    for day in 0..150 {
        anomaly.indexed_iter_mut().for_each(|((row, col), value)| {
            let shock = draw::normal(9_100 + seed, row as i64, col as i64, day);
            *value = LAG_1 * *value + (1.0 - LAG_1 * LAG_1).sqrt() * shock;
        });
        let track = match day % 12 {
            0 | 6 => (20, 35.0),
            4 | 10 => (107, 41.0),
            _ => continue,
        };
        test.soil_moisture = &base + &(&anomaly * MOISTURE_STD);
        test.soil_moisture.mapv_inplace(|m| m.max(0.02));
        let scene = scene(test.layers.window, day, track.0, track.1);
        let maps = radar.observe(&test.ground(), &scene).unwrap();
        let point = Array2::from_shape_fn(shape, |(row, col)| {
            test.soil_moisture[[row, col]]
                + POINT_STD * draw::normal(92_000 + seed, row as i64, col as i64, day)
        });
        series.push([maps.vv, maps.vh, point]);
    }
    [0, 1].map(|channel: usize| {
        let mut found: Vec<f64> = Vec::new();
        for row in (0..shape.0).step_by(5) {
            for col in (0..shape.1).step_by(5) {
                let pairs = series.iter().map(|day| {
                    let db = 10.0 * day[channel][[row, col]].log10();
                    (f64::from(db), f64::from(day[2][[row, col]]))
                });
                found.push(crate::test_ground::correlation(pairs));
            }
        }
        found.sort_by(f64::total_cmp);
        found[found.len() / 2]
    })
}

#[test]
fn one_channel_is_neither_useless_nor_enough() {
    let found: Vec<[f64; 2]> = (0..24).map(temporal_correlation).collect();
    let [vv, vh] = crate::test_ground::mean_of_pairs(&found);
    assert!((0.15..0.35).contains(&vv), "VV {vv}");
    assert!((0.0..0.30).contains(&vh), "VH {vh}");
}
