//! `vadose predict`: maps of granules, or of a cube, with a trained model.

mod cube;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use candle_core::Device;
use vadose::io::{Provenance, Resolution, SoilMoistureFiles, SoilMoistureMaps, spl2smap_s};
use vadose::nn::{ModelFile, Precision};
use vadose::retrieve::{NetworkRetriever, ReducedPrecision, Retriever, TilingConfig};

use super::cube_days::{CubeDays, is_cube};
use crate::failure::Failure;
use crate::print;
use crate::progress::Display;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Model file, as `vadose train` writes it.
    model: PathBuf,
    /// SPL2SMAP_S granules, or the folder of one cube.
    #[arg(required = true, value_name = "INPUT")]
    granules: Vec<PathBuf>,
    #[command(flatten)]
    days: CubeDays,
    /// Folder of the maps; with several granules, one folder each inside it.
    #[arg(long, short, default_value = "out/maps", value_name = "FOLDER")]
    output: PathBuf,
    /// Edge of a tile in 1 km cells.
    #[arg(long, default_value_t = TilingConfig::default().tile_size, value_name = "CELLS")]
    tile_size: usize,
    /// Cells by which tiles overlap.
    #[arg(long, default_value_t = TilingConfig::default().overlap, value_name = "CELLS")]
    overlap: usize,
    /// Number format of the network's feature maps. bf16 takes half their memory; how far it leads from f32 is
    /// printed and recorded in the maps.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    precision: Format,
}

/// [`Precision`] on the command line.
#[derive(Clone, Copy, Default, clap::ValueEnum)]
enum Format {
    #[default]
    F32,
    Bf16,
}

impl From<Format> for Precision {
    fn from(format: Format) -> Self {
        match format {
            Format::F32 => Self::F32,
            Format::Bf16 => Self::Bf16,
        }
    }
}

pub(crate) fn run(args: &Args, display: Display) -> Result<(), Failure> {
    let stems: BTreeSet<_> = args.granules.iter().map(|path| path.file_stem()).collect();
    if stems.len() < args.granules.len() {
        return Err(Failure::usage(
            "two granules of one name would be written into one folder",
        ));
    }
    let model = ModelFile::load(&args.model)?;
    let tiling = TilingConfig {
        tile_size: args.tile_size,
        overlap: args.overlap,
    };
    tiling.check(&model.config).map_err(Failure::usage)?;
    let predictor = Predictor {
        retriever: NetworkRetriever::from_model(&model, tiling, &Device::Cpu)
            .with_context(|| args.model.display().to_string())?
            .with_precision(args.precision.into()),
        of_model: model_provenance(&model).with_context(|| args.model.display().to_string())?,
        args,
        display,
    };
    let absent = predictor.retriever.encoder().absent();
    if !absent.is_empty() {
        display.note(format_args!(
            "channels that the model does not know, constant 0: {}",
            absent.join(", ")
        ));
    }
    if args.granules.iter().any(|path| is_cube(path)) {
        let [cube] = &args.granules[..] else {
            return Err(Failure::usage("name one cube, or granules"));
        };
        return predictor.predict_cube(cube);
    }
    args.days.refuse()?;
    // A damaged granule does not keep the others from their maps, and is told of.
    let mut written = Vec::new();
    let mut failed = Vec::new();
    for granule in &args.granules {
        match predictor.predict(granule) {
            Ok(files) => written.extend(files),
            Err(failure) => failed.push(failure),
        }
    }
    let n_failed = failed.len();
    let last = failed.pop();
    for failure in failed {
        let _ = failure.report();
    }
    let printed = written
        .iter()
        .try_for_each(|file| print::text(file.display()));
    match last {
        Some(last) if args.granules.len() > 1 => {
            let _ = last.report();
            Err(Failure::failed(format_args!(
                "{n_failed} of {} granules have no map",
                args.granules.len()
            )))
        }
        Some(last) => Err(last),
        None => printed,
    }
}

/// Where the model comes from; `None` for a model of another program.
fn model_provenance(model: &ModelFile) -> Result<Option<Provenance>, anyhow::Error> {
    let json = model.metadata.get(Provenance::METADATA_KEY);
    json.map(|json| serde_json::from_str(json).context("its provenance cannot be read"))
        .transpose()
}

/// What a reader of a map must know about its precision.
fn precision_comment(reduced: &ReducedPrecision) -> String {
    format!(
        "Feature maps of the network in {}: largest difference from f32 {:.2e} m3 m-3, over the {} x {} cells \
         from row {}, column {} (the tile with the most data).",
        reduced.precision.name(),
        reduced.largest_difference_m3m3,
        reduced.tile.size,
        reduced.tile.size,
        reduced.tile.row0,
        reduced.tile.col0,
    )
}

struct Predictor<'a> {
    retriever: NetworkRetriever,
    of_model: Option<Provenance>,
    args: &'a Args,
    display: Display,
}

impl Predictor<'_> {
    /// The configuration of a prediction, as the maps state it.
    fn configuration(&self) -> String {
        let args = self.args;
        format!(
            "model = {:?}\ntile_size = {}\noverlap = {}\nprecision = {:?}\n",
            args.model.file_name().unwrap_or_default(),
            args.tile_size,
            args.overlap,
            Precision::from(args.precision).name(),
        )
    }

    /// Writes the maps of one granule.
    fn predict(&self, path: &Path) -> Result<[PathBuf; 3], Failure> {
        let args = self.args;
        let stem = path.file_stem().unwrap_or_default();
        let scene = spl2smap_s::read(path, Resolution::Km1)?.to_scene()?;
        let mut task = self.display.task("predict", 0);
        let retrieval = self
            .retriever
            .retrieve_with_progress(&scene, &mut |done, total| {
                task.at(done as u64, format!("{done}/{total} tiles"));
            })
            .with_context(|| format!("{} with model {}", path.display(), args.model.display()))?;
        task.done(stem.to_string_lossy());
        let folder = if args.granules.len() == 1 {
            args.output.clone()
        } else {
            args.output.join(stem)
        };
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("{}: cannot be made", folder.display()))?;
        // A map inherits the seed and the caveats of the model that made it.
        let seed = self
            .of_model
            .as_ref()
            .and_then(|provenance| provenance.seed);
        let mut provenance =
            Provenance::collect(&self.configuration(), seed, &[path, &args.model])?;
        let of_model = self.of_model.as_ref().and_then(|one| one.comment.clone());
        let of_precision = retrieval.reduced_precision.as_ref().map(precision_comment);
        if let Some(comment) = &of_precision {
            self.display
                .note(format_args!("{}: {comment}", stem.display()));
        }
        provenance.comment = [of_model, of_precision]
            .into_iter()
            .flatten()
            .reduce(|first, second| format!("{first} {second}"));
        let SoilMoistureFiles {
            netcdf_1km,
            cog_1km,
            netcdf_9km,
            status_cog_1km: _,
        } = SoilMoistureMaps {
            title: "Surface soil moisture".to_owned(),
            method: retrieval.method.clone(),
            window: retrieval.window,
            time: retrieval.time,
            soil_moisture: retrieval.soil_moisture.view(),
            uncertainty: None,
            spread: retrieval.spread.as_ref().map(|spread| spread.view()),
            status: None,
            coarse: &retrieval.coarse,
            provenance: &provenance,
        }
        .write(&folder)?;
        Ok([netcdf_1km, cog_1km, netcdf_9km])
    }
}
