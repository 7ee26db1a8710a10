//! The figures of the demonstration.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};
use vadose_io::Provenance;
use vadose_metrics::Skill;
use vadose_scene::{COARSE_FACTOR, Split, bilinear_to, nearest_to};

use super::Experiment;
use super::experiment::CellCounts;
use crate::{PhaseTime, StudyError};

/// What the demonstration reports, as in `summary.json`.
#[derive(Debug, Clone, Serialize)]
pub struct DemoSummary {
    /// What the figures do and do not show.
    pub note: String,
    /// The granule.
    pub granule: String,
    /// Cells by what they are for.
    pub cells: CellCounts,
    /// Optimiser steps taken.
    pub steps: u64,
    /// Skill of every method, on the same cells.
    pub skill: MethodSkills,
    /// Seconds of each phase.
    pub phases: Vec<PhaseTime>,
    /// Largest memory held, bytes.
    pub peak_memory_bytes: Option<u64>,
    /// Where it came from.
    pub provenance: Provenance,
}

/// Skill of every method on the same withheld cells, read once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MethodSkills {
    /// On all withheld cells.
    pub withheld_cells: SkillTable,
    /// On those in 9 km cells without a pseudo-station.
    pub withheld_m09_cells: SkillTable,
}

/// One skill a method.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SkillTable {
    /// The network.
    pub network: Skill,
    /// Quadratic ridge on the same channels, cell by cell.
    pub ridge: Skill,
    /// The coarse target, each 9 km value repeated.
    pub coarse_nearest: Skill,
    /// The coarse target, bilinear between 9 km centres.
    pub coarse_bilinear: Skill,
    /// The mean of the training pseudo-stations.
    pub training_mean: Skill,
}

impl SkillTable {
    /// The methods by name, best informed first.
    #[must_use]
    pub fn methods(&self) -> [(&'static str, &Skill); 5] {
        [
            ("network", &self.network),
            ("ridge", &self.ridge),
            ("9 km, bilinear", &self.coarse_bilinear),
            ("9 km, nearest", &self.coarse_nearest),
            ("training mean", &self.training_mean),
        ]
    }
}

impl MethodSkills {
    pub(super) fn all(
        experiment: &Experiment,
        network: &Array2<f32>,
        ridge: &Array2<f32>,
    ) -> Result<Self, StudyError> {
        let (window, coarse) = (experiment.scene().window(), experiment.coarse_target());
        let bilinear = bilinear_to(window, coarse, COARSE_FACTOR);
        let nearest = nearest_to(window, coarse, COARSE_FACTOR);
        let stations = experiment.stations(Split::Train);
        let mean = stations
            .iter()
            .map(|(_, value)| f64::from(*value))
            .sum::<f64>()
            / stations.len() as f64;
        let constant = Array2::from_elem(window.shape(), mean as f32);
        // Cells where every method has a value, so that all are judged on the same ones.
        let maps = [network, ridge, &nearest, &bilinear];
        let table = |cells: &[(usize, usize)]| -> Result<SkillTable, StudyError> {
            let shared: Vec<_> = cells
                .iter()
                .copied()
                .filter(|at| maps.iter().all(|map| map[*at].is_finite()))
                .collect();
            let reference: Vec<f64> = shared
                .iter()
                .map(|at| f64::from(experiment.soil_moisture()[*at]))
                .collect();
            let of = |map: ArrayView2<'_, f32>| -> Result<Skill, StudyError> {
                let estimate: Vec<f64> = shared.iter().map(|at| f64::from(map[*at])).collect();
                Ok(Skill::of(&estimate, &reference)?)
            };
            Ok(SkillTable {
                network: of(network.view())?,
                ridge: of(ridge.view())?,
                coarse_nearest: of(nearest.view())?,
                coarse_bilinear: of(bilinear.view())?,
                training_mean: of(constant.view())?,
            })
        };
        Ok(Self {
            withheld_cells: table(experiment.withheld())?,
            withheld_m09_cells: table(experiment.withheld_blocks())?,
        })
    }
}
