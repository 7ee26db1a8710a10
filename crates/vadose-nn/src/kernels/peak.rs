//! The arithmetic limit of this machine: fused multiply-adds on registers and nothing else.

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use super::lanes::{Isa, Lanes, Task};

/// Rounds of one measurement: some two milliseconds, of which starting threads takes a hundredth.
const ROUNDS: usize = 400_000;
/// Measurements, of which the best counts: what the processor can do, not what other programs left of it.
const MEASUREMENTS: usize = 100;
/// Independent sums where there are 32 registers; two multiply-adds a cycle, each ready after four or five
/// cycles, need ten.
const CHAINS_WIDE: usize = 24;
/// The same where there are 16 registers.
const CHAINS: usize = 12;

/// Most f32 operations that `threads` threads do in a second, in units of 10^9.
///
/// A multiply-add counts as two operations. The best of many measurements of some two milliseconds each
/// on the widest instruction set that the kernels know; on the portable one it is what the compiler
/// makes of plain Rust, and no limit of the processor.
///
/// # Examples
/// ```
/// assert!(vadose_nn::kernels::peak::fma_peak_gflops(1) > 0.1);
/// ```
#[must_use]
pub fn fma_peak_gflops(threads: usize) -> f64 {
    let isa = Isa::detect();
    let mut best = 0.0f64;
    for _ in 0..MEASUREMENTS {
        let start = Instant::now();
        let operations: usize = thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(isa))).collect();
            workers
                .into_iter()
                .map(|worker| worker.join().expect("multiply-adds do not panic"))
                .sum()
        });
        best = best.max(operations as f64 / start.elapsed().as_secs_f64() / 1e9);
    }
    best
}

/// Does one thread's share and says how many operations it was.
fn work(isa: Isa) -> usize {
    // SAFETY: the task asks for nothing.
    let (operations, sum) = unsafe { isa.run(Chains) };
    black_box(sum);
    operations
}

/// Sums that do not depend on one another, each fed by its own last value.
struct Chains;

impl Task for Chains {
    type Output = (usize, f32);

    #[inline(always)]
    unsafe fn run<L: Lanes>(self) -> Self::Output {
        if L::WIDE {
            // SAFETY: the caller runs this on a CPU that has the instruction set.
            unsafe { chains::<L, CHAINS_WIDE>() }
        } else {
            // SAFETY: as above.
            unsafe { chains::<L, CHAINS>() }
        }
    }
}

#[inline(always)]
unsafe fn chains<L: Lanes, const N: usize>() -> (usize, f32) {
    // The sums approach the fixed point 1 and stay normal numbers.
    let (factor, term) = black_box((0.999f32, 0.001f32));
    // SAFETY: the caller runs this on a CPU that has the instruction set; `splat` reads one value behind a
    // reference.
    unsafe {
        let (factor, term) = (L::splat(&factor), L::splat(&term));
        let mut sums = [L::zero(); N];
        for _ in 0..ROUNDS {
            for sum in &mut sums {
                *sum = L::fma(*sum, factor, term);
            }
        }
        let total = sums
            .into_iter()
            .fold(L::zero(), |total, sum| L::add(total, sum));
        (2 * ROUNDS * N * L::N, L::sum(total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_set_counts_its_own_lanes_and_ends_at_the_fixed_point() {
        for isa in Isa::available() {
            // SAFETY: the task asks for nothing.
            let (operations, sum) = unsafe { isa.run(Chains) };
            let lanes = operations / (2 * ROUNDS);
            let mean = sum / lanes as f32;
            assert!(lanes >= CHAINS * 8, "{}: {lanes}", isa.name());
            assert!((mean - 1.0).abs() < 1e-3, "{}: {mean}", isa.name());
        }
    }
}
