//! Land cover from climate, height and moisture, and the greenness that goes with it.

use ndarray::Array2;
use vadose_physics::IgbpClass;
use vadose_scene::seed;

use crate::noise::Noise;
use crate::positions::Positions;

/// Noise that makes patches of cover.
#[derive(Debug, Clone)]
pub(super) struct Cover {
    patch: Noise,
    mosaic: Noise,
    town: Noise,
}

/// The noise over a window.
pub(super) struct Draws {
    pub(super) patch: Array2<f32>,
    pub(super) mosaic: Array2<f32>,
    pub(super) town: Array2<f32>,
}

/// What a cell's cover follows from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site {
    pub(super) elevation_m: f32,
    pub(super) wetness_index: f32,
    pub(super) water_fraction: f32,
    pub(super) mountainousness: f32,
    /// Log of the June rain relative to the reference.
    pub(super) log_wetness: f32,
    pub(super) patch: f32,
    pub(super) mosaic: f32,
    pub(super) town: f32,
}

impl Cover {
    pub(super) fn new(master: u64) -> Self {
        let of = |purpose| seed::derive(master, purpose);
        Self {
            patch: Noise::fractal(of("cover patches"), 2.0, 64.0, 0.25),
            mosaic: Noise::fractal(of("cover mosaic"), 1.5, 6.0, 0.0),
            town: Noise::fractal(of("towns"), 2.0, 16.0, 0.3),
        }
    }

    pub(super) fn draws(&self, positions: &Positions) -> Draws {
        Draws {
            patch: self.patch.fill(positions),
            mosaic: self.mosaic.fill(positions),
            town: self.town.fill(positions),
        }
    }
}

/// Height above which trees do not grow, m: the Rocky Mountains near 40° N.
const TREE_LINE_M: f32 = 3000.0;
/// Height above which snow lies in summer, m.
const SNOW_LINE_M: f32 = 3350.0;
/// Where the town noise is above this many deviations a plain is built up.
const TOWN_LEVEL: f32 = 2.75;

/// The class of a cell, in the order in which one thing rules out another.
pub(super) fn class_of(site: &Site) -> IgbpClass {
    use IgbpClass as Class;
    let moisture = site.log_wetness + 0.22 * site.patch + 0.18 * site.wetness_index;
    let height_m = site.elevation_m + 140.0 * site.mosaic;
    if site.water_fraction > 0.5 {
        Class::Water
    } else if site.town > TOWN_LEVEL && site.mountainousness < 0.3 {
        Class::Urban
    } else if height_m > SNOW_LINE_M {
        Class::SnowAndIce
    } else if height_m > TREE_LINE_M {
        if site.patch > 0.4 {
            Class::Grassland
        } else {
            Class::Barren
        }
    } else if site.mountainousness + 0.08 * site.patch > 0.32 {
        upland(moisture, height_m, site)
    } else {
        plain(moisture, site)
    }
}

fn upland(moisture: f32, height_m: f32, site: &Site) -> IgbpClass {
    use IgbpClass as Class;
    if moisture > -0.1 {
        if height_m > 1500.0 {
            Class::EvergreenNeedleleafForest
        } else if site.patch > 0.2 {
            Class::MixedForest
        } else {
            Class::DeciduousBroadleafForest
        }
    } else if moisture > -0.55 {
        if height_m > 1900.0 {
            Class::EvergreenNeedleleafForest
        } else if site.mosaic > 0.6 {
            Class::MixedForest
        } else {
            Class::WoodySavanna
        }
    } else if moisture > -0.85 {
        Class::Grassland
    } else if moisture > -1.05 {
        Class::ClosedShrubland
    } else {
        Class::OpenShrubland
    }
}

fn plain(moisture: f32, site: &Site) -> IgbpClass {
    use IgbpClass as Class;
    if moisture < -1.75 {
        Class::Barren
    } else if moisture < -1.0 {
        Class::OpenShrubland
    } else if moisture < -0.85 {
        if site.mosaic > 0.0 {
            Class::ClosedShrubland
        } else {
            Class::Grassland
        }
    } else if site.wetness_index > 0.85 && moisture > 0.15 && site.mosaic < -0.2 {
        Class::Wetland
    } else if moisture < -0.35 {
        if site.mosaic + site.wetness_index > 1.0 {
            Class::Cropland
        } else {
            Class::Grassland
        }
    } else if moisture < 0.35 {
        match site.mosaic - 0.4 * site.wetness_index {
            draw if draw < 0.3 => Class::Cropland,
            draw if draw < 0.9 => Class::CroplandMosaic,
            _ => Class::Savanna,
        }
    } else {
        match site.mosaic + 0.6 * site.patch {
            draw if draw < -0.6 => Class::Cropland,
            draw if draw < 0.1 => Class::CroplandMosaic,
            draw if draw < 0.5 => Class::WoodySavanna,
            _ => Class::DeciduousBroadleafForest,
        }
    }
}

/// Smallest and largest NDVI of the year by class number: rounded means of the MODIS climatology
/// over the United States that SMAP's ancillary vegetation data use (Chan et al. 2013,
/// JPL D-53061, figures 3 to 6).
const NDVI_RANGE: [(f32, f32); 17] = [
    (0.00, 0.05),
    (0.42, 0.70),
    (0.60, 0.85),
    (0.30, 0.72),
    (0.36, 0.84),
    (0.42, 0.80),
    (0.22, 0.46),
    (0.13, 0.26),
    (0.34, 0.64),
    (0.28, 0.60),
    (0.18, 0.46),
    (0.26, 0.66),
    (0.18, 0.78),
    (0.20, 0.42),
    (0.25, 0.74),
    (0.00, 0.06),
    (0.06, 0.12),
];

/// `(ndvi_min, ndvi_max)` of a cell: its class's, greener where wet, with patches.
pub(super) fn greenness(class: IgbpClass, site: &Site) -> (f32, f32) {
    let (lowest, highest) = NDVI_RANGE[usize::from(class.code())];
    let range = highest - lowest;
    let vigour = 0.10 * site.log_wetness.clamp(-1.0, 0.7) + 0.10 * site.patch + 0.05 * site.mosaic;
    let land = 1.0 - site.water_fraction;
    let min = (lowest * (1.0 + 0.5 * vigour) * land).clamp(0.0, 0.7);
    let max = (min + range * (1.0 + 1.2 * vigour) * land).clamp(min + 0.01, 0.92);
    (min, max)
}
