//! The stations: where they stand, and which series tell what they measured.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use vadose_grid::{Cell, EaseGrid2, LatLonDeg};
use vadose_io::ismn::{
    Archive, FlagSet, Observation, ReadOptions, Rejections, SURFACE_LAYER_M, Series, SeriesFilter,
    SeriesInfo, SkippedFile, Variable,
};
use vadose_io::{StationRow, read_station_csv};

use crate::StudyError;

/// Archives and tables of stations, opened; of their values only the tables' are in memory.
#[derive(Debug)]
pub(super) struct Sources {
    pub(super) archives: Vec<Archive>,
    /// One series a station of a table.
    pub(super) tables: Vec<Series>,
    /// Files to be listed with their checksums.
    pub(super) inputs: Vec<PathBuf>,
    pub(super) skipped: Vec<SkippedFile>,
    /// Soil moisture series of the archives whose sensors lie deeper than asked for.
    pub(super) n_too_deep: usize,
    filter: SeriesFilter,
}

/// A station, and the series that tell what it measured.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// Empty where a table names none.
    pub(super) network: String,
    pub(super) station: String,
    pub(super) position: LatLonDeg,
    /// On the product's grid; `None` for a station beyond it.
    pub(super) cell: Option<Cell>,
    pub(super) probes: Vec<Probe>,
}

/// One series of a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Probe {
    /// By archive and place among its series.
    Archived { archive: usize, series: usize },
    /// By place among the tables' stations.
    Tabled(usize),
}

impl Site {
    /// `network/station`, or the station alone.
    pub(super) fn id(&self) -> String {
        match self.network.as_str() {
            "" => self.station.clone(),
            network => format!("{network}/{}", self.station),
        }
    }
}

impl Sources {
    /// Opens archives (folder, zip or one `.stm` file) and tables (`.csv`).
    ///
    /// # Errors
    /// [`StudyError::Io`] for a path that is none of these.
    pub(super) fn open(paths: &[PathBuf], max_depth_m: f64) -> Result<Self, StudyError> {
        let mut sources = Self {
            archives: Vec::new(),
            tables: Vec::new(),
            inputs: Vec::new(),
            skipped: Vec::new(),
            n_too_deep: 0,
            filter: SeriesFilter {
                variable: Variable::SoilMoisture,
                depth_m: [SURFACE_LAYER_M[0], max_depth_m],
            },
        };
        for path in paths {
            let is_table = path
                .extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
            if is_table {
                sources.add_table(path)?;
            } else {
                sources.add_archive(path)?;
            }
        }
        Ok(sources)
    }

    fn add_archive(&mut self, path: &Path) -> Result<(), StudyError> {
        let archive = Archive::open(path)?;
        self.skipped.extend_from_slice(archive.skipped());
        let soil_moisture = |info: &&SeriesInfo| info.variable == Variable::SoilMoisture;
        let n_all = archive.series().iter().filter(soil_moisture).count();
        self.n_too_deep += n_all - archive.select(&self.filter).count();
        if archive.path().is_dir() {
            let files = archive.select(&self.filter);
            self.inputs
                .extend(files.map(|info| archive.path().join(&info.path)));
        } else {
            self.inputs.push(path.to_path_buf());
        }
        self.archives.push(archive);
        Ok(())
    }

    /// A table becomes one series a station, in the order of time; values of one time are averaged.
    fn add_table(&mut self, path: &Path) -> Result<(), StudyError> {
        let table = read_station_csv(path)?;
        for row in &table.rejected {
            self.skipped.push(SkippedFile {
                path: format!("{}, line {}", path.display(), row.line),
                reason: row.reason.clone(),
            });
        }
        let mut stations: BTreeMap<String, Vec<&StationRow>> = BTreeMap::new();
        for row in &table.rows {
            stations.entry(row.id()).or_default().push(row);
        }
        for (id, rows) in stations {
            self.tables.push(series_of_rows(path, id, &rows));
        }
        self.inputs.push(path.to_path_buf());
        Ok(())
    }

    /// The stations of all sources, by network and name, with their cells on a grid.
    ///
    /// Series of equal network and station are one station, whichever archive they are from; it stands where
    /// its first series does. A series in another cell than its station, or that cannot be read, is skipped.
    pub(super) fn sites(&mut self, grid: EaseGrid2) -> Vec<Site> {
        // Positions stand in the files, but no value is wanted yet.
        let nothing = ReadOptions {
            period: Some(Timestamp::MIN..Timestamp::MIN),
            ..ReadOptions::default()
        };
        let mut places: Vec<(&SeriesInfo, LatLonDeg, Probe, PathBuf)> = Vec::new();
        for (archive_idx, archive) in self.archives.iter().enumerate() {
            let (places_of, infos): (Vec<_>, Vec<_>) = archive
                .series()
                .iter()
                .enumerate()
                .filter(|(_, info)| self.filter.selects(info))
                .unzip();
            let positions = archive.map_series(&infos, &nothing, |_, series| {
                series.map(|series| series.position)
            });
            for ((info, series), position) in infos.into_iter().zip(places_of).zip(positions) {
                let path = archive.path().join(&info.path);
                let probe = Probe::Archived {
                    archive: archive_idx,
                    series,
                };
                match position {
                    Ok(position) => places.push((info, position, probe, path)),
                    Err(error) => self.skipped.push(SkippedFile::new(&path, &error)),
                }
            }
        }
        for (idx, series) in self.tables.iter().enumerate() {
            let path = PathBuf::from(&series.info.path);
            places.push((&series.info, series.position, Probe::Tabled(idx), path));
        }
        let mut sites: BTreeMap<(&str, &str), Site> = BTreeMap::new();
        for (info, position, probe, path) in places {
            let cell = grid.locate(position).ok();
            let site = sites
                .entry((&info.network, &info.station))
                .or_insert_with(|| Site {
                    network: info.network.clone(),
                    station: info.station.clone(),
                    position,
                    cell,
                    probes: Vec::new(),
                });
            if site.cell == cell {
                site.probes.push(probe);
            } else {
                self.skipped.push(SkippedFile {
                    path: path.display().to_string(),
                    reason: format!(
                        "it stands in another cell of {} than {}",
                        grid.name(),
                        site.id()
                    ),
                });
            }
        }
        sites.into_values().collect()
    }
}

/// The rows of one station as a series; values of one time are averaged. What stands in a table was chosen
/// by who made it, so that its values count as good.
fn series_of_rows(path: &Path, id: String, rows: &[&StationRow]) -> Series {
    let mut sums: BTreeMap<Timestamp, (f64, f64)> = BTreeMap::new();
    for row in rows {
        let (sum, n) = sums.entry(row.time).or_default();
        *sum += f64::from(row.soil_moisture_m3m3);
        *n += 1.0;
    }
    let observations = sums.into_iter().map(|(time, (sum, n))| Observation {
        time,
        value: (sum / n) as f32,
        flags: FlagSet::GOOD,
        provider_flag_idx: None,
    });
    let first = rows[0];
    let network = first.network.clone().unwrap_or_default();
    let [depth_from_m, depth_to_m] = SURFACE_LAYER_M;
    Series {
        info: SeriesInfo {
            station: first.station.clone().unwrap_or(id),
            network,
            variable: Variable::SoilMoisture,
            depth_from_m,
            depth_to_m,
            sensor: path.display().to_string(),
            period: None,
            path: path.display().to_string(),
        },
        position: first.position,
        elevation_m: f64::NAN,
        observations: observations.collect(),
        provider_flags: Vec::new(),
        rejected: Rejections::default(),
        discrepancy: None,
    }
}
