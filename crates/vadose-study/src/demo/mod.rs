//! The demonstration: the whole chain on one real granule.
//!
//! No station of an in-situ network lies in the bundled granule. So the demonstration draws
//! *pseudo-stations* from the granule's own soil moisture, with noise, trains on some of them, and scores the
//! network on the cells it has not seen. That shows that the machinery works. It is no statement of accuracy
//! against the ground: the target was computed by NASA from one of the inputs, and the coarse target contains
//! the withheld cells.

mod baselines;
mod experiment;
mod figures;
mod summary;

use std::path::PathBuf;

use candle_core::Device;
use serde::{Deserialize, Serialize};
use vadose_io::{Provenance, Resolution, SoilMoistureMaps, spl2smap_s};
use vadose_nn::NetworkConfig;
use vadose_retrieve::{NetworkRetriever, Retriever, TilingConfig};
use vadose_scene::{ChannelSet, InMemoryScenes};
use vadose_train::{Augmentation, LossConfig, StepRecord, TrainConfig, TrainObserver, Trainer};

pub use experiment::Experiment;
pub use summary::{DemoSummary, MethodSkills};

use crate::{PhaseClock, StudyError, StudyObserver, peak_memory_bytes};

/// What every output of the demonstration says.
pub const DISCLAIMER: &str = "Demonstration on pseudo-stations drawn from the granule's own soil moisture. It shows the machinery and is no statement of accuracy against the ground: the target was computed by NASA from one of the inputs, and the coarse target contains the withheld cells.";

/// Parameters of the demonstration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DemoConfig {
    /// Seed of pseudo-stations and training.
    pub seed: u64,
    /// Pseudo-stations that train.
    pub n_train: usize,
    /// Pseudo-stations that choose the ridge's penalty and show how training goes.
    pub n_validation: usize,
    /// Standard deviation of the noise of a pseudo-station, m3 m-3.
    pub station_noise: f32,
    /// Share of the 9 km cells from which no pseudo-station is drawn, for the second score.
    pub withheld_coarse_fraction: f64,
    /// The network.
    pub network: NetworkConfig,
    /// The training.
    pub train: TrainConfig,
    /// How the map is cut into tiles.
    pub tiling: TilingConfig,
}

impl Default for DemoConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            n_train: 210,
            n_validation: 90,
            station_noise: 0.02,
            withheld_coarse_fraction: 0.2,
            network: NetworkConfig::default(),
            train: TrainConfig {
                epochs: 240, // two tiles: 480 steps
                augmentation: Augmentation::FlipsAndRotations,
                loss: LossConfig {
                    alpha: 0.01,
                    ..LossConfig::default()
                },
                evaluate_every: 10,
                ..TrainConfig::default()
            },
            tiling: TilingConfig::default(),
        }
    }
}

/// Runs the demonstration and writes maps, figures, model, configuration and summary to `output`.
///
/// # Errors
/// [`StudyError`] of the stage that failed.
pub fn run(
    config: &DemoConfig,
    granule: &std::path::Path,
    output: &std::path::Path,
    observer: &mut dyn StudyObserver,
) -> Result<DemoSummary, StudyError> {
    let file = |name: &str| -> PathBuf { output.join(name) };
    let mut clock = PhaseClock::new(observer);

    clock.begin("read granule", 0);
    std::fs::create_dir_all(output).map_err(|source| StudyError::Write {
        path: output.to_owned(),
        source,
    })?;
    let product = spl2smap_s::read(granule, Resolution::Km1)?;
    let experiment = Experiment::new(&product, granule, config)?;
    let config_toml = toml::to_string_pretty(config).expect("plain data serialise");
    let provenance =
        Provenance::collect(&config_toml, Some(config.seed), &[granule])?.with_comment(DISCLAIMER);

    let scenes = InMemoryScenes::from(vec![experiment.scene().clone()]);
    let channels = ChannelSet::preset("spl2smap_s")?;
    let train_config = TrainConfig {
        seed: config.seed,
        ..config.train.clone()
    };
    let trainer = Trainer::new(
        &train_config,
        &config.network,
        channels,
        &scenes,
        experiment.split(),
    )?;
    clock.begin("train", trainer.planned_steps());
    let mut outcome = trainer.run(&mut Steps(&mut clock))?;
    outcome.model.metadata.extend(provenance.metadata());
    outcome.model.save(file("model.safetensors"))?;

    clock.begin("predict", 0);
    let retriever = NetworkRetriever::from_model(&outcome.model, config.tiling, &Device::Cpu)?;
    let retrieval = retriever.retrieve_with_progress(experiment.scene(), &mut |_, _| ())?;

    clock.begin("baselines", 0);
    let ridge = baselines::ridge_map(&experiment, retriever.encoder())?;
    let skills = MethodSkills::all(&experiment, &retrieval.soil_moisture, &ridge)?;

    clock.begin("write maps", 0);
    SoilMoistureMaps {
        title: "Surface soil moisture, demonstration on pseudo-stations".to_owned(),
        method: retrieval.method.clone(),
        window: retrieval.window,
        time: retrieval.time,
        soil_moisture: retrieval.soil_moisture.view(),
        uncertainty: None,
        spread: retrieval.spread.as_ref().map(|spread| spread.view()),
        status: None,
        coarse: &retrieval.coarse,
        provenance: &provenance,
    }
    .write(output)?;

    clock.begin("draw figures", 0);
    figures::learning_curve(
        &file("learning_curve.png"),
        &outcome.history,
        &skills.withheld_cells.coarse_nearest,
    )?;
    figures::maps(&file("maps.png"), &experiment, &retrieval)?;
    figures::scatter(&file("scatter.png"), &experiment, &retrieval)?;

    let phases = clock.finish();
    let summary = DemoSummary {
        note: DISCLAIMER.to_owned(),
        granule: experiment.granule_name().to_owned(),
        cells: experiment.counts(),
        steps: outcome.history.last().map_or(0, |epoch| epoch.step),
        skill: skills,
        phases,
        peak_memory_bytes: peak_memory_bytes(),
        provenance,
    };
    write_text(&file("config.toml"), &config_toml)?;
    write_text(
        &file("summary.json"),
        &serde_json::to_string_pretty(&summary).expect("plain data serialise"),
    )?;
    Ok(summary)
}

/// Hands the trainer's steps to the observer of the study.
struct Steps<'a, 'b>(&'a mut PhaseClock<'b>);

impl TrainObserver for Steps<'_, '_> {
    fn on_step(&mut self, step: &StepRecord) {
        self.0
            .progress(step.step, &format!("loss {:.4}", step.loss.total));
    }
}

fn write_text(path: &std::path::Path, text: &str) -> Result<(), StudyError> {
    vadose_io::write_atomically(path, |temporary| {
        std::fs::write(temporary, text).map_err(|source| StudyError::Write {
            path: temporary.to_owned(),
            source,
        })
    })
}
