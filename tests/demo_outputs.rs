//! The demonstration runs in one go, and other people's programs can read what it writes.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use safetensors::SafeTensors;
use serde_json::Value;
use vadose_tests::Run;
use vadose_tests::granule::{self, SPL2SMAP_S};
use vadose_tests::program::command;

/// A smoke limit, not evidence: the network's ubRMSE over that of the coarse field it was given.
const MAX_UBRMSE_RATIO: f64 = 0.6;
/// Recommended cells, and those of them that train, validate and are withheld.
const CELLS: [(&str, u64); 4] = [
    ("recommended", 1_235),
    ("train", 210),
    ("validation", 90),
    ("withheld", 935),
];
/// What every output says, beside what it shows.
const DISCLAIMER: &str = "no statement of accuracy";

/// The folder of one run, which all tests here read.
fn demo() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo");
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        let _ = Run::of(command().arg("demo").arg("--output").arg(&folder)).succeeded();
        folder
    })
}

fn summary() -> Value {
    serde_json::from_str(&fs::read_to_string(demo().join("summary.json")).unwrap()).unwrap()
}

fn ubrmse(table: &Value, method: &str) -> f64 {
    table[method]["ubrmse"]
        .as_f64()
        .unwrap_or_else(|| panic!("no ubrmse of {method} in {table}"))
}

#[test]
fn all_files_are_there_and_no_other() {
    let mut names: Vec<_> = fs::read_dir(demo())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let wanted = [
        "config.toml",
        "learning_curve.png",
        "maps.png",
        "model.safetensors",
        "scatter.png",
        "soil_moisture_1km.nc",
        "soil_moisture_1km.tif",
        "soil_moisture_9km.nc",
        "summary.json",
    ];
    assert_eq!(names, wanted);
}

#[test]
fn the_summary_counts_the_cells_of_the_granule() {
    let summary = summary();
    for (name, wanted) in CELLS {
        assert_eq!(
            summary["cells"][name].as_u64(),
            Some(wanted),
            "{name}: {}",
            summary["cells"]
        );
    }
}

#[test]
fn the_network_beats_the_coarse_field_it_was_given_on_the_same_withheld_cells() {
    let skill = &summary()["skill"];
    let table = &skill["withheld_cells"];
    let methods = [
        "network",
        "ridge",
        "coarse_nearest",
        "coarse_bilinear",
        "training_mean",
    ];
    for method in methods {
        assert_eq!(
            table[method]["n"], table["network"]["n"],
            "{method} was judged on other cells"
        );
    }
    assert!(table["network"]["n"].as_u64().unwrap() > 900, "{table}");
    let coarse = ubrmse(table, "coarse_nearest").min(ubrmse(table, "coarse_bilinear"));
    let ratio = ubrmse(table, "network") / coarse;
    assert!(
        ratio <= MAX_UBRMSE_RATIO,
        "ubRMSE of the network over that of Z: {ratio:.3}"
    );
    // Whole 9 km cells held out: reported, with no limit.
    assert!(ubrmse(&skill["withheld_m09_cells"], "network").is_finite());
}

#[test]
fn the_summary_tells_time_memory_and_origin() {
    let summary = summary();
    let phases = summary["phases"].as_array().unwrap();
    assert!(
        phases.iter().any(|phase| phase["name"] == "train"),
        "{phases:?}"
    );
    assert!(
        phases
            .iter()
            .all(|phase| phase["seconds"].as_f64().is_some()),
        "{phases:?}"
    );
    assert!(summary["peak_memory_bytes"].as_u64().unwrap() > 10_000_000);
    assert!(summary["note"].as_str().unwrap().contains(DISCLAIMER));
    let origin = summary["provenance"].to_string();
    // Name and checksum of the input (the latter as in tests/data/SOURCE.md), and the version.
    for word in [SPL2SMAP_S, "4a26528216094eba", env!("CARGO_PKG_VERSION")] {
        assert!(origin.contains(word), "{word} is not in {origin}");
    }
}

#[test]
fn the_model_carries_channels_and_disclaimer() {
    let model = fs::read(demo().join("model.safetensors")).unwrap();
    let (_, header) = SafeTensors::read_metadata(&model).unwrap();
    let metadata = format!("{:?}", header.metadata());
    for word in ["overpass_time_difference", "sigma0_vv", DISCLAIMER] {
        assert!(metadata.contains(word), "{word} is not in {metadata}");
    }
}

#[test]
fn the_configuration_is_complete_and_reads_back() {
    let text = fs::read_to_string(demo().join("config.toml")).unwrap();
    let config: toml::Table = text.parse().unwrap();
    for key in ["seed", "network", "train"] {
        assert!(config.contains_key(key), "{text}");
    }
}

#[test]
fn gdalinfo_opens_maps() {
    for name in [
        "soil_moisture_1km.tif",
        "soil_moisture_1km.nc",
        "soil_moisture_9km.nc",
    ] {
        let run = Run::of(Command::new("gdalinfo").arg("-json").arg(demo().join(name))).json();
        let crs = run["coordinateSystem"]["wkt"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let subdatasets = run["metadata"]["SUBDATASETS"].is_object();
        assert!(crs.contains("Cylindrical") || subdatasets, "{name}: {run}");
    }
}

#[test]
fn ncdump_opens_maps() {
    for name in ["soil_moisture_1km.nc", "soil_moisture_9km.nc"] {
        let run = Run::of(Command::new("ncdump").arg("-h").arg(demo().join(name))).succeeded();
        for word in [
            "CF-1.11",
            "grid_mapping",
            "lambert_cylindrical_equal_area",
            DISCLAIMER,
        ] {
            assert!(
                run.stdout.contains(word),
                "{name} lacks {word}:\n{}",
                run.stdout
            );
        }
    }
}

#[test]
fn xarray_rasterio_and_the_granule_agree_on_every_cell() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    let python = xtask::python::environment_of_file(&folder.join("requirements.txt")).unwrap();
    let mut check = Command::new(python);
    check
        .arg(folder.join("check_outputs.py"))
        .arg(demo())
        .arg(granule::path(SPL2SMAP_S));
    // The wheels bring their own PROJ and GDAL data; another's would not fit.
    for variable in ["PROJ_DATA", "PROJ_LIB", "GDAL_DATA"] {
        check.env_remove(variable);
    }
    println!("{}", Run::of(&mut check).succeeded().stdout);
}
