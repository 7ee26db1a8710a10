//! `vadose validate`, `metrics` by station and `inspect` of archives, as a user runs them.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vadose_tests::Run;
use vadose_tests::granule::{self, SPL2SMAP_S, SPL2SMP};
use vadose_tests::program::vadose;

/// Of the recommended cells of the granule, every n-th holds a station.
const CELLS_PER_STATION: usize = 200;
/// Difference of station and granule, m3 m-3.
const BIAS: f32 = 0.01;

/// A table with stations in cells of the real granule, each drier than its cell by [`BIAS`].
fn stations(folder: &Path) -> PathBuf {
    let mut table = String::from("lon,lat,time,soil_moisture,station\n");
    let cells = granule::recommended_cells();
    for (idx, cell) in cells.iter().step_by(CELLS_PER_STATION).enumerate() {
        let (lon, lat) = (cell.lon_deg, cell.lat_deg);
        let value = cell.soil_moisture_m3m3 - BIAS;
        writeln!(table, "{lon},{lat},2015-04-10T05:00:00Z,{value},S{idx}").unwrap();
    }
    let path = folder.join("stations.csv");
    fs::write(&path, table).unwrap();
    path
}

fn run(granules: &Path, stations: &Path, more: &[&str]) -> Run {
    let [granules, stations] = [granules, stations].map(|path| path.display().to_string());
    let arguments = ["validate", &granules, "--stations", &stations];
    vadose(arguments.into_iter().chain(more.iter().copied()))
}

#[test]
fn stations_made_of_the_granule_differ_by_what_was_taken_off() {
    let folder = tempfile::tempdir().unwrap();
    let table = stations(folder.path());
    let granule = granule::path(SPL2SMAP_S);
    let output = folder.path().join("out");
    let output_text = output.display().to_string();
    let more = ["--min-samples", "1", "--json", "--output", &output_text];
    let summary = run(&granule, &table, &more).json();
    assert_eq!(summary["product"], "SPL2SMAP_S");
    assert_eq!(summary["counts"]["stations"]["scored"], 7);
    assert_eq!(summary["counts"]["samples"], 7);
    let bias = summary["skill"]["bias"]["median"].as_f64().unwrap();
    assert!((bias - f64::from(BIAS)).abs() < 1e-6, "{bias}");
    let keys: BTreeSet<&str> = summary
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "method",
        "product",
        "field",
        "grid",
        "quality_flag",
        "counts",
        "skill",
        "stations",
        "skipped_granules",
        "skipped_station_files",
        "superseded_granules",
        "provenance",
    ];
    assert_eq!(keys, BTreeSet::from(expected));

    let written: Value =
        serde_json::from_slice(&fs::read(output.join("summary.json")).unwrap()).unwrap();
    assert_eq!(written, summary);
    let samples = fs::read_to_string(output.join("samples.csv")).unwrap();
    assert_eq!(samples.lines().count(), 1 + 7);
    let header = samples.lines().next().unwrap();
    assert!(header.starts_with("station,network,lat,lon,row,col,time,estimate,reference"));
    assert!(output.join("stations.csv").exists() && output.join("scatter.png").exists());
}

#[test]
fn a_damaged_granule_is_named_and_skipped_and_refused_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let table = stations(folder.path());
    let granules = folder.path().join("granules");
    fs::create_dir(&granules).unwrap();
    let whole = granule::path(SPL2SMAP_S);
    fs::copy(&whole, granules.join(SPL2SMAP_S)).unwrap();
    let damaged = SPL2SMAP_S.replace("010E36N", "013E36N");
    let bytes = fs::read(&whole).unwrap();
    fs::write(granules.join(&damaged), &bytes[..bytes.len() / 3]).unwrap();

    let summary = run(&granules, &table, &["--json"]);
    assert!(summary.stderr.contains(&damaged), "{summary:#?}");
    assert!(
        summary.stderr.contains("1 files were skipped"),
        "{summary:#?}"
    );
    let summary = summary.json();
    assert_eq!(summary["counts"]["granules"], 1);
    assert_eq!(summary["counts"]["granules_skipped"], 1);
    let skipped = &summary["skipped_granules"][0];
    assert!(skipped["path"].as_str().unwrap().ends_with(&damaged));
    assert!(!skipped["reason"].as_str().unwrap().is_empty());

    let output = folder.path().join("out");
    let output_text = output.display().to_string();
    let refused = run(&granules, &table, &["--strict", "--output", &output_text]);
    assert!(refused.message(1).contains(&damaged), "{refused:#?}");
    assert_eq!(refused.stdout, "");
    assert!(!output.exists());

    let none = run(&granules.join(&damaged), &table, &[]);
    assert!(none.message(1).contains("none of 1 granules can be read"));
}

#[test]
fn what_cannot_be_compared_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let table = stations(folder.path());
    let (scene, orbit) = (granule::path(SPL2SMAP_S), granule::path(SPL2SMP));
    let message = |run: Run, code: i32| run.message(code).to_owned();

    let wrong_field = run(&scene, &table, &["--field", "tb_v"]);
    assert!(message(wrong_field, 2).contains("it has soil_moisture"));
    let wrong_window = run(&scene, &table, &["--window-hours", "-1"]);
    assert!(!message_or_usage(&wrong_window).is_empty());
    // The orbit is of another year and continent.
    let apart = run(&orbit, &table, &[]);
    assert!(message(apart, 1).contains("7 in no granule"));
    let both = scene.parent().unwrap();
    let several = run(both, &table, &[]);
    assert!(message(several, 2).contains("--product"));
    let narrow = run(&scene, &table, &["--window-hours", "0.1"]);
    assert!(message(narrow, 1).contains("7 no station value at these times"));
    let missing = run(&scene, &folder.path().join("no.zip"), &[]);
    assert!(message(missing, 1).contains("no.zip"));
}

/// clap's own complaints begin as ours do, but have several lines.
fn message_or_usage(run: &Run) -> &str {
    assert_eq!(run.code, Some(2), "{run:#?}");
    &run.stderr
}

#[test]
fn metrics_by_station_and_in_time_give_intervals_and_a_summary() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from("site,when,a,b\n");
    for day in 1..=20 {
        for (site, factor) in [("dry", 0.9), ("even", 0.8), ("moist", 0.7), ("wet", 0.6)] {
            let wave = 0.05 * f64::from(day * day % 7) / 7.0;
            let (a, b) = (0.12 + wave, 0.1 + factor * wave);
            writeln!(text, "{site},2017-06-{day:02} 12:00,{a},{b}").unwrap();
        }
    }
    let path = folder.path().join("table.csv");
    fs::write(&path, text).unwrap();
    let path = path.display().to_string();
    let plain = [
        "metrics",
        &path,
        "--estimate",
        "a",
        "--reference",
        "b",
        "--json",
    ];
    let with = |more: &[&str]| vadose(plain.iter().chain(more).copied());

    assert_eq!(with(&[]).json()["n"], 80);
    let all = with(&["--station", "site", "--time", "when"]).json();
    assert_eq!(all["stations"][0]["station"], "dry");
    assert_eq!(all["stations"][0]["skill"]["n"], 20);
    assert!(
        all["stations"][1]["intervals"]["r"]["n_eff"]
            .as_f64()
            .unwrap()
            <= 20.0
    );
    assert_eq!(all["summary"]["stations"], 4);
    assert!(all["summary"]["bias"]["median_interval"].is_object());
    let twice = with(&["--time", "when"]);
    assert_eq!(twice.code, Some(1), "{twice:#?}"); // four rows of each time
    let unknown = with(&["--station", "name"]);
    assert!(unknown.message(2).contains("site"), "{unknown:#?}");
}

#[test]
fn inspect_knows_station_files_and_rasters() {
    let folder = tempfile::tempdir().unwrap();
    let name = "NET_NET_S_sm_0.050000_0.050000_Probe_20170601_20170630.stm";
    let series = folder.path().join(name);
    let text = "NET NET S 40.015 -105.27 1655.00 0.05 0.05 Probe\n2017/06/01 12:00 0.21 G\n";
    fs::write(&series, text).unwrap();
    for path in [folder.path(), &series] {
        let inspection = vadose(["inspect", &path.display().to_string(), "--json"]).json();
        assert_eq!(inspection["networks"]["NET"], 1);
        assert_eq!(inspection["n_observations"], 1);
    }
    let raster = granule::path("").join("../rasters/srtm_boulder_ascii_grid.tif");
    let inspection = vadose(["inspect", &raster.display().to_string(), "--json"]).json();
    assert!(inspection["rows"].as_u64().unwrap() > 0);
    assert!(inspection["pixel_type"].is_string() && inspection.get("nodata").is_some());
}
