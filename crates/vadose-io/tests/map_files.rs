//! Maps as NetCDF and GeoTIFF: positions, values and attributes come back; failures leave nothing.
#![cfg(all(feature = "netcdf", feature = "gdal"))]
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]

use std::path::Path;

use gdal::Metadata;
use ndarray::{Array2, ArrayView2};
use netcdf::AttributeValue;
use vadose_grid::{Cell, EaseGrid2, Window};
use vadose_io::{
    FlagValues, IoError, MapFile, MapLayer, Provenance, SoilMoistureMaps, write_cf_netcdf,
    write_cog,
};
use vadose_scene::CoarseTarget;

/// Coordinates are computed by the same f64 formula in any order of operations.
const MAX_COORDINATE_ERR_M: f64 = 1e-6;

/// Larger than one chunk and one COG tile, so that seams and overviews are part of the test.
const SHAPE: (usize, usize) = (530, 701);

fn field() -> Array2<f32> {
    Array2::from_shape_fn(SHAPE, |(row, col)| {
        if (row + col) % 7 == 0 {
            f32::NAN
        } else {
            (row * SHAPE.1 + col) as f32 * 1e-6
        }
    })
}

fn map<'a>(window: Window, values: ArrayView2<'a, f32>) -> MapFile<'a> {
    let mut soil_moisture = MapLayer::soil_moisture("soil_moisture", values);
    soil_moisture.ancillary = vec!["uncertainty".to_string()];
    soil_moisture.comment = Some("an example".to_string());
    let mut uncertainty = MapLayer::new("uncertainty", "spread of the ensemble", "m3 m-3", values);
    uncertainty.standard_name =
        Some("volume_fraction_of_condensed_water_in_soil standard_error".to_string());
    MapFile {
        window,
        time: Some("2015-04-10T05:41:51.5Z".parse().unwrap()),
        title: "Soil moisture at 1 km".to_string(),
        history: "2026-01-01T00:00:00Z vadose predict".to_string(),
        attributes: vec![("source".to_string(), "network paper".to_string())],
        layers: vec![soil_moisture, uncertainty],
    }
}

fn window() -> Window {
    Window::new(EaseGrid2::M01, 2808, 18_198, SHAPE.0, SHAPE.1).unwrap()
}

fn same(a: f32, b: f32) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn netcdf_has_the_values_north_to_south_at_their_coordinates() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.nc");
    let values = field();
    write_cf_netcdf(&path, &map(window(), values.view())).unwrap();
    assert_eq!(names_in(folder.path()), ["map.nc"]);
    let file = netcdf::open(&path).unwrap();
    let read = file
        .variable("soil_moisture")
        .unwrap()
        .get::<f32, _>(..)
        .unwrap();
    assert!(read.iter().zip(&values).all(|(&a, &b)| same(a, b)));
    let get = |name: &str| file.variable(name).unwrap().get::<f64, _>(..).unwrap();
    let (x, y, lat, lon) = (get("x"), get("y"), get("lat"), get("lon"));
    assert!(y[[0]] > y[[SHAPE.0 - 1]], "row 0 must be the northernmost");
    for (row, col) in [(0, 0), (255, 256), (256, 255), (SHAPE.0 - 1, SHAPE.1 - 1)] {
        let cell = Cell {
            row: 2808 + row,
            col: 18_198 + col,
        };
        let centre_m = EaseGrid2::M01.centre_m(cell).unwrap();
        let centre = EaseGrid2::M01.centre(cell).unwrap();
        assert!((x[[col]] - centre_m.x_m).abs() < MAX_COORDINATE_ERR_M);
        assert!((y[[row]] - centre_m.y_m).abs() < MAX_COORDINATE_ERR_M);
        assert_eq!(
            (lat[[row, col]], lon[[row, col]]),
            (centre.lat_deg, centre.lon_deg)
        );
    }
}

#[test]
fn netcdf_describes_itself_as_cf_asks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.nc");
    write_cf_netcdf(&path, &map(window(), field().view())).unwrap();
    let file = netcdf::open(&path).unwrap();
    let global = |name: &str| match file.attribute(name).unwrap().value().unwrap() {
        AttributeValue::Str(text) => text,
        other => panic!("{name} is {other:?}"),
    };
    assert_eq!(global("Conventions"), "CF-1.11");
    assert_eq!(global("title"), "Soil moisture at 1 km");
    assert_eq!(global("source"), "network paper");
    let text = |variable: &str, name: &str| match file
        .variable(variable)
        .unwrap()
        .attribute_value(name)
        .unwrap()
        .unwrap()
    {
        AttributeValue::Str(text) => text,
        other => panic!("{variable}:{name} is {other:?}"),
    };
    assert_eq!(text("soil_moisture", "grid_mapping"), "crs");
    assert_eq!(text("soil_moisture", "coordinates"), "time lat lon");
    assert_eq!(text("soil_moisture", "units"), "m3 m-3");
    assert_eq!(text("soil_moisture", "ancillary_variables"), "uncertainty");
    assert_eq!(text("soil_moisture", "comment"), "an example");
    assert_eq!(
        text("crs", "grid_mapping_name"),
        "lambert_cylindrical_equal_area"
    );
    assert!(text("crs", "crs_wkt").ends_with("ID[\"EPSG\",6933]]"));
    assert_eq!(text("x", "standard_name"), "projection_x_coordinate");
    let seconds: f64 = file.variable("time").unwrap().get_value(()).unwrap();
    assert_eq!(seconds, 1_428_644_511.5);
    let fill = file
        .variable("soil_moisture")
        .unwrap()
        .fill_value::<f32>()
        .unwrap();
    assert!(fill.unwrap().is_nan());
}

#[test]
fn geotiff_has_the_same_values_at_the_same_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.tif");
    let values = field();
    write_cog(&path, &map(window(), values.view())).unwrap();
    assert_eq!(names_in(folder.path()), ["map.tif"]);
    let dataset = gdal::Dataset::open(&path).unwrap();
    assert_eq!(dataset.geo_transform().unwrap(), window().geotransform());
    assert_eq!(dataset.spatial_ref().unwrap().auth_code().unwrap(), 6933);
    assert_eq!(
        dataset
            .metadata_item("LAYOUT", "IMAGE_STRUCTURE")
            .as_deref(),
        Some("COG")
    );
    assert_eq!(dataset.raster_count(), 2);
    let band = dataset.rasterband(1).unwrap();
    assert_eq!(band.description().unwrap(), "soil_moisture");
    assert_eq!(band.metadata_item("units", "").as_deref(), Some("m3 m-3"));
    assert!(band.no_data_value().unwrap().is_nan());
    assert!(band.overview_count().unwrap() >= 1);
    let read = band.read_band_as::<f32>().unwrap();
    assert!(read.data().iter().zip(&values).all(|(&a, &b)| same(a, b)));
}

#[test]
fn coarse_and_polar_windows_carry_their_own_projection() {
    let folder = tempfile::tempdir().unwrap();
    let values = Array2::zeros((3, 4));
    for (grid, mapping, epsg) in [
        (EaseGrid2::M09, "lambert_cylindrical_equal_area", 6933),
        (EaseGrid2::N09, "lambert_azimuthal_equal_area", 6931),
        (EaseGrid2::S09, "lambert_azimuthal_equal_area", 6932),
    ] {
        let corner = Window::new(grid, 0, 0, 3, 4).unwrap(); // of a polar grid: no point on Earth
        let (netcdf_path, cog_path) = (folder.path().join("map.nc"), folder.path().join("map.tif"));
        write_cf_netcdf(&netcdf_path, &map(corner, values.view())).unwrap();
        write_cog(&cog_path, &map(corner, values.view())).unwrap();
        let file = netcdf::open(&netcdf_path).unwrap();
        let crs = file.variable("crs").unwrap();
        let name = crs.attribute_value("grid_mapping_name").unwrap().unwrap();
        assert_eq!(name, AttributeValue::Str(mapping.to_string()));
        let dataset = gdal::Dataset::open(&cog_path).unwrap();
        assert_eq!(dataset.spatial_ref().unwrap().auth_code().unwrap(), epsg);
        // GDAL reads the NetCDF by the grid mapping and sees the same place.
        let by_gdal =
            gdal::Dataset::open(format!("NETCDF:{}:soil_moisture", netcdf_path.display()));
        let by_gdal = by_gdal.unwrap();
        assert_eq!(by_gdal.spatial_ref().unwrap().auth_code().unwrap(), epsg);
        let transforms = by_gdal
            .geo_transform()
            .unwrap()
            .into_iter()
            .zip(corner.geotransform());
        for (got, expected) in transforms {
            assert!(
                (got - expected).abs() < MAX_COORDINATE_ERR_M,
                "{got} {expected}"
            );
        }
    }
}

#[test]
fn a_view_that_is_not_contiguous_is_written_as_it_reads() {
    let folder = tempfile::tempdir().unwrap();
    let values = Array2::from_shape_fn((4, 3), |(row, col)| (10 * row + col) as f32);
    let transposed = values.t();
    let window = Window::new(EaseGrid2::M09, 188, 589, 3, 4).unwrap();
    let (netcdf_path, cog_path) = (folder.path().join("map.nc"), folder.path().join("map.tif"));
    write_cf_netcdf(&netcdf_path, &map(window, transposed)).unwrap();
    write_cog(&cog_path, &map(window, transposed)).unwrap();
    let file = netcdf::open(&netcdf_path).unwrap();
    let by_netcdf = file
        .variable("soil_moisture")
        .unwrap()
        .get::<f32, _>(..)
        .unwrap();
    assert_eq!(by_netcdf, transposed.to_owned().into_dyn());
    let dataset = gdal::Dataset::open(&cog_path).unwrap();
    let by_gdal = dataset
        .rasterband(1)
        .unwrap()
        .read_band_as::<f32>()
        .unwrap();
    assert!(by_gdal.data().iter().eq(transposed.iter()));
}

#[test]
fn maps_that_cannot_be_written_leave_the_folder_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let values = Array2::zeros((2, 2));
    let wrong = map(window(), values.view());
    for name in ["map.nc", "map.tif"] {
        let path = folder.path().join(name);
        let error = match name {
            "map.nc" => write_cf_netcdf(&path, &wrong),
            _ => write_cog(&path, &wrong),
        };
        assert!(matches!(error, Err(IoError::BadMap { .. })));
        let nowhere = folder.path().join("no-such-folder").join(name);
        let square = Window::new(EaseGrid2::M01, 0, 0, 2, 2).unwrap();
        let error = match name {
            "map.nc" => write_cf_netcdf(&nowhere, &map(square, values.view())),
            _ => write_cog(&nowhere, &map(square, values.view())),
        };
        assert!(matches!(error, Err(IoError::File { .. })));
    }
    assert!(names_in(folder.path()).is_empty());
}

/// An attribute that NetCDF forbids fails after the file was begun.
#[test]
fn a_failure_half_way_leaves_the_old_file_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.nc");
    std::fs::write(&path, "old").unwrap();
    let values = Array2::zeros((2, 2));
    let mut broken = map(
        Window::new(EaseGrid2::M01, 0, 0, 2, 2).unwrap(),
        values.view(),
    );
    broken.attributes.push((
        "a/b".to_string(),
        "no attribute may have this name".to_string(),
    ));
    let error = write_cf_netcdf(&path, &broken).unwrap_err();
    assert!(error.to_string().contains("cannot write NetCDF"), "{error}");
    assert_eq!(names_in(folder.path()), ["map.nc"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
}

/// Runs the other tests of this file again as a process of its own, to see what it prints.
#[test]
fn hdf5_prints_nothing_of_its_own_under_netcdf() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--skip", "hdf5_prints_nothing", "--nocapture"])
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(!stderr.contains("HDF5"), "{stderr}");
}

#[test]
fn maps_of_a_retrieval_are_three_files_with_their_provenance() {
    let folder = tempfile::tempdir().unwrap();
    let window = Window::new(EaseGrid2::M01, 2808, 18_198, 18, 27).unwrap();
    let fine = Array2::from_elem(window.shape(), 0.2);
    let coarse_window = window.coarsened(EaseGrid2::M09).unwrap();
    let values = Array2::from_elem(coarse_window.shape(), 0.2);
    let inputs: [&Path; 0] = [];
    let maps = SoilMoistureMaps {
        title: "Soil moisture".to_string(),
        method: "an example".to_string(),
        window,
        time: None,
        soil_moisture: fine.view(),
        uncertainty: None,
        spread: None,
        status: None,
        coarse: &CoarseTarget {
            window: coarse_window,
            values,
        },
        provenance: &Provenance::collect("seed = 1", Some(1), &inputs).unwrap(),
    };
    let files = maps.write(folder.path()).unwrap();
    let mut names = names_in(folder.path());
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "soil_moisture_1km.nc",
            "soil_moisture_1km.tif",
            "soil_moisture_9km.nc"
        ]
    );
    let coarse = netcdf::open(files.netcdf_9km).unwrap();
    assert_eq!(coarse.dimension_len("y"), Some(2));
    let seed = coarse.attribute("seed").unwrap().value().unwrap();
    assert_eq!(seed, AttributeValue::Str("1".to_string()));
}

#[test]
fn uncertainty_spread_and_status_qualify_the_soil_moisture() {
    let folder = tempfile::tempdir().unwrap();
    let window = Window::new(EaseGrid2::M01, 2808, 18_198, 9, 9).unwrap();
    let fine = Array2::from_elem(window.shape(), 0.2);
    let uncertainty = Array2::from_elem(window.shape(), 0.03);
    let spread = Array2::from_elem(window.shape(), 0.05);
    let status = Array2::from_shape_fn(window.shape(), |(row, _)| u8::from(row > 4) * 7);
    let coarse_window = window.coarsened(EaseGrid2::M09).unwrap();
    let inputs: [&Path; 0] = [];
    let maps = SoilMoistureMaps {
        title: "Soil moisture".to_string(),
        method: "an example".to_string(),
        window,
        time: None,
        soil_moisture: fine.view(),
        uncertainty: Some(uncertainty.view()),
        spread: Some(spread.view()),
        status: Some(FlagValues {
            values: status.view(),
            meanings: vec![(0, "retrieved".to_string()), (7, "frozen".to_string())],
        }),
        coarse: &CoarseTarget {
            window: coarse_window,
            values: Array2::from_elem((1, 1), 0.2),
        },
        provenance: &Provenance::collect("seed = 1", Some(1), &inputs).unwrap(),
    };
    let files = maps.write(folder.path()).unwrap();
    let fine = netcdf::open(files.netcdf_1km).unwrap();
    let attribute = |variable: &str, name: &str| {
        let variable = fine.variable(variable).unwrap();
        variable.attribute_value(name).unwrap().unwrap()
    };
    let text = |text: &str| AttributeValue::Str(text.to_string());
    assert_eq!(
        attribute("soil_moisture", "ancillary_variables"),
        text("soil_moisture_uncertainty soil_moisture_spread soil_moisture_status")
    );
    assert_eq!(
        attribute("soil_moisture_status", "flag_values"),
        AttributeValue::Uchars(vec![0, 7])
    );
    assert_eq!(
        attribute("soil_moisture_status", "flag_meanings"),
        text("retrieved frozen")
    );
    let read = fine.variable("soil_moisture_spread").unwrap();
    assert_eq!(read.get::<f32, _>(..).unwrap(), spread.into_dyn());
    let read = fine.variable("soil_moisture_status").unwrap();
    assert_eq!(read.get::<u8, _>(..).unwrap(), status.into_dyn());

    let cog = gdal::Dataset::open(files.cog_1km).unwrap();
    assert_eq!(cog.raster_count(), 3);
    let cog = gdal::Dataset::open(files.status_cog_1km.unwrap()).unwrap();
    let band = cog.rasterband(1).unwrap();
    assert_eq!(band.band_type(), gdal::raster::GdalDataType::UInt8);
    assert_eq!(
        band.metadata_item("flag_meanings", "").unwrap(),
        "0: retrieved, 7: frozen"
    );
    let read = band.read_as::<u8>((0, 4), (1, 2), (1, 2), None).unwrap();
    assert_eq!(read.data(), [0, 7]);
}

#[test]
fn a_geotiff_of_quantities_beside_codes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (values, codes) = (field(), Array2::zeros(SHAPE));
    let mut mixed = map(window(), values.view());
    mixed.layers.push(MapLayer::flags(
        "status",
        "what became of the cell",
        FlagValues {
            values: codes.view(),
            meanings: vec![(0, "retrieved".to_string())],
        },
    ));
    let refused = write_cog(folder.path().join("map.tif"), &mixed).unwrap_err();
    assert!(matches!(refused, IoError::BadMap { layer, .. } if layer == "status"));
    assert!(names_in(folder.path()).is_empty());
}
