//! `vadose study`: trainings under controls on a cube, and their evaluation.

use std::path::{Path, PathBuf};

use vadose_study::StudyError;
use vadose_study::study::{self, StudyConfig, StudyRecord};

use crate::failure::Failure;
use crate::print;
use crate::progress::{Display, Phases};
use crate::toml_error::explain;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Configuration file; `vadose init --of study` writes one with every default.
    config: PathBuf,
    /// Print the record as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, display: Display) -> Result<(), Failure> {
    let config = read_config(&args.config)?;
    let mut observer = Phases::new(display);
    let record = study::run(&config, &mut observer);
    observer.finish();
    let record = record.map_err(failure)?;
    display.note(format_args!("wrote {}", config.output.display()));
    if args.json {
        return print::json(&record);
    }
    print_record(&record)
}

/// Reads a configuration; its paths are relative to it.
fn read_config(path: &Path) -> Result<StudyConfig, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(format_args!("{}: cannot be read: {error}", path.display()))
    })?;
    let mut config: StudyConfig = toml::from_str(&text).map_err(|error| {
        let explained = explain(&text, &error);
        Failure::usage(format_args!("{}: {explained}", path.display()))
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    config.cube = folder.join(config.cube);
    config.output = folder.join(config.output);
    config.truth = config.truth.map(|truth| folder.join(truth));
    Ok(config)
}

fn print_record(record: &StudyRecord) -> Result<(), Failure> {
    print::text(format_args!(
        "{:<24} {:>7} {:>5} {:>8} {:>6} {:>11} {:>11} {:>8}",
        "training", "alpha", "seed", "stations", "steps", "train RMSE", "valid. RMSE", "seconds"
    ))?;
    for network in &record.networks {
        let rmse = |rmse: Option<f64>| rmse.map_or("-".to_owned(), |rmse| format!("{rmse:.4}"));
        let trained = network.last_epoch.as_ref().and_then(|epoch| epoch.train);
        print::text(format_args!(
            "{:<24} {:>7} {:>5} {:>8} {:>6} {:>11} {:>11} {:>8.1}",
            network.training,
            format!("{:e}", network.alpha),
            network.seed,
            network.split.train,
            network.steps,
            rmse(trained.map(|skill| skill.rmse)),
            rmse(network.validation_rmse()),
            network.seconds
        ))?;
    }
    let trained: f64 = record.networks.iter().map(|network| network.seconds).sum();
    print::text(format_args!(
        "{} networks, {trained:.0} s of training",
        record.networks.len()
    ))?;
    for phase in record
        .phases
        .iter()
        .filter(|phase| !is_training(&phase.name))
    {
        print::text(format_args!("{:<24} {:>8.1} s", phase.name, phase.seconds))?;
    }
    Ok(())
}

fn is_training(phase: &str) -> bool {
    phase.starts_with("train ")
}

/// What the configuration is to blame for, and what the data are.
fn failure(error: StudyError) -> Failure {
    match error {
        StudyError::ConfigOutOfRange { .. }
        | StudyError::MethodName { .. }
        | StudyError::DuplicateMethod { .. }
        | StudyError::UnknownMethod { .. }
        | StudyError::UnknownTraining { .. }
        | StudyError::NoTruth { .. }
        | StudyError::NothingToChooseBy { .. } => Failure::usage(error),
        _ => error.into(),
    }
}
