//! Daily soil moisture of the U.S. Climate Reference Network, from its table in Parquet.

use std::fs::File;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use parquet::basic::{LogicalType, TimeUnit};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use vadose_grid::{LatLonDeg, Window};
use vadose_scene::StationObservation;

use crate::IoError;

/// What one station reports of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct StationDay {
    /// WBAN number of the station, five digits.
    pub wban: String,
    /// Where it stands.
    pub position: LatLonDeg,
    /// The day, in the station's local standard time.
    pub date: Date,
    /// Soil moisture at 5 cm, m3 m-3: mean of up to three probes; NaN where missing.
    pub soil_moisture_5cm_m3m3: f32,
    /// Soil temperature at 5 cm, degrees Celsius; NaN where missing.
    pub soil_temperature_5cm_celsius: f32,
}

/// The daily table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DailyTable {
    /// One row for each station and day, in the file's order.
    pub days: Vec<StationDay>,
    /// Values of soil moisture outside 0 to 1 and of temperature beyond 100 degrees, which are
    /// missing.
    pub n_out_of_range: usize,
    /// Rows without a station, a place on Earth or a day, which are left out.
    pub n_without_key: usize,
}

const SOIL_MOISTURE_RANGE: [f64; 2] = [0.0, 1.0];
const SOIL_TEMPERATURE_RANGE: [f64; 2] = [-100.0, 100.0];
/// Rows of one column in memory at once: several times all stations and days of a year.
const MAX_ROWS_OF_GROUP: usize = 50_000_000;

/// Reads a daily table: columns `wban`, `lst_date`, `longitude`, `latitude`,
/// `soil_moisture_5_daily` and `soil_temp_5_daily`, others ignored.
///
/// The files are plain Parquet with gzip inside, whatever their ending says.
///
/// # Missing values
/// Missing soil moisture and temperature are NaN, and so are values out of range (-99 in older
/// tables), which are counted.
/// # Errors
/// [`IoError::File`]; [`IoError::Parquet`] for a file that is no Parquet, is truncated, is compressed
/// by another method, or lacks a column or has it with another type.
/// # References
/// Bell et al. (2013), doi:10.1175/JHM-D-12-0146.1; the table as the Python package `uscrn` writes it.
pub fn read_daily(path: impl AsRef<Path>) -> Result<DailyTable, IoError> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|source| IoError::File {
        action: "open",
        path: path.to_path_buf(),
        source,
    })?;
    let refused = |reason: String| IoError::Parquet {
        path: path.to_path_buf(),
        reason,
    };
    let reader = SerializedFileReader::new(file).map_err(|error| refused(error.to_string()))?;
    let mut table = DailyTable::default();
    for idx in 0..reader.num_row_groups() {
        let group = reader
            .get_row_group(idx)
            .map_err(|error| refused(error.to_string()))?;
        Columns::read(group.as_ref())
            .map_err(refused)?
            .append_to(&mut table);
    }
    Ok(table)
}

impl DailyTable {
    /// What the stations of a window report of a day: those with soil moisture, named `USCRN/wban`.
    ///
    /// Give it to [`vadose_scene::average_by_cell`].
    #[must_use]
    pub fn observations_of(&self, date: Date, window: &Window) -> Vec<StationObservation> {
        let of_day = self.days.iter().filter(|day| day.date == date);
        let observation = |day: &StationDay| {
            let cell = window.grid().locate(day.position).ok()?;
            let is_wanted = window.contains(cell) && !day.soil_moisture_5cm_m3m3.is_nan();
            is_wanted.then(|| StationObservation {
                station: format!("USCRN/{}", day.wban),
                cell,
                value_m3m3: day.soil_moisture_5cm_m3m3,
            })
        };
        of_day.filter_map(observation).collect()
    }
}

/// The columns of one row group.
struct Columns {
    wban: Vec<Option<String>>,
    date: Vec<Option<Date>>,
    lon_deg: Vec<f64>,
    lat_deg: Vec<f64>,
    soil_moisture: Vec<f64>,
    soil_temperature: Vec<f64>,
}

impl Columns {
    fn read(group: &dyn RowGroupReader) -> Result<Self, String> {
        Ok(Self {
            wban: texts(group, "wban")?,
            date: dates(group, "lst_date")?,
            lon_deg: numbers(group, "longitude")?,
            lat_deg: numbers(group, "latitude")?,
            soil_moisture: numbers(group, "soil_moisture_5_daily")?,
            soil_temperature: numbers(group, "soil_temp_5_daily")?,
        })
    }

    fn append_to(self, table: &mut DailyTable) {
        let mut within = |value: f64, [low, high]: [f64; 2]| {
            if value.is_nan() || (low..=high).contains(&value) {
                return value as f32;
            }
            table.n_out_of_range += 1;
            f32::NAN
        };
        let keys = self.wban.into_iter().zip(self.date);
        for (idx, key) in keys.enumerate() {
            let (lat_deg, lon_deg) = (self.lat_deg[idx], self.lon_deg[idx]);
            let on_earth = lat_deg.abs() <= 90.0 && lon_deg.abs() <= 180.0;
            let (Some(wban), Some(date), true) = (key.0, key.1, on_earth) else {
                table.n_without_key += 1;
                continue;
            };
            table.days.push(StationDay {
                wban,
                position: LatLonDeg { lat_deg, lon_deg },
                date,
                soil_moisture_5cm_m3m3: within(self.soil_moisture[idx], SOIL_MOISTURE_RANGE),
                soil_temperature_5cm_celsius: within(
                    self.soil_temperature[idx],
                    SOIL_TEMPERATURE_RANGE,
                ),
            });
        }
    }
}

fn numbers(group: &dyn RowGroupReader, name: &str) -> Result<Vec<f64>, String> {
    match column(group, name)? {
        ColumnReader::DoubleColumnReader(reader) => {
            let values = all_records(group, name, reader)?.into_iter();
            Ok(values.map(|value| value.unwrap_or(f64::NAN)).collect())
        }
        _ => Err(format!("column `{name}` holds no numbers of type double")),
    }
}

fn texts(group: &dyn RowGroupReader, name: &str) -> Result<Vec<Option<String>>, String> {
    match column(group, name)? {
        ColumnReader::ByteArrayColumnReader(reader) => {
            let values = all_records(group, name, reader)?.into_iter();
            let text = |bytes: parquet::data_type::ByteArray| {
                let text = bytes.as_utf8().ok()?;
                (!text.is_empty()).then(|| text.to_string())
            };
            Ok(values.map(|value| value.and_then(text)).collect())
        }
        _ => Err(format!("column `{name}` holds no text")),
    }
}

fn dates(group: &dyn RowGroupReader, name: &str) -> Result<Vec<Option<Date>>, String> {
    let per_second = ticks_per_second(group, name)?;
    match column(group, name)? {
        ColumnReader::Int64ColumnReader(reader) => {
            let values = all_records(group, name, reader)?.into_iter();
            // The wall clock of the station is written as if it were UTC.
            let date = |ticks: i64| {
                let time = Timestamp::from_second(ticks.div_euclid(per_second)).ok()?;
                Some(time.to_zoned(TimeZone::UTC).date())
            };
            Ok(values.map(|value| value.and_then(date)).collect())
        }
        _ => Err(format!("column `{name}` holds no times")),
    }
}

fn ticks_per_second(group: &dyn RowGroupReader, name: &str) -> Result<i64, String> {
    let metadata = group.metadata();
    let descriptor = metadata.column(column_idx(group, name)?).column_descr();
    match descriptor.logical_type_ref() {
        Some(LogicalType::Timestamp(timestamp)) => Ok(match timestamp.unit {
            TimeUnit::MILLIS => 1_000,
            TimeUnit::MICROS => 1_000_000,
            TimeUnit::NANOS => 1_000_000_000,
        }),
        _ => Err(format!("column `{name}` holds no times")),
    }
}

fn column_idx(group: &dyn RowGroupReader, name: &str) -> Result<usize, String> {
    let columns = group.metadata().columns();
    let found = columns
        .iter()
        .position(|column| column.column_path().string() == name);
    found.ok_or_else(|| format!("column `{name}` is missing"))
}

fn column(group: &dyn RowGroupReader, name: &str) -> Result<ColumnReader, String> {
    let idx = column_idx(group, name)?;
    let reader = group.get_column_reader(idx);
    reader.map_err(|error| of_column(name, &error))
}

/// All values of a column of a row group, `None` where missing.
fn all_records<T: DataType>(
    group: &dyn RowGroupReader,
    name: &str,
    mut reader: ColumnReaderImpl<T>,
) -> Result<Vec<Option<T::T>>, String> {
    let descriptor = group
        .metadata()
        .column(column_idx(group, name)?)
        .column_descr_ptr();
    let n_rows = usize::try_from(group.metadata().num_rows()).unwrap_or(usize::MAX);
    if n_rows > MAX_ROWS_OF_GROUP || descriptor.max_rep_level() > 0 {
        return Err(format!(
            "column `{name}` is no flat column of fewer than {MAX_ROWS_OF_GROUP} rows"
        ));
    }
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    let mut n_read = 0;
    while n_read < n_rows {
        let (n_records, ..) = reader
            .read_records(n_rows - n_read, Some(&mut levels), None, &mut values)
            .map_err(|error| of_column(name, &error))?;
        if n_records == 0 {
            return Err(format!(
                "column `{name}` ends after {n_read} of {n_rows} rows"
            ));
        }
        n_read += n_records;
    }
    if descriptor.max_def_level() == 0 {
        return Ok(values.into_iter().map(Some).collect());
    }
    // A level below the highest says that the row has no value, and none was written.
    let mut values = values.into_iter();
    let is_present = |level: &i16| *level == descriptor.max_def_level();
    let of_level = |level: &i16| is_present(level).then(|| values.next()).flatten();
    Ok(levels.iter().map(of_level).collect())
}

fn of_column(name: &str, error: &ParquetError) -> String {
    format!("column `{name}`: {error}")
}
