//! The analysis-ready cube: granules, station archives and rasters, on one grid and one calendar.
#![forbid(unsafe_code)]

mod days;
mod error;
mod problem;
mod schema;

pub use days::{Calendar, CubeDay, Period};
pub use error::CubeError;
pub use problem::{Problem, Problems};
pub use schema::{Axes, Source, Variable, variables};
