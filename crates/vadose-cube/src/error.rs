//! The one error type of the crate.

use std::path::PathBuf;

use vadose_grid::GridError;
use vadose_io::IoError;
use vadose_scene::SceneError;

/// Why a cube could not be built or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CubeError {
    /// A key of the configuration has a value that cannot be used.
    #[error("{key} is {value}, but must be {allowed}")]
    Config {
        /// The section and key, e.g. `days.every`.
        key: &'static str,
        /// What stands there.
        value: String,
        /// What may stand there.
        allowed: &'static str,
    },
    /// A source that is not read day by day was to be.
    #[error("{name} layers are not read day by day")]
    NotDaily {
        /// The source.
        name: &'static str,
    },
    /// A file could not be read or written.
    #[error(transparent)]
    Io(#[from] IoError),
    /// A window or cell that the grid refuses.
    #[error("a place of the cube is not on its grid")]
    Grid(#[from] GridError),
    /// A scene of the cube could not be made.
    #[error(transparent)]
    Scene(#[from] SceneError),
    /// A table or record could not be read or written.
    #[error("{}: {reason}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}
