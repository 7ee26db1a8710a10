//! Any bytes as a zip of station files, within limits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vadose_io::ismn::{Archive, ArchiveLimits, ReadOptions};

/// More than any file of the seeds, and little enough that a bomb is no work.
const LIMITS: ArchiveLimits = ArchiveLimits {
    file_bytes: 1 << 20,
    total_bytes: 16 << 20,
};

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("archive.zip");
    std::fs::write(&path, bytes).expect("room for a small file");
    let Ok(archive) = Archive::open_within(&path, LIMITS) else {
        return;
    };
    let _ = archive.duplicates();
    for info in archive.series() {
        if let Ok(series) = archive.read(info, &ReadOptions::default()) {
            assert_eq!(series.info.path, info.path);
        }
        let _ = archive.static_variables(info);
    }
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("the folder is still there")
        .collect();
    assert_eq!(left.len(), 1, "reading leaves nothing behind");
});
