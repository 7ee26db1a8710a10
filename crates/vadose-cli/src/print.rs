//! Results on stdout.

use std::io::Write;

use serde::Serialize;

use crate::failure::Failure;

/// Prints a value as indented JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    text(serde_json::to_string_pretty(value)?)
}

/// Prints a line.
pub(crate) fn text(line: impl std::fmt::Display) -> Result<(), Failure> {
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(())
}
