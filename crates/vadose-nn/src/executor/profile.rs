//! Where the time of a training step goes, convolution by convolution.

use std::time::{Duration, Instant};

use super::Workspace;
use super::plan::{Place, Plan};

/// Times of one convolution, the shortest of several runs.
#[derive(Clone, Debug)]
pub struct LayerTime {
    /// `coarse + fine -> out`, depth, rows and columns of the output, as in `14+8->8 13x64x64`.
    pub label: String,
    /// Multiply-adds of the forward pass as the network defines them, by which frameworks count.
    pub multiply_adds: usize,
    /// Multiply-adds that the kernels do: the upsampled part costs 12 of 27 taps.
    pub multiply_adds_done: usize,
    /// Forward, with bias, ReLU and pooling.
    pub forward: Duration,
    /// Gradient of weight and bias.
    pub weight: Duration,
    /// Gradients of the inputs, with ReLU and pooling.
    pub input: Duration,
    /// Whether any input has a gradient.
    pub has_input_gradient: bool,
}

impl Plan {
    /// Times every convolution of a training step on one sample, in running order.
    ///
    /// # Panics
    /// As [`Plan::forward`] and [`Plan::backward`]; the workspace is for training on one sample.
    pub fn profile(
        &self,
        workspace: &mut Workspace,
        parameters: &[&[f32]],
        x: &[f32],
        runs: usize,
    ) -> Vec<LayerTime> {
        let mut logits = vec![0.0; self.output_len()];
        let mut gradients = vec![Vec::new(); parameters.len()];
        self.forward(workspace, parameters, x, &mut logits);
        self.backward(workspace, parameters, x, &logits.clone(), &mut gradients);
        let mut times: Vec<_> = self
            .steps
            .iter()
            .map(|step| {
                let grid = step.output_grid;
                let pairs = step.out_features * step.taps() * grid.depth * grid.rows * grid.cols;
                LayerTime {
                    label: format!(
                        "{}+{}->{} {}x{}x{}",
                        step.coarse_features,
                        step.fine_features,
                        step.out_features,
                        grid.depth,
                        grid.rows,
                        grid.cols
                    ),
                    multiply_adds: (step.coarse_features + step.fine_features) * pairs,
                    multiply_adds_done: (4 * step.coarse_features + 9 * step.fine_features) * pairs
                        / 9,
                    forward: Duration::MAX,
                    weight: Duration::MAX,
                    input: Duration::MAX,
                    has_input_gradient: step.fine != Place::Caller,
                }
            })
            .collect();
        let keep = |best: &mut Duration, start: Instant| *best = start.elapsed().min(*best);
        let logits_gradient = logits.clone();
        for _ in 0..runs {
            for (index, time) in times.iter_mut().enumerate() {
                let start = Instant::now();
                self.forward_step(
                    workspace,
                    index,
                    0,
                    parameters[2 * index + 1],
                    x,
                    &mut logits,
                );
                keep(&mut time.forward, start);
            }
            for (index, time) in times.iter_mut().enumerate().rev() {
                let [weight, bias] = &mut gradients[2 * index..2 * index + 2] else {
                    unreachable!("two a step")
                };
                let start = Instant::now();
                self.weight_step(workspace, index, 0, x, &logits_gradient, weight, bias);
                keep(&mut time.weight, start);
                let start = Instant::now();
                self.input_step(workspace, index, 0, &logits_gradient);
                keep(&mut time.input, start);
            }
        }
        times
    }
}
