//! `vadose split`: stations for training, validation and test, and where they are not independent.

use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;
use vadose::cube::{Cube, StationScenes};
use vadose::io::write_split_csv;
use vadose::scene::{LeakConfig, LeakReport, SplitConfig, SplitMethod, StationSplit, leak_report};

use super::write_text;
use crate::failure::Failure;
use crate::print;
use crate::progress::Display;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of a cube.
    cube: PathBuf,
    /// What is kept together.
    #[arg(long, value_enum, default_value_t)]
    method: Method,
    /// Edge of a spatial block, cells of 1 km.
    #[arg(long, default_value_t = 36, value_name = "CELLS")]
    block_cells: usize,
    /// Share of the stations for test.
    #[arg(long, default_value_t = SplitConfig::default().test_fraction, value_name = "SHARE")]
    test_fraction: f64,
    /// Share of the other stations for validation.
    #[arg(long, default_value_t = SplitConfig::default().validation_fraction_of_rest, value_name = "SHARE")]
    validation_fraction: f64,
    /// Stations nearer than this are reported, km.
    #[arg(long, default_value_t = LeakConfig::default().min_distance_km, value_name = "KM")]
    min_distance_km: f64,
    /// Seed: that of the training's configuration gives the training's split.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for split.csv and leaks.json.
    #[arg(long, short, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Print the leak report as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Method {
    /// Single stations at random, as in the paper.
    #[default]
    Station,
    /// Square blocks at random.
    Block,
}

pub(crate) fn run(args: &Args, display: Display) -> Result<(), Failure> {
    let cube = Arc::new(Cube::open(&args.cube)?);
    let sites: Vec<_> = cube.sites().cloned().collect();
    let config = SplitConfig {
        method: match args.method {
            Method::Station => SplitMethod::RandomStation,
            Method::Block => SplitMethod::SpatialBlock {
                cells: args.block_cells,
            },
        },
        test_fraction: args.test_fraction,
        validation_fraction_of_rest: args.validation_fraction,
        seed: args.seed,
    };
    let split = config.build(&sites).map_err(Failure::usage)?;
    let leak_config = LeakConfig {
        min_distance_km: args.min_distance_km,
        ..LeakConfig::default()
    };
    let leaks = leak_report(&sites, &StationScenes::new(cube), &split, &leak_config)?;
    if let Some(folder) = &args.output {
        std::fs::create_dir_all(folder)?;
        write_split_csv(folder.join("split.csv"), &split)?;
        write_text(
            &folder.join("leaks.json"),
            &serde_json::to_string_pretty(&leaks)?,
        )?;
        display.note(format_args!("wrote {}", folder.display()));
    }
    if args.json {
        return print::json(&leaks);
    }
    print_leaks(&split, &leaks)
}

fn print_leaks(split: &StationSplit, leaks: &LeakReport) -> Result<(), Failure> {
    let counts = split.counts();
    print::text(format_args!(
        "stations: {} train, {} validation, {} test",
        counts.train, counts.validation, counts.test
    ))?;
    let leak = leaks.counts;
    print::text(format_args!(
        "pairs of different splits: {} share a tile and day, {} share a 9 km cell, {} are nearer than {} km",
        leak.shared_tile_days,
        leak.shared_coarse_cells,
        leak.close_pairs,
        leaks.config.min_distance_km
    ))?;
    print::text(format_args!(
        "{} of {} test stations are in such a pair",
        leak.test_stations_affected, counts.test
    ))
}
