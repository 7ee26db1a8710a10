//! `cargo xtask golden`: the generators of the golden values, run again, and what differs.
//!
//! A golden folder holds `generate.py`, `SOURCE.md` and the values. The generator prints the one file
//! of values on standard output, or writes several beside itself; a copy of it is run in a scratch
//! folder, so nothing here overwrites a committed value: a difference is shown, and replacing the
//! values is a decision that SOURCE.md explains. Comment lines in the generator say what it needs:
//!
//! ```text
//! # requirements: numpy==2.4.6 torch==2.8.0     (pinned, from PyPI; `none` for the standard library)
//! # arguments: tests/data/smap/granule.h5       (if any; paths from the workspace's root)
//! # inputs elsewhere: NSIDC's .gpd files        (if any; such a generator cannot be run here)
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::{process, python, workspace};

const REQUIREMENTS: &str = "requirements";
const ARGUMENTS: &str = "arguments";
const INPUTS_ELSEWHERE: &str = "inputs elsewhere";
/// What a generator that needs nothing but Python says.
const NONE: &str = "none";
/// Files of a golden folder that are no values.
const NOT_VALUES: [&str; 2] = ["generate.py", "SOURCE.md"];

/// Runs the generators whose folder's path contains `filter`, and shows what differs.
///
/// # Errors
/// If a generator cannot be run. A difference is no error but exit code 1.
pub fn run(filter: Option<&str>) -> Result<ExitCode> {
    let scratch = workspace::target_dir()?.join("golden");
    let mut n_different = 0;
    for folder in folders()? {
        let name = workspace::relative(&folder);
        if filter.is_some_and(|filter| !name.contains(filter)) {
            continue;
        }
        println!("\n==== {name}");
        let generator = workspace::read(&folder.join("generate.py"))?;
        if let Some(inputs) = header(&generator, INPUTS_ELSEWHERE) {
            println!("not run: needs {inputs}");
            continue;
        }
        let fresh = scratch.join(name.replace('/', "-"));
        generate(&generator, &values(&folder)?, &fresh)?;
        for line in differences(&folder, &fresh)? {
            println!("{line}");
            n_different += 1;
        }
    }
    println!("\n{n_different} files differ");
    Ok(if n_different == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// All golden folders: `tests/golden/*` of every crate and of the workspace.
///
/// # Errors
/// If a folder cannot be listed.
pub(crate) fn folders() -> Result<Vec<PathBuf>> {
    let mut parents = vec![workspace::root().join("tests/golden")];
    for name in workspace::crate_names()? {
        parents.push(
            workspace::root()
                .join("crates")
                .join(name)
                .join("tests/golden"),
        );
    }
    let mut folders = Vec::new();
    for parent in parents.iter().filter(|parent| parent.is_dir()) {
        folders.extend(
            workspace::read_dir(parent)?
                .into_iter()
                .filter(|path| path.is_dir()),
        );
    }
    Ok(folders)
}

/// Runs a copy of a generator in an empty folder.
fn generate(generator: &str, committed: &[PathBuf], fresh: &Path) -> Result<()> {
    if fresh.exists() {
        fs::remove_dir_all(fresh)?;
    }
    fs::create_dir_all(fresh)?;
    let copy = fresh.join("generate.py");
    fs::write(&copy, generator)?;
    let requirements = requirements(generator).context("generate.py does not pin what it needs")?;
    let arguments = header(generator, ARGUMENTS).unwrap_or_default();
    let arguments = arguments
        .split_whitespace()
        .map(|path| workspace::root().join(path));
    let mut python = Command::new(python::environment(&requirements)?);
    let printed = process::capture(python.arg(copy).args(arguments).current_dir(fresh))?;
    match committed {
        _ if printed.is_empty() => {}
        [only] => fs::write(fresh.join(workspace::name_of(only)), printed)?,
        _ => bail!(
            "a generator that prints has one file of values, not {}",
            committed.len()
        ),
    }
    Ok(())
}

/// What a comment line `# KEY: …` of a generator says.
fn header<'a>(generator: &'a str, key: &str) -> Option<&'a str> {
    let line = |line: &'a str| {
        line.strip_prefix("# ")?
            .strip_prefix(key)?
            .strip_prefix(':')
    };
    generator.lines().find_map(line).map(str::trim)
}

/// The pinned requirements of a generator, one a line, as pip reads them.
fn requirements(generator: &str) -> Option<String> {
    let pins = header(generator, REQUIREMENTS)?;
    let pins: Vec<_> = pins.split_whitespace().filter(|pin| *pin != NONE).collect();
    pins.iter()
        .all(|pin| pin.contains("=="))
        .then(|| pins.iter().map(|pin| format!("{pin}\n")).collect())
}

/// What a golden folder lacks.
///
/// # Errors
/// If the folder cannot be read.
pub(crate) fn lacks(folder: &Path) -> Result<Vec<String>> {
    let mut lacks: Vec<_> = NOT_VALUES
        .iter()
        .filter(|name| !folder.join(name).is_file())
        .map(|name| format!("has no {name}"))
        .collect();
    if values(folder)?.is_empty() {
        lacks.push("has no values".to_owned());
    }
    let generator = folder.join("generate.py");
    if generator.is_file() && requirements(&workspace::read(&generator)?).is_none() {
        lacks.push(
            "generate.py has no line `# requirements: NAME==VERSION …` (or `none`)".to_owned(),
        );
    }
    Ok(lacks)
}

fn differences(committed: &Path, fresh: &Path) -> Result<Vec<String>> {
    let mut differences = Vec::new();
    for path in values(committed)? {
        let name = workspace::name_of(&path);
        let again = fresh.join(&name);
        if !again.is_file() {
            differences.push(format!("{name}: the generator no longer writes it"));
        } else if let Some(what) = difference(&fs::read(&path)?, &fs::read(&again)?) {
            differences.push(format!("{name}: {what}\n    now in {}", again.display()));
        }
    }
    for path in values(fresh)? {
        let name = workspace::name_of(&path);
        if !committed.join(&name).is_file() {
            differences.push(format!("{name}: not committed"));
        }
    }
    Ok(differences)
}

fn values(folder: &Path) -> Result<Vec<PathBuf>> {
    let is_value =
        |path: &PathBuf| path.is_file() && !NOT_VALUES.contains(&workspace::name_of(path).as_str());
    Ok(workspace::read_dir(folder)?
        .into_iter()
        .filter(is_value)
        .collect())
}

/// How two files differ, as far as one line can say it; `None` when they do not.
fn difference(committed: &[u8], fresh: &[u8]) -> Option<String> {
    if committed == fresh {
        return None;
    }
    let (Ok(old), Ok(new)) = (std::str::from_utf8(committed), std::str::from_utf8(fresh)) else {
        let first = committed
            .iter()
            .zip(fresh)
            .take_while(|(old, new)| old == new)
            .count();
        let sizes = (committed.len(), fresh.len());
        return Some(format!(
            "differs from byte {first} on ({} and {} bytes)",
            sizes.0, sizes.1
        ));
    };
    let n_lines = old.lines().count().max(new.lines().count());
    let line_at = |text: &str, idx: usize| text.lines().nth(idx).unwrap_or("(end)").to_owned();
    let changed = |idx: &usize| old.lines().nth(*idx) != new.lines().nth(*idx);
    let first = (0..n_lines).find(changed).unwrap_or(n_lines);
    Some(format!(
        "differs first in line {}\n    committed {}\n    generated {}",
        first + 1,
        line_at(old, first),
        line_at(new, first)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_line_becomes_one_requirement_a_line() {
        let generator = "\"\"\"Golden.\"\"\"\n# requirements: numpy==2.4.6 torch==2.8.0\n";
        assert_eq!(
            requirements(generator).unwrap(),
            "numpy==2.4.6\ntorch==2.8.0\n"
        );
        assert_eq!(requirements("# requirements: none\n").unwrap(), "");
        assert_eq!(requirements("# requirements: numpy\n"), None, "not pinned");
        assert_eq!(requirements("import numpy\n"), None);
    }

    #[test]
    fn what_a_generator_prints_is_its_one_file_of_values() {
        let folder = tempfile::tempdir().unwrap();
        let fresh = folder.path().join("fresh");
        let generator = "# requirements: none\nprint(6 * 7)\n";
        generate(generator, &[PathBuf::from("values.csv")], &fresh).unwrap();
        assert_eq!(
            fs::read_to_string(fresh.join("values.csv")).unwrap(),
            "42\n"
        );
    }

    #[test]
    fn a_folder_lacks_what_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(lacks(folder.path()).unwrap().len(), 3);
        for (name, text) in [
            ("generate.py", "# requirements: numpy==2.4.6\n"),
            ("SOURCE.md", "Ours.\n"),
            ("values.json", "[]\n"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        assert!(lacks(folder.path()).unwrap().is_empty());
        fs::write(folder.path().join("generate.py"), "import numpy\n").unwrap();
        assert_eq!(lacks(folder.path()).unwrap().len(), 1);
    }

    #[test]
    fn equal_files_do_not_differ() {
        assert_eq!(difference(b"1.5\n", b"1.5\n"), None);
    }

    #[test]
    fn the_first_changed_line_is_shown_from_both_files() {
        let what = difference(b"1.5\n2.5\n", b"1.5\n2.6\n").unwrap();
        assert!(
            what.contains("line 2") && what.contains("2.5") && what.contains("2.6"),
            "{what}"
        );
    }

    #[test]
    fn a_missing_and_an_uncommitted_value_are_differences() {
        let (committed, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(committed.path().join("SOURCE.md"), "").unwrap();
        fs::write(committed.path().join("old.json"), "1").unwrap();
        fs::write(fresh.path().join("new.json"), "1").unwrap();
        let lines = differences(committed.path(), fresh.path()).unwrap();
        assert_eq!(
            lines,
            [
                "old.json: the generator no longer writes it",
                "new.json: not committed"
            ]
        );
    }
}
