//! A landscape with known soil moisture, and what simulated instruments and stations see of it.
//!
//! | what | where |
//! |---|---|
//! | terrain, soil, land cover of a window | [`Landscape`], [`Layers`] |
//! | rain, temperature, greenness | [`weather`] |
//! | the truth: hourly soil moisture | [`nature_run`] |
//! | a coarse model with assimilation, as SMAP's Level 4 | [`analysis`] |
//! | stations and their errors | [`stations`] |
//! | passes of SMAP and scenes of Sentinel-1 | [`orbit`] |
//! | brightness temperature: emission, footprint, noise | [`radiometer`] |
//! | backscatter of a scene | [`radar`] |
//! | what the operational processors make of both | [`product`] |
//! | all of it, written as NASA and ISMN deliver it (feature `archive`) | [`simulation`] |
//!
//! Everything is a function of the seed, the global row and column of M01 and the time: a tile made
//! alone equals the same tile of a larger window, for any number of threads.
//!
//! # Features
//! `archive` links the system's HDF5 and GDAL; without it the crate is pure Rust.
#![forbid(unsafe_code)]
#![cfg_attr(not(feature = "archive"), allow(rustdoc::broken_intra_doc_links))]

pub mod analysis;
mod climate;
mod config;
mod draw;
mod error;
mod footprint;
mod ground;
mod hash;
pub mod landscape;
mod layers;
pub mod nature_run;
mod noise;
pub mod orbit;
mod period;
mod positions;
pub mod product;
pub mod radar;
pub mod radiometer;
mod region;
#[cfg(feature = "archive")]
pub mod simulation;
pub mod stations;
#[cfg(test)]
mod test_ground;
pub mod weather;

pub use analysis::{Analysis, AnalysisConfig};
pub use config::{Faults, HourlyTruth, Preset, SimulationConfig};
pub use error::TwinError;
pub use ground::Ground;
pub use landscape::Landscape;
pub use layers::Layers;
pub use nature_run::{NatureConfig, NatureRun};
pub use noise::{Noise, SpaceTimeNoise, TimeNoise};
pub use period::{Period, Season};
pub use positions::Positions;
pub use region::Region;
pub use stations::StationConfig;
pub use weather::{Weather, WeatherConfig};

/// The README's examples, compiled and run with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
