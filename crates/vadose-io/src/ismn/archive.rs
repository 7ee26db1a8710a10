//! An ISMN download: what series it holds, and each of them when it is asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::members::Members;
use super::series_name::{SERIES_ENDING, spelling, strip_ending};
use super::static_variables::{STATIC_VARIABLES_ENDING, parse_static_variables};
use super::{
    ArchiveLimits, ReadOptions, Series, SeriesInfo, StaticVariables, Variable, parse_series,
};
use crate::IoError;

/// A folder or zip as ISMN delivers it. Only names are held in memory; series are read one by one.
///
/// # Examples
/// ```
/// use vadose_io::ismn::{Archive, FlagPolicy, ReadOptions, SeriesFilter};
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ismn/smosmania_header_values.zip");
///
/// let archive = Archive::open(path)?;
/// for info in archive.select(&SeriesFilter::default()) {
///     let series = archive.read(info, &ReadOptions::default())?;
///     let n_kept = series.kept(FlagPolicy::GoodOrUnchecked).count();
///     assert_eq!((info.station.as_str(), n_kept), ("Narbonne", 736));
/// }
/// # Ok::<(), vadose_io::IoError>(())
/// ```
#[derive(Debug)]
pub struct Archive {
    members: Members,
    series: Vec<SeriesInfo>,
    static_paths: Vec<String>,
    skipped: Vec<SkippedFile>,
}

/// A file of an archive that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedFile {
    /// Where it lies, in an archive or on disk.
    pub path: String,
    /// Why it was left out.
    pub reason: String,
}

impl SkippedFile {
    /// A file that an error kept from being used; the reason does not repeat its path.
    #[must_use]
    pub fn new(path: &Path, error: &IoError) -> Self {
        let path = path.display().to_string();
        let mut reason = error.to_string();
        // Errors of the operating system say what was attempted and keep the reason as their source.
        if let IoError::File { source, .. } = error {
            reason = format!("{reason}: {source}");
        }
        let reason = reason
            .strip_prefix(&path)
            .and_then(|rest| rest.strip_prefix(": "))
            .unwrap_or(&reason)
            .to_owned();
        Self { path, reason }
    }
}

/// Two or more files that claim to be the same series: the same network, station, variable, depths
/// and sensor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateSeries {
    /// `network/station`.
    pub station: String,
    /// What is measured.
    pub variable: Variable,
    /// The instrument.
    pub sensor: String,
    /// The files.
    pub paths: Vec<String>,
}

/// Which series of an archive are wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesFilter {
    /// What is measured; soil moisture by default.
    pub variable: Variable,
    /// The layer within which a sensor must lie, metres below the surface: [`SURFACE_LAYER_M`] by
    /// default.
    pub depth_m: [f64; 2],
}

/// The layer that counts as the surface: 0 to 5.5 cm.
///
/// Not 5 cm, because networks that measure in inches put their uppermost sensor at 2 inches: a
/// limit of 0.05 m silently drops every sensor of SCAN and SNOTEL, at 0.0508 m.
pub const SURFACE_LAYER_M: [f64; 2] = [0.0, 0.055];

impl Default for SeriesFilter {
    fn default() -> Self {
        Self {
            variable: Variable::SoilMoisture,
            depth_m: SURFACE_LAYER_M,
        }
    }
}

impl SeriesFilter {
    /// Whether a series is wanted.
    #[must_use]
    pub fn selects(&self, info: &SeriesInfo) -> bool {
        let [from, to] = self.depth_m;
        self.variable == info.variable && from <= info.depth_from_m && info.depth_to_m <= to
    }
}

impl Archive {
    /// Opens a folder or zip, with the default [`ArchiveLimits`].
    ///
    /// # Errors
    /// As [`Archive::open_within`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, IoError> {
        Self::open_within(path, ArchiveLimits::default())
    }

    /// Opens a folder or zip. Series are found by the ending `.stm` in any folder; no value is read.
    ///
    /// # Errors
    /// [`IoError::File`]; [`IoError::StationArchive`] for a file that is no zip, a truncated zip,
    /// one that unpacks to more than the limit or holds two files of the same name, and for an
    /// archive without any series; [`IoError::ArchiveMember`] for a zip with a path that leads out
    /// of it.
    pub fn open_within(path: impl AsRef<Path>, limits: ArchiveLimits) -> Result<Self, IoError> {
        let path = path.as_ref();
        let (members, names) = Members::open(path, limits)?;
        let (mut series, mut static_paths, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
        for name in names {
            if strip_ending(&name, SERIES_ENDING).is_some() {
                match SeriesInfo::from_path(&name) {
                    Ok(info) => series.push(info),
                    Err(error) => skipped.push(SkippedFile {
                        reason: error.to_string(),
                        path: name,
                    }),
                }
            } else if strip_ending(&name, STATIC_VARIABLES_ENDING).is_some() {
                static_paths.push(name);
            }
        }
        if series.is_empty() && skipped.is_empty() {
            return Err(IoError::StationArchive {
                path: path.to_path_buf(),
                reason: "it holds no station file (.stm)".to_string(),
            });
        }
        Ok(Self {
            members,
            series,
            static_paths,
            skipped,
        })
    }

    /// Where the archive lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.members.path()
    }

    /// The series, as their names tell, in the order of their paths.
    #[must_use]
    pub fn series(&self) -> &[SeriesInfo] {
        &self.series
    }

    /// The series that a filter wants.
    pub fn select(&self, filter: &SeriesFilter) -> impl Iterator<Item = &SeriesInfo> {
        self.series.iter().filter(|info| filter.selects(info))
    }

    /// Station files whose names cannot be understood.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedFile] {
        &self.skipped
    }

    /// Series that more than one file claims to be.
    #[must_use]
    pub fn duplicates(&self) -> Vec<DuplicateSeries> {
        let mut by_key: BTreeMap<_, Vec<&SeriesInfo>> = BTreeMap::new();
        for info in &self.series {
            let depths = [info.depth_from_m, info.depth_to_m].map(f64::to_bits);
            let key = (
                &info.network,
                &info.station,
                &info.variable,
                depths,
                &info.sensor,
            );
            by_key.entry(key).or_default().push(info);
        }
        let repeated = by_key.into_values().filter(|files| files.len() > 1);
        repeated
            .map(|files| DuplicateSeries {
                station: files[0].station_id(),
                variable: files[0].variable.clone(),
                sensor: files[0].sensor.clone(),
                paths: files.iter().map(|info| info.path.clone()).collect(),
            })
            .collect()
    }

    /// Reads one series of this archive.
    ///
    /// # Errors
    /// [`IoError::File`], [`IoError::ArchiveMember`] for a file that cannot be read or unpacked, is
    /// larger than the limit or has changed since the archive was opened; what [`parse_series`]
    /// returns, with the path of the archive.
    pub fn read(&self, info: &SeriesInfo, options: &ReadOptions) -> Result<Series, IoError> {
        let bytes = self.members.read(&info.path)?;
        parse_series(&bytes, info, options).map_err(|error| self.with_path(error))
    }

    /// Reads many series with all threads, hands each to `use_series` as soon as it is there, and
    /// returns what that made of them in the order of `infos`. In memory are as many series as
    /// threads, and the results.
    pub fn map_series<T: Send>(
        &self,
        infos: &[&SeriesInfo],
        options: &ReadOptions,
        use_series: impl Fn(&SeriesInfo, Result<Series, IoError>) -> T + Sync,
    ) -> Vec<T> {
        let one = |info: &&SeriesInfo| use_series(info, self.read(info, options));
        infos.par_iter().map(one).collect()
    }

    /// What the archive states of the soil, land cover and climate of a station; `None` if it has
    /// no such file.
    ///
    /// # Errors
    /// As [`Archive::read`]; [`IoError::StationSeries`] for a table without any row.
    pub fn static_variables(&self, info: &SeriesInfo) -> Result<Option<StaticVariables>, IoError> {
        let Some(path) = self.static_path(info) else {
            return Ok(None);
        };
        let bytes = self.members.read(path)?;
        let variables = parse_static_variables(&bytes, path);
        variables.map(Some).map_err(|error| self.with_path(error))
    }

    /// The table of a station lies in its folder. Where several lie there, because stations share a
    /// folder, it is the one whose name begins like that of the series.
    fn static_path(&self, info: &SeriesInfo) -> Option<&str> {
        let folder = folder_of(&info.path);
        let here = || {
            let paths = self.static_paths.iter().map(String::as_str);
            paths.filter(|path| folder_of(path) == folder)
        };
        let named = format!("-{}{STATIC_VARIABLES_ENDING}", info.station);
        let is_named = |path: &&str| spelling(path).ends_with(&spelling(&named));
        here().find(is_named).or_else(|| {
            let stations = self
                .series
                .iter()
                .filter(|other| folder_of(&other.path) == folder);
            let is_alone = stations
                .into_iter()
                .all(|other| other.station == info.station);
            here().next().filter(|_| is_alone)
        })
    }

    /// An error of a parser, which knows only the path within the archive, with the whole path.
    fn with_path(&self, error: IoError) -> IoError {
        match error {
            IoError::StationSeries { path, line, reason } => IoError::StationSeries {
                path: self.members.path().join::<PathBuf>(path),
                line,
                reason,
            },
            other => other,
        }
    }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
