//! Writing HDF5 with reproducible bytes: files made in memory, chunked datasets, exact attributes.

use std::path::Path;

use hdf5::plist::dataset_create::{AllocTime, FillTime};
use hdf5::types::{FixedAscii, OwnedDynValue, TypeDescriptor};
use hdf5::{Dataset, File, Group, H5Type, Location};
use ndarray::arr0;

/// gzip level of the real SMAP granules.
pub(crate) const DEFLATE_LEVEL: u8 = 2;
/// Growth step of a file's image in memory: most granules fit into a few.
const IMAGE_STEP_BYTES: usize = 1 << 20;
/// Longest text attribute: `flag_meanings` has some 700 bytes.
const MAX_TEXT_BYTES: usize = 1024;

/// Makes a file in memory that goes to disk in one piece when it is closed: thousands of small
/// writes cost more than the data.
pub(crate) fn create_in_memory(path: &Path) -> hdf5::Result<File> {
    File::with_options()
        .with_fapl(|access| access.core_options(IMAGE_STEP_BYTES, true))
        .create(path)
}

/// Makes a compressed dataset whose chunks take space only once they are written.
pub(crate) fn create_chunked<T: H5Type>(
    group: &Group,
    name: &str,
    shape: &[usize],
    chunk: &[usize],
    fill: Option<OwnedDynValue>,
) -> hdf5::Result<Dataset> {
    let mut builder = group
        .new_dataset::<T>()
        .shape(shape)
        .obj_track_times(false)
        .fill_time(FillTime::IfSet);
    if let Some(fill) = fill {
        builder = builder.fill_value(fill);
    }
    // HDF5 has no chunks without elements.
    if !shape.contains(&0) {
        builder = builder
            .chunk(chunk)
            .deflate(DEFLATE_LEVEL)
            .alloc_time(Some(AllocTime::Incr));
    }
    builder.create(name)
}

/// A text attribute of just the text's length.
pub(crate) fn put_text(location: &Location, name: &str, text: &str) -> hdf5::Result<()> {
    let stored = FixedAscii::<MAX_TEXT_BYTES>::from_ascii(text)
        .map_err(|error| hdf5::Error::from(error.to_string()))?;
    let exact = TypeDescriptor::FixedAscii(text.len());
    let builder = location.new_attr_builder();
    builder.with_data_as(&arr0(stored), exact).create(name)?;
    Ok(())
}

/// A scalar attribute.
pub(crate) fn put_number<T: H5Type>(
    location: &Location,
    name: &str,
    number: T,
) -> hdf5::Result<()> {
    location.new_attr::<T>().create(name)?.write_scalar(&number)
}
