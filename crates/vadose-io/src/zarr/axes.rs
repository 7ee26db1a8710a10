//! The coordinates of a store: where the cells lie, and when.

use jiff::Timestamp;
use ndarray::ArrayView1;
use serde_json::{Map, Value};
use vadose_grid::{EaseGrid2, ProjectedM, Window};

use super::{Array, ArraySpec, DataType, Store};
use crate::IoError;
use crate::cf::{self, CfAttributes, CfValue};

/// Coordinates agree to this share of a cell with those of their grid.
const MAX_COORDINATE_ERROR_CELLS: f64 = 1e-3;
/// Times in a chunk of a time axis: fixed, so that the axis may grow; 4,096 are 32 KiB.
const TIMES_PER_CHUNK: u64 = 4096;

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
    write_further_grid(store, window, "")
}

/// Writes the coordinates and the projection of a further grid of the store, their names with this
/// ending: with `_9km` they are `x_9km`, `y_9km` and `crs_9km`.
///
/// Arrays on it name the projection in their attribute `grid_mapping`.
///
/// # Shapes and units
/// As for [`write_grid`].
/// # Errors
/// [`IoError::Zarr`] if the store has them already, if the ending makes no name, or if they cannot
/// be written.
pub fn write_further_grid(store: &Store, window: &Window, ending: &str) -> Result<(), IoError> {
    let named = |name: &str| format!("{name}{ending}");
    let crs = ArraySpec {
        units: String::new(),
        ..ArraySpec::new(&named(cf::GRID_MAPPING), DataType::I64, &[], &[])
    };
    store.create_array(&described(crs, cf::grid_mapping_attributes(window)))?;
    for (axis, centres_m) in [("x", window.x_centres_m()), ("y", window.y_centres_m())] {
        let n_cells = centres_m.len() as u64;
        let spec = axis_spec(&named(axis), n_cells, n_cells);
        let array = store.create_array(&described(spec, cf::axis_attributes(axis)))?;
        array.write(&[0], ArrayView1::from(&centres_m).into_dyn())?;
    }
    Ok(())
}

/// The window of a grid that the coordinates `x` and `y` of a store are of, as [`write_grid`] writes them.
///
/// # Errors
/// [`IoError::Zarr`] if there are none, if they are damaged, or if they are not the centres of neighbouring
/// cells of `grid`.
pub fn read_grid(store: &Store, grid: EaseGrid2) -> Result<Window, IoError> {
    let read = |name: &str| -> Result<Vec<f64>, IoError> {
        let array = store.array(name)?;
        let shape = array.shape().to_vec();
        let centres = array.read::<f64>(&vec![0; shape.len()], &shape)?;
        Ok(centres.into_iter().collect())
    };
    let (x_m, y_m) = (read("x")?, read("y")?);
    let window_of = || {
        let (&x_m, &y_m) = (x_m.first()?, y_m.first()?);
        grid.locate_m(ProjectedM { x_m, y_m }).ok()
    };
    let window = window_of()
        .and_then(|cell| Window::new(grid, cell.row, cell.col, y_m.len(), x_m.len()).ok());
    let tolerance_m = MAX_COORDINATE_ERROR_CELLS * grid.cell_size_m();
    let agree = |found: &[f64], expected: &[f64]| {
        found
            .iter()
            .zip(expected)
            .all(|(found, expected)| (found - expected).abs() < tolerance_m)
    };
    window
        .filter(|window| agree(&x_m, &window.x_centres_m()) && agree(&y_m, &window.y_centres_m()))
        .ok_or_else(|| {
            store.refused(
                "x",
                format!("`x` and `y` are no centres of cells of {grid}"),
            )
        })
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
    let spec = axis_spec(name, times.len() as u64, TIMES_PER_CHUNK);
    let array = store.create_array(&described(spec, cf::time_attributes(long_name)))?;
    write_times(&array, times)
}

/// Makes a time axis longer: `times` are all its times, those that it has first.
///
/// An axis made at once and one that grew to it are the same bytes. The arrays along it are
/// lengthened by [`Store::lengthen`].
///
/// # Errors
/// [`IoError::Zarr`] if there is no such axis, if it is longer than `times`, or if it cannot be
/// written.
pub fn lengthen_time_axis(store: &Store, name: &str, times: &[Timestamp]) -> Result<(), IoError> {
    write_times(&store.lengthen(name, times.len() as u64)?, times)
}

/// Reads a time axis, up to its first missing value.
///
/// # Errors
/// [`IoError::Zarr`] if there is no such axis, or if it is damaged.
pub fn read_time_axis(store: &Store, name: &str) -> Result<Vec<Timestamp>, IoError> {
    let array = store.array(name)?;
    let shape = array.shape().to_vec();
    let seconds = array.read::<f64>(&vec![0; shape.len()], &shape)?;
    seconds
        .iter()
        .take_while(|seconds| seconds.is_finite())
        .map(|&seconds| {
            cf::time_of_value(seconds)
                .ok_or_else(|| store.refused(name, format!("{seconds} s is no time")))
        })
        .collect()
}

fn write_times(array: &Array, times: &[Timestamp]) -> Result<(), IoError> {
    let seconds: Vec<f64> = times.iter().map(|&time| cf::time_value(time)).collect();
    array.write(&[0], ArrayView1::from(&seconds).into_dyn())
}

fn axis_spec(name: &str, length: u64, chunk: u64) -> ArraySpec {
    ArraySpec::new(name, DataType::F64, &[(name, length)], &[chunk.max(1)])
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
