//! `cargo xtask test`: everything that is checked before a change lands, the cheapest first.
//!
//! All steps share one profile (release) and one target folder, so that nothing heavy is compiled
//! twice without need. Two facts shape the steps. What needs PROJ, which takes longer to build than
//! anything else, comes last. And cargo compiles candle again for every new combination of its
//! dependencies' features, minutes each time, so features are chosen to share combinations.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{process, system_packages, workspace};

/// A feature of the facade that is not checked, because it needs a toolkit that few machines have.
const CUDA: &str = "cuda";
/// A feature of the facade that only the last step builds.
const PROJ: &str = "proj";
/// A feature of the facade whose dependencies' features nothing else shares: checked, not built.
const CANDLE: &str = "candle";

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
        name: "crates",
        about: "each crate's tests alone, default features",
        action: crates,
    },
    Step {
        name: "features",
        about: "tests behind features, PROJ's excepted",
        action: features,
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
    clippy_with(
        &facade_features()?
            .into_iter()
            .filter(|one| one != PROJ)
            .collect::<Vec<_>>(),
    )
}

/// Lints everything, with the facade's features all on but those left out.
fn clippy_with(facade_features: &[String]) -> Result<()> {
    let features: Vec<_> = facade_features
        .iter()
        .map(|one| format!("vadose/{one}"))
        .collect();
    let features = features.join(",");
    process::run(
        locked("clippy")
            .args(["--workspace", "--all-targets", "--features"])
            .args([&features, "--", "--deny", "warnings"]),
    )
}

fn crates() -> Result<()> {
    for name in workspace::crate_names()? {
        cargo_test(&name, None)?;
    }
    Ok(())
}

fn features() -> Result<()> {
    // With the facade beside it, candle comes in the combination of features that vadose-nn's tests
    // have built.
    let with_candle = [
        "-p",
        "vadose-ops",
        "-p",
        "vadose",
        "--features",
        "vadose-ops/candle",
    ];
    process::run(locked("test").args(with_candle))?;
    cargo_test("vadose-io", Some("hdf5,gdal,netcdf,zarr"))
}

fn matrix() -> Result<()> {
    // Built, not only checked, where the tests before this step have left the dependencies built.
    let facade = |subcommand: &str, features: &str| {
        let choice = [
            "-p",
            "vadose",
            "--no-default-features",
            "--features",
            features,
        ];
        process::run(locked(subcommand).args(choice))
    };
    facade("build", "")?;
    for feature in facade_features()? {
        match feature.as_str() {
            PROJ | "default" => {}
            CANDLE => facade("check", CANDLE)?,
            other => facade("build", other)?,
        }
    }
    Ok(())
}

fn system() -> Result<()> {
    cargo_test("vadose-tests", None)
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
    fn the_matrix_knows_the_facades_features() {
        let features = facade_features().unwrap();
        assert!(features.contains(&"netcdf".to_owned()));
        assert!(features.contains(&PROJ.to_owned()) && features.contains(&CANDLE.to_owned()));
        assert!(!features.contains(&CUDA.to_owned()));
    }
}
