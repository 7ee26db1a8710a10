//! A simulation, written as the archives that NASA and ISMN deliver, with the truth beside them.
//!
//! | file | what |
//! |---|---|
//! | `smap/SPL2SMP_E/YEAR/*.h5` | half orbits at 9 km |
//! | `smap/SPL2SMAP_S/YEAR/*.h5` | scenes of Sentinel-1 at 1 km and 3 km |
//! | `smap/SPL4SMGP/YEAR/*.h5` | the analysis, every three hours |
//! | `imerg/YEAR/*.HDF5` | precipitation, every half hour |
//! | `ismn/{header,ceop}` | stations, in both text formats |
//! | `ancillary/*.tif` | soil, land cover, greenness and height |
//! | `truth.zarr` | what is true |
//! | `simulation.json`, `faults.json` | how it was made; what was damaged on purpose |
//!
//! The truth goes to disk tile by tile and comes back day by day, so memory does not grow with
//! the number of days.

mod analysis;
mod ancillary;
mod archive;
mod faults;
mod in_situ;
mod nature;
mod overpasses;
mod precipitation;
mod record;
mod truth;

use std::path::Path;

use vadose_grid::Window;
use vadose_io::{IoError, write_atomically};

pub use archive::Archive;
pub use faults::{FaultKind, FaultManifest, PlantedFault};
pub use record::SimulationRecord;

use crate::config::SimulationConfig;
use crate::period::Season;
use crate::{
    Analysis, Landscape, NatureRun, TwinError, Weather,
    stations::{self, Site},
};

/// A part of the work, for showing progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The static layers, and their rasters.
    Ancillary,
    /// The nature run: tiles.
    Nature,
    /// SMAP and Sentinel-1: days.
    Overpasses,
    /// The analysis: days.
    Analysis,
    /// Satellite precipitation: days.
    Precipitation,
    /// Stations.
    Stations,
}

impl Phase {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ancillary => "ancillary",
            Self::Nature => "nature run",
            Self::Overpasses => "overpasses",
            Self::Analysis => "analysis",
            Self::Precipitation => "precipitation",
            Self::Stations => "stations",
        }
    }
}

/// How far a phase is: `done` of `total` steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The phase.
    pub phase: Phase,
    /// Year of the season, 0 for what all seasons share.
    pub year: i16,
    /// Steps done.
    pub done: u64,
    /// Steps in all.
    pub total: u64,
}

/// What shows the progress; called from one thread at a time.
pub type ShowProgress<'a> = dyn FnMut(Progress) + Send + 'a;

/// A simulation, ready to be written.
#[derive(Debug)]
pub struct Simulation {
    config: SimulationConfig,
    window: Window,
    seasons: Vec<Season>,
    landscape: Landscape,
    weather: Weather,
    nature: NatureRun,
    analysis: Analysis,
    sites: Vec<Site>,
}

impl Simulation {
    /// Checks a configuration and places the stations.
    ///
    /// # Errors
    /// [`TwinError::Config`], [`TwinError::NotAligned`], [`TwinError::Overlap`] for an impossible
    /// configuration.
    pub fn new(config: SimulationConfig) -> Result<Self, TwinError> {
        let window = config.region.window()?;
        let seasons = config.period.seasons()?;
        let landscape = Landscape::new(config.seed);
        let weather = config.weather.clone().build(config.seed)?;
        let nature = config.nature.clone().build()?;
        let analysis = config.analysis.clone().build(&nature, config.seed)?;
        let sites = stations::place(&landscape, config.seed, &window, config.stations_per_tile)?;
        Ok(Self {
            config,
            window,
            seasons,
            landscape,
            weather,
            nature,
            analysis,
            sites,
        })
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &SimulationConfig {
        &self.config
    }

    /// The window of M01.
    #[must_use]
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// The stations.
    #[must_use]
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// Writes everything into an empty or new folder.
    ///
    /// The same configuration gives the same bytes, for any number of threads. `simulation.json`
    /// comes last: a folder without it is incomplete.
    ///
    /// # Errors
    /// [`TwinError::Io`] if the folder holds anything or a file cannot be written.
    pub fn write(
        &self,
        folder: &Path,
        show: &mut ShowProgress<'_>,
    ) -> Result<SimulationRecord, TwinError> {
        let mut archive = Archive::create(folder, &self.config)?;
        let layers = self.landscape.layers(&self.window)?;
        ancillary::write(self, &layers, &mut archive, show)?;
        let truth = truth::Truth::create(self, &layers, &archive)?;
        let mut series = Vec::new();
        for (idx, season) in self.seasons.iter().enumerate() {
            series.push(nature::run(self, idx, *season, &truth, show)?);
            overpasses::write(self, idx, *season, &layers, &truth, &mut archive, show)?;
            analysis::write(self, *season, &layers, &mut archive, show)?;
            precipitation::write(self, *season, &mut archive, show)?;
        }
        truth.finish(&series)?;
        in_situ::write(self, &series, &mut archive, show)?;
        archive.finish(self)
    }
}

/// Writes a text file whole or not at all.
fn write_text(path: &Path, text: &str) -> Result<(), TwinError> {
    Ok(write_atomically(path, |temporary| {
        std::fs::write(temporary, text).map_err(|source| IoError::File {
            action: "write",
            path: path.to_owned(),
            source,
        })
    })?)
}
