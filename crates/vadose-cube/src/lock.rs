//! One builder at a time.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use vadose_io::IoError;

use crate::CubeError;

/// File of the lock in the folder of the cube.
const FILE: &str = ".lock";

/// Keeps other builders out of a cube while it lives, also those of other programs.
///
/// The lock is the operating system's, so it goes with its program, however that ends; the file
/// stays, and what stands in it matters only while it is locked.
#[derive(Debug)]
pub(crate) struct BuildLock {
    _file: File,
}

impl BuildLock {
    /// # Errors
    /// [`CubeError::Locked`] while another builder is at work.
    pub(crate) fn take(cube: &Path) -> Result<Self, CubeError> {
        let path = cube.join(FILE);
        let failed = |action| {
            let path = path.clone();
            move |source| IoError::File {
                action,
                path,
                source,
            }
        };
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed("open"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                // It may be taken and not signed yet.
                let _ = file.read_to_string(&mut pid);
                return Err(CubeError::Locked {
                    path: cube.to_path_buf(),
                    pid: pid.trim().parse().ok(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed("lock")(source).into()),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(failed("write"))?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_is_first_and_a_file_left_behind_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "999999999\n").unwrap();
        let first = BuildLock::take(folder.path()).unwrap();
        let refused = BuildLock::take(folder.path()).unwrap_err();
        let pid = std::process::id();
        assert!(
            matches!(refused, CubeError::Locked { pid: Some(of), .. } if of == pid),
            "{refused}"
        );
        drop(first);
        BuildLock::take(folder.path()).unwrap();
    }
}
