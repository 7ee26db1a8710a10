//! `cargo xtask tidy`: the rules of the workspace that no compiler checks. The same checks are a test.
//!
//! Each check is a function from text to findings, with a test that shows that it can fail.

mod dependencies;
mod facade;
mod file_size;
mod recorded_hashes;
mod source_text;
mod unit_tests;
mod unsafe_code;

use std::fmt;
use std::process::ExitCode;

use anyhow::Result;

use crate::{features, golden, workspace};

/// A file that people wrote.
#[derive(Clone, Debug)]
struct Source {
    /// Relative to the workspace's root, with `/`.
    path: String,
    text: String,
}

impl Source {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The crate under `crates/` that the file belongs to.
    fn crate_name(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// The file's code, as numbered lines: comments, blank lines and test modules left out.
    fn code_lines(&self) -> Vec<(usize, &str)> {
        let mut code = Vec::new();
        let mut lines = self.text.lines().enumerate();
        while let Some((idx, line)) = lines.next() {
            let trimmed = line.trim();
            if trimmed == "#[cfg(test)]" {
                // rustfmt closes an item at the column where it opened it.
                let close = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
                lines.find(|(_, line)| *line == close || line.ends_with(';'));
            } else if !trimmed.is_empty() && !trimmed.starts_with("//") {
                code.push((idx + 1, line));
            }
        }
        code
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Severity {
    Warning,
    Failure,
}

/// One place where a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    severity: Severity,
    place: String,
    message: String,
}

impl Finding {
    fn failure(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Failure,
            place: place.into(),
            message: message.into(),
        }
    }

    fn warning(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::failure(place, message)
        }
    }

    fn at_line(source: &Source, line: usize, message: impl Into<String>) -> Self {
        Self::failure(format!("{}:{line}", source.path), message)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.severity {
            Severity::Warning => "warning",
            Severity::Failure => "error",
        };
        write!(formatter, "{kind}: {}: {}", self.place, self.message)
    }
}

/// Checks every rule and prints what breaks one.
///
/// # Errors
/// If a file cannot be read or cargo cannot be asked. A broken rule is no error but exit code 1.
pub fn run() -> Result<ExitCode> {
    let findings = findings()?;
    for finding in &findings {
        println!("{finding}");
    }
    let n_failures = findings
        .iter()
        .filter(|one| one.severity == Severity::Failure)
        .count();
    println!(
        "tidy: {n_failures} errors, {} warnings",
        findings.len() - n_failures
    );
    Ok(if n_failures == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn findings() -> Result<Vec<Finding>> {
    let sources = sources()?;
    let crate_names = workspace::crate_names()?;
    let mut findings = source_text::check(&sources);
    findings.extend(file_size::check(&sources));
    findings.extend(unsafe_code::check(&sources));
    findings.extend(unit_tests::check(&sources, &crate_names));
    findings.extend(facade::check(&sources));
    findings.extend(recorded_hashes::check(&sources));
    findings.extend(dependencies::check(&sources, &crate_names)?);
    for folder in golden::folders()? {
        let place = workspace::relative(&folder);
        let lacks = golden::lacks(&folder)?;
        findings.extend(lacks.into_iter().map(|what| Finding::failure(&place, what)));
    }
    if let Some(message) = features::problem()? {
        findings.push(Finding::failure("crates/vadose/src/lib.rs", message));
    }
    Ok(findings)
}

/// Every text file that a rule looks at.
fn sources() -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for path in workspace::files_below(workspace::root())? {
        let is_looked_at = matches!(
            path.extension().and_then(|extension| extension.to_str()),
            Some("rs" | "toml" | "py" | "md")
        ) || path.ends_with(".ci/run");
        if is_looked_at {
            sources.push(Source {
                path: workspace::relative(&path),
                text: workspace::read(&path)?,
            });
        }
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_tidy() {
        let failures: Vec<_> = findings()
            .unwrap()
            .into_iter()
            .filter(|one| one.severity == Severity::Failure)
            .map(|one| one.to_string())
            .collect();
        assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    }

    #[test]
    fn code_lines_leave_out_comments_blank_lines_and_test_modules() {
        let text = "//! What for.\n\nfn one() {}\n#[cfg(test)]\nmod tests {\n    fn two() {}\n}\nfn three() {}\n";
        let source = Source {
            path: "a.rs".into(),
            text: text.into(),
        };
        assert_eq!(
            source.code_lines(),
            [(3, "fn one() {}"), (8, "fn three() {}")]
        );
    }

    #[test]
    fn a_test_module_in_a_file_of_its_own_ends_at_its_semicolon() {
        let text = "#[cfg(test)]\nmod tests;\nfn one() {}\n";
        let source = Source {
            path: "a.rs".into(),
            text: text.into(),
        };
        assert_eq!(source.code_lines(), [(3, "fn one() {}")]);
    }
}
