//! Opening and reading a raster.

use std::path::{Path, PathBuf};

use gdal::raster::GdalDataType;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};
use ndarray::Array2;

use super::crs::reason;
use super::{Crs, silence_gdal};
use crate::IoError;

/// One band of a raster in any format that GDAL reads, whatever the file is called.
///
/// Missing values and scaling are the file's own: pixels that equal its nodata value are NaN, and
/// the others are multiplied by its scale and shifted by its offset. What quantity that is, and in
/// which unit, the caller must know.
///
/// # Examples
/// ```
/// use ndarray::array;
/// use vadose_io::raster::{Crs, GeoTiff, Raster, write_geotiff};
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("clay.tif");
/// let clay = array![[231_i16, 240], [-32768, 255]];
/// let spec = GeoTiff {
///     nodata: Some(-32768.0),
///     scale: 0.001, // g/kg
///     ..GeoTiff::new(Crs::Epsg(4326), [-105.0, 0.25, 0.0, 40.0, 0.0, -0.25])
/// };
/// write_geotiff(&path, &spec, clay.view())?;
///
/// let raster = Raster::open(&path)?;
/// assert_eq!(raster.shape(), (2, 2));
/// let values = raster.read((0, 0), (2, 2))?;
/// assert!((values[[0, 1]] - 0.24).abs() < 1e-7 && values[[1, 0]].is_nan());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Raster {
    path: PathBuf,
    dataset: Dataset,
    band: usize,
    geotransform: [f64; 6],
    crs: Option<Crs>,
    pixel_type: GdalDataType,
    nodata: Option<f64>,
    scale: f64,
    offset: f64,
}

impl Raster {
    /// Opens the first band of a raster.
    ///
    /// `path` may also be GDAL's name of a part of a file (`HDF4_EOS:EOS_GRID:…`).
    ///
    /// # Errors
    /// [`IoError::Raster`] if GDAL cannot read the file, if it has no band or no geotransform, or
    /// if its pixels are complex numbers or 64-bit integers.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, IoError> {
        Self::open_band(path, 1)
    }

    /// Opens a band, counted from 1.
    ///
    /// # Errors
    /// Those of [`Raster::open`].
    pub fn open_band(path: impl AsRef<Path>, band: usize) -> Result<Self, IoError> {
        silence_gdal();
        let path = path.as_ref();
        let refused = |reason: String| IoError::Raster {
            path: path.to_path_buf(),
            reason,
        };
        let options = DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_RASTER | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
            ..DatasetOptions::default()
        };
        let dataset = Dataset::open_ex(path, options).map_err(|error| refused(reason(&error)))?;
        if band == 0 || band > dataset.raster_count() {
            return Err(refused(no_band(&dataset, band)));
        }
        let geotransform = dataset.geo_transform().map_err(|_| {
            refused("it has no geotransform (is it still in the geometry of the sensor?)".into())
        })?;
        let crs = match dataset.spatial_ref().and_then(|crs| crs.to_wkt()) {
            Ok(wkt) if !wkt.trim().is_empty() => Some(Crs::Definition(wkt)),
            _ => None,
        };
        let (pixel_type, nodata, scale, offset) = {
            let band = dataset
                .rasterband(band)
                .map_err(|error| refused(reason(&error)))?;
            let scale = band.scale().unwrap_or(1.0);
            let offset = band.offset().unwrap_or(0.0);
            (band.band_type(), band.no_data_value(), scale, offset)
        };
        match pixel_type {
            GdalDataType::Unknown => return Err(refused("its pixels are complex numbers".into())),
            GdalDataType::Int64 | GdalDataType::UInt64 => {
                return Err(refused("its pixels are 64-bit integers".into()));
            }
            _ => {}
        }
        Ok(Self {
            path: path.to_path_buf(),
            dataset,
            band,
            geotransform,
            crs,
            pixel_type,
            nodata,
            scale,
            offset,
        })
    }

    /// The same raster with another coordinate reference system than the file's, or with one where
    /// the file has none, as ESRI ASCII grids.
    #[must_use]
    pub fn with_crs(self, crs: Crs) -> Self {
        Self {
            crs: Some(crs),
            ..self
        }
    }

    /// The same raster with another missing value than the file's, or with one where the file
    /// declares none.
    #[must_use]
    pub fn with_nodata(self, raw: f64) -> Self {
        Self {
            nodata: Some(raw),
            ..self
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `(rows, cols)`.
    pub fn shape(&self) -> (usize, usize) {
        let (cols, rows) = self.dataset.raster_size();
        (rows, cols)
    }

    /// Number of bands in the file.
    pub fn n_bands(&self) -> usize {
        self.dataset.raster_count()
    }

    /// GDAL geotransform: `[x0, dx/dcol, dx/drow, y0, dy/dcol, dy/drow]` from the outer corner of
    /// the first pixel.
    pub fn geotransform(&self) -> [f64; 6] {
        self.geotransform
    }

    /// The coordinate reference system: the declared one, or the file's.
    pub fn crs(&self) -> Option<&Crs> {
        self.crs.as_ref()
    }

    /// The raw value that stands for a missing one.
    pub fn nodata(&self) -> Option<f64> {
        self.nodata
    }

    /// GDAL's name of the pixels' type, such as `Int16`.
    pub fn pixel_type(&self) -> String {
        self.pixel_type.name()
    }

    /// `(scale, offset)`: a value is raw · scale + offset.
    pub fn scale_and_offset(&self) -> (f64, f64) {
        (self.scale, self.offset)
    }

    /// Reads a rectangle of `shape` pixels from pixel `(row, col)`.
    ///
    /// # Missing values
    /// NaN where the file has its nodata value.
    /// # Errors
    /// [`IoError::Raster`] if the rectangle sticks out of the raster, or if the file is damaged.
    pub fn read(
        &self,
        (row0, col0): (usize, usize),
        (rows, cols): (usize, usize),
    ) -> Result<Array2<f32>, IoError> {
        let (all_rows, all_cols) = self.shape();
        let within = |first: usize, n: usize, limit: usize| {
            first.checked_add(n).is_some_and(|end| end <= limit)
        };
        if !within(row0, rows, all_rows) || !within(col0, cols, all_cols) {
            return Err(self.refused(format!(
                "{rows} x {cols} pixels from row {row0}, column {col0} are not within its \
                 {all_rows} x {all_cols}"
            )));
        }
        let damaged = |error| self.refused(reason(&error));
        let band = self.dataset.rasterband(self.band).map_err(damaged)?;
        let size = (cols, rows);
        // As f64, because that holds every raw value, and so the nodata value, exactly.
        let mut raw = vec![0_f64; rows * cols];
        band.read_into_slice((col0 as isize, row0 as isize), size, size, &mut raw, None)
            .map_err(damaged)?;
        let values = raw.into_iter().map(|raw| {
            if self.is_nodata(raw) {
                f32::NAN
            } else {
                (raw * self.scale + self.offset) as f32
            }
        });
        Ok(Array2::from_shape_vec((rows, cols), values.collect())
            .expect("as many values as were asked for"))
    }

    fn is_nodata(&self, raw: f64) -> bool {
        // Of a raster of f32 the file may give the nodata value in decimals.
        self.nodata.is_some_and(|nodata| {
            raw == nodata
                || (self.pixel_type == GdalDataType::Float32 && raw as f32 == nodata as f32)
        })
    }

    fn refused(&self, reason: String) -> IoError {
        IoError::Raster {
            path: self.path.clone(),
            reason,
        }
    }
}

/// Why there is no such band, and what a container holds instead.
fn no_band(dataset: &Dataset, band: usize) -> String {
    let parts: Vec<String> = dataset
        .metadata_domain("SUBDATASETS")
        .unwrap_or_default()
        .iter()
        .filter_map(|item| item.split_once("_NAME=").map(|(_, name)| name.to_owned()))
        .collect();
    let n_bands = dataset.raster_count();
    if n_bands == 0 && !parts.is_empty() {
        format!("it is a container; open one of {}", parts.join(", "))
    } else {
        format!("it has {n_bands} bands, and none of number {band}")
    }
}
