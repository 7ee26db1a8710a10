//! Unsafe code lives in one crate, and each use of it argues why it is sound.

use super::{Finding, Source};

/// The one crate that may hold unsafe code: its kernels.
const EXEMPT: &str = "crates/vadose-nn/";
const FORBID: &str = "#![forbid(unsafe_code)]";
/// Begins the one argument of a file that only wraps instructions, one a block.
const WHOLE_FILE: &str = "// SAFETY of every block in this file:";
/// How many lines of one statement may stand between the comment and the word `unsafe`.
const MAX_STATEMENT_LINES: usize = 3;

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        if source.path.starts_with(EXEMPT) {
            findings.extend(unexplained(source));
        } else if is_crate_root(&source.path) && !source.text.contains(FORBID) {
            findings.push(Finding::failure(
                &source.path,
                format!("a crate's root must say {FORBID}"),
            ));
        }
    }
    findings
}

fn is_crate_root(path: &str) -> bool {
    path.ends_with("/lib.rs") || path.ends_with("src/main.rs")
}

fn unexplained(source: &Source) -> Vec<Finding> {
    let lines: Vec<&str> = source.text.lines().collect();
    if lines
        .iter()
        .any(|line| line.trim_start().starts_with(WHOLE_FILE))
    {
        return Vec::new();
    }
    let is_unexplained = |idx: &usize| uses_unsafe(lines[*idx]) && !is_explained(&lines, *idx);
    (0..lines.len())
        .filter(is_unexplained)
        .map(|idx| Finding::at_line(source, idx + 1, "unsafe without a SAFETY comment above it"))
        .collect()
}

fn uses_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let mut words = code
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .skip_while(|word| *word != "unsafe");
    // A function that is unsafe to call argues nothing itself: its trait or its doc comment says what it
    // asks of callers, who argue.
    words.next().is_some() && !matches!(words.find(|word| !word.is_empty()), Some("fn" | "extern"))
}

/// Looks up from the line: over the head of its statement, then through comments and attributes.
fn is_explained(lines: &[&str], idx: usize) -> bool {
    let says_why = |line: &str| line.contains("SAFETY:") || line.contains("# Safety");
    if says_why(lines[idx]) {
        return true;
    }
    let mut n_statement_lines = 0;
    for line in lines[..idx].iter().rev().map(|line| line.trim()) {
        let is_note = line.starts_with("//") || line.starts_with("#[");
        if is_note && says_why(line) {
            return true;
        }
        if !is_note {
            n_statement_lines += 1;
            let ends_another = line.is_empty() || line.ends_with([';', '}', '{']);
            if ends_another || n_statement_lines > MAX_STATEMENT_LINES {
                return false;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n_findings(path: &str, text: &str) -> usize {
        check(&[Source {
            path: path.into(),
            text: text.into(),
        }])
        .len()
    }

    #[test]
    fn a_crate_that_does_not_forbid_unsafe_code_fails() {
        assert_eq!(
            n_findings("crates/vadose-grid/src/lib.rs", "//! Grids.\n"),
            1
        );
        assert_eq!(
            n_findings(
                "crates/vadose-grid/src/lib.rs",
                &format!("//! Grids.\n{FORBID}\n")
            ),
            0
        );
        assert_eq!(
            n_findings("crates/vadose-grid/src/cell.rs", "//! Cells.\n"),
            0
        );
    }

    #[test]
    fn unsafe_code_without_its_reason_fails() {
        let path = "crates/vadose-nn/src/kernels/avx512.rs";
        assert_eq!(n_findings(path, "let a = unsafe { load(p) };\n"), 1);
        assert_eq!(
            n_findings(
                path,
                "// SAFETY: p lies in the row.\nlet a = unsafe { load(p) };\n"
            ),
            0
        );
        assert_eq!(
            n_findings(path, "// SAFETY: why.\nlet a =\n    unsafe { load(p) };\n"),
            0
        );
        assert_eq!(
            n_findings(
                path,
                "// SAFETY: why.\nlet a = 1;\nlet b = unsafe { load(p) };\n"
            ),
            1
        );
    }

    #[test]
    fn one_argument_may_serve_a_file_that_only_wraps_instructions() {
        let path = "crates/vadose-nn/src/kernels/avx512.rs";
        let text = format!("{WHOLE_FILE} why.\nlet a = unsafe {{ load(p) }};\n");
        assert_eq!(n_findings(path, &text), 0);
    }

    #[test]
    fn the_word_alone_is_not_a_use() {
        assert!(!uses_unsafe(
            "#![deny(unsafe_op_in_unsafe_fn)] // no unsafe here"
        ));
        assert!(
            !uses_unsafe("pub(crate) unsafe fn load() {"),
            "its callers argue"
        );
        assert!(uses_unsafe("unsafe impl Sync for Shared {}"));
    }
}
