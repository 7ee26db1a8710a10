//! What can go wrong in training.

use std::path::PathBuf;

/// An error of training. Causes from candle are exposed, as this crate's API is made of its tensors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A configuration value lies outside its range.
    #[error("configuration: {key} is {value}, but must be {allowed}")]
    Config {
        /// Dotted name of the value, as in the configuration file.
        key: &'static str,
        /// The value given.
        value: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// No scene was given, or no tile of any scene can be trained on.
    #[error(
        "nothing to train on: none of the {tiles} tiles of {scenes} scenes holds a training station or a coarse \
         target"
    )]
    NothingToTrainOn {
        /// Scenes in the source.
        scenes: usize,
        /// Tiles cut from them.
        tiles: usize,
    },
    /// Early stopping was asked for, but there are too few validation stations to judge by.
    #[error(
        "early stopping needs at least 2 validation station cells that can be predicted, but there are {found}"
    )]
    TooFewValidationStations {
        /// Validation station cells in predictable cells.
        found: usize,
    },
    /// The loss or a gradient is not finite; training cannot go on.
    #[error(
        "the {what} is not finite at step {step}; lower the learning rate or clip the gradient"
    )]
    NotFinite {
        /// "estimate", "loss" or "gradient".
        what: &'static str,
        /// Optimiser step, counted from 1.
        step: u64,
    },
    /// A checkpoint belongs to another configuration, network or data set.
    #[error(
        "{path}: this checkpoint was written by another configuration ({found}, expected {expected}); remove it or choose another output folder"
    )]
    ForeignCheckpoint {
        /// The checkpoint file.
        path: PathBuf,
        /// Fingerprint in the file.
        found: String,
        /// Fingerprint of this run.
        expected: String,
    },
    /// A checkpoint cannot be read or written.
    #[error("{path}: {reason}")]
    CheckpointFile {
        /// The checkpoint file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A tensor operation failed.
    #[error("tensor operation failed while {attempted}")]
    Tensor {
        /// What was attempted.
        attempted: &'static str,
        /// The cause.
        #[source]
        source: candle_core::Error,
    },
    /// A scene could not be read or cut.
    #[error("scene {index} could not be used")]
    Scene {
        /// Position in the source.
        index: usize,
        /// The cause.
        #[source]
        source: vadose_scene::SceneError,
    },
    /// The channel statistics could not be computed.
    #[error("channel statistics could not be computed")]
    Statistics(#[source] vadose_scene::SceneError),
    /// An operator could not be built for a tile.
    #[error("observation operators of scene {index} could not be built")]
    Operator {
        /// Position of the scene in the source.
        index: usize,
        /// The cause.
        #[source]
        source: vadose_ops::OpsError,
    },
    /// The network could not be built or run.
    #[error("the network could not be built or run")]
    Network(#[source] vadose_nn::NnError),
}

/// Adds what was attempted to a candle error.
pub(crate) trait Attempted<T> {
    /// Names the step that failed.
    fn attempted(self, what: &'static str) -> Result<T, TrainError>;
}

impl<T> Attempted<T> for candle_core::Result<T> {
    fn attempted(self, what: &'static str) -> Result<T, TrainError> {
        self.map_err(|source| TrainError::Tensor {
            attempted: what,
            source,
        })
    }
}
