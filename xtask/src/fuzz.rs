//! `cargo xtask fuzz`: the fuzz targets of `tests/fuzz`, one after another.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::{process, workspace};

/// Where the targets lie, as cargo-fuzz wants them.
const FOLDER: &str = "tests/fuzz";
/// A reader that takes longer for a small file has a loop without end.
const SECONDS_PER_INPUT: u32 = 20;
/// Memory of a fuzzer; the readers' own limits lie far below it.
const MEGABYTES: u32 = 2048;

/// A target goes on after an input that fails, which it keeps: one known failure hides no other.
const KEEP_GOING: [&str; 4] = [
    "-fork=1",
    "-ignore_crashes=1",
    "-ignore_ooms=1",
    "-ignore_timeouts=1",
];

/// Runs the targets that are named, or all, for some minutes each.
///
/// # Errors
/// If a name is no target, cargo-fuzz or the nightly compiler cannot be had, or an input, of this run or an
/// earlier one, lies in the artifacts of a target.
pub fn run(names: &[String], minutes: u32) -> Result<ExitCode> {
    let targets = chosen(names)?;
    if !process::succeeds("cargo", &["fuzz", "--version"]) {
        process::run(process::cargo().args(["install", "cargo-fuzz", "--locked"]))?;
    }
    let output = workspace::target_dir()?.join("fuzz");
    let mut failing = Vec::new();
    for target in targets {
        let corpus = output.join("corpus").join(&target);
        let artifacts = output.join("artifacts").join(&target);
        for folder in [&corpus, &artifacts] {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let seeds = workspace::root().join(FOLDER).join("seeds").join(&target);
        // `cargo` as rustup's own command, since a toolchain is chosen.
        let mut fuzz = Command::new("cargo");
        fuzz.current_dir(workspace::root())
            .args(["+nightly", "fuzz", "run", "--sanitizer=none"])
            .args(["--fuzz-dir", FOLDER, "--target-dir"])
            .arg(output.join("build"))
            .arg(&target)
            .args([&corpus, &seeds])
            .arg("--")
            .args(KEEP_GOING)
            .arg(format!("-max_total_time={}", 60 * minutes))
            .arg(format!("-timeout={SECONDS_PER_INPUT}"))
            .arg(format!("-rss_limit_mb={MEGABYTES}"))
            .arg(format!("-artifact_prefix={}/", artifacts.display()));
        process::run(&mut fuzz)?;
        failing.extend(workspace::files_below(&artifacts)?);
    }
    refuse(&failing)?;
    println!("no target failed");
    Ok(ExitCode::SUCCESS)
}

fn refuse(failing: &[PathBuf]) -> Result<()> {
    if failing.is_empty() {
        return Ok(());
    }
    let paths: Vec<_> = failing
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    bail!(
        "inputs that fail, or did in an earlier run:\n{}\n\
         libhdf5 itself fails on some inputs of the granule targets; a debugger tells these from failures of the readers",
        paths.join("\n")
    )
}

fn chosen(names: &[String]) -> Result<Vec<String>> {
    let all = targets(&workspace::root().join(FOLDER).join("fuzz_targets"))?;
    if names.is_empty() {
        return Ok(all);
    }
    for name in names {
        if !all.contains(name) {
            bail!(
                "no target is called `{name}`; the targets are {}",
                all.join(", ")
            );
        }
    }
    Ok(names.to_vec())
}

/// Names of the targets, sorted.
fn targets(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if let (Some("rs"), Some(name)) = (
            path.extension().and_then(|ending| ending.to_str()),
            path.file_stem().and_then(|name| name.to_str()),
        ) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_built_and_has_seeds() {
        let folder = workspace::root().join(FOLDER);
        let manifest: toml::Table = workspace::read(&folder.join("Cargo.toml"))
            .unwrap()
            .parse()
            .unwrap();
        let bins = manifest["bin"].as_array().unwrap();
        let bins: Vec<_> = bins.iter().filter_map(|bin| bin["name"].as_str()).collect();
        assert_eq!(chosen(&[]).unwrap(), bins);
        for target in bins {
            let seeds = fs::read_dir(folder.join("seeds").join(target)).unwrap();
            assert!(seeds.count() > 0, "{target}");
        }
    }

    #[test]
    fn inputs_that_fail_are_named() {
        assert!(refuse(&[]).is_ok());
        let crash = PathBuf::from("artifacts/ismn_zip/crash-1");
        let error = refuse(&[crash]).unwrap_err().to_string();
        assert!(error.contains("ismn_zip/crash-1"), "{error}");
    }

    #[test]
    fn an_unknown_target_is_an_error_that_lists_the_known_ones() {
        let error = chosen(&["ismn".to_owned()]).unwrap_err().to_string();
        assert!(
            error.contains("`ismn`") && error.contains("ismn_zip"),
            "{error}"
        );
    }
}
