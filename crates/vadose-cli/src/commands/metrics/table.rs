//! Columns of a CSV table: numbers, names and times.

use std::path::Path;

use anyhow::Context;
use vadose::io::parse_utc;

use crate::failure::Failure;

/// A table in memory, as text.
pub(super) struct Table {
    name: String,
    header: csv::StringRecord,
    records: Vec<csv::StringRecord>,
}

impl Table {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let cannot_be_read = || format!("{name}: cannot be read");
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(path)
            .with_context(cannot_be_read)?;
        let header = reader.headers().with_context(cannot_be_read)?.clone();
        let records = reader
            .records()
            .collect::<Result<_, _>>()
            .with_context(cannot_be_read)?;
        Ok(Self {
            name,
            header,
            records,
        })
    }

    /// A column of numbers; an empty cell is NaN.
    pub(super) fn numbers(&self, column: &str) -> Result<Vec<f64>, Failure> {
        self.column(column, "no number", number)
    }

    /// A column of times as whole hours since 1970-01-01T00Z.
    pub(super) fn hours(&self, column: &str) -> Result<Vec<i64>, Failure> {
        self.column(column, "no time (RFC 3339 or YYYY-MM-DD HH:MM)", |cell| {
            Some(parse_utc(cell)?.as_second().div_euclid(3600))
        })
    }

    /// A column of names.
    pub(super) fn names(&self, column: &str) -> Result<Vec<String>, Failure> {
        self.column(column, "no name", |cell| {
            (!cell.is_empty()).then(|| cell.to_owned())
        })
    }

    fn column<T>(
        &self,
        column: &str,
        problem: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, Failure> {
        let Self {
            name,
            header,
            records,
        } = self;
        let place = header.iter().position(|title| title == column);
        let place = place.ok_or_else(|| {
            let known = header.iter().collect::<Vec<_>>().join(", ");
            Failure::usage(format_args!(
                "{name}: no column {column:?}; the table has {known}"
            ))
        })?;
        let value = |record: &csv::StringRecord| {
            let cell = record.get(place).unwrap_or_default();
            parse(cell).ok_or_else(|| {
                let line = record.position().map_or(0, csv::Position::line);
                Failure::failed(format_args!(
                    "{name}: line {line}: column {column:?}: {cell:?} is {problem}"
                ))
            })
        };
        records.iter().map(value).collect()
    }
}

fn number(cell: &str) -> Option<f64> {
    if cell.is_empty() {
        Some(f64::NAN)
    } else {
        cell.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_cell_is_missing_and_a_word_is_refused() {
        assert!(number("").unwrap().is_nan());
        assert!(number("NaN").unwrap().is_nan());
        assert_eq!(number("-1.5e-3"), Some(-1.5e-3));
        assert_eq!(number("wet"), None);
    }
}
