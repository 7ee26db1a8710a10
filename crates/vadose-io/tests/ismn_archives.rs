//! Station archives as people have them: folders, zips, odd names, damaged and hostile files.
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use vadose_grid::{EaseGrid2, LatLonDeg};
use vadose_io::IoError;
use vadose_io::ismn::{
    Archive, ArchiveLimits, DailyCellsConfig, FlagPolicy, ReadOptions, RejectReason, Series,
    SeriesFilter, SeriesInfo, SoilMoistureUnit, daily_cells, inspect,
};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const NAME: &str = "N/S/N_N_S_sm_0.050000_0.050000_Probe_20170601_20170630.stm";
const HEADER: &str = "N N S 40.01500 -105.27050 1655.00 0.05 0.05 Probe";

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/ismn")
        .join(name)
}

fn put(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn zip_of(path: &Path, members: &[(&str, &[u8])]) {
    let mut zip = ZipWriter::new(fs::File::create(path).unwrap());
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

fn read_text(text: &str, options: &ReadOptions) -> Result<Series, IoError> {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), NAME, text);
    let archive = Archive::open(folder.path()).unwrap();
    archive.read(&archive.series()[0], options)
}

fn values(series: &Series) -> Vec<f32> {
    series
        .observations
        .iter()
        .map(|observation| observation.value)
        .collect()
}

#[test]
fn the_surface_holds_sensors_at_two_inches_and_not_below() {
    let archive = Archive::open(sample("maqu_scan_soilscape_header_values.zip")).unwrap();
    let n_scan = |filter: &SeriesFilter| {
        archive
            .select(filter)
            .filter(|info| info.network == "SCAN")
            .count()
    };
    assert_eq!(n_scan(&SeriesFilter::default()), 3);
    let five_cm = SeriesFilter {
        depth_m: [0.0, 0.05],
        ..SeriesFilter::default()
    };
    assert_eq!(n_scan(&five_cm), 0);
    let cosmos = Archive::open(sample("cosmos_header_values.zip")).unwrap();
    assert_eq!(cosmos.select(&SeriesFilter::default()).count(), 0); // 0 to 0.19 m
}

#[test]
fn a_network_is_named_as_its_folder_even_below_another_folder() {
    let archive = Archive::open(sample("cosmos_fr_aqui_ceop.zip")).unwrap();
    let stations: Vec<String> = archive
        .series()
        .iter()
        .map(SeriesInfo::station_id)
        .collect();
    assert_eq!(
        stations,
        ["COSMOS/ARM-1", "COSMOS/Barrow-ARM", "FR_Aqui/fraye"]
    );
}

#[test]
fn lines_that_cannot_be_used_are_counted_by_reason_and_listed() {
    let text = format!(
        "{HEADER}\n\
         2017/06/01 00:00 0.2100 G M\n\
         2017/06/01 01:00 21.0000 G M\n\
         2017/06/01 02:00 -9999.0 M\n\
         2017/06/01 03:00 0.2200 D01,D03 M\n\
         2017/06/31 04:00 0.2300 G M\n\
         2017/06/01 05:00 0,2300 G M\n\
         2017/06/01 06:00\n\
         2017/06/01 00:00 0.9900 G M\n\
         2017/06/01 07:00 NaN G M\n\
         2017/06/01 08:00 0.2400 U two words\n"
    );
    let series = read_text(&text, &ReadOptions::default()).unwrap();
    assert_eq!(values(&series), [0.21, 0.22, 0.24]);
    let count = |reason| {
        series
            .rejected
            .counts
            .get(&reason)
            .copied()
            .unwrap_or_default()
    };
    assert_eq!(count(RejectReason::Implausible), 2);
    assert_eq!(count(RejectReason::Missing), 1);
    assert_eq!(count(RejectReason::Time), 1);
    assert_eq!(count(RejectReason::Value), 1);
    assert_eq!(count(RejectReason::TooFewFields), 1);
    assert_eq!(count(RejectReason::RepeatedTime), 1);
    assert_eq!(series.rejected.total(), 7);
    assert_eq!(
        (series.rejected.first[0].line, series.rejected.first[1].line),
        (3, 4)
    );
    assert_eq!(
        series.provider_flag(&series.observations[2]),
        Some("two words")
    );
    assert_eq!(series.kept(FlagPolicy::Good).count(), 1);
    assert_eq!(series.kept(FlagPolicy::GoodOrUnchecked).count(), 2);
}

#[test]
fn per_cent_is_read_on_request_only() {
    let text = format!("{HEADER}\r2017/06/01 00:00 10.30 U M\r2017/06/01 01:00 1.20 U M\r");
    let fraction = read_text(&text, &ReadOptions::default()).unwrap();
    assert_eq!(values(&fraction), [1.2]);
    let options = ReadOptions {
        soil_moisture_unit: SoilMoistureUnit::Percent,
        ..ReadOptions::default()
    };
    assert_eq!(values(&read_text(&text, &options).unwrap()), [0.103, 0.012]);
}

#[test]
fn a_period_is_half_open_and_what_lies_outside_is_no_rejection() {
    let text = format!(
        "{HEADER}\n2017/05/31 23:00 0.1 G\n2017/06/01 00:00 0.2 G\n2017/07/01 00:00 0.3 G\n"
    );
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    let options = ReadOptions {
        period: Some(time("2017-06-01T00:00:00Z")..time("2017-07-01T00:00:00Z")),
        ..ReadOptions::default()
    };
    let series = read_text(&text, &options).unwrap();
    assert_eq!(values(&series), [0.2]);
    assert_eq!(series.rejected.total(), 0);
}

#[test]
fn times_out_of_order_are_sorted_and_the_first_of_equal_ones_holds() {
    let text = format!(
        "{HEADER}\n2017/06/01 02:00 0.3 G\n2017/06/01 00:00 0.1 G\n2017/06/01 02:00 0.9 G\n2017/06/01 01:00 0.2 G\n"
    );
    let series = read_text(&text, &ReadOptions::default()).unwrap();
    assert_eq!(values(&series), [0.1, 0.2, 0.3]);
    assert_eq!(series.rejected.counts[&RejectReason::RepeatedTime], 1);
}

#[test]
fn names_of_numbers_and_blanks_do_not_shift_the_position() {
    for header in [
        "N N 2042 40.01500 -105.27050 1655.00 0.05 0.05 Probe 5 TE 1 2 3",
        "N N Bear Lake 2 40.01500 -105.27050 1655.00 0.05 0.05 Probe",
    ] {
        let series = read_text(
            &format!("{header}\n2017/06/01 00:00 0.2 G\n"),
            &ReadOptions::default(),
        );
        let series = series.unwrap();
        let place = LatLonDeg {
            lat_deg: 40.015,
            lon_deg: -105.2705,
        };
        assert_eq!(
            (series.position, series.elevation_m),
            (place, 1655.0),
            "{header}"
        );
        assert_eq!(values(&series), [0.2]);
    }
    let place = "N N Bear Lake 2 40.01500 -105.27050 1655.00 0.05 0.05";
    let ceop = format!(
        "2017/06/01 00:00 2017/06/01 00:05 {place} 0.2 G M\r2017/06/01 01:00 2017/06/01 01:00 {place} 0.3 G\r\
         2017/06/01 02:00 2017/06/01 02:00 {} 0.4 G\r",
        place.replace("40.0", "41.0")
    );
    let series = read_text(&ceop, &ReadOptions::default()).unwrap();
    assert_eq!(values(&series), [0.2, 0.3]);
    assert_eq!(series.position.lat_deg, 40.015);
    assert_eq!(
        series.observations[0].time.to_string(),
        "2017-06-01T00:00:00Z"
    );
    assert_eq!(series.rejected.counts[&RejectReason::OtherStation], 1);
}

#[test]
fn a_file_that_contradicts_its_name_says_so() {
    let depth = read_text(
        &HEADER.replace("0.05 0.05", "0.20 0.20"),
        &ReadOptions::default(),
    );
    let discrepancy = depth.unwrap().discrepancy.unwrap();
    assert_eq!(
        discrepancy,
        "depths 0.2 to 0.2 m, but 0.05 to 0.05 m in the name"
    );
    let network = read_text(&HEADER.replace("N N", "M M"), &ReadOptions::default());
    assert_eq!(
        network.unwrap().discrepancy.unwrap(),
        "network M, but N in the name"
    );
}

#[test]
fn files_that_are_none_of_a_station_are_refused_with_path_and_line() {
    for (text, reason) in [
        ("", "the file holds no line of text".to_string()),
        ("\r\n \r", "the file holds no line of text".to_string()),
        (
            "no good data here",
            "line 1: no latitude, longitude, elevation and two depths in the first line"
                .to_string(),
        ),
        (
            "N N S 140.0 -105.2 1655.00 0.05 0.05 Probe",
            "line 1: latitude 140, longitude -105.2 is nowhere on Earth".to_string(),
        ),
        (
            &format!("{HEADER}\n{}", "x".repeat(5000)),
            "line 2: a line of 5000 bytes; a station file has at most 4096".to_string(),
        ),
    ] {
        let message = read_text(text, &ReadOptions::default())
            .unwrap_err()
            .to_string();
        assert!(message.ends_with(&format!("{NAME}: {reason}")), "{message}");
    }
}

#[test]
fn malformed_names_are_listed_and_duplicates_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{HEADER}\n2017/06/01 00:00 0.2 G\n");
    put(folder.path(), NAME, &text);
    let later = NAME.replace("20170601_20170630", "20180601_20180630");
    put(folder.path(), &later, &text);
    put(
        folder.path(),
        "N/T/N_N_T_sm_0.05_0.05_Probe_20170601_20170630.stm",
        &text,
    );
    put(folder.path(), "Readme.txt", "not looked at");
    let archive = Archive::open(folder.path()).unwrap();
    assert_eq!(archive.series().len(), 2);
    assert_eq!(archive.skipped().len(), 1);
    assert!(archive.skipped()[0].reason.contains("no two depths"));
    let duplicates = archive.duplicates();
    assert_eq!(duplicates.len(), 1);
    assert_eq!(
        (duplicates[0].station.as_str(), duplicates[0].paths.len()),
        ("N/S", 2)
    );
}

#[test]
fn what_is_no_archive_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let empty = Archive::open(folder.path()).unwrap_err().to_string();
    assert!(
        empty.ends_with("no station archive: it holds no station file (.stm)"),
        "{empty}"
    );
    let text = Archive::open(sample("mal_formed_file.txt"))
        .unwrap_err()
        .to_string();
    assert!(text.contains("neither a folder nor a whole zip"), "{text}");
    let missing = Archive::open(folder.path().join("none")).unwrap_err();
    assert!(matches!(missing, IoError::File { action: "open", .. }));
}

#[test]
fn a_single_station_file_is_an_archive_of_one() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), NAME, HEADER);
    let archive = Archive::open(folder.path().join(NAME)).unwrap();
    let series = archive
        .read(&archive.series()[0], &ReadOptions::default())
        .unwrap();
    assert_eq!(
        (series.info.station_id().as_str(), series.observations.len()),
        ("N/S", 0)
    );
}

#[test]
fn zips_that_lead_out_of_themselves_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.zip");
    let bad_names = [
        "../../x.stm",
        "/etc/x.stm",
        "a\\..\\..\\x.stm",
        "C:\\x.stm",
        "a/../../x.stm",
    ];
    for name in bad_names {
        zip_of(&path, &[(NAME, b""), (name, b"x")]);
        let error = Archive::open(&path).unwrap_err();
        assert!(
            matches!(error, IoError::ArchiveMember { .. }),
            "{name}: {error}"
        );
        assert!(
            error.to_string().contains("leads out of the archive"),
            "{name}: {error}"
        );
    }
}

#[test]
fn zip_bombs_are_refused_at_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.zip");
    let zeros = vec![b' '; 1 << 20];
    zip_of(&path, &[(NAME, &zeros)]);
    let within = |file_bytes, total_bytes| {
        Archive::open_within(
            &path,
            ArchiveLimits {
                file_bytes,
                total_bytes,
            },
        )
    };
    let total = within(1 << 20, 1 << 19).unwrap_err().to_string();
    assert!(
        total.ends_with("larger than the limit of 524288 bytes"),
        "{total}"
    );
    let archive = within(1 << 19, 1 << 21).unwrap();
    let member = archive
        .read(&archive.series()[0], &ReadOptions::default())
        .unwrap_err();
    assert!(
        matches!(&member, IoError::ArchiveMember { member, .. } if member == NAME),
        "{member}"
    );

    // A zip that lies about the size of what it holds.
    let mut bytes = fs::read(&path).unwrap();
    let size = (1_u32 << 20).to_le_bytes();
    let places: Vec<usize> = (0..bytes.len() - 4)
        .filter(|&at| bytes[at..at + 4] == size)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    fs::write(&path, bytes).unwrap();
    let archive = within(1 << 19, 1 << 21).unwrap();
    let lie = archive.read(&archive.series()[0], &ReadOptions::default());
    assert!(matches!(lie, Err(IoError::ArchiveMember { .. })));
}

#[test]
fn truncated_and_damaged_zips_name_the_archive_and_the_file() {
    let whole = fs::read(sample("smosmania_header_values.zip")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.zip");
    for length in [0, 10, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let message = Archive::open(&path).unwrap_err().to_string();
        assert!(
            message.starts_with(&path.display().to_string()),
            "{message}"
        );
    }
    let mut damaged = whole.clone();
    let at = damaged.len() / 2;
    damaged[at..at + 40].fill(0xff);
    fs::write(&path, damaged).unwrap();
    let archive = Archive::open(&path).unwrap();
    let info = &archive.series()[0];
    let message = archive
        .read(info, &ReadOptions::default())
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with(&format!("{}: `{}`: ", path.display(), info.path)),
        "{message}"
    );
}

#[test]
fn an_archive_that_changes_while_it_is_read_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.zip");
    fs::copy(sample("smosmania_header_values.zip"), &path).unwrap();
    let archive = Archive::open(&path).unwrap();
    fs::copy(sample("cosmos_header_values.zip"), &path).unwrap();
    let error = archive
        .read(&archive.series()[0], &ReadOptions::default())
        .unwrap_err();
    assert!(
        error.to_string().contains("changed while it was read"),
        "{error}"
    );
}

#[test]
fn the_daily_table_lists_what_it_leaves_out() {
    let folder = tempfile::tempdir().unwrap();
    let series =
        |value: &str| format!("{HEADER}\n2017/06/01 00:00 {value} G\n2017/06/01 12:00 0.9 D06\n");
    put(folder.path(), NAME, series("0.10"));
    put(
        folder.path(),
        &NAME.replace("Probe", "Probe-2"),
        series("0.20"),
    );
    put(
        folder.path(),
        &NAME.replace("/S/", "/T/").replace("_S_", "_T_"),
        series("0.25"),
    );
    put(
        folder.path(),
        &NAME.replace("/S/", "/U/").replace("_S_", "_U_"),
        "no good data here",
    );
    let pole = series("0.3").replace("40.01500", "89.00000");
    put(
        folder.path(),
        &NAME.replace("/S/", "/V/").replace("_S_", "_V_"),
        pole,
    );
    let archive = Archive::open(folder.path()).unwrap();
    let table = daily_cells(&archive, &DailyCellsConfig::default(), EaseGrid2::M01);
    assert_eq!(table.rows.len(), 1);
    let row = table.rows[0];
    assert_eq!(row.value_m3m3, 0.20); // ((0.10 + 0.20) / 2 + 0.25) / 2
    assert!((row.standard_deviation_m3m3 - 0.05).abs() < 1e-7);
    assert_eq!((row.n_stations, row.n_sensors), (2, 3));
    assert_eq!(
        (table.n_series, table.n_flagged, table.skipped.len()),
        (3, 3, 2)
    );
    assert_eq!(row.date.to_string(), "2017-06-01");
}

#[test]
fn an_inspection_tells_what_the_archive_holds() {
    let inspection = inspect(sample("maqu_scan_soilscape_header_values.zip")).unwrap();
    assert_eq!(inspection.n_observations, 211_403);
    assert_eq!(inspection.networks["SCAN"], 3);
    let depths: Vec<(f64, usize)> = inspection
        .depths
        .iter()
        .map(|depth| (depth.depth_to_m, depth.n_series))
        .collect();
    assert_eq!(depths, [(0.05, 5), (0.0508, 3)]);
    assert_eq!(inspection.flags["U"], 176_375);
    assert!(inspection.skipped.is_empty() && inspection.discrepancies.is_empty());
    let json = serde_json::to_string(&inspection).unwrap();
    assert_eq!(inspection, serde_json::from_str(&json).unwrap());
    let text = inspection.to_string();
    assert!(text.contains("0.0508-0.0508 m 3"), "{text}");
}

#[test]
fn stations_at_one_place_under_two_names_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{HEADER}\n2017/06/01 00:00 0.2 G\n");
    put(folder.path(), NAME, &text);
    put(
        folder.path(),
        &NAME.replace("/S/", "/T/").replace("_S_", "_T_"),
        &text,
    );
    let inspection = inspect(folder.path()).unwrap();
    assert_eq!(inspection.same_place, [["N/S", "N/T"]]);
}
