//! Greenness and vegetation water of a date.

use ndarray::{Array2, Zip};
use vadose_physics::{IgbpClass, vegetation_water_content_kg_m2};

use crate::layers::Layers;

/// Share of the yearly NDVI range that a class has reached at an hour of the year, 0 to 1.
///
/// Forests and shrubs are near their maximum by June; crops rise through it; dry grass falls.
fn season(class: u8, hour: i64) -> f32 {
    let day_of_year = (hour as f64 / 24.0).rem_euclid(365.2425) as f32;
    // Day of the maximum and half-width of the season, days: MODIS phenology of the United States.
    let (peak, width) = match class {
        1..=5 => (195.0, 110.0),
        6 | 7 | 16 => (150.0, 120.0),
        10 => (165.0, 85.0),
        12 | 14 => (205.0, 75.0),
        _ => (185.0, 95.0),
    };
    let phase = ((day_of_year - peak) / width).clamp(-1.5, 1.5);
    (-phase * phase).exp()
}

/// NDVI at an hour since 1970-01-01T00Z: between the layers' extremes, by class and season.
#[must_use]
pub fn ndvi(layers: &Layers, hour: i64) -> Array2<f32> {
    let seasons: Vec<f32> = (0..=u8::MAX).map(|class| season(class, hour)).collect();
    Zip::from(&layers.ndvi_min)
        .and(&layers.ndvi_max)
        .and(&layers.land_cover)
        .map_collect(|&min, &max, &class| min + (max - min) * seasons[usize::from(class)])
}

/// Vegetation water content at an hour since 1970-01-01T00Z, kg m-2, as SMAP's ancillary data
/// derive it from NDVI ([`vegetation_water_content_kg_m2`]); not below 0, and 0 on water.
#[must_use]
pub fn water_content_kg_m2(layers: &Layers, hour: i64) -> Array2<f32> {
    let stems = IgbpClass::ALL.map(|class| class.parameters().stem_factor_kg_m2);
    let now = ndvi(layers, hour);
    Zip::from(&now)
        .and(&layers.ndvi_max)
        .and(&layers.ndvi_min)
        .and(&layers.land_cover)
        .map_collect(|&now, &max, &min, &class| {
            let Some(&stem) = stems.get(usize::from(class)).filter(|_| class > 0) else {
                return 0.0;
            };
            let [now, max, min] = [now, max, min].map(f64::from);
            vegetation_water_content_kg_m2(now, max, min, stem).max(0.0) as f32
        })
}
