//! One network of a study: trained, or found as it was left.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use vadose_io::{Provenance, write_split_csv};
use vadose_nn::NetworkConfig;
use vadose_scene::{ChannelSet, LeakCounts, SceneSource, SplitCounts, StationSplit};
use vadose_train::{EpochRecord, StepRecord, StopReason, TrainConfig, TrainObserver, Trainer};

use super::config::{CoarseChoice, StudyConfig, TrainingConfig};
use crate::files::{read_json, write_bytes, write_error, write_json};
use crate::{PhaseClock, StudyError, write_history};

/// Files of a training's folder.
const MODEL: &str = "model.safetensors";
const RECORD: &str = "run.json";
const CONFIGURATION: &str = "config.toml";

/// What decides a network's weights, besides the program; `config.toml` of its folder.
#[derive(Debug, Clone, Serialize)]
pub(super) struct NetworkRun {
    /// Name of its kind of training.
    pub(super) training: String,
    pub(super) seed: u64,
    /// Seed of the study: of split, station shares and shuffling.
    study_seed: u64,
    channels: String,
    coarse: CoarseChoice,
    station_share: f64,
    every_day: usize,
    /// SHA-256 of what the cube was made of.
    cube_sha256: String,
    split: vadose_scene::SplitConfig,
    network: NetworkConfig,
    train: TrainConfig,
}

/// What a network is trained on.
pub(super) struct TrainingData<'a> {
    pub(super) scenes: &'a dyn SceneSource,
    pub(super) split: &'a StationSplit,
    pub(super) leaks: LeakCounts,
    /// Files that the run depends on.
    pub(super) inputs: &'a [PathBuf],
    pub(super) days: usize,
}

/// A trained network: `run.json` of its folder, as `vadose train` writes it, and what the study adds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NetworkRecord {
    /// Name of its kind of training.
    pub training: String,
    /// Weight of the coarse term.
    pub alpha: f64,
    /// Weight of the station term.
    pub station_weight: f64,
    /// Seed.
    pub seed: u64,
    /// Preset of channels.
    pub channels: String,
    /// The coarse target.
    pub coarse: CoarseChoice,
    /// Share of the training stations' cells.
    pub station_share: f64,
    /// Days of the cube trained on.
    pub days: usize,
    /// Tile-days trained on.
    pub tiles: usize,
    /// Channels that are constant in all of them, or missing.
    pub absent_channels: Vec<String>,
    /// Stations of each split.
    pub split: SplitCounts,
    /// Where they are not independent.
    pub leaks: LeakCounts,
    /// Optimiser steps.
    pub steps: u64,
    /// Epoch of the least error at validation stations.
    pub best_epoch: Option<usize>,
    /// Why training ended.
    pub stop_reason: StopReason,
    /// The last epoch, with its errors at training and validation stations.
    pub last_epoch: Option<EpochRecord>,
    /// Wall-clock time of the process that came to the end, seconds.
    pub seconds: f64,
    /// Configuration, version, inputs.
    pub provenance: Provenance,
}

impl NetworkRecord {
    /// RMSE at validation stations after the last epoch, all values pooled, m3 m-3.
    #[must_use]
    pub fn validation_rmse(&self) -> Option<f64> {
        let skill = self.last_epoch.as_ref()?.validation?;
        Some(skill.rmse)
    }
}

impl NetworkRun {
    pub(super) fn new(
        study: &StudyConfig,
        training: &TrainingConfig,
        alpha: f64,
        seed: u64,
        cube_sha256: &str,
    ) -> Result<Self, StudyError> {
        Ok(Self {
            training: training.name.clone(),
            seed,
            study_seed: study.seed,
            channels: training.channels.clone(),
            coarse: training.coarse,
            station_share: training.station_share,
            every_day: study.every_day,
            cube_sha256: cube_sha256.to_owned(),
            split: study.split.clone(),
            network: training.network_config(study)?,
            train: training.train_config(study, alpha, seed),
        })
    }

    /// Name of its folder.
    fn folder(&self) -> String {
        format!(
            "{}-alpha-{:e}-seed-{}",
            self.training, self.train.loss.alpha, self.seed
        )
    }

    /// Its model file below the study's folder.
    pub(super) fn model(&self, trainings: &Path) -> PathBuf {
        trainings.join(self.folder()).join(MODEL)
    }

    /// `config.toml` of its folder.
    fn configuration(&self) -> String {
        toml::to_string_pretty(self).expect("plain data serialise")
    }

    /// The network, if it was trained to the end with this configuration.
    pub(super) fn found(&self, trainings: &Path) -> Result<Option<NetworkRecord>, StudyError> {
        let folder = trainings.join(self.folder());
        let before = fs::read_to_string(folder.join(CONFIGURATION)).ok();
        if before != Some(self.configuration()) || !folder.join(MODEL).exists() {
            return Ok(None);
        }
        read_json(&folder.join(RECORD)).map(Some)
    }

    /// Trains the network in its folder, from the checkpoint there if there is one. What another configuration left
    /// there is removed.
    pub(super) fn run(
        &self,
        trainings: &Path,
        data: &TrainingData<'_>,
        clock: &mut PhaseClock<'_>,
    ) -> Result<NetworkRecord, StudyError> {
        let folder = trainings.join(self.folder());
        let configuration = self.configuration();
        let file = |name: &str| folder.join(name);
        let before = fs::read_to_string(file(CONFIGURATION)).ok();
        if before.as_ref() != Some(&configuration) && folder.exists() {
            fs::remove_dir_all(&folder).map_err(|source| write_error(&folder, source))?;
        }
        fs::create_dir_all(&folder).map_err(|source| write_error(&folder, source))?;
        write_bytes(&file(CONFIGURATION), configuration.as_bytes())?;
        let start = Instant::now();
        clock.begin(&format!("train {}", self.folder()), 0);
        let trainer = Trainer::new(
            &self.train,
            &self.network,
            ChannelSet::preset(&self.channels)?,
            data.scenes,
            data.split,
        )?
        .with_checkpoint(&file("checkpoint.safetensors"))?;
        let absent_channels = trainer.encoder().absent().to_vec();
        let tiles = trainer.n_tiles();
        let outcome = trainer.run(&mut Steps(clock))?;
        let provenance = Provenance::collect(&configuration, Some(self.seed), data.inputs)?;
        let record = NetworkRecord {
            training: self.training.clone(),
            alpha: self.train.loss.alpha,
            station_weight: self.train.loss.station_weight,
            seed: self.seed,
            channels: self.channels.clone(),
            coarse: self.coarse,
            station_share: self.station_share,
            days: data.days,
            tiles,
            absent_channels,
            split: data.split.counts(),
            leaks: data.leaks,
            steps: outcome.history.last().map_or(0, |epoch| epoch.step),
            best_epoch: outcome.best_epoch,
            stop_reason: outcome.stop_reason,
            last_epoch: outcome.history.last().cloned(),
            seconds: start.elapsed().as_secs_f64(),
            provenance,
        };
        write_history(&file("history.csv"), &outcome.history)?;
        write_split_csv(file("split.csv"), data.split)?;
        write_json(&file(RECORD), &record)?;
        // The model comes last: where it is, the training is done.
        let mut model = outcome.model;
        model.metadata.extend(record.provenance.metadata());
        model.save(file(MODEL))?;
        Ok(record)
    }
}

/// Hands the trainer's steps to the observer of the study.
struct Steps<'a, 'b>(&'a mut PhaseClock<'b>);

impl TrainObserver for Steps<'_, '_> {
    fn on_step(&mut self, step: &StepRecord) {
        let message = format!(
            "of {} steps, loss {:.4}",
            step.planned_steps, step.loss.total
        );
        self.0.progress(step.step, &message);
    }
}
