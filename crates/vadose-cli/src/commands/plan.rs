//! `vadose plan`: what to download for a cube.

use std::path::{Path, PathBuf};

use vadose::cube::{BuildConfig, CubeError, DownloadPlan, Period};
use vadose::grid::LatLonDeg;
use vadose::io::{IoError, write_atomically};

use crate::failure::Failure;
use crate::print;
use crate::progress::Display;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The region, degrees: west, south, east, north.
    #[arg(long, value_name = "W,S,E,N", value_parser = bbox, allow_hyphen_values = true)]
    bbox: [LatLonDeg; 2],
    /// The days, e.g. 2017-06-01..2017-06-30; several periods may follow one another.
    #[arg(long, value_name = "FIRST..LAST", value_delimiter = ',', required = true, value_parser = period)]
    dates: Vec<Period>,
    /// Of how many days before each day the precipitation is fetched too; `lead_days` of `vadose build`.
    #[arg(long, value_name = "DAYS", default_value_t = BuildConfig::default().lead_days)]
    lead_days: u16,
    /// Write a Python program that fetches the granules with NASA's client `earthaccess`.
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, display: Display) -> Result<(), Failure> {
    let plan =
        DownloadPlan::new(args.bbox, &args.dates, args.lead_days).map_err(|error| match error {
            CubeError::Config { .. } => Failure::usage(error),
            other => other.into(),
        })?;
    if let Some(path) = &args.script {
        write(path, &plan.script())?;
        display.note(format_args!(
            "wrote {}: python {} lists the granules, --download FOLDER fetches them",
            path.display(),
            path.display()
        ));
    }
    if args.json {
        return print::json(&plan);
    }
    print::text(plan.to_string().trim_end())
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    write_atomically(path, |temporary| {
        std::fs::write(temporary, text).map_err(|source| IoError::File {
            action: "write",
            path: path.to_path_buf(),
            source,
        })
    })?;
    Ok(())
}

/// South-western and north-eastern corner.
fn bbox(text: &str) -> Result<[LatLonDeg; 2], String> {
    let numbers: Result<Vec<f64>, _> = text.split(',').map(|one| one.trim().parse()).collect();
    match numbers.as_deref() {
        Ok(&[west, south, east, north]) => {
            Ok([(south, west), (north, east)]
                .map(|(lat_deg, lon_deg)| LatLonDeg { lat_deg, lon_deg }))
        }
        _ => Err("four numbers: west, south, east, north".to_owned()),
    }
}

fn period(text: &str) -> Result<Period, String> {
    let dates = text
        .split_once("..")
        .and_then(|(first, last)| Some((first.trim().parse().ok()?, last.trim().parse().ok()?)));
    let (first, last) = dates.ok_or("two dates: 2017-06-01..2017-06-30")?;
    Ok(Period {
        first,
        last,
        every: 1,
    })
}
