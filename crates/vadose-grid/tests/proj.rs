//! PROJ over the whole globe, and as the transform of the resamplers.
#![cfg(feature = "proj")]

use ndarray::Array2;
use proj::Proj;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use vadose_grid::resample::{ProjTransform, SourceRaster, area_mean, bilinear};
use vadose_grid::{EaseGrid2, GridError, LatLonDeg, Window};

const POINTS: usize = 200_000;
/// Nearer to a pole PROJ's own polar coordinates lose digits.
const FORWARD_LIMIT_DEG: f64 = 89.0;
const MAX_FORWARD_ERR_M: f64 = 1e-6;
/// PROJ 9.6 inverts by a series of three terms, which errs by up to 1.4e-8.
const MAX_INVERSE_ERR_DEG: f64 = 2e-8;
/// Nearer to the antipode of a polar map the last bit of its radius is worth more than that.
const ANTIPODE_LIMIT_DEG: f64 = 89.999;

const PROJECTIONS: [EaseGrid2; 3] = [EaseGrid2::M01, EaseGrid2::N01, EaseGrid2::S01];

/// Points spread evenly in latitude and longitude, so that the poles get more than their share.
fn globe() -> Vec<LatLonDeg> {
    let mut rng = ChaCha8Rng::seed_from_u64(6933);
    let mut points: Vec<_> = (0..POINTS)
        .map(|_| LatLonDeg {
            lat_deg: rng.random_range(-90.0..=90.0),
            lon_deg: rng.random_range(-180.0..180.0),
        })
        .collect();
    for lat_deg in [-89.0, -85.0445664, -30.0, 0.0, 30.0, 85.0445664, 89.0] {
        for lon_deg in [-180.0, -90.0, 0.0, 90.0, 180.0] {
            points.push(LatLonDeg { lat_deg, lon_deg });
        }
    }
    points
}

fn proj_between(from: &str, to: &str) -> Proj {
    Proj::new_known_crs(from, to, None).expect("PROJ knows its own codes")
}

/// Third quartile, 99th percentile and maximum.
fn spread(mut errors: Vec<f64>) -> (f64, f64, f64) {
    assert!(errors.iter().all(|e| e.is_finite()));
    errors.sort_by(f64::total_cmp);
    let at = |share: f64| errors[((errors.len() - 1) as f64 * share) as usize];
    (at(0.75), at(0.99), at(1.0))
}

#[test]
fn forward_agrees_with_proj_over_the_globe() {
    let points: Vec<_> = globe()
        .into_iter()
        .filter(|p| p.lat_deg.abs() <= FORWARD_LIMIT_DEG)
        .collect();
    assert!(points.len() >= 100_000);
    for grid in PROJECTIONS {
        let mut peer: Vec<_> = points.iter().map(|p| (p.lon_deg, p.lat_deg)).collect();
        let proj = proj_between("EPSG:4326", &format!("EPSG:{}", grid.epsg()));
        proj.convert_array(&mut peer).unwrap();
        let errors_m = grid
            .project_many(&points)
            .iter()
            .zip(&peer)
            .map(|(own, peer)| (own.x_m - peer.0).abs().max((own.y_m - peer.1).abs()))
            .collect();
        let (q75, q99, max) = spread(errors_m);
        println!("{grid} forward, m: q75 {q75:.1e}, q99 {q99:.1e}, max {max:.1e}");
        assert!(max <= MAX_FORWARD_ERR_M, "{grid}: {max} m");
    }
}

#[test]
fn inverse_agrees_with_proj_over_the_globe() {
    for grid in PROJECTIONS {
        let mut points = globe();
        points.retain(|point| match grid.epsg() {
            6931 => point.lat_deg >= -ANTIPODE_LIMIT_DEG,
            6932 => point.lat_deg <= ANTIPODE_LIMIT_DEG,
            _ => true,
        });
        let projected = grid.project_many(&points);
        assert!(projected.len() >= 100_000);
        let mut peer: Vec<_> = projected.iter().map(|p| (p.x_m, p.y_m)).collect();
        let proj = proj_between(&format!("EPSG:{}", grid.epsg()), "EPSG:4326");
        proj.convert_array(&mut peer).unwrap();
        let errors_deg = grid
            .unproject_many(&projected)
            .iter()
            .zip(&peer)
            .map(|(own, peer)| {
                let turn_deg = (own.lon_deg - peer.0).rem_euclid(360.0);
                (own.lat_deg - peer.1)
                    .abs()
                    .max(turn_deg.min(360.0 - turn_deg))
            })
            .collect();
        let (q75, q99, max) = spread(errors_deg);
        println!("{grid} inverse, deg: q75 {q75:.1e}, q99 {q99:.1e}, max {max:.1e}");
        assert!(max <= MAX_INVERSE_ERR_DEG, "{grid}: {max} deg");
    }
}

#[test]
fn a_system_that_proj_does_not_know_is_refused() {
    let refused = ProjTransform::new(EaseGrid2::M01, "EPSG:999999").unwrap_err();
    assert!(
        matches!(&refused, GridError::SourceCrs { source_crs, .. } if source_crs == "EPSG:999999")
    );
}

/// A field that is linear in UTM coordinates, resampled on several threads.
#[test]
fn a_utm_raster_lands_on_the_right_cells() {
    let grid = EaseGrid2::M01;
    let boulder = grid
        .locate(LatLonDeg {
            lat_deg: 40.0150,
            lon_deg: -105.2705,
        })
        .unwrap();
    let window = Window::new(grid, boulder.row - 10, boulder.col - 10, 21, 21).unwrap();
    let utm = ProjTransform::new(grid, "EPSG:32613").unwrap();
    let centre = utm.to_source(grid.centre_m(boulder).unwrap()).unwrap();
    // 200 x 200 pixels of 250 m around Boulder; the value is the easting in km from its centre.
    let size_m = 250.0;
    let values = Array2::from_shape_fn((200, 200), |(_, col)| (col as f32 - 99.5) * 0.25);
    let geotransform = [
        centre.x - 100.0 * size_m,
        size_m,
        0.0,
        centre.y + 100.0 * size_m,
        0.0,
        -size_m,
    ];
    let source = SourceRaster::new(values.view(), geotransform).unwrap();
    let to_source = |point| utm.to_source(point);
    let mean = area_mean(&source, &window, to_source);
    let interpolated = bilinear(&source, &window, to_source);
    for ((row, col), &value) in mean.values.indexed_iter() {
        let cell = window.cell_at(row, col).unwrap();
        let expected_km = (utm.to_source(grid.centre_m(cell).unwrap()).unwrap().x - centre.x) / 1e3;
        // The pixels are steps of 0.25 km: cells that cut them differ by a part of a step.
        assert!(
            (f64::from(value) - expected_km).abs() < 0.025,
            "{value} km, not {expected_km} km"
        );
        assert!((f64::from(interpolated.values[[row, col]]) - expected_km).abs() < 1e-4);
        assert!((mean.valid_fraction[[row, col]] - 1.0).abs() < 1e-6);
    }
}
