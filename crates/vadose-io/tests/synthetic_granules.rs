//! Granules written from the schema come back through the readers.
#![cfg(feature = "hdf5")]
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]

mod synthetic_granule;

use std::path::PathBuf;

use synthetic_granule::{COL0, N_CELLS, ROW0, SHAPE, write};
use tempfile::TempDir;
use vadose_grid::{Cell, EaseGrid2};
use vadose_io::spl2smp::OrbitGroup;
use vadose_io::{OutOfRange, Product, Resolution, identify, inspect, spl2smap_s, spl2smp};

fn granule(product: Product, value: impl Fn(&str, usize) -> Option<f64>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("granule.h5");
    write(&path, product, value);
    (folder, path)
}

#[test]
fn every_quantity_of_the_schema_round_trips_in_both_resolutions() {
    let (_folder, path) = granule(Product::Spl2SmapS, |_, _| None);
    for resolution in [Resolution::Km1, Resolution::Km3] {
        let read = spl2smap_s::read(&path, resolution).unwrap();
        assert_eq!(read.window().shape(), (SHAPE[0], SHAPE[1]));
        assert_eq!((read.window().row0(), read.window().col0()), (ROW0, COL0));
        for (base, field) in &read.fields {
            let spec = resolution.group().variable(base).unwrap();
            let [low, high] = spec.valid_range.unwrap();
            let middle = f64::midpoint(low, high) as f32;
            assert!(field.values.iter().all(|&value| value == middle), "{base}");
            assert_eq!(field.units, spec.units, "{base}");
            let long_name = resolution.group().long_name(spec);
            assert_eq!(field.long_name, long_name.trim_end(), "{base}");
        }
    }
}

#[test]
fn enhanced_product_has_a_global_and_a_polar_group() {
    let (_folder, path) = granule(Product::Spl2SmpE, |_, _| None);
    assert_eq!(identify(&path).unwrap(), Product::Spl2SmpE);
    for (group, grid) in [
        (OrbitGroup::Global, EaseGrid2::M09),
        (OrbitGroup::Polar, EaseGrid2::N09),
    ] {
        let orbit = spl2smp::read_group(&path, group, OutOfRange::Missing).unwrap();
        assert_eq!(orbit.grid(), grid);
        assert_eq!(
            orbit.cells[N_CELLS - 1],
            Cell {
                row: ROW0 + 3,
                col: COL0 + 4
            }
        );
        assert_eq!(orbit.fields["clay_fraction"].values[7], 0.5);
    }
    let inspection = inspect(&path).unwrap();
    let grids: Vec<_> = inspection
        .groups
        .iter()
        .map(|group| group.grid.as_str())
        .collect();
    assert_eq!(grids, ["M09", "N09"]);
}

#[test]
fn product_is_identified_by_its_groups_where_the_metadata_are_gone() {
    for product in [Product::Spl2SmapS, Product::Spl2Smp, Product::Spl2SmpE] {
        let (_folder, path) = granule(product, |_, _| None);
        let file = hdf5::File::open_rw(&path).unwrap();
        file.unlink("Metadata").unwrap();
        if product == Product::Spl2Smp {
            let name = "Soil_Moisture_Retrieval_Data/EASE_row_index";
            let indices = file.dataset(name).unwrap();
            indices
                .attr("valid_max")
                .unwrap()
                .write_scalar(&405_u16)
                .unwrap();
        }
        file.close().unwrap();
        assert_eq!(identify(&path).unwrap(), product);
    }
}

#[test]
fn recommended_needs_a_valid_value_and_a_clear_bit_0() {
    let (_folder, path) = granule(Product::Spl2SmapS, |base, cell| match (base, cell) {
        ("soil_moisture", 0) => Some(-9999.0),
        ("soil_moisture", 1) => Some(0.9),
        ("retrieval_qual_flag", 2) => Some(1.0),
        ("retrieval_qual_flag", 3) => Some(65_534.0),
        ("retrieval_qual_flag", 4) => Some(16.0),
        ("retrieval_qual_flag", 5) => Some(199.0),
        _ => None,
    });
    let recommended = spl2smap_s::read(&path, Resolution::Km1)
        .unwrap()
        .recommended();
    let refused: Vec<usize> = (0..N_CELLS)
        .filter(|cell| !recommended[[cell / SHAPE[1], cell % SHAPE[1]]])
        .collect();
    assert_eq!(refused, [0, 1, 2, 3, 5]);
    assert_eq!(inspect(&path).unwrap().groups[0].recommended, N_CELLS - 5);
}

#[test]
fn the_files_own_valid_range_goes_before_the_schemas() {
    let (_folder, path) = granule(Product::Spl2Smp, |base, cell| match (base, cell) {
        ("soil_moisture", 0) => Some(0.6),
        _ => None,
    });
    assert_eq!(
        spl2smp::read(&path).unwrap().fields["soil_moisture"]
            .counts
            .out_of_range,
        1
    );
    let file = hdf5::File::open_rw(&path).unwrap();
    let soil_moisture = file
        .dataset("Soil_Moisture_Retrieval_Data/soil_moisture")
        .unwrap();
    soil_moisture
        .attr("valid_max")
        .unwrap()
        .write_scalar(&0.75_f32)
        .unwrap();
    drop(soil_moisture);
    file.close().unwrap();
    assert_eq!(
        spl2smp::read(&path).unwrap().fields["soil_moisture"]
            .counts
            .out_of_range,
        0
    );
}

#[test]
fn datasets_unknown_to_the_schema_are_read_by_their_own_attributes() {
    let (_folder, path) = granule(Product::Spl2SmapS, |_, _| None);
    let file = hdf5::File::open_rw(&path).unwrap();
    let group = file.group("Soil_Moisture_Retrieval_Data_1km").unwrap();
    let novelty = group
        .new_dataset::<f32>()
        .shape(SHAPE)
        .create("snow_depth_1km")
        .unwrap();
    novelty.write_raw(&[0.5_f32; N_CELLS]).unwrap();
    synthetic_granule::put_text(&novelty, "units", "meters");
    let odd = group
        .new_dataset::<f32>()
        .shape([3])
        .create("spectrum_1km")
        .unwrap();
    odd.write_raw(&[1.0_f32; 3]).unwrap();
    group.create_group("folder_1km").unwrap();
    drop((novelty, odd, group));
    file.close().unwrap();
    let read = spl2smap_s::read(&path, Resolution::Km1).unwrap();
    assert_eq!(read.fields["snow_depth"].units, "m");
    assert_eq!(read.fields["snow_depth"].counts.valid, N_CELLS);
    assert!(!read.fields.contains_key("spectrum"));
}

#[test]
fn optional_datasets_and_the_3_km_group_may_be_missing() {
    let (_folder, path) = granule(Product::Spl2SmapS, |_, _| None);
    let file = hdf5::File::open_rw(&path).unwrap();
    file.unlink("Soil_Moisture_Retrieval_Data_3km").unwrap();
    for base in [
        "sigma0_vv_aggregated",
        "spacecraft_overpass_time_seconds",
        "tb_h_disaggregated",
    ] {
        file.unlink(&format!("Soil_Moisture_Retrieval_Data_1km/{base}_1km"))
            .unwrap();
    }
    file.close().unwrap();
    assert_eq!(inspect(&path).unwrap().groups.len(), 1);
    let read = spl2smap_s::read(&path, Resolution::Km1).unwrap();
    assert_eq!(read.time(), None);
    let scene = read.to_scene().unwrap();
    assert!(scene.field("sigma0_vv").is_none());
    assert!(
        scene
            .field("observed")
            .unwrap()
            .iter()
            .all(|&seen| seen == 0.0)
    );
}

#[test]
fn a_scene_knows_land_from_water_and_from_cells_without_inputs() {
    let (_folder, path) = granule(Product::Spl2SmapS, |base, cell| match (base, cell) {
        ("landcover_class", 0) => Some(0.0),
        ("landcover_class", 1) => Some(17.0),
        ("landcover_class", 2) => Some(254.0),
        ("landcover_class", _) => Some(12.0),
        ("albedo", 3) | ("vegetation_water_content", 4) | ("tb_v_disaggregated", 5) => {
            Some(-9999.0)
        }
        _ => None,
    });
    let scene = spl2smap_s::read(&path, Resolution::Km1)
        .unwrap()
        .to_scene()
        .unwrap();
    let excluded = |mask: &ndarray::Array2<bool>| {
        let cells = mask.iter().enumerate().filter(|(_, inside)| !**inside);
        cells.map(|(cell, _)| cell).collect::<Vec<_>>()
    };
    assert_eq!(excluded(&scene.land().to_owned()), [0, 1, 2, 3, 4]);
    assert_eq!(
        excluded(&scene.predictable().to_owned()),
        [0, 1, 2, 3, 4, 5]
    );
    let land_cover = scene.field("land_cover").unwrap();
    assert!(land_cover[[0, 2]].is_nan());
    assert_eq!(land_cover[[0, 3]], 12.0);
}

#[test]
fn a_polar_group_without_cells_is_empty_and_no_error() {
    let (_folder, path) = granule(Product::Spl2SmpE, |_, _| None);
    let file = hdf5::File::open_rw(&path).unwrap();
    let polar = file.group("Soil_Moisture_Retrieval_Data_Polar").unwrap();
    for name in polar.member_names().unwrap() {
        polar.unlink(&name).unwrap();
    }
    for name in ["EASE_row_index", "EASE_column_index", "retrieval_qual_flag"] {
        polar.new_dataset::<u16>().shape([0]).create(name).unwrap();
    }
    polar
        .new_dataset::<f32>()
        .shape([0])
        .create("soil_moisture")
        .unwrap();
    drop(polar);
    file.close().unwrap();
    let orbit = spl2smp::read_group(&path, OrbitGroup::Polar, OutOfRange::Missing).unwrap();
    assert!(orbit.cells.is_empty());
    assert_eq!(inspect(&path).unwrap().groups[1].recommended, 0);
}
