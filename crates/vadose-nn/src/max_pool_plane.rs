//! Maximum over 2x2 cells of a plane, as a candle operation with the exact gradient.

use std::marker::PhantomData;

use candle_core::{CpuStorage, CustomOp1, DType, Layout, Shape, Tensor, WithDType};
use rayon::prelude::*;

use crate::kernels::Element;
use crate::plane::{Plane, with_plane};
use crate::{NnError, cpu, operators};

const OP: &str = "max_pool_plane";

/// Maximum over blocks of 2x2 cells along the last two axes; every other axis is kept.
///
/// The gradient goes to the cell that gave the maximum. Among equal cells that is the first in
/// row-major order, as in PyTorch. (candle's own `max_pool2d` gives a quarter of the gradient.)
///
/// # Shapes and units
/// `x`: `[.., row, col]`, here `[batch, feature, depth, row, col]`, f32 or f64, at least 2x2 cells.
/// Result: `[.., row / 2, col / 2]` rounded down: the last cell of an odd axis is left out, and its
/// gradient is zero.
/// # Missing values
/// A block that holds NaN gives NaN, and the first NaN receives the gradient.
/// # Errors
/// [`NnError::Rank`], [`NnError::Empty`], [`NnError::PlaneTooSmall`],
/// [`NnError::UnsupportedDType`].
/// # References
/// Peer: `torch.nn.functional.max_pool3d(x, (1, 2, 2))`.
/// # Examples
/// ```
/// use candle_core::{Device, Result, Tensor};
/// use vadose_nn::max_pool_plane;
///
/// # fn main() -> Result<()> {
/// let x = Tensor::new(&[[1f32, 2.0, 9.0], [3.0, 0.0, 9.0]], &Device::Cpu)?;
/// assert_eq!(max_pool_plane(&x)?.to_vec2::<f32>()?, [[3.0]]);
/// # Ok(())
/// # }
/// ```
pub fn max_pool_plane(x: &Tensor) -> Result<Tensor, NnError> {
    if !x.device().is_cpu() {
        return operators::max_pool_plane(x);
    }
    let plane = Plane::poolable(x)?;
    let x = x.contiguous()?;
    Ok(match x.dtype() {
        DType::F64 => x.apply_op1(MaxPoolPlane::<f64> {
            plane,
            element: PhantomData,
        })?,
        _ => x.apply_op1(MaxPoolPlane::<f32> {
            plane,
            element: PhantomData,
        })?,
    })
}

struct MaxPoolPlane<T> {
    plane: Plane,
    element: PhantomData<T>,
}

impl<T: Element + WithDType> CustomOp1 for MaxPoolPlane<T> {
    fn name(&self) -> &'static str {
        OP
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let x = cpu::slice::<T>(x, layout, OP)?;
        let Plane { rows, cols } = self.plane;
        let (pooled_rows, pooled_cols) = (rows / 2, cols / 2);
        let mut y = vec![T::default(); x.len() / (rows * cols) * pooled_rows * pooled_cols];
        y.par_chunks_exact_mut(pooled_rows * pooled_cols)
            .zip(x.par_chunks_exact(rows * cols))
            .for_each(|(y, x)| {
                for (row, y) in y.chunks_exact_mut(pooled_cols).enumerate() {
                    let (upper, lower) = x[2 * row * cols..][..2 * cols].split_at(cols);
                    let blocks = upper.as_chunks().0.iter().zip(lower.as_chunks().0);
                    for (y, (&[a, b], &[c, d])) in y.iter_mut().zip(blocks) {
                        *y = larger(larger(a, b), larger(c, d));
                    }
                }
            });
        Ok((
            T::to_cpu_storage_owned(y),
            with_plane(layout.dims(), pooled_rows, pooled_cols),
        ))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, gy: &Tensor) -> candle_core::Result<Option<Tensor>> {
        let Plane { rows, cols } = self.plane;
        let (pooled_rows, pooled_cols) = (rows / 2, cols / 2);
        let shape = x.shape();
        let gy = gy.contiguous()?;
        let (gy, layout) = gy.storage_and_layout();
        let gy = cpu::values::<T>(&gy, layout, OP)?;
        let (x, layout) = x.storage_and_layout();
        let x = cpu::values::<T>(&x, layout, OP)?;

        let mut gx = vec![T::default(); x.len()];
        gx.par_chunks_exact_mut(rows * cols)
            .zip(x.par_chunks_exact(rows * cols))
            .zip(gy.par_chunks_exact(pooled_rows * pooled_cols))
            .for_each(|((gx, x), gy)| {
                for (cell, &gy) in gy.iter().enumerate() {
                    let first = 2 * (cell / pooled_cols) * cols + 2 * (cell % pooled_cols);
                    gx[winner(x, [first, first + 1, first + cols, first + cols + 1])] = gy;
                }
            });
        Ok(Some(cpu::tensor(gx, shape)?))
    }
}

/// The larger of two, the first if they are equal; NaN if either is.
#[inline(always)]
fn larger<T: Element>(first: T, second: T) -> T {
    if beats(second, first) { second } else { first }
}

/// Whether `value` takes the place of `best`, which came before it.
#[inline(always)]
#[expect(clippy::eq_op, reason = "only NaN differs from itself")]
fn beats<T: Element>(value: T, best: T) -> bool {
    best == best && (value > best || value != value)
}

/// Which of the cells holds the maximum.
#[inline(always)]
fn winner<T: Element>(x: &[T], cells: [usize; 4]) -> usize {
    let [first, rest @ ..] = cells;
    rest.into_iter().fold(
        first,
        |best, cell| if beats(x[cell], x[best]) { cell } else { best },
    )
}
