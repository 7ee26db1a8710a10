//! Windows of the 0.1 degree grid.

use super::{CELLS_PER_DEGREE, COLS, ROWS};
use crate::IoError;

/// A part of the globe between two parallels and two meridians, in degrees; it must not cross the
/// antimeridian.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)] // the names say it
pub struct LatLonBox {
    pub south_deg: f64,
    pub north_deg: f64,
    pub west_deg: f64,
    pub east_deg: f64,
}

/// A rectangle of cells of the 0.1 degree grid; row 0 of the grid is northernmost, column 0 begins
/// at 180 degrees west.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ImergWindow {
    row0: usize,
    col0: usize,
    rows: usize,
    cols: usize,
}

impl ImergWindow {
    /// The window of a first row and column and a number of each.
    ///
    /// # Errors
    /// [`IoError::ImergWindow`] if it is empty or reaches beyond the 1800 rows and 3600 columns.
    pub fn new(row0: usize, col0: usize, rows: usize, cols: usize) -> Result<Self, IoError> {
        let fits = |first: usize, number: usize, size: usize| {
            number > 0 && first.checked_add(number).is_some_and(|end| end <= size)
        };
        if fits(row0, rows, ROWS) && fits(col0, cols, COLS) {
            Ok(Self {
                row0,
                col0,
                rows,
                cols,
            })
        } else {
            Err(IoError::ImergWindow {
                window: format!("{rows} x {cols} cells from row {row0}, column {col0}"),
            })
        }
    }

    /// The smallest window that covers a box.
    ///
    /// # Errors
    /// [`IoError::ImergWindow`] for a box that is empty, not finite or not on the globe.
    /// # Examples
    /// ```
    /// use vadose_io::imerg::{ImergWindow, LatLonBox};
    ///
    /// let window = ImergWindow::covering(LatLonBox {
    ///     south_deg: 24.5,
    ///     north_deg: 49.95,
    ///     west_deg: -125.0,
    ///     east_deg: -67.0,
    /// })?;
    /// assert_eq!((window.row0(), window.col0()), (400, 550));
    /// assert_eq!((window.rows(), window.cols()), (255, 580));
    /// # Ok::<(), vadose_io::IoError>(())
    /// ```
    pub fn covering(area: LatLonBox) -> Result<Self, IoError> {
        let refused = || IoError::ImergWindow {
            window: format!("{area:?}"),
        };
        let LatLonBox {
            south_deg,
            north_deg,
            west_deg,
            east_deg,
        } = area;
        let on_globe = (-90.0..north_deg).contains(&south_deg)
            && north_deg <= 90.0
            && (-180.0..east_deg).contains(&west_deg)
            && east_deg <= 180.0;
        if !on_globe {
            return Err(refused());
        }
        let row0 = edge(90.0 - north_deg).floor() as usize;
        let row_end = edge(90.0 - south_deg).ceil() as usize;
        let col0 = edge(west_deg + 180.0).floor() as usize;
        let col_end = edge(east_deg + 180.0).ceil() as usize;
        Self::new(
            row0,
            col0,
            row_end.saturating_sub(row0),
            col_end.saturating_sub(col0),
        )
        .map_err(|_| refused())
    }

    /// First row, counted from the north.
    #[must_use]
    pub fn row0(&self) -> usize {
        self.row0
    }

    /// First column, counted from 180 degrees west.
    #[must_use]
    pub fn col0(&self) -> usize {
        self.col0
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Latitude of the cell centres of a row of the window, degrees.
    #[must_use]
    pub fn latitude_deg(&self, row: usize) -> f64 {
        90.0 - ((self.row0 + row) as f64 + 0.5) / CELLS_PER_DEGREE
    }

    /// Longitude of the cell centres of a column of the window, degrees.
    #[must_use]
    pub fn longitude_deg(&self, col: usize) -> f64 {
        ((self.col0 + col) as f64 + 0.5) / CELLS_PER_DEGREE - 180.0
    }

    /// Position of the southernmost row on the files' latitude axis, which rises.
    pub(super) fn first_latitude_idx(&self) -> usize {
        ROWS - self.row0 - self.rows
    }
}

/// How far a limit may lie beside a cell's edge and still be on it, in cells: what the tenths of a
/// degree lose as binary numbers, and less than a millimetre on the ground.
const EDGE_TOLERANCE_CELLS: f64 = 1e-9;

/// A distance from the grid's origin in cells, whole where it is an edge up to rounding.
fn edge(degrees: f64) -> f64 {
    let cells = degrees * CELLS_PER_DEGREE;
    if (cells - cells.round()).abs() < EDGE_TOLERANCE_CELLS {
        cells.round()
    } else {
        cells
    }
}
