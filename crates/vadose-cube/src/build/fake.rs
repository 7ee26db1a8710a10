//! Layers that text files stand for: `SOURCE-DAY-NAME` holds a number, or the word `damaged`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::civil::{Date, date};
use ndarray::Array2;
use vadose_grid::{Cell, Window};
use vadose_scene::StationSite;

use crate::layers::Layers;
use crate::sources::DayBlocks;
use crate::store::coarsened;
use crate::{
    Axes, Build, BuildConfig, CellObservation, CubeDay, CubeError, DayFiles, M01Window, Period,
    Problem, Problems, Region, Source, StationTable, StationTableSite, StoreConfig, SupersededFile,
    Variable, variables,
};

/// Corner of the window of [`config`].
const CORNER: [usize; 2] = [2475, 7065];
/// Where the station stands.
pub(crate) const STATION: Cell = Cell {
    row: CORNER[0] + 10,
    col: CORNER[1] + 20,
};

/// What a variable of a fake cube has in a cell of its grid: the number of its files, and a little
/// for the variable and the place. Some cells are missing; masks have ones and zeros.
pub(crate) fn value(variable: &Variable, number: f32, [row, col]: [usize; 2]) -> f32 {
    let place = match variable.name {
        // One value for a 9 km cell, as from M09.
        "tb_h" | "tb_v" => row / 9 * 31 + col / 9 * 17,
        name => row * 31 + col * 17 + name.len(),
    };
    match variable.name {
        "tb_h" | "tb_v" if place.is_multiple_of(5) => f32::NAN,
        "land" | "observed" => f32::from(u8::from(!place.is_multiple_of(3))),
        _ if place.is_multiple_of(7) => f32::NAN,
        _ => number + (place % 100) as f32 / 8.0,
    }
}

/// Blocks that are read now, and the most that were at once.
#[derive(Debug, Default)]
pub(crate) struct AtWork {
    now: AtomicUsize,
    pub(crate) most: AtomicUsize,
}

/// The layers of a folder.
pub(crate) struct FakeLayers {
    folder: PathBuf,
    at_work: Arc<AtWork>,
}

struct FakeDay {
    at_work: Arc<AtWork>,
    source: Source,
    number: Option<f32>,
}

impl FakeLayers {
    pub(crate) fn new(folder: &Path, at_work: &Arc<AtWork>) -> Self {
        Self {
            folder: folder.to_path_buf(),
            at_work: Arc::clone(at_work),
        }
    }

    fn number(&self, file: &Path) -> Option<f32> {
        fs::read_to_string(file).unwrap().trim().parse().ok()
    }
}

impl DayBlocks for FakeDay {
    fn block(&self, block: &Window) -> Result<Vec<Array2<f32>>, CubeError> {
        let n = self.at_work.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.at_work.most.fetch_max(n, Ordering::SeqCst);
        let map = |variable: &Variable| {
            let grid = match variable.axes {
                Axes::DailyCoarseMap => coarsened(block)?,
                Axes::Map | Axes::DailyMap | Axes::LeadMap => *block,
            };
            let of_cell = |(row, col)| match self.number {
                Some(number) => value(variable, number, [grid.row0() + row, grid.col0() + col]),
                None => f32::NAN,
            };
            Ok(Array2::from_shape_fn(grid.shape(), of_cell))
        };
        let maps = variables(self.source).map(map).collect();
        self.at_work.now.fetch_sub(1, Ordering::SeqCst);
        maps
    }
}

impl Layers for FakeLayers {
    fn problems(&self) -> &[Problem] {
        &[]
    }

    fn superseded(&self) -> &[SupersededFile] {
        &[]
    }

    fn files(
        &self,
        source: Source,
        day: Option<&CubeDay>,
        _: &Window,
    ) -> Result<DayFiles, CubeError> {
        let day = day.map_or("all".to_owned(), |day| day.date.to_string());
        let start = format!("{}-{day}-", source.name());
        let entries = fs::read_dir(&self.folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let is_of_unit = |path: &PathBuf| {
            let name = path.file_name().unwrap();
            name.to_string_lossy().starts_with(&start)
        };
        let mut files: Vec<_> = paths.filter(is_of_unit).collect();
        files.sort();
        let missing = match files.is_empty() {
            true => vec![format!("{start}*")],
            false => Vec::new(),
        };
        Ok(DayFiles { files, missing })
    }

    /// The sum of the files' numbers.
    fn open_day<'p>(
        &self,
        source: Source,
        files: &[PathBuf],
        day: &CubeDay,
        _: &Window,
        problems: &'p Mutex<Problems>,
    ) -> Result<Box<dyn DayBlocks + 'p>, CubeError> {
        let mut number = None;
        for path in files {
            match self.number(path) {
                Some(of_file) => number = Some(number.unwrap_or(0.0) + of_file),
                None => problems.lock().unwrap().note(Problem {
                    path: path.clone(),
                    source,
                    day: Some(day.date),
                    reason: "damaged".to_owned(),
                }),
            }
        }
        Ok(Box::new(FakeDay {
            at_work: Arc::clone(&self.at_work),
            source,
            number,
        }))
    }

    fn statics(&self, block: &Window) -> Result<Vec<Array2<f32>>, CubeError> {
        let day = FakeDay {
            at_work: Arc::clone(&self.at_work),
            source: Source::Static,
            number: self.number(&self.folder.join("static-all-a")),
        };
        day.block(block)
    }

    fn stations(&self, window: &Window, days: &[CubeDay]) -> Result<StationTable, CubeError> {
        let number = self.number(&self.folder.join("stations-all-a"));
        let observation = |day: &CubeDay| CellObservation {
            date: day.date,
            cell: STATION,
            soil_moisture_m3m3: number.unwrap(),
            n_sensors: 1,
            standard_deviation_m3m3: 0.0,
            stations: vec!["NET/A".to_owned()],
            time: day.time,
        };
        let site = StationSite {
            station: "NET/A".to_owned(),
            network: Some("NET".to_owned()),
            cell: STATION,
            location: window.grid().centre(STATION)?,
        };
        Ok(StationTable {
            sites: vec![StationTableSite {
                site,
                elevation_m: 700.0,
            }],
            observations: days.iter().map(observation).collect(),
            ..StationTable::default()
        })
    }
}

/// A folder with files, and the cube that is built of them.
pub(crate) struct Workshop {
    folder: tempfile::TempDir,
    pub(crate) config: BuildConfig,
    pub(crate) at_work: Arc<AtWork>,
}

impl Workshop {
    /// Two days of all sources and a lead day, a window of 2 by 1 blocks of 2 by 2 chunks of 9 cells.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("files")).unwrap();
        let config = BuildConfig {
            region: Region::Window(M01Window {
                row0: CORNER[0],
                col0: CORNER[1],
                rows: 18,
                cols: 27,
            }),
            lead_days: 1,
            store: StoreConfig {
                chunk_cells: 9,
                shard_cells: 18,
            },
            ..BuildConfig::default()
        };
        let mut workshop = Self {
            folder,
            config,
            at_work: Arc::default(),
        };
        workshop.set_days(2);
        for unit in ["static-all-a", "stations-all-a"] {
            workshop.put(unit, "0.25");
        }
        workshop.put_lead_day(date(2017, 5, 31));
        for day in 1..=2 {
            workshop.put_day(date(2017, 6, day));
        }
        workshop
    }

    /// The first days of June.
    pub(crate) fn set_days(&mut self, n: i8) {
        self.config.periods = vec![Period {
            first: date(2017, 6, 1),
            last: date(2017, 6, n),
            every: 1,
        }];
    }

    pub(crate) fn put_day(&self, date: Date) {
        for source in Source::DAILY {
            let file = format!("{}-{date}-a", source.name());
            self.put(&file, &format!("{}", date.day()));
        }
    }

    pub(crate) fn put_lead_day(&self, date: Date) {
        let file = format!("antecedent-{date}-a");
        self.put(&file, &format!("{}", date.day()));
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("files").join(name)
    }

    pub(crate) fn put(&self, name: &str, content: &str) {
        fs::write(self.file(name), content).unwrap();
    }

    /// The build, its cube in the folder of this name.
    pub(crate) fn build(&self, cube: &str) -> Build {
        let config = BuildConfig {
            output: cube.into(),
            ..self.config.clone()
        };
        let layers = FakeLayers::new(&self.folder.path().join("files"), &self.at_work);
        Build::with_layers(config, self.folder.path(), Box::new(layers)).unwrap()
    }

    pub(crate) fn cube(&self, cube: &str) -> PathBuf {
        self.folder.path().join(cube)
    }
}
