//! Stations: where they stand, and what their probes report of the truth of their cell.
//!
//! | what | where |
//! |---|---|
//! | where stations stand | [`place`], [`Site`], [`Network`] |
//! | what the probes report, with flags | [`StationConfig::build`], [`Observer`], [`StationSeries`] |
//! | ISMN's quality flags | [`Flag`] |
//!
//! Nothing here knows of files: the series are plain numbers.

mod config;
mod flags;
mod name;
mod observe;
mod place;

pub use config::StationConfig;
pub use flags::Flag;
pub use observe::{CellHours, Observer, Probe, StationSeries};
pub use place::{Network, Site, place};

#[cfg(test)]
mod tests;
