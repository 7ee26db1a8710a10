//! Rain that falls from moving storms, temperatures of air, skin and soil, and the green season.
//!
//! | what | where |
//! |---|---|
//! | how often it rains and how hard | [`WeatherConfig`] |
//! | rain over a window at an hour, or over any lattice of pixels | [`Weather`], [`RainField`] |
//! | what a forecast or a satellite would make of it | [`RainView`], [`RainErrorConfig`] |
//! | temperatures | [`Temperature`] |
//! | greenness and vegetation water of a date | [`vegetation`] |
//!
//! Storms are points of a marked process on blocks of space and time, hashed from the seed: any
//! window and hour can be asked alone. Hours are counted from 1970-01-01T00Z.

mod config;
mod rain;
mod storm;
mod temperature;
pub mod vegetation;
mod view;

pub use config::WeatherConfig;
pub use rain::RainField;
pub use temperature::{Level, Temperature};
pub use view::{RainErrorConfig, RainView};

use ndarray::Array2;
use vadose_grid::Window;
use vadose_scene::seed;

use crate::climate::Climate;
use crate::error::TwinError;
use crate::noise::SpaceTimeNoise;
use crate::positions::Positions;

/// Lattice spacing of the temperature's departures in time: warm and cold spells of 3 to 7 days.
const SYNOPTIC_HOURS: f64 = 60.0;
/// Lattice spacing of the weather's regimes in space, cells: the noise's
/// wavelength is about four of these, the 2,000 km of a short synoptic wave.
const SYNOPTIC_CELLS: f64 = 500.0;

/// The moving half of the twin.
///
/// # Examples
/// ```
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_twin::{Weather, WeatherConfig};
/// let weather = WeatherConfig::default().build(42)?;
/// let window = Window::new(EaseGrid2::M01, 2000, 6000, 64, 64)?;
/// let noon_of_10_june_2017 = 415_932;
/// let rain = weather.rain_mm_per_hour(&window, noon_of_10_june_2017)?;
/// assert_eq!(rain.dim(), (64, 64));
/// assert!(rain.iter().all(|&rate| (0.0..200.0).contains(&rate)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Weather {
    config: WeatherConfig,
    seed: u64,
    climate: Climate,
    /// How active the atmosphere is: mean 1 over space and time.
    activity: SpaceTimeNoise,
    /// Departure of the temperature from its season.
    synoptic: SpaceTimeNoise,
}

impl WeatherConfig {
    /// The weather of this master seed.
    ///
    /// # Errors
    /// [`TwinError::Config`] for a number outside its range.
    pub fn build(self, master: u64) -> Result<Weather, TwinError> {
        self.check()?;
        let seed = seed::derive(master, "weather");
        let of = |purpose| seed::derive(seed, purpose);
        Ok(Weather {
            activity: SpaceTimeNoise::new(
                of("activity"),
                (SYNOPTIC_CELLS, SYNOPTIC_CELLS),
                0.0,
                self.spell_hours,
            ),
            synoptic: SpaceTimeNoise::new(
                of("synoptic"),
                (SYNOPTIC_CELLS, SYNOPTIC_CELLS),
                0.0,
                SYNOPTIC_HOURS,
            ),
            climate: Climate::new(master),
            config: self,
            seed,
        })
    }
}

impl Weather {
    /// Rain of the hour that begins at `hour`, mm, over a window of M01, M09 or M36.
    ///
    /// For many hours of one window, [`rain_field`](Self::rain_field) looks for the storms once a
    /// day and not once an hour.
    ///
    /// # Errors
    /// [`TwinError::Grid`] for a grid that M01 does not nest in.
    pub fn rain_mm_per_hour(&self, window: &Window, hour: i64) -> Result<Array2<f32>, TwinError> {
        let mut field = self.rain_field(Positions::of_window(window)?, RainView::Truth);
        let mut rain = Array2::zeros(window.shape());
        field.fill(hour as f64, hour as f64 + 1.0, &mut rain);
        Ok(rain)
    }

    /// Rain over a lattice of pixels, for any sequence of intervals.
    #[must_use]
    pub fn rain_field(&self, positions: Positions, view: RainView) -> RainField<'_> {
        RainField::new(self, positions, view)
    }

    /// Mean June rain of the climate, mm.
    #[must_use]
    pub fn mean_june_rain_mm(&self, positions: &Positions) -> Array2<f32> {
        let scale = crate::climate::REFERENCE_MM as f32;
        self.climate
            .wetness(positions)
            .mapv_into(|wetness| wetness * scale)
    }
}

#[cfg(test)]
mod tests;
