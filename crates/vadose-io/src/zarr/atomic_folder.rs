//! The folder under a store: every object is a file that appears whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use zarrs::storage::byte_range::{ByteRange, ByteRangeIterator};
use zarrs::storage::{
    Bytes, MaybeBytesIterator, OffsetBytesIterator, ReadableStorageTraits, StorageError, StoreKey,
    StorePrefix, WritableStorageTraits, store_set_partial_many,
};

use crate::{IoError, write_atomically};

/// A store in a folder, as Zarr v3 lays it out: the key is the path of the file.
///
/// zarrs' own `FilesystemStore` writes into the file in place, so that a program that is killed
/// leaves half a chunk behind; here a file is renamed into place.
#[derive(Debug)]
pub(super) struct AtomicFolder {
    root: PathBuf,
}

impl AtomicFolder {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    fn path_of(&self, key: &StoreKey) -> PathBuf {
        self.root.join(key.as_str())
    }
}

impl ReadableStorageTraits for AtomicFolder {
    fn get_partial_many<'a>(
        &'a self,
        key: &StoreKey,
        byte_ranges: ByteRangeIterator<'a>,
    ) -> Result<MaybeBytesIterator<'a>, StorageError> {
        let mut file = match File::open(self.path_of(key)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let n_bytes = file.metadata().map_err(failed)?.len();
        Ok(Some(Box::new(byte_ranges.map(move |range| {
            read_range(&mut file, n_bytes, range).map_err(failed)
        }))))
    }

    fn size_key(&self, key: &StoreKey) -> Result<Option<u64>, StorageError> {
        match fs::metadata(self.path_of(key)) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    fn supports_get_partial(&self) -> bool {
        true
    }
}

impl WritableStorageTraits for AtomicFolder {
    fn set(&self, key: &StoreKey, value: Bytes) -> Result<(), StorageError> {
        let path = self.path_of(key);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        write_atomically(&path, |temporary| {
            fs::write(temporary, &value).map_err(|source| IoError::File {
                action: "write",
                path: path.clone(),
                source,
            })
        })
        .map_err(|error| match error {
            IoError::File { source, .. } => failed(source),
            other => StorageError::Other(other.to_string()),
        })
    }

    fn set_partial_many(
        &self,
        key: &StoreKey,
        offset_values: OffsetBytesIterator<'_>,
    ) -> Result<(), StorageError> {
        store_set_partial_many(self, key, offset_values)
    }

    fn erase(&self, key: &StoreKey) -> Result<(), StorageError> {
        match fs::remove_file(self.path_of(key)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        }
    }

    fn erase_prefix(&self, prefix: &StorePrefix) -> Result<(), StorageError> {
        match fs::remove_dir_all(self.root.join(prefix.as_str())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        }
    }

    fn supports_set_partial(&self) -> bool {
        false
    }
}

fn failed(error: io::Error) -> StorageError {
    StorageError::from(Arc::new(error))
}

/// The bytes of a range, which must lie within the file: a damaged index may name any.
fn read_range(file: &mut File, n_bytes: u64, range: ByteRange) -> io::Result<Bytes> {
    let beyond = || {
        io::Error::new(
            io::ErrorKind::UnexpectedEof,
            format!("{range} lies outside the file of {n_bytes} bytes"),
        )
    };
    let (first, length) = match range {
        ByteRange::FromStart(first, None) => (first, n_bytes.checked_sub(first)),
        ByteRange::FromStart(first, length) => (first, length),
        ByteRange::Suffix(length) => (n_bytes.saturating_sub(length), Some(length)),
    };
    let length = length
        .filter(|length| first.checked_add(*length).is_some_and(|end| end <= n_bytes))
        .and_then(|length| usize::try_from(length).ok())
        .ok_or_else(beyond)?;
    let mut bytes = vec![0; length];
    file.seek(SeekFrom::Start(first))?;
    file.read_exact(&mut bytes)?;
    Ok(Bytes::from(bytes))
}
