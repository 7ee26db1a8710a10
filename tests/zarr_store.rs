//! A Zarr store of the project, read by xarray.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::path::Path;
use std::process::Command;

use ndarray::{Array2, Array3};
use vadose_grid::{EaseGrid2, Window};
use vadose_io::zarr::{ArraySpec, DataType, Store, write_grid, write_time_axis};

const ROWS: usize = 70;
const COLS: usize = 90;

/// Two of three days of soil moisture in shards, and land cover with one missing row.
fn write(path: &Path) {
    let window = Window::new(EaseGrid2::M01, 2500, 7100, ROWS, COLS).unwrap();
    let store = Store::create(path, &[("title", "a test of the store")]).unwrap();
    write_grid(&store, &window).unwrap();
    let days = [
        "2017-06-01T12:00Z",
        "2017-06-02T12:00Z",
        "2017-06-03T12:00Z",
    ];
    let days = days.map(|day| day.parse().unwrap());
    write_time_axis(&store, "time", "time of the overpass", &days).unwrap();
    let space = [("y", ROWS as u64), ("x", COLS as u64)];
    let soil_moisture = ArraySpec {
        shard_shape: Some(vec![1, 64, 64]),
        units: "m3 m-3".to_owned(),
        ..ArraySpec::new(
            "soil_moisture",
            DataType::F32,
            &[("time", 3), space[0], space[1]],
            &[1, 32, 16],
        )
    };
    let soil_moisture = store.create_array(&soil_moisture).unwrap();
    for day in 0..2 {
        let values = Array3::from_shape_fn((1, ROWS, COLS), |(_, row, col)| {
            if (row + col) % 5 == 0 {
                f32::NAN
            } else {
                (day * 10_000 + row * 100 + col) as f32
            }
        });
        let start = [day as u64, 0, 0];
        soil_moisture
            .write(&start, values.view().into_dyn())
            .unwrap();
    }
    let land_cover = ArraySpec {
        missing: Some(255),
        attributes: serde_json::from_value(serde_json::json!({
            "flag_values": (0..=16).collect::<Vec<u8>>(),
            "flag_meanings": "water evergreen_needleleaf and_so_on",
        }))
        .unwrap(),
        ..ArraySpec::new("land_cover", DataType::U8, &space, &[64, 64])
    };
    let land_cover = store.create_array(&land_cover).unwrap();
    let classes = Array2::from_shape_fn((ROWS, COLS), |(row, col)| {
        if row == 3 {
            255
        } else {
            ((row + col) % 17) as u8
        }
    });
    land_cover
        .write(&[0, 0], classes.view().into_dyn())
        .unwrap();
    store.finish().unwrap();
}

#[test]
fn xarray_opens_a_store_with_coordinates_dates_and_missing_values() {
    let scratch = tempfile::tempdir().unwrap();
    let store = scratch.path().join("s.zarr");
    write(&store);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    let python = xtask::python::environment_of_file(&folder.join("requirements.txt")).unwrap();
    let output = Command::new(python)
        .arg(folder.join("check_zarr.py"))
        .arg(&store)
        .env_remove("PROJ_DATA")
        .env_remove("PROJ_LIB")
        .output()
        .unwrap();
    println!("{}", String::from_utf8_lossy(&output.stdout));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
}
