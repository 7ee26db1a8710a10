//! A landscape with known soil moisture, and what simulated instruments and stations see of it.
#![forbid(unsafe_code)]

pub mod analysis;
mod climate;
mod error;
mod hash;
pub mod landscape;
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
