//! Fields whose value at each cell is known, in every system.

use ndarray::Array2;
use vadose_grid::{EaseGrid2, LatLonDeg, Window};
use vadose_io::IoError;
use vadose_io::raster::{
    Crs, CrsTransform, GeoTiff, Method, Raster, to_window, write_geotiff_by_rows,
};

use crate::{geotransform_near, window_at};

/// Metres in a degree of latitude, to turn errors of position into metres.
const METRES_PER_DEGREE: f64 = 111_000.0;
const PIXEL_M: f64 = 200.0;
/// Half a pixel to the centre of the nearest one, and as much times 1.2 for the shear of the
/// sinusoidal system at 105° W, 40° N: lon · sin(lat).
const MAX_NEAREST_ERR_M: f64 = 1.1 * PIXEL_M;
/// A pixel that is half under the cell counts with the value of its centre: a quarter of a pixel,
/// on at most a fifth of the cell's pixels, on either side with opposite sign.
const MAX_MEAN_ERR_M: f64 = 0.1 * PIXEL_M;
/// f32 degrees near 100 have steps of 0.8 m, and the field curves by millimetres in a pixel.
const MAX_BILINEAR_ERR_M: f64 = 2.0;

/// A raster of one coordinate of its own pixels: 0 longitude, 1 latitude.
fn coordinate_raster(
    path: &std::path::Path,
    crs: &Crs,
    geotransform: [f64; 6],
    shape: (usize, usize),
    which: usize,
) -> Raster {
    let to_degrees = CrsTransform::new(crs, &Crs::Epsg(4326)).unwrap();
    let [x0, dx, _, y0, _, dy] = geotransform;
    let spec = GeoTiff {
        nodata: Some(f64::NAN),
        ..GeoTiff::new(crs.clone(), geotransform)
    };
    write_geotiff_by_rows::<f32, IoError>(path, &spec, shape, |rows, mut part| {
        for (row, mut pixels) in rows.zip(part.rows_mut()) {
            let mut x: Vec<f64> = (0..shape.1)
                .map(|col| x0 + (col as f64 + 0.5) * dx)
                .collect();
            let mut y = vec![y0 + (row as f64 + 0.5) * dy; shape.1];
            to_degrees.transform(&mut x, &mut y);
            for (pixel, value) in pixels.iter_mut().zip(if which == 0 { x } else { y }) {
                *pixel = value as f32;
            }
        }
        Ok(())
    })
    .unwrap();
    Raster::open(path).unwrap()
}

fn centre(window: &Window, row: usize, col: usize) -> LatLonDeg {
    let cell = window.cell_at(row, col).unwrap();
    window.grid().centre(cell).unwrap()
}

/// Largest distance between the values and the cells' own coordinate, metres.
fn error_m(values: &Array2<f32>, window: &Window, which: usize) -> f64 {
    values
        .indexed_iter()
        .map(|((row, col), &value)| {
            assert!(value.is_finite(), "cell {row}, {col} is missing");
            let centre = centre(window, row, col);
            let (expected, metres) = if which == 0 {
                let metres = METRES_PER_DEGREE * centre.lat_deg.to_radians().cos();
                (centre.lon_deg, metres)
            } else {
                (centre.lat_deg, METRES_PER_DEGREE)
            };
            (f64::from(value) - expected).abs() * metres
        })
        .fold(0.0, f64::max)
}

#[test]
fn coordinates_come_out_as_the_cells_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let (lat_deg, lon_deg) = (40.0, -105.3);
    let window = window_at(lat_deg - 0.2, lon_deg + 0.25, 30, 28);
    for (crs, pixel) in [
        (Crs::Epsg(4326), PIXEL_M / METRES_PER_DEGREE),
        (Crs::Epsg(32613), PIXEL_M),
        (Crs::Epsg(6933), PIXEL_M),
        (Crs::modis_sinusoidal(), PIXEL_M),
        (Crs::goode_homolosine(), PIXEL_M),
    ] {
        // The corner far enough out that the shear of the sinusoidal systems stays inside.
        let geotransform = geotransform_near(&crs, lat_deg + 0.3, lon_deg - 1.3, pixel);
        for which in [0, 1] {
            let raster = coordinate_raster(&path, &crs, geotransform, (600, 1050), which);
            for (method, limit_m) in [
                (Method::Nearest, MAX_NEAREST_ERR_M),
                (Method::AreaMean, MAX_MEAN_ERR_M),
                (Method::Bilinear, MAX_BILINEAR_ERR_M),
            ] {
                let result = to_window(&raster, &window, method).unwrap();
                let error = error_m(&result.values, &window, which);
                assert!(error < limit_m, "{crs}, {method:?}, {which}: {error} m");
                let full = result.valid_fraction.iter().all(|&f| f > 0.9999);
                assert!(full, "{crs}, {method:?}");
            }
        }
    }
}

#[test]
fn the_class_that_covers_a_cell_is_its_class() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let window = window_at(40.0, -105.0, 20, 20);
    let class = |row: usize, col: usize| ((row * 5 + col * 3) % 17) as u8;
    let utm = Crs::Epsg(32613);
    let geotransform = geotransform_near(&utm, 40.3, -105.3, PIXEL_M);
    let to_grid = CrsTransform::new(&utm, &Crs::Epsg(6933)).unwrap();
    let origin = window.origin_m();
    let spec = GeoTiff {
        nodata: Some(255.0),
        ..GeoTiff::new(utm, geotransform)
    };
    // Each pixel has the class of the cell under its centre, each fifth is missing.
    write_geotiff_by_rows::<u8, IoError>(&path, &spec, (300, 300), |rows, mut part| {
        for (row, mut pixels) in rows.zip(part.rows_mut()) {
            for (col, pixel) in pixels.iter_mut().enumerate() {
                let (mut x, mut y) = (
                    [geotransform[0] + (col as f64 + 0.5) * PIXEL_M],
                    [geotransform[3] - (row as f64 + 0.5) * PIXEL_M],
                );
                to_grid.transform(&mut x, &mut y);
                let size_m = EaseGrid2::M01.cell_size_m();
                let (row, col) = (
                    ((origin.y_m - y[0]) / size_m).floor(),
                    ((x[0] - origin.x_m) / size_m).floor(),
                );
                let inside = (0.0..20.0).contains(&row) && (0.0..20.0).contains(&col);
                *pixel = if inside && pixel_is_kept(x[0], y[0]) {
                    class(row as usize, col as usize)
                } else {
                    255
                };
            }
        }
        Ok(())
    })
    .unwrap();
    let mode = to_window(&Raster::open(&path).unwrap(), &window, Method::AreaMode).unwrap();
    for ((row, col), &value) in mode.values.indexed_iter() {
        assert_eq!(value, f32::from(class(row, col)), "cell {row}, {col}");
    }
    let mean_fraction = mode.valid_fraction.mean().unwrap();
    assert!((mean_fraction - 0.8).abs() < 0.02, "{mean_fraction}");
}

fn pixel_is_kept(x_m: f64, y_m: f64) -> bool {
    ((x_m / PIXEL_M).floor() as i64 + 2 * (y_m / PIXEL_M).floor() as i64).rem_euclid(5) != 0
}

#[test]
fn the_result_does_not_depend_on_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    // 25 m pixels: a block of 128 rows needs more of them than are read at once.
    let window = window_at(39.0, -104.0, 150, 40);
    let geotransform = {
        let [x, _, _, y, _, _] = window.geotransform();
        [x - 1234.0, 25.0, 0.0, y + 777.0, 0.0, -25.0]
    };
    let spec = GeoTiff::new(Crs::Epsg(6933), geotransform);
    let shape = (6200, 1700);
    write_geotiff_by_rows::<i16, IoError>(&path, &spec, shape, |rows, mut part| {
        for (row, mut pixels) in rows.zip(part.rows_mut()) {
            for (col, pixel) in pixels.iter_mut().enumerate() {
                *pixel = ((row * 7919 + col * 104_729) % 31) as i16;
            }
        }
        Ok(())
    })
    .unwrap();
    let raster = Raster::open(&path).unwrap();
    for method in [Method::AreaMean, Method::AreaMode, Method::Bilinear] {
        let whole = to_window(&raster, &window, method).unwrap();
        for (row, col) in [(0, 0), (60, 3), (127, 39), (128, 20), (149, 39)] {
            let (row0, col0) = (window.row0() + row, window.col0() + col);
            let cell = Window::new(EaseGrid2::M01, row0, col0, 1, 1).unwrap();
            let alone = to_window(&raster, &cell, method).unwrap();
            let (a, b) = (whole.values[[row, col]], alone.values[[0, 0]]);
            assert_eq!(
                a.to_bits(),
                b.to_bits(),
                "{method:?} {row}, {col}: {a} and {b}"
            );
            assert_eq!(
                whole.valid_fraction[[row, col]],
                alone.valid_fraction[[0, 0]]
            );
        }
    }
}

#[test]
fn longitudes_from_0_to_360_go_on_at_greenwich() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let whole_earth = [0.0, 0.25, 0.0, 90.0, 0.0, -0.25];
    let crs = Crs::Epsg(4326);
    let raster = coordinate_raster(&path, &crs, whole_earth, (720, 1440), 1);
    for lon_deg in [0.0, -105.0, 179.5] {
        let window = window_at(45.0, lon_deg, 60, 60);
        for method in [Method::Bilinear, Method::AreaMean] {
            let result = to_window(&raster, &window, method).unwrap();
            assert!(result.valid_fraction.iter().all(|&f| f > 0.9999));
            // The raster is coarser than the cells: interpolated it is exact, as a mean it is off
            // by half a pixel.
            let limit_m = match method {
                Method::Bilinear => MAX_BILINEAR_ERR_M,
                _ => 0.126 * METRES_PER_DEGREE,
            };
            let error = error_m(&result.values, &window, 1);
            assert!(error < limit_m, "{lon_deg}, {method:?}: {error} m");
        }
    }
}

#[test]
fn cells_across_a_gap_of_the_projection_are_missing_and_their_neighbours_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let crs = Crs::goode_homolosine();
    // Goode's northern lobes part at 40° W; in Greenland they are 3,900 km apart.
    let (lat_deg, lon_deg) = (70.0, -40.0);
    let window = window_at(lat_deg, lon_deg, 12, 30);
    let west = geotransform_near(&crs, lat_deg + 0.5, lon_deg - 1.0, 1000.0);
    let east = geotransform_near(&crs, lat_deg + 0.5, lon_deg + 1.0, 1000.0);
    let n_cols = ((east[0] - west[0]) / 1000.0) as usize + 200;
    let raster = coordinate_raster(&path, &crs, west, (140, n_cols), 1);
    let result = to_window(&raster, &window, Method::AreaMean).unwrap();
    let mut n_missing = 0;
    for ((row, col), &value) in result.values.indexed_iter() {
        let centre = centre(&window, row, col);
        if value.is_nan() {
            n_missing += 1;
            assert!((centre.lon_deg - lon_deg).abs() < 0.0104, "{centre:?}");
        } else {
            let error_m = (f64::from(value) - centre.lat_deg).abs() * METRES_PER_DEGREE;
            assert!(error_m < 1000.0, "{centre:?}: {value}");
        }
    }
    assert_eq!(n_missing, 12, "one cell a row");
}
