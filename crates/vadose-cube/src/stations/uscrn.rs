//! USCRN's own daily table as sensors.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use vadose_io::uscrn::{StationDay, read_daily};

use super::config::Screening;
use super::exclusion::{ExclusionReason, Ledger};
use super::matching::DayValue;
use super::screening::FREEZING_CELSIUS;
use super::sensors::{Reading, Sensor};
use crate::days::descending_pass;
use crate::{CubeDay, CubeError};

/// Network of the table's stations.
const NETWORK: &str = "USCRN";
/// Depth of the probes, m.
const DEPTH_M: f64 = 0.05;

/// The stations of the table, one sensor each (the network averages its three probes itself). Days are those of
/// the station's standard time, taken for its local solar days. Of two rows for one day the first holds.
pub(super) fn read(
    path: &Path,
    base_folder: &Path,
    reading: &Reading<'_>,
    ledger: &mut Ledger,
) -> Result<Vec<Sensor>, CubeError> {
    let table = read_daily(base_folder.join(path))?;
    let name = path.display().to_string();
    if table.n_without_key > 0 {
        let detail = format!("{} rows without station, place or day", table.n_without_key);
        ledger.note(ExclusionReason::Unreadable, "", &name, &detail);
    }
    let mut stations: BTreeMap<&str, (&StationDay, BTreeMap<Date, &StationDay>)> = BTreeMap::new();
    for row in &table.days {
        let (_, days) = stations
            .entry(&row.wban)
            .or_insert_with(|| (row, BTreeMap::new()));
        days.entry(row.date).or_insert(row);
    }
    let [from, to] = reading.config.depth_m;
    let in_layer = (from..=to).contains(&DEPTH_M);
    let mut sensors = Vec::new();
    for (wban, (first, days)) in stations {
        let station = format!("{NETWORK}/{wban}");
        let cell = match reading.cell(first.position) {
            _ if !in_layer => Err(ExclusionReason::OutsideLayer),
            None => Err(ExclusionReason::OutsideWindow),
            Some(cell) => Ok(cell),
        };
        match cell {
            Err(reason) => ledger.lose_sensor(reason, &station, &name, ""),
            Ok(cell) => {
                let of_day = |day: &CubeDay| {
                    let row = days.get(&day.date).ok_or(ExclusionReason::NoValue)?;
                    value(row, day, reading.config.screening)
                };
                sensors.push(Sensor {
                    station,
                    network: NETWORK.to_owned(),
                    position: first.position,
                    elevation_m: f64::NAN,
                    cell,
                    name: name.clone(),
                    days: reading.days.iter().map(of_day).collect(),
                });
            }
        }
    }
    Ok(sensors)
}

fn value(
    row: &StationDay,
    day: &CubeDay,
    screening: Screening,
) -> Result<DayValue, ExclusionReason> {
    if row.soil_moisture_5cm_m3m3.is_nan() {
        return Err(ExclusionReason::NoValue);
    }
    // NaN is not below zero: a station without a thermometer is taken to be unfrozen.
    if screening == Screening::OwnSensors && row.soil_temperature_5cm_celsius < FREEZING_CELSIUS {
        return Err(ExclusionReason::Frozen);
    }
    Ok(DayValue {
        value: row.soil_moisture_5cm_m3m3,
        time: descending_pass(day.date, row.position.lon_deg),
    })
}
