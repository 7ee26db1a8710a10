//! The kernels against six nested loops, on shapes that do not fill a register tile.

use proptest::prelude::*;
use vadose_nn::kernels::{ConvShape, Element};

/// Relative to the largest value that the sums can reach: rounding of at most 7 x 4^3 products.
const MAX_ERR_F64: f64 = 1e-13;
/// The same in single precision; a weight's gradient sums up to 2 x 6 x 20 x 20 products.
const MAX_ERR_F32: f64 = 2e-5;

/// Calls `visit(x, w, y)` with the indices of every product of the convolution.
fn for_each_product(shape: &ConvShape, mut visit: impl FnMut(usize, usize, usize)) {
    let [n_depth, n_rows, n_cols] = shape.output_size();
    let [kernel_depth, kernel_rows, kernel_cols] = shape.kernel;
    for sample in 0..shape.batch {
        for out in 0..shape.out_features {
            for (depth, row, col) in positions([n_depth, n_rows, n_cols]) {
                let y = (((sample * shape.out_features + out) * n_depth + depth) * n_rows + row)
                    * n_cols
                    + col;
                for feature in 0..shape.in_features {
                    for (a, b, c) in positions(shape.kernel) {
                        let inside = |position: usize, tap: usize, axis: usize, len: usize| {
                            (position + tap)
                                .checked_sub(shape.padding[axis])
                                .filter(|&p| p < len)
                        };
                        let (Some(d), Some(r), Some(q)) = (
                            inside(depth, a, 0, shape.depth),
                            inside(row, b, 1, shape.rows),
                            inside(col, c, 2, shape.cols),
                        ) else {
                            continue;
                        };
                        let plane = (sample * shape.in_features + feature) * shape.depth + d;
                        let x = (plane * shape.rows + r) * shape.cols + q;
                        let tap = ((out * shape.in_features + feature) * kernel_depth + a)
                            * kernel_rows
                            + b;
                        visit(x, tap * kernel_cols + c, y);
                    }
                }
            }
        }
    }
}

fn positions([n, m, k]: [usize; 3]) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..n).flat_map(move |a| (0..m).flat_map(move |b| (0..k).map(move |c| (a, b, c))))
}

fn numbers(n: usize, phase: f64) -> Vec<f64> {
    (0..n)
        .map(|k| (phase + 0.37 * (k * k) as f64).sin())
        .collect()
}

fn convert<T: Element>(values: &[f64]) -> Vec<T> {
    values.iter().map(|&value| T::from_f64(value)).collect()
}

fn largest_error<T: Element>(got: &[T], want: &[f64]) -> f64 {
    let scale = want.iter().fold(1.0f64, |max, value| max.max(value.abs()));
    let errors = got
        .iter()
        .zip(want)
        .map(|(got, want)| (got.to_f64() - want).abs() / scale);
    // `max` passes over NaN, so a NaN is made infinite.
    errors.fold(0.0, |max, error| {
        if error.is_nan() {
            f64::INFINITY
        } else {
            max.max(error)
        }
    })
}

fn check<T: Element>(shape: &ConvShape, max_error: f64) -> Result<(), TestCaseError> {
    let x = numbers(shape.input_len(), 0.1);
    let w = numbers(shape.weight_len(), 0.2);
    let b = numbers(shape.out_features, 0.3);
    let gy = numbers(shape.output_len(), 0.4);

    let per_feature = shape.output_size().iter().product::<usize>();
    let feature = |y: usize| y / per_feature % shape.out_features;
    let mut y: Vec<f64> = (0..shape.output_len()).map(|y| b[feature(y)]).collect();
    let (mut gx, mut gw) = (vec![0.0; x.len()], vec![0.0; w.len()]);
    for_each_product(shape, |i, k, o| {
        y[o] += w[k] * x[i];
        gx[i] += w[k] * gy[o];
        gw[k] += gy[o] * x[i];
    });
    let mut gb = vec![0.0; b.len()];
    gy.iter()
        .enumerate()
        .for_each(|(o, gy)| gb[feature(o)] += gy);

    // The kernels must overwrite whatever they find.
    let stale = |n| vec![T::from_f64(f64::NAN); n];
    let kernels = T::kernels();
    let [x, w, b, gy] = [x, w, b, gy].map(|values| convert::<T>(&values));
    let mut got = stale(y.len());
    (kernels.forward)(shape, &x, &w, &b, &mut got);
    prop_assert!(
        largest_error(&got, &y) < max_error,
        "forward {}",
        largest_error(&got, &y)
    );
    let mut got = stale(gx.len());
    (kernels.backward_input)(shape, &w, &gy, &mut got);
    prop_assert!(
        largest_error(&got, &gx) < max_error,
        "gx {}",
        largest_error(&got, &gx)
    );
    let (mut got, mut got_b) = (stale(gw.len()), stale(gb.len()));
    (kernels.backward_weight)(shape, &x, &gy, &mut got, &mut got_b);
    prop_assert!(
        largest_error(&got, &gw) < max_error,
        "gw {}",
        largest_error(&got, &gw)
    );
    prop_assert!(
        largest_error(&got_b, &gb) < max_error,
        "gb {}",
        largest_error(&got_b, &gb)
    );
    Ok(())
}

prop_compose! {
    fn conv_shape()(
        features in (1usize..=2, 1usize..=7, 1usize..=7),
        size in (1usize..=6, 1usize..=20, 1usize..=20),
        kernel in (1usize..=4, 1usize..=4, 1usize..=5),
        padding in (0usize..4, 0usize..4, 0usize..5),
    ) -> ConvShape {
        let kernel = [kernel.0, kernel.1, kernel.2];
        let padding = [padding.0, padding.1, padding.2];
        let size = [size.0, size.1, size.2];
        let padding: [usize; 3] = std::array::from_fn(|axis| padding[axis].min(kernel[axis] - 1));
        let size: [usize; 3] = std::array::from_fn(|axis| size[axis].max(kernel[axis]));
        ConvShape {
            batch: features.0,
            in_features: features.1,
            out_features: features.2,
            depth: size[0],
            rows: size[1],
            cols: size[2],
            kernel,
            padding,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn kernels_match_brute_force(shape in conv_shape()) {
        shape.check().unwrap();
        check::<f64>(&shape, MAX_ERR_F64)?;
        check::<f32>(&shape, MAX_ERR_F32)?;
    }
}
