//! Rasters: units, conventions, and what is land.

use std::path::{Path, PathBuf};

use ndarray::{Array2, Axis};
use vadose_grid::Window;
use vadose_io::raster::{Crs, GeoTiff, Pixel, write_geotiff};

use super::window;
use crate::sources::statics::statics;
use crate::{
    CubeError, LandCoverConvention, LandCoverRaster, QuantityRaster, QuantityResampling,
    RasterConfig,
};

/// A raster with a pixel for each cell of the window.
fn raster<T: Pixel>(folder: &Path, name: &str, nodata: Option<f64>, pixels: &Array2<T>) -> PathBuf {
    let path = folder.join(name);
    let spec = GeoTiff {
        nodata,
        ..GeoTiff::new(Crs::Epsg(6933), window().geotransform())
    };
    write_geotiff(&path, &spec, pixels.view()).unwrap();
    path
}

fn quantity(path: PathBuf, scale: f64) -> Option<QuantityRaster> {
    Some(QuantityRaster {
        path,
        scale,
        resampling: QuantityResampling::AreaMean,
        crs: None,
        nodata: None,
    })
}

/// Clay 250 g/kg but for one missing cell, 1.4 g/cm3, cropland with a lake, 500 m.
fn config(folder: &Path) -> RasterConfig {
    let shape = window().shape();
    let mut clay = Array2::from_elem(shape, 250_i16);
    clay[[0, 0]] = -32_768;
    let mut cover = Array2::from_elem(shape, 12_u8);
    cover[[5, 5]] = 17;
    cover[[6, 6]] = 255;
    let density = Array2::from_elem(shape, 140_i16);
    let elevation = Array2::from_elem(shape, 500.0_f32);
    RasterConfig {
        clay_fraction: quantity(raster(folder, "clay.tif", Some(-32_768.0), &clay), 1e-3),
        bulk_density: quantity(raster(folder, "bdod.tif", None, &density), 1e-2),
        land_cover: Some(LandCoverRaster {
            path: raster(folder, "cover.tif", None, &cover),
            convention: LandCoverConvention::Mcd12q1V6,
            crs: None,
        }),
        elevation: quantity(raster(folder, "elevation.tif", None, &elevation), 1.0),
    }
}

#[test]
fn layers_come_in_their_units_and_land_is_where_all_are() {
    let folder = tempfile::tempdir().unwrap();
    let layers = statics(&config(folder.path()), &window()).unwrap();
    let [clay, density, cover, elevation, land] = &layers[..] else {
        panic!("{} layers", layers.len());
    };
    assert!((clay[[1, 1]] - 0.25).abs() < 1e-7 && clay[[0, 0]].is_nan());
    assert!((density[[1, 1]] - 1.4).abs() < 1e-6);
    assert_eq!((cover[[1, 1]], cover[[5, 5]]), (12.0, 0.0));
    assert!(cover[[6, 6]].is_nan());
    assert_eq!(elevation[[1, 1]], 500.0);
    let at_sea: Vec<_> = land
        .indexed_iter()
        .filter(|(_, land)| **land == 0.0)
        .collect();
    let at_sea: Vec<_> = at_sea.into_iter().map(|(at, _)| at).collect();
    assert_eq!(at_sea, [(0, 0), (5, 5), (6, 6)]);
}

#[test]
fn smaps_own_numbers_have_water_at_zero() {
    let folder = tempfile::tempdir().unwrap();
    let mut cover = Array2::from_elem(window().shape(), 12_u8);
    cover[[5, 5]] = 0;
    cover[[6, 6]] = 254;
    cover[[7, 7]] = 17;
    let path = raster(folder.path(), "smap.tif", None, &cover);
    let config = RasterConfig {
        land_cover: Some(LandCoverRaster {
            path,
            convention: LandCoverConvention::Smap,
            crs: None,
        }),
        ..RasterConfig::default()
    };
    let layers = statics(&config, &window()).unwrap();
    assert_eq!(layers[2][[5, 5]], 0.0);
    assert!(layers[2][[6, 6]].is_nan() && layers[2][[7, 7]].is_nan());
    // Layers without a raster are missing and ask nothing of the land.
    assert!(layers[0].iter().all(|value| value.is_nan()));
    assert_eq!(layers[4].sum(), (36 * 45 - 3) as f32);
}

#[test]
fn a_wrong_scale_is_refused_with_what_it_makes_of_the_values() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    config.clay_fraction.as_mut().unwrap().scale = 1.0;
    let error = statics(&config, &window()).unwrap_err();
    assert!(matches!(
        error,
        CubeError::Config {
            key: "rasters.clay_fraction.scale",
            ..
        }
    ));
    assert!(error.to_string().contains("250 to 250"), "{error}");
}

#[test]
fn a_block_beyond_a_raster_is_missing_and_no_land() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let beyond = Window::new(window().grid(), 2745, 7650, 9, 9).unwrap();
    let layers = statics(&config, &beyond).unwrap();
    assert!(layers[..4].iter().flatten().all(|value| value.is_nan()));
    assert_eq!(layers[4].sum(), 0.0);
    let across = Window::new(window().grid(), 2727, 7650, 18, 9).unwrap();
    let land = statics(&config, &across).unwrap().remove(4);
    let (on_raster, beyond) = land.view().split_at(Axis(0), 9);
    assert_eq!((on_raster.sum(), beyond.sum()), (81.0, 0.0));
}

#[test]
fn a_raster_without_a_system_needs_one_declared() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("height.asc");
    let header = "ncols 2\nnrows 2\nxllcorner -101\nyllcorner 39\ncellsize 1\nNODATA_value -9999\n";
    std::fs::write(&path, format!("{header}100 100\n100 100\n")).unwrap();
    let mut config = RasterConfig {
        elevation: quantity(path, 1.0),
        ..RasterConfig::default()
    };
    assert!(statics(&config, &window()).is_err());
    config.elevation.as_mut().unwrap().crs = Some("EPSG:4326".to_owned());
    let layers = statics(&config, &window()).unwrap();
    assert!(layers[3].iter().any(|&height| height == 100.0));
}

#[test]
fn paths_are_counted_from_a_folder() {
    let config = RasterConfig {
        elevation: quantity("height.tif".into(), 1.0),
        clay_fraction: quantity("/data/clay.tif".into(), 1e-3),
        ..RasterConfig::default()
    };
    let paths = config.relative_to(Path::new("/study")).paths();
    assert_eq!(
        paths,
        [Path::new("/data/clay.tif"), Path::new("/study/height.tif")]
    );
}
