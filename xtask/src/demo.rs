//! `cargo xtask demo`: from a machine with only a Rust toolchain to maps and figures.

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::Result;

use crate::{process, system_packages, workspace};

/// Installs what is missing, builds the program in release mode and runs `vadose demo`.
///
/// # Errors
/// If a package cannot be installed, the build fails or the demo fails.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    system_packages::ensure(system_packages::PROGRAM)?;

    let start = Instant::now();
    process::run(process::cargo().args(["build", "--release", "--locked", "-p", "vadose-cli"]))?;
    let build = start.elapsed();

    let start = Instant::now();
    let program = workspace::target_dir()?.join("release").join("vadose");
    process::run(
        Command::new(program)
            .current_dir(workspace::root())
            .arg("demo")
            .args(arguments),
    )?;
    println!(
        "\nbuild {:.1} s, demo {:.1} s",
        build.as_secs_f64(),
        start.elapsed().as_secs_f64()
    );
    Ok(ExitCode::SUCCESS)
}
