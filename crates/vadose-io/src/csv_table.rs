//! Opening tables of comma-separated values, and what is wrong in them.

use std::fs::File;
use std::path::Path;

use crate::IoError;

/// Opens a table with a header; spaces around cells are no part of them.
pub(crate) fn open_table(path: &Path) -> Result<csv::Reader<File>, IoError> {
    let file = File::open(path).map_err(|source| IoError::File {
        action: "open",
        path: path.to_path_buf(),
        source,
    })?;
    Ok(csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(file))
}

/// What the CSV reader says of a table, as an error that names file and line.
pub(crate) fn malformed(path: &Path, error: &csv::Error) -> IoError {
    let line = error.position().map_or(0, csv::Position::line);
    let reason = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("{len} cells, but the header has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "not UTF-8 text".to_string(),
        _ => error.to_string(),
    };
    IoError::StationCsv {
        path: path.to_path_buf(),
        line,
        reason,
    }
}
