//! Each cell of a plane repeated 2x2 times, as a candle operation with the exact gradient.

use std::marker::PhantomData;

use candle_core::{CpuStorage, CustomOp1, DType, Layout, Shape, Tensor, WithDType};
use rayon::prelude::*;

use crate::kernels::Element;
use crate::plane::{Plane, with_plane};
use crate::{NnError, cpu, operators};

const OP: &str = "upsample_plane";

/// Repeats each cell of the last two axes 2x2 times (nearest neighbour); other axes are kept.
///
/// The gradient of a cell is the sum over its four copies, in row-major order. (candle's own
/// `upsample_nearest2d` loses the gradient of a second user of its input.)
///
/// # Shapes and units
/// `x`: `[.., row, col]`, here `[batch, feature, depth, row, col]`, f32 or f64. Result:
/// `[.., 2 row, 2 col]`.
/// # Missing values
/// NaN is repeated like any value.
/// # Errors
/// [`NnError::Rank`], [`NnError::Empty`], [`NnError::UnsupportedDType`].
/// # References
/// Peer: `torch.nn.functional.interpolate(x, scale_factor=(1, 2, 2), mode="nearest")`.
/// # Examples
/// ```
/// use candle_core::{Device, Result, Tensor};
/// use vadose_nn::upsample_plane;
///
/// # fn main() -> Result<()> {
/// let x = Tensor::new(&[[1f32, 2.0]], &Device::Cpu)?;
/// let y = upsample_plane(&x)?.to_vec2::<f32>()?;
/// assert_eq!(y, [[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]);
/// # Ok(())
/// # }
/// ```
pub fn upsample_plane(x: &Tensor) -> Result<Tensor, NnError> {
    if !x.device().is_cpu() {
        return operators::upsample_plane(x);
    }
    let plane = Plane::of(x)?;
    let x = x.contiguous()?;
    Ok(match x.dtype() {
        DType::F64 => x.apply_op1(UpsamplePlane::<f64> {
            plane,
            element: PhantomData,
        })?,
        _ => x.apply_op1(UpsamplePlane::<f32> {
            plane,
            element: PhantomData,
        })?,
    })
}

struct UpsamplePlane<T> {
    plane: Plane,
    element: PhantomData<T>,
}

impl<T: Element + WithDType> CustomOp1 for UpsamplePlane<T> {
    fn name(&self) -> &'static str {
        OP
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let x = cpu::slice::<T>(x, layout, OP)?;
        let Plane { rows, cols } = self.plane;
        let mut y = vec![T::default(); 4 * x.len()];
        y.par_chunks_exact_mut(4 * rows * cols)
            .zip(x.par_chunks_exact(rows * cols))
            .for_each(|(y, x)| {
                for (y, x) in y.chunks_exact_mut(4 * cols).zip(x.chunks_exact(cols)) {
                    let (upper, lower) = y.split_at_mut(2 * cols);
                    for (pair, &x) in upper.as_chunks_mut().0.iter_mut().zip(x) {
                        *pair = [x, x];
                    }
                    lower.copy_from_slice(upper);
                }
            });
        Ok((
            T::to_cpu_storage_owned(y),
            with_plane(layout.dims(), 2 * rows, 2 * cols),
        ))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, gy: &Tensor) -> candle_core::Result<Option<Tensor>> {
        let Plane { rows, cols } = self.plane;
        let gy = gy.contiguous()?;
        let (gy, layout) = gy.storage_and_layout();
        let gy = cpu::values::<T>(&gy, layout, OP)?;

        let mut gx = vec![T::default(); gy.len() / 4];
        gx.par_chunks_exact_mut(rows * cols)
            .zip(gy.par_chunks_exact(4 * rows * cols))
            .for_each(|(gx, gy)| {
                for (gx, gy) in gx.chunks_exact_mut(cols).zip(gy.chunks_exact(4 * cols)) {
                    let (upper, lower) = gy.split_at(2 * cols);
                    let blocks = upper.as_chunks().0.iter().zip(lower.as_chunks().0);
                    for (gx, (&[a, b], &[c, d])) in gx.iter_mut().zip(blocks) {
                        *gx = [a, b, c, d].into_iter().sum();
                    }
                }
            });
        Ok(Some(cpu::tensor(gx, x.shape())?))
    }
}
