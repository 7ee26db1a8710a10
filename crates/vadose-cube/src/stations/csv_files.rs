//! The tables of the stations as files.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use vadose_grid::{Cell, LatLonDeg};
use vadose_io::write_atomically;
use vadose_scene::StationSite;

use super::sensors::NAME_SEPARATOR;
use super::table::{CellObservation, StationTable, StationTableSite};
use crate::CubeError;

/// File of the sites.
const SITES: &str = "stations.csv";
/// File of the observations.
const OBSERVATIONS: &str = "observations.csv";
/// File of the exclusions.
const EXCLUSIONS: &str = "exclusions.csv";

#[derive(Serialize, Deserialize)]
struct SiteRow {
    station: String,
    network: String,
    lon: f64,
    lat: f64,
    elevation: Option<f64>,
    row: usize,
    col: usize,
}

#[derive(Serialize, Deserialize)]
struct ObservationRow {
    date: Date,
    row: usize,
    col: usize,
    soil_moisture: f32,
    n_stations: usize,
    n_sensors: u32,
    std: f32,
    stations: String,
    time: Timestamp,
}

impl StationTable {
    /// Writes `stations.csv`, `observations.csv` and `exclusions.csv` into a folder. Each is whole or not there;
    /// files of these names are replaced. Equal tables give equal bytes.
    ///
    /// # Errors
    /// [`CubeError::Io`] if the folder is missing or not writable; [`CubeError::Table`].
    pub fn write(&self, folder: &Path) -> Result<(), CubeError> {
        let sites = self
            .sites
            .iter()
            .map(|StationTableSite { site, elevation_m }| SiteRow {
                station: site.station.clone(),
                network: site.network.clone().unwrap_or_default(),
                lon: site.location.lon_deg,
                lat: site.location.lat_deg,
                elevation: (!elevation_m.is_nan()).then_some(*elevation_m),
                row: site.cell.row,
                col: site.cell.col,
            });
        let observations = self.observations.iter().map(|one| ObservationRow {
            date: one.date,
            row: one.cell.row,
            col: one.cell.col,
            soil_moisture: one.soil_moisture_m3m3,
            n_stations: one.stations.len(),
            n_sensors: one.n_sensors,
            std: one.standard_deviation_m3m3,
            stations: one.stations.join(&NAME_SEPARATOR.to_string()),
            time: one.time,
        });
        write_rows(&folder.join(SITES), &SITE_COLUMNS, sites)?;
        write_rows(
            &folder.join(OBSERVATIONS),
            &OBSERVATION_COLUMNS,
            observations,
        )?;
        let exclusions = self.exclusions.iter();
        write_rows(&folder.join(EXCLUSIONS), &EXCLUSION_COLUMNS, exclusions)
    }

    /// Reads what [`StationTable::write`] wrote.
    ///
    /// # Errors
    /// [`CubeError::Table`] for a file that is not there or is no such table.
    pub fn read(folder: &Path) -> Result<Self, CubeError> {
        let site = |row: SiteRow| StationTableSite {
            site: StationSite {
                station: row.station,
                network: (!row.network.is_empty()).then_some(row.network),
                cell: Cell {
                    row: row.row,
                    col: row.col,
                },
                location: LatLonDeg {
                    lat_deg: row.lat,
                    lon_deg: row.lon,
                },
            },
            elevation_m: row.elevation.unwrap_or(f64::NAN),
        };
        let observation = |row: ObservationRow| CellObservation {
            date: row.date,
            cell: Cell {
                row: row.row,
                col: row.col,
            },
            soil_moisture_m3m3: row.soil_moisture,
            n_sensors: row.n_sensors,
            standard_deviation_m3m3: row.std,
            stations: row
                .stations
                .split(NAME_SEPARATOR)
                .map(str::to_owned)
                .collect(),
            time: row.time,
        };
        let sites: Vec<SiteRow> = read_rows(&folder.join(SITES))?;
        let observations: Vec<ObservationRow> = read_rows(&folder.join(OBSERVATIONS))?;
        Ok(Self {
            sites: sites.into_iter().map(site).collect(),
            observations: observations.into_iter().map(observation).collect(),
            exclusions: read_rows(&folder.join(EXCLUSIONS))?,
        })
    }
}

/// Columns in the order of [`SiteRow`]; they stand in a table without rows, too.
const SITE_COLUMNS: [&str; 7] = [
    "station",
    "network",
    "lon",
    "lat",
    "elevation",
    "row",
    "col",
];
const OBSERVATION_COLUMNS: [&str; 9] = [
    "date",
    "row",
    "col",
    "soil_moisture",
    "n_stations",
    "n_sensors",
    "std",
    "stations",
    "time",
];
const EXCLUSION_COLUMNS: [&str; 5] = ["reason", "station", "sensor", "count", "detail"];

fn write_rows<T: Serialize>(
    path: &Path,
    columns: &[&str],
    rows: impl Iterator<Item = T>,
) -> Result<(), CubeError> {
    write_atomically(path, |temporary| {
        let failed = |error: csv::Error| refused(path, &error);
        let mut writer = csv::WriterBuilder::new()
            .has_headers(false)
            .from_path(temporary)
            .map_err(failed)?;
        writer.write_record(columns).map_err(failed)?;
        for row in rows {
            writer.serialize(row).map_err(failed)?;
        }
        writer.flush().map_err(|error| failed(error.into()))
    })
}

fn read_rows<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, CubeError> {
    let mut reader = csv::Reader::from_path(path).map_err(|error| refused(path, &error))?;
    let rows = reader.deserialize().collect::<Result<_, _>>();
    rows.map_err(|error| refused(path, &error))
}

fn refused(path: &Path, error: &csv::Error) -> CubeError {
    CubeError::Table {
        path: path.to_path_buf(),
        reason: error.to_string(),
    }
}
