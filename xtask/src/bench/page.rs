//! The page that holds the figures.

use std::fs;

use anyhow::{Context, Result};

use crate::workspace;

/// From the workspace's root.
const PAGE: &str = "docs/BENCHMARKS.md";

/// Replaces a subject's figures in the page.
///
/// # Errors
/// If the page or its marks are missing.
pub(super) fn write(subject: &str, figures: &str) -> Result<()> {
    let path = workspace::root().join(PAGE);
    let marks = marks(subject);
    let page = replaced(&workspace::read(&path)?, &marks, figures);
    let page = page.with_context(|| format!("{PAGE} has no `{}` and `{}`", marks[0], marks[1]))?;
    fs::write(&path, page)?;
    println!("written: {PAGE}");
    Ok(())
}

/// What a subject's figures stand between.
fn marks(subject: &str) -> [String; 2] {
    ["begin", "end"].map(|end| format!("<!-- cargo xtask bench {subject}: {end} -->"))
}

fn replaced(page: &str, [begin, end]: &[String; 2], figures: &str) -> Option<String> {
    let (before, rest) = page.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    let figures = figures.trim_end();
    Some(format!("{before}{begin}\n{figures}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let marks = marks("grid");
        let [begin, end] = &marks;
        let page = format!("before\n{begin}\nold\n{end}\nafter\n");
        let expected = format!("before\n{begin}\nnew\n{end}\nafter\n");
        assert_eq!(replaced(&page, &marks, "new\n"), Some(expected));
        assert_eq!(replaced("no marks", &marks, "new"), None);
    }

    #[test]
    fn the_page_has_the_marks_of_every_subject() {
        let page = workspace::read(&workspace::root().join(PAGE)).unwrap();
        for subject in ["nn", "grid", "ops", "metrics", "ismn", "build"] {
            assert!(replaced(&page, &marks(subject), "").is_some(), "{subject}");
        }
    }
}
