//! Rasters in many coordinate reference systems: written, read, and brought onto the grid.
#![cfg(feature = "gdal")]
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]

mod geotiff;
mod on_the_grid;
mod real_rasters;

use std::path::{Path, PathBuf};

use vadose_grid::{EaseGrid2, LatLonDeg, Window};
use vadose_io::raster::{Crs, CrsTransform};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/data/rasters")
        .join(name)
}

/// Cells of M01 around a point.
fn window_at(lat_deg: f64, lon_deg: f64, rows: usize, cols: usize) -> Window {
    let cell = EaseGrid2::M01
        .locate(LatLonDeg { lat_deg, lon_deg })
        .unwrap();
    Window::new(
        EaseGrid2::M01,
        cell.row - rows / 2,
        cell.col - cols / 2,
        rows,
        cols,
    )
    .unwrap()
}

/// A geotransform with square pixels whose upper left corner is near a point.
fn geotransform_near(crs: &Crs, lat_deg: f64, lon_deg: f64, pixel: f64) -> [f64; 6] {
    let (mut x, mut y) = ([lon_deg], [lat_deg]);
    let there = CrsTransform::new(&Crs::Epsg(4326), crs).unwrap();
    there.transform(&mut x, &mut y);
    [x[0], pixel, 0.0, y[0], 0.0, -pixel]
}

/// What a refusal says.
fn message<T: std::fmt::Debug>(result: Result<T, vadose_io::IoError>) -> String {
    result.unwrap_err().to_string()
}
