//! The paper's figures: learning curves, scatter, maps.

use ndarray::Array2;
use vadose_viz::{
    ColourMap, ColourRange, Extent, LearningCurves, MapImage, MapPanel, MapRow, ReferenceLine,
    ScatterPlot, ScatterSeries, SeriesRole, SkillHistory,
};

use super::{FOOTNOTE, noise};

pub(crate) fn curves() -> LearningCurves {
    let history = |start: f64, end: f64, jitter: f64, salt: usize| {
        let epochs: Vec<f64> = (1..=80).map(f64::from).collect();
        let error = |share: f64| -> Vec<f64> {
            let fall = |epoch: f64| end + (start - end) * (-epoch / 12.0).exp();
            let value =
                |&epoch: &f64| share * fall(epoch) * (1.0 + jitter * noise(salt + epoch as usize));
            epochs.iter().map(value).collect()
        };
        SkillHistory {
            rmse: error(1.0),
            ubrmse: error(0.85),
            epochs: epochs.clone(),
        }
    };
    LearningCurves {
        title: "Retrieval error while learning (synthetic)".to_owned(),
        training: history(0.16, 0.021, 0.05, 0),
        validation: history(0.17, 0.036, 0.08, 500),
        references: vec![
            ReferenceLine {
                label: "SPL2SMAP_S, 1 km".to_owned(),
                rmse: Some(0.093),
                ubrmse: Some(0.061),
            },
            ReferenceLine {
                label: "SMAP L4, 9 km".to_owned(),
                rmse: Some(0.070),
                ubrmse: Some(0.052),
            },
        ],
        footnote: FOOTNOTE.to_owned(),
        ..LearningCurves::default()
    }
}

pub(crate) fn scatter() -> ScatterPlot {
    let series = |label: &str, role, n: usize, slope: f64, spread: f64| {
        let reference: Vec<f64> = (0..n)
            .map(|i| (0.21 + 0.15 * noise(7 * i + 3)).max(0.02))
            .collect();
        let estimate = |(i, reference): (usize, &f64)| {
            0.2 + slope * (reference - 0.21) + spread * noise(i + 40_000)
        };
        let estimate = reference.iter().enumerate().map(estimate).collect();
        ScatterSeries {
            label: label.to_owned(),
            role,
            estimate,
            reference,
            skill: None,
        }
    };
    let mut product = series("SPL2SMAP_S, 1 km", SeriesRole::Product, 935, 0.6, 0.09);
    product
        .estimate
        .iter_mut()
        .for_each(|value| *value = (*value - 0.06).max(0.01));
    ScatterPlot {
        title: "Estimate against stations (synthetic)".to_owned(),
        series: vec![
            series("training stations", SeriesRole::Training, 210, 0.97, 0.03),
            series("test stations", SeriesRole::Test, 935, 0.85, 0.06),
            product,
        ],
        footnote: FOOTNOTE.to_owned(),
        ..ScatterPlot::default()
    }
}

fn magma<'a>(title: &str, values: &'a Array2<f32>, units: &str) -> MapImage<'a> {
    MapImage {
        colour_map: ColourMap::Magma,
        ..MapImage::new(title, values.view(), units)
    }
}

/// Draws the maps, or whatever else is done with their panel.
pub(crate) fn with_maps<T>(then: impl FnOnce(&MapPanel<'_>) -> T) -> T {
    let n = 252;
    let field = |wave: f64, grain: f64| {
        Array2::from_shape_fn((n, n), |(row, col)| {
            let (y, x) = (row as f64 / n as f64, col as f64 / n as f64);
            let swell = (wave * x + 3.0 * y).sin() * (5.0 * y - 2.0 * x).cos();
            (0.22 + 0.11 * swell + grain * noise(row * n + col)) as f32
        })
    };
    let mean = |map: &Array2<f32>| {
        Array2::from_shape_fn((n / 9, n / 9), |(row, col)| {
            let cells = (0..81).map(|cell| map[[9 * row + cell / 9, 9 * col + cell % 9]]);
            cells.sum::<f32>() / 81.0
        })
    };
    let (ours, mut smap) = (field(6.0, 0.03), field(6.0, 0.08));
    let (ours_coarse, smap_coarse) = (mean(&ours), mean(&smap));
    let brightness = smap_coarse.mapv(|value| 285.0 - 120.0 * value);
    let mut backscatter = field(8.0, 0.2).mapv(|value| -16.0 + 20.0 * (value - 0.2));
    for ((row, col), value) in smap.indexed_iter_mut() {
        let gap =
            row * 2 + col < 130 || (row.abs_diff(180).pow(2) + col.abs_diff(200).pow(2)) < 900;
        if gap {
            *value = f32::NAN;
            backscatter[[row, col]] = f32::NAN;
        }
    }
    let volumetric = "m³ m⁻³";
    let row = |left, right, colour_range| MapRow {
        left,
        right,
        colour_range,
    };
    let rows = vec![
        row(
            magma("SMAP brightness temperature, V", &brightness, "K"),
            magma("Sentinel-1 backscatter, VV", &backscatter, "dB"),
            ColourRange::Own,
        ),
        row(
            MapImage::new("SPL2SMAP_S soil moisture, 1 km", smap.view(), volumetric),
            MapImage::new("Vadose soil moisture, 1 km", ours.view(), volumetric),
            ColourRange::Shared,
        ),
        row(
            MapImage::new("SMAP soil moisture, 9 km", smap_coarse.view(), volumetric),
            MapImage::new("Vadose soil moisture, 9 km", ours_coarse.view(), volumetric),
            ColourRange::Shared,
        ),
    ];
    let extent = Extent::EqualAreaDeg {
        west: -102.2,
        east: -99.6,
        south: 45.3,
        north: 48.4,
    };
    let title = "Inputs and soil moisture (synthetic)".to_owned();
    then(&MapPanel {
        title,
        footnote: FOOTNOTE.to_owned(),
        ..MapPanel::new(rows, extent)
    })
}

/// A truth, an estimate of it, and their difference, which has a colour map of its own.
pub(crate) fn with_error_maps<T>(then: impl FnOnce(&MapPanel<'_>) -> T) -> T {
    let n = 180;
    let truth = Array2::from_shape_fn((n, n), |(row, col)| {
        let (y, x) = (row as f64 / n as f64, col as f64 / n as f64);
        (0.22 + 0.10 * (7.0 * x + 2.0 * y).sin() * (4.0 * y).cos()) as f32
    });
    let estimate = Array2::from_shape_fn((n, n), |(row, col)| {
        let drift = 0.03 * (col as f64 / n as f64 - 0.5);
        truth[[row, col]] + (drift + 0.02 * noise(row * n + col)) as f32
    });
    let error = &estimate - &truth;
    let absolute = error.mapv(f32::abs);
    let units = "m³ m⁻³";
    let rows = vec![
        MapRow {
            left: MapImage::new("truth", truth.view(), units),
            right: MapImage::new("estimate", estimate.view(), units),
            colour_range: ColourRange::Shared,
        },
        MapRow {
            left: MapImage {
                colour_map: ColourMap::Difference,
                range: Some((-0.05, 0.05)),
                ..MapImage::new("estimate minus truth", error.view(), units)
            },
            right: MapImage {
                colour_map: ColourMap::Magma,
                ..MapImage::new("size of the error", absolute.view(), units)
            },
            colour_range: ColourRange::Own,
        },
    ];
    let extent = Extent::ProjectedM {
        west: -9_800_000.0,
        east: -9_620_000.0,
        south: 4_820_000.0,
        north: 5_000_000.0,
    };
    then(&MapPanel {
        title: "Truth, estimate and error (synthetic)".to_owned(),
        footnote: FOOTNOTE.to_owned(),
        width_px: 1400,
        ..MapPanel::new(rows, extent)
    })
}
