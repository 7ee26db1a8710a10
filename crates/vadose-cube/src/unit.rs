//! The units of work.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Source;

/// What is built, or built anew, as a whole: a source, and for daily sources a day of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Unit {
    /// The day; none for static layers and stations.
    pub day: Option<Date>,
    /// The source.
    pub source: Source,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.day {
            Some(day) => write!(f, "{day}.{}", self.source.name()),
            None => f.write_str(self.source.name()),
        }
    }
}
