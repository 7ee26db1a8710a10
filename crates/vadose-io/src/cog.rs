//! Writer of maps as cloud-optimised GeoTIFF.

use std::path::Path;

use gdal::cpl::CslStringList;
use gdal::errors::GdalError;
use gdal::raster::Buffer;
use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, Driver, DriverManager, Metadata};

use crate::{IoError, LayerValues, MapFile, MapLayer, write_atomically};

/// Writes a map as a cloud-optimised GeoTIFF with one band for each layer, whole or not at all.
///
/// The coordinate reference system is that of the map's grid (EPSG:6933 for the global grids).
/// Bands carry name, units and long name; tiles and overviews (area means, of codes the most frequent)
/// are compressed with ZSTD, or DEFLATE where GDAL was built without it.
///
/// # Shapes and units
/// f32 `[row, col]`, row 0 northernmost, in the layers' units; or u8, if all layers are codes.
/// # Missing values
/// NaN, declared as nodata.
/// # Errors
/// [`IoError::BadMap`] for no layer, a bad or repeated name, a shape other than the window's, a code
/// without a meaning, or quantities beside codes;
/// [`IoError::File`] if the folder is missing or not writable; [`IoError::Write`]. The folder is
/// then as it was.
/// # References
/// GDAL's COG driver; OGC 21-026, Cloud Optimized GeoTIFF.
/// # Examples
/// ```
/// use ndarray::array;
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_io::{MapFile, MapLayer, write_cog};
///
/// let values = array![[0.1, 0.2], [f32::NAN, 0.3]];
/// let map = MapFile {
///     window: Window::new(EaseGrid2::M01, 1974, 7623, 2, 2)?,
///     time: None,
///     title: "Soil moisture at 1 km".to_string(),
///     history: "2026-01-01T00:00:00Z vadose predict".to_string(),
///     attributes: Vec::new(),
///     layers: vec![MapLayer::soil_moisture("soil_moisture", values.view())],
/// };
/// let folder = tempfile::tempdir()?;
/// write_cog(folder.path().join("map.tif"), &map)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_cog(path: impl AsRef<Path>, map: &MapFile<'_>) -> Result<(), IoError> {
    let path = path.as_ref();
    map.check(path)?;
    let bands = kind(&map.layers[0]);
    if let Some(other) = map.layers.iter().find(|layer| kind(layer) != bands) {
        return Err(IoError::BadMap {
            path: path.to_path_buf(),
            layer: other.name.clone(),
            reason: "a GeoTIFF holds quantities or codes, not both".to_owned(),
        });
    }
    write_atomically(path, |temporary| {
        let failed = |error: GdalError| IoError::Write {
            path: path.to_path_buf(),
            format: "GeoTIFF",
            reason: error.to_string(),
        };
        let dataset = in_memory(map, bands).map_err(failed)?;
        write(&dataset, temporary, bands).map_err(failed)
    })
}

/// What the bands of a file are: GeoTIFF has one type for all.
#[derive(Clone, Copy, PartialEq)]
enum Bands {
    Quantities,
    Flags,
}

fn kind(layer: &MapLayer<'_>) -> Bands {
    match layer.values {
        LayerValues::Quantity(_) => Bands::Quantities,
        LayerValues::Flags(_) => Bands::Flags,
    }
}

/// The map as a GDAL dataset in memory; the COG driver only copies.
fn in_memory(map: &MapFile<'_>, bands: Bands) -> Result<Dataset, GdalError> {
    let (rows, cols) = map.window.shape();
    let driver = DriverManager::get_driver_by_name("MEM")?;
    let n_bands = map.layers.len();
    let mut dataset = match bands {
        Bands::Quantities => driver.create_with_band_type::<f32, _>("", cols, rows, n_bands)?,
        Bands::Flags => driver.create_with_band_type::<u8, _>("", cols, rows, n_bands)?,
    };
    dataset.set_geo_transform(&map.window.geotransform())?;
    dataset.set_spatial_ref(&SpatialRef::from_epsg(u32::from(map.window.grid().epsg()))?)?;
    dataset.set_metadata_item("title", &map.title, "")?;
    dataset.set_metadata_item("history", &map.history, "")?;
    if let Some(time) = map.time {
        dataset.set_metadata_item("time", &time.to_string(), "")?;
    }
    for (name, value) in &map.attributes {
        dataset.set_metadata_item(name, value, "")?;
    }
    for (idx, layer) in map.layers.iter().enumerate() {
        let mut band = dataset.rasterband(idx + 1)?;
        band.set_description(&layer.name)?;
        band.set_metadata_item("long_name", &layer.long_name, "")?;
        band.set_metadata_item("units", &layer.units, "")?;
        for (name, value) in [
            ("standard_name", &layer.standard_name),
            ("comment", &layer.comment),
        ] {
            if let Some(value) = value {
                band.set_metadata_item(name, value, "")?;
            }
        }
        match &layer.values {
            LayerValues::Quantity(values) => {
                band.set_no_data_value(Some(f64::NAN))?;
                let values = values.iter().copied().collect();
                band.write((0, 0), (cols, rows), &mut Buffer::new((cols, rows), values))?;
            }
            LayerValues::Flags(flags) => {
                let meanings = flags.meanings.iter();
                let meanings = meanings.map(|(code, word)| format!("{code}: {word}"));
                let meanings = meanings.collect::<Vec<_>>().join(", ");
                band.set_metadata_item("flag_meanings", &meanings, "")?;
                let values = flags.values.iter().copied().collect();
                band.write((0, 0), (cols, rows), &mut Buffer::new((cols, rows), values))?;
            }
        }
    }
    Ok(dataset)
}

fn write(dataset: &Dataset, path: &Path, bands: Bands) -> Result<(), GdalError> {
    let driver = DriverManager::get_driver_by_name("COG")?;
    let mut options = CslStringList::new();
    options.set_name_value("COMPRESS", compression(&driver))?;
    options.set_name_value("PREDICTOR", "YES")?;
    let overviews = match bands {
        Bands::Quantities => "AVERAGE",
        Bands::Flags => "MODE",
    };
    options.set_name_value("OVERVIEW_RESAMPLING", overviews)?;
    options.set_name_value("BIGTIFF", "IF_SAFER")?;
    dataset.create_copy(&driver, path, &options)?.close()
}

fn compression(driver: &Driver) -> &'static str {
    let offered = driver
        .metadata_item("DMD_CREATIONOPTIONLIST", "")
        .unwrap_or_default();
    if offered.contains("<Value>ZSTD</Value>") {
        "ZSTD"
    } else {
        "DEFLATE"
    }
}
