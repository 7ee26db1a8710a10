//! Writing an archive as ISMN delivers it: folder or zip, in either text format.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use zip::write::{PreparedZipFile, SimpleFileOptions};
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::series_name::spelling;
use super::static_variables::{COLUMNS, STATIC_VARIABLES_ENDING};
use super::text_format::{path_of_series, text_of_series};
use super::{FlagSet, LineEnd, Observation, Series, SeriesInfo, StaticVariables, TextFormat};
use crate::{IoError, write_atomically};

/// How an archive is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ArchiveForm {
    /// A folder or a zip.
    pub container: ArchiveContainer,
    /// What stands on a line.
    pub format: TextFormat,
    /// How lines end.
    pub line_end: LineEnd,
}

/// What the files of an archive lie in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ArchiveContainer {
    /// A folder, as after unpacking.
    #[default]
    Folder,
    /// A zip, as downloaded.
    Zip,
}

/// Takes the series of an archive that [`write_archive`] writes.
pub struct ArchiveWriter {
    path: PathBuf,
    form: ArchiveForm,
    sink: Sink,
    paths: BTreeSet<String>,
}

enum Sink {
    Folder(PathBuf),
    Zip(Box<ZipWriter<BufWriter<File>>>),
}

/// Series whose text is in memory at once.
const SERIES_PER_BATCH: usize = 64;
/// Level 3 takes less than half the time of the usual 6 on station text, for 4 % more bytes.
const DEFLATE_LEVEL: i64 = 3;
/// Permissions of the files in a zip.
const UNIX_PERMISSIONS: u32 = 0o644;
/// Columns of the static variables beside those of [`COLUMNS`]; they stay empty.
const MORE_COLUMNS: &str = "quantity_source_description;quantity_source_provider;\
    quantity_source_version;quantity_source_resolution;quantity_source_timerange;quantity_source_url;";
const N_MORE_COLUMNS: usize = 6;

/// Writes an archive that [`Archive`](super::Archive) and TU Wien's `ismn` read, whole or not at all.
///
/// `fill` hands over the series, as many at a time as it likes. The same series give the same
/// bytes, for any number of threads; times in the zip are fixed.
///
/// # Errors
/// What `fill` returns; [`IoError::File`] if the place cannot be written to, or is a folder that
/// holds something.
/// # Examples
/// ```
/// use vadose_grid::LatLonDeg;
/// use vadose_io::ismn::{
///     Archive, ArchiveForm, FlagSet, Observation, ReadOptions, Series, SeriesInfo, write_archive,
/// };
///
/// let folder = tempfile::tempdir().unwrap();
/// let info = SeriesInfo::from_path("N/S/N_N_S_sm_0.050000_0.050000_Probe_20170601_20170630.stm")?;
/// let series = Series {
///     info: info.clone(),
///     position: LatLonDeg { lat_deg: 40.015, lon_deg: -105.2705 },
///     elevation_m: 1655.0,
///     observations: vec![Observation {
///         time: "2017-06-01T12:00:00Z".parse().unwrap(),
///         value: 0.214,
///         flags: FlagSet::GOOD,
///         provider_flag_idx: None,
///     }],
///     provider_flags: Vec::new(),
///     rejected: Default::default(),
///     discrepancy: None,
/// };
/// let path = folder.path().join("archive");
/// write_archive(&path, ArchiveForm::default(), |archive| archive.add_series(&[series.clone()]))?;
/// assert_eq!(Archive::open(&path)?.read(&info, &ReadOptions::default())?, series);
/// # Ok::<(), vadose_io::IoError>(())
/// ```
pub fn write_archive<T, E: From<IoError>>(
    path: impl AsRef<Path>,
    form: ArchiveForm,
    fill: impl FnOnce(&mut ArchiveWriter) -> Result<T, E>,
) -> Result<T, E> {
    let path = path.as_ref();
    write_atomically(path, |temporary| {
        let failed = |action| {
            move |source| IoError::File {
                action,
                path: path.to_path_buf(),
                source,
            }
        };
        let sink = match form.container {
            ArchiveContainer::Folder => {
                fs::create_dir(temporary).map_err(failed("create"))?;
                Sink::Folder(temporary.to_path_buf())
            }
            ArchiveContainer::Zip => {
                let file = File::create(temporary).map_err(failed("create"))?;
                Sink::Zip(Box::new(ZipWriter::new(BufWriter::new(file))))
            }
        };
        let mut writer = ArchiveWriter {
            path: path.to_path_buf(),
            form,
            sink,
            paths: BTreeSet::new(),
        };
        let result = fill(&mut writer)?;
        if let Sink::Zip(zip) = writer.sink {
            let buffer = zip
                .finish()
                .map_err(|error| zip_error(path, &error.into()))?;
            let flushed = buffer
                .into_inner()
                .map_err(std::io::IntoInnerError::into_error);
            flushed.map_err(failed("write"))?;
        }
        Ok(result)
    })
}

/// Whether a line says that it holds no value: NaN, flagged as missing.
fn is_missing(line: &Observation) -> bool {
    line.value.is_nan() && line.flags.contains(FlagSet::MISSING)
}

impl ArchiveWriter {
    /// Adds series, with all threads. Their [`SeriesInfo::path`] and what was rejected when they
    /// were read play no part; values are written with four decimals, times to the minute,
    /// positions with five decimals.
    ///
    /// # Errors
    /// [`IoError::SeriesName`] for a name that no file can have or no reader finds again;
    /// [`IoError::Write`] for a value that is not finite (NaN is, where the flags say missing), a series without period and
    /// observations, and one that is there already; [`IoError::File`], e.g. if the disk is full.
    pub fn add_series(&mut self, series: &[Series]) -> Result<(), IoError> {
        for batch in series.chunks(SERIES_PER_BATCH) {
            let mut paths = Vec::with_capacity(batch.len());
            for series in batch {
                let path = self.checked_path(series)?;
                paths.push(self.new_path(path)?);
            }
            let (format, line_end) = (self.form.format, self.form.line_end);
            let text = |series| text_of_series(series, format, line_end);
            let of_batch = paths.par_iter().zip(batch);
            match &mut self.sink {
                Sink::Folder(folder) => of_batch
                    .map(|(path, series)| write_file(folder, &self.path, path, &text(series)))
                    .collect::<Result<(), IoError>>()?,
                Sink::Zip(zip) => {
                    let prepared = of_batch
                        .map(|(path, series)| prepared(&self.path, path, &text(series)))
                        .collect::<Result<Vec<_>, IoError>>()?;
                    for file in prepared {
                        let added = zip.add_prepared_file(file);
                        added.map_err(|error| zip_error(&self.path, &error.into()))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds the static variables of a station.
    ///
    /// # Errors
    /// As [`ArchiveWriter::add_series`]; [`IoError::SeriesName`] also for a text that holds `;` or
    /// a line end.
    pub fn add_static_variables(
        &mut self,
        network: &str,
        station: &str,
        variables: &StaticVariables,
    ) -> Result<(), IoError> {
        check_name(network)?;
        check_name(station)?;
        let spelled = spelling(network);
        let path = self.new_path(format!(
            "{network}/{station}/{spelled}_{spelled}_{station}{STATIC_VARIABLES_ENDING}"
        ))?;
        let text = static_text(&path, variables)?;
        match &mut self.sink {
            Sink::Folder(folder) => write_file(folder, &self.path, &path, text.as_bytes()),
            Sink::Zip(zip) => {
                let file = prepared(&self.path, &path, text.as_bytes())?;
                let added = zip.add_prepared_file(file);
                added.map_err(|error| zip_error(&self.path, &error.into()))
            }
        }
    }

    /// The path of a series, if a reader finds in it what the series says of itself.
    fn checked_path(&self, series: &Series) -> Result<String, IoError> {
        let info = &series.info;
        check_name(&info.network)?;
        check_name(&info.station)?;
        let station = info.station_id();
        if series
            .observations
            .iter()
            .any(|line| !line.value.is_finite() && !is_missing(line))
        {
            return Err(self.refused(format!("a value of {station} is not finite")));
        }
        let path = path_of_series(series)
            .ok_or_else(|| self.refused(format!("{station} has neither period nor values")))?;
        let found = SeriesInfo::from_path(&path)?;
        let [wanted, found] = [info, &found].map(|info| {
            let depths = [info.depth_from_m, info.depth_to_m].map(|depth| format!("{depth:.6}"));
            (
                info.station_id(),
                info.variable.clone(),
                depths,
                info.sensor.clone(),
            )
        });
        if wanted == found && !path.contains(['\n', '\r', '\\']) {
            return Ok(path);
        }
        Err(IoError::SeriesName {
            name: path,
            reason: "its parts cannot be told apart again",
        })
    }

    fn new_path(&mut self, path: String) -> Result<String, IoError> {
        if self.paths.insert(path.clone()) {
            return Ok(path);
        }
        Err(self.refused(format!("`{path}` is in it already")))
    }

    fn refused(&self, reason: String) -> IoError {
        IoError::Write {
            path: self.path.clone(),
            format: "the station archive",
            reason,
        }
    }
}

fn write_file(folder: &Path, archive: &Path, path: &str, text: &[u8]) -> Result<(), IoError> {
    let full = folder.join(path);
    let failed = |source| IoError::File {
        action: "write",
        path: archive.join(path),
        source,
    };
    if let Some(parent) = full.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::write(&full, text).map_err(failed)
}

fn prepared(archive: &Path, path: &str, text: &[u8]) -> Result<PreparedZipFile, IoError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(DEFLATE_LEVEL))
        .last_modified_time(DateTime::default())
        .unix_permissions(UNIX_PERMISSIONS);
    PreparedZipFile::from_data(path, options, text)
        .map_err(|error| zip_error(archive, &error.into()))
}

fn zip_error(archive: &Path, error: &std::io::Error) -> IoError {
    IoError::Write {
        path: archive.to_path_buf(),
        format: "a zip",
        reason: error.to_string(),
    }
}

/// Network and station are folders and words of a line.
fn check_name(name: &str) -> Result<(), IoError> {
    let is_bad =
        |char: char| matches!(char, '/' | '\\' | ':') || char.is_whitespace() || char.is_control();
    if name.is_empty() || name.starts_with('.') || name.contains(is_bad) {
        return Err(IoError::SeriesName {
            name: name.to_string(),
            reason: "no name of a network or station (empty, a dot in front, a blank, `/`, `\\` or `:`)",
        });
    }
    Ok(())
}

fn static_text(path: &str, variables: &StaticVariables) -> Result<String, IoError> {
    let mut text = format!("{};{MORE_COLUMNS}\r\n", COLUMNS.join(";"));
    for row in &variables.rows {
        let [from, to] = row.depth_m.map_or_else(Default::default, |depths| {
            depths.map(|depth| format!("{depth:.2}"))
        });
        let fields = [
            &row.quantity,
            &row.unit,
            &from,
            &to,
            &row.value,
            &row.description,
            &row.source,
        ];
        if fields.iter().any(|field| field.contains([';', '\n', '\r'])) {
            return Err(IoError::SeriesName {
                name: path.to_string(),
                reason: "a text of the static variables holds `;` or a line end",
            });
        }
        for field in fields {
            text.push_str(field);
            text.push(';');
        }
        text.push_str(&";".repeat(N_MORE_COLUMNS));
        text.push_str("\r\n");
    }
    Ok(text)
}
