//! Relief, rivers and open water.

use ndarray::Array2;
use vadose_scene::seed;

use crate::climate::smooth_step;
use crate::noise::Noise;
use crate::positions::Positions;

/// Everything that makes heights.
///
/// Heights are a plateau, hills and mountains of fractal noise, into which three generations of
/// valleys are carved. A valley runs along the zero line of a smooth noise field, so it is a
/// connected line that ends only in itself or at the edge of the world; the coordinates are warped
/// first, so it meanders.
#[derive(Debug, Clone)]
pub(super) struct Terrain {
    plateau: Noise,
    rough: Noise,
    warp_row: Noise,
    warp_col: Noise,
    rivers: [Noise; 3],
    lakes: Noise,
}

/// Fields of a window.
pub(super) struct Relief {
    pub(super) elevation_m: Array2<f32>,
    pub(super) wetness_index: Array2<f32>,
    pub(super) water_fraction: Array2<f32>,
}

/// Hurst exponent of the relief: profiles of real topography have spectra that fall with
/// wavenumber to the power -2 (Turcotte 1997, *Fractals and Chaos in Geology*, chapter 7), a
/// Hurst exponent of 0.5; the mountain mask and the valleys steepen what comes out.
const HURST: f64 = 0.5;
/// Lattice spacing of the three generations of valleys, cells.
const RIVER_SPACING: [f64; 3] = [150.0, 46.0, 15.0];
/// Half-width at which a valley's depth has fallen to 1/e, cells.
const VALLEY_WIDTH: [f32; 3] = [7.0, 3.0, 1.4];
/// Depth of a valley relative to the first generation.
const VALLEY_DEPTH: [f32; 3] = [1.0, 0.6, 0.35];
/// What a valley floor adds to the wetness index.
const VALLEY_WETNESS: [f32; 3] = [1.5, 1.1, 0.8];
/// Largest displacement of the river lines is about three times this, cells.
const WARP_CELLS: f64 = 7.0;
/// The highest summits, m.
const SUMMIT_M: f32 = 3500.0;

impl Terrain {
    pub(super) fn new(master: u64) -> Self {
        let of = |purpose| seed::derive(master, purpose);
        let river = |idx: usize| {
            let purpose = ["rivers", "tributaries", "creeks"][idx];
            Noise::single(of(purpose), RIVER_SPACING[idx])
        };
        Self {
            plateau: Noise::fractal(of("plateau"), 100.0, 400.0, 1.0),
            rough: Noise::fractal(of("relief"), 1.5, 96.0, HURST),
            warp_row: Noise::fractal(of("warp of rows"), 7.0, 28.0, 1.0),
            warp_col: Noise::fractal(of("warp of columns"), 7.0, 28.0, 1.0),
            rivers: [0, 1, 2].map(river),
            lakes: Noise::fractal(of("lakes"), 3.0, 12.0, 0.5),
        }
    }

    pub(super) fn relief(
        &self,
        positions: &Positions,
        mountains: &Array2<f32>,
        wetness: &Array2<f32>,
    ) -> Relief {
        let plateau = self.plateau.fill(positions);
        let rough = self.rough.fill(positions);
        let coarse = self.rough.without_finer_than(12.0).fill(positions);
        let (warp_row, warp_col) = (self.warp_row.fill(positions), self.warp_col.fill(positions));
        let lakes = self.lakes.fill(positions);
        let mut relief = Relief {
            elevation_m: Array2::zeros(positions.shape()),
            wetness_index: Array2::zeros(positions.shape()),
            water_fraction: Array2::zeros(positions.shape()),
        };
        for (row_idx, &row) in positions.rows().iter().enumerate() {
            for (col_idx, &col) in positions.cols().iter().enumerate() {
                let at = [row_idx, col_idx];
                let row = row + WARP_CELLS * f64::from(warp_row[at]);
                let col = col + WARP_CELLS * f64::from(warp_col[at]);
                let valley = self.valley(row, col);
                let mountain = mountains[at];
                let high = elevation_m(plateau[at], rough[at], mountain);
                let carved = high - valley.depth * valley_depth_m(mountain);
                relief.elevation_m[at] = carved.clamp(1.0, SUMMIT_M);
                relief.wetness_index[at] = wetness_index(valley.wetness, rough[at] - coarse[at]);
                relief.water_fraction[at] =
                    water_fraction(valley.river_cells, lakes[at], mountain, wetness[at]);
            }
        }
        relief
    }

    fn valley(&self, row: f64, col: f64) -> Valley {
        let mut valley = Valley {
            depth: 0.0,
            wetness: 0.0,
            river_cells: f32::INFINITY,
        };
        for (idx, noise) in self.rivers.iter().enumerate() {
            let distance = distance_cells(noise, row, col);
            let nearness = (-distance / VALLEY_WIDTH[idx]).exp();
            valley.depth += VALLEY_DEPTH[idx] * nearness;
            valley.wetness += VALLEY_WETNESS[idx] * nearness;
            if idx == 0 {
                valley.river_cells = distance;
            }
        }
        valley
    }
}

/// What the river lines do to a cell.
struct Valley {
    /// Depth, 1 on the floor of a main valley.
    depth: f32,
    /// Contribution to the wetness index before squashing.
    wetness: f32,
    /// Distance to the nearest main river.
    river_cells: f32,
}

/// Distance to the zero line of a field, to first order: value over steepness.
fn distance_cells(noise: &Noise, row: f64, col: f64) -> f32 {
    /// Steepness below which the field is flat and its zero line far.
    const FLAT: f32 = 1e-4;
    let slope = noise.slope_at(row, col);
    slope.value.abs() / slope.steepness.max(FLAT)
}

/// Height before the valleys are carved, m.
fn elevation_m(plateau: f32, rough: f32, mountain: f32) -> f32 {
    /// Plains lie between sea level and the High Plains.
    const PLAINS_M: f32 = 420.0;
    const PLATEAU_M: f32 = 160.0;
    /// Deviation of the relief of hills and of mountains.
    const HILLS_M: f32 = 35.0;
    const MOUNTAINS_M: f32 = 430.0;
    /// How high the core of a range stands above the plains.
    const RANGE_M: f32 = 1900.0;
    PLAINS_M + PLATEAU_M * plateau + RANGE_M * mountain + (HILLS_M + MOUNTAINS_M * mountain) * rough
}

fn valley_depth_m(mountain: f32) -> f32 {
    35.0 + 520.0 * mountain
}

/// From -1 on ridges to 1 on valley floors, about 0 on average.
fn wetness_index(valley: f32, fine_relief: f32) -> f32 {
    /// Mean of what the valleys contribute.
    const MEAN: f32 = 0.28;
    const RELIEF: f32 = 0.9;
    (valley - MEAN - RELIEF * fine_relief).tanh()
}

/// Share of open water from lakes and main rivers.
fn water_fraction(river_cells: f32, lake: f32, mountain: f32, wetness: f32) -> f32 {
    /// A main river is this wide where the June rain is the reference, cells.
    const RIVER_WIDTH: f32 = 1.1;
    /// Lakes begin where their noise is above this number of deviations on flat, wet land.
    const LAKE_LEVEL: f32 = 1.95;
    /// Lakes are rarer in dry land.
    const LAKE_DRYNESS: f32 = 0.35;
    /// Rise of the noise over which a shore becomes open water.
    const SHORE: f32 = 0.3;
    let flat = 1.0 - 0.8 * mountain;
    let river = (RIVER_WIDTH * wetness.sqrt() * flat - river_cells).clamp(0.0, 1.0);
    let lake =
        smooth_step((lake - LAKE_LEVEL - 0.6 * mountain + LAKE_DRYNESS * wetness.ln()) / SHORE);
    river.max(lake)
}
