//! Writing a file so that it is either whole or not there.

use std::fs::{self, File};
use std::path::Path;

use crate::IoError;

/// Beginning of the names of folders with unfinished files.
const UNFINISHED: &str = ".writing-";

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
        .prefix(UNFINISHED)
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

/// Removes what writers that were killed have left in a folder and below it: unfinished files, in
/// folders of their own.
///
/// Not while a writer is at work there, whose file would go as well.
///
/// # Errors
/// [`IoError::File`] if a folder cannot be listed or removed.
pub fn remove_unfinished(folder: impl AsRef<Path>) -> Result<(), IoError> {
    let folder = folder.as_ref();
    let failed = |source| IoError::File {
        action: "remove unfinished files",
        path: folder.to_path_buf(),
        source,
    };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !entry.file_type().map_err(failed)?.is_dir() {
            continue;
        }
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(UNFINISHED.as_bytes())
        {
            fs::remove_dir_all(entry.path()).map_err(failed)?;
        } else {
            remove_unfinished(entry.path())?;
        }
    }
    Ok(())
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

    #[test]
    fn what_a_kill_left_goes_and_all_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("a/b");
        fs::create_dir_all(below.join(".writing-x")).unwrap();
        put(&below.join(".writing-x/map.nc"), "half").unwrap();
        put(&below.join("map.nc"), "whole").unwrap();
        fs::create_dir(folder.path().join(".writing-y")).unwrap();
        remove_unfinished(folder.path()).unwrap();
        assert_eq!(names_in(&below), ["map.nc"]);
        assert_eq!(names_in(folder.path()), ["a"]);
        assert!(remove_unfinished(folder.path().join("none")).is_err());
    }
}
