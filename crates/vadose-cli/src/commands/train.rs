//! `vadose train`: from a configuration file to a model.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use jiff::SignedDuration;
use serde::Serialize;
use vadose::io::{
    IoError, Provenance, Resolution, StationRow, StationTable, read_station_csv, spl2smap_s,
    write_atomically,
};
use vadose::retrieve::coarse_average;
use vadose::scene::{
    InMemoryScenes, LeakConfig, LeakCounts, Scene, SplitCounts, StationCell, average_by_cell,
    leak_report, station_sites,
};
use vadose::train::{EpochRecord, Outcome, StepRecord, StopReason, TrainObserver, Trainer};
use vadose::viz;
use vadose_study::learning_curves;

use crate::config::{CoarseTargetChoice, RunConfig};
use crate::failure::Failure;
use crate::print;
use crate::progress::{Display, Task};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Configuration file; `vadose init` writes one.
    config: PathBuf,
    /// Print the run's record as JSON.
    #[arg(long)]
    json: bool,
}

/// What `run.json` says of a run.
#[derive(Serialize)]
struct RunRecord {
    scenes: Vec<SceneRecord>,
    rejected_station_rows: Vec<String>,
    stations_without_granule: Vec<String>,
    split: SplitCounts,
    leaks: LeakCounts,
    tiles: usize,
    steps: u64,
    best_epoch: Option<usize>,
    stop_reason: StopReason,
    last_epoch: Option<EpochRecord>,
    provenance: Provenance,
}

#[derive(Serialize)]
struct SceneRecord {
    granule: String,
    station_cells: usize,
    /// Stations in cells without brightness temperature or static inputs: they take no part.
    stations_not_predictable: Vec<String>,
}

impl SceneRecord {
    fn of(scene: &Scene) -> Self {
        let predictable = |station: &&StationCell| {
            scene
                .window()
                .offset_of(station.cell)
                .is_some_and(|at| scene.predictable()[at])
        };
        let (used, unused): (Vec<_>, Vec<_>) = scene.stations().iter().partition(predictable);
        Self {
            granule: scene.id().to_owned(),
            station_cells: used.len(),
            stations_not_predictable: unused
                .into_iter()
                .flat_map(|cell| cell.stations.clone())
                .collect(),
        }
    }
}

pub(crate) fn run(args: &Args, display: Display) -> Result<(), Failure> {
    let config = RunConfig::read(&args.config)?;
    let channels = config.channel_set()?;
    let stations = read_station_csv(&config.data.stations)?;
    let rejected: Vec<String> = stations
        .rejected
        .iter()
        .map(|row| format!("line {}: {}", row.line, row.reason))
        .collect();
    for row in &rejected {
        display.note(format_args!("{}: {row}", config.data.stations.display()));
    }
    let scenes = read_scenes(&config, &stations, display)?;
    let scene_records: Vec<SceneRecord> = scenes.iter().map(SceneRecord::of).collect();
    let unmatched = unmatched_stations(&stations, &scenes);
    let n_not_predictable: usize = scene_records
        .iter()
        .map(|scene| scene.stations_not_predictable.len())
        .sum();
    if n_not_predictable + unmatched.len() > 0 {
        display.note(format_args!(
            "stations left out: {} report near no overpass inside a granule, {n_not_predictable} lie in cells that \
             cannot be predicted (run.json names them)",
            unmatched.len()
        ));
    }
    let source = InMemoryScenes::from(scenes);
    let sites = station_sites(&source)?;
    if sites.is_empty() {
        return Err(Failure::failed(format_args!(
            "{}: no station reports within {} h of an overpass inside a granule",
            config.data.stations.display(),
            config.data.station_window_hours
        )));
    }
    let split = config
        .split_config()
        .build(&sites)
        .map_err(Failure::usage)?;
    let leak_config = LeakConfig {
        tile_size: config.train.tile_size,
        min_overlap: config.train.tile_overlap,
        ..LeakConfig::default()
    };
    let leaks = leak_report(&sites, &source, &split, &leak_config)?;

    let output = &config.output;
    std::fs::create_dir_all(output)
        .with_context(|| format!("{}: cannot be made", output.display()))?;
    let config_toml = config.to_toml()?;
    let inputs: Vec<&Path> = config
        .data
        .granules
        .iter()
        .chain([&config.data.stations])
        .map(PathBuf::as_path)
        .collect();
    let provenance = Provenance::collect(&config_toml, config.seed, &inputs)?;
    write_text(&output.join("config.toml"), &config_toml)?;

    let trainer = Trainer::new(
        &config.train_config(),
        &config.network,
        channels,
        &source,
        &split,
    )?
    .with_checkpoint(&output.join("checkpoint.safetensors"))?;
    if trainer.epochs_done() > 0 {
        display.note(format_args!(
            "resuming after epoch {}",
            trainer.epochs_done()
        ));
    }
    let tiles = trainer.n_tiles();
    let mut observer = Bar {
        task: display.task("train", trainer.planned_steps()),
    };
    let outcome = trainer.run(&mut observer)?;
    observer.task.done(stop_message(&outcome));

    let mut model = outcome.model.clone();
    model.metadata.extend(provenance.metadata());
    model.save(output.join("model.safetensors"))?;
    write_history(&output.join("history.csv"), &outcome.history)?;
    viz::learning_curves(
        output.join("learning_curve.png"),
        &learning_curves(&outcome.history),
    )?;
    write_text(
        &output.join("leaks.json"),
        &serde_json::to_string_pretty(&leaks)?,
    )?;
    let record = RunRecord {
        scenes: scene_records,
        rejected_station_rows: rejected,
        stations_without_granule: unmatched,
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
    report(&record)?;
    display.note(format_args!("wrote {}", output.display()));
    Ok(())
}

/// The granules as scenes, each with the stations that report near its overpass.
fn read_scenes(
    config: &RunConfig,
    stations: &StationTable,
    display: Display,
) -> Result<Vec<Scene>, Failure> {
    if config.data.granules.is_empty() {
        return Err(Failure::usage(
            "data.granules is empty; name at least one SPL2SMAP_S granule",
        ));
    }
    let tolerance = SignedDuration::try_from_secs_f64(config.data.station_window_hours * 3600.0)
        .map_err(|_| Failure::usage("data.station_window_hours is no length of time"))?;
    let mut task = display.task("read", config.data.granules.len() as u64);
    let mut scenes = Vec::with_capacity(config.data.granules.len());
    for (done, path) in config.data.granules.iter().enumerate() {
        task.at(
            done as u64,
            path.file_name().unwrap_or_default().to_string_lossy(),
        );
        let granule = spl2smap_s::read(path, Resolution::Km1)?;
        let soil_moisture = &granule.require_soil_moisture()?.values;
        let mut scene = granule.to_scene()?;
        if let Some(time) = scene.time() {
            let near = stations.observations_near(time, tolerance, scene.window());
            scene = scene.with_stations(average_by_cell(&near)?)?;
        }
        if config.data.coarse_target == CoarseTargetChoice::Granule {
            let target = coarse_average(scene.window(), soil_moisture.view())?;
            scene = scene.with_coarse_target(target)?;
        }
        scenes.push(scene);
    }
    task.done(format!("{} granules", scenes.len()));
    Ok(scenes)
}

/// Stations of the table that no scene has taken up.
fn unmatched_stations(stations: &StationTable, scenes: &[Scene]) -> Vec<String> {
    let taken: BTreeSet<&String> = scenes
        .iter()
        .flat_map(Scene::stations)
        .flat_map(|cell| &cell.stations)
        .collect();
    let all: BTreeSet<String> = stations.rows.iter().map(StationRow::id).collect();
    all.into_iter()
        .filter(|station| !taken.contains(station))
        .collect()
}

fn report(record: &RunRecord) -> Result<(), Failure> {
    print::text(format_args!(
        "stations: {} train, {} validation, {} test; {} tiles, {} steps",
        record.split.train, record.split.validation, record.split.test, record.tiles, record.steps
    ))?;
    print::text(format_args!(
        "independence: {} of {} test stations share a tile and day, a 9 km cell or 36 km with another split's \
         (leaks.json names them)",
        record.leaks.test_stations_affected, record.split.test
    ))?;
    let Some(last) = &record.last_epoch else {
        return Ok(());
    };
    print::text(format_args!(
        "effective weights: {:.3} on the mean square error at stations, {:.3} on that of 9 km cells",
        last.loss.station_weight, last.loss.coarse_weight
    ))?;
    for (name, skill) in [("training", last.train), ("validation", last.validation)] {
        if let Some(skill) = skill {
            print::text(format_args!(
                "{name} stations, all cells pooled: RMSE {:.4}, ubRMSE {:.4}, bias {:+.4} m3 m-3 (n = {})",
                skill.rmse, skill.ubrmse, skill.bias, skill.n
            ))?;
        }
    }
    Ok(())
}

fn stop_message(outcome: &Outcome) -> String {
    match (outcome.stop_reason, outcome.best_epoch) {
        (StopReason::EarlyStopping, Some(best)) => format!("stopped early, best epoch {best}"),
        _ => format!("{} epochs", outcome.history.len()),
    }
}

/// One line an epoch; a figure that was not evaluated is empty.
fn write_history(path: &Path, history: &[EpochRecord]) -> Result<(), Failure> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record([
        "epoch",
        "step",
        "loss",
        "station_term",
        "coarse_term",
        "station_weight",
        "coarse_weight",
        "train_rmse",
        "train_ubrmse",
        "validation_rmse",
        "validation_ubrmse",
    ])?;
    for epoch in history {
        let loss = &epoch.loss;
        let skill = |figure: Option<f64>| figure.map(|f| f.to_string()).unwrap_or_default();
        table.write_record([
            epoch.epoch.to_string(),
            epoch.step.to_string(),
            loss.total.to_string(),
            loss.station.to_string(),
            loss.coarse.to_string(),
            loss.station_weight.to_string(),
            loss.coarse_weight.to_string(),
            skill(epoch.train.map(|s| s.rmse)),
            skill(epoch.train.map(|s| s.ubrmse)),
            skill(epoch.validation.map(|s| s.rmse)),
            skill(epoch.validation.map(|s| s.ubrmse)),
        ])?;
    }
    let bytes = table
        .into_inner()
        .map_err(|error| Failure::failed(error.error()))?;
    write_text(path, &String::from_utf8_lossy(&bytes))
}

fn write_text(path: &Path, text: &str) -> Result<(), Failure> {
    write_atomically(path, |temporary| {
        std::fs::write(temporary, text).map_err(|source| IoError::File {
            action: "write",
            path: temporary.to_owned(),
            source,
        })
    })?;
    Ok(())
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
