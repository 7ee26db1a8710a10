//! Files stay small enough to be read at one sitting.

use super::{Finding, Source};

/// From here on a file deserves a second look. Code lines: no comments, no tests.
const MANY_CODE_LINES: usize = 500;
/// From here on it must be split.
const TOO_MANY_CODE_LINES: usize = 800;

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    sources
        .iter()
        .filter(|source| source.is_rust() && !is_test(source))
        .filter_map(finding)
        .collect()
}

/// Tests in files of their own count as little as test modules do.
fn is_test(source: &Source) -> bool {
    source.path.ends_with("/tests.rs") || source.path.contains("tests/")
}

fn finding(source: &Source) -> Option<Finding> {
    let n_lines = source.code_lines().len();
    if n_lines > TOO_MANY_CODE_LINES {
        let message = format!("{n_lines} code lines; the limit is {TOO_MANY_CODE_LINES}");
        Some(Finding::failure(&source.path, message))
    } else if n_lines > MANY_CODE_LINES {
        let message = format!("{n_lines} code lines; aim at 100 to 300");
        Some(Finding::warning(&source.path, message))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::Severity;
    use super::*;

    fn severity(path: &str, n_lines: usize) -> Option<Severity> {
        let source = Source {
            path: path.into(),
            text: "let a = 1;\n".repeat(n_lines),
        };
        check(&[source]).first().map(|one| one.severity)
    }

    #[test]
    fn size_is_first_a_warning_and_then_a_failure() {
        assert_eq!(severity("src/a.rs", MANY_CODE_LINES), None);
        assert_eq!(
            severity("src/a.rs", MANY_CODE_LINES + 1),
            Some(Severity::Warning)
        );
        assert_eq!(
            severity("src/a.rs", TOO_MANY_CODE_LINES + 1),
            Some(Severity::Failure)
        );
    }

    #[test]
    fn tests_are_not_counted() {
        assert_eq!(severity("src/pool/tests.rs", TOO_MANY_CODE_LINES + 1), None);
    }
}
