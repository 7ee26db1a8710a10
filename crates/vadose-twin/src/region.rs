//! Where the twin lies.

use serde::{Deserialize, Serialize};
use vadose_grid::{EaseGrid2, Window};

use crate::TwinError;

/// A rectangle of M01 whose edges lie on multiples of 9, so that 1 km cells nest in 9 km cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// First row, counted from the north.
    pub row0: usize,
    /// First column, counted from 180° W.
    pub col0: usize,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
}

impl Region {
    /// The window.
    ///
    /// # Errors
    /// [`TwinError::Place`] beyond the grid, [`TwinError::NotAligned`] off the multiples of 9.
    pub fn window(&self) -> Result<Window, TwinError> {
        let window = Window::new(EaseGrid2::M01, self.row0, self.col0, self.rows, self.cols)
            .map_err(TwinError::Place)?;
        if window.snapped_outward(9) == window {
            Ok(window)
        } else {
            Err(TwinError::NotAligned { window })
        }
    }
}
