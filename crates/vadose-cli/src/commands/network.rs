//! `vadose network`: the layer table of a preset or a model file.

use std::path::PathBuf;

use serde::Serialize;
use vadose::nn::{LayerRow, ModelFile, NetworkConfig};

use crate::failure::Failure;
use crate::print;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A preset: paper, planar16, additive10 or features6.
    #[arg(long, default_value = "paper", conflicts_with = "model")]
    preset: String,
    /// A model file instead of a preset.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Edge of the tile that output shapes are given for, in cells.
    #[arg(long, default_value_t = 256, value_name = "CELLS")]
    tile_size: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Table {
    layers: Vec<LayerRow>,
    parameters: usize,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let config = match &args.model {
        Some(path) => ModelFile::load(path)?.config,
        None => NetworkConfig::preset(&args.preset).map_err(Failure::usage)?,
    };
    let layers = config
        .layer_table((args.tile_size, args.tile_size))
        .map_err(Failure::usage)?;
    let table = Table {
        parameters: layers.iter().map(|layer| layer.parameters).sum(),
        layers,
    };
    if args.json {
        return print::json(&table);
    }
    for layer in &table.layers {
        let shape = layer
            .output_shape
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("×");
        print::text(format_args!(
            "{:>3}  {:<26} {:<14} {shape:<16} {:>7}",
            layer.row, layer.name, layer.kind, layer.parameters
        ))?;
    }
    print::text(format_args!(
        "{} layers, {} parameters",
        table.layers.len(),
        table.parameters
    ))
}
