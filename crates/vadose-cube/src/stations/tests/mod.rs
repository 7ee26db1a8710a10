//! Tables of archives that are written here, against a recomputation from what went into them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use vadose_grid::{EaseGrid2, Window};
use vadose_io::ismn::{ArchiveContainer, ArchiveForm, FlagPolicy, LineEnd, TextFormat};

mod recomputation;
mod written;

use super::*;
use crate::{Calendar, Period};

use recomputation::*;
use written::*;

fn table(config: &StationsConfig, folder: &Path) -> StationTable {
    station_table(config, &window(), &days(), folder).unwrap()
}

#[test]
fn values_and_losses_equal_a_recomputation() {
    let folder = tempfile::tempdir().unwrap();
    let written = written();
    for (number, (container, format)) in [
        (ArchiveContainer::Folder, TextFormat::HeaderValues),
        (ArchiveContainer::Zip, TextFormat::Ceop),
    ]
    .into_iter()
    .enumerate()
    {
        let base = folder.path().join(number.to_string());
        fs::create_dir(&base).unwrap();
        let form = ArchiveForm {
            container,
            format,
            line_end: LineEnd::CrLf,
        };
        write(&base.join("ismn"), form, &written);
        for matching in [
            StationMatching::default(),
            StationMatching::Nearest { window_hours: 3.0 },
            StationMatching::DailyMean,
        ] {
            for flags in [FlagPolicy::Good, FlagPolicy::GoodOrUnchecked] {
                let config = StationsConfig {
                    matching,
                    flags,
                    ..config()
                };
                let table = table(&config, &base);
                assert_equals(&table, &recomputed(&written, &config));
                assert_complete(&table, 7);
                let reasons: BTreeSet<_> = table.exclusions.iter().map(|one| one.reason).collect();
                assert!(
                    reasons.contains(&ExclusionReason::Frozen)
                        && reasons.contains(&ExclusionReason::Snow)
                );
            }
        }
    }
}

#[test]
fn frost_and_snow_count_only_where_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    write(
        &folder.path().join("ismn"),
        ArchiveForm::default(),
        &written(),
    );
    let all = StationsConfig {
        screening: Screening::FlagsOnly,
        ..config()
    };
    let lost = table(&all, folder.path()).lost_by_reason();
    assert!(
        !lost.contains_key(&ExclusionReason::Frozen) && !lost.contains_key(&ExclusionReason::Snow)
    );
    let lost = table(&config(), folder.path()).lost_by_reason();
    assert_eq!(lost[&ExclusionReason::Frozen].stations, 1);
}

#[test]
fn tables_round_trip_and_are_the_same_bytes_each_time() {
    let folder = tempfile::tempdir().unwrap();
    write(
        &folder.path().join("ismn"),
        ArchiveForm::default(),
        &written(),
    );
    let first = table(&config(), folder.path());
    let output = |name: &str| {
        let output = folder.path().join(name);
        fs::create_dir(&output).unwrap();
        output
    };
    let (one, other) = (output("one"), output("other"));
    first.write(&one).unwrap();
    table(&config(), folder.path()).write(&other).unwrap();
    for file in ["stations.csv", "observations.csv", "exclusions.csv"] {
        assert_eq!(
            fs::read(one.join(file)).unwrap(),
            fs::read(other.join(file)).unwrap()
        );
    }
    assert_eq!(StationTable::read(&one).unwrap(), first);
    let header = fs::read_to_string(one.join("observations.csv")).unwrap();
    assert!(header.starts_with(
        "date,row,col,soil_moisture,n_stations,n_sensors,std,stations,time\n2017-06-01,"
    ));

    StationTable::default().write(&one).unwrap();
    assert_eq!(StationTable::read(&one).unwrap(), StationTable::default());
    fs::remove_file(one.join("exclusions.csv")).unwrap();
    let error = StationTable::read(&one).unwrap_err();
    assert!(matches!(error, CubeError::Table { .. }), "{error}");
}

#[test]
fn two_downloads_of_one_sensor_are_one_series() {
    let folder = tempfile::tempdir().unwrap();
    let whole = || vec![Written::moisture("A", "P", 0.05, BOULDER, 1)];
    write(
        &folder.path().join("ismn"),
        ArchiveForm::default(),
        &whole(),
    );
    let one = table(&config(), folder.path());

    let split = start() + 86_400 * 5;
    for (name, first) in [("early", true), ("late", false)] {
        let mut half = whole();
        half[0].lines.retain(|line| (line.0 < split) == first);
        write(&folder.path().join(name), ArchiveForm::default(), &half);
    }
    let halves = StationsConfig {
        archives: vec!["early".into(), "late".into()],
        ..config()
    };
    let halves = table(&halves, folder.path());
    assert_eq!(halves.observations, one.observations);
    assert_eq!(halves.lost_by_reason(), one.lost_by_reason());
    assert_complete(&halves, 1);

    let twice = StationsConfig {
        archives: vec!["ismn".into(), "early".into()],
        ..config()
    };
    let twice = table(&twice, folder.path());
    assert_eq!(twice.observations, one.observations);
    let [problem] = &twice.problems()[..] else {
        panic!("{:?}", twice.problems())
    };
    assert!(
        problem.path.starts_with("early/NET/A") && problem.reason.starts_with("duplicate_series")
    );
    assert_complete(&twice, 2);

    // The longer file adds what the shorter one lacks, and what it repeats is told.
    let longer = StationsConfig {
        archives: vec!["early".into(), "ismn".into()],
        ..config()
    };
    let longer = table(&longer, folder.path());
    assert_eq!(longer.observations, one.observations);
    let problems = longer.problems();
    assert!(
        problems.len() == 1 && problems[0].reason.contains("the same sensor as early/"),
        "{problems:?}"
    );
    assert_complete(&longer, 1);
}

#[test]
fn files_that_cannot_be_used_are_named_and_the_others_count() {
    let folder = tempfile::tempdir().unwrap();
    let mut written = vec![
        Written::moisture("A", "P", 0.05, BOULDER, 1),
        Written::moisture("B", "P", 0.05, BOULDER, 2),
        Written::moisture("C", "P", 0.05, BOULDER, 3),
        Written::daily("A", "ts", 0.05, BOULDER, |_| 90_000),
    ];
    // A station that reports per cent.
    written[1].lines.iter_mut().for_each(|line| line.1 *= 100);
    let archive = folder.path().join("ismn");
    write(&archive, ArchiveForm::default(), &written);
    fs::write(archive.join(written[2].file()), "no station").unwrap();
    fs::write(archive.join(written[3].file()), "").unwrap();
    fs::write(archive.join("nameless.stm"), "nothing").unwrap();
    let found = table(&config(), folder.path());
    let problems: Vec<_> = found
        .problems()
        .into_iter()
        .map(|one| one.path.display().to_string())
        .collect();
    let expected = [
        "ismn/nameless.stm".to_owned(),
        format!("ismn/{}", written[3].file()),
        format!("ismn/{}", written[2].file()),
        format!("ismn/{}", written[1].file()),
    ];
    assert_eq!(problems, expected);
    assert_eq!(
        found.lost_by_reason()[&ExclusionReason::WrongUnit].sensor_days,
        N_DAYS as u64
    );
    assert_eq!(found.stations(), BTreeSet::from(["NET/A"]));
    assert_complete(&found, 4);
    written.truncate(1);
    fs::remove_dir_all(&archive).unwrap();
    write(&archive, ArchiveForm::default(), &written);
    assert_eq!(
        found.observations,
        table(&config(), folder.path()).observations
    );

    let percent = StationsConfig {
        soil_moisture_unit: vadose_io::ismn::SoilMoistureUnit::Percent,
        ..config()
    };
    assert!(
        table(&percent, folder.path())
            .observations
            .iter()
            .all(|one| one.soil_moisture_m3m3 < 0.005)
    );
}

#[test]
fn a_station_that_moved_has_two_sites() {
    let folder = tempfile::tempdir().unwrap();
    let mut moved = Written::moisture("A", "P", 0.05, east(3.0), 1);
    let first = Written::moisture("A", "P", 0.05, BOULDER, 1);
    moved.lines.iter_mut().for_each(|line| line.0 += 60);
    for (name, one) in [("before", first), ("after", moved)] {
        write(&folder.path().join(name), ArchiveForm::default(), &[one]);
    }
    let config = StationsConfig {
        archives: vec!["before".into(), "after".into()],
        ..config()
    };
    let table = table(&config, folder.path());
    assert_eq!((table.sites.len(), table.stations().len()), (2, 1));
    assert_complete(&table, 2);
}

#[test]
fn what_cannot_be_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |config: StationsConfig| {
        station_table(&config, &window(), &days(), folder.path()).unwrap_err()
    };
    for window_hours in [-1.0, 12.5, f64::NAN] {
        let matching = StationMatching::Nearest { window_hours };
        let error = refused(StationsConfig {
            matching,
            ..config()
        });
        assert!(matches!(error, CubeError::Config { .. }), "{error}");
    }
    for depth_m in [[0.1, 0.05], [-0.1, 0.05], [0.0, f64::NAN]] {
        let error = refused(StationsConfig {
            depth_m,
            ..config()
        });
        assert!(
            matches!(
                error,
                CubeError::Config {
                    key: "stations.depth_m",
                    ..
                }
            ),
            "{error}"
        );
    }
    let error = refused(config());
    assert!(
        matches!(error, CubeError::Io(_)) && error.to_string().contains("ismn"),
        "{error}"
    );
}

#[test]
fn the_files_are_those_that_are_read() {
    let folder = tempfile::tempdir().unwrap();
    write(
        &folder.path().join("ismn"),
        ArchiveForm::default(),
        &written(),
    );
    let zip = ArchiveForm {
        container: ArchiveContainer::Zip,
        ..ArchiveForm::default()
    };
    write(&folder.path().join("more.zip"), zip, &written()[..1]);
    let single = written()[3].file();
    let archives = vec![
        "more.zip".into(),
        "ismn".into(),
        format!("ismn/{single}").into(),
    ];
    let config = StationsConfig {
        archives,
        ..config()
    };
    let files = station_files(&config, folder.path()).unwrap();
    assert_eq!(files.len(), written().len() + 1);
    assert!(files.iter().all(|file| file.is_file()));
    let table = table(&config, folder.path());
    let twice = table
        .problems()
        .into_iter()
        .map(|one| one.path.display().to_string());
    assert!(twice.eq([
        format!("ismn/{}", written()[0].file()),
        format!("ismn/{single}")
    ]));
}

#[test]
fn nearest_values_are_of_6_h_local_solar_time() {
    // 105.2705° W: 6 h local solar time is 13:01:05 UTC, so that 13:30 is 28 min 55 s away and 12:30 31 min 5 s.
    let folder = tempfile::tempdir().unwrap();
    let mut one = Written::moisture("A", "P", 0.05, BOULDER, 1);
    let at = |minutes: i64, value| (start() + minutes * 60, value, "G");
    one.lines = vec![at(12 * 60 + 30, 1000), at(13 * 60 + 30, 2000)];
    write(&folder.path().join("ismn"), ArchiveForm::default(), &[one]);
    let found = table(&config(), folder.path());
    assert_eq!(found.observations.len(), 1);
    assert_eq!(found.observations[0].soil_moisture_m3m3, 0.2);
    let late = SignedDuration::from_mins(13 * 60 + 30);
    assert_eq!(
        found.observations[0].time,
        Timestamp::from_second(start()).unwrap() + late
    );
}

#[test]
fn uscrns_daily_table_gives_a_sensor_a_station() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vadose-io/tests/data/uscrn");
    let file = "crn_2020_june_12_stations.parquet.gz";
    let rows = vadose_io::uscrn::read_daily(data.join(file)).unwrap().days;
    let has_value = |row: &&vadose_io::uscrn::StationDay| !row.soil_moisture_5cm_m3m3.is_nan();
    let first = rows.iter().find(has_value).unwrap();
    let home = EaseGrid2::M01.locate(first.position).unwrap();
    let window = Window::new(EaseGrid2::M01, home.row, home.col, 9, 9).unwrap();
    let june = Period {
        first: date(2020, 6, 1),
        last: date(2020, 6, 30),
        every: 1,
    };
    let calendar = Calendar::new(&[june], first.position.lon_deg).unwrap();
    let config = StationsConfig {
        uscrn: Some(file.into()),
        ..StationsConfig::default()
    };
    let table = station_table(&config, &window, calendar.days(), &data).unwrap();
    let expected: Vec<(String, f32)> = rows
        .iter()
        .filter(|row| row.wban == first.wban)
        .filter(has_value)
        .map(|row| (row.date.to_string(), row.soil_moisture_5cm_m3m3))
        .collect();
    let found = table.observations.iter();
    let found: Vec<_> = found
        .map(|one| (one.date.to_string(), one.soil_moisture_m3m3))
        .collect();
    assert!(!found.is_empty());
    assert_eq!(found, expected);
    let lost = table.lost_by_reason();
    assert_eq!(lost[&ExclusionReason::OutsideWindow].stations, 11);
    let deeper = StationsConfig {
        depth_m: [0.06, 0.2],
        ..config
    };
    let deeper = station_table(&deeper, &window, calendar.days(), &data).unwrap();
    assert_eq!(
        deeper.lost_by_reason()[&ExclusionReason::OutsideLayer].stations,
        12
    );
}
