//! [`Lanes`] on AVX-512: sixteen lanes, thirty-two registers, mask registers.
// SAFETY of every block in this file: it holds a few intrinsics, and what they ask for is word for word
// the contract of the trait's function around it: the CPU has avx512f, which only `Isa::available` hands out, and
// the pointer is valid for the lanes that the function names.
#![allow(clippy::undocumented_unsafe_blocks, reason = "argued once, above")]

use std::arch::x86_64::*;

use super::lanes::{HALF_BELOW, Lanes, NAN_BITS, Task, UPPER_HALF};

/// Sixteen lanes in a `zmm` register.
#[derive(Clone, Copy)]
pub(crate) struct Avx512;

impl Lanes for Avx512 {
    const N: usize = 16;
    const WIDE: bool = true;
    type V = __m512;
    type M = __mmask16;

    #[inline(always)]
    unsafe fn zero() -> Self::V {
        unsafe { _mm512_setzero_ps() }
    }
    #[inline(always)]
    unsafe fn splat(p: *const f32) -> Self::V {
        unsafe { _mm512_set1_ps(*p) }
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self::V {
        unsafe { _mm512_loadu_ps(p) }
    }
    #[inline(always)]
    unsafe fn load_masked(p: *const f32, m: Self::M) -> Self::V {
        unsafe { _mm512_maskz_loadu_ps(m, p) }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, v: Self::V) {
        unsafe { _mm512_storeu_ps(p, v) }
    }
    #[inline(always)]
    unsafe fn store_masked(p: *mut f32, v: Self::V, m: Self::M) {
        unsafe { _mm512_mask_storeu_ps(p, m, v) }
    }
    #[inline(always)]
    unsafe fn prefetch_read(p: *const f32) {
        unsafe { _mm_prefetch::<_MM_HINT_T1>(p.cast()) }
    }
    #[inline(always)]
    unsafe fn prefetch_write(p: *const f32) {
        unsafe { _mm_prefetch::<_MM_HINT_ET0>(p.cast()) }
    }
    #[inline(always)]
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        unsafe { _mm512_add_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V {
        unsafe { _mm512_max_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn where_positive(gate: Self::V, v: Self::V) -> Self::V {
        unsafe {
            _mm512_maskz_mov_ps(
                _mm512_cmp_ps_mask::<_CMP_GT_OQ>(gate, _mm512_setzero_ps()),
                v,
            )
        }
    }
    #[inline(always)]
    unsafe fn split_equal(a: Self::V, b: Self::V, v: Self::V) -> (Self::V, Self::V) {
        unsafe {
            let equal = _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(a, b);
            (
                _mm512_maskz_mov_ps(equal, v),
                _mm512_maskz_mov_ps(!equal, v),
            )
        }
    }
    #[inline(always)]
    unsafe fn interleave(a: Self::V, b: Self::V) -> (Self::V, Self::V) {
        unsafe {
            let lo = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            let hi =
                _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
            (
                _mm512_permutex2var_ps(a, lo, b),
                _mm512_permutex2var_ps(a, hi, b),
            )
        }
    }
    #[inline(always)]
    unsafe fn deinterleave(lo: Self::V, hi: Self::V) -> (Self::V, Self::V) {
        unsafe {
            let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            let odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
            (
                _mm512_permutex2var_ps(lo, even, hi),
                _mm512_permutex2var_ps(lo, odd, hi),
            )
        }
    }
    #[inline(always)]
    unsafe fn lower_bf16(v: Self::V) -> Self::V {
        unsafe { _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_castps_si512(v))) }
    }
    #[inline(always)]
    unsafe fn upper_bf16(v: Self::V) -> Self::V {
        unsafe {
            let half = _mm512_set1_epi32(UPPER_HALF as i32);
            _mm512_castsi512_ps(_mm512_and_si512(_mm512_castps_si512(v), half))
        }
    }
    #[inline(always)]
    unsafe fn pack_bf16(lower: Self::V, upper: Self::V) -> Self::V {
        unsafe {
            let (lower, upper) = (rounded(lower), rounded(upper));
            let half = _mm512_set1_epi32(UPPER_HALF as i32);
            let upper = _mm512_and_si512(upper, half);
            _mm512_castsi512_ps(_mm512_or_si512(_mm512_srli_epi32::<16>(lower), upper))
        }
    }
    #[inline(always)]
    unsafe fn sum(v: Self::V) -> f32 {
        unsafe { _mm512_reduce_add_ps(v) }
    }
    #[inline(always)]
    unsafe fn range(lo: isize, hi: isize) -> Self::M {
        let below = |n: isize| (1u32 << n.clamp(0, 16)) - 1;
        (below(hi) & !below(lo)) as __mmask16
    }
    #[inline(never)]
    unsafe fn outline<T: Task>(task: T) -> T::Output {
        unsafe { compiled(task) }
    }
}

/// Bits whose upper half is the value in bf16.
#[inline(always)]
unsafe fn rounded(v: __m512) -> __m512i {
    unsafe {
        let bits = _mm512_castps_si512(v);
        let odd = _mm512_and_si512(_mm512_srli_epi32::<16>(bits), _mm512_set1_epi32(1));
        let up = _mm512_add_epi32(odd, _mm512_set1_epi32(HALF_BELOW as i32));
        let nan = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(v, v);
        let bits = _mm512_add_epi32(bits, up);
        _mm512_mask_mov_epi32(bits, nan, _mm512_set1_epi32(NAN_BITS as i32))
    }
}

/// The function that is compiled for this instruction set; the task is inlined into it. (`outline` is the one
/// that must not be inlined: on a function with target features rustc 1.95 ignores the request.)
#[target_feature(enable = "avx512f")]
unsafe fn compiled<T: Task>(task: T) -> T::Output {
    unsafe { task.run::<Avx512>() }
}
