//! Training of 1 km soil-moisture networks: composite loss, sampler, augmentation, optimiser, checkpoints.
//!
//! The one call most users need is [`train`]: scenes from any [`SceneSource`](vadose_scene::SceneSource),
//! a station split, a [`TrainConfig`] and a network go in; a model file, ready for
//! prediction, and the learning curve come out.
//!
//! ```text
//! L(w) = || P_Ω f(X; w) − P_Ω S ||²  +  α || Z − D f(X; w) ||²
//! ```
//!
//! `P_Ω` and `D` are the operators of `vadose-ops`; `f` is the network of `vadose-nn`.
//! The same seed, data and build give bit-identical weights for any number of threads.
#![forbid(unsafe_code)]

mod adamw;
mod channel_dropout;
mod checkpoint;
mod config;
mod error;
mod estimate;
mod evaluation;
mod history;
mod loss;
mod orientation;
mod prefetch;
mod sampler;
mod schedule;
mod tiles;
mod trainer;

#[cfg(test)]
mod test_scene;

pub use adamw::{AdamW, AdamWConfig, clip_global_norm};
pub use checkpoint::{Checkpoint, CheckpointState};
pub use config::{Augmentation, EarlyStopping, GradientClip, TrainConfig};
pub use error::TrainError;
pub use history::{EpochRecord, LossRecord, SkillRecord, StepRecord, StopReason};
pub use loss::{CompositeLoss, LossConfig, LossTerms, Reduction};
pub use orientation::Orientation;
pub use sampler::TileSampler;
pub use schedule::Schedule;
pub use tiles::{CoarseTerm, PreparedTile, TileRef, TrainingTiles};
pub use trainer::{Outcome, TrainObserver, Trainer, train};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
