//! The facade holds no code: its `lib.rs` re-exports, and nothing else.

use super::{Finding, Source};

const FACADE: &str = "crates/vadose/src/lib.rs";

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    sources
        .iter()
        .filter(|source| source.path.starts_with("crates/vadose/src/"))
        .filter_map(|source| {
            if source.path != FACADE {
                return Some(Finding::failure(
                    &source.path,
                    "the facade has no file but lib.rs",
                ));
            }
            let logic = first_logic(&source.text)?;
            Some(Finding::failure(
                FACADE,
                format!("holds more than re-exports: `{logic}`"),
            ))
        })
        .collect()
}

/// The first thing in a source that is neither a comment, an attribute, a `pub use` nor a module.
fn first_logic(text: &str) -> Option<String> {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let code = text.lines().filter(is_code).collect::<Vec<_>>().join("\n");
    let mut rest = code.trim_start();
    while !rest.is_empty() {
        match after_allowed(rest) {
            Some(after) => rest = after.trim_start(),
            None => return rest.lines().next().map(str::to_owned),
        }
    }
    None
}

/// What follows one allowed piece at the start of `rest`.
fn after_allowed(rest: &str) -> Option<&str> {
    let after = |end: &str| rest.split_once(end).map(|(_, after)| after);
    if rest.starts_with("#[cfg(doctest)]") {
        after(";") // compiles the README's examples, and is in no library
    } else if rest.starts_with('#') {
        after_attribute(rest)
    } else if rest.starts_with("pub use ") {
        after(";")
    } else if rest.starts_with("pub mod ") || rest.starts_with("mod ") {
        after("{")
    } else {
        rest.strip_prefix('}')
    }
}

/// Attributes nest brackets: `#![doc(html_root_url = "[…]")]`, `#[cfg(feature = "grid")]`.
fn after_attribute(rest: &str) -> Option<&str> {
    let mut depth = 0;
    for (idx, c) in rest.char_indices() {
        match c {
            '[' => depth += 1,
            ']' if depth == 1 => return Some(&rest[idx + 1..]),
            ']' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const REEXPORTS: &str = "\
//! The facade.
#![forbid(unsafe_code)]

/// Grids.
#[cfg(feature = \"grid\")]
pub mod grid {
    pub use vadose_grid::{
        Cell,
        EaseGrid2,
    };
}
#[cfg(feature = \"ops\")]
pub use vadose_ops as ops;
#[cfg(doctest)]
#[doc = include_str!(\"../README.md\")]
struct Examples;
";

    #[test]
    fn reexports_and_documentation_are_all_right() {
        assert_eq!(first_logic(REEXPORTS), None);
    }

    #[test]
    fn a_function_is_found() {
        let text = format!("{REEXPORTS}pub fn retrieve() {{}}\n");
        assert_eq!(first_logic(&text).unwrap(), "pub fn retrieve() {}");
    }

    #[test]
    fn a_function_inside_a_module_is_found() {
        let text = "pub mod grid {\n    fn helper() {}\n}\n";
        assert_eq!(first_logic(text).unwrap(), "fn helper() {}");
    }

    #[test]
    fn a_second_file_is_a_finding() {
        let source = Source {
            path: "crates/vadose/src/logic.rs".into(),
            text: String::new(),
        };
        assert_eq!(check(&[source]).len(), 1);
    }
}
