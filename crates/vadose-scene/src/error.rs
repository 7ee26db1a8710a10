//! The one error type of the crate.

use vadose_grid::{Cell, EaseGrid2, GridError, LatLonDeg};

/// Why a scene, an encoder, a split or a sample could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SceneError {
    /// An array does not have the shape of the window it belongs to.
    #[error("{what} has shape {got:?}, its window needs {expected:?} (rows, cols)")]
    ShapeMismatch {
        /// What the array is, e.g. `field tb_v`.
        what: String,
        /// Rows and columns of the window.
        expected: (usize, usize),
        /// Rows and columns that came.
        got: (usize, usize),
    },
    /// A scene was given the same field twice.
    #[error("scene {scene} already has a field {field}")]
    DuplicateField {
        /// Identifier of the scene.
        scene: String,
        /// Name of the field.
        field: String,
    },
    /// A field is in other units than the ones its user counts on.
    #[error("channel {channel} of scene {scene}: expected units {expected:?}, got {got:?}")]
    UnitsMismatch {
        /// Identifier of the scene.
        scene: String,
        /// Name of the channel or field.
        channel: String,
        /// Units that are needed.
        expected: String,
        /// Units that the scene has.
        got: String,
    },
    /// A scene lacks a channel that the encoder knows as present.
    #[error(
        "channel {channel} of scene {scene}: expected a field in {units:?}, got none; the scene has: {}",
        list(available)
    )]
    MissingChannel {
        /// Identifier of the scene.
        scene: String,
        /// Name of the channel that is missing.
        channel: String,
        /// Units in which it is needed.
        units: String,
        /// Names of the fields that the scene has.
        available: Vec<String>,
    },
    /// Some training scenes have a channel and others do not.
    #[error(
        "channel {channel}: other training scenes have it, scene {scene} does not; give every scene the field (NaN where missing), or none"
    )]
    ChannelInSomeScenes {
        /// The first scene without it.
        scene: String,
        /// Name of the channel.
        channel: String,
    },
    /// Two channels of one set have the same name.
    #[error("channel {name} occurs twice in the channel set")]
    DuplicateChannel {
        /// The repeated name.
        name: String,
    },
    /// A channel set without channels.
    #[error("a channel set needs at least one channel")]
    EmptyChannelSet,
    /// No preset has this name.
    #[error("no preset {name:?}; there are: {}", known.join(", "))]
    UnknownPreset {
        /// The name that was asked for.
        name: String,
        /// The names that exist.
        known: &'static [&'static str],
    },
    /// Not one entry of statistics for each channel.
    #[error("{expected} channels need as many statistics, got {got}")]
    StatisticsCount {
        /// Number of channels.
        expected: usize,
        /// Number of statistics.
        got: usize,
    },
    /// Statistics that no data can have.
    #[error(
        "statistics of channel {channel}: mean {mean} and standard deviation {std_dev} must be finite, the latter not negative"
    )]
    InvalidStatistics {
        /// Name of the channel.
        channel: String,
        /// Its mean.
        mean: f64,
        /// Its standard deviation.
        std_dev: f64,
    },
    /// The list of absent channels in a stored encoder disagrees with its statistics.
    #[error(
        "absent channels: the statistics say {}, the list says {}",
        list(expected),
        list(got)
    )]
    AbsentMismatch {
        /// Channels whose statistics say that they are absent or constant.
        expected: Vec<String>,
        /// Channels that the stored list names.
        got: Vec<String>,
    },
    /// Two encoders under construction are for different channels.
    #[error(
        "cannot merge statistics: expected channels {}, got {}",
        list(expected),
        list(got)
    )]
    ChannelSetMismatch {
        /// Channels of the builder that is kept.
        expected: Vec<String>,
        /// Channels of the builder that was to be merged.
        got: Vec<String>,
    },
    /// A stored encoder cannot be read, or one cannot be written.
    #[error("channel encoder as JSON: {source}")]
    EncoderJson {
        /// What serde says.
        #[source]
        source: serde_json::Error,
    },
    /// There is nothing to compute statistics, sites or a split from.
    #[error("{what} needs at least one {of}, got none")]
    Empty {
        /// What was to be done.
        what: &'static str,
        /// What it needs.
        of: &'static str,
    },
    /// A station cell lies outside the scene's window.
    #[error("station cell row {}, col {} ({}) lies outside the window of scene {scene}", cell.row, cell.col, list(stations))]
    StationOutsideWindow {
        /// Identifier of the scene.
        scene: String,
        /// Cell of the stations.
        cell: Cell,
        /// Stations in that cell.
        stations: Vec<String>,
    },
    /// A cell occurs twice in a list of station cells.
    #[error("station cell row {}, col {} occurs twice; average the stations of a cell first", cell.row, cell.col)]
    DuplicateStationCell {
        /// The repeated cell.
        cell: Cell,
    },
    /// A station value is not finite, or a weight is not finite and positive.
    #[error(
        "station {station}: value {value} m3 m-3 must be finite and weight {weight} finite and above 0"
    )]
    InvalidStation {
        /// Name of the station, or of the stations of the cell.
        station: String,
        /// Value, m3 m-3.
        value: f32,
        /// Weight.
        weight: f32,
    },
    /// A station's coordinates are not finite or lie off the globe.
    #[error("station {station}: {location:?} is no place on the globe")]
    InvalidLocation {
        /// Name of the station.
        station: String,
        /// Its coordinates.
        location: LatLonDeg,
    },
    /// The coarse target is not on the grid that nests the scene's grid nine by nine.
    #[error(
        "coarse target on grid {got}: nine by nine cells of the scene's grid {scene_grid} must make one of its cells"
    )]
    CoarseGrid {
        /// Grid of the scene.
        scene_grid: EaseGrid2,
        /// Grid of the coarse target.
        got: EaseGrid2,
    },
    /// Tiles of this size cannot cover a window with this overlap.
    #[error(
        "tiles of {size} cells cannot overlap by {min_overlap}: origins advance in steps of 9, so the overlap is at most size - 9"
    )]
    TileOverlap {
        /// Edge of a tile in cells.
        size: usize,
        /// Overlap that was asked for, cells.
        min_overlap: usize,
    },
    /// The origin of a tile does not lie on the corner of a coarse cell, or the tile is empty.
    #[error(
        "tile at row {row0}, col {col0} of size {size}: the origin must be a multiple of 9 and the size above 0"
    )]
    TileNotAligned {
        /// First row of the tile.
        row0: i64,
        /// First column of the tile.
        col0: i64,
        /// Edge of the tile in cells.
        size: usize,
    },
    /// A configured number lies outside its range.
    #[error("{what} is {value}, it must be {range}")]
    OutOfRange {
        /// What the number is.
        what: &'static str,
        /// The number.
        value: f64,
        /// The range, in words.
        range: &'static str,
    },
    /// Region boundaries that do not go from west to east.
    #[error(
        "region boundaries {boundaries_lon_deg:?} must be finite, within -180 to 180 and ascending"
    )]
    RegionBoundaries {
        /// The boundaries, degrees east.
        boundaries_lon_deg: Vec<f64>,
    },
    /// What a split holds out as test holds no station.
    #[error("no station lies in the held-out {what} {name}")]
    NothingHeldOut {
        /// `network` or `region`.
        what: &'static str,
        /// Its name or number.
        name: String,
    },
    /// A split by network met a station without one.
    #[error("station {station} names no network, which a split by network needs")]
    NoNetwork {
        /// Name of the station.
        station: String,
    },
    /// A split by time met a scene without a time.
    #[error("scene {scene} has no time, which a split by time needs")]
    NoTime {
        /// Identifier of the scene.
        scene: String,
    },
    /// A period that ends before it starts, or two of different splits that overlap.
    #[error("period {from} to {until}: {problem}")]
    Periods {
        /// Start of the period at fault.
        from: jiff::Timestamp,
        /// Its end.
        until: jiff::Timestamp,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// More pseudo-stations asked for than there are cells for them.
    #[error(
        "{asked} pseudo-stations asked for, but only {available} cells are eligible and have a value"
    )]
    TooFewEligibleCells {
        /// Number asked for.
        asked: usize,
        /// Number of eligible cells with a finite value.
        available: usize,
    },
    /// A scene index beyond the end of a source.
    #[error("scene {index} asked for, the source has {len}")]
    IndexOutOfRange {
        /// The index.
        index: usize,
        /// Number of scenes.
        len: usize,
    },
    /// A source could not deliver a scene (for implementors of [`SceneSource`](crate::SceneSource)).
    #[error("scene {scene} could not be loaded: {source}")]
    Source {
        /// Path or identifier of the scene.
        scene: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The grid refused a cell, a window or a coordinate.
    #[error("grid: {source}")]
    Grid {
        /// What the grid says.
        #[source]
        source: GridError,
    },
}

impl SceneError {
    /// Wraps a grid error; a function and no `From`, so that no `?` converts one unseen.
    pub(crate) fn grid(source: GridError) -> Self {
        Self::Grid { source }
    }
}

/// `a, b, c`, or `none`.
fn list(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
