//! Tests: Storms and temperatures.

use vadose_grid::{EaseGrid2, LatLonDeg, Window};

use super::*;
use crate::landscape::Landscape;

/// 1 June 2017, 00 UTC.
const JUNE_2017: i64 = 415_704;

fn window(row0: usize, col0: usize, rows: usize, cols: usize) -> Window {
    Window::new(EaseGrid2::M01, row0, col0, rows, cols).unwrap()
}

fn weather() -> Weather {
    WeatherConfig::default().build(42).unwrap()
}

/// An hour of the first days with rain over the window.
fn rainy_hour(weather: &Weather, window: &Window) -> i64 {
    let wet = |hour: &i64| {
        let rain = weather.rain_mm_per_hour(window, *hour).unwrap();
        rain.iter().filter(|&&rate| rate > 0.1).count() > rain.len() / 10
    };
    (JUNE_2017..JUNE_2017 + 720).find(wet).unwrap()
}

#[test]
fn a_window_alone_equals_the_same_cells_of_a_larger_one() {
    let weather = weather();
    let large = window(2000, 6000, 90, 120);
    let hour = rainy_hour(&weather, &large);
    let whole = weather.rain_mm_per_hour(&large, hour).unwrap();
    let part = weather
        .rain_mm_per_hour(&window(2030, 6050, 40, 50), hour)
        .unwrap();
    for ((row, col), &rate) in part.indexed_iter() {
        assert_eq!(rate, whole[[row + 30, col + 50]]);
    }
    // Asked in order, with the storms of a day kept, it is the same rain.
    let positions = Positions::of_window(&large).unwrap();
    let mut field = weather.rain_field(positions, RainView::Truth);
    let mut rain = Array2::zeros(large.shape());
    for hour in hour - 30..=hour {
        field.fill(hour as f64, hour as f64 + 1.0, &mut rain);
    }
    assert_eq!(rain, whole);
}

#[test]
fn two_half_hours_make_an_hour() {
    /// Strength is a mean over the interval, so storms that grow while they cross the edge of the
    /// window differ: relative difference of the means over it.
    const EDGE: f64 = 0.02;
    let weather = weather();
    let area = window(2000, 6000, 90, 120);
    let hour = rainy_hour(&weather, &area) as f64;
    let positions = Positions::of_window(&area).unwrap();
    let mut field = weather.rain_field(positions, RainView::Truth);
    let mut mean = |from: f64, to: f64| {
        let mut rain = Array2::zeros(area.shape());
        field.fill(from, to, &mut rain);
        f64::from(rain.mean().unwrap())
    };
    let halves = 0.5 * (mean(hour, hour + 0.5) + mean(hour + 0.5, hour + 1.0));
    let whole = mean(hour, hour + 1.0);
    assert!((halves / whole - 1.0).abs() < EDGE, "{halves} {whole}");
}

#[test]
fn a_coarse_pixel_has_the_mean_of_its_cells() {
    /// A pixel's rain is smoothed and not averaged, and its pattern has no fine octaves: relative
    /// difference of a month's mean.
    const SMOOTHING: f64 = 0.15;
    let weather = weather();
    let fine = window(1998, 5994, 90, 90);
    let coarse = fine.coarsened(EaseGrid2::M09).unwrap();
    let [of_cells, of_pixels] = [fine, coarse].map(|window| {
        let positions = Positions::of_window(&window).unwrap();
        let mut field = weather.rain_field(positions, RainView::Truth);
        let mut rain = Array2::zeros(window.shape());
        (JUNE_2017..JUNE_2017 + 720)
            .map(|hour| {
                field.fill(hour as f64, hour as f64 + 1.0, &mut rain);
                f64::from(rain.mean().unwrap())
            })
            .sum::<f64>()
    });
    assert!(
        (of_pixels / of_cells - 1.0).abs() < SMOOTHING,
        "{of_pixels} {of_cells}"
    );
}

#[test]
fn latitudes_and_longitudes_give_the_rain_of_their_cells() {
    /// A narrow pixel takes the rate at its centre; what is left is rounding of the projection,
    /// relative.
    const ROUNDING: f32 = 1e-3;
    let weather = weather();
    let area = window(2000, 6000, 60, 60);
    let hour = rainy_hour(&weather, &area) as f64;
    let centre = |row, col| -> LatLonDeg {
        let cell = area.cell_at(row, col).unwrap();
        EaseGrid2::M01.centre(cell).unwrap()
    };
    let lats: Vec<f64> = (0..60).map(|row| centre(row, 0).lat_deg).collect();
    let lons: Vec<f64> = (0..60).map(|col| centre(0, col).lon_deg).collect();
    let lattices = [
        Positions::of_window(&area).unwrap(),
        Positions::of_lat_lon(&lats, &lons, 1.0).unwrap(),
    ];
    let [cells, points] = lattices.map(|positions| {
        let mut rain = Array2::zeros(area.shape());
        let mut field = weather.rain_field(positions, RainView::Truth);
        field.fill(hour, hour + 1.0, &mut rain);
        rain
    });
    ndarray::azip!((&a in &cells, &b in &points) {
        assert!((a - b).abs() <= ROUNDING * (1.0 + a), "{a} {b}");
    });
}

#[test]
fn an_estimate_errs_but_keeps_the_total() {
    let weather = weather();
    let area = Window::new(EaseGrid2::M09, 222, 666, 60, 60).unwrap();
    let positions = Positions::of_window(&area).unwrap();
    let estimate = RainView::Estimate {
        errors: RainErrorConfig::default(),
        seed: 5,
    };
    let [truth, believed] = [RainView::Truth, estimate].map(|view| {
        let mut field = weather.rain_field(positions.clone(), view);
        let mut rain = Array2::zeros(area.shape());
        let mut total = Array2::<f32>::zeros(area.shape());
        for hour in JUNE_2017..JUNE_2017 + 720 {
            field.fill(hour as f64, hour as f64 + 1.0, &mut rain);
            total += &rain;
        }
        total
    });
    let ratio = believed.mean().unwrap() / truth.mean().unwrap();
    assert!((0.75..1.3).contains(&ratio), "{ratio}");
    assert_ne!(truth, believed);
}

#[test]
fn showers_come_in_the_afternoon() {
    let weather = weather();
    // 8 cells across, so that one local time holds; 105° W is seven hours behind.
    let positions = Positions::of_window(&window(1900, 7200, 400, 8)).unwrap();
    let mut field = weather.rain_field(positions.clone(), RainView::Truth);
    let mut rain = Array2::zeros(positions.shape());
    let mut by_local_hour = [0.0; 24];
    for hour in JUNE_2017..JUNE_2017 + 90 * 24 {
        field.fill(hour as f64, hour as f64 + 1.0, &mut rain);
        by_local_hour[(hour - 7).rem_euclid(24) as usize] += f64::from(rain.sum());
    }
    let afternoon: f64 = by_local_hour[14..20].iter().sum();
    let morning: f64 = by_local_hour[3..9].iter().sum();
    assert!(afternoon > 1.5 * morning, "{by_local_hour:?}");
}

#[test]
fn the_daily_wave_weakens_and_lags_with_depth() {
    let weather = weather();
    let area = window(2600, 7200, 4, 4);
    let layers = Landscape::new(42).layers(&area).unwrap();
    let mut temperature = weather.temperature(&layers).unwrap();
    let mut wave = |level: Level| {
        let values: Vec<f32> = (0..24)
            .map(|hour| temperature.kelvin(level, (JUNE_2017 + hour) as f64)[[0, 0]])
            .collect();
        let (peak, highest) = values
            .iter()
            .copied()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap();
        let lowest = values.iter().copied().fold(f32::INFINITY, f32::min);
        // UTC to local time, seven hours.
        ((peak + 17) % 24, highest - lowest)
    };
    let (skin, soil, deep) = (
        wave(Level::Skin),
        wave(Level::Soil5Cm),
        wave(Level::Soil20Cm),
    );
    assert!(
        skin.1 > soil.1 && soil.1 > deep.1,
        "{skin:?} {soil:?} {deep:?}"
    );
    assert!((12..=14).contains(&skin.0), "{skin:?}");
    assert!((14..=17).contains(&soil.0), "{soil:?}");
    assert!((19..=22).contains(&deep.0), "{deep:?}");
}

#[test]
fn temperature_falls_with_height() {
    /// Rounding of temperatures near 280 K, K.
    const ROUNDING: f32 = 1e-3;
    let weather = weather();
    let area = window(2600, 7200, 1, 1);
    let low = Landscape::new(42).layers(&area).unwrap();
    let mut high = low.clone();
    high.elevation_m += 1000.0;
    let [low, high] = [low, high].map(|layers| {
        let mut temperature = weather.temperature(&layers).unwrap();
        temperature.kelvin(Level::Air, JUNE_2017 as f64)[[0, 0]]
    });
    approx::assert_abs_diff_eq!(low - high, 6.5, epsilon = ROUNDING);
}

#[test]
fn vegetation_follows_its_class_and_season() {
    let area = window(2493, 6750, 120, 120);
    let layers = Landscape::new(42).layers(&area).unwrap();
    let ndvi = vegetation::ndvi(&layers, JUNE_2017);
    ndarray::azip!((&now in &ndvi, &min in &layers.ndvi_min, &max in &layers.ndvi_max) {
        assert!(min <= now && now <= max);
    });
    let mean_water = |hour: i64, classes: &[u8]| {
        let water = vegetation::water_content_kg_m2(&layers, hour);
        let chosen: Vec<f32> = water
            .iter()
            .zip(&layers.land_cover)
            .filter(|(_, class)| classes.contains(class))
            .map(|(&water, _)| water)
            .collect();
        chosen.iter().sum::<f32>() / chosen.len() as f32
    };
    let january = JUNE_2017 - 150 * 24;
    assert!(mean_water(JUNE_2017, &[1, 4, 5]) > 3.0 * mean_water(JUNE_2017, &[10]));
    assert!(mean_water(JUNE_2017, &[12]) > mean_water(january, &[12]));
    assert_eq!(mean_water(JUNE_2017, &[0]), 0.0);
}

#[test]
fn numbers_out_of_range_are_named() {
    let config = WeatherConfig {
        front_speed_km_h: 500.0,
        ..WeatherConfig::default()
    };
    assert_eq!(
        config.build(1).unwrap_err().to_string(),
        "weather.front_speed_km_h: expected a value from 5 to 55, got 500"
    );
}
