//! The command line of `cargo xtask`.

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use xtask::{bench, demo, features, fuzz, golden, steps, study, tidy};

/// Automation of the workspace. Every command does its own set-up.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing, build the program and run `vadose demo`.
    Demo {
        /// Passed on to `vadose demo`, for example `--output out/demo`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Simulate, build, train, evaluate and report: the experiment of docs/STUDY.md. What is there is kept.
    Study {
        /// One small region and month, few short trainings.
        #[arg(long, conflicts_with = "full")]
        quick: bool,
        /// Every day of a larger region, long trainings.
        #[arg(long)]
        full: bool,
        /// Folder of everything that is written.
        #[arg(long, short, default_value = "out/study", value_name = "FOLDER")]
        output: PathBuf,
        /// Write the tables into docs/STUDY.md.
        #[arg(long, conflicts_with_all = ["quick", "full"])]
        write: bool,
    },
    /// Install what is missing and check everything, the cheapest checks first.
    Test {
        /// Run only this step; may be repeated.
        #[arg(long, value_name = "STEP")]
        only: Vec<String>,
        /// Print the steps and stop.
        #[arg(long)]
        list: bool,
    },
    /// Check the rules of the workspace that no compiler checks.
    Tidy,
    /// Write the facade's feature table from its Cargo.toml.
    Features {
        /// Fail if the table is not up to date, and write nothing.
        #[arg(long)]
        check: bool,
    },
    /// Run the generators of the golden values again, beside the committed files, and show what differs.
    Golden {
        /// Only folders whose path contains this.
        filter: Option<String>,
    },
    /// Feed random bytes to the readers, from the seeds in tests/fuzz (needs a nightly compiler).
    Fuzz {
        /// Only these targets.
        targets: Vec<String>,
        /// Minutes for each target.
        #[arg(long, default_value_t = 10)]
        minutes: u32,
    },
    /// Measure side by side with other people's programs, which are installed under the target folder.
    Bench {
        #[command(subcommand)]
        subject: Subject,
    },
}

#[derive(Subcommand)]
enum Subject {
    /// The network `paper`: training step, inference and memory against Keras and PyTorch.
    Nn(Rounds),
    /// EASE-Grid 2.0, forward and inverse, against PROJ, which is built for it.
    Grid(Rounds),
    /// D and its adjoint on a map of CONUS, against scipy.
    Ops(Rounds),
    /// Metrics with intervals, and bootstraps, against pytesmo.
    Metrics(Rounds),
    /// Station archives against `ismn`; cubes of growing regions and maps of them: speed and memory.
    Build(Rounds),
}

#[derive(Args)]
struct Rounds {
    /// Fewer rounds; `nn` leaves out PyTorch, which is large to install and slow.
    #[arg(long)]
    quick: bool,
    /// Rounds, in each of which every program is measured.
    #[arg(long)]
    runs: Option<usize>,
    /// Replace the figures in docs/BENCHMARKS.md.
    #[arg(long)]
    write: bool,
}

impl From<Rounds> for bench::Options {
    fn from(Rounds { quick, runs, write }: Rounds) -> Self {
        Self { quick, runs, write }
    }
}

fn main() -> ExitCode {
    run(Cli::parse().command).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Demo { arguments } => demo::run(&arguments),
        Command::Study {
            quick,
            full,
            output,
            write,
        } => {
            let size = match (quick, full) {
                (true, _) => study::Size::Quick,
                (_, true) => study::Size::Full,
                _ => study::Size::Standard,
            };
            study::run(size, &output, write)
        }
        Command::Test { list: true, .. } => {
            steps::print_list();
            Ok(ExitCode::SUCCESS)
        }
        Command::Test { only, .. } => steps::run(&only),
        Command::Tidy => tidy::run(),
        Command::Features { check: true } => features::check(),
        Command::Features { .. } => features::write(),
        Command::Golden { filter } => golden::run(filter.as_deref()),
        Command::Fuzz { targets, minutes } => fuzz::run(&targets, minutes),
        Command::Bench { subject } => match subject {
            Subject::Nn(rounds) => bench::nn(&rounds.into()),
            Subject::Grid(rounds) => bench::grid(&rounds.into()),
            Subject::Ops(rounds) => bench::ops(&rounds.into()),
            Subject::Metrics(rounds) => bench::metrics(&rounds.into()),
            Subject::Build(rounds) => bench::build(&rounds.into()),
        },
    }
}
