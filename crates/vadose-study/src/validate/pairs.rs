//! Pairs of product and station: which values belong together, and why others have no partner.

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use vadose_io::ismn::{FlagPolicy, ReadOptions, RejectReason, Series, SeriesInfo, SkippedFile};

use super::Matching;
use super::product::Seen;
use super::sites::{Probe, Site, Sources};

/// What became of the product's values at a station.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Times that a granule covered the station's cell.
    pub covered: usize,
    /// Of these, without a value: missing, or outside the valid range.
    pub missing: usize,
    /// Of these, not of recommended quality.
    pub not_recommended: usize,
    /// Of these, with a value at no known time.
    pub without_time: usize,
    /// Values that were averaged into another of the same moment: overlapping scenes, or one day.
    pub merged: usize,
    /// Moments at which the station has values, but none whose flags are good enough.
    pub station_flagged: usize,
    /// Moments at which the station has no value at all.
    pub station_silent: usize,
    /// Moments at which product and station have a value: samples.
    pub samples: usize,
}

impl std::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |a, b| Self {
            covered: a.covered + b.covered,
            missing: a.missing + b.missing,
            not_recommended: a.not_recommended + b.not_recommended,
            without_time: a.without_time + b.without_time,
            merged: a.merged + b.merged,
            station_flagged: a.station_flagged + b.station_flagged,
            station_silent: a.station_silent + b.station_silent,
            samples: a.samples + b.samples,
        })
    }
}

/// One pair.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    pub(super) site: usize,
    /// Of the product; midnight where days are compared.
    pub(super) time: Timestamp,
    pub(super) estimate: f64,
    pub(super) reference: f64,
    /// Values of the product that were averaged.
    pub(super) n_values: usize,
    /// Probes of the station that were averaged.
    pub(super) n_probes: usize,
    /// The first granule that it is from.
    pub(super) granule: usize,
}

/// The product's value at a station at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moment {
    time: Timestamp,
    estimate: f64,
    n_values: usize,
    granule: usize,
}

/// The product's values at one station, as the granules are read.
#[derive(Debug, Clone, Default)]
pub(super) struct SiteValues {
    pub(super) tally: Tally,
    values: Vec<(Timestamp, f64, usize)>,
}

impl SiteValues {
    pub(super) fn add(&mut self, seen: Seen, granule: usize) {
        self.tally.covered += 1;
        match seen {
            Seen::Value { value, time } => self.values.push((time, value, granule)),
            Seen::Missing => self.tally.missing += 1,
            Seen::NotRecommended => self.tally.not_recommended += 1,
            Seen::WithoutTime => self.tally.without_time += 1,
        }
    }

    /// Averages the values of one moment: those less than an hour after the first (overlapping scenes of one
    /// pass; passes are 98 minutes apart), or those of one day.
    fn moments(&mut self, matching: Matching) -> Vec<Moment> {
        self.values
            .sort_by_key(|(time, _, granule)| (*time, *granule));
        let mut moments: Vec<(Moment, f64)> = Vec::new();
        for &(time, value, granule) in &self.values {
            let time = match matching {
                Matching::Nearest { .. } => time,
                Matching::DailyMean => midnight(time),
            };
            match moments.last_mut() {
                Some((moment, sum)) if time.duration_since(moment.time) < ONE_MOMENT => {
                    *sum += value;
                    moment.n_values += 1;
                    self.tally.merged += 1;
                }
                _ => moments.push((
                    Moment {
                        time,
                        estimate: f64::NAN,
                        n_values: 1,
                        granule,
                    },
                    value,
                )),
            }
        }
        let mean = |(moment, sum): (Moment, f64)| Moment {
            estimate: sum / moment.n_values as f64,
            ..moment
        };
        moments.into_iter().map(mean).collect()
    }
}

/// Values of the product less apart than this are of one moment. An hour, since intervals count time in
/// whole hours and take no two samples of one hour.
const ONE_MOMENT: SignedDuration = SignedDuration::from_hours(1);

fn midnight(time: Timestamp) -> Timestamp {
    let day = time.to_zoned(TimeZone::UTC).date();
    day.to_zoned(TimeZone::UTC)
        .map_or(time, |midnight| midnight.timestamp())
}

/// All pairs, in the order of stations and time, and what was met on the way.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    pub(super) samples: Vec<Sample>,
    pub(super) tallies: Vec<Tally>,
    pub(super) skipped: Vec<SkippedFile>,
    /// Lines of the series left out, by reason.
    pub(super) rejected_lines: BTreeMap<RejectReason, u64>,
}

/// What a probe says of one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Reference {
    Value(f64),
    /// There are values, but none with good flags.
    Flagged,
    Silent,
}

/// Depths and instrument: two files of equal ones are one probe.
type ProbeKey = ([u64; 2], String);

/// Reads the series of the stations that the product saw, and pairs them with its values.
pub(super) fn pair(
    sources: &Sources,
    sites: &[Site],
    mut values: Vec<SiteValues>,
    matching: Matching,
    policy: FlagPolicy,
) -> Pairs {
    let moments: Vec<Vec<Moment>> = values
        .iter_mut()
        .map(|values| values.moments(matching))
        .collect();
    let mut pairs = Pairs::default();
    let mut references: Vec<BTreeMap<ProbeKey, Vec<Reference>>> =
        vec![BTreeMap::new(); sites.len()];
    let mut add = |site: usize, info: &SeriesInfo, found: Vec<Reference>| {
        let key = (
            [info.depth_from_m, info.depth_to_m].map(f64::to_bits),
            info.sensor.clone(),
        );
        let probe = references[site].entry(key).or_insert_with(|| found.clone());
        for (known, new) in probe.iter_mut().zip(found) {
            *known = better(*known, new);
        }
    };
    for (archive_idx, archive) in sources.archives.iter().enumerate() {
        let mut site_of: HashMap<&str, usize> = HashMap::new();
        let mut infos = Vec::new();
        for (site_idx, site) in sites.iter().enumerate() {
            for probe in site.probes.iter().filter(|_| !moments[site_idx].is_empty()) {
                if let Probe::Archived { archive, series } = *probe
                    && archive == archive_idx
                {
                    let info = &sources.archives[archive].series()[series];
                    site_of.insert(&info.path, site_idx);
                    infos.push(info);
                }
            }
        }
        let options = ReadOptions {
            period: period(&moments, matching),
            ..ReadOptions::default()
        };
        let found = archive.map_series(&infos, &options, |info, series| {
            let series = series?;
            let site = site_of[info.path.as_str()];
            let references = references_at(&series, &moments[site], matching, policy);
            Ok::<_, vadose_io::IoError>((references, series.rejected.counts))
        });
        for (info, found) in infos.into_iter().zip(found) {
            match found {
                Ok((found, rejected)) => {
                    add(site_of[info.path.as_str()], info, found);
                    for (reason, n) in rejected {
                        *pairs.rejected_lines.entry(reason).or_default() += n;
                    }
                }
                Err(error) => {
                    let path = archive.path().join(&info.path);
                    pairs.skipped.push(SkippedFile::new(&path, &error));
                }
            }
        }
    }
    for (site_idx, site) in sites.iter().enumerate() {
        for probe in &site.probes {
            if let Probe::Tabled(idx) = *probe {
                let series = &sources.tables[idx];
                let found = references_at(series, &moments[site_idx], matching, policy);
                add(site_idx, &series.info, found);
            }
        }
    }
    for (site, (mut values, moments)) in values.into_iter().zip(moments).enumerate() {
        for (idx, moment) in moments.into_iter().enumerate() {
            let probes = references[site].values().map(|probe| probe[idx]);
            pairs
                .samples
                .extend(sample(site, moment, probes, &mut values.tally));
        }
        pairs.tallies.push(values.tally);
    }
    pairs
}

/// Averages the probes of a station.
fn sample(
    site: usize,
    moment: Moment,
    probes: impl Iterator<Item = Reference>,
    tally: &mut Tally,
) -> Option<Sample> {
    let (mut sum, mut n_probes, mut flagged) = (0.0, 0, false);
    for probe in probes {
        match probe {
            Reference::Value(value) => {
                sum += value;
                n_probes += 1;
            }
            Reference::Flagged => flagged = true,
            Reference::Silent => {}
        }
    }
    if n_probes == 0 {
        match flagged {
            true => tally.station_flagged += 1,
            false => tally.station_silent += 1,
        }
        return None;
    }
    tally.samples += 1;
    Some(Sample {
        site,
        time: moment.time,
        estimate: moment.estimate,
        reference: sum / n_probes as f64,
        n_values: moment.n_values,
        n_probes,
        granule: moment.granule,
    })
}

/// Two files of one probe, of two periods or one downloaded twice: the first value holds.
fn better(known: Reference, new: Reference) -> Reference {
    match (known, new) {
        (Reference::Value(_), _) => known,
        (_, Reference::Value(_)) => new,
        (Reference::Flagged, _) => known,
        _ => new,
    }
}

/// The times that can matter, so that decades of an archive are not held in memory.
fn period(moments: &[Vec<Moment>], matching: Matching) -> Option<std::ops::Range<Timestamp>> {
    let times = || moments.iter().flatten().map(|moment| moment.time);
    let (first, last) = (times().min()?, times().max()?);
    let around = match matching {
        Matching::Nearest { .. } => matching.tolerance(),
        Matching::DailyMean => ONE_DAY,
    };
    // The end does not belong to a period.
    let end = later(later(last, around), SignedDuration::from_secs(1));
    Some(earlier(first, around)..end)
}

/// A damaged time may lie at the end of the calendar.
fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn earlier(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_sub(by).unwrap_or(Timestamp::MIN)
}

const ONE_DAY: SignedDuration = SignedDuration::from_hours(24);

fn references_at(
    series: &Series,
    moments: &[Moment],
    matching: Matching,
    policy: FlagPolicy,
) -> Vec<Reference> {
    let means: BTreeMap<_, _> = match matching {
        Matching::Nearest { .. } => BTreeMap::new(),
        Matching::DailyMean => series
            .daily_means(policy)
            .into_iter()
            .map(|mean| (mean.date, mean.value))
            .collect(),
    };
    moments
        .iter()
        .map(|moment| {
            let (value, from, to) = match matching {
                Matching::Nearest { .. } => {
                    let tolerance = matching.tolerance();
                    let nearest = series.nearest(moment.time, tolerance, policy);
                    let value = nearest.map(|observation| observation.value);
                    (
                        value,
                        earlier(moment.time, tolerance),
                        later(moment.time, tolerance),
                    )
                }
                Matching::DailyMean => {
                    let day = moment.time.to_zoned(TimeZone::UTC).date();
                    let last = later(moment.time, ONE_DAY - SignedDuration::from_nanos(1));
                    (means.get(&day).copied(), moment.time, last)
                }
            };
            let observations = &series.observations;
            let first = observations.partition_point(|observation| observation.time < from);
            match value {
                Some(value) => Reference::Value(f64::from(value)),
                None if observations.get(first).is_some_and(|next| next.time <= to) => {
                    Reference::Flagged
                }
                None => Reference::Silent,
            }
        })
        .collect()
}
