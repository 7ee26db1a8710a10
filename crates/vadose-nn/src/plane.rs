//! The last two axes of a tensor: what pooling and upsampling work on.

use candle_core::{DType, Shape, Tensor};

use crate::NnError;

/// Size of the planes that a tensor is made of.
#[derive(Clone, Copy)]
pub(crate) struct Plane {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
}

impl Plane {
    /// The planes of `x`: f32 or f64, at least two axes, none of them empty.
    pub(crate) fn of(x: &Tensor) -> Result<Plane, NnError> {
        let got = x.dims();
        let &[.., rows, cols] = got else {
            return Err(NnError::Rank {
                tensor: "x",
                axes: "[.., row, col]",
                got: got.to_vec(),
            });
        };
        if got.contains(&0) {
            return Err(NnError::Empty {
                tensor: "x",
                got: got.to_vec(),
            });
        }
        match x.dtype() {
            DType::F32 | DType::F64 => Ok(Plane { rows, cols }),
            got => Err(NnError::UnsupportedDType { tensor: "x", got }),
        }
    }

    /// The planes of `x`, which hold at least one block of 2x2 cells.
    pub(crate) fn poolable(x: &Tensor) -> Result<Plane, NnError> {
        let plane = Plane::of(x)?;
        let Plane { rows, cols } = plane;
        if rows < 2 || cols < 2 {
            return Err(NnError::PlaneTooSmall { rows, cols });
        }
        Ok(plane)
    }
}

/// The shape `dims` with planes of another size.
pub(crate) fn with_plane(dims: &[usize], rows: usize, cols: usize) -> Shape {
    let outer = &dims[..dims.len() - 2];
    Shape::from([outer, &[rows, cols]].concat())
}
