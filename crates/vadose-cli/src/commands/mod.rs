//! One module a command.

pub(crate) mod build;
mod cube_days;
pub(crate) mod demo;
pub(crate) mod evaluate;
pub(crate) mod grid;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod metrics;
pub(crate) mod network;
pub(crate) mod plan;
pub(crate) mod predict;
pub(crate) mod report;
pub(crate) mod retrieve;
pub(crate) mod sca;
pub(crate) mod simulate;
pub(crate) mod split;
pub(crate) mod study;
pub(crate) mod train;
pub(crate) mod validate;

use std::path::Path;

use vadose::io::{IoError, write_atomically};

use crate::failure::Failure;

/// Writes a text file whole or not at all.
fn write_text(path: &Path, text: &str) -> Result<(), Failure> {
    write_atomically(path, |temporary| {
        std::fs::write(temporary, text).map_err(|source| IoError::File {
            action: "write",
            path: path.to_owned(),
            source,
        })
    })?;
    Ok(())
}
