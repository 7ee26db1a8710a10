//! Stations as a plain CSV table: `lon,lat,time,soil_moisture` and, optionally, `station,network`.

use std::collections::BTreeMap;
use std::path::Path;

use csv::{ByteRecord, StringRecord};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use vadose_grid::{LatLonDeg, Window};
use vadose_scene::StationObservation;

use crate::csv_table::{malformed, open_table};
use crate::{IoError, write_atomically};

/// Soil moisture that one station reports at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct StationRow {
    /// Where the station is.
    pub position: LatLonDeg,
    /// When it was measured (UTC).
    pub time: Timestamp,
    /// Volumetric soil moisture, m3 m-3, 0 to 1.
    pub soil_moisture_m3m3: f32,
    /// Name of the station, where the table has that column.
    pub station: Option<String>,
    /// Name of its network, where the table has that column.
    pub network: Option<String>,
}

/// A row that was understood and left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedStationRow {
    /// Line in the file, counted from 1.
    pub line: u64,
    /// Why, e.g. `soil_moisture 1.2 is not within 0 to 1`.
    pub reason: String,
}

/// A station table: the rows that can be used, and those that were left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StationTable {
    /// The usable rows, in the file's order.
    pub rows: Vec<StationRow>,
    /// The rows left out: out of range or without soil moisture.
    pub rejected: Vec<RejectedStationRow>,
}

const LONGITUDE_RANGE: [f64; 2] = [-180.0, 180.0];
const LATITUDE_RANGE: [f64; 2] = [-90.0, 90.0];
/// A volume fraction; a value in per cent is caught here.
const SOIL_MOISTURE_RANGE: [f64; 2] = [0.0, 1.0];

/// Reads a station table.
///
/// RFC 4180 with a header. Columns `lon`, `lat` (degrees), `time` and `soil_moisture` (m3 m-3) are
/// required, `station` and `network` optional, others ignored, in any order. Times are RFC 3339
/// (`2017-06-01T12:00:00Z`), or without an offset (`2017-06-01 12:00`) and then UTC.
///
/// # Missing values
/// A row whose soil moisture is empty or `NaN`, or that is out of range, is left out and listed in
/// [`StationTable::rejected`].
/// # Errors
/// [`IoError::File`]; [`IoError::StationHeader`] for a missing or repeated column;
/// [`IoError::StationValue`] for a number or time that is none; [`IoError::StationCsv`] for a row
/// with too few or too many cells, or text that is not UTF-8. All but the first name the line.
/// # Examples
/// ```
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("stations.csv");
/// std::fs::write(&path, "time,lon,lat,soil_moisture\n2017-06-01 12:00,-105.27,40.01,0.21\n").unwrap();
/// let table = vadose_io::read_station_csv(&path)?;
/// assert_eq!(table.rows[0].soil_moisture_m3m3, 0.21);
/// assert_eq!(table.rows[0].time.to_string(), "2017-06-01T12:00:00Z");
/// # Ok::<(), vadose_io::IoError>(())
/// ```
pub fn read_station_csv(path: impl AsRef<Path>) -> Result<StationTable, IoError> {
    let path = path.as_ref();
    let mut reader = open_table(path)?;
    let columns = Columns::find(
        path,
        reader.headers().map_err(|error| malformed(path, &error))?,
    )?;
    let mut table = StationTable::default();
    for record in reader.records() {
        let record = record.map_err(|error| malformed(path, &error))?;
        let line = record.position().map_or(0, csv::Position::line);
        match columns.parse(path, line, &record)? {
            Ok(row) => table.rows.push(row),
            Err(reason) => table.rejected.push(RejectedStationRow { line, reason }),
        }
    }
    Ok(table)
}

/// Where each column stands.
struct Columns {
    lon: usize,
    lat: usize,
    time: usize,
    soil_moisture: usize,
    station: Option<usize>,
    network: Option<usize>,
}

impl Columns {
    fn find(path: &Path, header: &StringRecord) -> Result<Self, IoError> {
        let refused = |column: &str, problem| IoError::StationHeader {
            path: path.to_path_buf(),
            column: column.to_string(),
            problem,
            header: header.iter().collect::<Vec<_>>().join(","),
        };
        let optional = |column: &str| {
            let mut places = (0..header.len()).filter(|&idx| &header[idx] == column);
            match (places.next(), places.next()) {
                (_, Some(_)) => Err(refused(column, "appears twice")),
                (place, None) => Ok(place),
            }
        };
        let required =
            |column: &str| optional(column)?.ok_or_else(|| refused(column, "is missing"));
        Ok(Self {
            lon: required("lon")?,
            lat: required("lat")?,
            time: required("time")?,
            soil_moisture: required("soil_moisture")?,
            station: optional("station")?,
            network: optional("network")?,
        })
    }

    /// The row, or why it is left out; an error if it cannot be understood.
    fn parse(
        &self,
        path: &Path,
        line: u64,
        record: &StringRecord,
    ) -> Result<Result<StationRow, String>, IoError> {
        let refused = |column: &str, value: &str, problem| IoError::StationValue {
            path: path.to_path_buf(),
            line,
            column: column.to_string(),
            value: value.to_string(),
            problem,
        };
        let number = |column: &str, idx: usize| {
            let text = &record[idx];
            text.parse::<f64>()
                .map_err(|_| refused(column, text, "no number"))
        };
        let (lon_deg, lat_deg) = (number("lon", self.lon)?, number("lat", self.lat)?);
        let time = parse_utc(&record[self.time]).ok_or_else(|| {
            refused(
                "time",
                &record[self.time],
                "no time (RFC 3339 or YYYY-MM-DD HH:MM)",
            )
        })?;
        let soil_moisture = match &record[self.soil_moisture] {
            "" => f64::NAN,
            _ => number("soil_moisture", self.soil_moisture)?,
        };
        if soil_moisture.is_nan() {
            return Ok(Err("soil_moisture is missing".to_string()));
        }
        for (column, value, [low, high]) in [
            ("lon", lon_deg, LONGITUDE_RANGE),
            ("lat", lat_deg, LATITUDE_RANGE),
            ("soil_moisture", soil_moisture, SOIL_MOISTURE_RANGE),
        ] {
            if !(low..=high).contains(&value) {
                return Ok(Err(format!(
                    "{column} {value} is not within {low} to {high}"
                )));
            }
        }
        let text = |idx: Option<usize>| {
            idx.map(|idx| record[idx].to_string())
                .filter(|text| !text.is_empty())
        };
        Ok(Ok(StationRow {
            position: LatLonDeg { lat_deg, lon_deg },
            time,
            soil_moisture_m3m3: soil_moisture as f32,
            station: text(self.station),
            network: text(self.network),
        }))
    }
}

/// A time as tables write it: RFC 3339, or without an offset (`2017-06-01 12:00`) and then UTC.
///
/// A date without a time of day is no time: it would be taken for midnight.
///
/// # Examples
/// ```
/// let noon = vadose_io::parse_utc("2017-06-01 12:00").unwrap();
/// assert_eq!(Some(noon), vadose_io::parse_utc("2017-06-01T06:00:00-06:00"));
/// assert_eq!(vadose_io::parse_utc("2017-06-01"), None);
/// ```
#[must_use]
pub fn parse_utc(text: &str) -> Option<Timestamp> {
    if !text.contains(':') {
        return None;
    }
    let with_offset = text.parse::<Timestamp>().ok();
    let without = || {
        let civil = text.parse::<DateTime>().ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    with_offset.or_else(without)
}

impl StationRow {
    /// `network/station`, the station alone, or, without a name, the position `lat,lon`.
    #[must_use]
    pub fn id(&self) -> String {
        let LatLonDeg { lat_deg, lon_deg } = self.position;
        let station = self
            .station
            .clone()
            .unwrap_or_else(|| format!("{lat_deg:.5},{lon_deg:.5}"));
        match &self.network {
            Some(network) => format!("{network}/{station}"),
            None => station,
        }
    }
}

impl StationTable {
    /// What each station of a window reports nearest to `time`, at most `tolerance` away.
    ///
    /// One observation for each station that has one, in alphabetic order; of two rows equally
    /// near, the earlier. Average them by cell with [`vadose_scene::average_by_cell`]. Stations
    /// outside the window are left out.
    ///
    /// # Examples
    /// ```
    /// use jiff::SignedDuration;
    /// use vadose_grid::{EaseGrid2, LatLonDeg, Window};
    /// use vadose_io::{StationRow, StationTable};
    ///
    /// let row = |time: &str, soil_moisture_m3m3| StationRow {
    ///     position: LatLonDeg { lat_deg: 40.0150, lon_deg: -105.2705 },
    ///     time: time.parse().unwrap(),
    ///     soil_moisture_m3m3,
    ///     station: Some("Boulder".to_string()),
    ///     network: None,
    /// };
    /// let rows = vec![row("2017-06-01T12:00:00Z", 0.21), row("2017-06-01T13:00:00Z", 0.22)];
    /// let table = StationTable { rows, rejected: Vec::new() };
    /// let pass = "2017-06-01T12:50:00Z".parse().unwrap();
    /// let window = Window::new(EaseGrid2::M01, 2601, 7200, 9, 9)?;
    /// let near = table.observations_near(pass, SignedDuration::from_mins(90), &window);
    /// assert_eq!((near[0].station.as_str(), near[0].value_m3m3), ("Boulder", 0.22));
    /// # Ok::<(), vadose_grid::GridError>(())
    /// ```
    #[must_use]
    pub fn observations_near(
        &self,
        time: Timestamp,
        tolerance: SignedDuration,
        window: &Window,
    ) -> Vec<StationObservation> {
        let mut nearest: BTreeMap<String, ((SignedDuration, Timestamp), StationObservation)> =
            BTreeMap::new();
        for row in &self.rows {
            let distance = row.time.duration_since(time).abs();
            let cell = window.grid().locate(row.position).ok();
            let Some(cell) = cell.filter(|&cell| window.contains(cell)) else {
                continue;
            };
            if distance > tolerance {
                continue;
            }
            let station = row.id();
            let rank = (distance, row.time);
            if nearest.get(&station).is_none_or(|(best, _)| rank < *best) {
                let value_m3m3 = row.soil_moisture_m3m3;
                let observation = StationObservation {
                    station: station.clone(),
                    cell,
                    value_m3m3,
                };
                nearest.insert(station, (rank, observation));
            }
        }
        nearest
            .into_values()
            .map(|(_, observation)| observation)
            .collect()
    }
}

/// Writes a station table that [`read_station_csv`] reads back, whole or not at all.
///
/// # Errors
/// [`IoError::File`] if the folder is missing or not writable; [`IoError::Write`].
pub fn write_station_csv(path: impl AsRef<Path>, rows: &[StationRow]) -> Result<(), IoError> {
    let path = path.as_ref();
    let failed = |reason: String| IoError::Write {
        path: path.to_path_buf(),
        format: "the station table",
        reason,
    };
    write_atomically(path, |temporary| {
        let mut writer =
            csv::Writer::from_path(temporary).map_err(|error| failed(error.to_string()))?;
        let header = ByteRecord::from(vec![
            "lon",
            "lat",
            "time",
            "soil_moisture",
            "station",
            "network",
        ]);
        writer
            .write_byte_record(&header)
            .map_err(|error| failed(error.to_string()))?;
        for row in rows {
            let record = StringRecord::from(vec![
                row.position.lon_deg.to_string(),
                row.position.lat_deg.to_string(),
                row.time.to_string(),
                row.soil_moisture_m3m3.to_string(),
                row.station.clone().unwrap_or_default(),
                row.network.clone().unwrap_or_default(),
            ]);
            writer
                .write_record(&record)
                .map_err(|error| failed(error.to_string()))?;
        }
        writer.flush().map_err(|error| failed(error.to_string()))
    })
}
