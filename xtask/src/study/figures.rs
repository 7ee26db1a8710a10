//! Figures of the report that docs/STUDY.md shows.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::workspace;

/// File below docs/figures, and how the figure's label begins.
const FIGURES: [(&str, &str); 2] = [
    (
        "study_alpha.svg",
        "Sweep: Weight of the coarse term at cells of the simulated truth (simulated data). ubRMSE",
    ),
    (
        "study_stations.svg",
        "Sweep: Number of stations at cells of the simulated truth (simulated data). ubRMSE",
    ),
];

/// Takes the figures out of a report.
///
/// # Errors
/// If a file cannot be read or written, or the report lacks a figure.
pub(super) fn write(report: &Path) -> Result<()> {
    let page =
        fs::read_to_string(report).with_context(|| format!("cannot read {}", report.display()))?;
    for (name, label) in FIGURES {
        let figure = figure(&page, label)
            .with_context(|| format!("{} has no figure `{label}`", report.display()))?;
        let path = workspace::root().join("docs/figures").join(name);
        fs::write(&path, format!("{figure}\n"))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The picture whose label begins so.
fn figure<'a>(page: &'a str, label: &str) -> Option<&'a str> {
    const END: &str = "</svg>";
    let at = page.find(&format!("aria-label=\"{label}"))?;
    let start = page[..at].rfind("<svg")?;
    let end = at + page[at..].find(END)? + END.len();
    Some(&page[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_found_by_how_its_label_begins() {
        let page = r#"<svg aria-label="one: a"><g/></svg><svg id="2" aria-label="two: b"></svg>"#;
        let expected = r#"<svg id="2" aria-label="two: b"></svg>"#;
        assert_eq!(figure(page, "two"), Some(expected));
        assert_eq!(figure(page, "b"), None);
    }
}
