//! A report in a real browser, Debian's Chromium, that can reach no network: on a phone, at a desk, in
//! the dark and in print. (`cargo xtask test --only setup` installs the browser.)

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use vadose_tests::{Run, vadose};

/// The report of the gallery of vadose-viz: every figure, a wide table, a warning, settings.
#[path = "../crates/vadose-viz/examples/gallery/study/mod.rs"]
#[allow(dead_code, unreachable_pub, reason = "the example uses more of it")]
mod study;

/// The folder of an evaluation, as the test of vadose-study makes it.
#[path = "../crates/vadose-study/tests/run_folder/mod.rs"]
#[allow(dead_code, reason = "another test uses more of it")]
mod run_folder;

/// What the browser and the check's own reading of the markup have to say about a page.
fn look_at(page: &str, name: &str) -> Run {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("report")
        .join(name);
    fs::create_dir_all(&folder).unwrap();
    let report = folder.join("report.html");
    fs::write(&report, page).unwrap();
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    let interpreter = xtask::python::environment_of_file(&python.join("requirements.txt")).unwrap();
    let mut check = Command::new(interpreter);
    check
        .arg(python.join("check_report.py"))
        .arg(&report)
        .arg(&folder);
    for variable in ["PROJ_DATA", "PROJ_LIB", "GDAL_DATA"] {
        check.env_remove(variable);
    }
    Run::of(&mut check)
}

fn faults(run: &Run) -> Vec<&str> {
    let lines = run.stdout.lines();
    lines
        .filter_map(|line| line.strip_prefix("fault: "))
        .collect()
}

#[test]
fn a_report_is_readable_everywhere_and_asks_for_nothing() {
    let page = study::report().unwrap().html();
    let run = look_at(&page, "whole");
    println!("{}", run.stdout);
    assert_eq!(faults(&run), [""; 0]);
    let _ = run.succeeded();
}

#[test]
fn the_report_of_an_evaluation_is_readable_everywhere() {
    let run = tempfile::tempdir().unwrap();
    run_folder::write(run.path(), run_folder::Truth::Known);
    let output = run.path().join("report.html");
    let made = vadose([
        OsStr::new("report"),
        run.path().as_os_str(),
        OsStr::new("--json"),
    ]);
    assert!(made.stderr.contains("not there: "), "{}", made.stderr);
    let summary = made.json();
    assert!(summary["figures"].as_u64().unwrap() > 15, "{summary}");
    let run = look_at(&fs::read_to_string(output).unwrap(), "evaluation");
    println!("{}", run.stdout);
    assert_eq!(faults(&run), [""; 0]);
    let _ = run.succeeded();
}

#[test]
fn a_report_of_nothing_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let run = vadose([OsStr::new("report"), folder.path().as_os_str()]);
    assert!(
        run.message(1).contains("evaluation.json: cannot be read"),
        "{run:?}"
    );
}

/// The check is worth something only if it sees faults: each of these is planted, and must be found.
#[test]
fn planted_faults_are_found() {
    let page = study::report().unwrap().html();
    let foreign = "<img alt=\"an image that comes from somewhere else\" \
                   src=\"http://vadose.invalid/x.png\"><p style=\"width:900px\">wide</p></main>";
    let broken = page
        // A request that the page's own policy would stop, did it still have one.
        .replacen("http-equiv=\"Content-Security-Policy\"", "name=\"none\"", 1)
        .replacen("</main>", foreign, 1)
        .replacen("aria-label=\"Sweep: ", "data-label=\"Sweep: ", 1)
        .replacen(
            "<h3 id=\"section-6-1\">Inputs",
            "<h4 id=\"section-6-1\">Inputs",
            1,
        )
        .replacen(
            "</footer>",
            "<script>console.error('oh')</script></footer>",
            1,
        );
    let run = look_at(&broken, "broken");
    let found = faults(&run).join("\n");
    for fault in [
        "fetches http://vadose.invalid/x.png",
        "request of http://vadose.invalid/x.png",
        "there is a script",
        "console: ",
        "pixels wide on 360",
        "1 figures without alternative text",
        "1 images that do not show",
        "closes nothing",
        "headings leave out a level",
    ] {
        assert!(
            found.contains(fault),
            "{fault:?} was not found:\n{found}\n{}",
            run.stderr
        );
    }
    assert_eq!(run.code, Some(1));
}
