//! The real granules are the ones that the expected numbers belong to.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};
use vadose_tests::granule;

/// Valid and recommended cells of the 1 km granule, counted once with h5py.
const N_RECOMMENDED: usize = 1_235;

fn data() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/data"))
}

/// Path and checksum of every file that SOURCE.md names.
fn recorded() -> BTreeMap<String, String> {
    let page = std::fs::read_to_string(data().join("SOURCE.md")).unwrap();
    page.lines()
        .filter_map(|line| line.split_once("  "))
        .filter(|(checksum, _)| checksum.len() == 64)
        .map(|(checksum, path)| (path.to_owned(), checksum.to_owned()))
        .collect()
}

#[test]
fn every_data_file_has_its_recorded_checksum() {
    let mut present = BTreeMap::new();
    for path in xtask::workspace::files_below(data()).unwrap() {
        if path.extension().is_some_and(|extension| extension != "md") {
            let name = path.strip_prefix(data()).unwrap().display().to_string();
            let digest = Sha256::digest(std::fs::read(&path).unwrap());
            present.insert(
                name,
                digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            );
        }
    }
    assert_eq!(present, recorded());
}

#[test]
fn the_granule_has_the_recommended_cells_that_the_demo_counts_on() {
    assert_eq!(granule::recommended_cells().len(), N_RECOMMENDED);
}
