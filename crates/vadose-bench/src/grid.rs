//! EASE-Grid 2.0, forward and inverse, and the same by PROJ.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use vadose_grid::{EaseGrid2, LatLonDeg, ProjectedM};

use crate::duel::{Answer, Arguments, Inputs, Results, vector, write};

const POINTS: usize = 1_000_000;
const SEED: u64 = 6933;
/// Where the M grids end, to the degree.
const LIMIT_DEG: f64 = 85.0;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write points that are spread evenly in latitude and longitude.
    Inputs { output: PathBuf },
    /// Project them, or back.
    Run(Arguments<Work>),
    /// Let PROJ do the same.
    #[cfg(feature = "proj")]
    Proj(Arguments<Work>),
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Work {
    /// Onto the plane of the M grids, EPSG:6933.
    ForwardM,
    /// From there to latitude and longitude.
    InverseM,
    /// Onto the plane of the N grids, EPSG:6931; points of the south are taken to the north.
    ForwardN,
    /// From there to latitude and longitude.
    InverseN,
}

impl Work {
    fn grid(self) -> EaseGrid2 {
        match self {
            Self::ForwardM | Self::InverseM => EaseGrid2::M01,
            Self::ForwardN | Self::InverseN => EaseGrid2::N01,
        }
    }

    fn is_forward(self) -> bool {
        matches!(self, Self::ForwardM | Self::ForwardN)
    }

    /// The points that the grid is made for.
    fn points(self, inputs: &Inputs) -> Result<Vec<LatLonDeg>> {
        let lat_deg = inputs.vector("lat_deg")?;
        let lon_deg = inputs.vector("lon_deg")?;
        let points = lat_deg.into_iter().zip(lon_deg);
        Ok(points
            .map(|(lat_deg, lon_deg)| LatLonDeg {
                lat_deg: match self.grid() {
                    EaseGrid2::N01 => lat_deg.abs(),
                    _ => lat_deg,
                },
                lon_deg,
            })
            .collect())
    }
}

pub(crate) fn write_inputs(output: &Path) -> Result<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut draw = |limit_deg: f64| -> Vec<f64> {
        let values = (0..POINTS).map(|_| rng.random_range(-limit_deg..limit_deg));
        values.collect()
    };
    let (lat_deg, lon_deg) = (draw(LIMIT_DEG), draw(180.0));
    write(
        output,
        vec![vector("lat_deg", lat_deg)?, vector("lon_deg", lon_deg)?],
    )
}

pub(crate) fn run(arguments: &Arguments<Work>) -> Result<Answer> {
    let work = arguments.work;
    let grid = work.grid();
    let points = work.points(&arguments.start()?)?;
    if work.is_forward() {
        arguments.measure(
            || Ok(grid.project_many(&points)),
            |found| pairs(found.iter().map(|p: &ProjectedM| (p.x_m, p.y_m))),
        )
    } else {
        let projected = grid.project_many(&points);
        arguments.measure(
            || Ok(grid.unproject_many(&projected)),
            |found| pairs(found.iter().map(|p: &LatLonDeg| (p.lon_deg, p.lat_deg))),
        )
    }
}

#[cfg(feature = "proj")]
pub(crate) fn run_proj(arguments: &Arguments<Work>) -> Result<Answer> {
    let work = arguments.work;
    let points = work.points(&arguments.start()?)?;
    let plane = format!("EPSG:{}", work.grid().epsg());
    let (from, to) = match work.is_forward() {
        true => ("EPSG:4326", plane.as_str()),
        false => (plane.as_str(), "EPSG:4326"),
    };
    let proj = proj::Proj::new_known_crs(from, to, None)?;
    let version = proj.lib_info()?.version;
    let coordinates: Vec<(f64, f64)> = if work.is_forward() {
        points.iter().map(|p| (p.lon_deg, p.lat_deg)).collect()
    } else {
        let projected = work.grid().project_many(&points);
        projected.iter().map(|p| (p.x_m, p.y_m)).collect()
    };
    // It works in place.
    arguments.measure_changing(
        || coordinates.clone(),
        |mut coordinates| {
            proj.convert_array(&mut coordinates)?;
            Ok(coordinates)
        },
        |found| pairs(found.into_iter()),
        &version,
    )
}

fn pairs(points: impl Iterator<Item = (f64, f64)>) -> Result<Results> {
    let (first, second) = points.unzip();
    Ok(vec![vector("first", first)?, vector("second", second)?])
}
