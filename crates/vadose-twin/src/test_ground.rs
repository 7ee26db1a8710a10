//! A plausible random landscape for the tests of the instruments.

use ndarray::Array2;
use vadose_grid::{EaseGrid2, Window};
use vadose_physics::{IgbpClass, vegetation_water_content_kg_m2};

use crate::draw::{self, Lattice};
use crate::ground::Ground;
use crate::layers::Layers;

/// Layers and one day's fields.
pub(crate) struct TestGround {
    pub(crate) layers: Layers,
    pub(crate) soil_moisture: Array2<f32>,
    pub(crate) temperature_kelvin: Array2<f32>,
    pub(crate) vwc_kg_m2: Array2<f32>,
    pub(crate) recent_rain_mm: Array2<f32>,
}

impl TestGround {
    /// A window on the plains near 40 degrees north, 100 west, of `rows` x `cols` cells (multiples of 9).
    pub(crate) fn new(rows: usize, cols: usize) -> Self {
        let window = Window::new(EaseGrid2::M01, 2610, 7704, rows, cols).unwrap();
        let smooth = |purpose: u64, cells: f32| {
            let lattice = Lattice {
                seed: purpose,
                cells,
                days: 1.0,
            };
            Array2::from_shape_fn((rows, cols), |(row, col)| {
                lattice.at((2610 + row) as f32, (7704 + col) as f32, 0.0)
            })
        };
        let land_cover = Array2::from_shape_fn((rows, cols), |(row, col)| {
            const CLASSES: [u8; 10] = [1, 4, 7, 8, 9, 10, 10, 12, 12, 16];
            let draw = draw::uniform(1, (row / 3) as i64, (col / 3) as i64, 0);
            CLASSES[(draw * 10.0) as usize]
        });
        let ndvi = smooth(2, 12.0).mapv(|n| (0.45 + 0.12 * n).clamp(0.1, 0.85));
        let vwc_kg_m2 = Array2::from_shape_fn((rows, cols), |at| {
            let class = IgbpClass::try_from(land_cover[at]).unwrap();
            let stem = class.parameters().stem_factor_kg_m2;
            let (ndvi, most) = (f64::from(ndvi[at]), f64::from(ndvi[at]) + 0.05);
            vegetation_water_content_kg_m2(ndvi, most, 0.15, stem).clamp(0.0, 12.0) as f32
        });
        let water_fraction = smooth(3, 4.0).mapv(|n| (0.5 * (n - 2.2)).clamp(0.0, 1.0));
        let bulk_density_g_cm3 = smooth(4, 20.0).mapv(|n| 1.35 + 0.1 * n);
        let wetness = smooth(5, 6.0) + smooth(6, 40.0);
        let soil_moisture = Array2::from_shape_fn((rows, cols), |at| {
            let porosity = 1.0 - bulk_density_g_cm3[at] / 2.65;
            (0.16 * (0.25 * wetness[at]).exp()).clamp(0.03, 0.9 * porosity)
        });
        let layers = Layers {
            window,
            elevation_m: smooth(7, 15.0).mapv(|n| 900.0 + 120.0 * n),
            wetness_index: smooth(8, 3.0).mapv(|n| (0.4 * n).clamp(-1.0, 1.0)),
            clay_fraction: smooth(9, 25.0).mapv(|n| (0.22 + 0.07 * n).clamp(0.02, 0.6)),
            sand_fraction: Array2::from_elem((rows, cols), 0.4),
            bulk_density_g_cm3,
            land_cover,
            water_fraction,
            ndvi_min: Array2::from_elem((rows, cols), 0.15),
            ndvi_max: ndvi.mapv(|n| n + 0.05),
        };
        Self {
            soil_moisture,
            temperature_kelvin: smooth(10, 30.0).mapv(|n| 291.0 + 3.0 * n),
            vwc_kg_m2,
            recent_rain_mm: Array2::zeros((rows, cols)),
            layers,
        }
    }

    pub(crate) fn ground(&self) -> Ground<'_> {
        Ground {
            layers: &self.layers,
            soil_moisture: self.soil_moisture.view(),
            temperature_kelvin: self.temperature_kelvin.view(),
            vwc_kg_m2: self.vwc_kg_m2.view(),
            recent_rain_mm: self.recent_rain_mm.view(),
        }
    }
}

/// Pearson's correlation of pairs.
pub(crate) fn correlation(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let pairs: Vec<(f64, f64)> = pairs.collect();
    let n = pairs.len() as f64;
    let mean_x = pairs.iter().map(|pair| pair.0).sum::<f64>() / n;
    let mean_y = pairs.iter().map(|pair| pair.1).sum::<f64>() / n;
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        xy += (x - mean_x) * (y - mean_y);
        xx += (x - mean_x).powi(2);
        yy += (y - mean_y).powi(2);
    }
    xy / (xx * yy).sqrt()
}

/// Means of the first and of the second numbers.
pub(crate) fn mean_of_pairs(pairs: &[[f64; 2]]) -> [f64; 2] {
    [0, 1].map(|i: usize| pairs.iter().map(|pair| pair[i]).sum::<f64>() / pairs.len() as f64)
}
