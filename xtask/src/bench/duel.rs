//! One peer, several pieces of work: results compared, then times taken in turns.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::agreement::Difference;
use super::figures::median;
use super::{
    Options, QUICK_RUNS, RUNS, command_line, duel_report, machine, threads, write_figures,
};
use crate::system_packages::{self, Requirement};
use crate::{process, workspace};

/// A comparison.
pub(super) struct Duel<'a> {
    /// Its name in our program and in docs/BENCHMARKS.md.
    pub(super) subject: &'static str,
    /// The command of `cargo xtask bench` that it is a part of.
    pub(super) command: &'static str,
    pub(super) peer_name: &'static str,
    pub(super) packages: &'a [Requirement],
    /// Features of `vadose-bench` that it needs.
    pub(super) features: &'a [&'a str],
    /// The file or folder that all programs read, which ours writes.
    pub(super) inputs: &'a str,
    /// Calls of a process, after one that does not count.
    pub(super) repetitions: usize,
    /// Threads on which the limits of the rows count; the peer has one.
    pub(super) threads: Threads,
    pub(super) rows: &'a [Row],
}

/// How many threads ours has where a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Threads {
    One,
    /// All of the machine.
    All,
}

/// A piece of work.
pub(super) struct Row {
    pub(super) title: &'static str,
    /// What our program is asked for, and the peer.
    pub(super) ours: &'static str,
    pub(super) theirs: &'static str,
    /// Our time over the peer's, at most.
    pub(super) limit: f64,
    /// Largest difference of results over the largest result; `None` where the peer has nothing equal.
    pub(super) tolerance: Option<f64>,
}

/// A program, and the arguments before those that all programs have.
pub(super) struct Peer {
    program: PathBuf,
    arguments: Vec<OsString>,
}

/// What a program says of a measurement.
#[derive(Debug, Deserialize)]
struct Answer {
    version: String,
    /// Seconds of each call.
    seconds: Vec<f64>,
}

/// What was found of a row: the seconds of all calls, and how far results differ.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) one_thread: Vec<f64>,
    pub(super) all_threads: Vec<f64>,
    pub(super) theirs: Vec<f64>,
    pub(super) difference: Option<f64>,
}

/// Compares, measures and prints; `peer` is made once our program, which it is given, has been built.
///
/// # Errors
/// If something cannot be installed, a program fails, or results differ. A limit that is missed is no error
/// but exit code 1.
pub(super) fn run(
    duel: &Duel<'_>,
    peer: impl FnOnce(&Path) -> Result<Peer>,
    options: &Options,
) -> Result<ExitCode> {
    system_packages::ensure(duel.packages)?;
    process::run(
        process::cargo()
            .args(["build", "--release", "--locked", "-p", "vadose-bench"])
            .args(["--features", &duel.features.join(",")]),
    )?;
    let program = workspace::target_dir()?.join("release/vadose-bench");
    let ours = Peer::of(&program, &[duel.subject, "run"]);
    let peer = peer(&program)?;
    let folder = workspace::target_dir()?.join("bench").join(duel.subject);
    fs::create_dir_all(&folder)?;
    let inputs = folder.join(duel.inputs);
    process::capture(
        Command::new(&program)
            .args([duel.subject, "inputs"])
            .arg(&inputs),
    )?;

    println!("\n==== agreement");
    let mut found: Vec<Found> = Vec::new();
    for row in duel.rows {
        let mut one = Found::default();
        if let Some(tolerance) = row.tolerance {
            let results = ["ours", "theirs"].map(|name| folder.join(name));
            ours.ask(&inputs, row.ours, "1", 0, Some(&results[0]))?;
            peer.ask(&inputs, row.theirs, "1", 0, Some(&results[1]))?;
            let differences =
                process::capture(Command::new(&program).arg("compare").args(&results))?;
            let difference = largest(&differences)?;
            println!("  {}: {difference:.1e}", row.title);
            if difference > tolerance {
                bail!(
                    "{}: results differ by {difference:.1e}, more than {tolerance:.0e}",
                    row.title
                );
            }
            one.difference = Some(difference);
        }
        found.push(one);
    }

    println!("\n==== measurements");
    let runs = options
        .runs
        .unwrap_or(if options.quick { QUICK_RUNS } else { RUNS });
    let mut version = String::new();
    for round in 1..=runs {
        println!("round {round} of {runs}");
        let mut of_peer: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (row, found) in duel.rows.iter().zip(&mut found) {
            let ask = |threads: &str| ours.ask(&inputs, row.ours, threads, duel.repetitions, None);
            found.one_thread.extend(ask("1")?.seconds);
            found.all_threads.extend(ask(&threads())?.seconds);
            // Two rows may have the same work of the peer.
            let theirs = match of_peer.get(row.theirs) {
                Some(theirs) => theirs.clone(),
                None => {
                    let answer = peer.ask(&inputs, row.theirs, "1", duel.repetitions, None)?;
                    version = answer.version;
                    of_peer.insert(row.theirs, answer.seconds.clone());
                    answer.seconds
                }
            };
            found.theirs.extend(theirs);
            println!("  {}: {:.3}", row.title, found.ratio(duel.threads));
        }
    }

    let machine = machine::describe(&command_line(duel.command, options))?;
    let text = duel_report::page(duel, &found, &version, &machine)?;
    println!("\n{text}");
    if options.write {
        write_figures(duel.subject, &text)?;
    }
    let mut rows = duel.rows.iter().zip(&found);
    let missed = rows.any(|(row, found)| !found.holds(row, duel.threads));
    Ok(ExitCode::from(u8::from(missed)))
}

impl Found {
    /// Our time over the peer's.
    pub(super) fn ratio(&self, threads: Threads) -> f64 {
        let ours = match threads {
            Threads::One => &self.one_thread,
            Threads::All => &self.all_threads,
        };
        median(ours) / median(&self.theirs)
    }

    pub(super) fn holds(&self, row: &Row, threads: Threads) -> bool {
        self.ratio(threads) <= row.limit
    }
}

impl Peer {
    pub(super) fn of(program: &Path, arguments: &[impl AsRef<OsStr>]) -> Self {
        Self {
            program: program.to_owned(),
            arguments: arguments
                .iter()
                .map(|one| one.as_ref().to_owned())
                .collect(),
        }
    }

    fn ask(
        &self,
        inputs: &Path,
        work: &str,
        threads: &str,
        runs: usize,
        output: Option<&Path>,
    ) -> Result<Answer> {
        let mut command = Command::new(&self.program);
        command
            .current_dir(workspace::root())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .args(&self.arguments)
            .arg(inputs)
            .args(["--work", work, "--threads", threads])
            .args(["--runs", &runs.to_string()]);
        if let Some(output) = output {
            command.arg("--output").arg(output);
        }
        let text = process::capture(&mut command)?;
        let line = text.lines().last().unwrap_or_default();
        serde_json::from_str(line)
            .with_context(|| format!("`{}` said: {text}", process::display(&command)))
    }
}

/// The largest of some differences; what is no number is infinite.
fn largest(differences: &str) -> Result<f64> {
    let differences: Vec<Difference> = serde_json::from_str(differences)?;
    let relative = differences
        .iter()
        .map(|one| one.relative.unwrap_or(f64::INFINITY));
    Ok(relative.fold(0.0, f64::max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_difference_counts_and_no_number_is_infinite() {
        let of = |text: &str| largest(text).unwrap();
        let one = r#"{"tensor": "x", "relative": 1e-7}"#;
        let none = r#"{"tensor": "y", "relative": null}"#;
        assert_eq!(of(&format!("[{one}]")), 1e-7);
        assert_eq!(of(&format!("[{one}, {none}]")), f64::INFINITY);
        assert!(largest("").is_err());
    }

    #[test]
    fn the_ratio_is_that_of_medians_on_the_threads_that_count() {
        let row = Row {
            title: "work",
            ours: "work",
            theirs: "work",
            limit: 0.1,
            tolerance: None,
        };
        let found = Found {
            one_thread: vec![1.0, 9.0, 2.0],
            all_threads: vec![1.2, 1.0, 9.0],
            theirs: vec![20.0, 10.0, 90.0],
            ..Found::default()
        };
        assert_eq!(found.ratio(Threads::One), 0.1);
        assert_eq!(found.ratio(Threads::All), 0.06);
        assert!(found.holds(&row, Threads::One));
        assert!(
            !Found::default().holds(&row, Threads::One),
            "what was not measured is not held"
        );
    }
}
