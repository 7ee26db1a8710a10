//! The script of a plan against Python. A process of its own: a child would inherit the locks of HDF5 files that
//! other tests hold open.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::process::Command;

use jiff::civil::date;
use vadose_cube::{DownloadPlan, Period};
use vadose_grid::LatLonDeg;

const CONUS: [LatLonDeg; 2] = [
    LatLonDeg {
        lat_deg: 24.5,
        lon_deg: -125.0,
    },
    LatLonDeg {
        lat_deg: 49.5,
        lon_deg: -66.5,
    },
];

/// Runs the script with a client of its own, which knows three granules of each search.
#[test]
fn python_runs_the_script_and_it_fetches_what_the_plan_names_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let june = Period {
        first: date(2017, 6, 1),
        last: date(2017, 6, 30),
        every: 1,
    };
    let plan = DownloadPlan::new(CONUS, &[june], 0).unwrap();
    std::fs::write(path("download.py"), plan.script()).unwrap();
    std::fs::write(path("earthaccess.py"), CLIENT).unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new("python3")
            .arg("download.py")
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .expect("the tests need python3");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let listed = run(&[]);
    assert!(
        listed.contains("SPL4SMGP 008: 1 granules, 5 MB"),
        "{listed}"
    );
    assert!(!path("out").exists());
    run(&["--download", "out"]);
    let mut fetched = Vec::new();
    for product in std::fs::read_dir(path("out")).unwrap() {
        for file in std::fs::read_dir(product.unwrap().path()).unwrap() {
            fetched.push(file.unwrap().file_name().into_string().unwrap());
        }
    }
    fetched.sort();
    let expected = [
        "3B-HHR.MS.MRG.3IMERG.20170601-S123000-E125959.0750.V07A.HDF5",
        "SMAP_L2_SM_P_E_12461_D_20170601T125914_R18290_001.h5",
        "SMAP_L2_SM_SP_1AIWDV_20170601T145038_20170601T135648_119W44N_R17000_001.h5",
        "SMAP_L4_SM_gph_20170601T133000_Vv7032_001.h5",
    ];
    assert_eq!(fetched, expected);
}

/// In place of the client: every search finds these files, some of which the plan does not name.
const CLIENT: &str = r#"
from pathlib import Path

NAMES = [
    "3B-HHR.MS.MRG.3IMERG.20170601-S123000-E125959.0750.V07A.HDF5",
    "3B-HHR.MS.MRG.3IMERG.20170703-S123000-E125959.0750.V07B.HDF5",
    "SMAP_L2_SM_P_E_12461_D_20170601T125914_R18290_001.h5",
    "SMAP_L2_SM_P_E_12461_A_20170601T125914_R18290_001.h5",
    "SMAP_L2_SM_SP_1AIWDV_20170601T145038_20170601T135648_119W44N_R17000_001.h5",
    "SMAP_L4_SM_gph_20170601T133000_Vv7032_001.h5",
    "SMAP_L4_SM_gph_20170601T163000_Vv7032_001.h5",
]


class Granule:
    def __init__(self, name):
        self.name = name

    def data_links(self):
        return ["https://example.org/" + self.name + ".xml", "https://example.org/" + self.name]

    def size(self):
        return 5.0


def login():
    pass


def search_data(short_name, version, provider, bounding_box, temporal):
    assert len(bounding_box) == 4 and temporal[0] < temporal[1], (bounding_box, temporal)
    return [Granule(name) for name in NAMES]


def download(granules, folder):
    for granule in granules:
        (Path(folder) / granule.name).write_text("data")
"#;
