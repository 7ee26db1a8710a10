//! The analysis-ready cube: granules, station archives and rasters, on one grid and one calendar.
//!
//! | what | where |
//! |---|---|
//! | what to download for it | [`DownloadPlan`] |
//! | where, when, of which files | [`BuildConfig`], [`Region`], [`Period`], [`RasterConfig`], [`StationsConfig`] |
//! | the granules below folders, by source and day | [`Archives`] |
//! | what a cube holds | [`variables`], [`Variable`] |
//! | what a build would do, and doing it | [`Build::plan`], [`Build::run`] |
//! | what was built of what, and what was left out | [`BuildRecord`] |
//! | stations alone: one value a cell and day | [`station_table`], [`StationTable`] |
//! | reading a cube | [`Cube`], [`CubeScenes`] |
#![forbid(unsafe_code)]

mod archives;
mod build;
mod channels;
mod config;
mod coverage;
mod cube;
mod days;
mod error;
mod inputs;
mod journal;
mod layers;
mod lock;
mod plan;
mod problem;
mod record;
mod region;
mod scenes;
mod schema;
mod sources;
mod stations;
mod store;
mod unit;

pub use archives::{Archives, DayFiles, SupersededFile};
pub use build::{
    Build, BuildObserver, BuildOutcome, BuildPlan, Strictness, UnitOutcome, UnitPlan, UnitState,
};
pub use config::{BuildConfig, StoreConfig};
pub use coverage::Coverage;
pub use cube::Cube;
pub use days::{Calendar, CubeDay, Period};
pub use error::CubeError;
pub use plan::{DownloadPlan, Order, PlannedProduct};
pub use problem::{OutOfRangeCounts, Problem, Problems};
pub use record::{BuildRecord, Missing, StationCounts};
pub use region::{BoundingBox, M01Window, Region, RegionPreset};
pub use scenes::{CubeScenes, SceneRef, StationScenes};
pub use schema::{Axes, PRODUCTS, Source, Variable, variables};
pub use sources::statics::{
    LandCoverConvention, LandCoverRaster, QuantityRaster, QuantityResampling, RasterConfig,
};
pub use stations::{
    CellObservation, Exclusion, ExclusionReason, Lost, Screening, StationMatching, StationTable,
    StationTableSite, StationsConfig, station_files, station_table,
};
pub use unit::Unit;

/// The README's examples, compiled and run with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
