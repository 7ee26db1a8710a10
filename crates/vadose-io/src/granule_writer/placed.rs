//! What follows from the placement of a group's cells: shapes, indices, coordinates.

use ndarray::{Array1, Array2};
use vadose_grid::{Cell, EaseGrid2, Window};

use super::contents::{Placement, Values};
use crate::schema::{CellNames, GroupSpec, Kind, Layout, VariableSpec};

/// The cells of a group in its arrays.
pub(super) struct Placed {
    /// Shape of the arrays in the file, without the axis of several values for a cell.
    pub(super) shape: Vec<usize>,
    /// First row and column of the window in arrays of the whole grid; none in others.
    pub(super) origin: Option<[usize; 2]>,
    names: CellNames,
    /// Row, column, latitude and longitude of the cells.
    coordinates: [Values; 4],
}

impl Placed {
    /// Of a placement that fits the group.
    pub(super) fn new(spec: &GroupSpec, placement: &Placement) -> Self {
        match placement {
            Placement::Rectangle(window) => {
                let whole_grid = matches!(spec.layout, Layout::WholeGrid { .. });
                let (rows, cols) = match whole_grid {
                    true => (spec.grid.rows(), spec.grid.cols()),
                    false => window.shape(),
                };
                Self {
                    shape: vec![rows, cols],
                    origin: whole_grid.then(|| [window.row0(), window.col0()]),
                    names: spec.cells,
                    coordinates: of_window(window),
                }
            }
            Placement::Trajectory(cells) => Self {
                shape: vec![cells.len()],
                origin: None,
                names: spec.cells,
                coordinates: of_cells(spec.grid, cells),
            },
        }
    }

    /// The values of a dataset that says where the cells are.
    pub(super) fn values_of(&self, variable: &VariableSpec) -> Option<&Values> {
        let [rows, cols, latitudes, longitudes] = &self.coordinates;
        match variable.kind {
            Kind::CellIndex if variable.base == self.names.row => Some(rows),
            Kind::CellIndex => Some(cols),
            Kind::CellCentre if variable.base == self.names.latitude => Some(latitudes),
            Kind::CellCentre => Some(longitudes),
            _ => None,
        }
    }
}

/// Row and column of a cell as SMAP stores them. No grid of SMAP has more than 65 535.
fn indices(cell: Cell) -> [u16; 2] {
    [cell.row, cell.col].map(|index| u16::try_from(index).expect("grids of SMAP count in 16 bits"))
}

fn centre(grid: EaseGrid2, cell: Cell) -> [f32; 2] {
    let centre = grid.centre(cell).expect("placements are checked");
    [centre.lat_deg as f32, centre.lon_deg as f32]
}

fn of_cells(grid: EaseGrid2, cells: &[Cell]) -> [Values; 4] {
    let index = |axis: usize| -> Array1<u16> { cells.iter().map(|&c| indices(c)[axis]).collect() };
    let centres: Vec<_> = cells.iter().map(|&cell| centre(grid, cell)).collect();
    let degrees = |axis: usize| -> Array1<f32> { centres.iter().map(|c| c[axis]).collect() };
    [
        index(0).into(),
        index(1).into(),
        degrees(0).into(),
        degrees(1).into(),
    ]
}

fn of_window(window: &Window) -> [Values; 4] {
    let cell = |(row, col)| Cell {
        row: window.row0() + row,
        col: window.col0() + col,
    };
    let index = |axis: usize| Array2::from_shape_fn(window.shape(), |at| indices(cell(at))[axis]);
    let [latitudes, longitudes] = centres(window);
    [
        index(0).into(),
        index(1).into(),
        latitudes.into(),
        longitudes.into(),
    ]
}

/// Latitudes and longitudes of a window's cells, degrees.
pub(super) fn centres(window: &Window) -> [Array2<f32>; 2] {
    let (rows, cols) = window.shape();
    let at = |(row, col)| {
        let cell = Cell {
            row: window.row0() + row,
            col: window.col0() + col,
        };
        centre(window.grid(), cell)
    };
    if window.grid().epsg() != CYLINDRICAL_EPSG {
        return [0, 1].map(|axis| Array2::from_shape_fn(window.shape(), |cell| at(cell)[axis]));
    }
    // A row has one latitude and a column one longitude.
    let latitudes: Vec<f32> = (0..rows).map(|row| at((row, 0))[0]).collect();
    let longitudes: Vec<f32> = (0..cols).map(|col| at((0, col))[1]).collect();
    [
        Array2::from_shape_fn(window.shape(), |(row, _)| latitudes[row]),
        Array2::from_shape_fn(window.shape(), |(_, col)| longitudes[col]),
    ]
}

/// The global, cylindrical projection of EASE-Grid 2.0.
const CYLINDRICAL_EPSG: u16 = 6933;
