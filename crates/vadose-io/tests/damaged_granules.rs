//! Damaged and foreign files: one clear error each, no panic, nothing on stderr from HDF5.
#![cfg(feature = "hdf5")]
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]

mod synthetic_granule;

use std::path::Path;

use synthetic_granule::{RADIOMETER_GRANULE, SENTINEL_GRANULE, copy_of, real, small, write};
use vadose_grid::{EaseGrid2, Window};
use vadose_io::granule_writer::write_granule;
use vadose_io::imerg::{self, ImergContents, ImergVersion, ImergWindow};
use vadose_io::spl1ctb::Projection;
use vadose_io::spl3smp::Pass;
use vadose_io::{
    IoError, Product, Resolution, inspect, spl1ctb, spl2smap_s, spl2smp, spl3smp, spl4smgp,
};

const ROWS: &str = "Soil_Moisture_Retrieval_Data_1km/EASE_row_index_1km";

fn refusal(path: &Path) -> IoError {
    let from_inspection = inspect(path).unwrap_err();
    let from_reader = spl2smap_s::read(path, Resolution::Km1).unwrap_err();
    assert_eq!(from_inspection.to_string(), from_reader.to_string());
    from_reader
}

#[test]
fn a_truncated_granule_is_refused_with_hdf5s_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(SENTINEL_GRANULE);
    let bytes = std::fs::read(real(SENTINEL_GRANULE)).unwrap();
    for n_bytes in [600, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..n_bytes]).unwrap();
        let error = refusal(&path);
        let message = error.to_string();
        assert!(matches!(error, IoError::DamagedHdf5 { .. }), "{message}");
        assert!(
            message.starts_with(&path.display().to_string()),
            "{message}"
        );
        assert!(message.contains("truncated"), "{message}");
    }
}

#[test]
fn a_granule_with_damaged_data_names_the_dataset() {
    let folder = tempfile::tempdir().unwrap();
    let path = copy_of(SENTINEL_GRANULE, folder.path());
    let file = hdf5::File::open(&path).unwrap();
    let temperature = file.dataset("Soil_Moisture_Retrieval_Data_1km/surface_temperature_1km");
    let chunk = temperature.unwrap().chunk_info(100).unwrap();
    file.close().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let begin = usize::try_from(chunk.addr).unwrap();
    bytes[begin..begin + usize::try_from(chunk.size).unwrap()].fill(0xAA);
    std::fs::write(&path, bytes).unwrap();
    let message = refusal(&path).to_string();
    assert!(
        message.contains("`Soil_Moisture_Retrieval_Data_1km/surface_temperature_1km`"),
        "{message}"
    );
    assert!(message.contains("inflate"), "{message}");
}

#[test]
fn a_dataset_that_claims_more_than_any_product_has_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = copy_of(SENTINEL_GRANULE, folder.path());
    let file = hdf5::File::open_rw(&path).unwrap();
    file.unlink(ROWS).unwrap();
    let dataset = file.new_dataset::<u16>().chunk([1024, 1024]);
    dataset.shape([1 << 20, 1 << 20]).create(ROWS).unwrap();
    file.close().unwrap();
    let message = refusal(&path).to_string();
    assert!(message.contains("no product has more than"), "{message}");
    assert!(message.contains(ROWS), "{message}");
}

#[test]
fn a_text_file_with_the_ending_of_hdf5_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("granule.h5");
    for text in [
        "",
        "lon,lat,time,soil_moisture\n",
        &"0123456789".repeat(1000),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = refusal(&path);
        assert!(matches!(error, IoError::NotHdf5 { .. }), "{error}");
    }
}

#[test]
fn an_hdf5_file_that_is_no_smap_product_says_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rain.h5");
    let file = hdf5::File::create(&path).unwrap();
    file.create_group("Grid").unwrap();
    file.close().unwrap();
    let message = refusal(&path).to_string();
    assert!(
        message.contains("no SMAP soil-moisture product (the root group holds: Grid;"),
        "{message}"
    );
}

#[test]
fn another_smap_product_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = copy_of(RADIOMETER_GRANULE, folder.path());
    let file = hdf5::File::open_rw(&path).unwrap();
    let identification = file.group("Metadata/DatasetIdentification").unwrap();
    identification.delete_attr("SMAPShortName").unwrap();
    synthetic_granule::put_text(&identification, "SMAPShortName", "L2_SM_A");
    drop(identification);
    file.close().unwrap();
    let message = refusal(&path).to_string();
    assert!(
        message.contains("SMAP product `L2_SM_A` is not supported"),
        "{message}"
    );
}

#[test]
fn a_granule_of_the_wrong_product_is_refused_by_each_reader() {
    let error = spl2smap_s::read(real(RADIOMETER_GRANULE), Resolution::Km1).unwrap_err();
    assert!(
        error.to_string().ends_with("holds SPL2SMP, not SPL2SMAP_S"),
        "{error}"
    );
    let error = spl2smp::read(real(SENTINEL_GRANULE)).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("holds SPL2SMAP_S, not SPL2SMP or SPL2SMP_E"),
        "{error}"
    );
}

#[test]
fn missing_required_datasets_and_groups_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "Soil_Moisture_Retrieval_Data_1km/soil_moisture_1km",
        "Soil_Moisture_Retrieval_Data_1km/retrieval_qual_flag_1km",
        "Soil_Moisture_Retrieval_Data_1km",
        ROWS,
    ] {
        let path = copy_of(SENTINEL_GRANULE, folder.path());
        let file = hdf5::File::open_rw(&path).unwrap();
        file.unlink(name).unwrap();
        file.close().unwrap();
        let message = refusal(&path).to_string();
        let expected = format!("{}: required dataset `{name}` is missing", path.display());
        assert_eq!(message, expected);
    }
}

#[test]
fn a_scene_names_the_channel_dataset_that_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    for base in [
        "landcover_class",
        "albedo",
        "vegetation_water_content",
        "tb_v_disaggregated",
    ] {
        let name = format!("Soil_Moisture_Retrieval_Data_1km/{base}_1km");
        let path = copy_of(SENTINEL_GRANULE, folder.path());
        let file = hdf5::File::open_rw(&path).unwrap();
        file.unlink(&name).unwrap();
        file.close().unwrap();
        let granule = spl2smap_s::read(&path, Resolution::Km1).unwrap();
        let message = granule.to_scene().unwrap_err().to_string();
        assert!(
            message.ends_with(&format!("required dataset `{name}` is missing")),
            "{message}"
        );
    }
}

#[test]
fn damaged_indices_are_refused_with_their_position() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("granule.h5");
    write(&path, Product::Spl2SmapS, |base, cell| match (base, cell) {
        ("EASE_row_index", 7) => Some(9000.0),
        _ => None,
    });
    let message = refusal(&path).to_string();
    let reason =
        format!("damaged cell indices in `{ROWS}`: 9000 at (1, 2), where a rectangle has 181");
    assert!(message.ends_with(&reason), "{message}");
}

#[test]
fn indices_that_are_no_integers_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("granule.h5");
    write(&path, Product::Spl2SmapS, |_, _| None);
    let file = hdf5::File::open_rw(&path).unwrap();
    file.unlink(ROWS).unwrap();
    let floats = file.new_dataset::<f32>().shape([4, 5]);
    floats.create(ROWS).unwrap();
    file.close().unwrap();
    let message = refusal(&path).to_string();
    assert!(
        message.ends_with("no integers on 2 axes (shape [4, 5])"),
        "{message}"
    );
}

#[test]
fn half_orbit_cells_beyond_the_grid_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("granule.h5");
    write(&path, Product::Spl2Smp, |base, cell| match (base, cell) {
        ("EASE_column_index", 3) => Some(964.0),
        _ => None,
    });
    let message = spl2smp::read(&path).unwrap_err().to_string();
    assert!(
        message.ends_with("column 964 at 3, but grid M36 has 964"),
        "{message}"
    );
}

#[test]
fn a_dataset_of_another_shape_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("granule.h5");
    write(&path, Product::Spl2SmapS, |_, _| None);
    let file = hdf5::File::open_rw(&path).unwrap();
    let name = "Soil_Moisture_Retrieval_Data_1km/albedo_1km";
    file.unlink(name).unwrap();
    file.new_dataset::<f32>()
        .shape([2, 5])
        .create(name)
        .unwrap();
    file.close().unwrap();
    let message = refusal(&path).to_string();
    assert!(
        message.ends_with(&format!("`{name}` has shape [2, 5], expected [4, 5]")),
        "{message}"
    );
}

#[test]
fn an_all_fill_granule_is_read_and_says_so_where_soil_moisture_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("granule.h5");
    for product in [Product::Spl2SmapS, Product::Spl2Smp] {
        write(&path, product, |base, _| {
            (base == "soil_moisture").then_some(-9999.0)
        });
        let inspection = inspect(&path).unwrap();
        assert!(inspection.groups.iter().all(|group| group.recommended == 0));
        let message = match product {
            Product::Spl2SmapS => {
                let granule = spl2smap_s::read(&path, Resolution::Km1).unwrap();
                granule.require_soil_moisture().unwrap_err().to_string()
            }
            _ => spl2smp::read(&path)
                .unwrap()
                .require_soil_moisture()
                .unwrap_err()
                .to_string(),
        };
        assert!(
            message.contains("no valid soil moisture in `Soil_Moisture_Retrieval_Data"),
            "{message}"
        );
        assert!(message.ends_with("none of its 20 cells"), "{message}");
    }
}

#[test]
fn leaked_temperatures_are_read_as_missing_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("granule.h5");
    write(&path, Product::Spl2SmapS, |base, cell| {
        (base == "surface_temperature" && cell < 3).then_some(-10_068.993)
    });
    let granule = spl2smap_s::read(&path, Resolution::Km1).unwrap();
    let temperature = &granule.fields["surface_temperature"];
    assert_eq!(temperature.counts.out_of_range, 3);
    assert_eq!(
        temperature
            .values
            .iter()
            .filter(|value| value.is_nan())
            .count(),
        3
    );
}

#[test]
fn missing_files_and_folders_are_refused_before_hdf5_sees_them() {
    let error = refusal(Path::new("/no/such/granule.h5"));
    assert_eq!(error.to_string(), "/no/such/granule.h5: cannot open");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("No such file"), "{cause}");
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(refusal(folder.path()), IoError::NotAFile { .. }));
}

/// What the reader of a product says of a file; `None` if it reads it.
fn refusal_of(product: Product, path: &Path) -> Option<IoError> {
    let window = |grid| Window::new(grid, 180, 240, 3, 4).unwrap();
    match product {
        Product::Spl2SmapS => spl2smap_s::read(path, Resolution::Km1).err(),
        Product::Spl3Smp => spl3smp::read(path, Pass::Evening, window(EaseGrid2::M36)).err(),
        Product::Spl3SmpE => spl3smp::read(path, Pass::Evening, window(EaseGrid2::N09)).err(),
        Product::Spl4Smgp => spl4smgp::read(path, window(EaseGrid2::M09), &["sm_surface"]).err(),
        Product::Spl1CtbE => spl1ctb::read(path, Projection::SouthPolar).err(),
        _ => spl2smp::read(path).err(),
    }
}

#[test]
fn every_reader_refuses_every_truncation_of_its_product() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("granule.h5");
    for product in Product::ALL {
        write_granule(&path, &small(product)).unwrap();
        assert!(refusal_of(product, &path).is_none(), "{product}");
        let bytes = std::fs::read(&path).unwrap();
        for n_bytes in [7, 600, bytes.len() / 3, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..n_bytes]).unwrap();
            let error = refusal_of(product, &path).unwrap();
            let is_damage = matches!(error, IoError::DamagedHdf5 { .. } | IoError::NotHdf5 { .. });
            assert!(is_damage, "{product}, {n_bytes} bytes: {error}");
        }
    }
}

/// Bytes that are wrong in one place: a reader may read the file or refuse it, but never panics.
#[test]
fn no_reader_panics_on_flipped_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("granule.h5");
    for product in Product::ALL {
        write_granule(&path, &small(product)).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let step = (bytes.len() / 40).max(1);
        for position in (0..bytes.len()).step_by(step) {
            let mut damaged = bytes.clone();
            damaged[position] ^= 0xFF;
            std::fs::write(&path, damaged).unwrap();
            let _ = refusal_of(product, &path);
        }
    }
}

#[test]
fn whole_grid_arrays_of_another_shape_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("granule.h5");
    for (product, name, expected) in [
        (
            Product::Spl4Smgp,
            "Geophysical_Data/sm_surface",
            "[1624, 3856]",
        ),
        (
            Product::Spl3Smp,
            "Soil_Moisture_Retrieval_Data_PM/landcover_class_pm",
            "[406, 964, 3]",
        ),
        (
            Product::Spl1CtbE,
            "South_Polar_Projection/cell_tb_v_fore",
            "[7]",
        ),
    ] {
        write_granule(&path, &small(product)).unwrap();
        let file = hdf5::File::open_rw(&path).unwrap();
        file.unlink(name).unwrap();
        file.new_dataset::<f32>().shape([5]).create(name).unwrap();
        file.close().unwrap();
        let message = refusal_of(product, &path).unwrap().to_string();
        let reason = format!("`{name}` has shape [5], expected {expected}");
        assert!(message.ends_with(&reason), "{message}");
    }
}

#[test]
fn truncated_half_hours_of_precipitation_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("half_hour.HDF5");
    let window = ImergWindow::new(400, 550, 2, 2).unwrap();
    let contents = ImergContents {
        version: ImergVersion::V06,
        start: "2017-06-01T00:00:00Z".parse().unwrap(),
        window,
        precipitation: ndarray::Array2::zeros((2, 2)),
    };
    imerg::write(&path, &contents).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for n_bytes in [0, 600, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..n_bytes]).unwrap();
        let error = imerg::read(&path, window).unwrap_err();
        let is_damage = matches!(error, IoError::DamagedHdf5 { .. } | IoError::NotHdf5 { .. });
        assert!(is_damage, "{n_bytes} bytes: {error}");
    }
}
