//! SPL3SMP, SPL3SMP_E, SPL4SMGP and SPL1CTB_E: what the writer writes, the readers read.
#![cfg(feature = "hdf5")]
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]

mod synthetic_granule;

use std::path::PathBuf;

use ndarray::{Array1, Array2, Array3, arr2};
use synthetic_granule::small;
use tempfile::TempDir;
use vadose_grid::{Cell, EaseGrid2, Window};
use vadose_io::granule_writer::{GranuleContents, Placement, Values, write_granule};
use vadose_io::spl1ctb::{self, Projection};
use vadose_io::spl3smp::{self, Pass};
use vadose_io::{IoError, Product, identify, inspect, spl2smp, spl4smgp};

fn written(contents: &GranuleContents) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("granule.h5");
    write_granule(&path, contents).unwrap();
    (folder, path)
}

fn window(grid: EaseGrid2) -> Window {
    Window::new(grid, 180, 240, 3, 4).unwrap()
}

/// The second cell of `small` is missing.
fn quarter_but_second(values: &Array2<f32>) {
    for ((row, col), value) in values.indexed_iter() {
        match (row, col) {
            (0, 1) => assert!(value.is_nan()),
            _ => assert_eq!(*value, 0.25, "({row}, {col})"),
        }
    }
}

#[test]
fn analysis_is_read_where_it_was_written_and_missing_elsewhere() {
    let mut contents = small(Product::Spl4Smgp);
    let warm = Array2::from_shape_fn((3, 4), |(row, col)| 280.0 + (4 * row + col) as f32);
    contents.groups[0]
        .values
        .insert("surface_temp".to_string(), warm.into());
    let (_folder, path) = written(&contents);
    assert_eq!(identify(&path).unwrap(), Product::Spl4Smgp);

    let variables = ["sm_surface", "surface_temp", "sm_rootzone"];
    let read = spl4smgp::read(&path, window(EaseGrid2::M09), &variables).unwrap();
    assert_eq!(read.fields.len(), 3);
    quarter_but_second(&read.fields["sm_surface"].values);
    assert_eq!(read.fields["sm_surface"].units, "m3 m-3");
    assert_eq!(read.fields["sm_rootzone"].counts.missing, 12);

    // A window that begins inside the other and ends outside.
    let shifted = Window::new(EaseGrid2::M09, 182, 242, 2, 3).unwrap();
    let values = spl4smgp::read(&path, shifted, &["surface_temp"]).unwrap();
    let expected = arr2(&[[290.0, 291.0, f32::NAN], [f32::NAN; 3]]);
    let same = |(a, b): (&f32, &f32)| a == b || (a.is_nan() && b.is_nan());
    let values = &values.fields["surface_temp"].values;
    assert!(values.iter().zip(&expected).all(same), "{values}");
}

#[test]
fn values_of_the_analysis_outside_the_valid_range_are_counted() {
    let mut contents = small(Product::Spl4Smgp);
    let mut wet = Array2::from_elem((3, 4), 0.3_f32);
    wet[[1, 1]] = 0.95;
    contents.groups[0]
        .values
        .insert("sm_surface".to_string(), wet.into());
    let (_folder, path) = written(&contents);
    let read = spl4smgp::read(&path, window(EaseGrid2::M09), &["sm_surface"]).unwrap();
    let field = &read.fields["sm_surface"];
    assert_eq!((field.counts.valid, field.counts.out_of_range), (11, 1));
    assert_eq!(
        field.out_of_range_reason().unwrap(),
        "outside valid range [0, 0.9] m3 m-3: 0.95"
    );
}

#[test]
fn analysis_variables_and_grids_that_are_not_there_are_named() {
    let (_folder, path) = written(&small(Product::Spl4Smgp));
    let error = spl4smgp::read(&path, window(EaseGrid2::M09), &["sm_deep"]).unwrap_err();
    let message = error.to_string();
    assert!(
        message.ends_with("`Geophysical_Data/sm_deep` is missing"),
        "{message}"
    );
    let error = spl4smgp::read(&path, window(EaseGrid2::M01), &["sm_surface"]).unwrap_err();
    assert!(matches!(error, IoError::WrongGrid { .. }));
    let message = error.to_string();
    assert!(
        message.ends_with("its grid is M09, but the window lies on M01"),
        "{message}"
    );
}

#[test]
fn inspection_of_the_analysis_counts_the_cells_of_its_window() {
    let (_folder, path) = written(&small(Product::Spl4Smgp));
    let inspection = inspect(&path).unwrap();
    let group = &inspection.groups[0];
    let surface = group
        .variables
        .iter()
        .find(|v| v.name == "sm_surface")
        .unwrap();
    assert_eq!((surface.valid, surface.missing), (11, 1624 * 3856 - 11));
    assert_eq!(
        (surface.stored_type.as_str(), surface.fill),
        ("float32", Some(-9999.0))
    );
    assert_eq!(group.recommended, 0);
}

/// Contents of a day whose evening differs from its morning.
fn day(product: Product) -> GranuleContents {
    let mut contents = small(product);
    for group in &mut contents.groups {
        let evening = group.name.ends_with("PM");
        let landcover = Array3::from_shape_fn((3, 4, 3), |(row, _, rank)| {
            u8::try_from(10 * rank + row + usize::from(evening)).unwrap()
        });
        let mut quality = Array2::<u16>::zeros((3, 4));
        quality[[2, 3]] = 1;
        let seconds = Array2::from_elem((3, 4), if evening { 5.5e8 } else { 5.4e8 });
        group.values.extend([
            ("landcover_class".to_string(), landcover.into()),
            ("retrieval_qual_flag_dca".to_string(), quality.into()),
            ("tb_time_seconds".to_string(), Values::from(seconds)),
        ]);
    }
    contents
}

#[test]
fn mornings_and_evenings_of_a_day_are_told_apart() {
    let (_folder, path) = written(&day(Product::Spl3Smp));
    for (pass, first_class, seconds) in [(Pass::Morning, 0, 5.4e8), (Pass::Evening, 1, 5.5e8)] {
        let day = spl3smp::read(&path, pass, window(EaseGrid2::M36)).unwrap();
        assert_eq!((day.product(), day.pass()), (Product::Spl3Smp, pass));
        quarter_but_second(&day.fields["soil_moisture"].values);
        // The second name of the same dataset.
        quarter_but_second(&day.fields["soil_moisture_dca"].values);
        assert_eq!(day.classes["landcover_class"].values[[0, 0]], first_class);
        assert_eq!(
            day.classes["landcover_class_3"].values[[2, 1]],
            first_class + 22
        );
        assert_eq!(day.time_seconds.as_ref().unwrap()[[1, 1]], seconds);
        let refused = day.recommended().iter().filter(|&&good| !good).count();
        assert_eq!(refused, 2); // one without soil moisture, one not recommended
    }
    let file = hdf5::File::open(&path).unwrap();
    let group = file.group("Soil_Moisture_Retrieval_Data_PM").unwrap();
    assert!(
        group
            .member_names()
            .unwrap()
            .iter()
            .all(|name| name.ends_with("_pm"))
    );
}

#[test]
fn the_grid_of_the_window_chooses_the_group_of_the_enhanced_product() {
    let mut contents = day(Product::Spl3SmpE);
    for group in contents
        .groups
        .iter_mut()
        .filter(|group| group.name.contains("Polar"))
    {
        let polar = Array2::from_elem((3, 4), 0.35_f32);
        group
            .values
            .insert("soil_moisture".to_string(), polar.into());
    }
    let (_folder, path) = written(&contents);
    for pass in [Pass::Morning, Pass::Evening] {
        let polar = spl3smp::read(&path, pass, window(EaseGrid2::N09)).unwrap();
        assert_eq!(polar.fields["soil_moisture"].values[[2, 2]], 0.35);
        let centre = EaseGrid2::N09.centre(Cell { row: 182, col: 241 }).unwrap();
        let latitude = polar.fields["latitude"].values[[2, 1]];
        assert!((f64::from(latitude) - centre.lat_deg).abs() < 1e-5);
        let global = spl3smp::read(&path, pass, window(EaseGrid2::M09)).unwrap();
        quarter_but_second(&global.fields["soil_moisture"].values);
    }
    let error = spl3smp::read(&path, Pass::Morning, window(EaseGrid2::M36)).unwrap_err();
    let message = error.to_string();
    assert!(
        message.ends_with("its grid is M09 or N09, but the window lies on M36"),
        "{message}"
    );
}

#[test]
fn a_day_without_evening_passes_says_so() {
    let mut contents = day(Product::Spl3Smp);
    contents.groups.pop();
    let (_folder, path) = written(&contents);
    let error = spl3smp::read(&path, Pass::Evening, window(EaseGrid2::M36)).unwrap_err();
    let message = error.to_string();
    assert!(
        message.ends_with("`Soil_Moisture_Retrieval_Data_PM` is missing"),
        "{message}"
    );
    assert!(spl3smp::read(&path, Pass::Morning, window(EaseGrid2::M36)).is_ok());
}

#[test]
fn daily_products_are_told_apart_where_the_metadata_are_gone() {
    for product in [Product::Spl3Smp, Product::Spl3SmpE, Product::Spl4Smgp] {
        let (_folder, path) = written(&small(product));
        let file = hdf5::File::open_rw(&path).unwrap();
        file.unlink("Metadata").unwrap();
        file.close().unwrap();
        assert_eq!(identify(&path).unwrap(), product);
    }
}

#[test]
fn brightness_temperatures_come_back_with_their_cells_and_times() {
    let mut contents = small(Product::Spl1CtbE);
    for (position, group) in contents.groups.iter_mut().enumerate() {
        let mut tb = Array1::from_elem(7, 250.0 + position as f32);
        tb[1] = f32::NAN;
        tb[2] = 400.0;
        let seconds = Array1::from_elem(7, 5.4e8 + position as f64);
        group.values.extend([
            ("cell_tb_v_fore".to_string(), tb.into()),
            ("cell_tb_time_seconds_fore".to_string(), seconds.into()),
        ]);
    }
    let (_folder, path) = written(&contents);
    for (position, (projection, grid)) in [
        (Projection::Global, EaseGrid2::M09),
        (Projection::NorthPolar, EaseGrid2::N09),
        (Projection::SouthPolar, EaseGrid2::S09),
    ]
    .into_iter()
    .enumerate()
    {
        let orbit = spl1ctb::read(&path, projection).unwrap();
        assert_eq!(orbit.grid(), grid);
        assert_eq!(orbit.cells[6], Cell { row: 206, col: 30 });
        let tb = &orbit.fields["cell_tb_v_fore"];
        assert_eq!(tb.values[0], 250.0 + position as f32);
        assert_eq!((tb.counts.missing, tb.counts.out_of_range), (1, 1));
        assert_eq!(tb.units, "K");
        assert_eq!(
            orbit.times["cell_tb_time_seconds_fore"][3],
            5.4e8 + position as f64
        );
        assert!(
            orbit.times["cell_tb_time_seconds_aft"]
                .iter()
                .all(|time| time.is_nan())
        );
        assert_eq!(orbit.flags["cell_tb_qual_flag_v_fore"].counts.missing, 7);
    }
}

#[test]
fn readers_refuse_each_others_products() {
    let (_folder, path) = written(&small(Product::Spl1CtbE));
    let refusals = [
        spl2smp::read(&path).err().unwrap(),
        spl3smp::read(&path, Pass::Morning, window(EaseGrid2::M36))
            .err()
            .unwrap(),
        spl4smgp::read(&path, window(EaseGrid2::M09), &[])
            .err()
            .unwrap(),
    ];
    for (error, expected) in
        refusals
            .iter()
            .zip(["SPL2SMP or SPL2SMP_E", "SPL3SMP or SPL3SMP_E", "SPL4SMGP"])
    {
        let message = error.to_string();
        assert!(
            message.ends_with(&format!("holds SPL1CTB_E, not {expected}")),
            "{message}"
        );
    }
}

#[test]
fn a_trajectory_is_no_rectangle() {
    let mut contents = small(Product::Spl1CtbE);
    contents.groups[0].placement = Placement::Rectangle(window(EaseGrid2::M09));
    let folder = tempfile::tempdir().unwrap();
    let error = write_granule(folder.path().join("granule.h5"), &contents).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("its cells are a list, not a rectangle"),
        "{error}"
    );
}
