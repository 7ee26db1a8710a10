//! One series: its observations with their flags, and the lines that were left out.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vadose_grid::LatLonDeg;

use super::{FlagPolicy, FlagSet, SeriesInfo};

/// A series as it stands in its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What the name of the file tells. Its depths hold: those in the file have two decimals only,
    /// so that 0.0508 m reads 0.05 there.
    pub info: SeriesInfo,
    /// Where the station is.
    pub position: LatLonDeg,
    /// Height above the sea, m; NaN where it is not stated.
    pub elevation_m: f64,
    /// What was measured, in ascending order of time, no time twice.
    pub observations: Vec<Observation>,
    /// The flags of the network itself, which [`Observation::provider_flag_idx`] points to.
    pub provider_flags: Vec<String>,
    /// What was left out.
    pub rejected: Rejections,
    /// Where the file contradicts its own name: another network or another depth.
    pub discrepancy: Option<String>,
}

/// One value of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// When it was measured (UTC).
    pub time: Timestamp,
    /// In the unit of the variable; soil moisture in m3 m-3.
    pub value: f32,
    /// ISMN's quality flags.
    pub flags: FlagSet,
    /// Which of [`Series::provider_flags`] it carries, if any.
    pub provider_flag_idx: Option<u16>,
}

/// How a series is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// The unit of soil moisture in the files.
    pub soil_moisture_unit: SoilMoistureUnit,
    /// Only times from the start on and before the end; all by default.
    pub period: Option<Range<Timestamp>>,
}

/// The unit that soil moisture has in the files. In memory it is always m3 m-3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SoilMoistureUnit {
    /// m3 m-3, as all present archives have it.
    #[default]
    VolumeFraction,
    /// Per cent, as very old files have it.
    Percent,
}

/// Why a line was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// Fewer words than date, time, value and flag.
    TooFewFields,
    /// No date and time.
    Time,
    /// No number where the value should be.
    Value,
    /// Flagged as missing.
    Missing,
    /// A value that cannot be true, e.g. soil moisture beyond 1.5 m3 m-3.
    Implausible,
    /// The line is of another station or depth than the first line.
    OtherStation,
    /// The time was there before.
    RepeatedTime,
}

/// A line that was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedLine {
    /// Line in the file, counted from 1.
    pub line: u64,
    /// Why.
    pub reason: RejectReason,
}

/// The lines of a series that were left out: all counted, the first hundred listed (save repeated
/// times that come to light only when lines out of order are sorted).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rejections {
    /// Number of lines by reason.
    pub counts: BTreeMap<RejectReason, u64>,
    /// The first of them, in the file's order.
    pub first: Vec<RejectedLine>,
}

/// A damaged file may have as many bad lines as lines, so that only the first are listed.
const MAX_LISTED_REJECTIONS: usize = 100;

impl Series {
    /// The flag of the network itself that an observation of this series carries.
    #[must_use]
    pub fn provider_flag(&self, observation: &Observation) -> Option<&str> {
        let flag = self
            .provider_flags
            .get(usize::from(observation.provider_flag_idx?))?;
        Some(flag)
    }

    /// The observations whose flags are good enough.
    pub fn kept(&self, policy: FlagPolicy) -> impl Iterator<Item = &Observation> {
        let observations = self.observations.iter();
        observations.filter(move |observation| policy.keeps(observation.flags))
    }
}

impl Rejections {
    /// Number of lines left out.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    pub(super) fn add(&mut self, line: u64, reason: RejectReason) {
        *self.counts.entry(reason).or_default() += 1;
        if self.first.len() < MAX_LISTED_REJECTIONS {
            self.first.push(RejectedLine { line, reason });
        }
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooFewFields => "fewer words than date, time, value and flag",
            Self::Time => "no date and time",
            Self::Value => "no number",
            Self::Missing => "flagged as missing",
            Self::Implausible => "implausible value",
            Self::OtherStation => "another station or depth than in the first line",
            Self::RepeatedTime => "repeated time",
        })
    }
}
