//! The whole network as one candle operation on the CPU: what training and prediction run.
//!
//! Layer by layer, candle would allocate every activation anew, keep the upsampled and the concatenated
//! copies, and add gradients to zeros. As one operation the network runs through
//! [`executor`](crate::executor): memory is kept from call to call, and the gradient of all parameters comes
//! back as one tensor.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{CpuStorage, CustomOp2, Layout, Shape, Tensor};

use crate::executor::{Plan, Workspace};
use crate::{Precision, cpu};

const OP: &str = "network";

/// What a workspace fits: rows, columns and the pass.
type Key = (usize, usize, Pass);

/// Workspaces that no call holds at the moment. A network that changes the size of its tiles lets those of
/// the former size go.
#[derive(Default)]
pub(crate) struct Workspaces(Mutex<Vec<(Key, Workspace)>>);

impl Workspaces {
    fn lock(&self) -> MutexGuard<'_, Vec<(Key, Workspace)>> {
        // A workspace carries nothing from call to call that a panic could have spoilt.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, key: Key) -> Option<Workspace> {
        let mut idle = self.lock();
        let position = idle.iter().position(|(of, _)| *of == key)?;
        Some(idle.swap_remove(position).1)
    }

    fn give_back(&self, key: Key, workspace: Workspace) {
        let mut idle = self.lock();
        idle.retain(|(of, _)| *of == key);
        idle.push((key, workspace));
    }
}

/// Whether a backward pass may follow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    /// Activations are kept, of so many samples.
    Training { batch: usize },
    /// Activations share memory.
    Inference(Precision),
}

/// Runs a plan on `x` `[batch, channel, row, col]` with all parameters, one after the other in running order,
/// in one flat tensor. Result: the head's values before bound and softplus, `[batch, feature, row, col]`.
///
/// No gradient goes back to `x`.
pub(crate) fn run(
    plan: Plan,
    workspaces: &Arc<Workspaces>,
    pass: Pass,
    x: &Tensor,
    parameters: &Tensor,
) -> candle_core::Result<Tensor> {
    let (_, _, rows, cols) = x.dims4()?;
    let operation = Fused {
        plan,
        key: (rows, cols, pass),
        workspaces: Arc::clone(workspaces),
        held: Mutex::new(None),
    };
    x.contiguous()?.apply_op2(parameters, operation)
}

struct Fused {
    plan: Plan,
    key: Key,
    workspaces: Arc<Workspaces>,
    /// The activations of the forward pass, until the backward pass has read them.
    held: Mutex<Option<Workspace>>,
}

impl Fused {
    fn held(&self) -> MutexGuard<'_, Option<Workspace>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn workspace(&self) -> Workspace {
        let fresh = || match self.key.2 {
            Pass::Inference(precision) => Workspace::for_inference(&self.plan, precision),
            Pass::Training { batch } => Workspace::for_training(&self.plan, batch),
        };
        self.workspaces.take(self.key).unwrap_or_else(fresh)
    }

    fn split<'a>(&self, parameters: &'a [f32]) -> Vec<&'a [f32]> {
        let mut rest = parameters;
        let lengths = self.plan.parameter_lengths().into_iter();
        lengths
            .map(|length| {
                let (parameter, after) = rest.split_at(length);
                rest = after;
                parameter
            })
            .collect()
    }

    /// Runs forward; the workspace then holds the activations.
    fn forward(&self, x: &[f32], parameters: &[f32]) -> (Workspace, Vec<f32>) {
        let mut workspace = self.workspace();
        let mut logits = vec![0.0; x.len() / self.plan.input_len() * self.plan.output_len()];
        self.plan
            .forward(&mut workspace, &self.split(parameters), x, &mut logits);
        (workspace, logits)
    }
}

impl Drop for Fused {
    fn drop(&mut self) {
        if let Some(workspace) = self.held().take() {
            self.workspaces.give_back(self.key, workspace);
        }
    }
}

impl CustomOp2 for Fused {
    fn name(&self) -> &'static str {
        OP
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        parameters: &CpuStorage,
        parameter_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let x = cpu::slice::<f32>(x, x_layout, OP)?;
        let parameters = cpu::slice::<f32>(parameters, parameter_layout, OP)?;
        let (workspace, logits) = self.forward(x, parameters);
        *self.held() = Some(workspace);
        let (rows, cols, _) = self.key;
        let batch = x.len() / self.plan.input_len();
        let shape = Shape::from((batch, self.plan.outputs(), rows, cols));
        Ok((CpuStorage::F32(logits), shape))
    }

    fn bwd(
        &self,
        x: &Tensor,
        parameters: &Tensor,
        _logits: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let (gradient, layout) = gradient.storage_and_layout();
        let gradient = cpu::values::<f32>(&gradient, layout, OP)?;
        let (x, x_layout) = x.storage_and_layout();
        let x = cpu::values::<f32>(&x, x_layout, OP)?;
        let shape = parameters.shape();
        let (parameters, layout) = parameters.storage_and_layout();
        let parameters = cpu::values::<f32>(&parameters, layout, OP)?;

        // A second backward pass through the same graph finds the activations gone, and makes them anew.
        let held = self.held().take();
        let mut workspace = held.unwrap_or_else(|| self.forward(x, parameters).0);
        let mut gradients: Vec<Vec<f32>> = self
            .plan
            .parameter_lengths()
            .into_iter()
            .map(|length| vec![0.0; length])
            .collect();
        self.plan.backward(
            &mut workspace,
            &self.split(parameters),
            x,
            gradient,
            &mut gradients,
        );
        self.workspaces.give_back(self.key, workspace);
        Ok((None, Some(cpu::tensor(gradients.concat(), shape)?)))
    }
}
