//! What is written is read by the readers of the real files, and looks like them.

use std::path::Path;

use vadose_grid::EaseGrid2;
use vadose_io::imerg::{self, ImergWindow, LatLonBox};
use vadose_io::{
    Extent, GroupInspection, Product, Resolution, identify, inspect, spl2smap_s, spl2smp, spl4smgp,
};

use crate::{REGION, granules};

/// A real granule of the project's test data.
fn real(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/data/smap")
        .join(name)
}

const REAL_SCENE: &str =
    "SMAP_L2_SM_SP_1AIWDV_20150410T054151_20150410T052055_010E36N_R17000_001.h5";

#[test]
fn a_scene_is_read_as_the_real_one_is() {
    let mut paths = granules("smap/SPL2SMAP_S");
    paths.push(real(REAL_SCENE));
    for path in paths {
        for resolution in [Resolution::Km1, Resolution::Km3] {
            let granule = spl2smap_s::read(&path, resolution).unwrap();
            let moisture = granule.require_soil_moisture().unwrap();
            assert!(moisture.counts.valid > 0);
            assert_eq!(
                granule.fields["sigma0_vv_aggregated"].counts.out_of_range,
                0
            );
            assert!(granule.time().is_some());
        }
        let scene = spl2smap_s::read(&path, Resolution::Km1).unwrap().to_scene();
        assert!(scene.is_ok(), "{}: {:?}", path.display(), scene.err());
    }
}

#[test]
fn a_scene_lists_what_the_real_one_lists() {
    let listed = |groups: &[GroupInspection]| {
        let mut listed: Vec<String> = Vec::new();
        for group in groups {
            assert!(matches!(group.extent, Extent::Rectangle { .. }));
            listed.extend(group.variables.iter().map(|variable| {
                let (name, stored) = (&variable.name, &variable.stored_type);
                let (units, fill) = (&variable.units, variable.fill);
                format!("{}/{name}: {stored}, {units}, {fill:?}", group.name)
            }));
        }
        listed.sort();
        listed
    };
    let theirs = listed(&inspect(real(REAL_SCENE)).unwrap().groups);
    assert!(theirs.len() > 40);
    for path in granules("smap/SPL2SMAP_S") {
        assert_eq!(listed(&inspect(path).unwrap().groups), theirs);
    }
}

#[test]
fn half_orbits_are_read_with_nothing_out_of_range() {
    for path in granules("smap/SPL2SMP_E") {
        assert_eq!(identify(&path).unwrap(), Product::Spl2SmpE);
        let granule = spl2smp::read(&path).unwrap();
        assert_eq!(granule.grid(), EaseGrid2::M09);
        assert!(granule.require_soil_moisture().unwrap().counts.valid > 0);
        for (name, field) in &granule.fields {
            // As in the real product, retrievals reach porosity and the stated range ends at 0.5.
            if !name.starts_with("soil_moisture") {
                assert_eq!(field.counts.out_of_range, 0, "{name}");
            }
        }
        let window = REGION.window().unwrap().coarsened(EaseGrid2::M09).unwrap();
        assert!(granule.cells.iter().all(|&cell| window.contains(cell)));
    }
}

#[test]
fn analyses_are_read_in_the_window_and_are_missing_outside() {
    let window = REGION.window().unwrap().coarsened(EaseGrid2::M09).unwrap();
    for path in granules("smap/SPL4SMGP") {
        let granule = spl4smgp::read(&path, window, &["sm_surface", "surface_temp"]).unwrap();
        let moisture = &granule.fields["sm_surface"];
        assert!(moisture.counts.valid > 50, "{}", moisture.counts.valid);
        assert_eq!(moisture.counts.out_of_range, 0);
        let elsewhere = vadose_grid::Window::new(EaseGrid2::M09, 100, 100, 9, 9).unwrap();
        let granule = spl4smgp::read(&path, elsewhere, &["sm_surface"]).unwrap();
        assert_eq!(granule.fields["sm_surface"].counts.valid, 0);
    }
}

#[test]
fn precipitation_is_read_in_the_window() {
    // Well inside the region.
    let window = ImergWindow::covering(LatLonBox {
        south_deg: 37.1,
        north_deg: 37.4,
        west_deg: -103.2,
        east_deg: -102.8,
    });
    let window = window.unwrap();
    for path in granules("imerg") {
        let half_hour = imerg::read(&path, window).unwrap();
        assert_eq!(half_hour.precipitation.counts.missing, 0);
        assert_eq!(half_hour.precipitation.counts.out_of_range, 0);
    }
}
