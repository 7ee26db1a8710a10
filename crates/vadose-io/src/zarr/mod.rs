//! Zarr v3 stores: arrays of any rank, chunked, sharded and compressed, with CF metadata.
//!
//! ```
//! use ndarray::Array3;
//! use vadose_grid::{EaseGrid2, Window};
//! use vadose_io::zarr::{ArraySpec, DataType, Store, read_grid, write_grid, write_time_axis};
//!
//! let folder = tempfile::tempdir()?;
//! let window = Window::new(EaseGrid2::M01, 1974, 7623, 100, 120)?;
//! let days = ["2017-06-01T12:00:00Z".parse()?, "2017-06-02T12:00:00Z".parse()?];
//!
//! let store = Store::create(folder.path().join("truth.zarr"), &[("title", "an example")])?;
//! write_grid(&store, &window)?;
//! write_time_axis(&store, "time", "time of the overpass", &days)?;
//! let soil_moisture = store.create_array(&ArraySpec {
//!     units: "m3 m-3".to_string(),
//!     long_name: "volumetric soil moisture, 0 to 5 cm".to_string(),
//!     ..ArraySpec::new(
//!         "soil_moisture",
//!         DataType::F32,
//!         &[("time", 2), ("y", 100), ("x", 120)],
//!         &[1, 64, 64],
//!     )
//! })?;
//! // One day; several threads may write several days at once.
//! let day = Array3::from_elem((1, 100, 120), 0.2_f32).into_dyn();
//! soil_moisture.write(&[0, 0, 0], day.view())?;
//! store.finish()?;
//!
//! let store = Store::open(folder.path().join("truth.zarr"))?;
//! let read = store.array("soil_moisture")?.read::<f32>(&[0, 10, 10], &[2, 1, 1])?;
//! assert_eq!(read_grid(&store, EaseGrid2::M01)?, window);
//! assert_eq!(read[[0, 0, 0]], 0.2);
//! assert!(read[[1, 0, 0]].is_nan());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # An unfinished store
//! Every file of a store is written under another name, flushed to disk and renamed: none is ever
//! half there. A program that stops early leaves a store that opens: what was written is whole,
//! and a chunk that was not written reads as missing, as does one that holds nothing but missing
//! values. [`Store::finish`] adds the consolidated metadata last, so a store that has them
//! ([`Store::is_finished`]) is complete. What may lie about after a kill is an empty or unfinished
//! folder named `.writing-…`, which no reader takes for data.
//!
//! # Who can read it
//! xarray with zarr-python 3 (`xarray.open_zarr(path, decode_coords="all")`), where rioxarray finds
//! the projection. GDAL's own driver refuses the codecs of Zarr v3 in 3.6.2 and 3.10.3, which were
//! tried; from 3.13 on it is said to know shards. Chunks are compressed with Zstandard and carry a CRC-32C, so damage is an error and not a
//! value.

mod array;
mod atomic_folder;
mod axes;
mod map_store;
mod spec;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value, json};

pub use array::{Array, Element};
pub use axes::{
    lengthen_time_axis, read_grid, read_time_axis, write_further_grid, write_grid, write_time_axis,
};
pub use map_store::{MapRows, MapStore, MapVariable};
pub use spec::{ArraySpec, DataType};

use crate::{IoError, cf, write_atomically};
use atomic_folder::AtomicFolder;

/// File that describes a group or an array.
const METADATA_FILE: &str = "zarr.json";
const CONSOLIDATED: &str = "consolidated_metadata";

/// A Zarr v3 store in a folder: a root group with arrays.
///
/// It may be shared between threads. Two programs that write into one store do not see each other.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    folder: Arc<AtomicFolder>,
    attributes: Map<String, Value>,
}

impl Store {
    /// Makes a store, with its folder, and writes the attributes of its root.
    ///
    /// `Conventions` is added to the attributes.
    ///
    /// # Errors
    /// [`IoError::FolderNotEmpty`] if the folder holds anything; [`IoError::File`].
    pub fn create<K: AsRef<str>, V: AsRef<str>>(
        path: impl AsRef<Path>,
        attributes: &[(K, V)],
    ) -> Result<Self, IoError> {
        let path = path.as_ref();
        let failed = |action| {
            move |source| IoError::File {
                action,
                path: path.to_path_buf(),
                source,
            }
        };
        fs::create_dir_all(path).map_err(failed("make the folder"))?;
        let mut entries = fs::read_dir(path).map_err(failed("list the folder"))?;
        if entries.next().is_some() {
            return Err(IoError::FolderNotEmpty {
                path: path.to_path_buf(),
            });
        }
        let conventions = [("Conventions", cf::CONVENTIONS)].into_iter();
        let given = attributes.iter().map(|(k, v)| (k.as_ref(), v.as_ref()));
        let store = Self::at(
            path,
            conventions
                .chain(given)
                .map(|(name, value)| (name.to_owned(), Value::from(value)))
                .collect(),
        );
        store.write_root(None)?;
        Ok(store)
    }

    /// Opens a store, to read it or to write further chunks.
    ///
    /// # Errors
    /// [`IoError::File`] if there is no `zarr.json`; [`IoError::Zarr`] if that is not the metadata
    /// of a Zarr v3 group.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, IoError> {
        let mut store = Self::at(path.as_ref(), Map::new());
        let mut root = store.metadata("")?;
        if root["zarr_format"] != 3 || root["node_type"] != "group" {
            return Err(store.refused("/", "its `zarr.json` is not that of a Zarr v3 group"));
        }
        if let Value::Object(attributes) = root["attributes"].take() {
            store.attributes = attributes;
        }
        Ok(store)
    }

    fn at(path: &Path, attributes: Map<String, Value>) -> Self {
        Self {
            path: path.to_path_buf(),
            folder: Arc::new(AtomicFolder::new(path.to_path_buf())),
            attributes,
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Attributes of the root.
    pub fn attributes(&self) -> &Map<String, Value> {
        &self.attributes
    }

    /// Makes an array: its metadata; every value is missing until it is written.
    ///
    /// # Errors
    /// [`IoError::Zarr`] for a name that is taken or no name, for shapes that do not fit each
    /// other, or if the metadata cannot be written.
    pub fn create_array(&self, spec: &ArraySpec) -> Result<Array, IoError> {
        if self.path.join(&spec.name).join(METADATA_FILE).exists() {
            return Err(self.refused(&spec.name, "the store has an array of this name"));
        }
        let builder = spec
            .builder()
            .map_err(|reason| self.refused(&spec.name, reason))?;
        Array::create(&self.path, &self.folder, &spec.name, &builder)
    }

    /// An array of the store.
    ///
    /// # Errors
    /// [`IoError::Zarr`] if there is none of that name, or if it uses what this crate cannot read.
    pub fn array(&self, name: &str) -> Result<Array, IoError> {
        Array::open(&self.path, &self.folder, name)
    }

    /// Makes the first axis of an array longer; nothing that was written is touched, and what was
    /// not is missing.
    ///
    /// # Errors
    /// [`IoError::Zarr`] for an array without axes, for a length below that it has, and if the
    /// metadata cannot be read or written.
    pub fn lengthen(&self, name: &str, length: u64) -> Result<Array, IoError> {
        let mut metadata = self.metadata(name)?;
        let first = metadata.pointer_mut("/shape/0");
        match first.filter(|first| first.as_u64().is_some_and(|old| old <= length)) {
            Some(first) => *first = length.into(),
            None => {
                let reason = format!("its first axis cannot be lengthened to {length}");
                return Err(self.refused(name, reason));
            }
        }
        // zarrs would not write what it has read as it was: other bytes for the same array.
        self.write_metadata(name, &format!("{metadata:#}"))?;
        self.array(name)
    }

    /// Writes further attributes of the root, in place of those that it has of the same name.
    ///
    /// From here to the next [`Store::finish`] the store counts as unfinished.
    ///
    /// # Errors
    /// [`IoError::File`] if they cannot be written.
    pub fn set_attributes(&mut self, attributes: Map<String, Value>) -> Result<(), IoError> {
        self.attributes.extend(attributes);
        self.write_root(None)
    }

    /// Names of the arrays, sorted.
    ///
    /// # Errors
    /// [`IoError::File`] if the folder cannot be listed.
    pub fn array_names(&self) -> Result<Vec<String>, IoError> {
        let failed = |source| IoError::File {
            action: "list the folder",
            path: self.path.clone(),
            source,
        };
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // Folders of an interrupted write begin with a full stop.
            if !name.starts_with('.') && entry.path().join(METADATA_FILE).is_file() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// Writes the consolidated metadata: the mark that the store is complete, and one file instead
    /// of many for those who open it.
    ///
    /// To be called again after an array has been added to a finished store.
    ///
    /// # Errors
    /// [`IoError::File`] and [`IoError::Zarr`] if metadata cannot be read or written.
    pub fn finish(&self) -> Result<(), IoError> {
        let mut metadata = BTreeMap::new();
        for name in self.array_names()? {
            metadata.insert(name.clone(), self.metadata(&name)?);
        }
        self.write_root(Some(json!({
            "kind": "inline",
            "must_understand": false,
            "metadata": metadata,
        })))
    }

    /// Whether [`Store::finish`] was called.
    ///
    /// # Errors
    /// Those of [`Store::open`].
    pub fn is_finished(&self) -> Result<bool, IoError> {
        Ok(self.metadata("")?.get(CONSOLIDATED).is_some())
    }

    fn write_root(&self, consolidated: Option<Value>) -> Result<(), IoError> {
        let mut root = json!({
            "zarr_format": 3,
            "node_type": "group",
            "attributes": self.attributes,
        });
        if let Some(consolidated) = consolidated {
            root[CONSOLIDATED] = consolidated;
        }
        self.write_metadata("", &format!("{root:#}\n"))
    }

    fn write_metadata(&self, name: &str, text: &str) -> Result<(), IoError> {
        let path = self.path.join(name).join(METADATA_FILE);
        write_atomically(&path, |temporary| {
            fs::write(temporary, text).map_err(|source| IoError::File {
                action: "write",
                path: path.clone(),
                source,
            })
        })
    }

    /// The metadata of an array, or of the root where `name` is empty.
    fn metadata(&self, name: &str) -> Result<Value, IoError> {
        let path = self.path.join(name).join(METADATA_FILE);
        let bytes = fs::read(&path).map_err(|source| IoError::File {
            action: "read",
            path: path.clone(),
            source,
        })?;
        serde_json::from_slice(&bytes)
            .map_err(|error| self.refused(name, format!("damaged metadata: {error}")))
    }

    fn refused(&self, array: &str, reason: impl Into<String>) -> IoError {
        IoError::Zarr {
            path: self.path.clone(),
            array: array.to_owned(),
            reason: reason.into(),
        }
    }
}
