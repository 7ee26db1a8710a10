//! The arrays of a cube.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use ndarray::{Array2, ArrayView2, Axis};
use serde_json::{Map, Value, json};
use vadose_grid::{EaseGrid2, Window};
use vadose_io::IoError;
use vadose_io::zarr::{
    Array, ArraySpec, DataType, Store, lengthen_time_axis, read_time_axis, write_further_grid,
    write_grid, write_time_axis,
};

use crate::{Axes, CubeDay, CubeError, Source, StoreConfig, Variable, variables};

/// Folder of the store in that of the cube.
const FOLDER: &str = "cube.zarr";
/// Where a new store lies until all its arrays are there.
const FOLDER_OF_NEW: &str = ".new.zarr";
const TIME: &str = "time";
const TIME_LONG_NAME: &str = "6 h local solar time in the middle of the window";
const LEAD_TIME: &str = "lead_time";
const LEAD_TIME_LONG_NAME: &str =
    "6 h local solar time in the middle of the window, of days before those of the cube";
/// Ending of the names of the 9 km grid.
const COARSE_ENDING: &str = "_9km";
/// Cells along the edge of a 9 km chunk: 256 KiB, some chunks for a continent.
const COARSE_CHUNK_CELLS: u64 = 256;
const WINDOW: &str = "window";
const LAYOUT: &str = "layout";

/// The store of a cube, its arrays open.
#[derive(Debug)]
pub(crate) struct CubeStore {
    store: Store,
    arrays: BTreeMap<&'static str, Array>,
    window: Window,
    coarse: Window,
    times: Times,
}

/// Nominal times of the days and of the lead days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) days: Vec<Timestamp>,
    pub(crate) lead_days: Vec<Timestamp>,
}

impl Times {
    pub(crate) fn new(days: &[CubeDay], lead_days: &[CubeDay]) -> Self {
        let of = |days: &[CubeDay]| days.iter().map(|day| day.time).collect();
        Self {
            days: of(days),
            lead_days: of(lead_days),
        }
    }

    fn n_maps(&self, variable: &Variable) -> usize {
        let axes = variable.axes;
        axes.n_maps(self.days.len(), self.lead_days.len())
    }

    /// The variables that a store of these days has: without lead days none of them.
    fn variables(&self) -> impl Iterator<Item = &'static Variable> {
        all_variables().filter(|variable| self.n_maps(variable) > 0)
    }
}

/// Every variable of a cube with lead days.
pub(crate) fn all_variables() -> impl Iterator<Item = &'static Variable> {
    [Source::Static]
        .into_iter()
        .chain(Source::DAILY)
        .chain([Source::Antecedent])
        .flat_map(variables)
}

/// The 9 km cells of a window whose edges lie on theirs.
pub(crate) fn coarsened(window: &Window) -> Result<Window, CubeError> {
    Ok(window.coarsened(EaseGrid2::M09)?)
}

impl CubeStore {
    /// Opens the store of a cube as it is.
    ///
    /// # Errors
    /// [`CubeError::Table`] if it is no cube; those of the store.
    pub(crate) fn open(cube: &Path) -> Result<Self, CubeError> {
        let store = Store::open(cube.join(FOLDER))?;
        let window = store.attributes().get(WINDOW).cloned().unwrap_or_default();
        let window: Window = serde_json::from_value(window).map_err(|error| CubeError::Table {
            path: store.path().to_path_buf(),
            reason: format!("attribute `{WINDOW}`: {error}"),
        })?;
        let times = Times {
            days: read_time_axis(&store, TIME)?,
            lead_days: match has_array(&store, LEAD_TIME)? {
                true => read_time_axis(&store, LEAD_TIME)?,
                false => Vec::new(),
            },
        };
        let arrays = times
            .variables()
            .map(|variable| Ok((variable.name, store.array(variable.name)?)))
            .collect::<Result<_, IoError>>()?;
        Ok(Self {
            times,
            arrays,
            window,
            coarse: coarsened(&window)?,
            store,
        })
    }

    /// Opens the store of a cube to build it: makes it, or lengthens its time axes, where needed.
    ///
    /// # Errors
    /// [`CubeError::OtherCube`] if it is one of another window, of other files or of other days or lead
    /// days, save further ones at its end.
    pub(crate) fn open_to_build(
        cube: &Path,
        window: &Window,
        layout: &StoreConfig,
        times: &Times,
    ) -> Result<Self, CubeError> {
        if !cube.join(FOLDER).exists() {
            create(cube, window, layout, times)?;
        }
        let mut opened = Self::open(cube)?;
        opened.check(cube, window, layout, times)?;
        opened.lengthen(layout, times)?;
        Ok(opened)
    }

    fn check(
        &self,
        cube: &Path,
        window: &Window,
        layout: &StoreConfig,
        times: &Times,
    ) -> Result<(), CubeError> {
        let other = |what, here: String, wanted: String| {
            Err(CubeError::OtherCube {
                path: cube.to_path_buf(),
                what,
                here,
                wanted,
            })
        };
        if self.window != *window {
            let shown = |window| format!("{window:?}");
            return other("window", shown(&self.window), shown(window));
        }
        let wanted = json!(layout);
        let here = &self.store.attributes()[LAYOUT];
        if *here != wanted {
            return other("layout", here.to_string(), wanted.to_string());
        }
        for (what, here, wanted) in [
            ("days", &self.times.days, &times.days),
            ("lead days", &self.times.lead_days, &times.lead_days),
        ] {
            let differs = (0..here.len()).find(|&idx| wanted.get(idx) != here.get(idx));
            if let Some(idx) = differs {
                let shown = |times: &[Timestamp]| {
                    let day = times.get(idx);
                    let day = day.map_or("no further day".to_owned(), Timestamp::to_string);
                    format!("{day} as day {}", idx + 1)
                };
                return other(what, shown(here), shown(wanted));
            }
        }
        Ok(())
    }

    /// A store of no lead days gets their arrays. The time axes come last: until then the next build finds the
    /// old ones, and does this again.
    fn lengthen(&mut self, layout: &StoreConfig, times: &Times) -> Result<(), CubeError> {
        if self.times == *times {
            return Ok(());
        }
        self.store.set_attributes(Map::new())?;
        for variable in times.variables() {
            let array = if !has_array(&self.store, variable.name)? {
                let spec = spec(variable, &self.window, &self.coarse, layout, times);
                self.store.create_array(&spec)?
            } else if variable.axes == Axes::Map {
                continue;
            } else {
                let n_maps = times.n_maps(variable) as u64;
                self.store.lengthen(variable.name, n_maps)?
            };
            self.arrays.insert(variable.name, array);
        }
        if has_array(&self.store, LEAD_TIME)? {
            lengthen_time_axis(&self.store, LEAD_TIME, &times.lead_days)?;
        } else {
            write_lead_time_axis(&self.store, times)?;
        }
        lengthen_time_axis(&self.store, TIME, &times.days)?;
        self.times = times.clone();
        Ok(())
    }

    pub(crate) fn window(&self) -> &Window {
        &self.window
    }

    /// The 9 km cells of the window.
    pub(crate) fn coarse(&self) -> &Window {
        &self.coarse
    }

    pub(crate) fn times(&self) -> &Times {
        &self.times
    }

    /// The window in blocks, one for each file of a 1 km variable and day; row by row.
    pub(crate) fn blocks(&self) -> Vec<Window> {
        let array = &self.arrays[variables(Source::Static)
            .next()
            .expect("there are some")
            .name];
        let [rows, cols] = array.file_shape() else {
            unreachable!("static layers have two axes");
        };
        let window = &self.window;
        let along = |n: usize, step: u64| (0..n).step_by(step as usize);
        let corners = along(window.rows(), *rows)
            .flat_map(|row| along(window.cols(), *cols).map(move |col| (row, col)));
        corners
            .map(|(row, col)| {
                Window::new(
                    window.grid(),
                    window.row0() + row,
                    window.col0() + col,
                    (*rows as usize).min(window.rows() - row),
                    (*cols as usize).min(window.cols() - col),
                )
                .expect("a part of a window is on its grid")
            })
            .collect()
    }

    /// Writes one map, on a block or, for 9 km variables, on the whole window.
    pub(crate) fn write(
        &self,
        variable: &Variable,
        day_idx: usize,
        part: &Window,
        values: ArrayView2<'_, f32>,
    ) -> Result<(), CubeError> {
        let (start, _) = self.place(variable, day_idx, part);
        let values = values.into_dyn();
        let values = match variable.axes {
            Axes::Map => values,
            Axes::DailyMap | Axes::DailyCoarseMap | Axes::LeadMap => values.insert_axis(Axis(0)),
        };
        Ok(self.arrays[variable.name].write(&start, values)?)
    }

    /// Reads a part of one map: cells of M01, or of M09 for 9 km variables.
    pub(crate) fn read(
        &self,
        variable: &Variable,
        day_idx: usize,
        part: &Window,
    ) -> Result<Array2<f32>, CubeError> {
        let (start, shape) = self.place(variable, day_idx, part);
        let values = self.arrays[variable.name].read::<f32>(&start, &shape)?;
        let values = match variable.axes {
            Axes::Map => values,
            Axes::DailyMap | Axes::DailyCoarseMap | Axes::LeadMap => {
                values.index_axis_move(Axis(0), 0)
            }
        };
        Ok(values.into_dimensionality().expect("two axes are left"))
    }

    /// Where a map lies in its array: start and shape.
    fn place(&self, variable: &Variable, day_idx: usize, part: &Window) -> (Vec<u64>, Vec<u64>) {
        let whole = match variable.axes {
            Axes::Map | Axes::DailyMap | Axes::LeadMap => &self.window,
            Axes::DailyCoarseMap => &self.coarse,
        };
        let mut start = vec![
            day_idx,
            part.row0() - whole.row0(),
            part.col0() - whole.col0(),
        ];
        let mut shape = vec![1, part.rows(), part.cols()];
        if variable.axes == Axes::Map {
            start.remove(0);
            shape.remove(0);
        }
        let as_u64 = |numbers: Vec<usize>| numbers.into_iter().map(|n| n as u64).collect();
        (as_u64(start), as_u64(shape))
    }

    /// Marks the store as unfinished, and says of which build it is.
    pub(crate) fn begin(&mut self, attributes: Map<String, Value>) -> Result<(), CubeError> {
        Ok(self.store.set_attributes(attributes)?)
    }

    pub(crate) fn finish(&self) -> Result<(), CubeError> {
        Ok(self.store.finish()?)
    }

    pub(crate) fn is_finished(&self) -> Result<bool, CubeError> {
        Ok(self.store.is_finished()?)
    }

    pub(crate) fn attributes(&self) -> &Map<String, Value> {
        self.store.attributes()
    }
}

fn has_array(store: &Store, name: &str) -> Result<bool, IoError> {
    Ok(store.array_names()?.iter().any(|known| known == name))
}

/// Writes the time axis of the lead days, where there are any.
fn write_lead_time_axis(store: &Store, times: &Times) -> Result<(), IoError> {
    match times.lead_days.is_empty() {
        true => Ok(()),
        false => write_time_axis(store, LEAD_TIME, LEAD_TIME_LONG_NAME, &times.lead_days),
    }
}

/// Makes a store with all its arrays, whole or not at all.
fn create(
    cube: &Path,
    window: &Window,
    layout: &StoreConfig,
    times: &Times,
) -> Result<(), CubeError> {
    let new = cube.join(FOLDER_OF_NEW);
    let failed = |action| {
        let path = new.clone();
        move |source| IoError::File {
            action,
            path,
            source,
        }
    };
    if new.exists() {
        fs::remove_dir_all(&new).map_err(failed("remove what a kill left"))?;
    }
    let coarse = coarsened(window)?;
    let title = "inputs of a soil moisture retrieval on the 1 km EASE-Grid 2.0";
    let mut store = Store::create(&new, &[("title", title)])?;
    write_grid(&store, window)?;
    write_further_grid(&store, &coarse, COARSE_ENDING)?;
    write_time_axis(&store, TIME, TIME_LONG_NAME, &times.days)?;
    write_lead_time_axis(&store, times)?;
    for variable in times.variables() {
        store.create_array(&spec(variable, window, &coarse, layout, times))?;
    }
    let window = serde_json::to_value(window).expect("plain data serialise");
    store.set_attributes(Map::from_iter([
        (WINDOW.to_owned(), window),
        (LAYOUT.to_owned(), json!(layout)),
    ]))?;
    fs::rename(&new, cube.join(FOLDER)).map_err(failed("rename"))?;
    Ok(())
}

fn spec(
    variable: &Variable,
    window: &Window,
    coarse: &Window,
    layout: &StoreConfig,
    times: &Times,
) -> ArraySpec {
    let n_maps = times.n_maps(variable) as u64;
    let axes_of = |window: &Window, y, x| [(y, window.rows() as u64), (x, window.cols() as u64)];
    let fine = axes_of(window, "y", "x");
    let coarse = axes_of(coarse, "y_9km", "x_9km");
    let (chunk, shard) = (layout.chunk_cells as u64, layout.shard_cells as u64);
    let (axes, chunk_shape, shard_shape) = match variable.axes {
        Axes::Map => (fine.to_vec(), vec![chunk; 2], Some(vec![shard; 2])),
        Axes::DailyMap | Axes::LeadMap => {
            let time = match variable.axes {
                Axes::LeadMap => LEAD_TIME,
                _ => TIME,
            };
            (
                vec![(time, n_maps), fine[0], fine[1]],
                vec![1, chunk, chunk],
                Some(vec![1, shard, shard]),
            )
        }
        Axes::DailyCoarseMap => (
            vec![(TIME, n_maps), coarse[0], coarse[1]],
            vec![1, COARSE_CHUNK_CELLS, COARSE_CHUNK_CELLS],
            None,
        ),
    };
    let mut attributes = Map::from_iter([
        ("source".to_owned(), variable.source.product().into()),
        ("resampling".to_owned(), variable.resampling.into()),
    ]);
    if variable.axes == Axes::DailyCoarseMap {
        attributes.insert(
            "grid_mapping".to_owned(),
            format!("crs{COARSE_ENDING}").into(),
        );
    }
    ArraySpec {
        shard_shape,
        units: variable.units.to_owned(),
        long_name: variable.long_name.to_owned(),
        attributes,
        ..ArraySpec::new(variable.name, DataType::F32, &axes, &chunk_shape)
    }
}
