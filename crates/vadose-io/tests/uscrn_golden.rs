//! USCRN's daily table against pyarrow (`golden/uscrn/SOURCE.md`), and damaged tables.
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]

use std::path::{Path, PathBuf};

use serde::Deserialize;
use vadose_grid::{EaseGrid2, Window};
use vadose_io::{IoError, uscrn};

/// Sums of 30 values: those of the peer are f64, ours f32, half a unit in the last place of values
/// below 1 and below 64.
const SUM_ROUNDING_M3M3: f64 = 30.0 * 3e-8;
const SUM_ROUNDING_CELSIUS: f64 = 30.0 * 2e-6;

#[derive(Deserialize)]
struct Peer {
    wban: String,
    lat_deg: f64,
    lon_deg: f64,
    first_date: String,
    last_date: String,
    n_days: usize,
    n_valid: usize,
    sum_m3m3: f64,
    sum_temperature_celsius: f64,
}

fn table_path() -> PathBuf {
    let name = "tests/data/uscrn/crn_2020_june_12_stations.parquet.gz";
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn every_station_matches_pyarrow() {
    let peers: Vec<Peer> = serde_json::from_str(include_str!("golden/uscrn/values.json")).unwrap();
    let table = uscrn::read_daily(table_path()).unwrap();
    assert_eq!((peers.len(), table.days.len()), (12, 360));
    assert_eq!((table.n_out_of_range, table.n_without_key), (0, 0));
    for peer in &peers {
        let days: Vec<_> = table
            .days
            .iter()
            .filter(|day| day.wban == peer.wban)
            .collect();
        assert_eq!(days.len(), peer.n_days);
        let place = (days[0].position.lat_deg, days[0].position.lon_deg);
        assert_eq!(place, (peer.lat_deg, peer.lon_deg));
        assert_eq!(days[0].date.to_string(), peer.first_date);
        assert_eq!(days[days.len() - 1].date.to_string(), peer.last_date);
        let sum = |value: fn(&uscrn::StationDay) -> f32| {
            let valid = days
                .iter()
                .map(|day| f64::from(value(day)))
                .filter(|value| !value.is_nan());
            (valid.clone().count(), valid.sum::<f64>())
        };
        let (n_valid, sum_m3m3) = sum(|day| day.soil_moisture_5cm_m3m3);
        assert_eq!(n_valid, peer.n_valid);
        assert!(
            (sum_m3m3 - peer.sum_m3m3).abs() <= SUM_ROUNDING_M3M3,
            "{}",
            peer.wban
        );
        let (_, sum_celsius) = sum(|day| day.soil_temperature_5cm_celsius);
        let difference = (sum_celsius - peer.sum_temperature_celsius).abs();
        assert!(difference <= SUM_ROUNDING_CELSIUS, "{}", peer.wban);
    }
}

#[test]
fn observations_of_a_day_are_those_with_soil_moisture_in_the_window() {
    let table = uscrn::read_daily(table_path()).unwrap();
    let conus = Window::new(EaseGrid2::M01, 1692, 5301, 2646, 5697).unwrap();
    let date = "2020-06-15".parse().unwrap();
    let observations = table.observations_of(date, &conus);
    let valid = |day: &&uscrn::StationDay| day.date == date && !day.soil_moisture_5cm_m3m3.is_nan();
    let all: Vec<_> = table.days.iter().filter(valid).collect();
    let in_conus = all
        .iter()
        .filter(|day| (24.0..50.0).contains(&day.position.lat_deg));
    assert_eq!(observations.len(), in_conus.count());
    assert!(!observations.is_empty());
    assert!(observations[0].station.starts_with("USCRN/"));
}

#[test]
fn damaged_tables_are_errors_that_name_the_file() {
    let whole = std::fs::read(table_path()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.parquet");
    let read = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        uscrn::read_daily(&path)
    };
    for length in [0, 3, 100, whole.len() - 1] {
        let error = read(&whole[..length]).unwrap_err();
        assert!(
            matches!(&error, IoError::Parquet { path: named, .. } if *named == path),
            "{error}"
        );
    }
    // Nothing is promised of flipped bytes but that they do not bring the program down.
    for at in (0..whole.len()).step_by(97) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x5a;
        let _ = read(&bytes);
    }
    let missing = uscrn::read_daily(folder.path().join("none")).unwrap_err();
    assert!(matches!(missing, IoError::File { .. }));
}
