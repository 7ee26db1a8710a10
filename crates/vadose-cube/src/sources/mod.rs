//! The layers of one day of one source, block by block.
//!
//! What is coarse (9 km, 0.1°) is read once and held for the window; what is at 1 km is read for a
//! block and let go.

pub(crate) mod analysis;
mod coarse;
mod notes;
pub(crate) mod precipitation;
mod radar;
mod radiometer;
pub(crate) mod statics;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Mutex;

use ndarray::Array2;
use vadose_grid::Window;

use crate::{CubeDay, CubeError, Problems, Source};
use notes::Notes;

/// One day of one source, ready to give any block of the window.
pub(crate) trait DayBlocks: Send + Sync {
    /// One array for each of the source's variables, in the order of
    /// [`variables`](crate::variables): f32, NaN where missing.
    ///
    /// `block` is on M01 within the day's window, its edges on multiples of 9. Arrays of 1 km
    /// variables are `[row, col]` of it, those of 9 km variables of the M09 cells that it holds. The
    /// values do not depend on how a window is cut into blocks.
    ///
    /// # Errors
    /// [`CubeError::Grid`] for a block of another grid.
    fn block(&self, block: &Window) -> Result<Vec<Array2<f32>>, CubeError>;
}

/// Opens the files of a day, which [`Archives::day`](crate::Archives::day) has found.
///
/// A file that cannot be used is noted in `problems` and left out: one that is damaged, another
/// product, of another time than its name says, or without a single valid value. The others are
/// used. Values outside their valid range are missing, and counted; where they lie so far outside
/// that they are no measurements (fill values that were averaged), the file is noted too, and its
/// other values are used.
///
/// # Errors
/// [`CubeError::Grid`] for a window that is not on M01; [`CubeError::Io`] for one that is not on
/// IMERG's grid; [`CubeError::NotDaily`] for static layers and stations.
pub(crate) fn open_day<'p>(
    source: Source,
    files: &[PathBuf],
    day: &CubeDay,
    window: &Window,
    problems: &'p Mutex<Problems>,
) -> Result<Box<dyn DayBlocks + 'p>, CubeError> {
    let notes = Notes::new(source, day.date, problems);
    Ok(match source {
        Source::Radiometer => Box::new(radiometer::open(files, day, window, &notes)?),
        Source::Radar => Box::new(radar::open(files, day, window, notes)?),
        Source::Analysis => Box::new(analysis::open(files, day, window, &notes)?),
        Source::Precipitation | Source::Antecedent => {
            Box::new(precipitation::open(files, day, window, &notes)?)
        }
        Source::Static | Source::Stations => {
            return Err(CubeError::NotDaily {
                name: source.name(),
            });
        }
    })
}
