//! The sensors of a window: their series read, merged and matched to the days.

use std::path::PathBuf;

use jiff::SignedDuration;
use rayon::prelude::*;
use vadose_grid::{Cell, LatLonDeg, Window};
use vadose_io::ismn::{Archive, ReadOptions, RejectReason, Series, SeriesFilter, SeriesInfo};

use super::config::StationsConfig;
use super::exclusion::{ExclusionReason, Ledger};
use super::files::Located;
use super::matching::{DayValue, value_of_day};
use crate::CubeDay;
use crate::days::descending_pass;

/// Archives, opened, with their paths as configured.
#[derive(Debug)]
pub(super) struct Sources {
    pub(super) archives: Vec<(PathBuf, Archive)>,
}

/// What all series of a table are read with.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) config: &'a StationsConfig,
    pub(super) window: &'a Window,
    pub(super) days: &'a [CubeDay],
    pub(super) options: ReadOptions,
}

/// One sensor within the window, day by day.
#[derive(Debug)]
pub(super) struct Sensor {
    /// `network/station`.
    pub(super) station: String,
    pub(super) network: String,
    pub(super) position: LatLonDeg,
    pub(super) elevation_m: f64,
    pub(super) cell: Cell,
    /// Archive and first file.
    pub(super) name: String,
    /// One for each day.
    pub(super) days: Vec<Result<DayValue, ExclusionReason>>,
}

/// Between names of stations in a table.
pub(super) const NAME_SEPARATOR: char = ';';
/// 6 h local solar time is within 12 h of 6 h UTC, and a day reaches at most 18 h from it.
const DAY_MARGIN: SignedDuration = SignedDuration::from_hours(48);

impl<'a> Reading<'a> {
    pub(super) fn new(config: &'a StationsConfig, window: &'a Window, days: &'a [CubeDay]) -> Self {
        let period = days.first().zip(days.last()).and_then(|(first, last)| {
            let begin = first.time.checked_sub(DAY_MARGIN).ok()?;
            Some(begin..last.time.checked_add(DAY_MARGIN).ok()?)
        });
        Self {
            config,
            window,
            days,
            options: ReadOptions {
                soil_moisture_unit: config.soil_moisture_unit,
                period,
            },
        }
    }

    /// Whether a sensor lies within the layer.
    pub(super) fn in_layer(&self, info: &SeriesInfo) -> bool {
        let filter = SeriesFilter {
            variable: info.variable.clone(),
            depth_m: self.config.depth_m,
        };
        filter.selects(info)
    }

    /// The cell of the window that a position lies in.
    pub(super) fn cell(&self, position: LatLonDeg) -> Option<Cell> {
        let cell = self.window.grid().locate(position).ok()?;
        self.window.contains(cell).then_some(cell)
    }

    fn sensor(&self, series: &Series, cell: Cell, name: String) -> Sensor {
        let config = self.config;
        let of_day = |day: &CubeDay| {
            let pass = descending_pass(day.date, series.position.lon_deg);
            value_of_day(series, pass, config.matching, config.flags)
        };
        Sensor {
            station: series.info.station_id(),
            network: series.info.network.clone(),
            position: series.position,
            elevation_m: series.elevation_m,
            cell,
            name,
            days: self.days.iter().map(of_day).collect(),
        }
    }
}

/// A file that gives nothing, or less than it holds.
struct LostFile {
    reason: ExclusionReason,
    name: String,
    detail: String,
    extent: Extent,
}

/// How much of a file is lost.
#[derive(Clone, Copy)]
enum Extent {
    Whole,
    Part,
}

impl Sources {
    /// Reads the soil moisture of every sensor, with all threads; in memory are as many series as threads, and
    /// one value a sensor and day.
    pub(super) fn read(&self, reading: &Reading<'_>, ledger: &mut Ledger) -> Vec<Sensor> {
        self.lose_nameless(ledger);
        let groups = self.by_sensor();
        let read: Vec<_> = groups
            .par_iter()
            .map(|files| read_sensor(reading, files))
            .collect();
        let mut sensors = Vec::new();
        for (files, (found, lost)) in groups.iter().zip(read) {
            let station = files[0].1.station_id();
            for LostFile {
                reason,
                name,
                detail,
                extent,
            } in lost
            {
                match extent {
                    Extent::Whole => ledger.lose_sensor(reason, &station, &name, &detail),
                    Extent::Part => ledger.note(reason, &station, &name, &detail),
                }
            }
            sensors.extend(found);
        }
        sensors
    }
}

/// The sensor that some files hold: one, or one for each cell that it stood in.
fn read_sensor(reading: &Reading<'_>, files: &[Located<'_>]) -> (Vec<Sensor>, Vec<LostFile>) {
    let mut lost = Vec::new();
    let mut lose = |extent, reason, name: &str, detail: String| {
        lost.push(LostFile {
            reason,
            name: name.to_owned(),
            detail,
            extent,
        });
    };
    let mut found: Vec<(Cell, Series, &str)> = Vec::new();
    for (position, (archive, info, name)) in files.iter().enumerate() {
        if !reading.in_layer(info) {
            let (reason, detail) = match position {
                0 => (ExclusionReason::OutsideLayer, String::new()),
                _ => (ExclusionReason::DuplicateSeries, same_as(&files[0].2)),
            };
            lose(Extent::Whole, reason, name, detail);
            continue;
        }
        if info.station.contains(NAME_SEPARATOR) || info.network.contains(NAME_SEPARATOR) {
            let detail = format!("a station's name with `{NAME_SEPARATOR}`");
            lose(Extent::Whole, ExclusionReason::Unreadable, name, detail);
            continue;
        }
        let series = match archive.read(info, &reading.options) {
            Ok(series) => series,
            Err(error) => {
                lose(
                    Extent::Whole,
                    ExclusionReason::Unreadable,
                    name,
                    error.to_string(),
                );
                continue;
            }
        };
        let Some(cell) = reading.cell(series.position) else {
            lose(
                Extent::Whole,
                ExclusionReason::OutsideWindow,
                name,
                String::new(),
            );
            continue;
        };
        let n_implausible = series.rejected.counts.get(&RejectReason::Implausible);
        let n_implausible = n_implausible.copied().unwrap_or(0);
        if n_implausible > series.observations.len() as u64 {
            let detail = format!("{n_implausible} values are beyond any soil moisture");
            lose(Extent::Whole, ExclusionReason::WrongUnit, name, detail);
            continue;
        }
        match found.iter_mut().find(|(other, ..)| *other == cell) {
            None => found.push((cell, series, name)),
            Some((_, first, first_name)) => {
                let n_times = series.observations.len();
                let n_added = append(first, series);
                if n_added < n_times {
                    let extent = match n_added {
                        0 => Extent::Whole,
                        _ => Extent::Part,
                    };
                    let n_repeated = n_times - n_added;
                    let detail =
                        format!("{}, {n_repeated} of {n_times} times", same_as(first_name));
                    lose(extent, ExclusionReason::DuplicateSeries, name, detail);
                }
            }
        }
    }
    let sensor =
        |(cell, series, name): (Cell, Series, &str)| reading.sensor(&series, cell, name.to_owned());
    (found.into_iter().map(sensor).collect(), lost)
}

fn same_as(first: &str) -> String {
    format!("the same sensor as {first}")
}

/// Adds the observations of times that are not there yet; their number.
fn append(first: &mut Series, other: Series) -> usize {
    let is_new = |time| {
        let found = first
            .observations
            .binary_search_by_key(&time, |one| one.time);
        found.is_err()
    };
    let mut added: Vec<_> = other.observations;
    added.retain(|one| is_new(one.time));
    // They point to flags of the other series, which nothing here reads.
    added
        .iter_mut()
        .for_each(|one| one.provider_flag_idx = None);
    let n_added = added.len();
    first.observations.append(&mut added);
    first.observations.sort_by_key(|one| one.time);
    n_added
}
