//! The program `vadose`: 1 km surface soil moisture on the command line.
//!
//! Thin on purpose: each command reads arguments, calls a library crate and prints the result. Results go
//! to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 done, but
//! of some files not all could be used.
#![forbid(unsafe_code)]

mod commands;
mod config;
mod failure;
mod print;
mod progress;
mod toml_error;

use std::process::ExitCode;

use clap::{ArgAction, Parser, Subcommand};
use tracing::Level;

use failure::Failure;
use progress::Display;

/// 1 km surface soil moisture from SMAP, Sentinel-1, stations and model data.
#[derive(Parser)]
#[command(name = "vadose", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// No progress bars, no notes; errors and results only.
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Log what happens to stderr; twice for more.
    #[arg(long, short, global = true, action = ArgAction::Count)]
    verbose: u8,
}

#[derive(Subcommand)]
enum Command {
    /// The whole chain on the bundled real granule, in minutes, without a download.
    Demo(commands::demo::Args),
    /// What a granule, station archive or raster holds.
    Inspect(commands::inspect::Args),
    /// EASE-Grid 2.0 arithmetic.
    #[command(subcommand)]
    Grid(commands::grid::GridCommand),
    /// Physical retrieval of a SMAP L2 file (SCA-H, SCA-V, DCA), compared with the product's own.
    Sca(commands::sca::Args),
    /// 1 km maps by a physical method, without training, with uncertainty.
    Retrieve(commands::retrieve::Args),
    /// The layer table and parameter count of a preset or model file.
    Network(commands::network::Args),
    /// Skill of one column of a CSV table against another.
    Metrics(commands::metrics::Args),
    /// Any SMAP soil moisture product against stations, with intervals and a figure.
    Validate(commands::validate::Args),
    /// A landscape with known truth, written as granules and station files.
    Simulate(commands::simulate::Args),
    /// An analysis-ready cube of granules, station archives and rasters; resumes and updates itself.
    Build(commands::build::Args),
    /// Stations for training, validation and test, and where they are not independent.
    Split(commands::split::Args),
    /// What to download for a region and some days, with sizes and a script.
    Plan(commands::plan::Args),
    /// Writes a configuration file with every default.
    Init(commands::init::Args),
    /// Trains a network as a configuration file says; resumes after an interruption.
    Train(commands::train::Args),
    /// Trainings under controls on a cube, chosen at validation stations, then evaluated; resumes.
    Study(commands::study::Args),
    /// Every method on the stations of a cube, with intervals and tests; by scale where truth is known.
    Evaluate(commands::evaluate::Args),
    /// 1 km and 9 km maps of granules or of a cube, with a trained model.
    Predict(commands::predict::Args),
    /// The page of an evaluation: figures and tables in one HTML file.
    Report(commands::report::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log(&cli);
    let display = if cli.quiet {
        Display::Quiet
    } else {
        Display::for_stderr()
    };
    match run(cli.command, display) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(command: Command, display: Display) -> Result<(), Failure> {
    match command {
        Command::Demo(args) => commands::demo::run(&args, display),
        Command::Inspect(args) => commands::inspect::run(&args),
        Command::Grid(command) => commands::grid::run(&command),
        Command::Sca(args) => commands::sca::run(&args),
        Command::Retrieve(args) => commands::retrieve::run(&args, display),
        Command::Network(args) => commands::network::run(&args),
        Command::Metrics(args) => commands::metrics::run(&args),
        Command::Validate(args) => commands::validate::run(&args, display),
        Command::Simulate(args) => commands::simulate::run(&args, display),
        Command::Build(args) => commands::build::run(&args, display),
        Command::Split(args) => commands::split::run(&args, display),
        Command::Plan(args) => commands::plan::run(&args, display),
        Command::Init(args) => commands::init::run(&args, display),
        Command::Train(args) => commands::train::run(&args, display),
        Command::Study(args) => commands::study::run(&args, display),
        Command::Evaluate(args) => commands::evaluate::run(&args, display),
        Command::Predict(args) => commands::predict::run(&args, display),
        Command::Report(args) => commands::report::run(&args, display),
    }
}

fn start_log(cli: &Cli) {
    let level = match (cli.quiet, cli.verbose) {
        (true, _) => Level::ERROR,
        (false, 0) => Level::WARN,
        (false, 1) => Level::INFO,
        (false, _) => Level::DEBUG,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
}
