//! The forward pass of a plan.

use super::Workspace;
use super::plan::{Place, Plan, Step};
use crate::kernels::cells::Cells;
use crate::kernels::convolution::Convolution;
use crate::kernels::pack::Packed;
use crate::kernels::parallel::Extent;
use crate::kernels::tile::Epilogue;

impl Plan {
    /// Runs the network.
    ///
    /// # Shapes and units
    /// `parameters`: weight `[out, in, depth, row, col]` and bias `[out]` of each convolution in
    /// running order, the head last, with the features from below before those of the skip;
    /// `x`: `[batch, channel, row, col]`; `logits`: `[batch, feature, row, col]`, the head's values
    /// before bound and softplus.
    /// # Missing values
    /// None: the input is finite. NaN in a parameter reaches the logits.
    /// # Panics
    /// If a length does not fit the plan, or the workspace is for training on another batch.
    pub fn forward(
        &self,
        workspace: &mut Workspace,
        parameters: &[&[f32]],
        x: &[f32],
        logits: &mut [f32],
    ) {
        self.check_parameters(parameters);
        let batch = x.len() / self.input_len();
        assert_eq!(x.len(), batch * self.input_len());
        assert_eq!(logits.len(), batch * self.output_len());
        let kept = workspace.activations.len();
        assert!(
            kept == 1 || kept == batch,
            "the workspace keeps {kept} samples, not {batch}"
        );
        for ((step, packed), weight) in self
            .steps
            .iter()
            .zip(&mut workspace.packed)
            .zip(parameters.iter().step_by(2))
        {
            step.pack(weight, workspace.cells, packed);
        }
        let samples = x
            .chunks_exact(self.input_len())
            .zip(logits.chunks_exact_mut(self.output_len()));
        for (sample, (x, logits)) in samples.enumerate() {
            for index in 0..self.steps.len() {
                self.forward_step(
                    workspace,
                    index,
                    sample % kept,
                    parameters[2 * index + 1],
                    x,
                    logits,
                );
            }
        }
    }

    /// Panics unless there is one slice of the right length per parameter.
    pub(super) fn check_parameters(&self, parameters: &[&[f32]]) {
        assert!(
            parameters
                .iter()
                .map(|p| p.len())
                .eq(self.parameter_lengths()),
            "parameters fit the plan"
        );
    }

    /// Runs one convolution of one sample.
    pub(super) fn forward_step(
        &self,
        workspace: &mut Workspace,
        index: usize,
        sample: usize,
        bias: &[f32],
        x: &[f32],
        logits: &mut [f32],
    ) {
        let step = &self.steps[index];
        let (slots, activations) = (&workspace.slots, &mut workspace.activations[sample]);
        // The outputs leave the list while the inputs are borrowed from it; liveness keeps them apart.
        let mut take =
            |id: Option<usize>| id.map(|id| (id, std::mem::take(&mut activations[slots.of[id]])));
        let mut pooled = take(step.pooled);
        let mut output = take(step.output.activation());
        let cells = workspace.cells;
        let read = |id: usize| activations[slots.of[id]].slice(self.activations[id].len(cells));
        let convolution = Convolution {
            fine: match step.fine {
                Place::Caller => x,
                Place::Activation(id) => read(id),
            },
            coarse: step.coarse.map_or(&[], read),
            coarse_grid: step
                .coarse
                .map_or(Extent::dense(0, 0, 0), |id| self.activations[id].grid),
            input: step.input_grid,
            output: step.output_grid,
            padding: [step.depth_padding, step.row_padding()],
            weights: &workspace.packed[index],
            bias,
            epilogue: match (&output, cells) {
                (None, _) => Epilogue::Linear,
                (Some(_), Cells::F32) => Epilogue::Relu,
                (Some(_), Cells::Bf16Pairs) => Epilogue::ReluToBf16,
            },
        };
        let pooled_slice = pooled.as_mut().map(|(id, buffer)| {
            let activation = &self.activations[*id];
            (buffer.slice_mut(activation.len(cells)), activation.grid)
        });
        let output_slice = match &mut output {
            None => logits,
            Some((id, buffer)) => buffer.slice_mut(self.activations[*id].len(cells)),
        };
        convolution.run(workspace.isa, output_slice, pooled_slice);
        for (id, buffer) in [output, pooled].into_iter().flatten() {
            activations[slots.of[id]] = buffer;
        }
    }
}

impl Step {
    /// Packs a weight `[out, in, depth, row, col]` for the forward pass between activations of these cells.
    fn pack(&self, weight: &[f32], activations: Cells, packed: &mut Packed) {
        let features = [self.coarse_features, self.fine_features];
        let cells = [self.fine, self.output].map(|place| match place {
            Place::Caller => Cells::F32,
            Place::Activation(_) => activations,
        });
        packed.convolution(
            self.out_features,
            features,
            self.kernel,
            cells,
            |o, i, k| weight[self.weight_index(o, i, k)],
        );
    }

    /// Where a weight lies. `i` counts the coarse features, then the fine ones; where those are
    /// added, both share the weights.
    pub(super) fn weight_index(&self, o: usize, i: usize, [kd, kh, kw]: [usize; 3]) -> usize {
        let i = if i < self.coarse_features {
            i
        } else {
            self.first_fine() + i - self.coarse_features
        };
        let [_, khs, kws] = self.kernel;
        (o * self.in_features() + i) * self.taps() + (kd * khs + kh) * kws + kw
    }
}
