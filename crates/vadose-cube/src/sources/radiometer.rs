//! SPL2SMP_E: SMAP's radiometer at 9 km, the descending half orbits of a day.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use ndarray::{Array1, Array2};
use vadose_grid::{Cell, Window};
use vadose_io::flags::TbQualityFlag;
use vadose_io::{
    GranuleName, IoError, Product, Spl2Smp, j2000_seconds_of_timestamp, spl2smp,
    timestamp_of_j2000_seconds,
};

use super::DayBlocks;
use super::coarse::{CoarsePart, coarse_window};
use super::notes::Notes;
use crate::archives::{HALF_DAY, TO_MIDDLE_OF_HALF_ORBIT};
use crate::days::descending_pass;
use crate::{CubeDay, CubeError};

/// Quantities in the order of the variables of the cube; what follows them is made of other data.
const QUANTITIES: [&str; 6] = [
    "tb_h_corrected",
    "tb_v_corrected",
    "surface_temperature",
    "vegetation_water_content",
    "soil_moisture",
    "soil_moisture_option2",
];
/// The words that say whether the brightness temperatures are good, in the same order.
const TB_WORDS: [&str; 2] = ["tb_qual_flag_h", "tb_qual_flag_v"];
/// The other datasets that are read.
const QUALITY: &str = "retrieval_qual_flag";
const TIME: &str = "tb_time_seconds";

/// Number of variables, and which of them is which.
const N_MAPS: usize = 8;
const SOIL_MOISTURE: usize = 4;
const RECOMMENDED: usize = 6;
const HOURS: usize = 7;
/// Variables of the 1 km cells; the others are of the 9 km cells.
const N_FINE: usize = 4;

/// The median time of the cells may lie so far from the middle of the half orbit: subsets of a
/// granule hold a part of its 49 minutes.
const MAX_FROM_NAME: SignedDuration = SignedDuration::from_hours(1);

/// The maps of a day on M09.
pub(super) struct Radiometer {
    window: Window,
    maps: [Array2<f32>; N_MAPS],
}

/// What speaks for a pass over a cell; the least counts.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Rank {
    /// Passes with both brightness temperatures go before others.
    lacks_tb: bool,
    /// Seconds from 6 h local solar time.
    from_six: f64,
}

/// Reads the half orbits. Of each cell all values are of one pass: of those with good brightness
/// temperatures, else of all, the one nearest to 6 h local solar time. A brightness temperature
/// counts only where bit 0 of `tb_qual_flag` of its polarisation is clear, if the file has the word.
pub(super) fn open(
    files: &[PathBuf],
    day: &CubeDay,
    window: &Window,
    notes: &Notes<'_>,
) -> Result<Radiometer, CubeError> {
    let window = coarse_window(window)?;
    let mut maps = std::array::from_fn(|_| Array2::from_elem(window.shape(), f32::NAN));
    let mut ranks = Array2::from_elem(window.shape(), None::<Rank>);
    let six = six_o_clock(day, &window)?;
    let nominal = j2000_seconds_of_timestamp(day.time);
    for path in files {
        let Some(half_orbit) = HalfOrbit::read(path, notes) else {
            continue;
        };
        for (idx, cell) in half_orbit.orbit.cells.iter().enumerate() {
            let Some(at) = window.offset_of(*cell) else {
                continue;
            };
            let from_six = (half_orbit.seconds[idx] - six[at.1]).abs();
            if from_six.is_nan() || from_six >= HALF_DAY.as_secs_f64() {
                continue;
            }
            let values = half_orbit.values(idx, nominal);
            let rank = Rank {
                lacks_tb: values[0].is_nan() || values[1].is_nan(),
                from_six,
            };
            if ranks[at].is_none_or(|best| rank < best) {
                ranks[at] = Some(rank);
                for (map, value) in maps.iter_mut().zip(values) {
                    map[at] = value;
                }
            }
        }
    }
    Ok(Radiometer { window, maps })
}

/// Seconds since J2000 at 6 h local solar time of each column.
fn six_o_clock(day: &CubeDay, window: &Window) -> Result<Vec<f64>, CubeError> {
    let columns = window.col0()..window.col0() + window.cols();
    let seconds = |col| {
        let row = window.row0();
        let lon_deg = window.grid().centre(Cell { row, col })?.lon_deg;
        let six = descending_pass(day.date, lon_deg);
        Ok(j2000_seconds_of_timestamp(six))
    };
    columns.map(seconds).collect()
}

/// A half orbit that can be used.
struct HalfOrbit {
    orbit: Spl2Smp,
    /// Time of each cell, since J2000; NaN where missing.
    seconds: Array1<f64>,
    recommended: Array1<bool>,
}

impl HalfOrbit {
    fn read(path: &Path, notes: &Notes<'_>) -> Option<Self> {
        let mut variables: Vec<&str> = QUANTITIES.to_vec();
        variables.extend(TB_WORDS);
        variables.extend([QUALITY, TIME]);
        let mut orbit = notes.read(path, spl2smp::read_variables(path, &variables))?;
        if orbit.product() != Product::Spl2SmpE {
            let error = IoError::WrongProduct {
                path: path.to_path_buf(),
                expected: Product::Spl2SmpE.to_string(),
                got: orbit.product().to_string(),
            };
            notes.error(path, &error);
            return None;
        }
        notes.fields(path, &QUANTITIES, &orbit.fields);
        if orbit.fields.values().all(|field| field.counts.valid == 0) {
            notes.note(path, "holds no valid value");
            return None;
        }
        let Some(seconds) = orbit.time_seconds.take() else {
            notes.note(path, format!("has no dataset {TIME}"));
            return None;
        };
        let named = path.to_string_lossy().parse::<GranuleName>().ok();
        if let Some((named, middle)) = named.zip(middle_of(&seconds)) {
            let expected = named.start + TO_MIDDLE_OF_HALF_ORBIT;
            if !notes.agrees_in_time(path, middle, expected, MAX_FROM_NAME) {
                return None;
            }
        }
        Some(Self {
            recommended: orbit.recommended(),
            orbit,
            seconds,
        })
    }

    /// All variables of a cell; `nominal` is the day's time in seconds since J2000.
    fn values(&self, idx: usize, nominal: f64) -> [f32; N_MAPS] {
        let Spl2Smp { fields, flags, .. } = &self.orbit;
        let mut values = [f32::NAN; N_MAPS];
        for (value, name) in values.iter_mut().zip(QUANTITIES) {
            *value = fields.get(name).map_or(f32::NAN, |field| field.values[idx]);
        }
        for (tb, name) in values.iter_mut().zip(TB_WORDS) {
            let is_good = flags.get(name).is_none_or(|words| {
                words.valid[idx] && !TbQualityFlag::Poor.is_set_in(words.values[idx])
            });
            if !is_good {
                *tb = f32::NAN;
            }
        }
        if !values[SOIL_MOISTURE].is_nan() {
            values[RECOMMENDED] = f32::from(u8::from(self.recommended[idx]));
        }
        values[HOURS] = ((self.seconds[idx] - nominal) / 3600.0) as f32;
        values
    }
}

/// The moment in the middle of a half orbit.
fn middle_of(seconds: &Array1<f64>) -> Option<Timestamp> {
    let mut present: Vec<f64> = seconds.iter().copied().filter(|s| s.is_finite()).collect();
    present.sort_unstable_by(f64::total_cmp);
    let middle = present.get(present.len() / 2)?;
    timestamp_of_j2000_seconds(*middle).ok()
}

impl DayBlocks for Radiometer {
    fn block(&self, block: &Window) -> Result<Vec<Array2<f32>>, CubeError> {
        let part = CoarsePart::new(&self.window, block)?;
        let (fine, coarse) = self.maps.split_at(N_FINE);
        let fine = fine.iter().map(|map| part.nested(map));
        let coarse = coarse.iter().map(|map| part.of(map));
        Ok(fine.chain(coarse).collect())
    }
}
