//! Symmetric separable convolution of a block of a map, zero outside the map.
//!
//! A block is read once with its halo into a small buffer that stays in cache; then each row is
//! filtered along the columns of the buffer and along itself. Every output is the same sum in the
//! same order wherever its block lies, so results depend neither on the blocks nor on the threads.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use crate::real::Real;

/// Buffers of one block, kept from block to block.
pub(crate) struct Scratch<T> {
    field: Vec<T>,
    line: Vec<T>,
    filtered: Vec<T>,
}

impl<T: Real> Scratch<T> {
    pub(crate) fn new() -> Self {
        Scratch {
            field: Vec::new(),
            line: Vec::new(),
            filtered: Vec::new(),
        }
    }
}

/// What a block is filled with, and what becomes of it. Always inlined, so that it is compiled with the filter.
pub(crate) trait Pass<T> {
    /// Writes the map's values of one row, halo included, always inside the map. The rest stays zero.
    fn load(&mut self, row: usize, cols: Range<usize>, into: &mut [T]);

    /// Takes a finished row of the block; they come from top to bottom.
    fn emit(&mut self, row: usize, filtered: &[T]);
}

/// Filters the block `rows` × `cols` of a map of shape `shape`, with the widest vectors that the processor has.
pub(crate) fn filter_block<T: Real>(
    half_kernel: &[T],
    shape: (usize, usize),
    rows: Range<usize>,
    cols: Range<usize>,
    scratch: &mut Scratch<T>,
    pass: impl Pass<T>,
) {
    Arch::new().dispatch(Block {
        half_kernel,
        shape,
        rows,
        cols,
        scratch,
        pass,
    });
}

/// One block; its loops are compiled once for each width of vectors.
struct Block<'a, T, P> {
    half_kernel: &'a [T],
    shape: (usize, usize),
    rows: Range<usize>,
    cols: Range<usize>,
    scratch: &'a mut Scratch<T>,
    pass: P,
}

impl<T: Real, P: Pass<T>> WithSimd for Block<'_, T, P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Block {
            half_kernel,
            shape,
            rows,
            cols,
            scratch,
            mut pass,
        } = self;
        let radius = half_kernel.len() - 1;
        let stride = cols.len() + 2 * radius;
        let Scratch {
            field,
            line,
            filtered,
        } = scratch;
        field.clear();
        field.resize((rows.len() + 2 * radius) * stride, T::ZERO);
        line.resize(stride, T::ZERO);
        filtered.resize(cols.len(), T::ZERO);

        let halo_rows = rows.start.saturating_sub(radius)..(rows.end + radius).min(shape.0);
        let halo_cols = cols.start.saturating_sub(radius)..(cols.end + radius).min(shape.1);
        let first_col = halo_cols.start + radius - cols.start;
        for row in halo_rows {
            let start = (row + radius - rows.start) * stride + first_col;
            pass.load(
                row,
                halo_cols.clone(),
                &mut field[start..start + halo_cols.len()],
            );
        }
        for row in rows.clone() {
            let centre = (row + radius - rows.start) * stride;
            convolve(half_kernel, field, centre, stride, &mut line[..stride]);
            convolve(half_kernel, line, radius, 1, &mut filtered[..cols.len()]);
            pass.emit(row, &filtered[..cols.len()]);
        }
    }
}

/// `output[i] = Σ_t k_|t| source[centre + i + t step]`, two distances in one go over the output.
#[inline(always)]
fn convolve<T: Real>(
    half_kernel: &[T],
    source: &[T],
    centre: usize,
    step: usize,
    output: &mut [T],
) {
    for (sum, &middle) in output.iter_mut().zip(&source[centre..]) {
        *sum = half_kernel[0] * middle;
    }
    let sides = |distance: usize| {
        let before = &source[centre - distance * step..];
        let after = &source[centre + distance * step..];
        before.iter().zip(after)
    };
    let mut taps = half_kernel.iter().copied().zip(0..).skip(1);
    while let Some((near, distance)) = taps.next() {
        if let Some((far, _)) = taps.next() {
            let sides = sides(distance).zip(sides(distance + 1));
            for (sum, ((&a, &b), (&c, &d))) in output.iter_mut().zip(sides) {
                *sum = (*sum + near * (a + b)) + far * (c + d);
            }
        } else {
            for (sum, (&a, &b)) in output.iter_mut().zip(sides(distance)) {
                *sum += near * (a + b);
            }
        }
    }
}
