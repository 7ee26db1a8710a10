//! Why a figure could not be made.

use std::path::PathBuf;

/// Why a figure could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VizError {
    /// A file name that ends in neither `.png` nor `.svg`.
    #[error("cannot tell the format of {}: expected the extension .png or .svg", path.display())]
    UnknownFormat {
        /// The file asked for.
        path: PathBuf,
    },
    /// Nothing to draw: no entry, or no finite one.
    #[error("{what} holds no finite value to draw")]
    NothingToDraw {
        /// Which part of the figure.
        what: String,
    },
    /// Two lists that should have one length.
    #[error("{what} has {got} values, expected {expected}")]
    LengthMismatch {
        /// Which list.
        what: String,
        /// The length it should have.
        expected: usize,
        /// The length it has.
        got: usize,
    },
    /// A map without rows or columns.
    #[error("map {title:?} has the shape {shape:?}")]
    EmptyMap {
        /// Title of the map.
        title: String,
        /// Its rows and columns.
        shape: (usize, usize),
    },
    /// A range or extent whose ends are not finite or not in order.
    #[error("{what} runs from {from} to {to}, expected two finite numbers in rising order")]
    BadRange {
        /// Which range.
        what: String,
        /// Its lower end.
        from: f64,
        /// Its upper end.
        to: f64,
    },
    /// A value that cannot be what it is said to be.
    #[error("{what} is {value}, expected a value from {from} to {to}")]
    OutOfRange {
        /// Which value.
        what: String,
        /// The value.
        value: f64,
        /// The least it may be.
        from: f64,
        /// The most it may be.
        to: f64,
    },
    /// Times that go back or stand still.
    #[error("the times of {what:?} do not rise")]
    TimesDoNotRise {
        /// Which series.
        what: String,
    },
    /// A value that a logarithmic axis cannot show.
    #[error("{what} holds {value}, which a logarithmic axis cannot show")]
    NotPositive {
        /// Which series.
        what: String,
        /// The value.
        value: f64,
    },
    /// A figure too small for its labels, or too large for a bitmap.
    #[error("figure size {size:?} is not within {smallest:?} and {largest:?} pixels")]
    Size {
        /// Width and height asked for, pixels.
        size: (u32, u32),
        /// Smallest width and height.
        smallest: (u32, u32),
        /// Largest width and height.
        largest: (u32, u32),
    },
    /// The skill of a series could not be computed.
    #[error("no skill of series {series:?}")]
    Skill {
        /// Label of the series.
        series: String,
        /// The cause.
        #[source]
        source: vadose_metrics::MetricError,
    },
    /// Bytes that should be a PNG file and are none.
    #[error("the image is no PNG file")]
    NotPng,
    /// A figure could not be encoded for a page.
    #[error("cannot encode a figure")]
    Encoding {
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The drawing library failed.
    #[error("cannot draw {}", path.display())]
    Drawing {
        /// The file asked for.
        path: PathBuf,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file asked for.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}
