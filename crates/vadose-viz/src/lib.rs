//! Figures of soil-moisture retrieval, as PNG or SVG.
//!
//! Three kinds, those of the paper (Tsagkatakis, Moghaddam and Tsakalides, IGARSS 2024):
//!
//! * [`learning_curves`]: RMSE and ubRMSE against the epoch, with products as horizontal lines;
//! * [`map_panel`]: rows of two maps with colour bars and axes in degrees or kilometres;
//! * [`scatter_plot`]: estimate against reference, with the 1:1 line and the skill of each series.
//!
//! The file name's extension chooses the format. A figure is written to a temporary file and
//! renamed, so a reader never meets half of one. The font is embedded: figures look the same
//! on every machine. Colours are chosen for colour-blind readers: viridis and magma for maps, the
//! palette of Okabe and Ito for series.

#![forbid(unsafe_code)]

mod colour_map;
mod colour_tables;
mod drawing;
mod embedded_image;
mod error;
mod extent;
mod frame;
mod learning;
mod legend;
mod maps;
mod output;
mod palette;
mod scatter;
#[cfg(test)]
mod tests;
mod text;
mod ticks;

pub use colour_map::ColourMap;
pub use error::VizError;
pub use extent::Extent;
pub use learning::{LearningCurves, ReferenceLine, SkillHistory, YScale, learning_curves};
pub use maps::{ColourRange, MapImage, MapPanel, MapRow, map_panel};
pub use scatter::{ScatterPlot, ScatterSeries, SeriesRole, SkillNote, scatter_plot};

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
