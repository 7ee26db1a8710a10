//! `vadose plan`, as a user runs it.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::process::Command;

use vadose_tests::program::vadose;

const BBOX: &str = "-103,33.6,-94.4,37";
const JUNES: &str = "2017-06-01..2017-06-30,2018-06-01..2018-06-30";

#[test]
fn a_plan_names_every_product_and_its_script_is_python() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("download.py");
    let script_text = script.display().to_string();
    let arguments = ["plan", "--bbox", BBOX, "--dates", JUNES];
    let with = |more: &[&str]| vadose(arguments.iter().chain(more).copied());
    let plan = with(&["--json", "--script", &script_text]).json();
    assert_eq!(plan["days"], 60);
    let products = plan["products"].as_array().unwrap();
    let names: Vec<_> = products
        .iter()
        .map(|product| product["short_name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["SPL2SMP_E", "SPL2SMAP_S", "SPL4SMGP", "GPM_3IMERGHH"]
    );
    assert_eq!(plan["orders"][0]["name"], "ISMN stations");
    let mut help = Command::new("python3");
    let output = help.arg(&script).arg("--help").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = with(&[]).succeeded().stdout;
    assert!(
        text.contains("SMAP_L4_SM_gph_20180630T133000_Vv*_*.h5"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_planned_is_wrong_usage() {
    let code = |bbox: &str, dates: &str| vadose(["plan", "--bbox", bbox, "--dates", dates]).code;
    for (bbox, dates) in [
        ("1,2,3", "2017-06-01..2017-06-30"),
        ("5,2,3,4", "2017-06-01..2017-06-30"),
        (BBOX, "2017-06-01"),
        (BBOX, "2017-06-30..2017-06-01"),
    ] {
        assert_eq!(code(bbox, dates), Some(2), "{bbox} {dates}");
    }
}
