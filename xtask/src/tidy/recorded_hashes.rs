//! Files whose every change needs a second look carry their hash in the page that describes them.
//!
//! A page records a hash in a comment, `<!-- tidy: sha256 PATH = HEX -->`. Whoever changes the grid's
//! constants or the loss must open that page, see whether its words still hold, and put in the new
//! hash; the finding prints it.

use super::{Finding, Source};
use crate::python::sha256_hex;

const OPEN: &str = "<!-- tidy: sha256";
const CLOSE: &str = "-->";
/// Where a hash must be recorded from: dropping the record would drop the check.
const MUST_BE_RECORDED: [(&str, &str); 2] = [
    ("crates/vadose-grid/src/", "the grid's constants"),
    ("crates/vadose-train/src/", "the loss"),
];

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut recorded = Vec::new();
    for page in sources.iter().filter(|source| source.path.ends_with(".md")) {
        for (idx, line) in page.text.lines().enumerate() {
            let Some(record) = line.trim().strip_prefix(OPEN) else {
                continue;
            };
            let record = record
                .strip_suffix(CLOSE)
                .and_then(|record| record.split_once(" = "));
            let message = match record {
                None => Some(format!("a record reads `{OPEN} PATH = HEX {CLOSE}`")),
                Some((path, hash)) => {
                    recorded.push(path.trim());
                    mismatch(sources, path.trim(), hash.trim())
                }
            };
            findings.extend(message.map(|message| Finding::at_line(page, idx + 1, message)));
        }
    }
    for (folder, what) in MUST_BE_RECORDED {
        if !recorded.iter().any(|path| path.starts_with(folder)) {
            findings.push(Finding::failure(
                "docs",
                format!("no page records a hash of {what} ({folder}…)"),
            ));
        }
    }
    findings
}

fn mismatch(sources: &[Source], path: &str, hash: &str) -> Option<String> {
    let Some(source) = sources.iter().find(|source| source.path == path) else {
        return Some(format!("{path} does not exist"));
    };
    let now = sha256_hex(source.text.as_bytes());
    (now != hash).then(|| format!("{path} has changed; read this page again, then record {now}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: &str = "crates/vadose-grid/src/constants.rs";
    const LOSS: &str = "crates/vadose-train/src/loss.rs";

    fn messages(page: &str) -> Vec<String> {
        let source = |path: &str, text: &str| Source {
            path: path.into(),
            text: text.into(),
        };
        let sources = [
            source(GRID, "grid"),
            source(LOSS, "loss"),
            source("docs/ARCHITECTURE.md", page),
        ];
        check(&sources).iter().map(ToString::to_string).collect()
    }

    fn record(path: &str, text: &str) -> String {
        format!("{OPEN} {path} = {} {CLOSE}\n", sha256_hex(text.as_bytes()))
    }

    #[test]
    fn true_records_pass() {
        assert!(messages(&(record(GRID, "grid") + &record(LOSS, "loss"))).is_empty());
    }

    #[test]
    fn a_changed_file_fails_with_its_new_hash() {
        let messages = messages(&(record(GRID, "old") + &record(LOSS, "loss")));
        assert!(
            messages[0].contains("docs/ARCHITECTURE.md:1"),
            "{messages:?}"
        );
        assert!(messages[0].contains(&sha256_hex(b"grid")), "{messages:?}");
    }

    #[test]
    fn a_record_of_no_file_and_an_unreadable_record_fail() {
        let page = record("crates/vadose-grid/src/gone.rs", "") + &record(LOSS, "loss") + OPEN;
        assert_eq!(messages(&page).len(), 2);
    }

    #[test]
    fn a_page_without_records_fails() {
        assert_eq!(messages("").len(), MUST_BE_RECORDED.len());
    }
}
