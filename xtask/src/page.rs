//! Figures that commands write into pages.

use std::fs;

use anyhow::{Context, Result};

use crate::workspace;

/// Replaces the figures of a command in a page below the workspace's root.
///
/// # Errors
/// If the page or its marks are missing.
pub(crate) fn write(page: &str, command: &str, figures: &str) -> Result<()> {
    let path = workspace::root().join(page);
    let marks = marks(command);
    let text = replaced(&workspace::read(&path)?, &marks, figures);
    let text = text.with_context(|| format!("{page} has no `{}` and `{}`", marks[0], marks[1]))?;
    fs::write(&path, text)?;
    println!("written: {page}");
    Ok(())
}

/// What a command's figures stand between.
fn marks(command: &str) -> [String; 2] {
    ["begin", "end"].map(|end| format!("<!-- cargo xtask {command}: {end} -->"))
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
        let marks = marks("bench grid");
        let [begin, end] = &marks;
        let page = format!("before\n{begin}\nold\n{end}\nafter\n");
        let expected = format!("before\n{begin}\nnew\n{end}\nafter\n");
        assert_eq!(replaced(&page, &marks, "new\n"), Some(expected));
        assert_eq!(replaced("no marks", &marks, "new"), None);
    }

    #[test]
    fn the_pages_have_the_marks_of_every_command() {
        let subjects = ["nn", "grid", "ops", "metrics", "ismn", "build"];
        let bench = subjects.map(|subject| ("docs/BENCHMARKS.md", format!("bench {subject}")));
        for (page, command) in bench
            .into_iter()
            .chain([("docs/STUDY.md", "study".to_owned())])
        {
            let text = workspace::read(&workspace::root().join(page)).unwrap();
            assert!(replaced(&text, &marks(&command), "").is_some(), "{command}");
        }
    }
}
