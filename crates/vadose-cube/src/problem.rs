//! What was left out of a cube, and why.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Source;

/// A file that was left out, or used in part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// The file.
    pub path: PathBuf,
    /// What it was to give.
    pub source: Source,
    /// The day it was to be used for; none for static layers and stations.
    pub day: Option<Date>,
    /// Why it was left out.
    pub reason: String,
}

/// How many values of the files lay outside their valid range and count as missing, by dataset.
pub type OutOfRangeCounts = BTreeMap<String, u64>;

/// Collects what was left out. A file that fails again for the same day and reason is noted once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    noted: Vec<Problem>,
    out_of_range: OutOfRangeCounts,
}

impl Problems {
    /// Notes a problem.
    pub fn note(&mut self, problem: Problem) {
        if !self.noted.contains(&problem) {
            self.noted.push(problem);
        }
    }

    /// Counts values of a dataset outside its valid range: no problem of a file, since real
    /// granules hold thousands of them.
    pub fn count_out_of_range(&mut self, dataset: &str, n: usize) {
        if n > 0 {
            *self.out_of_range.entry(dataset.to_owned()).or_default() += n as u64;
        }
    }

    /// Values outside their valid range.
    #[must_use]
    pub fn out_of_range(&self) -> &OutOfRangeCounts {
        &self.out_of_range
    }

    /// All problems, in the order of files.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Problem> {
        self.noted.sort();
        self.noted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_noted_once_and_in_the_order_of_files() {
        let of = |path: &str| Problem {
            path: PathBuf::from(path),
            source: Source::Radar,
            day: None,
            reason: "truncated".to_owned(),
        };
        let mut problems = Problems::default();
        for path in ["b.h5", "a.h5", "b.h5"] {
            problems.note(of(path));
        }
        assert_eq!(problems.into_sorted(), [of("a.h5"), of("b.h5")]);
    }
}
