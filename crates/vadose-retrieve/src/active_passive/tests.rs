//! Tests of the disaggregation on scenes that the forward models made.

use ndarray::{Array2, ArrayView2, Axis};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use vadose_physics::{IgbpClass, InversionConfig, Roughness, Surface};

use super::*;
use crate::{InputErrors, SingleChannelRetriever};

/// Three by four 9 km cells.
const SHAPE: (usize, usize) = (27, 36);
const BETA: f64 = -4.0;
const GAMMA: f64 = 3.0;
const TAU: f64 = 0.3;
const ALBEDO: f64 = 0.05;
const TEMPERATURE_KELVIN: f64 = 294.0;

/// The inputs of a retrieval over cropland, to be disturbed.
#[derive(Clone)]
struct Inputs {
    tb: Array2<f32>,
    temperature: Array2<f32>,
    opacity: Array2<f32>,
    sigma0_vv: Array2<f32>,
    sigma0_vh: Array2<f32>,
}

fn truth() -> Array2<f32> {
    // Wetter from cell to cell of 9 km, and along the columns inside each.
    Array2::from_shape_fn(SHAPE, |(row, col)| {
        0.12 + 0.01 * (row / 9 + col / 9) as f32 + 0.012 * (col % 9) as f32
    })
}

fn surface() -> Surface {
    Surface {
        clay_percent: 20.0,
        temperature_kelvin: TEMPERATURE_KELVIN,
        roughness: Roughness::single_channel(IgbpClass::Cropland.parameters().roughness_h),
        albedo: ALBEDO,
        tau_slant: TAU,
    }
}

/// What instruments without noise see of the truth: the mean brightness temperature of each 9 km cell, and
/// backscatter on the line of `BETA` and `GAMMA`. Cross-polarised power varies along the rows only, so that
/// inside a 9 km cell it tells nothing of moisture and the slope of VV on VH is `GAMMA` exactly.
fn noiseless() -> Inputs {
    let inverter = InversionConfig::default().build().unwrap();
    let fine_tb = truth().mapv(|moisture| {
        let tb = inverter
            .model()
            .brightness_temperature(f64::from(moisture), &surface());
        tb.tb_v_kelvin
    });
    let black_soil = 1.0 - ALBEDO * (1.0 - (-TAU).exp());
    let cross = |row: usize| 0.010 + 0.0008 * (row * 5 % 9) as f64;
    let signal = |tb: f64| (tb / TEMPERATURE_KELVIN - black_soil) / BETA;
    Inputs {
        tb: nested_mean(fine_tb.view()).mapv(|tb| tb as f32),
        temperature: Array2::from_elem(SHAPE, TEMPERATURE_KELVIN as f32),
        opacity: Array2::from_elem(SHAPE, TAU as f32),
        sigma0_vv: Array2::from_shape_fn(SHAPE, |at| {
            (GAMMA * cross(at.0) + signal(fine_tb[at])) as f32
        }),
        sigma0_vh: Array2::from_shape_fn(SHAPE, |at| cross(at.0) as f32),
    }
}

fn nested_mean(fine: ArrayView2<'_, f64>) -> Array2<f64> {
    Array2::from_shape_fn(fine.dim(), |(row, col)| {
        let block = |(r, c): (usize, usize)| fine[[row / 9 * 9 + r, col / 9 * 9 + c]];
        ndarray::indices((9, 9)).into_iter().map(block).sum::<f64>() / 81.0
    })
}

impl Inputs {
    fn scene(&self) -> Scene {
        let window = Window::new(EaseGrid2::M01, 900, 1800, SHAPE.0, SHAPE.1).unwrap();
        let everywhere = |value: f32| Array2::from_elem(SHAPE, value);
        let mut scene = Scene::new("forward", window);
        for (name, units, values) in [
            ("tb_v", "K", self.tb.clone()),
            ("surface_temperature", "K", self.temperature.clone()),
            ("vegetation_opacity", "1", self.opacity.clone()),
            ("vegetation_water_content", "kg m-2", everywhere(2.0)),
            ("sigma0_vv", "1", self.sigma0_vv.clone()),
            ("sigma0_vh", "1", self.sigma0_vh.clone()),
            ("albedo", "1", everywhere(ALBEDO as f32)),
            ("clay_fraction", "1", everywhere(0.2)),
            ("bulk_density", "g cm-3", everywhere(1.3)),
            ("land_cover", "1", everywhere(12.0)),
        ] {
            scene = scene.with_field(name, units, values).unwrap();
        }
        scene
    }
}

fn retriever(errors: InputErrors) -> ActivePassiveRetriever {
    ActivePassiveRetriever::new(ActivePassiveConfig {
        single_channel: SingleChannelConfig {
            errors,
            ..SingleChannelConfig::default()
        },
        ..ActivePassiveConfig::default()
    })
    .unwrap()
}

fn retrieved(inputs: &Inputs) -> Retrieval {
    retriever(InputErrors::default())
        .retrieve(&inputs.scene())
        .unwrap()
}

#[test]
fn the_fine_temperatures_average_to_the_coarse_one() {
    /// Rounding of f32 near 260 K is 1.5e-5.
    const MAX_ERR_KELVIN: f64 = 1e-4;
    // Backscatter of no model at all: the mean does not depend on it.
    let mut inputs = noiseless();
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    inputs.sigma0_vv.mapv_inplace(|vv| {
        let normal: f32 = StandardNormal.sample(&mut rng);
        vv * (0.1 * normal).exp()
    });
    let tb = retriever(InputErrors::default())
        .disaggregate(&inputs.scene())
        .unwrap();
    let mean = nested_mean(tb.mapv(f64::from).view());
    for (mean, coarse) in mean.iter().zip(&inputs.tb) {
        assert!((mean - f64::from(*coarse)).abs() < MAX_ERR_KELVIN);
    }
    let spread = tb
        .iter()
        .zip(&inputs.tb)
        .map(|(fine, coarse)| (fine - coarse).abs());
    assert!(spread.fold(0.0, f32::max) > 5.0);
}

#[test]
fn without_noise_the_truth_comes_back() {
    /// f32 inputs: 1.5e-5 K and 4e-9 of power, through a slope of 1e-2 m3 m-3 K-1.
    const MAX_ERR_M3M3: f32 = 2e-5;
    let retrieval = retrieved(&noiseless());
    for (found, truth) in retrieval.soil_moisture.iter().zip(&truth()) {
        assert!((found - truth).abs() < MAX_ERR_M3M3, "{found} for {truth}");
    }
    let n = SHAPE.0 * SHAPE.1;
    assert_eq!(retrieval.status_counts()[&RetrievalStatus::Retrieved], n);
    assert_eq!(retrieval.coarse.values.dim(), (3, 4));
}

#[test]
fn a_coarse_temperature_alone_gives_the_coarse_moisture() {
    // SCA-V of the nested temperature knows nothing of the columns, but their mean.
    let map = SingleChannelRetriever::new(SingleChannelConfig::default())
        .unwrap()
        .retrieve(&noiseless().scene())
        .unwrap()
        .soil_moisture;
    let mean = nested_mean(truth().mapv(f64::from).view());
    for (found, mean) in map.iter().zip(&mean) {
        // The model is curved over the 0.1 m3 m-3 inside a cell.
        assert!(
            (f64::from(*found) - mean).abs() < 3e-3,
            "{found} for {mean}"
        );
    }
}

#[test]
fn given_parameters_do_as_estimated_ones_that_equal_them() {
    let config = ActivePassiveConfig {
        covariation: CovariationSource::Fields,
        ..ActivePassiveConfig::default()
    };
    let retriever = ActivePassiveRetriever::new(config).unwrap();
    let scene = noiseless().scene();
    let error = retriever.retrieve(&scene).unwrap_err().to_string();
    assert!(error.contains("beta_tbv_vv"), "{error}");
    let everywhere = |value: f64| Array2::from_elem(SHAPE, value as f32);
    let scene = scene
        .with_field("beta_tbv_vv", "1", everywhere(BETA))
        .and_then(|scene| scene.with_field("gamma_vv_xpol", "1", everywhere(GAMMA)))
        .unwrap();
    let map = retriever.retrieve(&scene).unwrap().soil_moisture;
    let truth = truth();
    let largest = map.iter().zip(&truth).map(|(a, b)| (a - b).abs());
    assert!(largest.fold(0.0, f32::max) < 2e-5);
}

#[test]
fn the_uncertainty_is_the_spread_of_disturbed_retrievals() {
    const N_DRAWS: usize = 500;
    /// Sampling of a standard deviation by 500 draws (3 %), four times over, and curvature.
    const MAX_CELL_RATIO_ERR: f64 = 0.15;
    const MAX_MEAN_RATIO_ERR: f64 = 0.05;
    let errors = InputErrors {
        // The scene cannot disturb the roughness of a class; its part is tested with the inversion.
        roughness_h: 0.0,
        // Speckle of 5 % leaves the range where the estimate of gamma is linear.
        sigma0_share: 0.02,
        ..InputErrors::default()
    };
    let inputs = noiseless();
    let active_passive = retriever(errors);
    let single_channel = SingleChannelRetriever::new(SingleChannelConfig {
        errors,
        ..SingleChannelConfig::default()
    })
    .unwrap();
    let methods: [&dyn Retriever; 2] = [&active_passive, &single_channel];
    let scene = inputs.scene();
    let stated = methods.map(|method| method.retrieve(&scene).unwrap().uncertainty.unwrap());
    let mut sums = methods.map(|_| [Array2::<f64>::zeros(SHAPE), Array2::zeros(SHAPE)]);
    let mut rng = ChaCha8Rng::seed_from_u64(17);
    for _ in 0..N_DRAWS {
        let scene = disturbed(&inputs, &errors, &mut rng).scene();
        for (method, [sum, squares]) in methods.iter().zip(&mut sums) {
            let map = method
                .retrieve(&scene)
                .unwrap()
                .soil_moisture
                .mapv(f64::from);
            *squares += &(&map * &map);
            *sum += &map;
        }
    }
    for ((stated, [sum, squares]), method) in stated.iter().zip(&sums).zip(methods) {
        let n = N_DRAWS as f64;
        let spread = (squares / n - (sum / n).mapv(|mean| mean * mean)).mapv(f64::sqrt);
        let ratios = stated.mapv(f64::from) / spread;
        let worst = ratios
            .iter()
            .fold(0.0, |worst: f64, ratio| worst.max((ratio - 1.0).abs()));
        let mean = ratios.mean().unwrap();
        println!("{}: worst {worst:.3}, mean {mean:.3}", method.method());
        assert!(worst < MAX_CELL_RATIO_ERR, "{}: {worst}", method.method());
        assert!(
            (mean - 1.0).abs() < MAX_MEAN_RATIO_ERR,
            "{}: {mean}",
            method.method()
        );
    }
}

/// The inputs with errors: common to a 9 km cell, save for speckle.
fn disturbed(inputs: &Inputs, errors: &InputErrors, rng: &mut ChaCha8Rng) -> Inputs {
    let mut found = inputs.clone();
    let mut draw = |spread: f64| -> f32 {
        let normal: f64 = StandardNormal.sample(&mut *rng);
        (spread * normal) as f32
    };
    for row in 0..SHAPE.0 / 9 {
        for col in 0..SHAPE.1 / 9 {
            let tb = draw(errors.tb_kelvin);
            let temperature = draw(errors.surface_temperature_kelvin);
            let vegetation = draw(errors.vegetation_share);
            for at in ndarray::indices((9, 9)) {
                let at = (row * 9 + at.0, col * 9 + at.1);
                found.tb[at] += tb;
                found.temperature[at] += temperature;
                found.opacity[at] *= 1.0 + vegetation;
                found.sigma0_vv[at] *= 1.0 + draw(errors.sigma0_share);
                found.sigma0_vh[at] *= 1.0 + draw(errors.sigma0_share);
            }
        }
    }
    found
}

#[test]
fn without_errors_there_is_no_uncertainty() {
    let scene = noiseless().scene();
    let exact = retriever(InputErrors::NONE).retrieve(&scene).unwrap();
    assert!(exact.uncertainty.unwrap().iter().all(|&value| value == 0.0));
    let usual = retrieved(&noiseless()).uncertainty.unwrap();
    assert!(usual.iter().all(|&value| value > 0.005 && value < 0.2));
}

#[test]
fn every_cell_says_what_became_of_it() {
    let mut inputs = noiseless();
    // Half a 9 km cell outside the radar's scene: the rest is retrieved from what is left.
    let mut gap = inputs.sigma0_vv.view_mut();
    gap.slice_axis_inplace(Axis(0), ndarray::Slice::from(..9));
    gap.slice_axis_inplace(Axis(1), ndarray::Slice::from(..4));
    gap.fill(f32::NAN);
    // The next 9 km cell without brightness temperature, and the one after with one cell of radar.
    for at in ndarray::indices((9, 9)) {
        inputs.tb[[at.0, 9 + at.1]] = f32::NAN;
        if at != (4, 4) {
            inputs.sigma0_vh[[at.0, 18 + at.1]] = f32::NAN;
        }
    }
    // A frozen 9 km cell, and one where VV does not exceed what vegetation alone would give.
    for at in ndarray::indices((9, 9)) {
        inputs.temperature[[9 + at.0, at.1]] = 270.0;
        inputs.sigma0_vv[[9 + at.0, 9 + at.1]] =
            4.0 * inputs.sigma0_vh[[9 + at.0, 9 + at.1]] - 0.02;
    }
    let retrieval = retrieved(&inputs);
    let status = retrieval.status.as_ref().unwrap();
    for (at, expected) in [
        ((3, 2), RetrievalStatus::NoBackscatter),
        ((3, 6), RetrievalStatus::Retrieved),
        ((3, 12), RetrievalStatus::NoBrightnessTemperature),
        ((3, 20), RetrievalStatus::NoBackscatter),
        ((4, 22), RetrievalStatus::NoBackscatter),
        ((12, 3), RetrievalStatus::Frozen),
        ((12, 12), RetrievalStatus::NoCovariation),
        ((20, 30), RetrievalStatus::Retrieved),
    ] {
        assert_eq!(status[at], expected, "{at:?}");
    }
    for (status, value) in status.iter().zip(&retrieval.soil_moisture) {
        assert_eq!(status.has_value(), value.is_finite());
    }
    let n: usize = retrieval.status_counts().values().sum();
    assert_eq!(n, SHAPE.0 * SHAPE.1);
}

#[test]
fn impossible_settings_are_refused() {
    let config = ActivePassiveConfig {
        least_sigma0_share: 1.5,
        ..ActivePassiveConfig::default()
    };
    let refused = ActivePassiveRetriever::new(config).err().unwrap();
    assert!(matches!(
        refused,
        RetrieveError::ConfigOutOfRange {
            name: "least_sigma0_share",
            ..
        }
    ));
    let m09 = Window::new(EaseGrid2::M09, 100, 200, 4, 4).unwrap();
    let mut scene = Scene::new("coarse", m09);
    for name in [
        "tb_v",
        "sigma0_vv",
        "sigma0_vh",
        "surface_temperature",
        "land_cover",
        "clay_fraction",
        "vegetation_opacity",
    ] {
        scene = scene.with_field(name, "1", Array2::zeros((4, 4))).unwrap();
    }
    let scene = scene
        .with_field("bulk_density", "g cm-3", Array2::zeros((4, 4)))
        .unwrap();
    let refused = retriever(InputErrors::default())
        .retrieve(&scene)
        .unwrap_err();
    assert!(matches!(
        refused,
        RetrieveError::WrongGrid {
            got: EaseGrid2::M09,
            ..
        }
    ));
}
