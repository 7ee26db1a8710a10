//! Tables and other bytes, written whole or not at all.

use std::fs;
use std::path::Path;

use serde::Serialize;
use vadose_io::{IoError, write_atomically};

use crate::StudyError;

/// Rows as CSV, the names of their fields as header.
pub(crate) fn write_table<T: Serialize>(
    path: &Path,
    rows: impl Iterator<Item = T>,
) -> Result<(), StudyError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer
            .serialize(row)
            .map_err(|error| write_error(path, error.into()))?;
    }
    finish_table(path, writer)
}

/// The end of a table that was written record by record.
pub(crate) fn finish_table(path: &Path, writer: csv::Writer<Vec<u8>>) -> Result<(), StudyError> {
    let bytes = writer
        .into_inner()
        .map_err(|error| write_error(path, error.into_error()))?;
    write_bytes(path, &bytes)
}

pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), StudyError> {
    write_atomically(path, |temporary| {
        fs::write(temporary, bytes).map_err(|source| IoError::File {
            action: "write",
            path: path.to_path_buf(),
            source,
        })
    })?;
    Ok(())
}

pub(crate) fn write_error(path: &Path, source: std::io::Error) -> StudyError {
    StudyError::Write {
        path: path.to_path_buf(),
        source,
    }
}
