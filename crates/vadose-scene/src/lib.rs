//! What one soil-moisture sample is: named channels, masks, station cells, coarse target, tiles and splits.
//!
//! Nothing here reads a file or knows a tensor library: a [`Scene`] is built in memory from plain
//! arrays, and a [`Sample`] is what a network is trained on.
//!
//! | from | by | comes |
//! |---|---|---|
//! | arrays on one [`Window`](vadose_grid::Window) | [`Scene::new`] and its `with_…` methods | [`Scene`] |
//! | training scenes and a [`ChannelSet`] | [`ChannelEncoder::fit`] | [`ChannelEncoder`], which rides in the model file |
//! | scene, [`Tile`], encoder | [`Sample::cut`] | [`Sample`]: `[channel, row, col]`, mask, stations, coarse target |
//! | station sites | [`SplitConfig::build`] | [`StationSplit`]: train, validation, test |
//! | sites, scenes, split | [`leak_report`] | [`LeakReport`]: where the split is not independent |
//!
//! Three conventions hold everywhere: row 0 is northernmost, missing is NaN, and sums over many
//! cells are f64. Randomness comes from explicit seeds (module [`seed`]) and gives the same result
//! on every platform and for any number of threads.
#![forbid(unsafe_code)]

mod channel;
mod coarse_to_fine;
mod distance;
mod encoder;
mod error;
mod fit;
mod leak;
mod pseudo_station;
mod sample;
mod scene;
pub mod seed;
mod source;
mod split;
mod split_by_time;
mod station;
mod statistics;
mod tile;
mod transform;

pub use channel::{ChannelSet, ChannelSpec};
pub use coarse_to_fine::{bilinear_to, nearest_to};
pub use distance::{EARTH_RADIUS_KM, great_circle_km};
pub use encoder::{CHANNELS_METADATA_KEY, ChannelEncoder};
pub use error::SceneError;
pub use fit::EncoderBuilder;
pub use leak::{
    ClosePair, LeakConfig, LeakCounts, LeakReport, LeakStation, SharedCoarseCell, SharedTileDays,
    leak_report,
};
pub use pseudo_station::pseudo_stations;
pub use sample::{Sample, SampleStation};
pub use scene::{CoarseTarget, Field, Scene, UPPER_BOUND_WITHOUT_BULK_DENSITY};
pub use source::{InMemoryScenes, SceneSource};
pub use split::{Split, SplitConfig, SplitCounts, SplitMethod, StationSplit};
pub use split_by_time::{Period, TimeSplit, split_by_time};
pub use station::{StationCell, StationObservation, StationSite, average_by_cell, station_sites};
pub use statistics::{ChannelStatistics, StatisticsBuilder};
pub use tile::{COARSE_FACTOR, Tile, covering_tiles};
pub use transform::Transform;

/// The README's examples, compiled and run with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
