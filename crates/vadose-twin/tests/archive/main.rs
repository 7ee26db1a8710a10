//! Small archives, written and read back: the same bytes for any number of threads, the formats of
//! the real files, the truth, the faults.
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]

mod faults;
mod formats;
mod stations;
mod truth;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use vadose_twin::simulation::{Simulation, SimulationRecord};
use vadose_twin::{Faults, HourlyTruth, Period, Region, SimulationConfig};

/// Plains in the west, mountains in the east, so that both networks have stations.
const REGION: Region = Region {
    row0: 2835,
    col0: 7380,
    rows: 90,
    cols: 90,
};

/// The configuration of all archives here: so many days of June 2017, from the 6th on.
fn config(days: u16) -> SimulationConfig {
    SimulationConfig {
        stations_per_tile: 64,
        hourly_truth: HourlyTruth::Stations,
        region: REGION,
        period: Period {
            years: vec![2017],
            day: 6,
            days,
            lead_days: 1,
            ..Period::default()
        },
        ..SimulationConfig::default()
    }
}

/// Writes an archive into a folder of this name that the build tool provides.
fn write(name: &str, config: SimulationConfig) -> (PathBuf, SimulationRecord) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    let simulation = Simulation::new(config).unwrap();
    let record = simulation.write(&folder, &mut |_| ()).unwrap();
    (folder, record)
}

/// Writes an archive with so many threads.
fn write_with(threads: usize, name: &str) -> (PathBuf, SimulationRecord) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build().unwrap().install(|| write(name, config(DAYS)))
}

/// Days of the archive without faults: SMAP passes on three, Sentinel-1 on the last.
const DAYS: u16 = 4;

/// An archive without faults.
static ARCHIVE: LazyLock<(PathBuf, SimulationRecord)> = LazyLock::new(|| write_with(2, "plain"));

fn archive() -> &'static Path {
    &ARCHIVE.0
}

/// Files of a folder and its subfolders, relative to it, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Files of one product of the plain archive.
fn granules(product: &str) -> Vec<PathBuf> {
    let folder = archive().join(product);
    let found = files(&folder);
    assert!(!found.is_empty(), "no {product}");
    found.iter().map(|file| folder.join(file)).collect()
}

#[test]
fn one_thread_and_two_write_the_same_bytes() {
    let (alone, _) = write_with(1, "one_thread");
    let names = files(archive());
    assert_eq!(names, files(&alone));
    for name in names {
        let [here, there] = [archive(), &alone].map(|f| fs::read(f.join(&name)).unwrap());
        assert!(here == there, "{} differs", name.display());
    }
}

#[test]
fn lead_days_add_half_hours_and_change_no_file() {
    let faulty = |name, lead_days| {
        let config = SimulationConfig {
            faults: Faults::Typical,
            ..config(DAYS)
        };
        let period = Period {
            lead_days,
            ..config.period
        };
        write(name, SimulationConfig { period, ..config }).0
    };
    let (short, long) = (faulty("short_lead", 1), faulty("long_lead", 4));
    let configured = ["simulation.json", "faults.json"].map(Path::new);
    for name in files(&short) {
        let same = || fs::read(short.join(&name)).unwrap() == fs::read(long.join(&name)).unwrap();
        assert!(configured.contains(&&*name) || same(), "{}", name.display());
    }
    let half_hours = |archive: &Path| files(&archive.join("imerg/2017"));
    let (short, long) = (half_hours(&short), half_hours(&long));
    assert_eq!(long.len() - short.len(), 48 * 3);
    assert!(
        long[0].to_string_lossy().contains("20170602-S000000"),
        "{long:?}"
    );
}

#[test]
fn the_record_counts_the_files_and_holds_the_configuration() {
    let text = fs::read_to_string(archive().join("simulation.json")).unwrap();
    let record: SimulationRecord = serde_json::from_str(&text).unwrap();
    assert_eq!(record, ARCHIVE.1);
    assert_eq!(record.configuration, config(DAYS));
    for (product, folder) in [
        ("SPL2SMP_E", "smap/SPL2SMP_E"),
        ("SPL2SMAP_S", "smap/SPL2SMAP_S"),
        ("SPL4SMGP", "smap/SPL4SMGP"),
        ("GPM_3IMERGHH", "imerg"),
    ] {
        assert_eq!(record.granules[product], granules(folder).len() as u64);
    }
}

#[test]
fn a_folder_in_use_is_refused() {
    let simulation = Simulation::new(config(1)).unwrap();
    let error = simulation.write(archive(), &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("plain"), "{error}");
    assert_eq!(simulation.config().faults, Faults::None);
}
