//! Temperatures of air, skin and soil.

use ndarray::{Array1, Array2};

use super::Weather;
use crate::error::TwinError;
use crate::layers::Layers;
use crate::positions::{Positions, lat_deg_of_row, lon_deg_of_col};

/// Temperatures over a window, at any hour.
///
/// Mean of the place and season (latitude, height, day of the year), plus the departure of the
/// weather, plus a daily wave whose size depends on cover and whose lag grows with depth.
#[derive(Debug)]
pub struct Temperature<'a> {
    weather: &'a Weather,
    positions: Positions,
    /// Yearly mean at the place, K.
    mean_kelvin: Array2<f32>,
    /// Daily amplitude of the skin, K.
    amplitude_kelvin: Array2<f32>,
    /// Local solar time minus UTC by column, hours.
    solar_offset_hours: Array1<f32>,
    /// Departures at the start of a day and of the next.
    departures: Option<(i64, [Array2<f32>; 2])>,
}

/// A level at which temperature is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// 2 m above ground.
    Air,
    /// What an infrared radiometer sees.
    Skin,
    /// Middle of the layer that SMAP senses, and the depth of the shallow probes.
    Soil5Cm,
    /// Depth of the second probes.
    Soil20Cm,
}

/// How a level follows the daily wave of the skin: its amplitude, the local hour of its maximum,
/// and the share of the weather's departure that reaches it.
///
/// A wave of period P is damped by `exp(-z/d)` and delayed by `P z / (2 pi d)` at depth z, with d
/// about 0.10 m for the daily wave in moist loam (Hillel 1998, *Environmental Soil Physics*,
/// chapter 12).
struct Wave {
    amplitude: f32,
    peak_hour: f32,
    departure: f32,
}

impl Level {
    fn wave(self) -> Wave {
        let (amplitude, peak_hour, departure) = match self {
            Self::Air => (0.55, 15.5, 1.0),
            Self::Skin => (1.0, 13.0, 1.0),
            Self::Soil5Cm => (0.55, 15.2, 0.8),
            Self::Soil20Cm => (0.14, 20.6, 0.55),
        };
        Wave {
            amplitude,
            peak_hour,
            departure,
        }
    }
}

/// Mean lapse rate of the troposphere, K per m.
const LAPSE_K_PER_M: f32 = 0.0065;
/// Deviation of the synoptic departures, K: that of daily means in summer over the western United
/// States.
const SYNOPTIC_KELVIN: f32 = 3.0;
/// Yearly mean at sea level at 40° N, and its fall per degree of latitude, K.
const MEAN_AT_40_N_KELVIN: f32 = 289.5;
const MERIDIONAL_K_PER_DEG: f32 = 0.75;
/// Amplitude of the yearly wave in the interior of a continent, K; it peaks on 22 July.
const YEARLY_KELVIN: f32 = 11.5;
const YEARLY_PEAK_DAY: f32 = 202.0;
/// Days of a mean year.
const DAYS_PER_YEAR: f64 = 365.2425;

impl Weather {
    /// Temperatures over the window of these layers.
    ///
    /// # Errors
    /// [`TwinError::Grid`] for layers of a grid that M01 does not nest in.
    pub fn temperature(&self, layers: &Layers) -> Result<Temperature<'_>, TwinError> {
        let positions = Positions::of_window(&layers.window)?;
        let mut mean_kelvin = layers.elevation_m.mapv(|height| -LAPSE_K_PER_M * height);
        for (mut row, &at) in mean_kelvin.rows_mut().into_iter().zip(positions.rows()) {
            let lat_deg = lat_deg_of_row(at) as f32;
            row += MEAN_AT_40_N_KELVIN - MERIDIONAL_K_PER_DEG * (lat_deg - 40.0);
        }
        let mut amplitude_kelvin = layers.ndvi_max.mapv(|ndvi| 17.0 - 11.0 * ndvi);
        ndarray::azip!((amplitude in &mut amplitude_kelvin, &water in &layers.water_fraction) {
            *amplitude *= 1.0 - 0.85 * water;
        });
        let solar_offset_hours = positions
            .cols()
            .iter()
            .map(|&col| (lon_deg_of_col(col) / 15.0) as f32)
            .collect();
        Ok(Temperature {
            weather: self,
            positions,
            mean_kelvin,
            amplitude_kelvin,
            solar_offset_hours,
            departures: None,
        })
    }
}

impl Temperature<'_> {
    /// Temperature at an hour since 1970-01-01T00Z, K.
    ///
    /// Asked in order, the departures of the weather are looked up once a day.
    pub fn kelvin(&mut self, level: Level, hour: f64) -> Array2<f32> {
        let wave = level.wave();
        let offsets = &self.solar_offset_hours;
        let daily = offsets.mapv(|offset| {
            let local = (hour.rem_euclid(24.0)) as f32 + offset - wave.peak_hour;
            wave.amplitude * (local * std::f32::consts::TAU / 24.0).cos()
        });
        let mut kelvin = self.day_mean_kelvin(level, hour);
        for (mut row, amplitudes) in kelvin
            .rows_mut()
            .into_iter()
            .zip(self.amplitude_kelvin.rows())
        {
            ndarray::azip!((kelvin in &mut row, &amplitude in amplitudes, &daily in &daily) {
                *kelvin += amplitude * daily;
            });
        }
        kelvin
    }

    /// Temperature without its daily wave, K.
    pub fn day_mean_kelvin(&mut self, level: Level, hour: f64) -> Array2<f32> {
        let day = (hour / 24.0).floor() as i64;
        let share = (hour / 24.0 - day as f64) as f32;
        let seasonal = season_kelvin(hour);
        let reach = level.wave().departure * SYNOPTIC_KELVIN;
        let mut kelvin = self.mean_kelvin.clone();
        let [start, end] = self.departures_of(day);
        ndarray::azip!((kelvin in &mut kelvin, &start in start, &end in end) {
            *kelvin += seasonal + reach * (start + share * (end - start));
        });
        kelvin
    }

    /// Departure of the weather at the start of a day, in deviations.
    pub(crate) fn departure(&mut self, day: i64) -> &Array2<f32> {
        &self.departures_of(day)[0]
    }

    fn departures_of(&mut self, day: i64) -> &[Array2<f32>; 2] {
        let stale = self.departures.take();
        let at_start = |day: i64| {
            self.weather
                .synoptic
                .fill(&self.positions, day as f64 * 24.0)
        };
        let pair = match stale {
            Some((known, pair)) if known == day => pair,
            Some((known, [_, end])) if known + 1 == day => [end, at_start(day + 1)],
            _ => [at_start(day), at_start(day + 1)],
        };
        &self.departures.insert((day, pair)).1
    }
}

/// Departure of the season from the yearly mean, K.
fn season_kelvin(hour: f64) -> f32 {
    let day_of_year = (hour / 24.0).rem_euclid(DAYS_PER_YEAR) as f32;
    let phase = (day_of_year - YEARLY_PEAK_DAY) * std::f32::consts::TAU / DAYS_PER_YEAR as f32;
    YEARLY_KELVIN * phase.cos()
}
