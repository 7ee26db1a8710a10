//! Tests: IMERG files, written and read.

use ndarray::{Array1, Array2, Array3};

use super::*;

fn window() -> ImergWindow {
    ImergWindow::new(400, 550, 3, 4).unwrap()
}

fn contents(version: ImergVersion) -> ImergContents {
    let mut precipitation =
        Array2::from_shape_fn((3, 4), |(row, col)| (10 * row + col) as f32 / 4.0);
    precipitation[[2, 3]] = f32::NAN;
    ImergContents {
        version,
        start: "2017-06-01T01:30:00Z".parse().unwrap(),
        window: window(),
        precipitation,
    }
}

fn written(version: ImergVersion) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("half_hour.HDF5");
    write(&path, &contents(version)).unwrap();
    (folder, path)
}

#[test]
fn the_two_forms_of_the_epoch_agree() {
    for version in ImergVersion::ALL {
        let epoch = epoch_of(version.time_units()).unwrap();
        assert_eq!(epoch.as_second(), version.epoch_unix_seconds());
    }
}

#[test]
fn both_versions_come_back_in_their_own_names() {
    for version in ImergVersion::ALL {
        let (_folder, path) = written(version);
        let half_hour = read(&path, window()).unwrap();
        assert_eq!(
            (half_hour.version, half_hour.start),
            (version, contents(version).start)
        );
        let (got, wanted) = (
            half_hour.precipitation.values,
            contents(version).precipitation,
        );
        let same = |(a, b): (&f32, &f32)| a == b || (a.is_nan() && b.is_nan());
        assert!(got.iter().zip(&wanted).all(same), "{got}");
        assert_eq!(half_hour.precipitation.counts.missing, 1);
    }
}

/// Independent of the reader: positions counted by hand on the file's own axes.
#[test]
fn the_file_has_longitude_before_latitude_and_latitude_rising() {
    let (_folder, path) = written(ImergVersion::V06);
    let file = hdf5::File::open(&path).unwrap();
    let array: Array3<f32> = {
        let dataset = file.dataset("Grid/precipitationCal").unwrap();
        assert_eq!(dataset.shape(), [1, 3600, 1800]);
        assert_eq!(dataset.num_chunks(), Some(1)); // meridians 550 to 553 of block 435 to 579
        dataset.read::<f32, ndarray::Ix3>().unwrap()
    };
    let axis = |name: &str| -> Array1<f32> { file.dataset(name).unwrap().read_1d().unwrap() };
    let (lat, lon) = (axis("Grid/lat"), axis("Grid/lon"));
    assert_eq!((lat[0], lon[0]), (-89.95, -179.95));
    // Row 0, column 1 of the window: 49.95 N, 124.85 W.
    let (north, east) = (1399, 551);
    assert!((lat[north] - 49.95).abs() < 1e-5 && (lon[east] + 124.85).abs() < 1e-5);
    assert_eq!(array[[0, east, north]], 0.25);
    assert_eq!(array[[0, east, north - 1]], 2.75);
    assert_eq!(array[[0, 553, 1397]], FILL);
    assert_eq!(array[[0, 0, 0]], FILL);
    let bounds: Array2<f32> = file.dataset("Grid/lon_bnds").unwrap().read_2d().unwrap();
    assert_eq!((bounds[[0, 0]], bounds[[3599, 1]]), (-180.0, 180.0));
}

#[test]
fn a_part_of_what_was_written_is_read_in_place() {
    let (_folder, path) = written(ImergVersion::V07);
    let part = ImergWindow::new(401, 551, 1, 2).unwrap();
    let values = read(&path, part).unwrap().precipitation.values;
    assert_eq!(values, ndarray::arr2(&[[2.75, 3.0]]));
    let around = ImergWindow::new(399, 549, 5, 6).unwrap();
    assert_eq!(
        read(&path, around).unwrap().precipitation.counts.missing,
        30 - 11
    );
}

#[test]
fn negative_rates_are_counted_as_out_of_range() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("half_hour.HDF5");
    let mut contents = contents(ImergVersion::V06);
    contents.precipitation[[0, 0]] = -0.5;
    write(&path, &contents).unwrap();
    let precipitation = read(&path, window()).unwrap().precipitation;
    assert_eq!(precipitation.counts.out_of_range, 1);
    assert!(precipitation.values[[0, 0]].is_nan());
    assert_eq!(precipitation.refused, Some([-0.5, -0.5]));
}

#[test]
fn the_same_contents_give_the_same_bytes() {
    let [first, second] = [(), ()].map(|()| {
        let (_folder, path) = written(ImergVersion::V06);
        std::fs::read(path).unwrap()
    });
    assert!(first == second);
    assert!(first.len() < 150_000, "{}", first.len());
}

#[test]
fn damaged_files_say_what_is_wrong() {
    let (_folder, path) = written(ImergVersion::V06);
    let message = |path: &std::path::Path| read(path, window()).unwrap_err().to_string();
    let file = hdf5::File::open_rw(&path).unwrap();
    let time = file.dataset("Grid/time").unwrap();
    time.delete_attr("units").unwrap();
    drop((time, file));
    assert!(message(&path).ends_with("its units `` name no date to count from"));

    let file = hdf5::File::open_rw(&path).unwrap();
    file.unlink("Grid/time").unwrap();
    drop(file);
    assert!(message(&path).ends_with("required dataset `Grid/time` is missing"));

    let file = hdf5::File::open_rw(&path).unwrap();
    file.unlink("Grid/precipitationCal").unwrap();
    drop(file);
    assert!(message(&path).ends_with("required dataset `Grid/precipitation` is missing"));

    let file = hdf5::File::open_rw(&path).unwrap();
    let wrong = file.new_dataset::<f32>().shape([1, 1800, 3600]);
    wrong.create("Grid/precipitation").unwrap();
    let time = file
        .new_dataset::<i32>()
        .shape([1])
        .create("Grid/time")
        .unwrap();
    crate::hdf5_output::put_text(&time, "units", ImergVersion::V06.time_units()).unwrap();
    drop((time, file));
    let text = message(&path);
    assert!(
        text.ends_with("has shape [1, 1800, 3600], expected [1, 3600, 1800]"),
        "{text}"
    );

    std::fs::write(&path, "no HDF5").unwrap();
    assert!(matches!(
        read(&path, window()).unwrap_err(),
        IoError::NotHdf5 { .. }
    ));
}

#[test]
fn windows_must_lie_on_the_globe() {
    for [row0, col0, rows, cols] in [
        [0, 0, 0, 1],
        [1799, 0, 2, 1],
        [0, 3600, 1, 1],
        [0, 1, 1, usize::MAX],
    ] {
        assert!(ImergWindow::new(row0, col0, rows, cols).is_err());
    }
    let globe = LatLonBox {
        south_deg: -90.0,
        north_deg: 90.0,
        west_deg: -180.0,
        east_deg: 180.0,
    };
    let whole = ImergWindow::new(0, 0, ROWS, COLS).unwrap();
    assert_eq!(ImergWindow::covering(globe).unwrap(), whole);
    for bad in [
        LatLonBox {
            south_deg: 90.0,
            ..globe
        },
        LatLonBox {
            east_deg: f64::NAN,
            ..globe
        },
        LatLonBox {
            west_deg: -180.1,
            ..globe
        },
    ] {
        assert!(ImergWindow::covering(bad).is_err());
    }
}

#[test]
fn names_round_trip_and_contradictions_are_refused() {
    for name in [
        "3B-HHR.MS.MRG.3IMERG.20170601-S000000-E002959.0000.V06B.HDF5",
        "3B-HHR.MS.MRG.3IMERG.20240630-S233000-E235959.1410.V07B.HDF5",
    ] {
        assert_eq!(name.parse::<ImergName>().unwrap().to_string(), name);
    }
    for (name, reason) in [
        (
            "3B-HHR.MS.MRG.3IMERG.20170601-S000000-E002959.0030.V06B.HDF5",
            "contradict",
        ),
        (
            "3B-HHR.MS.MRG.3IMERG.20170631-S000000-E002959.0000.V06B.HDF5",
            "is no half hour",
        ),
        (
            "3B-HHR-L.MS.MRG.3IMERG.20170601-S000000-E002959.0000.V06B.RT-H5",
            "it is not",
        ),
    ] {
        let error = name.parse::<ImergName>().unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}
