//! Known places and corners: projected coordinates and cells worked out with PROJ.

use vadose_grid::{Cell, EaseGrid2, LatLonDeg};

/// The vectors carry at least eight decimals of a metre.
const MAX_PROJECTED_ERR_M: f64 = 1e-7;
/// The vectors carry nine decimals of a degree.
const MAX_COORDINATE_ERR_DEG: f64 = 5.1e-10;

fn at(lon_deg: f64, lat_deg: f64) -> LatLonDeg {
    LatLonDeg { lat_deg, lon_deg }
}

fn cell((col, row): (usize, usize)) -> Cell {
    Cell { row, col }
}

/// 46°46'01" N, 100°55'01" W.
const BISMARCK: LatLonDeg = LatLonDeg {
    lat_deg: 46.0 + 46.0 / 60.0 + 1.0 / 3600.0,
    lon_deg: -(100.0 + 55.0 / 60.0 + 1.0 / 3600.0),
};
const BOULDER: LatLonDeg = LatLonDeg {
    lat_deg: 40.0150,
    lon_deg: -105.2705,
};
const KENDALL: LatLonDeg = LatLonDeg {
    lat_deg: 31.7365,
    lon_deg: -109.9419,
};

#[test]
fn places_project_where_proj_puts_them() {
    use EaseGrid2::{M01, N01, S01};
    for (grid, point, x_m, y_m) in [
        (M01, BISMARCK, -9_737_100.583_730_82, 5_338_100.176_873_315),
        (M01, BOULDER, -10_157_158.965_152, 4_708_558.057_111_735),
        (
            M01,
            at(150.0, -30.0),
            14_472_942.037_634_479,
            -3_658_789.324_855_011_4,
        ),
        (M01, at(0.0, 0.0), 0.0, 0.0),
        (N01, at(0.0, 60.0), 0.0, -3_309_819.551_020_489_5),
        (N01, at(90.0, 60.0), 3_309_819.551_020_489_5, 0.0),
        (S01, at(0.0, -60.0), 0.0, 3_309_819.551_020_489_5),
    ] {
        let projected = grid.project(point).unwrap();
        assert!(
            (projected.x_m - x_m).abs() <= MAX_PROJECTED_ERR_M,
            "{grid} {point:?}"
        );
        assert!(
            (projected.y_m - y_m).abs() <= MAX_PROJECTED_ERR_M,
            "{grid} {point:?}"
        );
    }
}

#[test]
fn places_lie_in_their_known_cells() {
    use EaseGrid2::{M01, M03, M09, M36};
    let grids = [M36, M09, M03, M01];
    for (point, cells) in [
        (BISMARCK, [(211, 54), (847, 219), (2541, 658), (7623, 1974)]),
        (BOULDER, [(200, 72), (800, 289), (2401, 867), (7203, 2603)]),
        (KENDALL, [(187, 96), (750, 384), (2251, 1153), (6753, 3461)]),
    ] {
        for (grid, expected) in grids.into_iter().zip(cells) {
            assert_eq!(grid.locate(point), Ok(cell(expected)), "{grid} {point:?}");
        }
    }
}

#[test]
fn the_first_cell_has_its_known_centre() {
    use EaseGrid2::{M01, M03, M09, M36};
    for (grid, lon_deg, lat_deg) in [
        (M36, -179.813_278_008, 83.631_975_279),
        (M09, -179.953_319_502, 84.656_418_797),
        (M03, -179.984_439_834, 84.911_902_388),
        (M01, -179.994_813_278, 84.999_955_033),
    ] {
        let centre = grid.centre(cell((0, 0))).unwrap();
        assert!(
            (centre.lon_deg - lon_deg).abs() <= MAX_COORDINATE_ERR_DEG,
            "{grid} {centre:?}"
        );
        assert!(
            (centre.lat_deg - lat_deg).abs() <= MAX_COORDINATE_ERR_DEG,
            "{grid} {centre:?}"
        );
    }
}

#[test]
fn the_contiguous_united_states_span_their_known_cells() {
    use EaseGrid2::{M01, M09};
    for (grid, first, last) in [
        (M01, (5302, 1698), (10_989, 4335)),
        (M09, (589, 188), (1221, 481)),
    ] {
        assert_eq!(grid.locate(at(-125.0, 50.0)), Ok(cell(first)), "{grid}");
        assert_eq!(grid.locate(at(-66.0, 24.0)), Ok(cell(last)), "{grid}");
    }
}

#[test]
fn the_global_grids_cover_their_known_latitudes() {
    for (grid, limit_deg) in [
        (EaseGrid2::M01, 85.044_566_4),
        (EaseGrid2::M36, 85.044_566_4),
        (EaseGrid2::M25, 84.439_790),
        (EaseGrid2::M12_5, 84.439_790),
        (EaseGrid2::T25, 67.057_540_6),
    ] {
        let corner = grid.unproject(grid.origin_m()).unwrap();
        assert!(
            (corner.lat_deg - limit_deg).abs() <= 5e-7,
            "{grid} {corner:?}"
        );
        assert!((corner.lon_deg + 180.0).abs() <= 1e-7, "{grid} {corner:?}");
    }
}
