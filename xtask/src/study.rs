//! `cargo xtask study`: the experiment of docs/STUDY.md from nothing, each stage taken up where it was left.

mod figures;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result};

use crate::{page, process, system_packages, workspace};

/// How large the study is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// One June of preset `small`, few short trainings.
    Quick,
    /// Every third day of three Junes of `conus-mid`.
    Standard,
    /// Every day of three Junes of `conus-west`.
    Full,
}

impl Size {
    fn preset(self) -> &'static str {
        match self {
            Self::Quick => "small",
            Self::Standard => "conus-mid",
            Self::Full => "conus-west",
        }
    }

    /// Every how many-th day is trained and evaluated on, and how long, in epochs of tiles.
    fn training(self) -> Training {
        match self {
            Self::Quick => Training {
                every_day: 1,
                evaluate_every_day: 1,
                epochs: 4,
                tiles_per_epoch: 50,
            },
            Self::Standard => Training {
                every_day: 3,
                evaluate_every_day: 2,
                epochs: 6,
                tiles_per_epoch: 100,
            },
            Self::Full => Training {
                every_day: 1,
                evaluate_every_day: 1,
                epochs: 10,
                tiles_per_epoch: 1000,
            },
        }
    }

    fn trainings(self) -> &'static str {
        match self {
            Self::Quick => include_str!("study/quick.toml"),
            Self::Standard | Self::Full => include_str!("study/standard.toml"),
        }
    }
}

struct Training {
    every_day: u32,
    evaluate_every_day: u32,
    epochs: u32,
    tiles_per_epoch: u32,
}

/// Installs what is missing, builds the program, and runs simulation, cube, trainings, evaluation and report; prints
/// the tables of docs/STUDY.md and, if wanted, writes them there, with its figures.
///
/// # Errors
/// If a package cannot be installed, the build fails or a stage fails. What was done is found by the next run.
pub fn run(size: Size, output: &Path, write: bool) -> Result<ExitCode> {
    system_packages::ensure(system_packages::PROGRAM)?;
    let mut stages = Stages(Vec::new());
    stages.time("compile", || {
        process::run(process::cargo().args(["build", "--release", "--locked", "-p", "vadose-cli"]))
    })?;
    let output = std::path::absolute(workspace::root().join(output))?;
    fs::create_dir_all(&output).with_context(|| format!("cannot make {}", output.display()))?;
    let program = workspace::target_dir()?.join("release").join("vadose");
    let vadose = |arguments: &[&str]| {
        process::run(Command::new(&program).current_dir(&output).args(arguments))
    };
    stages.time("simulate", || {
        // Written last.
        if output.join("archive/build.toml").exists() {
            println!("\nsimulate: archive is there");
            return Ok(());
        }
        let unfinished = output.join("archive");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)
                .with_context(|| format!("cannot remove {}", unfinished.display()))?;
        }
        vadose(&["simulate", "--preset", size.preset(), "-o", "archive"])
    })?;
    stages.time("build", || vadose(&["build", "archive/build.toml"]))?;
    let configuration = output.join("study.toml");
    fs::write(&configuration, configuration_of(size))
        .with_context(|| format!("cannot write {}", configuration.display()))?;
    stages.time("study", || vadose(&["study", "study.toml"]))?;
    stages.time("report", || {
        vadose(&["report", "evaluation", "-o", "report.html"])
    })?;
    let text = tables::tables(&output)?;
    println!("\n{text}");
    if write {
        page::write("docs/STUDY.md", "study", &text)?;
        figures::write(&output.join("report.html"))?;
    }
    stages.print();
    println!("report: {}", shown(&output.join("report.html")).display());
    Ok(ExitCode::SUCCESS)
}

fn configuration_of(size: Size) -> String {
    let Training {
        every_day,
        evaluate_every_day,
        epochs,
        tiles_per_epoch,
    } = size.training();
    format!(
        "seed = 1\ncube = \"archive/cube\"\ntruth = \"archive\"\noutput = \".\"\nevery_day = {every_day}\n\
         evaluate_every_day = {evaluate_every_day}\n\n\
         [train]\nepochs = {epochs}\ntiles_per_epoch = {tiles_per_epoch}\nevaluate_every = {}\n\n{}",
        epochs / 2,
        size.trainings()
    )
}

fn shown(path: &Path) -> PathBuf {
    path.strip_prefix(workspace::root()).unwrap_or(path).into()
}

/// Seconds of each stage.
struct Stages(Vec<(&'static str, f64)>);

impl Stages {
    fn time(&mut self, name: &'static str, stage: impl FnOnce() -> Result<()>) -> Result<()> {
        let start = Instant::now();
        stage()?;
        self.0.push((name, start.elapsed().as_secs_f64()));
        Ok(())
    }

    fn print(&self) {
        println!("\n{:<10} {:>9}", "stage", "seconds");
        for (name, seconds) in &self.0 {
            println!("{name:<10} {seconds:>9.1}");
        }
        let total: f64 = self.0.iter().map(|(_, seconds)| seconds).sum();
        println!("{:<10} {total:>9.1}", "all");
    }
}
