//! One layer of soil per cell, hour by hour: the inner loop of the twin.

use ndarray::{Array2, ArrayView2, Zip};

use super::config::NatureConfig;
use super::hydraulics::Hydraulics;
use crate::layers::Layers;
use vadose_physics::FREEZING_KELVIN;

/// Thickness of the layer, mm.
const LAYER_MM: f32 = 50.0;

/// What a cell's hour needs, in units of m3 m-3 and hours.
///
/// One record per cell, read front to back: one stream of memory in place of nine.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    moisture: f32,
    residual: f32,
    /// 1 / (critical - residual): where the ground stops evaporating at the full rate.
    per_range: f32,
    field_capacity: f32,
    porosity: f32,
    /// Drainage is this times the square of moisture above field capacity. 0 when frozen.
    drainage: f32,
    /// Level that is supplied, and the rate; 0 when frozen.
    level: f32,
    supply: f32,
    /// The day's evaporation from a wet layer. 0 when frozen.
    demand: f32,
    /// Most that enters in an hour. 0 when frozen.
    capacity: f32,
}

/// What frost suspends and a thaw restores, and what a day scales.
#[derive(Debug, Clone, Copy, Default)]
struct Thawed {
    drainage: f32,
    supply: f32,
    capacity: f32,
}

/// The layer of every cell of a window.
#[derive(Debug)]
pub(super) struct Balance {
    bare_demand: f32,
    canopy_demand: f32,
    cells: Array2<Cell>,
    thawed: Array2<Thawed>,
    moisture: Array2<f32>,
}

impl Balance {
    /// Cells at their equilibrium: between residual and field capacity by the June rain.
    pub(super) fn new(config: &NatureConfig, layers: &Layers, june_rain_mm: &Array2<f32>) -> Self {
        let shape = layers.window.shape();
        let porosity = layers.porosity();
        let mut cells = Array2::from_elem(shape, Cell::default());
        let mut thawed = Array2::from_elem(shape, Thawed::default());
        for (at, cell) in cells.indexed_iter_mut() {
            let soil = Hydraulics::new(
                layers.clay_fraction[at],
                layers.sand_fraction[at],
                porosity[at],
            );
            let site = Site {
                wetness_index: layers.wetness_index[at],
                humidity: (june_rain_mm[at] / HUMID_JUNE_MM).min(1.0),
            };
            (*cell, thawed[at]) = prepare(config, &soil, &site);
        }
        let demand = config.demand_mm_day as f32 / LAYER_MM;
        Self {
            bare_demand: demand * config.bare_soil_share as f32,
            canopy_demand: demand * config.canopy_share as f32,
            moisture: cells.mapv(|cell| cell.moisture),
            cells,
            thawed,
        }
    }

    /// Sets what changes from day to day.
    ///
    /// `departure` is that of the temperature, in deviations: warm days are dry and bright.
    pub(super) fn begin_day(&mut self, ndvi: &Array2<f32>, departure: &Array2<f32>, soil_kelvin: &Array2<f32>) {
        /// Change of the demand per deviation of the temperature.
        const WARMTH: f32 = 0.12;
        let (bare, canopy) = (self.bare_demand, self.canopy_demand);
        Zip::from(&mut self.cells)
            .and(&self.thawed)
            .and(ndvi)
            .and(departure)
            .and(soil_kelvin)
            .for_each(|cell, thawed, &ndvi, &departure, &kelvin| {
                if kelvin <= FREEZING_KELVIN as f32 {
                    (cell.drainage, cell.supply, cell.capacity, cell.demand) = (0.0, 0.0, 0.0, 0.0);
                    return;
                }
                // Green cover from NDVI between bare soil and a full canopy (Gutman and Ignatov
                // 1998, doi:10.1080/014311698215333).
                let cover = ((ndvi - 0.04) / (0.75 - 0.04)).clamp(0.0, 1.0);
                let weather = (1.0 + WARMTH * departure).clamp(0.4, 1.6);
                cell.drainage = thawed.drainage;
                cell.supply = thawed.supply;
                cell.capacity = thawed.capacity;
                cell.demand = weather * (bare + cover * (canopy - bare));
            });
    }

    /// One hour: rain in mm if any fell, and by column the share of the day's demand.
    pub(super) fn advance(&mut self, rain_mm: Option<ArrayView2<'_, f32>>, sun: &[f32]) {
        match rain_mm {
            None => {
                for (mut cells, mut out) in self.cells.rows_mut().into_iter().zip(self.moisture.rows_mut()) {
                    for ((cell, out), &sun) in cells.iter_mut().zip(&mut out).zip(sun) {
                        *out = step(cell, 0.0, sun);
                    }
                }
            }
            Some(rain_mm) => {
                let rows = self.cells.rows_mut().into_iter().zip(self.moisture.rows_mut());
                for ((mut cells, mut out), rain) in rows.zip(rain_mm.rows()) {
                    let cells = cells.iter_mut().zip(&mut out).zip(&rain);
                    for (((cell, out), &rain), &sun) in cells.zip(sun) {
                        *out = step(cell, rain / LAYER_MM, sun);
                    }
                }
            }
        }
    }

    pub(super) fn moisture(&self) -> ArrayView2<'_, f32> {
        self.moisture.view()
    }
}

/// One hour of one cell; the new moisture.
#[inline]
fn step(cell: &mut Cell, rain: f32, sun: f32) -> f32 {
    let moisture = cell.moisture;
    let stress = ((moisture - cell.residual) * cell.per_range).clamp(0.0, 1.0);
    let excess = (moisture - cell.field_capacity).max(0.0);
    let lack = (cell.level - moisture).max(0.0);
    let change = rain.min(cell.capacity) - cell.demand * sun * stress - cell.drainage * excess * excess
        + cell.supply * lack;
    cell.moisture = (moisture + change).clamp(cell.residual, cell.porosity);
    cell.moisture
}

/// June rain above which ground water is near the surface of valleys, mm.
const HUMID_JUNE_MM: f32 = 100.0;

/// Where a cell lies.
struct Site {
    wetness_index: f32,
    /// 0 in a desert, 1 in a humid climate.
    humidity: f32,
}

fn prepare(config: &NatureConfig, soil: &Hydraulics, site: &Site) -> (Cell, Thawed) {
    /// Evaporation falls below its full rate between wilting point and field capacity; thin layers
    /// reach that point early.
    const CRITICAL_SHARE: f32 = 0.8;
    /// Conductivity for which the configured drainage holds, mm/h.
    const LOAM_MM_H: f32 = 15.0;
    let shift = 1.0 + config.terrain_effect as f32 * site.wetness_index;
    let field_capacity = (soil.field_capacity * shift).min(0.95 * soil.porosity);
    let range = field_capacity - soil.wilting_point;
    let critical = soil.wilting_point + CRITICAL_SHARE * range;
    let above = soil.porosity - field_capacity;
    let drainage = config.drainage_per_hour as f32 * (soil.conductivity_mm_h / LOAM_MM_H).sqrt().min(2.0);
    let valley = site.wetness_index.max(0.0);
    let level = soil.wilting_point + range * (0.15 + 0.85 * site.humidity) * (0.3 + 0.7 * valley);
    let equilibrium = soil.residual + (field_capacity - soil.residual) * (0.15 + 0.6 * site.humidity);
    let thawed = Thawed {
        drainage: drainage / (above * above),
        supply: config.supply_per_hour as f32 * (0.25 + valley),
        capacity: soil.conductivity_mm_h / LAYER_MM,
    };
    let cell = Cell {
        moisture: equilibrium,
        residual: soil.residual,
        per_range: 1.0 / (critical - soil.residual),
        field_capacity,
        porosity: soil.porosity,
        level,
        ..Cell::default()
    };
    (cell, thawed)
}
