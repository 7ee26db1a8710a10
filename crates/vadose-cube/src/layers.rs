//! What the engine asks of the sources.

use std::path::PathBuf;
use std::sync::Mutex;

use ndarray::Array2;
use vadose_grid::Window;

use crate::{
    CubeDay, CubeError, DayFiles, Problem, Problems, Source, StationTable, SupersededFile,
};

/// One day of one source, ready to give any block of the window.
pub(crate) trait DayBlocks: Send + Sync {
    /// One array for each of the source's variables, in the schema's order: on `block`, or for
    /// 9 km variables on its window of M09. The edges of `block` lie on edges of 9 km cells.
    fn block(&self, block: &Window) -> Result<Vec<Array2<f32>>, CubeError>;
}

/// The sources: which files there are, and what they hold.
pub(crate) trait Layers: Send + Sync {
    /// Files that were found and cannot be used, as far as their names tell.
    fn problems(&self) -> Vec<Problem>;

    /// Files that are there in a newer version too.
    fn superseded(&self) -> Vec<SupersededFile>;

    /// The files of a source, for daily ones of a day.
    fn files(
        &self,
        source: Source,
        day: Option<&CubeDay>,
        window: &Window,
    ) -> Result<DayFiles, CubeError>;

    /// Opens the files of a day. A file that cannot be used, now or when a block is read, is noted
    /// and left out; the others are used. Without files everything is missing.
    fn open_day<'p>(
        &self,
        source: Source,
        files: &[PathBuf],
        day: &CubeDay,
        window: &Window,
        problems: &'p Mutex<Problems>,
    ) -> Result<Box<dyn DayBlocks + 'p>, CubeError>;

    /// The static layers of a block, one array for each variable in the schema's order.
    fn statics(&self, block: &Window) -> Result<Vec<Array2<f32>>, CubeError>;

    /// What the stations report on these days.
    fn stations(&self, window: &Window, days: &[CubeDay]) -> Result<StationTable, CubeError>;
}
