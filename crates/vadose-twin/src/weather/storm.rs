//! One storm: where it is born, where it goes, and what it leaves in an interval.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, LogNormal, Poisson, StandardNormal};
use vadose_scene::seed;

use super::Weather;
use crate::hash;
use crate::positions::lon_deg_of_col;

/// A patch of rain that moves straight at constant speed. Lengths in M01 cells, times in hours.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Storm {
    pub(super) kind: Kind,
    /// Names the storm: errors of an estimate and the pattern of a front hash from it.
    pub(super) id: u64,
    pub(super) birth_hour: f64,
    pub(super) life_hours: f64,
    /// Centre at birth.
    pub(super) row: f64,
    pub(super) col: f64,
    /// Cells per hour.
    pub(super) speed: f64,
    /// Unit vector of motion: rows, columns.
    pub(super) heading: [f64; 2],
    /// Half the extent along the motion.
    pub(super) along: f64,
    /// Half the extent across it.
    pub(super) across: f64,
    pub(super) peak_mm_h: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Front,
    Cell,
}

/// Cells of a block in which storms are drawn together.
fn block_cells(kind: Kind) -> i64 {
    match kind {
        Kind::Front => 1024,
        Kind::Cell => 128,
    }
}

/// Farthest that rain falls from where its storm was born: its way, its extent and what an estimate
/// adds to both.
fn reach_cells(kind: Kind) -> f64 {
    match kind {
        Kind::Front => 55.0 * 24.0 + 700.0,
        Kind::Cell => 45.0 * 3.0 + 100.0,
    }
}

/// A box of fractional rows and columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub(super) rows: [f64; 2],
    pub(super) cols: [f64; 2],
}

impl Storm {
    /// Every storm that can rain on the box during the day, in an order that does not depend on
    /// the box.
    pub(super) fn of_day(weather: &Weather, day: i64, extent: &Extent) -> Vec<Storm> {
        let mut storms = Vec::new();
        for kind in [Kind::Front, Kind::Cell] {
            // A storm is at most a day long, and born within 12 hours of its block's day.
            for block_day in day - 1..=day + 1 {
                for block_row in blocks(kind, extent.rows) {
                    for block_col in blocks(kind, extent.cols) {
                        let block = [kind as i64, block_day, block_row, block_col];
                        draw_block(weather, kind, block, &mut storms);
                    }
                }
            }
        }
        let (start, end) = (day as f64 * 24.0, day as f64 * 24.0 + 24.0);
        storms
            .retain(|storm| storm.birth_hour < end && storm.birth_hour + storm.life_hours > start);
        storms
    }

    /// Centre at a time.
    pub(super) fn centre(&self, hour: f64) -> [f64; 2] {
        let travelled = self.speed * (hour - self.birth_hour);
        [
            self.row + self.heading[0] * travelled,
            self.col + self.heading[1] * travelled,
        ]
    }

    /// Mean strength over an interval of its life, 0 to 1: it grows and decays like a parabola.
    pub(super) fn vigour(&self, from_hour: f64, to_hour: f64) -> f64 {
        let phase = |hour: f64| 2.0 * (hour - self.birth_hour) / self.life_hours - 1.0;
        let (from, to) = (phase(from_hour), phase(to_hour));
        (1.0 - (from * from + from * to + to * to) / 3.0).max(0.0)
    }
}

/// Blocks from which a storm can reach an interval of rows or columns.
fn blocks(kind: Kind, [first, last]: [f64; 2]) -> std::ops::RangeInclusive<i64> {
    let (size, reach) = (block_cells(kind) as f64, reach_cells(kind));
    let block = |cell: f64| (cell / size).floor() as i64;
    block(first - reach)..=block(last + reach)
}

/// Draws the storms of one block of space and time.
fn draw_block(weather: &Weather, kind: Kind, block: [i64; 4], storms: &mut Vec<Storm>) {
    let config = &weather.config;
    let size = block_cells(kind) as f64;
    let (row0, col0) = (block[2] as f64 * size, block[3] as f64 * size);
    let (row, col, noon) = (
        row0 + size / 2.0,
        col0 + size / 2.0,
        block[1] as f64 * 24.0 + 12.0,
    );
    let sd = config.activity_log_sd;
    let activity = (sd * f64::from(weather.activity.at(row, col, noon)) - 0.5 * sd * sd).exp();
    let mean = match kind {
        Kind::Front => config.fronts_per_day * activity.sqrt(),
        Kind::Cell => {
            let wetness = f64::from(weather.climate.wetness_at(row, col));
            config.cells_per_day * activity * wetness.sqrt()
        }
    };
    let hash = hash::of_all(seed::derive(weather.seed, "storms"), &block);
    let mut rng = ChaCha8Rng::seed_from_u64(hash);
    // A mean of 0 is no distribution, and no storm.
    let n_storms = Poisson::new(mean).map_or(0.0, |poisson| poisson.sample(&mut rng)) as i64;
    for idx in 0..n_storms {
        let birth_row = row0 + size * rng.random::<f64>();
        let birth_col = col0 + size * rng.random::<f64>();
        let storm = match kind {
            Kind::Front => front(weather, block[1], &mut rng),
            Kind::Cell => cell(weather, block[1], birth_col, &mut rng),
        };
        storms.push(Storm {
            id: hash::of_all(hash, &[idx]),
            row: birth_row,
            col: birth_col,
            ..storm
        });
    }
}

/// A heading around east: fronts and cells of the westerlies, a unit vector of rows and columns.
fn heading(rng: &mut ChaCha8Rng, spread_deg: f64) -> [f64; 2] {
    let deviate: f64 = StandardNormal.sample(rng);
    // Towards the east-north-east on average; rows grow southward.
    let angle = (20.0 + spread_deg * deviate).to_radians();
    [-angle.sin(), angle.cos()]
}

fn front(weather: &Weather, day: i64, rng: &mut ChaCha8Rng) -> Storm {
    let config = &weather.config;
    let speed_draw: f64 = StandardNormal.sample(rng);
    Storm {
        kind: Kind::Front,
        id: 0,
        birth_hour: day as f64 * 24.0 + 24.0 * rng.random::<f64>() - 12.0,
        life_hours: rng.random_range(10.0..24.0),
        row: 0.0,
        col: 0.0,
        speed: (config.front_speed_km_h * (1.0 + 0.15 * speed_draw)).clamp(5.0, 55.0),
        heading: heading(rng, 30.0),
        along: rng.random_range(50.0..130.0),
        across: rng.random_range(200.0..600.0),
        peak_mm_h: config.front_peak_mm_h * log_normal(rng, 0.4),
    }
}

fn cell(weather: &Weather, day: i64, birth_col: f64, rng: &mut ChaCha8Rng) -> Storm {
    let config = &weather.config;
    let local_hour = if rng.random::<f64>() < config.diurnal_share {
        let deviate: f64 = StandardNormal.sample(rng);
        // Born two hours before the maximum of the rain.
        (14.5 + 2.7 * deviate).clamp(0.0, 24.0)
    } else {
        24.0 * rng.random::<f64>()
    };
    // Longitudes within ±180°, so that a storm is born within 12 hours of its block's day.
    let utc_hour = local_hour - lon_deg_of_col(birth_col).clamp(-180.0, 180.0) / 15.0;
    let half_extent = (6.5 * log_normal(rng, 0.55)).clamp(2.5, 20.0);
    let strength: f64 = Exp1.sample(rng);
    Storm {
        kind: Kind::Cell,
        id: 0,
        birth_hour: day as f64 * 24.0 + utc_hour,
        life_hours: rng.random_range(1.0..3.0),
        row: 0.0,
        col: 0.0,
        speed: rng.random_range(12.0..45.0),
        heading: heading(rng, 45.0),
        along: half_extent,
        across: half_extent * rng.random_range(0.7..1.4),
        peak_mm_h: config.cell_peak_mm_h * strength.min(6.0),
    }
}

/// A factor of mean 1 whose log has this deviation.
fn log_normal(rng: &mut ChaCha8Rng, log_sd: f64) -> f64 {
    // The deviation is a positive constant of this file.
    LogNormal::new(-0.5 * log_sd * log_sd, log_sd).map_or(1.0, |factor| factor.sample(rng))
}
