//! `build.json`: what a cube was made of, and what it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use vadose_grid::Window;
use vadose_io::{IoError, Provenance, write_atomically};

use crate::{
    Coverage, CubeError, ExclusionReason, Lost, OutOfRangeCounts, Problem, Source, StationTable,
    SupersededFile,
};

/// File of the record in the folder of the cube.
const FILE: &str = "build.json";

/// What a cube was made of, and what it holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BuildRecord {
    /// Configuration, version, date, and every input file with its checksum.
    #[serde(flatten)]
    pub provenance: Provenance,
    /// The window of M01.
    pub window: Window,
    /// First and last day.
    pub days: [Date; 2],
    /// Number of days.
    pub n_days: u64,
    /// How much of each variable has a value.
    pub coverage: Vec<Coverage>,
    /// Files that were left out, or used in part.
    pub problems: Vec<Problem>,
    /// Values of the files that lay outside their valid range and count as missing, by source and
    /// dataset.
    pub out_of_range: BTreeMap<Source, OutOfRangeCounts>,
    /// Files that are not there.
    pub missing: Vec<Missing>,
    /// Files that were left out because they are there in a newer version too.
    pub superseded: Vec<SupersededFile>,
    /// Stations kept and lost; none where the configuration names no stations.
    pub stations: Option<StationCounts>,
}

/// Files that are not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// What they would give.
    pub source: Source,
    /// The day; none for static layers and stations.
    pub day: Option<Date>,
    /// Their names, or patterns of their names.
    pub files: Vec<String>,
}

/// Stations kept and lost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationCounts {
    /// Stations with at least one observation.
    pub kept: u64,
    /// Rows of `observations.csv`: days of cells.
    pub observations: u64,
    /// What was lost, by reason.
    pub lost: BTreeMap<ExclusionReason, Lost>,
}

impl StationCounts {
    pub(crate) fn of(table: &StationTable) -> Self {
        let stations: BTreeSet<_> = table.sites.iter().map(|site| &site.site.station).collect();
        Self {
            kept: stations.len() as u64,
            observations: table.observations.len() as u64,
            lost: table.lost_by_reason(),
        }
    }
}

impl BuildRecord {
    /// The record of the cube in a folder.
    ///
    /// # Errors
    /// [`CubeError::Io`] if there is none, [`CubeError::Table`] if it is damaged.
    pub fn read(cube: impl AsRef<Path>) -> Result<Self, CubeError> {
        let path = cube.as_ref().join(FILE);
        let bytes = fs::read(&path).map_err(|source| IoError::File {
            action: "read",
            path: path.clone(),
            source,
        })?;
        serde_json::from_slice(&bytes).map_err(|error| CubeError::Table {
            path,
            reason: error.to_string(),
        })
    }

    /// Writes the record, unless the cube has one that differs in nothing but its date; gives the one that is
    /// then there.
    pub(crate) fn write(mut self, cube: &Path) -> Result<Self, CubeError> {
        if let Ok(old) = Self::read(cube) {
            let now = std::mem::replace(&mut self.provenance.created, old.provenance.created);
            if self == old {
                return Ok(old);
            }
            self.provenance.created = now;
        }
        let path = cube.join(FILE);
        let mut json = serde_json::to_string_pretty(&self).expect("plain data serialise");
        json.push('\n');
        write_atomically(&path, |temporary| {
            fs::write(temporary, json).map_err(|source| IoError::File {
                action: "write",
                path: path.clone(),
                source,
            })
        })?;
        Ok(self)
    }
}
