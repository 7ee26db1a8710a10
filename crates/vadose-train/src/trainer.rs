//! The training loop.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candle_core::{DType, Device, Tensor, Var};
use sha2::{Digest, Sha256};
use vadose_nn::{FirstGuess, ModelFile, Network, NetworkConfig, Prediction, named_variables};
use vadose_scene::{
    CHANNELS_METADATA_KEY, ChannelEncoder, ChannelSet, SceneSource, Split, StationSplit, Transform,
    seed,
};

use crate::channel_dropout::ChannelDropout;
use crate::checkpoint::CheckpointState;
use crate::error::Attempted;
use crate::estimate::predict;
use crate::evaluation::evaluate;
use crate::prefetch::{PreparedBatch, for_each_batch};
use crate::{
    AdamW, Checkpoint, CompositeLoss, EpochRecord, LossRecord, StepRecord, StopReason, TileSampler,
    TrainConfig, TrainError, TrainingTiles, clip_global_norm,
};

/// Is told how training goes on. `()` listens to nothing.
pub trait TrainObserver {
    /// After every optimiser step.
    fn on_step(&mut self, _step: &StepRecord) {}
    /// After every epoch.
    fn on_epoch(&mut self, _epoch: &EpochRecord) {}
}

impl TrainObserver for () {}

/// What training gives.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Network, weights and channel list. With early stopping the weights of the best epoch, else of the last.
    pub model: ModelFile,
    /// One record an epoch.
    pub history: Vec<EpochRecord>,
    /// The epoch with the lowest validation RMSE, where there are validation stations.
    pub best_epoch: Option<usize>,
    /// Why training ended.
    pub stop_reason: StopReason,
}

/// Trains a network on a source of scenes, on the CPU, without a checkpoint.
///
/// # Errors
/// See [`Trainer::new`] and [`Trainer::run`].
pub fn train(
    config: &TrainConfig,
    network: &NetworkConfig,
    channels: ChannelSet,
    source: &dyn SceneSource,
    split: &StationSplit,
    observer: &mut dyn TrainObserver,
) -> Result<Outcome, TrainError> {
    Trainer::new(config, network, channels, source, split)?.run(observer)
}

/// A training run: weights, optimiser and history, from the first step or from a checkpoint.
pub struct Trainer<'a> {
    config: TrainConfig,
    network_config: NetworkConfig,
    tiles: Arc<TrainingTiles<'a>>,
    network: Network,
    variables: BTreeMap<String, Var>,
    optimizer: AdamW,
    loss: CompositeLoss,
    progress: Progress,
    checkpoint_path: Option<PathBuf>,
    fingerprint: String,
}

/// How far the run has come.
#[derive(Default)]
struct Progress {
    epoch: usize,
    best: Option<(usize, f64)>,
    best_weights: BTreeMap<String, Tensor>,
    history: Vec<EpochRecord>,
}

/// The channel of this name as a first guess, which undoes what the encoder does to it.
fn first_guess(name: &str, encoder: &ChannelEncoder) -> Result<FirstGuess, TrainError> {
    let mut channels = encoder.channels().iter();
    let position = channels
        .position(|channel| channel.name == name && channel.transform == Transform::None)
        .ok_or_else(|| TrainError::Config {
            key: "train.first_guess",
            value: name.to_owned(),
            allowed: "the name of an input channel without a transform",
        })?;
    let statistics = encoder.statistics()[position];
    if !statistics.is_informative() {
        return Err(TrainError::Config {
            key: "train.first_guess",
            value: name.to_owned(),
            allowed: "a channel that varies on the training tiles",
        });
    }
    Ok(FirstGuess {
        channel: position,
        mean: statistics.mean,
        std_dev: statistics.std_dev,
    })
}

impl<'a> Trainer<'a> {
    /// Checks the configuration, plans the tiles, computes channel statistics and draws the first weights.
    ///
    /// # Errors
    /// [`TrainError::Config`], [`TrainError::NothingToTrainOn`], and the errors of scenes and network.
    pub fn new(
        config: &TrainConfig,
        network_config: &NetworkConfig,
        channels: ChannelSet,
        source: &'a dyn SceneSource,
        split: &'a StationSplit,
    ) -> Result<Self, TrainError> {
        config.validate()?;
        if network_config.channels != channels.len() {
            return Err(TrainError::Config {
                key: "network.channels",
                value: network_config.channels.to_string(),
                allowed: "the length of the channel list",
            });
        }
        let tiles = TrainingTiles::plan(
            source,
            split,
            channels,
            config.tile_size,
            config.tile_overlap,
            &config.loss,
        )?;
        let found = tiles.n_validation();
        if config.early_stopping.is_some() && found < 2 {
            return Err(TrainError::TooFewValidationStations { found });
        }
        let network_config = match &config.first_guess {
            Some(name) => NetworkConfig {
                first_guess: Some(first_guess(name, tiles.encoder())?),
                ..network_config.clone()
            },
            None => network_config.clone(),
        };
        let init_seed = seed::derive(config.seed, "initial weights");
        let (network, var_map) = Network::initialised(&network_config, init_seed, &Device::Cpu)
            .map_err(TrainError::Network)?;
        let variables = named_variables(&var_map);
        let fingerprint = fingerprint(config, &network_config, &tiles, split);
        Ok(Self {
            optimizer: AdamW::new(config.optimizer, &variables)?,
            loss: CompositeLoss::new(config.loss.clone()),
            config: config.clone(),
            network_config,
            tiles: Arc::new(tiles),
            network,
            variables,
            progress: Progress::default(),
            checkpoint_path: None,
            fingerprint,
        })
    }

    /// Keeps a checkpoint at `path`, and goes on from the one that is there.
    ///
    /// # Errors
    /// [`TrainError::ForeignCheckpoint`], [`TrainError::CheckpointFile`].
    pub fn with_checkpoint(mut self, path: &Path) -> Result<Self, TrainError> {
        self.checkpoint_path = Some(path.to_owned());
        let Some(checkpoint) = Checkpoint::load(path, &self.fingerprint)? else {
            return Ok(self);
        };
        let fail = |name: &str| TrainError::CheckpointFile {
            path: path.to_owned(),
            reason: format!("lacks tensor {name} in the shape of this network"),
        };
        set_weights(&self.variables, &checkpoint.weights).map_err(|name| fail(&name))?;
        let CheckpointState {
            epoch,
            step,
            best,
            history,
            ..
        } = checkpoint.state;
        self.optimizer
            .restore(step, &checkpoint.optimizer)
            .map_err(|name| fail(&name))?;
        self.progress = Progress {
            epoch,
            best,
            best_weights: checkpoint.best_weights,
            history,
        };
        Ok(self)
    }

    /// The channels with their statistics on the training tiles.
    #[must_use]
    pub fn encoder(&self) -> &ChannelEncoder {
        self.tiles.encoder()
    }

    /// Tiles that are trained on.
    #[must_use]
    pub fn n_tiles(&self) -> usize {
        self.tiles.tiles().len()
    }

    /// Tiles visited in one epoch.
    fn tiles_per_epoch(&self) -> usize {
        self.config.tiles_per_epoch.unwrap_or(self.n_tiles())
    }

    /// Epochs already done (by an earlier process, when resumed).
    #[must_use]
    pub fn epochs_done(&self) -> usize {
        self.progress.epoch
    }

    /// Optimiser steps of the whole run, at most.
    #[must_use]
    pub fn planned_steps(&self) -> u64 {
        (self.config.epochs * self.tiles_per_epoch().div_ceil(self.config.batch_size)) as u64
    }

    /// Trains to the end.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`] if loss or gradient diverge; errors of
    /// scenes, tensors and checkpoint files. A checkpoint of the last finished interval remains.
    pub fn run(mut self, observer: &mut dyn TrainObserver) -> Result<Outcome, TrainError> {
        let sampler = TileSampler::new(
            self.config.seed,
            self.n_tiles(),
            self.tiles_per_epoch(),
            self.config.augmentation,
        );
        let mut stop_reason = StopReason::Finished;
        while self.progress.epoch < self.config.epochs {
            if self.patience_is_over() {
                stop_reason = StopReason::EarlyStopping;
                self.save_checkpoint()?;
                break;
            }
            let epoch = self.progress.epoch + 1;
            let mut losses = Vec::new();
            let order = sampler.epoch(epoch);
            let batches: Vec<_> = order.chunks(self.config.batch_size).collect();
            let tiles = Arc::clone(&self.tiles);
            for_each_batch(&tiles, &batches, |batch| {
                let step = self.step(epoch, batch)?;
                losses.push(step.loss);
                observer.on_step(&step);
                Ok(())
            })?;
            let record = self.close_epoch(epoch, &losses)?;
            observer.on_epoch(&record);
            self.progress.history.push(record);
            self.progress.epoch = epoch;
            if epoch.is_multiple_of(self.config.checkpoint_every) || epoch == self.config.epochs {
                self.save_checkpoint()?;
            }
        }
        self.finish(stop_reason)
    }

    /// One optimiser step on a batch of tiles.
    fn step(&mut self, epoch: usize, batch: PreparedBatch) -> Result<StepRecord, TrainError> {
        let PreparedBatch {
            mut tiles,
            orientations,
        } = batch;
        let step = self.optimizer.steps() + 1;
        let dropout = ChannelDropout {
            seed: self.config.seed,
            probability: self.config.channel_dropout,
        };
        for (position, tile) in tiles.iter_mut().enumerate() {
            dropout.apply(step, position, tile.inputs_mut());
        }
        let Prediction { estimate, spread } = predict(&self.network, &tiles, &orientations)?;
        if !is_finite(&estimate)? {
            return Err(TrainError::NotFinite {
                what: "estimate",
                step,
            });
        }
        let mut total = Tensor::zeros((), DType::F64, &Device::Cpu).attempted("adding the loss")?;
        let mut records = Vec::with_capacity(tiles.len());
        for (position, (tile, orientation)) in tiles.iter().zip(&orientations).enumerate() {
            let straight = |maps: &Tensor| orientation.undo(&maps.get(position)?);
            let terms = straight(&estimate)
                .and_then(|estimate| {
                    let spread = spread.as_ref().map(straight).transpose()?;
                    self.loss.tile(&estimate, spread.as_ref(), tile)
                })
                .attempted("computing the loss")?;
            total = (total + terms.total).attempted("adding the loss")?;
            records.push(terms.record);
        }
        let loss = LossRecord::mean(&records);
        if !loss.total.is_finite() {
            return Err(TrainError::NotFinite { what: "loss", step });
        }
        let mean = (total / tiles.len() as f64).attempted("adding the loss")?;
        let store = mean.backward().attempted("computing the gradient")?;
        let (gradients, gradient_norm) =
            clip_global_norm(&self.variables, &store, self.config.gradient_clip.limit())?;
        if !gradient_norm.is_finite() {
            return Err(TrainError::NotFinite {
                what: "gradient",
                step,
            });
        }
        let planned_steps = self.planned_steps();
        let factor = self.config.schedule.factor(step, planned_steps);
        self.optimizer.step(&self.variables, &gradients, factor)?;
        let learning_rate = self.config.optimizer.learning_rate * factor;
        Ok(StepRecord {
            step,
            planned_steps,
            epoch,
            learning_rate,
            gradient_norm,
            loss,
        })
    }

    /// Evaluates on training and validation stations, and remembers the best epoch.
    fn close_epoch(
        &mut self,
        epoch: usize,
        losses: &[LossRecord],
    ) -> Result<EpochRecord, TrainError> {
        let due = epoch.is_multiple_of(self.config.evaluate_every) || epoch == self.config.epochs;
        let (train, validation) = if due {
            let network = self.inference_network()?;
            let skill = evaluate(&network, &self.tiles)?;
            (skill.of(Split::Train), skill.of(Split::Validation))
        } else {
            (None, None)
        };
        if let Some(skill) = validation
            && self.progress.best.is_none_or(|(_, rmse)| skill.rmse < rmse)
        {
            self.progress.best = Some((epoch, skill.rmse));
            self.progress.best_weights = self.weights()?;
        }
        let loss = LossRecord::mean(losses);
        tracing::info!(
            epoch,
            loss = loss.total,
            station_weight = loss.station_weight,
            coarse_weight = loss.coarse_weight,
            "epoch done"
        );
        Ok(EpochRecord {
            epoch,
            step: self.optimizer.steps(),
            loss,
            train,
            validation,
        })
    }

    fn patience_is_over(&self) -> bool {
        match (self.config.early_stopping, self.progress.best) {
            (Some(stopping), Some((best, _))) => {
                self.progress.epoch >= best + stopping.patience_epochs
            }
            _ => false,
        }
    }

    /// The network with the current weights as plain tensors, so that no graph is kept.
    fn inference_network(&self) -> Result<Network, TrainError> {
        self.model(self.weights()?)?
            .network(&Device::Cpu)
            .map_err(TrainError::Network)
    }

    /// A copy of the current weights.
    fn weights(&self) -> Result<BTreeMap<String, Tensor>, TrainError> {
        self.variables
            .iter()
            .map(|(name, variable)| {
                Ok((
                    name.clone(),
                    variable
                        .as_tensor()
                        .copy()
                        .attempted("copying the weights")?
                        .detach(),
                ))
            })
            .collect()
    }

    fn model(&self, weights: BTreeMap<String, Tensor>) -> Result<ModelFile, TrainError> {
        let channels = self
            .tiles
            .encoder()
            .to_json()
            .map_err(TrainError::Statistics)?;
        let metadata = BTreeMap::from([(CHANNELS_METADATA_KEY.to_owned(), channels)]);
        Ok(ModelFile {
            config: self.network_config.clone(),
            weights,
            metadata,
        })
    }

    fn save_checkpoint(&self) -> Result<(), TrainError> {
        let Some(path) = &self.checkpoint_path else {
            return Ok(());
        };
        let Progress {
            epoch,
            best,
            best_weights,
            history,
        } = &self.progress;
        Checkpoint {
            state: CheckpointState {
                fingerprint: self.fingerprint.clone(),
                epoch: *epoch,
                step: self.optimizer.steps(),
                best: *best,
                history: history.clone(),
            },
            weights: self.weights()?,
            best_weights: best_weights.clone(),
            optimizer: self.optimizer.state(),
        }
        .save(path)
    }

    fn finish(mut self, stop_reason: StopReason) -> Result<Outcome, TrainError> {
        let keeps_best =
            self.config.early_stopping.is_some() && !self.progress.best_weights.is_empty();
        let weights = if keeps_best {
            std::mem::take(&mut self.progress.best_weights)
        } else {
            self.weights()?
        };
        let model = self.model(weights)?;
        let best_epoch = self.progress.best.map(|(epoch, _)| epoch);
        Ok(Outcome {
            model,
            history: self.progress.history,
            best_epoch,
            stop_reason,
        })
    }
}

/// Whether every value is finite.
fn is_finite(estimate: &Tensor) -> Result<bool, TrainError> {
    let values = estimate
        .flatten_all()
        .and_then(|flat| flat.to_vec1::<f32>())
        .attempted("reading the estimate")?;
    Ok(values.iter().all(|value| value.is_finite()))
}

fn set_weights(
    variables: &BTreeMap<String, Var>,
    weights: &BTreeMap<String, Tensor>,
) -> Result<(), String> {
    for (name, variable) in variables {
        let fits = weights
            .get(name)
            .filter(|tensor| tensor.shape() == variable.shape());
        let tensor = fits.ok_or_else(|| name.clone())?;
        variable.set(tensor).map_err(|_| name.clone())?;
    }
    Ok(())
}

/// A hash of what must not change between the processes of one run.
fn fingerprint(
    config: &TrainConfig,
    network: &NetworkConfig,
    tiles: &TrainingTiles<'_>,
    split: &StationSplit,
) -> String {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(config.seed.to_le_bytes());
    hash.update(tiles.data_digest());
    for part in [
        serde_json::to_string(config),
        serde_json::to_string(network),
        serde_json::to_string(tiles.encoder()),
        serde_json::to_string(split),
    ] {
        hash.update(part.expect("plain data serialise").as_bytes());
    }
    for tile in tiles.tiles() {
        hash.update(format!("{tile:?}").as_bytes());
    }
    hash.finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests;
