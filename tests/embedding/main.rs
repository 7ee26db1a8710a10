//! Trains on a scene that exists only in memory, and predicts it: the least that an embedding needs.

use ndarray::Array2;
use vadose::grid::{EaseGrid2, Window};
use vadose::nn::{NetworkConfig, candle_core::Device};
use vadose::retrieve::{NetworkRetriever, Retriever, TilingConfig};
use vadose::scene::{ChannelSet, InMemoryScenes, Scene, Split, StationSplit, pseudo_stations};
use vadose::train::{TrainConfig, train};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A valley of 72 by 72 cells: wet in the middle, and brightness temperature falls as it gets wetter.
    let window = Window::new(EaseGrid2::M01, 1971, 7614, 72, 72)?;
    let truth = Array2::from_shape_fn(window.shape(), |(_, col)| {
        0.25 + 0.15 * ((col as f32 - 36.0) / 12.0).cos()
    });
    let everywhere = Array2::from_elem(window.shape(), true);
    let stations = pseudo_stations(truth.view(), &everywhere, &window, 60, 0.01, 1)?;
    let split: StationSplit = stations
        .iter()
        .flat_map(|cell| cell.stations.iter().cloned())
        .enumerate()
        .map(|(idx, station)| (station, if idx < 50 { Split::Train } else { Split::Validation }))
        .collect();
    let scene = Scene::new("valley", window)
        .with_field("tb_v", "K", truth.mapv(|wetness| 290.0 - 180.0 * wetness))?
        .with_stations(stations)?;

    let source = InMemoryScenes::from(vec![scene.clone()]);
    let config = TrainConfig { epochs: 20, tile_size: 80, tile_overlap: 16, ..TrainConfig::default() };
    let channels = ChannelSet::preset("paper")?; // channels that the scene lacks are constant
    let outcome = train(&config, &NetworkConfig::default(), channels, &source, &split, &mut ())?;

    let tiling = TilingConfig { tile_size: 80, overlap: 16 };
    let map = NetworkRetriever::from_model(&outcome.model, tiling, &Device::Cpu)?.retrieve(&scene)?;
    println!("mean soil moisture {:.3} m3 m-3", map.soil_moisture.mean().unwrap_or(f32::NAN));
    assert!(map.soil_moisture.iter().all(|value| value.is_finite()));
    Ok(())
}
