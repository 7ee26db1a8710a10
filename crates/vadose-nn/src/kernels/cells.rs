//! What a 32-bit cell of a feature map holds: one feature in f32, or two in bf16.
//!
//! bf16 is the upper half of an f32, so a bf16 becomes an f32 by a shift or a mask. Two *features* of one
//! column share a cell, not two columns of one feature: shifts along columns, masks at the edges of rows
//! and the interleaving of even and odd columns move whole cells, and so they are the same code for both.
//! Products and sums are f32 in either case, and weights stay f32; rounding happens once, when a feature is
//! stored.
//!
//! The instruction made for this, `vdpbf16ps`, is not used. It would round the weights as well, and on the Xeon
//! with `avx512_bf16` where it was measured it issues 1.4·10^9 times a second, f32 multiply-adds 5.5·10^9
//! times: half the products. Widening two features costs two operations for up to twelve multiply-adds, and
//! runs on every instruction set. What is gained is memory; the time there is that of f32 and 5 % more.

use super::lanes::Lanes;

/// Content of the cells of an array.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cells {
    /// One feature.
    #[default]
    F32,
    /// Features `2i` in the lower and `2i + 1` in the upper half, rounded to nearest even. If the number of
    /// features is odd, the last upper half is zero.
    Bf16Pairs,
}

impl Cells {
    /// Features that one cell holds.
    pub(crate) const fn features(self) -> usize {
        match self {
            Self::F32 => F32,
            Self::Bf16Pairs => BF16_PAIRS,
        }
    }

    /// Cells of one position that has so many features.
    pub(crate) const fn of(self, features: usize) -> usize {
        features.div_ceil(self.features())
    }
}

/// [`Cells::F32`] as a constant that a kernel is compiled for: features of a cell.
pub(crate) const F32: usize = 1;
/// The same for [`Cells::Bf16Pairs`].
pub(crate) const BF16_PAIRS: usize = 2;

/// Feature `PART` of the cells of a vector.
///
/// # Safety
/// As [`Lanes`].
#[inline(always)]
pub(crate) unsafe fn part<L: Lanes, const CELLS: usize, const PART: usize>(cells: L::V) -> L::V {
    // SAFETY: handed on from the caller.
    unsafe {
        match (CELLS, PART) {
            (F32, _) => cells,
            (_, 0) => L::lower_bf16(cells),
            (_, _) => L::upper_bf16(cells),
        }
    }
}

/// The larger of two vectors of cells, feature by feature.
///
/// # Safety
/// As [`Lanes`].
#[inline(always)]
pub(crate) unsafe fn max<L: Lanes>(cells: Cells, a: L::V, b: L::V) -> L::V {
    // SAFETY: handed on from the caller. Packing rounds nothing: both maxima are bf16 already.
    unsafe {
        match cells {
            Cells::F32 => L::max(a, b),
            Cells::Bf16Pairs => L::pack_bf16(
                L::max(L::lower_bf16(a), L::lower_bf16(b)),
                L::max(L::upper_bf16(a), L::upper_bf16(b)),
            ),
        }
    }
}

#[cfg(test)]
mod tests;
