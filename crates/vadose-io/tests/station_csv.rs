//! Station tables: what is read, what is left out and said, what is refused.
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]

use std::path::PathBuf;

use jiff::SignedDuration;
use tempfile::TempDir;
use vadose_grid::{EaseGrid2, LatLonDeg, Window};
use vadose_io::{IoError, StationRow, StationTable, read_station_csv, write_station_csv};

fn table(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stations.csv");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn read(text: &str) -> Result<StationTable, IoError> {
    let (_folder, path) = table(text);
    read_station_csv(path)
}

fn refusal(text: &str) -> String {
    let message = read(text).unwrap_err().to_string();
    message.split_once("stations.csv: ").unwrap().1.to_string()
}

#[test]
fn columns_come_in_any_order_with_quotes_and_crlf() {
    let text = "\u{feff}station, time ,soil_moisture,lat,note,lon,network\r\n\
                \"Denio, 52 WSW\",2017-06-01T12:00:00-06:00,0.21,41.85,x,-119.64,USCRN\r\n";
    let table = read(text).unwrap();
    let expected = StationRow {
        position: LatLonDeg {
            lat_deg: 41.85,
            lon_deg: -119.64,
        },
        time: "2017-06-01T18:00:00Z".parse().unwrap(),
        soil_moisture_m3m3: 0.21,
        station: Some("Denio, 52 WSW".to_string()),
        network: Some("USCRN".to_string()),
    };
    assert_eq!(table.rows, [expected]);
    assert_eq!(table.rows[0].id(), "USCRN/Denio, 52 WSW");
}

#[test]
fn times_without_an_offset_are_utc() {
    for time in [
        "2017-06-01 12:00",
        "2017-06-01T12:00",
        "2017-06-01 12:00:00",
    ] {
        let rows = read(&format!("lon,lat,time,soil_moisture\n1,2,{time},0.2\n"))
            .unwrap()
            .rows;
        assert_eq!(rows[0].time.to_string(), "2017-06-01T12:00:00Z");
    }
}

#[test]
fn rows_out_of_range_or_without_a_value_are_listed_and_left_out() {
    let text = "lon,lat,time,soil_moisture\n\
                10,36,2015-04-10 05:00,0.2\n\
                10,36,2015-04-10 06:00,\n\
                10,36,2015-04-10 07:00,NaN\n\
                10,36,2015-04-10 08:00,12.5\n\
                190,36,2015-04-10 09:00,0.2\n\
                10,-91,2015-04-10 10:00,0.2\n";
    let table = read(text).unwrap();
    assert_eq!(table.rows.len(), 1);
    let rejected: Vec<_> = table
        .rejected
        .iter()
        .map(|row| (row.line, row.reason.as_str()))
        .collect();
    assert_eq!(
        rejected,
        [
            (3, "soil_moisture is missing"),
            (4, "soil_moisture is missing"),
            (5, "soil_moisture 12.5 is not within 0 to 1"),
            (6, "lon 190 is not within -180 to 180"),
            (7, "lat -91 is not within -90 to 90"),
        ]
    );
}

#[test]
fn what_is_no_number_or_time_is_an_error_with_its_line() {
    for (row, reason) in [
        ("ten,36,2015-04-10 05:00,0.2", "lon `ten` is no number"),
        ("10,,2015-04-10 05:00,0.2", "lat `` is no number"),
        (
            "10,36,2015-04-10 05:00,0.2 %",
            "soil_moisture `0.2 %` is no number",
        ),
        (
            "10,36,2015-04-10,0.2",
            "time `2015-04-10` is no time (RFC 3339 or YYYY-MM-DD HH:MM)",
        ),
        (
            "10,36,10/04/2015 05:00,0.2",
            "time `10/04/2015 05:00` is no time (RFC 3339 or YYYY-MM-DD HH:MM)",
        ),
    ] {
        let text = format!("lon,lat,time,soil_moisture\n10,36,2015-04-10 05:00,0.2\n{row}\n");
        assert_eq!(refusal(&text), format!("line 3: {reason}"));
    }
}

#[test]
fn a_malformed_header_or_row_is_an_error() {
    assert_eq!(
        refusal("10,36,2015-04-10 05:00,0.2\n"),
        "column `lon` is missing (header: 10,36,2015-04-10 05:00,0.2)"
    );
    assert_eq!(
        refusal("lon,lat,lat,time,soil_moisture\n"),
        "column `lat` appears twice (header: lon,lat,lat,time,soil_moisture)"
    );
    assert_eq!(refusal(""), "column `lon` is missing (header: )");
    assert_eq!(
        refusal("lon,lat,time,soil_moisture\n10,36,0.2\n"),
        "line 2: 3 cells, but the header has 4"
    );
}

#[test]
fn a_missing_table_is_an_error_that_names_it() {
    let error = read_station_csv("/no/such/stations.csv").unwrap_err();
    assert_eq!(error.to_string(), "/no/such/stations.csv: cannot open");
}

#[test]
fn written_tables_read_back_the_same() {
    let text = "lon,lat,time,soil_moisture,station,network\n\
                8.79,35.95,2015-04-10T05:41:51.5Z,0.1234567,\"a \"\"b\"\", c\",N\n\
                8.79,35.95,2015-04-10T06:41:51Z,1e-3,,\n";
    let rows = read(text).unwrap().rows;
    let (_folder, path) = table("");
    write_station_csv(&path, &rows).unwrap();
    assert_eq!(read_station_csv(&path).unwrap().rows, rows);
}

#[test]
fn each_station_of_the_window_gives_its_row_nearest_to_the_pass() {
    let text = "lon,lat,time,soil_moisture,station\n\
                -105.2705,40.0150,2017-06-01 11:00,0.10,B\n\
                -105.2705,40.0150,2017-06-01 13:00,0.30,B\n\
                -105.2705,40.0150,2017-06-01 12:10,0.20,A\n\
                -105.2705,40.0150,2017-06-01 14:00,0.90,late\n\
                -100.0000,40.0150,2017-06-01 12:00,0.90,far\n\
                0,89.9,2017-06-01 12:00,0.90,off the grid\n";
    let table = read(text).unwrap();
    let window = Window::new(EaseGrid2::M01, 2601, 7200, 9, 9).unwrap();
    let pass = "2017-06-01T12:00:00Z".parse().unwrap();
    let near = table.observations_near(pass, SignedDuration::from_mins(90), &window);
    let found: Vec<_> = near
        .iter()
        .map(|o| (o.station.as_str(), o.value_m3m3, o.cell.row, o.cell.col))
        .collect();
    // Of B's rows, equally near, the earlier.
    assert_eq!(found, [("A", 0.20, 2603, 7203), ("B", 0.10, 2603, 7203)]);
}
