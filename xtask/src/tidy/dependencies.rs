//! Which crate may know of what: the 'never' column of docs/ARCHITECTURE.md, on the resolved tree.

use anyhow::Result;

use super::{Finding, Source};
use crate::process;

/// Learning: nothing that only describes or evaluates data knows a tensor.
const TENSORS: &[&str] = &["candle-core", "candle-nn", "vadose-nn", "vadose-train"];
/// File formats: they enter through vadose-io alone.
const FORMATS: &[&str] = &["hdf5-metno", "gdal", "netcdf", "zarrs", "vadose-io"];
/// What opens a file, in source code.
const FILES: &[&str] = &["std::fs", "File::open", "File::create"];
const NOTHING: &[&str] = &[];

/// What one crate must do without.
struct Never {
    name: &'static str,
    packages: &'static [&'static [&'static str]],
    /// Words that must not stand in the crate's code, tests excepted.
    words: &'static [&'static str],
}

const NEVER: &[Never] = &[
    Never {
        name: "vadose-grid",
        packages: &[TENSORS, FORMATS],
        words: FILES,
    },
    Never {
        name: "vadose-ops",
        packages: &[FORMATS, &["candle-nn"]],
        words: FILES,
    },
    Never {
        name: "vadose-scene",
        packages: &[TENSORS, FORMATS],
        words: FILES,
    },
    Never {
        name: "vadose-nn",
        packages: &[FORMATS],
        words: NOTHING,
    },
    Never {
        name: "vadose-train",
        packages: &[FORMATS],
        words: NOTHING,
    },
    Never {
        name: "vadose-physics",
        packages: &[TENSORS, FORMATS],
        words: FILES,
    },
    Never {
        name: "vadose-retrieve",
        packages: &[FORMATS],
        words: NOTHING,
    },
    Never {
        name: "vadose-metrics",
        packages: &[TENSORS, FORMATS],
        words: FILES,
    },
    Never {
        name: "vadose-io",
        packages: &[TENSORS],
        words: NOTHING,
    },
    Never {
        name: "vadose-cube",
        packages: &[TENSORS],
        words: NOTHING,
    },
    Never {
        name: "vadose-twin",
        packages: &[TENSORS],
        words: NOTHING,
    },
    Never {
        name: "vadose-viz",
        packages: &[TENSORS, FORMATS],
        words: NOTHING,
    },
    Never {
        name: "vadose",
        packages: &[FORMATS, C_BUILDERS],
        words: FILES,
    },
    // These three may know everything.
    Never {
        name: "vadose-cli",
        packages: &[],
        words: NOTHING,
    },
    Never {
        name: "vadose-study",
        packages: &[],
        words: NOTHING,
    },
    Never {
        name: "vadose-bench",
        packages: &[],
        words: NOTHING,
    },
];

/// Build dependencies of a crate that compiles or looks for C: none in the facade's default tree.
const C_BUILDERS: &[&str] = &["cc", "cmake", "pkg-config", "vcpkg", "bindgen"];

pub(super) fn check(sources: &[Source], crate_names: &[String]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for name in crate_names {
        let place = format!("crates/{name}");
        let Some(never) = NEVER.iter().find(|never| never.name == name) else {
            findings.push(Finding::failure(
                place,
                "is not in tidy's table of what a crate never uses",
            ));
            continue;
        };
        let tree = process::capture(process::cargo().args([
            "tree",
            "--package",
            name,
            "--edges=normal,build",
            "--prefix=none",
            "--format={p}",
        ]))?;
        for package in unwanted(never, &tree) {
            let message =
                format!("must not depend on {package}; see cargo tree -p {name} -i {package}");
            findings.push(Finding::failure(&place, message));
        }
        let of_crate = sources
            .iter()
            .filter(|source| source.crate_name() == Some(name));
        findings.extend(of_crate.flat_map(|source| forbidden_words(never, source)));
    }
    Ok(findings)
}

/// Packages of a tree (one a line, `name version`) that a crate must not have below it.
fn unwanted(never: &Never, tree: &str) -> Vec<String> {
    let mut packages: Vec<String> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|package| *package != never.name)
        .filter(|package| never.packages.iter().any(|list| list.contains(package)))
        .map(str::to_owned)
        .collect();
    packages.sort();
    packages.dedup();
    packages
}

fn forbidden_words(never: &Never, source: &Source) -> Vec<Finding> {
    let is_library =
        source.is_rust() && source.path.contains("/src/") && !source.path.contains("tests");
    let lines = if is_library {
        source.code_lines()
    } else {
        Vec::new()
    };
    lines
        .into_iter()
        .filter_map(|(line, code)| {
            let word = never.words.iter().find(|word| code.contains(**word))?;
            Some(Finding::at_line(
                source,
                line,
                format!("{} never uses files: `{word}`", never.name),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn never(name: &str) -> &'static Never {
        NEVER.iter().find(|never| never.name == name).unwrap()
    }

    #[test]
    fn a_tensor_below_the_grid_is_found() {
        let tree = "vadose-grid v0.1.0 (somewhere)\nndarray v0.17.2\ncandle-core v0.11.1 (*)\n";
        assert_eq!(unwanted(never("vadose-grid"), tree), ["candle-core"]);
        assert!(unwanted(never("vadose-nn"), tree).is_empty());
    }

    #[test]
    fn a_c_library_below_the_facade_is_found_by_what_builds_it() {
        let tree = "vadose v0.1.0 (somewhere)\nproj-sys v0.27.0\ncmake v0.1.57\n";
        assert_eq!(unwanted(never("vadose"), tree), ["cmake"]);
    }

    #[test]
    fn a_crate_may_be_itself() {
        assert!(unwanted(never("vadose-io"), "vadose-io v0.1.0 (somewhere)\n").is_empty());
    }

    #[test]
    fn opening_a_file_is_found_in_code_but_not_in_tests() {
        let source = |path: &str| Source {
            path: path.into(),
            text: "//! A.\nlet text = std::fs::read(path);\n".into(),
        };
        assert_eq!(
            forbidden_words(never("vadose-metrics"), &source("crates/a/src/lib.rs")).len(),
            1
        );
        assert!(
            forbidden_words(never("vadose-metrics"), &source("crates/a/tests/b.rs")).is_empty()
        );
    }

    #[test]
    fn a_crate_that_the_table_does_not_know_is_a_finding() {
        let findings = check(&[], &["vadose-surprise".to_owned()]).unwrap();
        assert_eq!(findings.len(), 1);
    }
}
