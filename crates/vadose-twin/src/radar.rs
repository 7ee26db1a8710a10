//! Sentinel-1's radar: backscatter at 1 km for one scene, with what makes it hard to read.

mod config;

pub use config::RadarConfig;

use ndarray::Array2;
use ndarray::parallel::prelude::*;
use vadose_grid::EaseGrid2;
use vadose_physics::{Backscatter, BareSoil, IgbpClass, WaterCloud, WaterCloudBackscatter};
use vadose_scene::seed;

use crate::draw::{self, Lattice};
use crate::error::TwinError;
use crate::ground::{Ground, class_of};
use crate::orbit::{Platform, Scene, day_of};

impl RadarConfig {
    /// Checks the settings and makes the instrument.
    ///
    /// # Errors
    /// [`TwinError::Config`] names the setting; [`TwinError::Physics`].
    pub fn build(self, master_seed: u64) -> Result<Radar, TwinError> {
        self.check()?;
        let seed = |purpose: &str| seed::derive(master_seed, purpose);
        Ok(Radar {
            model: self.water_cloud.build().map_err(TwinError::Physics)?,
            height_of_field: Lattice {
                seed: seed("radar/height_field"),
                cells: 4.0,
                days: 1.0,
            },
            surface_change: Lattice {
                seed: seed("radar/surface_change"),
                cells: 3.0,
                days: 8.0,
            },
            canopy_change: [seed("radar/canopy_vv"), seed("radar/canopy_vh")].map(|seed| Lattice {
                seed,
                cells: 6.0,
                days: 15.0,
            }),
            regional_change: Lattice {
                seed: seed("radar/regional_change"),
                cells: 120.0,
                days: 3.0,
            },
            wind: Lattice {
                seed: seed("radar/wind"),
                cells: 12.0,
                days: 0.5,
            },
            seeds: Seeds {
                height: seed("radar/height_cell"),
                rows: seed("radar/row_direction"),
                calibration: seed("radar/calibration"),
                speckle: [seed("radar/speckle_vv"), seed("radar/speckle_vh")],
            },
            config: self,
        })
    }
}

/// Seeds of the noise that has no lattice.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Seeds {
    height: u64,
    rows: u64,
    calibration: u64,
    speckle: [u64; 2],
}

/// The radar; made by [`RadarConfig::build`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Radar {
    config: RadarConfig,
    model: WaterCloud,
    height_of_field: Lattice,
    surface_change: Lattice,
    canopy_change: [Lattice; 2],
    regional_change: Lattice,
    wind: Lattice,
    seeds: Seeds,
}

/// Backscatter of one scene at 1 km, of the scene's window `[row, col]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sigma0Maps {
    /// sigma0 VV, linear power; NaN where the scene does not cover or has no value.
    pub vv: Array2<f32>,
    /// sigma0 VH, likewise.
    pub vh: Array2<f32>,
    /// Incidence angle on the local slope, degrees, likewise.
    pub incidence_deg: Array2<f32>,
}

/// Noise of one row of a scene, a value for each cell.
struct RowNoise {
    height: Vec<f32>,
    surface: Vec<f32>,
    canopy: [Vec<f32>; 2],
    region: Vec<f32>,
    wind: Vec<f32>,
}

/// What disturbs the two parts of one cell's backscatter, dB.
struct Disturbance {
    soil_db: f32,
    canopy_db: [f32; 2],
}

/// What belongs to a scene as a whole.
struct SceneTerms {
    day: f32,
    /// Number of the pass, for noise that is drawn anew by pass.
    pass: i64,
    /// Factors of the calibration error, VV and VH.
    gains: [f32; 2],
    /// Position of the scene's corner in the ground's window.
    offset: [usize; 2],
}

impl Radar {
    /// The settings the instrument was built from.
    #[must_use]
    pub fn config(&self) -> &RadarConfig {
        &self.config
    }

    /// Backscatter of a scene.
    ///
    /// Land is the water-cloud model on the true moisture and vegetation under the incidence on
    /// the local west-east slope, the soil and canopy parts each disturbed as [`RadarConfig`]
    /// says; open water is mixed in by area; then calibration error and speckle.
    ///
    /// # Shapes and units
    /// `ground`: at the time of the scene, on a window that holds the scene's. Result: linear
    /// power.
    /// # Missing values
    /// Cells that the scene does not cover, and land with a missing input, are NaN.
    /// # Errors
    /// [`TwinError::Window`] if the scene's rectangle leaves the ground's window;
    /// [`TwinError::Shape`].
    pub fn observe(&self, ground: &Ground<'_>, scene: &Scene) -> Result<Sigma0Maps, TwinError> {
        ground.coarse_window()?;
        let terms = self.terms(ground, scene)?;
        let shape = scene.window.shape();
        let mut maps = Sigma0Maps {
            vv: Array2::from_elem(shape, f32::NAN),
            vh: Array2::from_elem(shape, f32::NAN),
            incidence_deg: Array2::from_elem(shape, f32::NAN),
        };
        maps.vv
            .outer_iter_mut()
            .into_par_iter()
            .zip(maps.vh.outer_iter_mut())
            .zip(maps.incidence_deg.outer_iter_mut())
            .enumerate()
            .for_each(|(row, ((mut vv, mut vh), mut incidence))| {
                let noise = self.row_noise(scene, terms.day, row);
                for (col, angle) in scene.incidence_deg.row(row).iter().enumerate() {
                    if angle.is_nan() {
                        continue;
                    }
                    let local = local_incidence_deg(ground, &terms, row, col, *angle);
                    let [seen_vv, seen_vh] =
                        self.cell(ground, scene, &terms, &noise, [row, col], local);
                    if seen_vv.is_finite() && seen_vh.is_finite() {
                        (vv[col], vh[col], incidence[col]) = (seen_vv, seen_vh, local);
                    }
                }
            });
        Ok(maps)
    }

    fn terms(&self, ground: &Ground<'_>, scene: &Scene) -> Result<SceneTerms, TwinError> {
        let (outer, inner) = (ground.window(), &scene.window);
        if outer.intersection(inner) != Some(*inner) {
            return Err(TwinError::Window { window: *inner });
        }
        let pass = 2 * i64::from(scene.orbit) + i64::from(scene.platform == Platform::B);
        let slice = scene.start.as_second();
        let gain = |channel: i64| {
            let error = draw::normal(self.seeds.calibration, pass, slice, channel);
            linear(self.config.calibration_db * error)
        };
        Ok(SceneTerms {
            day: day_of(scene.start) as f32,
            pass,
            gains: [gain(0), gain(1)],
            offset: [inner.row0() - outer.row0(), inner.col0() - outer.col0()],
        })
    }

    fn row_noise(&self, scene: &Scene, day: f32, row: usize) -> RowNoise {
        let window = &scene.window;
        let draw = |lattice: &Lattice, day: f32| {
            let mut values = vec![0.0; window.cols()];
            let global_row = (window.row0() + row) as f32;
            lattice.row(global_row, window.col0() as f32, 1.0, day, &mut values);
            values
        };
        RowNoise {
            height: draw(&self.height_of_field, 0.0),
            surface: draw(&self.surface_change, day),
            canopy: [
                draw(&self.canopy_change[0], day),
                draw(&self.canopy_change[1], day),
            ],
            region: draw(&self.regional_change, day),
            wind: draw(&self.wind, day),
        }
    }

    /// VV and VH of one cell, linear.
    fn cell(
        &self,
        ground: &Ground<'_>,
        scene: &Scene,
        terms: &SceneTerms,
        noise: &RowNoise,
        [row, col]: [usize; 2],
        incidence_deg: f32,
    ) -> [f32; 2] {
        let at = [terms.offset[0] + row, terms.offset[1] + col];
        let place = [
            (scene.window.row0() + row) as i64,
            (scene.window.col0() + col) as i64,
        ];
        let class = class_of(ground.layers.land_cover[at]);
        let water_share = ground.layers.water_fraction[at];
        let water = self.water(noise.wind[col], incidence_deg);
        let land = if water_share < 1.0 {
            let spread = self.config.rms_height_log_std * std::f32::consts::FRAC_1_SQRT_2;
            let own = draw::normal(self.seeds.height, place[0], place[1], 0);
            let height = self.config.rms_height_m[usize::from(class.code())]
                * (spread * (noise.height[col] + own)).exp();
            let soil = BareSoil {
                soil_moisture_m3m3: ground.soil_moisture[at].into(),
                clay_percent: 100.0 * f64::from(ground.layers.clay_fraction[at]),
                rms_height_m: height.into(),
            };
            let vwc = ground.vwc_kg_m2[at].into();
            let clean = self.model.backscatter(&soil, vwc, incidence_deg.into());
            let wet = self.rain_on_canopy_db(ground.recent_rain_mm[at]);
            let rows = self.row_direction_db(class, scene.relative_orbit, place);
            let region = self.config.regional_change_db * noise.region[col];
            let change_db = self.config.canopy_change_db;
            disturbed(
                &clean,
                &Disturbance {
                    soil_db: self.config.surface_change_db * noise.surface[col] + rows + region,
                    canopy_db: [0, 1]
                        .map(|i: usize| change_db * noise.canopy[i][col] + wet + region),
                },
            )
        } else {
            water
        };
        [0, 1].map(|channel| {
            let mixed = land[channel] + water_share * (water[channel] - land[channel]);
            let draw = draw::normal(self.seeds.speckle[channel], place[0], place[1], terms.pass);
            // Hundreds of looks: the gamma distribution is a normal one that never nears 0.
            let speckle = 1.0 + draw / self.config.looks.sqrt();
            mixed * terms.gains[channel] * speckle.max(0.01)
        })
    }

    /// Gain of a canopy that holds recent rain.
    fn rain_on_canopy_db(&self, rain_mm: f32) -> f32 {
        /// Rain at which a canopy holds half of what it can, mm.
        const HALF_WET_MM: f32 = 2.0;
        self.config.rain_on_canopy_db * rain_mm / (rain_mm + HALF_WET_MM)
    }

    /// Effect of the rows of a crop: strongest where the radar looks across them.
    fn row_direction_db(&self, class: IgbpClass, relative_orbit: u32, place: [i64; 2]) -> f32 {
        /// Fields are about this many kilometres across (sections of one mile).
        const FIELD_CELLS: i64 = 2;
        if !matches!(class, IgbpClass::Cropland | IgbpClass::CroplandMosaic) {
            return 0.0;
        }
        let field = place.map(|index| index.div_euclid(FIELD_CELLS));
        let direction = draw::uniform(self.seeds.rows, field[0], field[1], 0);
        // Each track looks from a slightly different azimuth; the pattern of lobes is narrow.
        let track = draw::uniform(self.seeds.rows, field[0], field[1], relative_orbit.into());
        let across = (std::f32::consts::TAU * (direction + 0.15 * track)).cos();
        self.config.row_direction_db * across * across.abs()
    }

    /// Open water, VV and VH, linear: darker at shallow incidence, brighter in wind.
    fn water(&self, wind: f32, incidence_deg: f32) -> [f32; 2] {
        /// Fall of the VV backscatter of water with incidence, dB per degree.
        const SLOPE_DB_PER_DEG: f32 = 0.35;
        let [vv, vh] = self.config.water_db;
        let by_angle = SLOPE_DB_PER_DEG * (40.0 - incidence_deg);
        let by_wind = self.config.wind_db * wind;
        [
            linear(vv + by_angle + by_wind),
            linear(vh + 0.5 * (by_angle + by_wind)),
        ]
    }
}

/// VV and VH of both parts together, each with its disturbance, linear.
fn disturbed(clean: &WaterCloudBackscatter, by: &Disturbance) -> [f32; 2] {
    let powers = |part: Backscatter| [part.copolarized as f32, part.cross_polarized as f32];
    let (soil, canopy) = (powers(clean.soil), powers(clean.canopy));
    [0, 1].map(|i: usize| soil[i] * linear(by.soil_db) + canopy[i] * linear(by.canopy_db[i]))
}

fn linear(db: f32) -> f32 {
    /// Natural logarithm of 10 over 10.
    const PER_DB: f32 = 0.230_258_51;
    (PER_DB * db).exp()
}

/// Incidence on the west-east slope of the cell: the radar of a descending pass looks west, so
/// ground that rises to the west faces it.
fn local_incidence_deg(
    ground: &Ground<'_>,
    terms: &SceneTerms,
    row: usize,
    col: usize,
    incidence_deg: f32,
) -> f32 {
    /// Kilometre cells hold steeper slopes both ways; angles beyond these do not occur in means.
    const RANGE_DEG: [f32; 2] = [20.0, 60.0];
    let elevation = &ground.layers.elevation_m;
    let (row, col) = (terms.offset[0] + row, terms.offset[1] + col);
    let (west, east) = (col.saturating_sub(1), (col + 1).min(elevation.ncols() - 1));
    let distance_m = (east - west) as f32 * EaseGrid2::M01.cell_size_m() as f32;
    let rise_to_west = (elevation[[row, west]] - elevation[[row, east]]) / distance_m.max(1.0);
    (incidence_deg - rise_to_west.atan().to_degrees()).clamp(RANGE_DEG[0], RANGE_DEG[1])
}

#[cfg(test)]
mod tests;
