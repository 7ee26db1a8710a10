//! Writing a file so that it is either whole or not there.

use std::fs::{self, File};
use std::path::Path;

use crate::IoError;

/// Lets `write` make a file under a temporary name, then renames it to `path`.
///
/// The temporary file lies in a folder of its own beside `path`, on the same file system, so the
/// rename is atomic: readers see the old file or the new one. The bytes are flushed to disk
/// before. If `write` fails or panics, the temporary folder goes, with whatever side files the
/// writing library left in it, and a file that was at `path` stays as it was.
///
/// # Errors
/// Whatever `write` returns; [`IoError::File`] if the folder of `path` does not exist or cannot
/// be written to, or if `write` made no file.
/// # Examples
/// ```
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("skill.json");
/// vadose_io::write_atomically(&path, |temporary| {
///     std::fs::write(temporary, "{}").map_err(|source| vadose_io::IoError::File {
///         action: "write",
///         path: temporary.to_path_buf(),
///         source,
///     })
/// })?;
/// assert_eq!(std::fs::read_to_string(&path).unwrap(), "{}");
/// # Ok::<(), vadose_io::IoError>(())
/// ```
pub fn write_atomically<T, E: From<IoError>>(
    path: impl AsRef<Path>,
    write: impl FnOnce(&Path) -> Result<T, E>,
) -> Result<T, E> {
    let path = path.as_ref();
    let failed = |action| {
        move |source| IoError::File {
            action,
            path: path.to_path_buf(),
            source,
        }
    };
    let Some(name) = path.file_name() else {
        return Err(IoError::NotAFile {
            path: path.to_path_buf(),
        }
        .into());
    };
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let scratch = tempfile::Builder::new()
        .prefix(".writing-")
        .tempdir_in(folder)
        .map_err(failed("write into its folder"))?;
    let temporary = scratch.path().join(name);
    let result = write(&temporary)?;
    File::open(&temporary)
        .and_then(|file| file.sync_all())
        .map_err(failed("flush to disk"))?;
    fs::rename(&temporary, path).map_err(failed("rename the finished file"))?;
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    fn put(path: &Path, text: &str) -> Result<(), IoError> {
        fs::write(path, text).unwrap();
        Ok(())
    }

    #[test]
    fn a_finished_file_is_alone_in_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.nc");
        write_atomically(&path, |temporary| put(temporary, "new")).unwrap();
        assert_eq!(names_in(folder.path()), ["map.nc"]);
        assert_eq!(fs::read_to_string(path).unwrap(), "new");
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.nc");
        fs::write(&path, "old").unwrap();
        let result: Result<(), IoError> = write_atomically(&path, |temporary| {
            put(temporary, "half")?;
            put(&temporary.with_extension("aux"), "side file")?;
            Err(IoError::Time { seconds: f64::NAN })
        });
        assert!(result.is_err());
        assert_eq!(names_in(folder.path()), ["map.nc"]);
        assert_eq!(fs::read_to_string(path).unwrap(), "old");
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_the_file() {
        let result = write_atomically("/no/such/folder/map.nc", |temporary| put(temporary, ""));
        let message = result.unwrap_err().to_string();
        assert_eq!(
            message,
            "/no/such/folder/map.nc: cannot write into its folder"
        );
    }

    #[test]
    fn a_writer_that_makes_no_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.nc");
        let result: Result<(), IoError> = write_atomically(&path, |_| Ok(()));
        assert!(matches!(result, Err(IoError::File { .. })));
        assert!(names_in(folder.path()).is_empty());
    }
}
