//! The granules of an archive, by source and day.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use vadose_grid::{Cell, Window};
use vadose_io::imerg::ImergName;
use vadose_io::{GranuleFile, GranuleList, GranuleName, GranuleOrigin, OrbitDirection, Product};

use crate::days::descending_passes;
use crate::sources::{analysis, precipitation};
use crate::{CubeDay, CubeError, Problem, Source};

/// From the beginning of a half orbit, near a pole, to its middle on the equator: half of 2954 s.
pub(crate) const TO_MIDDLE_OF_HALF_ORBIT: SignedDuration = SignedDuration::from_secs(1477);
/// A descending pass comes at most so far from 6 h local solar time, below
/// [`STEADY_LATITUDE_DEG`]: 1.5 h by the inclination of the orbit (98.1°), 0.9 h by the width of
/// the swath, 0.3 h from the equator to that latitude.
pub(crate) const MAX_FROM_SIX: SignedDuration = SignedDuration::from_hours(3);
/// Towards the poles the orbit meets every local solar time.
const STEADY_LATITUDE_DEG: f64 = 70.0;
/// Beyond it, a pass belongs to the day whose 6 h are nearest.
pub(crate) const HALF_DAY: SignedDuration = SignedDuration::from_hours(12);
/// Sentinel-1 passes at 6 h and 18 h local solar time. This admits the morning of the SMAP pass and
/// the evenings before and after it, but no other morning.
const MAX_FROM_SENTINEL: SignedDuration = SignedDuration::from_hours(18);

/// The granules below some folders, by source and time.
#[derive(Debug, Clone, Default)]
pub struct Archives {
    /// By the middle of the half orbit, the SMAP pass, the middle of the three hours, the beginning
    /// of the half hour; ascending.
    files: BTreeMap<Source, Vec<(Timestamp, PathBuf)>>,
    problems: Vec<Problem>,
    superseded: Vec<SupersededFile>,
    unused: BTreeMap<String, usize>,
}

/// A file that is there in a newer version too, or once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupersededFile {
    /// The file.
    pub path: PathBuf,
    /// What is used in its place.
    pub by: PathBuf,
}

/// The files of one source for one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayFiles {
    /// Those that are there, in the order of time.
    pub files: Vec<PathBuf>,
    /// Name patterns of those that are not. Of half orbits and scenes, which do not come every day
    /// and to every place, there is one where none is there.
    pub missing: Vec<String>,
}

impl Archives {
    /// Finds the granules of SPL2SMP_E, SPL2SMAP_S, SPL4SMGP and IMERG below folders, by their
    /// names.
    ///
    /// Of several versions of a granule the newest validated one counts ([`GranuleList::find`]).
    /// Passes other than SMAP's descending ones (6 h local solar time) have no use in a cube, nor
    /// have scenes of which Sentinel-1 passed more than 18 h from SMAP; they are counted
    /// ([`Archives::unused`]).
    ///
    /// # Errors
    /// [`CubeError::Io`] for a path that is not there or a folder that cannot be listed.
    pub fn find(paths: &[PathBuf]) -> Result<Self, CubeError> {
        let list = GranuleList::find(paths)?;
        let mut found = Self::default();
        for file in list.granules.files {
            found.add(file);
        }
        for file in list.half_hours.files {
            found.put(Source::Precipitation, file.name.start, file.path);
        }
        for files in found.files.values_mut() {
            files.sort();
        }
        for skipped in list.skipped {
            found.problems.push(Problem {
                source: source_of_ending(Path::new(&skipped.path)),
                path: skipped.path.into(),
                day: None,
                reason: skipped.reason,
            });
        }
        let granules = list.granules.superseded.into_iter();
        let granules = granules.map(|old| (old.file.path, old.by));
        let half_hours = list.half_hours.superseded.into_iter();
        let half_hours = half_hours.map(|old| (old.file.path, old.by));
        let superseded = granules.chain(half_hours);
        found.superseded = superseded
            .map(|(path, by)| SupersededFile { path, by })
            .collect();
        if list.n_other_files > 0 {
            let other = "files that are no granules".to_owned();
            found.unused.insert(other, list.n_other_files);
        }
        Ok(found)
    }

    fn add(&mut self, file: GranuleFile) {
        let source = match file.product {
            Product::Spl2SmpE => Source::Radiometer,
            Product::Spl2SmapS => Source::Radar,
            Product::Spl4Smgp => Source::Analysis,
            other => return self.leave(other.short_name()),
        };
        let Some(GranuleName { start, origin, .. }) = file.name else {
            return self.problems.push(Problem {
                path: file.path,
                source,
                day: None,
                reason: format!("holds {}, but its name does not say of when", file.product),
            });
        };
        match origin {
            GranuleOrigin::HalfOrbit { direction, .. } => match direction {
                OrbitDirection::Descending => {
                    self.put(source, start + TO_MIDDLE_OF_HALF_ORBIT, file.path);
                }
                OrbitDirection::Ascending => self.leave("SPL2SMP_E, ascending"),
            },
            GranuleOrigin::SentinelScene { sentinel_start, .. } => {
                if start.duration_since(sentinel_start).abs() <= MAX_FROM_SENTINEL {
                    self.put(source, start, file.path);
                } else {
                    self.leave("SPL2SMAP_S, Sentinel-1 of another day");
                }
            }
            GranuleOrigin::ThreeHours | GranuleOrigin::Day => self.put(source, start, file.path),
        }
    }

    fn put(&mut self, source: Source, time: Timestamp, path: PathBuf) {
        self.files.entry(source).or_default().push((time, path));
    }

    fn leave(&mut self, what: &str) {
        *self.unused.entry(what.to_owned()).or_default() += 1;
    }

    /// The files that a source has for a day in a window of M01, and what is missing.
    ///
    /// Half orbits and scenes are those about 6 h local solar time of the window's columns, wherever
    /// on Earth; the analysis is the means that hold 6 h local solar time of some column;
    /// precipitation is of the 24 hours before. Static layers and stations have none.
    ///
    /// # Errors
    /// [`CubeError::Grid`] for a window that is not on M01, [`CubeError::Io`] for one that is not on
    /// IMERG's grid.
    pub fn day(
        &self,
        source: Source,
        day: &CubeDay,
        window: &Window,
    ) -> Result<DayFiles, CubeError> {
        match source {
            Source::Radiometer => self.of_morning(source, day, window, "SMAP_L2_SM_P_E_*_D"),
            Source::Radar => self.of_morning(source, day, window, "SMAP_L2_SM_SP_*"),
            Source::Analysis => {
                let centres = analysis::centres(day, window)?;
                let pattern = |centre: Timestamp| {
                    format!("SMAP_L4_SM_gph_{}_*.h5", centre.strftime("%Y%m%dT%H%M%S"))
                };
                Ok(self.at_times(source, &centres, pattern))
            }
            Source::Precipitation | Source::Antecedent => {
                let starts = precipitation::half_hours(day, window)?;
                let version = "*".to_owned();
                let pattern = |start| {
                    let version = version.clone();
                    ImergName { start, version }.to_string()
                };
                Ok(self.at_times(Source::Precipitation, &starts, pattern))
            }
            Source::Static | Source::Stations => Ok(DayFiles::default()),
        }
    }

    fn of_morning(
        &self,
        source: Source,
        day: &CubeDay,
        window: &Window,
        pattern: &str,
    ) -> Result<DayFiles, CubeError> {
        let margin = if reaches_beyond(window, STEADY_LATITUDE_DEG)? {
            HALF_DAY
        } else {
            MAX_FROM_SIX
        };
        let [first, last] = descending_passes(day.date, window)?;
        let times = first - margin..=last + margin;
        let files = self.of(source).iter();
        let files = files.filter(|(time, _)| times.contains(time));
        let files: Vec<_> = files.map(|(_, path)| path.clone()).collect();
        let missing = match files.is_empty() {
            true => vec![format!("{pattern}_{}T*.h5", day.time.strftime("%Y%m%d"))],
            false => Vec::new(),
        };
        Ok(DayFiles { files, missing })
    }

    fn at_times(
        &self,
        source: Source,
        times: &[Timestamp],
        pattern: impl Fn(Timestamp) -> String,
    ) -> DayFiles {
        let all = self.of(source);
        let mut found = DayFiles::default();
        for &time in times {
            match all.binary_search_by_key(&time, |(time, _)| *time) {
                Ok(idx) => found.files.push(all[idx].1.clone()),
                Err(_) => found.missing.push(pattern(time)),
            }
        }
        found
    }

    fn of(&self, source: Source) -> &[(Timestamp, PathBuf)] {
        self.files.get(&source).map_or(&[], Vec::as_slice)
    }

    /// Files that end like granules and are none, or whose names do not say of when they are.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Granules that are there in a newer version too, or once more.
    #[must_use]
    pub fn superseded(&self) -> &[SupersededFile] {
        &self.superseded
    }

    /// What else lies in the folders and has no use in a cube, counted.
    #[must_use]
    pub fn unused(&self) -> &BTreeMap<String, usize> {
        &self.unused
    }
}

/// What a file that is no granule should have been.
fn source_of_ending(path: &Path) -> Source {
    let is_imerg = path.extension().is_some_and(|ending| ending == "HDF5");
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match is_imerg {
        true => Source::Precipitation,
        false if name.starts_with("SMAP_L2_SM_SP") => Source::Radar,
        false if name.starts_with("SMAP_L4") => Source::Analysis,
        false => Source::Radiometer,
    }
}

fn reaches_beyond(window: &Window, latitude_deg: f64) -> Result<bool, CubeError> {
    let latitude = |row| {
        let col = window.col0();
        let centre = window.grid().centre(Cell { row, col })?;
        Ok::<f64, CubeError>(centre.lat_deg.abs())
    };
    let [north, south] = [window.row0(), window.row0() + window.rows() - 1];
    Ok(latitude(north)?.max(latitude(south)?) > latitude_deg)
}

#[cfg(test)]
mod tests;
