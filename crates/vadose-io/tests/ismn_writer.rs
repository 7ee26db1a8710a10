//! What is written is read back, by any path, and is the bytes that ISMN itself writes.
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use vadose_grid::{Cell, EaseGrid2, LatLonDeg, Window};
use vadose_io::IoError;
use vadose_io::ismn::{
    Archive, ArchiveContainer, ArchiveForm, DailyCellsConfig, FlagPolicy, FlagSet, LineEnd,
    Observation, ReadOptions, Rejections, Series, SeriesInfo, StaticVariable, StaticVariables,
    TextFormat, Variable, daily_cells, observations_near, write_archive,
};
use vadose_scene::average_by_cell;

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/ismn")
        .join(name)
}

const FORMS: [TextFormat; 2] = [TextFormat::HeaderValues, TextFormat::Ceop];
const CONTAINERS: [ArchiveContainer; 2] = [ArchiveContainer::Folder, ArchiveContainer::Zip];
const LINE_ENDS: [LineEnd; 2] = [LineEnd::CrLf, LineEnd::Cr];

/// A series of `n_hours` in June 2017 whose values have four decimals.
fn series(network: &str, station: &str, sensor: &str, lat_deg: f64, n_hours: usize) -> Series {
    let start: Timestamp = "2017-06-01T00:00:00Z".parse().unwrap();
    let sets = [
        FlagSet::GOOD,
        FlagSet::UNCHECKED,
        FlagSet::parse(b"D01,D03"),
        FlagSet::GOOD,
    ];
    let observation = |hour: usize| Observation {
        time: start + SignedDuration::from_hours(hour as i64),
        value: ((hour * 37 + station.len() * 11) % 5000) as f32 / 1e4,
        flags: sets[hour % sets.len()],
        provider_flag_idx: [None, Some(0), Some(1)][hour % 3],
    };
    let path = format!(
        "{network}/{station}/{n}_{n}_{station}_sm_0.050800_0.050800_{sensor}_20170601_20170630.stm",
        n = network.replace('_', "-")
    );
    Series {
        info: SeriesInfo::from_path(&path).unwrap(),
        position: LatLonDeg {
            lat_deg,
            lon_deg: -105.2705,
        },
        elevation_m: 1655.25,
        observations: (0..n_hours).map(observation).collect(),
        provider_flags: vec!["M".to_string(), "qc 2".to_string()],
        rejected: Rejections::default(),
        discrepancy: None,
    }
}

fn some_series() -> Vec<Series> {
    vec![
        series("FR_Aqui", "Bear_Lake_", "Hydra Probe_2", 40.015, 720),
        series("SNOTEL", "1030", "Hydraprobe", -12.5, 5),
        series("SNOTEL", "Ny#1-(a)", "Hydraprobe", 71.0, 0),
    ]
}

#[test]
fn every_form_of_archive_reads_back_equal() {
    let folder = tempfile::tempdir().unwrap();
    for format in FORMS {
        for container in CONTAINERS {
            for line_end in LINE_ENDS {
                let form = ArchiveForm {
                    container,
                    format,
                    line_end,
                };
                let path = folder
                    .path()
                    .join(format!("{format:?}-{container:?}-{line_end:?}"));
                // A file of CEOP without lines says nothing of its station.
                let mut written = some_series();
                written.truncate(if format == TextFormat::Ceop { 2 } else { 3 });
                write_archive(&path, form, |archive| archive.add_series(&written)).unwrap();
                let archive = Archive::open(&path).unwrap();
                let infos: Vec<&SeriesInfo> = archive.series().iter().collect();
                let read = archive
                    .map_series(&infos, &ReadOptions::default(), |_, series| series.unwrap());
                written.sort_by(|a, b| a.info.path.cmp(&b.info.path));
                for (read, mut written) in read.into_iter().zip(written) {
                    if written.observations.is_empty() {
                        written.provider_flags.clear();
                    }
                    assert_eq!(read.info, written.info, "{form:?}");
                    assert_eq!(read.observations.len(), written.observations.len());
                    for (a, b) in read.observations.iter().zip(&written.observations) {
                        assert_eq!(
                            (a.time, a.value, a.flags),
                            (b.time, b.value, b.flags),
                            "{form:?}"
                        );
                        assert_eq!(read.provider_flag(a), written.provider_flag(b), "{form:?}");
                    }
                    assert_eq!(read.position, written.position);
                    assert_eq!(read.elevation_m, written.elevation_m);
                    assert_eq!(
                        (read.rejected.total(), read.discrepancy),
                        (0, None),
                        "{form:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn real_files_are_written_again_byte_for_byte() {
    for (name, format, line_end) in [
        (
            "cosmos_header_values.zip",
            TextFormat::HeaderValues,
            LineEnd::CrLf,
        ),
        ("cosmos_fr_aqui_ceop.zip", TextFormat::Ceop, LineEnd::CrLf),
        (
            "maqu_scan_soilscape_header_values.zip",
            TextFormat::HeaderValues,
            LineEnd::Cr,
        ),
    ] {
        let archive = Archive::open(sample(name)).unwrap();
        let mut file = zip::ZipArchive::new(fs::File::open(sample(name)).unwrap()).unwrap();
        let mut n_compared = 0;
        for info in archive.series() {
            // Headers there spell stations with `_`, and SOILSCAPE pads its own flags.
            if ["CST-01", "CST-02", "AdamsRanch#1", "AAMU-jtg"].contains(&info.station.as_str())
                || info.network == "SOILSCAPE"
            {
                continue;
            }
            let series = archive.read(info, &ReadOptions::default()).unwrap();
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("archive");
            let form = ArchiveForm {
                container: ArchiveContainer::Folder,
                format,
                line_end,
            };
            write_archive(&path, form, |archive| archive.add_series(&[series])).unwrap();
            let again = Archive::open(&path).unwrap();
            let written = fs::read_to_string(path.join(&again.series()[0].path)).unwrap();
            let mut real = String::new();
            std::io::Read::read_to_string(&mut file.by_name(&info.path).unwrap(), &mut real)
                .unwrap();
            // Flags in one set have no order; ours are sorted.
            let real = real
                .replace("D08,D05 ", "D05,D08 ")
                .replace("D08,D03,D05 ", "D03,D05,D08 ");
            assert!(written == real, "{name}: {}", info.path);
            assert!(info.path.ends_with(&again.series()[0].path));
            n_compared += 1;
        }
        assert!(n_compared > 0);
    }
}

#[test]
fn zips_have_the_same_bytes_whatever_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let written: Vec<Series> = (0..100)
        .map(|idx| series("NET", &format!("S{idx}"), "Probe", 40.0, 24))
        .collect();
    let bytes = |n_threads: usize| {
        let path = folder.path().join(format!("{n_threads}.zip"));
        let form = ArchiveForm {
            container: ArchiveContainer::Zip,
            ..ArchiveForm::default()
        };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .unwrap();
        let result =
            pool.install(|| write_archive(&path, form, |archive| archive.add_series(&written)));
        result.unwrap();
        fs::read(path).unwrap()
    };
    assert!(bytes(1) == bytes(3));
}

#[test]
fn static_variables_read_back_equal() {
    let folder = tempfile::tempdir().unwrap();
    let row = |quantity: &str, depth_m, value: &str, source: &str| StaticVariable {
        quantity: quantity.to_string(),
        unit: "% weight".to_string(),
        depth_m,
        value: value.to_string(),
        description: "1 km, 30\" tiles".to_string(),
        source: source.to_string(),
    };
    let variables = StaticVariables {
        rows: vec![
            row("clay fraction", Some([0.0, 0.3]), "23.00", "HWSD"),
            row("climate classification", None, "Cfa", "koeppen_geiger_2007"),
        ],
    };
    for container in CONTAINERS {
        let path = folder.path().join(format!("{container:?}"));
        let form = ArchiveForm {
            container,
            ..ArchiveForm::default()
        };
        write_archive(&path, form, |archive| {
            archive.add_series(&some_series())?;
            archive.add_static_variables("FR_Aqui", "Bear_Lake_", &variables)
        })
        .unwrap();
        let archive = Archive::open(&path).unwrap();
        for info in archive.series() {
            let wanted = (info.station == "Bear_Lake_").then(|| variables.clone());
            assert_eq!(
                archive.static_variables(info).unwrap(),
                wanted,
                "{}",
                info.path
            );
        }
    }
}

#[test]
fn what_no_reader_could_find_again_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    let write = |series: &[Series]| {
        write_archive(&path, ArchiveForm::default(), |archive| {
            archive.add_series(series)
        })
    };
    let renamed = |network: &str, station: &str| {
        let mut series = series("N", "S", "Probe", 40.0, 3);
        series.info.network = network.to_string();
        series.info.station = station.to_string();
        series
    };
    for (network, station) in [
        ("", "S"),
        ("N", ""),
        ("..", "S"),
        ("a/b", "S"),
        ("N", "a b"),
        ("N", "a\n"),
    ] {
        let error = write(&[renamed(network, station)]).unwrap_err();
        assert!(
            matches!(error, IoError::SeriesName { .. }),
            "{network} {station}: {error}"
        );
    }
    let mut slash = series("N", "S", "Probe", 40.0, 3);
    slash.info.sensor = "../../Probe".to_string();
    assert!(write(&[slash]).is_err());
    let mut missing = series("N", "S", "Probe", 40.0, 3);
    missing.observations[1].value = f32::NAN;
    assert!(matches!(write(&[missing]), Err(IoError::Write { .. })));
    let twice = series("N", "S", "Probe", 40.0, 3);
    let error = write(&[twice.clone(), twice]).unwrap_err().to_string();
    assert!(error.ends_with("is in it already"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn stations_near_a_pass_are_averaged_by_station_and_then_by_cell() {
    let mut all = vec![
        series("N", "A", "Probe-1", 40.015, 24),
        series("N", "A", "Probe-2", 40.015, 24),
        series("N", "B", "Probe", 40.015, 24),
        series("N", "Far", "Probe", 50.0, 24),
        series("N", "Late", "Probe", 40.015, 3),
    ];
    for (series, value) in all.iter_mut().zip([0.1, 0.2, 0.25, 0.4, 0.4]) {
        for observation in series.observations.iter_mut().skip(12) {
            observation.value = value;
        }
    }
    let time = "2017-06-01T12:20:00Z".parse().unwrap();
    let window = Window::new(EaseGrid2::M01, 2601, 7200, 9, 9).unwrap();
    let tolerance = SignedDuration::from_mins(90);
    let near = observations_near(&all, time, tolerance, FlagPolicy::Good, &window);
    let names: Vec<&str> = near
        .iter()
        .map(|observation| observation.station.as_str())
        .collect();
    assert_eq!(names, ["N/A", "N/A", "N/B"]);
    let cells = average_by_cell(&near).unwrap();
    assert_eq!(cells.len(), 1);
    assert_eq!(cells[0].value_m3m3, 0.2);
}

#[test]
fn the_daily_table_equals_averages_by_station_and_cell_of_each_day() {
    let folder = tempfile::tempdir().unwrap();
    let written: Vec<Series> = (0..6)
        .map(|idx| {
            let station = format!("S{}", "x".repeat(idx / 2));
            let lat_deg = if idx < 4 { 40.015 } else { 41.0 };
            series("N", &station, &format!("Probe-{idx}"), lat_deg, 72 - idx)
        })
        .collect();
    let path = folder.path().join("archive");
    write_archive(&path, ArchiveForm::default(), |archive| {
        archive.add_series(&written)
    })
    .unwrap();
    let archive = Archive::open(&path).unwrap();
    let table = daily_cells(&archive, &DailyCellsConfig::default(), EaseGrid2::M01);
    let mut n_rows = 0;
    for date in ["2017-06-01", "2017-06-02", "2017-06-03"] {
        let of_day: Vec<_> = written
            .iter()
            .filter_map(|series| {
                let days = series.daily_means(FlagPolicy::Good);
                let day = days.into_iter().find(|day| day.date.to_string() == date)?;
                let cell: Cell = EaseGrid2::M01.locate(series.position).unwrap();
                Some(vadose_scene::StationObservation {
                    station: series.info.station_id(),
                    cell,
                    value_m3m3: day.value,
                })
            })
            .collect();
        for cell in average_by_cell(&of_day).unwrap() {
            let row = table
                .rows
                .iter()
                .find(|row| row.cell == cell.cell && row.date.to_string() == date);
            let row = row.unwrap();
            assert_eq!(row.value_m3m3, cell.value_m3m3);
            assert_eq!(row.n_stations as usize, cell.stations.len());
            n_rows += 1;
        }
    }
    assert_eq!((n_rows, table.rows.len()), (6, 6));
    assert!(
        archive
            .series()
            .iter()
            .all(|info| info.variable == Variable::SoilMoisture)
    );
}
