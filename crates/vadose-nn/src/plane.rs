//! The last two axes of a tensor: what pooling and upsampling work on.

use candle_core::{Layout, Shape, Tensor};

use crate::NnError;

/// Size of the planes that a tensor is made of.
#[derive(Clone, Copy)]
pub(crate) struct Plane {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
}

impl Plane {
    /// The planes of `x`: at least two axes, none of them empty.
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
        Ok(Plane { rows, cols })
    }

    /// The shape of a tensor laid out as `layout`, with planes of another size.
    pub(crate) fn with_size(self, layout: &Layout, rows: usize, cols: usize) -> Shape {
        let outer = &layout.dims()[..layout.dims().len() - 2];
        Shape::from([outer, &[rows, cols]].concat())
    }
}
