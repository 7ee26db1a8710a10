//! Which files a day gets, and what is said of the others.

use std::fs;
use std::path::Path;

use jiff::civil::date;
use vadose_grid::{Cell, EaseGrid2};

use super::*;
use crate::{Calendar, Period};

/// 1°×1° or so about 100° W, 40° N.
fn window() -> Window {
    Window::new(EaseGrid2::M01, 2600, 7700, 100, 100)
        .unwrap()
        .snapped_outward(9)
}

fn day() -> CubeDay {
    let period = Period {
        first: date(2017, 6, 6),
        last: date(2017, 6, 6),
        every: 1,
    };
    let col = window().col0() + window().cols() / 2;
    let middle = EaseGrid2::M01.centre(Cell { row: 2650, col }).unwrap();
    let calendar = Calendar::new(&[period], middle.lon_deg).unwrap();
    calendar.days()[0]
}

fn archives(names: &[&str]) -> (tempfile::TempDir, Archives) {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        fs::write(folder.path().join(name), "").unwrap();
    }
    let archives = Archives::find(&[folder.path().to_path_buf()]).unwrap();
    (folder, archives)
}

fn names(files: &[PathBuf]) -> Vec<&str> {
    files.iter().map(|path| base(path)).collect()
}

fn base(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

#[test]
fn descending_half_orbits_about_six_are_those_of_the_day() {
    // 6 h at 100° W is 12:40 UTC, which a half orbit reaches some 25 minutes after it began.
    let today = "SMAP_L2_SM_P_E_12505_D_20170606T121132_R18290_001.h5";
    let next = "SMAP_L2_SM_P_E_12506_D_20170606T135000_R18290_001.h5";
    let (_folder, archives) = archives(&[
        "SMAP_L2_SM_P_E_12491_D_20170605T123000_R18290_001.h5",
        today,
        "SMAP_L2_SM_P_E_12505_A_20170606T125000_R18290_001.h5",
        "SMAP_L2_SM_P_E_12500_D_20170606T030000_R18290_001.h5",
        next,
        "SMAP_L2_SM_P_12505_D_20170606T121132_R18290_001.h5",
    ]);
    let found = archives.day(Source::Radiometer, &day(), &window()).unwrap();
    assert_eq!(names(&found.files), [today, next]);
    assert!(found.missing.is_empty());
    assert_eq!(archives.unused()["SPL2SMP_E, ascending"], 1);
    assert_eq!(archives.unused()["SPL2SMP"], 1);
}

#[test]
fn scenes_follow_the_pass_of_smap_and_sentinel_must_be_near() {
    let morning = "SMAP_L2_SM_SP_1AIWDV_20170606T124500_20170606T123000_101W39N_R17000_001.h5";
    let evening_before =
        "SMAP_L2_SM_SP_1BIWDV_20170606T124500_20170606T003000_101W39N_R17000_001.h5";
    let (_folder, archives) = archives(&[
        morning,
        evening_before,
        "SMAP_L2_SM_SP_1AIWDV_20170606T124500_20170605T123000_101W39N_R17000_001.h5",
        "SMAP_L2_SM_SP_1AIWDV_20170607T004500_20170607T003000_101W39N_R17000_001.h5",
    ]);
    let found = archives.day(Source::Radar, &day(), &window()).unwrap();
    let mut found = names(&found.files);
    found.sort_unstable();
    assert_eq!(found, [morning, evening_before]);
    let others = archives.unused()["SPL2SMAP_S, Sentinel-1 of another day"];
    assert_eq!(others, 1);
}

#[test]
fn what_is_missing_is_named() {
    let centre = "SMAP_L4_SM_gph_20170606T133000_Vv7032_001.h5";
    let half_hour = "3B-HHR.MS.MRG.3IMERG.20170605-S123000-E125959.0750.V06B.HDF5";
    let (_folder, archives) = archives(&[half_hour]);
    let missing = |source| archives.day(source, &day(), &window()).unwrap().missing;
    assert_eq!(
        missing(Source::Radiometer),
        ["SMAP_L2_SM_P_E_*_D_20170606T*.h5"]
    );
    assert_eq!(missing(Source::Radar), ["SMAP_L2_SM_SP_*_20170606T*.h5"]);
    assert_eq!(
        missing(Source::Analysis),
        ["SMAP_L4_SM_gph_20170606T133000_*.h5"]
    );
    let found = archives
        .day(Source::Precipitation, &day(), &window())
        .unwrap();
    assert_eq!(names(&found.files), [half_hour]);
    assert_eq!(found.missing.len(), 47);
    assert_eq!(
        found.missing[0],
        "3B-HHR.MS.MRG.3IMERG.20170605-S130000-E132959.0780.*.HDF5"
    );
    let of_lead_day = archives.day(Source::Antecedent, &day(), &window());
    assert_eq!(of_lead_day.unwrap(), found);
    let (_folder, archives) = self::archives(&[centre]);
    let found = archives.day(Source::Analysis, &day(), &window()).unwrap();
    assert_eq!(
        (names(&found.files), found.missing.len()),
        (vec![centre], 0)
    );
}

#[test]
fn older_versions_and_files_that_are_no_granules_are_listed() {
    let newest = "SMAP_L4_SM_gph_20170606T133000_Vv7032_002.h5";
    let (folder, archives) = archives(&[
        newest,
        "SMAP_L4_SM_gph_20170606T133000_Vv7032_001.h5",
        "SMAP_L2_SM_SP_broken.h5",
        "order.xml",
    ]);
    let found = archives.day(Source::Analysis, &day(), &window()).unwrap();
    assert_eq!(names(&found.files), [newest]);
    assert_eq!(archives.superseded().len(), 1);
    assert_eq!(archives.superseded()[0].by, folder.path().join(newest));
    let [problem] = archives.problems() else {
        panic!("{:?}", archives.problems());
    };
    assert_eq!(
        (base(&problem.path), problem.source),
        ("SMAP_L2_SM_SP_broken.h5", Source::Radar)
    );
    assert_eq!(archives.unused()["files that are no granules"], 1);
}
