//! The network on a batch of prepared tiles.

use candle_core::{Device, Tensor};
use ndarray::{Array, Dimension};
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
            let (x_shape, bound_shape) = (x.dim(), bound.dim());
            inputs.push(Tensor::from_vec(in_order(x), x_shape, &Device::Cpu)?);
            bounds.push(Tensor::from_vec(
                in_order(bound),
                bound_shape,
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

/// The values of a turned array, which lie in standard order.
fn in_order<D: Dimension>(turned: Array<f32, D>) -> Vec<f32> {
    debug_assert!(turned.is_standard_layout());
    turned.into_raw_vec_and_offset().0
}
