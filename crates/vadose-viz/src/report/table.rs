//! Tables of a report: aligned numbers with units and intervals.

use vadose_metrics::Interval;

use crate::ticks::number;
use crate::{Estimate, VizError};

/// A table; its first column names the rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// The columns, from the left.
    pub columns: Vec<Column>,
    /// The rows, one cell a column.
    pub rows: Vec<Vec<Cell>>,
    /// Words below the table; empty for none.
    pub note: String,
}

/// The head of a column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Units of its numbers; empty for none.
    pub units: String,
}

/// What a cell holds. A number that is not finite is shown as missing.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number of things.
    Count(usize),
    /// A value, rounded to so many decimals.
    Number(f64, usize),
    /// A value with its interval, rounded to so many decimals.
    Estimate(Estimate, usize),
    /// A number that is known to be below this one, with so many decimals: a small p-value.
    Below(f64, usize),
    /// Nothing: a dash.
    #[default]
    Missing,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

impl From<usize> for Cell {
    fn from(count: usize) -> Self {
        Cell::Count(count)
    }
}

impl Cell {
    /// A value with its interval, or a dash where there is no value: what a metric of
    /// [`vadose_metrics::Skill`] gives.
    #[must_use]
    pub fn metric(value: Option<f64>, interval: Option<Interval>, decimals: usize) -> Self {
        match value {
            Some(value) => Cell::Estimate(Estimate { value, interval }, decimals),
            None => Cell::Missing,
        }
    }

    /// What is shown: the value and, apart, its interval.
    pub(super) fn shown(&self) -> (String, Option<String>) {
        let value = |value: f64, decimals: usize| {
            if value.is_finite() {
                number(value, decimals)
            } else {
                DASH.to_owned()
            }
        };
        match self {
            Cell::Text(text) => (text.clone(), None),
            Cell::Count(count) => (grouped(*count), None),
            Cell::Number(number, decimals) => (value(*number, *decimals), None),
            Cell::Estimate(estimate, decimals) => {
                let interval = estimate.interval.map(|Interval { lower, upper }| {
                    format!("[{}, {}]", value(lower, *decimals), value(upper, *decimals))
                });
                (value(estimate.value, *decimals), interval)
            }
            Cell::Below(limit, decimals) => (format!("< {}", value(*limit, *decimals)), None),
            Cell::Missing => (DASH.to_owned(), None),
        }
    }

    fn is_text(&self) -> bool {
        matches!(self, Cell::Text(_))
    }
}

const DASH: &str = "–";

/// Thousands apart by narrow spaces, from five digits on.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

impl Table {
    /// A table without rows; `columns` are names with units, empty for none.
    #[must_use]
    pub fn new(caption: impl Into<String>, columns: &[(&str, &str)]) -> Self {
        let column = |&(name, units): &(&str, &str)| Column {
            name: name.to_owned(),
            units: units.to_owned(),
        };
        Table {
            caption: caption.into(),
            columns: columns.iter().map(column).collect(),
            rows: Vec::new(),
            note: String::new(),
        }
    }

    /// Whether a column is one of numbers, which stand on the right.
    pub(super) fn is_numeric(&self, col: usize) -> bool {
        let mut cells = self.rows.iter().map(|row| &row[col]);
        col > 0 && !self.rows.is_empty() && !cells.any(Cell::is_text)
    }

    pub(super) fn check(&self) -> Result<(), VizError> {
        match self.rows.iter().find(|row| row.len() != self.columns.len()) {
            Some(row) => Err(VizError::LengthMismatch {
                what: format!("a row of table {:?}", self.caption),
                expected: self.columns.len(),
                got: row.len(),
            }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_and_keep_their_interval() {
        let interval = Some(Interval {
            lower: 0.03512,
            upper: 0.0449,
        });
        let (value, interval) = Cell::metric(Some(0.0401), interval, 3).shown();
        assert_eq!(
            (value.as_str(), interval.as_deref()),
            ("0.040", Some("[0.035, 0.045]"))
        );
        assert_eq!(Cell::metric(None, None, 3), Cell::Missing);
        assert_eq!(Cell::Number(f64::NAN, 2).shown().0, "–");
        assert_eq!(Cell::Number(-0.5, 1).shown().0, "−0.5");
        assert_eq!(Cell::Below(0.001, 3).shown().0, "< 0.001");
    }

    #[test]
    fn large_counts_are_grouped() {
        assert_eq!(
            [999, 1234, 12_345, 1_234_567].map(grouped),
            ["999", "1234", "12\u{202f}345", "1\u{202f}234\u{202f}567"]
        );
    }
}
