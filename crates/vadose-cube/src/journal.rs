//! What has been built: one small file for each finished unit.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use vadose_io::{IoError, write_atomically};

use crate::inputs::Input;
use crate::{CubeError, OutOfRangeCounts, Problem, StationCounts, Unit};

/// Folder of the journal in that of the cube.
const FOLDER: &str = "units";

/// A unit as it was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) unit: Unit,
    /// SHA-256 of what the unit's values depend on besides its files.
    pub(crate) configuration_sha256: String,
    pub(crate) inputs: Vec<Input>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) out_of_range: OutOfRangeCounts,
    /// By variable.
    pub(crate) valid_cells: BTreeMap<String, u64>,
    pub(crate) stations: Option<StationCounts>,
}

/// All units that are finished.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: PathBuf,
    entries: Mutex<BTreeMap<Unit, Arc<Entry>>>,
}

impl Journal {
    /// Reads the journal of a cube, which may not be there yet. An entry that cannot be understood
    /// does not count, so that its unit is built again.
    pub(crate) fn open(cube: &Path) -> Result<Self, CubeError> {
        let folder = cube.join(FOLDER);
        let failed = |source| IoError::File {
            action: "list the folder",
            path: folder.clone(),
            source,
        };
        let mut entries = BTreeMap::new();
        if folder.is_dir() {
            for file in fs::read_dir(&folder).map_err(failed)? {
                let path = file.map_err(failed)?.path();
                let entry = fs::read(&path).ok();
                let entry: Option<Entry> =
                    entry.and_then(|bytes| serde_json::from_slice(&bytes).ok());
                if let Some(entry) = entry {
                    entries.insert(entry.unit, Arc::new(entry));
                }
            }
        }
        Ok(Self {
            folder,
            entries: Mutex::new(entries),
        })
    }

    pub(crate) fn entry(&self, unit: Unit) -> Option<Arc<Entry>> {
        self.lock().get(&unit).cloned()
    }

    /// All entries, by day and source.
    pub(crate) fn entries(&self) -> Vec<Arc<Entry>> {
        self.lock().values().cloned().collect()
    }

    /// Marks a unit as finished.
    pub(crate) fn write(&self, entry: Entry) -> Result<(), CubeError> {
        let path = self.folder.join(format!("{}.json", entry.unit));
        let failed = |source| IoError::File {
            action: "write",
            path: path.clone(),
            source,
        };
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let mut json = serde_json::to_string_pretty(&entry).expect("plain data serialise");
        json.push('\n');
        write_atomically(&path, |temporary| {
            fs::write(temporary, json).map_err(failed)
        })?;
        self.lock().insert(entry.unit, Arc::new(entry));
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Unit, Arc<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::Source;

    #[test]
    fn entries_come_back_and_damaged_ones_do_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        let entry = |source| Entry {
            unit: Unit {
                day: Some(date(2017, 6, 1)),
                source,
            },
            configuration_sha256: "0".to_owned(),
            inputs: Vec::new(),
            problems: Vec::new(),
            out_of_range: BTreeMap::from([("sigma0_vv_aggregated".to_owned(), 3)]),
            valid_cells: BTreeMap::from([("tb_v".to_owned(), 7)]),
            stations: None,
        };
        for source in [Source::Radar, Source::Radiometer] {
            journal.write(entry(source)).unwrap();
        }
        let damaged = folder.path().join("units/2017-06-01.radar.json");
        fs::write(damaged, "{").unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        let entries = journal.entries();
        assert_eq!(entries.len(), 1);
        assert_eq!(*entries[0], entry(Source::Radiometer));
        assert!(journal.entry(entry(Source::Radar).unit).is_none());
    }
}
