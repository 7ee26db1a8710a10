//! The analysis-ready cube: granules, station archives and rasters, on one grid and one calendar.
#![forbid(unsafe_code)]

mod archives;
mod days;
mod error;
mod problem;
mod schema;
#[cfg_attr(not(test), allow(dead_code))] // until the engine calls it
mod sources;

pub use archives::{Archives, DayFiles, SupersededFile};
pub use days::{Calendar, CubeDay, Period};
pub use error::CubeError;
pub use problem::{OutOfRangeCounts, Problem, Problems};
pub use schema::{Axes, Source, Variable, variables};
pub use sources::statics::{
    LandCoverConvention, LandCoverRaster, QuantityRaster, QuantityResampling, RasterConfig,
};
