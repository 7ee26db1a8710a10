//! `vadose validate` against a recomputation in Python, on a small simulation.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use vadose_tests::Run;
use vadose_tests::program::vadose;

/// 108×81 cells where stations of both networks stand, so that both of ISMN's text formats and containers occur.
const TWIN: &str = r#"
output = "twin"

[simulation]
seed = 1
stations_per_tile = 128

[simulation.region]
row0 = 2826
col0 = 7380
rows = 108
cols = 81

[simulation.period]
years = [2017]
days = 30
lead_days = 1

[simulation.nature]
spin_up_days = 2
"#;

fn simulated(folder: &Path) -> PathBuf {
    let config = folder.join("twin.toml");
    fs::write(&config, TWIN).unwrap();
    let _ = vadose(["simulate", &config.display().to_string()]).succeeded();
    folder.join("twin")
}

/// The script on what `vadose validate` says of a product.
fn check(summary: &str, twin: &Path, product: &str) -> Run {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    let requirements = folder.join("requirements_validate.txt");
    let path = twin.join(format!("{product}.json"));
    fs::write(&path, summary).unwrap();
    Run::of(
        Command::new(xtask::python::environment_of_file(&requirements).unwrap())
            .arg(folder.join("check_validate.py"))
            .args([path, twin.join("smap").join(product), twin.join("ismn")])
            .env_remove("PROJ_DATA")
            .env_remove("PROJ_LIB"),
    )
}

#[test]
fn samples_skill_and_intervals_equal_those_of_pandas_and_pytesmo() {
    let scratch = tempfile::tempdir().unwrap();
    let twin = simulated(scratch.path());
    let archives = fs::read_dir(twin.join("ismn")).unwrap();
    let archives: Vec<_> = archives
        .map(|entry| entry.unwrap().path().display().to_string())
        .collect();
    assert_eq!(archives.len(), 2, "{archives:?}");
    for product in ["SPL2SMP_E", "SPL4SMGP"] {
        let granules = twin.join("smap").join(product).display().to_string();
        let mut arguments = vec!["validate", &granules, "--json", "--stations"];
        arguments.extend(archives.iter().map(String::as_str));
        let mut summary = vadose(arguments).json();
        let checked = check(&summary.to_string(), &twin, product).succeeded();
        println!("{}", checked.stdout);

        // The comparison is one: a bias that is off by a millionth does not pass.
        let stations = summary["stations"].as_array_mut().unwrap();
        let scored = stations
            .iter_mut()
            .find(|station| station["status"] == "scored");
        let bias = &mut scored.unwrap()["skill"]["bias"];
        *bias = (bias.as_f64().unwrap() + 1e-6).into();
        let refused = check(&summary.to_string(), &twin, product);
        assert!(
            refused.code == Some(1) && refused.stderr.contains("bias"),
            "{refused:#?}"
        );
    }
}
