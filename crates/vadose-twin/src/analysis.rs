//! What a coarse land model with assimilation makes of the same weather: the counterpart of SMAP's
//! Level 4 analysis.
//!
//! The water balance of the nature run on 9 km cells, with soils and vegetation that are area means
//! and wrong by a correlated error, without the terrain below 9 km, forced by rain that is
//! displaced, smoothed, biased and in part missed; plus the error that assimilation leaves. What
//! happens inside a 9 km cell it does not know: a map of 1 km has content that it has not.

mod coarse;
mod config;

pub use coarse::coarsened;
pub use config::AnalysisConfig;

use std::ops::Range;

use ndarray::{Array2, Zip};
use vadose_scene::seed;

use crate::error::TwinError;
use crate::layers::Layers;
use crate::nature_run::{Hydraulics, NatureRun};
use crate::noise::{Noise, SpaceTimeNoise};
use crate::positions::Positions;
use crate::weather::{Level, RainView, Weather};

/// The coarse analysis with its numbers checked.
#[derive(Debug, Clone)]
pub struct Analysis {
    config: AnalysisConfig,
    nature: NatureRun,
    seed: u64,
}

/// Means over three hours, on the window of the coarse layers: `[rows, cols]`.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysisMean {
    /// First of the three hours, since 1970-01-01T00Z: 0, 3, … 21 UTC.
    pub hour: i64,
    /// Moisture of 0 to 5 cm, m3 m-3.
    pub sm_surface: Array2<f32>,
    /// Moisture of 0 to 100 cm, m3 m-3.
    pub sm_rootzone: Array2<f32>,
    /// Soil temperature of the uppermost layer, K.
    pub soil_temp_layer1: Array2<f32>,
    /// Temperature of the surface, K.
    pub surface_temp: Array2<f32>,
    /// Precipitation, kg m-2 s-1.
    pub precipitation_total_surface_flux: Array2<f32>,
}

/// Hours of a mean.
const HOURS_PER_MEAN: i64 = 3;

impl AnalysisConfig {
    /// The analysis of this master seed, with the balance of the nature run.
    ///
    /// # Errors
    /// [`TwinError::Config`] for a number outside its range.
    pub fn build(self, nature: &NatureRun, master: u64) -> Result<Analysis, TwinError> {
        self.check()?;
        Ok(Analysis {
            config: self,
            nature: nature.clone(),
            seed: seed::derive(master, "analysis"),
        })
    }
}

impl Analysis {
    /// Runs the window of these coarse layers (see [`coarsened`]) through the hours and shows each
    /// mean of three hours to `visit`, in order; an incomplete last one is left out.
    ///
    /// # Shapes and units
    /// `hours` should begin at 0, 3, … UTC: means count from its start. One thread.
    /// # Missing values
    /// None; cells without land are computed as soil, and mean nothing.
    /// # Errors
    /// [`TwinError::Grid`] for layers of a grid that M01 does not nest in.
    pub fn run(
        &self,
        layers: &Layers,
        weather: &Weather,
        hours: Range<i64>,
        mut visit: impl FnMut(AnalysisMean),
    ) -> Result<(), TwinError> {
        let positions = Positions::of_window(&layers.window)?;
        let believed = self.believed(layers, &positions);
        let ceiling = believed.porosity();
        let error = self.moisture_error();
        let bias = Noise::fractal(self.of("moisture bias"), 40.0, 80.0, 0.5).fill(&positions);
        let mut temperature = weather.temperature(&believed)?;
        let warmth = SpaceTimeNoise::new(self.of("temperature"), (60.0, 60.0), 0.0, 36.0);
        let mut root = None;
        let mut sums: Option<[Array2<f32>; 2]> = None;
        let mut n_hours = 0;
        self.nature
            .run(&believed, weather, &self.rain_view(), hours, |hour| {
                let root =
                    root.get_or_insert_with(|| root_start(&believed, &hour.moisture.to_owned()));
                // A linear reservoir that follows the surface.
                let share = (1.0 / self.config.root_zone_hours) as f32;
                Zip::from(&mut *root)
                    .and(&hour.moisture)
                    .for_each(|root, &surface| {
                        *root += share * (surface - *root);
                    });
                let [moisture, rain] = sums.get_or_insert_with(|| {
                    [
                        Array2::zeros(layers.window.shape()),
                        Array2::zeros(layers.window.shape()),
                    ]
                });
                *moisture += &hour.moisture;
                *rain += &hour.rain_mm;
                n_hours += 1;
                if n_hours < HOURS_PER_MEAN {
                    return;
                }
                n_hours = 0;
                let Some([mut moisture, mut rain]) = sums.take() else {
                    return;
                };
                let first = hour.hour + 1 - HOURS_PER_MEAN;
                let middle = first as f64 + 0.5 * HOURS_PER_MEAN as f64;
                let departure = error.fill(&positions, middle);
                let (sd, bias_sd) = (
                    self.config.moisture_error_m3m3 as f32,
                    self.config.moisture_bias_m3m3 as f32,
                );
                let mut rootzone = root.clone();
                Zip::from(&mut moisture)
                    .and(&mut rootzone)
                    .and(&departure)
                    .and(&bias)
                    .and(&ceiling)
                    .for_each(|surface, root, &departure, &bias, &ceiling| {
                        let mean = *surface / HOURS_PER_MEAN as f32;
                        let shift = sd * departure + bias_sd * bias;
                        *surface = (mean + shift).clamp(Hydraulics::DRIEST, ceiling);
                        // The root zone is steadier than the surface, and so is its error.
                        *root = (*root + 0.5 * shift).clamp(Hydraulics::DRIEST, ceiling);
                    });
                // mm in three hours to kg m-2 s-1.
                rain /= HOURS_PER_MEAN as f32 * 3600.0;
                let warmer =
                    warmth.fill(&positions, middle) * self.config.temperature_error_kelvin as f32;
                visit(AnalysisMean {
                    hour: first,
                    sm_surface: moisture,
                    sm_rootzone: rootzone,
                    soil_temp_layer1: temperature.kelvin(Level::Soil5Cm, middle) + &warmer,
                    surface_temp: temperature.kelvin(Level::Skin, middle) + &warmer,
                    precipitation_total_surface_flux: rain,
                });
            })
    }

    /// The soils and plants that the model believes in.
    fn believed(&self, layers: &Layers, positions: &Positions) -> Layers {
        let field = |purpose| Noise::fractal(self.of(purpose), 20.0, 80.0, 0.3).fill(positions);
        let sd = self.config.parameter_log_sd as f32;
        let factor = |noise: f32| (sd * noise).exp();
        let mut believed = layers.clone();
        believed.wetness_index.fill(0.0);
        Zip::from(&mut believed.clay_fraction)
            .and(&mut believed.sand_fraction)
            .and(&field("clay"))
            .for_each(|clay, sand, &noise| {
                *clay = (*clay * factor(noise)).clamp(0.03, 0.6);
                *sand = sand.min(1.0 - *clay);
            });
        Zip::from(&mut believed.ndvi_max)
            .and(&believed.ndvi_min)
            .and(&field("greenness"))
            .for_each(|max, &min, &noise| {
                *max = (min + (*max - min) * factor(noise)).clamp(min, 0.95);
            });
        Zip::from(&mut believed.bulk_density_g_cm3)
            .and(&field("density"))
            .for_each(|density, &noise| {
                *density = (*density * factor(0.3 * noise)).clamp(0.8, 1.7);
            });
        believed
    }

    fn rain_view(&self) -> RainView {
        RainView::Estimate {
            errors: self.config.rain.clone(),
            seed: self.of("rain"),
        }
    }

    /// What assimilation leaves: correlated over about 75 km and two and a half days.
    fn moisture_error(&self) -> SpaceTimeNoise {
        let spacing_hours = self.config.error_hours / 1.2;
        let spacing_cells = self.config.error_km / 1.2;
        SpaceTimeNoise::new(
            self.of("moisture"),
            (spacing_cells, spacing_cells),
            0.0,
            spacing_hours,
        )
    }

    fn of(&self, purpose: &str) -> u64 {
        seed::derive(self.seed, purpose)
    }
}

/// Root zone at the start: between the surface and field capacity.
fn root_start(layers: &Layers, surface: &Array2<f32>) -> Array2<f32> {
    let porosity = layers.porosity();
    Zip::from(surface)
        .and(&layers.clay_fraction)
        .and(&layers.sand_fraction)
        .and(&porosity)
        .map_collect(|&surface, &clay, &sand, &porosity| {
            let soil = Hydraulics::new(clay, sand, porosity);
            0.5 * surface + 0.5 * (0.4 * soil.wilting_point + 0.6 * soil.field_capacity)
        })
}

#[cfg(test)]
mod tests;
