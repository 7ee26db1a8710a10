//! Rasters of any format and coordinate reference system that GDAL knows.
//!
//! | to | there is |
//! |---|---|
//! | open one and read it, missing as NaN | [`Raster`] |
//! | bring one onto the cells of a grid | [`to_window`] |
//! | write one as GeoTIFF, whole or row by row | [`write_geotiff`], [`write_geotiff_by_rows`] |
//! | take points from one system to another | [`CrsTransform`] |
//!
//! Coordinates are always in the order easting, northing or longitude, latitude, whatever order the
//! authority of a system gives.
//!
//! Opening a raster silences GDAL's messages on standard error for the whole process; they are in
//! the errors.

mod crs;
mod geotiff;
mod open;
mod to_window;

use std::sync::Once;

pub use crs::{Crs, CrsTransform};
pub use geotiff::{GeoTiff, Pixel, write_geotiff, write_geotiff_by_rows};
pub use open::Raster;
pub use to_window::{Method, to_window};

/// GDAL prints every error to standard error, and PROJ one for each bad point.
fn silence_gdal() {
    static SILENT: Once = Once::new();
    SILENT.call_once(|| gdal::config::set_error_handler(|_, _, _| {}));
}
