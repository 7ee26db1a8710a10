//! What can go wrong in a retrieval.

use vadose_grid::{EaseGrid2, Window};

/// An error of retrieval.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RetrieveError {
    /// A physical method needs a field that the scene lacks.
    #[error("{method} needs the field {field} ({hint}), which scene {scene} lacks")]
    MissingField {
        /// The method.
        method: &'static str,
        /// The field's name.
        field: &'static str,
        /// What the field is, and in which unit.
        hint: &'static str,
        /// The scene.
        scene: String,
    },
    /// A model file lacks the list of channels it was trained on.
    #[error(
        "the model file carries no channel list (metadata key {key}); it was not made by this program"
    )]
    NoChannelList {
        /// The metadata key.
        key: &'static str,
    },
    /// The scene does not fit the model, or cannot be cut.
    #[error("the scene does not fit the model")]
    Scene(#[source] vadose_scene::SceneError),
    /// The network could not be built or run.
    #[error("the network could not be run")]
    Network(#[source] vadose_nn::NnError),
    /// The parameters of a physical inversion are out of range.
    #[error("the inversion's parameters are out of range")]
    Physics(#[source] vadose_physics::PhysicsError),
    /// The scene lies on a grid whose cells do not nest in those of M09.
    #[error("scene {scene} lies on {got}, whose cells do not nest in 9 km cells")]
    WrongGrid {
        /// The scene's grid.
        got: EaseGrid2,
        /// The scene.
        scene: String,
    },
    /// A setting is outside its range.
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
    /// The coarse operator could not be built.
    #[error("the 9 km average could not be computed")]
    Coarse(#[source] vadose_ops::OpsError),
    /// A map has not the shape of its window.
    #[error("a map of shape {got:?} does not fit its window of shape {expected:?}")]
    ShapeMismatch {
        /// Rows and columns of the window.
        expected: (usize, usize),
        /// Rows and columns of the map.
        got: (usize, usize),
    },
    /// A scene that was asked for covers another window.
    #[error("scene {scene} covers {got:?}, but {asked:?} was asked for")]
    OtherWindow {
        /// The window asked for.
        asked: Window,
        /// The window of the scene.
        got: Window,
        /// The scene.
        scene: String,
    },
    /// An ensemble of fewer than two members.
    #[error("{got} members make no ensemble; at least 2 are needed")]
    TooFewMembers {
        /// Members given.
        got: usize,
    },
    /// The tile does not fit the network.
    #[error("tile size {size}, overlap {overlap}: {reason}")]
    Tiling {
        /// Edge of a tile, cells.
        size: usize,
        /// Overlap of neighbours, cells.
        overlap: usize,
        /// What is wrong.
        reason: String,
    },
    /// No 9 km cell lies wholly inside the map.
    #[error("no whole 9 km cell lies inside a map of {rows} rows and {cols} columns")]
    NoCoarseCell {
        /// Rows of the map.
        rows: usize,
        /// Columns of the map.
        cols: usize,
    },
    /// A tensor operation failed.
    #[error("tensor operation failed")]
    Tensor(#[source] candle_core::Error),
}
