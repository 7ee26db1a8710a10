//! Granules that this crate writes, beside NASA's own.
#![cfg(feature = "hdf5")]
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]

mod synthetic_granule;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use hdf5::types::FixedAscii;
use ndarray::{Array1, Array2};
use synthetic_granule::{RADIOMETER_GRANULE, SENTINEL_GRANULE, real, small};
use vadose_grid::{Cell, EaseGrid2};
use vadose_io::granule_writer::{
    GranuleContents, GroupContents, MetadataEntry, Placement, Values, write_granule,
};
use vadose_io::schema::{GroupSpec, Kind, Layout, Storage};
use vadose_io::{IoError, Product, Resolution, identify, inspect, spl2smap_s, spl2smp};

/// Half a unit in the last place of the files' f32 coordinates, about 1 m.
const MAX_COORDINATE_ERR_DEG: f64 = 1e-5;

/// The values of a real granule, as stored.
fn contents_of(path: &Path, product: Product) -> GranuleContents {
    let file = hdf5::File::open(path).unwrap();
    let groups = product
        .groups()
        .iter()
        .filter(|spec| file.link_exists(spec.name));
    GranuleContents {
        product,
        metadata: vec![MetadataEntry::text("Extent", "description", "a copy")],
        groups: groups.map(|spec| group_of(&file, path, spec)).collect(),
    }
}

fn group_of(file: &hdf5::File, path: &Path, spec: &GroupSpec) -> GroupContents {
    let group = file.group(spec.name).unwrap();
    let mut values = BTreeMap::new();
    for variable in spec.variables {
        let follows = matches!(variable.kind, Kind::CellIndex | Kind::CellCentre);
        if follows || variable.same_as.is_some() {
            continue;
        }
        for variant in spec.variants {
            let base = format!("{}{variant}", variable.base);
            if let Ok(dataset) = group.dataset(&spec.dataset(&base)) {
                values.insert(base, stored(&dataset, variable.storage));
            }
        }
    }
    let placement = match spec.layout {
        Layout::Trajectory => Placement::Trajectory(spl2smp::read(path).unwrap().cells),
        _ => {
            let resolution = match spec.grid {
                EaseGrid2::M01 => Resolution::Km1,
                _ => Resolution::Km3,
            };
            Placement::Rectangle(spl2smap_s::read(path, resolution).unwrap().window())
        }
    };
    GroupContents {
        name: spec.name.to_string(),
        placement,
        values,
    }
}

fn stored(dataset: &hdf5::Dataset, storage: Storage) -> Values {
    match storage {
        Storage::F32 => Values::F32(dataset.read_dyn().unwrap()),
        Storage::F64 => Values::F64(dataset.read_dyn().unwrap()),
        Storage::U16 => Values::U16(dataset.read_dyn().unwrap()),
        Storage::U8 => Values::U8(dataset.read_dyn().unwrap()),
        _ => {
            let texts = dataset.read_raw::<FixedAscii<24>>().unwrap();
            Values::Text(texts.iter().map(ToString::to_string).collect())
        }
    }
}

/// Text or number of an attribute, as text.
fn attribute(dataset: &hdf5::Dataset, name: &str) -> String {
    let attribute = dataset.attr(name).unwrap();
    match attribute.read_scalar::<FixedAscii<1024>>() {
        Ok(text) => text.to_string(),
        Err(_) => format!("{:?}", attribute.read_scalar::<f64>().unwrap()),
    }
}

/// Asserts that two granules hold the same datasets in the same groups: names, types, shapes,
/// chunks, filters, attributes and values.
fn assert_same_structure(ours: &Path, theirs: &Path, product: Product) {
    let [ours, theirs] = [ours, theirs].map(|path| hdf5::File::open(path).unwrap());
    for spec in product
        .groups()
        .iter()
        .filter(|spec| theirs.link_exists(spec.name))
    {
        let [mine, real] = [&ours, &theirs].map(|file| file.group(spec.name).unwrap());
        let [names, real_names] = [&mine, &real].map(|group| sorted(group.member_names().unwrap()));
        assert_eq!(names, real_names);
        for name in names {
            let [mine, real] = [&mine, &real].map(|group| group.dataset(&name).unwrap());
            assert_eq!(
                mine.dtype().unwrap().to_descriptor().unwrap(),
                real.dtype().unwrap().to_descriptor().unwrap(),
                "{name}"
            );
            assert_eq!(mine.shape(), real.shape(), "{name}");
            assert_eq!(mine.chunk(), real.chunk(), "{name}");
            assert_eq!(mine.filters(), real.filters(), "{name}");
            let attributes = sorted(mine.attr_names().unwrap());
            assert_eq!(attributes, sorted(real.attr_names().unwrap()), "{name}");
            for attribute_name in attributes {
                let both = [&mine, &real].map(|dataset| attribute(dataset, &attribute_name));
                // The one text of the 104 that lost two words.
                if (name.as_str(), attribute_name.as_str())
                    != ("sigma0_vv_aggregated_1km", "long_name")
                {
                    assert_eq!(both[0], both[1], "{name}: {attribute_name}");
                }
            }
            assert_same_values(&name, &mine, &real);
        }
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}

fn assert_same_values(name: &str, mine: &hdf5::Dataset, real: &hdf5::Dataset) {
    let (Ok(ours), Ok(theirs)) = (mine.read_raw::<f64>(), real.read_raw::<f64>()) else {
        let texts = |dataset: &hdf5::Dataset| dataset.read_raw::<FixedAscii<24>>().unwrap();
        assert_eq!(texts(mine), texts(real), "{name}");
        return;
    };
    let is_centre = name.starts_with("latitude") || name.starts_with("longitude");
    let tolerance = match is_centre && !name.contains("centroid") {
        true => MAX_COORDINATE_ERR_DEG,
        false => 0.0,
    };
    for (a, b) in ours.iter().zip(&theirs) {
        assert!((a - b).abs() <= tolerance, "{name}: {a} for {b}");
    }
}

#[test]
fn real_granules_come_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    for (name, product) in [
        (SENTINEL_GRANULE, Product::Spl2SmapS),
        (RADIOMETER_GRANULE, Product::Spl2Smp),
    ] {
        let path = folder.path().join(name);
        write_granule(&path, &contents_of(&real(name), product)).unwrap();
        assert_same_structure(&path, &real(name), product);
        assert_eq!(identify(&path).unwrap(), product);
    }
}

#[test]
fn inspection_of_a_written_granule_equals_that_of_the_real_one() {
    let folder = tempfile::tempdir().unwrap();
    for (name, product) in [
        (SENTINEL_GRANULE, Product::Spl2SmapS),
        (RADIOMETER_GRANULE, Product::Spl2Smp),
    ] {
        let path = folder.path().join(name);
        write_granule(&path, &contents_of(&real(name), product)).unwrap();
        let [mut ours, mut theirs] = [path, real(name)].map(|path| inspect(path).unwrap());
        // Coordinates are the grid's own, which differ in the last digit.
        for inspection in [&mut ours, &mut theirs] {
            for variable in inspection
                .groups
                .iter_mut()
                .flat_map(|group| &mut group.variables)
            {
                if variable.name.contains("itude") {
                    (variable.min, variable.median, variable.max) = (None, None, None);
                }
            }
        }
        assert_eq!(ours, theirs);
    }
}

#[test]
fn a_granule_without_values_has_every_dataset_of_the_real_one_and_no_data() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("granule.h5");
    let mut contents = contents_of(&real(SENTINEL_GRANULE), Product::Spl2SmapS);
    for group in &mut contents.groups {
        group.values.clear();
    }
    write_granule(&path, &contents).unwrap();
    let listed = |path: &Path| {
        let inspection = inspect(path).unwrap();
        let groups = inspection.groups.into_iter();
        let variables = groups.flat_map(|group| group.variables);
        let listed = variables.map(|v| (v.name, v.stored_type, v.units, v.fill));
        listed.collect::<Vec<_>>()
    };
    assert_eq!(listed(&path), listed(&real(SENTINEL_GRANULE)));
    let granule = spl2smap_s::read(&path, Resolution::Km1).unwrap();
    assert!(granule.require_soil_moisture().is_err());
    assert_eq!(granule.fields["albedo"].counts.missing, 207 * 315);
    let file = hdf5::File::open(&path).unwrap();
    let albedo = file.dataset("Soil_Moisture_Retrieval_Data_1km/albedo_1km");
    assert_eq!(albedo.unwrap().num_chunks(), Some(0));
}

#[test]
fn the_same_contents_give_the_same_bytes_at_any_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = |product: Product, run: &str| folder.path().join(format!("{product}-{run}.h5"));
    for product in Product::ALL {
        write_granule(path(product, "first"), &small(product)).unwrap();
    }
    // HDF5 records times in whole seconds.
    std::thread::sleep(Duration::from_millis(1_100));
    for product in Product::ALL {
        write_granule(path(product, "second"), &small(product)).unwrap();
        let bytes = ["first", "second"].map(|run| std::fs::read(path(product, run)).unwrap());
        assert!(bytes[0] == bytes[1], "{product}");
    }
}

#[test]
fn nan_becomes_the_products_fill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("granule.h5");
    write_granule(&path, &small(Product::Spl2SmpE)).unwrap();
    let file = hdf5::File::open(&path).unwrap();
    let dataset = file
        .dataset("Soil_Moisture_Retrieval_Data_Polar/soil_moisture")
        .unwrap();
    assert_eq!(
        dataset.read_raw::<f32>().unwrap()[..3],
        [0.25, -9999.0, 0.25]
    );
}

#[test]
fn a_global_granule_holds_the_blocks_of_its_window_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("granule.h5");
    write_granule(&path, &small(Product::Spl4Smgp)).unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() < 100_000);
    let file = hdf5::File::open(&path).unwrap();
    let surface = file.dataset("Geophysical_Data/sm_surface").unwrap();
    assert_eq!(surface.shape(), [1624, 3856]);
    assert_eq!(surface.num_chunks(), Some(2)); // columns 240 to 243 lie in two blocks
    let values: Array2<f32> = surface.read_2d().unwrap();
    assert_eq!(values.iter().filter(|&&value| value == 0.25).count(), 11);
    assert_eq!(values[[180, 240]], 0.25);
    assert_eq!(values[[180, 241]], -9999.0);
    assert_eq!(values[[0, 0]], -9999.0);
    let rootzone = file.dataset("Geophysical_Data/sm_rootzone").unwrap();
    assert_eq!(rootzone.num_chunks(), Some(0));
    let row: Array2<u32> = file.dataset("cell_row").unwrap().read_2d().unwrap();
    assert_eq!((row[[182, 243]], row[[0, 0]]), (182, u32::MAX));
    let x: Array1<f64> = file.dataset("x").unwrap().read_1d().unwrap();
    let centre = EaseGrid2::M09.centre_m(Cell { row: 0, col: 3855 }).unwrap();
    assert!((x[3855] - centre.x_m).abs() < 1e-6);
}

#[test]
fn contents_that_the_product_has_no_place_for_are_refused_before_a_file_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("granule.h5");
    let fields = |group: &mut GroupContents, base: &str, values: Values| {
        group.values.insert(base.to_string(), values);
    };
    let ones = || Array1::<f32>::ones(7);
    type Damage<'a> = &'a dyn Fn(&mut GranuleContents);
    let cases: [(Damage<'_>, &str); 9] = [
        (
            &|c| fields(&mut c.groups[0], "snow", ones().into()),
            "the product's table has no such dataset",
        ),
        (
            &|c| fields(&mut c.groups[0], "albedo_apm", ones().into()),
            "the product's table has no such dataset",
        ),
        (
            &|c| fields(&mut c.groups[0], "albedo", Array1::<f64>::ones(7).into()),
            "its type is F32",
        ),
        (
            &|c| fields(&mut c.groups[0], "albedo", Array1::<f32>::ones(6).into()),
            "shape [6] is not [7]",
        ),
        (
            &|c| {
                fields(
                    &mut c.groups[0],
                    "landcover_class",
                    Array1::<u8>::ones(7).into(),
                );
            },
            "shape [7] is not [7, 3]",
        ),
        (
            &|c| fields(&mut c.groups[0], "latitude", ones().into()),
            "it follows from the placement",
        ),
        (
            &|c| fields(&mut c.groups[0], "soil_moisture_option3", ones().into()),
            "it is a second name of `soil_moisture`",
        ),
        (&|c| c.groups.clear(), "the group is required and not given"),
        (
            &|c| c.groups[0].placement = Placement::Trajectory(vec![Cell { row: 406, col: 0 }]),
            "cell (406, 0) is not on grid M36",
        ),
    ];
    for (damage, reason) in cases {
        let mut contents = small(Product::Spl2Smp);
        damage(&mut contents);
        let error = write_granule(&path, &contents).unwrap_err();
        assert!(matches!(error, IoError::BadGranule { .. }), "{error}");
        assert!(error.to_string().ends_with(reason), "{error}");
        assert!(!path.exists());
    }
}
