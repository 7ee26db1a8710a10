//! What can go wrong in a study.

use std::path::PathBuf;

/// An error of a study. Each stage keeps the error of the crate that did the work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StudyError {
    /// A granule holds too few cells for the experiment.
    #[error(
        "{path}: {found} cells with recommended soil moisture, but the experiment needs at least {needed}"
    )]
    TooFewCells {
        /// The granule.
        path: PathBuf,
        /// Cells found.
        found: usize,
        /// Cells needed.
        needed: usize,
    },
    /// The ridge baseline cannot be fitted.
    #[error(
        "the ridge baseline cannot be fitted on {train} training and {validation} validation samples"
    )]
    Ridge {
        /// Training samples.
        train: usize,
        /// Validation samples.
        validation: usize,
    },
    /// A product lacks what a physical retrieval needs.
    #[error("{path}: {product} lacks {missing}; {remedy}")]
    MissingAncillary {
        /// The granule.
        path: PathBuf,
        /// Its product.
        product: String,
        /// Dataset that is missing.
        missing: String,
        /// What to do.
        remedy: String,
    },
    /// A constant is given for what the product has for every cell.
    #[error("{path}: {product} has its own {given}; leave the option out")]
    NeedlessAncillary {
        /// The granule.
        path: PathBuf,
        /// Its product.
        product: String,
        /// What was given.
        given: &'static str,
    },
    /// A constant given in place of ancillary data is impossible.
    #[error("{name} is {value}, but must be from {low} to {high}")]
    AncillaryOutOfRange {
        /// Which.
        name: &'static str,
        /// The value.
        value: f64,
        /// Least value allowed.
        low: f64,
        /// Greatest value allowed.
        high: f64,
    },
    /// A file could not be written.
    #[error("{path}: cannot be written")]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Reading or writing of data failed.
    #[error(transparent)]
    Io(#[from] vadose_io::IoError),
    /// The scene could not be built.
    #[error(transparent)]
    Scene(#[from] vadose_scene::SceneError),
    /// Training failed.
    #[error(transparent)]
    Train(#[from] vadose_train::TrainError),
    /// Retrieval failed.
    #[error(transparent)]
    Retrieve(#[from] vadose_retrieve::RetrieveError),
    /// A skill could not be computed.
    #[error(transparent)]
    Metric(#[from] vadose_metrics::MetricError),
    /// A figure could not be drawn.
    #[error(transparent)]
    Viz(#[from] vadose_viz::VizError),
    /// The model could not be saved.
    #[error(transparent)]
    Network(#[from] vadose_nn::NnError),
}
