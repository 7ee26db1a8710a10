//! Which granules are validated: those of one product.

use std::collections::BTreeMap;
use std::path::PathBuf;

use vadose_io::ismn::SkippedFile;
use vadose_io::{GranuleFile, GranuleList, Product};

use crate::StudyError;

/// The granules of one product, and what lay beside them.
#[derive(Debug)]
pub(super) struct ProductGranules {
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

impl ProductGranules {
    /// Finds the granules of `wanted`, or of the one product that there is.
    ///
    /// # Errors
    /// [`StudyError::Io`] for a path that is not there; [`StudyError::NoGranule`];
    /// [`StudyError::SeveralProducts`] where `wanted` has to say which.
    pub(super) fn find(arguments: &[PathBuf], wanted: Option<Product>) -> Result<Self, StudyError> {
        let found = GranuleList::find(arguments)?;
        let n_other_files = found.n_other_files + found.half_hours.files.len();
        let product = product_of(&found, wanted, n_other_files)?;
        let (mut files, mut other_products) = (Vec::new(), BTreeMap::new());
        for file in found.granules.files {
            if file.product == product {
                files.push(file);
            } else {
                *other_products.entry(file.product.to_string()).or_default() += 1;
            }
        }
        let superseded = found.granules.superseded.into_iter().map(|old| old.file);
        let superseded = superseded.filter(|file| file.product == product);
        Ok(Self {
            product,
            files,
            skipped: found.skipped,
            superseded: superseded.map(|file| file.path).collect(),
            other_products,
            n_other_files,
        })
    }
}

/// The product to validate. Brightness temperatures are none that could be.
fn product_of(
    found: &GranuleList,
    wanted: Option<Product>,
    n_other_files: usize,
) -> Result<Product, StudyError> {
    let mut counts: BTreeMap<&str, (Product, usize)> = BTreeMap::new();
    for GranuleFile { product, .. } in &found.granules.files {
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
            found: match (counts.is_empty(), found.skipped.first()) {
                (false, _) => counted(&counts),
                (true, Some(file)) => format!(
                    "{} unreadable, the first {}: {}",
                    found.skipped.len(),
                    file.path,
                    file.reason
                ),
                (true, None) => format!("{n_other_files} other files"),
            },
        }),
    }
}

fn counted(counts: &BTreeMap<&str, (Product, usize)>) -> String {
    let one = |(name, (_, n)): (&&str, &(Product, usize))| format!("{n} {name}");
    counts.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const NAMES: [&str; 3] = [
        "SMAP_L2_SM_P_E_12461_D_20170601T125914_R18290_001.h5",
        "SMAP_L2_SM_P_E_12461_D_20170601T125914_R18290_002.h5",
        "SMAP_L4_SM_gph_20170601T133000_Vv7032_001.h5",
    ];

    #[test]
    fn superseded_granules_are_those_of_the_product() {
        let folder = tempfile::tempdir().unwrap();
        for name in NAMES {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::write(folder.path().join("order.xml"), "").unwrap();
        let find = |wanted| ProductGranules::find(&[folder.path().to_path_buf()], Some(wanted));
        let list = find(Product::Spl2SmpE).unwrap();
        assert_eq!(list.files.len(), 1);
        assert!(list.files[0].path.ends_with(NAMES[1]));
        assert!(list.superseded[0].ends_with(NAMES[0]));
        assert_eq!(list.n_other_files, 1);
        assert!(find(Product::Spl4Smgp).unwrap().superseded.is_empty());
    }

    #[test]
    fn two_products_need_a_word_of_which() {
        let folder = tempfile::tempdir().unwrap();
        for name in [NAMES[0], NAMES[2]] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let find = |wanted| ProductGranules::find(&[folder.path().to_path_buf()], wanted);
        let error = find(None).unwrap_err().to_string();
        assert!(error.contains("1 SPL2SMP_E, 1 SPL4SMGP"), "{error}");
        let list = find(Some(Product::Spl4Smgp)).unwrap();
        assert_eq!(list.files.len(), 1);
        assert_eq!(list.other_products["SPL2SMP_E"], 1);
        let error = find(Some(Product::Spl3Smp)).unwrap_err();
        assert!(matches!(error, StudyError::NoGranule { .. }), "{error}");
    }
}
