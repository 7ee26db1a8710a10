//! SMAP's time scale: seconds since J2000, to and from UTC.

use jiff::{SignedDuration, Timestamp};

use crate::IoError;

/// J2000, noon of 1 January 2000 in Terrestrial Time, in UTC: 2000-01-01T11:58:55.816Z.
///
/// SMAP granules state it as `epochUTCDateTime` under `Metadata/ProcessStep`.
const J2000_UNIX_MILLISECONDS: i64 = 946_727_935_816;

/// The moment that a SMAP granule writes as `seconds` since J2000, to the microsecond.
///
/// `t = 2000-01-01T11:58:55.816Z + seconds`
///
/// # Shapes and units
/// SI seconds elapsed since J2000. Leap seconds are not taken off: five were inserted between
/// J2000 and 2017 (none since), so the result is up to 5 s ahead of UTC. SMAP's half orbits last
/// 49 minutes and a cell is seen for seconds, so no pairing of data turns on it. The string
/// dataset `tb_time_utc` of SPL2SMP R18290 counts from noon UTC instead and is 64.184 s later.
/// # Missing values
/// None: a fill value must be taken out before.
/// # Errors
/// [`IoError::Time`] for NaN, infinity and times beyond the years -9999 to 9999.
/// # References
/// Attribute `epochUTCDateTime` of any SMAP level 2 granule.
/// # Examples
/// ```
/// let time = vadose_io::timestamp_of_j2000_seconds(492_537_552.927_608_55)?;
/// assert_eq!(time.to_string(), "2015-08-11T03:58:08.743609Z");
/// # Ok::<(), vadose_io::IoError>(())
/// ```
pub fn timestamp_of_j2000_seconds(seconds: f64) -> Result<Timestamp, IoError> {
    let refused = || IoError::Time { seconds };
    let epoch = Timestamp::from_millisecond(J2000_UNIX_MILLISECONDS)
        .expect("J2000 is a representable time");
    let elapsed = SignedDuration::try_from_secs_f64(seconds).map_err(|_| refused())?;
    let time = epoch.checked_add(elapsed).map_err(|_| refused())?;
    time.round(jiff::Unit::Microsecond).map_err(|_| refused())
}

/// Seconds since J2000 as a SMAP granule writes them: the inverse of
/// [`timestamp_of_j2000_seconds`], good to the microsecond within a century of 2000.
///
/// # Examples
/// ```
/// let time = "2000-01-01T11:58:56.816Z".parse().unwrap();
/// assert_eq!(vadose_io::j2000_seconds_of_timestamp(time), 1.0);
/// ```
#[must_use]
pub fn j2000_seconds_of_timestamp(time: Timestamp) -> f64 {
    let milliseconds = i128::from(J2000_UNIX_MILLISECONDS);
    (time.as_nanosecond() - milliseconds * 1_000_000) as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_seconds_is_the_epoch_that_granules_state() {
        let epoch: Timestamp = "2000-01-01T11:58:55.816Z".parse().unwrap();
        assert_eq!(timestamp_of_j2000_seconds(0.0).unwrap(), epoch);
    }

    #[test]
    fn seconds_round_trip_to_the_microsecond() {
        for seconds in [-86_400.0, 0.5, 481_916_544.0, 492_537_552.927_608] {
            let time = timestamp_of_j2000_seconds(seconds).unwrap();
            assert!((j2000_seconds_of_timestamp(time) - seconds).abs() < 1e-6);
        }
    }

    #[test]
    fn unrepresentable_seconds_are_refused() {
        for seconds in [f64::NAN, f64::INFINITY, -1e30, 1e12] {
            assert!(matches!(
                timestamp_of_j2000_seconds(seconds),
                Err(IoError::Time { .. })
            ));
        }
    }
}
