//! A rectangle of cells of one grid.

use serde::{Deserialize, Serialize};

use crate::{Cell, EaseGrid2, GridError, ProjectedM};

/// A rectangle of cells that lies wholly inside one grid and holds at least one cell.
///
/// In serialised form it is its five numbers; reading them back checks them again.
///
/// # Examples
/// ```
/// use vadose_grid::{Cell, EaseGrid2, Window};
/// let window = Window::new(EaseGrid2::M01, 1692, 5301, 18, 27)?;
/// assert_eq!(window.shape(), (18, 27));
/// assert_eq!(window.offset_of(Cell { row: 1700, col: 5301 }), Some((8, 0)));
/// let coarse = window.coarsened(EaseGrid2::M09)?;
/// assert_eq!((coarse.row0(), coarse.col0(), coarse.shape()), (188, 589, (2, 3)));
/// # Ok::<(), vadose_grid::GridError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Rectangle", into = "Rectangle")]
pub struct Window(Rectangle);

/// The plain numbers of a window, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rectangle {
    grid: EaseGrid2,
    row0: usize,
    col0: usize,
    rows: usize,
    cols: usize,
}

impl TryFrom<Rectangle> for Window {
    type Error = GridError;

    fn try_from(rectangle: Rectangle) -> Result<Self, GridError> {
        let Rectangle {
            grid,
            row0,
            col0,
            rows,
            cols,
        } = rectangle;
        let fits = |first: usize, n: usize, limit: usize| {
            n > 0 && first.checked_add(n).is_some_and(|end| end <= limit)
        };
        if fits(row0, rows, grid.rows()) && fits(col0, cols, grid.cols()) {
            Ok(Self(rectangle))
        } else {
            Err(GridError::Window {
                grid,
                row0,
                col0,
                rows,
                cols,
            })
        }
    }
}

impl From<Window> for Rectangle {
    fn from(window: Window) -> Self {
        window.0
    }
}

impl Window {
    /// The window of `rows` × `cols` cells whose upper-left cell is (`row0`, `col0`).
    ///
    /// # Errors
    /// [`GridError::Window`] if it is empty or sticks out of the grid.
    pub fn new(
        grid: EaseGrid2,
        row0: usize,
        col0: usize,
        rows: usize,
        cols: usize,
    ) -> Result<Self, GridError> {
        Rectangle {
            grid,
            row0,
            col0,
            rows,
            cols,
        }
        .try_into()
    }

    /// The contiguous United States on M01: rows 1692 to 4337, columns 5301 to 10997.
    ///
    /// Its edges lie on edges of M09 cells: it is 294 × 633 of them.
    pub fn conus_m01() -> Self {
        Self(Rectangle {
            grid: EaseGrid2::M01,
            row0: 1692,
            col0: 5301,
            rows: 2646,
            cols: 5697,
        })
    }

    /// The grid whose cells these are.
    pub fn grid(&self) -> EaseGrid2 {
        self.0.grid
    }

    /// First (northernmost) row, on the grid.
    pub fn row0(&self) -> usize {
        self.0.row0
    }

    /// First (westernmost) column, on the grid.
    pub fn col0(&self) -> usize {
        self.0.col0
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.0.rows
    }

    /// Number of columns.
    pub fn cols(&self) -> usize {
        self.0.cols
    }

    /// `(rows, cols)`, the shape of an array over the window.
    pub fn shape(&self) -> (usize, usize) {
        (self.rows(), self.cols())
    }

    /// Whether a cell of the grid lies in the window.
    pub fn contains(&self, cell: Cell) -> bool {
        self.offset_of(cell).is_some()
    }

    /// Position of a cell of the grid within the window: `(row, col)` counted from its corner.
    pub fn offset_of(&self, cell: Cell) -> Option<(usize, usize)> {
        let row = cell.row.checked_sub(self.row0())?;
        let col = cell.col.checked_sub(self.col0())?;
        (row < self.rows() && col < self.cols()).then_some((row, col))
    }

    /// The cell of the grid at a position within the window; the inverse of
    /// [`offset_of`](Self::offset_of).
    pub fn cell_at(&self, row: usize, col: usize) -> Option<Cell> {
        (row < self.rows() && col < self.cols()).then(|| Cell {
            row: self.row0() + row,
            col: self.col0() + col,
        })
    }

    /// Outer corner of the upper-left cell, metres.
    pub fn origin_m(&self) -> ProjectedM {
        let (origin, size_m) = (self.grid().origin_m(), self.grid().cell_size_m());
        ProjectedM {
            x_m: origin.x_m + self.col0() as f64 * size_m,
            y_m: origin.y_m - self.row0() as f64 * size_m,
        }
    }

    /// GDAL geotransform of the window: `[x, cell, 0, y, 0, -cell]`, metres.
    pub fn geotransform(&self) -> [f64; 6] {
        let origin = self.origin_m();
        let size_m = self.grid().cell_size_m();
        [origin.x_m, size_m, 0.0, origin.y_m, 0.0, -size_m]
    }

    /// Eastings of the column centres, metres, west to east: `[cols]`.
    pub fn x_centres_m(&self) -> Vec<f64> {
        let (origin_m, size_m) = (self.grid().origin_m().x_m, self.grid().cell_size_m());
        let columns = self.col0()..self.col0() + self.cols();
        columns
            .map(|col| origin_m + (col as f64 + 0.5) * size_m)
            .collect()
    }

    /// Northings of the row centres, metres, north to south: `[rows]`.
    pub fn y_centres_m(&self) -> Vec<f64> {
        let (origin_m, size_m) = (self.grid().origin_m().y_m, self.grid().cell_size_m());
        let rows = self.row0()..self.row0() + self.rows();
        rows.map(|row| origin_m - (row as f64 + 0.5) * size_m)
            .collect()
    }

    /// The smallest window that holds both.
    ///
    /// # Errors
    /// [`GridError::GridMismatch`] if they are of different grids.
    pub fn union(&self, other: &Window) -> Result<Window, GridError> {
        if self.grid() != other.grid() {
            return Err(GridError::GridMismatch {
                expected: self.grid(),
                got: other.grid(),
            });
        }
        let (row0, rows) = hull((self.row0(), self.rows()), (other.row0(), other.rows()));
        let (col0, cols) = hull((self.col0(), self.cols()), (other.col0(), other.cols()));
        Ok(Self(Rectangle {
            grid: self.grid(),
            row0,
            col0,
            rows,
            cols,
        }))
    }

    /// The cells that both hold; `None` if there are none, as between windows of different grids.
    pub fn intersection(&self, other: &Window) -> Option<Window> {
        if self.grid() != other.grid() {
            return None;
        }
        let (row0, rows) = overlap((self.row0(), self.rows()), (other.row0(), other.rows()))?;
        let (col0, cols) = overlap((self.col0(), self.cols()), (other.col0(), other.cols()))?;
        Some(Self(Rectangle {
            grid: self.grid(),
            row0,
            col0,
            rows,
            cols,
        }))
    }

    /// The smallest window around this one whose edges lie on multiples of `multiple`, clipped to
    /// the grid. Multiples of 0 and 1 leave it as it is.
    pub fn snapped_outward(&self, multiple: usize) -> Window {
        let multiple = multiple.max(1);
        let snap = |first: usize, n: usize, limit: usize| {
            let start = first / multiple * multiple;
            let end = (first + n)
                .div_ceil(multiple)
                .saturating_mul(multiple)
                .min(limit);
            (start, end - start)
        };
        let grid = self.grid();
        let (row0, rows) = snap(self.row0(), self.rows(), grid.rows());
        let (col0, cols) = snap(self.col0(), self.cols(), grid.cols());
        Self(Rectangle {
            grid,
            row0,
            col0,
            rows,
            cols,
        })
    }

    /// The smallest window of the coarser grid that covers this one.
    ///
    /// # Errors
    /// [`GridError::NotNested`].
    pub fn coarsened(&self, coarser: EaseGrid2) -> Result<Window, GridError> {
        let factor = self
            .grid()
            .nesting_factor(coarser)
            .ok_or(GridError::NotNested {
                fine: self.grid(),
                coarse: coarser,
            })?;
        let coarsen = |first: usize, n: usize| {
            let start = first / factor;
            (start, (first + n).div_ceil(factor) - start)
        };
        let (row0, rows) = coarsen(self.row0(), self.rows());
        let (col0, cols) = coarsen(self.col0(), self.cols());
        Ok(Self(Rectangle {
            grid: coarser,
            row0,
            col0,
            rows,
            cols,
        }))
    }
}

/// Smallest `(first, count)` that holds both.
fn hull(a: (usize, usize), b: (usize, usize)) -> (usize, usize) {
    let first = a.0.min(b.0);
    (first, (a.0 + a.1).max(b.0 + b.1) - first)
}

/// `(first, count)` that both hold.
fn overlap(a: (usize, usize), b: (usize, usize)) -> Option<(usize, usize)> {
    let first = a.0.max(b.0);
    let end = (a.0 + a.1).min(b.0 + b.1);
    (first < end).then(|| (first, end - first))
}

#[cfg(test)]
mod tests;
