//! Tests of the training loop on a small synthetic scene.

use super::*;
use crate::test_scene::{SIZE, channels, config, network, scene, source, split, station, truth};
use crate::{
    AdamWConfig, Augmentation, EarlyStopping, GradientClip, LossConfig, Orientation, PreparedTile,
};
use ndarray::Array2;
use vadose_nn::Head;
use vadose_ops::CoarseConfig;
use vadose_scene::{ChannelSpec, InMemoryScenes, Sample, Scene, StationCell, Tile};

fn run(config: &TrainConfig) -> Outcome {
    train(config, &network(), channels(), &source(), &split(), &mut ()).unwrap()
}

/// All weights as bits, in the order of their names.
fn bits(model: &ModelFile) -> Vec<u32> {
    model
        .weights
        .values()
        .flat_map(|tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap())
        .map(f32::to_bits)
        .collect()
}

#[test]
fn training_learns_a_law_that_one_channel_tells() {
    let outcome = run(&config(150));
    let (first, last) = (&outcome.history[0], &outcome.history[149]);
    let rmse = |epoch: &EpochRecord| epoch.validation.unwrap().rmse;
    assert!(
        rmse(last) < 0.4 * rmse(first),
        "validation RMSE {} after {}",
        rmse(last),
        rmse(first)
    );
    assert!(rmse(last) < 0.03);
}

#[test]
fn weights_are_bit_identical_for_one_and_two_threads() {
    let with_threads = |n| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n)
            .build()
            .unwrap();
        pool.install(|| bits(&run(&config(3)).model))
    };
    assert_eq!(with_threads(1), with_threads(2));
}

#[test]
fn another_seed_gives_other_weights() {
    let other = TrainConfig {
        seed: 12,
        ..config(1)
    };
    assert_ne!(bits(&run(&config(1)).model), bits(&run(&other).model));
}

#[test]
fn a_resumed_run_equals_an_undisturbed_one() {
    struct StopAfter(usize);
    impl TrainObserver for StopAfter {
        fn on_epoch(&mut self, epoch: &EpochRecord) {
            assert!(epoch.epoch <= self.0, "killed");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let config = TrainConfig {
        checkpoint_every: 2,
        ..config(6)
    };
    let (source, split) = (source(), split());
    let trainer = || {
        Trainer::new(&config, &network(), channels(), &source, &split)
            .unwrap()
            .with_checkpoint(&path)
            .unwrap()
    };
    // The process dies in epoch 5, after the checkpoint of epoch 4.
    let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        trainer().run(&mut StopAfter(4))
    }));
    assert!(killed.is_err());
    let resumed = trainer();
    assert_eq!(resumed.epochs_done(), 4);
    let resumed = resumed.run(&mut ()).unwrap();
    let undisturbed = run(&config);
    assert_eq!(bits(&resumed.model), bits(&undisturbed.model));
    assert_eq!(resumed.history, undisturbed.history);
}

#[test]
fn a_checkpoint_of_another_configuration_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let (source, split) = (source(), split());
    let trainer = |config: &TrainConfig| {
        Trainer::new(config, &network(), channels(), &source, &split)
            .unwrap()
            .with_checkpoint(&path)
    };
    trainer(&config(1)).unwrap().run(&mut ()).unwrap();
    let other = TrainConfig {
        loss: LossConfig {
            alpha: 0.5,
            ..LossConfig::default()
        },
        ..config(1)
    };
    assert!(matches!(
        trainer(&other),
        Err(TrainError::ForeignCheckpoint { .. })
    ));
}

#[test]
fn early_stopping_ends_the_run_and_keeps_the_best_weights() {
    // A learning rate that changes no weight: the first epoch stays the best one.
    let optimizer = AdamWConfig {
        learning_rate: 1e-30,
        ..AdamWConfig::default()
    };
    let early_stopping = Some(EarlyStopping { patience_epochs: 3 });
    let config = TrainConfig {
        early_stopping,
        optimizer,
        ..config(50)
    };
    let outcome = run(&config);
    assert_eq!(outcome.stop_reason, StopReason::EarlyStopping);
    assert_eq!((outcome.best_epoch, outcome.history.len()), (Some(1), 4));
    let one_epoch = TrainConfig {
        epochs: 1,
        ..config
    };
    assert_eq!(bits(&outcome.model), bits(&run(&one_epoch).model));
}

#[test]
fn early_stopping_without_validation_stations_is_refused() {
    let all_train: StationSplit = split()
        .iter()
        .map(|(name, _)| (name.to_owned(), Split::Train))
        .collect();
    let config = TrainConfig {
        early_stopping: Some(EarlyStopping::default()),
        ..config(2)
    };
    let result = train(
        &config,
        &network(),
        channels(),
        &source(),
        &all_train,
        &mut (),
    );
    assert!(matches!(
        result,
        Err(TrainError::TooFewValidationStations { found: 0 })
    ));
}

#[test]
fn a_checkpoint_of_other_station_values_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let (config, split) = (config(1), split());
    let resume = |source: &vadose_scene::InMemoryScenes| {
        let trainer = Trainer::new(&config, &network(), channels(), source, &split).unwrap();
        trainer
            .with_checkpoint(&path)
            .map(|trainer| trainer.run(&mut ()).unwrap())
    };
    resume(&source()).unwrap();
    let mut stations = crate::test_scene::scene().stations().to_vec();
    stations[7].value_m3m3 += 0.01;
    let other = crate::test_scene::scene().with_stations(stations).unwrap();
    let other = vadose_scene::InMemoryScenes::from(vec![other]);
    assert!(matches!(
        resume(&other),
        Err(TrainError::ForeignCheckpoint { .. })
    ));
}

#[test]
fn test_stations_change_nothing() {
    let without_test: StationSplit = split()
        .iter()
        .filter(|(_, split)| *split != Split::Test)
        .map(|(name, s)| (name.to_owned(), s))
        .collect();
    let outcome = train(
        &config(2),
        &network(),
        channels(),
        &source(),
        &without_test,
        &mut (),
    )
    .unwrap();
    assert_eq!(bits(&outcome.model), bits(&run(&config(2)).model));
}

#[test]
fn a_source_without_stations_and_target_is_refused() {
    let empty = vadose_scene::InMemoryScenes::from(Vec::new());
    let result = train(
        &config(1),
        &network(),
        channels(),
        &empty,
        &split(),
        &mut (),
    );
    assert!(matches!(
        result,
        Err(TrainError::NothingToTrainOn { scenes: 0, .. })
    ));
}

#[test]
fn a_network_of_another_channel_count_is_refused() {
    let network = NetworkConfig {
        channels: 13,
        ..network()
    };
    let result = train(
        &config(1),
        &network,
        channels(),
        &source(),
        &split(),
        &mut (),
    );
    assert!(matches!(
        result,
        Err(TrainError::Config {
            key: "network.channels",
            ..
        })
    ));
}

#[test]
fn a_network_with_a_first_guess_starts_from_it() {
    // Biased and on no station's mind: half the deviation of the truth from 0.25, and 0.03 above it.
    let guess = Array2::from_shape_fn((SIZE, SIZE), |(r, c)| 0.155 + 0.5 * truth(r, c));
    let scene = scene().with_field("guess", "m3 m-3", guess).unwrap();
    let source = vadose_scene::InMemoryScenes::from(vec![scene]);
    let spec = ChannelSpec {
        name: "guess".to_owned(),
        transform: Transform::None,
        units: "m3 m-3".to_owned(),
    };
    let with_guess = channels().iter().cloned().chain([spec]).collect();
    let with_guess = ChannelSet::new(with_guess).unwrap();
    let network = NetworkConfig {
        channels: 3,
        ..network()
    };
    let run = |first_guess: Option<&str>| {
        let config = TrainConfig {
            first_guess: first_guess.map(str::to_owned),
            ..config(1)
        };
        train(
            &config,
            &network,
            with_guess.clone(),
            &source,
            &split(),
            &mut (),
        )
    };
    let rmse = |outcome: &Outcome| outcome.history[0].validation.unwrap().rmse;
    let (from_guess, from_nothing) = (run(Some("guess")).unwrap(), run(None).unwrap());
    assert!(rmse(&from_guess) < 0.6 * rmse(&from_nothing));
    assert_eq!(from_guess.model.config.first_guess.unwrap().channel, 2);
    // A model file takes its guess along.
    let json = serde_json::to_string(&from_guess.model.config).unwrap();
    assert_eq!(
        serde_json::from_str::<NetworkConfig>(&json).unwrap(),
        from_guess.model.config
    );
    let refused = run(Some("ges"));
    assert!(
        matches!(&refused, Err(TrainError::Config { key: "train.first_guess", value, .. }) if value == "ges"),
        "{refused:?}"
    );
}

#[test]
fn a_diverging_run_says_so() {
    let network = NetworkConfig {
        head: Head::Linear,
        ..network()
    };
    let config = TrainConfig {
        augmentation: Augmentation::None,
        gradient_clip: GradientClip::Off,
        optimizer: AdamWConfig {
            learning_rate: 1e30,
            ..AdamWConfig::default()
        },
        ..config(3)
    };
    let result = train(&config, &network, channels(), &source(), &split(), &mut ());
    assert!(
        matches!(result, Err(TrainError::NotFinite { step: 2, .. })),
        "{result:?}"
    );
}

#[test]
fn a_resumed_run_of_short_epochs_with_dropout_equals_an_undisturbed_one() {
    let scenes: Vec<_> = (0..5).map(|_| crate::test_scene::scene()).collect();
    let (source, split) = (vadose_scene::InMemoryScenes::from(scenes), split());
    let config = |epochs| TrainConfig {
        tiles_per_epoch: Some(3),
        channel_dropout: 0.3,
        checkpoint_every: 1,
        ..config(epochs)
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let config = config(4);
    let trainer = || {
        Trainer::new(&config, &network(), channels(), &source, &split)
            .unwrap()
            .with_checkpoint(&path)
            .unwrap()
    };
    struct StopAfter(usize);
    impl TrainObserver for StopAfter {
        fn on_epoch(&mut self, epoch: &EpochRecord) {
            assert!(epoch.epoch <= self.0, "killed");
        }
    }
    let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        trainer().run(&mut StopAfter(2))
    }));
    assert!(killed.is_err());
    assert_eq!(
        (trainer().epochs_done(), trainer().planned_steps()),
        (2, 12)
    );
    let resumed = trainer().run(&mut ()).unwrap();
    let undisturbed = train(&config, &network(), channels(), &source, &split, &mut ()).unwrap();
    assert_eq!(bits(&resumed.model), bits(&undisturbed.model));
    assert_eq!(resumed.history.last().unwrap().step, 12);
}

#[test]
fn channel_dropout_changes_the_weights_and_not_the_evaluation() {
    let dropout = TrainConfig {
        channel_dropout: 0.5,
        ..config(1)
    };
    assert_ne!(bits(&run(&config(1)).model), bits(&run(&dropout).model));
    // Weights that no step changes: the evaluation alone is compared.
    let frozen = |channel_dropout| TrainConfig {
        channel_dropout,
        optimizer: AdamWConfig {
            learning_rate: 1e-30,
            ..AdamWConfig::default()
        },
        ..config(1)
    };
    let validation = |config| run(&config).history[0].validation;
    assert_eq!(validation(frozen(0.0)), validation(frozen(0.5)));
}

#[test]
fn a_tile_that_no_term_reaches_is_evaluated_and_not_trained_on() {
    let whole = crate::test_scene::scene();
    let without_target = crate::test_scene::scene_without_target();
    let source = vadose_scene::InMemoryScenes::from(vec![whole, without_target]);
    let n_tiles = |station_weight, alpha, split: &StationSplit| {
        let loss = LossConfig {
            station_weight,
            alpha,
            ..LossConfig::default()
        };
        let tiles = TrainingTiles::plan(&source, split, channels(), 36, 9, &loss).unwrap();
        (tiles.tiles().len(), tiles.evaluated().len())
    };
    assert_eq!(n_tiles(1.0, 1e-3, &split()), (2, 2));
    assert_eq!(n_tiles(0.0, 1e-3, &split()), (1, 2));
    let nobody_trains: StationSplit = split()
        .iter()
        .map(|(name, _)| (name.to_owned(), Split::Validation))
        .collect();
    assert_eq!(n_tiles(1.0, 1e-3, &nobody_trains), (1, 2));
}

#[test]
fn the_spread_is_larger_where_stations_are_noisier() {
    /// Spread of the noisy half over that of the quiet one; the noises are as 5 to 1.
    const MIN_RATIO: f32 = 2.0;
    const NOISE_M3M3: [f32; 2] = [0.02, 0.1];
    let is_noisy = |col: usize| usize::from(col >= SIZE / 2);
    let window = *scene().window();
    let tb = Array2::from_shape_fn(window.shape(), |(r, c)| 290.0 - 150.0 * truth(r, c));
    let half = Array2::from_shape_fn(window.shape(), |(_, c)| is_noisy(c) as f32);
    let noisy_station = |i: usize| {
        let station = station(i);
        let noise = NOISE_M3M3[is_noisy(station.cell.col - window.col0())];
        // Signs without an order that the channels could tell.
        let sign = [1.0, -1.0, -1.0, 1.0, -1.0, 1.0, 1.0][i % 7] * [1.0, -1.0][i % 5 % 2];
        StationCell {
            value_m3m3: station.value_m3m3 + sign * noise,
            ..station
        }
    };
    let scene = Scene::new("two halves", window)
        .with_field("tb_v", "K", tb)
        .and_then(|scene| scene.with_field("other", "1", half))
        .and_then(|scene| scene.with_stations((0..80).map(noisy_station).collect()))
        .unwrap();
    let network = NetworkConfig {
        spread_head: true,
        ..network()
    };
    let source = InMemoryScenes::from(vec![scene.clone()]);
    let split = split();
    let outcome = train(&config(150), &network, channels(), &source, &split, &mut ()).unwrap();
    let (first, last) = (&outcome.history[0].loss, &outcome.history[149].loss);
    assert!(
        last.spread < 0.5 * first.spread,
        "spread term {} after {}",
        last.spread,
        first.spread
    );

    let encoder = ChannelEncoder::from_json(&outcome.model.metadata[CHANNELS_METADATA_KEY]);
    let tile = Tile {
        row0: window.row0() as i64,
        col0: window.col0() as i64,
        size: SIZE,
    };
    let sample = Sample::cut(&scene, tile, &encoder.unwrap()).unwrap();
    let tile = PreparedTile::new(0, sample, &split, &CoarseConfig::default()).unwrap();
    let trained = outcome.model.network(&Device::Cpu).unwrap();
    let prediction = predict(&trained, &[tile], &[Orientation::IDENTITY]).unwrap();
    let spread = prediction.spread.unwrap().get(0).unwrap();
    let half = SIZE / 2;
    let mean = |first_col| {
        let cells = spread.narrow(1, first_col, half).unwrap();
        cells.mean_all().unwrap().to_scalar::<f32>().unwrap()
    };
    let (quiet, noisy) = (mean(0), mean(half));
    assert!(
        noisy > MIN_RATIO * quiet,
        "{noisy} of the noisy half, {quiet} of the quiet one"
    );
}
