//! What was left out of a cube, and why.

use std::error::Error;
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

/// Collects what was left out. A file that fails again for the same day and reason is noted once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Notes a problem.
    pub fn note(&mut self, problem: Problem) {
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    /// All problems, in the order of files.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Problem> {
        self.0.sort();
        self.0
    }
}

/// An error with its causes, in one line.
pub(crate) fn reason(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
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
