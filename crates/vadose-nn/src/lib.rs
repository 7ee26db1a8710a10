//! 3-D convolution for candle and the small U-Net of 1 km soil-moisture retrieval.
//!
//! candle has no 3-D convolution, and its max pooling and nearest upsampling give wrong
//! gradients. This crate adds [`conv3d()`], [`max_pool_plane()`] and [`upsample_plane()`] as
//! operations with exact gradients, useful to any candle program, and builds on them a
//! configurable [`Network`] with presets ([`NetworkConfig`]), its layer table and its
//! [`ModelFile`].
//!
//! On the CPU everything runs in f32 and f64 with rayon, and gives the same bits for any number of
//! threads; f32 runs on the widest vectors that the CPU has ([`kernels`]), and a whole [`Network`] as
//! one operation ([`executor`]). On other devices the same functions are made of candle's own
//! operators ([`operators`]).

pub mod executor;
pub mod kernels;
pub mod operators;

mod config;
mod conv3d;
mod cpu;
mod error;
mod fused;
mod init;
mod layers;
mod max_pool_plane;
mod model_file;
mod network;
mod plane;
mod precision;
mod upsample_plane;
mod variables;

/// The candle that this crate is built with, for its `Device` and `Tensor`.
pub use candle_core;
pub use config::{
    ChannelAxis, CoarseRows, DEFAULT_UPPER_BOUND, FirstGuess, Head, NetworkConfig, SPREAD_UNIT,
    Skip,
};
pub use conv3d::{Activation, Conv3dConfig, Padding, conv3d, conv3d_with};
pub use error::NnError;
pub use layers::{LayerKind, LayerRow};
pub use max_pool_plane::max_pool_plane;
pub use model_file::ModelFile;
pub use network::{Engine, Network, Prediction};
pub use precision::Precision;
pub use upsample_plane::upsample_plane;
pub use variables::named_variables;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
