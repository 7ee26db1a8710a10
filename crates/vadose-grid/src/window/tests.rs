//! Claims about windows.

use proptest::prelude::*;

use super::*;

fn any_window(grid: EaseGrid2) -> impl Strategy<Value = Window> {
    (0..grid.rows(), 0..grid.cols(), 1..500_usize, 1..500_usize).prop_map(
        move |(row0, col0, rows, cols)| {
            let (rows, cols) = (rows.min(grid.rows() - row0), cols.min(grid.cols() - col0));
            Window::new(grid, row0, col0, rows, cols).unwrap()
        },
    )
}

#[test]
fn a_window_that_sticks_out_or_is_empty_is_refused() {
    let grid = EaseGrid2::M36;
    for (row0, col0, rows, cols) in [
        (0, 0, 0, 1),
        (0, 0, 1, 0),
        (405, 0, 2, 1),
        (0, 963, 1, 2),
        (406, 0, 1, 1),
        (usize::MAX, 0, 2, 1),
        (0, 1, 1, usize::MAX),
    ] {
        let refused = Window::new(grid, row0, col0, rows, cols).unwrap_err();
        assert_eq!(
            refused,
            GridError::Window {
                grid,
                row0,
                col0,
                rows,
                cols
            }
        );
    }
    assert!(Window::new(grid, 0, 0, 406, 964).is_ok());
}

#[test]
fn conus_is_the_documented_rectangle_of_whole_m09_cells() {
    let conus = Window::conus_m01();
    assert_eq!(
        Window::new(
            EaseGrid2::M01,
            1692,
            5301,
            4337 - 1692 + 1,
            10_997 - 5301 + 1
        ),
        Ok(conus)
    );
    assert_eq!(conus.snapped_outward(9), conus);
    let coarse = conus.coarsened(EaseGrid2::M09).unwrap();
    assert_eq!(Window::new(EaseGrid2::M09, 188, 589, 294, 633), Ok(coarse));
}

#[test]
fn a_whole_grid_window_has_the_geotransform_of_the_grid() {
    for &grid in EaseGrid2::ALL {
        let whole = Window::new(grid, 0, 0, grid.rows(), grid.cols()).unwrap();
        assert_eq!(whole.geotransform(), grid.geotransform());
    }
}

#[test]
fn centres_are_those_of_the_cells() {
    let window = Window::new(EaseGrid2::M09, 188, 589, 3, 4).unwrap();
    for (row, y_m) in window.y_centres_m().into_iter().enumerate() {
        for (col, x_m) in window.x_centres_m().into_iter().enumerate() {
            let centre = window
                .grid()
                .centre_m(window.cell_at(row, col).unwrap())
                .unwrap();
            assert_eq!((centre.x_m, centre.y_m), (x_m, y_m));
        }
    }
}

#[test]
fn windows_of_different_grids_do_not_mix() {
    let fine = Window::new(EaseGrid2::M09, 0, 0, 4, 4).unwrap();
    let coarse = Window::new(EaseGrid2::M36, 0, 0, 1, 1).unwrap();
    assert_eq!(fine.intersection(&coarse), None);
    let refused = fine.union(&coarse).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the window is of grid M36, expected M09"
    );
    assert!(matches!(
        fine.coarsened(EaseGrid2::M25),
        Err(GridError::NotNested { .. })
    ));
}

#[test]
fn snapping_is_clipped_at_the_edge_of_the_grid() {
    // 14,616 rows are 50 times 288 and 216 more.
    let corner = Window::new(EaseGrid2::M01, 14_600, 34_700, 16, 4).unwrap();
    let snapped = corner.snapped_outward(288);
    assert_eq!((snapped.row0(), snapped.rows()), (14_400, 216));
    assert_eq!((snapped.col0(), snapped.cols()), (34_560, 144));
    assert_eq!(corner.snapped_outward(0), corner);
    assert_eq!(corner.snapped_outward(usize::MAX).shape(), (14_616, 34_704));
}

#[test]
fn a_window_is_written_with_plain_names_and_checked_when_read() {
    let json = r#"{"grid":"M12.5","row0":1,"col0":2,"rows":3,"cols":4}"#;
    let window = Window::new(EaseGrid2::M12_5, 1, 2, 3, 4).unwrap();
    assert_eq!(serde_json::to_string(&window).unwrap(), json);
    assert_eq!(serde_json::from_str::<Window>(json).unwrap(), window);
    let empty = json.replace(r#""rows":3"#, r#""rows":0"#);
    assert!(
        serde_json::from_str::<Window>(&empty)
            .unwrap_err()
            .to_string()
            .contains("is empty")
    );
}

#[test]
fn every_grid_is_written_as_its_name() {
    for &grid in EaseGrid2::ALL {
        assert_eq!(serde_json::to_string(&grid).unwrap(), format!("\"{grid}\""));
    }
}

proptest! {
    #[test]
    fn offsets_and_cells_are_inverse(
        window in any_window(EaseGrid2::M09),
        row in 0..600_usize,
        col in 0..600_usize,
    ) {
        match window.cell_at(row, col) {
            Some(cell) => prop_assert_eq!(window.offset_of(cell), Some((row, col))),
            None => prop_assert!(row >= window.rows() || col >= window.cols()),
        }
    }

    #[test]
    fn the_union_holds_both_and_the_intersection_is_held_by_both(
        a in any_window(EaseGrid2::N36),
        b in any_window(EaseGrid2::N36),
    ) {
        let union = a.union(&b).unwrap();
        prop_assert_eq!(union.intersection(&a), Some(a));
        prop_assert_eq!(union.intersection(&b), Some(b));
        prop_assert_eq!(a.intersection(&b), b.intersection(&a));
        if let Some(both) = a.intersection(&b) {
            prop_assert_eq!(both.union(&a), Ok(a));
            prop_assert_eq!(both.union(&b), Ok(b));
        }
    }

    #[test]
    fn snapping_covers_the_window_with_whole_blocks(
        window in any_window(EaseGrid2::M01),
        multiple in 1..300_usize,
    ) {
        let grid = window.grid();
        let snapped = window.snapped_outward(multiple);
        prop_assert_eq!(snapped.intersection(&window), Some(window));
        prop_assert!(snapped.row0().is_multiple_of(multiple));
        prop_assert!(snapped.col0().is_multiple_of(multiple));
        let (row_end, col_end) =
            (snapped.row0() + snapped.rows(), snapped.col0() + snapped.cols());
        prop_assert!(row_end.is_multiple_of(multiple) || row_end == grid.rows());
        prop_assert!(col_end.is_multiple_of(multiple) || col_end == grid.cols());
        prop_assert!(window.row0() - snapped.row0() < multiple);
    }

    #[test]
    fn a_coarsened_window_holds_the_parents_and_nothing_else(window in any_window(EaseGrid2::M01)) {
        let coarse = window.coarsened(EaseGrid2::M36).unwrap();
        let parent = |cell: Cell| EaseGrid2::M01.parent(cell, EaseGrid2::M36).unwrap();
        let first = parent(window.cell_at(0, 0).unwrap());
        let last = parent(window.cell_at(window.rows() - 1, window.cols() - 1).unwrap());
        prop_assert_eq!(coarse.offset_of(first), Some((0, 0)));
        prop_assert_eq!(coarse.offset_of(last), Some((coarse.rows() - 1, coarse.cols() - 1)));
    }
}
