//! `vadose evaluate`: every method on the same samples of a cube.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use vadose::io::{Provenance, read_split_csv};
use vadose_study::StudyError;
use vadose_study::evaluation::{
    BaselineConfig, CubeEvaluation, EvaluationConfig, ModelGroup, ScaleConfig,
};

use crate::failure::Failure;
use crate::print;
use crate::progress::{Display, Phases};
use crate::toml_error::explain;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of a cube.
    cube: PathBuf,
    /// Which station is for what: split.csv of `vadose split` or `vadose train`.
    #[arg(long, value_name = "FILE")]
    split: PathBuf,
    /// A model under a name, or several as an ensemble with calibrated intervals; may be repeated.
    #[arg(long = "model", value_name = "NAME=FILE[,FILE…]", value_parser = model)]
    models: Vec<ModelGroup>,
    /// The simulated archive that the cube was built of: adds its true field.
    #[arg(long, value_name = "ARCHIVE")]
    truth: Option<PathBuf>,
    /// Every how many-th day of the cube is taken, overriding the configuration.
    #[arg(long, value_name = "N")]
    every: Option<usize>,
    /// Without regressions fitted to the training stations.
    #[arg(long)]
    no_baselines: bool,
    /// Configuration file; `vadose init --of evaluate` writes one with every default.
    #[arg(long, value_name = "CONFIG")]
    config: Option<PathBuf>,
    /// Folder for the tables, samples and maps.
    #[arg(long, short, default_value = "out/evaluation", value_name = "FOLDER")]
    output: PathBuf,
    /// Print what was found as JSON.
    #[arg(long)]
    json: bool,
}

/// A configuration file: how an evaluation is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EvaluateFile {
    /// The one seed; each purpose derives its own from it.
    seed: u64,
    /// Every how many-th day of the cube is taken.
    every_day: usize,
    /// Cells of the true field drawn from each tile, with --truth.
    truth_cells_per_window: usize,
    /// Day of the maps.
    #[serde(skip_serializing_if = "Option::is_none")]
    map_day: Option<Date>,
    /// Whether regressions are fitted to the training stations.
    with_baselines: bool,
    /// What is fitted.
    baselines: BaselineConfig,
    /// How figures are made.
    evaluation: EvaluationConfig,
    /// How scales are compared.
    scale: ScaleConfig,
}

impl Default for EvaluateFile {
    fn default() -> Self {
        Self {
            seed: 1,
            every_day: 1,
            truth_cells_per_window: 64,
            map_day: None,
            with_baselines: true,
            baselines: BaselineConfig::default(),
            evaluation: EvaluationConfig::default(),
            scale: ScaleConfig::default(),
        }
    }
}

impl EvaluateFile {
    /// The file with every default, as TOML.
    pub(crate) fn to_toml(&self) -> Result<String, Failure> {
        Ok(toml::to_string_pretty(self)?)
    }

    fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::usage(format_args!("{}: cannot be read: {error}", path.display()))
        })?;
        toml::from_str(&text).map_err(|error| {
            let explained = explain(&text, &error);
            Failure::usage(format_args!("{}: {explained}", path.display()))
        })
    }

    /// The file of the arguments, or the defaults, with what the arguments say otherwise.
    fn of(args: &Args) -> Result<Self, Failure> {
        let mut file = match &args.config {
            Some(path) => Self::read(path)?,
            None => Self::default(),
        };
        file.every_day = args.every.unwrap_or(file.every_day);
        file.with_baselines &= !args.no_baselines;
        if file.evaluation.challengers.is_empty() && file.evaluation.pairs.is_empty() {
            let names = args.models.iter().map(|group| group.name.clone());
            file.evaluation.challengers = names.collect();
        }
        Ok(file)
    }
}

pub(crate) fn run(args: &Args, display: Display) -> Result<(), Failure> {
    let file = EvaluateFile::of(args)?;
    let evaluation = CubeEvaluation {
        cube: args.cube.clone(),
        split: read_split_csv(&args.split)?,
        truth: args.truth.clone(),
        models: args.models.clone(),
        every_day: file.every_day,
        baselines: file.with_baselines.then(|| file.baselines.clone()),
        evaluation: file.evaluation.clone(),
        scale: Some(file.scale.clone()),
        truth_cells_per_window: file.truth_cells_per_window,
        map_day: file.map_day,
        seed: file.seed,
    };
    let models = args.models.iter().flat_map(|group| group.files.clone());
    let truth = args.truth.iter().map(|archive| archive.join(TRUTH));
    let inputs: Vec<PathBuf> = [args.cube.join("build.json"), args.split.clone()]
        .into_iter()
        .chain(models)
        .chain(truth)
        .collect();
    let provenance = Provenance::collect(&file.to_toml()?, Some(file.seed), &inputs)?;
    let provenance = match args.truth {
        Some(_) => provenance.with_comment(SIMULATED),
        None => provenance,
    };
    let mut observer = Phases::new(display);
    let found = evaluation.run(&args.output, &provenance, &mut observer);
    observer.finish();
    let found = found.map_err(failure)?;
    display.note(format_args!("wrote {}", args.output.display()));
    if args.json {
        return print::json(&found);
    }
    print::text(found.to_string().trim_end())
}

/// What an archive says of its simulation.
const TRUTH: &str = "simulation.json";
/// What every reader of an evaluation with truth must know.
const SIMULATED: &str = "The cube is of a simulation; no figure is of any real place.";

/// `NAME=FILE[,FILE…]`.
fn model(text: &str) -> Result<ModelGroup, String> {
    let (name, files) = text.split_once('=').unwrap_or_default();
    let files: Vec<PathBuf> = files.split(',').map(PathBuf::from).collect();
    if name.is_empty() || files.iter().any(|file| file.as_os_str().is_empty()) {
        return Err("give a name and its model files as NAME=FILE or NAME=FILE,FILE".to_owned());
    }
    Ok(ModelGroup {
        name: name.to_owned(),
        files,
    })
}

/// What the arguments and the configuration are to blame for, and what the data are.
fn failure(error: StudyError) -> Failure {
    match error {
        StudyError::ConfigOutOfRange { .. }
        | StudyError::MethodName { .. }
        | StudyError::DuplicateMethod { .. }
        | StudyError::UnknownMethod { .. }
        | StudyError::MapDay { .. } => Failure::usage(error),
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_defaults_read_back_as_defaults() {
        let text = EvaluateFile::default().to_toml().unwrap();
        assert_eq!(
            toml::from_str::<EvaluateFile>(&text).unwrap(),
            EvaluateFile::default()
        );
    }

    #[test]
    fn a_model_is_a_name_and_files() {
        let group = model("unet=a.safetensors,b.safetensors").unwrap();
        assert_eq!((group.name.as_str(), group.files.len()), ("unet", 2));
        for wrong in ["unet", "=a", "unet=", "unet=a,"] {
            assert!(model(wrong).is_err(), "{wrong}");
        }
    }
}
