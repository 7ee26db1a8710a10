//! Symmetric separable convolution of a block of a map, zero outside the map.
//!
//! A block is read once with its halo into a small buffer that stays in cache; then each row is
//! filtered along the columns of the buffer and along itself. Every output is the same sum in the
//! same order wherever its block lies, so results depend neither on the blocks nor on the threads.

use std::ops::Range;

use crate::real::Real;

/// Outputs computed side by side: enough independent sums to fill the vector units.
const LANES: usize = 16;

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

/// Filters the block `rows` × `cols` of a map of shape `shape`.
///
/// `load(row, cols, into)` writes the map's values of one row, halo included, always inside the
/// map; `emit(row, filtered)` takes each finished row of the block, from top to bottom.
pub(crate) fn filter_block<T: Real>(
    half_kernel: &[T],
    shape: (usize, usize),
    rows: Range<usize>,
    cols: Range<usize>,
    scratch: &mut Scratch<T>,
    mut load: impl FnMut(usize, Range<usize>, &mut [T]),
    mut emit: impl FnMut(usize, &[T]),
) {
    let radius = half_kernel.len() - 1;
    let outputs = cols.len().next_multiple_of(LANES);
    let stride = (outputs + 2 * radius).next_multiple_of(LANES);
    let Scratch {
        field,
        line,
        filtered,
    } = scratch;
    field.clear();
    field.resize((rows.len() + 2 * radius) * stride, T::ZERO);
    line.resize(stride, T::ZERO);
    filtered.resize(outputs, T::ZERO);

    let halo_rows = rows.start.saturating_sub(radius)..(rows.end + radius).min(shape.0);
    let halo_cols = cols.start.saturating_sub(radius)..(cols.end + radius).min(shape.1);
    let first_col = halo_cols.start + radius - cols.start;
    for row in halo_rows {
        let start = (row + radius - rows.start) * stride + first_col;
        load(
            row,
            halo_cols.clone(),
            &mut field[start..start + halo_cols.len()],
        );
    }
    for row in rows.clone() {
        let centre = (row + radius - rows.start) * stride;
        convolve(half_kernel, field, centre, stride, &mut line[..stride]);
        convolve(half_kernel, line, radius, 1, &mut filtered[..outputs]);
        emit(row, &filtered[..cols.len()]);
    }
}

/// `output[i] = Σ_t k_|t| source[centre + i + t step]`, for a length that is a multiple of [`LANES`].
fn convolve<T: Real>(
    half_kernel: &[T],
    source: &[T],
    centre: usize,
    step: usize,
    output: &mut [T],
) {
    for (chunk, output) in output.chunks_exact_mut(LANES).enumerate() {
        let at = centre + chunk * LANES;
        let middle = lanes(source, at);
        let mut sums: [T; LANES] = std::array::from_fn(|lane| half_kernel[0] * middle[lane]);
        for (distance, &weight) in half_kernel.iter().enumerate().skip(1) {
            let before = lanes(source, at - distance * step);
            let after = lanes(source, at + distance * step);
            for lane in 0..LANES {
                sums[lane] += weight * (before[lane] + after[lane]);
            }
        }
        output.copy_from_slice(&sums);
    }
}

#[inline]
fn lanes<T>(source: &[T], start: usize) -> &[T; LANES] {
    source[start..]
        .first_chunk()
        .expect("the buffers are padded to whole lanes")
}
