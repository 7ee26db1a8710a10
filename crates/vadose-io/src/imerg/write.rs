//! Writer of half-hourly IMERG files.

use std::path::Path;

use hdf5::{Dataset, Group, H5Type, Hyperslab};
use jiff::Timestamp;
use ndarray::{Array2, Array3, Axis};

use super::{CELLS_PER_DEGREE, COLS, FILL, ImergVersion, ImergWindow, ROWS};
use crate::hdf5_output::{DEFLATE_LEVEL, create_chunked, create_in_memory, put_number, put_text};
use crate::{IoError, write_atomically};

/// Longitudes of a stored block: 145 meridians from pole to pole are just under a megabyte, the size
/// of HDF5's cache.
const CHUNK: [usize; 3] = [1, 145, ROWS];
/// Length of the time that a file covers.
const HALF_HOUR_SECONDS: i64 = 1800;

/// Half an hour of precipitation to write.
#[derive(Debug, Clone, PartialEq)]
pub struct ImergContents {
    /// Version whose names the file has.
    pub version: ImergVersion,
    /// Beginning of the half hour (UTC).
    pub start: Timestamp,
    /// The cells that have values.
    pub window: ImergWindow,
    /// Calibrated precipitation, `[row, col]` of the window, row 0 northernmost; mm h-1, NaN where
    /// missing.
    pub precipitation: Array2<f32>,
}

/// Writes a half-hourly IMERG file: group `Grid` with the calibrated precipitation, the axes `time`,
/// `lon` and `lat` and their bounds.
///
/// The file appears under its name only when it is whole; the same contents give the same bytes.
/// The globe outside the window is fill that takes no space.
///
/// # Shapes and units
/// As [`ImergContents`]; stored as `(time, lon, lat)`, latitude rising.
/// # Missing values
/// NaN becomes -9999.9.
/// # Errors
/// [`IoError::WrongShape`] if the values have not the window's shape; [`IoError::Time`] for a time
/// beyond what 32-bit seconds count; [`IoError::Write`] if HDF5 fails; [`IoError::File`].
/// # References
/// As [`super::read`].
pub fn write(path: impl AsRef<Path>, contents: &ImergContents) -> Result<(), IoError> {
    let path = path.as_ref();
    let expected = vec![contents.window.rows(), contents.window.cols()];
    if contents.precipitation.shape() != expected {
        return Err(IoError::WrongShape {
            path: path.to_path_buf(),
            dataset: super::dataset_name(contents.version),
            expected,
            got: contents.precipitation.shape().to_vec(),
        });
    }
    let seconds = contents.start.as_second() - contents.version.epoch_unix_seconds();
    let too_far = |_| IoError::Time {
        seconds: seconds as f64,
    };
    let span = [seconds, seconds + HALF_HOUR_SECONDS].map(i32::try_from);
    let [first, last] = span;
    let span = [first.map_err(too_far)?, last.map_err(too_far)?];
    write_atomically(path, |temporary| {
        write_file(temporary, contents, span).map_err(|error| IoError::Write {
            path: path.to_path_buf(),
            format: "HDF5",
            reason: error.to_string(),
        })
    })
}

fn write_file(path: &Path, contents: &ImergContents, span: [i32; 2]) -> hdf5::Result<()> {
    let file = create_in_memory(path)?;
    put_text(&file, "FileHeader", &file_header(contents))?;
    let grid = file.create_group("Grid")?;
    put_text(&grid, "GridHeader", GRID_HEADER)?;

    let time = axis(&grid, "time", "T", &[span[0]], &[span])?;
    put_text(&time, "units", contents.version.time_units())?;
    put_text(&time, "calendar", "julian")?;
    let degrees = |cells: usize, origin: f64| (cells as f64 / CELLS_PER_DEGREE - origin) as f32;
    let edges = |number: usize, origin: f64| -> (Vec<f32>, Vec<[f32; 2]>) {
        let bounds = (0..number).map(|idx| [degrees(idx, origin), degrees(idx + 1, origin)]);
        let middle = |idx| ((idx as f64 + 0.5) / CELLS_PER_DEGREE - origin) as f32;
        ((0..number).map(middle).collect(), bounds.collect())
    };
    for (name, long_name, letter, number, origin) in [
        ("lon", "longitude", "X", COLS, 180.0),
        ("lat", "latitude", "Y", ROWS, 90.0),
    ] {
        let (centres, bounds) = edges(number, origin);
        let axis = axis(&grid, name, letter, &centres, &bounds)?;
        let direction = if name == "lon" {
            "degrees_east"
        } else {
            "degrees_north"
        };
        put_text(&axis, "units", direction)?;
        put_text(&axis, "standard_name", long_name)?;
    }
    write_precipitation(&grid, contents)?;
    file.close()
}

/// What the root says of the file, after the mission's pattern.
fn file_header(contents: &ImergContents) -> String {
    let millisecond = "%Y-%m-%dT%H:%M:%S";
    let stop = contents.start.as_second() + HALF_HOUR_SECONDS - 1;
    let stop = Timestamp::from_second(stop).unwrap_or(contents.start);
    format!(
        "AlgorithmID=3IMERGHH;\nSatelliteName=MULTI;\nInstrumentName=MERGED;\n\
         StartGranuleDateTime={}.000Z;\nStopGranuleDateTime={}.999Z;\nNumberOfGrids=1;\n\
         TimeInterval=HALF_HOUR;\n",
        contents.start.strftime(millisecond),
        stop.strftime(millisecond),
    )
}

const GRID_HEADER: &str = "BinMethod=ARITHMEAN;\nRegistration=CENTER;\nLatitudeResolution=0.1;\n\
     LongitudeResolution=0.1;\nNorthBoundingCoordinate=90;\nSouthBoundingCoordinate=-90;\n\
     EastBoundingCoordinate=180;\nWestBoundingCoordinate=-180;\nOrigin=SOUTHWEST;\n";

/// An axis and its bounds.
fn axis<T: H5Type + Copy>(
    grid: &Group,
    name: &str,
    letter: &str,
    centres: &[T],
    bounds: &[[T; 2]],
) -> hdf5::Result<Dataset> {
    let plain = |name: &str, shape: &[usize], values: &[T]| -> hdf5::Result<Dataset> {
        let builder = grid.new_dataset::<T>().shape(shape).obj_track_times(false);
        let dataset = builder.chunk(shape).deflate(DEFLATE_LEVEL).create(name)?;
        dataset.write_raw(values)?;
        Ok(dataset)
    };
    let bounds_name = format!("{name}_bnds");
    plain(&bounds_name, &[bounds.len(), 2], bounds.as_flattened())?;
    let axis = plain(name, &[centres.len()], centres)?;
    put_text(&axis, "axis", letter)?;
    put_text(&axis, "bounds", &bounds_name)?;
    Ok(axis)
}

fn write_precipitation(grid: &Group, contents: &ImergContents) -> hdf5::Result<()> {
    let ImergContents {
        version,
        window,
        precipitation,
        ..
    } = contents;
    let name = version.precipitation_dataset();
    let dataset = create_chunked::<f32>(grid, name, &[1, COLS, ROWS], &CHUNK, Some(FILL.into()))?;
    put_number(&dataset, "_FillValue", FILL)?;
    put_text(&dataset, "DimensionNames", "time,lon,lat")?;
    put_text(&dataset, "coordinates", "time lon lat")?;
    put_text(&dataset, "units", "mm/hr")?;
    // Rows become latitudes that rise, then longitude goes before latitude.
    let mut rising = precipitation.view();
    rising.invert_axis(Axis(0));
    let by_longitude = rising.reversed_axes();
    let stored: Array3<f32> =
        Array3::from_shape_fn((1, window.cols(), window.rows()), |(_, lon, lat)| {
            let rate = by_longitude[[lon, lat]];
            if rate.is_nan() { FILL } else { rate }
        });
    let lats = window.first_latitude_idx()..window.first_latitude_idx() + window.rows();
    let lons = window.col0()..window.col0() + window.cols();
    let part = Hyperslab::from(vec![(0..1).into(), lons.into(), lats.into()]);
    dataset.write_slice(stored.view(), part)
}
