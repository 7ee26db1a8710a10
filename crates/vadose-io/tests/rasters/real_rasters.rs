//! Real files, against GDAL's own warper; files that cannot be used.

use std::collections::BTreeMap;

use vadose_grid::{EaseGrid2, Window};
use vadose_io::raster::{Crs, Method, Raster, to_window};

use crate::{data, message, window_at};

const SRTM: &str = "srtm_boulder_ascii_grid.tif";
const SENTINEL1: &str = "S1A__IW___A_20150309T173017_VV_grd_mli_geo_norm_db.tif";

/// Both weigh a pixel by the part of it under the cell: a step of f32 near 2,500 m is 0.24 mm.
const MAX_ELEVATION_DIFFERENCE_M: f32 = 1e-3;
/// The raster is turned by 1° against the cells: GDAL takes the box around a cell and this crate
/// its outline, which differ in a hundredth of the pixels. Single pixels have a spread of 5 dB.
const MAX_SIGMA0_DIFFERENCE_DB: f32 = 0.1;
/// Cells on the edge of the raster are left out: GDAL stretches their part of it.
const WHOLE: f32 = 0.9999;

/// `(row, col)` on M01 to the mean, per file.
fn golden() -> BTreeMap<String, BTreeMap<(usize, usize), f32>> {
    let text = include_str!("../golden/area_mean/values.csv");
    let mut files: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let mut cells = line.split(',');
        let mut next = || cells.next().unwrap();
        let (file, row, col, mean) = (next(), next(), next(), next());
        files.entry(file.to_owned()).or_default().insert(
            (row.parse().unwrap(), col.parse().unwrap()),
            mean.parse().unwrap(),
        );
    }
    files
}

fn check(raster: &Raster, name: &str, limit: f32, n_whole: usize) {
    let golden = &golden()[name];
    let (&(row0, col0), _) = golden.first_key_value().unwrap();
    let (&(row, col), _) = golden.last_key_value().unwrap();
    let window = Window::new(EaseGrid2::M01, row0, col0, row - row0 + 1, col - col0 + 1).unwrap();
    let ours = to_window(raster, &window, Method::AreaMean).unwrap();
    let mut n_compared = 0;
    for (&(row, col), &expected) in golden {
        let at = [row - row0, col - col0];
        if ours.valid_fraction[at] > WHOLE {
            let value = ours.values[at];
            let difference = (value - expected).abs();
            assert!(difference < limit, "{row}, {col}: {value}, GDAL {expected}");
            n_compared += 1;
        }
    }
    assert_eq!(n_compared, n_whole, "whole cells of {}", golden.len());
}

#[test]
fn an_ascii_grid_that_is_called_tif_agrees_with_gdalwarp() {
    let raster = Raster::open(data(SRTM)).unwrap();
    assert_eq!(raster.shape(), (132, 120));
    assert_eq!((raster.crs(), raster.nodata()), (None, Some(0.0)));
    let refused = message(to_window(
        &raster,
        &window_at(40.1, -105.4, 2, 2),
        Method::AreaMean,
    ));
    assert!(
        refused.ends_with(
            "srtm_boulder_ascii_grid.tif: the raster has no coordinate reference system, \
             so one must be declared"
        ),
        "{refused}"
    );
    let raster = raster.with_crs(Crs::Epsg(4326));
    check(&raster, SRTM, MAX_ELEVATION_DIFFERENCE_M, 80);
}

#[test]
fn sentinel1_in_utm_agrees_with_gdalwarp() {
    let raster = Raster::open(data(SENTINEL1)).unwrap();
    assert_eq!(raster.nodata(), Some(-99.0));
    check(&raster, SENTINEL1, MAX_SIGMA0_DIFFERENCE_DB, 15);
}

#[test]
fn a_window_elsewhere_is_an_error_that_says_so() {
    let raster = Raster::open(data(SENTINEL1)).unwrap();
    // Far away, and beside it.
    for (lat_deg, lon_deg) in [(-30.0, 150.0), (43.6, 5.0)] {
        let window = window_at(lat_deg, lon_deg, 3, 4);
        let refused = message(to_window(&raster, &window, Method::AreaMean));
        let expected = format!(
            "the raster covers no cell of the window (M01, 3 x 4 cells from row {}, column {})",
            window.row0(),
            window.col0()
        );
        assert!(refused.ends_with(&expected), "{refused}");
    }
}

#[test]
fn files_that_are_no_rasters_are_named_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let opened = || message(Raster::open(&path));
    assert!(
        opened().contains("a.tif: cannot read the raster: "),
        "{}",
        opened()
    );
    std::fs::write(&path, "no raster at all").unwrap();
    assert!(opened().contains("not recognized"), "{}", opened());
    let whole = std::fs::read(data(SENTINEL1)).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    // The directory may come last or first: either the file does not open or its end is not read.
    let read = Raster::open(&path).and_then(|raster| raster.read((0, 0), raster.shape()));
    let refused = message(read);
    assert!(
        refused.contains("a.tif: cannot read the raster: "),
        "{refused}"
    );
    assert!(
        message(Raster::open_band(data(SENTINEL1), 2))
            .ends_with("it has 1 bands, and none of number 2")
    );
    let raster = Raster::open(data(SENTINEL1)).unwrap();
    assert!(message(raster.read((200, 0), (18, 1))).contains("not within its 217 x 268"));
}
