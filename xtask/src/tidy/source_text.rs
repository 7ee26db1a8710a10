//! Rules on the text of a file: what it begins with, and what must not stand in it.

use super::{Finding, Source};

/// Marks of unfinished work, split so that this file does not hold them.
const UNFINISHED: [&str; 3] = [
    concat!("todo", "!"),
    concat!("unimplemented", "!"),
    concat!("FIX", "ME"),
];
/// First parts of paths that exist only on somebody's machine.
const MACHINE_FOLDERS: [&str; 4] = ["root", "home", "work", "tmp"];

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        if source.is_rust() && !source.text.starts_with("//! ") {
            findings.push(Finding::at_line(
                source,
                1,
                "must begin with `//!` and what it is for",
            ));
        }
        for (idx, line) in source.text.lines().enumerate() {
            if let Some(mark) = UNFINISHED.iter().find(|mark| line.contains(**mark)) {
                findings.push(Finding::at_line(source, idx + 1, format!("holds `{mark}`")));
            }
            if let Some(path) = machine_path(line) {
                findings.push(Finding::at_line(
                    source,
                    idx + 1,
                    format!("names a machine's `{path}`"),
                ));
            }
        }
    }
    findings
}

/// The first absolute path of somebody's machine in a line. `a/tmp/b` and addresses are not absolute.
fn machine_path(line: &str) -> Option<String> {
    MACHINE_FOLDERS.into_iter().find_map(|folder| {
        let path = format!("/{folder}");
        let is_absolute = |(start, _): &(usize, &str)| {
            let before = line[..*start].chars().next_back();
            let after = line[start + path.len()..].chars().next();
            let is_part = |c: char| c.is_alphanumeric() || "_-.*/}>~<".contains(c);
            !before.is_some_and(is_part)
                && !after.is_some_and(|c| c.is_alphanumeric() || "_-".contains(c))
        };
        line.match_indices(&path)
            .any(|hit| is_absolute(&hit))
            .then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings_in(path: &str, text: &str) -> Vec<String> {
        let source = Source {
            path: path.into(),
            text: text.into(),
        };
        check(&[source]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_file_that_does_not_say_what_it_is_for_fails() {
        assert_eq!(findings_in("a.rs", "fn main() {}\n").len(), 1);
        assert!(findings_in("a.rs", "//! What for.\nfn main() {}\n").is_empty());
        assert!(findings_in("a.py", "import numpy\n").is_empty());
    }

    #[test]
    fn unfinished_work_fails_with_its_line() {
        let text = format!("//! What for.\nfn one() {{ {}() }}\n", UNFINISHED[0]);
        let findings = findings_in("a.rs", &text);
        assert!(findings[0].contains("a.rs:2"), "{findings:?}");
    }

    #[test]
    fn a_path_of_one_machine_fails() {
        for folder in MACHINE_FOLDERS {
            let line = format!("let data = \"/{folder}/data\";");
            assert_eq!(machine_path(&line), Some(format!("/{folder}")));
        }
    }

    #[test]
    fn relative_paths_and_addresses_are_no_machine_paths() {
        for line in [
            "target/tmp/a",
            "https://example.org/home/",
            "/tmpfs",
            "I/O and /workspace",
        ] {
            assert_eq!(machine_path(line), None, "{line}");
        }
    }
}
