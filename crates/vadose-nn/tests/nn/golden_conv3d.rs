//! Single convolutions of odd sizes against PyTorch, forward and backward (`tests/golden/conv3d`).

use serde::Deserialize;
use vadose_nn::kernels::{ConvShape, Element, Isa, scalar, vectorised};

use crate::golden_summary::Summary;
use crate::{values, wave};

/// Largest difference to PyTorch in f64, relative to the norm of the tensor: twelve digits are
/// stored, and both round sums of some thousand products in different order.
const MAX_ERR_F64: f64 = 1e-11;
/// The same for f32: rounding of the inputs and of as many products.
const MAX_ERR_F32: f64 = 1e-6;

#[derive(Deserialize)]
struct Case {
    x: [usize; 5],
    out_features: usize,
    kernel: [usize; 3],
    padding: [usize; 3],
    output: Summary,
    input_gradient: Summary,
    weight_gradient: Summary,
    bias_gradient: Summary,
}

impl Case {
    fn shape(&self) -> ConvShape {
        let [batch, in_features, depth, rows, cols] = self.x;
        ConvShape {
            batch,
            in_features,
            out_features: self.out_features,
            depth,
            rows,
            cols,
            kernel: self.kernel,
            padding: self.padding,
        }
    }

    /// Runs the three kernels, which take the slices of [`vadose_nn::kernels::Kernels`].
    fn assert_matches<T: Element>(
        &self,
        what: &str,
        max_error: f64,
        forward: impl Fn(&ConvShape, &[T], &[T], &[T], &mut [T]),
        backward_input: impl Fn(&ConvShape, &[T], &[T], &mut [T]),
        backward_weight: impl Fn(&ConvShape, &[T], &[T], &mut [T], &mut [T]),
    ) {
        let shape = self.shape();
        let numbers = |len: usize, scale: f64, phase: f64| -> Vec<T> {
            let numbers = values::<f64>(&wave(&[len], scale, phase));
            numbers.into_iter().map(T::from_f64).collect()
        };
        let x = numbers(shape.input_len(), 1.0, 0.1);
        let w = numbers(shape.weight_len(), 0.5, 0.2);
        let b = numbers(shape.out_features, 0.1, 0.3);
        let gy = numbers(shape.output_len(), 1.0, 0.6);
        let stale = |len| vec![T::from_f64(f64::NAN); len];
        let (mut y, mut gx) = (stale(shape.output_len()), stale(x.len()));
        let (mut gw, mut gb) = (stale(w.len()), stale(b.len()));
        forward(&shape, &x, &w, &b, &mut y);
        backward_input(&shape, &w, &gy, &mut gx);
        backward_weight(&shape, &x, &gy, &mut gw, &mut gb);
        for (name, summary, got) in [
            ("output", &self.output, y),
            ("input gradient", &self.input_gradient, gx),
            ("weight gradient", &self.weight_gradient, gw),
            ("bias gradient", &self.bias_gradient, gb),
        ] {
            let got: Vec<f64> = got.into_iter().map(Element::to_f64).collect();
            summary.assert_close(&got, max_error, &format!("{what} {name} of {shape:?}"));
        }
    }
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../golden/conv3d/values.json")).unwrap()
}

#[test]
fn convolutions_on_every_instruction_set_match_pytorch() {
    for case in cases() {
        for isa in Isa::available() {
            case.assert_matches::<f32>(
                isa.name(),
                MAX_ERR_F32,
                |shape, x, w, b, y| vectorised::forward(isa, shape, x, w, b, y),
                |shape, w, gy, gx| vectorised::backward_input(isa, shape, w, gy, gx),
                |shape, x, gy, gw, gb| vectorised::backward_weight(isa, shape, x, gy, gw, gb),
            );
        }
    }
}

#[test]
fn convolutions_in_f64_match_pytorch() {
    for case in cases() {
        case.assert_matches::<f64>(
            "scalar",
            MAX_ERR_F64,
            scalar::forward,
            scalar::backward_input,
            scalar::backward_weight,
        );
    }
}
