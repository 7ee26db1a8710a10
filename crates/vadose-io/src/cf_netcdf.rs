//! Writer of maps as CF-NetCDF.

use std::path::Path;

use ndarray::Array2;
use netcdf::types::{FloatType, NcVariableType};
use netcdf::{FileMut, VariableMut};
use vadose_grid::Cell;

use crate::cf::{self, CfAttributes, CfValue};
use crate::{IoError, LayerValues, MapFile, MapLayer, write_atomically};

const DEFLATE_LEVEL: i32 = 4;
/// A power of two near 1 MB of float64, so that a viewer's request touches few chunks.
const CHUNK_CELLS: usize = 256;

/// Writes a map as a CF-1.11 NetCDF-4 file, whole or not at all.
///
/// Rows run north to south. The file has coordinate variables `x` and `y` (metres, cell centres),
/// auxiliary coordinates `lat` and `lon` for each cell, a scalar `time` if the map has one, and a
/// grid mapping `crs` that CF readers, GDAL and QGIS understand (`crs_wkt`, `spatial_ref`,
/// `GeoTransform`). Data are chunked and compressed.
///
/// # Shapes and units
/// Layers are f32 `[y, x]` in their own units, or u8 with `flag_values` and `flag_meanings`; coordinates
/// are f64.
/// # Missing values
/// NaN, which is also `_FillValue`: a program that ignores the attribute still cannot average it in.
/// # Errors
/// [`IoError::BadMap`] for no layer, a bad or repeated name, a shape other than the window's, or a code
/// without a meaning;
/// [`IoError::File`] if the folder is missing or not writable; [`IoError::Write`]. The folder is
/// then as it was.
/// # References
/// CF Metadata Conventions 1.11, <https://cfconventions.org>, appendix F for the grid mappings.
/// # Examples
/// ```
/// use ndarray::array;
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_io::{MapFile, MapLayer, write_cf_netcdf};
///
/// let values = array![[0.1, 0.2], [f32::NAN, 0.3]];
/// let map = MapFile {
///     window: Window::new(EaseGrid2::M01, 1974, 7623, 2, 2)?,
///     time: Some("2017-06-01T12:00:00Z".parse()?),
///     title: "Soil moisture at 1 km".to_string(),
///     history: "2026-01-01T00:00:00Z vadose predict".to_string(),
///     attributes: vec![("source".to_string(), "an example".to_string())],
///     layers: vec![MapLayer::soil_moisture("soil_moisture", values.view())],
/// };
/// let folder = tempfile::tempdir()?;
/// write_cf_netcdf(folder.path().join("map.nc"), &map)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_cf_netcdf(path: impl AsRef<Path>, map: &MapFile<'_>) -> Result<(), IoError> {
    let path = path.as_ref();
    map.check(path)?;
    // NetCDF looks for attributes that are not there and silences HDF5's complaints only on the
    // first thread that uses it.
    hdf5::silence_errors(true);
    write_atomically(path, |temporary| {
        let failed = |reason: String| IoError::Write {
            path: path.to_path_buf(),
            format: "NetCDF",
            reason,
        };
        let written = netcdf::create(temporary).and_then(|mut file| {
            write(&mut file, map)?;
            file.close()
        });
        written.map_err(|error| failed(error.to_string()))
    })
}

fn write(file: &mut FileMut, map: &MapFile<'_>) -> netcdf::Result<()> {
    write_global_attributes(file, map)?;
    let (rows, cols) = map.window.shape();
    file.add_dimension("y", rows)?;
    file.add_dimension("x", cols)?;
    let mut crs = file.add_variable_with_type(
        cf::GRID_MAPPING,
        &[],
        &NcVariableType::Float(FloatType::F64),
    )?;
    put(&mut crs, cf::grid_mapping_attributes(&map.window))?;
    write_axis(file, "x", &map.window.x_centres_m())?;
    write_axis(file, "y", &map.window.y_centres_m())?;
    write_lat_lon(file, map)?;
    if let Some(time) = map.time {
        let mut variable = file.add_variable::<f64>("time", &[])?;
        put(&mut variable, cf::time_attributes("time of the map"))?;
        variable.put_value(cf::time_value(time), ())?;
    }
    for layer in &map.layers {
        write_layer(file, map, layer)?;
    }
    Ok(())
}

fn write_global_attributes(file: &mut FileMut, map: &MapFile<'_>) -> netcdf::Result<()> {
    file.add_attribute("Conventions", cf::CONVENTIONS)?;
    file.add_attribute("title", map.title.as_str())?;
    file.add_attribute("history", map.history.as_str())?;
    for (name, value) in &map.attributes {
        file.add_attribute(name, value.as_str())?;
    }
    Ok(())
}

fn write_axis(file: &mut FileMut, name: &str, centres_m: &[f64]) -> netcdf::Result<()> {
    let mut variable = file.add_variable::<f64>(name, &[name])?;
    put(&mut variable, cf::axis_attributes(name))?;
    variable.put_values(centres_m, ..)
}

/// Latitude and longitude of every cell, a band of rows at a time: they take more memory than a
/// layer does.
fn write_lat_lon(file: &mut FileMut, map: &MapFile<'_>) -> netcdf::Result<()> {
    let (rows, cols) = map.window.shape();
    for (name, standard_name, units) in [
        ("lat", "latitude", "degrees_north"),
        ("lon", "longitude", "degrees_east"),
    ] {
        let mut variable = add_map_variable::<f64>(file, map, name)?;
        put_text(
            &mut variable,
            &[
                ("standard_name", standard_name),
                (
                    "long_name",
                    &format!("{standard_name} of the cell centre (WGS 84)"),
                ),
                ("units", units),
            ],
        )?;
        for row0 in (0..rows).step_by(CHUNK_CELLS) {
            let n_rows = CHUNK_CELLS.min(rows - row0);
            let band = Array2::from_shape_fn((n_rows, cols), |(row, col)| {
                let (row, col) = (map.window.row0() + row0 + row, map.window.col0() + col);
                let centre = map.window.grid().centre(Cell { row, col });
                // The corners of polar grids are the image of no point on the Earth.
                let [lat, lon] =
                    centre.map_or([f64::NAN; 2], |point| [point.lat_deg, point.lon_deg]);
                if name == "lat" { lat } else { lon }
            });
            variable.put(band.view().into_dyn(), (row0..row0 + n_rows, ..))?;
        }
    }
    Ok(())
}

fn write_layer(file: &mut FileMut, map: &MapFile<'_>, layer: &MapLayer<'_>) -> netcdf::Result<()> {
    let mut variable = match &layer.values {
        LayerValues::Quantity(values) => {
            let mut variable = add_map_variable::<f32>(file, map, &layer.name)?;
            variable.set_fill_value(f32::NAN)?;
            variable.put_attribute("cell_methods", "area: mean")?;
            variable.put(values.as_standard_layout().view(), ..)?;
            variable
        }
        LayerValues::Flags(flags) => {
            let mut variable = add_map_variable::<u8>(file, map, &layer.name)?;
            let codes: Vec<u8> = flags.meanings.iter().map(|(code, _)| *code).collect();
            let words: Vec<&str> = flags.meanings.iter().map(|(_, word)| &**word).collect();
            variable.put_attribute("flag_values", codes)?;
            variable.put_attribute("flag_meanings", words.join(" "))?;
            variable.put(flags.values.as_standard_layout().view(), ..)?;
            variable
        }
    };
    let coordinates = if map.time.is_some() {
        "time lat lon"
    } else {
        "lat lon"
    };
    put_text(
        &mut variable,
        &[
            ("long_name", &layer.long_name),
            ("units", &layer.units),
            ("grid_mapping", cf::GRID_MAPPING),
            ("coordinates", coordinates),
        ],
    )?;
    let ancillary = layer.ancillary.join(" ");
    for (name, value) in [
        ("standard_name", layer.standard_name.as_deref()),
        ("comment", layer.comment.as_deref()),
        (
            "ancillary_variables",
            Some(ancillary.as_str()).filter(|names| !names.is_empty()),
        ),
    ] {
        if let Some(value) = value {
            variable.put_attribute(name, value)?;
        }
    }
    Ok(())
}

/// An empty variable on `[y, x]`, chunked and compressed.
fn add_map_variable<'f, T: netcdf::NcTypeDescriptor>(
    file: &'f mut FileMut,
    map: &MapFile<'_>,
    name: &str,
) -> netcdf::Result<VariableMut<'f>> {
    let (rows, cols) = map.window.shape();
    let mut variable = file.add_variable::<T>(name, &["y", "x"])?;
    variable.set_chunking(&[rows.min(CHUNK_CELLS), cols.min(CHUNK_CELLS)])?;
    variable.set_compression(DEFLATE_LEVEL, true)?;
    Ok(variable)
}

fn put_text(variable: &mut VariableMut<'_>, attributes: &[(&str, &str)]) -> netcdf::Result<()> {
    for (name, value) in attributes {
        variable.put_attribute(name, *value)?;
    }
    Ok(())
}

fn put(variable: &mut VariableMut<'_>, attributes: CfAttributes) -> netcdf::Result<()> {
    for (name, value) in attributes {
        match value {
            CfValue::Text(text) => variable.put_attribute(name, text)?,
            CfValue::Number(number) => variable.put_attribute(name, number)?,
        };
    }
    Ok(())
}
