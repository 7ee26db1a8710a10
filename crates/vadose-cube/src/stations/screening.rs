//! Frozen soil and snow, as the station's own instruments tell.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use vadose_io::ismn::{Archive, Series, SeriesInfo, Variable};

use super::config::Screening;
use super::exclusion::{ExclusionReason, Ledger};
use super::matching::value_of_day;
use super::sensors::{Reading, Sensor, Sources};
use crate::CubeDay;
use crate::days::descending_pass;

/// Water freezes at it, degrees Celsius.
pub(super) const FREEZING_CELSIUS: f32 = 0.0;
/// Any snow, mm.
const NO_SNOW_MM: f32 = 0.0;

/// What a station's instruments say of each day: why its soil moisture cannot be used, if so.
type Verdicts = Vec<Option<ExclusionReason>>;

impl Sources {
    /// Takes the days from the sensors on which their station was frozen or under snow.
    pub(super) fn screen(
        &self,
        reading: &Reading<'_>,
        sensors: &mut [Sensor],
        ledger: &mut Ledger,
    ) {
        if reading.config.screening == Screening::FlagsOnly {
            return;
        }
        let stations: BTreeSet<&str> = sensors.iter().map(|sensor| &*sensor.station).collect();
        let instruments: Vec<(&Archive, &SeriesInfo, String)> = self
            .series()
            .filter(|(_, info, _)| tells_of(reading, info))
            .filter(|(_, info, _)| stations.contains(&*info.station_id()))
            .collect();
        let verdicts: Vec<Result<Verdicts, String>> = instruments
            .par_iter()
            .map(|(archive, info, _)| {
                let series = archive.read(info, &reading.options);
                series
                    .map(|series| verdicts_of(reading, &series))
                    .map_err(|error| error.to_string())
            })
            .collect();
        let mut by_station: BTreeMap<String, Verdicts> = BTreeMap::new();
        for ((_, info, path), verdicts) in instruments.iter().zip(verdicts) {
            let station = info.station_id();
            match verdicts {
                Ok(verdicts) => merge(by_station.entry(station).or_default(), verdicts),
                Err(error) => ledger.note(ExclusionReason::Unreadable, &station, path, &error),
            }
        }
        for sensor in sensors {
            let Some(verdicts) = by_station.get(&sensor.station) else {
                continue;
            };
            for (day, verdict) in sensor.days.iter_mut().zip(verdicts) {
                if let (Ok(_), Some(reason)) = (&day, verdict) {
                    *day = Err(*reason);
                }
            }
        }
    }
}

/// Whether a series is that of a thermometer in the surface layer or of a snow gauge.
fn tells_of(reading: &Reading<'_>, info: &SeriesInfo) -> bool {
    match info.variable {
        Variable::SoilTemperature => reading.in_layer(info),
        Variable::SnowDepth => true,
        _ => false,
    }
}

fn verdicts_of(reading: &Reading<'_>, series: &Series) -> Verdicts {
    let config = reading.config;
    let verdict = |value: f32| match series.info.variable {
        Variable::SnowDepth => (value > NO_SNOW_MM).then_some(ExclusionReason::Snow),
        _ => (value < FREEZING_CELSIUS).then_some(ExclusionReason::Frozen),
    };
    let of_day = |day: &CubeDay| {
        let pass = descending_pass(day.date, series.position.lon_deg);
        let found = value_of_day(series, pass, config.matching, config.flags);
        found.ok().and_then(|found| verdict(found.value))
    };
    reading.days.iter().map(of_day).collect()
}

/// One instrument is enough; frost goes before snow.
fn merge(all: &mut Verdicts, more: Verdicts) {
    all.resize(more.len(), None);
    for (one, other) in all.iter_mut().zip(more) {
        *one = match (*one, other) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}
