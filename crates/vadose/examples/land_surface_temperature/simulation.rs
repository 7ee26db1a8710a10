//! What is observed of a fictitious landscape on some mornings, as scenes.

use std::error::Error;

use ndarray::Array2;
use vadose::grid::{EaseGrid2, Window};
use vadose::retrieve::coarse_average;
use vadose::scene::{COARSE_FACTOR, CoarseTarget, Scene, bilinear_to, pseudo_stations};
use vadose::twin::orbit::{SmapConfig, SmapPass};
use vadose::twin::radiometer::RadiometerConfig;
use vadose::twin::weather::{Level, RainView, vegetation};
use vadose::twin::{
    Ground, Landscape, Layers, NatureConfig, Positions, SpaceTimeNoise, Weather, WeatherConfig,
};

use crate::{SEED, UNIT_KELVIN, to_kelvin, to_target};

const N_STATIONS: usize = 200;
/// Standard deviation of a station's error, which stays with it from morning to morning.
const STATION_ERROR_KELVIN: f32 = 0.5;
/// Standard deviation of the error of Z, correlated over some 70 km and two days.
const COARSE_ERROR_KELVIN: f32 = 1.5;

/// The first half of June 2017 in mountains, on the mornings on which SMAP saw the whole window.
pub(crate) fn scenes() -> Result<Vec<Scene>, Box<dyn Error>> {
    let window = Window::new(EaseGrid2::M01, 2790, 7659, 252, 252)?;
    let layers = Landscape::new(SEED).layers(&window)?;
    let weather = WeatherConfig::default().build(SEED)?;
    let (first, last) = (
        "2017-06-01T00:00:00Z".parse()?,
        "2017-06-16T00:00:00Z".parse()?,
    );
    let mut passes = SmapConfig::default().passes(&window, first, last)?;
    passes.retain(|pass| pass.seconds.iter().all(|seconds| seconds.is_finite()));
    let hours: Vec<_> = passes.iter().map(hour_of).collect();
    let period = hours[0]..hours[hours.len() - 1] + 1;
    let mut soil_moisture = Vec::new();
    let nature = NatureConfig::default().build()?;
    nature.run(&layers, &weather, &RainView::Truth, period, |hour| {
        if hours.contains(&hour.hour) {
            soil_moisture.push(hour.moisture.to_owned());
        }
    })?;
    let mornings = passes.iter().zip(&soil_moisture);
    mornings
        .map(|(pass, moisture)| observe(&layers, &weather, pass, moisture))
        .collect()
}

/// The hour of a pass, since 1970-01-01T00Z.
fn hour_of(pass: &SmapPass) -> i64 {
    pass.mean_time().as_second() / 3600
}

/// One morning as radiometer, stations and a reanalysis see it; the truth is a field, but no channel.
fn observe(
    layers: &Layers,
    weather: &Weather,
    pass: &SmapPass,
    soil_moisture: &Array2<f32>,
) -> Result<Scene, Box<dyn Error>> {
    let window = &layers.window;
    let hour = hour_of(pass);
    let mut temperature = weather.temperature(layers)?;
    let truth_kelvin = temperature.kelvin(Level::Skin, hour as f64);
    let truth = truth_kelvin.mapv(to_target);
    let land = layers.water_fraction.mapv(|share| share < 0.5);
    let noise = STATION_ERROR_KELVIN / UNIT_KELVIN;
    let stations = pseudo_stations(truth.view(), &land, window, N_STATIONS, noise, SEED)?;
    let error = SpaceTimeNoise::new(SEED, (60.0, 60.0), 0.0, 36.0)
        .fill(&Positions::of_window(window)?, hour as f64);
    let believed = truth + error * (COARSE_ERROR_KELVIN / UNIT_KELVIN);
    let coarse = coarse_average(window, believed.view())?;

    let soil_kelvin = temperature.kelvin(Level::Soil5Cm, hour as f64);
    let vwc_kg_m2 = vegetation::water_content_kg_m2(layers, hour);
    let dry = Array2::zeros(window.shape());
    let ground = Ground {
        layers,
        soil_moisture: soil_moisture.view(),
        temperature_kelvin: soil_kelvin.view(),
        vwc_kg_m2: vwc_kg_m2.view(),
        recent_rain_mm: dry.view(),
    };
    let tb = RadiometerConfig::default()
        .build(SEED)?
        .observe(&ground, pass)?;
    let at_1km = |values: &Array2<f32>| {
        let coarse = CoarseTarget {
            window: tb.window,
            values: values.clone(),
        };
        bilinear_to(window, &coarse, COARSE_FACTOR)
    };
    Ok(Scene::new(pass.start.to_string(), *window)
        .with_field("ndvi", "1", vegetation::ndvi(layers, hour))?
        .with_field("tb_h", "K", at_1km(&tb.tb_h_kelvin))?
        .with_field("tb_v", "K", at_1km(&tb.tb_v_kelvin))?
        .with_field(
            "surface_temperature",
            "K",
            at_1km(&coarse.values.mapv(to_kelvin)),
        )?
        .with_field("elevation", "m", layers.elevation_m.clone())?
        .with_field("clay_fraction", "1", layers.clay_fraction.clone())?
        .with_field("land_cover", "1", layers.land_cover.mapv(f32::from))?
        .with_field("truth", "K", truth_kelvin)?
        .with_land(land)?
        .with_stations(stations)?
        .with_coarse_target(coarse)?)
}
