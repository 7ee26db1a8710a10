//! Radiometer: the inversion test, water, footprint, noise.

use jiff::Timestamp;
use vadose_grid::EaseGrid2;
use vadose_physics::{CellStatus, InversionConfig, Polarization, SingleChannelCell};

use super::*;
use crate::test_ground::TestGround;

fn radiometer() -> Radiometer {
    RadiometerConfig::default().build(42).unwrap()
}

/// A pass that sees everything.
fn pass(test: &TestGround, orbit: u32) -> SmapPass {
    let window = test.layers.window.coarsened(EaseGrid2::M09).unwrap();
    SmapPass {
        orbit,
        start: Timestamp::UNIX_EPOCH,
        window,
        seconds: Array2::zeros(window.shape()),
    }
}

#[test]
fn noise_free_land_inverts_to_the_truth() {
    /// The promise of the twin: the physics goes back and forth without loss, m3 m-3.
    const MAX_ERROR_M3M3: f64 = 1e-4;
    let mut test = TestGround::new(90, 90);
    test.temperature_kelvin[[5, 5]] = 268.0;
    let ground = test.ground();
    let radiometer = radiometer();
    let tb = radiometer.land(&ground).unwrap();
    let inverter = InversionConfig::default().build().unwrap();
    let (mut n_ok, mut worst) = (0, 0.0_f64);
    for ((row, col), &truth) in ground.soil_moisture.indexed_iter() {
        let bulk_density = f64::from(ground.layers.bulk_density_g_cm3[[row, col]]);
        let cell = SingleChannelCell {
            tb_kelvin: tb.tb_v_kelvin[[row, col]].into(),
            surface: radiometer.true_surface(&ground, row, col),
            bulk_density_g_cm3: bulk_density,
            land_cover: None,
        };
        let found = inverter.invert_single_channel(Polarization::V, &cell);
        if (row, col) == (5, 5) {
            assert_eq!(found.status, CellStatus::Frozen);
            continue;
        }
        let inside = (0.02..vadose_physics::porosity(bulk_density)).contains(&f64::from(truth));
        assert!(inside);
        // Under dense forest the whole range of moisture is worth less than the noise.
        if found.status == CellStatus::Insensitive {
            assert!(cell.surface.tau_slant > 1.5);
            continue;
        }
        assert_eq!(found.status, CellStatus::Ok);
        n_ok += 1;
        worst = worst.max((found.soil_moisture_m3m3 - f64::from(truth)).abs());
    }
    assert!(n_ok > 7000, "{n_ok}");
    assert!(worst < MAX_ERROR_M3M3, "{worst}");
}

#[test]
fn open_water_is_cold_and_mixes_by_area() {
    let mut test = TestGround::new(9, 9);
    test.layers.water_fraction.fill(0.0);
    test.layers.water_fraction[[0, 0]] = 1.0;
    test.soil_moisture[[0, 0]] = f32::NAN;
    test.layers.water_fraction[[1, 1]] = 0.25;
    let ground = test.ground();
    let radiometer = radiometer();
    let (land, mixed) = (
        radiometer.land(&ground).unwrap(),
        radiometer.mixed(&ground).unwrap(),
    );
    assert!(land.tb_v_kelvin[[0, 0]].is_nan());
    let [h, v] = radiometer.water_emissivity();
    // Real SMAP passes over calm ocean at 285 K: 75 K (H) and 114 K (V), without fresh water's
    // warmth.
    assert!(
        (0.27..0.31).contains(&h) && (0.40..0.46).contains(&v),
        "{h} {v}"
    );
    let water = |at: [usize; 2]| test.temperature_kelvin[at] * v as f32;
    assert!((mixed.tb_v_kelvin[[0, 0]] - water([0, 0])).abs() < 1e-3);
    let expected = 0.75 * land.tb_v_kelvin[[1, 1]] + 0.25 * water([1, 1]);
    assert!((mixed.tb_v_kelvin[[1, 1]] - expected).abs() < 1e-3);
    assert_eq!(mixed.tb_h_kelvin[[4, 4]], land.tb_h_kelvin[[4, 4]]);
}

#[test]
fn levels_are_those_of_real_land() {
    let test = TestGround::new(90, 90);
    let tb = radiometer().mixed(&test.ground()).unwrap();
    let mut v: Vec<f32> = tb.tb_v_kelvin.iter().copied().collect();
    v.sort_by(f32::total_cmp);
    // Over land SMAP sees 220 to 285 K in V.
    let (low, median, high) = (v[v.len() / 20], v[v.len() / 2], v[v.len() * 19 / 20]);
    assert!(
        low > 200.0 && high < 295.0 && (245.0..280.0).contains(&median),
        "{low} {median} {high}"
    );
}

#[test]
fn frozen_ground_looks_dry() {
    let mut test = TestGround::new(9, 9);
    test.soil_moisture.fill(0.35);
    let wet = radiometer().land(&test.ground()).unwrap();
    test.temperature_kelvin.mapv_inplace(|t| t - 25.0);
    let frozen = radiometer().land(&test.ground()).unwrap();
    let emissivity = |tb: &TbMaps, kelvin: f32| tb.tb_h_kelvin[[4, 4]] / kelvin;
    let kelvin = test.temperature_kelvin[[4, 4]];
    assert!(emissivity(&frozen, kelvin) > emissivity(&wet, kelvin + 25.0) + 0.02);
}

#[test]
fn noise_is_that_of_the_configuration_and_of_the_orbit() {
    let test = TestGround::new(270, 270);
    let quiet = RadiometerConfig {
        noise_kelvin: 0.0,
        ..RadiometerConfig::default()
    };
    let clean = quiet
        .build(42)
        .unwrap()
        .observe(&test.ground(), &pass(&test, 7))
        .unwrap();
    let noisy = radiometer()
        .observe(&test.ground(), &pass(&test, 7))
        .unwrap();
    let difference = &noisy.tb_h_kelvin - &clean.tb_h_kelvin;
    let std = (difference.mapv(|d| d * d).sum() / difference.len() as f32).sqrt();
    assert!((1.0..1.6).contains(&std), "{std}");
    assert_ne!(
        noisy,
        radiometer()
            .observe(&test.ground(), &pass(&test, 8))
            .unwrap()
    );
    assert_eq!(
        noisy,
        radiometer()
            .observe(&test.ground(), &pass(&test, 7))
            .unwrap()
    );
    assert_eq!(clean.window.shape(), (30, 30));
    let smooth = clean
        .tb_v_kelvin
        .iter()
        .all(|tb| (200.0..290.0).contains(tb));
    assert!(smooth);
}

#[test]
fn one_thread_and_many_see_the_same() {
    let test = TestGround::new(45, 45);
    let alone = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let one = alone.install(|| {
        radiometer()
            .observe(&test.ground(), &pass(&test, 3))
            .unwrap()
    });
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(3)
        .build()
        .unwrap();
    assert_eq!(
        one,
        pool.install(|| radiometer()
            .observe(&test.ground(), &pass(&test, 3))
            .unwrap())
    );
}

#[test]
fn foreign_settings_and_fields_are_named() {
    let config = RadiometerConfig {
        footprint_km: 3.0,
        ..RadiometerConfig::default()
    };
    let error = config.build(1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "footprint_km: expected a value from 9 to 100, got 3"
    );
    let mut test = TestGround::new(9, 9);
    test.vwc_kg_m2 = Array2::zeros((9, 8));
    let error = radiometer().land(&test.ground()).unwrap_err();
    assert!(matches!(
        error,
        TwinError::Shape {
            field: "vwc_kg_m2",
            ..
        }
    ));
}

#[test]
fn a_narrow_swath_sees_what_a_wide_one_sees_there() {
    let test = TestGround::new(270, 270);
    let wide = radiometer()
        .observe(&test.ground(), &pass(&test, 9))
        .unwrap();
    let mut half = pass(&test, 9);
    for mut row in half.seconds.outer_iter_mut() {
        row.iter_mut()
            .take(15)
            .for_each(|seconds| *seconds = f32::NAN);
    }
    let half = radiometer().observe(&test.ground(), &half).unwrap();
    for ((row, col), tb) in half.tb_v_kelvin.indexed_iter() {
        assert_eq!(tb.is_nan(), col < 15);
        // Sums run over the same cells; those beyond reach count nothing in both.
        assert!(tb.is_nan() || (tb - wide.tb_v_kelvin[[row, col]]).abs() < 1e-3);
    }
}
