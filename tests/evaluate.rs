//! `vadose evaluate`: from a simulated archive over a cube and two trainings to tables and maps, computed again
//! in Python.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;
use vadose_tests::Run;
use vadose_tests::program::vadose;
use vadose_tests::twin::SmallTwin;

/// A few steps: what is trained is no matter here.
const TRAINING: &str = r#"
seed = SEED
output = "run-SEED"
channels = "paper"

[data]
cube = "archive/cube"

[train]
epochs = 1
tile_size = 96
tile_overlap = 0
"#;

/// Few days, so few rows make a station.
const EVALUATION: &str = r"
seed = 3
truth_cells_per_window = 40

[evaluation]
min_rows = 5

[baselines]
ridge_penalties = [1e-2, 1.0]
";

/// A folder with `archive`, `archive/cube`, `run-1`, `run-2` and `evaluate.toml`.
static PREPARED: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("evaluate");
    let archive = SmallTwin::of_days(24).simulate(&folder);
    let write = |name: &str, content: &str| {
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        text(&path)
    };
    let _ = vadose(["build", &text(&archive.join("build.toml"))]).succeeded();
    for seed in ["1", "2"] {
        let config = TRAINING.replace("SEED", seed);
        let _ = vadose(["train", &write(&format!("train-{seed}.toml"), &config)]).succeeded();
    }
    let _ = write("evaluate.toml", EVALUATION);
    folder
});

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn evaluate(output: &Path, options: &[&str]) -> Run {
    let [cube, split, config] =
        ["archive/cube", "run-1/split.csv", "evaluate.toml"].map(|name| text(&PREPARED.join(name)));
    let output = text(output);
    let arguments = [
        "evaluate", &cube, "--split", &split, "--config", &config, "--output", &output,
    ];
    vadose([&arguments[..], options].concat())
}

/// `--model` of a network and of an ensemble.
fn models() -> [String; 2] {
    let [one, other] =
        ["run-1", "run-2"].map(|run| text(&PREPARED.join(run).join("model.safetensors")));
    [format!("unet={one}"), format!("ensemble={one},{other}")]
}

/// The script on what was written.
fn check(run: &Path) -> Run {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    let requirements = folder.join("requirements.txt");
    Run::of(
        Command::new(xtask::python::environment_of_file(&requirements).unwrap())
            .arg(folder.join("check_evaluate.py"))
            .arg(run)
            .args(["archive/cube", "archive"].map(|name| PREPARED.join(name)))
            .env_remove("PROJ_DATA")
            .env_remove("PROJ_LIB"),
    )
}

#[test]
fn figures_are_what_python_computes_from_the_samples_and_samples_what_the_cube_holds() {
    let scratch = tempfile::tempdir().unwrap();
    let run = scratch.path().join("run");
    let [unet, ensemble] = models();
    let archive = text(&PREPARED.join("archive"));
    let found = evaluate(
        &run,
        &[
            "--model", &unet, "--model", &ensemble, "--truth", &archive, "--json",
        ],
    )
    .json();
    let methods: Vec<&str> = found["comparisons"][0]["methods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["method"].as_str().unwrap())
        .collect();
    for method in [
        "spl2smp_e",
        "l4_bilinear",
        "unet",
        "ensemble",
        "ridge",
        "forest",
    ] {
        assert!(methods.contains(&method), "{methods:?}");
    }
    assert_eq!(found["scale"]["windows"], 1, "{found}");
    let challengers = &found["config"]["challengers"];
    assert_eq!(challengers, &serde_json::json!(["unet", "ensemble"]));
    println!("{}", check(&run).succeeded().stdout);

    // The comparison is one: a bias that is off by a millionth does not pass.
    let path = run.join("stations.csv");
    let table = fs::read_to_string(&path).unwrap();
    fs::write(&path, with_larger_bias(&table)).unwrap();
    let refused = check(&run);
    assert!(
        refused.code == Some(1) && refused.stderr.contains("bias"),
        "{refused:#?}"
    );

    let runs: Value = serde_json::from_slice(&fs::read(run.join("runs.json")).unwrap()).unwrap();
    assert_eq!(runs[1]["name"], "ensemble");
    for file in runs[1]["files"].as_array().unwrap() {
        let file = Path::new(file.as_str().unwrap());
        assert!(file.is_absolute() && file.is_file(), "{file:?}");
    }
    for name in [
        "scale.csv",
        "spectra.csv",
        "structure.csv",
        "strata.csv",
        "comparisons.csv",
    ] {
        assert!(fs::metadata(run.join(name)).unwrap().len() > 0, "{name}");
    }
}

/// The table with a millionth more in the first bias.
fn with_larger_bias(table: &str) -> String {
    let mut lines: Vec<String> = table.lines().map(str::to_owned).collect();
    let column = lines[0].split(',').position(|name| name == "bias").unwrap();
    let mut cells: Vec<String> = lines[1].split(',').map(str::to_owned).collect();
    let bias: f64 = cells[column].parse().unwrap();
    cells[column] = (bias + 1e-6).to_string();
    lines[1] = cells.join(",");
    lines.join("\n")
}

#[test]
fn without_truth_and_models_the_products_remain_and_a_second_run_replaces_the_first() {
    let scratch = tempfile::tempdir().unwrap();
    let run = scratch.path().join("run");
    let read = |name: &str| fs::read(run.join(name)).unwrap();
    let first = evaluate(&run, &["--no-baselines"]).succeeded();
    assert!(first.stdout.contains("everywhere, test"), "{first:#?}");
    let tables = ["skill.csv", "stations.csv", "samples.csv"].map(read);
    let _ = evaluate(&run, &["--no-baselines"]).succeeded();
    assert!(["skill.csv", "stations.csv", "samples.csv"].map(read) == tables);
    assert!(!run.join("scale.csv").exists());
    assert!(run.join("maps.zarr/l4_nearest").is_dir());
    assert!(!run.join("maps.zarr/ridge").exists());
    assert!(!run.join("maps.zarr/true_soil_moisture").exists());
}

#[test]
fn what_cannot_be_is_refused_before_any_work() {
    let scratch = tempfile::tempdir().unwrap();
    let [unet, _] = models();
    let called = |name: &str| unet.replace("unet=", &format!("{name}="));
    for (options, expected) in [
        (["--every", "0"], "every_day is 0"),
        (
            ["--model", &called("ridge")],
            "two methods of the name ridge",
        ),
        (["--model", &called("3d")], "3d"),
        (["--model", "unet"], "NAME=FILE"),
    ] {
        let refused = evaluate(&scratch.path().join("none"), &options);
        assert_eq!(refused.code, Some(2), "{refused:#?}");
        assert!(refused.stderr.contains(expected), "{refused:#?}");
    }
    // A folder without truth, and what is no model.
    let elsewhere = text(scratch.path());
    let no_truth = evaluate(&scratch.path().join("none"), &["--truth", &elsewhere]);
    assert!(
        no_truth.message(1).contains("simulation.json"),
        "{no_truth:#?}"
    );
    let no_model = format!("unet={}", text(&PREPARED.join("evaluate.toml")));
    let no_model = evaluate(&scratch.path().join("none"), &["--model", &no_model]);
    assert!(
        no_model.message(1).contains("evaluate.toml"),
        "{no_model:#?}"
    );
    let split = text(&PREPARED.join("archive/cube/stations.csv"));
    let cube = text(&PREPARED.join("archive/cube"));
    let no_split = vadose(["evaluate", &cube, "--split", &split, "--model", &unet]);
    assert!(
        no_split.message(1).contains("stations.csv"),
        "{no_split:#?}"
    );
    assert!(!scratch.path().join("none").exists());
}
