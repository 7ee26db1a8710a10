//! `vadose retrieve` on the real granule, as a user runs it.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::fs;
use std::path::Path;

use serde_json::Value;
use vadose_tests::Run;
use vadose_tests::granule::{self, SPL2SMAP_S};
use vadose_tests::program::vadose;

/// Rows and columns of the granule's window.
const SHAPE: (usize, usize) = (207, 315);
/// Cells with soil moisture of the granule.
const PRODUCT_CELLS: u64 = 13_860;

fn retrieve(method: &str, output: &Path, more: &[&str]) -> Run {
    let granule = granule::path(SPL2SMAP_S).display().to_string();
    let output = output.display().to_string();
    let arguments = ["retrieve", "--method", method, &granule, "--out", &output];
    vadose(arguments.into_iter().chain(more.iter().copied()))
}

/// The one map of a run.
fn summary(run: Run) -> Value {
    let mut maps = run.json();
    assert_eq!(maps.as_array().unwrap().len(), 1);
    maps[0].take()
}

const SOIL: [&str; 5] = ["--clay-fraction", "0.25", "--bulk-density", "1.4", "--json"];

fn values<T: hdf5::H5Type>(file: &Path, name: &str) -> Vec<T> {
    let file = hdf5::File::open(file).unwrap();
    let dataset = file.dataset(name).unwrap();
    assert_eq!(dataset.shape(), [SHAPE.0, SHAPE.1]);
    dataset.read_raw().unwrap()
}

#[test]
fn sca_v_of_the_granules_temperatures_is_near_its_soil_moisture() {
    let folder = tempfile::tempdir().unwrap();
    let map = summary(retrieve("sca-v", folder.path(), &SOIL));
    assert_eq!(map["method"], "SCA-V");
    let counts = map["cells"].as_object().unwrap();
    let n: u64 = counts.values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(n, (SHAPE.0 * SHAPE.1) as u64);
    let product = &map["product"];
    let compared = product["n"].as_u64().unwrap() + product["not_retrieved"].as_u64().unwrap();
    assert_eq!(compared, PRODUCT_CELLS);
    // One clay and one density for all soils, and roughness by class: a few hundredths.
    assert!(product["rmsd"].as_f64().unwrap() < 0.05, "{product}");

    let netcdf = folder.path().join("soil_moisture_1km.nc");
    let moisture: Vec<f32> = values(&netcdf, "soil_moisture");
    let uncertainty: Vec<f32> = values(&netcdf, "soil_moisture_uncertainty");
    let status: Vec<u8> = values(&netcdf, "soil_moisture_status");
    for ((moisture, uncertainty), status) in moisture.iter().zip(&uncertainty).zip(&status) {
        // Codes 0, 1 and 2 come with a value, a bound (2) without an uncertainty.
        assert_eq!(moisture.is_finite(), *status <= 2);
        assert_eq!(uncertainty.is_finite(), *status <= 1);
    }
    for (code, name) in [(0, "retrieved"), (2, "retrieved_at_bound")] {
        let n = status.iter().filter(|&&status| status == code).count();
        assert_eq!(
            counts.get(name).map_or(0, |n| n.as_u64().unwrap()),
            n as u64
        );
    }
    for name in [
        "soil_moisture_1km.tif",
        "soil_moisture_9km.nc",
        "soil_moisture_status_1km.tif",
    ] {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
    assert_eq!(map["files"].as_array().unwrap().len(), 4);
}

#[test]
fn with_the_granules_covariation_the_disaggregation_is_nasas() {
    let folder = tempfile::tempdir().unwrap();
    let plain = summary(retrieve("sca-v", folder.path(), &SOIL));
    let more = [&SOIL[..], &["--covariation", "granule"]].concat();
    let again = summary(retrieve("active-passive", folder.path(), &more));
    // The granule's temperatures, averaged to 9 km and spread again by its own parameters, are its
    // temperatures: the statistics of what follows from both must agree.
    assert_eq!(again["method"], "active-passive, SCA-V");
    for name in ["bias", "rmsd"] {
        let [a, b] = [&plain, &again].map(|map| map["product"][name].as_f64().unwrap());
        assert!((a - b).abs() < 2e-3, "{name}: {a} and {b}");
    }
    let own = summary(retrieve("active-passive", folder.path(), &SOIL));
    assert!(own["product"]["n"].as_u64().unwrap() > PRODUCT_CELLS / 2);
    let uncertainty = |map: &Value| map["median_uncertainty"].as_f64().unwrap();
    assert!(
        uncertainty(&own) > uncertainty(&plain),
        "speckle adds to it"
    );
}

#[test]
fn a_raster_gives_the_clay_of_each_cell() {
    let folder = tempfile::tempdir().unwrap();
    // Two by one pixels around the granule: sand in the west, clay in the east.
    let grid =
        "ncols 2\nnrows 1\nxllcorner 5\nyllcorner 33\ncellsize 6\nNODATA_value -9\n0.05 0.45\n";
    fs::write(folder.path().join("clay.asc"), grid).unwrap();
    fs::write(folder.path().join("clay.prj"), WGS84).unwrap();
    let clay = folder.path().join("clay.asc").display().to_string();
    let arguments = ["--clay-fraction", &clay, "--bulk-density", "1.4", "--json"];
    let of_raster = summary(retrieve("sca-v", &folder.path().join("a"), &arguments));
    let of_number = summary(retrieve("sca-v", &folder.path().join("b"), &SOIL));
    // Other clay may put a cell at a bound, but takes none away.
    let without_value = |map: &Value| {
        let mut cells = map["cells"].as_object().unwrap().clone();
        cells.retain(|name, _| !name.starts_with("retrieved"));
        cells
    };
    assert_eq!(without_value(&of_raster), without_value(&of_number));
    assert_ne!(of_raster["product"]["bias"], of_number["product"]["bias"]);
}

const WGS84: &str = r#"GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]"#;

#[test]
fn what_the_granule_lacks_must_be_given_and_possible() {
    let folder = tempfile::tempdir().unwrap();
    let run = retrieve("sca-v", folder.path(), &["--clay-fraction", "0.2"]);
    let message = run.message(2);
    assert!(message.contains("--bulk-density"), "{message}");
    let percent = ["--clay-fraction", "20", "--bulk-density", "1.4"];
    let run = retrieve("active-passive", folder.path(), &percent);
    let message = run.message(2);
    assert!(message.contains("clay_fraction is 20"), "{message}");
    let no_raster = ["--clay-fraction", "none.tif", "--bulk-density", "1.4"];
    let run = retrieve("sca-v", folder.path(), &no_raster);
    assert!(run.message(1).contains("none.tif"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
