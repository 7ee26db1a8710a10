//! [`Lanes`] on AVX2 with FMA: eight lanes, sixteen registers, masks in vector registers.
// SAFETY of every block in this file: it holds a few intrinsics, and what they ask for is word for word
// the contract of the trait's function around it: the CPU has avx2 and fma, which only `Isa::available` hands out, and
// the pointer is valid for the lanes that the function names.
#![allow(clippy::undocumented_unsafe_blocks, reason = "argued once, above")]

use std::arch::x86_64::*;

use super::lanes::{HALF_BELOW, Lanes, NAN_BITS, Task, UPPER_HALF};

/// Eight lanes in a `ymm` register.
#[derive(Clone, Copy)]
pub(crate) struct Avx2;

impl Lanes for Avx2 {
    const N: usize = 8;
    const WIDE: bool = false;
    type V = __m256;
    type M = __m256i;

    #[inline(always)]
    unsafe fn zero() -> Self::V {
        unsafe { _mm256_setzero_ps() }
    }
    #[inline(always)]
    unsafe fn splat(p: *const f32) -> Self::V {
        unsafe { _mm256_set1_ps(*p) }
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self::V {
        unsafe { _mm256_loadu_ps(p) }
    }
    #[inline(always)]
    unsafe fn load_masked(p: *const f32, m: Self::M) -> Self::V {
        unsafe { _mm256_maskload_ps(p, m) }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, v: Self::V) {
        unsafe { _mm256_storeu_ps(p, v) }
    }
    #[inline(always)]
    unsafe fn store_masked(p: *mut f32, v: Self::V, m: Self::M) {
        unsafe { _mm256_maskstore_ps(p, m, v) }
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
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        unsafe { _mm256_add_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V {
        unsafe { _mm256_max_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn where_positive(gate: Self::V, v: Self::V) -> Self::V {
        unsafe { _mm256_and_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(gate, _mm256_setzero_ps()), v) }
    }
    #[inline(always)]
    unsafe fn split_equal(a: Self::V, b: Self::V, v: Self::V) -> (Self::V, Self::V) {
        unsafe {
            let equal = _mm256_cmp_ps::<_CMP_EQ_OQ>(a, b);
            (_mm256_and_ps(equal, v), _mm256_andnot_ps(equal, v))
        }
    }
    #[inline(always)]
    unsafe fn interleave(a: Self::V, b: Self::V) -> (Self::V, Self::V) {
        unsafe {
            let (lo, hi) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
            (
                _mm256_permute2f128_ps::<0x20>(lo, hi),
                _mm256_permute2f128_ps::<0x31>(lo, hi),
            )
        }
    }
    #[inline(always)]
    unsafe fn deinterleave(lo: Self::V, hi: Self::V) -> (Self::V, Self::V) {
        unsafe {
            let low = _mm256_permute2f128_ps::<0x20>(lo, hi);
            let high = _mm256_permute2f128_ps::<0x31>(lo, hi);
            (
                _mm256_shuffle_ps::<0x88>(low, high),
                _mm256_shuffle_ps::<0xDD>(low, high),
            )
        }
    }
    #[inline(always)]
    unsafe fn lower_bf16(v: Self::V) -> Self::V {
        unsafe { _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_castps_si256(v))) }
    }
    #[inline(always)]
    unsafe fn upper_bf16(v: Self::V) -> Self::V {
        unsafe {
            let half = _mm256_set1_epi32(UPPER_HALF as i32);
            _mm256_castsi256_ps(_mm256_and_si256(_mm256_castps_si256(v), half))
        }
    }
    #[inline(always)]
    unsafe fn pack_bf16(lower: Self::V, upper: Self::V) -> Self::V {
        unsafe {
            let (lower, upper) = (rounded(lower), rounded(upper));
            let half = _mm256_set1_epi32(UPPER_HALF as i32);
            let upper = _mm256_and_si256(upper, half);
            _mm256_castsi256_ps(_mm256_or_si256(_mm256_srli_epi32::<16>(lower), upper))
        }
    }
    #[inline(always)]
    unsafe fn sum(v: Self::V) -> f32 {
        let mut lanes = [0.0f32; 8];
        unsafe { _mm256_storeu_ps(lanes.as_mut_ptr(), v) };
        lanes.iter().sum()
    }
    #[inline(always)]
    unsafe fn range(lo: isize, hi: isize) -> Self::M {
        unsafe {
            let lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            let from = _mm256_set1_epi32(lo.clamp(0, 8) as i32 - 1);
            let to = _mm256_set1_epi32(hi.clamp(0, 8) as i32);
            _mm256_and_si256(_mm256_cmpgt_epi32(lane, from), _mm256_cmpgt_epi32(to, lane))
        }
    }
    #[inline(never)]
    unsafe fn outline<T: Task>(task: T) -> T::Output {
        unsafe { compiled(task) }
    }
}

/// Bits whose upper half is the value in bf16.
#[inline(always)]
unsafe fn rounded(v: __m256) -> __m256i {
    unsafe {
        let bits = _mm256_castps_si256(v);
        let odd = _mm256_and_si256(_mm256_srli_epi32::<16>(bits), _mm256_set1_epi32(1));
        let up = _mm256_add_epi32(odd, _mm256_set1_epi32(HALF_BELOW as i32));
        let bits = _mm256_castsi256_ps(_mm256_add_epi32(bits, up));
        let nan = _mm256_castsi256_ps(_mm256_set1_epi32(NAN_BITS as i32));
        _mm256_castps_si256(_mm256_blendv_ps(
            bits,
            nan,
            _mm256_cmp_ps::<_CMP_UNORD_Q>(v, v),
        ))
    }
}

/// The function that is compiled for this instruction set; the task is inlined into it. (`outline` is the one
/// that must not be inlined: on a function with target features rustc 1.95 ignores the request.)
#[target_feature(enable = "avx2,fma")]
unsafe fn compiled<T: Task>(task: T) -> T::Output {
    unsafe { task.run::<Avx2>() }
}
