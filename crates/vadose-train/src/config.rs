//! The training configuration, with every default.

use serde::{Deserialize, Serialize};

use crate::{AdamWConfig, LossConfig, Schedule, TrainError};

/// How a network is trained. Plain data; every field has a default.
///
/// ```
/// use vadose_train::TrainConfig;
///
/// let config = TrainConfig { epochs: 20, ..TrainConfig::default() };
/// assert_eq!(config.tile_size, 256);
/// assert_eq!(config.loss.alpha, 1e-3);
/// config.validate()?;
/// # Ok::<(), vadose_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainConfig {
    /// Seed of everything random in training: initial weights, order of tiles, augmentation.
    /// Not part of a configuration file, which has one seed for the whole run.
    #[serde(skip)]
    pub seed: u64,
    /// Epochs, at most.
    pub epochs: usize,
    /// Tiles that an epoch visits: the next ones of a random order in which all come before any comes
    /// again. `None`: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tiles_per_epoch: Option<usize>,
    /// Tiles per optimiser step.
    pub batch_size: usize,
    /// Edge of a tile in 1 km cells: a multiple of 2 to the number of network levels.
    pub tile_size: usize,
    /// Cells by which neighbouring tiles overlap at least.
    pub tile_overlap: usize,
    /// Random flips and rotations of whole tiles.
    pub augmentation: Augmentation,
    /// Probability that a channel is left out of a tile in a step: its inputs are then 0, which is its
    /// mean and what a missing value reads as. Never at evaluation. From 0 up to, but not, 1.
    pub channel_dropout: f64,
    /// Name of the input channel, without a transform, that holds a first guess of the target in its units: the
    /// network then corrects that guess, or its mean where it is missing. `None`: it has no guess.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_guess: Option<String>,
    /// The terms of the loss.
    pub loss: LossConfig,
    /// The optimiser.
    pub optimizer: AdamWConfig,
    /// The learning rate over time.
    pub schedule: Schedule,
    /// Whether the gradient is scaled down where it is large.
    pub gradient_clip: GradientClip,
    /// When to stop before `epochs`. `None`: never.
    pub early_stopping: Option<EarlyStopping>,
    /// Epochs between evaluations on training and validation stations.
    pub evaluate_every: usize,
    /// Epochs between checkpoints, where a checkpoint file is given.
    pub checkpoint_every: usize,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            epochs: 100,
            tiles_per_epoch: None,
            batch_size: 1,
            tile_size: 256,
            tile_overlap: 64,
            augmentation: Augmentation::FlipsAndRotations,
            channel_dropout: 0.0,
            first_guess: None,
            loss: LossConfig::default(),
            optimizer: AdamWConfig::default(),
            schedule: Schedule::default(),
            gradient_clip: GradientClip::Norm(1.0),
            early_stopping: None,
            evaluate_every: 1,
            checkpoint_every: 10,
        }
    }
}

impl TrainConfig {
    /// Checks every value against its range.
    ///
    /// # Errors
    /// [`TrainError::Config`] names the first value that is out of range.
    pub fn validate(&self) -> Result<(), TrainError> {
        at_least_one("train.epochs", self.epochs)?;
        if let Some(tiles) = self.tiles_per_epoch {
            at_least_one("train.tiles_per_epoch", tiles)?;
        }
        at_least_one("train.batch_size", self.batch_size)?;
        at_least_one("train.tile_size", self.tile_size)?;
        at_least_one("train.evaluate_every", self.evaluate_every)?;
        at_least_one("train.checkpoint_every", self.checkpoint_every)?;
        if self.tile_overlap >= self.tile_size {
            return Err(TrainError::Config {
                key: "train.tile_overlap",
                value: self.tile_overlap.to_string(),
                allowed: "less than train.tile_size",
            });
        }
        if !(0.0..1.0).contains(&self.channel_dropout) {
            return Err(TrainError::Config {
                key: "train.channel_dropout",
                value: self.channel_dropout.to_string(),
                allowed: "at least 0 and less than 1",
            });
        }
        if let GradientClip::Norm(norm) = self.gradient_clip
            && !(norm.is_finite() && norm > 0.0)
        {
            return Err(TrainError::Config {
                key: "train.gradient_clip.norm",
                value: norm.to_string(),
                allowed: "a positive number",
            });
        }
        if let Some(stopping) = &self.early_stopping {
            at_least_one(
                "train.early_stopping.patience_epochs",
                stopping.patience_epochs,
            )?;
        }
        self.loss.validate()?;
        self.optimizer.validate()?;
        self.schedule.validate()
    }
}

fn at_least_one(key: &'static str, value: usize) -> Result<(), TrainError> {
    if value == 0 {
        return Err(TrainError::Config {
            key,
            value: value.to_string(),
            allowed: "at least 1",
        });
    }
    Ok(())
}

/// Which symmetries of the square are drawn for each tile and step.
///
/// The tile's inputs and the head's bounds are turned, the network's output is turned back, and the
/// loss is taken in the tile's own frame: so stations, masks and the coarse target take part
/// exactly, also where the tile is no multiple of the coarse cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Augmentation {
    /// Tiles as they are.
    None,
    /// Four: with and without a flip along each axis.
    Flips,
    /// All eight symmetries of the square.
    FlipsAndRotations,
}

/// What is done with a large gradient.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GradientClip {
    /// Nothing.
    Off,
    /// Above this global L2 norm it is scaled down to it.
    Norm(f64),
}

impl GradientClip {
    /// The largest norm that is let through.
    #[must_use]
    pub fn limit(self) -> Option<f64> {
        match self {
            Self::Off => None,
            Self::Norm(norm) => Some(norm),
        }
    }
}

/// Stops when the validation stations no longer improve, and keeps the best weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EarlyStopping {
    /// Epochs without a lower validation RMSE after which training stops.
    pub patience_epochs: usize,
}

impl Default for EarlyStopping {
    fn default() -> Self {
        Self {
            patience_epochs: 30,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid() {
        TrainConfig::default().validate().unwrap();
    }

    #[test]
    fn an_impossible_value_is_named() {
        let config = TrainConfig {
            batch_size: 0,
            ..TrainConfig::default()
        };
        let message = config.validate().unwrap_err().to_string();
        assert!(message.contains("train.batch_size is 0"), "{message}");
    }

    #[test]
    fn channels_cannot_all_be_dropped() {
        for probability in [-0.1, 1.0, f64::NAN] {
            let config = TrainConfig {
                channel_dropout: probability,
                ..TrainConfig::default()
            };
            let message = config.validate().unwrap_err().to_string();
            assert!(message.contains("train.channel_dropout"), "{message}");
        }
    }

    #[test]
    fn configuration_round_trips_through_toml() {
        for gradient_clip in [GradientClip::Off, GradientClip::Norm(0.5)] {
            let early_stopping = Some(EarlyStopping::default());
            let config = TrainConfig {
                gradient_clip,
                tiles_per_epoch: Some(40),
                early_stopping,
                ..TrainConfig::default()
            };
            let text = toml::to_string(&config).unwrap();
            let expected = TrainConfig {
                seed: TrainConfig::default().seed,
                ..config
            };
            assert_eq!(
                toml::from_str::<TrainConfig>(&text).unwrap(),
                expected,
                "{text}"
            );
        }
    }
}
