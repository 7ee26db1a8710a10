//! Results on stdout, everything else on stderr.

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

/// Prints a line to stderr. A reader of stderr that went away is no reason to stop working.
pub(crate) fn note(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
