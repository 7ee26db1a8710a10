//! The report of an evaluation's folder: all of it, and what remains of it where files are missing.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

mod run_folder;

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use run_folder::Truth;
use vadose_study::StudyError;
use vadose_study::report::{ReportSummary, write_report};

/// A folder that all tests of a kind copy from.
fn run(with_truth: Truth) -> tempfile::TempDir {
    static KNOWN: OnceLock<tempfile::TempDir> = OnceLock::new();
    static UNKNOWN: OnceLock<tempfile::TempDir> = OnceLock::new();
    let made = match with_truth {
        Truth::Known => &KNOWN,
        Truth::Unknown => &UNKNOWN,
    };
    let made = made.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        run_folder::write(folder.path(), with_truth);
        folder
    });
    let copy = tempfile::tempdir().unwrap();
    copy_folder(made.path(), copy.path());
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn report(run: &Path) -> (ReportSummary, String) {
    let output = run.join("report.html");
    let summary = write_report(run, &output).unwrap();
    (summary, fs::read_to_string(output).unwrap())
}

#[test]
fn a_report_shows_everything_that_the_run_holds() {
    let run = run(Truth::Known);
    let (summary, page) = report(run.path());
    assert_eq!(summary.unusable, [""; 0]);
    // One model has no learning curve, and that is all that is missing.
    assert_eq!(summary.absent.len(), 1, "{:?}", summary.absent);
    assert!(summary.absent[0].contains("history.csv: the learning curve of network_l1"));
    assert!(page.contains("No learning curve of network_l1."));
    assert!(!page.contains("No figure here"), "a figure is missing");
    assert_eq!(page.matches("<figure ").count(), summary.figures);
    for heading in [
        "In short",
        "Samples",
        "Learning curves",
        "Maps",
        "Estimate against station",
        "Correlation and spread",
        "Where the stations are",
        "Through time",
        "Differences between methods",
        "Land cover",
        "What settings do",
        "By scale",
        "Uncertainty",
        "What was run",
    ] {
        assert!(page.contains(&format!(">{heading}</h")), "{heading}");
    }
    // What was planted.
    assert!(page.contains("train.loss.alpha") && page.contains("simulated truth, 1 km"));
    assert!(page.contains("20 of 20 test stations share a tile"));
    assert!(page.contains("<strong>Warning.</strong> Simulated data."));
}

#[test]
fn figures_of_the_page_are_those_of_the_tables() {
    let run = run(Truth::Known);
    let (_, page) = report(run.path());
    let mut skill = csv::Reader::from_path(run.path().join("skill.csv")).unwrap();
    let header = skill.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|of| of == name).unwrap();
    let mut compared = 0;
    for row in skill.records() {
        let row = row.unwrap();
        let number = |name: &str| row[place(name)].parse::<f64>().ok();
        let [Some(value), Some(lower), Some(upper)] = [
            "ubrmse_median",
            "ubrmse_median_lower",
            "ubrmse_median_upper",
        ]
        .map(number) else {
            continue;
        };
        let cell = format!(
            "<th scope=\"row\">{}</th>\n<td class=\"number\">{value:.3} \
             <span class=\"interval\">[{lower:.3}, {upper:.3}]</span></td>",
            &row[place("method")]
        );
        assert!(page.contains(&cell), "{cell}");
        compared += 1;
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn without_truth_nothing_is_called_simulated() {
    let run = run(Truth::Unknown);
    let (summary, page) = report(run.path());
    assert_eq!(summary.unusable, [""; 0]);
    assert!(!page.contains("Simulated data") && !page.contains("simulated data"));
    assert!(page.contains("No true field is known here"));
    assert!(page.contains("spl2smap_s minus network"));
    assert!(page.contains("no comparison by scale"));
    assert!(!page.contains("No figure here"), "a figure is missing");
}

#[test]
fn what_is_missing_is_named() {
    let run = run(Truth::Known);
    for name in ["samples.csv", "runs.json"] {
        fs::remove_file(run.path().join(name)).unwrap();
    }
    fs::remove_dir_all(run.path().join("maps.zarr")).unwrap();
    let (summary, page) = report(run.path());
    assert_eq!(summary.absent.len(), 3, "{:?}", summary.absent);
    for (name, shows) in summary
        .absent
        .iter()
        .zip(["samples.csv", "runs.json", "maps.zarr"])
    {
        assert!(name.contains(shows) && page.contains(shows), "{name}");
    }
    assert!(page.contains("The run holds no maps.") && page.contains("names no trained model"));
    assert!(summary.figures > 5);
}

#[test]
fn what_is_damaged_is_named_with_the_reason() {
    let run = run(Truth::Known);
    let at = |name: &str| run.path().join(name);
    let samples = fs::read_to_string(at("samples.csv")).unwrap();
    fs::write(at("samples.csv"), samples.replacen("SCAN", "\"SCAN", 1)).unwrap();
    fs::write(at("models/1/run.json"), "{\"steps\": \"many\"}").unwrap();
    fs::write(at("models/1/config.toml"), "seed =").unwrap();
    let chunks = at("maps.zarr/network/c/0/0");
    fs::write(chunks.join("0"), "no shard").unwrap();
    let (summary, page) = report(run.path());
    assert_eq!(summary.unusable.len(), 4, "{:?}", summary.unusable);
    for (reason, name) in
        summary
            .unusable
            .iter()
            .zip(["samples.csv", "run.json", "config.toml", "maps.zarr"])
    {
        assert!(reason.contains(name), "{reason}");
    }
    assert!(page.contains("The maps cannot be shown"));
}

#[test]
fn a_folder_without_an_evaluation_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("report.html");
    for text in [None, Some("{\"method\": []}"), Some("no JSON")] {
        if let Some(text) = text {
            fs::write(folder.path().join("evaluation.json"), text).unwrap();
        }
        let error = write_report(folder.path(), &output).unwrap_err();
        assert!(matches!(&error, StudyError::Read { .. }));
        assert!(error.to_string().contains("evaluation.json"), "{error}");
    }
    assert!(!output.exists());
}

#[test]
fn models_that_differ_in_alpha_alone_make_a_sweep() {
    let run = run(Truth::Known);
    let (before, page) = report(run.path());
    assert!(page.contains("No three models of the run differ in one setting alone."));
    // Whatever these methods are: the report knows models by their files alone.
    let alphas = [
        ("network_l1", "0.0"),
        ("network", "0.001"),
        ("ridge", "0.01"),
        ("forest", "0.1"),
    ];
    let mut groups = Vec::new();
    for (method, alpha) in alphas {
        let folder = run.path().join("models").join(method);
        fs::create_dir_all(&folder).unwrap();
        let config = format!("training = \"{method}\"\n[train.loss]\nalpha = {alpha}\n");
        fs::write(folder.join("config.toml"), config).unwrap();
        let file = format!("models/{method}/model.safetensors");
        groups.push(serde_json::json!({"name": method, "files": [file]}));
    }
    let groups = serde_json::Value::from(groups).to_string();
    fs::write(run.path().join("runs.json"), groups).unwrap();
    let (after, page) = report(run.path());
    assert!(page.contains(">Weight of the coarse term</h"));
    assert!(
        !page.contains(">Number of stations</h"),
        "all have the same"
    );
    // Two metrics at stations and on truth; the learning curves of the two members are gone.
    assert_eq!(page.matches("Sweep: Weight of the coarse term").count(), 4);
    assert!(page.contains("network_l1, at 0"));
    assert!(after.figures > before.figures);
}
