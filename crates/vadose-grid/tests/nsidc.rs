//! NSIDC's own numbers: grid definitions and cell centres.

mod table;

use table::{number, rows};
use vadose_grid::{Cell, EaseGrid2};

const PARAMETERS: &str = include_str!("golden/grid_parameters/values.csv");
const M36_COORDINATES: &str = include_str!("golden/m36_coordinates/values.csv");

/// Longitudes: NSIDC's eccentricity has 12 digits.
const MAX_LON_ERR_DEG: f64 = 1e-11;
/// Latitudes: NSIDC inverts by Snyder's series of three terms, which errs by up to 1.42e-8.
const MAX_LAT_ERR_DEG: f64 = 1.5e-8;
/// Latitudes by that same series.
const MAX_SERIES_LAT_ERR_DEG: f64 = 1e-10;

#[test]
fn the_grids_have_nsidc_s_parameters() {
    let mut count = 0;
    for row in rows(PARAMETERS) {
        let grid: EaseGrid2 = row[1].parse().unwrap();
        assert_eq!(grid.nsidc_name(), row[1]);
        assert_eq!(
            (grid.cols() as f64, grid.rows() as f64),
            (number(row[2]), number(row[3]))
        );
        if !row[4].is_empty() {
            assert_eq!(grid.cell_size_m(), number(row[4]), "{grid}");
        }
        if !row[5].is_empty() {
            let origin = grid.origin_m();
            assert_eq!(
                (origin.x_m, origin.y_m),
                (number(row[5]), number(row[6])),
                "{grid}"
            );
        }
        count += 1;
    }
    // 4 definitions, and all grids but T25 in the list.
    assert_eq!(count, 4 + EaseGrid2::ALL.len() - 1);
}

#[test]
fn the_m36_cell_centres_are_nsidc_s() {
    let mut count = 0;
    for row in rows(M36_COORDINATES) {
        let index: usize = row[1].parse().unwrap();
        let expected_deg = number(row[2]);
        // A row has one latitude in every column, a column one longitude in every row.
        for other in [0, 200, 405] {
            let (got_deg, max_err_deg) = match row[0] {
                "row" => {
                    let centre = EaseGrid2::M36.centre(Cell {
                        row: index,
                        col: other,
                    });
                    (centre.unwrap().lat_deg, MAX_LAT_ERR_DEG)
                }
                _ => {
                    let centre = EaseGrid2::M36.centre(Cell {
                        row: other,
                        col: index,
                    });
                    (centre.unwrap().lon_deg, MAX_LON_ERR_DEG)
                }
            };
            let err_deg = (got_deg - expected_deg).abs();
            assert!(err_deg <= max_err_deg, "{row:?}: {err_deg} deg");
        }
        count += 1;
    }
    assert_eq!(count, 406 + 964);
}

/// What separates the two is NSIDC's series and nothing else.
#[test]
fn by_snyder_s_series_the_m36_latitudes_are_nsidc_s() {
    for row in rows(M36_COORDINATES).filter(|row| row[0] == "row") {
        let index: usize = row[1].parse().unwrap();
        let y_m = EaseGrid2::M36
            .centre_m(Cell { row: index, col: 0 })
            .unwrap()
            .y_m;
        let err_deg = (latitude_by_series_deg(y_m) - number(row[2])).abs();
        assert!(err_deg <= MAX_SERIES_LAT_ERR_DEG, "{row:?}: {err_deg} deg");
    }
}

/// Snyder (1987), eqs. 10-26 and 3-18.
fn latitude_by_series_deg(y_m: f64) -> f64 {
    let e2: f64 = 0.081_819_190_843 * 0.081_819_190_843;
    let e = e2.sqrt();
    let q_pole = (1.0 - e2) * (1.0 / (1.0 - e2) + e.atanh() / e);
    let scale = (3.0 / (4.0 - e2)).sqrt();
    let beta = (2.0 * y_m * scale / (6_378_137.0 * q_pole)).asin();
    let latitude = beta
        + (e2 / 3.0 + 31.0 * e2 * e2 / 180.0 + 517.0 * e2 * e2 * e2 / 5040.0) * (2.0 * beta).sin()
        + (23.0 * e2 * e2 / 360.0 + 251.0 * e2 * e2 * e2 / 3780.0) * (4.0 * beta).sin()
        + 761.0 * e2 * e2 * e2 / 45_360.0 * (6.0 * beta).sin();
    latitude.to_degrees()
}
