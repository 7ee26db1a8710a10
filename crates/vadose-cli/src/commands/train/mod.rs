//! `vadose train`: from a configuration file to a model.

mod data;
mod record;

use std::path::PathBuf;

use anyhow::Context;
use vadose::io::{Provenance, write_split_csv};
use vadose::scene::{LeakConfig, leak_report};
use vadose::train::{Outcome, StepRecord, StopReason, TrainObserver, Trainer};
use vadose::viz::Figure as _;
use vadose_study::{learning_curves, write_history};

use super::write_text;
use crate::config::RunConfig;
use crate::failure::Failure;
use crate::print;
use crate::progress::{Display, Task};
use record::RunRecord;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Configuration file; `vadose init` writes one.
    config: PathBuf,
    /// Print the run's record as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, display: Display) -> Result<(), Failure> {
    let config = RunConfig::read(&args.config)?;
    let data = data::open(&config, display)?;
    let split = config
        .split_config()
        .build(&data.sites)
        .map_err(Failure::usage)?;
    let leak_config = LeakConfig {
        tile_size: config.train.tile_size,
        min_overlap: config.train.tile_overlap,
        ..LeakConfig::default()
    };
    let leaks = leak_report(&data.sites, data.stations.as_ref(), &split, &leak_config)?;

    let output = config.resolve(&config.output);
    std::fs::create_dir_all(&output)
        .with_context(|| format!("{}: cannot be made", output.display()))?;
    let trainer = Trainer::new(
        &config.train_config(),
        &config.network,
        config.channel_set()?,
        data.source.as_ref(),
        &split,
    )
    .and_then(|trainer| trainer.with_checkpoint(&output.join("checkpoint.safetensors")))
    .map_err(Failure::of_training)?;
    let provenance = Provenance::collect(&config.to_toml()?, Some(config.seed), &data.inputs)?;
    write_text(
        &output.join("config.toml"),
        &config.with_absolute_paths().to_toml()?,
    )?;
    if trainer.epochs_done() > 0 {
        display.note(format_args!(
            "resuming after epoch {}",
            trainer.epochs_done()
        ));
    }
    let absent_channels = trainer.encoder().absent().to_vec();
    if !absent_channels.is_empty() {
        display.note(format_args!(
            "channels without a value or without variation, constant 0: {}",
            absent_channels.join(", ")
        ));
    }
    let tiles = trainer.n_tiles();
    let mut observer = Bar {
        task: display.task("train", trainer.planned_steps()),
    };
    let outcome = trainer.run(&mut observer).map_err(Failure::of_training)?;
    observer.task.done(stop_message(&outcome));

    let mut model = outcome.model.clone();
    model.metadata.extend(provenance.metadata());
    model.save(output.join("model.safetensors"))?;
    write_history(&output.join("history.csv"), &outcome.history)?;
    learning_curves(&outcome.history).write(output.join("learning_curve.png"))?;
    write_split_csv(output.join("split.csv"), &split)?;
    write_text(
        &output.join("leaks.json"),
        &serde_json::to_string_pretty(&leaks)?,
    )?;
    let record = RunRecord {
        data: data.record,
        absent_channels,
        split: split.counts(),
        leaks: leaks.counts,
        tiles,
        steps: outcome.history.last().map_or(0, |epoch| epoch.step),
        best_epoch: outcome.best_epoch,
        stop_reason: outcome.stop_reason,
        last_epoch: outcome.history.last().cloned(),
        provenance,
    };
    write_text(
        &output.join("run.json"),
        &serde_json::to_string_pretty(&record)?,
    )?;
    if args.json {
        return print::json(&record);
    }
    record.print()?;
    display.note(format_args!("wrote {}", output.display()));
    Ok(())
}

fn stop_message(outcome: &Outcome) -> String {
    match (outcome.stop_reason, outcome.best_epoch) {
        (StopReason::EarlyStopping, Some(best)) => format!("stopped early, best epoch {best}"),
        _ => format!("{} epochs", outcome.history.len()),
    }
}

/// Shows optimiser steps.
struct Bar {
    task: Task,
}

impl TrainObserver for Bar {
    fn on_step(&mut self, step: &StepRecord) {
        self.task
            .at(step.step, format!("loss {:.4}", step.loss.total));
    }
}
