//! The names of IMERG files, parsed and written.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::IoError;

/// What the name of a half-hourly file of IMERG's final run says.
///
/// `3B-HHR.MS.MRG.3IMERG.<date>-S<start>-E<end>.<minutes of the day>.<version>.HDF5`. Parsing a path
/// takes its last component; [`fmt::Display`] writes the name back.
///
/// # Examples
/// ```
/// use vadose_io::imerg::ImergName;
///
/// let text = "3B-HHR.MS.MRG.3IMERG.20170601-S013000-E015959.0090.V06B.HDF5";
/// let name: ImergName = text.parse()?;
/// assert_eq!(name.start.to_string(), "2017-06-01T01:30:00Z");
/// assert_eq!(name.version, "V06B");
/// assert_eq!(name.to_string(), text);
/// # Ok::<(), vadose_io::IoError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImergName {
    /// Beginning of the half hour (UTC).
    pub start: Timestamp,
    /// Version of the algorithm, e.g. `V06B`.
    pub version: String,
}

const PREFIX: &str = "3B-HHR.MS.MRG.3IMERG.";
const SUFFIX: &str = ".HDF5";
/// The files state the last second of the half hour.
const LAST_SECOND: SignedDuration = SignedDuration::from_secs(30 * 60 - 1);

impl FromStr for ImergName {
    type Err = IoError;

    fn from_str(text: &str) -> Result<Self, IoError> {
        let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
        let refused = |reason: String| IoError::ImergName {
            name: name.to_string(),
            reason,
        };
        let parts: Option<Vec<&str>> = name
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.strip_suffix(SUFFIX))
            .map(|rest| rest.split('.').collect());
        let Some([times, _, version]) = parts.as_deref() else {
            let pattern = "it is not `3B-HHR.MS.MRG.3IMERG.<times>.<minutes>.<version>.HDF5`";
            return Err(refused(pattern.to_string()));
        };
        let start = times
            .split_once("-E")
            .and_then(|(start, _)| parse_start(start));
        let parsed = Self {
            start: start.ok_or_else(|| refused(format!("`{times}` is no half hour")))?,
            version: (*version).to_string(),
        };
        // Start, end and minutes say the same thing three times.
        if parsed.to_string() != name {
            return Err(refused(format!(
                "its times contradict each other: expected `{parsed}`"
            )));
        }
        Ok(parsed)
    }
}

fn parse_start(text: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime("%Y%m%d-S%H%M%S", text).ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

impl fmt::Display for ImergName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.start.to_zoned(TimeZone::UTC).datetime();
        let end = start.saturating_add(LAST_SECOND);
        let minutes = i32::from(start.hour()) * 60 + i32::from(start.minute());
        write!(
            f,
            "{PREFIX}{}-E{}.{minutes:04}.{}{SUFFIX}",
            start.strftime("%Y%m%d-S%H%M%S"),
            end.strftime("%H%M%S"),
            self.version
        )
    }
}
