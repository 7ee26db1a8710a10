//! Tests: The coarse analysis.

use vadose_grid::{EaseGrid2, Window};

use super::*;
use crate::landscape::Landscape;
use crate::nature_run::NatureConfig;
use crate::weather::WeatherConfig;

/// 1 June 2017, 00 UTC.
const JUNE_2017: i64 = 415_704;

fn layers(row0: usize, rows: usize, cols: usize) -> Layers {
    let window = Window::new(EaseGrid2::M01, row0, 6750, rows, cols).unwrap();
    Landscape::new(42).layers(&window).unwrap()
}

#[test]
fn coarse_layers_are_means_over_land() {
    /// Rounding of a mean of 81 f32.
    const ROUNDING: f32 = 1e-5;
    let mut fine = layers(2493, 18, 9);
    fine.clay_fraction.fill(0.2);
    fine.water_fraction.fill(0.0);
    fine.land_cover.fill(10);
    for row in 0..5 {
        fine.clay_fraction[[row, 0]] = 0.6;
        fine.water_fraction[[row, 0]] = 1.0;
        fine.land_cover[[row, 0]] = 0;
    }
    let coarse = coarsened(&fine).unwrap();
    assert_eq!(coarse.window.shape(), (2, 1));
    approx::assert_abs_diff_eq!(coarse.clay_fraction[[0, 0]], 0.2, epsilon = ROUNDING);
    approx::assert_abs_diff_eq!(
        coarse.water_fraction[[0, 0]],
        5.0 / 81.0,
        epsilon = ROUNDING
    );
    assert_eq!(coarse.land_cover[[0, 0]], 10);
    let mean = fine.elevation_m.iter().skip(81).sum::<f32>() / 81.0;
    approx::assert_relative_eq!(coarse.elevation_m[[1, 0]], mean, max_relative = ROUNDING);
}

#[test]
fn a_window_that_cuts_coarse_cells_is_refused() {
    let fine = layers(2494, 18, 9);
    let refused = coarsened(&fine);
    assert!(matches!(refused, Err(TwinError::NotAligned { window }) if window == fine.window));
}

fn two_days(config: AnalysisConfig) -> Vec<AnalysisMean> {
    let coarse = coarsened(&layers(2493, 27, 36)).unwrap();
    let weather = WeatherConfig::default().build(42).unwrap();
    let nature = NatureConfig {
        spin_up_days: 5,
        ..NatureConfig::default()
    };
    let analysis = config.build(&nature.build().unwrap(), 42).unwrap();
    let mut means = Vec::new();
    analysis
        .run(&coarse, &weather, JUNE_2017..JUNE_2017 + 48, |mean| {
            means.push(mean);
        })
        .unwrap();
    means
}

#[test]
fn eight_means_make_a_day() {
    let means = two_days(AnalysisConfig::default());
    let hours: Vec<i64> = means.iter().map(|mean| mean.hour - JUNE_2017).collect();
    assert_eq!(hours, (0..16).map(|idx| 3 * idx).collect::<Vec<_>>());
    for mean in &means {
        assert_eq!(mean.sm_surface.dim(), (3, 4));
        let moist = |field: &Array2<f32>| field.iter().all(|v| (0.02..0.7).contains(v));
        assert!(moist(&mean.sm_surface) && moist(&mean.sm_rootzone));
        let warm = |field: &Array2<f32>| field.iter().all(|v| (255.0..330.0).contains(v));
        assert!(warm(&mean.soil_temp_layer1) && warm(&mean.surface_temp));
        assert!(
            mean.precipitation_total_surface_flux
                .iter()
                .all(|v| (0.0..0.02).contains(v))
        );
    }
}

#[test]
fn the_root_zone_is_steadier_than_the_surface() {
    let means = two_days(AnalysisConfig {
        moisture_error_m3m3: 0.0,
        ..AnalysisConfig::default()
    });
    let range = |field: &dyn Fn(&AnalysisMean) -> f32| {
        let values: Vec<f32> = means.iter().map(field).collect();
        let highest = values.iter().copied().fold(f32::MIN, f32::max);
        highest - values.iter().copied().fold(f32::MAX, f32::min)
    };
    assert!(range(&|mean| mean.sm_rootzone[[0, 0]]) < range(&|mean| mean.sm_surface[[0, 0]]));
}

#[test]
fn numbers_out_of_range_are_named() {
    let config = AnalysisConfig {
        error_km: 1.0,
        ..AnalysisConfig::default()
    };
    let nature = NatureConfig::default().build().unwrap();
    let error = config.build(&nature, 1).unwrap_err();
    assert!(matches!(
        error,
        TwinError::Config {
            key: "analysis.error_km",
            ..
        }
    ));
}
