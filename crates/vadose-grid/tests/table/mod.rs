//! Reads the small comma-separated golden files.

/// Rows of a golden file, without the header, split at commas.
pub(crate) fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().skip(1).map(|line| line.split(',').collect())
}

/// A number of a golden file.
pub(crate) fn number(field: &str) -> f64 {
    field
        .parse()
        .unwrap_or_else(|_| panic!("'{field}' is no number"))
}
