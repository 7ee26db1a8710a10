//! Tiles: the squares that a network sees, aligned with the coarse cells.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, ArrayViewMut2};
use serde::{Deserialize, Serialize};
use vadose_grid::{Cell, Window};

use crate::SceneError;

/// Cells of the scene's grid along one edge of a coarse cell (M01 in M09).
pub const COARSE_FACTOR: usize = 9;
const FACTOR: i64 = COARSE_FACTOR as i64;

/// A square of cells in the global indices of the scene's grid.
///
/// The origin lies on a multiple of 9, so that whole coarse cells start at the upper-left corner.
/// A tile may stick out of the scene's window, or of the grid: what lies outside is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tile {
    /// First (northernmost) row.
    pub row0: i64,
    /// First (westernmost) column.
    pub col0: i64,
    /// Rows, and columns.
    pub size: usize,
}

impl Tile {
    /// True where the cell lies in the tile.
    pub fn contains(&self, cell: Cell) -> bool {
        self.offset_of(cell).is_some()
    }

    /// Row and column inside the tile of a cell given in global indices.
    pub fn offset_of(&self, cell: Cell) -> Option<(usize, usize)> {
        let offset = |index: usize, origin: i64| {
            usize::try_from(i64::try_from(index).ok()?.checked_sub(origin)?)
                .ok()
                .filter(|&offset| offset < self.size)
        };
        Some((offset(cell.row, self.row0)?, offset(cell.col, self.col0)?))
    }

    /// The part of a window that lies in the tile, if any: what must be read to fill the tile.
    ///
    /// ```
    /// use vadose_grid::{EaseGrid2, Window};
    /// use vadose_scene::Tile;
    ///
    /// let window = Window::new(EaseGrid2::M01, 900, 1800, 50, 70)?;
    /// let tile = Tile { row0: 918, col0: 1791, size: 36 };
    /// let part = tile.part_of(&window).unwrap();
    /// assert_eq!((part.row0(), part.col0(), part.shape()), (918, 1800, (32, 27)));
    /// # Ok::<(), vadose_grid::GridError>(())
    /// ```
    pub fn part_of(&self, window: &Window) -> Option<Window> {
        let [rows, cols] = self.meet(window)?.window;
        let (row0, col0) = (window.row0() + rows.start, window.col0() + cols.start);
        Window::new(window.grid(), row0, col0, rows.len(), cols.len()).ok()
    }

    /// The tile's whole coarse cells, as a tile of the coarse grid (256 cells make 28).
    pub(crate) fn coarsened(&self) -> Result<Tile, SceneError> {
        let aligned = self.row0 % FACTOR == 0 && self.col0 % FACTOR == 0;
        if !aligned || self.size == 0 {
            return Err(SceneError::TileNotAligned {
                row0: self.row0,
                col0: self.col0,
                size: self.size,
            });
        }
        Ok(Tile {
            row0: self.row0 / FACTOR,
            col0: self.col0 / FACTOR,
            size: self.size / COARSE_FACTOR,
        })
    }

    /// The cells that tile and window share; `None` where they do not meet.
    pub(crate) fn meet(&self, window: &Window) -> Option<Meeting> {
        let rows = meet_axis(self.row0, self.size, window.row0(), window.rows())?;
        let cols = meet_axis(self.col0, self.size, window.col0(), window.cols())?;
        Some(Meeting {
            window: [rows.0, cols.0],
            tile: [rows.1, cols.1],
        })
    }

    /// The values of the tile's cells, `fill` where the tile sticks out of the window.
    pub(crate) fn cut<T: Copy>(
        &self,
        window: &Window,
        values: ArrayView2<'_, T>,
        fill: T,
    ) -> Array2<T> {
        let mut out = Array2::from_elem((self.size, self.size), fill);
        if let Some(meeting) = self.meet(window) {
            meeting
                .in_tile(out.view_mut())
                .assign(&meeting.in_window(values));
        }
        out
    }
}

/// The cells that a tile and a window share, as rows and columns of either.
pub(crate) struct Meeting {
    window: [Range<usize>; 2],
    tile: [Range<usize>; 2],
}

impl Meeting {
    /// Their part of an array that covers the window.
    pub(crate) fn in_window<'a, T>(&self, mut values: ArrayView2<'a, T>) -> ArrayView2<'a, T> {
        // ndarray's slicing macro contains `unsafe`, which this crate forbids.
        values.slice_each_axis_inplace(|axis| self.window[axis.axis.index()].clone().into());
        values
    }

    /// Their part of an array that covers the tile.
    pub(crate) fn in_tile<'a, T>(&self, mut values: ArrayViewMut2<'a, T>) -> ArrayViewMut2<'a, T> {
        values.slice_each_axis_inplace(|axis| self.tile[axis.axis.index()].clone().into());
        values
    }
}

/// The shared range along one axis, counted from the window's start and from the tile's origin.
fn meet_axis(
    origin: i64,
    size: usize,
    start: usize,
    len: usize,
) -> Option<(Range<usize>, Range<usize>)> {
    let (start, end) = (i64::try_from(start).ok()?, i64::try_from(start + len).ok()?);
    let tile_end = origin.saturating_add(i64::try_from(size).ok()?);
    let (from, to) = (origin.max(start), tile_end.min(end));
    let counted_from = |zero: i64| (from - zero) as usize..(to - zero) as usize;
    (from < to).then(|| (counted_from(start), counted_from(origin)))
}

/// Tiles that cover a window, in rows from the north-west.
///
/// The window is widened to multiples of 9, so that every coarse cell that it touches lies whole in
/// some tile; then as few tiles as reach over it are spread evenly. Neighbours share at least
/// `min_overlap` rows or columns. A window smaller than a tile gives one, with the padding in the
/// south and east.
///
/// # Errors
/// [`SceneError::TileOverlap`] unless `size >= min_overlap + 9`, since origins advance by nines.
/// # Examples
/// ```
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_scene::covering_tiles;
///
/// let granule = Window::new(EaseGrid2::M01, 2871, 18308, 207, 315)?;
/// let tiles = covering_tiles(&granule, 256, 32)?;
/// let origins: Vec<_> = tiles.iter().map(|tile| (tile.row0, tile.col0)).collect();
/// assert_eq!(origins, [(2871, 18306), (2871, 18378)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn covering_tiles(
    window: &Window,
    size: usize,
    min_overlap: usize,
) -> Result<Vec<Tile>, SceneError> {
    let stride = size.saturating_sub(min_overlap) / COARSE_FACTOR;
    if stride == 0 {
        return Err(SceneError::TileOverlap { size, min_overlap });
    }
    let rows = covering_origins(window.row0(), window.rows(), size, stride);
    let cols = covering_origins(window.col0(), window.cols(), size, stride);
    let tiles = rows
        .iter()
        .flat_map(|&row0| cols.iter().map(move |&col0| Tile { row0, col0, size }));
    Ok(tiles.collect())
}

/// Origins along one axis; `stride` is the longest step, in coarse cells.
fn covering_origins(start: usize, len: usize, size: usize, stride: usize) -> Vec<i64> {
    // All in coarse cells from here: first one touched, and the last origin that is needed.
    let first = start / COARSE_FACTOR;
    let end = (start + len).next_multiple_of(COARSE_FACTOR);
    let last = end.saturating_sub(size).div_ceil(COARSE_FACTOR).max(first);
    let steps = (last - first).div_ceil(stride);
    (0..=steps)
        .map(|step| first + (last - first) * step / steps.max(1))
        .map(|coarse| (coarse * COARSE_FACTOR) as i64)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vadose_grid::EaseGrid2;

    use super::*;

    fn window(row0: usize, col0: usize, rows: usize, cols: usize) -> Window {
        Window::new(EaseGrid2::M01, row0, col0, rows, cols).unwrap()
    }

    #[test]
    fn one_cell_needs_one_tile() {
        let tiles = covering_tiles(&window(100, 200, 1, 1), 256, 0).unwrap();
        let only = Tile {
            row0: 99,
            col0: 198,
            size: 256,
        };
        assert_eq!(tiles, [only]);
    }

    #[test]
    fn conus_is_covered_by_288_tiles_with_an_overlap_of_a_coarse_footprint() {
        let tiles = covering_tiles(&Window::conus_m01(), 288, 36).unwrap();
        // 2,646 rows need 1 + ceil(2358 / 252) = 11 tiles, 5,697 columns 1 + ceil(5409 / 252) = 23.
        assert_eq!(tiles.len(), 11 * 23);
        assert_eq!((tiles[0].row0, tiles[0].col0), (1692, 5301));
    }

    #[test]
    fn impossible_overlaps_are_refused() {
        let window = window(0, 0, 500, 500);
        for (size, min_overlap) in [(0, 0), (8, 0), (256, 248), (256, 300)] {
            assert!(
                matches!(
                    covering_tiles(&window, size, min_overlap),
                    Err(SceneError::TileOverlap { .. })
                ),
                "{size} {min_overlap}"
            );
        }
        assert!(covering_tiles(&window, 256, 247).is_ok());
    }

    #[test]
    fn cells_outside_the_window_get_the_fill() {
        let window = window(9, 0, 3, 4);
        let values = Array2::from_shape_fn((3, 4), |(row, col)| (10 * row + col) as f32);
        let tile = Tile {
            row0: 0,
            col0: -9,
            size: 12,
        };
        let cut = tile.cut(&window, values.view(), -1.0);
        assert_eq!(cut.dim(), (12, 12));
        assert_eq!(cut[[9, 9]], 0.0);
        assert_eq!(cut[[11, 11]], 22.0); // column 3 lies beyond the tile
        assert_eq!(cut.iter().filter(|v| **v >= 0.0).count(), 9);
        assert_eq!(tile.offset_of(Cell { row: 11, col: 2 }), Some((11, 11)));
        assert_eq!(tile.offset_of(Cell { row: 11, col: 3 }), None);
        assert_eq!(tile.offset_of(Cell { row: 12, col: 0 }), None);
    }

    #[test]
    fn a_tile_far_from_the_window_is_all_fill() {
        let window = window(0, 0, 9, 9);
        let values = Array2::from_elem((9, 9), true);
        for origin in [-9, 9, i64::MAX - 6] {
            let tile = Tile {
                row0: origin,
                col0: 0,
                size: 9,
            };
            assert!(tile.cut(&window, values.view(), false).iter().all(|v| !v));
        }
    }

    #[test]
    fn coarse_tiles_need_alignment() {
        let aligned = Tile {
            row0: -9,
            col0: 18,
            size: 256,
        };
        let coarse = Tile {
            row0: -1,
            col0: 2,
            size: 28,
        };
        assert_eq!(aligned.coarsened().unwrap(), coarse);
        assert!(Tile { row0: 4, ..aligned }.coarsened().is_err());
        assert!(Tile { size: 0, ..aligned }.coarsened().is_err());
    }

    proptest! {
        #[test]
        fn every_cell_is_covered_and_neighbours_overlap(
            start in 0_usize..3000,
            len in 1_usize..1500,
            coarse_size in 1_usize..40,
            extra in 0_usize..9,
            overlap_share in 0.0_f64..1.0,
        ) {
            let size = coarse_size * 9 + extra;
            let min_overlap = (overlap_share * (size - 8) as f64) as usize;
            let origins: Vec<i64> = covering_tiles(&window(start, 0, len, 1), size, min_overlap)
                .unwrap()
                .iter()
                .map(|tile| tile.row0)
                .collect();
            prop_assert!(origins.iter().all(|origin| origin % 9 == 0));
            prop_assert!(origins[0] <= start as i64);
            prop_assert!(origins[origins.len() - 1] + size as i64 >= (start + len) as i64);
            for pair in origins.windows(2) {
                prop_assert!(pair[0] < pair[1]);
                prop_assert!(pair[0] + size as i64 - pair[1] >= min_overlap as i64);
            }
            // Every coarse cell that the window touches lies whole in some tile.
            for coarse in start / 9..(start + len).div_ceil(9) {
                let (from, to) = (coarse as i64 * 9, coarse as i64 * 9 + 9);
                prop_assert!(origins.iter().any(|o| *o <= from && to <= o + size as i64));
            }
        }
    }
}
