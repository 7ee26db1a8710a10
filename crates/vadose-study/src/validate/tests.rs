//! Validation of small granules at small archives, whose pairs are known by hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use approx::assert_abs_diff_eq;
use jiff::{SignedDuration, Timestamp};
use ndarray::{Array1, Array2};
use vadose_grid::{Cell, EaseGrid2, LatLonDeg, Window};
use vadose_io::granule_writer::{GranuleContents, GroupContents, Placement, Values, write_granule};
use vadose_io::ismn::{
    ArchiveForm, FlagPolicy, FlagSet, Observation, Rejections, Series, SeriesInfo, write_archive,
};
use vadose_io::{Product, j2000_seconds_of_timestamp};

use super::*;

/// Soil moisture is f32 in granules and archives.
const MAX_ROUNDING_ERR_M3M3: f64 = 1e-7;
const N_DAYS: i64 = 12;
const BOULDER: LatLonDeg = LatLonDeg {
    lat_deg: 40.015,
    lon_deg: -105.2705,
};

/// Midnight of the first day.
fn start() -> Timestamp {
    "2017-06-01T00:00:00Z".parse().unwrap()
}

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

/// A position so many cells of 9 km east of Boulder's cell.
fn east_of_boulder(cells: usize) -> LatLonDeg {
    let home = EaseGrid2::M09.locate(BOULDER).unwrap();
    let col = home.col + cells;
    EaseGrid2::M09.centre(Cell { col, ..home }).unwrap()
}

/// An hourly series of the twelve days that starts at `first` and rises by 0.0001 an hour.
fn series(station: &str, sensor: &str, position: LatLonDeg, depth: &str, first: f64) -> Series {
    let path = format!(
        "NET/{station}/NET_NET_{station}_sm_{depth}_{depth}_{sensor}_20170601_20170612.stm"
    );
    let observation = |hour: i64| Observation {
        time: start() + hours(hour),
        value: (first + 1e-4 * hour as f64) as f32,
        flags: FlagSet::GOOD,
        provider_flag_idx: None,
    };
    Series {
        info: SeriesInfo::from_path(&path).unwrap(),
        position,
        elevation_m: 1655.0,
        observations: (0..24 * N_DAYS).map(observation).collect(),
        provider_flags: Vec::new(),
        rejected: Rejections::default(),
        discrepancy: None,
    }
}

/// Two probes at one station, a neighbour in its cell that is frozen on the second day, a station without a
/// product value, one that no granule covers, and one beyond the grid.
fn archive(folder: &Path) -> PathBuf {
    let path = folder.join("ismn");
    let mut frozen = series("Neighbour", "A", east_of_boulder(0), "0.050000", 0.10);
    for hour in 24..48 {
        frozen.observations[hour].flags = FlagSet::parse(b"D01");
    }
    let north = LatLonDeg {
        lat_deg: 86.0,
        lon_deg: 10.0,
    };
    let all = [
        series("Boulder", "A", BOULDER, "0.050000", 0.20),
        series("Boulder", "B", BOULDER, "0.050800", 0.22),
        series("Boulder", "B", BOULDER, "0.100000", 0.40),
        frozen,
        series("Fill", "A", east_of_boulder(1), "0.050000", 0.20),
        series("Far", "A", east_of_boulder(9), "0.050000", 0.20),
        series("North", "A", north, "0.050000", 0.20),
    ];
    write_archive(&path, ArchiveForm::default(), |archive| {
        archive.add_series(&all)
    })
    .unwrap();
    path
}

/// Half orbits at 13:20 of each day over two cells: 0.30 plus 0.01 a day, not recommended on the fifth day;
/// and fill.
fn orbits(folder: &Path) -> PathBuf {
    let folder = folder.join("granules/2017");
    fs::create_dir_all(&folder).unwrap();
    let home = EaseGrid2::M09.locate(BOULDER).unwrap();
    let neighbour = Cell {
        col: home.col + 1,
        ..home
    };
    for day in 0..N_DAYS {
        let time = start() + hours(24 * day + 13) + SignedDuration::from_mins(20);
        let seconds = j2000_seconds_of_timestamp(time);
        let word = u16::from(day == 4);
        let soil_moisture = Array1::from_vec(vec![(0.30 + 0.01 * day as f64) as f32, f32::NAN]);
        let values = BTreeMap::from([
            ("soil_moisture".to_owned(), soil_moisture.into()),
            (
                "retrieval_qual_flag".to_owned(),
                Array1::from_vec(vec![word, 7]).into(),
            ),
            (
                "tb_time_seconds".to_owned(),
                Array1::from_vec(vec![seconds; 2]).into(),
            ),
        ]);
        let name = format!(
            "SMAP_L2_SM_P_E_{:05}_D_201706{:02}T130000_R18290_001.h5",
            12461 + day,
            day + 1
        );
        write(
            &folder.join(name),
            Product::Spl2SmpE,
            Placement::Trajectory(vec![home, neighbour]),
            values,
        );
    }
    folder.parent().unwrap().to_path_buf()
}

fn write(path: &Path, product: Product, placement: Placement, values: BTreeMap<String, Values>) {
    let contents = GranuleContents {
        product,
        metadata: Vec::new(),
        groups: vec![GroupContents {
            name: product.groups()[0].name.to_owned(),
            placement,
            values,
        }],
    };
    write_granule(path, &contents).unwrap();
}

fn run(
    granules: &Path,
    stations: &Path,
    config: &ValidateConfig,
) -> Result<Validation, StudyError> {
    validate(
        &[granules.to_path_buf()],
        &[stations.to_path_buf()],
        config,
        |_, _| {},
    )
}

fn station<'a>(validation: &'a Validation, name: &str) -> &'a StationResult {
    let stations = &validation.summary.stations;
    stations
        .iter()
        .find(|station| station.station == name)
        .unwrap()
}

fn samples_of<'a>(validation: &'a Validation, name: &str) -> Vec<&'a Sample> {
    let stations = &validation.summary.stations;
    let samples = validation.samples.iter();
    samples
        .filter(|sample| stations[sample.site].station == name)
        .collect()
}

#[test]
fn pairs_are_those_known_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let (granules, stations) = (orbits(folder.path()), archive(folder.path()));
    let validation = run(&granules, &stations, &ValidateConfig::default()).unwrap();

    let samples = samples_of(&validation, "Boulder");
    assert_eq!(samples.len(), 11); // the fifth day is not recommended
    for (sample, day) in samples.iter().zip((0..N_DAYS).filter(|day| *day != 4)) {
        // 13:20 is nearest to 13:00; the mean of 0.20 and 0.22; the probe at 10 cm is not asked.
        let hour = (24 * day + 13) as f64;
        assert_abs_diff_eq!(
            sample.reference,
            0.21 + 1e-4 * hour,
            epsilon = MAX_ROUNDING_ERR_M3M3
        );
        assert_abs_diff_eq!(
            sample.estimate,
            0.30 + 0.01 * day as f64,
            epsilon = MAX_ROUNDING_ERR_M3M3
        );
        assert_eq!((sample.n_probes, sample.n_values), (2, 1));
    }
    let boulder = station(&validation, "Boulder");
    assert_eq!(boulder.status, StationStatus::Scored);
    assert_eq!(
        (boulder.values.covered, boulder.values.not_recommended),
        (12, 1)
    );
    // Mean over days d of 0.30 + 0.01 d - 0.2113 - 0.0024 d, d being 62 / 11 in the mean.
    let bias = 0.30 - 0.2113 + (0.01 - 0.0024) * 62.0 / 11.0;
    let skill = boulder.skill.unwrap();
    assert_abs_diff_eq!(skill.bias.unwrap(), bias, epsilon = MAX_ROUNDING_ERR_M3M3);
    assert_abs_diff_eq!(skill.r.unwrap(), 1.0, epsilon = 1e-9);
    assert!(boulder.few_effective && boulder.n_eff.unwrap() <= 11.0);

    // A station of its own, though in the same cell; frozen on the second day.
    let neighbour = station(&validation, "Neighbour");
    assert_eq!((neighbour.row, neighbour.col), (boulder.row, boulder.col));
    assert_eq!(
        (neighbour.values.samples, neighbour.values.station_flagged),
        (10, 1)
    );

    let status = |name| station(&validation, name).status;
    assert_eq!(status("Fill"), StationStatus::NoProductValue);
    assert_eq!(status("Far"), StationStatus::NotCovered);
    assert_eq!(status("North"), StationStatus::OutsideGrid);
    let summary = &validation.summary;
    assert_eq!((summary.skill.stations, summary.skill.n), (2, 21));
    assert_eq!(
        (summary.counts.granules, summary.counts.series_too_deep),
        (12, 1)
    );
    assert_eq!(summary.provenance.inputs.len(), 12 + 6);
}

#[test]
fn values_make_samples_or_are_counted_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let (granules, stations) = (orbits(folder.path()), archive(folder.path()));
    let config = ValidateConfig {
        quality: QualityPolicy::All,
        ..ValidateConfig::default()
    };
    for config in [ValidateConfig::default(), config] {
        let validation = run(&granules, &stations, &config).unwrap();
        let Tally {
            covered,
            missing,
            not_recommended,
            without_time,
            merged,
            station_flagged,
            station_silent,
            samples,
        } = validation.summary.counts.values;
        let lost = missing + not_recommended + without_time + merged;
        assert_eq!(covered, lost + station_flagged + station_silent + samples);
        assert_eq!(samples, validation.samples.len());
        let all = config.quality == QualityPolicy::All;
        assert_eq!(not_recommended, if all { 0 } else { 2 });
    }
}

#[test]
fn a_window_that_is_too_narrow_leaves_the_station_silent() {
    let folder = tempfile::tempdir().unwrap();
    let (granules, stations) = (orbits(folder.path()), archive(folder.path()));
    let within = |window_hours| ValidateConfig {
        matching: Matching::Nearest { window_hours },
        ..ValidateConfig::default()
    };
    // 20 minutes are a third of an hour.
    let error = run(&granules, &stations, &within(0.33)).unwrap_err();
    assert!(
        matches!(error, StudyError::NoPairs { flagged: 0, .. }),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("2 no station value at these times"),
        "{error}"
    );
    assert!(run(&granules, &stations, &within(0.34)).is_ok());
    let error = run(&granules, &stations, &within(f64::NAN)).unwrap_err();
    assert!(
        matches!(error, StudyError::ConfigOutOfRange { .. }),
        "{error}"
    );
}

#[test]
fn daily_means_are_of_the_utc_day() {
    let folder = tempfile::tempdir().unwrap();
    let (granules, stations) = (orbits(folder.path()), archive(folder.path()));
    let config = ValidateConfig {
        matching: Matching::DailyMean,
        ..ValidateConfig::default()
    };
    let validation = run(&granules, &stations, &config).unwrap();
    let first = samples_of(&validation, "Boulder")[0];
    assert_eq!(first.time, start());
    // Hours 0 to 23 have the mean 11.5.
    assert_abs_diff_eq!(
        first.reference,
        0.21 + 11.5e-4,
        epsilon = MAX_ROUNDING_ERR_M3M3
    );
    assert_eq!(station(&validation, "Neighbour").values.station_flagged, 1);
}

#[test]
fn a_damaged_granule_is_skipped_and_named_and_the_others_count() {
    let folder = tempfile::tempdir().unwrap();
    let (granules, stations) = (orbits(folder.path()), archive(folder.path()));
    let whole = run(&granules, &stations, &ValidateConfig::default()).unwrap();
    let damaged = granules.join("2017/SMAP_L2_SM_P_E_12463_D_20170603T130000_R18290_001.h5");
    let bytes = fs::read(&damaged).unwrap();
    fs::write(&damaged, &bytes[..bytes.len() / 2]).unwrap();
    let validation = run(&granules, &stations, &ValidateConfig::default()).unwrap();
    let [skipped] = &validation.summary.skipped_granules[..] else {
        panic!("one granule is damaged");
    };
    assert_eq!(skipped.path, damaged.display().to_string());
    assert!(!skipped.reason.is_empty() && !skipped.reason.contains(&skipped.path));
    assert_eq!(validation.samples.len(), whole.samples.len() - 2);
    assert_eq!(validation.summary.counts.granules, 11);

    for entry in fs::read_dir(granules.join("2017")).unwrap() {
        fs::write(entry.unwrap().path(), "no granule").unwrap();
    }
    let error = run(&granules, &stations, &ValidateConfig::default()).unwrap_err();
    assert!(
        matches!(error, StudyError::NoGranuleReadable { n: 12, .. }),
        "{error}"
    );
}

#[test]
fn a_damaged_series_is_skipped_and_its_station_keeps_the_other_probe() {
    let folder = tempfile::tempdir().unwrap();
    let (granules, stations) = (orbits(folder.path()), archive(folder.path()));
    let probe = "NET/Boulder/NET_NET_Boulder_sm_0.050800_0.050800_B_20170601_20170612.stm";
    fs::write(stations.join(probe), "no series").unwrap();
    let validation = run(&granules, &stations, &ValidateConfig::default()).unwrap();
    assert_eq!(validation.summary.skipped_station_files.len(), 1);
    let sample = samples_of(&validation, "Boulder")[0];
    assert_eq!(sample.n_probes, 1);
    assert_abs_diff_eq!(sample.reference, 0.2013, epsilon = MAX_ROUNDING_ERR_M3M3);
}

#[test]
fn an_archive_given_twice_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (granules, stations) = (orbits(folder.path()), archive(folder.path()));
    let config = ValidateConfig::default();
    let once = run(&granules, &stations, &config).unwrap();
    let both = [stations.clone(), stations];
    let twice = validate(&[granules], &both, &config, |_, _| {}).unwrap();
    assert_eq!(once.samples, twice.samples);
}

#[test]
fn unchecked_values_count_on_request_alone() {
    let folder = tempfile::tempdir().unwrap();
    let granules = orbits(folder.path());
    let mut unchecked = series("Boulder", "A", BOULDER, "0.050000", 0.20);
    for observation in &mut unchecked.observations {
        observation.flags = FlagSet::UNCHECKED;
    }
    let stations = folder.path().join("ismn");
    write_archive(&stations, ArchiveForm::default(), |archive| {
        archive.add_series(&[unchecked])
    })
    .unwrap();
    let error = run(&granules, &stations, &ValidateConfig::default()).unwrap_err();
    assert!(
        matches!(error, StudyError::NoPairs { flagged: 11, .. }),
        "{error}"
    );
    let config = ValidateConfig {
        flags: FlagPolicy::GoodOrUnchecked,
        ..ValidateConfig::default()
    };
    assert_eq!(
        run(&granules, &stations, &config).unwrap().samples.len(),
        11
    );
}

#[test]
fn a_table_of_stations_gives_what_an_archive_gives() {
    let folder = tempfile::tempdir().unwrap();
    let granules = orbits(folder.path());
    let mut table = "lon,lat,time,soil_moisture,station,network\n".to_owned();
    for day in 0..N_DAYS {
        let time = start() + hours(24 * day + 13);
        // Two probes of one time are averaged.
        for value in [0.20, 0.22] {
            table += &format!("-105.2705,40.015,{time},{value},Boulder,NET\n");
        }
    }
    table += "-105.2705,40.015,2017-06-01T12:00:00Z,7.5,Boulder,NET\n";
    let stations = folder.path().join("stations.csv");
    fs::write(&stations, table).unwrap();
    let validation = run(&granules, &stations, &ValidateConfig::default()).unwrap();
    assert_eq!(validation.samples.len(), 11);
    assert_abs_diff_eq!(
        validation.samples[0].reference,
        0.21,
        epsilon = MAX_ROUNDING_ERR_M3M3
    );
    let [row] = &validation.summary.skipped_station_files[..] else {
        panic!("one row is out of range");
    };
    assert!(row.path.ends_with("stations.csv, line 26"), "{}", row.path);
}

#[test]
fn overlapping_scenes_of_one_pass_are_averaged() {
    let folder = tempfile::tempdir().unwrap();
    let stations = archive(folder.path());
    let home = EaseGrid2::M01.locate(BOULDER).unwrap();
    let window = Window::new(EaseGrid2::M01, home.row - 1, home.col - 2, 4, 5).unwrap();
    let scene = |value: f32, second: i64| {
        let time = start() + hours(13) + SignedDuration::from_secs(second);
        let seconds = j2000_seconds_of_timestamp(time);
        let mut soil_moisture = Array2::from_elem((4, 5), 0.5_f32);
        soil_moisture[[1, 2]] = value;
        let values = BTreeMap::from([
            ("soil_moisture".to_owned(), soil_moisture.into()),
            (
                "retrieval_qual_flag".to_owned(),
                Array2::<u16>::zeros((4, 5)).into(),
            ),
            (
                "spacecraft_overpass_time_seconds".to_owned(),
                Array2::from_elem((4, 5), seconds).into(),
            ),
        ]);
        let name = format!(
            "SMAP_L2_SM_SP_1AIWDV_20170601T1300{second:02}_20170601T010000_105W40N_R17000_001.h5"
        );
        let path = folder.path().join(name);
        write(
            &path,
            Product::Spl2SmapS,
            Placement::Rectangle(window),
            values,
        );
        path
    };
    let scenes = [scene(0.20, 0), scene(0.30, 32)];
    let config = ValidateConfig::default();
    let validation = validate(&scenes, &[stations], &config, |_, _| {}).unwrap();
    let [sample] = samples_of(&validation, "Boulder")[..] else {
        panic!("both scenes are of one pass");
    };
    assert_abs_diff_eq!(sample.estimate, 0.25, epsilon = MAX_ROUNDING_ERR_M3M3);
    assert_eq!((sample.n_values, sample.granule), (2, 0));
    let boulder = station(&validation, "Boulder");
    assert_eq!(boulder.status, StationStatus::TooFewSamples);
    assert_eq!(
        (boulder.values.merged, validation.summary.skill.stations),
        (1, 0)
    );
}

#[test]
fn an_analysis_is_of_the_middle_of_its_three_hours() {
    let folder = tempfile::tempdir().unwrap();
    let stations = archive(folder.path());
    let home = EaseGrid2::M09.locate(BOULDER).unwrap();
    let window = Window::new(EaseGrid2::M09, home.row, home.col, 2, 10).unwrap();
    let values = BTreeMap::from([(
        "sm_surface".to_owned(),
        Array2::from_elem((2, 10), 0.25_f32).into(),
    )]);
    let path = folder
        .path()
        .join("SMAP_L4_SM_gph_20170603T103000_Vv7032_001.h5");
    write(
        &path,
        Product::Spl4Smgp,
        Placement::Rectangle(window),
        values,
    );
    let validation = run(&path, &stations, &ValidateConfig::default()).unwrap();
    assert_eq!(validation.summary.quality_flag, None);
    // 10:30 lies between two hours, and the earlier holds: hour 48 + 10.
    let sample = samples_of(&validation, "Boulder")[0];
    assert_abs_diff_eq!(
        sample.reference,
        0.21 + 58e-4,
        epsilon = MAX_ROUNDING_ERR_M3M3
    );
    assert_eq!(station(&validation, "Far").values.samples, 1);

    let unnamed = folder.path().join("analysis.h5");
    fs::rename(&path, &unnamed).unwrap();
    let error = run(&unnamed, &stations, &ValidateConfig::default()).unwrap_err();
    assert!(error.to_string().contains("which three hours"), "{error}");
}

#[test]
fn a_day_of_both_passes_gives_two_samples() {
    let folder = tempfile::tempdir().unwrap();
    let stations = archive(folder.path());
    let home = EaseGrid2::M36.locate(BOULDER).unwrap();
    let window = Window::new(EaseGrid2::M36, home.row, home.col, 1, 1).unwrap();
    let groups = Product::Spl3Smp.groups().iter();
    let groups = groups
        .filter(|group| group.grid == EaseGrid2::M36)
        .zip([(12, 0.20_f32), (24, 0.30)])
        .map(|(group, (hour, value))| {
            let seconds = j2000_seconds_of_timestamp(start() + hours(hour));
            GroupContents {
                name: group.name.to_owned(),
                placement: Placement::Rectangle(window),
                values: BTreeMap::from([
                    (
                        "soil_moisture".to_owned(),
                        Array2::from_elem((1, 1), value).into(),
                    ),
                    (
                        "retrieval_qual_flag_dca".to_owned(),
                        Array2::<u16>::zeros((1, 1)).into(),
                    ),
                    (
                        "tb_time_seconds".to_owned(),
                        Array2::from_elem((1, 1), seconds).into(),
                    ),
                ]),
            }
        });
    let contents = GranuleContents {
        product: Product::Spl3Smp,
        metadata: Vec::new(),
        groups: groups.collect(),
    };
    let path = folder.path().join("SMAP_L3_SM_P_20170601_R18290_001.h5");
    write_granule(&path, &contents).unwrap();
    let validation = run(&path, &stations, &ValidateConfig::default()).unwrap();
    let samples = samples_of(&validation, "Boulder");
    let found: Vec<_> = samples
        .iter()
        .map(|sample| (sample.time - hours(12), sample.n_probes))
        .collect();
    assert_eq!(found, [(start(), 2), (start() + hours(12), 2)]);
}

#[test]
fn the_tables_hold_every_pair_and_every_station() {
    let folder = tempfile::tempdir().unwrap();
    let (granules, stations) = (orbits(folder.path()), archive(folder.path()));
    let validation = run(&granules, &stations, &ValidateConfig::default()).unwrap();
    let output = folder.path().join("new/validation");
    validation.write(&output).unwrap();
    let lines = |name: &str| {
        fs::read_to_string(output.join(name))
            .unwrap()
            .lines()
            .count()
    };
    assert_eq!(lines("samples.csv"), 1 + 21);
    assert_eq!(lines("stations.csv"), 1 + 5);
    assert!(output.join("scatter.png").exists());
    let table = validation.summary.to_string();
    assert!(
        table.contains("NET/Neighbour") && table.contains("1 stations: beyond the grid"),
        "{table}"
    );
}
