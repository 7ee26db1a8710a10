//! Stores: values, bytes and refusals.

use std::path::Path;

use ndarray::{Array1, Array3, ArrayD, Axis, IxDyn, Slice};
use rayon::prelude::*;
use vadose_grid::{EaseGrid2, Window};

use super::*;

const SHAPE: [u64; 3] = [3, 37, 50];

fn spec(name: &str) -> ArraySpec {
    ArraySpec {
        shard_shape: Some(vec![1, 32, 32]),
        units: "m3 m-3".to_owned(),
        ..ArraySpec::new(
            name,
            DataType::F32,
            &[("time", SHAPE[0]), ("y", SHAPE[1]), ("x", SHAPE[2])],
            &[1, 16, 8],
        )
    }
}

fn store(folder: &Path) -> Store {
    Store::create(folder.join("s.zarr"), &[("title", "a test")]).unwrap()
}

fn field() -> ArrayD<f32> {
    let shape = SHAPE.map(|n| n as usize);
    Array3::from_shape_fn(shape, |(t, row, col)| {
        if (row + col) % 5 == 0 {
            f32::NAN
        } else {
            (t * 10_000 + row * 100 + col) as f32
        }
    })
    .into_dyn()
}

fn same(a: &ArrayD<f32>, b: &ArrayD<f32>) -> bool {
    a.shape() == b.shape()
        && a.iter()
            .zip(b)
            .all(|(a, b)| a.to_bits() == b.to_bits() || a == b)
}

/// Every file of a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn values_come_back_whole_and_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let array = store(folder.path()).create_array(&spec("a")).unwrap();
    let values = field();
    array.write(&[0, 0, 0], values.view()).unwrap();
    let array = Store::open(folder.path().join("s.zarr"))
        .unwrap()
        .array("a")
        .unwrap();
    assert!(same(&array.read(&[0, 0, 0], &SHAPE).unwrap(), &values));
    // A part across chunks and shards.
    let part = array.read(&[1, 14, 30], &[2, 20, 15]).unwrap();
    let mut expected = values.view();
    for (axis, range) in [1..3, 14..34, 30..45].into_iter().enumerate() {
        expected.slice_axis_inplace(Axis(axis), Slice::from(range));
    }
    assert!(same(&part, &expected.to_owned()));
}

#[test]
fn every_type_and_rank_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    fn check<T: Element + PartialEq + std::fmt::Debug>(
        store: &Store,
        data_type: DataType,
        values: &[T],
    ) {
        let name = format!("{data_type:?}");
        let n = values.len() as u64;
        let spec = ArraySpec::new(&name, data_type, &[("n", n)], &[2]);
        let array = store.create_array(&spec).unwrap();
        let values = Array1::from(values.to_vec()).into_dyn();
        array.write(&[0], values.view()).unwrap();
        assert_eq!(array.read::<T>(&[0], &[n]).unwrap(), values);
    }
    check(&store, DataType::F32, &[f32::MIN, 0.0, f32::INFINITY]);
    check(&store, DataType::F64, &[f64::MIN, 1e-300, 2.0]);
    check(&store, DataType::U8, &[0_u8, 255, 7]);
    check(&store, DataType::I16, &[i16::MIN, -1, i16::MAX]);
    check(&store, DataType::I64, &[i64::MIN, -1, i64::MAX]);
    let scalar = ArraySpec::new("scalar", DataType::F64, &[], &[]);
    let scalar = store.create_array(&scalar).unwrap();
    let value = ArrayD::from_elem(IxDyn(&[]), 2.5);
    scalar.write(&[], value.view()).unwrap();
    assert_eq!(scalar.read::<f64>(&[], &[]).unwrap(), value);
}

#[test]
fn what_was_not_written_is_missing_and_takes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let floats = store.create_array(&spec("floats")).unwrap();
    let classes = ArraySpec {
        missing: Some(255),
        ..ArraySpec::new("classes", DataType::U8, &[("n", 4)], &[2])
    };
    let classes = store.create_array(&classes).unwrap();
    // The NaN of 0/0 has another bit pattern than Rust's.
    let other_nan = f32::from_bits(0xffc0_0001);
    let day = ArrayD::from_elem(IxDyn(&[1, 37, 50]), other_nan);
    floats.write(&[0, 0, 0], day.view()).unwrap();
    let read = floats.read::<f32>(&[0, 0, 0], &SHAPE).unwrap();
    assert!(read.iter().all(|value| value.is_nan()));
    assert_eq!(
        classes.read::<u8>(&[0], &[4]).unwrap().as_slice().unwrap(),
        [255; 4]
    );
    let only_metadata = files(store.path())
        .keys()
        .all(|path| path.ends_with("zarr.json"));
    assert!(only_metadata);
}

#[test]
fn bytes_do_not_depend_on_threads_or_order() {
    let folder = tempfile::tempdir().unwrap();
    let values = field();
    let written = |name: &str, n_threads: usize| {
        let store = Store::create(folder.path().join(name), &[("title", "t")]).unwrap();
        let array = store.create_array(&spec("a")).unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads);
        pool.build().unwrap().install(|| {
            [2, 0, 1_u64].into_par_iter().for_each(|day| {
                let part = values.slice_axis(Axis(0), Slice::from(day as usize..day as usize + 1));
                array.write(&[day, 0, 0], part).unwrap();
            });
        });
        store.finish().unwrap();
        let root = store.path().to_path_buf();
        files(&root)
            .into_iter()
            .map(|(path, bytes)| (path.strip_prefix(&root).unwrap().to_path_buf(), bytes))
            .collect::<Vec<_>>()
    };
    let one = written("one", 1);
    assert_eq!(
        one.len(),
        2 + 3 * 4,
        "two metadata files and four shards a day"
    );
    assert_eq!(one, written("four", 4));
}

#[test]
fn only_whole_files_within_the_array_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let array = store(folder.path()).create_array(&spec("a")).unwrap();
    let write = |start: [u64; 3], shape: [usize; 3]| {
        let values = ArrayD::from_elem(IxDyn(&shape), 0_f32);
        array
            .write(&start, values.view())
            .map_or_else(|error| error.to_string(), |()| "written".to_owned())
    };
    assert_eq!(write([2, 32, 32], [1, 5, 18]), "written");
    let path = folder.path().join("s.zarr");
    let path = path.display();
    assert_eq!(
        write([0, 16, 0], [1, 21, 50]),
        format!("{path}: array `a`: 16 to 37 along axis 1 are not whole files of 32")
    );
    assert_eq!(
        write([0, 0, 0], [1, 32, 40]),
        format!("{path}: array `a`: 0 to 40 along axis 2 are not whole files of 32")
    );
    assert_eq!(
        write([0, 32, 0], [1, 32, 50]),
        format!("{path}: array `a`: [1, 32, 50] from [0, 32, 0] does not lie within [3, 37, 50]")
    );
    assert!(array.read::<f32>(&[0, 0, 0], &[4, 1, 1]).is_err());
    assert!(array.read::<f64>(&[0, 0, 0], &[1, 1, 1]).is_err());
    let wrong_type = ArrayD::from_elem(IxDyn(&[1, 37, 50]), 0_u8);
    assert!(array.write(&[0, 0, 0], wrong_type.view()).is_err());
}

#[test]
fn a_store_is_made_only_in_an_empty_folder() {
    let folder = tempfile::tempdir().unwrap();
    let first = store(folder.path());
    let second = Store::create(first.path(), &[("title", "again")]);
    assert!(matches!(second, Err(IoError::FolderNotEmpty { .. })));
    assert_eq!(first.attributes()["title"], "a test");
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    assert!(matches!(Store::open(&empty), Err(IoError::File { .. })));
    fs::write(empty.join("zarr.json"), "{\"zarr_format\": 2}").unwrap();
    assert!(matches!(Store::open(&empty), Err(IoError::Zarr { .. })));
}

#[test]
fn arrays_that_cannot_be_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.create_array(&spec("a")).unwrap();
    let reason = |spec: ArraySpec| match store.create_array(&spec) {
        Err(IoError::Zarr { reason, .. }) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(reason(spec("a")), "the store has an array of this name");
    assert_eq!(
        reason(spec("a/b")),
        "the name must be a letter, then letters, digits, `_`"
    );
    let uneven = ArraySpec {
        shard_shape: Some(vec![1, 32, 20]),
        ..spec("b")
    };
    assert_eq!(
        reason(uneven),
        "along `x` shards of 20 are not made of whole chunks of 8"
    );
    let flat = ArraySpec {
        chunk_shape: vec![16, 16],
        ..spec("b")
    };
    assert_eq!(reason(flat), "2 lengths of the chunk for 3 axes");
    let classes = ArraySpec {
        missing: Some(256),
        ..ArraySpec::new("b", DataType::U8, &[("n", 4)], &[2])
    };
    assert_eq!(reason(classes), "256 is no U8");
    assert!(matches!(store.array("b"), Err(IoError::Zarr { .. })));
    assert_eq!(store.array_names().unwrap(), ["a"]);
}

#[test]
fn a_finished_store_says_so_and_holds_the_metadata_of_its_arrays() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let window = Window::new(EaseGrid2::M01, 1974, 7623, 37, 50).unwrap();
    write_grid(&store, &window).unwrap();
    // What a kill may leave.
    fs::create_dir(store.path().join(".writing-x")).unwrap();
    assert!(!store.is_finished().unwrap());
    store.finish().unwrap();
    assert!(store.is_finished().unwrap());
    let root = store.metadata("").unwrap();
    let arrays = root["consolidated_metadata"]["metadata"]
        .as_object()
        .unwrap();
    assert_eq!(arrays.keys().collect::<Vec<_>>(), ["crs", "x", "y"]);
    assert_eq!(arrays["x"], store.metadata("x").unwrap());
    let crs = &arrays["crs"]["attributes"];
    assert_eq!(crs["grid_mapping_name"], "lambert_cylindrical_equal_area");
    assert_eq!(crs["standard_parallel"], 30.0);
    let x = store.array("x").unwrap().read::<f64>(&[0], &[50]).unwrap();
    assert_eq!(x.as_slice().unwrap(), window.x_centres_m());
}

#[test]
fn an_array_that_grew_is_the_same_bytes_as_one_made_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let days: Vec<jiff::Timestamp> = (0..5)
        .map(|day| jiff::Timestamp::from_second(day * 86_400 + 43_200).unwrap())
        .collect();
    let made = |name: &str, steps: &[usize]| {
        let mut store = Store::create(folder.path().join(name), &[("title", "t")]).unwrap();
        let first = steps[0];
        write_time_axis(&store, "time", "days", &days[..first]).unwrap();
        let spec = ArraySpec {
            shape: vec![first as u64, SHAPE[1], SHAPE[2]],
            ..spec("a")
        };
        let unsharded = ArraySpec {
            name: "unsharded".to_owned(),
            shard_shape: None,
            ..spec.clone()
        };
        store.create_array(&unsharded).unwrap();
        let mut array = store.create_array(&spec).unwrap();
        let mut n_written = 0;
        for &n in steps {
            store.set_attributes(Map::new()).unwrap();
            assert!(!store.is_finished().unwrap());
            array = store.lengthen("a", n as u64).unwrap();
            store.lengthen("unsharded", n as u64).unwrap();
            lengthen_time_axis(&store, "time", &days[..n]).unwrap();
            for day in n_written..n {
                let map = field()
                    .index_axis_move(Axis(0), day % 3)
                    .insert_axis(Axis(0));
                array.write(&[day as u64, 0, 0], map.view()).unwrap();
            }
            n_written = n;
            store.finish().unwrap();
        }
        assert_eq!(array.shape(), [5, SHAPE[1], SHAPE[2]]);
        assert_eq!(read_time_axis(&store, "time").unwrap(), days);
        let root = store.path().to_path_buf();
        files(&root)
            .into_iter()
            .map(|(path, bytes)| (path.strip_prefix(&root).unwrap().to_path_buf(), bytes))
            .collect::<BTreeMap<_, _>>()
    };
    let at_once = made("at-once", &[5]);
    assert_eq!(at_once.len(), 4 + 1 + 5 * 4);
    let grown = made("grown", &[2, 3, 5]);
    assert!(grown.keys().eq(at_once.keys()));
    for (path, bytes) in &grown {
        assert!(*bytes == at_once[path], "{}", path.display());
    }
}

#[test]
fn an_axis_is_not_shortened_and_new_places_are_missing() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.create_array(&spec("a")).unwrap();
    let scalar = ArraySpec::new("scalar", DataType::F64, &[], &[]);
    store.create_array(&scalar).unwrap();
    for (name, length) in [("a", 2), ("scalar", 1), ("none", 1)] {
        let refused = store.lengthen(name, length);
        assert!(refused.is_err(), "{name}");
    }
    let array = store.lengthen("a", 4).unwrap();
    let new = array.read::<f32>(&[3, 0, 0], &[1, 37, 50]).unwrap();
    assert!(new.iter().all(|value| value.is_nan()));
    let time = "2017-06-01T12:00:00Z".parse().unwrap();
    write_time_axis(&store, "time", "days", &[time, time]).unwrap();
    assert!(lengthen_time_axis(&store, "time", &[time]).is_err());
}

#[test]
fn a_further_grid_stands_beside_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let window = Window::new(EaseGrid2::M01, 1971, 7614, 18, 27).unwrap();
    let coarse = window.coarsened(EaseGrid2::M09).unwrap();
    write_grid(&store, &window).unwrap();
    write_further_grid(&store, &coarse, "_9km").unwrap();
    let names = store.array_names().unwrap();
    assert_eq!(names, ["crs", "crs_9km", "x", "x_9km", "y", "y_9km"]);
    let x = store.array("x_9km").unwrap();
    let x = x.read::<f64>(&[0], &[3]).unwrap();
    assert_eq!(x.as_slice().unwrap(), coarse.x_centres_m());
    let transform = |name: &str| {
        let array = store.array(name).unwrap();
        array.attributes()["GeoTransform"].clone()
    };
    assert_ne!(transform("crs"), transform("crs_9km"));
}

#[test]
fn a_damaged_chunk_is_an_error_and_not_a_value() {
    let folder = tempfile::tempdir().unwrap();
    let array = store(folder.path()).create_array(&spec("a")).unwrap();
    array.write(&[0, 0, 0], field().view()).unwrap();
    let shard = folder.path().join("s.zarr/a/c/1/0/0");
    let whole = fs::read(&shard).unwrap();
    let day = |day: u64| array.read::<f32>(&[day, 0, 0], &[1, 16, 8]);
    for damaged in [
        whole[..whole.len() / 2].to_vec(),
        whole[..3].to_vec(),
        Vec::new(),
        [&whole[..9], &[whole[9] ^ 1], &whole[10..]].concat(),
    ] {
        fs::write(&shard, damaged).unwrap();
        assert!(matches!(day(1), Err(IoError::Zarr { .. })));
        assert!(day(0).is_ok());
    }
}

#[test]
fn the_window_of_a_store_comes_back_and_coordinates_of_another_grid_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    assert!(read_grid(&store, EaseGrid2::M01).is_err(), "no coordinates");
    let window = Window::new(EaseGrid2::M01, 1974, 7623, 18, 27).unwrap();
    write_grid(&store, &window).unwrap();
    assert_eq!(read_grid(&store, EaseGrid2::M01).unwrap(), window);
    assert!(matches!(
        read_grid(&store, EaseGrid2::M09),
        Err(IoError::Zarr { .. })
    ));
}
