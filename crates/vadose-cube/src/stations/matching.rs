//! Which value of a series belongs to a day.

use jiff::{SignedDuration, Timestamp};
use vadose_io::ismn::{FlagPolicy, Observation, Series};

use super::config::StationMatching;
use super::exclusion::ExclusionReason;

/// The value of a series on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DayValue {
    pub(super) value: f32,
    /// When it was measured; the pass for means.
    pub(super) time: Timestamp,
}

/// The value of a series on the day whose descending pass is at `pass`, or why there is none.
pub(super) fn value_of_day(
    series: &Series,
    pass: Timestamp,
    matching: StationMatching,
    policy: FlagPolicy,
) -> Result<DayValue, ExclusionReason> {
    let near = values_about(&series.observations, pass, matching);
    let found = match matching {
        StationMatching::Nearest { .. } => {
            let [tolerance, _] = matching.reach();
            series
                .nearest(pass, tolerance, policy)
                .map(|nearest| DayValue {
                    value: nearest.value,
                    time: nearest.time,
                })
        }
        StationMatching::DailyMean => {
            mean_of_good(near, policy).map(|value| DayValue { value, time: pass })
        }
    };
    found.ok_or_else(|| {
        let distance = |observation: &&Observation| observation.time.duration_since(pass).abs();
        let nearest = near.iter().min_by_key(distance);
        nearest.map_or(ExclusionReason::NoValue, |nearest| {
            ExclusionReason::Flagged(nearest.flags)
        })
    })
}

/// The observations that can belong to the day, good or not.
fn values_about(
    observations: &[Observation],
    pass: Timestamp,
    matching: StationMatching,
) -> &[Observation] {
    let [before, after] = matching.reach();
    let begin = observations.partition_point(|one| pass.duration_since(one.time) > before);
    let end = observations.partition_point(|one| {
        let since = one.time.duration_since(pass);
        match matching {
            StationMatching::Nearest { .. } => since <= after,
            // The end of a day belongs to the next one.
            StationMatching::DailyMean => since < after,
        }
    });
    &observations[begin.min(end)..end]
}

fn mean_of_good(observations: &[Observation], policy: FlagPolicy) -> Option<f32> {
    let good = observations.iter().filter(|one| policy.keeps(one.flags));
    let (sum, n) = good.fold((0.0, 0_u32), |(sum, n), one| {
        (sum + f64::from(one.value), n + 1)
    });
    (n > 0).then(|| (sum / f64::from(n)) as f32)
}

/// The mean of several times, to the second.
pub(super) fn mean_time(times: &[Timestamp]) -> Option<Timestamp> {
    let first = *times.first()?;
    let sum: i64 = times
        .iter()
        .map(|time| time.duration_since(first).as_secs())
        .sum();
    let mean = sum.div_euclid(times.len() as i64);
    Some(first + SignedDuration::from_secs(mean))
}
