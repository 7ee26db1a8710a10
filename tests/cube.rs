//! `vadose build`: a simulated archive becomes a cube, checked by other people's programs; a cube of the real
//! granules; builds that are killed, repeated, refused.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use sha2::{Digest, Sha256};
use vadose_tests::program::{command, vadose};
use vadose_tests::twin::SmallTwin;
use vadose_tests::{Run, granule};

/// An archive without faults and one with the faults of real archives, made once for all tests.
static CLEAN: LazyLock<PathBuf> = LazyLock::new(|| simulate("none"));
static FAULTY: LazyLock<PathBuf> = LazyLock::new(|| simulate("typical"));

/// Until every kind of fault has come: precipitation is missing on the 17th.
fn simulate(faults: &'static str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("build-{faults}"));
    let twin = SmallTwin {
        day: 6,
        days: 18,
        lead_days: 4,
        faults,
    };
    twin.simulate(&folder)
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Builds a cube of an archive, as the configuration says that the archive brings along.
fn build(archive: &Path, cube: &Path, options: &[&str]) -> Run {
    let config = text(&archive.join("build.toml"));
    let cube = text(cube);
    let arguments = ["build", &config, "--output", &cube];
    vadose([&arguments[..], options].concat())
}

/// Checksum of every file of the arrays.
fn data_of(cube: &Path) -> BTreeMap<String, String> {
    fn walk(folder: &Path, root: &Path, files: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = text(path.strip_prefix(root).unwrap());
            if path.is_dir() {
                walk(&path, root, files);
            } else if !name.contains("/.writing-") {
                files.insert(
                    name,
                    format!("{:x}", Sha256::digest(fs::read(&path).unwrap())),
                );
            }
        }
    }
    let mut files = BTreeMap::new();
    walk(&cube.join("cube.zarr"), cube, &mut files);
    for table in ["stations.csv", "observations.csv", "exclusions.csv"] {
        let digest = Sha256::digest(fs::read(cube.join(table)).unwrap());
        files.insert(table.to_owned(), format!("{digest:x}"));
    }
    files
}

#[test]
fn every_channel_and_station_is_what_other_programs_compute_from_the_archive() {
    let scratch = tempfile::tempdir().unwrap();
    let cube = scratch.path().join("cube");
    let record = build(&CLEAN, &cube, &["--json"]).json();
    assert_eq!(record["problems"], Value::Array(vec![]), "{record}");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    let python = xtask::python::environment_of_file(&folder.join("requirements.txt")).unwrap();
    let output = Command::new(python)
        .arg(folder.join("check_cube.py"))
        .args([&cube, &*CLEAN])
        .env_remove("PROJ_DATA")
        .env_remove("PROJ_LIB")
        .output()
        .unwrap();
    println!("{}", String::from_utf8_lossy(&output.stdout));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
}

#[test]
fn a_cubes_days_have_maps_by_physics_too() {
    let scratch = tempfile::tempdir().unwrap();
    let cube = scratch.path().join("cube");
    let _ = build(&CLEAN, &cube, &["--json"]).succeeded();
    let (cube, maps) = (text(&cube), scratch.path().join("maps"));
    let output = text(&maps);
    let retrieve = |more: &[&str]| {
        let arguments = ["retrieve", "--method", "sca-v", &cube, "--output", &output];
        vadose([&arguments[..], more].concat())
    };
    let summaries = retrieve(&["--first", "2017-06-08", "--last", "2017-06-10", "--json"]).json();
    let mut retrieved = 0;
    for (summary, day) in summaries.as_array().unwrap().iter().zip(8..) {
        let cells = summary["cells"].as_object().unwrap();
        let n: u64 = cells.values().map(|n| n.as_u64().unwrap()).sum();
        assert_eq!(n, 90 * 90, "{summary}");
        retrieved += cells.get("retrieved").map_or(0, |n| n.as_u64().unwrap());
        let folder = maps.join(format!("2017-06-{day:02}"));
        assert!(folder.join("soil_moisture_1km.nc").is_file());
    }
    assert!(retrieved > 90 * 90 / 2, "{summaries}");
    let other_year = retrieve(&["--first", "2018-01-01"]);
    let message = other_year.message(2);
    assert!(message.contains("none of these days"), "{message}");
}

#[test]
fn a_dry_run_writes_nothing_and_names_what_is_missing() {
    let scratch = tempfile::tempdir().unwrap();
    let cube = scratch.path().join("cube");
    let plan = build(&FAULTY, &cube, &["--dry-run", "--json"]).json();
    assert!(!cube.exists());
    let units = plan["units"].as_array().unwrap();
    let missing_on = |source: &str, day: &str| {
        let unit = units
            .iter()
            .find(|unit| unit["unit"]["source"] == source && unit["unit"]["day"] == day);
        !unit.unwrap()["missing"].as_array().unwrap().is_empty()
    };
    assert!(missing_on("analysis", "2017-06-13"));
    assert!(missing_on("precipitation", "2017-06-17"));
    assert!(!missing_on("analysis", "2017-06-11"));
    assert!(!missing_on("antecedent", "2017-06-03"));
    assert!(plan["bytes_estimated"].as_u64().unwrap() > 0);
    let shown = build(&FAULTY, &cube, &["--dry-run"]).succeeded();
    for line in [
        "missing: analysis on 1 of 18 days: 2017-06-13",
        "missing: precipitation on 2 of 18 days: 2017-06-17, 2017-06-18",
    ] {
        assert!(shown.stdout.contains(line), "{shown:#?}");
    }
}

#[test]
fn every_planted_fault_stands_in_the_record_and_nothing_else_is_lost() {
    let scratch = tempfile::tempdir().unwrap();
    let cube = scratch.path().join("cube");
    let run = build(&FAULTY, &cube, &["--json"]);
    assert_eq!(run.code, Some(3), "{run:#?}");
    let record: Value = serde_json::from_str(&run.stdout).unwrap();
    let problems = record["problems"].as_array().unwrap();
    let told = |path: &str| {
        problems
            .iter()
            .any(|problem| problem["path"].as_str().unwrap().ends_with(path))
    };
    let faults = fs::read(FAULTY.join("faults.json")).unwrap();
    let faults: Value = serde_json::from_slice(&faults).unwrap();
    let faults = faults["faults"].as_array().unwrap();
    let missing = record["missing"].to_string();
    let lost = record["stations"]["lost"].to_string();
    for fault in faults {
        let (kind, path) = (
            fault["kind"].as_str().unwrap(),
            fault["path"].as_str().unwrap(),
        );
        let name = path.rsplit('/').next().unwrap();
        match kind {
            "truncated_granule" | "all_fill" | "leaked_fill" => assert!(told(name), "{fault}"),
            "missing_day" => assert!(missing.contains(fault["date"].as_str().unwrap()), "{fault}"),
            "duplicate_station" => assert!(lost.contains("duplicate"), "{fault}"),
            "percent_units" => assert!(lost.contains("unit") || told(name), "{fault}"),
            "carriage_returns" => assert!(!told(name), "line ends are no fault to the reader"),
            other => panic!("a fault of kind {other} that no one looks for"),
        }
    }
    let broken = faults.iter().filter(|fault| {
        let kind = fault["kind"].as_str().unwrap();
        ["truncated_granule", "all_fill", "leaked_fill"].contains(&kind)
    });
    let granules = problems
        .iter()
        .filter(|problem| problem["source"] != "stations");
    assert_eq!(granules.count(), broken.count(), "{problems:#?}");

    let strict = build(&FAULTY, &scratch.path().join("strict"), &["--strict"]);
    let message = strict.message(1);
    assert!(
        message.contains(".h5") || message.contains(".HDF5") || message.contains(".stm"),
        "{message}"
    );
}

#[test]
fn a_build_killed_at_any_moment_goes_on_to_the_same_bytes() {
    let scratch = tempfile::tempdir().unwrap();
    let whole = scratch.path().join("whole");
    let config = text(&CLEAN.join("build.toml"));
    let start = Instant::now();
    let _ = build(&CLEAN, &whole, &[]).succeeded();
    let whole_run = start.elapsed();
    let expected = data_of(&whole);

    let mut killed = 0;
    for moment in 0..10_u32 {
        let cube = scratch.path().join(format!("killed-{moment}"));
        let mut child = command()
            .args(["--quiet", "build", &config, "--output", &text(&cube)])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(whole_run.mul_f64(f64::from(moment) / 11.0 + 0.02));
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());
        let _ = build(&CLEAN, &cube, &[]).succeeded();
        assert!(
            data_of(&cube) == expected,
            "killed at moment {moment} of 10"
        );
    }
    assert!(
        killed >= 5,
        "only {killed} builds were still at work when they were killed"
    );

    let again = build(&CLEAN, &whole, &[]).succeeded();
    assert!(again.stderr.contains("0 units written"), "{again:#?}");
    assert!(data_of(&whole) == expected);
}

#[test]
fn a_second_build_is_refused_while_the_first_is_at_work() {
    let scratch = tempfile::tempdir().unwrap();
    let cube = scratch.path().join("cube");
    let config = text(&CLEAN.join("build.toml"));
    let mut first = command()
        .args(["--quiet", "build", &config, "--output", &text(&cube)])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let lock = cube.join(".lock");
    while !lock.exists() && first.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(2));
    }
    let second = build(&CLEAN, &cube, &[]);
    let still_at_work = first.try_wait().unwrap().is_none();
    assert!(first.wait().unwrap().success());
    assert!(
        still_at_work,
        "the first build was too fast to be met at work"
    );
    assert!(second.message(1).contains("another build is at work"));
}

#[test]
fn real_granules_and_a_station_archive_make_a_cube() {
    let scratch = tempfile::tempdir().unwrap();
    let config = scratch.path().join("build.toml");
    let granules = granule::path(granule::SPL2SMAP_S);
    let stations = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../crates/vadose-io/tests/data/ismn/smosmania_header_values.zip");
    let toml = format!(
        r#"
output = "cube"
archives = [{:?}]

[[periods]]
first = "2015-04-09"
last = "2015-04-11"

[region.bbox]
west_deg = 7.0
south_deg = 35.0
east_deg = 11.0
north_deg = 37.5

[stations]
archives = [{stations:?}]
"#,
        granules.parent().unwrap()
    );
    fs::write(&config, toml).unwrap();
    let run = vadose(["build", &text(&config), "--json"]);
    assert!(matches!(run.code, Some(0 | 3)), "{run:#?}");
    let record: Value = serde_json::from_str(&run.stdout).unwrap();
    let coverage = record["coverage"].as_array().unwrap();
    let of = |name: &str| {
        let found = coverage.iter().find(|entry| entry["variable"] == name);
        found.unwrap()["share"].as_f64().unwrap()
    };
    assert!(of("sigma0_vv") > 0.0 && of("observed") > 0.0, "{record}");
    assert_eq!(of("tb_h"), 0.0, "there is no SPL2SMP_E");
    // The stations stand in France, outside the window, and that is said.
    assert_eq!(record["stations"]["kept"], 0, "{record}");
    assert!(
        record["stations"]["lost"].to_string().contains("outside"),
        "{record}"
    );
}
