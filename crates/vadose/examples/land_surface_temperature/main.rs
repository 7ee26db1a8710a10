//! Another quantity in the same framework: land surface temperature at 1 km.
//! `cargo run --release -p vadose --features twin --example land_surface_temperature -- [EPOCHS]`
//!
//! Against soil moisture three things change: the network's head is linear instead of bounded, the
//! channels are others, and the target is a temperature on a scale of its own. Stations, operators,
//! loss, training and retrieval are the same, so what they call soil moisture holds the target here.
//!
//! The truth is a simulation, `vadose::twin`: the skin temperature of a fictitious landscape at six
//! morning passes of SMAP in June. So the figures show that the machinery carries over; they are no
//! statement of accuracy on the ground. The program fails if the network does not beat the coarse
//! field Z.

mod simulation;

use std::error::Error;
use std::process::ExitCode;

use ndarray::Array2;
use vadose::metrics::{pearson_r, rmse, ubrmse};
use vadose::nn::{Head, NetworkConfig, candle_core::Device};
use vadose::retrieve::{NetworkRetriever, Retriever, TilingConfig};
use vadose::scene::{
    COARSE_FACTOR, ChannelSet, ChannelSpec, InMemoryScenes, Scene, Split, Transform, bilinear_to,
    nearest_to,
};
use vadose::train::{TrainConfig, train};

const SEED: u64 = 6;
const EPOCHS: usize = 60;

// A new network answers 0.3 and learns in steps of thousandths, so the target is a number of order 1.
// P_Ω and D keep constants: the loss in these units is that in kelvin but for a factor.
const REFERENCE_KELVIN: f32 = 285.0;
const UNIT_KELVIN: f32 = 10.0;

fn to_target(kelvin: f32) -> f32 {
    (kelvin - REFERENCE_KELVIN) / UNIT_KELVIN
}

fn to_kelvin(target: f32) -> f32 {
    REFERENCE_KELVIN + UNIT_KELVIN * target
}

const METHODS: [&str; 4] = ["network", "Z, nearest", "Z, bilinear", "station mean"];

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let epochs = std::env::args().nth(1);
    let scores = run(epochs.map_or(Ok(EPOCHS), |text| text.parse())?)?;
    println!("Land surface temperature of a simulation, at the cells without a station:");
    println!("{:<14}  RMSE, K  ubRMSE, K      R", "");
    for (method, [rmse, ubrmse, r]) in METHODS.iter().zip(&scores) {
        println!("{method:<14} {rmse:>8.2} {ubrmse:>10.2} {r:>6.3}");
    }
    let [network, nearest, bilinear, _] = scores.map(|[rmse, ..]| rmse);
    if network >= nearest.min(bilinear) {
        eprintln!("the network does not beat the coarse field");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Simulates, trains, and gives RMSE, ubRMSE (both K) and R of each of [`METHODS`].
fn run(epochs: usize) -> Result<[[f64; 3]; 4], Box<dyn Error>> {
    let scenes = simulation::scenes()?;
    let stations = scenes[0]
        .stations()
        .iter()
        .flat_map(|cell| cell.stations.clone());
    let split = stations.map(|station| (station, Split::Train)).collect();
    let ndvi = ChannelSpec {
        name: "ndvi".into(),
        transform: Transform::None,
        units: "1".into(),
    };
    // As in the preset `paper`, a model's temperature is an input: here that of Z itself.
    let known = [
        "tb_h",
        "tb_v",
        "surface_temperature",
        "elevation",
        "clay_fraction",
        "land_cover",
    ];
    let known = known.into_iter().filter_map(ChannelSpec::known);
    let channels = ChannelSet::new([ndvi].into_iter().chain(known).collect())?;
    let network = NetworkConfig {
        channels: channels.len(),
        head: Head::Linear,
        ..NetworkConfig::default()
    };
    let config = TrainConfig {
        seed: SEED,
        epochs,
        evaluate_every: epochs,
        ..TrainConfig::default()
    };
    let source = InMemoryScenes::from(scenes.clone());
    let model = train(&config, &network, channels, &source, &split, &mut ())?.model;
    let retriever = NetworkRetriever::from_model(&model, TilingConfig::default(), &Device::Cpu)?;
    score(&scenes, &retriever)
}

/// Scores of [`METHODS`] on the land without stations, all mornings together.
fn score(scenes: &[Scene], retriever: &dyn Retriever) -> Result<[[f64; 3]; 4], Box<dyn Error>> {
    let (mut truth, mut estimates) = (Vec::new(), [const { Vec::new() }; 4]);
    for scene in scenes {
        let (window, stations) = (scene.window(), scene.stations());
        let coarse = scene.coarse_target().ok_or("no coarse target")?;
        let sum: f32 = stations.iter().map(|station| station.value_m3m3).sum();
        let maps = [
            retriever.retrieve(scene)?.soil_moisture,
            nearest_to(window, coarse, COARSE_FACTOR),
            bilinear_to(window, coarse, COARSE_FACTOR),
            Array2::from_elem(window.shape(), sum / stations.len() as f32),
        ];
        let mut withheld = scene.land().clone();
        for at in stations
            .iter()
            .filter_map(|station| window.offset_of(station.cell))
        {
            withheld[at] = false;
        }
        let truth_kelvin = scene.field("truth").ok_or("no truth")?;
        for (at, _) in withheld.indexed_iter().filter(|(_, withheld)| **withheld) {
            truth.push(f64::from(truth_kelvin[at]));
            for (estimates, map) in estimates.iter_mut().zip(&maps) {
                estimates.push(f64::from(to_kelvin(map[at])));
            }
        }
    }
    let mut scores = [[0.0; 3]; 4];
    for (score, estimates) in scores.iter_mut().zip(&estimates) {
        *score = [
            rmse(estimates, &truth)?,
            ubrmse(estimates, &truth)?,
            pearson_r(estimates, &truth)?,
        ];
    }
    Ok(scores)
}

#[test]
fn a_short_training_beats_the_mean_of_the_stations() {
    let [network, .., mean] = run(8).unwrap().map(|[rmse, ..]| rmse);
    assert!(network < mean, "{network} {mean}");
}
