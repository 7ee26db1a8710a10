//! Builds of text files: what is written, when, and what is not.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use jiff::civil::date;

use super::fake::Workshop;
use super::*;
use crate::{Missing, Period, Region, RegionPreset};

/// Stops a build at a step.
struct StopAt(usize);

impl StopAt {
    fn step(&mut self) -> ControlFlow<()> {
        match self.0.checked_sub(1) {
            None => ControlFlow::Break(()),
            Some(left) => {
                self.0 = left;
                ControlFlow::Continue(())
            }
        }
    }
}

impl BuildObserver for StopAt {
    fn on_block(&mut self, _: Unit, _: usize, _: usize) -> ControlFlow<()> {
        self.step()
    }

    fn on_unit(&mut self, _: Unit, _: UnitOutcome) -> ControlFlow<()> {
        self.step()
    }
}

/// Does something at the first block of a unit.
struct AtUnit<F>(Unit, F);

impl<F: FnMut() + Send> BuildObserver for AtUnit<F> {
    fn on_block(&mut self, unit: Unit, done: usize, _: usize) -> ControlFlow<()> {
        if unit == self.0 && done == 1 {
            (self.1)();
        }
        ControlFlow::Continue(())
    }
}

fn run(build: &Build) -> BuildOutcome {
    build.run(Strictness::SkipAndReport, &mut ()).unwrap()
}

fn unit(source: Source, day: i8) -> Unit {
    Unit {
        day: Some(date(2017, 6, day)),
        source,
    }
}

/// Every file below a folder: its content, and when it was written.
fn files(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let modified = fs::metadata(&path).unwrap().modified().unwrap();
                let name = path.strip_prefix(folder).unwrap().to_path_buf();
                found.insert(name, (fs::read(&path).unwrap(), modified));
            }
        }
    }
    found
}

/// The files of the store with their content.
fn store(cube: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = files(&cube.join("cube.zarr")).into_iter();
    files.map(|(path, (bytes, _))| (path, bytes)).collect()
}

/// Files in which two cubes differ, by name. The root names the configuration, which has the cube's
/// folder in it.
fn differences(a: &Path, b: &Path) -> Vec<PathBuf> {
    let (a, b) = (store(a), store(b));
    let names = a.keys().chain(b.keys());
    let differ = names.filter(|name| a.get(*name) != b.get(*name));
    let root = Path::new("zarr.json");
    differ.filter(|name| *name != root).cloned().collect()
}

/// Files that differ in content or time, by name; `.lock` is written by every build.
fn rewritten(
    before: &BTreeMap<PathBuf, (Vec<u8>, SystemTime)>,
    after: &BTreeMap<PathBuf, (Vec<u8>, SystemTime)>,
) -> Vec<String> {
    let names = before.keys().chain(after.keys());
    let differ = names.filter(|name| before.get(*name) != after.get(*name));
    let mut names: Vec<_> = differ.map(|name| name.display().to_string()).collect();
    names.retain(|name| name != ".lock");
    names.sort();
    names.dedup();
    names
}

#[test]
fn a_build_that_is_stopped_anywhere_goes_on_to_the_same_bytes() {
    let mut workshop = Workshop::new();
    workshop.set_days(1);
    let whole = run(&workshop.build("whole"));
    // 6 gridded units of 2 blocks each, and stations.
    assert_eq!((whole.n_written, whole.n_unchanged), (7, 0));
    let n_steps = 6 * 2 + 7;
    for step in 0..=n_steps {
        let name = format!("stopped-{step}");
        let build = workshop.build(&name);
        let stopped = build.run(Strictness::SkipAndReport, &mut StopAt(step));
        if step < n_steps {
            assert!(matches!(stopped, Err(CubeError::Stopped)), "step {step}");
            let unfinished = crate::Cube::open(workshop.cube(&name));
            assert!(unfinished.is_err(), "step {step}");
        }
        let outcome = run(&build);
        assert_eq!(outcome.n_written + outcome.n_unchanged, 7);
        let differences = differences(&workshop.cube(&name), &workshop.cube("whole"));
        assert!(differences.is_empty(), "step {step}: {differences:?}");
        let mut record = outcome.record;
        record.provenance = whole.record.provenance.clone();
        assert_eq!(record, whole.record);
    }
}

#[test]
fn nothing_is_written_again_that_has_not_changed() {
    let workshop = Workshop::new();
    let build = workshop.build("cube");
    let first = run(&build);
    let before = files(&workshop.cube("cube"));
    let second = run(&build);
    assert_eq!((second.n_written, second.n_unchanged), (0, 11));
    assert_eq!(second.record, first.record);
    assert!(rewritten(&before, &files(&workshop.cube("cube"))).is_empty());
    assert!(build.plan().unwrap().to_do().next().is_none());

    // A file of another time and the same content: only the journal learns of it.
    workshop.put("radar-2017-06-02-a", "2");
    assert_eq!(build.plan().unwrap().to_do().count(), 1);
    let third = run(&build);
    assert_eq!(third.n_written, 0);
    let changed = rewritten(&before, &files(&workshop.cube("cube")));
    assert_eq!(
        changed,
        ["cube.zarr/zarr.json", "units/2017-06-02.radar.json"]
    );
    assert!(build.plan().unwrap().to_do().next().is_none());
}

#[test]
fn a_changed_file_rebuilds_its_unit_and_nothing_else() {
    let workshop = Workshop::new();
    let build = workshop.build("cube");
    run(&build);
    let before = files(&workshop.cube("cube"));
    workshop.put("analysis-2017-06-02-a", "7");
    assert_eq!(run(&build).n_written, 1);
    let changed = rewritten(&before, &files(&workshop.cube("cube")));
    let expected = [
        "build.json",
        "cube.zarr/l4_soil_moisture/c/1/0/0",
        "cube.zarr/zarr.json",
        "units/2017-06-02.analysis.json",
    ];
    assert_eq!(changed, expected);
    // The same files as if it had been so from the beginning.
    let fresh = workshop.build("fresh");
    run(&fresh);
    let differences = differences(&workshop.cube("cube"), &workshop.cube("fresh"));
    assert!(differences.is_empty(), "{differences:?}");

    // A file more, and a file whose values are all missing now.
    workshop.put("radiometer-2017-06-01-b", "100");
    workshop.put("precipitation-2017-06-01-a", "damaged");
    let outcome = run(&build);
    assert_eq!(outcome.n_written, 2);
    let gone = workshop.cube("cube").join("cube.zarr/precipitation/c/0");
    assert!(!gone.join("0/0").exists());
}

#[test]
fn a_second_build_is_refused_while_the_first_is_at_work() {
    let workshop = Workshop::new();
    let build = workshop.build("cube");
    let second = workshop.build("cube");
    let mut refusal = None;
    let mut observer = AtUnit(unit(Source::Radar, 1), || {
        refusal = Some(second.run(Strictness::SkipAndReport, &mut ()));
    });
    build.run(Strictness::SkipAndReport, &mut observer).unwrap();
    let pid = std::process::id();
    match refusal {
        Some(Err(CubeError::Locked { pid: Some(of), .. })) => assert_eq!(of, pid),
        other => panic!("{other:?}"),
    }
    assert_eq!(run(&second).n_written, 0);
}

#[test]
fn a_cube_grows_at_its_end_and_in_no_other_way() {
    let mut workshop = Workshop::new();
    run(&workshop.build("cube"));
    let before = files(&workshop.cube("cube"));
    workshop.set_days(4);
    for day in 3..=4 {
        workshop.put_day(date(2017, 6, day));
    }
    // Stopped while it grows, too.
    let build = workshop.build("cube");
    assert!(
        build
            .run(Strictness::SkipAndReport, &mut StopAt(3))
            .is_err()
    );
    run(&build);
    let after = files(&workshop.cube("cube"));
    let untouched = |name: &&PathBuf| {
        let name = name.to_string_lossy();
        // Chunks of the first two days, and static layers.
        let is_chunk = name.contains("/c/") && !name.contains("time/c/");
        is_chunk || name.starts_with("units/2017") || name.starts_with("units/static")
    };
    let old: Vec<_> = before.keys().filter(untouched).collect();
    assert!(old.len() > 60, "{}", old.len());
    for name in old {
        assert_eq!(before[name], after[name], "{}", name.display());
    }
    run(&workshop.build("fresh"));
    let differences = differences(&workshop.cube("cube"), &workshop.cube("fresh"));
    assert!(differences.is_empty(), "{differences:?}");
    assert_eq!(
        crate::Cube::open(workshop.cube("cube"))
            .unwrap()
            .days()
            .len(),
        4
    );

    let other = |config: BuildConfig| {
        let layers = super::fake::FakeLayers::new(&workshop.file(""), &workshop.at_work);
        let folder = workshop.cube("");
        let build = Build::with_layers(config, &folder, Box::new(layers)).unwrap();
        match build.run(Strictness::SkipAndReport, &mut ()) {
            Err(CubeError::OtherCube { what, .. }) => what,
            other => panic!("{other:?}"),
        }
    };
    let config = build.config().clone();
    let period = |first, last| Period {
        first: date(2017, 6, first),
        last: date(2017, 6, last),
        every: 1,
    };
    for period in [period(1, 3), period(2, 8)] {
        let config = BuildConfig {
            periods: vec![period],
            ..config.clone()
        };
        assert_eq!(other(config), "days");
    }
    let region = Region::Preset(RegionPreset::Small);
    assert_eq!(
        other(BuildConfig {
            region,
            ..config.clone()
        }),
        "window"
    );
    for lead_days in [0, 2] {
        let config = BuildConfig {
            lead_days,
            ..config.clone()
        };
        assert_eq!(other(config), "lead days");
    }
    let store = crate::StoreConfig::default();
    assert_eq!(other(BuildConfig { store, ..config }), "layout");
}

#[test]
fn a_cube_of_no_lead_days_gets_them_and_nothing_else_is_written() {
    let mut workshop = Workshop::new();
    workshop.config.lead_days = 0;
    run(&workshop.build("cube"));
    let cube = workshop.cube("cube");
    let arrays = cube.join("cube.zarr");
    assert!(
        !arrays.join("antecedent_precipitation").exists() && !arrays.join("lead_time").exists()
    );
    assert!(crate::Cube::open(&cube).unwrap().lead_days().is_empty());
    workshop.config.lead_days = 1;
    // Stopped before the first of its units, too.
    let build = workshop.build("cube");
    assert!(
        build
            .run(Strictness::SkipAndReport, &mut StopAt(0))
            .is_err()
    );
    assert_eq!(run(&build).n_written, 1);
    run(&workshop.build("fresh"));
    let differences = differences(&cube, &workshop.cube("fresh"));
    assert!(differences.is_empty(), "{differences:?}");
}

#[test]
fn lead_days_without_files_are_missing_and_a_strict_build_takes_them() {
    let mut workshop = Workshop::new();
    workshop.config.lead_days = 2;
    let build = workshop.build("cube");
    let outcome = build.run(Strictness::Refuse, &mut ()).unwrap();
    let missing = [Missing {
        source: Source::Antecedent,
        day: Some(date(2017, 5, 30)),
        files: vec!["antecedent-2017-05-30-*".to_owned()],
    }];
    assert_eq!(outcome.record.missing, missing);
    let mut coverage = outcome.record.coverage.iter();
    let of_lead_days = coverage.find(|one| one.variable == "antecedent_precipitation");
    assert_eq!(of_lead_days.unwrap().days, 1);
    // A file that comes later is built alone.
    workshop.put_lead_day(date(2017, 5, 30));
    assert_eq!(run(&build).n_written, 1);

    workshop.put("antecedent-2017-05-30-b", "damaged");
    assert!(build.run(Strictness::Refuse, &mut ()).is_err());
}

#[test]
fn a_damaged_file_is_recorded_and_all_others_are_built() {
    let workshop = Workshop::new();
    workshop.put("radar-2017-06-01-b", "damaged");
    let build = workshop.build("cube");
    let refused = build.run(Strictness::Refuse, &mut ());
    let damaged = workshop.file("radar-2017-06-01-b");
    assert!(
        matches!(&refused, Err(CubeError::Refused(problem)) if problem.path == damaged),
        "{refused:?}"
    );
    let outcome = run(&build);
    assert!(!outcome.is_complete());
    assert_eq!(outcome.record.problems.len(), 1);
    assert_eq!(outcome.record.problems[0].path, damaged);
    assert_eq!(outcome.record.problems[0].reason, "damaged");
    let radar = |record: &BuildRecord| {
        let mut coverage = record.coverage.iter();
        coverage
            .find(|one| one.variable == "sigma0_vv")
            .unwrap()
            .days
    };
    assert_eq!(radar(&outcome.record), 2);
    // It stays in the record of a build that has nothing to do, which is refused too.
    assert_eq!(run(&build).record, outcome.record);
    assert!(build.run(Strictness::Refuse, &mut ()).is_err());
    fs::remove_file(&damaged).unwrap();
    assert!(
        build
            .run(Strictness::Refuse, &mut ())
            .unwrap()
            .is_complete()
    );
}

#[test]
fn a_file_that_changes_while_it_is_read_is_built_again_by_the_next_build() {
    let workshop = Workshop::new();
    let build = workshop.build("cube");
    let changed = "radiometer-2017-06-02-a";
    let mut observer = AtUnit(unit(Source::Radiometer, 2), || workshop.put(changed, "5.5"));
    let outcome = build.run(Strictness::SkipAndReport, &mut observer).unwrap();
    assert_eq!(outcome.unsettled, [unit(Source::Radiometer, 2)]);
    let problem = &outcome.record.problems[0];
    assert_eq!(problem.path, workshop.file(changed));
    assert_eq!(problem.reason, "changed while it was read");
    let settled = run(&build);
    assert_eq!(settled.n_written, 1);
    assert!(settled.is_complete());
}

#[test]
fn days_whose_files_are_gone_are_kept_and_files_that_never_were_are_missing() {
    let workshop = Workshop::new();
    fs::remove_file(workshop.file("analysis-2017-06-01-a")).unwrap();
    let build = workshop.build("cube");
    let first = run(&build);
    let missing = [Missing {
        source: Source::Analysis,
        day: Some(date(2017, 6, 1)),
        files: vec!["analysis-2017-06-01-*".to_owned()],
    }];
    assert_eq!(first.record.missing, missing);
    assert!(first.is_complete());
    fs::remove_file(workshop.file("radar-2017-06-02-a")).unwrap();
    let plan = build.plan().unwrap();
    let radar: Vec<_> = plan
        .of(Source::Radar)
        .map(|planned| planned.state)
        .collect();
    assert_eq!(radar, [UnitState::Done, UnitState::Kept]);
    let before = files(&workshop.cube("cube"));
    assert_eq!(run(&build).record, first.record);
    assert!(rewritten(&before, &files(&workshop.cube("cube"))).is_empty());
}

#[test]
fn a_folder_that_takes_no_files_stops_the_build_with_its_name_and_the_next_goes_on() {
    let workshop = Workshop::new();
    let build = workshop.build("cube");
    assert!(
        build
            .run(Strictness::SkipAndReport, &mut StopAt(0))
            .is_err()
    );
    let blocked = workshop.cube("cube").join("cube.zarr/tb_v/c");
    fs::write(&blocked, "in the way").unwrap();
    let error = build
        .run(Strictness::SkipAndReport, &mut ())
        .unwrap_err()
        .to_string();
    assert!(error.contains("cube.zarr: array `tb_v`"), "{error}");
    fs::remove_file(&blocked).unwrap();
    run(&build);
    run(&workshop.build("whole"));
    let differences = differences(&workshop.cube("cube"), &workshop.cube("whole"));
    assert!(differences.is_empty(), "{differences:?}");
}

#[test]
fn no_more_than_two_blocks_are_in_memory() {
    let mut workshop = Workshop::new();
    workshop.config.store.shard_cells = 9;
    run(&workshop.build("cube"));
    let most = workshop.at_work.most.load(Ordering::SeqCst);
    assert!((1..=2).contains(&most), "{most}");
}
