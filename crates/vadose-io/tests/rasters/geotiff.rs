//! What is written is read back: pixels, place and meaning.

use ndarray::{Array2, Axis, Slice};
use vadose_io::IoError;
use vadose_io::raster::{
    Crs, CrsTransform, GeoTiff, Pixel, Raster, write_geotiff, write_geotiff_by_rows,
};

use crate::message;

/// No multiple of a tile in either direction.
const SHAPE: (usize, usize) = (600, 517);
/// A system that went through a file is the same to within rounding of its parameters.
const MAX_CRS_ERR_M: f64 = 1e-6;

fn pixels() -> Array2<u16> {
    Array2::from_shape_fn(SHAPE, |(row, col)| ((row * 7 + col * 13) % 251) as u16)
}

fn names_in(folder: &std::path::Path) -> Vec<String> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn every_pixel_type_comes_back() {
    fn check<T: Pixel + Into<f64>>(of: fn(u16) -> T, name: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tif");
        let values = pixels().mapv(of);
        let spec = GeoTiff::new(Crs::Epsg(32613), [4e5, 90.0, 0.0, 4.4e6, 0.0, -90.0]);
        write_geotiff(&path, &spec, values.view()).unwrap();
        assert_eq!(names_in(folder.path()), ["a.tif"]);
        let raster = Raster::open(&path).unwrap();
        assert_eq!((raster.shape(), raster.n_bands()), (SHAPE, 1));
        assert_eq!(raster.pixel_type(), name);
        assert_eq!(raster.geotransform(), spec.geotransform);
        let read = raster.read((0, 0), SHAPE).unwrap();
        let same = |(&a, &b): (&f32, &T)| f64::from(a) == b.into();
        assert!(read.iter().zip(&values).all(same));
        let mut part = values.slice_axis(Axis(0), Slice::from(250..260));
        part.slice_axis_inplace(Axis(1), Slice::from(500..517));
        let read = raster.read((250, 500), (10, 17)).unwrap();
        assert!(read.iter().zip(&part).all(same));
    }
    check(|v| v as u8, "Byte");
    check(|v| v as i16 - 100, "Int16");
    check(|v| v + 60_000, "UInt16");
    check(|v| f32::from(v) / 7.0, "Float32");
}

#[test]
fn nodata_and_scale_are_the_files_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let spec = GeoTiff {
        nodata: Some(250.0),
        scale: 0.02,
        offset: -3.0,
        description: "land surface temperature".to_owned(),
        units: "K".to_owned(),
        metadata: vec![("source".to_owned(), "a test".to_owned())],
        ..GeoTiff::new(Crs::Epsg(4326), [-105.0, 0.01, 0.0, 40.0, 0.0, -0.01])
    };
    let values = pixels();
    write_geotiff(&path, &spec, values.view()).unwrap();
    let raster = Raster::open(&path).unwrap();
    assert_eq!(raster.nodata(), Some(250.0));
    assert_eq!(raster.scale_and_offset(), (0.02, -3.0));
    let read = raster.read((0, 0), SHAPE).unwrap();
    for (&read, &raw) in read.iter().zip(&values) {
        if raw == 250 {
            assert!(read.is_nan());
        } else {
            assert_eq!(read, (f64::from(raw) * 0.02 - 3.0) as f32);
        }
    }
    use gdal::Metadata;
    let dataset = gdal::Dataset::open(&path).unwrap();
    assert_eq!(dataset.metadata_item("source", "").unwrap(), "a test");
    let band = dataset.rasterband(1).unwrap();
    assert_eq!(band.description().unwrap(), "land surface temperature");
    assert_eq!(band.metadata_item("units", "").unwrap(), "K");
}

#[test]
fn every_system_survives_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    for crs in [
        Crs::Epsg(4326),
        Crs::Epsg(6933),
        Crs::Epsg(32613),
        Crs::modis_sinusoidal(),
        Crs::goode_homolosine(),
    ] {
        let spec = GeoTiff::new(crs.clone(), [0.0, 1.0, 0.0, 0.0, 0.0, -1.0]);
        write_geotiff(&path, &spec, Array2::<u8>::zeros((3, 4)).view()).unwrap();
        let read = Raster::open(&path).unwrap();
        let image = |crs: &Crs| {
            let (mut x, mut y) = ([-105.0, -99.0], [40.0, 31.0]);
            let there = CrsTransform::new(&Crs::Epsg(4326), crs).unwrap();
            there.transform(&mut x, &mut y);
            [x[0], x[1], y[0], y[1]]
        };
        for (a, b) in image(&crs).into_iter().zip(image(read.crs().unwrap())) {
            assert!((a - b).abs() < MAX_CRS_ERR_M, "{crs}: {a} became {b}");
        }
    }
}

#[test]
fn bytes_do_not_depend_on_what_else_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let spec = GeoTiff::new(Crs::modis_sinusoidal(), [0.0, 463.3, 0.0, 0.0, 0.0, -463.3]);
    let shape = (700, 900);
    let write = |name: &str| {
        let path = folder.path().join(name);
        write_geotiff_by_rows::<f32, IoError>(&path, &spec, shape, |rows, mut part| {
            for (row, mut pixels) in rows.zip(part.rows_mut()) {
                for (col, pixel) in pixels.iter_mut().enumerate() {
                    *pixel = ((row * 31 + col * 17) % 1009) as f32 * 0.37;
                }
            }
            Ok(())
        })
        .unwrap();
        std::fs::read(path).unwrap()
    };
    let alone = write("alone.tif");
    let crowd: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let threads: Vec<_> = ["a.tif", "b.tif", "c.tif"]
            .map(|name| scope.spawn(move || write(name)))
            .into_iter()
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(crowd.iter().all(|bytes| *bytes == alone));
}

#[test]
fn a_raster_that_cannot_be_written_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let place = [0.0, 1.0, 0.0, 0.0, 0.0, -1.0];
    let values = pixels();
    let spec = GeoTiff {
        nodata: Some(-9999.0),
        ..GeoTiff::new(Crs::Epsg(4326), place)
    };
    let refused = message(write_geotiff(&path, &spec, values.view()));
    assert!(refused.ends_with("a.tif: cannot write GeoTIFF: nodata -9999 is no u16"));
    let spec = GeoTiff::new(Crs::Epsg(1), place);
    let refused = message(write_geotiff(&path, &spec, values.view()));
    assert!(
        refused.starts_with("coordinate reference system `EPSG:1`: "),
        "{refused}"
    );
    let spec = GeoTiff::new(Crs::Epsg(4326), place);
    let mut n_calls = 0;
    let stopped = write_geotiff_by_rows::<u8, IoError>(&path, &spec, (600, 10), |_, _| {
        n_calls += 1;
        if n_calls == 2 {
            return Err(IoError::Time { seconds: f64::NAN });
        }
        Ok(())
    });
    assert!(matches!(stopped, Err(IoError::Time { .. })));
    assert!(names_in(folder.path()).is_empty());
}
