//! Station archives in both formats.

use std::fs;
use std::path::PathBuf;

use ndarray::ArrayD;
use vadose_grid::EaseGrid2;
use vadose_io::ismn::{Archive, FlagPolicy, ReadOptions, SeriesFilter};
use vadose_io::zarr::Store;

use crate::{ARCHIVE, DAYS, REGION, archive};

fn downloads() -> Vec<PathBuf> {
    let entries = fs::read_dir(archive().join("ismn")).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn both_formats_are_read_whole() {
    let paths = downloads();
    assert_eq!(paths.len(), 2, "a zip of SNOTEL and a folder of USCRN");
    for (path, network) in paths.iter().zip(["SNOTEL", "USCRN"]) {
        let archive = Archive::open(path).unwrap();
        assert!(archive.skipped().is_empty() && archive.duplicates().is_empty());
        let surface: Vec<_> = archive.select(&SeriesFilter::default()).collect();
        assert_eq!(surface.len() as u64, ARCHIVE.1.stations[network]);
        for info in surface {
            let series = archive.read(info, &ReadOptions::default()).unwrap();
            assert_eq!(series.info.network, network);
            assert_eq!(series.discrepancy, None);
            assert!(series.observations.len() <= 24 * usize::from(DAYS));
            assert!(series.kept(FlagPolicy::Good).count() > 12 * usize::from(DAYS));
            let cell = EaseGrid2::M01.locate(series.position).unwrap();
            assert!(REGION.window().unwrap().contains(cell));
            assert!(archive.static_variables(info).unwrap().is_some());
        }
    }
}

/// A point differs from its 1 km cell by less than this, m3 m-3: eight times the bias' deviation.
const FAR_OFF_M3M3: f32 = 0.25;

#[test]
fn stations_report_about_what_is_true_in_their_cell() {
    let store = Store::open(archive().join("truth.zarr")).unwrap();
    let truth = store.array("soil_moisture_at_stations").unwrap();
    let values: ArrayD<f32> = truth.read(&[0, 0], truth.shape()).unwrap();
    let names = truth.attributes()["station_names"].as_array().unwrap();
    let hours: ArrayD<f64> = {
        let axis = store.array("station_hour").unwrap();
        axis.read(&[0], axis.shape()).unwrap()
    };
    let mut n_stations = 0;
    for path in downloads() {
        let archive = Archive::open(path).unwrap();
        for info in archive.select(&SeriesFilter::default()) {
            let series = archive.read(info, &ReadOptions::default()).unwrap();
            let row = names.iter().position(|name| *name == info.station).unwrap();
            n_stations += 1;
            for observation in series.kept(FlagPolicy::Good) {
                let seconds = observation.time.as_second() as f64;
                let hour = hours.iter().position(|&hour| hour == seconds).unwrap();
                let error = (observation.value - values[[row, hour]]).abs();
                assert!(error < FAR_OFF_M3M3, "{}: {error}", info.station);
            }
        }
    }
    assert_eq!(n_stations, names.len());
}
