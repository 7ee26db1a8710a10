//! `simulation.json`: how an archive was made and what it holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Simulation;
use crate::TwinError;
use crate::config::SimulationConfig;

/// How an archive was made and what it holds.
///
/// There is no date in it, since the same configuration gives the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimulationRecord {
    /// What every reader must know.
    pub comment: String,
    /// Program and version.
    pub software: String,
    /// Days simulated.
    pub days: u64,
    /// Files of each product that are there.
    pub granules: BTreeMap<String, u64>,
    /// Stations of each network.
    pub stations: BTreeMap<String, u64>,
    /// The configuration, every default written out.
    pub configuration: SimulationConfig,
}

impl SimulationRecord {
    pub(super) fn new(simulation: &Simulation, granules: BTreeMap<String, u64>) -> Self {
        let mut stations = BTreeMap::new();
        for site in simulation.sites() {
            *stations.entry(site.network.name().to_owned()).or_insert(0) += 1;
        }
        let seasons = simulation.seasons.iter();
        Self {
            comment: "a simulation: no value of this archive was measured anywhere".to_owned(),
            software: concat!("vadose ", env!("CARGO_PKG_VERSION")).to_owned(),
            days: seasons.map(|season| u64::from(season.days)).sum(),
            granules,
            stations,
            configuration: simulation.config().clone(),
        }
    }

    pub(super) fn to_json(&self) -> Result<String, TwinError> {
        json(self)
    }
}

/// Indented JSON that ends in a line end.
pub(super) fn json(value: &impl Serialize) -> Result<String, TwinError> {
    let mut text = serde_json::to_string_pretty(value).map_err(TwinError::Json)?;
    text.push('\n');
    Ok(text)
}
