//! Which granules are validated: files as they are named, folders by the names of what lies in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use vadose_io::ismn::SkippedFile;
use vadose_io::{GranuleName, IoError, Product, identify};

use super::report::skipped;
use crate::StudyError;

/// A granule to read.
#[derive(Debug, Clone)]
pub(super) struct GranuleFile {
    pub(super) path: PathBuf,
    /// What its name says, if it is the name of a granule.
    pub(super) name: Option<GranuleName>,
}

/// The granules of one product, and what lay beside them.
#[derive(Debug)]
pub(super) struct GranuleList {
    pub(super) product: Product,
    /// In the order of time and name.
    pub(super) files: Vec<GranuleFile>,
    /// Files that should be granules and are not.
    pub(super) skipped: Vec<SkippedFile>,
    /// Granules that are there in a newer version too.
    pub(super) superseded: Vec<PathBuf>,
    /// Granules of products that were not asked for, by product.
    pub(super) other_products: BTreeMap<String, usize>,
    /// Files in the folders that do not end as a granule does.
    pub(super) n_other_files: usize,
}

/// Ending of granules.
const ENDING: &str = "h5";

impl GranuleList {
    /// Finds the granules of `wanted`, or of the one product that there is.
    ///
    /// # Errors
    /// [`StudyError::Io`] for a path that is not there; [`StudyError::NoGranule`];
    /// [`StudyError::SeveralProducts`] where `wanted` has to say which.
    pub(super) fn find(arguments: &[PathBuf], wanted: Option<Product>) -> Result<Self, StudyError> {
        let mut found = Found::default();
        for argument in arguments {
            let metadata = fs::metadata(argument).map_err(|error| unreadable(argument, error))?;
            if metadata.is_dir() {
                found.add_folder(argument)?;
            } else {
                found.add_file(argument);
            }
        }
        let product = found.product(wanted)?;
        let of_product = |file: &(Product, GranuleFile)| file.0 == product;
        let (files, others): (Vec<_>, Vec<_>) = found.files.into_iter().partition(of_product);
        let mut other_products = BTreeMap::new();
        for (other, _) in others {
            *other_products.entry(other.to_string()).or_default() += 1;
        }
        let files = files.into_iter().map(|(_, file)| file).collect();
        let (files, superseded) = newest_versions(files);
        Ok(Self {
            product,
            files,
            skipped: found.skipped,
            superseded,
            other_products,
            n_other_files: found.n_other_files,
        })
    }
}

#[derive(Default)]
struct Found {
    files: Vec<(Product, GranuleFile)>,
    skipped: Vec<SkippedFile>,
    n_other_files: usize,
}

impl Found {
    /// A file that was named is a granule, whatever it is called; what cannot be recognised is skipped.
    fn add_file(&mut self, path: &Path) {
        let name: Option<GranuleName> = path.to_string_lossy().parse().ok();
        let product = match &name {
            Some(name) => Ok(name.product),
            None => identify(path),
        };
        match product {
            Ok(product) => self.files.push((
                product,
                GranuleFile {
                    path: path.to_path_buf(),
                    name,
                },
            )),
            Err(error) => self.skipped.push(skipped(path, &error)),
        }
    }

    fn add_folder(&mut self, folder: &Path) -> Result<(), StudyError> {
        let failed = |error| unreadable(folder, error);
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            // Links are files here, never folders, so that no folder is walked for ever.
            if entry.file_type().map_err(failed)?.is_dir() {
                self.add_folder(&path)?;
            } else if path.extension().is_some_and(|ending| ending == ENDING) {
                self.add_file(&path);
            } else {
                self.n_other_files += 1;
            }
        }
        Ok(())
    }

    /// The product to validate. Brightness temperatures are none that could be.
    fn product(&self, wanted: Option<Product>) -> Result<Product, StudyError> {
        let mut counts: BTreeMap<&str, (Product, usize)> = BTreeMap::new();
        for (product, _) in &self.files {
            counts
                .entry(product.short_name())
                .or_insert((*product, 0))
                .1 += 1;
        }
        let of_interest = |product: Product| match wanted {
            Some(wanted) => product == wanted,
            None => product != Product::Spl1CtbE,
        };
        let mut products = counts.values().filter(|(product, _)| of_interest(*product));
        match (products.next(), products.next()) {
            (Some((product, _)), None) => Ok(*product),
            (Some(_), Some(_)) => Err(StudyError::SeveralProducts {
                found: counted(&counts),
            }),
            (None, _) => Err(StudyError::NoGranule {
                wanted: wanted.map_or("soil moisture".to_owned(), |product| product.to_string()),
                found: match (counts.is_empty(), self.skipped.first()) {
                    (false, _) => counted(&counts),
                    (true, Some(file)) => format!(
                        "{} unreadable, the first {}: {}",
                        self.skipped.len(),
                        file.path,
                        file.reason
                    ),
                    (true, None) => format!("{} other files", self.n_other_files),
                },
            }),
        }
    }
}

fn counted(counts: &BTreeMap<&str, (Product, usize)>) -> String {
    let one = |(name, (_, n)): (&&str, &(Product, usize))| format!("{n} {name}");
    counts.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn unreadable(path: &Path, source: std::io::Error) -> StudyError {
    StudyError::Io(IoError::File {
        action: "open",
        path: path.to_path_buf(),
        source,
    })
}

/// Of granules that differ in release and counter alone, the newest; then the others. A file that is named
/// twice is one.
fn newest_versions(mut files: Vec<GranuleFile>) -> (Vec<GranuleFile>, Vec<PathBuf>) {
    files.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.path.cmp(&b.path)));
    files.dedup_by(|a, b| a.path == b.path);
    let (mut newest, mut superseded) = (Vec::<GranuleFile>::new(), Vec::new());
    for file in files {
        match newest.last_mut() {
            Some(last) if is_version_of(&file, last) => {
                superseded.push(std::mem::replace(last, file).path);
            }
            _ => newest.push(file),
        }
    }
    (newest, superseded)
}

/// By time, by origin, and then by version, validated releases (`R`, `V`) behind test releases (`T`).
fn order(file: &GranuleFile) -> impl Ord + use<> {
    file.name.as_ref().map(|name| {
        let is_validated = !name.release.starts_with('T');
        let origin = format!("{:?}", name.origin);
        (
            name.start,
            origin,
            is_validated,
            name.release.clone(),
            name.counter,
        )
    })
}

fn is_version_of(a: &GranuleFile, b: &GranuleFile) -> bool {
    match (&a.name, &b.name) {
        (Some(a), Some(b)) => (a.start, &a.origin) == (b.start, &b.origin),
        _ => false,
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

    #[test]
    fn of_several_versions_the_newest_validated_one_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("2017/06");
        fs::create_dir_all(&below).unwrap();
        for name in NAMES {
            fs::write(below.join(name), "").unwrap();
        }
        fs::write(below.join("order.xml"), "").unwrap();
        let list = GranuleList::find(&[folder.path().to_path_buf()], None).unwrap();
        assert_eq!(list.product, Product::Spl2SmpE);
        let names: Vec<_> = list
            .files
            .iter()
            .map(|file| file.path.file_name())
            .collect();
        assert_eq!(names, [Some(NAMES[1].as_ref()), Some(NAMES[3].as_ref())]);
        assert_eq!(list.superseded.len(), 2);
        assert_eq!(list.n_other_files, 1);
    }

    #[test]
    fn a_file_named_twice_is_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAMES[0]);
        fs::write(&path, "").unwrap();
        let list = GranuleList::find(&[path.clone(), path], None).unwrap();
        assert_eq!((list.files.len(), list.superseded.len()), (1, 0));
    }

    #[test]
    fn two_products_need_a_word_of_which() {
        let folder = tempfile::tempdir().unwrap();
        let other = "SMAP_L4_SM_gph_20170601T133000_Vv7032_001.h5";
        for name in [NAMES[0], other] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let find = |wanted| GranuleList::find(&[folder.path().to_path_buf()], wanted);
        let error = find(None).unwrap_err().to_string();
        assert!(error.contains("1 SPL2SMP_E, 1 SPL4SMGP"), "{error}");
        let list = find(Some(Product::Spl4Smgp)).unwrap();
        assert_eq!(list.files.len(), 1);
        assert_eq!(list.other_products["SPL2SMP_E"], 1);
        let error = find(Some(Product::Spl3Smp)).unwrap_err();
        assert!(matches!(error, StudyError::NoGranule { .. }), "{error}");
    }
}
