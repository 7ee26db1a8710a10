//! What is noted about the files of a day.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use ndarray::Dimension;
use vadose_io::ismn::SkippedFile;
use vadose_io::{Field, IoError};

use crate::{Problem, Problems, Source};

/// Notes problems of one source and day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Notes<'p> {
    source: Source,
    date: Date,
    problems: &'p Mutex<Problems>,
}

impl<'p> Notes<'p> {
    pub(super) fn new(source: Source, date: Date, problems: &'p Mutex<Problems>) -> Self {
        Self {
            source,
            date,
            problems,
        }
    }

    fn with(&self, act: impl FnOnce(&mut Problems)) {
        // A list stays a list when another thread has panicked.
        act(&mut self.problems.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn note(&self, path: &Path, reason: impl Into<String>) {
        let problem = Problem {
            path: path.to_path_buf(),
            source: self.source,
            day: Some(self.date),
            reason: reason.into(),
        };
        self.with(|problems| problems.note(problem));
    }

    pub(super) fn error(&self, path: &Path, error: &IoError) {
        self.note(path, SkippedFile::new(path, error).reason);
    }

    /// Passes what was read; what was not is noted.
    pub(super) fn read<T>(&self, path: &Path, read: Result<T, IoError>) -> Option<T> {
        read.map_err(|error| self.error(path, &error)).ok()
    }

    /// Counts the values of datasets outside their valid ranges, and notes the file where they are no
    /// measurements or where a dataset is not there.
    pub(super) fn fields<D: Dimension>(
        &self,
        path: &Path,
        names: &[&str],
        fields: &BTreeMap<String, Field<D>>,
    ) {
        let (mut absent, mut impossible) = (Vec::new(), Vec::new());
        for name in names {
            let Some(field) = fields.get(*name) else {
                absent.push(*name);
                continue;
            };
            self.with(|problems| problems.count_out_of_range(name, field.counts.out_of_range));
            if let Some(reason) = field.out_of_range_reason().filter(|_| is_impossible(field)) {
                impossible.push(format!("{name} {reason}"));
            }
        }
        if !absent.is_empty() {
            let absent = absent.join(", ");
            self.note(path, format!("used without {absent}, which it lacks"));
        }
        if !impossible.is_empty() {
            let impossible = impossible.join("; ");
            self.note(
                path,
                format!("used without impossible values: {impossible}"),
            );
        }
    }

    /// Whether the time in a file is that of its name, within a tolerance; if not, the file is
    /// noted.
    pub(super) fn agrees_in_time(
        &self,
        path: &Path,
        found: Timestamp,
        named: Timestamp,
        tolerance: SignedDuration,
    ) -> bool {
        let agrees = found.duration_since(named).abs() <= tolerance;
        if !agrees {
            self.note(path, format!("holds {found}, but its name says {named}"));
        }
        agrees
    }
}

/// Where a range is open, as that of precipitation, which is not negative: what lies so far below it
/// is no rounding.
const BELOW_OPEN_RANGE: f64 = -1.0;

/// Whether values lie outside the valid range by more than its width. A retrieval may well end a
/// little above 0.5 m3 m-3; a mean of data and the fill value -9999 lies far away.
fn is_impossible<D: Dimension>(field: &Field<D>) -> bool {
    let Some([least, greatest]) = field.refused else {
        return false;
    };
    match field.valid_range {
        Some([low, high]) => least < 2.0 * low - high || greatest > 2.0 * high - low,
        None => least < BELOW_OPEN_RANGE,
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;
    use vadose_io::{Counts, TrajectoryField};

    use super::*;

    fn soil_moisture(refused: [f64; 2]) -> TrajectoryField {
        TrajectoryField {
            values: Array1::zeros(1),
            units: "m3 m-3".to_owned(),
            long_name: String::new(),
            valid_range: Some([0.02, 0.5]),
            counts: Counts::default(),
            refused: Some(refused),
        }
    }

    #[test]
    fn a_retrieval_above_the_range_is_possible_and_an_averaged_fill_value_is_not() {
        assert!(!is_impossible(&soil_moisture([0.51, 0.78])));
        assert!(!is_impossible(&soil_moisture([0.0, 0.0])));
        assert!(is_impossible(&soil_moisture([-10_068.993, 0.6])));
        assert!(is_impossible(&soil_moisture([0.6, 25.0]))); // in percent
    }
}
