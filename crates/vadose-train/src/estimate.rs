//! The network on a batch of prepared tiles.

use candle_core::{Device, Tensor};
use vadose_nn::{Network, Prediction};

use crate::error::Attempted;
use crate::{Orientation, PreparedTile, TrainError};

/// The network's estimate and spread `[tile, row, col]`, in the frames of the turned tiles.
pub(crate) fn predict(
    network: &Network,
    tiles: &[PreparedTile],
    orientations: &[Orientation],
) -> Result<Prediction, TrainError> {
    let stack = || -> candle_core::Result<(Tensor, Tensor)> {
        let (mut inputs, mut bounds) = (Vec::new(), Vec::new());
        for (tile, orientation) in tiles.iter().zip(orientations) {
            let sample = tile.sample();
            let x = orientation.apply(sample.x.view());
            let bound = orientation.apply(sample.upper_bound.view());
            inputs.push(Tensor::from_vec(
                x.as_standard_layout().iter().copied().collect(),
                x.dim(),
                &Device::Cpu,
            )?);
            bounds.push(Tensor::from_vec(
                bound.iter().copied().collect(),
                bound.dim(),
                &Device::Cpu,
            )?);
        }
        Ok((Tensor::stack(&inputs, 0)?, Tensor::stack(&bounds, 0)?))
    };
    let (x, bounds) = stack().attempted("stacking a batch")?;
    network
        .predict(&x, Some(&bounds))
        .map_err(TrainError::Network)
}
