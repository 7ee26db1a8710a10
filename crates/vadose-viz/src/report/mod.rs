//! A report: one HTML file that holds everything it shows.
//!
//! The page needs no network, no script and no font of its own, and asks the browser to refuse all three.
//! It is laid out for a phone of 360 pixels, for a desk and for print, follows the reader's light or dark
//! scheme (figures stay on white paper), and every figure carries its alternative text. All text is
//! escaped. The same report gives the same bytes.
//!
//! # From an evaluation to a report
//! ```
//! use vadose_metrics::{Bootstrap, Clusters, SkillSummary, by_station};
//! use vadose_viz::report::{Cell, Report, Table};
//! use vadose_viz::{Better, Estimate, MethodSkill, SkillGroup, SkillMetric, SkillPlot};
//!
//! // What an evaluation holds: methods on the same samples.
//! let stations = ["a", "a", "a", "b", "b", "b", "c", "c", "c"];
//! let reference = [0.10, 0.15, 0.22, 0.20, 0.24, 0.33, 0.08, 0.12, 0.11];
//! let network = [0.12, 0.16, 0.20, 0.21, 0.26, 0.31, 0.10, 0.12, 0.12];
//! let product = [0.20, 0.15, 0.28, 0.16, 0.29, 0.25, 0.12, 0.05, 0.18];
//!
//! let mut table = Table::new(
//!     "Skill at the test stations: medians with 95 % intervals",
//!     &[("method", ""), ("stations", ""), ("ubRMSE", "m³ m⁻³"), ("R", "")],
//! );
//! let mut rows = Vec::new();
//! for (method, estimate) in [("network", network), ("SPL2SMAP_S, 1 km", product)] {
//!     let skill = by_station(&stations, &estimate, &reference)?;
//!     let skill = SkillSummary::resampled(&skill, Clusters::Stations, &Bootstrap::new(1))?;
//!     table.rows.push(vec![
//!         method.into(),
//!         skill.stations.into(),
//!         Cell::metric(skill.ubrmse.median, skill.ubrmse.median_interval, 3),
//!         Cell::metric(skill.r.median, skill.r.median_interval, 2),
//!     ]);
//!     let value = |of: vadose_metrics::Distribution| {
//!         of.median.map(|value| Estimate { value, interval: of.median_interval })
//!     };
//!     rows.push(MethodSkill {
//!         method: method.into(),
//!         values: vec![value(skill.ubrmse), value(skill.r)],
//!     });
//! }
//! let metric = |name: &str, units: &str, better| SkillMetric {
//!     name: name.into(),
//!     units: units.into(),
//!     better,
//! };
//! let plot = SkillPlot {
//!     metrics: vec![
//!         metric("ubRMSE", "m³ m⁻³", Better::Lower),
//!         metric("R", "", Better::Higher),
//!     ],
//!     groups: vec![SkillGroup { heading: "test stations".into(), methods: rows }],
//!     ..SkillPlot::default()
//! };
//!
//! let mut report = Report::new("An evaluation", "Two methods at three stations.");
//! let section = report.section("Skill");
//! section.warning("Three stations are too few for any conclusion.");
//! section.table(table)?.figure(&plot, "Medians over stations, with 95 % intervals.")?;
//! report.section("Configuration").settings([("seed", "1"), ("stations", "3")]);
//! let folder = tempfile::tempdir()?;
//! report.write(folder.path().join("report.html"))?;
//! # assert!(report.html().contains("<h2 id=\"section-1\">Skill</h2>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod html;
mod table;
#[cfg(test)]
mod tests;

use std::path::Path;

pub use table::{Cell, Column, Table};

use crate::embedded_image::base64;
use crate::{Figure, VizError, output, svg};

/// A page with a title, a summary, a table of contents and sections.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    title: String,
    summary: String,
    sections: Vec<Section>,
}

/// A part of a report under a heading.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    heading: String,
    blocks: Vec<Block>,
}

/// What stands in a section.
#[derive(Debug, Clone, PartialEq)]
enum Block {
    Paragraph(String),
    Warning(String),
    Picture(Picture),
    Table(Table),
    Settings(Vec<(String, String)>),
    Section(Section),
}

/// A figure, ready for the page.
#[derive(Debug, Clone, PartialEq)]
struct Picture {
    image: Image,
    /// Width it was laid out for, pixels.
    width: u32,
    height: u32,
    alternative_text: String,
    caption: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Image {
    /// An `<svg>` element with its alternative text.
    Svg(String),
    /// A PNG file in base64.
    Png(String),
}

/// A figure of more marks than this is put into the page as a bitmap: browsers grow slow.
const MANY_MARKS: usize = 6_000;

impl Report {
    /// A report without sections; the summary stands below its title.
    pub fn new(title: impl Into<String>, summary: impl Into<String>) -> Self {
        Report {
            title: title.into(),
            summary: summary.into(),
            sections: Vec::new(),
        }
    }

    /// A new section at the end.
    pub fn section(&mut self, heading: impl Into<String>) -> &mut Section {
        let index = self.sections.len();
        self.sections.push(Section::new(heading.into()));
        &mut self.sections[index]
    }

    /// Figures of all sections.
    #[must_use]
    pub fn figure_count(&self) -> usize {
        self.sections.iter().map(Section::figure_count).sum()
    }

    /// The page.
    #[must_use]
    pub fn html(&self) -> String {
        html::page(self)
    }

    /// Writes the page, whole or not at all.
    ///
    /// # Errors
    /// [`VizError::Write`].
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), VizError> {
        output::write_bytes(path.as_ref(), self.html().as_bytes())
    }
}

impl Section {
    fn new(heading: String) -> Self {
        Section {
            heading,
            blocks: Vec::new(),
        }
    }

    /// Adds words.
    pub fn paragraph(&mut self, text: impl Into<String>) -> &mut Self {
        self.add(Block::Paragraph(text.into()))
    }

    /// Adds words that no reader should miss.
    pub fn warning(&mut self, text: impl Into<String>) -> &mut Self {
        self.add(Block::Warning(text.into()))
    }

    /// Adds names with their values, such as a configuration.
    pub fn settings<N: Into<String>, V: Into<String>>(
        &mut self,
        settings: impl IntoIterator<Item = (N, V)>,
    ) -> &mut Self {
        let settings = settings.into_iter();
        let settings = settings.map(|(name, value)| (name.into(), value.into()));
        self.add(Block::Settings(settings.collect()))
    }

    /// Adds a table.
    ///
    /// # Errors
    /// [`VizError::LengthMismatch`] for a row that has not one cell a column.
    pub fn table(&mut self, table: Table) -> Result<&mut Self, VizError> {
        table.check()?;
        Ok(self.add(Block::Table(table)))
    }

    /// Adds a figure as SVG, or as PNG if it has thousands of marks.
    ///
    /// # Errors
    /// What drawing it may meet.
    pub fn figure(
        &mut self,
        figure: &dyn Figure,
        caption: impl Into<String>,
    ) -> Result<&mut Self, VizError> {
        let drawing = figure.draw()?;
        let alternative_text = figure.alternative_text();
        let image = if drawing.marks.len() > MANY_MARKS {
            output::png(&drawing).map(|png| Image::Png(base64(&png)))
        } else {
            svg::element(&drawing, &alternative_text).map(Image::Svg)
        };
        let (width, height) = drawing.size;
        Ok(self.add(Block::Picture(Picture {
            image: image.map_err(|source| VizError::Encoding { source })?,
            width,
            height,
            alternative_text,
            caption: caption.into(),
        })))
    }

    /// Adds the bytes of a PNG file, with the words that stand in its place.
    ///
    /// # Errors
    /// [`VizError::NotPng`].
    pub fn png(
        &mut self,
        png: &[u8],
        alternative_text: impl Into<String>,
        caption: impl Into<String>,
    ) -> Result<&mut Self, VizError> {
        let (width, height) = png_size(png).ok_or(VizError::NotPng)?;
        Ok(self.add(Block::Picture(Picture {
            image: Image::Png(base64(png)),
            width,
            height,
            alternative_text: alternative_text.into(),
            caption: caption.into(),
        })))
    }

    /// A new section within this one.
    pub fn section(&mut self, heading: impl Into<String>) -> &mut Section {
        self.blocks
            .push(Block::Section(Section::new(heading.into())));
        match self.blocks.last_mut() {
            Some(Block::Section(section)) => section,
            _ => unreachable!("a section was just added"),
        }
    }

    /// Figures in it and in the sections within.
    pub fn figure_count(&self) -> usize {
        let of_block = |block: &Block| match block {
            Block::Picture(_) => 1,
            Block::Section(section) => section.figure_count(),
            _ => 0,
        };
        self.blocks.iter().map(of_block).sum()
    }

    fn add(&mut self, block: Block) -> &mut Self {
        self.blocks.push(block);
        self
    }
}

/// Width and height from a PNG's first chunk.
fn png_size(png: &[u8]) -> Option<(u32, u32)> {
    let head = png.get(..24)?;
    if !head.starts_with(b"\x89PNG\r\n\x1a\n") || &head[12..16] != b"IHDR" {
        return None;
    }
    let word = |at: usize| {
        head[at..at + 4]
            .iter()
            .fold(0, |word, &byte| word << 8 | u32::from(byte))
    };
    Some((word(16), word(20)))
}
