//! Convolution between bf16 cells on every instruction set, against the portable oracle in f64.

use proptest::prelude::*;

use super::super::convolution::Convolution;
use super::super::lanes::{Isa, Task};
use super::super::pack::Packed;
use super::super::parallel::Extent;
use super::super::tile::Epilogue;
use super::super::{ConvShape, scalar};
use super::*;

/// Bound on the rounding of f32 sums, relative to the sum of absolute products, as for f32 kernels.
const MAX_RELATIVE_ERR: f64 = 2e-6;

/// Largest relative rounding to bf16: half a unit of eight significant bits.
const BF16_ROUNDING: f64 = 1.0 / 256.0;

/// The bf16 nearest to `v`, and of two equally near the even one, found by comparing both neighbours.
fn nearest_bf16(v: f32) -> f32 {
    if v.is_nan() {
        return v;
    }
    let below = f32::from_bits(v.to_bits() & 0xFFFF_0000);
    let above = f32::from_bits(below.to_bits() + 0x1_0000);
    // Beyond the largest number the unit goes on, as if there were a next power of two.
    let above64 = match above.is_infinite() {
        true => f64::from(above.signum()) * 2f64.powi(128),
        false => f64::from(above),
    };
    let (down, up) = (
        (f64::from(v) - f64::from(below)).abs(),
        (above64 - f64::from(v)).abs(),
    );
    let below_is_even = below.to_bits() >> 16 & 1 == 0;
    match v.is_infinite() || down < up || (down == up && below_is_even) {
        true => below,
        false => above,
    }
}

/// Reproducible values in -1..1.
fn values(n: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..n)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / 8_388_608.0 - 1.0
        })
        .collect()
}

/// Packs pairs of values and takes them apart again.
struct RoundTrip<'a>(&'a [f32], &'a [f32]);

impl Task for RoundTrip<'_> {
    type Output = Vec<[f32; 2]>;

    #[inline(always)]
    unsafe fn run<L: Lanes>(self) -> Self::Output {
        let mut pairs = Vec::new();
        for (lower, upper) in self.0.iter().zip(self.1) {
            let mut got = [[0.0; 16]; 2];
            // SAFETY: one value is read behind each reference, and at most sixteen lanes are written.
            unsafe {
                let cells = L::pack_bf16(L::splat(lower), L::splat(upper));
                L::store(got[0].as_mut_ptr(), L::lower_bf16(cells));
                L::store(got[1].as_mut_ptr(), L::upper_bf16(cells));
            }
            pairs.push([got[0][L::N - 1], got[1][L::N - 1]]);
        }
        pairs
    }
}

#[test]
fn bf16_is_the_nearest_and_of_equally_near_ones_the_even() {
    let mut lower = values(1000, 1);
    lower.extend(values(1000, 2).iter().map(|v| v * 1e-38)); // subnormal ones too
    lower.extend([0.0, -0.0, 1.0, f32::MAX, f32::MIN, f32::MIN_POSITIVE, 1e-45]);
    lower.extend([f32::INFINITY, f32::NEG_INFINITY, f32::NAN, -f32::NAN]);
    lower.push(f32::from_bits(0x7F80_0001)); // a NaN whose upper half alone is infinity
    for bits in [0x3F80_8000, 0x3F81_8000, 0x3F80_7FFF, 0x3F80_8001] {
        lower.push(f32::from_bits(bits)); // halfway, and beside it
    }
    let upper: Vec<f32> = lower.iter().rev().copied().collect();
    for isa in Isa::available() {
        // SAFETY: the task asks for nothing.
        let got = unsafe { isa.run(RoundTrip(&lower, &upper)) };
        for (got, want) in got.iter().zip(lower.iter().zip(&upper)) {
            for (got, want) in [(got[0], *want.0), (got[1], *want.1)] {
                let nearest = nearest_bf16(want);
                let same = got.to_bits() == nearest.to_bits() || got.is_nan() && want.is_nan();
                assert!(same, "{isa:?}: {got:e} for {want:e}, not {nearest:e}");
            }
        }
    }
}

/// `[feature, position]` as `[cell, position]`.
fn paired(features: usize, x: &[f32]) -> Vec<f32> {
    let positions = x.len() / features;
    let bits = |feature: usize, at: usize| match feature < features {
        true => x[feature * positions + at].to_bits() >> 16,
        false => 0,
    };
    (0..Cells::Bf16Pairs.of(features) * positions)
        .map(|k| (k / positions, k % positions))
        .map(|(cell, at)| f32::from_bits(bits(2 * cell, at) | bits(2 * cell + 1, at) << 16))
        .collect()
}

/// The inverse of [`paired`]. The padding of an odd number of features must be zero.
fn single(features: usize, cells: &[f32]) -> Vec<f32> {
    let positions = cells.len() / Cells::Bf16Pairs.of(features);
    let half = |feature: usize, at: usize| {
        let bits = cells[feature / 2 * positions + at].to_bits();
        f32::from_bits(if feature.is_multiple_of(2) {
            bits << 16
        } else {
            bits & 0xFFFF_0000
        })
    };
    if !features.is_multiple_of(2) {
        assert!(
            (0..positions).all(|at| half(features, at) == 0.0),
            "padding"
        );
    }
    (0..features * positions)
        .map(|k| half(k / positions, k % positions))
        .collect()
}

/// More cells of NaN on both sides than a tile and its prefetches reach beyond a row.
const MARGIN: usize = 512;

fn guarded(cells: &[f32]) -> Vec<f32> {
    let margin = [f32::NAN; MARGIN];
    [&margin, cells, &margin].concat()
}

fn inside(cells: &[f32]) -> &[f32] {
    &cells[MARGIN..cells.len() - MARGIN]
}

/// A convolution of `fine` features and of `coarse` upsampled ones, padded to its own size.
#[derive(Clone, Copy, Debug)]
struct Case {
    coarse: usize,
    fine: usize,
    out: usize,
    size: [usize; 3],
    kernel: [usize; 3],
    seed: u64,
}

impl Case {
    fn shape(&self) -> ConvShape {
        let [depth, rows, cols] = self.size;
        ConvShape {
            batch: 1,
            in_features: self.coarse + self.fine,
            out_features: self.out,
            depth,
            rows,
            cols,
            kernel: self.kernel,
            padding: self.kernel.map(|k| k / 2),
        }
    }

    fn coarse_grid(&self) -> Extent {
        let [depth, rows, cols] = self.size;
        Extent::dense(depth, rows / 2, cols / 2)
    }

    /// Coarse and fine input, weight and bias; the inputs are bf16 already.
    fn arrays(&self) -> [Vec<f32>; 4] {
        let shape = self.shape();
        let grid = Extent::dense(shape.depth, shape.rows, shape.cols);
        let bf16 = |n, seed| values(n, seed).into_iter().map(nearest_bf16).collect();
        [
            bf16(self.coarse * self.coarse_grid().len(), self.seed),
            bf16(self.fine * grid.len(), self.seed + 1),
            values(shape.weight_len(), self.seed + 2),
            values(self.out, self.seed + 3),
        ]
    }

    /// The convolution as it is defined, in f64; `of` is applied to every value on the way in.
    fn oracle(&self, [coarse, fine, w, b]: &[Vec<f32>; 4], of: fn(f64) -> f64) -> Vec<f64> {
        let shape = self.shape();
        let grid = self.coarse_grid();
        let (rows, cols) = (shape.rows, shape.cols);
        let upsampled = (0..self.coarse * shape.depth * rows * cols).map(|k| {
            let (plane, row, col) = (k / (rows * cols), k / cols % rows, k % cols);
            coarse[plane * grid.plane + row / 2 * grid.cols + col / 2]
        });
        let wide = |v: f32| of(f64::from(v));
        let x: Vec<f64> = upsampled.chain(fine.iter().copied()).map(wide).collect();
        let [w, b] = [w, b].map(|values| values.iter().copied().map(wide).collect::<Vec<_>>());
        let mut y = vec![0.0; shape.output_len()];
        scalar::forward(&shape, &x, &w, &b, &mut y);
        y
    }

    /// Runs between cells of these kinds; gives the output as single features, and its maxima if the sizes
    /// are even.
    fn run(
        &self,
        isa: Isa,
        [input, output]: [Cells; 2],
        [coarse, fine, w, b]: &[Vec<f32>; 4],
    ) -> (Vec<f32>, Option<Vec<f32>>) {
        let shape = self.shape();
        let [kd, kh, kw] = shape.kernel;
        let mut weights = Packed::default();
        weights.convolution(
            self.out,
            [self.coarse, self.fine],
            shape.kernel,
            [input, output],
            |o, i, k| w[((o * shape.in_features + i) * kd + k[0]) * kh * kw + k[1] * kw + k[2]],
        );
        let cells = |features: usize, x: &[f32]| {
            guarded(&match input {
                Cells::Bf16Pairs if features > 0 => paired(features, x),
                _ => x.to_vec(),
            })
        };
        let (coarse, fine) = (cells(self.coarse, coarse), cells(self.fine, fine));
        let grid = Extent::dense(shape.depth, shape.rows, shape.cols);
        let convolution = Convolution {
            fine: inside(&fine),
            coarse: inside(&coarse),
            coarse_grid: self.coarse_grid(),
            input: grid,
            output: grid,
            padding: [shape.padding[0], shape.padding[1]],
            weights: &weights,
            bias: b,
            epilogue: match output {
                Cells::F32 => Epilogue::Relu,
                Cells::Bf16Pairs => Epilogue::ReluToBf16,
            },
        };
        let pools = shape.rows.is_multiple_of(2) && shape.cols.is_multiple_of(2);
        let stale = |grid: Extent| guarded(&vec![f32::NAN; output.of(self.out) * grid.len()]);
        let (mut y, mut pooled) = (stale(grid), stale(self.coarse_grid()));
        let end = y.len() - MARGIN;
        let pooled_end = pooled.len() - MARGIN;
        convolution.run(
            isa,
            &mut y[MARGIN..end],
            pools.then_some((&mut pooled[MARGIN..pooled_end], self.coarse_grid())),
        );
        for array in [&y, &pooled] {
            let margins = array[..MARGIN].iter().chain(&array[array.len() - MARGIN..]);
            assert!(margins.into_iter().all(|v| v.is_nan()), "{isa:?} {self:?}");
        }
        let unpack = |cells: &[f32]| match output {
            Cells::F32 => cells.to_vec(),
            Cells::Bf16Pairs => single(self.out, cells),
        };
        (unpack(inside(&y)), pools.then(|| unpack(inside(&pooled))))
    }

    /// Every instruction set and every pair of cells against the oracle.
    fn check(&self) {
        let arrays = self.arrays();
        let want = self.oracle(&arrays, |v| v);
        let scale = self.oracle(&arrays, f64::abs);
        let kinds = [Cells::F32, Cells::Bf16Pairs];
        for isa in Isa::available() {
            for cells in kinds.map(|i| kinds.map(|o| [i, o])).concat() {
                let (got, pooled) = self.run(isa, cells, &arrays);
                for (k, (&got, (&want, &scale))) in
                    got.iter().zip(want.iter().zip(&scale)).enumerate()
                {
                    let want = want.max(0.0);
                    let sum = MAX_RELATIVE_ERR * scale.max(1e-3);
                    let rounding = match cells[1] {
                        Cells::F32 => 0.0,
                        Cells::Bf16Pairs => BF16_ROUNDING * want,
                    };
                    assert!(
                        (f64::from(got) - want).abs() <= sum + rounding,
                        "{isa:?} {cells:?} {self:?} [{k}]: {got} for {want}"
                    );
                    assert!(cells[1] == Cells::F32 || got == nearest_bf16(got));
                }
                if let Some(pooled) = pooled {
                    assert!(pooled == self.maxima(&got), "{isa:?} {cells:?} {self:?}");
                }
            }
        }
    }

    fn maxima(&self, y: &[f32]) -> Vec<f32> {
        let [_, rows, cols] = self.size;
        y.chunks_exact(rows * cols)
            .flat_map(|plane| {
                (0..rows / 2 * (cols / 2)).map(move |k| {
                    let at = k / (cols / 2) * 2 * cols + k % (cols / 2) * 2;
                    let window = [at, at + 1, at + cols, at + cols + 1];
                    window.into_iter().map(|k| plane[k]).fold(0.0, f32::max)
                })
            })
            .collect()
    }
}

#[test]
fn every_number_of_features_agrees_with_the_oracle() {
    for features in 1..=33 {
        Case {
            coarse: (features * 7) % 5,
            fine: features,
            out: 34 - features,
            size: [2, 4, 18],
            kernel: [3, 3, 3],
            seed: features as u64,
        }
        .check();
    }
}

#[test]
fn odd_widths_agree_with_the_oracle() {
    for cols in [
        1, 2, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 96, 127, 129, 255, 257,
    ] {
        Case {
            coarse: 0,
            fine: 3,
            out: 5,
            size: [2, 5, cols],
            kernel: [3, 3, 3],
            seed: cols as u64,
        }
        .check();
    }
}

prop_compose! {
    fn any_case()(
        coarse in 0usize..=9,
        fine in 1usize..=33,
        out in 1usize..=33,
        depth in 1usize..=5,
        rows in 1usize..=5,
        cols in prop_oneof![Just(1usize), Just(15), Just(17), 1usize..=80],
        kernel in prop_oneof![Just([3, 3, 3]), Just([1, 3, 3]), Just([1, 1, 1]), Just([5, 1, 1])],
        seed in 0u64..1000,
    ) -> Case {
        // What comes from below is upsampled, to an even size and for the kernels that fold it.
        let coarse = if kernel[1] == 3 { coarse } else { 0 };
        let even = |n: usize| if coarse > 0 { n.next_multiple_of(2) } else { n };
        Case { coarse, fine, out, size: [depth, even(rows), even(cols)], kernel, seed }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_convolutions_agree_with_the_oracle(case in any_case()) {
        case.check();
    }
}

#[test]
fn bits_do_not_depend_on_the_number_of_threads() {
    let case = Case {
        coarse: 3,
        fine: 5,
        out: 9,
        size: [4, 36, 70],
        kernel: [3, 3, 3],
        seed: 1,
    };
    let arrays = case.arrays();
    for isa in Isa::available() {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = pool.expect("threads start");
            let (y, pooled) = pool.install(|| case.run(isa, [Cells::Bf16Pairs; 2], &arrays));
            (y, pooled.expect("even sizes")).to_owned()
        };
        let one = on(1);
        for threads in [2, 3] {
            assert!(on(threads) == one, "{isa:?} with {threads} threads");
        }
    }
}
