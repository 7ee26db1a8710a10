//! The coordinates of a store: where the cells lie, and when.

use jiff::Timestamp;
use ndarray::ArrayView1;
use serde_json::{Map, Value};
use vadose_grid::Window;

use super::{ArraySpec, DataType, Store};
use crate::IoError;
use crate::cf::{self, CfAttributes, CfValue};

/// Writes the coordinates `x` and `y` of a window and the projection `crs`.
///
/// Arrays with axes `y` and `x` refer to them. The attributes are those of
/// [CF-NetCDF maps](crate::write_cf_netcdf).
///
/// # Shapes and units
/// `x`: f64 `[cols]`, west to east, `y`: f64 `[rows]`, north to south, centres of the cells,
/// metres. `crs` is a scalar without a value.
/// # Errors
/// [`IoError::Zarr`] if the store has them already or cannot be written.
/// # References
/// CF Metadata Conventions 1.11, appendix F.
pub fn write_grid(store: &Store, window: &Window) -> Result<(), IoError> {
    let crs = ArraySpec {
        units: String::new(),
        ..ArraySpec::new(cf::GRID_MAPPING, DataType::I64, &[], &[])
    };
    store.create_array(&described(crs, cf::grid_mapping_attributes(window)))?;
    write_axis(store, "x", cf::axis_attributes("x"), &window.x_centres_m())?;
    write_axis(store, "y", cf::axis_attributes("y"), &window.y_centres_m())
}

/// Writes a time axis: f64 seconds since 1970-01-01, which CF readers decode to dates.
///
/// # Errors
/// [`IoError::Zarr`] if the store has an array of that name or cannot be written.
pub fn write_time_axis(
    store: &Store,
    name: &str,
    long_name: &str,
    times: &[Timestamp],
) -> Result<(), IoError> {
    let seconds: Vec<f64> = times.iter().map(|&time| cf::time_value(time)).collect();
    write_axis(store, name, cf::time_attributes(long_name), &seconds)
}

fn write_axis(
    store: &Store,
    name: &str,
    attributes: CfAttributes,
    values: &[f64],
) -> Result<(), IoError> {
    let length = values.len() as u64;
    let spec = ArraySpec::new(name, DataType::F64, &[(name, length)], &[length.max(1)]);
    let array = store.create_array(&described(spec, attributes))?;
    array.write(&[0], ArrayView1::from(values).into_dyn())
}

/// The array with these attributes in place of its own.
fn described(spec: ArraySpec, attributes: CfAttributes) -> ArraySpec {
    let attributes: Map<String, Value> = attributes
        .into_iter()
        .map(|(name, value)| {
            let value = match value {
                CfValue::Text(text) => Value::from(text),
                CfValue::Number(number) => Value::from(number),
            };
            (name.to_owned(), value)
        })
        .collect();
    ArraySpec { attributes, ..spec }
}
