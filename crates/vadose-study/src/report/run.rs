//! What the folder of an evaluation holds, and what it lacks.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use vadose_io::Provenance;

use super::maps::DayMaps;
use super::samples::Samples;
use super::training::TrainedModel;
use crate::evaluation::{Comparison, Evaluation, MethodSkill, Population, TRUTH_FIELD};
use crate::files::read_json;
use crate::{PhaseTime, StudyError};

/// Products and regressions that a reader looks for first, after the trained models.
const SOUGHT_FIRST: [&str; 6] = [
    "spl2smap_s",
    "spl2smp_e",
    "l4_bilinear",
    "ridge",
    "forest",
    "station_climatology",
];

/// Trained models beyond this many are in tables and full figures only.
const MAIN_MODELS: usize = 3;

/// A folder that `CubeEvaluation::run` wrote.
pub(super) struct Run {
    pub(super) provenance: Provenance,
    pub(super) evaluation: Evaluation,
    pub(super) samples: Option<Samples>,
    pub(super) models: Vec<ModelGroup>,
    pub(super) maps: Option<DayMaps>,
    pub(super) phases: Option<Vec<PhaseTime>>,
    pub(super) gaps: Gaps,
}

/// A method that was trained: one network, or several as an ensemble.
pub(super) struct ModelGroup {
    pub(super) name: String,
    pub(super) members: Vec<TrainedModel>,
}

/// What a folder lacks.
#[derive(Default)]
pub(super) struct Gaps {
    folder: PathBuf,
    /// Files that are not there, with what they would show.
    pub(super) absent: Vec<String>,
    /// Files that are there and cannot be read, with the reason.
    pub(super) unusable: Vec<String>,
}

impl Gaps {
    /// What a file holds; `None`, and noted, where it is absent or cannot be read.
    pub(super) fn read<T>(
        &mut self,
        path: &Path,
        shows: &str,
        read: impl FnOnce(&Path) -> Result<T, StudyError>,
    ) -> Option<T> {
        if !path.exists() {
            let name = path.strip_prefix(&self.folder).unwrap_or(path);
            self.absent.push(format!("{}: {shows}", name.display()));
            return None;
        }
        read(path)
            .map_err(|error| self.unusable.push(error.to_string()))
            .ok()
    }
}

/// `evaluation.json`.
#[derive(Deserialize)]
struct Document {
    provenance: Provenance,
    #[serde(flatten)]
    evaluation: Evaluation,
}

/// An entry of `runs.json`; relative paths begin in the folder.
#[derive(Deserialize)]
struct Entry {
    name: String,
    files: Vec<PathBuf>,
}

impl Run {
    /// Reads a folder; only `evaluation.json` has to be there.
    pub(super) fn read(folder: &Path) -> Result<Self, StudyError> {
        let document: Document = read_json(&folder.join("evaluation.json"))?;
        let mut gaps = Gaps {
            folder: folder.to_path_buf(),
            ..Gaps::default()
        };
        let samples = gaps.read(
            &folder.join("samples.csv"),
            "scatter plots, Taylor diagrams and time series",
            Samples::read,
        );
        let entries: Option<Vec<Entry>> = gaps.read(
            &folder.join("runs.json"),
            "which models were evaluated, and how they were trained",
            read_json,
        );
        let models = entries.unwrap_or_default().into_iter().map(|entry| {
            let n = entry.files.len();
            let members = entry.files.iter().enumerate().map(|(index, file)| {
                let label = match n {
                    1 => entry.name.clone(),
                    _ => format!("{}, member {}", entry.name, index + 1),
                };
                TrainedModel::read(label, &folder.join(file), &mut gaps)
            });
            ModelGroup {
                members: members.collect(),
                name: entry.name,
            }
        });
        Ok(Self {
            models: models.collect(),
            samples,
            maps: gaps.read(&folder.join("maps.zarr"), "maps of one day", DayMaps::open),
            phases: gaps.read(
                &folder.join("phases.json"),
                "how long the evaluation took",
                read_json,
            ),
            provenance: document.provenance,
            evaluation: document.evaluation,
            gaps,
        })
    }

    /// Whether a true field takes part, which only a simulation has.
    pub(super) fn is_simulated(&self) -> bool {
        let evaluation = &self.evaluation;
        let of_truth = |comparison: &Comparison| comparison.population == Population::Truth;
        evaluation.comparisons.iter().any(of_truth)
            || evaluation
                .sites
                .iter()
                .any(|site| site.population == Population::Truth)
            || self.maps.as_ref().is_some_and(|maps| maps.has(TRUTH_FIELD))
    }

    /// What stands below every figure.
    pub(super) fn footnote(&self) -> String {
        if self.is_simulated() {
            "Simulated data: no statement about the accuracy of any real product.".to_owned()
        } else {
            String::new()
        }
    }

    /// A figure's title, which says where a simulation takes part.
    pub(super) fn titled(&self, title: &str) -> String {
        match self.is_simulated() {
            true => format!("{title} (simulated data)"),
            false => title.to_owned(),
        }
    }

    /// The first comparison of a population, which is the one of most rows.
    pub(super) fn first_comparison(&self, population: Population) -> Option<&Comparison> {
        let comparisons = self.evaluation.comparisons.iter();
        comparisons
            .filter(|comparison| comparison.population == population)
            .find(|comparison| !comparison.methods.is_empty())
    }

    /// Whether a method is a trained model.
    pub(super) fn is_model(&self, method: &str) -> bool {
        self.models.iter().any(|model| model.name == method)
    }

    /// The methods that figures of few methods show, of those that are there: trained models first, then
    /// products and regressions; at most `limit`.
    pub(super) fn main_methods<'a>(&'a self, there: &[&'a str], limit: usize) -> Vec<&'a str> {
        let models = self.models.iter().map(|model| model.name.as_str());
        let sought = models
            .filter(|model| there.contains(model))
            .take(MAIN_MODELS)
            .chain(SOUGHT_FIRST.into_iter().filter(|name| there.contains(name)));
        let mut main: Vec<&str> = sought.collect();
        for method in there {
            if !main.contains(method) && !self.is_model(method) {
                main.push(method);
            }
        }
        main.truncate(limit);
        main
    }

    /// The method that the report is about: the first trained model of a comparison, else its first method.
    pub(super) fn subject<'a>(&self, comparison: &'a Comparison) -> Option<&'a MethodSkill> {
        let methods = || comparison.methods.iter();
        methods()
            .find(|of| self.is_model(&of.method))
            .or_else(|| methods().next())
    }
}
