//! The one error type of the crate.

use std::path::PathBuf;

use vadose_grid::GridError;
use vadose_io::IoError;
use vadose_scene::SceneError;

use crate::Problem;

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
    /// Another build is at work on the cube.
    #[error("{}: another build is at work{}", path.display(), by(*pid))]
    Locked {
        /// The folder of the cube.
        path: PathBuf,
        /// Its process, where it is known.
        pid: Option<u32>,
    },
    /// The folder holds a cube that the configuration is not of.
    #[error(
        "{}: the {what} of this cube is {here}, the configuration wants {wanted}; \
         a cube can only get further days at its end: make a new one in another folder",
        path.display()
    )]
    OtherCube {
        /// The folder of the cube.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// What the cube has.
        here: String,
        /// What the configuration wants.
        wanted: String,
    },
    /// The build of the cube has not come to its end.
    #[error("{}: the cube is unfinished; build it again, and the build goes on", path.display())]
    Unfinished {
        /// The folder of the cube.
        path: PathBuf,
    },
    /// Something was asked of a cube that it does not have.
    #[error("the cube does not have {what}")]
    Outside {
        /// What was asked for.
        what: String,
    },
    /// A file cannot be used, and the build was to refuse that.
    #[error("{}: {} ({})", .0.path.display(), .0.reason, .0.source.product())]
    Refused(Problem),
    /// The observer stopped the build.
    #[error("the build was stopped; the next one goes on")]
    Stopped,
    /// A table or record could not be read or written.
    #[error("{}: {reason}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

fn by(pid: Option<u32>) -> String {
    pid.map_or(String::new(), |pid| format!(" (process {pid})"))
}
