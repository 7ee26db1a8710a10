//! Half-hourly precipitation of GPM IMERG, 0.1 degrees: reader and writer, V06 and V07.
//!
//! The files hold `(time, lon, lat)` with latitude rising; here arrays are `[row, col]`, row 0
//! northernmost, like everything else. A file covers the globe, so both sides work on a window.

mod name;
mod window;
mod write;

use std::path::{Path, PathBuf};

use hdf5::Hyperslab;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ndarray::{Array2, Axis};

pub use self::name::ImergName;
pub use self::window::{ImergWindow, LatLonBox};
pub use self::write::{ImergContents, write};
use crate::decode::{OutOfRange, ValueRule};
use crate::hdf5_file::{Hdf5File, number_attribute, read_whole, text_attribute};
use crate::raw_dataset::reshaped;
use crate::{GranuleField, IoError};

/// Cells of a degree.
const CELLS_PER_DEGREE: f64 = 10.0;
/// Number of rows of the globe.
const ROWS: usize = 1800;
/// Number of columns of the globe.
const COLS: usize = 3600;
/// What both versions write where there is no value.
const FILL: f32 = -9999.9;

/// Version of the algorithm, which decides on the names in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImergVersion {
    /// Precipitation is `precipitationCal`; time counts from 1970-01-01.
    V06,
    /// Precipitation is `precipitation`; time counts from 1980-01-06.
    V07,
}

impl ImergVersion {
    const ALL: [ImergVersion; 2] = [ImergVersion::V06, ImergVersion::V07];

    /// Name of the calibrated precipitation in group `Grid`.
    #[must_use]
    pub fn precipitation_dataset(self) -> &'static str {
        match self {
            ImergVersion::V06 => "precipitationCal",
            ImergVersion::V07 => "precipitation",
        }
    }

    /// What the file's times count from.
    fn time_units(self) -> &'static str {
        match self {
            ImergVersion::V06 => "seconds since 1970-01-01 00:00:00 UTC",
            ImergVersion::V07 => "seconds since 1980-01-06 00:00:00 UTC",
        }
    }

    /// The same, in seconds since 1970.
    fn epoch_unix_seconds(self) -> i64 {
        match self {
            ImergVersion::V06 => 0,
            ImergVersion::V07 => 315_964_800,
        }
    }
}

/// Half an hour of precipitation in a window.
#[derive(Debug, Clone, PartialEq)]
pub struct Imerg {
    /// The version that the file is of, by its names.
    pub version: ImergVersion,
    /// Beginning of the half hour (UTC).
    pub start: Timestamp,
    /// The cells.
    pub window: ImergWindow,
    /// Calibrated precipitation, `[row, col]`, mm h-1; NaN where missing.
    pub precipitation: GranuleField,
    path: PathBuf,
}

impl Imerg {
    /// The file that was read.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Reads the calibrated precipitation of a half hour in a window.
///
/// # Shapes and units
/// `[row, col]` of the window, row 0 northernmost; mm h-1, the mean over half an hour: a depth in
/// millimetres is half of it.
/// # Missing values
/// The fill value -9999.9 becomes NaN, and so do negative rates, which are counted apart.
/// # Errors
/// A file that cannot be opened, is no HDF5 or is truncated; no `Grid/precipitationCal` (V06) nor
/// `Grid/precipitation` (V07); an array that is not 1 x 3600 x 1800; a time without a date to count
/// from.
/// # References
/// Huffman et al., GPM IMERG Final Precipitation L3 Half Hourly 0.1 degree, version 06,
/// doi:10.5067/GPM/IMERG/3B-HH/06; version 07, doi:10.5067/GPM/IMERG/3B-HH/07.
/// # Examples
/// ```
/// use ndarray::arr2;
/// use vadose_io::imerg::{self, ImergContents, ImergVersion, ImergWindow, LatLonBox};
///
/// let window = ImergWindow::covering(LatLonBox {
///     south_deg: 40.0,
///     north_deg: 40.2,
///     west_deg: -105.3,
///     east_deg: -105.0,
/// })?;
/// let contents = ImergContents {
///     version: ImergVersion::V06,
///     start: "2017-06-01T00:00:00Z".parse()?,
///     window,
///     precipitation: arr2(&[[0.0, 0.5, 1.0], [2.0, f32::NAN, 4.0]]),
/// };
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("half_hour.HDF5");
/// imerg::write(&path, &contents)?;
/// let half_hour = imerg::read(&path, window)?;
/// assert_eq!(half_hour.precipitation.values[[1, 2]], 4.0);
/// assert_eq!(half_hour.precipitation.counts.missing, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(path: impl AsRef<Path>, window: ImergWindow) -> Result<Imerg, IoError> {
    let file = Hdf5File::open(path.as_ref())?;
    let mut versions = ImergVersion::ALL.into_iter();
    let version = versions
        .find(|version| file.has(&dataset_name(*version)))
        .ok_or_else(|| IoError::MissingDataset {
            path: file.path.clone(),
            dataset: dataset_name(ImergVersion::V07),
        })?;
    let start = start_of(&file)?;
    let precipitation = read_precipitation(&file, &dataset_name(version), window)?;
    Ok(Imerg {
        version,
        start,
        window,
        precipitation,
        path: file.path,
    })
}

fn dataset_name(version: ImergVersion) -> String {
    format!("Grid/{}", version.precipitation_dataset())
}

fn read_precipitation(
    file: &Hdf5File,
    name: &str,
    window: ImergWindow,
) -> Result<GranuleField, IoError> {
    let dataset = file.dataset(name)?;
    file.check_shape(name, &dataset, &[1, COLS, ROWS])?;
    let lats = window.first_latitude_idx()..window.first_latitude_idx() + window.rows();
    let lons = window.col0()..window.col0() + window.cols();
    let part = Hyperslab::from(vec![0.into(), lons.into(), lats.into()]);
    let by_longitude: Array2<f32> = dataset
        .read_slice_2d(part)
        .map_err(|error| file.damaged(name, &error))?;
    let rule = ValueRule {
        fill: number_attribute(&dataset, "_FillValue").or(Some(f64::from(FILL))),
        valid_min: Some(0.0),
        ..ValueRule::default()
    };
    let mut southernmost_first = by_longitude.reversed_axes();
    southernmost_first.invert_axis(Axis(0));
    let stored = southernmost_first
        .iter()
        .map(|&rate| f64::from(rate))
        .collect();
    let decoded = rule.decode(stored, OutOfRange::Missing);
    let values = decoded.values.iter().map(|&rate| rate as f32).collect();
    Ok(GranuleField {
        values: reshaped(ndarray::Ix2(window.rows(), window.cols()), values),
        units: "mm h-1".to_string(),
        long_name: text_attribute(&dataset, "LongName").unwrap_or_default(),
        valid_range: None,
        counts: decoded.counts,
        refused: decoded.refused,
    })
}

/// Beginning of the half hour: `Grid/time`, counted from the date in its units.
fn start_of(file: &Hdf5File) -> Result<Timestamp, IoError> {
    let name = "Grid/time";
    let dataset = file.dataset(name)?;
    let refused = |reason: String| IoError::DamagedHdf5 {
        path: file.path.clone(),
        dataset: name.to_string(),
        reason,
    };
    let seconds = read_whole(&dataset).map_err(|error| file.damaged(name, &error))?;
    let [seconds] = seconds[..] else {
        return Err(refused(format!("{} times instead of one", seconds.len())));
    };
    let units = text_attribute(&dataset, "units").unwrap_or_default();
    let epoch = epoch_of(&units)
        .ok_or_else(|| refused(format!("its units `{units}` name no date to count from")))?;
    let elapsed =
        SignedDuration::try_from_secs_f64(seconds).map_err(|_| IoError::Time { seconds })?;
    epoch
        .checked_add(elapsed)
        .map_err(|_| IoError::Time { seconds })
}

/// The date of `seconds since 1970-01-01 00:00:00 UTC`.
fn epoch_of(units: &str) -> Option<Timestamp> {
    let date = units
        .trim()
        .strip_prefix("seconds since ")?
        .trim_end_matches("UTC")
        .trim_end();
    let civil = DateTime::strptime("%Y-%m-%d %H:%M:%S", date).ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests;
