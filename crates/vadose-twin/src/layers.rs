//! What of the landscape does not change within a season.

use ndarray::Array2;
use vadose_grid::Window;

/// The static layers of a window of M01, all of the window's shape `[row, col]`.
///
/// Every layer has a value in every cell, water included; `water_fraction` and `land_cover` say
/// where soil quantities mean nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Layers {
    /// The window.
    pub window: Window,
    /// Height above sea level, m.
    pub elevation_m: Array2<f32>,
    /// Where in the local relief a cell lies: -1 on a ridge, 1 on a valley floor.
    pub wetness_index: Array2<f32>,
    /// Clay, mass fraction of the fine earth, 0 to 1.
    pub clay_fraction: Array2<f32>,
    /// Sand, mass fraction of the fine earth, 0 to 1; with clay at most 1.
    pub sand_fraction: Array2<f32>,
    /// Dry bulk density, g cm⁻³.
    pub bulk_density_g_cm3: Array2<f32>,
    /// IGBP class in SMAP's convention: 0 is water.
    pub land_cover: Array2<u8>,
    /// Share of open water, 0 to 1.
    pub water_fraction: Array2<f32>,
    /// Smallest NDVI of the year.
    pub ndvi_min: Array2<f32>,
    /// Largest NDVI of the year.
    pub ndvi_max: Array2<f32>,
}

/// Particle density of mineral soil, g cm⁻³, the value of SMAP's own retrieval.
const PARTICLE_DENSITY_G_CM3: f32 = 2.65;

impl Layers {
    /// Share of the soil's volume that is pores: `1 - bulk density / 2.65`.
    #[must_use]
    pub fn porosity(&self) -> Array2<f32> {
        self.bulk_density_g_cm3
            .mapv(|density| 1.0 - density / PARTICLE_DENSITY_G_CM3)
    }
}
