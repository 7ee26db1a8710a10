//! Station archives on the cube's grid and calendar: one value a cell and day, and every loss counted.
//!
//! Soil moisture series of ISMN archives (and USCRN's own daily table) within the surface layer give, for each
//! day, their value nearest to 6 h local solar time of the station, or a daily mean. Sensors of a station are
//! averaged first, then the stations of a cell. Whatever does not get in is an [`Exclusion`], so that
//!
//! ```text
//! sensors × days = Σ CellObservation::n_sensors + Σ Exclusion::count
//! ```
//!
//! where a file that was excluded as a whole counts as a sensor of its own.

mod config;
mod csv_files;
mod exclusion;
mod files;
mod matching;
mod screening;
mod sensors;
mod table;
mod uscrn;

#[cfg(test)]
mod tests;

pub use config::{Screening, StationMatching, StationsConfig};
pub use exclusion::{Exclusion, ExclusionReason, Lost};
pub use table::{CellObservation, StationTable, StationTableSite};

use std::path::{Path, PathBuf};

use vadose_grid::Window;

use crate::{CubeDay, CubeError};
use exclusion::Ledger;
use sensors::{Reading, Sources};

/// What the stations of a window report on each day.
///
/// # Shapes and units
/// Soil moisture in m3 m-3 on the grid of `window`; means in f64. Sites and exclusions come in alphabetic order,
/// observations by day, then cell. The same archives give the same table for any number of threads.
/// # Missing values
/// A cell without a value on a day has no observation. What was lost stands in
/// [`StationTable::exclusions`]: a series that cannot be read is lost alone, the others are used.
/// # Errors
/// [`CubeError::Config`]; [`CubeError::Io`] for an archive or table that is not there, is neither a folder nor a
/// whole zip, or was made to do harm.
/// # References
/// Averaging: Tsagkatakis et al. (2024), section 3. Screening: Dorigo et al. (2021), doi:10.5194/hess-25-5749-2021.
/// # Examples
/// ```
/// use std::path::Path;
///
/// use jiff::civil::date;
/// use vadose_cube::{Calendar, Period, StationsConfig, station_table};
/// use vadose_grid::{EaseGrid2, LatLonDeg, Window};
///
/// let folder = tempfile::tempdir().unwrap();
/// let name = "NET/Boulder/NET_NET_Boulder_sm_0.050800_0.050800_Probe_20170601_20170630.stm";
/// let path = folder.path().join("ismn").join(name);
/// std::fs::create_dir_all(path.parent().unwrap()).unwrap();
/// let text = "NET NET Boulder 40.015 -105.27 1655.00 0.05 0.05 Probe\n2017/06/01 13:00 0.2140 G\n";
/// std::fs::write(&path, text).unwrap();
///
/// let config = StationsConfig { archives: vec!["ismn".into()], ..StationsConfig::default() };
/// let boulder = EaseGrid2::M01.locate(LatLonDeg { lat_deg: 40.015, lon_deg: -105.27 })?;
/// let window = Window::new(EaseGrid2::M01, boulder.row, boulder.col, 1, 1)?;
/// let june = Period { first: date(2017, 6, 1), last: date(2017, 6, 2), every: 1 };
/// let calendar = Calendar::new(&[june], -105.27)?;
/// let table = station_table(&config, &window, calendar.days(), folder.path())?;
/// assert_eq!(table.observations[0].soil_moisture_m3m3, 0.214);
/// assert_eq!(table.observations[0].stations, ["NET/Boulder"]);
/// assert_eq!(table.exclusions[0].reason.to_string(), "no_value");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn station_table(
    config: &StationsConfig,
    window: &Window,
    days: &[CubeDay],
    base_folder: &Path,
) -> Result<StationTable, CubeError> {
    config.check()?;
    let mut ledger = Ledger::new(days.len());
    let sources = Sources::open(config, base_folder)?;
    let reading = Reading::new(config, window, days);
    let mut sensors = sources.read(&reading, &mut ledger);
    sources.screen(&reading, &mut sensors, &mut ledger);
    if let Some(path) = &config.uscrn {
        sensors.extend(uscrn::read(path, base_folder, &reading, &mut ledger)?);
    }
    table::build(&sensors, days, ledger)
}

/// The files that [`station_table`] reads, in alphabetic order: zips and tables, and the series of folders.
///
/// # Errors
/// As [`station_table`].
pub fn station_files(
    config: &StationsConfig,
    base_folder: &Path,
) -> Result<Vec<PathBuf>, CubeError> {
    let mut files = Sources::open(config, base_folder)?.files();
    files.extend(config.uscrn.iter().map(|path| base_folder.join(path)));
    files.sort_unstable();
    files.dedup();
    Ok(files)
}
