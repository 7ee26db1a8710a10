//! HDF5 prints nothing of its own on stderr.
//!
//! A binary of its own: a child process inherits the files, and their locks, that other tests have open.
#![cfg(feature = "hdf5")]
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]

use std::process::Command;

use vadose_io::inspect;

#[test]
fn a_file_with_nothing_but_the_signature_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.h5");
    std::fs::write(&path, b"\x89HDF\r\n\x1a\n").unwrap();
    assert!(inspect(&path).is_err());
}

/// Runs the test above again as a process of its own, to see what it prints.
#[test]
fn hdf5_prints_nothing_of_its_own() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "a_file_with_nothing_but_the_signature_is_refused",
            "--nocapture",
        ])
        .output()
        .unwrap();
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(stdout.contains("1 passed"), "{stdout}");
    assert_eq!(stderr, "");
}
