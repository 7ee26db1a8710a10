//! `vadose predict`: maps of granules, with a trained model.

use std::path::PathBuf;

use anyhow::Context;
use candle_core::Device;
use vadose::io::{Provenance, Resolution, SoilMoistureFiles, SoilMoistureMaps, spl2smap_s};
use vadose::nn::ModelFile;
use vadose::retrieve::{NetworkRetriever, Retriever, TilingConfig};

use crate::failure::Failure;
use crate::print;
use crate::progress::Display;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Model file, as `vadose train` writes it.
    model: PathBuf,
    /// SPL2SMAP_S granules.
    #[arg(required = true, value_name = "GRANULE")]
    granules: Vec<PathBuf>,
    /// Folder of the maps; with several granules, one folder each inside it.
    #[arg(long, short, default_value = "out/maps", value_name = "FOLDER")]
    output: PathBuf,
    /// Edge of a tile in 1 km cells.
    #[arg(long, default_value_t = TilingConfig::default().tile_size, value_name = "CELLS")]
    tile_size: usize,
    /// Cells by which tiles overlap.
    #[arg(long, default_value_t = TilingConfig::default().overlap, value_name = "CELLS")]
    overlap: usize,
}

pub(crate) fn run(args: &Args, display: Display) -> Result<(), Failure> {
    let model = ModelFile::load(&args.model)?;
    let tiling = TilingConfig {
        tile_size: args.tile_size,
        overlap: args.overlap,
    };
    let retriever = NetworkRetriever::from_model(&model, tiling, &Device::Cpu)
        .with_context(|| args.model.display().to_string())?;
    let configuration = format!(
        "model = {:?}\ntile_size = {}\noverlap = {}\n",
        args.model.file_name().unwrap_or_default(),
        args.tile_size,
        args.overlap
    );
    // A map inherits the seed and the caveats of the model that made it.
    let of_model: Option<Provenance> = model
        .metadata
        .get(Provenance::METADATA_KEY)
        .and_then(|json| serde_json::from_str(json).ok());
    for path in &args.granules {
        let stem = path.file_stem().unwrap_or_default();
        let scene = spl2smap_s::read(path, Resolution::Km1)?.to_scene()?;
        let mut task = display.task("predict", 0);
        let retrieval = retriever
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
        let seed = of_model.as_ref().map_or(0, |provenance| provenance.seed);
        let mut provenance = Provenance::collect(&configuration, seed, &[path, &args.model])?;
        provenance.comment = of_model
            .as_ref()
            .and_then(|provenance| provenance.comment.clone());
        let SoilMoistureFiles {
            netcdf_1km,
            cog_1km,
            netcdf_9km,
        } = SoilMoistureMaps {
            title: "Surface soil moisture".to_owned(),
            method: retrieval.method.clone(),
            window: retrieval.window,
            time: retrieval.time,
            soil_moisture: retrieval.soil_moisture.view(),
            coarse: &retrieval.coarse,
            provenance: &provenance,
        }
        .write(&folder)?;
        for file in [netcdf_1km, cog_1km, netcdf_9km] {
            print::text(file.display())?;
        }
    }
    Ok(())
}
