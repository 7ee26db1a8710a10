//! The files.

use std::collections::BTreeMap;

use vadose_io::Provenance;

use super::*;

#[test]
fn files_hold_what_was_found() {
    let methods = boxed(vec![
        Noisy::new("a", 0.0, 0.03),
        Noisy::new("b", 0.01, 0.04),
    ]);
    let table = table(&methods);
    let evaluation = Evaluation::of(&table, &config(), 1).unwrap();
    let provenance = Provenance::collect("", Some(1), &[] as &[&str]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    evaluation.write(folder.path(), &provenance).unwrap();
    table.write(&folder.path().join("samples.csv")).unwrap();
    let n_lines = |name: &str| {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        text.lines().count() - 1
    };
    assert_eq!(n_lines("skill.csv"), 4);
    assert_eq!(n_lines("stations.csv"), 2 * (16 + 100));
    assert_eq!(n_lines("comparisons.csv"), 2 * TestedMetric::ALL.len());
    assert_eq!(n_lines("losses.csv"), 4);
    assert_eq!(n_lines("strata.csv"), evaluation.strata.len());
    assert_eq!(n_lines("coverage.csv"), evaluation.coverage.len());
    assert_eq!(n_lines("samples.csv"), table.rows().len());

    let json = std::fs::read(folder.path().join("evaluation.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["provenance"]["seed"], 1);
    assert_eq!(json["comparisons"][0]["methods"][1]["method"], "b");
    let median = &json["comparisons"][0]["methods"][0]["summary"]["ubrmse"]["median"];
    let skill = std::fs::File::open(folder.path().join("skill.csv")).unwrap();
    let first: BTreeMap<String, String> = csv::Reader::from_reader(skill)
        .deserialize()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(
        first["ubrmse_median"].parse::<f64>().unwrap(),
        median.as_f64().unwrap()
    );
    let text = evaluation.to_string();
    assert!(text.contains("everywhere, test: 16 stations") && text.contains("ubRMSE of a minus b"));
}
