//! An archive of the International Soil Moisture Network, read whole.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::{Subcommand, ValueEnum};
use jiff::{SignedDuration, Timestamp};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use vadose_grid::LatLonDeg;
use vadose_io::IoError;
use vadose_io::ismn::{
    Archive, ArchiveForm, FlagSet, Observation, ReadOptions, Rejections, Series, SeriesInfo,
    write_archive,
};

use crate::duel::{Answer, Arguments, Results, vector};
use crate::set_threads;

/// Stations, each with three sensors: soil moisture at two depths and the soil's temperature.
const STATIONS: usize = 200;
const SENSORS: [&str; 3] = ["sm_0.050000", "sm_0.100000", "ts_0.050000"];
/// June, July and August, hour by hour.
const FIRST: &str = "2017-06-01T00:00:00Z";
const HOURS: usize = 92 * 24;
const SEED: u64 = 20_170_601;
/// Share of values that carry a quality flag other than good.
const FLAGGED: f64 = 0.05;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write an archive as it is after unpacking.
    Inputs { output: std::path::PathBuf },
    /// Read it.
    Run(Arguments<Work>),
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Work {
    /// All series of an archive that has been opened.
    Series,
    /// Opening included.
    OpenAndSeries,
}

pub(crate) fn write_inputs(output: &Path) -> Result<()> {
    if output.exists() {
        fs::remove_dir_all(output)
            .with_context(|| format!("cannot replace {}", output.display()))?;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    write_archive(output, ArchiveForm::default(), |archive| {
        for station in 0..STATIONS {
            for sensor in SENSORS {
                archive.add_series(&[series(station, sensor, &mut rng)?])?;
            }
        }
        Ok::<_, IoError>(())
    })?;
    Ok(())
}

fn series(station: usize, sensor: &str, rng: &mut ChaCha8Rng) -> Result<Series, IoError> {
    let (name, depth) = (format!("Station{station:03}"), &sensor[3..]);
    let info = SeriesInfo::from_path(&format!(
        "NET/{name}/NET_NET_{name}_{sensor}_{depth}_Probe_20170601_20170831.stm"
    ))?;
    let first: Timestamp = FIRST.parse().expect("it is a time");
    let position = LatLonDeg {
        lat_deg: rng.random_range(30.0..48.0),
        lon_deg: rng.random_range(-120.0..-80.0),
    };
    let observations = (0..HOURS).map(|hour| Observation {
        time: first + SignedDuration::from_hours(hour as i64),
        value: rng.random_range(500..5000_u16) as f32 / 10_000.0,
        flags: if rng.random_bool(FLAGGED) {
            FlagSet::parse(b"D01")
        } else {
            FlagSet::GOOD
        },
        provider_flag_idx: Some(0),
    });
    Ok(Series {
        info,
        position,
        elevation_m: 300.0,
        observations: observations.collect(),
        provider_flags: vec!["OK".to_owned()],
        rejected: Rejections::default(),
        discrepancy: None,
    })
}

pub(crate) fn run(arguments: &Arguments<Work>) -> Result<Answer> {
    set_threads(arguments.threads)?;
    let open = || Archive::open(&arguments.inputs);
    let opened = open()?;
    match arguments.work {
        Work::Series => arguments.measure(|| read(&opened), results),
        Work::OpenAndSeries => arguments.measure(|| read(&open()?), results),
    }
}

fn read(archive: &Archive) -> Result<Vec<Series>> {
    let infos: Vec<&SeriesInfo> = archive.series().iter().collect();
    let series = archive.map_series(&infos, &ReadOptions::default(), |_, series| series);
    Ok(series.into_iter().collect::<Result<_, _>>()?)
}

/// Of each series, in the order of their files' names: how many values, their mean, and how many are good.
fn results(mut series: Vec<Series>) -> Result<Results> {
    series.sort_by(|one, other| one.info.path.cmp(&other.info.path));
    let of = |value: fn(&Series) -> f64| series.iter().map(value).collect();
    Ok(vec![
        vector("n", of(|one| one.observations.len() as f64))?,
        vector("mean", of(mean))?,
        vector(
            "good",
            of(|one| {
                let good = one.observations.iter();
                good.filter(|at| at.flags == FlagSet::GOOD).count() as f64
            }),
        )?,
    ])
}

fn mean(series: &Series) -> f64 {
    let values = series.observations.iter().map(|at| f64::from(at.value));
    values.sum::<f64>() / series.observations.len() as f64
}
