//! Maps of several times in one store, each written from north to south.

use std::path::Path;

use jiff::Timestamp;
use ndarray::{Array2, ArrayView2, Axis};
use serde_json::Value;
use vadose_grid::Window;

use super::{Array, ArraySpec, DataType, Store, write_grid, write_time_axis};
use crate::cf::SPREAD;
use crate::{IoError, Provenance};

/// Edge of what is compressed together, cells: 256 KB, some 0.1 s of a slow connection.
const CHUNK_CELLS: u64 = 256;
/// Columns of a file, one row of chunks: a map of 2,646 by 5,697 is 33 files, and only rows of one chunk wait.
const FILE_COLS: u64 = 2048;

/// A variable of a [`MapStore`]: f32, NaN where missing.
#[derive(Debug, Clone)]
pub struct MapVariable {
    /// Name: a letter, then letters, digits and underscores.
    pub name: String,
    /// What it is, in words.
    pub long_name: String,
    /// The CF standard name, where there is one.
    pub standard_name: Option<String>,
    /// CF units, `1` where dimensionless.
    pub units: String,
    /// Names of the variables that qualify this one (`ancillary_variables`).
    pub ancillary: Vec<String>,
}

impl MapVariable {
    /// Volumetric soil moisture, with its CF standard name and units.
    #[must_use]
    pub fn soil_moisture(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            long_name: "volumetric soil moisture, 0 to 5 cm".to_owned(),
            standard_name: Some("volume_fraction_of_condensed_water_in_soil".to_owned()),
            units: "m3 m-3".to_owned(),
            ancillary: Vec::new(),
        }
    }

    /// The absolute error that a method expects of its soil moisture.
    #[must_use]
    pub fn soil_moisture_spread(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            long_name: SPREAD.to_owned(),
            standard_name: None,
            units: "m3 m-3".to_owned(),
            ancillary: Vec::new(),
        }
    }
}

/// A store of maps `[time, y, x]` on one window, too large to lie in memory.
///
/// Each map is written from north to south, in bands of any height ([`MapStore::rows`]); several at once
/// where threads like. What waits to fill a row of files is at most 256 rows of a map.
/// [`MapStore::finish`] marks the store as complete.
///
/// # Examples
/// ```
/// use ndarray::Array2;
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_io::Provenance;
/// use vadose_io::zarr::{MapStore, MapVariable, Store};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("maps.zarr");
/// let window = Window::new(EaseGrid2::M01, 1692, 5301, 90, 120)?;
/// let days = ["2017-06-01T12:00:00Z".parse()?];
/// let no_inputs: [&str; 0] = [];
/// let provenance = Provenance::collect("tile_size = 256", Some(1), &no_inputs)?;
/// let variables = [MapVariable::soil_moisture("soil_moisture")];
/// let store = MapStore::create(&path, "an example", &window, &days, &variables, &provenance)?;
/// let mut rows = store.rows("soil_moisture", 0)?;
/// rows.push(Array2::from_elem((50, 120), 0.2).view())?;
/// rows.push(Array2::from_elem((40, 120), 0.3).view())?;
/// rows.finish()?;
/// store.finish()?;
///
/// let read = Store::open(&path)?.array("soil_moisture")?.read::<f32>(&[0, 49, 0], &[1, 2, 1])?;
/// assert_eq!((read[[0, 0, 0]], read[[0, 1, 0]]), (0.2, 0.3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MapStore {
    store: Store,
    arrays: Vec<Array>,
    window: Window,
    n_times: usize,
}

impl MapStore {
    /// Makes the store: coordinates, and an array for each variable, all missing.
    ///
    /// Times ascend. The provenance stands in the attributes of the root.
    ///
    /// # Errors
    /// [`IoError::FolderNotEmpty`] if the folder holds anything; [`IoError::Zarr`] for a bad or repeated
    /// name; [`IoError::File`].
    pub fn create(
        path: impl AsRef<Path>,
        title: &str,
        window: &Window,
        times: &[Timestamp],
        variables: &[MapVariable],
        provenance: &Provenance,
    ) -> Result<Self, IoError> {
        let mut attributes = vec![
            ("title".to_owned(), title.to_owned()),
            ("history".to_owned(), provenance.history()),
        ];
        attributes.extend(provenance.attributes());
        let store = Store::create(path, &attributes)?;
        write_grid(&store, window)?;
        write_time_axis(&store, "time", "time of the map", times)?;
        let (rows, cols) = (window.rows() as u64, window.cols() as u64);
        let axes = [("time", times.len() as u64), ("y", rows), ("x", cols)];
        let file_cols = cols.next_multiple_of(CHUNK_CELLS).min(FILE_COLS);
        let arrays = variables.iter().map(|variable| {
            let chunk = [1, CHUNK_CELLS, CHUNK_CELLS];
            let mut spec = ArraySpec {
                shard_shape: Some(vec![1, CHUNK_CELLS, file_cols]),
                units: variable.units.clone(),
                long_name: variable.long_name.clone(),
                standard_name: variable.standard_name.clone(),
                ..ArraySpec::new(&variable.name, DataType::F32, &axes, &chunk)
            };
            let cell_methods = Value::from("area: mean");
            spec.attributes
                .insert("cell_methods".to_owned(), cell_methods);
            if !variable.ancillary.is_empty() {
                let ancillary = Value::from(variable.ancillary.join(" "));
                spec.attributes
                    .insert("ancillary_variables".to_owned(), ancillary);
            }
            store.create_array(&spec)
        });
        Ok(Self {
            arrays: arrays.collect::<Result<_, _>>()?,
            store,
            window: *window,
            n_times: times.len(),
        })
    }

    /// Begins the map of a variable at a time.
    ///
    /// # Errors
    /// [`IoError::Zarr`] if the store has no such variable or time.
    pub fn rows(&self, variable: &str, time_idx: usize) -> Result<MapRows<'_>, IoError> {
        let found = self.arrays.iter().find(|array| array.name() == variable);
        let Some(array) = found.filter(|_| time_idx < self.n_times) else {
            return Err(self.refused(
                variable,
                format!("no such variable with time {time_idx} of {}", self.n_times),
            ));
        };
        Ok(MapRows {
            store: self,
            array,
            time_idx,
            first: 0,
            waiting: Array2::zeros((0, self.window.cols())),
        })
    }

    /// Marks the store as complete.
    ///
    /// # Errors
    /// As [`Store::finish`].
    pub fn finish(self) -> Result<(), IoError> {
        self.store.finish()
    }

    fn refused(&self, array: &str, reason: String) -> IoError {
        IoError::Zarr {
            path: self.store.path().to_path_buf(),
            array: array.to_owned(),
            reason,
        }
    }
}

/// One map that is being written; see [`MapStore::rows`].
#[derive(Debug)]
pub struct MapRows<'a> {
    store: &'a MapStore,
    array: &'a Array,
    time_idx: usize,
    /// Row of the first that waits.
    first: usize,
    waiting: Array2<f32>,
}

impl MapRows<'_> {
    /// Takes the next rows, `[row, col]` and as wide as the window, and writes the files that they fill.
    ///
    /// # Errors
    /// [`IoError::Zarr`] for rows of another width, more rows than the window has, or if a file cannot be
    /// written.
    pub fn push(&mut self, band: ArrayView2<'_, f32>) -> Result<(), IoError> {
        let (rows, cols) = self.store.window.shape();
        let reached = self.first + self.waiting.nrows() + band.nrows();
        if band.ncols() != cols || reached > rows {
            let reason = format!(
                "a band of {:?} that ends at row {reached} does not lie within {rows} x {cols}",
                band.dim()
            );
            return Err(self.store.refused(self.array.name(), reason));
        }
        self.waiting
            .append(Axis(0), band)
            .expect("the band is as wide as the window");
        let file_rows = self.array.file_shape()[1] as usize;
        let full = if reached == rows {
            self.waiting.nrows()
        } else {
            self.waiting.nrows() / file_rows * file_rows
        };
        if full == 0 {
            return Ok(());
        }
        let (done, rest) = self.waiting.view().split_at(Axis(0), full);
        let start = [self.time_idx as u64, self.first as u64, 0];
        self.array
            .write(&start, done.insert_axis(Axis(0)).into_dyn())?;
        self.waiting = rest.to_owned();
        self.first += full;
        Ok(())
    }

    /// Checks that all rows came. A map that is dropped before has the files that were full.
    ///
    /// # Errors
    /// [`IoError::Zarr`] if rows are missing.
    pub fn finish(self) -> Result<(), IoError> {
        let rows = self.store.window.rows();
        let got = self.first + self.waiting.nrows();
        if got == rows {
            return Ok(());
        }
        let reason = format!("{got} of {rows} rows were written");
        Err(self.store.refused(self.array.name(), reason))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Slice;
    use vadose_grid::EaseGrid2;

    use super::*;

    fn store(folder: &Path) -> MapStore {
        // Six rows of files that do not fill the last, nor its columns.
        let window = Window::new(EaseGrid2::M01, 900, 1800, 1300, 300).unwrap();
        let days = ["2017-06-01T12:00:00Z", "2017-06-02T12:00:00Z"].map(|day| day.parse().unwrap());
        let no_inputs: [&Path; 0] = [];
        let provenance = Provenance::collect("tile_size = 256", Some(7), &no_inputs).unwrap();
        let variables = [MapVariable::soil_moisture("soil_moisture")];
        MapStore::create(
            folder.join("maps.zarr"),
            "maps",
            &window,
            &days,
            &variables,
            &provenance,
        )
        .unwrap()
    }

    #[test]
    fn bands_of_any_height_become_the_map() {
        let folder = tempfile::tempdir().unwrap();
        let maps = store(folder.path());
        let map = Array2::from_shape_fn((1300, 300), |(row, col)| {
            if col == 5 {
                f32::NAN
            } else {
                (row * 300 + col) as f32
            }
        });
        let mut rows = maps.rows("soil_moisture", 1).unwrap();
        let mut start = 0;
        for height in [189, 200, 900, 11] {
            let band = map.slice_axis(Axis(0), Slice::from(start..start + height));
            rows.push(band).unwrap();
            start += height;
            assert!(rows.waiting.nrows() < 256, "full files are written");
        }
        rows.finish().unwrap();
        maps.finish().unwrap();
        let read = Store::open(folder.path().join("maps.zarr")).unwrap();
        assert!(read.is_finished().unwrap());
        assert_eq!(read.attributes()["seed"], "7");
        let array = read.array("soil_moisture").unwrap();
        assert_eq!(array.file_shape(), [1, 256, 512]);
        assert_eq!(array.attributes()["grid_mapping"], "crs");
        let values = array.read::<f32>(&[0, 0, 0], &[2, 1300, 300]).unwrap();
        let first = values.index_axis(Axis(0), 0);
        assert!(first.iter().all(|value| value.is_nan()), "not written");
        let second = values.index_axis(Axis(0), 1);
        for (read, value) in second.iter().zip(&map) {
            assert_eq!(read.to_bits(), value.to_bits());
        }
    }

    #[test]
    fn rows_that_do_not_fit_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let maps = store(folder.path());
        assert!(maps.rows("soil_moisture", 2).is_err());
        assert!(maps.rows("clay", 0).is_err());
        let mut rows = maps.rows("soil_moisture", 0).unwrap();
        assert!(rows.push(Array2::zeros((1, 299)).view()).is_err());
        rows.push(Array2::zeros((1299, 300)).view()).unwrap();
        assert!(rows.push(Array2::zeros((2, 300)).view()).is_err());
        let message = rows.finish().unwrap_err().to_string();
        assert!(message.contains("1299 of 1300 rows"), "{message}");
    }
}
