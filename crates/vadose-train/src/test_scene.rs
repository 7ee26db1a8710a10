//! A small scene whose soil moisture follows one channel, for the tests of this crate.

use ndarray::Array2;
use vadose_grid::{Cell, EaseGrid2, Window};
use vadose_nn::NetworkConfig;
use vadose_scene::{
    ChannelSet, ChannelSpec, CoarseTarget, InMemoryScenes, Scene, Split, StationCell, StationSplit,
    Transform,
};

use crate::{Schedule, TrainConfig};

/// Edge of the scene, cells.
pub(crate) const SIZE: usize = 36;

/// True soil moisture of a cell of the scene, m3 m-3.
pub(crate) fn truth(row: usize, col: usize) -> f32 {
    0.25 + 0.12 * (row as f32 * 0.31).sin() * (col as f32 * 0.23).cos()
}

/// A scene with two channels, 80 stations and a coarse target.
pub(crate) fn scene() -> Scene {
    let coarse = CoarseTarget {
        window: Window::new(EaseGrid2::M09, 100, 200, 4, 4).unwrap(),
        values: Array2::from_shape_fn((4, 4), |(r, c)| truth(r * 9 + 4, c * 9 + 4)),
    };
    scene_without_target().with_coarse_target(coarse).unwrap()
}

/// The same without a coarse target.
pub(crate) fn scene_without_target() -> Scene {
    let window = Window::new(EaseGrid2::M01, 900, 1800, SIZE, SIZE).unwrap();
    let tb = Array2::from_shape_fn((SIZE, SIZE), |(r, c)| 290.0 - 150.0 * truth(r, c));
    let other = Array2::from_shape_fn((SIZE, SIZE), |(r, c)| ((r * 7 + c * 3) % 11) as f32);
    Scene::new("synthetic", window)
        .with_field("tb_v", "K", tb)
        .unwrap()
        .with_field("other", "1", other)
        .unwrap()
        .with_stations((0..80).map(station).collect())
        .unwrap()
}

pub(crate) fn station(i: usize) -> StationCell {
    let (row, col) = ((i * 5) % SIZE, (i * 11 + i / SIZE) % SIZE);
    StationCell {
        cell: Cell {
            row: 900 + row,
            col: 1800 + col,
        },
        value_m3m3: truth(row, col),
        weight: 1.0,
        stations: vec![name(i)],
    }
}

fn name(i: usize) -> String {
    format!("station-{i:02}")
}

/// Three of four stations train, one of eight validates, the rest test.
pub(crate) fn split() -> StationSplit {
    (0..80)
        .map(|i| {
            let split = match i % 8 {
                0 => Split::Validation,
                1 => Split::Test,
                _ => Split::Train,
            };
            (name(i), split)
        })
        .collect()
}

pub(crate) fn source() -> InMemoryScenes {
    InMemoryScenes::from(vec![scene()])
}

pub(crate) fn channels() -> ChannelSet {
    let spec = |name: &str, units: &str| ChannelSpec {
        name: name.to_owned(),
        transform: Transform::None,
        units: units.to_owned(),
    };
    ChannelSet::new(vec![spec("tb_v", "K"), spec("other", "1")]).unwrap()
}

pub(crate) fn network() -> NetworkConfig {
    NetworkConfig {
        channels: 2,
        widths: vec![4],
        bottleneck: 6,
        ..NetworkConfig::default()
    }
}

pub(crate) fn config(epochs: usize) -> TrainConfig {
    TrainConfig {
        seed: 11,
        epochs,
        tile_size: SIZE,
        tile_overlap: 9,
        schedule: Schedule::Constant,
        ..TrainConfig::default()
    }
}
