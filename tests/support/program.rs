//! The program `vadose`, built once and run as a user runs it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// What a run of the program left behind.
#[derive(Debug)]
pub struct Run {
    /// Exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// Starts a command and waits for it.
    ///
    /// # Panics
    /// If the command cannot be started.
    #[must_use]
    pub fn of(command: &mut Command) -> Self {
        let output = command.stdin(Stdio::null()).output();
        let Output {
            status,
            stdout,
            stderr,
        } = output.expect("the program starts");
        Self {
            code: status.code(),
            stdout: String::from_utf8(stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(stderr).expect("standard error is UTF-8"),
        }
    }

    /// This run, if it ended with exit code 0.
    ///
    /// # Panics
    /// If it did not.
    #[must_use]
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }

    /// Standard output as JSON.
    ///
    /// # Panics
    /// If the run failed or printed no JSON.
    #[must_use]
    pub fn json(self) -> Value {
        let run = self.succeeded();
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
    }

    /// The one message of a failed run: the line `error: …` on standard error.
    ///
    /// # Panics
    /// If the run did not end with `code`, panicked, or gave no message or several.
    #[must_use]
    pub fn message(&self, code: i32) -> &str {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert!(!self.stderr.contains("panicked"), "{self:#?}");
        let mut messages = self
            .stderr
            .lines()
            .filter_map(|line| line.strip_prefix("error: "));
        match (messages.next(), messages.next()) {
            (Some(message), None) => message,
            _ => panic!("not exactly one message: {self:#?}"),
        }
    }
}

/// Runs the program with these arguments, in the folder of the tests.
#[must_use]
pub fn vadose<I>(arguments: I) -> Run
where
    I: IntoIterator,
    I::Item: Into<OsString>,
{
    Run::of(command().args(arguments.into_iter().map(Into::into)))
}

/// The program, not yet started.
#[must_use]
pub fn command() -> Command {
    let mut command = Command::new(path());
    // A program that another test has started may have inherited, with its lock, the file that this test wrote.
    command.env("HDF5_USE_FILE_LOCKING", "FALSE");
    command
}

/// Where the program lies: where `VADOSE_PROGRAM` says, or else the first call builds it, in the profile
/// of the tests themselves; the calls of other test processes find it built.
///
/// # Panics
/// If it cannot be built.
#[must_use]
pub fn path() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(program) = env::var_os("VADOSE_PROGRAM") {
            return PathBuf::from(program);
        }
        let folder = profile_folder();
        let mut cargo = cargo();
        cargo.args(["build", "--quiet", "--locked", "-p", "vadose-cli"]);
        if folder.ends_with("release") {
            cargo.arg("--release");
        }
        let status = cargo.status().expect("cargo starts");
        assert!(status.success(), "the program does not build");
        folder.join("vadose")
    })
}

/// The cargo that runs the tests, in the workspace's root and with the tests' own target folder.
///
/// # Panics
/// If the test does not lie where cargo puts tests.
#[must_use]
pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    let target = profile_folder();
    cargo.env(
        "CARGO_TARGET_DIR",
        target
            .parent()
            .expect("a profile lies in the target folder"),
    );
    cargo.current_dir(xtask::workspace::root());
    cargo
}

/// `target/release`, if the test is `target/release/deps/name-hash`.
fn profile_folder() -> PathBuf {
    let test = env::current_exe().expect("a test knows where it is");
    let folder = test
        .ancestors()
        .nth(2)
        .expect("tests lie in target/PROFILE/deps");
    folder.to_owned()
}
