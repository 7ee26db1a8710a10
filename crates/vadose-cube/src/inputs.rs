//! Which input files were read, and whether they have changed.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vadose_io::{InputFile, IoError, sha256_file};

/// A file as it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Input {
    pub(crate) path: PathBuf,
    #[serde(flatten)]
    pub(crate) state: FileState,
    pub(crate) sha256: String,
}

/// What tells without reading that a file is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileState {
    bytes: u64,
    modified: Timestamp,
}

impl FileState {
    pub(crate) fn of(path: &Path) -> Result<Self, IoError> {
        let failed = |source| IoError::File {
            action: "open",
            path: path.to_path_buf(),
            source,
        };
        let metadata = fs::metadata(path).map_err(failed)?;
        let modified = metadata.modified().map_err(failed)?;
        Ok(Self {
            bytes: metadata.len(),
            // A time that no calendar shows is that of a damaged clock: it never changes.
            modified: Timestamp::try_from(modified).unwrap_or(Timestamp::UNIX_EPOCH),
        })
    }
}

impl Input {
    /// Whether size and time of modification are still those.
    pub(crate) fn is_as_it_was(&self) -> bool {
        FileState::of(&self.path).is_ok_and(|state| state == self.state)
    }

    /// As it stands in the record.
    pub(crate) fn named(&self) -> InputFile {
        let name = self.path.file_name().unwrap_or_default();
        InputFile {
            name: name.to_string_lossy().into_owned(),
            sha256: self.sha256.clone(),
        }
    }

    /// Name without folder, and content: what tells whether work must be done again.
    pub(crate) fn content(&self) -> (&std::ffi::OsStr, &str) {
        (self.path.file_name().unwrap_or_default(), &self.sha256)
    }
}

/// Checksums that are known, so that no file is read twice for its own.
#[derive(Debug, Default)]
pub(crate) struct Checksums(Mutex<HashMap<PathBuf, Input>>);

impl Checksums {
    /// Starts with what a journal knows.
    pub(crate) fn new<'a>(known: impl Iterator<Item = &'a Input>) -> Self {
        let by_path = known.map(|input| (input.path.clone(), input.clone()));
        Self(Mutex::new(by_path.collect()))
    }

    /// The file as it is now; it is read unless one of its size and time of modification is known.
    ///
    /// # Errors
    /// [`IoError::File`] if it cannot be read.
    pub(crate) fn of(&self, path: &Path) -> Result<Input, IoError> {
        // Before the reading: a change meanwhile shows in the state afterwards.
        let state = FileState::of(path)?;
        let known = self.lock().get(path).cloned();
        if let Some(known) = known.filter(|known| known.state == state) {
            return Ok(known);
        }
        let input = Input {
            path: path.to_path_buf(),
            state,
            sha256: sha256_file(path)?,
        };
        self.lock().insert(path.to_path_buf(), input.clone());
        Ok(input)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Input>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_again_only_if_its_size_or_time_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("granule.h5");
        fs::write(&path, "abc").unwrap();
        let checksums = Checksums::default();
        let first = checksums.of(&path).unwrap();
        assert!(first.sha256.starts_with("ba7816bf"));
        // Same size, and the old time put back: nobody can tell.
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, "xyz").unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(modified).unwrap();
        assert_eq!(checksums.of(&path).unwrap(), first);
        fs::write(&path, "abcd").unwrap();
        assert!(!first.is_as_it_was());
        let second = checksums.of(&path).unwrap();
        assert!(second.sha256.starts_with("88d4266f"));
        assert!(second.is_as_it_was());
        fs::remove_file(&path).unwrap();
        assert!(!second.is_as_it_was());
        assert!(checksums.of(&path).is_err());
    }
}
