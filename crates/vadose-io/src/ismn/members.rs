//! The files of an archive, whether it is a folder or a zip, and their bytes within limits.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use zip::ZipArchive;
use zip::result::ZipError;

use super::series_name::{SERIES_ENDING, strip_ending};
use crate::IoError;

/// What an archive may hold at most, so that a hostile one exhausts neither memory nor time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Bytes of one file, unpacked. 256 MiB by default: seven times an hourly series of 30 years
    /// in the longer format.
    pub file_bytes: u64,
    /// Bytes of all files of a zip, unpacked. 256 GiB by default: several times all of ISMN.
    pub total_bytes: u64,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self {
            file_bytes: 256 << 20,
            total_bytes: 256 << 30,
        }
    }
}

/// Folders below an archive: `download/archive/network/station` is four.
const MAX_FOLDER_DEPTH: usize = 8;

/// Where the files of an archive lie.
#[derive(Debug)]
pub(super) struct Members {
    path: PathBuf,
    limits: ArchiveLimits,
    container: Container,
}

#[derive(Debug)]
enum Container {
    Folder,
    Zip {
        archive: ZipArchive<SharedFile>,
        idx_of_name: HashMap<String, usize>,
    },
}

impl Members {
    /// Opens an archive; also the names of its files, `/` between folders, in alphabetic order.
    pub(super) fn open(path: &Path, limits: ArchiveLimits) -> Result<(Self, Vec<String>), IoError> {
        let metadata = fs::metadata(path).map_err(|source| file_error(path, "open", source))?;
        let (container, mut names) = if metadata.is_dir() {
            let mut names = Vec::new();
            list_folder(path, "", MAX_FOLDER_DEPTH, &mut names)?;
            (Container::Folder, names)
        } else if let (Some(folder), Some(name)) = (path.parent(), station_file_name(path)) {
            let names = vec![name.to_string()];
            return Ok((Self::folder(folder, limits), names));
        } else {
            open_zip(path, &metadata, limits)?
        };
        names.sort_unstable();
        let members = Self {
            path: path.to_path_buf(),
            limits,
            container,
        };
        Ok((members, names))
    }

    fn folder(path: &Path, limits: ArchiveLimits) -> Self {
        Self {
            path: path.to_path_buf(),
            limits,
            container: Container::Folder,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes of one file.
    pub(super) fn read(&self, name: &str) -> Result<Vec<u8>, IoError> {
        let mut bytes = Vec::new();
        match &self.container {
            Container::Folder => {
                let path = self.path.join(name);
                let failed = |source| file_error(&path, "read", source);
                let file = File::open(&path).map_err(|source| file_error(&path, "open", source))?;
                let stamp = Stamp::of(&file.metadata().map_err(failed)?);
                self.refuse_above_limit(name, stamp.n_bytes)?;
                bytes.reserve_exact(stamp.n_bytes as usize + 1);
                let n_read = (&file)
                    .take(self.limits.file_bytes + 1)
                    .read_to_end(&mut bytes);
                n_read.map_err(failed)?;
                let now = Stamp::of(&file.metadata().map_err(failed)?);
                if now != stamp || bytes.len() as u64 != stamp.n_bytes {
                    return Err(failed(changed()));
                }
            }
            Container::Zip {
                archive,
                idx_of_name,
            } => {
                let failed = |reason| self.member_error(name, reason);
                let idx = *idx_of_name
                    .get(name)
                    .ok_or_else(|| failed("there is no such file in the archive".to_string()))?;
                let mut archive = archive.clone();
                let mut member = archive
                    .by_index(idx)
                    .map_err(|error| failed(zip_reason(&error)))?;
                bytes.reserve_exact(member.size().min(self.limits.file_bytes) as usize + 1);
                // The size that the zip states may be a lie.
                let mut limited = (&mut member).take(self.limits.file_bytes + 1);
                let n_read = limited.read_to_end(&mut bytes);
                n_read.map_err(|error| failed(error.to_string()))?;
            }
        }
        self.refuse_above_limit(name, bytes.len() as u64)?;
        Ok(bytes)
    }

    fn refuse_above_limit(&self, name: &str, n_bytes: u64) -> Result<(), IoError> {
        if n_bytes <= self.limits.file_bytes {
            return Ok(());
        }
        let limit = self.limits.file_bytes;
        Err(self.member_error(
            name,
            format!("unpacked it is larger than the limit of {limit} bytes"),
        ))
    }

    fn member_error(&self, name: &str, reason: String) -> IoError {
        member_error(&self.path, name, reason)
    }
}

/// A single station file stands for an archive that holds nothing else.
fn station_file_name(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    strip_ending(name, SERIES_ENDING).map(|_| name)
}

fn member_error(archive: &Path, name: &str, reason: String) -> IoError {
    IoError::ArchiveMember {
        path: archive.to_path_buf(),
        member: name.to_string(),
        reason,
    }
}

fn file_error(path: &Path, action: &'static str, source: io::Error) -> IoError {
    IoError::File {
        action,
        path: path.to_path_buf(),
        source,
    }
}

fn zip_reason(error: &ZipError) -> String {
    match error {
        ZipError::Io(error) => error.to_string(),
        other => other.to_string(),
    }
}

/// Adds the files below a folder. Links to folders are followed, down to the same depth.
fn list_folder(
    folder: &Path,
    prefix: &str,
    depth: usize,
    names: &mut Vec<String>,
) -> Result<(), IoError> {
    let failed = |source| file_error(folder, "list", source);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        // A name that is no Unicode cannot be that of a station file.
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let path = entry.path();
        // A link that leads nowhere is no file.
        let Ok(metadata) = fs::metadata(&path) else {
            continue;
        };
        if metadata.is_file() {
            names.push(format!("{prefix}{name}"));
        } else if metadata.is_dir() && depth > 1 {
            list_folder(&path, &format!("{prefix}{name}/"), depth - 1, names)?;
        }
    }
    Ok(())
}

fn open_zip(
    path: &Path,
    metadata: &Metadata,
    limits: ArchiveLimits,
) -> Result<(Container, Vec<String>), IoError> {
    let refused = |reason: String| IoError::StationArchive {
        path: path.to_path_buf(),
        reason,
    };
    let file = SharedFile::new(path, metadata);
    let mut archive = ZipArchive::new(file).map_err(|error| match error {
        ZipError::InvalidArchive(reason) => {
            refused(format!("neither a folder nor a whole zip ({reason})"))
        }
        other => refused(zip_reason(&other)),
    })?;
    if archive.has_duplicate_names() {
        return Err(refused(
            "the zip holds two files of the same name".to_string(),
        ));
    }
    let (mut idx_of_name, mut total_bytes) = (HashMap::new(), 0_u64);
    for idx in 0..archive.len() {
        let member = archive
            .by_index_raw(idx)
            .map_err(|error| refused(format!("file {idx} of the zip: {}", zip_reason(&error))))?;
        let name = member
            .name()
            .map_err(|error| refused(format!("name {idx} of the zip: {}", zip_reason(&error))))?;
        if !stays_inside(&name) {
            let reason = "a path that leads out of the archive".to_string();
            return Err(member_error(path, &name, reason));
        }
        total_bytes = total_bytes.saturating_add(member.size());
        if total_bytes > limits.total_bytes {
            let limit = limits.total_bytes;
            return Err(refused(format!(
                "unpacked it is larger than the limit of {limit} bytes"
            )));
        }
        if member.is_file() {
            idx_of_name.insert(name.into_owned(), idx);
        }
    }
    let names = idx_of_name.keys().cloned().collect();
    Ok((
        Container::Zip {
            archive,
            idx_of_name,
        },
        names,
    ))
}

/// Nothing is unpacked to disk, but a zip with such names was made to do harm.
fn stays_inside(name: &str) -> bool {
    let has_drive = name.as_bytes().get(1) == Some(&b':');
    let is_absolute = name.starts_with(['/', '\\']) || has_drive;
    !is_absolute && !name.contains('\0') && name.split(['/', '\\']).all(|part| part != "..")
}

/// By which a file is known to be the same as before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    n_bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            n_bytes: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }
}

fn changed() -> io::Error {
    io::Error::other("the file changed while it was read")
}

/// A file of which every clone opens a handle of its own when it is first read, so that threads
/// read at different places. A clone of a file that has changed meanwhile cannot be read.
#[derive(Debug)]
struct SharedFile {
    path: Arc<Path>,
    stamp: Stamp,
    file: Option<File>,
}

impl SharedFile {
    fn new(path: &Path, metadata: &Metadata) -> Self {
        Self {
            path: Arc::from(path),
            stamp: Stamp::of(metadata),
            file: None,
        }
    }

    fn opened(&mut self) -> io::Result<&mut File> {
        let file = match self.file.take() {
            Some(file) => file,
            None => {
                let file = File::open(&self.path)?;
                if Stamp::of(&file.metadata()?) != self.stamp {
                    return Err(changed());
                }
                file
            }
        };
        Ok(self.file.insert(file))
    }
}

impl Clone for SharedFile {
    fn clone(&self) -> Self {
        Self {
            path: Arc::clone(&self.path),
            stamp: self.stamp,
            file: None,
        }
    }
}

impl Read for SharedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.opened()?.read(buffer)
    }
}

impl Seek for SharedFile {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.opened()?.seek(position)
    }
}
