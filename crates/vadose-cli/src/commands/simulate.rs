//! `vadose simulate`: a landscape with known truth, in the files that NASA and ISMN deliver.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vadose::cube::{
    BuildConfig, LandCoverConvention, LandCoverRaster, M01Window, Period, QuantityRaster,
    RasterConfig, Region, StationsConfig,
};
use vadose::twin::simulation::{Phase, Progress, Simulation, SimulationRecord};
use vadose::twin::{Faults, Preset, SimulationConfig, TwinError};

use super::write_text;
use crate::failure::Failure;
use crate::print;
use crate::progress::{Display, Task};
use crate::toml_error::explain;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Configuration file; `vadose init --of simulate` writes one with every default.
    #[arg(required_unless_present = "preset", conflicts_with = "preset")]
    config: Option<PathBuf>,
    /// A configuration by name: small, conus-mid, conus-west or conus.
    #[arg(long, value_name = "NAME", requires = "output")]
    preset: Option<String>,
    /// New or empty folder to write into; overrides the configuration file.
    #[arg(long, short, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Years, overriding those of the configuration.
    #[arg(long, value_delimiter = ',', value_name = "YEAR")]
    years: Vec<i16>,
    /// Seed, overriding that of the configuration.
    #[arg(long)]
    seed: Option<u64>,
    /// Plant the faults of real archives, listed in faults.json.
    #[arg(long)]
    faults: bool,
    /// Print the record as JSON.
    #[arg(long)]
    json: bool,
}

/// A configuration file: the simulation and where it goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SimulateFile {
    /// Folder to write into, relative to the file.
    output: PathBuf,
    /// What is simulated.
    simulation: SimulationConfig,
}

impl Default for SimulateFile {
    fn default() -> Self {
        Self {
            output: PathBuf::from("out/twin"),
            simulation: SimulationConfig::default(),
        }
    }
}

impl SimulateFile {
    /// The file with every default, as TOML.
    pub(crate) fn to_toml(&self) -> Result<String, Failure> {
        Ok(toml::to_string_pretty(self)?)
    }

    fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::usage(format_args!("{}: cannot be read: {error}", path.display()))
        })?;
        let mut file: Self = toml::from_str(&text).map_err(|error| {
            let explained = explain(&text, &error);
            Failure::usage(format_args!("{}: {explained}", path.display()))
        })?;
        file.output = path.parent().unwrap_or(Path::new("")).join(file.output);
        Ok(file)
    }
}

pub(crate) fn run(args: &Args, display: Display) -> Result<(), Failure> {
    let (output, config) = configuration(args)?;
    let simulation = Simulation::new(config).map_err(Failure::usage)?;
    let window = simulation.window();
    display.note(format_args!(
        "simulating {} x {} cells of 1 km, {} stations, into {}",
        window.rows(),
        window.cols(),
        simulation.sites().len(),
        output.display()
    ));
    let mut bar = Bar {
        display,
        task: None,
    };
    let record = simulation.write(&output, &mut |progress| bar.show(progress));
    bar.end();
    let record = record.map_err(|error| match error {
        TwinError::FolderNotEmpty { .. } => Failure::usage(error),
        other => Failure::Failed(other.into()),
    })?;
    let build = build_config(&output, simulation.config())?;
    write_text(&output.join("build.toml"), &toml::to_string_pretty(&build)?)?;
    if args.json {
        return print::json(&record);
    }
    print_record(&output, &record)
}

/// The configuration by which `vadose build` makes a cube of the archive, beside it.
fn build_config(output: &Path, config: &SimulationConfig) -> Result<BuildConfig, Failure> {
    let raster = |name: &str, scale: f64| {
        Some(QuantityRaster {
            scale,
            ..QuantityRaster::new(format!("ancillary/{name}.tif"))
        })
    };
    let seasons = config.period.seasons()?;
    let periods = seasons.iter().filter_map(|season| {
        Some(Period {
            first: season.first,
            last: season.dates().last()?,
            every: 1,
        })
    });
    let region = &config.region;
    Ok(BuildConfig {
        output: PathBuf::from("cube"),
        archives: vec![PathBuf::from("smap"), PathBuf::from("imerg")],
        region: Region::Window(M01Window {
            row0: region.row0,
            col0: region.col0,
            rows: region.rows,
            cols: region.cols,
        }),
        periods: periods.collect(),
        // Those of an archive have among them the 24 h of the first day's own precipitation.
        lead_days: config.period.lead_days - 1,
        rasters: RasterConfig {
            // SoilGrids stores g kg-1 and cg cm-3.
            clay_fraction: raster("clay_0-5cm_mean", 1e-3),
            bulk_density: raster("bdod_0-5cm_mean", 1e-2),
            land_cover: Some(LandCoverRaster {
                path: PathBuf::from("ancillary/mcd12q1_lc_type1.tif"),
                convention: LandCoverConvention::Mcd12q1V6,
                crs: None,
            }),
            elevation: raster("srtm_elevation", 1.0),
        },
        stations: StationsConfig {
            archives: station_archives(output)?,
            ..StationsConfig::default()
        },
        ..BuildConfig::default()
    })
}

/// The simulation and its folder, from the arguments.
fn configuration(args: &Args) -> Result<(PathBuf, SimulationConfig), Failure> {
    let file = match (&args.config, &args.preset) {
        (Some(path), _) => SimulateFile::read(path)?,
        (None, Some(name)) => SimulateFile {
            simulation: SimulationConfig::preset(name.parse::<Preset>().map_err(Failure::usage)?),
            ..SimulateFile::default()
        },
        (None, None) => return Err(Failure::usage("give a configuration file or --preset")),
    };
    let mut config = file.simulation;
    if !args.years.is_empty() {
        config.period.years.clone_from(&args.years);
    }
    config.seed = args.seed.unwrap_or(config.seed);
    if args.faults {
        config.faults = Faults::Typical;
    }
    Ok((args.output.clone().unwrap_or(file.output), config))
}

/// The folders and zips of stations in an archive, relative to it.
fn station_archives(output: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut archives = Vec::new();
    for entry in std::fs::read_dir(output.join("ismn"))? {
        archives.push(Path::new("ismn").join(entry?.file_name()));
    }
    archives.sort();
    Ok(archives)
}

/// One progress bar after another, as the phases come.
struct Bar {
    display: Display,
    task: Option<(Phase, i16, Task)>,
}

impl Bar {
    fn show(&mut self, progress: Progress) {
        let current = |(phase, year, _): &(Phase, i16, Task)| {
            (*phase, *year) == (progress.phase, progress.year)
        };
        if !self.task.as_ref().is_some_and(current) {
            self.end();
            let name = match progress.year {
                0 => progress.phase.name().to_owned(),
                year => format!("{} {year}", progress.phase.name()),
            };
            let task = self.display.task(&name, progress.total);
            self.task = Some((progress.phase, progress.year, task));
        }
        if let Some((.., task)) = &mut self.task {
            task.at(progress.done, "");
        }
    }

    fn end(&mut self) {
        if let Some((.., task)) = self.task.take() {
            task.done("");
        }
    }
}

fn print_record(output: &Path, record: &SimulationRecord) -> Result<(), Failure> {
    print::text(format_args!("{}, {} days", record.comment, record.days))?;
    for (product, files) in &record.granules {
        print::text(format_args!("{product:<14} {files:>6} files"))?;
    }
    for (network, stations) in &record.stations {
        print::text(format_args!("{network:<14} {stations:>6} stations"))?;
    }
    print::text(format_args!("wrote {}", output.display()))
}
