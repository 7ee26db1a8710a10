//! Tests of the composite loss.

use candle_core::{DType, Device, Tensor, Var};
use ndarray::Array2;
use vadose_scene::{ChannelEncoder, Sample, Split, StationSplit, Tile};

use super::*;
use crate::test_scene::{SIZE, channels, scene, split};

/// f32 sums over a few thousand cells, relative.
const MAX_SUM_ERR: f64 = 1e-5;

fn tile_of(scene: &vadose_scene::Scene, split: &StationSplit) -> PreparedTile {
    let encoder = ChannelEncoder::fit(channels(), [scene]).unwrap();
    let tile = Tile {
        row0: 900,
        col0: 1800,
        size: SIZE,
    };
    let sample = Sample::cut(scene, tile, &encoder).unwrap();
    PreparedTile::new(0, sample, split, &CoarseConfig::default()).unwrap()
}

fn constant(value: f32) -> Tensor {
    Tensor::full(value, (SIZE, SIZE), &Device::Cpu).unwrap()
}

#[test]
fn both_terms_follow_the_paper_on_a_constant_estimate() {
    let scene = scene();
    let tile = tile_of(&scene, &split());
    let loss = CompositeLoss::new(LossConfig::default());
    let record = loss.tile(&constant(0.3), None, &tile).unwrap().record;

    let training = tile.stations().points();
    assert_eq!(training.len(), 60);
    let l1: f64 = training
        .iter()
        .map(|p| (0.3 - f64::from(p.value)).powi(2))
        .sum();
    let z = &scene.coarse_target().unwrap().values;
    let l2: f64 = z.iter().map(|z| (0.3 - f64::from(*z)).powi(2)).sum();
    approx::assert_relative_eq!(record.station, l1, max_relative = MAX_SUM_ERR);
    approx::assert_relative_eq!(record.coarse, l2, max_relative = MAX_SUM_ERR);
    approx::assert_relative_eq!(record.total, l1 + 1e-3 * l2, max_relative = MAX_SUM_ERR);
    assert_eq!((record.n_stations, record.n_coarse), (60.0, 16.0));
    assert_eq!(record.station_weight, 60.0);
    approx::assert_relative_eq!(record.coarse_weight, 1e-3 * 16.0);
}

#[test]
fn mean_reductions_weigh_the_terms_by_one_and_alpha() {
    let tile = tile_of(&scene(), &split());
    let config = LossConfig {
        station_reduction: Reduction::Mean,
        coarse_reduction: Reduction::Mean,
        ..LossConfig::default()
    };
    let record = CompositeLoss::new(config)
        .tile(&constant(0.3), None, &tile)
        .unwrap()
        .record;
    approx::assert_relative_eq!(record.station_weight, 1.0);
    approx::assert_relative_eq!(record.coarse_weight, 1e-3);
}

#[test]
fn the_gradient_is_that_of_the_adjoints() {
    let scene = scene();
    let tile = tile_of(&scene, &split());
    let alpha = 0.5;
    let loss = CompositeLoss::new(LossConfig {
        alpha,
        ..LossConfig::default()
    });
    let estimate =
        Array2::from_shape_fn((SIZE, SIZE), |(r, c)| 0.2 + 0.01 * ((r * 5 + c) % 7) as f32);
    let variable = Var::from_vec(
        estimate.iter().copied().collect::<Vec<f32>>(),
        (SIZE, SIZE),
        &Device::Cpu,
    )
    .unwrap();
    let total = loss.tile(variable.as_tensor(), None, &tile).unwrap().total;
    let gradient = total
        .backward()
        .unwrap()
        .get(&variable)
        .unwrap()
        .to_vec2::<f32>()
        .unwrap();

    let operator = tile.coarse().unwrap().operator();
    let misfit = operator.apply(estimate.view()).unwrap() - &scene.coarse_target().unwrap().values;
    let mut expected = operator.adjoint(misfit.view()).unwrap() * (2.0 * alpha as f32);
    for point in tile.stations().points() {
        expected[[point.row, point.col]] += 2.0 * (estimate[[point.row, point.col]] - point.value);
    }
    for ((row, col), expected) in expected.indexed_iter() {
        approx::assert_abs_diff_eq!(gradient[row][col], *expected, epsilon = 1e-6);
    }
}

#[test]
fn without_training_stations_the_station_term_is_zero_with_zero_gradient() {
    let nobody_trains: StationSplit = split()
        .iter()
        .map(|(name, _)| (name.to_owned(), Split::Test))
        .collect();
    let tile = tile_of(&scene(), &nobody_trains);
    let loss = CompositeLoss::new(LossConfig {
        alpha: 0.0,
        ..LossConfig::default()
    });
    let variable = Var::zeros((SIZE, SIZE), DType::F32, &Device::Cpu).unwrap();
    let terms = loss.tile(variable.as_tensor(), None, &tile).unwrap();
    assert_eq!(
        (
            terms.record.station,
            terms.record.n_stations,
            terms.record.total
        ),
        (0.0, 0.0, 0.0)
    );
    // No term reaches the estimate, so the store holds no gradient for it: that is zero, not NaN.
    assert!(terms.total.backward().unwrap().get(&variable).is_none());
}

#[test]
fn missing_coarse_cells_do_not_count() {
    let scene = scene();
    let mut target = scene.coarse_target().unwrap().clone();
    target.values[[1, 2]] = f32::NAN;
    let scene = scene.with_coarse_target(target).unwrap();
    let record = CompositeLoss::new(LossConfig::default())
        .tile(&constant(0.3), None, &tile_of(&scene, &split()))
        .unwrap()
        .record;
    assert_eq!(record.n_coarse, 15.0);
    assert!(record.total.is_finite());
}

#[test]
fn a_weight_of_zero_takes_its_term_out_of_the_loss() {
    let tile = tile_of(&scene(), &split());
    let config = LossConfig {
        station_weight: 0.0,
        alpha: 2.0,
        ..LossConfig::default()
    };
    config.validate().unwrap();
    let record = CompositeLoss::new(config)
        .tile(&constant(0.3), None, &tile)
        .unwrap()
        .record;
    assert!(record.station > 0.0, "the misfit is still told");
    assert_eq!(record.station_weight, 0.0);
    approx::assert_relative_eq!(record.total, 2.0 * record.coarse);
}

#[test]
fn a_loss_without_any_term_is_refused() {
    let config = LossConfig {
        station_weight: 0.0,
        alpha: 0.0,
        ..LossConfig::default()
    };
    let message = config.validate().unwrap_err().to_string();
    assert!(message.contains("train.loss.alpha is 0"), "{message}");
    let negative = LossConfig {
        station_weight: -1.0,
        ..LossConfig::default()
    };
    assert!(negative.validate().is_err());
    for spread_weight in [-1.0, f64::NAN] {
        let config = LossConfig {
            spread_weight,
            ..LossConfig::default()
        };
        let message = config.validate().unwrap_err().to_string();
        assert!(message.contains("train.loss.spread_weight"), "{message}");
    }
}

#[test]
fn the_spread_regresses_to_the_absolute_error_and_leaves_the_estimate_alone() {
    let tile = tile_of(&scene(), &split());
    let variable = |value: f32| Var::from_tensor(&constant(value)).unwrap();
    let (estimate, spread) = (variable(0.3), variable(0.05));
    let terms = |spread_weight, spread: Option<&Var>| {
        let loss = CompositeLoss::new(LossConfig {
            spread_weight,
            ..LossConfig::default()
        });
        loss.tile(estimate.as_tensor(), spread.map(Var::as_tensor), &tile)
            .unwrap()
    };
    let gradient = |terms: &LossTerms, of: &Var| {
        let store = terms.total.backward().unwrap();
        store.get(of).unwrap().to_vec2::<f32>().unwrap()
    };
    let (without, with) = (terms(2.0, None), terms(2.0, Some(&spread)));

    let points = tile.stations().points();
    let misfit = |point: &vadose_ops::StationPoint| 0.05 - (0.3 - point.value).abs();
    let squares = points.iter().map(|point| f64::from(misfit(point)).powi(2));
    let expected: f64 = squares.sum();
    approx::assert_relative_eq!(with.record.spread, expected, max_relative = MAX_SUM_ERR);
    approx::assert_relative_eq!(
        with.record.total,
        without.record.total + 2.0 * expected,
        max_relative = MAX_SUM_ERR
    );
    assert_eq!(without.record.spread, 0.0);

    assert_eq!(gradient(&with, &estimate), gradient(&without, &estimate));
    let mut expected = Array2::<f32>::zeros((SIZE, SIZE));
    for point in points {
        expected[[point.row, point.col]] += 4.0 * misfit(point);
    }
    let gradient = gradient(&with, &spread);
    for ((row, col), expected) in expected.indexed_iter() {
        approx::assert_abs_diff_eq!(gradient[row][col], *expected, epsilon = 1e-6);
    }
    assert_eq!(
        terms(0.0, Some(&spread)).record.total,
        without.record.total,
        "a weight of 0"
    );
}

#[test]
fn the_default_weight_of_the_spread_is_not_written() {
    let text = serde_json::to_string(&LossConfig::default()).unwrap();
    assert!(!text.contains("spread_weight"), "{text}");
    let config = LossConfig {
        spread_weight: 0.5,
        ..LossConfig::default()
    };
    let text = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<LossConfig>(&text).unwrap(), config);
}
