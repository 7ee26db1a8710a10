//! The analysis-ready cube: granules, station archives and rasters, on one grid and one calendar.
//!
//! | what | where |
//! |---|---|
//! | where, when, of which files | [`BuildConfig`], [`Region`], [`Period`] |
//! | what a cube holds | [`variables`], [`Variable`] |
//! | what a build would do, and doing it | [`Build::plan`], [`Build::run`] |
//! | what was built of what, and what was left out | [`BuildRecord`] |
//! | reading a cube | [`Cube`], [`CubeScenes`] |
#![forbid(unsafe_code)]

mod build;
mod config;
mod coverage;
mod cube;
mod days;
mod error;
mod inputs;
mod journal;
mod layers;
mod lock;
mod pending;
mod plan;
mod problem;
mod record;
mod region;
mod scenes;
mod schema;
mod stations;
mod store;
mod unit;

pub use build::{
    Build, BuildObserver, BuildOutcome, BuildPlan, Strictness, UnitOutcome, UnitPlan, UnitState,
};
pub use config::{BuildConfig, StoreConfig};
pub use coverage::Coverage;
pub use cube::Cube;
pub use days::{Calendar, CubeDay, Period};
pub use error::CubeError;
pub use pending::{DayFiles, RasterConfig, SupersededFile};
pub use plan::{DownloadPlan, Order, PlannedProduct};
pub use problem::{OutOfRangeCounts, Problem, Problems};
pub use record::{BuildRecord, Missing, StationCounts};
pub use region::{BoundingBox, M01Window, Region, RegionPreset};
pub use scenes::{CubeScenes, SceneRef};
pub use schema::{Axes, Source, Variable, variables};
pub use stations::{
    CellObservation, Exclusion, ExclusionReason, Lost, Screening, StationMatching, StationTable,
    StationTableSite, StationsConfig, station_files, station_table,
};
pub use unit::Unit;

/// The README's examples, compiled and run with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
