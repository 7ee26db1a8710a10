//! What stations lost, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use vadose_io::ismn::FlagSet;

/// Why a value of a sensor is in no observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[non_exhaustive]
pub enum ExclusionReason {
    /// The file cannot be read, or its name cannot be understood.
    Unreadable,
    /// Another file holds the same sensor at the same times.
    DuplicateSeries,
    /// The sensor does not lie within the layer; its file was not read.
    OutsideLayer,
    /// The station stands outside the window.
    OutsideWindow,
    /// Most values cannot be soil moisture in the unit that the configuration states (21.4 is per cent).
    WrongUnit,
    /// No value about that time.
    NoValue,
    /// Values about that time, of which the nearest carries these flags, none good enough.
    Flagged(FlagSet),
    /// A thermometer of the station in the surface layer was below 0 °C.
    Frozen,
    /// The station reported snow.
    Snow,
}

/// Days of one sensor that were lost for one reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Exclusion {
    /// Why.
    pub reason: ExclusionReason,
    /// `network/station`; empty where a file does not tell.
    pub station: String,
    /// Archive and file of the series, as configured; the first, where several files hold the sensor.
    pub sensor: String,
    /// Number of days: all, where the sensor was not used at all; 0 for a file of which only what stands in another
    /// one was left out, and for one that was missed in screening.
    pub count: u64,
    /// What the reader said.
    pub detail: String,
}

/// What was lost for one reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// Stations that lost something.
    pub stations: u64,
    /// Sensors that lost something.
    pub sensors: u64,
    /// Days of sensors.
    pub sensor_days: u64,
}

/// Before the flags of [`ExclusionReason::Flagged`]; between them stands `+`, since tables have commas.
const FLAGGED: &str = "flagged:";
/// In place of flags for a value without any.
const NO_FLAG: &str = "none";

const NAMES: [(ExclusionReason, &str); 8] = [
    (ExclusionReason::Unreadable, "unreadable"),
    (ExclusionReason::DuplicateSeries, "duplicate_series"),
    (ExclusionReason::OutsideLayer, "outside_layer"),
    (ExclusionReason::OutsideWindow, "outside_window"),
    (ExclusionReason::WrongUnit, "wrong_unit"),
    (ExclusionReason::NoValue, "no_value"),
    (ExclusionReason::Frozen, "frozen"),
    (ExclusionReason::Snow, "snow"),
];

impl fmt::Display for ExclusionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Flagged(flags) = self {
            let codes: Vec<_> = flags.codes().collect();
            let codes = if codes.is_empty() {
                NO_FLAG.to_owned()
            } else {
                codes.join("+")
            };
            return write!(f, "{FLAGGED}{codes}");
        }
        let named = NAMES.iter().find(|(reason, _)| reason == self);
        f.write_str(named.map_or("", |(_, name)| name))
    }
}

impl FromStr for ExclusionReason {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix(FLAGGED) {
            Some(NO_FLAG) => Ok(Self::Flagged(FlagSet::default())),
            Some(codes) => {
                let codes = codes.replace('+', ",");
                Ok(Self::Flagged(FlagSet::parse(codes.as_bytes())))
            }
            None => {
                let named = NAMES.iter().find(|(_, name)| *name == text);
                let unknown = || format!("`{text}` is no reason for an exclusion");
                named.map(|(reason, _)| *reason).ok_or_else(unknown)
            }
        }
    }
}

impl From<ExclusionReason> for String {
    fn from(reason: ExclusionReason) -> Self {
        reason.to_string()
    }
}

impl TryFrom<String> for ExclusionReason {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// Collects exclusions.
#[derive(Debug)]
pub(super) struct Ledger {
    n_days: u64,
    counts: BTreeMap<(ExclusionReason, String, String), (u64, String)>,
}

impl Ledger {
    pub(super) fn new(n_days: usize) -> Self {
        Self {
            n_days: n_days as u64,
            counts: BTreeMap::new(),
        }
    }

    /// A sensor is lost for all days.
    pub(super) fn lose_sensor(
        &mut self,
        reason: ExclusionReason,
        station: &str,
        sensor: &str,
        detail: &str,
    ) {
        self.add(reason, station, sensor, self.n_days, detail);
    }

    /// A sensor is lost for one day.
    pub(super) fn lose_day(&mut self, reason: ExclusionReason, station: &str, sensor: &str) {
        self.add(reason, station, sensor, 1, "");
    }

    /// Something is wrong with a file, but no day of a sensor is lost by it.
    pub(super) fn note(
        &mut self,
        reason: ExclusionReason,
        station: &str,
        sensor: &str,
        detail: &str,
    ) {
        self.add(reason, station, sensor, 0, detail);
    }

    fn add(&mut self, reason: ExclusionReason, station: &str, sensor: &str, n: u64, detail: &str) {
        let key = (reason, station.to_owned(), sensor.to_owned());
        let (count, _) = self
            .counts
            .entry(key)
            .or_insert_with(|| (0, detail.to_owned()));
        *count += n;
    }

    pub(super) fn into_exclusions(self) -> Vec<Exclusion> {
        let exclusion = |((reason, station, sensor), (count, detail))| Exclusion {
            reason,
            station,
            sensor,
            count,
            detail,
        };
        self.counts.into_iter().map(exclusion).collect()
    }
}

/// What was lost by reason.
pub(super) fn lost_by_reason(exclusions: &[Exclusion]) -> BTreeMap<ExclusionReason, Lost> {
    let mut lost: BTreeMap<ExclusionReason, (BTreeSet<&str>, Lost)> = BTreeMap::new();
    for exclusion in exclusions {
        let (stations, lost) = lost.entry(exclusion.reason).or_default();
        stations.insert(&exclusion.station);
        lost.sensors += 1;
        lost.sensor_days += exclusion.count;
    }
    let counted = |(reason, (stations, lost)): (_, (BTreeSet<&str>, Lost))| {
        let stations = stations.len() as u64;
        (reason, Lost { stations, ..lost })
    };
    lost.into_iter().map(counted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_round_trip_through_their_text() {
        let flagged = ["", "D01", "D01,D03", "?"].map(|codes| FlagSet::parse(codes.as_bytes()));
        let flagged = flagged.map(ExclusionReason::Flagged);
        for reason in NAMES.map(|(reason, _)| reason).into_iter().chain(flagged) {
            assert_eq!(reason.to_string().parse(), Ok(reason));
        }
        assert_eq!(flagged[2].to_string(), "flagged:D01+D03");
        assert!("frost".parse::<ExclusionReason>().is_err());
    }

    #[test]
    fn losses_are_summed_by_reason_and_stations_counted_once() {
        let mut ledger = Ledger::new(30);
        ledger.lose_day(ExclusionReason::Frozen, "N/A", "a.stm");
        ledger.lose_day(ExclusionReason::Frozen, "N/A", "a.stm");
        ledger.lose_day(ExclusionReason::Frozen, "N/A", "b.stm");
        ledger.lose_sensor(ExclusionReason::WrongUnit, "N/B", "c.stm", "");
        let lost = lost_by_reason(&ledger.into_exclusions());
        let frozen = Lost {
            stations: 1,
            sensors: 2,
            sensor_days: 3,
        };
        assert_eq!(lost[&ExclusionReason::Frozen], frozen);
        assert_eq!(lost[&ExclusionReason::WrongUnit].sensor_days, 30);
    }
}
