//! An array of a store: reading any part, writing whole files.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ndarray::{ArrayD, ArrayViewD, Axis, Slice};
use rayon::prelude::*;
use serde_json::{Map, Value};
use zarrs::array::{ArrayBuilder, ArrayMetadataOptions, ArraySubset, CodecOptions};

use super::atomic_folder::AtomicFolder;
use super::spec::deterministic;
use crate::IoError;

/// An array of a [`Store`](super::Store).
///
/// It may be shared between threads: any of them may read, and write different regions at once.
#[derive(Debug)]
pub struct Array {
    store: PathBuf,
    name: String,
    array: zarrs::array::Array<AtomicFolder>,
    /// Shape of what one file holds.
    file_shape: Vec<u64>,
    /// For the padding beyond the array's edge.
    fill: Vec<u8>,
}

mod sealed {
    pub trait Sealed {}
}

/// A type of values that arrays hold.
pub trait Element:
    sealed::Sealed + zarrs::array::Element + zarrs::array::ElementOwned + Copy + Send + Sync
{
    #[doc(hidden)]
    fn of_bytes(bytes: &[u8]) -> Option<Self>;
    /// One bit pattern for every NaN, so that the same values are the same bytes.
    #[doc(hidden)]
    fn canonical(self) -> Self;
}

macro_rules! element {
    ($type:ty, |$value:ident| $canonical:expr) => {
        impl sealed::Sealed for $type {}
        impl Element for $type {
            fn of_bytes(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self::from_ne_bytes)
            }
            fn canonical(self) -> Self {
                let $value = self;
                $canonical
            }
        }
    };
}

element!(f32, |v| if v.is_nan() { f32::NAN } else { v });
element!(f64, |v| if v.is_nan() { f64::NAN } else { v });
element!(u8, |v| v);
element!(i16, |v| v);
element!(i64, |v| v);

impl Array {
    pub(super) fn create(
        store: &Path,
        folder: &Arc<AtomicFolder>,
        name: &str,
        builder: &ArrayBuilder,
    ) -> Result<Self, IoError> {
        let array = builder
            .build(Arc::clone(folder), &format!("/{name}"))
            .map_err(|error| refused(store, name, &error))?;
        // The version of the writing library would make files differ that hold the same.
        array
            .store_metadata_opt(&ArrayMetadataOptions::default().with_include_zarrs_metadata(false))
            .map_err(|error| refused(store, name, &error))?;
        Self::of(store, name, array)
    }

    pub(super) fn open(
        store: &Path,
        folder: &Arc<AtomicFolder>,
        name: &str,
    ) -> Result<Self, IoError> {
        let mut array = zarrs::array::Array::open(Arc::clone(folder), &format!("/{name}"))
            .map_err(|error| refused(store, name, &error))?;
        array.set_codec_specific_options(&deterministic());
        Self::of(store, name, array)
    }

    fn of(
        store: &Path,
        name: &str,
        array: zarrs::array::Array<AtomicFolder>,
    ) -> Result<Self, IoError> {
        let first = vec![0; array.dimensionality()];
        let file_shape = array
            .chunk_shape(&first)
            .map_err(|error| refused(store, name, &error))?;
        Ok(Self {
            store: store.to_path_buf(),
            name: name.to_owned(),
            file_shape: file_shape.iter().map(|length| length.get()).collect(),
            fill: array.fill_value().as_ne_bytes().to_vec(),
            array,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Length of each axis.
    pub fn shape(&self) -> &[u64] {
        self.array.shape()
    }

    /// Shape of what one file holds, the unit of writing: the shard, or the chunk where there are
    /// no shards.
    pub fn file_shape(&self) -> &[u64] {
        &self.file_shape
    }

    /// Attributes: `units`, `long_name` and what else was given.
    pub fn attributes(&self) -> &Map<String, Value> {
        self.array.attributes()
    }

    /// Reads a part of the array.
    ///
    /// # Missing values
    /// NaN in arrays of floats, [`ArraySpec::missing`](super::ArraySpec::missing) in others; so is
    /// everything that was never written.
    /// # Errors
    /// [`IoError::Zarr`] if `T` is not the array's type, if the part does not lie within the array,
    /// or if a chunk of it is damaged.
    pub fn read<T: Element>(&self, start: &[u64], shape: &[u64]) -> Result<ArrayD<T>, IoError> {
        self.check_within(start, shape)?;
        let subset = ArraySubset::new_with_start_shape(start.to_vec(), shape.to_vec())
            .map_err(|error| self.refused(&error))?;
        self.array
            .retrieve_array_subset(&subset)
            .map_err(|error| self.refused(&error))
    }

    /// Writes a part of the array: whole files only, each compressed and written by one thread.
    ///
    /// The part begins at multiples of [`file_shape`](Self::file_shape) and ends there or at the
    /// array's edge. So no file is ever read to be changed, and several threads (or programs) may
    /// write different parts at once. The same values give the same bytes.
    ///
    /// # Errors
    /// [`IoError::Zarr`] if `T` is not the array's type, if the part is not made of whole files, or
    /// if a file cannot be written. Files of the part that were written before stay.
    pub fn write<T: Element>(
        &self,
        start: &[u64],
        values: ArrayViewD<'_, T>,
    ) -> Result<(), IoError> {
        let shape: Vec<u64> = values.shape().iter().map(|&length| length as u64).collect();
        self.check_within(start, &shape)?;
        let files = self.files_of(start, &shape)?;
        let fill = T::of_bytes(&self.fill).ok_or_else(|| {
            self.refused(&format!(
                "the values are {}, not {}",
                self.array.data_type().name_v3().unwrap_or_default(),
                std::any::type_name::<T>()
            ))
        })?;
        let one_thread = CodecOptions::default().with_concurrent_target(1);
        files.into_par_iter().try_for_each(|file| {
            let mut part = values.view();
            let mut content = ArrayD::from_elem(self.file_shape_usize(), fill);
            let mut inside = content.view_mut();
            for (axis, (&idx, &length)) in file.iter().zip(&self.file_shape).enumerate() {
                let first = (idx * length - start[axis]) as usize;
                let end = (first + length as usize).min(values.len_of(Axis(axis)));
                part.slice_axis_inplace(Axis(axis), Slice::from(first..end));
                inside.slice_axis_inplace(Axis(axis), Slice::from(..end - first));
            }
            inside.zip_mut_with(&part, |place, value| *place = value.canonical());
            self.array
                .store_chunk_opt(&file, content, &one_thread)
                .map_err(|error| self.refused(&error))
        })
    }

    fn file_shape_usize(&self) -> Vec<usize> {
        self.file_shape.iter().map(|&n| n as usize).collect()
    }

    /// Indices of the files that make up a region.
    fn files_of(&self, start: &[u64], shape: &[u64]) -> Result<Vec<Vec<u64>>, IoError> {
        let mut files = vec![Vec::new()];
        for (axis, &file) in self.file_shape.iter().enumerate() {
            let end = start[axis] + shape[axis];
            let at_end = end.is_multiple_of(file) || end == self.shape()[axis];
            if !start[axis].is_multiple_of(file) || !at_end {
                return Err(self.refused(&format!(
                    "{} to {end} along axis {axis} are not whole files of {file}",
                    start[axis]
                )));
            }
            let along: Range<u64> = start[axis] / file..end.div_ceil(file);
            files = files
                .iter()
                .flat_map(|file| along.clone().map(move |idx| [&file[..], &[idx]].concat()))
                .collect();
        }
        Ok(files)
    }

    fn check_within(&self, start: &[u64], shape: &[u64]) -> Result<(), IoError> {
        let rank = self.shape().len();
        let within = |axis: usize| {
            start[axis]
                .checked_add(shape[axis])
                .is_some_and(|end| end <= self.shape()[axis])
        };
        if start.len() == rank && shape.len() == rank && (0..rank).all(within) {
            Ok(())
        } else {
            Err(self.refused(&format!(
                "{shape:?} from {start:?} does not lie within {:?}",
                self.shape()
            )))
        }
    }

    fn refused(&self, reason: &impl ToString) -> IoError {
        refused(&self.store, &self.name, reason)
    }
}

fn refused(store: &Path, array: &str, reason: &impl ToString) -> IoError {
    IoError::Zarr {
        path: store.to_path_buf(),
        array: array.to_owned(),
        reason: reason.to_string(),
    }
}
