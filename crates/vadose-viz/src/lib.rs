//! Figures of soil-moisture retrieval, as PNG or SVG, and the report that holds them, as one HTML file.
//!
//! A figure is a struct of data; [`Figure`] draws it, writes it, and tells it in words:
//!
//! | figure | shows |
//! |---|---|
//! | [`LearningCurves`] | RMSE and ubRMSE against the epoch, products as horizontal lines |
//! | [`MapPanel`] | rows of two maps with colour bars and axes in degrees or kilometres |
//! | [`ScatterPlot`] | estimate against reference, with the 1:1 line and the skill of each series |
//! | [`TaylorDiagram`] | correlation, spread and unbiased error of several estimates at once |
//! | [`SkillPlot`] | skill of several methods, a dot with its interval each |
//! | [`BoxPlot`] | how skill is distributed over stations, by stratum |
//! | [`StationMap`] | where the stations are and how well each is met |
//! | [`StationSeriesPlot`] | estimate, interval and station through time, gaps not bridged |
//! | [`SpectrumPlot`] | power spectra and structure functions on logarithmic axes |
//! | [`CalibrationPlot`] | observed against nominal coverage of intervals |
//! | [`SweepPlot`] | a metric against a setting that runs over decades |
//!
//! and [`report`] puts figures, tables and words into one self-contained page.
//!
//! The file name's extension chooses the format. A figure is written to a temporary file and
//! renamed, so a reader never meets half of one. The font is embedded in bitmaps: they look the same
//! on every machine. Colours are chosen for colour-blind readers: viridis and magma for maps, BrBG for
//! differences, the palette of Okabe and Ito for series, which differ in shape too where they are marked.

#![forbid(unsafe_code)]

mod box_plot;
mod calibration;
mod colour_bar;
mod colour_map;
mod colour_tables;
mod curve;
mod drawing;
mod embedded_image;
mod error;
mod extent;
mod figure;
mod frame;
mod learning;
mod legend;
mod maps;
mod marker;
mod output;
mod page;
mod palette;
pub mod report;
mod rows;
mod scatter;
mod skill_plot;
mod spectrum;
mod station_map;
mod station_series;
mod svg;
mod sweep;
mod taylor;
#[cfg(test)]
mod tests;
mod text;
mod ticks;
mod time_line;
mod wording;
mod xy_plot;

pub use box_plot::{BoxPlot, Stratum};
pub use calibration::CalibrationPlot;
pub use colour_map::ColourMap;
pub use curve::Curve;
pub use drawing::Drawing;
pub use error::VizError;
pub use extent::Extent;
pub use figure::Figure;
pub use learning::{LearningCurves, ReferenceLine, SkillHistory, YScale};
pub use maps::{ColourRange, MapImage, MapPanel, MapRow};
pub use scatter::{ScatterPlot, ScatterSeries, SeriesRole, SkillNote};
pub use skill_plot::{Better, Estimate, MethodSkill, SkillGroup, SkillMetric, SkillPlot};
pub use spectrum::SpectrumPlot;
pub use station_map::{StationDot, StationMap};
pub use station_series::{StationSeries, StationSeriesPlot};
pub use sweep::SweepPlot;
pub use taylor::{TaylorDiagram, TaylorPoint};
pub use xy_plot::{ReferenceLevel, VerticalMark};

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
