//! Where a granule's arrays lie on the grid, from its own row and column indices.

use ndarray::ArrayView2;
use vadose_grid::{Cell, EaseGrid2, GridError, Window};

/// Which of the two index datasets is damaged, and how.
#[derive(Debug, PartialEq)]
pub(crate) enum PlacementError {
    Rows(String),
    Cols(String),
    Window(GridError),
}

/// The window of a rectangular granule.
///
/// Every index that is present must be the first plus its offset in the array, so that the array
/// is a rectangle of the grid; indices that are missing (NaN) say nothing. Latitudes and longitudes
/// are not used: they are fill in empty cells of some granules.
pub(crate) fn window_of(
    grid: EaseGrid2,
    row_indices: ArrayView2<'_, f64>,
    col_indices: ArrayView2<'_, f64>,
) -> Result<Window, PlacementError> {
    let row0 = origin(row_indices, |(row, _)| row).map_err(PlacementError::Rows)?;
    let col0 = origin(col_indices, |(_, col)| col).map_err(PlacementError::Cols)?;
    let (rows, cols) = row_indices.dim();
    Window::new(grid, row0, col0, rows, cols).map_err(PlacementError::Window)
}

/// The index of the array's first row or column.
fn origin(
    indices: ArrayView2<'_, f64>,
    offset: impl Fn((usize, usize)) -> usize,
) -> Result<usize, String> {
    let mut origin = None;
    for (position, &index) in indices.indexed_iter() {
        if index.is_nan() {
            continue;
        }
        let here = index - offset(position) as f64;
        if here < 0.0 {
            return Err(format!(
                "{index} at {position:?} would begin the array at {here}"
            ));
        }
        let first = *origin.get_or_insert(here);
        if here != first {
            let expected = first + offset(position) as f64;
            return Err(format!(
                "{index} at {position:?}, where a rectangle has {expected}"
            ));
        }
    }
    origin
        .map(|first| first as usize)
        .ok_or_else(|| "every index is missing".to_string())
}

/// The cells of a trajectory.
pub(crate) fn cells_of(
    grid: EaseGrid2,
    row_indices: impl IntoIterator<Item = f64>,
    col_indices: impl IntoIterator<Item = f64>,
) -> Result<Vec<Cell>, PlacementError> {
    let check = |name: &str, position: usize, index: f64, size: usize| {
        if index.is_nan() {
            return Err(format!("the {name} at {position} is missing"));
        }
        if index >= size as f64 {
            return Err(format!(
                "{name} {index} at {position}, but grid {grid} has {size}"
            ));
        }
        Ok(index as usize)
    };
    let pairs = row_indices.into_iter().zip(col_indices).enumerate();
    pairs
        .map(|(position, (row, col))| {
            let row = check("row", position, row, grid.rows()).map_err(PlacementError::Rows)?;
            let col = check("column", position, col, grid.cols()).map_err(PlacementError::Cols)?;
            Ok(Cell { row, col })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn rectangle(row0: usize, col0: usize, shape: (usize, usize)) -> (Array2<f64>, Array2<f64>) {
        let rows = Array2::from_shape_fn(shape, |(row, _)| (row0 + row) as f64);
        let cols = Array2::from_shape_fn(shape, |(_, col)| (col0 + col) as f64);
        (rows, cols)
    }

    #[test]
    fn a_rectangle_is_placed_even_where_most_indices_are_missing() {
        let (mut rows, mut cols) = rectangle(2808, 18198, (5, 7));
        let expected = Window::new(EaseGrid2::M01, 2808, 18198, 5, 7).unwrap();
        assert_eq!(
            window_of(EaseGrid2::M01, rows.view(), cols.view()).unwrap(),
            expected
        );
        for ((row, col), index) in rows.indexed_iter_mut() {
            if (row, col) != (4, 3) {
                *index = f64::NAN;
            }
        }
        cols.column_mut(0).fill(f64::NAN);
        assert_eq!(
            window_of(EaseGrid2::M01, rows.view(), cols.view()).unwrap(),
            expected
        );
    }

    #[test]
    fn a_displaced_index_is_named_with_its_position() {
        let (rows, mut cols) = rectangle(2808, 18198, (5, 7));
        cols[[3, 2]] = 17_000.0;
        let error = window_of(EaseGrid2::M01, rows.view(), cols.view()).unwrap_err();
        let reason = "17000 at (3, 2), where a rectangle has 18200".to_string();
        assert_eq!(error, PlacementError::Cols(reason));
    }

    #[test]
    fn indices_that_are_all_missing_or_off_the_grid_are_refused() {
        let (rows, cols) = rectangle(14_615, 0, (2, 2));
        let error = window_of(EaseGrid2::M01, rows.view(), cols.view()).unwrap_err();
        assert!(matches!(error, PlacementError::Window(_)));
        let missing = Array2::from_elem((2, 2), f64::NAN);
        let error = window_of(EaseGrid2::M01, missing.view(), cols.view()).unwrap_err();
        assert_eq!(
            error,
            PlacementError::Rows("every index is missing".to_string())
        );
    }

    #[test]
    fn an_array_that_would_begin_before_the_grid_is_refused() {
        let (rows, mut cols) = rectangle(0, 0, (2, 2));
        cols[[0, 0]] = f64::NAN;
        cols[[0, 1]] = 0.0;
        let error = window_of(EaseGrid2::M01, rows.view(), cols.view()).unwrap_err();
        let reason = "0 at (0, 1) would begin the array at -1".to_string();
        assert_eq!(error, PlacementError::Cols(reason));
    }

    #[test]
    fn trajectory_cells_must_lie_on_the_grid() {
        let cells = cells_of(EaseGrid2::M36, [405.0, 0.0], [963.0, 1.0]).unwrap();
        assert_eq!(
            cells,
            [Cell { row: 405, col: 963 }, Cell { row: 0, col: 1 }]
        );
        let error = cells_of(EaseGrid2::M36, [0.0], [964.0]).unwrap_err();
        let reason = "column 964 at 0, but grid M36 has 964".to_string();
        assert_eq!(error, PlacementError::Cols(reason));
        let error = cells_of(EaseGrid2::M36, [f64::NAN], [0.0]).unwrap_err();
        assert_eq!(
            error,
            PlacementError::Rows("the row at 0 is missing".to_string())
        );
    }
}
