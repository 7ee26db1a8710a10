//! The truth: hourly soil moisture of the upper 5 cm from a water balance.
//!
//! Rain enters up to the soil's conductivity and until the pores are full, less what large pores
//! lead past a wet layer; water above field capacity drains; evaporation and the roots of the uppermost layer take what radiation, greenness
//! and moisture allow; valley floors are fed from below and from the slopes; frozen ground neither
//! drains nor dries nor takes up water. Every cell is for itself: slopes act through the wetness
//! index, not through flow between cells, so a tile needs no halo.
//!
//! # References
//! What the losses depend on (moisture, demand, greenness): Shellito et al. (2018),
//! doi:10.5194/hess-22-1649-2018, who find it in SMAP data; its numbers here are tuned. Hydraulic properties: Cosby et al. (1984), doi:10.1029/WR020i006p00682. Redistribution by
//! a terrain index: Beven and Kirkby (1979), doi:10.1080/02626667909491834.

mod balance;
mod config;
mod hydraulics;

pub use config::NatureConfig;
pub use hydraulics::Hydraulics;

use std::ops::Range;

use ndarray::{Array2, ArrayView2};
use vadose_grid::Window;

use crate::error::TwinError;
use crate::layers::Layers;
use crate::positions::{Positions, lon_deg_of_col};
use crate::weather::{Level, RainField, RainView, Temperature, Weather, vegetation};
use balance::Balance;

/// The water balance with its numbers checked.
#[derive(Debug, Clone, PartialEq)]
pub struct NatureRun {
    config: NatureConfig,
}

/// The state of a window at the end of an hour.
#[derive(Debug)]
pub struct Hour<'a> {
    /// When the hour began, hours since 1970-01-01T00Z.
    pub hour: i64,
    /// Soil moisture of the upper 5 cm at the end of the hour, m3 m-3: `[rows, cols]`.
    pub moisture: ArrayView2<'a, f32>,
    /// Rain of the hour, mm: `[rows, cols]`.
    pub rain_mm: ArrayView2<'a, f32>,
}

impl NatureConfig {
    /// The balance with these numbers.
    ///
    /// # Errors
    /// [`TwinError::Config`] for a number outside its range.
    pub fn build(self) -> Result<NatureRun, TwinError> {
        self.check()?;
        Ok(NatureRun { config: self })
    }
}

impl NatureRun {
    /// Runs the window of these layers through the hours, and shows each to `visit`, in order.
    ///
    /// Before the first hour the balance runs `spin_up_days` of the same weather, unseen, from the
    /// equilibrium of each cell. Layers of M09 give the same balance on 9 km cells.
    ///
    /// # Shapes and units
    /// `hours` count from 1970-01-01T00Z; the state is that at the end of the hour. One thread; run
    /// tiles in parallel. A window alone gives the same numbers as within a larger one, bit for bit.
    /// # Missing values
    /// None: water cells are computed as soil, and mean nothing.
    /// # Errors
    /// [`TwinError::Grid`] for layers of a grid that M01 does not nest in.
    /// # Examples
    /// ```
    /// use vadose_grid::{EaseGrid2, Window};
    /// use vadose_twin::{Landscape, NatureConfig, WeatherConfig, weather::RainView};
    /// let window = Window::new(EaseGrid2::M01, 2000, 6000, 16, 16)?;
    /// let layers = Landscape::new(42).layers(&window)?;
    /// let weather = WeatherConfig::default().build(42)?;
    /// let nature = NatureConfig { spin_up_days: 5, ..NatureConfig::default() }.build()?;
    /// let mut wettest = 0.0_f32;
    /// nature.run(&layers, &weather, &RainView::Truth, 415_920..415_944, |hour| {
    ///     wettest = hour.moisture.iter().fold(wettest, |a, &b| a.max(b));
    /// })?;
    /// assert!(wettest > 0.02 && wettest < 0.7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run(
        &self,
        layers: &Layers,
        weather: &Weather,
        view: &RainView,
        hours: Range<i64>,
        mut visit: impl FnMut(Hour<'_>),
    ) -> Result<(), TwinError> {
        let positions = Positions::of_window(&layers.window)?;
        let mut state = State {
            balance: Balance::new(&self.config, layers, &weather.mean_june_rain_mm(&positions)),
            rain: weather.rain_field(positions, view.clone()),
            temperature: weather.temperature(layers)?,
            rain_mm: Array2::zeros(layers.window.shape()),
            solar_hours: solar_offsets(&layers.window)?,
        };
        let spin_up = 24 * i64::from(self.config.spin_up_days);
        let mut day = None;
        for hour in hours.start - spin_up..hours.end {
            if day != Some(hour.div_euclid(24)) {
                day = Some(hour.div_euclid(24));
                state.begin_day(layers, hour);
            }
            state.advance(hour);
            if hour >= hours.start {
                visit(Hour {
                    hour,
                    moisture: state.balance.moisture(),
                    rain_mm: state.rain_mm.view(),
                });
            }
        }
        Ok(())
    }
}

/// A window on its way through time.
struct State<'a> {
    balance: Balance,
    rain: RainField<'a>,
    temperature: Temperature<'a>,
    rain_mm: Array2<f32>,
    /// Local solar time minus UTC by column, hours.
    solar_hours: Vec<f64>,
}

impl State<'_> {
    /// What changes from day to day: greenness, warmth, frost.
    fn begin_day(&mut self, layers: &Layers, hour: i64) {
        let day = hour.div_euclid(24);
        let ndvi = vegetation::ndvi(layers, day * 24);
        let noon = day as f64 * 24.0 + 12.0;
        let kelvin = self.temperature.day_mean_kelvin(Level::Soil5Cm, noon);
        self.balance
            .begin_day(&ndvi, self.temperature.departure(day), &kelvin);
    }

    fn advance(&mut self, hour: i64) {
        let (start, end) = (hour as f64, hour as f64 + 1.0);
        self.rain.fill(start, end, &mut self.rain_mm);
        let sun: Vec<f32> = self
            .solar_hours
            .iter()
            .map(|offset| sunshine(start + 0.5 + offset))
            .collect();
        self.balance.advance(&self.rain_mm, &sun);
    }
}

/// Share of the day's evaporative demand that falls in the hour around a local solar time: a half
/// sine from 5 to 19 h, as in June at 40° N, which sums to 1 over the day.
fn sunshine(local_hour: f64) -> f32 {
    const SUNRISE: f64 = 5.0;
    const DAYLIGHT: f64 = 14.0;
    let phase = (local_hour.rem_euclid(24.0) - SUNRISE) / DAYLIGHT;
    if !(0.0..=1.0).contains(&phase) {
        return 0.0;
    }
    let scale = std::f64::consts::PI / (2.0 * DAYLIGHT);
    (scale * (std::f64::consts::PI * phase).sin()) as f32
}

/// Local solar time minus UTC of the columns of a window, hours.
fn solar_offsets(window: &Window) -> Result<Vec<f64>, TwinError> {
    let positions = Positions::of_window(window)?;
    Ok(positions
        .cols()
        .iter()
        .map(|&col| lon_deg_of_col(col) / 15.0)
        .collect())
}

/// Hour of the UTC day in which the local solar time of each column is nearest to `local_hour`:
/// 6 for the SMAP pass. It may be below 0 or above 23: the day before or after.
///
/// # Errors
/// [`TwinError::Grid`] for a grid that M01 does not nest in.
/// # Examples
/// ```
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_twin::nature_run::utc_hours_of_local;
/// let boulder = Window::new(EaseGrid2::M01, 2603, 7203, 1, 1)?; // 105.3° W: seven hours behind
/// assert_eq!(utc_hours_of_local(&boulder, 6.0)?, [13]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn utc_hours_of_local(window: &Window, local_hour: f64) -> Result<Vec<i64>, TwinError> {
    let hour = |offset: f64| (local_hour - offset).round() as i64;
    Ok(solar_offsets(window)?.into_iter().map(hour).collect())
}

#[cfg(test)]
mod tests;
