//! Tests of whole-map prediction with untrained networks.

use std::collections::BTreeMap;

use ndarray::Array2;
use rayon::prelude::*;
use vadose_grid::{EaseGrid2, Window};
use vadose_scene::{ChannelSet, ChannelSpec, Transform};

use super::*;

/// A mean over overlapping tiles, in f32.
const MAX_CONSTANT_ERR_M3M3: f32 = 1e-6;

const TILING: TilingConfig = TilingConfig {
    tile_size: 36,
    overlap: 9,
};

fn scene(field: impl Fn(usize, usize) -> f32) -> Scene {
    let window = Window::new(EaseGrid2::M01, 900, 1800, 50, 70).unwrap();
    let tb = Array2::from_shape_fn(window.shape(), |(row, col)| field(row, col));
    let predictable = tb.mapv(f32::is_finite);
    Scene::new("synthetic", window)
        .with_field("tb_v", "K", tb)
        .and_then(|scene| scene.with_predictable(predictable))
        .unwrap()
}

fn channels(names: &[&str]) -> ChannelSet {
    let channel = |name: &&str| ChannelSpec {
        name: (*name).to_owned(),
        transform: Transform::None,
        units: "K".to_owned(),
    };
    ChannelSet::new(names.iter().map(channel).collect()).unwrap()
}

fn model(scene: &Scene) -> ModelFile {
    model_of(&["tb_v"], scene)
}

fn model_of(names: &[&str], scene: &Scene) -> ModelFile {
    let config = NetworkConfig {
        channels: names.len(),
        widths: vec![3],
        bottleneck: 4,
        ..NetworkConfig::default()
    };
    let (_, variables) = Network::initialised(&config, 5, &Device::Cpu).unwrap();
    let mut model = ModelFile::from_variables(config, &variables);
    let encoder = ChannelEncoder::fit(channels(names), [scene]).unwrap();
    model.metadata =
        BTreeMap::from([(CHANNELS_METADATA_KEY.to_owned(), encoder.to_json().unwrap())]);
    model
}

fn wavy(row: usize, col: usize) -> f32 {
    250.0 + 20.0 * (row as f32 * 0.4).sin() + 10.0 * (col as f32 * 0.3).cos()
}

#[test]
fn the_map_lies_within_the_heads_bounds_and_covers_the_scene() {
    let scene = scene(wavy);
    let retriever = NetworkRetriever::from_model(&model(&scene), TILING, &Device::Cpu).unwrap();
    let map = retriever.retrieve(&scene).unwrap().soil_moisture;
    assert_eq!(map.dim(), (50, 70));
    assert!(map.iter().all(|value| (0.0..=0.6).contains(value)));
    assert!(
        map.iter().any(|value| (value - map[[25, 35]]).abs() > 1e-4),
        "the map follows its input"
    );
}

#[test]
fn a_network_that_knows_only_its_bias_gives_a_constant_map() {
    let scene = scene(wavy);
    let mut model = model(&scene);
    for (name, weight) in &mut model.weights {
        if name.ends_with("weight") {
            *weight = weight.zeros_like().unwrap();
        }
    }
    let retriever = NetworkRetriever::from_model(&model, TILING, &Device::Cpu).unwrap();
    let map = retriever.retrieve(&scene).unwrap().soil_moisture;
    assert!(
        map.iter()
            .all(|value| (value - map[[0, 0]]).abs() <= MAX_CONSTANT_ERR_M3M3)
    );
}

#[test]
fn cells_that_are_not_predictable_are_missing() {
    let scene = scene(|row, col| {
        if row < 10 && col < 20 {
            f32::NAN
        } else {
            wavy(row, col)
        }
    });
    let retriever = NetworkRetriever::from_model(&model(&scene), TILING, &Device::Cpu).unwrap();
    let map = retriever.retrieve(&scene).unwrap().soil_moisture;
    assert_eq!(map.iter().filter(|value| value.is_nan()).count(), 200);
}

#[test]
fn a_scene_without_a_channel_of_the_model_is_refused_by_name() {
    let fitted = scene(wavy);
    let retriever = NetworkRetriever::from_model(&model(&fitted), TILING, &Device::Cpu).unwrap();
    let bare = Scene::new("bare", *fitted.window());
    let error = retriever.retrieve(&bare).unwrap_err();
    let RetrieveError::Scene(cause) = error else {
        panic!("{error}")
    };
    assert!(cause.to_string().contains("tb_v"), "{cause}");
}

#[test]
fn a_model_without_channel_list_is_refused() {
    let mut model = model(&scene(wavy));
    model.metadata.clear();
    let result = NetworkRetriever::from_model(&model, TILING, &Device::Cpu);
    assert!(matches!(result, Err(RetrieveError::NoChannelList { .. })));
}

#[test]
fn maps_that_all_threads_of_the_pool_make_at_once_are_the_map_made_alone() {
    let tb_h = Array2::from_shape_fn((50, 70), |(row, col)| wavy(col, row));
    // Two channels are encoded in parallel, which needs the pool.
    let scene = scene(wavy).with_field("tb_h", "K", tb_h).unwrap();
    let model = model_of(&["tb_v", "tb_h"], &scene);
    let map = || {
        let retriever = NetworkRetriever::from_model(&model, TILING, &Device::Cpu).unwrap();
        retriever.retrieve(&scene).unwrap().soil_moisture
    };
    let alone = map();
    let n_maps = 4 * rayon::current_num_threads();
    (0..n_maps)
        .into_par_iter()
        .for_each(|_| assert_eq!(map(), alone));
}

#[test]
fn progress_counts_every_tile() {
    let scene = scene(wavy);
    let retriever = NetworkRetriever::from_model(&model(&scene), TILING, &Device::Cpu).unwrap();
    let mut calls = Vec::new();
    retriever
        .retrieve_with_progress(&scene, &mut |done, total| calls.push((done, total)))
        .unwrap();
    let total = calls[0].1;
    assert!(total > 1);
    assert_eq!(calls.last(), Some(&(total, total)));
}

#[test]
fn a_tile_that_does_not_suit_the_network_is_refused() {
    let model = model(&scene(wavy));
    for (tile_size, overlap) in [(35, 9), (36, 30), (0, 0)] {
        let result =
            NetworkRetriever::from_model(&model, TilingConfig { tile_size, overlap }, &Device::Cpu);
        assert!(
            matches!(result, Err(RetrieveError::Tiling { .. })),
            "{tile_size}, {overlap}"
        );
    }
}

#[test]
fn a_map_in_bf16_says_how_far_it_is_from_f32() {
    let gap = |row: usize, col: usize| {
        if col < 36 && row < 36 {
            f32::NAN
        } else {
            wavy(row, col)
        }
    };
    let scene = scene(gap);
    let model = model(&scene);
    let map = |precision| {
        let retriever = NetworkRetriever::from_model(&model, TILING, &Device::Cpu).unwrap();
        retriever
            .with_precision(precision)
            .retrieve(&scene)
            .unwrap()
    };
    let exact = map(Precision::F32);
    assert_eq!(exact.reduced_precision, None);
    let reduced = map(Precision::Bf16);
    let record = reduced.reduced_precision.unwrap();
    assert_eq!(record.precision, Precision::Bf16);
    assert!(
        record.tile.col0 >= 1800 + 9,
        "the first tile holds the gap: {:?}",
        record.tile
    );
    let largest = record.largest_difference_m3m3;
    assert!(largest > 0.0 && largest < 0.01, "{largest}");
    let differs = |(a, b): (&f32, &f32)| !a.is_nan() && a != b;
    let pairs = reduced.soil_moisture.iter().zip(&exact.soil_moisture);
    assert!(pairs.into_iter().any(differs), "bf16 was used");
}
