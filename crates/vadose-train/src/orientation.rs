//! The eight symmetries of a square tile.

use candle_core::{Result, Tensor};
use ndarray::{Array, ArrayView, Axis, Dimension};
use rand::Rng;

use crate::Augmentation;

/// One symmetry of the square: first a transposition of rows and columns, then flips.
///
/// Applies to the last two axes, `[.., row, col]`, whatever stands before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orientation {
    transpose: bool,
    flip_rows: bool,
    flip_cols: bool,
}

impl Orientation {
    /// The tile as it is.
    pub const IDENTITY: Self = Self {
        transpose: false,
        flip_rows: false,
        flip_cols: false,
    };

    /// All eight, the identity first.
    #[must_use]
    pub fn all() -> [Self; 8] {
        std::array::from_fn(|bits| Self {
            transpose: bits & 4 != 0,
            flip_rows: bits & 2 != 0,
            flip_cols: bits & 1 != 0,
        })
    }

    /// Draws one of the symmetries that `augmentation` allows, each equally likely.
    pub fn draw(augmentation: Augmentation, rng: &mut impl Rng) -> Self {
        match augmentation {
            Augmentation::None => Self::IDENTITY,
            Augmentation::Flips => Self::all()[rng.random_range(0..4)],
            Augmentation::FlipsAndRotations => Self::all()[rng.random_range(0..8)],
        }
    }

    /// Turns an array `[.., row, col]`; the result lies in standard order.
    #[must_use]
    pub fn apply<T: Clone, D: Dimension>(&self, values: ArrayView<'_, T, D>) -> Array<T, D> {
        let mut turned = values;
        let (rows, cols) = (turned.ndim() - 2, turned.ndim() - 1);
        if self.transpose {
            turned.swap_axes(rows, cols);
        }
        if self.flip_rows {
            turned.invert_axis(Axis(rows));
        }
        if self.flip_cols {
            turned.invert_axis(Axis(cols));
        }
        turned.as_standard_layout().into_owned()
    }

    /// Turns a tensor `[.., row, col]` back, so that `undo(apply(x)) = x`. Differentiable.
    ///
    /// # Errors
    /// Those of candle; the tensor must have at least two axes.
    pub fn undo(&self, values: &Tensor) -> Result<Tensor> {
        let rank = values.rank();
        let mut turned = values.clone();
        if self.flip_rows {
            turned = reversed(&turned, rank - 2)?;
        }
        if self.flip_cols {
            turned = reversed(&turned, rank - 1)?;
        }
        if self.transpose {
            turned = turned.transpose(rank - 2, rank - 1)?;
        }
        turned.contiguous()
    }
}

fn reversed(values: &Tensor, axis: usize) -> Result<Tensor> {
    let length = values.dim(axis)? as u32;
    let positions = Tensor::from_iter((0..length).rev(), values.device())?;
    values.contiguous()?.index_select(&positions, axis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Var};
    use ndarray::Array3;

    fn numbered() -> Array3<f32> {
        Array3::from_shape_fn((2, 3, 3), |(c, row, col)| (c * 9 + row * 3 + col) as f32)
    }

    #[test]
    fn the_eight_symmetries_differ() {
        let turned: Vec<_> = Orientation::all()
            .iter()
            .map(|o| o.apply(numbered().view()))
            .collect();
        for (i, a) in turned.iter().enumerate() {
            assert!(turned[..i].iter().all(|b| a != b));
        }
    }

    #[test]
    fn undo_reverses_apply() {
        for orientation in Orientation::all() {
            let turned = orientation.apply(numbered().view());
            let tensor =
                Tensor::from_vec(turned.into_raw_vec_and_offset().0, (2, 3, 3), &Device::Cpu)
                    .unwrap();
            let back: Vec<f32> = orientation
                .undo(&tensor)
                .unwrap()
                .flatten_all()
                .unwrap()
                .to_vec1()
                .unwrap();
            assert_eq!(
                back,
                numbered().into_raw_vec_and_offset().0,
                "{orientation:?}"
            );
        }
    }

    #[test]
    fn the_gradient_of_undo_is_apply() {
        let weight = numbered();
        for orientation in Orientation::all() {
            let x = Var::zeros((2, 3, 3), candle_core::DType::F32, &Device::Cpu).unwrap();
            let w = Tensor::from_vec(
                weight.clone().into_raw_vec_and_offset().0,
                (2, 3, 3),
                &Device::Cpu,
            )
            .unwrap();
            let loss = (orientation.undo(x.as_tensor()).unwrap() * w)
                .unwrap()
                .sum_all()
                .unwrap();
            let gradient = loss
                .backward()
                .unwrap()
                .get(&x)
                .unwrap()
                .flatten_all()
                .unwrap()
                .to_vec1::<f32>()
                .unwrap();
            assert_eq!(
                gradient,
                orientation.apply(weight.view()).into_raw_vec_and_offset().0
            );
        }
    }
}
