//! What a machine must have besides Rust, and how to get it on Debian and Ubuntu.
//!
//! A requirement counts as met when the thing itself answers, however it came onto the machine, so a
//! library built by hand or another distribution's package is as good as Debian's. Only where apt is
//! at hand is anything installed; elsewhere the packages are named and the command stops.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

/// One package, under its name in Debian and Ubuntu, and how to see that it is not needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Name of the package in Debian and Ubuntu.
    pub package: &'static str,
    probe: Probe,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Probe {
    /// This command succeeds.
    Command(&'static str, &'static [&'static str]),
    /// pkg-config knows this library.
    Library(&'static str),
}

impl Requirement {
    const fn command(package: &'static str, program: &'static str) -> Self {
        Self {
            package,
            probe: Probe::Command(program, &["--version"]),
        }
    }

    const fn library(package: &'static str, name: &'static str) -> Self {
        Self {
            package,
            probe: Probe::Library(name),
        }
    }

    fn is_met(self) -> bool {
        match self.probe {
            Probe::Command(program, arguments) => process::succeeds(program, arguments),
            Probe::Library(name) => process::succeeds("pkg-config", &["--exists", name]),
        }
    }
}

/// For building and running the program: the three C libraries that `vadose-io` links, and the tool
/// that finds them. Nothing in the program's own build compiles C or C++.
pub const PROGRAM: &[Requirement] = &[
    Requirement::command("pkg-config", "pkg-config"),
    Requirement::library("libgdal-dev", "gdal"),
    Requirement::library("libhdf5-dev", "hdf5"),
    Requirement::library("libnetcdf-dev", "netcdf"),
];

/// For the tests, on top of [`PROGRAM`]: what builds PROJ (the grid's oracle), and the programs that
/// read our files, and the browser that opens our report, as their users do.
pub const TESTS: &[Requirement] = &[
    Requirement::command("cmake", "cmake"),
    Requirement::command("make", "make"),
    Requirement::command("g++", "c++"),
    Requirement::command("sqlite3", "sqlite3"),
    Requirement::library("libsqlite3-dev", "sqlite3"),
    Requirement::command("gdal-bin", "gdalinfo"),
    Requirement {
        package: "netcdf-bin",
        probe: Probe::Command("ncdump", &[]),
    },
    // Opens the report; not on Ubuntu, where Chromium is no package but a snap.
    Requirement::command("chromium", "chromium"),
];

/// For the programs in Python that we are compared with.
pub const PYTHON: &[Requirement] = &[Requirement {
    package: "python3-venv",
    probe: Probe::Command("python3", &["-c", "import ensurepip, venv"]),
}];

/// Installs those requirements that are not met; does nothing, and runs no apt, when all are.
///
/// # Errors
/// If packages are missing and this is no machine with apt, or apt fails; the message names the
/// packages.
pub fn ensure(requirements: &[Requirement]) -> Result<()> {
    let missing = missing(requirements);
    if missing.is_empty() {
        println!("system packages: all present");
        return Ok(());
    }
    println!("system packages: missing {}", missing.join(" "));
    let Some(apt_get) = apt_get() else {
        bail!("{}", by_hand(&missing));
    };
    // An unreachable extra package source must not stop us: the install below decides.
    if let Err(error) = process::run(apt_get.command().args(["update", "--quiet=2"])) {
        eprintln!("warning: {error:#}; going on with the lists at hand");
    }
    let mut install = apt_get.command();
    install
        .args(["install", "--yes", "--quiet=2", "--no-install-recommends"])
        .args(&missing);
    if let Err(error) = process::run(&mut install) {
        bail!("{error:#}\n{}", by_hand(&missing));
    }
    let missing = self::missing(requirements);
    if !missing.is_empty() {
        bail!("installed, and yet not found: {}", missing.join(" "));
    }
    Ok(())
}

fn missing(requirements: &[Requirement]) -> Vec<&'static str> {
    requirements
        .iter()
        .filter(|one| !one.is_met())
        .map(|one| one.package)
        .collect()
}

fn by_hand(packages: &[&str]) -> String {
    format!(
        "these packages are missing (names as in Debian and Ubuntu): {0}\n\
         install them by hand, for example: apt-get install --no-install-recommends {0}",
        packages.join(" ")
    )
}

/// How apt-get is called here: directly by root, else through sudo.
#[derive(Clone, Copy)]
enum AptGet {
    AsRoot,
    ThroughSudo,
}

fn apt_get() -> Option<AptGet> {
    if !process::succeeds("apt-get", &["--version"]) {
        return None;
    }
    let is_root = process::capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if is_root {
        Some(AptGet::AsRoot)
    } else {
        process::succeeds("sudo", &["--version"]).then_some(AptGet::ThroughSudo)
    }
}

impl AptGet {
    fn command(self) -> Command {
        let mut command = Command::new(match self {
            Self::AsRoot => "env",
            Self::ThroughSudo => "sudo",
        });
        if matches!(self, Self::ThroughSudo) {
            command.arg("env");
        }
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABSENT: Requirement = Requirement::command("no-such-package", "no-such-program");
    const ABSENT_LIBRARY: Requirement = Requirement::library("no-such-dev", "no-such-library");
    const PRESENT: Requirement = Requirement {
        package: "coreutils",
        probe: Probe::Command("true", &[]),
    };

    #[test]
    fn only_what_does_not_answer_is_missing() {
        assert_eq!(
            missing(&[ABSENT, PRESENT, ABSENT_LIBRARY]),
            ["no-such-package", "no-such-dev"]
        );
    }

    #[test]
    fn nothing_missing_is_no_error_and_no_work() {
        ensure(&[PRESENT]).unwrap();
    }

    #[test]
    fn the_advice_names_every_package() {
        let advice = by_hand(&["libgdal-dev", "libhdf5-dev"]);
        assert!(
            advice.contains("--no-install-recommends libgdal-dev libhdf5-dev"),
            "{advice}"
        );
    }
}
