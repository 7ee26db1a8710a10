//! The whole U-Net as one operation on plain slices, forward and backward.
//!
//! A [`Plan`] lists the convolutions of a network for one size of plane; a [`Workspace`] owns the memory
//! that running them needs. [`Plan::forward`] maps the encoded channels to the values before the
//! head's bound; [`Plan::backward`] gives one gradient per parameter.
//!
//! # Memory from step to step
//! A feature map is megabytes large. The system's allocator takes such a piece from fresh pages and gives
//! it back when it is freed, so a program that allocates its maps anew in every step has the system
//! clear and map every page of them again. Another allocator would hoard the pages for the whole
//! program; here the workspace simply keeps its arrays, so after the first step only small vectors
//! (partial sums of weight gradients) are allocated, and the allocator is the program's choice.
//!
//! # What is kept
//! For a backward pass: the output of every convolution after its ReLU, and the pooled maps (a quarter
//! of the size). No upsampled, concatenated, padded or pre-activation copy, no mask and no pooling
//! index exists: the ReLU's derivative is read off its output, the place of a maximum is found
//! by comparison. Gradients of activations share a few slots by lifetime and exist for one
//! sample at a time. Without a backward pass activations share slots too, for one sample at a
//! time, whatever the batch.
//!
//! # Precision
//! Inference may keep its activations in bf16, two features to a 32-bit cell ([`Precision::Bf16`]). The input,
//! the weights, all sums and the logits stay f32.
//!
//! # Determinism
//! Samples run one after the other and each kernel cuts its work by shape, so results have the same bits
//! for any number of threads, and a sample's output does not depend on its batch.

mod backward;
mod buffer;
mod forward;
mod plan;
mod profile;

pub use plan::Plan;
pub use profile::LayerTime;

use buffer::Buffer;
use plan::Slots;

use crate::Precision;
use crate::kernels::Isa;
use crate::kernels::cells::Cells;
use crate::kernels::pack::Packed;

/// Memory to run a [`Plan`] in. Reuse it from step to step.
pub struct Workspace {
    isa: Isa,
    /// What the cells of the activations hold.
    cells: Cells,
    /// Buffer of each activation, by sample when they are kept.
    slots: Slots,
    activations: Vec<Vec<Buffer>>,
    gradient_slots: Slots,
    /// Made by the first backward pass.
    gradients: Vec<Buffer>,
    /// Packed weights of each step: forward, and transposed for the fine and the coarse input.
    packed: Vec<Packed>,
    packed_fine: Vec<Packed>,
    packed_coarse: Vec<Packed>,
}

impl Workspace {
    /// Memory for inference on any number of samples: that of one sample, the least that will do. bf16 takes
    /// half of what f32 does if every width is even.
    #[must_use]
    pub fn for_inference(plan: &Plan, precision: Precision) -> Self {
        let cells = precision.cells();
        Self::with_slots(plan, plan.inference_slots(cells), 1, cells)
    }

    /// Memory for training steps on `batch` samples.
    #[must_use]
    pub fn for_training(plan: &Plan, batch: usize) -> Self {
        Self::with_slots(plan, Slots::separate(plan), batch, Cells::F32)
    }

    fn with_slots(plan: &Plan, slots: Slots, samples: usize, cells: Cells) -> Self {
        let buffers = || slots.lengths.iter().map(|&len| Buffer::new(len)).collect();
        let packed = || plan.steps.iter().map(|_| Packed::default()).collect();
        Self {
            isa: Isa::detect(),
            cells,
            activations: (0..samples).map(|_| buffers()).collect(),
            slots,
            gradient_slots: plan.gradient_slots(),
            gradients: Vec::new(),
            packed: packed(),
            packed_fine: packed(),
            packed_coarse: packed(),
        }
    }

    /// Runs on this instruction set instead of the widest one, for tests and benchmarks.
    #[must_use]
    pub fn on(self, isa: Isa) -> Self {
        Self { isa, ..self }
    }

    /// Bytes of all arrays.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.activations
            .iter()
            .flatten()
            .chain(&self.gradients)
            .map(Buffer::bytes)
            .sum()
    }
}

#[cfg(test)]
mod tests;
