//! Tests: The water balance.

use vadose_grid::EaseGrid2;

use super::*;
use crate::analysis::coarsened;
use crate::landscape::Landscape;
use crate::weather::WeatherConfig;

/// 1 June 2017, 00 UTC.
const JUNE_2017: i64 = 415_704;

fn window(row0: usize, col0: usize, rows: usize, cols: usize) -> Window {
    Window::new(EaseGrid2::M01, row0, col0, rows, cols).unwrap()
}

fn short() -> NatureRun {
    let config = NatureConfig {
        spin_up_days: 3,
        ..NatureConfig::default()
    };
    config.build().unwrap()
}

/// Maps of the last hours of five days.
fn maps(window: &Window) -> Vec<Array2<f32>> {
    let layers = Landscape::new(42).layers(window).unwrap();
    let weather = WeatherConfig::default().build(42).unwrap();
    let mut maps = Vec::new();
    let hours = JUNE_2017..JUNE_2017 + 120;
    short()
        .run(&layers, &weather, &RainView::Truth, hours, |hour| {
            if hour.hour % 24 == 23 {
                maps.push(hour.moisture.to_owned());
            }
        })
        .unwrap();
    maps
}

#[test]
fn a_tile_alone_equals_the_tile_of_the_whole() {
    let whole = maps(&window(2493, 6750, 60, 70));
    let tile = maps(&window(2510, 6761, 30, 20));
    assert_eq!((whole.len(), tile.len()), (5, 5));
    for (whole, tile) in whole.iter().zip(&tile) {
        for ((row, col), &moisture) in tile.indexed_iter() {
            assert_eq!(moisture, whole[[row + 17, col + 11]]);
        }
    }
}

#[test]
fn moisture_stays_between_driest_and_porosity() {
    let area = window(2493, 6750, 60, 60);
    let porosity = Landscape::new(42).layers(&area).unwrap().porosity();
    for map in maps(&area) {
        ndarray::azip!((&moisture in &map, &porosity in &porosity) {
            assert!((Hydraulics::DRIEST..=porosity).contains(&moisture), "{moisture}");
        });
    }
}

#[test]
fn the_same_balance_runs_on_nine_kilometres() {
    let area = window(2493, 6750, 18, 27);
    let layers = coarsened(&Landscape::new(42).layers(&area).unwrap()).unwrap();
    let weather = WeatherConfig::default().build(42).unwrap();
    let mut shape = (0, 0);
    let hours = JUNE_2017..JUNE_2017 + 24;
    short()
        .run(&layers, &weather, &RainView::Truth, hours, |hour| {
            shape = hour.moisture.dim();
        })
        .unwrap();
    assert_eq!(shape, (2, 3));
}

/// Layers of one plain cell and its balance, on a mild day.
fn one_cell(wetness_index: f32) -> Balance {
    let area = window(2600, 7200, 1, 1);
    let mut layers = Landscape::new(42).layers(&area).unwrap();
    layers.clay_fraction.fill(0.2);
    layers.sand_fraction.fill(0.4);
    layers.bulk_density_g_cm3.fill(1.4);
    layers.wetness_index.fill(wetness_index);
    let june = Array2::from_elem((1, 1), 60.0);
    let mut balance = Balance::new(&NatureConfig::default(), &layers, &june);
    day(&mut balance, 290.0);
    balance
}

fn day(balance: &mut Balance, soil_kelvin: f32) {
    let [ndvi, departure, kelvin] = [0.4, 0.0, soil_kelvin].map(|v| Array2::from_elem((1, 1), v));
    balance.begin_day(&ndvi, &departure, &kelvin);
}

fn hours(balance: &mut Balance, n_hours: usize, rain_mm: f32) -> f32 {
    let rain_mm = Array2::from_elem((1, 1), rain_mm);
    for _ in 0..n_hours {
        balance.advance(&rain_mm, &[1.0 / 24.0]);
    }
    balance.moisture()[[0, 0]]
}

#[test]
fn soil_wets_in_rain_and_dries_after_it() {
    let mut balance = one_cell(0.0);
    let before = balance.moisture()[[0, 0]];
    let wet = hours(&mut balance, 6, 4.0);
    assert!(wet > before + 0.08, "{before} {wet}");
    let day_after = hours(&mut balance, 24, 0.0);
    let week_after = hours(&mut balance, 6 * 24, 0.0);
    assert!(wet > day_after && day_after > week_after);
    assert!(week_after > Hydraulics::DRIEST);
}

#[test]
fn valleys_stay_wetter_than_ridges() {
    let [ridge, valley] = [-0.8, 0.8].map(|index| hours(&mut one_cell(index), 20 * 24, 0.1));
    assert!(valley > ridge + 0.03, "{ridge} {valley}");
}

#[test]
fn frozen_ground_keeps_its_water() {
    let mut balance = one_cell(0.0);
    let before = balance.moisture()[[0, 0]];
    day(&mut balance, 272.0);
    assert_eq!(hours(&mut balance, 48, 3.0), before);
    day(&mut balance, 274.0);
    assert_ne!(hours(&mut balance, 48, 0.0), before);
}

#[test]
fn the_days_demand_is_shared_out_in_full() {
    /// Hours are sampled at their middle: relative error of the sum of a half sine.
    const SAMPLING: f32 = 0.01;
    let sum: f32 = (0..24).map(|hour| sunshine(f64::from(hour) + 0.5)).sum();
    assert!((sum - 1.0).abs() < SAMPLING, "{sum}");
    assert_eq!(sunshine(2.0), 0.0);
}

#[test]
fn finer_soils_hold_more() {
    let [sand, clay] = [(0.05, 0.85), (0.45, 0.20)].map(|(c, s)| Hydraulics::new(c, s, 0.45));
    assert!(clay.wilting_point > sand.wilting_point + 0.1);
    assert!(clay.field_capacity > sand.field_capacity);
    assert!(clay.conductivity_mm_h < sand.conductivity_mm_h);
    assert_eq!(sand.porosity, 0.45);
}
