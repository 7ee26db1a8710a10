//! A landscape with known soil moisture, and what simulated instruments and stations see of it.
//!
//! | what | where |
//! |---|---|
//! | random fields in space and time | [`Noise`], [`SpaceTimeNoise`], [`TimeNoise`] |
//! | relief, rivers, soils, land cover, greenness | [`Landscape`], [`Layers`] |
//! | rain, temperatures, the green season | [`weather`] |
//! | the truth: hourly moisture of the upper 5 cm | [`nature_run`] |
//! | what a coarse land model with assimilation makes of it | [`analysis`] |
//! | stations, their probes and quality flags | [`stations`] |
//!
//! Everything is a function of (master seed, global M01 row and column, time), so a tile made alone
//! equals the same tile of the whole, bit for bit, for any number of threads. Hours are counted
//! from 1970-01-01T00Z; arrays are `[row, col]`, row 0 northernmost.
#![forbid(unsafe_code)]

pub mod analysis;
mod climate;
mod error;
mod hash;
mod landscape;
mod layers;
pub mod nature_run;
mod noise;
mod positions;
pub mod stations;
pub mod weather;

pub use analysis::{Analysis, AnalysisConfig};
pub use error::TwinError;
pub use landscape::Landscape;
pub use layers::Layers;
pub use nature_run::{NatureConfig, NatureRun};
pub use noise::{Noise, SpaceTimeNoise, TimeNoise};
pub use positions::Positions;
pub use stations::StationConfig;
pub use weather::{Weather, WeatherConfig};
