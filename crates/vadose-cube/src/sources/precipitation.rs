//! IMERG: precipitation of the 24 hours before 6 h local solar time.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use ndarray::{Array2, Zip};
use vadose_grid::{Cell, Window};
use vadose_io::imerg::{self, ImergName, ImergWindow, LatLonBox};

use super::DayBlocks;
use super::notes::Notes;
use crate::days::descending_pass;
use crate::{CubeDay, CubeError};

/// What is read, by the name of both versions' quantity.
const RATE: &str = "precipitation";
/// Length of a file's mean.
const HALF_HOUR_SECONDS: i64 = 1800;
const HALF_HOUR_H: f64 = 0.5;
/// Half hours of a day.
const PER_DAY: u16 = 48;
/// So many of them may be missing.
const MAX_MISSING: u16 = 4;
/// Boxes of a degree.
const BOXES_PER_DEGREE: f64 = 10.0;

/// The map of a day on IMERG's boxes.
pub(super) struct Precipitation {
    window: ImergWindow,
    millimetres: Array2<f32>,
}

/// Beginnings of the half hours that a day needs in a window of M01, ascending.
pub(crate) fn half_hours(day: &CubeDay, window: &Window) -> Result<Vec<Timestamp>, CubeError> {
    let ends = ends(day, &boxes(window)?);
    let first = ends.iter().min().copied().unwrap_or_default() - i64::from(PER_DAY);
    let last = ends.iter().max().copied().unwrap_or_default();
    let start = |number: i64| {
        Timestamp::from_second(number * HALF_HOUR_SECONDS)
            .expect("half an hour about a day of the calendar")
    };
    Ok((first..last).map(start).collect())
}

/// The half hour, counted from 1970, that begins at 6 h local solar time of each column of boxes,
/// to the nearest.
fn ends(day: &CubeDay, boxes: &ImergWindow) -> Vec<i64> {
    let end = |col| {
        let six = descending_pass(day.date, boxes.longitude_deg(col)).as_second();
        (six + HALF_HOUR_SECONDS / 2).div_euclid(HALF_HOUR_SECONDS)
    };
    (0..boxes.cols()).map(end).collect()
}

/// The boxes that hold the centres of a window's cells.
fn boxes(window: &Window) -> Result<ImergWindow, CubeError> {
    let centre = |row, col| window.grid().centre(Cell { row, col });
    let first = centre(window.row0(), window.col0())?;
    let last = centre(
        window.row0() + window.rows() - 1,
        window.col0() + window.cols() - 1,
    )?;
    Ok(ImergWindow::covering(LatLonBox {
        south_deg: last.lat_deg,
        north_deg: first.lat_deg,
        west_deg: first.lon_deg,
        east_deg: last.lon_deg,
    })?)
}

/// Sums the half hours. Where up to four of the 48 are missing, they count as the mean of the
/// others; where more are, the sum is missing.
pub(super) fn open(
    files: &[PathBuf],
    day: &CubeDay,
    window: &Window,
    notes: &Notes<'_>,
) -> Result<Precipitation, CubeError> {
    let window = boxes(window)?;
    let ends = ends(day, &window);
    let shape = (window.rows(), window.cols());
    let mut sum = Array2::<f64>::zeros(shape);
    let mut count = Array2::<u16>::zeros(shape);
    for path in files {
        let Some(half_hour) = notes.read(path, imerg::read(path, window)) else {
            continue;
        };
        let named = path.to_string_lossy().parse::<ImergName>();
        if let Ok(named) = named
            && !notes.agrees_in_time(path, half_hour.start, named.start, SignedDuration::ZERO)
        {
            continue;
        }
        let fields = BTreeMap::from([(RATE.to_owned(), half_hour.precipitation)]);
        notes.fields(path, &[RATE], &fields);
        let field = &fields[RATE];
        if field.counts.valid == 0 {
            notes.note(path, "holds no valid value in the window");
            continue;
        }
        let number = half_hour.start.as_second().div_euclid(HALF_HOUR_SECONDS);
        for (col, &end) in ends.iter().enumerate() {
            if !(end - i64::from(PER_DAY)..end).contains(&number) {
                continue;
            }
            for (row, &rate) in field.values.column(col).iter().enumerate() {
                if !rate.is_nan() {
                    sum[[row, col]] += f64::from(rate);
                    count[[row, col]] += 1;
                }
            }
        }
    }
    let millimetres = Zip::from(&sum).and(&count).map_collect(|&sum, &count| {
        if count < PER_DAY - MAX_MISSING {
            return f32::NAN;
        }
        (sum / f64::from(count) * f64::from(PER_DAY) * HALF_HOUR_H) as f32
    });
    Ok(Precipitation {
        window,
        millimetres,
    })
}

impl DayBlocks for Precipitation {
    fn block(&self, block: &Window) -> Result<Vec<Array2<f32>>, CubeError> {
        let (rows, cols) = (self.rows_of(block)?, self.cols_of(block)?);
        Ok(vec![Array2::from_shape_fn(block.shape(), |(row, col)| {
            self.millimetres[[rows[row], cols[col]]]
        })])
    }
}

impl Precipitation {
    /// The row of boxes that holds the centre of each row of cells.
    fn rows_of(&self, block: &Window) -> Result<Vec<usize>, CubeError> {
        let rows = block.row0()..block.row0() + block.rows();
        let of = |row| {
            let col = block.col0();
            let lat_deg = block.grid().centre(Cell { row, col })?.lat_deg;
            let from_north = ((90.0 - lat_deg) * BOXES_PER_DEGREE) as usize;
            Ok(within(from_north, self.window.row0(), self.window.rows()))
        };
        rows.map(of).collect()
    }

    fn cols_of(&self, block: &Window) -> Result<Vec<usize>, CubeError> {
        let cols = block.col0()..block.col0() + block.cols();
        let of = |col| {
            let row = block.row0();
            let lon_deg = block.grid().centre(Cell { row, col })?.lon_deg;
            let from_west = ((lon_deg + 180.0) * BOXES_PER_DEGREE) as usize;
            Ok(within(from_west, self.window.col0(), self.window.cols()))
        };
        cols.map(of).collect()
    }
}

/// Place of a row or column of boxes in the window. A centre on the very edge of the outermost box
/// belongs to it.
fn within(number: usize, first: usize, length: usize) -> usize {
    number.saturating_sub(first).min(length - 1)
}
