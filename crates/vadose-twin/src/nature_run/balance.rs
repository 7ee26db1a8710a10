//! One layer of soil per cell, hour by hour: the inner loop of the twin.

use ndarray::{Array2, ArrayView2};

use super::config::NatureConfig;
use super::hydraulics::Hydraulics;
use crate::layers::Layers;
use vadose_physics::FREEZING_KELVIN;

/// Thickness of the layer, mm.
const LAYER_MM: f32 = 50.0;

/// The layer of every cell of a window: one array per quantity, so that the hour's loop runs over
/// plain slices and vectorises. Units m3 m-3 and hours.
#[derive(Debug)]
pub(super) struct Balance {
    shape: (usize, usize),
    bypass: f32,
    bare_demand: f32,
    canopy_demand: f32,
    moisture: Vec<f32>,
    residual: Vec<f32>,
    /// 1 / (critical - residual): below the critical moisture the ground dries at less than the
    /// full rate.
    per_range: Vec<f32>,
    field_capacity: Vec<f32>,
    porosity: Vec<f32>,
    /// Drainage is this times the square of the moisture above field capacity.
    drainage: Vec<f32>,
    /// Moisture up to which the layer is supplied from below and from the slopes, and the rate.
    level: Vec<f32>,
    supply: Vec<f32>,
    /// Most that enters in an hour.
    capacity: Vec<f32>,
    /// The day's evaporation from a wet layer.
    demand: Vec<f32>,
    /// 0 while the ground is frozen, else 1.
    thawed: Vec<f32>,
}

impl Balance {
    /// Cells at their equilibrium: between residual and field capacity by the June rain.
    pub(super) fn new(config: &NatureConfig, layers: &Layers, june_rain_mm: &Array2<f32>) -> Self {
        let zeros = || vec![0.0; layers.elevation_m.len()];
        let demand = config.demand_mm_day as f32 / LAYER_MM;
        let mut balance = Self {
            shape: layers.window.shape(),
            bypass: config.bypass_share as f32,
            bare_demand: demand * config.bare_soil_share as f32,
            canopy_demand: demand * config.canopy_share as f32,
            moisture: zeros(),
            residual: zeros(),
            per_range: zeros(),
            field_capacity: zeros(),
            porosity: layers.porosity().into_iter().collect(),
            drainage: zeros(),
            level: zeros(),
            supply: zeros(),
            capacity: zeros(),
            demand: zeros(),
            thawed: zeros(),
        };
        let texture = layers.clay_fraction.iter().zip(&layers.sand_fraction);
        let sites = layers.wetness_index.iter().zip(june_rain_mm);
        for (at, ((&clay, &sand), (&wetness_index, &june))) in texture.zip(sites).enumerate() {
            let soil = Hydraulics::new(clay, sand, balance.porosity[at]);
            let site = Site {
                wetness_index,
                humidity: (june / HUMID_JUNE_MM).min(1.0),
            };
            let cell = Cell::new(config, &soil, &site);
            balance.moisture[at] = cell.equilibrium;
            balance.residual[at] = soil.residual;
            balance.per_range[at] = 1.0 / (cell.critical - soil.residual);
            balance.field_capacity[at] = cell.field_capacity;
            balance.drainage[at] = cell.drainage;
            balance.level[at] = cell.level;
            balance.supply[at] = cell.supply;
            balance.capacity[at] = soil.conductivity_mm_h / LAYER_MM;
        }
        balance
    }

    /// Sets what changes from day to day.
    ///
    /// `departure` is that of the temperature, in deviations: warm days are dry and bright.
    pub(super) fn begin_day(
        &mut self,
        ndvi: &Array2<f32>,
        departure: &Array2<f32>,
        soil_kelvin: &Array2<f32>,
    ) {
        /// Change of the demand per deviation of the temperature.
        const WARMTH: f32 = 0.12;
        /// NDVI of bare soil and of a full canopy (Gutman and Ignatov 1998,
        /// doi:10.1080/014311698215333).
        const BARE: f32 = 0.04;
        const CLOSED: f32 = 0.75;
        let (bare, canopy) = (self.bare_demand, self.canopy_demand);
        let places = ndvi.iter().zip(departure);
        for (demand, (&ndvi, &departure)) in self.demand.iter_mut().zip(places) {
            let cover = ((ndvi - BARE) / (CLOSED - BARE)).clamp(0.0, 1.0);
            let weather = (1.0 + WARMTH * departure).clamp(0.4, 1.6);
            *demand = weather * (bare + cover * (canopy - bare));
        }
        for (thawed, &kelvin) in self.thawed.iter_mut().zip(soil_kelvin) {
            *thawed = if kelvin > FREEZING_KELVIN as f32 {
                1.0
            } else {
                0.0
            };
        }
    }

    /// One hour: rain in mm, and by column the share of the day's demand.
    pub(super) fn advance(&mut self, rain_mm: &Array2<f32>, sun: &[f32]) {
        let n_cols = self.shape.1;
        for (rain_mm, idx) in rain_mm.rows().into_iter().zip(0..) {
            let Some(rain_mm) = rain_mm.to_slice() else {
                continue; // rain is made in standard order
            };
            self.advance_row(idx * n_cols, rain_mm, &sun[..n_cols]);
        }
    }

    /// The inner loop. Slices of one length, so that no access is checked.
    fn advance_row(&mut self, start: usize, rain_mm: &[f32], sun: &[f32]) {
        let n = sun.len();
        let rain_mm = &rain_mm[..n];
        let moisture = &mut self.moisture[start..][..n];
        let residual = &self.residual[start..][..n];
        let per_range = &self.per_range[start..][..n];
        let field_capacity = &self.field_capacity[start..][..n];
        let porosity = &self.porosity[start..][..n];
        let drainage = &self.drainage[start..][..n];
        let level = &self.level[start..][..n];
        let supply = &self.supply[start..][..n];
        let capacity = &self.capacity[start..][..n];
        let demand = &self.demand[start..][..n];
        let thawed = &self.thawed[start..][..n];
        let bypass = self.bypass;
        for idx in 0..n {
            let now = moisture[idx];
            let stress = ((now - residual[idx]) * per_range[idx]).clamp(0.0, 1.0);
            let excess = (now - field_capacity[idx]).max(0.0);
            let lack = (level[idx] - now).max(0.0);
            let rain = (rain_mm[idx] * (1.0 / LAYER_MM)).min(capacity[idx]);
            let change = rain * (1.0 - bypass * stress * stress)
                - demand[idx] * sun[idx] * stress
                - drainage[idx] * excess * excess
                + supply[idx] * lack;
            let next = now + thawed[idx] * change;
            moisture[idx] = next.max(residual[idx]).min(porosity[idx]);
        }
    }

    pub(super) fn moisture(&self) -> ArrayView2<'_, f32> {
        ArrayView2::from_shape(self.shape, &self.moisture).expect("one value per cell")
    }
}

/// June rain above which ground water is near the surface of valleys, mm.
const HUMID_JUNE_MM: f32 = 100.0;

/// Where a cell lies.
struct Site {
    wetness_index: f32,
    /// 0 in a desert, 1 in a humid climate.
    humidity: f32,
}

/// What follows from soil and site.
struct Cell {
    equilibrium: f32,
    critical: f32,
    field_capacity: f32,
    drainage: f32,
    level: f32,
    supply: f32,
}

impl Cell {
    fn new(config: &NatureConfig, soil: &Hydraulics, site: &Site) -> Self {
        /// Where between wilting point and field capacity evaporation begins to fall: thin layers
        /// reach that point early.
        const CRITICAL_SHARE: f32 = 0.8;
        /// Conductivity for which the configured drainage holds, mm/h.
        const LOAM_MM_H: f32 = 15.0;
        let shift = 1.0 + config.terrain_effect as f32 * site.wetness_index;
        let field_capacity = (soil.field_capacity * shift).min(0.95 * soil.porosity);
        let range = field_capacity - soil.wilting_point;
        let above = soil.porosity - field_capacity;
        let permeability = (soil.conductivity_mm_h / LOAM_MM_H).sqrt().min(2.0);
        let valley = site.wetness_index.max(0.0);
        let held = field_capacity - soil.residual;
        Self {
            equilibrium: soil.residual + held * (0.15 + 0.6 * site.humidity),
            critical: soil.wilting_point + CRITICAL_SHARE * range,
            field_capacity,
            drainage: config.drainage_per_hour as f32 * permeability / (above * above),
            level: soil.residual + held * (0.1 + 0.9 * site.humidity) * (0.3 + 0.7 * valley),
            supply: config.supply_per_hour as f32 * (0.25 + valley),
        }
    }
}
