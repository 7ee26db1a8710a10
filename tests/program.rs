//! The program as other programs call it: exact JSON shapes, exit codes, streams.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use approx::assert_abs_diff_eq;
use serde_json::{Value, json};
use vadose_tests::Run;
use vadose_tests::granule::{self, SPL2SMAP_S, SPL2SMP};
use vadose_tests::program::{command, vadose};
use vadose_tests::training::SmallRun;

/// Longitude and latitude of the site in the paper's figure 3, and its cells.
const PAPER_SITE: [&str; 2] = ["-100.916944444", "46.766944444"];
/// SCA-H and SCA-V against NASA's own numbers, m3 m-3.
const MAX_SCA_DIFFERENCE: f64 = 1e-3;
/// Parameters and layers of the paper's network.
const PAPER_NETWORK: (usize, u64) = (31, 53_001);
/// Published with six digits or more; f64 arithmetic on four values.
const MAX_METRIC_ERROR: f64 = 1e-12;

fn keys(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect()
}

fn granule(name: &str) -> String {
    granule::path(name).display().to_string()
}

/// The one element of an array whose `key` has this value.
fn named<'a>(array: &'a Value, key: &str, wanted: &str) -> &'a Value {
    let array = array.as_array().expect("an array");
    let mut found = array.iter().filter(|one| one[key] == wanted);
    found
        .next()
        .unwrap_or_else(|| panic!("no {key} {wanted} in {array:?}"))
}

#[test]
fn locate_gives_the_cell_of_the_papers_site_on_each_grid() {
    for (grid, row, col) in [
        ("M01", 1974, 7623),
        ("M03", 658, 2541),
        ("M09", 219, 847),
        ("M36", 54, 211),
    ] {
        let cell = vadose([
            "grid",
            "locate",
            "--grid",
            grid,
            PAPER_SITE[0],
            PAPER_SITE[1],
            "--json",
        ])
        .json();
        assert_eq!(
            keys(&cell),
            BTreeSet::from([
                "grid",
                "row",
                "col",
                "x_m",
                "y_m",
                "cell_lon_deg",
                "cell_lat_deg"
            ])
        );
        assert_eq!(
            (&cell["grid"], &cell["row"], &cell["col"]),
            (&json!(grid), &json!(row), &json!(col))
        );
    }
}

#[test]
fn a_negative_longitude_needs_no_double_dash_and_may_have_one() {
    let [lon, lat] = PAPER_SITE;
    let without = vadose(["grid", "locate", "--grid", "M01", lon, lat, "--json"]).json();
    let with = vadose(["grid", "locate", "--grid", "M01", "--json", "--", lon, lat]).json();
    assert_eq!(without, with);
}

#[test]
fn a_point_outside_the_grid_fails_with_a_message_and_no_result() {
    let run = vadose(["grid", "locate", "--grid", "M01", "0", "86", "--json"]);
    let message = run.message(1);
    assert!(
        message.contains("86") && message.contains("M01"),
        "{message}"
    );
    assert_eq!(run.stdout, "");
}

#[test]
fn wrong_usage_ends_with_exit_code_2() {
    for arguments in [
        vec!["grid", "locate", "--grid", "M02", "0", "0"],
        vec!["no-such-command"],
        vec![],
    ] {
        let run = vadose(arguments.clone());
        assert_eq!(run.code, Some(2), "{arguments:?}: {run:#?}");
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn the_papers_network_has_its_layers_and_parameters() {
    let table = vadose(["network", "--preset", "paper", "--json"]).json();
    assert_eq!(keys(&table), BTreeSet::from(["layers", "parameters"]));
    let layers = table["layers"].as_array().unwrap();
    assert_eq!(
        (layers.len(), table["parameters"].as_u64().unwrap()),
        PAPER_NETWORK
    );
    for (idx, layer) in layers.iter().enumerate() {
        let shape = BTreeSet::from(["row", "name", "kind", "output_shape", "parameters"]);
        assert_eq!(keys(layer), shape);
        assert_eq!(layer["row"], json!(idx + 1));
        assert!(
            layer["output_shape"]
                .as_array()
                .is_some_and(|shape| !shape.is_empty())
        );
    }
    let sum: u64 = layers
        .iter()
        .map(|layer| layer["parameters"].as_u64().unwrap())
        .sum();
    assert_eq!(sum, PAPER_NETWORK.1);
}

#[test]
fn inspect_counts_the_cells_of_the_1_km_granule() {
    let inspection = vadose(["inspect", &granule(SPL2SMAP_S), "--json"]).json();
    assert_eq!(keys(&inspection), BTreeSet::from(["product", "groups"]));
    assert_eq!(inspection["product"], "SPL2SMAP_S");
    assert_eq!(inspection["groups"].as_array().unwrap().len(), 2);

    let group = named(&inspection["groups"], "grid", "M01");
    let shape = [
        "name",
        "grid",
        "rows",
        "cols",
        "row0",
        "col0",
        "recommended",
        "variables",
    ];
    assert_eq!(keys(group), BTreeSet::from(shape));
    assert_eq!(group["name"], granule::GROUP_1KM);
    assert_eq!((&group["rows"], &group["cols"]), (&json!(207), &json!(315)));
    assert_eq!(group["recommended"], 1_235);
    assert_eq!(named(&inspection["groups"], "grid", "M03")["rows"], 69);

    let soil_moisture = named(&group["variables"], "name", "soil_moisture_1km");
    let shape = [
        "name",
        "type",
        "units",
        "fill",
        "valid",
        "missing",
        "out_of_range",
        "min",
        "median",
        "max",
    ];
    assert_eq!(keys(soil_moisture), BTreeSet::from(shape));
    assert_eq!(soil_moisture["valid"], 13_860);
    assert_eq!(soil_moisture["out_of_range"], 0);
    assert_abs_diff_eq!(
        soil_moisture["median"].as_f64().unwrap(),
        0.137,
        epsilon = 5e-4
    );
    let temperature = named(&group["variables"], "name", "surface_temperature_1km");
    assert_eq!(temperature["out_of_range"], 26_343);
    for variable in group["variables"].as_array().unwrap() {
        let count = |key: &str| variable[key].as_u64().unwrap();
        assert_eq!(
            count("valid") + count("missing") + count("out_of_range"),
            207 * 315,
            "{variable}"
        );
    }
}

#[test]
fn inspect_gives_cells_instead_of_rows_and_cols_for_a_half_orbit() {
    let inspection = vadose(["inspect", &granule(SPL2SMP), "--json"]).json();
    assert_eq!(inspection["product"], "SPL2SMP");
    let group = named(&inspection["groups"], "grid", "M36");
    assert!(group["cells"].as_u64().unwrap() >= 680, "{group}");
    assert!(
        !keys(group).contains("rows") && !keys(group).contains("cols"),
        "{group}"
    );
    // 680 retrievals, of which 76 are wetter than the product's own valid range, 0.02 to 0.5.
    let soil_moisture = named(&group["variables"], "name", "soil_moisture");
    assert_eq!(
        (&soil_moisture["valid"], &soil_moisture["out_of_range"]),
        (&json!(604), &json!(76))
    );
}

#[test]
fn sca_agrees_with_nasas_own_retrievals_on_every_cell() {
    let comparison = vadose(["sca", &granule(SPL2SMP), "--json"]).json();
    for algorithm in ["SCA-H", "SCA-V"] {
        let row = named(&comparison, "algorithm", algorithm);
        assert_eq!(
            keys(row),
            BTreeSet::from(["algorithm", "n", "bias", "rmsd", "max_abs_diff"])
        );
        assert_eq!(row["n"], 680);
        assert!(
            row["max_abs_diff"].as_f64().unwrap() <= MAX_SCA_DIFFERENCE,
            "{row}"
        );
    }
    assert!(
        named(&comparison, "algorithm", "DCA")["n"]
            .as_u64()
            .unwrap()
            > 0
    );
}

#[test]
fn sca_refuses_a_product_without_clay_and_names_the_option_that_gives_it() {
    let run = vadose(["sca", &granule(SPL2SMAP_S), "--json"]);
    let message = run.message(2);
    assert!(
        message.contains("clay") && message.contains("--"),
        "{message}"
    );
    assert!(message.contains(SPL2SMAP_S), "{message}");
    assert_eq!(run.stdout, "");
}

#[test]
fn sca_refuses_a_constant_for_what_the_product_has_itself() {
    let run = vadose(["sca", &granule(SPL2SMP), "--clay-fraction", "0.2"]);
    let message = run.message(2);
    assert!(message.contains("its own clay fraction"), "{message}");
    assert_eq!(run.stdout, "");
}

#[test]
fn metrics_of_a_table_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("table.csv");
    // Errors +0.01, +0.03, -0.01, +0.01: bias 0.01, mean square 3e-4, scatter 2e-4.
    fs::write(
        &table,
        "site,ours,theirs\na,0.11,0.10\nb,0.23,0.20\nc,,0.3\nd,0.29,0.30\ne,NaN,0.1\nf,0.41,0.40\n",
    )
    .unwrap();
    let table = table.display().to_string();
    let skill = vadose([
        "metrics",
        &table,
        "--estimate",
        "ours",
        "--reference",
        "theirs",
        "--json",
    ])
    .json();
    let shape = [
        "n", "dropped", "bias", "rmse", "ubrmse", "mae", "r", "spearman", "kendall", "nse", "kge",
    ];
    assert_eq!(keys(&skill), BTreeSet::from(shape));
    assert_eq!((&skill["n"], &skill["dropped"]), (&json!(4), &json!(2)));
    for (name, wanted) in [
        ("bias", 0.01),
        ("rmse", 3e-4_f64.sqrt()),
        ("ubrmse", 2e-4_f64.sqrt()),
        ("mae", 0.015),
        ("spearman", 1.0),
        ("kendall", 1.0),
        ("nse", 1.0 - 12e-4 / 0.05),
    ] {
        assert_abs_diff_eq!(
            skill[name].as_f64().unwrap(),
            wanted,
            epsilon = MAX_METRIC_ERROR
        );
    }
}

#[test]
fn metrics_refuses_a_cell_that_is_no_number_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("table.csv");
    fs::write(&table, "ours,theirs\n0.1,0.1\n0.2,wet\n").unwrap();
    let table = table.display().to_string();
    let run = vadose([
        "metrics",
        &table,
        "--estimate",
        "ours",
        "--reference",
        "theirs",
        "--json",
    ]);
    let message = run.message(1);
    assert!(
        message.contains("line 3") && message.contains("wet"),
        "{message}"
    );
    let run = vadose([
        "metrics",
        &table,
        "--estimate",
        "mine",
        "--reference",
        "theirs",
        "--json",
    ]);
    assert!(run.message(2).contains("mine"));
}

#[test]
fn init_writes_a_configuration_that_train_understands() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    let _ = Run::of(command().arg("init").arg(&config)).succeeded();
    let written: toml::Table = fs::read_to_string(&config).unwrap().parse().unwrap();
    assert!(
        written.contains_key("seed") && written.contains_key("train"),
        "{written}"
    );

    // The granule that the file names is not there; that, and no key, is what train has to say.
    let run = Run::of(command().arg("train").arg(&config));
    let message = run.message(1);
    assert!(!message.contains("key"), "{message}");

    let before = fs::read(&config).unwrap();
    let again = Run::of(command().arg("init").arg(&config));
    assert_ne!(again.code, Some(0), "init must not overwrite: {again:#?}");
    assert_eq!(fs::read(&config).unwrap(), before);
}

#[test]
fn train_and_predict_leave_a_model_and_maps() {
    let folder = tempfile::tempdir().unwrap();
    let small = SmallRun::prepare(folder.path());
    let _ = small.train().succeeded();
    assert!(small.model().is_file());

    let table = Run::of(
        command()
            .arg("network")
            .arg("--model")
            .arg(small.model())
            .arg("--json"),
    )
    .json();
    assert_eq!(table["parameters"].as_u64(), Some(PAPER_NETWORK.1));

    let maps = folder.path().join("maps");
    let predict = || {
        let mut predict = command();
        predict
            .arg("predict")
            .arg(small.model())
            .arg(granule(SPL2SMAP_S));
        Run::of(predict.arg("--output").arg(&maps))
    };
    let _ = predict().succeeded();
    let written: Vec<PathBuf> = fs::read_dir(&maps)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    for (part, extension) in [("1km", "nc"), ("1km", "tif"), ("9km", "nc")] {
        let is_it = |path: &&PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.contains(part) && path.extension().is_some_and(|found| found == extension)
        };
        assert_eq!(
            written.iter().filter(is_it).count(),
            1,
            "{part}.{extension}: {written:?}"
        );
    }

    let mut bf16 = command();
    bf16.args(["predict", "--precision", "bf16"])
        .arg(small.model())
        .arg(granule(SPL2SMAP_S));
    let run = Run::of(bf16.arg("--output").arg(folder.path().join("bf16")));
    let notes = run.stderr.clone();
    let _ = run.succeeded();
    assert!(notes.contains("largest difference from f32"), "{notes}");
}
