//! The tables of the stations, made of their sensors.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use vadose_grid::Cell;
use vadose_scene::{StationObservation, StationSite, average_by_cell};

use super::exclusion::{Exclusion, ExclusionReason, Ledger, Lost, lost_by_reason};
use super::matching::mean_time;
use super::sensors::Sensor;
use crate::{CubeDay, CubeError, Problem, Source};

/// Stations of a cube: where they stand, what they report, what was left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StationTable {
    /// Stations with at least one value, by name, then cell: a station that moved has a site for each cell.
    pub sites: Vec<StationTableSite>,
    /// Values, by day, then cell.
    pub observations: Vec<CellObservation>,
    /// What is in no observation, by reason, station and sensor.
    pub exclusions: Vec<Exclusion>,
}

/// A station with values.
#[derive(Debug, Clone, PartialEq)]
pub struct StationTableSite {
    /// Name, network, place and cell.
    pub site: StationSite,
    /// Height above the sea, m; NaN where it is not stated.
    pub elevation_m: f64,
}

/// What the stations of one cell report of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct CellObservation {
    /// The cube's day.
    pub date: Date,
    /// Cell of the cube's grid.
    pub cell: Cell,
    /// Mean over the stations of the cell, each the mean of its sensors, m3 m-3.
    pub soil_moisture_m3m3: f32,
    /// Number of sensors of these stations.
    pub n_sensors: u32,
    /// Standard deviation of the stations about their mean (divisor n), m3 m-3: 0 for one station.
    pub standard_deviation_m3m3: f32,
    /// The stations, in alphabetic order.
    pub stations: Vec<String>,
    /// Mean time of the sensors' values, UTC.
    pub time: Timestamp,
}

/// Averages the sensors, and counts the days that they have no value for.
pub(super) fn build(
    sensors: &[Sensor],
    days: &[CubeDay],
    mut ledger: Ledger,
) -> Result<StationTable, CubeError> {
    let mut observations = Vec::new();
    let mut used: BTreeMap<(&str, Cell), &Sensor> = BTreeMap::new();
    for (idx, day) in days.iter().enumerate() {
        let mut of_day = Vec::new();
        let mut by_cell: BTreeMap<Cell, Vec<(&str, Timestamp, f32)>> = BTreeMap::new();
        for sensor in sensors {
            match sensor.days[idx] {
                Ok(found) => {
                    of_day.push(StationObservation {
                        station: sensor.station.clone(),
                        cell: sensor.cell,
                        value_m3m3: found.value,
                    });
                    let of_cell = by_cell.entry(sensor.cell).or_default();
                    of_cell.push((&sensor.station, found.time, found.value));
                    used.entry((&sensor.station, sensor.cell)).or_insert(sensor);
                }
                Err(reason) => ledger.lose_day(reason, &sensor.station, &sensor.name),
            }
        }
        for cell in average_by_cell(&of_day)? {
            let of_cell = &by_cell[&cell.cell];
            let times: Vec<_> = of_cell.iter().map(|(_, time, _)| *time).collect();
            observations.push(CellObservation {
                date: day.date,
                cell: cell.cell,
                soil_moisture_m3m3: cell.value_m3m3,
                n_sensors: of_cell.len() as u32,
                standard_deviation_m3m3: spread_of_stations(of_cell),
                stations: cell.stations,
                time: mean_time(&times).unwrap_or(day.time),
            });
        }
    }
    let site = |((_, cell), sensor): ((&str, Cell), &Sensor)| StationTableSite {
        site: StationSite {
            station: sensor.station.clone(),
            network: Some(sensor.network.clone()),
            cell,
            location: sensor.position,
        },
        elevation_m: sensor.elevation_m,
    };
    Ok(StationTable {
        sites: used.into_iter().map(site).collect(),
        observations,
        exclusions: ledger.into_exclusions(),
    })
}

/// Standard deviation (divisor n) of the stations' means.
fn spread_of_stations(sensors: &[(&str, Timestamp, f32)]) -> f32 {
    let mut stations: BTreeMap<&str, (f64, u32)> = BTreeMap::new();
    for (station, _, value) in sensors {
        let (sum, n) = stations.entry(station).or_default();
        *sum += f64::from(*value);
        *n += 1;
    }
    let means: Vec<f64> = stations
        .into_values()
        .map(|(sum, n)| sum / f64::from(n))
        .collect();
    let n = means.len() as f64;
    let mean = means.iter().sum::<f64>() / n;
    let variance = means.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / n;
    variance.sqrt() as f32
}

impl StationTable {
    /// What was lost, by reason.
    #[must_use]
    pub fn lost_by_reason(&self) -> BTreeMap<ExclusionReason, Lost> {
        lost_by_reason(&self.exclusions)
    }

    /// The files that something is wrong with: unreadable, in another unit, or there twice.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let is_wrong = |exclusion: &&Exclusion| {
            matches!(
                exclusion.reason,
                ExclusionReason::Unreadable
                    | ExclusionReason::WrongUnit
                    | ExclusionReason::DuplicateSeries
            )
        };
        let problem = |exclusion: &Exclusion| {
            let reason = match exclusion.detail.as_str() {
                "" => exclusion.reason.to_string(),
                detail => format!("{}: {detail}", exclusion.reason),
            };
            Problem {
                path: PathBuf::from(&exclusion.sensor),
                source: Source::Stations,
                day: None,
                reason,
            }
        };
        self.exclusions
            .iter()
            .filter(is_wrong)
            .map(problem)
            .collect()
    }

    /// Names of the stations with values.
    #[must_use]
    pub fn stations(&self) -> BTreeSet<&str> {
        self.sites.iter().map(|site| &*site.site.station).collect()
    }
}
