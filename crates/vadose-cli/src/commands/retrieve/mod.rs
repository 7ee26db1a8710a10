//! `vadose retrieve`: 1 km maps by a physical method, without training.

mod summary;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context;
use vadose::cube::Cube;
use vadose::io::raster::{Method as Resampling, Raster, to_window};
use vadose::io::{
    FlagValues, Provenance, Resolution, SoilMoistureFiles, SoilMoistureMaps, spl2smap_s,
};
use vadose::retrieve::{
    ActivePassiveConfig, ActivePassiveRetriever, CovariationSource, Retrieval, RetrievalStatus,
    RetrieveError, Retriever, SingleChannelConfig, SingleChannelRetriever,
};
use vadose::scene::Scene;

use super::cube_days::{CubeDays, is_cube};
use crate::failure::Failure;
use crate::print;
use crate::progress::Display;
use summary::Summary;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The method.
    #[arg(long, value_enum)]
    method: Method,
    /// SPL2SMAP_S granules, or the folder of one cube.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    days: CubeDays,
    /// Folder of the maps; with several granules or days, one folder each inside it.
    #[arg(
        long,
        short,
        alias = "out",
        default_value = "out/maps",
        value_name = "FOLDER"
    )]
    output: PathBuf,
    /// Clay fraction, 0 to 1: a number for everywhere, or a raster.
    #[arg(long, value_name = "FRACTION|RASTER")]
    clay_fraction: Option<Ancillary>,
    /// Dry bulk density, g cm-3: a number for everywhere, or a raster.
    #[arg(long, value_name = "G_PER_CM3|RASTER")]
    bulk_density: Option<Ancillary>,
    /// How brightness temperature and backscatter vary together, with active-passive.
    #[arg(long, value_enum, default_value_t, value_name = "SOURCE")]
    covariation: Covariation,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// The methods.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Method {
    /// Brightness temperature spread by the radar inside 9 km cells, then the single-channel algorithm.
    ActivePassive,
    /// The single-channel algorithm on the brightness temperature as it is.
    ScaV,
}

/// [`CovariationSource`] on the command line.
#[derive(Clone, Copy, Default, clap::ValueEnum)]
enum Covariation {
    /// From the pass itself.
    #[default]
    Estimated,
    /// The granule's own.
    Granule,
}

impl From<Covariation> for CovariationSource {
    fn from(covariation: Covariation) -> Self {
        match covariation {
            Covariation::Estimated => Self::Estimated,
            Covariation::Granule => Self::Fields,
        }
    }
}

/// What a scene lacks: a number for everywhere, or a raster in the same unit.
#[derive(Clone, Debug)]
enum Ancillary {
    Constant(f64),
    Raster(PathBuf),
}

impl FromStr for Ancillary {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.parse() {
            Ok(value) => Self::Constant(value),
            Err(_) => Self::Raster(PathBuf::from(text)),
        })
    }
}

impl Ancillary {
    fn constant(&self) -> Option<f64> {
        match self {
            Self::Constant(value) => Some(*value),
            Self::Raster(_) => None,
        }
    }

    fn raster(&self) -> Option<&Path> {
        match self {
            Self::Constant(_) => None,
            Self::Raster(path) => Some(path),
        }
    }
}

pub(crate) fn run(args: &Args, display: Display) -> Result<(), Failure> {
    let stems: BTreeSet<_> = args.inputs.iter().map(|path| path.file_stem()).collect();
    if stems.len() < args.inputs.len() {
        return Err(Failure::usage(
            "two inputs of one name would be written into one folder",
        ));
    }
    let retriever = args.retriever().map_err(|error| match error {
        RetrieveError::ConfigOutOfRange { .. } => Failure::usage(error),
        other => other.into(),
    })?;
    if args.inputs.iter().any(|path| is_cube(path)) {
        let [cube] = &args.inputs[..] else {
            return Err(Failure::usage("name one cube, or granules"));
        };
        return args.maps_of_cube(&*retriever, cube, display);
    }
    args.days.refuse()?;
    // A damaged input does not keep the others from their maps, and is told of.
    let mut summaries = Vec::new();
    let mut failed = Vec::new();
    for input in &args.inputs {
        match args.map_of_granule(&*retriever, input, display) {
            Ok(summary) => summaries.push(summary),
            Err(failure) => failed.push(failure),
        }
    }
    let n_failed = failed.len();
    let last = failed.pop();
    for failure in failed {
        let _ = failure.report();
    }
    args.print(&summaries)?;
    match last {
        Some(last) if args.inputs.len() > 1 => {
            let _ = last.report();
            Err(Failure::failed(format_args!(
                "{n_failed} of {} inputs have no map",
                args.inputs.len()
            )))
        }
        Some(last) => Err(last),
        None => Ok(()),
    }
}

impl Args {
    /// Every setting, those of active-passive among them.
    fn config(&self) -> ActivePassiveConfig {
        let constant = |given: &Option<Ancillary>| given.as_ref().and_then(Ancillary::constant);
        ActivePassiveConfig {
            single_channel: SingleChannelConfig {
                clay_fraction: constant(&self.clay_fraction),
                bulk_density_g_cm3: constant(&self.bulk_density),
                ..SingleChannelConfig::default()
            },
            covariation: self.covariation.into(),
            ..ActivePassiveConfig::default()
        }
    }

    /// The method's settings, as its maps record them.
    fn configuration(&self) -> Result<String, toml::ser::Error> {
        let config = self.config();
        match self.method {
            Method::ScaV => toml::to_string(&config.single_channel),
            Method::ActivePassive => toml::to_string(&config),
        }
    }

    fn retriever(&self) -> Result<Box<dyn Retriever>, RetrieveError> {
        let config = self.config();
        Ok(match self.method {
            Method::ScaV => Box::new(SingleChannelRetriever::new(config.single_channel)?),
            Method::ActivePassive => Box::new(ActivePassiveRetriever::new(config)?),
        })
    }

    /// Maps of a cube's days that were asked for, each of the whole window.
    fn maps_of_cube(
        &self,
        retriever: &dyn Retriever,
        path: &Path,
        display: Display,
    ) -> Result<(), Failure> {
        let cube = Cube::open(path)?;
        let days = self.days.of(&cube)?;
        let mut summaries = Vec::new();
        for &day_idx in &days {
            let folder = match days.len() {
                1 => self.output.clone(),
                _ => self.output.join(cube.days()[day_idx].date.to_string()),
            };
            let scene = cube.scene(day_idx, cube.window())?;
            let inputs = [path.join("build.json")];
            let inputs = inputs.each_ref().map(PathBuf::as_path);
            summaries.push(self.map(retriever, scene, &inputs, &folder, display)?);
        }
        self.print(&summaries)
    }

    fn print(&self, summaries: &[Summary]) -> Result<(), Failure> {
        if self.json && !summaries.is_empty() {
            return print::json(&summaries);
        }
        summaries.iter().try_for_each(Summary::print)
    }

    fn map_of_granule(
        &self,
        retriever: &dyn Retriever,
        path: &Path,
        display: Display,
    ) -> Result<Summary, Failure> {
        let scene = spl2smap_s::read(path, Resolution::Km1)?.to_scene()?;
        let folder = if self.inputs.len() == 1 {
            self.output.clone()
        } else {
            self.output.join(path.file_stem().unwrap_or_default())
        };
        self.map(retriever, scene, &[path], &folder, display)
    }

    /// Retrieves a scene, writes its maps into a folder and sums them up.
    fn map(
        &self,
        retriever: &dyn Retriever,
        scene: Scene,
        inputs: &[&Path],
        folder: &Path,
        display: Display,
    ) -> Result<Summary, Failure> {
        let id = scene.id().to_owned();
        let scene = self.complete(scene)?;
        let task = display.task("retrieve", 0);
        let retrieval = retriever.retrieve(&scene).with_context(|| id.clone())?;
        task.done(&*id);
        let files = self.write(&retrieval, inputs, folder)?;
        let product = ["soil_moisture", "spl2smap_s_soil_moisture"]
            .iter()
            .find_map(|name| scene.field(name));
        Ok(Summary::of(id, &retrieval, product, files))
    }

    /// The scene with the fields that rasters give; one that needs more, or less, is refused.
    fn complete(&self, mut scene: Scene) -> Result<Scene, Failure> {
        for (option, field, unit, given) in [
            ("--clay-fraction", "clay_fraction", "1", &self.clay_fraction),
            (
                "--bulk-density",
                "bulk_density",
                "g cm-3",
                &self.bulk_density,
            ),
        ] {
            match (scene.field(field), given) {
                (None, None) => {
                    return Err(Failure::usage(format_args!(
                        "{} has no {field}: give {option}, a number or a raster",
                        scene.id()
                    )));
                }
                (Some(_), Some(_)) => {
                    return Err(Failure::usage(format_args!(
                        "{} has its own {field}: leave out {option}",
                        scene.id()
                    )));
                }
                (None, Some(Ancillary::Raster(path))) => {
                    let raster = Raster::open(path)?;
                    let values = to_window(&raster, scene.window(), Resampling::AreaMean)?.values;
                    scene = scene.with_field(field, unit, values)?;
                }
                (Some(_), None) | (None, Some(Ancillary::Constant(_))) => {}
            }
        }
        Ok(scene)
    }

    fn write(
        &self,
        retrieval: &Retrieval,
        inputs: &[&Path],
        folder: &Path,
    ) -> Result<Vec<PathBuf>, Failure> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{}: cannot be made", folder.display()))?;
        let ancillary = [&self.clay_fraction, &self.bulk_density];
        let rasters = ancillary
            .into_iter()
            .flatten()
            .filter_map(Ancillary::raster);
        let files: Vec<&Path> = inputs.iter().copied().chain(rasters).collect();
        let provenance = Provenance::collect(&self.configuration()?, None, &files)?;
        let codes = retrieval
            .status
            .as_ref()
            .map(|status| status.mapv(RetrievalStatus::code));
        let SoilMoistureFiles {
            netcdf_1km,
            cog_1km,
            netcdf_9km,
            status_cog_1km,
        } = SoilMoistureMaps {
            title: "Surface soil moisture".to_owned(),
            method: retrieval.method.clone(),
            window: retrieval.window,
            time: retrieval.time,
            soil_moisture: retrieval.soil_moisture.view(),
            spread: retrieval.spread.as_ref().map(|values| values.view()),
            uncertainty: retrieval.uncertainty.as_ref().map(|values| values.view()),
            status: codes.as_ref().map(|values| FlagValues {
                values: values.view(),
                meanings: RetrievalStatus::ALL
                    .map(|status| (status.code(), status.meaning().to_owned()))
                    .into(),
            }),
            coarse: &retrieval.coarse,
            provenance: &provenance,
        }
        .write(folder)?;
        let mut written = vec![netcdf_1km, cog_1km, netcdf_9km];
        written.extend(status_cog_1km);
        Ok(written)
    }
}
