//! A program of the comparison, and how it is asked.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::threads;
use crate::{process, workspace};

/// Seconds after which a program is stopped: several times what the slowest needs that has an end in sight.
const LIMIT_S: u32 = 600;
/// What `timeout` returns when it stopped the program.
const STOPPED: i32 = 124;

/// What a program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Work {
    /// Forward, without a graph.
    Infer,
    /// Forward, loss, backward, Adam.
    Step,
}

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task {
    pub(super) work: Work,
    pub(super) batch: usize,
    /// Calls, after one that does not count.
    pub(super) repetitions: usize,
}

/// What a program says of a measurement.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Answer {
    pub(super) version: String,
    /// Seconds of each call.
    pub(super) seconds: Vec<f64>,
    /// Most memory that the process had held before the network was made.
    pub(super) before_bytes: u64,
    /// Most memory that the process has held.
    pub(super) peak_bytes: u64,
}

impl Answer {
    pub(super) fn median(&self) -> f64 {
        super::figures::median(&self.seconds)
    }
}

pub(super) struct Contender {
    pub(super) name: &'static str,
    program: PathBuf,
    /// Arguments that make the program run the network.
    arguments: Vec<OsString>,
    way: &'static str,
    /// What it can be asked for.
    works: &'static [Work],
    /// Seconds after which it is stopped.
    pub(super) limit_s: u32,
}

impl Contender {
    /// Our program.
    pub(super) fn ours(name: &'static str, program: &Path, way: &'static str) -> Self {
        Self {
            name,
            program: program.to_owned(),
            arguments: vec!["nn".into(), "run".into()],
            way,
            works: &[Work::Infer, Work::Step],
            limit_s: LIMIT_S,
        }
    }

    /// A script in an environment of Python.
    pub(super) fn peer(
        name: &'static str,
        python: &Path,
        script: &Path,
        way: &'static str,
    ) -> Self {
        Self {
            name,
            program: python.to_owned(),
            arguments: vec![script.into()],
            way,
            works: &[Work::Infer, Work::Step],
            limit_s: LIMIT_S,
        }
    }

    /// The same, stopped earlier or later.
    pub(super) fn within(self, limit_s: u32) -> Self {
        Self { limit_s, ..self }
    }

    /// The same, for inference alone.
    pub(super) fn inference_only(self) -> Self {
        Self {
            works: &[Work::Infer],
            ..self
        }
    }

    /// Whether it can be asked for this.
    pub(super) fn does(&self, work: Work) -> bool {
        self.works.contains(&work)
    }

    /// Writes output, gradients and first losses on the first tile to `output`; false where it took too long.
    pub(super) fn write_results(&self, inputs: &Path, output: &Path) -> Result<bool> {
        let mut command = self.command(inputs, "agree", 1, 0);
        Ok(answer(command.arg("--output").arg(output))?.is_some())
    }

    /// Measures; `None` where it took too long.
    pub(super) fn measure(&self, inputs: &Path, task: &Task) -> Result<Option<Answer>> {
        let work = match task.work {
            Work::Infer => "infer",
            Work::Step => "step",
        };
        let mut command = self.command(inputs, work, task.batch, task.repetitions);
        let answer = answer(&mut command)?;
        match &answer {
            Some(answer) => println!(
                "  {:<23} {work:<5} batch {}: {:.4} s, {} MB",
                self.name,
                task.batch,
                answer.median(),
                answer.peak_bytes >> 20
            ),
            None => println!(
                "  {:<23} {work:<5} batch {}: stopped after {} s",
                self.name, task.batch, self.limit_s
            ),
        }
        Ok(answer)
    }

    /// Runs another subcommand of our program.
    pub(super) fn tool(&self, arguments: &[&OsStr]) -> Result<String> {
        process::capture(Command::new(&self.program).args(arguments))
    }

    /// As [`Contender::tool`], with its answer read.
    pub(super) fn json<T: DeserializeOwned>(&self, arguments: &[&str]) -> Result<T> {
        let arguments: Vec<_> = arguments.iter().map(OsStr::new).collect();
        Ok(serde_json::from_str(&self.tool(&arguments)?)?)
    }

    fn command(&self, inputs: &Path, work: &str, batch: usize, runs: usize) -> Command {
        let mut command = Command::new("timeout");
        command
            .current_dir(workspace::root())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .arg(self.limit_s.to_string())
            .arg(&self.program)
            .args(&self.arguments)
            .arg(inputs)
            .args(["--work", work, "--way", self.way, "--threads", &threads()])
            .args(["--batch", &batch.to_string(), "--runs", &runs.to_string()]);
        command
    }
}

/// Runs a program under `timeout`; its last line is the answer.
fn answer(command: &mut Command) -> Result<Option<Answer>> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", process::display(command)))?;
    if output.status.code() == Some(STOPPED) {
        return Ok(None);
    }
    if !output.status.success() {
        bail!(
            "`{}` failed: {}",
            process::display(command),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().unwrap_or_default();
    let answer = serde_json::from_str(line);
    let answer = answer.with_context(|| format!("`{}` said: {text}", process::display(command)))?;
    Ok(Some(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_takes_too_long_has_no_answer() {
        let mut command = Command::new("timeout");
        assert!(
            answer(command.args(["0.1", "sleep", "10"]))
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn the_last_line_is_the_answer() {
        let line =
            r#"{"version": "1", "seconds": [3.0, 1.0, 2.0], "before_bytes": 1, "peak_bytes": 2}"#;
        let mut command = Command::new("printf");
        let answer = answer(command.arg(format!("hello\n{line}\n")))
            .unwrap()
            .unwrap();
        assert_eq!((answer.median(), answer.peak_bytes), (2.0, 2));
    }

    #[test]
    fn a_program_that_fails_is_an_error() {
        assert!(answer(&mut Command::new("false")).is_err());
    }
}
