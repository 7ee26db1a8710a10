//! Tests of maps in bands, against the whole map, with untrained networks.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::Device;
use ndarray::{Axis, Slice};
use vadose_nn::{ModelFile, NetworkConfig};
use vadose_scene::{CHANNELS_METADATA_KEY, ChannelEncoder, ChannelSet, ChannelSpec, Transform};

use super::*;
use crate::Retriever;

const TILING: TilingConfig = TilingConfig {
    tile_size: 36,
    overlap: 9,
};
/// Tiles prepared or waiting beyond the one that the network works on.
const AHEAD: usize = LOADERS * (WAITING + 1);

fn window() -> Window {
    // No multiple of 9, so that tiles stick out.
    Window::new(vadose_grid::EaseGrid2::M01, 904, 1805, 145, 110).unwrap()
}

/// Smooth, random by position, with a gap and a cell without prediction; any part of it alone.
fn scene_of(part: &Window) -> Scene {
    let wave = |row: f32, col: f32| {
        (row * 0.11 + 1.0).sin() * (col * 0.07).cos() + 0.6 * (row * 0.05 - col * 0.13).sin()
    };
    let tb = Array2::from_shape_fn(part.shape(), |(row, col)| {
        let (row, col) = (part.row0() + row - 904, part.col0() + col - 1805);
        if (40..60).contains(&row) && col < 30 {
            f32::NAN
        } else {
            255.0 + 12.0 * wave(row as f32, col as f32)
        }
    });
    let predictable = tb.mapv(f32::is_finite);
    Scene::new("waves", *part)
        .with_field("tb_v", "K", tb)
        .and_then(|scene| scene.with_predictable(predictable))
        .unwrap()
}

fn retriever(widths: Vec<usize>, tiling: TilingConfig) -> NetworkRetriever {
    let config = NetworkConfig {
        channels: 1,
        widths,
        bottleneck: 4,
        spread_head: true,
        ..NetworkConfig::default()
    };
    let (_, variables) = vadose_nn::Network::initialised(&config, 11, &Device::Cpu).unwrap();
    let mut model = ModelFile::from_variables(config, &variables);
    let channels = ChannelSet::new(vec![ChannelSpec {
        name: "tb_v".to_owned(),
        transform: Transform::None,
        units: "K".to_owned(),
    }])
    .unwrap();
    let encoder = ChannelEncoder::fit(channels, [&scene_of(&window())]).unwrap();
    let json = encoder.to_json().unwrap();
    model
        .metadata
        .insert(CHANNELS_METADATA_KEY.to_owned(), json);
    NetworkRetriever::from_model(&model, tiling, &Device::Cpu).unwrap()
}

fn by_bands(retriever: &NetworkRetriever, window: &Window) -> [Array2<f32>; 2] {
    let mut maps = [(); 2].map(|()| Array2::zeros((0, window.cols())));
    let summary = retriever
        .retrieve_bands(
            window,
            |part| Ok::<_, RetrieveError>(scene_of(part)),
            &mut |_, _| (),
            |band| {
                let bands = [band.soil_moisture, band.spread.unwrap()];
                for (map, rows) in maps.iter_mut().zip(bands) {
                    map.append(Axis(0), rows.view()).unwrap();
                }
                Ok(())
            },
        )
        .unwrap();
    assert_eq!(summary, None);
    maps
}

#[test]
fn bands_are_the_whole_map_to_the_last_bit() {
    let retriever = retriever(vec![3], TILING);
    let maps = by_bands(&retriever, &window());
    let whole = retriever.retrieve(&scene_of(&window())).unwrap();
    let whole = [whole.soil_moisture, whole.spread.unwrap()];
    for (map, whole) in maps.iter().zip(whole) {
        assert_eq!(map.dim(), whole.dim());
        for (band, whole) in map.iter().zip(&whole) {
            assert_eq!(band.to_bits(), whole.to_bits());
        }
        assert_eq!(map.iter().filter(|value| value.is_nan()).count(), 20 * 30);
    }
    let [map, spread] = maps;
    assert!(map != spread && spread.iter().all(|spread| spread.is_nan() || *spread > 0.0));
}

#[test]
fn tile_edges_cannot_be_seen() {
    /// Steps at edges beside steps inside.
    const MAX_RATIO: f64 = 1.05;
    // Ten tiles and more each way, so that a wave at one edge does not decide.
    let window = Window::new(vadose_grid::EaseGrid2::M01, 904, 1805, 601, 623).unwrap();
    let tiling = TilingConfig {
        tile_size: 72,
        overlap: 18,
    };
    let retriever = retriever(vec![3, 4], tiling);
    let [map, _] = by_bands(&retriever, &window);
    let tiles = covering_tiles(&window, tiling.tile_size, tiling.overlap).unwrap();
    for axis in [Axis(0), Axis(1)] {
        let n = map.len_of(axis);
        let origin = [window.row0(), window.col0()][axis.index()] as i64;
        // Where a tile begins or ends.
        let is_edge = |position: usize| {
            tiles.iter().any(|tile| {
                let first = [tile.row0, tile.col0][axis.index()] - origin;
                let edge = position as i64;
                edge == first || edge == first + tile.size as i64
            })
        };
        let (mut edges, mut inside) = (Mean::default(), Mean::default());
        for position in 1..n {
            let mut above = map.view();
            above.slice_axis_inplace(axis, Slice::from(position - 1..position));
            let mut below = map.view();
            below.slice_axis_inplace(axis, Slice::from(position..position + 1));
            let steps = above
                .iter()
                .zip(below)
                .map(|(a, b)| f64::from((a - b).abs()));
            let mean = if is_edge(position) {
                &mut edges
            } else {
                &mut inside
            };
            steps
                .filter(|step| step.is_finite())
                .for_each(|step| mean.add(step));
        }
        let ratio = edges.value() / inside.value();
        println!("{axis:?}: {ratio:.3}");
        assert!(ratio < MAX_RATIO, "{axis:?}: {ratio}");
    }
}

#[derive(Default)]
struct Mean {
    sum: f64,
    n: f64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.n += 1.0;
    }

    fn value(&self) -> f64 {
        assert!(self.n > 0.0);
        self.sum / self.n
    }
}

#[test]
fn each_tile_is_asked_for_once_and_not_far_ahead() {
    let retriever = retriever(vec![3], TILING);
    let tiles = covering_tiles(&window(), TILING.tile_size, TILING.overlap).unwrap();
    let asked = AtomicUsize::new(0);
    let parts = Mutex::new(Vec::new());
    let taken = AtomicUsize::new(0);
    let mut row = 0;
    retriever
        .retrieve_bands(
            &window(),
            |part| {
                let n_asked = asked.fetch_add(1, Ordering::SeqCst) + 1;
                let in_work = n_asked - taken.load(Ordering::SeqCst);
                // One more: the network may have taken a tile that it has not begun to report.
                assert!(in_work <= AHEAD + 1, "{in_work} tiles at once");
                parts.lock().unwrap().push(*part);
                Ok::<_, RetrieveError>(scene_of(part))
            },
            &mut |done, _| taken.store(done, Ordering::SeqCst),
            |band| {
                let band = band.soil_moisture;
                row += band.nrows();
                assert!(band.nrows() <= TILING.tile_size && band.ncols() == window().cols());
                Ok(())
            },
        )
        .unwrap();
    assert_eq!(row, window().rows());
    let mut parts = parts.into_inner().unwrap();
    let mut expected: Vec<Window> = tiles
        .iter()
        .map(|tile| tile.part_of(&window()).unwrap())
        .collect();
    for windows in [&mut parts, &mut expected] {
        windows.sort_by_key(|part| (part.row0(), part.col0()));
    }
    assert_eq!(parts, expected);
}

#[test]
fn an_error_of_a_scene_or_a_band_ends_the_work() {
    let retriever = retriever(vec![3], TILING);
    let lost = || RetrieveError::NoCoarseCell { rows: 0, cols: 0 };
    let n_bands = AtomicUsize::new(0);
    let run = |fail_at_row: usize, fail_at_band: usize| {
        n_bands.store(0, Ordering::SeqCst);
        retriever
            .retrieve_bands(
                &window(),
                |part| match part.row0() < fail_at_row {
                    true => Ok(scene_of(part)),
                    false => Err(lost()),
                },
                &mut |_, _| (),
                |_| match n_bands.fetch_add(1, Ordering::SeqCst) < fail_at_band {
                    true => Ok(()),
                    false => Err(lost()),
                },
            )
            .map(|_| n_bands.load(Ordering::SeqCst))
    };
    assert!(run(usize::MAX, usize::MAX).unwrap() > 2);
    assert!(run(950, usize::MAX).is_err());
    assert!(run(usize::MAX, 1).is_err());
    assert_eq!(
        n_bands.load(Ordering::SeqCst),
        2,
        "the work goes no further"
    );
}

#[test]
fn a_scene_of_another_window_is_refused() {
    let other = Window::new(vadose_grid::EaseGrid2::M01, 0, 0, 9, 9).unwrap();
    let refused = retriever(vec![3], TILING).retrieve_bands(
        &window(),
        |_| Ok(scene_of_zeros(&other)),
        &mut |_, _| (),
        |_| Ok::<(), RetrieveError>(()),
    );
    assert!(matches!(refused, Err(RetrieveError::OtherWindow { got, .. }) if got == other));
}

fn scene_of_zeros(window: &Window) -> Scene {
    Scene::new("zeros", *window)
        .with_field("tb_v", "K", Array2::zeros(window.shape()))
        .unwrap()
}
