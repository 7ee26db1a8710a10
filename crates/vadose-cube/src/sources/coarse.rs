//! Maps on M09 that are held for a window, and the parts of them that blocks need.

use ndarray::Array2;
use vadose_grid::{EaseGrid2, Window};
use vadose_scene::COARSE_FACTOR;

use crate::CubeError;

/// The M09 cells that nest in a window of M01.
pub(super) fn coarse_window(window: &Window) -> Result<Window, CubeError> {
    Ok(window.coarsened(EaseGrid2::M09)?)
}

/// Where the M09 cells of a block lie in the maps of the window.
pub(super) struct CoarsePart {
    row0: usize,
    col0: usize,
    shape: (usize, usize),
}

impl CoarsePart {
    /// `held` is the window of the maps, on M09; `block` lies on M01.
    pub(super) fn new(held: &Window, block: &Window) -> Result<Self, CubeError> {
        let part = coarse_window(block)?;
        let place = part.cell_at(0, 0).and_then(|cell| held.offset_of(cell));
        let (row0, col0) = place.expect("a block lies in the window");
        Ok(Self {
            row0,
            col0,
            shape: part.shape(),
        })
    }

    /// The part as it is, `[row, col]` on M09.
    pub(super) fn of(&self, map: &Array2<f32>) -> Array2<f32> {
        Array2::from_shape_fn(self.shape, |(row, col)| {
            map[[self.row0 + row, self.col0 + col]]
        })
    }

    /// The part on M01: each value in the 81 cells that nest in its own.
    pub(super) fn nested(&self, map: &Array2<f32>) -> Array2<f32> {
        let (rows, cols) = self.shape;
        let shape = (rows * COARSE_FACTOR, cols * COARSE_FACTOR);
        Array2::from_shape_fn(shape, |(row, col)| {
            let (row, col) = (row / COARSE_FACTOR, col / COARSE_FACTOR);
            map[[self.row0 + row, self.col0 + col]]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_gets_the_values_of_the_cells_that_hold_it() {
        let window = Window::new(EaseGrid2::M01, 1800, 2700, 36, 45).unwrap();
        let held = coarse_window(&window).unwrap();
        let map = Array2::from_shape_fn(held.shape(), |(row, col)| (10 * row + col) as f32);
        let block = Window::new(EaseGrid2::M01, 1818, 2727, 18, 9).unwrap();
        let part = CoarsePart::new(&held, &block).unwrap();
        assert_eq!(part.of(&map), ndarray::arr2(&[[23.0], [33.0]]));
        let fine = part.nested(&map);
        assert_eq!(fine.dim(), block.shape());
        assert_eq!((fine[[8, 8]], fine[[9, 0]]), (23.0, 33.0));
    }
}
