//! Every crate has tests of its own.

use super::{Finding, Source};

pub(super) fn check(sources: &[Source], crate_names: &[String]) -> Vec<Finding> {
    let has_test = |name: &String| {
        let mut of_crate = sources
            .iter()
            .filter(|source| source.crate_name() == Some(name));
        of_crate.any(|source| source.is_rust() && holds_a_test(&source.text))
    };
    crate_names
        .iter()
        .filter(|name| !has_test(name))
        .map(|name| Finding::failure(format!("crates/{name}"), "has no `#[test]`"))
        .collect()
}

fn holds_a_test(text: &str) -> bool {
    text.lines().any(|line| line.trim() == "#[test]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_without_a_test_fails() {
        let source = |path: &str, text: &str| Source {
            path: path.into(),
            text: text.into(),
        };
        let sources = [
            source(
                "crates/vadose-grid/src/lib.rs",
                "    #[test]\n    fn one() {}\n",
            ),
            source(
                "crates/vadose-ops/src/lib.rs",
                "/// Like `#[test]`.\nfn one() {}\n",
            ),
        ];
        let names = ["vadose-grid".to_owned(), "vadose-ops".to_owned()];
        let findings = check(&sources, &names);
        assert_eq!(
            findings,
            [Finding::failure("crates/vadose-ops", "has no `#[test]`")]
        );
    }
}
