//! Tests of [`ChannelEncoder`] and of [`EncoderBuilder`], which makes it.

use approx::assert_abs_diff_eq;
use ndarray::{Array2, array};
use proptest::prelude::*;
use vadose_grid::{EaseGrid2, Window};

use super::*;
use crate::Transform;

fn channels(names: &[&str]) -> ChannelSet {
    ChannelSet::new(
        names
            .iter()
            .map(|n| ChannelSpec::known(n).unwrap())
            .collect(),
    )
    .unwrap()
}

fn scene(id: &str, rows: usize, cols: usize, fields: &[(&str, Array2<f32>)]) -> Scene {
    let window = Window::new(EaseGrid2::M01, 9, 18, rows, cols).unwrap();
    fields
        .iter()
        .fold(Scene::new(id, window), |scene, (name, values)| {
            let units = ChannelSpec::known(name).unwrap().units;
            scene.with_field(*name, units, values.clone()).unwrap()
        })
}

fn tile_of(scene: &Scene, size: usize) -> Tile {
    Tile {
        row0: scene.window().row0() as i64,
        col0: scene.window().col0() as i64,
        size,
    }
}

#[test]
fn missing_values_padding_and_absent_channels_are_zero() {
    let scene = scene(
        "s",
        2,
        2,
        &[
            ("sigma0_vv", array![[0.01, 0.1], [0.0, f32::NAN]]),
            ("albedo", array![[0.05, 0.05], [0.05, 0.05]]),
        ],
    );
    let encoder =
        ChannelEncoder::fit(channels(&["sigma0_vv", "albedo", "tb_h"]), [&scene]).unwrap();
    assert_eq!(encoder.absent(), ["albedo", "tb_h"]);
    assert_eq!(encoder.statistics()[0].count, 2); // no decibels of 0
    assert_eq!(encoder.statistics()[0].mean, -15.0);
    assert_eq!(encoder.statistics()[1].count, 4); // constant, but seen

    let x = encoder.encode(&scene, &tile_of(&scene, 3)).unwrap();
    assert_eq!(x.dim(), (3, 3, 3));
    assert_eq!((x[[0, 0, 0]], x[[0, 0, 1]]), (-1.0, 1.0));
    assert_eq!(x.iter().filter(|v| **v != 0.0).count(), 2);
}

#[test]
fn observed_is_a_channel_like_any_other() {
    let scene = scene("s", 1, 4, &[("observed", array![[1.0, 1.0, 1.0, 0.0]])]);
    let encoder = ChannelEncoder::fit(channels(&["observed"]), [&scene]).unwrap();
    let statistics = encoder.statistics()[0];
    assert_eq!(statistics.mean, 0.75);
    assert_abs_diff_eq!(
        statistics.std_dev,
        (0.75_f64 * 0.25).sqrt(),
        epsilon = 1e-15
    );
}

#[test]
fn the_model_s_scene_without_a_channel_is_refused_with_what_it_has() {
    let training = scene("train", 1, 2, &[("tb_v", array![[250.0, 260.0]])]);
    let encoder = ChannelEncoder::fit(channels(&["tb_v", "elevation"]), [&training]).unwrap();
    let foreign = scene(
        "other",
        1,
        2,
        &[
            ("elevation", array![[1.0, 2.0]]),
            ("tb_h", array![[1.0, 2.0]]),
        ],
    );
    assert_eq!(
        encoder
            .encode(&foreign, &tile_of(&foreign, 9))
            .unwrap_err()
            .to_string(),
        "channel tb_v of scene other: expected a field in \"K\", got none; the scene has: elevation, tb_h"
    );
    assert!(encoder.check(&training).is_ok()); // elevation is absent, and asked of nobody
}

#[test]
fn other_units_are_refused_in_fitting_and_in_prediction() {
    let training = scene("train", 1, 2, &[("tb_v", array![[250.0, 260.0]])]);
    let encoder = ChannelEncoder::fit(channels(&["tb_v"]), [&training]).unwrap();
    let celsius = Scene::new("celsius", *training.window())
        .with_field("tb_v", "degC", array![[-20.0, -10.0]])
        .unwrap();
    let expected = "channel tb_v of scene celsius: expected units \"K\", got \"degC\"";
    assert_eq!(encoder.check(&celsius).unwrap_err().to_string(), expected);
    let refused = ChannelEncoder::fit(channels(&["tb_v"]), [&celsius]);
    assert_eq!(refused.unwrap_err().to_string(), expected);
}

#[test]
fn training_scenes_must_agree_on_their_channels() {
    let full = scene("full", 1, 2, &[("tb_v", array![[250.0, 260.0]])]);
    let bare = scene("bare", 1, 2, &[]);
    assert!(matches!(
        ChannelEncoder::fit(channels(&["tb_v"]), [&full, &bare]),
        Err(SceneError::ChannelInSomeScenes { scene, .. }) if scene == "bare"
    ));
    assert!(ChannelEncoder::fit(channels(&["tb_v"]), [&bare, &bare]).is_ok());
    assert!(matches!(
        ChannelEncoder::fit(channels(&["tb_v"]), []),
        Err(SceneError::Empty { .. })
    ));
}

#[test]
fn only_cells_of_the_training_tiles_count() {
    let values = Array2::from_shape_fn((18, 18), |(row, col)| (row * 18 + col) as f32);
    let scene = scene("s", 18, 18, &[("elevation", values)]);
    let west = tile_of(&scene, 9);
    let outside = Tile { row0: 900, ..west };
    let encoder = ChannelEncoder::fit_tiles(
        channels(&["elevation"]),
        [(&scene, west), (&scene, outside)],
    )
    .unwrap();
    assert_eq!(encoder.statistics()[0].count, 81);
    assert_abs_diff_eq!(
        encoder.statistics()[0].mean,
        4.0 * 18.0 + 4.0,
        epsilon = 1e-12
    );
}

#[test]
fn merged_builders_equal_one_builder() {
    let north = scene("north", 1, 3, &[("tb_v", array![[250.0, 255.0, 260.0]])]);
    let south = scene("south", 1, 3, &[("tb_v", array![[270.0, f32::NAN, 290.0]])]);
    let together = ChannelEncoder::fit(channels(&["tb_v"]), [&north, &south]).unwrap();
    let part = |scene| {
        let mut builder = EncoderBuilder::new(channels(&["tb_v"]));
        builder.add_scene(scene).unwrap();
        builder
    };
    let mut merged = part(&north);
    merged.merge(&part(&south)).unwrap();
    let merged = merged.finish().unwrap();
    assert_eq!(merged.statistics()[0].count, 5);
    assert_abs_diff_eq!(
        merged.statistics()[0].mean,
        together.statistics()[0].mean,
        epsilon = 1e-12
    );
    assert_abs_diff_eq!(
        merged.statistics()[0].std_dev,
        together.statistics()[0].std_dev,
        epsilon = 1e-12
    );
    let other = EncoderBuilder::new(channels(&["tb_h"]));
    assert!(matches!(
        part(&north).merge(&other),
        Err(SceneError::ChannelSetMismatch { .. })
    ));
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let value = |(row, col): (usize, usize)| 250.0 + ((row * 31 + col * 17) % 97) as f32 * 0.31;
    let names = ["tb_h", "tb_v", "elevation", "clay_fraction"];
    let fields = names.map(|name| (name, Array2::from_shape_fn((70, 60), value)));
    let scene = scene("s", 70, 60, &fields);
    let with_threads = |n| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n)
            .build()
            .unwrap();
        pool.install(|| {
            let encoder = ChannelEncoder::fit(channels(&names), [&scene]).unwrap();
            let x = encoder.encode(&scene, &tile_of(&scene, 72)).unwrap();
            (encoder, x)
        })
    };
    assert_eq!(with_threads(1), with_threads(3));
}

#[test]
fn json_keeps_every_bit_and_refuses_what_does_not_fit_together() {
    let scene = scene("s", 1, 3, &[("tb_v", array![[250.1, 260.7, 233.3]])]);
    let encoder = ChannelEncoder::fit(channels(&["tb_v", "tb_h"]), [&scene]).unwrap();
    let json = encoder.to_json().unwrap();
    assert_eq!(ChannelEncoder::from_json(&json).unwrap(), encoder);

    let tampered = [
        json.replace("\"absent\":[\"tb_h\"]", "\"absent\":[]"),
        json.replace("\"tb_h\",\"transform\"", "\"tb_v\",\"transform\""),
        json.replace("\"std_dev\"", "\"sd\""),
        json.replace("\"std_dev\":0.0", "\"std_dev\":-1.0"),
        json[..json.len() / 2].to_owned(),
    ];
    for bad in tampered {
        assert_ne!(bad, json);
        assert!(matches!(
            ChannelEncoder::from_json(&bad),
            Err(SceneError::EncoderJson { .. })
        ));
    }
}

#[test]
fn impossible_statistics_are_refused() {
    let statistics = |mean, std_dev| ChannelStatistics {
        mean,
        std_dev,
        count: 3,
    };
    for (mean, std_dev) in [(f64::NAN, 1.0), (0.0, -1.0), (0.0, f64::INFINITY)] {
        assert!(matches!(
            ChannelEncoder::from_statistics(channels(&["tb_v"]), vec![statistics(mean, std_dev)]),
            Err(SceneError::InvalidStatistics { .. })
        ));
    }
    assert!(matches!(
        ChannelEncoder::from_statistics(channels(&["tb_v"]), vec![]),
        Err(SceneError::StatisticsCount {
            expected: 1,
            got: 0
        })
    ));
}

proptest! {
    /// Bound: f32 rounding of each of up to 400 encoded values of magnitude below 20.
    #[test]
    fn training_cells_come_out_with_mean_zero_and_deviation_one(
        rows in 1_usize..20,
        cols in 2_usize..20,
        offset in -300.0_f32..300.0,
        scale in 0.5_f32..100.0,
        seed in any::<u64>(),
        transform in prop::sample::select(vec![Transform::None, Transform::Log1p, Transform::Decibel]),
    ) {
        const MAX_ROUNDING: f64 = 1e-5;
        let mut rng = crate::seed::rng(seed, "test");
        let shift = if transform == Transform::None { offset } else { 0.1 };
        let mut values = Array2::from_shape_simple_fn((rows, cols), || {
            shift + scale * crate::seed::below(&mut rng, 1000) as f32 / 1000.0
        });
        values[[0, 0]] = shift + scale;
        values[[0, 1]] = shift;
        let spec = ChannelSpec { name: "any".into(), transform, units: "1".into() };
        let window = Window::new(EaseGrid2::M01, 9, 18, rows, cols).unwrap();
        let scene = Scene::new("s", window).with_field("any", "1", values).unwrap();
        let encoder = ChannelEncoder::fit(ChannelSet::new(vec![spec]).unwrap(), [&scene]).unwrap();
        let x = encoder.encode(&scene, &tile_of(&scene, 20)).unwrap();
        let mut cells = Vec::new();
        for row in 0..rows {
            for col in 0..cols {
                cells.push(f64::from(x[[0, row, col]]));
            }
        }
        let n = cells.len() as f64;
        let mean = cells.iter().sum::<f64>() / n;
        let variance = cells.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
        prop_assert!(mean.abs() < MAX_ROUNDING, "{mean}");
        prop_assert!((variance.sqrt() - 1.0).abs() < MAX_ROUNDING, "{variance}");
    }
}
