//! Tables of archives that are written here, against a recomputation from what went into them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use approx::assert_abs_diff_eq;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use vadose_grid::{Cell, EaseGrid2, LatLonDeg, Window};
use vadose_io::ismn::{
    ArchiveContainer, ArchiveForm, FlagPolicy, FlagSet, LineEnd, Observation, Rejections, Series,
    SeriesInfo, TextFormat, write_archive,
};

use super::*;
use crate::{Calendar, Period};

const N_DAYS: i64 = 12;
const BOULDER: LatLonDeg = LatLonDeg {
    lat_deg: 40.015,
    lon_deg: -105.2705,
};
/// Means in f64 that are rounded to f32 once.
const MAX_ROUNDING_ERR_M3M3: f32 = 6e-8;

/// One written series, as the recomputation sees it: (seconds, ten-thousandths, flags).
struct Written {
    station: &'static str,
    variable: &'static str,
    depth_m: f64,
    sensor: &'static str,
    position: LatLonDeg,
    lines: Vec<(i64, i32, &'static str)>,
}

/// Some number of a position and a time, much alike a random one.
fn hashed(seed: u64, hour: i64) -> u64 {
    let mut x = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (hour as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    x ^= x >> 32;
    x = x.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    x ^ (x >> 32)
}

fn start() -> i64 {
    "2017-06-01T00:00:00Z"
        .parse::<Timestamp>()
        .unwrap()
        .as_second()
}

const FLAGS: [&str; 8] = ["G", "G", "G", "G", "D01", "D01,D03", "C03", "U"];

impl Written {
    /// Hourly values with gaps and flags.
    fn moisture(
        station: &'static str,
        sensor: &'static str,
        depth_m: f64,
        position: LatLonDeg,
        seed: u64,
    ) -> Self {
        let line = |hour: i64| {
            let drawn = hashed(seed, hour);
            // Stations report at odd minutes, too.
            let seconds = start() + hour * 3600 + (seed as i64 % 3) * 600;
            let flags = FLAGS[(drawn >> 20) as usize % FLAGS.len()];
            (!drawn.is_multiple_of(4)).then_some((
                seconds,
                500 + (drawn >> 40) as i32 % 4000,
                flags,
            ))
        };
        Self {
            station,
            variable: "sm",
            depth_m,
            sensor,
            position,
            lines: (0..24 * (N_DAYS + 1)).filter_map(line).collect(),
        }
    }

    /// A series of another variable, the same value all along each day.
    fn daily(
        station: &'static str,
        variable: &'static str,
        depth_m: f64,
        position: LatLonDeg,
        values: impl Fn(i64) -> i32,
    ) -> Self {
        let line = |hour: i64| (start() + hour * 3600, values(hour / 24), "G");
        Self {
            station,
            variable,
            depth_m,
            sensor: "Gauge",
            position,
            lines: (0..24 * (N_DAYS + 1)).map(line).collect(),
        }
    }

    fn file(&self) -> String {
        let Self {
            station,
            variable,
            depth_m,
            sensor,
            ..
        } = self;
        format!(
            "NET/{station}/NET_NET_{station}_{variable}_{depth_m:.6}_{depth_m:.6}_{sensor}_20170601_20170613.stm"
        )
    }

    fn series(&self) -> Series {
        let observation = |&(seconds, value, flags): &(i64, i32, &str)| Observation {
            time: Timestamp::from_second(seconds).unwrap(),
            value: value as f32 / 1e4,
            flags: FlagSet::parse(flags.as_bytes()),
            provider_flag_idx: None,
        };
        Series {
            info: SeriesInfo::from_path(&self.file()).unwrap(),
            position: self.position,
            elevation_m: 1655.0,
            observations: self.lines.iter().map(observation).collect(),
            provider_flags: Vec::new(),
            rejected: Rejections::default(),
            discrepancy: None,
        }
    }
}

fn east(km: f64) -> LatLonDeg {
    LatLonDeg {
        lon_deg: BOULDER.lon_deg + km / 85.0,
        ..BOULDER
    }
}

fn written() -> Vec<Written> {
    let frozen = |day: i64| if day % 4 == 1 { -50_000 } else { 80_000 };
    let snow = |day: i64| if day % 5 == 2 { 30_000 } else { 0 };
    vec![
        Written::moisture("A", "P", 0.05, BOULDER, 1),
        Written::moisture("A", "Q", 0.0508, BOULDER, 2),
        Written::moisture("A", "P", 0.2, BOULDER, 3),
        Written::moisture("B", "P", 0.05, BOULDER, 4),
        Written::moisture("C", "P", 0.05, east(5.0), 5),
        Written::moisture("D", "P", 0.0508, east(-6.0), 6),
        Written::moisture("Far", "P", 0.05, east(400.0), 7),
        Written::daily("B", "ts", 0.05, BOULDER, frozen),
        Written::daily("B", "ts", 0.5, BOULDER, |_| -10_000),
        Written::daily("D", "sd", 0.0, east(-6.0), snow),
    ]
}

fn write(path: &Path, form: ArchiveForm, written: &[Written]) {
    let series: Vec<Series> = written.iter().map(Written::series).collect();
    write_archive(path, form, |archive| archive.add_series(&series)).unwrap();
}

fn window() -> Window {
    let home = EaseGrid2::M01.locate(BOULDER).unwrap();
    Window::new(EaseGrid2::M01, home.row - 9, home.col - 9, 18, 18).unwrap()
}

fn days() -> Vec<CubeDay> {
    let june = Period {
        first: date(2017, 6, 1),
        last: date(2017, 6, N_DAYS as i8),
        every: 1,
    };
    Calendar::new(&[june], BOULDER.lon_deg)
        .unwrap()
        .days()
        .to_vec()
}

fn config() -> StationsConfig {
    StationsConfig {
        archives: vec!["ismn".into()],
        ..StationsConfig::default()
    }
}

fn table(config: &StationsConfig, folder: &Path) -> StationTable {
    station_table(config, &window(), &days(), folder).unwrap()
}

/// Times and values of sensors.
type SensorsByStation = BTreeMap<&'static str, Vec<(i64, f64)>>;

/// By day and cell: sensors by station, each with its value; and reasons by sensor file.
#[derive(Default)]
struct Expected {
    values: BTreeMap<(usize, Cell), SensorsByStation>,
    lost: BTreeMap<(String, String), u64>,
}

/// The rules again, on plain numbers: no series, no calendar, no reader.
fn recomputed(written: &[Written], config: &StationsConfig) -> Expected {
    let mut expected = Expected::default();
    let moisture = written.iter().filter(|one| one.variable == "sm");
    for sensor in moisture {
        let name = format!("ismn/{}", sensor.file());
        let mut lose =
            |reason: String, n: u64| *expected.lost.entry((reason, name.clone())).or_default() += n;
        let cell = EaseGrid2::M01.locate(sensor.position).unwrap();
        if sensor.depth_m > 0.055 {
            lose("outside_layer".to_owned(), N_DAYS as u64);
        } else if !window().contains(cell) {
            lose("outside_window".to_owned(), N_DAYS as u64);
        } else {
            for day in 0..N_DAYS {
                let pass = start()
                    + 86_400 * day
                    + ((6.0 - sensor.position.lon_deg / 15.0) * 3600.0).round() as i64;
                match of_day(sensor, pass, config) {
                    Err(reason) => lose(reason, 1),
                    Ok(found) => {
                        let reports = |variable: &str, is_bad: fn(f64) -> bool| {
                            written.iter().any(|one| {
                                (one.station, one.variable) == (sensor.station, variable)
                                    && one.depth_m <= 0.055
                                    && of_day(one, pass, config)
                                        .is_ok_and(|(_, value)| is_bad(value))
                            })
                        };
                        if reports("ts", |value| value < 0.0) {
                            lose("frozen".to_owned(), 1);
                        } else if reports("sd", |value| value > 0.0) {
                            lose("snow".to_owned(), 1);
                        } else {
                            let stations = expected.values.entry((day as usize, cell)).or_default();
                            stations.entry(sensor.station).or_default().push(found);
                        }
                    }
                }
            }
        }
    }
    expected
}

fn of_day(sensor: &Written, pass: i64, config: &StationsConfig) -> Result<(i64, f64), String> {
    let is_good = |flags: &str| match config.flags {
        FlagPolicy::Good => flags == "G",
        FlagPolicy::GoodOrUnchecked => flags == "G" || flags == "U",
    };
    let mut about: Vec<(i64, i64, f64, &str)> = Vec::new();
    for &(time, value, flags) in &sensor.lines {
        let since = time - pass;
        let is_about = match config.matching {
            StationMatching::Nearest { window_hours } => {
                since.abs() as f64 <= window_hours * 3600.0
            }
            StationMatching::DailyMean => (-6 * 3600..18 * 3600).contains(&since),
        };
        if is_about {
            about.push((since.abs(), time, f64::from(value as f32 / 1e4), flags));
        }
    }
    about.sort_by_key(|one| (one.0, one.1));
    let good: Vec<_> = about.iter().filter(|one| is_good(one.3)).collect();
    match (good.first(), about.first()) {
        (Some(nearest), _) => Ok(match config.matching {
            StationMatching::Nearest { .. } => (nearest.1, nearest.2),
            StationMatching::DailyMean => {
                let mean = good.iter().map(|one| one.2).sum::<f64>() / good.len() as f64;
                (pass, f64::from(mean as f32))
            }
        }),
        (None, Some(nearest)) => Err(format!("flagged:{}", nearest.3.replace(',', "+"))),
        (None, None) => Err("no_value".to_owned()),
    }
}

fn assert_equals(table: &StationTable, expected: &Expected) {
    assert_eq!(table.observations.len(), expected.values.len());
    for (found, ((day, cell), stations)) in table.observations.iter().zip(&expected.values) {
        assert_eq!((found.date, found.cell), (days()[*day].date, *cell));
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let of_station =
            |values: &Vec<(i64, f64)>| mean(&values.iter().map(|one| one.1).collect::<Vec<_>>());
        let means: Vec<f64> = stations.values().map(of_station).collect();
        let variance = mean(
            &means
                .iter()
                .map(|one| (one - mean(&means)).powi(2))
                .collect::<Vec<_>>(),
        );
        assert_abs_diff_eq!(
            found.soil_moisture_m3m3,
            mean(&means) as f32,
            epsilon = MAX_ROUNDING_ERR_M3M3
        );
        assert_abs_diff_eq!(
            found.standard_deviation_m3m3,
            variance.sqrt() as f32,
            epsilon = MAX_ROUNDING_ERR_M3M3
        );
        let names: Vec<_> = stations.keys().map(|name| format!("NET/{name}")).collect();
        assert_eq!(found.stations, names);
        let times: Vec<i64> = stations.values().flatten().map(|one| one.0).collect();
        assert_eq!(found.n_sensors as usize, times.len());
        let mean_time = times.iter().sum::<i64>().div_euclid(times.len() as i64);
        assert_eq!(found.time.as_second(), mean_time);
    }
    let lost: BTreeMap<_, _> = table
        .exclusions
        .iter()
        .map(|one| ((one.reason.to_string(), one.sensor.clone()), one.count))
        .collect();
    assert_eq!(lost, expected.lost);
}

/// Every sensor is somewhere on every day.
fn assert_complete(table: &StationTable, n_sensors: u64) {
    let used: u64 = table
        .observations
        .iter()
        .map(|one| u64::from(one.n_sensors))
        .sum();
    let lost: u64 = table.exclusions.iter().map(|one| one.count).sum();
    assert_eq!(used + lost, n_sensors * N_DAYS as u64);
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
