//! `vadose study`: trainings under controls on a simulated cube, taken up where they were left.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ndarray::ArrayD;
use serde_json::Value;
use vadose_io::zarr::Store;
use vadose_tests::Run;
use vadose_tests::program::{command, vadose};
use vadose_tests::twin::SmallTwin;

/// Two steps a network: that the stages fit together is tested, not what they find.
const STUDY: &str = r#"
seed = 3
cube = "archive/cube"
truth = "archive"
output = "study"
every_day = 2
evaluate_every_day = 2
truth_cells_per_window = 20

[train]
epochs = 1
tiles_per_epoch = 2
tile_size = 96
tile_overlap = 0
evaluate_every = 1

[evaluation]
min_rows = 4
challengers = ["paper"]
resamples = 100

[scale]
resamples = 100

[baselines]
ridge_penalties = [1.0]

[[trainings]]
name = "paper"
alpha = [1e-3, 1.0]
seeds = [1, 2]

[[trainings]]
name = "l2"
station_weight = 0.0
alpha = 1.0

[[trainings]]
name = "shuffled"
alpha = "paper"
coarse = "shuffled"

[[trainings]]
name = "truth"
alpha = "paper"
coarse = "truth"

[[trainings]]
name = "context"
alpha = "paper"
channels = "context"
station_share = 0.5

[[trainings]]
name = "spread"
alpha = "paper"
spread_head = true
"#;

fn study(folder: &Path, configuration: &str) -> Run {
    let path = folder.join("study.toml");
    fs::write(&path, configuration).unwrap();
    vadose(["study", &path.display().to_string(), "--json"])
}

/// When each model of a study was written, by folder.
fn models(folder: &Path) -> BTreeMap<String, SystemTime> {
    let trainings = fs::read_dir(folder.join("study/trainings")).unwrap();
    trainings
        .map(|entry| {
            let entry = entry.unwrap();
            let model = entry.path().join("model.safetensors");
            let name = entry.file_name().into_string().unwrap();
            (name, model.metadata().unwrap().modified().unwrap())
        })
        .collect()
}

fn evaluated(folder: &Path) -> SystemTime {
    let file = folder.join("study/evaluation/evaluation.json");
    file.metadata().unwrap().modified().unwrap()
}

/// The map at 1 km that the first network of a training makes of the cube's first day.
fn map_of_first_day(folder: &Path, training: &str) -> Store {
    let of_training = |name: &&String| name.starts_with(&format!("{training}-"));
    let models = models(folder);
    let network = models.keys().find(of_training).unwrap();
    let model = folder.join(format!("study/trainings/{network}/model.safetensors"));
    let maps = folder.join(format!("maps-{training}"));
    let mut predict = command();
    predict
        .arg("predict")
        .args([model, folder.join("archive/cube")]);
    predict.args([
        "--last",
        "2017-06-01",
        "--tile-size",
        "96",
        "--overlap",
        "24",
    ]);
    let _ = Run::of(predict.arg("--output").arg(&maps)).succeeded();
    Store::open(maps.join("soil_moisture_1km.zarr")).unwrap()
}

/// The values of an array of a store.
fn values(store: &Store, name: &str) -> ArrayD<f32> {
    let array = store.array(name).unwrap();
    array.read(&[0, 0, 0], array.shape()).unwrap()
}

#[test]
fn a_study_trains_chooses_and_evaluates_once_and_again_only_what_changed() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("study");
    // Preset `context` sums the precipitation of 30 days.
    let twin = SmallTwin {
        lead_days: 30,
        ..SmallTwin::of_days(16)
    };
    let build = twin.simulate(&folder).join("build.toml");
    let _ = vadose(["build", &build.display().to_string()]).succeeded();

    let record = study(&folder, STUDY).succeeded().json();
    let networks = record["networks"].as_array().unwrap();
    let named = |name: &'static str| networks.iter().filter(move |one| one["training"] == name);
    assert_eq!((networks.len(), named("paper").count()), (8, 3));
    // The alpha of the least error at validation stations, and the others take it over.
    let error = |network: &&Value| {
        network["last_epoch"]["validation"]["rmse"]
            .as_f64()
            .unwrap()
    };
    let tried = named("paper").filter(|network| network["seed"] == 1);
    let best = tried.min_by(|a, b| error(a).total_cmp(&error(b))).unwrap();
    assert_eq!(record["alphas"]["paper"], best["alpha"]);
    for name in ["shuffled", "truth", "context", "spread"] {
        assert!(
            named(name).all(|network| network["alpha"] == best["alpha"]),
            "{name}"
        );
    }
    let train_stations = |name: &'static str| named(name).next().unwrap()["split"]["train"].clone();
    let half = train_stations("paper").as_f64().unwrap() / 2.0;
    assert!((train_stations("context").as_f64().unwrap() - half).abs() <= 2.0);
    let absent = &named("context").next().unwrap()["absent_channels"];
    assert_eq!(absent.as_array().unwrap().len(), 0, "{absent}");

    let skill = fs::read_to_string(folder.join("study/evaluation/skill.csv")).unwrap();
    for method in [
        "paper",
        "paper_ensemble",
        "l2",
        "shuffled",
        "truth",
        "context",
        "spread",
    ] {
        assert!(skill.contains(&format!(",{method},")), "{method}\n{skill}");
    }
    let table = fs::read_to_string(folder.join("study/trainings.csv")).unwrap();
    assert_eq!(table.lines().count(), 1 + 8, "{table}");
    // An ensemble has a spread, and so has one network with a spread head.
    let samples = fs::read_to_string(folder.join("study/evaluation/samples.csv")).unwrap();
    let columns = samples.lines().next().unwrap().split(',');
    let spreads: Vec<&str> = columns.filter(|name| name.ends_with("_spread")).collect();
    assert_eq!(spreads, ["paper_ensemble_spread", "spread_spread"]);

    // A map of that network has its spread beside it, wherever it has an estimate; no other has.
    assert!(
        map_of_first_day(&folder, "paper")
            .array("soil_moisture_spread")
            .is_err()
    );
    let map = map_of_first_day(&folder, "spread");
    let (estimate, spread) = (
        values(&map, "soil_moisture"),
        values(&map, "soil_moisture_spread"),
    );
    assert!(estimate.iter().any(|value| value.is_finite()));
    for (value, spread) in estimate.iter().zip(&spread) {
        assert_eq!(value.is_finite(), *spread > 0.0, "{value} ± {spread}");
    }
    let soil_moisture = map.array("soil_moisture").unwrap();
    assert_eq!(
        soil_moisture.attributes()["ancillary_variables"],
        "soil_moisture_spread"
    );

    // Nothing to do: nothing is written again.
    let (before, evaluated_before) = (models(&folder), evaluated(&folder));
    let again = study(&folder, STUDY).succeeded().json();
    assert_eq!(models(&folder), before);
    assert_eq!(evaluated(&folder), evaluated_before);
    assert_eq!(again["models"], record["models"]);

    // One training changed: it alone is trained, and the evaluation is made anew.
    let changed = STUDY.replace("station_share = 0.5", "station_share = 0.25");
    let _ = study(&folder, &changed).succeeded();
    let after = models(&folder);
    let rewritten = before.iter().filter(|(name, time)| after[*name] != **time);
    let rewritten: Vec<&String> = rewritten.map(|(name, _)| name).collect();
    assert_eq!(rewritten.len(), 1, "{rewritten:?}");
    assert!(rewritten[0].starts_with("context-"));
    assert!(evaluated(&folder) > evaluated_before);
}

#[test]
fn a_study_that_cannot_be_is_refused_before_any_work() {
    let folder = tempfile::tempdir().unwrap();
    for (wrong, named) in [
        ("[[trainings]]\nalpha = \"later\"\n", "later"),
        ("[[trainings]]\ncoarse = \"truth\"\n", "`truth`"),
        ("[[trainings]]\nstation_wait = 0.0\n", "station_weight"),
    ] {
        let run = study(folder.path(), wrong);
        let message = run.message(2);
        assert!(message.contains(named), "{wrong}: {message}");
    }
}
