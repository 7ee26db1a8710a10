//! `vadose simulate`: a small simulation through the program, and what it refuses.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::fs;
use std::path::Path;

use vadose_tests::program::vadose;

/// Two by two 9 km cells' worth of nothing much: 54×54 cells, three days.
const TINY: &str = r#"
output = "twin"

[simulation]
seed = 7
stations_per_tile = 64
faults = "none"

[simulation.region]
row0 = 2475
col0 = 7065
rows = 54
cols = 54

[simulation.period]
years = [2017]
days = 3
lead_days = 2

[simulation.nature]
spin_up_days = 2
"#;

fn write_config(folder: &Path, text: &str) -> String {
    let path = folder.join("twin.toml");
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn a_configuration_file_gives_an_archive_that_inspect_reads() {
    let folder = tempfile::tempdir().unwrap();
    let config = write_config(folder.path(), TINY);
    let record = vadose(["simulate", &config, "--json"]).json();
    assert_eq!(record["granules"]["GPM_3IMERGHH"], 5 * 48);
    assert_eq!(record["granules"]["SPL4SMGP"], 3 * 8);
    assert_eq!(record["configuration"]["seed"], 7);

    let twin = folder.path().join("twin");
    for part in [
        "truth.zarr/zarr.json",
        "simulation.json",
        "ancillary/srtm_elevation.tif",
    ] {
        assert!(twin.join(part).is_file(), "{part}");
    }
    let granules = fs::read_dir(twin.join("smap/SPL4SMGP/2017")).unwrap();
    let granule = granules.map(|entry| entry.unwrap().path()).min().unwrap();
    let inspection = vadose(["inspect", &granule.display().to_string(), "--json"]).json();
    assert_eq!(inspection["product"], "SPL4SMGP", "{inspection}");
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let config = write_config(folder.path(), TINY);
    let output = folder.path().join("full");
    fs::create_dir(&output).unwrap();
    fs::write(output.join("mine.txt"), "mine").unwrap();
    let output = output.display().to_string();
    let run = vadose(["simulate", &config, "--output", &output]);
    let message = run.message(2);
    assert!(
        message.contains("not empty") && message.contains(&output),
        "{message}"
    );
    assert_eq!(fs::read_dir(&output).unwrap().count(), 1);
}

#[test]
fn wrong_names_are_answered_with_the_right_ones() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("twin").display().to_string();
    let run = vadose(["simulate", "--preset", "tiny", "--output", &output]);
    let message = run.message(2);
    assert!(
        message.contains("tiny") && message.contains("small"),
        "{message}"
    );

    let config = write_config(folder.path(), &TINY.replace("row0", "row_0"));
    let run = vadose(["simulate", &config]);
    let message = run.message(2);
    assert!(
        message.contains("row_0") && message.contains("row0"),
        "{message}"
    );

    let config = write_config(folder.path(), &TINY.replace("row0 = 2475", "row0 = 2476"));
    let run = vadose(["simulate", &config]);
    let message = run.message(2);
    assert!(message.contains("9 km"), "{message}");
    assert!(!Path::new(&output).exists());
}
