//! The folder that a simulation is written into.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use vadose_io::IoError;

use super::faults::{FaultManifest, FaultPlan, GranuleFault, PlantedFault};
use super::record::SimulationRecord;
use super::{Simulation, write_text};
use crate::TwinError;
use crate::config::SimulationConfig;

/// The folder, what was written into it, and which faults were planted.
#[derive(Debug)]
pub struct Archive {
    folder: PathBuf,
    plan: FaultPlan,
    manifest: FaultManifest,
    /// Files of each kind and year, faulty ones among them.
    counts: BTreeMap<(Kind, i16), u64>,
}

/// A product of which the archive holds a file for each pass, scene or hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Half orbits at 9 km.
    Spl2SmpE,
    /// Scenes at 1 km.
    Spl2SmapS,
    /// The analysis.
    Spl4Smgp,
    /// Precipitation.
    Imerg,
}

impl Kind {
    /// Folder of the product.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Spl2SmpE => "smap/SPL2SMP_E",
            Self::Spl2SmapS => "smap/SPL2SMAP_S",
            Self::Spl4Smgp => "smap/SPL4SMGP",
            Self::Imerg => "imerg",
        }
    }

    /// Name of the product.
    pub(super) fn product(self) -> &'static str {
        match self {
            Self::Imerg => "GPM_3IMERGHH",
            _ => &self.folder()["smap/".len()..],
        }
    }
}

/// What is done to the values of a granule before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spoil {
    /// Nothing.
    Nothing,
    /// No value at all.
    AllFill,
    /// Fill values that were averaged like data.
    LeakedFill,
}

impl Archive {
    /// Makes the folder, which must be new or empty.
    pub(super) fn create(folder: &Path, config: &SimulationConfig) -> Result<Self, TwinError> {
        let failed = |action| {
            move |source| IoError::File {
                action,
                path: folder.to_owned(),
                source,
            }
        };
        fs::create_dir_all(folder).map_err(failed("create"))?;
        if fs::read_dir(folder)
            .map_err(failed("list"))?
            .next()
            .is_some()
        {
            return Err(TwinError::FolderNotEmpty {
                path: folder.to_owned(),
            });
        }
        Ok(Self {
            folder: folder.to_owned(),
            plan: FaultPlan::new(config.faults),
            manifest: FaultManifest::default(),
            counts: BTreeMap::new(),
        })
    }

    /// Where a file of this relative name lies.
    #[must_use]
    pub fn path(&self, relative: &str) -> PathBuf {
        self.folder.join(relative)
    }

    /// Writes one granule, with the fault that is planned for it.
    pub(super) fn granule(
        &mut self,
        kind: Kind,
        date: Date,
        name: &str,
        write: impl FnOnce(&Path, Spoil) -> Result<(), TwinError>,
    ) -> Result<(), TwinError> {
        let count = self.counts.entry((kind, date.year())).or_default();
        let fault = self.plan.granule(kind, date, *count);
        *count += 1;
        let relative = format!("{}/{}/{name}", kind.folder(), date.year());
        if let Some(fault) = fault {
            self.manifest
                .plant(PlantedFault::of_granule(fault, kind, &relative, date));
        }
        let spoil = match fault {
            Some(GranuleFault::Missing | GranuleFault::Outage) => return Ok(()),
            Some(GranuleFault::AllFill) => Spoil::AllFill,
            Some(GranuleFault::LeakedFill) => Spoil::LeakedFill,
            Some(GranuleFault::Truncated) | None => Spoil::Nothing,
        };
        let path = self.path(&relative);
        let folder = path.parent().expect("a granule lies in a folder");
        fs::create_dir_all(folder).map_err(|source| IoError::File {
            action: "create",
            path: folder.to_owned(),
            source,
        })?;
        write(&path, spoil)?;
        if fault == Some(GranuleFault::Truncated) {
            truncate(&path).map_err(|source| IoError::File {
                action: "truncate",
                path,
                source,
            })?;
        }
        Ok(())
    }

    /// The faults planted so far, and a place for more.
    pub(super) fn manifest(&mut self) -> &mut FaultManifest {
        &mut self.manifest
    }

    /// Writes the record, last of all.
    pub(super) fn finish(self, simulation: &Simulation) -> Result<SimulationRecord, TwinError> {
        let config = simulation.config();
        if config.faults != crate::config::Faults::None {
            let manifest = self.manifest.to_json()?;
            write_text(&self.path("faults.json"), &manifest)?;
        }
        let mut files = BTreeMap::new();
        for ((kind, _), count) in &self.counts {
            *files.entry(kind.product().to_owned()).or_insert(0) += count;
        }
        let absent = self.manifest.absent_granules();
        for (product, count) in absent {
            if let Some(files) = files.get_mut(&product) {
                *files -= count;
            }
        }
        let record = SimulationRecord::new(simulation, files);
        write_text(&self.path("simulation.json"), &record.to_json()?)?;
        Ok(record)
    }
}

/// Cuts a file to three fifths, as a broken download leaves it.
fn truncate(path: &Path) -> std::io::Result<()> {
    let file = fs::OpenOptions::new().write(true).open(path)?;
    let length = file.metadata()?.len();
    file.set_len(length * 3 / 5)
}
