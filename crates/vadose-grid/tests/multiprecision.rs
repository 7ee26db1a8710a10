//! Projection against multiprecision coordinates, up to the poles.

mod table;

use table::{number, rows};
use vadose_grid::{EaseGrid2, LatLonDeg, ProjectedM};

const POLAR: &str = include_str!("golden/polar/values.csv");
const CYLINDRICAL: &str = include_str!("golden/cylindrical/values.csv");

/// Error of a polar coordinate as a share of the distance from the pole: 5 units in the last place.
const MAX_POLAR_FORWARD_ERR: f64 = 5.0 * f64::EPSILON;
/// Error of a cylindrical coordinate: about 3 units in the last place of the largest.
const MAX_CYLINDRICAL_FORWARD_ERR_M: f64 = 5e-9;
/// Error of the inverse in the hemisphere of the map, and of an M grid within its rows: a few
/// units in the last place of 180.
const MAX_INVERSE_ERR_DEG: f64 = 1e-13;

struct Golden {
    grid: EaseGrid2,
    geographic: LatLonDeg,
    projected: ProjectedM,
}

fn golden(text: &'static str) -> impl Iterator<Item = Golden> {
    rows(text).map(|row| Golden {
        grid: match row[0] {
            "6933" => EaseGrid2::M01,
            "6931" => EaseGrid2::N01,
            "6932" => EaseGrid2::S01,
            epsg => panic!("unexpected EPSG code {epsg}"),
        },
        geographic: LatLonDeg {
            lat_deg: number(row[1]),
            lon_deg: number(row[2]),
        },
        projected: ProjectedM {
            x_m: number(row[3]),
            y_m: number(row[4]),
        },
    })
}

fn distance_m(a: ProjectedM, b: ProjectedM) -> f64 {
    (a.x_m - b.x_m).hypot(a.y_m - b.y_m)
}

#[test]
fn the_polar_projection_keeps_every_digit_to_the_pole() {
    let mut count = 0;
    for Golden {
        grid,
        geographic,
        projected,
    } in golden(POLAR)
    {
        let err_m = distance_m(grid.project(geographic).unwrap(), projected);
        let radius_m = projected.x_m.hypot(projected.y_m);
        assert!(
            err_m <= MAX_POLAR_FORWARD_ERR * radius_m,
            "{grid} {geographic:?}: {err_m} m"
        );
        count += 1;
    }
    assert_eq!(count, 2 * 2 * 53);
}

#[test]
fn the_polar_inverse_finds_the_latitude_to_the_last_digit() {
    for Golden {
        grid,
        geographic,
        projected,
    } in golden(POLAR)
    {
        let towards_pole_deg = if grid == EaseGrid2::N01 {
            geographic.lat_deg
        } else {
            -geographic.lat_deg
        };
        if towards_pole_deg < 0.0 {
            continue;
        }
        let found = grid.unproject(projected).unwrap();
        let err_deg = (found.lat_deg - geographic.lat_deg).abs();
        assert!(
            err_deg <= MAX_INVERSE_ERR_DEG,
            "{grid} {geographic:?}: {err_deg} deg"
        );
        if towards_pole_deg < 90.0 {
            let turn_deg = (found.lon_deg - geographic.lon_deg).rem_euclid(360.0);
            let err_deg = turn_deg.min(360.0 - turn_deg);
            assert!(
                err_deg <= MAX_INVERSE_ERR_DEG,
                "{grid} {geographic:?}: {err_deg} deg"
            );
        }
    }
}

#[test]
fn the_cylindrical_projection_is_exact_to_rounding() {
    let mut count = 0;
    for Golden {
        grid,
        geographic,
        projected,
    } in golden(CYLINDRICAL)
    {
        let err_m = distance_m(grid.project(geographic).unwrap(), projected);
        assert!(
            err_m <= MAX_CYLINDRICAL_FORWARD_ERR_M,
            "{geographic:?}: {err_m} m"
        );
        if geographic.lat_deg.abs() < 85.1 {
            let found = grid.unproject(projected).unwrap();
            let err_deg = (found.lat_deg - geographic.lat_deg)
                .abs()
                .max((found.lon_deg - geographic.lon_deg).abs());
            assert!(
                err_deg <= MAX_INVERSE_ERR_DEG,
                "{geographic:?}: {err_deg} deg"
            );
        }
        count += 1;
    }
    assert_eq!(count, 59);
}
