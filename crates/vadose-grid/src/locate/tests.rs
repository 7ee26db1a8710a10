//! Corners and properties of projection and location.

use proptest::prelude::*;

use super::*;

/// Own round trip of a coordinate, degrees: a tenth of a millimetre on the ground.
const MAX_ROUND_TRIP_ERR_DEG: f64 = 1e-9;
/// Nearer to a pole of an M grid, or to the antipode of an N or S grid, the last bit of the
/// projected metre is worth more than that.
const SQUEEZED_LIMIT_DEG: f64 = 89.95;

fn at(lat_deg: f64, lon_deg: f64) -> LatLonDeg {
    LatLonDeg { lat_deg, lon_deg }
}

fn any_grid() -> impl Strategy<Value = EaseGrid2> {
    prop::sample::select(EaseGrid2::ALL)
}

fn nested_pair() -> impl Strategy<Value = (EaseGrid2, EaseGrid2)> {
    let pairs = EaseGrid2::ALL
        .iter()
        .flat_map(|&fine| EaseGrid2::ALL.iter().map(move |&c| (fine, c)));
    let nested: Vec<_> = pairs
        .filter(|(fine, coarse)| fine.nesting_factor(*coarse).is_some())
        .collect();
    prop::sample::select(nested)
}

fn is_cylindrical(grid: EaseGrid2) -> bool {
    grid.epsg() == 6933
}

fn is_squeezed(grid: EaseGrid2, lat_deg: f64) -> bool {
    match grid.epsg() {
        6933 => lat_deg.abs() > SQUEEZED_LIMIT_DEG,
        6931 => lat_deg < -SQUEEZED_LIMIT_DEG,
        _ => lat_deg > SQUEEZED_LIMIT_DEG,
    }
}

fn round_trip_err_deg(grid: EaseGrid2, point: LatLonDeg) -> f64 {
    let back = grid.unproject(grid.project(point).unwrap()).unwrap();
    let turn_deg = (back.lon_deg - point.lon_deg).rem_euclid(360.0);
    let lon_err_deg = turn_deg.min(360.0 - turn_deg);
    (back.lat_deg - point.lat_deg).abs().max(lon_err_deg)
}

#[test]
fn the_whole_globe_round_trips() {
    for grid in [EaseGrid2::M01, EaseGrid2::N01, EaseGrid2::S01] {
        // Every hundredth of a degree of latitude, and ever closer to the poles.
        let even = (-8999..=8999).map(|n| f64::from(n) * 0.01);
        let polar = (1..=1300).map(|n| 90.0 - 10.0_f64.powf(f64::from(n) * -0.01));
        let lats = even
            .chain(polar.clone())
            .chain(polar.map(|lat_deg| -lat_deg));
        for (n, lat_deg) in lats
            .filter(|&lat_deg| !is_squeezed(grid, lat_deg))
            .enumerate()
        {
            let lon_deg = (n as f64 * 137.507_764).rem_euclid(360.0) - 180.0;
            let err_deg = round_trip_err_deg(grid, at(lat_deg, lon_deg));
            assert!(
                err_deg <= MAX_ROUND_TRIP_ERR_DEG,
                "{grid} {lat_deg} {lon_deg}: {err_deg}"
            );
        }
    }
}

#[test]
fn both_sides_of_the_antimeridian_are_column_0() {
    for &grid in EaseGrid2::ALL.iter().filter(|&&grid| is_cylindrical(grid)) {
        for lat_deg in [-60.0, 0.0, 33.3] {
            let row = grid.locate(at(lat_deg, 0.0)).unwrap().row;
            for lon_deg in [-180.0, 180.0] {
                assert_eq!(
                    grid.locate(at(lat_deg, lon_deg)),
                    Ok(Cell { row, col: 0 }),
                    "{grid}"
                );
            }
            let east = grid.locate(at(lat_deg, 180.0 - 1e-6)).unwrap();
            assert_eq!(
                east,
                Cell {
                    row,
                    col: grid.cols() - 1
                },
                "{grid}"
            );
        }
        assert!(grid.project(at(0.0, 180.0)).unwrap().x_m > 0.0);
        assert!(grid.project(at(0.0, -180.0)).unwrap().x_m < 0.0);
    }
}

#[test]
fn longitudes_beyond_half_a_turn_are_normalised() {
    for &grid in EaseGrid2::ALL {
        for (given_deg, normal_deg) in [
            (190.0, -170.0),
            (-190.0, 170.0),
            (360.0, 0.0),
            (254.5, -105.5),
        ] {
            assert_eq!(
                grid.project(at(40.0, given_deg)),
                grid.project(at(40.0, normal_deg))
            );
        }
    }
}

#[test]
fn what_is_no_coordinate_is_refused() {
    for &grid in EaseGrid2::ALL {
        for lat_deg in [f64::NAN, f64::INFINITY, 90.000_001, -91.0, 4e6] {
            let refused = grid.project(at(lat_deg, 0.0)).unwrap_err();
            assert!(
                matches!(refused, GridError::Latitude { .. }),
                "{grid} {lat_deg}"
            );
        }
        for lon_deg in [f64::NAN, f64::NEG_INFINITY, 360.000_001, -9.7e6] {
            let refused = grid.locate(at(10.0, lon_deg)).unwrap_err();
            assert!(
                matches!(refused, GridError::Longitude { .. }),
                "{grid} {lon_deg}"
            );
        }
        for (x_m, y_m) in [
            (f64::NAN, 0.0),
            (0.0, f64::NAN),
            (f64::INFINITY, 0.0),
            (0.0, 1.4e7),
            (2e7, 0.0),
        ] {
            let point = ProjectedM { x_m, y_m };
            assert!(
                matches!(
                    grid.unproject(point),
                    Err(GridError::OutsideProjection { .. })
                ),
                "{grid} {point:?}"
            );
            assert!(
                matches!(
                    grid.locate_m(point),
                    Err(GridError::ProjectedOutsideGrid { .. })
                ),
                "{grid} {point:?}"
            );
        }
        let beyond = Cell {
            row: grid.rows(),
            col: 0,
        };
        assert!(matches!(
            grid.centre(beyond),
            Err(GridError::CellOutsideGrid { .. })
        ));
    }
}

#[test]
fn the_m_grids_end_at_85_degrees() {
    use EaseGrid2::*;
    for (grid, last_deg, first_outside_deg) in [
        (M01, 85.044_566_4, 85.044_566_5),
        (M03, 85.044_566_4, 85.044_566_5),
        (M09, 85.044_566_4, 85.044_566_5),
        (M36, 85.044_566_4, 85.044_566_5),
        (M12_5, 84.439_790_2, 84.439_790_3),
        (M25, 84.439_790_2, 84.439_790_3),
        (T25, 67.057_540_5, 67.057_540_6),
    ] {
        assert_eq!(grid.locate(at(last_deg, 0.0)).unwrap().row, 0, "{grid}");
        assert_eq!(
            grid.locate(at(-last_deg, 0.0)).unwrap().row,
            grid.rows() - 1,
            "{grid}"
        );
        for lat_deg in [first_outside_deg, -first_outside_deg, 90.0, -90.0] {
            let refused = grid.locate(at(lat_deg, 0.0)).unwrap_err();
            assert!(
                matches!(refused, GridError::PointOutsideGrid { .. }),
                "{grid} {lat_deg}"
            );
        }
    }
    let message = M01.locate(at(86.0, 12.0)).unwrap_err().to_string();
    assert_eq!(
        message,
        "latitude 86 deg, longitude 12 deg lies outside grid M01, \
         which covers latitudes -85.0445664 to 85.0445664 deg"
    );
}

#[test]
fn the_pole_is_where_the_four_middle_cells_meet() {
    for &grid in EaseGrid2::ALL.iter().filter(|&&grid| !is_cylindrical(grid)) {
        let lat_deg = if grid.epsg() == 6931 { 90.0 } else { -90.0 };
        let middle = grid.rows() / 2;
        for lon_deg in [-180.0, -77.7, 0.0, 90.0] {
            let cell = grid.locate(at(lat_deg, lon_deg)).unwrap();
            assert_eq!(
                cell,
                Cell {
                    row: middle,
                    col: middle
                },
                "{grid}"
            );
        }
        let origin = grid.unproject(ProjectedM { x_m: 0.0, y_m: 0.0 });
        assert_eq!(origin, Ok(at(lat_deg, 0.0)), "{grid}");
        assert!(grid.locate(at(-lat_deg, 0.0)).is_err(), "{grid}");
    }
}

#[test]
fn the_outer_edges_belong_to_the_grid() {
    for &grid in EaseGrid2::ALL {
        let corner = grid.origin_m();
        assert_eq!(grid.locate_m(corner), Ok(Cell { row: 0, col: 0 }), "{grid}");
        let bottom = ProjectedM {
            x_m: corner.x_m,
            y_m: -corner.y_m,
        };
        assert_eq!(
            grid.locate_m(bottom),
            Ok(Cell {
                row: grid.rows() - 1,
                col: 0
            }),
            "{grid}"
        );
        let beyond = ProjectedM {
            x_m: 0.0,
            y_m: corner.y_m + 1e-3,
        };
        assert!(grid.locate_m(beyond).is_err(), "{grid}");
    }
}

#[test]
fn the_first_and_last_cells_round_trip() {
    for &grid in EaseGrid2::ALL {
        for row in [0, 1, grid.rows() / 2, grid.rows() - 1] {
            for col in [0, 1, grid.cols() / 2, grid.cols() - 1] {
                let cell = Cell { row, col };
                assert_eq!(
                    grid.locate_m(grid.centre_m(cell).unwrap()),
                    Ok(cell),
                    "{grid}"
                );
                assert_eq!(grid.locate(grid.centre(cell).unwrap()), Ok(cell), "{grid}");
            }
        }
    }
}

proptest! {
    #[test]
    fn a_coordinate_round_trips(
        grid in any_grid(),
        lat_deg in -90.0..=90.0_f64,
        lon_deg in -180.0..=180.0_f64,
    ) {
        prop_assume!(!is_squeezed(grid, lat_deg));
        prop_assert!(round_trip_err_deg(grid, at(lat_deg, lon_deg)) <= MAX_ROUND_TRIP_ERR_DEG);
    }

    #[test]
    fn cell_of_centre_round_trips(grid in any_grid(), u in 0.0..1.0_f64, v in 0.0..1.0_f64) {
        let cell = Cell {
            row: (u * grid.rows() as f64) as usize,
            col: (v * grid.cols() as f64) as usize,
        };
        prop_assert_eq!(grid.locate_m(grid.centre_m(cell).unwrap()), Ok(cell));
        prop_assert_eq!(grid.locate(grid.centre(cell).unwrap()), Ok(cell));
    }

    #[test]
    fn the_parent_is_the_cell_on_the_coarser_grid(
        (fine, coarse) in nested_pair(),
        u in 0.0..=1.0_f64,
        v in 0.0..=1.0_f64,
    ) {
        let corner = fine.origin_m();
        let point = ProjectedM {
            x_m: corner.x_m * (1.0 - 2.0 * u),
            y_m: corner.y_m * (1.0 - 2.0 * v),
        };
        let cell = fine.locate_m(point).unwrap();
        prop_assert_eq!(fine.parent(cell, coarse), coarse.locate_m(point));
    }

    /// Rounding decides the side of an edge; it must decide alike on every grid of a family.
    #[test]
    fn grids_agree_about_shared_edges(
        row in 0..406_usize,
        col in 0..964_usize,
        nudge_m in -1e-8..1e-8_f64,
    ) {
        let origin = EaseGrid2::M36.origin_m();
        let size_m = EaseGrid2::M36.cell_size_m();
        let point = ProjectedM {
            x_m: origin.x_m + col as f64 * size_m + nudge_m,
            y_m: origin.y_m - row as f64 * size_m - nudge_m,
        };
        let fine = EaseGrid2::M01.locate_m(point).unwrap();
        for coarse in [EaseGrid2::M03, EaseGrid2::M09, EaseGrid2::M36] {
            prop_assert_eq!(EaseGrid2::M01.parent(fine, coarse), coarse.locate_m(point));
        }
    }

    #[test]
    fn a_point_lies_within_half_a_cell_of_its_centre(
        grid in any_grid(),
        lat_deg in -90.0..=90.0_f64,
        lon_deg in -180.0..180.0_f64,
    ) {
        let Ok(cell) = grid.locate(at(lat_deg, lon_deg)) else { return Ok(()) };
        let point = grid.project(at(lat_deg, lon_deg)).unwrap();
        let centre = grid.centre_m(cell).unwrap();
        // Besides rounding, the 5 mm that the 25 km family lacks at the antimeridian.
        let reach_m = 0.5 * grid.cell_size_m() + 0.01;
        prop_assert!((point.x_m - centre.x_m).abs() <= reach_m, "{grid}");
        prop_assert!((point.y_m - centre.y_m).abs() <= reach_m, "{grid}");
    }
}
