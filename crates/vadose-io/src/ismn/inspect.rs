//! What a station archive holds, in a page.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Archive, DuplicateSeries, ReadOptions, RejectReason, Series, SeriesInfo, SkippedFile, Variable,
};
use crate::IoError;

/// What a station archive holds. Serialises to JSON; displays as a table for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArchiveInspection {
    /// Networks, with their number of stations.
    pub networks: BTreeMap<String, usize>,
    /// Variables by their code, with their number of series.
    pub variables: BTreeMap<Variable, usize>,
    /// Layers of the soil moisture sensors, from the surface down.
    pub depths: Vec<DepthInspection>,
    /// Number of values.
    pub n_observations: u64,
    /// Earliest time with a value.
    pub first_time: Option<Timestamp>,
    /// Latest time with a value.
    pub last_time: Option<Timestamp>,
    /// Number of values that carry each flag.
    pub flags: BTreeMap<String, u64>,
    /// Number of lines left out, by reason.
    pub rejected: BTreeMap<RejectReason, u64>,
    /// Files left out, because of their name or because they cannot be read.
    pub skipped: Vec<SkippedFile>,
    /// Files that contradict their own name.
    pub discrepancies: Vec<SkippedFile>,
    /// Series that more than one file claims to be.
    pub duplicates: Vec<DuplicateSeries>,
    /// Stations of different names at the same place.
    pub same_place: Vec<Vec<String>>,
}

/// A layer of soil, and how many sensors see it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DepthInspection {
    /// Upper end, m.
    pub depth_from_m: f64,
    /// Lower end, m.
    pub depth_to_m: f64,
    /// Number of series.
    pub n_series: usize,
}

/// Files state positions with five decimals of a degree, 1 m.
const POSITION_SCALE: f64 = 1e5;

/// Reads a whole archive, folder or zip, and says what it holds.
///
/// # Errors
/// As [`Archive::open`]. A series that cannot be read is listed, not an error.
pub fn inspect(path: impl AsRef<Path>) -> Result<ArchiveInspection, IoError> {
    let archive = Archive::open(path)?;
    let infos: Vec<&SeriesInfo> = archive.series().iter().collect();
    let contents = archive.map_series(&infos, &ReadOptions::default(), |_, series| {
        series.map(|series| Contents::of(&series))
    });
    let mut inspection = ArchiveInspection {
        networks: BTreeMap::new(),
        variables: BTreeMap::new(),
        depths: Vec::new(),
        n_observations: 0,
        first_time: None,
        last_time: None,
        flags: BTreeMap::new(),
        rejected: BTreeMap::new(),
        skipped: archive.skipped().to_vec(),
        discrepancies: Vec::new(),
        duplicates: archive.duplicates(),
        same_place: Vec::new(),
    };
    let mut stations: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut layers: BTreeMap<[u64; 2], DepthInspection> = BTreeMap::new();
    let mut places: BTreeMap<[i64; 2], BTreeSet<String>> = BTreeMap::new();
    for (info, contents) in infos.iter().zip(contents) {
        if stations.insert((&info.network, &info.station)) {
            *inspection.networks.entry(info.network.clone()).or_default() += 1;
        }
        *inspection
            .variables
            .entry(info.variable.clone())
            .or_default() += 1;
        if info.variable == Variable::SoilMoisture {
            let [depth_from_m, depth_to_m] = [info.depth_from_m, info.depth_to_m];
            let layer = layers.entry([depth_from_m.to_bits(), depth_to_m.to_bits()]);
            layer
                .or_insert(DepthInspection {
                    depth_from_m,
                    depth_to_m,
                    n_series: 0,
                })
                .n_series += 1;
        }
        let file = |reason| SkippedFile {
            path: info.path.clone(),
            reason,
        };
        match contents {
            Ok(contents) => {
                places
                    .entry(contents.place)
                    .or_default()
                    .insert(info.station_id());
                inspection
                    .discrepancies
                    .extend(contents.discrepancy.clone().map(file));
                inspection.add(contents);
            }
            Err(error) => inspection.skipped.push(file(error.to_string())),
        }
    }
    inspection.depths = layers.into_values().collect();
    inspection.depths.sort_by(|a, b| {
        let from = a.depth_from_m.total_cmp(&b.depth_from_m);
        from.then(a.depth_to_m.total_cmp(&b.depth_to_m))
    });
    let shared = places.into_values().filter(|stations| stations.len() > 1);
    inspection.same_place = shared
        .map(|stations| stations.into_iter().collect())
        .collect();
    Ok(inspection)
}

/// What stays in memory of one series.
struct Contents {
    place: [i64; 2],
    times: Option<[Timestamp; 2]>,
    n_observations: u64,
    flags: BTreeMap<String, u64>,
    rejected: BTreeMap<RejectReason, u64>,
    discrepancy: Option<String>,
}

impl Contents {
    fn of(series: &Series) -> Self {
        let observations = &series.observations;
        let mut by_set = BTreeMap::new();
        for observation in observations {
            *by_set.entry(observation.flags).or_insert(0_u64) += 1;
        }
        let mut flags: BTreeMap<String, u64> = BTreeMap::new();
        for (set, n) in by_set {
            for code in set.codes() {
                *flags.entry(code.to_string()).or_default() += n;
            }
        }
        let position = [series.position.lat_deg, series.position.lon_deg];
        Self {
            place: position.map(|degrees| (degrees * POSITION_SCALE).round() as i64),
            times: observations
                .first()
                .zip(observations.last())
                .map(|(first, last)| [first.time, last.time]),
            n_observations: observations.len() as u64,
            flags,
            rejected: series.rejected.counts.clone(),
            discrepancy: series.discrepancy.clone(),
        }
    }
}

impl ArchiveInspection {
    fn add(&mut self, contents: Contents) {
        self.n_observations += contents.n_observations;
        for (code, n) in contents.flags {
            *self.flags.entry(code).or_default() += n;
        }
        for (reason, n) in contents.rejected {
            *self.rejected.entry(reason).or_default() += n;
        }
        if let Some([first, last]) = contents.times {
            self.first_time = Some(self.first_time.map_or(first, |time| time.min(first)));
            self.last_time = Some(self.last_time.map_or(last, |time| time.max(last)));
        }
    }
}

impl fmt::Display for ArchiveInspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n_stations: usize = self.networks.values().sum();
        let n_series: usize = self.variables.values().sum();
        writeln!(
            f,
            "ISMN station archive: {n_stations} stations, {n_series} series, {} values",
            self.n_observations
        )?;
        if let (Some(first), Some(last)) = (self.first_time, self.last_time) {
            writeln!(f, "  from {first} to {last}")?;
        }
        let list = |f: &mut fmt::Formatter<'_>, title: &str, entries: Vec<String>| {
            if entries.is_empty() {
                return Ok(());
            }
            writeln!(f, "  {title}: {}", entries.join(", "))
        };
        fn counted<K: fmt::Display>(counts: &BTreeMap<K, impl fmt::Display>) -> Vec<String> {
            counts.iter().map(|(key, n)| format!("{key} {n}")).collect()
        }
        list(f, "stations by network", counted(&self.networks))?;
        list(f, "series by variable", counted(&self.variables))?;
        let depth = |depth: &DepthInspection| {
            format!(
                "{}-{} m {}",
                depth.depth_from_m, depth.depth_to_m, depth.n_series
            )
        };
        list(
            f,
            "soil moisture by depth",
            self.depths.iter().map(depth).collect(),
        )?;
        list(f, "values by flag", counted(&self.flags))?;
        list(f, "lines left out", counted(&self.rejected))?;
        for file in &self.skipped {
            writeln!(f, "  left out: {}: {}", file.path, file.reason)?;
        }
        for file in &self.discrepancies {
            writeln!(f, "  contradiction: {}: {}", file.path, file.reason)?;
        }
        for duplicate in &self.duplicates {
            writeln!(f, "  the same series: {}", duplicate.paths.join(", "))?;
        }
        for stations in &self.same_place {
            writeln!(f, "  at the same place: {}", stations.join(", "))?;
        }
        Ok(())
    }
}
