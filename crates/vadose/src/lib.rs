//! 1 km surface soil moisture from SMAP, Sentinel-1, stations and model data.
//!
//! Vadose retrieves surface soil moisture (0–5 cm, m³ m⁻³) on the 1 km EASE-Grid 2.0. This crate is the
//! front door: each part is a library of its own, re-exported here under one name.
//!
//! | module | what it is |
//! |---|---|
//! | `grid` | EASE-Grid 2.0: projection, cells, exact nesting, windows, resampling |
//! | `ops` | the operators P_Ω (stations) and D (9 km average), with exact adjoints |
//! | `scene` | one sample: channels, masks, stations, tiles, splits |
//! | `nn` | 3-D convolution for candle and the network |
//! | `train` | composite loss and training |
//! | `physics` | soil dielectric, τ–ω emission, SCA and DCA inversion |
//! | `retrieve` | from a scene to a map |
//! | `metrics` | skill of an estimate |
//! | `io` | granules, station files, CF-NetCDF, COG |
//! | `viz` | figures |
//!
//! # Features
//! The default features need no C library.
//!
//! <!-- features: begin (cargo xtask features) -->
//! <!-- features: end -->
#![forbid(unsafe_code)]

#[cfg(feature = "grid")]
pub use vadose_grid as grid;
#[cfg(feature = "io")]
pub use vadose_io as io;
#[cfg(feature = "metrics")]
pub use vadose_metrics as metrics;
#[cfg(feature = "nn")]
pub use vadose_nn as nn;
#[cfg(feature = "ops")]
pub use vadose_ops as ops;
#[cfg(feature = "physics")]
pub use vadose_physics as physics;
#[cfg(feature = "retrieve")]
pub use vadose_retrieve as retrieve;
#[cfg(feature = "scene")]
pub use vadose_scene as scene;
#[cfg(feature = "train")]
pub use vadose_train as train;
#[cfg(feature = "viz")]
pub use vadose_viz as viz;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
