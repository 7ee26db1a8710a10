//! Writer of plain GeoTIFF in any coordinate reference system.

use std::ops::Range;
use std::path::Path;

use gdal::cpl::CslStringList;
use gdal::errors::GdalError;
use gdal::raster::{Buffer, GdalType};
use gdal::{Dataset, DriverManager, Metadata};
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, Slice};

use super::crs::reason;
use super::{Crs, silence_gdal};
use crate::{IoError, write_atomically};

/// Side of a tile, GDAL's own default.
const TILE: usize = 256;

/// What a GeoTIFF says about its pixels.
#[derive(Debug, Clone)]
pub struct GeoTiff {
    /// Coordinate reference system.
    pub crs: Crs,
    /// GDAL geotransform: `[x0, dx/dcol, dx/drow, y0, dy/dcol, dy/drow]`.
    pub geotransform: [f64; 6],
    /// The raw value that stands for a missing one.
    pub nodata: Option<f64>,
    /// Value = raw · scale + offset.
    pub scale: f64,
    /// See `scale`.
    pub offset: f64,
    /// What the band is, in words.
    pub description: String,
    /// Units of the scaled values.
    pub units: String,
    /// Further metadata of the file.
    pub metadata: Vec<(String, String)>,
}

impl GeoTiff {
    /// A raster at this place, with neither nodata value, scale, description nor metadata.
    pub fn new(crs: Crs, geotransform: [f64; 6]) -> Self {
        Self {
            crs,
            geotransform,
            nodata: None,
            scale: 1.0,
            offset: 0.0,
            description: String::new(),
            units: String::new(),
            metadata: Vec::new(),
        }
    }
}

mod sealed {
    pub trait Sealed {
        /// TIFF predictor: 2 for integers, 3 for floating point.
        const PREDICTOR: &'static str;
        /// Whether the type holds the value exactly.
        fn holds(value: f64) -> bool;
    }
}

/// A type of pixels that is written: `u8`, `i16`, `u16`, `f32`.
pub trait Pixel: sealed::Sealed + GdalType + Copy + Default {}

macro_rules! pixel {
    ($type:ty, $predictor:literal) => {
        impl sealed::Sealed for $type {
            const PREDICTOR: &'static str = $predictor;
            fn holds(value: f64) -> bool {
                let held = f64::from(value as $type);
                held == value || (held.is_nan() && value.is_nan())
            }
        }
        impl Pixel for $type {}
    };
}

pixel!(u8, "2");
pixel!(i16, "2");
pixel!(u16, "2");
pixel!(f32, "3");

/// Writes an array as a tiled, compressed GeoTIFF, whole or not at all.
///
/// # Shapes and units
/// `values`: raw pixels `[row, col]`, row 0 where the geotransform begins.
/// # Errors
/// [`IoError::Crs`]; [`IoError::Write`] for an empty array, a nodata value that the pixels cannot
/// hold, or if GDAL fails; [`IoError::File`]. The folder is then as it was.
/// # Examples
/// See [`Raster`](super::Raster).
pub fn write_geotiff<T: Pixel>(
    path: impl AsRef<Path>,
    spec: &GeoTiff,
    values: ArrayView2<'_, T>,
) -> Result<(), IoError> {
    write_geotiff_by_rows(path, spec, values.dim(), |rows, mut part| {
        part.assign(&values.slice_axis(Axis(0), Slice::from(rows)));
        Ok(())
    })
}

/// Writes a GeoTIFF of `shape` without ever holding it: `fill` is called with ranges of rows, from
/// the first to the last, and fills their raw pixels.
///
/// Not more than 256 rows lie in memory. Tiles of 256 × 256 are compressed with DEFLATE on all
/// cores; the bytes depend on the pixels only.
///
/// # Errors
/// Those of [`write_geotiff`], and what `fill` returns.
/// # Examples
/// ```
/// use vadose_io::IoError;
/// use vadose_io::raster::{Crs, GeoTiff, write_geotiff_by_rows};
/// let folder = tempfile::tempdir()?;
/// let spec = GeoTiff::new(Crs::goode_homolosine(), [-9e6, 250.0, 0.0, 4.5e6, 0.0, -250.0]);
/// let path = folder.path().join("rows.tif");
/// write_geotiff_by_rows::<u16, IoError>(path, &spec, (600, 700), |rows, mut part| {
///     for (row, mut pixels) in rows.zip(part.rows_mut()) {
///         pixels.fill(row as u16);
///     }
///     Ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_geotiff_by_rows<T: Pixel, E: From<IoError>>(
    path: impl AsRef<Path>,
    spec: &GeoTiff,
    (rows, cols): (usize, usize),
    mut fill: impl FnMut(Range<usize>, ArrayViewMut2<'_, T>) -> Result<(), E>,
) -> Result<(), E> {
    silence_gdal();
    let path = path.as_ref();
    let refused = |reason: String| IoError::Write {
        path: path.to_path_buf(),
        format: "GeoTIFF",
        reason,
    };
    if rows == 0 || cols == 0 {
        return Err(refused(format!("{rows} x {cols} pixels are no raster")).into());
    }
    if let Some(nodata) = spec.nodata.filter(|&nodata| !T::holds(nodata)) {
        let pixel = std::any::type_name::<T>();
        return Err(refused(format!("nodata {nodata} is no {pixel}")).into());
    }
    let spatial_ref = spec.crs.spatial_ref()?;
    let failed = |error: GdalError| refused(reason(&error));
    write_atomically(path, |temporary| {
        let mut dataset = create::<T>(temporary, (rows, cols)).map_err(failed)?;
        dataset.set_spatial_ref(&spatial_ref).map_err(failed)?;
        describe(&mut dataset, spec).map_err(failed)?;
        let mut strip = Array2::<T>::default((TILE, cols));
        for row0 in (0..rows).step_by(TILE) {
            let n_rows = TILE.min(rows - row0);
            let mut part = strip.slice_axis_mut(Axis(0), Slice::from(..n_rows));
            fill(row0..row0 + n_rows, part.view_mut())?;
            write_tiles(&dataset, row0 / TILE, part.view()).map_err(failed)?;
        }
        Ok(dataset.close().map_err(failed)?)
    })
}

fn create<T: Pixel>(path: &Path, (rows, cols): (usize, usize)) -> Result<Dataset, GdalError> {
    let tile = TILE.to_string();
    let mut options = CslStringList::new();
    for (name, value) in [
        ("TILED", "YES"),
        ("BLOCKXSIZE", &tile),
        ("BLOCKYSIZE", &tile),
        ("COMPRESS", "DEFLATE"),
        ("PREDICTOR", T::PREDICTOR),
        ("NUM_THREADS", "ALL_CPUS"),
        ("BIGTIFF", "IF_SAFER"),
    ] {
        options.set_name_value(name, value)?;
    }
    DriverManager::get_driver_by_name("GTiff")?
        .create_with_band_type_with_options::<T, _>(path, cols, rows, 1, &options)
}

fn describe(dataset: &mut Dataset, spec: &GeoTiff) -> Result<(), GdalError> {
    dataset.set_geo_transform(&spec.geotransform)?;
    for (name, value) in &spec.metadata {
        dataset.set_metadata_item(name, value, "")?;
    }
    let mut band = dataset.rasterband(1)?;
    if spec.nodata.is_some() {
        band.set_no_data_value(spec.nodata)?;
    }
    if (spec.scale, spec.offset) != (1.0, 0.0) {
        band.set_scale(spec.scale)?;
        band.set_offset(spec.offset)?;
    }
    if !spec.description.is_empty() {
        band.set_description(&spec.description)?;
    }
    if !spec.units.is_empty() {
        band.set_metadata_item("units", &spec.units, "")?;
    }
    Ok(())
}

/// Writes one row of tiles. Tile by tile, past GDAL's cache of blocks: that is shared by all files
/// of the process and would write them in whatever order it is emptied.
fn write_tiles<T: Pixel>(
    dataset: &Dataset,
    tile_row: usize,
    strip: ArrayView2<'_, T>,
) -> Result<(), GdalError> {
    let mut band = dataset.rasterband(1)?;
    let cols = strip.ncols();
    for col0 in (0..cols).step_by(TILE) {
        let inside = strip.slice_axis(Axis(1), Slice::from(col0..cols.min(col0 + TILE)));
        let mut tile = vec![T::default(); TILE * TILE];
        for (pixels, row) in tile.chunks_exact_mut(TILE).zip(inside.rows()) {
            for (pixel, &value) in pixels.iter_mut().zip(row) {
                *pixel = value;
            }
        }
        band.write_block(
            (col0 / TILE, tile_row),
            &mut Buffer::new((TILE, TILE), tile),
        )?;
    }
    Ok(())
}
