//! Tables and other bytes, written whole or not at all, and read with the file's name in every error.

use std::fs;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
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

/// A value as JSON.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), StudyError> {
    let json = serde_json::to_vec_pretty(value).map_err(|error| write_error(path, error.into()))?;
    write_bytes(path, &json)
}

/// The text of a file.
pub(crate) fn read_text(path: &Path) -> Result<String, StudyError> {
    fs::read_to_string(path).map_err(|error| read_error(path, error))
}

/// A JSON file as what it holds.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, StudyError> {
    serde_json::from_str(&read_text(path)?).map_err(|error| read_error(path, error))
}

pub(crate) fn read_error(path: &Path, reason: impl ToString) -> StudyError {
    StudyError::Read {
        path: path.to_path_buf(),
        reason: reason.to_string(),
    }
}
