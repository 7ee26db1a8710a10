//! What the engine asks of the sources, and the sources that files are.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ndarray::Array2;
use vadose_grid::Window;

use crate::sources::{DayBlocks, open_day, statics::statics};
use crate::{
    Archives, BuildConfig, CubeDay, CubeError, DayFiles, Problem, Problems, RasterConfig, Source,
    StationTable, StationsConfig, SupersededFile, station_files, station_table,
};

/// The sources: which files there are, and what they hold.
pub(crate) trait Layers: Send + Sync {
    /// Files that were found and cannot be used, as far as their names tell.
    fn problems(&self) -> &[Problem];

    /// Files that are there in a newer version too.
    fn superseded(&self) -> &[SupersededFile];

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

/// The sources of a configuration.
#[derive(Debug)]
pub(crate) struct FileLayers {
    archives: Archives,
    rasters: RasterConfig,
    stations: StationsConfig,
    station_files: Vec<PathBuf>,
    /// What the paths of the stations are relative to.
    folder: PathBuf,
}

impl FileLayers {
    /// Finds the files of a configuration, its relative paths counted from `folder`.
    pub(crate) fn find(config: &BuildConfig, folder: &Path) -> Result<Self, CubeError> {
        let paths: Vec<PathBuf> = config
            .archives
            .iter()
            .map(|path| folder.join(path))
            .collect();
        Ok(Self {
            archives: Archives::find(&paths)?,
            rasters: config.rasters.clone().relative_to(folder),
            station_files: station_files(&config.stations, folder)?,
            stations: config.stations.clone(),
            folder: folder.to_path_buf(),
        })
    }
}

impl Layers for FileLayers {
    fn problems(&self) -> &[Problem] {
        self.archives.problems()
    }

    fn superseded(&self) -> &[SupersededFile] {
        self.archives.superseded()
    }

    fn files(
        &self,
        source: Source,
        day: Option<&CubeDay>,
        window: &Window,
    ) -> Result<DayFiles, CubeError> {
        let all = |files| DayFiles {
            files,
            missing: Vec::new(),
        };
        match (source, day) {
            (Source::Static, _) => Ok(all(self.rasters.paths())),
            (Source::Stations, _) => Ok(all(self.station_files.clone())),
            (source, Some(day)) => self.archives.day(source, day, window),
            (_, None) => Ok(DayFiles::default()),
        }
    }

    fn open_day<'p>(
        &self,
        source: Source,
        files: &[PathBuf],
        day: &CubeDay,
        window: &Window,
        problems: &'p Mutex<Problems>,
    ) -> Result<Box<dyn DayBlocks + 'p>, CubeError> {
        open_day(source, files, day, window, problems)
    }

    fn statics(&self, block: &Window) -> Result<Vec<Array2<f32>>, CubeError> {
        statics(&self.rasters, block)
    }

    fn stations(&self, window: &Window, days: &[CubeDay]) -> Result<StationTable, CubeError> {
        station_table(&self.stations, window, days, &self.folder)
    }
}
