//! Rain of an interval over a lattice of pixels.

use ndarray::Array2;
use vadose_scene::seed;

use super::Weather;
use super::storm::{Extent, Kind, Storm};
use super::view::{RainErrorConfig, RainView};
use crate::hash;
use crate::noise::Noise;
use crate::positions::Positions;

/// Rain over one lattice of pixels, hour after hour.
///
/// It keeps the storms of the current day and the patterns of the fronts among them; asked in
/// order it looks for storms once a day.
#[derive(Debug)]
pub struct RainField<'a> {
    weather: &'a Weather,
    positions: Positions,
    view: RainView,
    /// Local strength of all storms: climate, and the regional bias of an estimate.
    strength: Array2<f32>,
    day: Option<i64>,
    storms: Vec<Overhead>,
}

/// A storm as the view sees it, with its pattern once it is needed.
#[derive(Debug)]
struct Overhead {
    storm: Storm,
    pattern: Option<Array2<f32>>,
}

impl<'a> RainField<'a> {
    pub(super) fn new(weather: &'a Weather, positions: Positions, view: RainView) -> Self {
        let mut strength = weather.climate.wetness(&positions).mapv_into(f32::sqrt);
        if let RainView::Estimate { errors, seed } = &view {
            let bias = Noise::single(seed::derive(*seed, "rain bias"), 150.0).fill(&positions);
            let sd = errors.bias_log_sd as f32;
            ndarray::azip!((strength in &mut strength, &bias in &bias) {
                *strength *= (sd * bias - 0.5 * sd * sd).exp();
            });
        }
        Self {
            weather,
            positions,
            view,
            strength,
            day: None,
            storms: Vec::new(),
        }
    }

    /// Replaces `rain` by the mean rate from `start_hour` to `end_hour`, mm/h.
    ///
    /// Storms are integrated along their path, so no interval leaves gaps between them. A pixel
    /// gives the mean over its own width.
    ///
    /// # Shapes and units
    /// `rain`: the shape of the positions; rows or columns beyond it are left as they are. Hours
    /// since 1970-01-01T00Z; both in one UTC day, or the part after midnight misses storms that
    /// are born on the next day.
    pub fn fill(&mut self, start_hour: f64, end_hour: f64, rain: &mut Array2<f32>) {
        rain.fill(0.0);
        self.load_day((start_hour / 24.0).floor() as i64);
        let smoothing = self.smoothing_cells();
        let mut any = false;
        for overhead in &mut self.storms {
            let Some(passage) = Passage::new(&overhead.storm, start_hour, end_hour, smoothing)
            else {
                continue;
            };
            if !passage.meets(&self.positions) {
                continue;
            }
            if overhead.storm.kind == Kind::Front && overhead.pattern.is_none() {
                overhead.pattern = Some(pattern(self.weather, &overhead.storm, &self.positions));
            }
            passage.add_to(&self.positions, overhead.pattern.as_ref(), rain);
            any = true;
        }
        if any {
            *rain *= &self.strength;
        }
    }

    /// What pixel and view add, in quadrature, to the half extents of a storm, cells.
    fn smoothing_cells(&self) -> f64 {
        /// The kernel `(1 - x^2)^2` of half extent a has the variance a^2 / 7, a pixel of width w
        /// has w^2 / 12: `sqrt(7 / 12)`.
        const PER_PIXEL: f64 = 0.7638;
        let width = self.positions.pixel_cells();
        // A pixel of M01 takes the value at its centre.
        let pixel = if width > 1.5 { PER_PIXEL * width } else { 0.0 };
        match &self.view {
            RainView::Truth => pixel,
            RainView::Estimate { errors, .. } => pixel.hypot(errors.smoothing_km),
        }
    }

    fn load_day(&mut self, day: i64) {
        if self.day == Some(day) {
            return;
        }
        let (rows, cols) = (self.positions.rows(), self.positions.cols());
        let ends =
            |axis: &[f64]| [axis.first(), axis.last()].map(|end| end.copied().unwrap_or(0.0));
        let extent = Extent {
            rows: ends(rows),
            cols: ends(cols),
        };
        let smoothing = self.smoothing_cells();
        let mut previous = std::mem::take(&mut self.storms);
        let seen = Storm::of_day(self.weather, day, &extent)
            .into_iter()
            .filter_map(|storm| match &self.view {
                RainView::Truth => Some(storm),
                RainView::Estimate { errors, seed } => estimated(storm, errors, *seed),
            });
        self.storms = seen
            .filter(|storm| {
                let end = storm.birth_hour + storm.life_hours;
                Passage::new(storm, storm.birth_hour, end, smoothing)
                    .is_some_and(|passage| passage.meets(&self.positions))
            })
            .map(|storm| {
                let known = previous.iter_mut().find(|old| old.storm.id == storm.id);
                let pattern = known.and_then(|old| old.pattern.take());
                Overhead { storm, pattern }
            })
            .collect();
        self.day = Some(day);
    }
}

/// A storm as an estimate has it; `None` where it misses it.
fn estimated(mut storm: Storm, errors: &RainErrorConfig, seed: u64) -> Option<Storm> {
    let hash = |idx| hash::of_all(seed, &[storm.id as i64, idx]);
    let normal = |idx| f64::from(hash::standard(hash(idx)));
    let missed = storm.kind == Kind::Cell && hash::uniform(hash(0)) < errors.miss_probability;
    if missed {
        return None;
    }
    let sd = errors.strength_log_sd;
    let strength = (sd * normal(1) - 0.5 * sd * sd).exp();
    let shift = [normal(2), normal(3)].map(|draw| draw * errors.displacement_km);
    if storm.kind == Kind::Cell {
        storm.peak_mm_h /= 1.0 - errors.miss_probability;
    }
    storm.peak_mm_h *= strength;
    storm.row += shift[0];
    storm.col += shift[1];
    Some(storm)
}

/// What multiplies the rain of a front from place to place: mean 1, log-normal, down to 2 km.
fn pattern(weather: &Weather, storm: &Storm, positions: &Positions) -> Array2<f32> {
    let noise = Noise::fractal(storm.id, 2.0, 48.0, 0.3);
    // A wide pixel keeps what it can resolve.
    let noise = noise.without_finer_than(positions.pixel_cells());
    let sd = weather.config.patchiness as f32;
    noise
        .fill(positions)
        .mapv_into(|value| (sd * value - 0.5 * sd * sd).exp())
}

/// The passage of one storm during an interval: a box kernel with round shoulders, swept along a
/// straight line.
struct Passage {
    /// Centre at the start.
    start: [f64; 2],
    heading: [f64; 2],
    /// Half extents after smoothing.
    along: f64,
    across: f64,
    /// Way during the interval.
    length: f64,
    /// Rate that a place would have if the storm stood over it for the whole interval.
    rate: f64,
}

impl Passage {
    /// `None` if the storm does not live in the interval.
    fn new(storm: &Storm, start_hour: f64, end_hour: f64, smoothing: f64) -> Option<Self> {
        let from = start_hour.max(storm.birth_hour);
        let to = end_hour.min(storm.birth_hour + storm.life_hours);
        if to <= from {
            return None;
        }
        let (along, across) = (storm.along.hypot(smoothing), storm.across.hypot(smoothing));
        let spread = (storm.along / along) * (storm.across / across);
        let share = (to - from) / (end_hour - start_hour);
        Some(Self {
            start: storm.centre(from),
            heading: storm.heading,
            along,
            across,
            length: storm.speed * (to - from),
            rate: storm.peak_mm_h * storm.vigour(from, to) * share * spread,
        })
    }

    /// First and last row (axis 0) or column (axis 1) that the storm sweeps.
    fn bounds(&self, axis: usize) -> [f64; 2] {
        let (by_heading, by_normal) = (self.heading[axis], self.heading[1 - axis].abs());
        let margin = self.along * by_heading.abs() + self.across * by_normal;
        let end = self.start[axis] + self.length * by_heading;
        [
            self.start[axis].min(end) - margin,
            self.start[axis].max(end) + margin,
        ]
    }

    fn meets(&self, positions: &Positions) -> bool {
        let overlaps = |axis: &[f64], [low, high]: [f64; 2]| {
            axis.first().is_some_and(|&first| first <= high)
                && axis.last().is_some_and(|&last| last >= low)
        };
        overlaps(positions.rows(), self.bounds(0)) && overlaps(positions.cols(), self.bounds(1))
    }

    fn add_to(&self, positions: &Positions, pattern: Option<&Array2<f32>>, rain: &mut Array2<f32>) {
        let [first, last] = self.bounds(0);
        let (rows, cols) = (positions.rows(), positions.cols());
        let start = rows.partition_point(|&row| row < first);
        let end = rows.partition_point(|&row| row <= last);
        let swept = rows.iter().enumerate().take(end).skip(start);
        for (idx, row) in swept {
            let down = row - self.start[0];
            let [west, east] = self.span(down);
            let from = cols.partition_point(|&col| col < west);
            let to = cols.partition_point(|&col| col <= east).min(rain.ncols());
            let mut row = rain.row_mut(idx);
            match pattern.map(|pattern| pattern.row(idx)) {
                None => {
                    for col in from..to {
                        row[col] += self.rate_at(down, cols[col]);
                    }
                }
                Some(factors) => {
                    for col in from..to {
                        row[col] += factors[col] * self.rate_at(down, cols[col]);
                    }
                }
            }
        }
    }

    /// Columns between which a row, so far south of the start, can be under the storm.
    fn span(&self, down: f64) -> [f64; 2] {
        /// Rounding, cells; the kernel is 0 outside, so a wider span changes nothing.
        const MARGIN: f64 = 0.01;
        let [by_row, by_col] = self.heading;
        let along = interval(
            by_col,
            -self.along - down * by_row,
            self.length + self.along - down * by_row,
        );
        let across = interval(
            -by_row,
            -self.across - down * by_col,
            self.across - down * by_col,
        );
        [
            self.start[1] + along[0].max(across[0]) - MARGIN,
            self.start[1] + along[1].min(across[1]) + MARGIN,
        ]
    }

    /// Rate at a place: the integral of the kernel along the path, over the path's length.
    fn rate_at(&self, down: f64, col: f64) -> f32 {
        let right = col - self.start[1];
        let [by_row, by_col] = self.heading;
        let ahead = (down * by_row + right * by_col) as f32;
        let aside = (down * by_col - right * by_row) as f32;
        let (along, length) = (self.along as f32, self.length as f32);
        let q = aside / self.across as f32;
        let shoulder = (1.0 - q * q).max(0.0);
        // Far from the path both are equal but for rounding, and no rain is negative.
        let dwell = (swept(ahead / along) - swept((ahead - length) / along)).max(0.0);
        self.rate as f32 * shoulder * shoulder * dwell * (along / length)
    }
}

/// Integral of the kernel `(1 - x^2)^2` from 0 to `x`, constant beyond ±1.
fn swept(x: f32) -> f32 {
    let x = x.clamp(-1.0, 1.0);
    let square = x * x;
    x * (1.0 + square * (-2.0 / 3.0 + square * 0.2))
}

/// Where `low <= slope x <= high`; everywhere for a slope of 0, which the other condition bounds.
fn interval(slope: f64, low: f64, high: f64) -> [f64; 2] {
    /// Headings closer to an axis than this count as along it.
    const LEVEL: f64 = 1e-9;
    if slope.abs() < LEVEL {
        return [f64::NEG_INFINITY, f64::INFINITY];
    }
    let (a, b) = (low / slope, high / slope);
    [a.min(b), a.max(b)]
}
