//! The backward pass of a plan.

use super::plan::{Place, Plan, Step};
use super::{Buffer, Workspace};
use crate::kernels::cells::Cells;
use crate::kernels::convolution::Convolution;
use crate::kernels::gather::Gather;
use crate::kernels::pack::Packed;
use crate::kernels::parallel::Extent;
use crate::kernels::pool::Unpool;
use crate::kernels::tile::Epilogue;
use crate::kernels::weight_gradient::{Reach, WeightGradient, WeightSlot};

impl Plan {
    /// Overwrites `gradients` with the gradient of each parameter, summed over the batch, given that of
    /// the logits. The input gets none.
    ///
    /// # Shapes and units
    /// As [`Plan::forward`], which ran last on this workspace with the same `parameters` and `x`.
    /// # Panics
    /// If a length does not fit the plan, or the workspace is not for training on this batch.
    pub fn backward(
        &self,
        workspace: &mut Workspace,
        parameters: &[&[f32]],
        x: &[f32],
        logits_gradient: &[f32],
        gradients: &mut [Vec<f32>],
    ) {
        self.check_parameters(parameters);
        let batch = x.len() / self.input_len();
        assert_eq!(
            workspace.activations.len(),
            batch,
            "samples kept by the workspace"
        );
        assert_eq!(
            workspace.slots.lengths.len(),
            self.activations.len(),
            "the workspace is for training"
        );
        assert_eq!(workspace.cells, Cells::F32, "the workspace is for training");
        assert_eq!(logits_gradient.len(), batch * self.output_len());
        assert_eq!(gradients.len(), parameters.len());
        for (gradient, parameter) in gradients.iter_mut().zip(parameters) {
            gradient.clear();
            gradient.resize(parameter.len(), 0.0);
        }
        if workspace.gradients.is_empty() {
            workspace.gradients = workspace
                .gradient_slots
                .lengths
                .iter()
                .map(|&len| Buffer::new(len))
                .collect();
        }
        for (index, step) in self.steps.iter().enumerate() {
            let weight = parameters[2 * index];
            step.pack_transposed(
                weight,
                &mut workspace.packed_fine[index],
                &mut workspace.packed_coarse[index],
            );
        }
        let samples = x
            .chunks_exact(self.input_len())
            .zip(logits_gradient.chunks_exact(self.output_len()));
        for (sample, (x, logits_gradient)) in samples.enumerate() {
            for index in (0..self.steps.len()).rev() {
                let [weight, bias] = &mut gradients[2 * index..2 * index + 2] else {
                    unreachable!("two a step")
                };
                self.weight_step(workspace, index, sample, x, logits_gradient, weight, bias);
                self.input_step(workspace, index, sample, logits_gradient);
            }
        }
    }

    /// Gradient of one convolution's weight and bias.
    #[expect(
        clippy::too_many_arguments,
        reason = "the pieces of one step, used once"
    )]
    pub(super) fn weight_step(
        &self,
        workspace: &Workspace,
        index: usize,
        sample: usize,
        x: &[f32],
        logits_gradient: &[f32],
        weight: &mut [f32],
        bias: &mut [f32],
    ) {
        let step = &self.steps[index];
        let read = |id: usize| {
            workspace.activations[sample][id].slice(self.activations[id].len(Cells::F32))
        };
        let fine = WeightGradient {
            x: match step.fine {
                Place::Caller => x,
                Place::Activation(id) => read(id),
            },
            x_grid: step.input_grid,
            reach: Reach::Direct,
            gy: match step.output {
                Place::Caller => logits_gradient,
                Place::Activation(id) => self.gradient(workspace, id),
            },
            gy_grid: step.output_grid,
            kernel: step.kernel,
            padding: [step.depth_padding, step.row_padding()],
        };
        let in_features = step.in_features();
        if let Some(id) = step.coarse {
            let coarse = WeightGradient {
                x: read(id),
                x_grid: self.activations[id].grid,
                reach: Reach::Upsampled,
                ..fine
            };
            coarse.run(
                workspace.isa,
                WeightSlot {
                    weight,
                    in_features,
                    first_input: 0,
                    bias: None,
                },
            );
        }
        fine.run(
            workspace.isa,
            WeightSlot {
                weight,
                in_features,
                first_input: step.first_fine(),
                bias: Some(bias),
            },
        );
    }

    /// Gradients of one convolution's inputs, before the ReLU that made them.
    pub(super) fn input_step(
        &self,
        workspace: &mut Workspace,
        index: usize,
        sample: usize,
        logits_gradient: &[f32],
    ) {
        let step = &self.steps[index];
        if let Some(id) = step.coarse {
            self.with_gradient(workspace, id, |workspace, to| {
                let gather = Gather {
                    fine: self.output_gradient(workspace, step, logits_gradient),
                    fine_grid: step.output_grid,
                    coarse_grid: self.activations[id].grid,
                    depth_padding: step.kernel[0] - 1 - step.depth_padding,
                    weights: &workspace.packed_coarse[index],
                    epilogue: Epilogue::WherePositive(
                        workspace.activations[sample][id].slice(to.len()),
                    ),
                };
                gather.run(workspace.isa, to);
            });
        }
        let Place::Activation(id) = step.fine else {
            return;
        };
        self.with_gradient(workspace, id, |workspace, to| {
            let transpose = Convolution {
                fine: self.output_gradient(workspace, step, logits_gradient),
                coarse: &[],
                coarse_grid: Extent::dense(0, 0, 0),
                input: step.output_grid,
                output: step.input_grid,
                padding: [
                    step.kernel[0] - 1 - step.depth_padding,
                    step.kernel[1] - 1 - step.row_padding(),
                ],
                weights: &workspace.packed_fine[index],
                bias: &[],
                epilogue: Epilogue::WherePositive(
                    workspace.activations[sample][id].slice(to.len()),
                ),
            };
            transpose.run(workspace.isa, to, None);
        });
        let Some(from) = self.activations[id].pooled_from else {
            return;
        };
        // The skip's part of the gradient is there already, since the decoder came first.
        self.with_gradient(workspace, from, |workspace, to| {
            let read = |id: usize| {
                workspace.activations[sample][id].slice(self.activations[id].len(Cells::F32))
            };
            let unpool = Unpool {
                fine: read(from),
                fine_grid: self.activations[from].grid,
                pooled: read(id),
                pooled_gradient: self.gradient(workspace, id),
                coarse_grid: self.activations[id].grid,
            };
            unpool.run(workspace.isa, to);
        });
    }

    /// The gradient of an activation.
    fn gradient<'a>(&self, workspace: &'a Workspace, id: usize) -> &'a [f32] {
        workspace.gradients[workspace.gradient_slots.of[id]]
            .slice(self.activations[id].len(Cells::F32))
    }

    /// The gradient of a step's output.
    fn output_gradient<'a>(
        &self,
        workspace: &'a Workspace,
        step: &Step,
        logits_gradient: &'a [f32],
    ) -> &'a [f32] {
        match step.output {
            Place::Caller => logits_gradient,
            Place::Activation(id) => self.gradient(workspace, id),
        }
    }

    /// Lends the gradient of an activation for writing, beside the rest of the workspace.
    fn with_gradient(
        &self,
        workspace: &mut Workspace,
        id: usize,
        write: impl FnOnce(&Workspace, &mut [f32]),
    ) {
        let slot = workspace.gradient_slots.of[id];
        let mut buffer = std::mem::take(&mut workspace.gradients[slot]);
        write(
            workspace,
            buffer.slice_mut(self.activations[id].len(Cells::F32)),
        );
        workspace.gradients[slot] = buffer;
    }
}

impl Step {
    /// Packs the transposed weight for the gradients of the fine and of the coarse input.
    fn pack_transposed(&self, weight: &[f32], fine: &mut Packed, coarse: &mut Packed) {
        let [kds, khs, kws] = self.kernel;
        if self.fine != Place::Caller {
            fine.convolution(
                self.fine_features,
                [0, self.out_features],
                self.kernel,
                [Cells::F32; 2],
                |i, o, [kd, kh, kw]| {
                    let tap = [kds - 1 - kd, khs - 1 - kh, kws - 1 - kw];
                    weight[self.weight_index(o, self.coarse_features + i, tap)]
                },
            );
        }
        if self.coarse.is_some() {
            coarse.gather(
                self.coarse_features,
                self.out_features,
                kds,
                |i, o, [kd, kh, kw]| weight[self.weight_index(o, i, [kds - 1 - kd, kh, kw])],
            );
        }
    }
}
