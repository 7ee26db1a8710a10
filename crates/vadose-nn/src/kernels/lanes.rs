//! The few vector operations that the kernels are written in, and the portable form of them.
//!
//! A kernel body is written once, generic over [`Lanes`], and marked `#[inline(always)]`; it is
//! compiled for an instruction set by the `#[target_feature]` function behind [`Lanes::outline`],
//! into which everything below is inlined. [`Isa::detect`] picks the set once per call of a
//! public kernel.

/// Vectors of `N` `f32` and the operations on them.
///
/// # Safety
/// Every method may compile to instructions of one instruction set, so it may be called only on a
/// CPU that has it; code below [`Isa::run`] is, because `run` is the only way in. Pointers must
/// be valid for the `N` lanes, or for the lanes that the mask names; no alignment is asked for.
pub(crate) trait Lanes: Copy {
    /// Number of `f32` in a vector.
    const N: usize;
    /// Whether 32 vector registers are at hand (else 16): decides the size of register blocks.
    const WIDE: bool;
    /// The vector.
    type V: Copy;
    /// A set of lanes.
    type M: Copy;

    /// All lanes zero.
    unsafe fn zero() -> Self::V;
    /// All lanes `*p`.
    unsafe fn splat(p: *const f32) -> Self::V;
    /// `N` consecutive values.
    unsafe fn load(p: *const f32) -> Self::V;
    /// The lanes of `m`; the others are zero and not touched in memory.
    unsafe fn load_masked(p: *const f32, m: Self::M) -> Self::V;
    /// Writes `N` consecutive values.
    unsafe fn store(p: *mut f32, v: Self::V);
    /// Writes the lanes of `m` only.
    unsafe fn store_masked(p: *mut f32, v: Self::V, m: Self::M);
    /// Asks for a cache line that will be read soon, in the second-level cache; any address will do.
    unsafe fn prefetch_read(p: *const f32);
    /// Asks for a cache line that will be written soon; any address will do.
    unsafe fn prefetch_write(p: *const f32);
    /// `a * b + c`; rounded once where the CPU can.
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// `a + b`.
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    /// The larger of the two; `b` where either is NaN.
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V;
    /// `v` where `gate > 0`, zero elsewhere (also where `gate` is NaN).
    unsafe fn where_positive(gate: Self::V, v: Self::V) -> Self::V;
    /// `(v where a == b else 0, v where a != b else 0)`.
    unsafe fn split_equal(a: Self::V, b: Self::V, v: Self::V) -> (Self::V, Self::V);
    /// `(a0 b0 a1 b1 …)`, low half first.
    unsafe fn interleave(a: Self::V, b: Self::V) -> (Self::V, Self::V);
    /// The inverse of [`Lanes::interleave`]: even and odd positions of `lo ++ hi`.
    unsafe fn deinterleave(lo: Self::V, hi: Self::V) -> (Self::V, Self::V);
    /// The bf16 in the lower half of each lane, as f32.
    unsafe fn lower_bf16(v: Self::V) -> Self::V;
    /// The bf16 in the upper half of each lane, as f32.
    unsafe fn upper_bf16(v: Self::V) -> Self::V;
    /// Both rounded to bf16, to nearest even, into the halves of each lane. NaN stays NaN.
    unsafe fn pack_bf16(lower: Self::V, upper: Self::V) -> Self::V;
    /// Sum of the lanes, in a fixed order.
    unsafe fn sum(v: Self::V) -> f32;
    /// The lanes `l` with `lo <= l < hi`; bounds outside `0..=N` are clipped.
    unsafe fn range(lo: isize, hi: isize) -> Self::M;
    /// Runs a task in a function of its own, compiled for this instruction set.
    unsafe fn outline<T: Task>(task: T) -> T::Output;
}

/// A piece of work written in [`Lanes`].
pub(crate) trait Task {
    /// What it returns.
    type Output;
    /// The work.
    ///
    /// # Safety
    /// As [`Lanes`]; and what the task's own documentation asks of its pointers.
    unsafe fn run<L: Lanes>(self) -> Self::Output;
}

/// An instruction set that the kernels are compiled for, and that this CPU has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isa(Set);

/// The sets. Private, so that an [`Isa`] is proof that the CPU was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    /// Plain Rust on arrays of eight, which the compiler vectorises as it can.
    Portable,
    /// AVX2 with FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 F.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Isa {
    /// The widest set that this CPU has.
    #[must_use]
    pub fn detect() -> Self {
        *Self::available()
            .last()
            .expect("the portable set is always there")
    }

    /// Every set that this CPU has, slowest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        [
            Some(Set::Portable),
            #[cfg(target_arch = "x86_64")]
            (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"))
                .then_some(Set::Avx2),
            #[cfg(target_arch = "x86_64")]
            is_x86_feature_detected!("avx512f").then_some(Set::Avx512),
        ]
        .into_iter()
        .flatten()
        .map(Isa)
        .collect()
    }

    /// Its name, for reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            Set::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => "avx512",
        }
    }

    /// Whether it has 32 vector registers.
    pub(crate) fn is_wide(self) -> bool {
        match self.0 {
            Set::Portable => Portable::WIDE,
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => super::avx2::Avx2::WIDE,
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => super::avx512::Avx512::WIDE,
        }
    }

    /// Runs a task compiled for this set.
    ///
    /// # Safety
    /// The task's own conditions hold.
    pub(crate) unsafe fn run<T: Task>(self, task: T) -> T::Output {
        match self.0 {
            // SAFETY: the caller vouches for the task; the portable set needs no CPU feature.
            Set::Portable => unsafe { Portable::outline(task) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above, and `available` makes a set only after asking the CPU for it.
            Set::Avx2 => unsafe { super::avx2::Avx2::outline(task) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as for AVX2.
            Set::Avx512 => unsafe { super::avx512::Avx512::outline(task) },
        }
    }
}

/// Bits of the upper half of a lane.
pub(super) const UPPER_HALF: u32 = 0xFFFF_0000;
/// Largest lower half that rounds down to an even upper half without help: just below one half of its unit.
pub(super) const HALF_BELOW: u32 = 0x7FFF;
/// A NaN that is one in its upper half too.
pub(super) const NAN_BITS: u32 = 0x7FC0_0000;

/// Eight lanes in an array.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

/// Lanes of [`Portable`].
const WIDTH: usize = 8;

/// Applies `f` lane by lane.
#[inline(always)]
fn each(f: impl Fn(usize) -> f32) -> [f32; WIDTH] {
    std::array::from_fn(f)
}

impl Lanes for Portable {
    const N: usize = WIDTH;
    const WIDE: bool = false;
    type V = [f32; WIDTH];
    type M = [bool; WIDTH];

    #[inline(always)]
    unsafe fn zero() -> Self::V {
        [0.0; WIDTH]
    }
    #[inline(always)]
    unsafe fn splat(p: *const f32) -> Self::V {
        // SAFETY: the caller vouches for one value at `p`.
        [unsafe { *p }; WIDTH]
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self::V {
        // SAFETY: the caller vouches for `WIDTH` values at `p`; arrays of f32 need no more
        // alignment than one f32.
        unsafe { p.cast::<[f32; WIDTH]>().read() }
    }
    #[inline(always)]
    unsafe fn load_masked(p: *const f32, m: Self::M) -> Self::V {
        each(|l| match m[l] {
            // SAFETY: only lanes of the mask are read, and the caller vouches for those. The address is
            // formed with `wrapping_add`, since other lanes may lie outside the array.
            true => unsafe { *p.wrapping_add(l) },
            false => 0.0,
        })
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, v: Self::V) {
        // SAFETY: as for `load`, for writing.
        unsafe { p.cast::<[f32; WIDTH]>().write(v) };
    }
    #[inline(always)]
    unsafe fn store_masked(p: *mut f32, v: Self::V, m: Self::M) {
        for l in 0..WIDTH {
            if m[l] {
                // SAFETY: only lanes of the mask are written, and the caller vouches for those.
                unsafe { *p.wrapping_add(l) = v[l] };
            }
        }
    }
    #[inline(always)]
    unsafe fn prefetch_read(_: *const f32) {}
    #[inline(always)]
    unsafe fn prefetch_write(_: *const f32) {}
    #[inline(always)]
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        each(|l| a[l] * b[l] + c[l])
    }
    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        each(|l| a[l] + b[l])
    }
    #[inline(always)]
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V {
        each(|l| if a[l] > b[l] { a[l] } else { b[l] })
    }
    #[inline(always)]
    unsafe fn where_positive(gate: Self::V, v: Self::V) -> Self::V {
        each(|l| if gate[l] > 0.0 { v[l] } else { 0.0 })
    }
    #[inline(always)]
    unsafe fn split_equal(a: Self::V, b: Self::V, v: Self::V) -> (Self::V, Self::V) {
        (
            each(|l| if a[l] == b[l] { v[l] } else { 0.0 }),
            each(|l| if a[l] == b[l] { 0.0 } else { v[l] }),
        )
    }
    #[inline(always)]
    unsafe fn interleave(a: Self::V, b: Self::V) -> (Self::V, Self::V) {
        let at = |l: usize| {
            if l.is_multiple_of(2) {
                a[l / 2]
            } else {
                b[l / 2]
            }
        };
        (each(at), each(|l| at(l + WIDTH)))
    }
    #[inline(always)]
    unsafe fn deinterleave(lo: Self::V, hi: Self::V) -> (Self::V, Self::V) {
        let at = |l: usize| if l < WIDTH { lo[l] } else { hi[l - WIDTH] };
        (each(|l| at(2 * l)), each(|l| at(2 * l + 1)))
    }
    #[inline(always)]
    unsafe fn lower_bf16(v: Self::V) -> Self::V {
        each(|l| f32::from_bits(v[l].to_bits() << 16))
    }
    #[inline(always)]
    unsafe fn upper_bf16(v: Self::V) -> Self::V {
        each(|l| f32::from_bits(v[l].to_bits() & UPPER_HALF))
    }
    #[inline(always)]
    unsafe fn pack_bf16(lower: Self::V, upper: Self::V) -> Self::V {
        let round = |v: f32| match v.is_nan() {
            true => NAN_BITS,
            // Carries into the exponent as it should; halfway, the last bit that stays decides.
            false => v.to_bits() + HALF_BELOW + (v.to_bits() >> 16 & 1),
        };
        each(|l| f32::from_bits(round(lower[l]) >> 16 | round(upper[l]) & UPPER_HALF))
    }
    #[inline(always)]
    unsafe fn sum(v: Self::V) -> f32 {
        v.iter().sum()
    }
    #[inline(always)]
    unsafe fn range(lo: isize, hi: isize) -> Self::M {
        std::array::from_fn(|l| lo <= l as isize && (l as isize) < hi)
    }
    #[inline(never)]
    unsafe fn outline<T: Task>(task: T) -> T::Output {
        // SAFETY: the caller vouches for the task; no CPU feature is needed.
        unsafe { task.run::<Self>() }
    }
}
