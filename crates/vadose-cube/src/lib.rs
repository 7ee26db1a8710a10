//! The analysis-ready cube: granules, station archives and rasters, on one grid and one calendar.
#![forbid(unsafe_code)]

mod days;
mod error;
mod plan;
mod problem;
mod schema;
mod stations;

pub use days::{Calendar, CubeDay, Period};
pub use error::CubeError;
pub use plan::{DownloadPlan, Order, PlannedProduct};
pub use problem::{Problem, Problems};
pub use schema::{Axes, Source, Variable, variables};
pub use stations::{
    CellObservation, Exclusion, ExclusionReason, Lost, Screening, StationMatching, StationTable,
    StationTableSite, StationsConfig, station_files, station_table,
};
