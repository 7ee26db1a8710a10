//! The program starts, and says who it is. What its commands do is tested from `tests/` in the root, on the
//! program that cargo builds for this file.

use assert_cmd::Command;
use predicates::str::{contains, starts_with};

#[test]
fn the_version_is_that_of_the_crates() {
    let version = format!("vadose {}", env!("CARGO_PKG_VERSION"));
    let mut program = Command::cargo_bin("vadose").unwrap();
    program
        .arg("--version")
        .assert()
        .success()
        .stdout(starts_with(version));
}

#[test]
fn help_names_every_command() {
    let mut program = Command::cargo_bin("vadose").unwrap();
    let mut help = program.arg("--help").assert().success();
    for command in [
        "demo", "inspect", "grid", "sca", "retrieve", "network", "metrics", "validate", "simulate",
        "plan", "build", "split", "init", "train", "predict",
    ] {
        help = help.stdout(contains(command));
    }
}
