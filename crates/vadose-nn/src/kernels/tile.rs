//! Pieces that the register-blocked kernels share: clipped taps, shifted loads, the last step.

use std::ops::Range;

use super::cells::Cells;
use super::lanes::Lanes;

/// Repeats a body with the constant `F = 0, 1, …` below `O`, which is at most eight.
///
/// A loop would do if it were always unrolled: the accumulators live in registers only if every
/// index is a constant, and the compiler gives up unrolling at five features of four vectors.
macro_rules! each_feature {
    ($o:ident < $n:ident => $body:block) => {
        each_feature!(@ $o $n $body 0 1 2 3 4 5 6 7)
    };
    (@ $o:ident $n:ident $body:block $($i:literal)*) => {
        $(if $n > $i {
            const $o: usize = $i;
            $body
        })*
    };
}

pub(crate) use each_feature;

/// What happens to an output value before it is stored.
#[derive(Clone, Copy)]
pub(crate) enum Epilogue<'a> {
    /// Nothing.
    Linear,
    /// Negative values become zero.
    Relu,
    /// Negative values become zero, and what is left is rounded to bf16.
    ReluToBf16,
    /// Kept where this array, of the output's shape, is positive; zero elsewhere: the derivative of a
    /// ReLU whose output is given.
    WherePositive(&'a [f32]),
}

impl Epilogue<'_> {
    /// What the cells of the output hold.
    pub(crate) const fn cells(self) -> Cells {
        match self {
            Self::Linear | Self::Relu | Self::WherePositive(_) => Cells::F32,
            Self::ReluToBf16 => Cells::Bf16Pairs,
        }
    }
}

/// Loads vector `v` of `vectors` of a row at column shift `SHIFT`; lanes outside the row are zero.
///
/// # Safety
/// `at` points to the tile's first column in a row that has `before` columns before it and `left`
/// columns from it on; without `PARTIAL`, `left >= vectors * N`.
#[inline(always)]
pub(crate) unsafe fn load_shifted<L: Lanes, const SHIFT: isize, const PARTIAL: bool>(
    at: *const f32,
    (v, vectors): (usize, usize),
    before: usize,
    left: usize,
) -> L::V {
    let first = (v * L::N) as isize + SHIFT;
    let p = at.wrapping_offset(first);
    // SAFETY: lanes are read only where `-before <= first + lane < left`: by the mask, or, for
    // inner vectors of a full tile, because the shift stays within the neighbouring vectors.
    unsafe {
        if PARTIAL || (v == 0 && SHIFT < 0) || (v + 1 == vectors && SHIFT > 0) {
            L::load_masked(
                p,
                L::range(-(before as isize) - first, left as isize - first),
            )
        } else {
            L::load(p)
        }
    }
}

/// Applies the epilogue to the accumulators of `O` features times `V` vectors and stores them.
///
/// # Safety
/// Cell `f`, column `c` of the tile lies at `y[at + f * cell_stride + c]` for `c < left`, and in the same
/// place of the epilogue's array; without `PARTIAL`, `left >= V * N`. There are as many cells as the
/// epilogue makes of `O` features.
#[inline(always)]
pub(crate) unsafe fn store_tile<L: Lanes, const O: usize, const V: usize, const PARTIAL: bool>(
    acc: &[[L::V; V]; O],
    epilogue: Epilogue<'_>,
    y: *mut f32,
    at: usize,
    cell_stride: usize,
    left: usize,
) {
    // SAFETY: the caller vouches for `left` columns, and the mask of a partial tile keeps to them.
    // Addresses of vectors that begin beyond the row are formed by wrapping and never used.
    unsafe {
        let features = epilogue.cells().features();
        each_feature!(F < O => {
            let at = at + F / features * cell_stride;
            for v in 0..V {
                let mask = L::range(0, left as isize - (v * L::N) as isize);
                let value = match epilogue {
                    Epilogue::Linear => acc[F][v],
                    Epilogue::Relu => L::max(L::zero(), acc[F][v]),
                    // Even features take the next one along.
                    Epilogue::ReluToBf16 if F % 2 == 1 => continue,
                    Epilogue::ReluToBf16 => {
                        let next = if F + 1 < O { acc[F + 1][v] } else { L::zero() };
                        L::pack_bf16(L::max(L::zero(), acc[F][v]), L::max(L::zero(), next))
                    }
                    Epilogue::WherePositive(gate) => {
                        let gate = gate.as_ptr().wrapping_add(at + v * L::N);
                        let gate = if PARTIAL { L::load_masked(gate, mask) } else { L::load(gate) };
                        L::where_positive(gate, acc[F][v])
                    }
                };
                let p = y.wrapping_add(at + v * L::N);
                if PARTIAL { L::store_masked(p, value, mask) } else { L::store(p, value) }
            }
        });
    }
}

/// Asks for the cache lines that [`store_tile`] will need, so that they arrive while the tile is summed.
///
/// # Safety
/// As [`Lanes`].
#[inline(always)]
pub(crate) unsafe fn prefetch_tile<L: Lanes, const O: usize, const V: usize>(
    epilogue: Epilogue<'_>,
    y: *const f32,
    at: usize,
    cell_stride: usize,
) {
    for f in 0..epilogue.cells().of(O) {
        for v in 0..V {
            let at = at + f * cell_stride + v * L::N;
            // SAFETY: a prefetch reads nothing; addresses beyond the row are formed by wrapping.
            unsafe {
                L::prefetch_write(y.wrapping_add(at));
                if let Epilogue::WherePositive(gate) = epilogue {
                    L::prefetch_read(gate.as_ptr().wrapping_add(at));
                }
            }
        }
    }
}

/// Taps `k` of `kernel` for which `0 <= position + k - padding < size`.
#[inline(always)]
pub(crate) fn taps(position: usize, padding: usize, kernel: usize, size: usize) -> Range<usize> {
    padding.saturating_sub(position)..kernel.min((size + padding).saturating_sub(position))
}
