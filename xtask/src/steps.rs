//! `cargo xtask test`: everything that is checked before a change lands, the cheapest first.
//!
//! All steps share one profile (release) and one target folder, so that nothing heavy is compiled
//! twice without need. Two facts shape the steps. What needs PROJ, which takes longer to build than
//! anything else, comes last. And cargo compiles candle again for every new combination of its
//! dependencies' features, minutes each time. So the tests of all crates run from one build of the
//! workspace, the tests of the program are chosen by name from the same set of packages and use the
//! program of that build, and whether each crate stands alone is checked without generating code.

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{process, system_packages, workspace};

/// A feature of the facade that is not checked, because it needs a toolkit that few machines have.
const CUDA: &str = "cuda";
/// A feature of the facade that only the last step builds.
const PROJ: &str = "proj";
/// The package of the tests that drive the program.
const SYSTEM_TESTS: &str = "vadose-tests";

/// One named step of the run.
struct Step {
    name: &'static str,
    about: &'static str,
    action: fn() -> Result<()>,
}

const STEPS: &[Step] = &[
    Step {
        name: "setup",
        about: "system packages",
        action: set_up,
    },
    Step {
        name: "fmt",
        about: "cargo fmt --check",
        action: fmt,
    },
    Step {
        name: "tidy",
        about: "the automation's own tests, tidy among them",
        action: tidy_tests,
    },
    Step {
        name: "clippy",
        about: "clippy and rustc warnings, all targets",
        action: clippy,
    },
    Step {
        name: "tests",
        about: "the tests of all crates, every feature but PROJ",
        action: tests,
    },
    Step {
        name: "alone",
        about: "each crate and its tests compile alone, default features",
        action: alone,
    },
    Step {
        name: "matrix",
        about: "the facade with no and with each feature",
        action: matrix,
    },
    Step {
        name: "system",
        about: "the program and its files, end to end",
        action: system,
    },
    Step {
        name: "doc",
        about: "cargo doc, warnings denied",
        action: doc,
    },
    Step {
        name: "proj",
        about: "the grid against PROJ, which is built here",
        action: proj,
    },
];

/// Prints the steps' names, one a line, with what they do.
pub fn print_list() {
    for step in STEPS {
        println!("{:<9} {}", step.name, step.about);
    }
}

/// Runs the steps in order, or only those named, stops at the first that fails, and prints how long
/// each took.
///
/// # Errors
/// If `only` names no step. A failing step is no error but an exit code: it has been reported.
pub fn run(only: &[String]) -> Result<ExitCode> {
    let steps = chosen(only)?;
    let mut times = Vec::new();
    let mut failure = None;
    for step in steps {
        println!("\n==== {}: {}", step.name, step.about);
        let start = Instant::now();
        let result = (step.action)();
        times.push((step.name, start.elapsed()));
        if let Err(error) = result {
            failure = Some((step.name, error));
            break;
        }
    }
    println!("\n{}", time_table(&times));
    if let Some((name, error)) = failure {
        eprintln!("\nFAILED in step `{name}`: {error:#}");
        eprintln!("again, alone: cargo xtask test --only {name}");
        return Ok(ExitCode::FAILURE);
    }
    println!("all steps passed");
    Ok(ExitCode::SUCCESS)
}

fn chosen(only: &[String]) -> Result<Vec<&'static Step>> {
    for name in only {
        if !STEPS.iter().any(|step| step.name == name) {
            let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
            bail!(
                "no step is called `{name}`; the steps are {}",
                names.join(", ")
            );
        }
    }
    let is_chosen = |step: &&Step| only.is_empty() || only.iter().any(|name| name == step.name);
    Ok(STEPS.iter().filter(is_chosen).collect())
}

fn time_table(times: &[(&str, Duration)]) -> String {
    let total: Duration = times.iter().map(|(_, time)| *time).sum();
    let row = |(name, time): &(&str, Duration)| format!("{name:<9} {:>8.1} s", time.as_secs_f64());
    let mut rows: Vec<_> = times.iter().map(row).collect();
    rows.push(row(&("total", total)));
    rows.join("\n")
}

fn set_up() -> Result<()> {
    let all = [
        system_packages::PROGRAM,
        system_packages::TESTS,
        system_packages::PYTHON,
    ]
    .concat();
    system_packages::ensure(&all)
}

fn fmt() -> Result<()> {
    process::run(process::cargo().args(["fmt", "--all", "--check"]))
}

fn tidy_tests() -> Result<()> {
    // The rules of the workspace are one of these tests.
    cargo_test("xtask", None)
}

fn clippy() -> Result<()> {
    clippy_with(&features_without_proj()?)
}

/// Lints everything, with the facade's features all on but those left out.
fn clippy_with(facade_features: &[String]) -> Result<()> {
    process::run(
        locked("clippy")
            .args(["--workspace", "--all-targets", "--features"])
            .arg(of_facade(facade_features))
            .args(["--", "--deny", "warnings"]),
    )
}

fn tests() -> Result<()> {
    process::run(all_tests()?.args(["--exclude", SYSTEM_TESTS]))
}

/// The tests of all crates in one build of the workspace.
fn all_tests() -> Result<Command> {
    let mut command = locked("test");
    command
        .args(["--workspace", "--exclude", "xtask"])
        .arg("--features")
        .arg(of_facade(&features_without_proj()?));
    Ok(command)
}

fn alone() -> Result<()> {
    for name in workspace::crate_names()? {
        process::run(locked("check").args(["-p", &name, "--all-targets"]))?;
    }
    Ok(())
}

fn matrix() -> Result<()> {
    let check = |features: &str| {
        let choice = ["-p", "vadose", "--no-default-features", "--features"];
        process::run(locked("check").args(choice).arg(features))
    };
    check("")?;
    for feature in features_without_proj()? {
        check(&feature)?;
    }
    Ok(())
}

fn system() -> Result<()> {
    // The program that the step `tests` has built, brought up to date if that step did not run.
    process::run(all_tests()?.arg("--no-run"))?;
    let program = workspace::target_dir()?.join("release").join("vadose");
    let mut command = all_tests()?;
    for name in system_test_names()? {
        command.args(["--test", &name]);
    }
    process::run(command.env("VADOSE_PROGRAM", program))
}

/// The files of [`SYSTEM_TESTS`], by which its tests are chosen.
fn system_test_names() -> Result<Vec<String>> {
    let folder = workspace::root().join("tests");
    let files = workspace::read_dir(&folder)?;
    let is_test = |file: &&PathBuf| file.extension().is_some_and(|ending| ending == "rs");
    let stems = files
        .iter()
        .filter(is_test)
        .filter_map(|file| file.file_stem());
    Ok(stems
        .map(|stem| stem.to_string_lossy().into_owned())
        .collect())
}

fn doc() -> Result<()> {
    process::run(
        locked("doc")
            .args(["--workspace", "--no-deps"])
            .env("RUSTDOCFLAGS", "--deny warnings"),
    )
}

fn proj() -> Result<()> {
    cargo_test("vadose-grid", Some(PROJ))?;
    // All features at once, and the facade with this one alone.
    clippy_with(&facade_features()?)?;
    process::run(locked("build").args([
        "-p",
        "vadose",
        "--no-default-features",
        "--features",
        PROJ,
    ]))
}

/// The one place that chooses the profile.
fn locked(subcommand: &str) -> Command {
    let mut command = process::cargo();
    command.args([subcommand, "--release", "--locked"]);
    command
}

fn cargo_test(package: &str, features: Option<&str>) -> Result<()> {
    let mut command = locked("test");
    command.args(["-p", package]);
    if let Some(features) = features {
        command.args(["--features", features]);
    }
    process::run(&mut command)
}

/// The facade's features, [`CUDA`] excepted.
fn facade_features() -> Result<Vec<String>> {
    let manifest = workspace::read(&workspace::root().join("crates/vadose/Cargo.toml"))?;
    let manifest: toml::Table = manifest.parse()?;
    let features = manifest.get("features").and_then(toml::Value::as_table);
    let names = features.into_iter().flat_map(toml::Table::keys);
    Ok(names.filter(|name| *name != CUDA).cloned().collect())
}

/// Every feature that the first steps build.
fn features_without_proj() -> Result<Vec<String>> {
    let mut features = facade_features()?;
    features.retain(|one| one != PROJ);
    Ok(features)
}

/// Features of the facade as an argument to a command on the whole workspace.
fn of_facade(features: &[String]) -> String {
    let features: Vec<_> = features.iter().map(|one| format!("vadose/{one}")).collect();
    features.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_step_is_an_error_that_lists_the_known_ones() {
        let error = chosen(&["clipy".to_owned()]).err().unwrap().to_string();
        assert!(
            error.contains("`clipy`") && error.contains("clippy"),
            "{error}"
        );
    }

    #[test]
    fn no_choice_means_every_step() {
        assert_eq!(chosen(&[]).unwrap().len(), STEPS.len());
    }

    #[test]
    fn the_time_table_ends_in_the_sum() {
        let table = time_table(&[
            ("fmt", Duration::from_secs(1)),
            ("doc", Duration::from_secs(2)),
        ]);
        assert!(table.ends_with("total          3.0 s"), "{table}");
    }

    #[test]
    fn the_tests_of_the_program_are_found() {
        assert!(
            system_test_names()
                .unwrap()
                .contains(&"demo_outputs".to_owned())
        );
    }

    #[test]
    fn the_matrix_knows_the_facades_features() {
        let features = facade_features().unwrap();
        assert!(features.contains(&"netcdf".to_owned()));
        assert!(features.contains(&PROJ.to_owned()));
        assert!(!features.contains(&CUDA.to_owned()));
    }
}
