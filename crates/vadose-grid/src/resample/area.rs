//! Overlap of the cells of a window with the pixels of a source raster.
//!
//! The four corners of a cell are transformed into the source; the quadrilateral between them is
//! clipped to the strips of the pixel rows and then to the pixels, and the areas of the pieces are
//! the weights (first-order conservative remapping; Jones 1999,
//! doi:10.1175/1520-0493(1999)127<2204:FASOCR>2.0.CO;2). Neighbouring cells share their corners, so
//! that the weights of all cells cover the source without gap or overlap. The curvature of an edge
//! within one cell is neglected, and so is the change of the pixel's true area within it.

use ndarray::{Array2, Zip};
use rayon::prelude::*;

use super::{Resampled, SourcePoint, SourceRaster};
use crate::resample::source_raster::PixelPoint;
use crate::{ProjectedM, Window};

/// Overlaps below this share of a cell are rounding along shared edges, not area.
const MIN_VALID_FRACTION: f64 = 1e-9;

/// Takes the pixels under one cell with their overlap, in pixels, and gives the cell's value.
pub(crate) trait Accumulator<T>: Default {
    /// The value of a cell.
    type Value;
    /// What a cell gets on which nothing valid lies.
    const MISSING: Self::Value;
    /// Takes one pixel in; says whether it was valid.
    fn add(&mut self, pixel: T, overlap: f64) -> bool;
    /// The value of the pixels taken in, of which at least one was valid.
    fn value(&self) -> Self::Value;
}

/// Gathers `source` over each cell of `window`.
pub(crate) fn gather<T, A, F>(
    source: &SourceRaster<'_, T>,
    window: &Window,
    to_source: F,
) -> Resampled<A::Value>
where
    T: Copy + Sync,
    A: Accumulator<T>,
    A::Value: Clone + Send,
    F: Fn(ProjectedM) -> Option<SourcePoint> + Sync,
{
    let corners = corners(window, to_source);
    let mut values = Array2::from_elem(window.shape(), A::MISSING);
    let mut valid_fraction = Array2::zeros(window.shape());
    Zip::indexed(values.rows_mut())
        .and(valid_fraction.rows_mut())
        .par_for_each(|row, mut values, mut fractions| {
            let mut pieces = Pieces::default();
            for (col, (value, fraction)) in values.iter_mut().zip(&mut fractions).enumerate() {
                let Some(cell) = cell_on_raster(source, &corners, row, col) else {
                    continue;
                };
                let mut accumulator = A::default();
                let mut valid_area = 0.0;
                pieces.for_each(source, &cell, |pixel, overlap| {
                    if accumulator.add(pixel, overlap) {
                        valid_area += overlap;
                    }
                });
                let share = valid_area / area(&cell);
                if share >= MIN_VALID_FRACTION {
                    *value = accumulator.value();
                    *fraction = share.min(1.0) as f32;
                }
            }
        });
    Resampled {
        values,
        valid_fraction,
    }
}

/// Corners of all cells in source coordinates: `[rows + 1, cols + 1]`.
fn corners<F>(window: &Window, to_source: F) -> Array2<Option<SourcePoint>>
where
    F: Fn(ProjectedM) -> Option<SourcePoint> + Sync,
{
    let (origin, size_m) = (window.grid().origin_m(), window.grid().cell_size_m());
    let (rows, cols) = window.shape();
    let mut corners = Array2::from_elem((rows + 1, cols + 1), None);
    corners
        .outer_iter_mut()
        .into_par_iter()
        .enumerate()
        .for_each(|(row, mut line)| {
            let y_m = origin.y_m - (window.row0() + row) as f64 * size_m;
            for (col, corner) in line.iter_mut().enumerate() {
                let x_m = origin.x_m + (window.col0() + col) as f64 * size_m;
                *corner = to_source(ProjectedM { x_m, y_m });
            }
        });
    corners
}

/// The outline of a cell in pixels; `None` if a corner is no point of the source.
fn cell_on_raster<T: Copy>(
    source: &SourceRaster<'_, T>,
    corners: &Array2<Option<SourcePoint>>,
    row: usize,
    col: usize,
) -> Option<[PixelPoint; 4]> {
    let anchor = corners[[row, col]]?;
    let pixel_point =
        |row: usize, col: usize| source.pixel_point(source.beside(anchor, corners[[row, col]]?));
    Some([
        pixel_point(row, col)?,
        pixel_point(row, col + 1)?,
        pixel_point(row + 1, col + 1)?,
        pixel_point(row + 1, col)?,
    ])
}

/// Scratch polygons of the clipping, kept from pixel to pixel.
#[derive(Default)]
struct Pieces {
    strip: Vec<PixelPoint>,
    piece: Vec<PixelPoint>,
    half: Vec<PixelPoint>,
}

impl Pieces {
    /// Calls `visit` with every pixel of the raster that a cell touches and their common area.
    fn for_each<T: Copy>(
        &mut self,
        source: &SourceRaster<'_, T>,
        cell: &[PixelPoint; 4],
        mut visit: impl FnMut(T, f64),
    ) {
        for row in index_range(cell, |p| p.row, (0.0, source.rows() as f64)) {
            let (low, high) = (row as f64, (row + 1) as f64);
            clip(cell, &mut self.half, |p| p.row - low);
            clip(&self.half, &mut self.strip, |p| high - p.row);
            for col in index_range(&self.strip, |p| p.col, source.col_limits()) {
                let Some(pixel) = source.pixel(row, col) else {
                    continue;
                };
                let (low, high) = (col as f64, (col + 1) as f64);
                clip(&self.strip, &mut self.half, |p| p.col - low);
                clip(&self.half, &mut self.piece, |p| high - p.col);
                let overlap = area(&self.piece);
                if overlap > 0.0 {
                    visit(pixel, overlap);
                }
            }
        }
    }
}

/// Indices of the pixels between the least and the greatest coordinate, within limits.
fn index_range(
    polygon: &[PixelPoint],
    coordinate: impl Fn(&PixelPoint) -> f64,
    (first, end): (f64, f64),
) -> std::ops::Range<i64> {
    let (least, greatest) = polygon.iter().map(coordinate).fold(
        (f64::INFINITY, f64::NEG_INFINITY),
        |(least, greatest), c| (least.min(c), greatest.max(c)),
    );
    if least > greatest {
        return 0..0;
    }
    least.max(first).floor() as i64..greatest.min(end).ceil() as i64
}

/// The part of a polygon where `signed_distance` is not negative (Sutherland and Hodgman 1974).
fn clip(
    polygon: &[PixelPoint],
    kept: &mut Vec<PixelPoint>,
    signed_distance: impl Fn(&PixelPoint) -> f64,
) {
    kept.clear();
    let Some(mut previous) = polygon.last() else {
        return;
    };
    for current in polygon {
        let (before, here) = (signed_distance(previous), signed_distance(current));
        if (before < 0.0) != (here < 0.0) {
            let t = before / (before - here);
            kept.push(PixelPoint {
                row: previous.row + t * (current.row - previous.row),
                col: previous.col + t * (current.col - previous.col),
            });
        }
        if here >= 0.0 {
            kept.push(*current);
        }
        previous = current;
    }
}

/// Area of a polygon in pixels, whichever way it runs.
fn area(polygon: &[PixelPoint]) -> f64 {
    let Some(origin) = polygon.first() else {
        return 0.0;
    };
    // Relative to its first corner, so that large indices do not cancel.
    let doubled: f64 = polygon
        .windows(2)
        .map(|edge| {
            (edge[0].col - origin.col) * (edge[1].row - origin.row)
                - (edge[1].col - origin.col) * (edge[0].row - origin.row)
        })
        .sum();
    0.5 * doubled.abs()
}
