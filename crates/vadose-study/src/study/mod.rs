//! The study of a cube: which loss, which inputs and how many stations make a network that is worth having.
//!
//! ```text
//! cube ──► split.csv, leaks.json
//!      ──► trainings/NAME-alpha-ALPHA-seed-SEED   for each kind of training, alpha and seed
//!             │  alpha chosen at validation stations
//!             ▼
//!          trainings.csv, study.json ──► evaluation/   every network beside products and regressions
//! ```
//!
//! Every stage is taken up where it was left: a network that was trained with the same configuration on the same
//! cube is not trained again, nor is what was evaluated evaluated again. Test stations are read in the last stage
//! alone. Two controls belong to a study on a simulation: a coarse target of other days must not help
//! ([`CoarseChoice::Shuffled`]), and one that is `D` of the truth must ([`CoarseChoice::Truth`]).

mod config;
mod stations;
mod targets;
mod training;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vadose_cube::{Cube, CubeScenes, StationScenes};
use vadose_io::{Provenance, sha256_file, write_split_csv};
use vadose_scene::{
    COARSE_FACTOR, ChannelSet, ChannelSpec, CoarseTarget, LeakConfig, LeakReport, SceneSource,
    SplitConfig, StationSite, StationSplit, leak_report,
};

pub use config::{Alpha, CoarseChoice, StudyConfig, TrainingConfig};
pub use training::NetworkRecord;

use crate::evaluation::{CubeEvaluation, ModelGroup};
use crate::files::{write_bytes, write_error, write_json, write_table};
use crate::{PhaseClock, PhaseTime, StudyError, StudyObserver};
use stations::with_share;
use targets::{HeldScenes, OtherTargets, shuffled_targets, true_targets};
use training::{NetworkRun, TrainingData};

/// What a study on a simulation says of itself.
const SIMULATED: &str = "The cube is of a simulation; no figure is of any real place.";

/// What a study did: `study.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StudyRecord {
    /// Every network, in the order of training.
    pub networks: Vec<NetworkRecord>,
    /// The alpha of each kind of training.
    pub alphas: BTreeMap<String, f64>,
    /// The networks and ensembles that were evaluated.
    pub models: Vec<ModelGroup>,
    /// What this run of the study took, seconds; of what it found done, the time is in `networks`.
    pub phases: Vec<PhaseTime>,
    /// Configuration, version, inputs.
    pub provenance: Provenance,
}

/// A line of `trainings.csv`: what was tried, and what validation said of it.
#[derive(Serialize)]
struct TrainingLine<'a> {
    training: &'a str,
    alpha: f64,
    station_weight: f64,
    seed: u64,
    channels: &'a str,
    coarse: CoarseChoice,
    station_share: f64,
    train_stations: usize,
    tiles: usize,
    steps: u64,
    train_rmse: Option<f64>,
    validation_rmse: Option<f64>,
    validation_ubrmse: Option<f64>,
    is_chosen: bool,
    seconds: f64,
}

/// Trains, chooses and evaluates what the configuration names, and writes it to its folder `output`.
///
/// # Errors
/// Those of [`StudyConfig::check`] before any work; [`StudyError::NothingToChooseBy`] where an alpha is to be
/// chosen without validation stations; [`StudyError`] of the stage that failed. What was done stays.
pub fn run(
    config: &StudyConfig,
    observer: &mut dyn StudyObserver,
) -> Result<StudyRecord, StudyError> {
    config.check()?;
    let mut clock = PhaseClock::new(observer);
    clock.begin("open cube", 0);
    let study = Study::open(config)?;
    let (networks, alphas, models) = study.train(&mut clock)?;
    let table = networks.iter().map(|network| line(network, &alphas));
    write_table(&config.output.join("trainings.csv"), table)?;
    study.evaluate(&models, &mut clock)?;
    let record = StudyRecord {
        networks,
        alphas,
        models,
        phases: clock.finish(),
        provenance: study.provenance(&[])?,
    };
    write_json(&config.output.join("study.json"), &record)?;
    Ok(record)
}

fn line<'a>(network: &'a NetworkRecord, alphas: &BTreeMap<String, f64>) -> TrainingLine<'a> {
    let last = network.last_epoch.as_ref();
    let validation = last.and_then(|epoch| epoch.validation);
    TrainingLine {
        training: &network.training,
        alpha: network.alpha,
        station_weight: network.station_weight,
        seed: network.seed,
        channels: &network.channels,
        coarse: network.coarse,
        station_share: network.station_share,
        train_stations: network.split.train,
        tiles: network.tiles,
        steps: network.steps,
        train_rmse: last.and_then(|epoch| epoch.train).map(|skill| skill.rmse),
        validation_rmse: validation.map(|skill| skill.rmse),
        validation_ubrmse: validation.map(|skill| skill.ubrmse),
        is_chosen: alphas.get(&network.training) == Some(&network.alpha),
        seconds: network.seconds,
    }
}

/// An opened study.
struct Study<'a> {
    config: &'a StudyConfig,
    scenes: HeldScenes<CubeScenes>,
    sites: Vec<StationSite>,
    split: StationSplit,
    leaks: LeakReport,
    n_days: usize,
    cube_sha256: String,
}

/// Coarse targets in place of the cube's, each made once.
#[derive(Default)]
struct Targets {
    shuffled: Option<Vec<CoarseTarget>>,
    truth: Option<Vec<CoarseTarget>>,
}

/// Networks, the alpha of each kind of training, and what is to be evaluated.
type Trained = (Vec<NetworkRecord>, BTreeMap<String, f64>, Vec<ModelGroup>);

impl<'a> Study<'a> {
    /// Opens the cube and splits its stations.
    fn open(config: &'a StudyConfig) -> Result<Self, StudyError> {
        let output = &config.output;
        fs::create_dir_all(output).map_err(|source| write_error(output, source))?;
        let cube = Arc::new(Cube::open(&config.cube)?);
        let record = cube.record()?;
        let made_of = (&record.provenance.inputs, &record.window, &record.coverage);
        let made_of = serde_json::to_vec(&made_of).expect("plain data serialise");
        let sites: Vec<StationSite> = cube.sites().cloned().collect();
        let split = SplitConfig {
            seed: config.seed,
            ..config.split.clone()
        };
        let split = split.build(&sites)?;
        let leak_config = LeakConfig {
            tile_size: config.train.tile_size,
            min_overlap: config.train.tile_overlap,
            ..LeakConfig::default()
        };
        let stations = StationScenes::new(Arc::clone(&cube));
        let leaks = leak_report(&sites, &stations, &split, &leak_config)?;
        write_split_csv(output.join("split.csv"), &split)?;
        write_json(&output.join("leaks.json"), &leaks)?;

        let days: Vec<usize> = (0..cube.days().len()).step_by(config.every_day).collect();
        // Whole 9 km cells, so that one tile holds a scene.
        let size = config.train.tile_size / COARSE_FACTOR * COARSE_FACTOR;
        let scenes = CubeScenes::new(cube, size, 0, &days)?.with_channels(&all_channels(config)?);
        Ok(Self {
            config,
            scenes: HeldScenes::new(scenes, config.tile_days_in_memory),
            sites,
            split,
            leaks,
            n_days: days.len(),
            cube_sha256: hex(&Sha256::digest(made_of)),
        })
    }

    /// Trains every network that is not there yet.
    fn train(&self, clock: &mut PhaseClock<'_>) -> Result<Trained, StudyError> {
        let mut targets = Targets::default();
        let (mut networks, mut alphas, mut models) =
            (Vec::new(), BTreeMap::<String, f64>::new(), Vec::new());
        for training in &self.config.trainings {
            let first_seed = training.seeds[0];
            let (alpha, tried) = match &training.alpha {
                Alpha::Fixed(alpha) => (*alpha, Vec::new()),
                Alpha::Of(other) => (alphas[other], Vec::new()),
                Alpha::Chosen(candidates) => {
                    let mut tried = Vec::new();
                    for &alpha in candidates {
                        tried.push(self.network(
                            training,
                            alpha,
                            first_seed,
                            &mut targets,
                            clock,
                        )?);
                    }
                    (chosen(training, &tried)?, tried)
                }
            };
            let file = |alpha, seed| {
                let run = NetworkRun::new(self.config, training, alpha, seed, &self.cube_sha256)?;
                Ok::<_, StudyError>(run.model(&self.trainings()))
            };
            let not_chosen = tried.iter().filter(|network| network.alpha != alpha);
            let not_chosen = not_chosen.map(|network| {
                Ok::<_, StudyError>(ModelGroup {
                    name: format!("{}_alpha_{:e}", training.name, network.alpha)
                        .replace('-', "m")
                        .replace('.', "p"),
                    files: vec![file(network.alpha, first_seed)?],
                })
            });
            let not_chosen = not_chosen.collect::<Result<Vec<_>, _>>()?;
            let was_tried = !tried.is_empty();
            networks.extend(tried);
            for (position, &seed) in training.seeds.iter().enumerate() {
                if position > 0 || !was_tried {
                    networks.push(self.network(training, alpha, seed, &mut targets, clock)?);
                }
            }
            let files = training.seeds.iter().map(|&seed| file(alpha, seed));
            let files = files.collect::<Result<Vec<_>, _>>()?;
            models.push(ModelGroup {
                name: training.name.clone(),
                files: files[..1].to_vec(),
            });
            if files.len() > 1 {
                models.push(ModelGroup {
                    name: format!("{}_ensemble", training.name),
                    files,
                });
            }
            models.extend(not_chosen);
            alphas.insert(training.name.clone(), alpha);
        }
        Ok((networks, alphas, models))
    }

    /// Trains one network, or finds it done.
    fn network(
        &self,
        training: &TrainingConfig,
        alpha: f64,
        seed: u64,
        targets: &mut Targets,
        clock: &mut PhaseClock<'_>,
    ) -> Result<NetworkRecord, StudyError> {
        let run = NetworkRun::new(self.config, training, alpha, seed, &self.cube_sha256)?;
        if let Some(found) = run.found(&self.trainings())? {
            return Ok(found);
        }
        let split = with_share(
            &self.split,
            &self.sites,
            training.station_share,
            self.config.seed,
        );
        let other_targets = self.targets(training.coarse, targets, clock)?;
        let other;
        let scenes: &dyn SceneSource = match other_targets {
            Some(targets) => {
                other = OtherTargets {
                    scenes: &self.scenes,
                    targets,
                };
                &other
            }
            None => &self.scenes,
        };
        let data = TrainingData {
            scenes,
            split: &split,
            leaks: self.leaks.counts,
            inputs: &self.inputs(),
            days: self.n_days,
        };
        run.run(&self.trainings(), &data, clock)
    }

    /// The coarse targets of a control; `None` for the cube's own.
    fn targets<'t>(
        &self,
        choice: CoarseChoice,
        targets: &'t mut Targets,
        clock: &mut PhaseClock<'_>,
    ) -> Result<Option<&'t [CoarseTarget]>, StudyError> {
        let (slot, made) = match choice {
            CoarseChoice::Analysis => return Ok(None),
            CoarseChoice::Shuffled => (&mut targets.shuffled, "shuffle coarse targets"),
            CoarseChoice::Truth => (&mut targets.truth, "average the true field"),
        };
        if slot.is_none() {
            clock.begin(made, 0);
            *slot = Some(match (choice, &self.config.truth) {
                (CoarseChoice::Truth, Some(archive)) => true_targets(&self.scenes, archive)?,
                _ => shuffled_targets(&self.scenes, self.config.seed)?,
            });
        }
        Ok(slot.as_deref())
    }

    /// Evaluates, unless the same models were evaluated in the same way.
    fn evaluate(
        &self,
        models: &[ModelGroup],
        clock: &mut PhaseClock<'_>,
    ) -> Result<(), StudyError> {
        let config = self.config;
        let folder = config.output.join("evaluation");
        let key = self.evaluation_key(models)?;
        let key_file = folder.join("key.txt");
        if fs::read_to_string(&key_file).is_ok_and(|before| before == key) {
            return Ok(());
        }
        let evaluation = CubeEvaluation {
            cube: config.cube.clone(),
            split: self.split.clone(),
            truth: config.truth.clone(),
            models: models.to_vec(),
            every_day: config.evaluate_every_day,
            baselines: Some(config.baselines.clone()),
            evaluation: config.evaluation.clone(),
            scale: Some(config.scale.clone()),
            truth_cells_per_window: config.truth_cells_per_window,
            map_day: None,
            seed: config.seed,
        };
        let files: Vec<PathBuf> = models
            .iter()
            .flat_map(|group| group.files.clone())
            .collect();
        clock.begin("evaluate", 0);
        evaluation.run(&folder, &self.provenance(&files)?, clock.observer())?;
        write_bytes(&key_file, key.as_bytes())
    }

    /// What decides the figures of an evaluation.
    fn evaluation_key(&self, models: &[ModelGroup]) -> Result<String, StudyError> {
        let config = self.config;
        let how = (
            &config.evaluation,
            &config.baselines,
            &config.scale,
            (
                config.truth_cells_per_window,
                config.evaluate_every_day,
                config.seed,
            ),
            &self.split,
            &config.truth,
        );
        let mut key = format!(
            "program {}\ncube {}\nconfiguration {}\n",
            env!("CARGO_PKG_VERSION"),
            self.cube_sha256,
            hex(&Sha256::digest(
                serde_json::to_vec(&how).expect("plain data serialise")
            ))
        );
        for ModelGroup { name, files } in models {
            for file in files {
                key += &format!("{name} {}\n", sha256_file(file)?);
            }
        }
        Ok(key)
    }

    fn trainings(&self) -> PathBuf {
        self.config.output.join("trainings")
    }

    /// Files that every stage depends on.
    fn inputs(&self) -> Vec<PathBuf> {
        let simulation = self.config.truth.iter();
        let simulation = simulation.map(|archive| archive.join("simulation.json"));
        let cube = self.config.cube.join("build.json");
        [cube].into_iter().chain(simulation).collect()
    }

    fn provenance(&self, models: &[PathBuf]) -> Result<Provenance, StudyError> {
        let configuration = toml::to_string_pretty(self.config).expect("plain data serialise");
        let inputs = [&self.inputs(), models].concat();
        let provenance = Provenance::collect(&configuration, Some(self.config.seed), &inputs)?;
        Ok(match self.config.truth {
            Some(_) => provenance.with_comment(SIMULATED),
            None => provenance,
        })
    }
}

/// The alpha with the least error at validation stations.
fn chosen(training: &TrainingConfig, tried: &[NetworkRecord]) -> Result<f64, StudyError> {
    let judged = tried
        .iter()
        .filter_map(|network| Some((network.alpha, network.validation_rmse()?)));
    judged
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(alpha, _)| alpha)
        .ok_or_else(|| StudyError::NothingToChooseBy {
            training: training.name.clone(),
        })
}

/// The channels of all trainings.
fn all_channels(config: &StudyConfig) -> Result<ChannelSet, StudyError> {
    let mut all: Vec<ChannelSpec> = Vec::new();
    for training in &config.trainings {
        for channel in &ChannelSet::preset(&training.channels)? {
            if !all.contains(channel) {
                all.push(channel.clone());
            }
        }
    }
    Ok(ChannelSet::new(all)?)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
