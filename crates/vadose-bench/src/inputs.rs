//! What every program of the comparison computes: the same weights, tiles and targets, in one file.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use candle_core::{Device, Tensor};
use ndarray::{Array2, Array3, Axis, Slice};
use serde::Serialize;
use vadose_io::{Resolution, spl2smap_s};
use vadose_nn::{Network, named_variables};
use vadose_scene::{ChannelEncoder, ChannelSet, Scene, Tile, covering_tiles};

use crate::model;

/// Seed of the weights; any will do.
const SEED: u64 = 20_150_410;
/// Target of a cell whose soil moisture the granule does not give, m3 m-3.
const MISSING_TARGET: f32 = 0.2;
/// Cells that neighbouring tiles share: one coarse footprint.
const OVERLAP: usize = 32;

/// What was written.
#[derive(Serialize)]
pub(crate) struct Written {
    /// Tiles, the turned ones included.
    tiles: usize,
    /// Share of encoded values that are exactly zero, by tile: missing values, and the outside of the granule.
    zeros: Vec<f64>,
}

/// Encodes the granule's tiles, each also turned by half a turn, and draws weights.
pub(crate) fn write(granule: &Path, output: &Path) -> Result<Written> {
    let scene = spl2smap_s::read(granule, Resolution::Km1)?.to_scene()?;
    let encoder = ChannelEncoder::fit(ChannelSet::preset("spl2smap_s")?, [&scene])?;
    let mut x = Vec::new();
    let mut targets = Vec::new();
    for tile in covering_tiles(scene.window(), model::SIZE, OVERLAP)? {
        let encoded = encoder.encode(&scene, &tile)?;
        let target = target(&scene, &tile)?;
        targets.extend([target.clone(), turned(&target, 0, 1)]);
        x.extend([encoded.clone(), turned(&encoded, 1, 2)]);
    }
    ensure!(!x.is_empty(), "the granule has no tile");
    let zeros = x.iter().map(share_of_zeros).collect();

    let config = model::config()?;
    let (_, variables) = Network::initialised(&config, SEED, &Device::Cpu)?;
    let mut tensors: HashMap<_, _> = named_variables(&variables)
        .into_iter()
        .map(|(name, variable)| (name, variable.as_detached_tensor()))
        .collect();
    let (n, size) = (x.len(), model::SIZE);
    let flat = x.into_iter().flatten().collect::<Vec<f32>>();
    let shape = (n, config.channels, size, size);
    tensors.insert(
        model::X.into(),
        Tensor::from_vec(flat, shape, &Device::Cpu)?,
    );
    let flat = targets.into_iter().flatten().collect::<Vec<f32>>();
    tensors.insert(
        model::TARGET.into(),
        Tensor::from_vec(flat, (n, size, size), &Device::Cpu)?,
    );
    candle_core::safetensors::save(&tensors, output)?;
    Ok(Written { tiles: n, zeros })
}

/// The granule's own soil moisture in a tile.
fn target(scene: &Scene, tile: &Tile) -> Result<Array2<f32>> {
    let values = scene
        .field("soil_moisture")
        .context("the granule has no soil moisture")?;
    let mut target = Array2::from_elem((tile.size, tile.size), MISSING_TARGET);
    for ((row, col), &value) in values.indexed_iter() {
        let cell = scene.window().cell_at(row, col);
        let cell = cell.context("the field has the window's shape")?;
        if let Some(offset) = tile.offset_of(cell).filter(|_| value.is_finite()) {
            target[offset] = value;
        }
    }
    Ok(target)
}

/// The array with two axes reversed, in memory order.
fn turned<D: ndarray::Dimension>(
    array: &ndarray::Array<f32, D>,
    one: usize,
    other: usize,
) -> ndarray::Array<f32, D> {
    let mut view = array.view();
    for axis in [one, other] {
        view.slice_axis_inplace(Axis(axis), Slice::new(0, None, -1));
    }
    view.as_standard_layout().into_owned()
}

fn share_of_zeros(values: &Array3<f32>) -> f64 {
    values.iter().filter(|&&value| value == 0.0).count() as f64 / values.len() as f64
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn half_a_turn_reverses_both_axes() {
        let turned = turned(&array![[1.0, 2.0], [3.0, 4.0]], 0, 1);
        assert_eq!(turned, array![[4.0, 3.0], [2.0, 1.0]]);
        assert!(turned.is_standard_layout());
    }

    #[test]
    fn zeros_are_counted() {
        let values = array![[[0.0, 1.0], [0.0, -1.0]]];
        assert_eq!(share_of_zeros(&values), 0.5);
    }
}
