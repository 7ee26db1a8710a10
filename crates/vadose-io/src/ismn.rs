//! Station archives of the International Soil Moisture Network: reading, matching, writing.
//!
//! | what | by |
//! |---|---|
//! | what an archive holds, folder or zip | [`Archive::open`], [`Archive::series`], [`inspect()`] |
//! | one series, or many with all threads | [`Archive::read`], [`Archive::map_series`] |
//! | which values are good enough, which depths count as surface | [`FlagPolicy`], [`SeriesFilter`] |
//! | soil, land cover and climate of a station | [`Archive::static_variables`] |
//! | soil moisture of a time or a day, by cell | [`observations_near`], [`daily_cells`] |
//! | an archive in ISMN's own formats | [`write_archive`] |
//! | from bytes, without files | [`parse_series`], [`parse_static_variables`], [`SeriesInfo::from_path`] |
//!
//! # References
//! Dorigo et al. (2021), doi:10.5194/hess-25-5749-2021. Peer: `ismn` 1.5 of TU Wien.

mod archive;
mod daily_cells;
mod flag;
mod inspect;
mod matching;
mod members;
mod parse;
mod series;
mod series_name;
mod static_variables;
mod text;
mod text_format;
mod variable;
mod writer;

pub use archive::{Archive, DuplicateSeries, SURFACE_LAYER_M, SeriesFilter, SkippedFile};
pub use daily_cells::{CellDay, DailyCells, DailyCellsConfig, daily_cells};
pub use flag::{FlagPolicy, FlagSet};
pub use inspect::{ArchiveInspection, DepthInspection, inspect};
pub use matching::{DailyMean, observations_near};
pub use members::ArchiveLimits;
pub use parse::parse_series;
pub use series::{
    Observation, ReadOptions, RejectReason, RejectedLine, Rejections, Series, SoilMoistureUnit,
};
pub use series_name::SeriesInfo;
pub use static_variables::{StaticVariable, StaticVariables, parse_static_variables};
pub use text_format::{LineEnd, TextFormat};
pub use variable::Variable;
pub use writer::{ArchiveContainer, ArchiveForm, ArchiveWriter, write_archive};
