//! The table of samples, read back.

use std::path::Path;

use csv::StringRecord;
use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};

use crate::StudyError;
use crate::evaluation::Population;
use crate::files::read_error;

/// The last column before those of methods.
const LAST_FIXED: &str = "reference";

/// What `SampleTable::write` wrote, as far as figures need it.
pub(super) struct Samples {
    pub(super) rows: Vec<Row>,
    pub(super) columns: Vec<Column>,
}

/// One cell on one day.
pub(super) struct Row {
    pub(super) population: Population,
    pub(super) station: String,
    /// Hours since 1970-01-01T00Z.
    pub(super) hour: i64,
    /// m3 m-3.
    pub(super) reference: f64,
}

/// The estimates of a method, `[row]`, m3 m-3; NaN where it has none.
pub(super) struct Column {
    pub(super) method: String,
    pub(super) values: Vec<f64>,
    /// Its spread, `[row]`, m3 m-3; empty for a method without one.
    pub(super) spread: Vec<f64>,
}

impl Samples {
    pub(super) fn read(path: &Path) -> Result<Self, StudyError> {
        let refuse = |reason: String| read_error(path, reason);
        let mut reader = csv::Reader::from_path(path).map_err(|error| refuse(error.to_string()))?;
        let header = reader
            .headers()
            .map_err(|error| refuse(error.to_string()))?
            .clone();
        let place = |name: &str| {
            header
                .iter()
                .position(|column| column == name)
                .ok_or_else(|| refuse(format!("no column `{name}`")))
        };
        let fixed = [
            place("population")?,
            place("station")?,
            place("time")?,
            place(LAST_FIXED)?,
        ];
        let mut rows = Vec::new();
        let mut values: Vec<Vec<f64>> = vec![Vec::new(); header.len() - fixed[3] - 1];
        for (index, record) in reader.records().enumerate() {
            let in_line = |reason: String| refuse(format!("line {}: {reason}", index + 2));
            let record = record.map_err(|error| refuse(error.to_string()))?;
            rows.push(row(&record, fixed).map_err(in_line)?);
            for (column, text) in values.iter_mut().zip(record.iter().skip(fixed[3] + 1)) {
                column.push(number(text).map_err(in_line)?);
            }
        }
        let mut columns: Vec<Column> = Vec::new();
        for (name, values) in header.iter().skip(fixed[3] + 1).zip(values) {
            match columns.last_mut() {
                Some(last) if name == format!("{}_spread", last.method) => last.spread = values,
                _ => columns.push(Column {
                    method: name.to_owned(),
                    values,
                    spread: Vec::new(),
                }),
            }
        }
        Ok(Self { rows, columns })
    }

    pub(super) fn column(&self, method: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.method == method)
    }

    /// Positions of the rows of a population.
    pub(super) fn rows_of(&self, population: Population) -> Vec<usize> {
        (0..self.rows.len())
            .filter(|row| self.rows[*row].population == population)
            .collect()
    }

    /// Those of some rows at which every one of these methods has a value.
    pub(super) fn shared(&self, rows: &[usize], methods: &[&str]) -> Vec<usize> {
        let columns: Vec<_> = methods.iter().map(|method| self.column(method)).collect();
        let has_all = |row: &&usize| {
            let has = |column: &Option<&Column>| {
                column.is_some_and(|column| column.values[**row].is_finite())
            };
            columns.iter().all(has)
        };
        rows.iter().filter(has_all).copied().collect()
    }

    /// Estimates of a method and references of some rows.
    pub(super) fn pairs(&self, method: &str, rows: &[usize]) -> (Vec<f64>, Vec<f64>) {
        let Some(column) = self.column(method) else {
            return (Vec::new(), Vec::new());
        };
        let pair = |row: &usize| (column.values[*row], self.rows[*row].reference);
        rows.iter().map(pair).unzip()
    }
}

fn row(record: &StringRecord, fixed: [usize; 4]) -> Result<Row, String> {
    let [population, station, time, reference] = fixed.map(|place| &record[place]);
    let time: jiff::Timestamp = time.parse().map_err(|_| format!("`{time}` is no time"))?;
    let known = StrDeserializer::<Error>::new(population);
    Ok(Row {
        population: Population::deserialize(known).map_err(|error| error.to_string())?,
        station: station.to_owned(),
        hour: time.as_second().div_euclid(3600),
        reference: number(reference)?,
    })
}

/// A number, NaN where there is none.
fn number(text: &str) -> Result<f64, String> {
    if text.is_empty() {
        return Ok(f64::NAN);
    }
    text.parse().map_err(|_| format!("`{text}` is no number"))
}
