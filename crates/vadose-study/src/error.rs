//! What can go wrong in a study.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use vadose_grid::Window;

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
    /// A parameter is outside its range.
    #[error("{name} is {value}, but must be from {low} to {high}")]
    ConfigOutOfRange {
        /// Which.
        name: &'static str,
        /// The value.
        value: f64,
        /// Least value allowed.
        low: f64,
        /// Greatest value allowed.
        high: f64,
    },
    /// No granule is of the product that is to be validated.
    #[error("no granule of {wanted} was found, but {found}")]
    NoGranule {
        /// The product, or what any product would have to hold.
        wanted: String,
        /// What was found in its place.
        found: String,
    },
    /// The granules are of several products.
    #[error("the granules are of several products ({found}); name the one to validate")]
    SeveralProducts {
        /// The products, with their numbers of granules.
        found: String,
    },
    /// A product has no soil moisture of this name.
    #[error("{product} has no soil moisture `{field}`; it has {known}")]
    NoSuchField {
        /// The product.
        product: String,
        /// The name.
        field: String,
        /// The names that it has.
        known: String,
    },
    /// None of the granules can be read.
    #[error("none of {n} granules can be read; the first, {path}: {reason}")]
    NoGranuleReadable {
        /// Granules tried.
        n: usize,
        /// The first of them.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The station archives and tables hold no series of surface soil moisture.
    #[error(
        "no station measures soil moisture down to {max_depth_m} m: {too_deep} series are of deeper sensors, {skipped} files cannot be used"
    )]
    NoStations {
        /// The greatest depth asked for, m.
        max_depth_m: f64,
        /// Series below it.
        too_deep: usize,
        /// Files skipped.
        skipped: usize,
    },
    /// Product and stations never meet.
    #[error("no pair in {granules} granules and {stations} stations: {found}")]
    NoPairs {
        /// Granules read.
        granules: usize,
        /// Stations read.
        stations: usize,
        /// Moments at which stations have values, but none with good flags.
        flagged: usize,
        /// What became of stations and values.
        found: String,
    },
    /// No reference that a method could be judged by was found in the scenes.
    #[error(
        "no sample in {scenes} scenes: {not_predictable} station values lie in cells that cannot be predicted, {without_split} have no split"
    )]
    NoSamples {
        /// Scenes read.
        scenes: usize,
        /// Station values in cells without brightness temperature or static inputs.
        not_predictable: usize,
        /// Station values whose stations are in no split, or in several.
        without_split: usize,
    },
    /// Two methods have one name.
    #[error("there are two methods of the name {name}")]
    DuplicateMethod {
        /// The name.
        name: String,
    },
    /// A comparison names a method that has no estimates.
    #[error("no method {name}; there are {}", known.join(", "))]
    UnknownMethod {
        /// The name.
        name: String,
        /// The methods that there are.
        known: Vec<String>,
    },
    /// A method says nothing of its error.
    #[error("method {name} has no spread that could be calibrated")]
    NoSpread {
        /// The method.
        name: String,
    },
    /// The random forest cannot be grown.
    #[error(
        "the random forest cannot be grown on {train} training and {validation} validation samples: {reason}"
    )]
    Forest {
        /// Training samples.
        train: usize,
        /// Validation samples.
        validation: usize,
        /// Why.
        reason: String,
    },
    /// Too few groups to calibrate intervals on.
    #[error(
        "{groups} stations or blocks to calibrate on; an interval at {level} needs at least {needed}"
    )]
    TooFewToCalibrate {
        /// Groups with samples.
        groups: usize,
        /// Share of the values that the interval is to hold.
        level: f64,
        /// Fewest groups.
        needed: usize,
    },
    /// A method has a name that a column or variable cannot have.
    #[error(
        "a method cannot be called {name:?}: the name must be a letter, then letters, digits, `_`"
    )]
    MethodName {
        /// The name.
        name: String,
    },
    /// A model cannot be used on a cube.
    #[error("{}: the model cannot be used", path.display())]
    Model {
        /// The model file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<vadose_retrieve::RetrieveError>,
    },
    /// There is nothing to draw a map of.
    #[error(
        "{}: no map of {date}: the cube has no such day, or no cell with brightness temperature on it",
        cube.display()
    )]
    MapDay {
        /// The cube.
        cube: PathBuf,
        /// The day.
        date: Date,
    },
    /// The simulation that writes a truth has not come to its end.
    #[error("{}: the simulation has not come to its end", path.display())]
    UnfinishedTruth {
        /// The store.
        path: PathBuf,
    },
    /// A scene is not of the region that was simulated.
    #[error(
        "{}: the truth of {truth:?} does not hold {scene:?}; is the archive another than the cube's?",
        path.display()
    )]
    TruthWindow {
        /// The store.
        path: PathBuf,
        /// The window of the truth.
        truth: Window,
        /// The window of the scene.
        scene: Window,
    },
    /// A scene is of a day that was not simulated.
    #[error("{}: there is no truth of {time}; is the archive another than the cube's?", path.display())]
    TruthDay {
        /// The store.
        path: PathBuf,
        /// The time of the scene.
        time: Timestamp,
    },
    /// A training takes over the alpha of one that does not stand before it.
    #[error("training {by} takes the alpha of {name}, which is not among the trainings before it")]
    UnknownTraining {
        /// The other training.
        name: String,
        /// The training.
        by: String,
    },
    /// A training needs the truth, and there is none.
    #[error(
        "training {training} is held to the true field, but the study names no archive in `truth`"
    )]
    NoTruth {
        /// The training.
        training: String,
    },
    /// Alpha cannot be chosen.
    #[error("training {training}: there is no validation station to choose alpha by")]
    NothingToChooseBy {
        /// The training.
        training: String,
    },
    /// A scene lacks what is to be shuffled.
    #[error("{scene}: the scene has no coarse target")]
    NoCoarseTarget {
        /// The scene.
        scene: String,
    },
    /// A file of a study cannot be read.
    #[error("{path}: cannot be read: {reason}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
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
    /// The cube could not be read.
    #[error(transparent)]
    Cube(#[from] vadose_cube::CubeError),
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
