//! The archives of a configuration: opened, and their series by sensor.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use vadose_io::ismn::{Archive, SeriesInfo, Variable};

use super::config::StationsConfig;
use super::exclusion::{ExclusionReason, Ledger};
use super::sensors::Sources;
use crate::CubeError;

/// A series of an archive, and where it lies in the words of the configuration.
pub(super) type Located<'a> = (&'a Archive, &'a SeriesInfo, String);

/// What makes files hold one sensor: network, station, depths and instrument.
type SensorKey<'a> = (&'a str, &'a str, [u64; 2], &'a str);

impl Sources {
    /// Opens the archives; no value is read.
    pub(super) fn open(config: &StationsConfig, base_folder: &Path) -> Result<Self, CubeError> {
        let open = |path: &PathBuf| {
            let archive = Archive::open(base_folder.join(path))?;
            Ok((path.clone(), archive))
        };
        let archives = config.archives.iter().map(open);
        Ok(Self {
            archives: archives.collect::<Result<_, CubeError>>()?,
        })
    }

    /// Every series of every archive.
    pub(super) fn series(&self) -> impl Iterator<Item = Located<'_>> {
        self.archives.iter().flat_map(|(path, archive)| {
            let located = move |info| (archive, info, sensor_name(path, info));
            archive.series().iter().map(located)
        })
    }

    /// The files of soil moisture, those of one sensor together.
    pub(super) fn by_sensor(&self) -> Vec<Vec<Located<'_>>> {
        let mut sensors: BTreeMap<SensorKey<'_>, Vec<Located<'_>>> = BTreeMap::new();
        for located in self.series() {
            let info = located.1;
            if info.variable == Variable::SoilMoisture {
                let depths = [info.depth_from_m, info.depth_to_m].map(f64::to_bits);
                let key = (&*info.network, &*info.station, depths, &*info.sensor);
                sensors.entry(key).or_default().push(located);
            }
        }
        sensors.into_values().collect()
    }

    /// Files whose names cannot be understood: lost, whatever they measured.
    pub(super) fn lose_nameless(&self, ledger: &mut Ledger) {
        for (path, archive) in &self.archives {
            for file in archive.skipped() {
                let sensor = join(path, &file.path);
                ledger.lose_sensor(ExclusionReason::Unreadable, "", &sensor, &file.reason);
            }
        }
    }

    /// The files to watch for changes.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let is_read = |variable: &Variable| {
            matches!(
                variable,
                Variable::SoilMoisture | Variable::SoilTemperature | Variable::SnowDepth
            )
        };
        let mut files = Vec::new();
        for (_, archive) in &self.archives {
            if archive.path().is_dir() {
                let series = archive.series().iter();
                let read = series.filter(|info| is_read(&info.variable));
                files.extend(read.map(|info| archive.path().join(&info.path)));
            } else {
                files.push(archive.path().to_path_buf());
            }
        }
        files
    }
}

/// The archive and the file in it; an archive may be a single file, too.
fn sensor_name(path: &Path, info: &SeriesInfo) -> String {
    if path.ends_with(&info.path) {
        return path.display().to_string();
    }
    join(path, &info.path)
}

fn join(path: &Path, member: &str) -> String {
    format!("{}/{member}", path.display())
}
