//! Claims about the resamplers that hold for all of them, or compare them.

use ndarray::{Array2, array};
use proptest::prelude::*;

use super::*;
use crate::{LatLonDeg, Window};

/// `f32` results of sums that are exact in real numbers.
const F32_ROUNDING: f32 = 1e-6;

fn window() -> Window {
    Window::new(EaseGrid2::M09, 300, 700, 4, 5).unwrap()
}

fn same_plane(point: ProjectedM) -> Option<SourcePoint> {
    Some(SourcePoint {
        x: point.x_m,
        y: point.y_m,
    })
}

/// Geotransform with `n` pixels along each cell of the window.
fn nested(window: &Window, n: f64) -> [f64; 6] {
    let [x, dx, _, y, _, dy] = window.geotransform();
    [x, dx / n, 0.0, y, 0.0, dy / n]
}

fn assert_close(got: f32, expected: f32, tolerance: f32) {
    assert!(
        (got - expected).abs() <= tolerance,
        "{got} instead of {expected}"
    );
}

#[test]
fn a_constant_stays_constant_under_every_method() {
    let window = window();
    let values = Array2::from_elem((60, 60), 0.25_f32);
    let centre = EaseGrid2::M09
        .centre(window.cell_at(0, 0).unwrap())
        .unwrap();
    let geotransform = [
        centre.lon_deg - 1.0,
        0.05,
        0.0,
        centre.lat_deg + 1.0,
        0.0,
        -0.05,
    ];
    let source = SourceRaster::new(values.view(), geotransform).unwrap();
    let to_degrees = geographic(EaseGrid2::M09);
    for resampled in [
        area_mean(&source, &window, &to_degrees),
        nearest(&source, &window, &to_degrees),
        bilinear(&source, &window, &to_degrees),
    ] {
        assert!(
            resampled
                .values
                .iter()
                .all(|v| (v - 0.25).abs() <= F32_ROUNDING)
        );
        assert!(
            resampled
                .valid_fraction
                .iter()
                .all(|f| (f - 1.0).abs() <= F32_ROUNDING)
        );
    }
}

#[test]
fn the_mean_of_nested_pixels_is_their_plain_mean() {
    let window = window();
    let values = Array2::from_shape_fn((12, 15), |(row, col)| (row * 15 + col) as f32);
    let source = SourceRaster::new(values.view(), nested(&window, 3.0)).unwrap();
    let mean = area_mean(&source, &window, same_plane);
    for (&got, block) in mean.values.iter().zip(values.exact_chunks((3, 3))) {
        assert_close(got, block.mean().unwrap(), 1e-4);
    }
}

#[test]
fn coarse_pixels_that_straddle_cells_are_shared_by_area() {
    // One pixel of 2 x 2 cells, shifted by half a cell: the corner cell sees a quarter of it.
    let window = window();
    let [x, dx, _, y, _, dy] = window.geotransform();
    let values = array![[8.0_f32]];
    let geotransform = [x + 0.5 * dx, 2.0 * dx, 0.0, y + 0.5 * dy, 0.0, 2.0 * dy];
    let source = SourceRaster::new(values.view(), geotransform).unwrap();
    let mean = area_mean(&source, &window, same_plane);
    for ((row, col), expected) in [
        ((0, 0), 0.25),
        ((0, 1), 0.5),
        ((1, 1), 1.0),
        ((2, 1), 0.5),
        ((2, 2), 0.25),
        ((3, 3), 0.0),
    ] {
        assert_close(mean.valid_fraction[[row, col]], expected, F32_ROUNDING);
        let value = mean.values[[row, col]];
        assert!(if expected > 0.0 {
            value == 8.0
        } else {
            value.is_nan()
        });
    }
}

#[test]
fn a_pixel_that_only_touches_a_cell_does_not_count() {
    let window = Window::new(EaseGrid2::M09, 300, 700, 1, 2).unwrap();
    let values = array![[1.0_f32]];
    let source = SourceRaster::new(values.view(), nested(&window, 1.0)).unwrap();
    let mean = area_mean(&source, &window, same_plane);
    assert_eq!(mean.values[[0, 0]], 1.0);
    assert!(mean.values[[0, 1]].is_nan() && mean.valid_fraction[[0, 1]] == 0.0);
}

#[test]
fn an_all_missing_source_gives_all_missing() {
    let window = window();
    let values = Array2::from_elem((4, 5), f32::NAN);
    let source = SourceRaster::new(values.view(), nested(&window, 1.0)).unwrap();
    let none = Array2::<Option<u8>>::from_elem((4, 5), None);
    let classes = SourceRaster::new(none.view(), nested(&window, 1.0)).unwrap();
    for resampled in [
        area_mean(&source, &window, same_plane),
        nearest(&source, &window, same_plane),
        bilinear(&source, &window, same_plane),
        area_mean(&source, &window, |_| None),
        nearest(&source, &window, |_| None),
    ] {
        assert!(resampled.values.iter().all(|v| v.is_nan()));
        assert!(resampled.valid_fraction.iter().all(|&f| f == 0.0));
    }
    let mode = area_mode(&classes, &window, same_plane);
    assert!(mode.values.iter().all(Option::is_none));
}

#[test]
fn the_mode_goes_by_area_and_ties_go_to_the_smallest_class() {
    let window = Window::new(EaseGrid2::M09, 300, 700, 1, 2).unwrap();
    let classes = array![
        [Some(7_u8), Some(5), Some(9), Some(9)],
        [Some(7), Some(5), None, Some(1)],
    ];
    let source = SourceRaster::new(classes.view(), nested(&window, 2.0)).unwrap();
    let mode = area_mode(&source, &window, same_plane);
    assert_eq!(mode.values, array![[Some(5), Some(9)]]);
    assert_close(mode.valid_fraction[[0, 1]], 0.75, F32_ROUNDING);
}

#[test]
fn bilinear_is_exact_for_a_plane() {
    let window = window();
    let values = Array2::from_shape_fn((6, 7), |(row, col)| 2.0 * row as f32 - 3.0 * col as f32);
    let [x, dx, _, y, _, dy] = window.geotransform();
    let geotransform = [x - 0.7 * dx, dx, 0.0, y - 0.8 * dy, 0.0, dy];
    let source = SourceRaster::new(values.view(), geotransform).unwrap();
    let result = bilinear(&source, &window, same_plane);
    for ((row, col), &got) in result.values.indexed_iter() {
        let expected = 2.0 * (row as f32 + 0.8) - 3.0 * (col as f32 + 0.7);
        assert_close(got, expected, 1e-4);
        assert_close(result.valid_fraction[[row, col]], 1.0, F32_ROUNDING);
    }
}

#[test]
fn a_gap_gives_its_bilinear_weight_to_the_others() {
    let window = Window::new(EaseGrid2::M09, 0, 0, 1, 1).unwrap();
    let values = array![[1.0_f32, f32::NAN], [3.0, f32::NAN]];
    let source = SourceRaster::new(values.view(), [0.0, 1.0, 0.0, 2.0, 0.0, -1.0]).unwrap();
    let result = bilinear(&source, &window, |_| Some(SourcePoint { x: 0.75, y: 1.0 }));
    assert_close(result.values[[0, 0]], 2.0, F32_ROUNDING);
    assert_close(result.valid_fraction[[0, 0]], 0.75, F32_ROUNDING);
}

#[test]
fn a_periodic_source_continues_across_its_seam() {
    // A window of the southern grid on the 180th meridian, a source that is cos(longitude).
    let grid = EaseGrid2::S36;
    let seam = grid
        .locate(LatLonDeg {
            lat_deg: -70.0,
            lon_deg: 180.0,
        })
        .unwrap();
    let window = Window::new(grid, seam.row - 1, seam.col - 1, 3, 3).unwrap();
    let values = Array2::from_shape_fn((180, 360), |(_, col)| {
        (col as f32 - 179.5).to_radians().cos()
    });
    let geotransform = [-180.0, 1.0, 0.0, 90.0, 0.0, -1.0];
    let source = SourceRaster::new(values.view(), geotransform)
        .unwrap()
        .with_x_period(360.0)
        .unwrap();
    for resampled in [
        area_mean(&source, &window, geographic(grid)),
        nearest(&source, &window, geographic(grid)),
        bilinear(&source, &window, geographic(grid)),
    ] {
        assert!(
            resampled.values.iter().all(|&v| (v + 1.0).abs() < 0.01),
            "{:?}",
            resampled.values
        );
        assert!(resampled.valid_fraction.iter().all(|&f| f > 0.999));
    }
}

#[test]
fn longitudes_from_0_to_360_are_found_with_a_period() {
    let values = array![[10.0_f32, 20.0]]; // eastern, western hemisphere
    let source = SourceRaster::new(values.view(), [0.0, 180.0, 0.0, 90.0, 0.0, -180.0])
        .unwrap()
        .with_x_period(360.0)
        .unwrap();
    let boulder = EaseGrid2::M36
        .locate(LatLonDeg {
            lat_deg: 40.0,
            lon_deg: -105.0,
        })
        .unwrap();
    let window = Window::new(EaseGrid2::M36, boulder.row, boulder.col, 1, 1).unwrap();
    assert_eq!(
        nearest(&source, &window, geographic(EaseGrid2::M36)).values[[0, 0]],
        20.0
    );
    assert_close(
        area_mean(&source, &window, geographic(EaseGrid2::M36)).values[[0, 0]],
        20.0,
        F32_ROUNDING,
    );
}

#[test]
fn linear_power_and_decibels_average_differently() {
    // Why sigma0 goes in linear: the mean of 0.01 and 0.1 is -12.6 dB, that of -20 and -10 is -15.
    let window = Window::new(EaseGrid2::M09, 300, 700, 1, 1).unwrap();
    let mean_of = |values: Array2<f32>| {
        let [x, dx, _, y, _, dy] = window.geotransform();
        let geotransform = [x, dx / 2.0, 0.0, y, 0.0, dy];
        let source = SourceRaster::new(values.view(), geotransform).unwrap();
        area_mean(&source, &window, same_plane).values[[0, 0]]
    };
    assert_close(10.0 * mean_of(array![[0.01, 0.1]]).log10(), -12.596, 1e-3);
    assert_close(mean_of(array![[-20.0, -10.0]]), -15.0, 1e-5);
}

proptest! {
    /// Also for sheared and rotated pixels that fit the cells in no way.
    #[test]
    fn area_mean_conserves_the_integral(
        angle_deg in 0.0..360.0_f64,
        pixels_per_cell in 0.4..4.0_f64,
        seed in prop::collection::vec(0.0..1.0_f32, 16),
    ) {
        let window = Window::new(EaseGrid2::M09, 300, 700, 24, 24).unwrap();
        let [x, cell_m, _, y, _, _] = window.geotransform();
        let size_m = cell_m / pixels_per_cell;
        let (sine, cosine) = angle_deg.to_radians().sin_cos();
        // A raster of 4 x 4 pixels turned about the middle of the window.
        let (middle_x, middle_y) = (x + 12.0 * cell_m, y - 12.0 * cell_m);
        let (x_col, y_col) = (size_m * cosine, size_m * sine);
        let (x_row, y_row) = (size_m * sine, -size_m * cosine);
        let geotransform = [
            middle_x - 2.0 * (x_col + x_row), x_col, x_row,
            middle_y - 2.0 * (y_col + y_row), y_col, y_row,
        ];
        let values = Array2::from_shape_vec((4, 4), seed).unwrap();
        let source = SourceRaster::new(values.view(), geotransform).unwrap();
        let mean = area_mean(&source, &window, same_plane);
        let on_grid: f64 = mean.values.iter().zip(&mean.valid_fraction)
            .filter(|(value, _)| value.is_finite())
            .map(|(&value, &fraction)| f64::from(value) * f64::from(fraction) * cell_m * cell_m)
            .sum();
        let on_source = f64::from(values.sum()) * size_m * size_m;
        prop_assert!((on_grid - on_source).abs() <= 1e-5 * on_source.abs().max(size_m * size_m));
    }
}
