//! What D, its transpose and its weights put through the filter, and what they do with the result.
//!
//! In each, `first` and `start` are the first row and column of the block, and the output is that of the map's rows
//! (or coarse rows) from `first` on.

use std::ops::Range;

use super::Geometry;
use crate::real::Real;
use crate::separable::Pass;

/// Fills `weights` from the filtered mask.
pub(super) struct Weigh<'a, T> {
    pub(super) geometry: &'a Geometry,
    pub(super) first: usize,
    pub(super) start: usize,
    pub(super) weights: &'a mut [T],
    /// Cells that count in the coarse cell of each column; infinite where it is not valid.
    pub(super) counts: &'a mut [f64],
}

impl<T: Real> Pass<T> for Weigh<'_, T> {
    #[inline(always)]
    fn load(&mut self, row: usize, cells: Range<usize>, into: &mut [T]) {
        let mask = &self.geometry.mask[row * self.geometry.shape.1..][cells];
        for (value, &counts) in into.iter_mut().zip(mask) {
            *value = if counts { T::ONE } else { T::ZERO };
        }
    }

    #[inline(always)]
    fn emit(&mut self, row: usize, coverage: &[T]) {
        let Geometry {
            shape: (_, cols),
            factor,
            mask,
            valid,
            counts: n_cells,
            ..
        } = self.geometry;
        let counts = &mut self.counts[..coverage.len()];
        if row.is_multiple_of(*factor) {
            for (i, posted) in counts.chunks_exact_mut(*factor).enumerate() {
                let cell = [row / factor, self.start / factor + i];
                posted.fill(match valid[cell] {
                    true => n_cells[cell] as f64,
                    false => f64::INFINITY,
                });
            }
        }
        let weights = &mut self.weights[(row - self.first) * cols + self.start..];
        let mask = &mask[row * cols + self.start..];
        for (((weight, &coverage), &count), &is_counted) in
            weights.iter_mut().zip(coverage).zip(&*counts).zip(mask)
        {
            let of_coverage = 1.0 / (count * coverage.to_f64());
            *weight = T::from_f64(if is_counted { of_coverage } else { 0.0 });
        }
    }
}

/// Adds up the weighted, filtered map over coarse cells.
pub(super) struct Average<'a, T> {
    pub(super) geometry: &'a Geometry,
    pub(super) first: usize,
    pub(super) start: usize,
    pub(super) map: &'a [T],
    pub(super) weights: &'a [T],
    /// Down the coarse cells of a row so far.
    pub(super) sums: &'a mut [T],
    pub(super) coarse: &'a mut [T],
    /// Whether all values that count are.
    pub(super) all_finite: &'a mut bool,
}

impl<T: Real> Pass<T> for Average<'_, T> {
    #[inline(always)]
    fn load(&mut self, row: usize, cells: Range<usize>, into: &mut [T]) {
        let from = row * self.geometry.shape.1;
        let mask = &self.geometry.mask[from..][cells.clone()];
        *self.all_finite &= mask_into(into, &self.map[from..][cells], mask);
    }

    #[inline(always)]
    fn emit(&mut self, row: usize, filtered: &[T]) {
        // Down the coarse cell in T, nine equal signs at most; across it in f64.
        let (cols, factor) = (self.geometry.shape.1, self.geometry.factor);
        let weights = &self.weights[row * cols + self.start..];
        let sums = &mut self.sums[..filtered.len()];
        if row.is_multiple_of(factor) {
            sums.fill(T::ZERO);
        }
        for ((sum, &weight), &value) in sums.iter_mut().zip(weights).zip(filtered) {
            *sum += weight * value;
        }
        if row % factor == factor - 1 {
            let coarse_cols = self.geometry.valid.dim().1;
            let line = (row - self.first) / factor * coarse_cols + self.start / factor;
            let coarse = self.coarse[line..].iter_mut();
            for (value, cells) in coarse.zip(sums.chunks_exact(factor)) {
                *value = T::from_f64(cells.iter().map(|cell| cell.to_f64()).sum());
            }
        }
    }
}

/// Filters the weighted coarse values into the cells that count.
pub(super) struct Spread<'a, T> {
    pub(super) geometry: &'a Geometry,
    pub(super) first: usize,
    pub(super) start: usize,
    /// The coarse rows, repeated along the columns.
    pub(super) posted: &'a [T],
    pub(super) weights: &'a [T],
    pub(super) map: &'a mut [T],
}

impl<T: Real> Pass<T> for Spread<'_, T> {
    #[inline(always)]
    fn load(&mut self, row: usize, cells: Range<usize>, into: &mut [T]) {
        let (cols, coarse_row) = (self.geometry.shape.1, row / self.geometry.factor);
        if coarse_row < self.geometry.valid.dim().0 {
            let weights = &self.weights[row * cols..][cells.clone()];
            let posted = &self.posted[coarse_row * cols..][cells];
            for ((value, &weight), &posted) in into.iter_mut().zip(weights).zip(posted) {
                *value = weight * posted;
            }
        }
    }

    #[inline(always)]
    fn emit(&mut self, row: usize, filtered: &[T]) {
        let cols = self.geometry.shape.1;
        let into = &mut self.map[(row - self.first) * cols + self.start..][..filtered.len()];
        let mask = &self.geometry.mask[row * cols + self.start..][..filtered.len()];
        mask_into(into, filtered, mask);
    }
}

/// Copies the values whose mask is set, 0 for the others; whether all that was copied is finite.
#[inline(always)]
fn mask_into<T: Real>(into: &mut [T], values: &[T], mask: &[bool]) -> bool {
    let mut all_finite = true;
    for ((into, &value), &counts) in into.iter_mut().zip(values).zip(mask) {
        let kept = if counts { value } else { T::ZERO };
        *into = kept;
        all_finite &= kept.is_finite();
    }
    all_finite
}
