//! Granules in folders: found by their names, and of several versions the newest.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::imerg::ImergName;
use crate::ismn::SkippedFile;
use crate::{GranuleName, IoError, Product, identify};

/// A SMAP granule that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GranuleFile {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is, by its name; where that is not the name of a granule, by its content.
    pub product: Product,
    /// What its name says, if it is the name of a granule.
    pub name: Option<GranuleName>,
}

/// A half hour of IMERG that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HalfHourFile {
    /// Where it lies.
    pub path: PathBuf,
    /// What its name says.
    pub name: ImergName,
}

/// Files of which some were there in several versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest<F> {
    /// The newest version of each, in the order of product and time.
    pub files: Vec<F>,
    /// The other versions.
    pub superseded: Vec<Superseded<F>>,
}

/// A file that is there in a newer version too, or once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Superseded<F> {
    /// The file.
    pub file: F,
    /// What is used in its place.
    pub by: PathBuf,
}

/// The granules of files and folders, and what lay beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GranuleList {
    /// Granules of SMAP.
    pub granules: Newest<GranuleFile>,
    /// Half hours of IMERG.
    pub half_hours: Newest<HalfHourFile>,
    /// Files that should be granules and are not.
    pub skipped: Vec<SkippedFile>,
    /// Files in the folders that do not end as a granule does.
    pub n_other_files: usize,
}

/// Ending of SMAP granules.
const SMAP_ENDING: &str = "h5";
/// Ending of IMERG's files.
const IMERG_ENDING: &str = "HDF5";

impl GranuleList {
    /// Finds the granules among files and, by the endings `.h5` and `.HDF5`, in folders and their
    /// subfolders.
    ///
    /// Only names are read, and the content of files whose name is not that of a granule. Of files
    /// that differ in release and counter alone the newest is listed: a validated release (`R`,
    /// `V`) goes before a test release (`T`), then the later release, then the higher counter. A
    /// link to a folder is not followed.
    ///
    /// # Errors
    /// [`IoError::File`] for a path that is not there or a folder that cannot be listed.
    /// # Examples
    /// ```
    /// use vadose_io::{GranuleList, Product};
    ///
    /// let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/smap");
    /// let list = GranuleList::find(&[folder.into()])?;
    /// let products: Vec<_> = list.granules.files.iter().map(|file| file.product).collect();
    /// assert_eq!(products, [Product::Spl2SmapS, Product::Spl2Smp]);
    /// # Ok::<(), vadose_io::IoError>(())
    /// ```
    pub fn find(paths: &[PathBuf]) -> Result<Self, IoError> {
        let mut found = Found::default();
        for path in paths {
            let metadata = fs::metadata(path).map_err(|error| unreadable(path, error))?;
            if metadata.is_dir() {
                found.add_folder(path)?;
            } else {
                found.add_file(path);
            }
        }
        Ok(Self {
            granules: newest_versions(found.granules),
            half_hours: newest_versions(found.half_hours),
            skipped: found.skipped,
            n_other_files: found.n_other_files,
        })
    }
}

#[derive(Default)]
struct Found {
    granules: Vec<GranuleFile>,
    half_hours: Vec<HalfHourFile>,
    skipped: Vec<SkippedFile>,
    n_other_files: usize,
}

impl Found {
    /// A file that was named is a granule, whatever it is called; what cannot be recognised is
    /// skipped.
    fn add_file(&mut self, path: &Path) {
        let text = path.to_string_lossy();
        if path
            .extension()
            .is_some_and(|ending| ending == IMERG_ENDING)
        {
            match text.parse() {
                Ok(name) => self.half_hours.push(HalfHourFile {
                    path: path.to_path_buf(),
                    name,
                }),
                Err(error) => self.skipped.push(SkippedFile::new(path, &error)),
            }
            return;
        }
        let name: Option<GranuleName> = text.parse().ok();
        let product = match &name {
            Some(name) => Ok(name.product),
            None => identify(path),
        };
        match product {
            Ok(product) => self.granules.push(GranuleFile {
                path: path.to_path_buf(),
                product,
                name,
            }),
            Err(error) => self.skipped.push(SkippedFile::new(path, &error)),
        }
    }

    fn add_folder(&mut self, folder: &Path) -> Result<(), IoError> {
        let failed = |error| unreadable(folder, error);
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            let is_granule = |ending| ending == SMAP_ENDING || ending == IMERG_ENDING;
            // Links are files here, never folders, so that no folder is walked for ever.
            if entry.file_type().map_err(failed)?.is_dir() {
                self.add_folder(&path)?;
            } else if path.extension().is_some_and(is_granule) {
                self.add_file(&path);
            } else {
                self.n_other_files += 1;
            }
        }
        Ok(())
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> IoError {
    IoError::File {
        action: "open",
        path: path.to_path_buf(),
        source,
    }
}

/// A file whose name says what it is a version of.
trait Versioned {
    /// What all versions have in common, in the order in which files are listed.
    type Identity: Ord;
    /// Rises with newer versions.
    type Version: Ord;

    fn path(&self) -> &Path;
    /// None for a file whose name does not say.
    fn identity(&self) -> Option<Self::Identity>;
    /// None for a file whose name does not say.
    fn version(&self) -> Option<Self::Version>;
}

impl Versioned for GranuleFile {
    type Identity = (&'static str, Timestamp, String);
    /// Whether it is validated, release, counter.
    type Version = (bool, String, u16);

    fn path(&self) -> &Path {
        &self.path
    }

    fn identity(&self) -> Option<Self::Identity> {
        let name = self.name.as_ref()?;
        let origin = format!("{:?}", name.origin);
        Some((self.product.short_name(), name.start, origin))
    }

    fn version(&self) -> Option<Self::Version> {
        let name = self.name.as_ref()?;
        let is_validated = !name.release.starts_with('T');
        Some((is_validated, name.release.clone(), name.counter))
    }
}

impl Versioned for HalfHourFile {
    type Identity = Timestamp;
    type Version = String;

    fn path(&self) -> &Path {
        &self.path
    }

    fn identity(&self) -> Option<Self::Identity> {
        Some(self.name.start)
    }

    fn version(&self) -> Option<Self::Version> {
        Some(self.name.version.clone())
    }
}

/// Of files that differ in their version alone the newest, and all files whose names do not say. A
/// file that is named twice is one.
fn newest_versions<F: Versioned>(mut files: Vec<F>) -> Newest<F> {
    files.sort_by_cached_key(|file| (file.identity(), file.version(), file.path().to_path_buf()));
    files.dedup_by(|a, b| a.path() == b.path());
    let (mut newest, mut superseded) = (Vec::<F>::new(), Vec::new());
    // From the newest version down, so that the first of each identity is the one to keep.
    for file in files.into_iter().rev() {
        match newest.last() {
            Some(last) if file.identity().is_some() && file.identity() == last.identity() => {
                superseded.push(Superseded {
                    by: last.path().to_path_buf(),
                    file,
                });
            }
            _ => newest.push(file),
        }
    }
    newest.reverse();
    superseded.reverse();
    Newest {
        files: newest,
        superseded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = [
        "SMAP_L2_SM_P_E_12461_D_20170601T125914_R18290_001.h5",
        "SMAP_L2_SM_P_E_12461_D_20170601T125914_R18290_002.h5",
        "SMAP_L2_SM_P_E_12461_D_20170601T125914_T18000_009.h5",
        "SMAP_L2_SM_P_E_12476_D_20170602T133609_R18290_001.h5",
    ];

    fn touch(folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        path
    }

    fn names<F: Versioned>(files: &[F]) -> Vec<&str> {
        files
            .iter()
            .map(|file| file.path().file_name().unwrap().to_str().unwrap())
            .collect()
    }

    #[test]
    fn of_several_versions_the_newest_validated_one_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        for name in NAMES {
            touch(folder.path(), &format!("2017/06/{name}"));
        }
        touch(folder.path(), "2017/06/order.xml");
        let list = GranuleList::find(&[folder.path().to_path_buf()]).unwrap();
        assert_eq!(names(&list.granules.files), [NAMES[1], NAMES[3]]);
        assert_eq!(list.granules.superseded.len(), 2);
        for superseded in &list.granules.superseded {
            assert!(superseded.by.ends_with(NAMES[1]), "{superseded:?}");
        }
        assert_eq!(list.n_other_files, 1);
    }

    #[test]
    fn a_file_named_twice_is_read_once_and_a_copy_is_superseded() {
        let folder = tempfile::tempdir().unwrap();
        let path = touch(folder.path(), NAMES[0]);
        let list = GranuleList::find(&[path.clone(), path.clone()]).unwrap();
        assert_eq!(list.granules.files.len(), 1);
        assert!(list.granules.superseded.is_empty());
        let copy = touch(folder.path(), &format!("copies/{}", NAMES[0]));
        let list = GranuleList::find(&[path, copy]).unwrap();
        assert_eq!(list.granules.files.len(), 1);
        assert_eq!(list.granules.superseded.len(), 1);
    }

    #[test]
    fn half_orbits_of_two_products_are_no_versions_of_each_other() {
        let folder = tempfile::tempdir().unwrap();
        touch(folder.path(), NAMES[0]);
        touch(folder.path(), &NAMES[0].replace("_P_E_", "_P_"));
        let list = GranuleList::find(&[folder.path().to_path_buf()]).unwrap();
        let products: Vec<_> = list.granules.files.iter().map(|f| f.product).collect();
        assert_eq!(products, [Product::Spl2Smp, Product::Spl2SmpE]);
    }

    #[test]
    fn half_hours_are_found_and_the_later_version_counts() {
        let folder = tempfile::tempdir().unwrap();
        let half_hour = |version: &str| {
            format!("3B-HHR.MS.MRG.3IMERG.20170601-S013000-E015959.0090.{version}.HDF5")
        };
        for name in [
            half_hour("V06B"),
            half_hour("V07B"),
            "notes.HDF5".to_owned(),
        ] {
            touch(folder.path(), &name);
        }
        let list = GranuleList::find(&[folder.path().to_path_buf()]).unwrap();
        assert_eq!(names(&list.half_hours.files), [half_hour("V07B")]);
        assert_eq!(list.half_hours.superseded.len(), 1);
        assert!(list.skipped[0].path.ends_with("notes.HDF5"));
    }

    #[test]
    fn what_is_no_granule_is_skipped_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = touch(folder.path(), "order.h5");
        let list = GranuleList::find(&[path]).unwrap();
        assert!(list.granules.files.is_empty());
        assert!(!list.skipped[0].reason.contains("order.h5"));
        let missing = GranuleList::find(&[folder.path().join("elsewhere")]);
        assert!(matches!(missing, Err(IoError::File { .. })));
    }
}
