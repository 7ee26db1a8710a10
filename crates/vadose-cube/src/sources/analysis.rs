//! SPL4SMGP: the analysis at 9 km, of the three hours that hold 6 h local solar time.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use ndarray::Array2;
use vadose_grid::{Cell, Window};
use vadose_io::{GranuleName, spl4smgp};

use super::DayBlocks;
use super::coarse::{CoarsePart, coarse_window};
use super::notes::Notes;
use crate::days::descending_pass;
use crate::{CubeDay, CubeError};

/// The dataset.
const SOIL_MOISTURE: &str = "sm_surface";
/// Length of the means, the first of which begins at 0 h UTC.
const MEAN_SECONDS: i64 = 3 * 3600;

/// The map of a day on M09.
pub(super) struct Analysis {
    window: Window,
    soil_moisture: Array2<f32>,
}

/// Middles of the means that a day needs in a window of M01, ascending.
pub(crate) fn centres(day: &CubeDay, window: &Window) -> Result<Vec<Timestamp>, CubeError> {
    let mut centres = centre_of_columns(day, &coarse_window(window)?)?;
    centres.sort_unstable();
    centres.dedup();
    Ok(centres)
}

/// The middle of the mean that holds 6 h local solar time of each column.
fn centre_of_columns(day: &CubeDay, window: &Window) -> Result<Vec<Timestamp>, CubeError> {
    let columns = window.col0()..window.col0() + window.cols();
    let centre = |col| {
        let row = window.row0();
        let lon_deg = window.grid().centre(Cell { row, col })?.lon_deg;
        let six = descending_pass(day.date, lon_deg).as_second();
        let start = six.div_euclid(MEAN_SECONDS) * MEAN_SECONDS;
        let centre = Timestamp::from_second(start + MEAN_SECONDS / 2);
        Ok(centre.expect("three hours about a day of the calendar"))
    };
    columns.map(centre).collect()
}

pub(super) fn open(
    files: &[PathBuf],
    day: &CubeDay,
    window: &Window,
    notes: &Notes<'_>,
) -> Result<Analysis, CubeError> {
    let window = coarse_window(window)?;
    let mut means = BTreeMap::new();
    for path in files {
        let name = path.to_string_lossy().parse::<GranuleName>();
        let Some(name) = notes.read(path, name) else {
            continue;
        };
        let read = spl4smgp::read(path, window, &[SOIL_MOISTURE]);
        let Some(mut granule) = notes.read(path, read) else {
            continue;
        };
        notes.fields(path, &[SOIL_MOISTURE], &granule.fields);
        match granule.fields.remove(SOIL_MOISTURE) {
            Some(field) if field.counts.valid > 0 => {
                means.insert(name.start, field.values);
            }
            _ => notes.note(path, "holds no valid value in the window"),
        }
    }
    let mut soil_moisture = Array2::from_elem(window.shape(), f32::NAN);
    for (col, centre) in centre_of_columns(day, &window)?.into_iter().enumerate() {
        if let Some(mean) = means.get(&centre) {
            soil_moisture.column_mut(col).assign(&mean.column(col));
        }
    }
    Ok(Analysis {
        window,
        soil_moisture,
    })
}

impl DayBlocks for Analysis {
    fn block(&self, block: &Window) -> Result<Vec<Array2<f32>>, CubeError> {
        let part = CoarsePart::new(&self.window, block)?;
        Ok(vec![part.of(&self.soil_moisture)])
    }
}
