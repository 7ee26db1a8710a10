//! The evaluation of a cube: from its scenes, its stations and some models to tables, samples and maps.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candle_core::Device;
use jiff::civil::Date;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};
use vadose_cube::{Cube, CubeScenes};
use vadose_io::Provenance;
use vadose_io::zarr::{MapStore, MapVariable};
use vadose_nn::ModelFile;
use vadose_retrieve::{
    EnsembleRetriever, NetworkRetriever, RetrieveError, Retriever, TilingConfig,
};
use vadose_scene::{COARSE_FACTOR, ChannelSet, Scene, SceneSource, StationSite, StationSplit};

use super::collect::SampleConfig;
use super::method::{Method, RetrieverMethod, standing_methods};
use super::samples::{SampleTable, TRUTH_FIELD};
use super::scale::{ScaleConfig, ScaleReport};
use super::{BaselineConfig, Baselines, Evaluation, EvaluationConfig};
use crate::files::{write_error, write_json};
use crate::{PhaseClock, StudyError, StudyObserver, TrueScenes};

/// Inputs of the regressions.
const CHANNELS: &str = "paper";
/// Table of the samples.
const SAMPLES: &str = "samples.csv";
/// The models, by method.
const MODELS: &str = "runs.json";
/// What took how long.
const PHASES: &str = "phases.json";
/// Maps of one day.
const MAPS: &str = "maps.zarr";

/// Models under one name: one file is a network, several are an ensemble. A spread is calibrated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelGroup {
    /// Name of the method.
    pub name: String,
    /// Model files, as training writes them.
    pub files: Vec<PathBuf>,
}

/// Every method on the stations of a cube, and on the true field of a simulated one.
#[derive(Debug, Clone)]
pub struct CubeEvaluation {
    /// Folder of the cube.
    pub cube: PathBuf,
    /// Which station is for what.
    pub split: StationSplit,
    /// The archive that `vadose simulate` wrote and the cube was built of, where there is one: the folder
    /// that holds `truth.zarr`.
    pub truth: Option<PathBuf>,
    /// The networks, beside the products of the cube and its coarse target.
    pub models: Vec<ModelGroup>,
    /// Every how many-th day of the cube is taken, 1 for all.
    pub every_day: usize,
    /// What is fitted to the training stations; `None` for nothing.
    pub baselines: Option<BaselineConfig>,
    /// How figures are made.
    pub evaluation: EvaluationConfig,
    /// How scales are compared, where there is truth; `every` counts the days taken, not their tiles.
    pub scale: Option<ScaleConfig>,
    /// Cells of the true field drawn from each tile.
    pub truth_cells_per_window: usize,
    /// Day of the maps; by default the middle one of the days taken on which most tiles can be predicted.
    pub map_day: Option<Date>,
    /// Master seed of draws and resampling.
    pub seed: u64,
}

impl CubeEvaluation {
    /// Evaluates, and writes into a folder, which is made if need be: all that [`Evaluation::write`] writes;
    /// `samples.csv`, the rows of every station and true cell; `runs.json`, the models; `phases.json`, what
    /// took how long; and `maps.zarr`, one day of the whole window by every method, with the true field where
    /// there is one. Files of these names are replaced.
    ///
    /// Samples and scales are of tiles of 252 cells, so that a network sees what it saw in training; the maps
    /// are of overlapping tiles, blended.
    ///
    /// # Errors
    /// [`StudyError::ConfigOutOfRange`], [`StudyError::MethodName`], [`StudyError::DuplicateMethod`],
    /// [`StudyError::UnknownMethod`] and [`StudyError::MapDay`] for a configuration that cannot be, before any
    /// work; [`StudyError::Network`] and [`StudyError::Model`] for a file that is no model, or none for this
    /// cube; [`StudyError::NoSamples`]; those of the truth ([`TrueScenes`]), of fitting, and of writing.
    pub fn run(
        &self,
        output: &Path,
        provenance: &Provenance,
        observer: &mut dyn StudyObserver,
    ) -> Result<Evaluation, StudyError> {
        let mut clock = PhaseClock::new(observer);
        clock.begin("open", 0);
        self.check()?;
        let cube = Arc::new(Cube::open(&self.cube)?);
        let days: Vec<usize> = (0..cube.days().len()).step_by(self.every_day).collect();
        let channels = self.channels()?;
        let tiles = CubeScenes::new(Arc::clone(&cube), tile_size(), 0, &days)?;
        let map_day = self.map_day(&tiles)?;
        let map = match map_day {
            Some(day) => Some(self.whole_window(&cube, day, &channels)?),
            None => None,
        };
        let tiles = self.with_fields(tiles, &channels)?;
        let mut methods = standing_methods();
        methods.extend(self.networks(&*tiles)?);

        clock.begin("collect samples", tiles.len() as u64);
        let sites: Vec<StationSite> = cube.sites().cloned().collect();
        let samples = SampleConfig {
            split: &self.split,
            sites: &sites,
            channels: &ChannelSet::preset(CHANNELS)?,
            truth_cells_per_window: self.truth_cells_per_window,
            seed: self.seed,
        };
        let mut table = SampleTable::collect(&*tiles, &samples, &methods, &mut |done, _| {
            clock.progress(done as u64, "tile-days");
        })?;
        let baselines = match &self.baselines {
            Some(config) => {
                clock.begin("fit baselines", 0);
                let baselines = Baselines::fit(&table, config, self.seed)?;
                baselines.add_to(&mut table)?;
                Some(baselines)
            }
            None => None,
        };
        fs::create_dir_all(output).map_err(|source| write_error(output, source))?;
        table.write(&output.join(SAMPLES))?;

        clock.begin("score", 0);
        let mut evaluation = Evaluation::of(&table, &self.evaluation, self.seed)?;
        if let Some(baselines) = &baselines {
            evaluation = evaluation.with_chosen(baselines.chosen());
        }
        let mut mapped: Vec<&dyn Method> = methods.iter().map(|method| &**method).collect();
        if let Some(baselines) = &baselines {
            mapped.extend(baselines.methods());
        }
        if let (Some(config), Some(_)) = (&self.scale, &self.truth) {
            let days: Vec<usize> = days.into_iter().step_by(config.every).collect();
            let tiles = CubeScenes::new(Arc::clone(&cube), tile_size(), 0, &days)?;
            let tiles = self.with_fields(tiles, &channels)?;
            let scale = self.scale(&*tiles, config, &mapped, &mut clock)?;
            evaluation = evaluation.with_scale(scale);
        }
        if let Some(map) = map {
            clock.begin("draw maps", mapped.len() as u64);
            let scene = map.scene(0)?;
            write_maps(&output.join(MAPS), &scene, &mapped, provenance, &mut clock)?;
        }
        clock.begin("write", 0);
        evaluation.write(output, provenance)?;
        write_json(&output.join(MODELS), &absolute(&self.models))?;
        write_json(&output.join(PHASES), &clock.finish())?;
        Ok(evaluation)
    }

    /// Refuses what can be seen to be wrong before any file is read.
    fn check(&self) -> Result<(), StudyError> {
        let steps = [
            ("every_day", Some(self.every_day)),
            ("scale.every", self.scale.as_ref().map(|scale| scale.every)),
        ];
        for (name, every) in steps {
            if every == Some(0) {
                return Err(StudyError::ConfigOutOfRange {
                    name,
                    value: 0.0,
                    low: 1.0,
                    high: f64::INFINITY,
                });
            }
        }
        let standing = standing_methods();
        let mut names: Vec<&str> = standing.iter().map(|method| method.name()).collect();
        if self.baselines.is_some() {
            names.extend(Baselines::NAMES);
        }
        for ModelGroup { name, .. } in &self.models {
            let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_name {
                return Err(StudyError::MethodName { name: name.clone() });
            }
            if names.contains(&name.as_str()) || name == TRUTH_FIELD {
                return Err(StudyError::DuplicateMethod { name: name.clone() });
            }
            names.push(name);
        }
        let config = &self.evaluation;
        let compared = config.comparisons.iter().flat_map(|of| &of.methods);
        for name in config.tested().chain(compared) {
            if !names.contains(&name.as_str()) {
                return Err(StudyError::UnknownMethod {
                    name: name.clone(),
                    known: names.into_iter().map(str::to_owned).collect(),
                });
            }
        }
        Ok(())
    }

    /// The networks, each checked against the first scene.
    fn networks(&self, scenes: &dyn SceneSource) -> Result<Vec<Box<dyn Method>>, StudyError> {
        if self.models.is_empty() || scenes.is_empty() {
            return Ok(Vec::new());
        }
        let scene = scenes.scene(0)?;
        let mut methods: Vec<Box<dyn Method>> = Vec::new();
        for ModelGroup { name, files } in &self.models {
            let members = files.iter().map(|path| {
                let network = network(path)?;
                let fits = network.encoder().check(&scene);
                fits.map_err(|source| unfit(path, RetrieveError::Scene(source)))?;
                Ok(Box::new(network) as Box<dyn Retriever + Send + Sync>)
            });
            let mut members = members.collect::<Result<Vec<_>, StudyError>>()?;
            let retriever = match (members.pop(), members.is_empty()) {
                (Some(network), true) => network,
                (last, _) => {
                    members.extend(last);
                    Box::new(EnsembleRetriever::new(members)?)
                }
            };
            methods.push(Box::new(RetrieverMethod::new(name, retriever)));
        }
        Ok(methods)
    }

    /// The channels of the scenes: those of preset `context` where a model needs one that `paper` lacks.
    fn channels(&self) -> Result<ChannelSet, StudyError> {
        let (paper, context) = (
            ChannelSet::preset(CHANNELS)?,
            ChannelSet::preset("context")?,
        );
        for path in self.models.iter().flat_map(|group| &group.files) {
            let network = network(path)?;
            let mut names = network.encoder().channels().names();
            if names.any(|name| paper.get(name).is_none() && context.get(name).is_some()) {
                return Ok(context);
            }
        }
        Ok(paper)
    }

    /// The scenes with the products, and with the truth where there is one.
    fn with_fields(
        &self,
        scenes: CubeScenes,
        channels: &ChannelSet,
    ) -> Result<Box<dyn SceneSource>, StudyError> {
        let scenes = scenes.with_channels(channels).with_products();
        Ok(match &self.truth {
            Some(archive) => Box::new(TrueScenes::open(scenes, archive)?),
            None => Box::new(scenes),
        })
    }

    /// Position of the day of the maps; `None` where no day has a cell to predict.
    fn map_day(&self, tiles: &CubeScenes) -> Result<Option<usize>, StudyError> {
        if let Some(date) = self.map_day {
            let day = tiles.cube().days().iter().position(|day| day.date == date);
            let cube = self.cube.clone();
            return match day {
                Some(day) => Ok(Some(day)),
                None => Err(StudyError::MapDay { cube, date }),
            };
        }
        let days: Vec<usize> = tiles.scenes().iter().map(|scene| scene.day_idx).collect();
        let of_day: Vec<&[usize]> = days.chunk_by(|a, b| a == b).collect();
        let most = of_day.iter().map(|tiles| tiles.len()).max();
        let fullest: Vec<usize> = of_day
            .iter()
            .filter(|tiles| Some(tiles.len()) == most)
            .map(|tiles| tiles[0])
            .collect();
        Ok(fullest.get(fullest.len() / 2).copied())
    }

    /// The whole window on a day, as one scene.
    fn whole_window(
        &self,
        cube: &Arc<Cube>,
        day: usize,
        channels: &ChannelSet,
    ) -> Result<Box<dyn SceneSource>, StudyError> {
        let size = cube.window().rows().max(cube.window().cols());
        let scenes = CubeScenes::new(Arc::clone(cube), size, 0, &[day])?;
        if scenes.is_empty() {
            return Err(StudyError::MapDay {
                cube: self.cube.clone(),
                date: cube.days()[day].date,
            });
        }
        self.with_fields(scenes, channels)
    }

    /// Every method by scale, on whole days, so that every tile has its share.
    fn scale(
        &self,
        tiles: &dyn SceneSource,
        config: &ScaleConfig,
        methods: &[&dyn Method],
        clock: &mut PhaseClock<'_>,
    ) -> Result<ScaleReport, StudyError> {
        clock.begin("compare scales", tiles.len() as u64);
        let config = ScaleConfig {
            every: 1,
            ..config.clone()
        };
        ScaleReport::of(tiles, methods, &config, self.seed, &mut |done, _| {
            clock.progress(done as u64, "tile-days");
        })
    }
}

/// Edge of the tiles of samples and scales: whole 9 km cells, one tile of the network each.
fn tile_size() -> usize {
    TilingConfig::default().tile_size / COARSE_FACTOR * COARSE_FACTOR
}

fn network(path: &Path) -> Result<NetworkRetriever, StudyError> {
    let model = ModelFile::load(path)?;
    NetworkRetriever::from_model(&model, TilingConfig::default(), &Device::Cpu)
        .map_err(|source| unfit(path, source))
}

fn unfit(path: &Path, source: RetrieveError) -> StudyError {
    StudyError::Model {
        path: path.to_path_buf(),
        source: Box::new(source),
    }
}

/// Maps of one scene by every method, one at a time, and the true field.
fn write_maps(
    path: &Path,
    scene: &Scene,
    methods: &[&dyn Method],
    provenance: &Provenance,
    clock: &mut PhaseClock<'_>,
) -> Result<(), StudyError> {
    let names = methods.iter().map(|method| method.name());
    let truth = scene.field(TRUTH_FIELD);
    let variables: Vec<MapVariable> = names
        .chain(truth.map(|_| TRUTH_FIELD))
        .map(MapVariable::soil_moisture)
        .collect();
    if path.exists() {
        fs::remove_dir_all(path).map_err(|source| write_error(path, source))?;
    }
    let title = "Surface soil moisture by every method";
    let times: Vec<_> = scene.time().into_iter().collect();
    let store = MapStore::create(path, title, scene.window(), &times, &variables, provenance)?;
    let write = |name: &str, map: ArrayView2<'_, f32>| -> Result<(), StudyError> {
        let mut rows = store.rows(name, 0)?;
        rows.push(map)?;
        Ok(rows.finish()?)
    };
    for (done, method) in methods.iter().enumerate() {
        clock.progress(done as u64, method.name());
        write(method.name(), method.estimate(scene)?.values.view())?;
    }
    if let Some(truth) = truth {
        write(TRUTH_FIELD, truth)?;
    }
    Ok(store.finish()?)
}

/// The models with absolute paths, so that a reader finds them from any folder.
fn absolute(models: &[ModelGroup]) -> Vec<ModelGroup> {
    let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
    let group = |group: &ModelGroup| ModelGroup {
        name: group.name.clone(),
        files: group.files.iter().map(absolute).collect(),
    };
    models.iter().map(group).collect()
}
