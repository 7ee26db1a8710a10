//! A network as a list of convolutions over numbered activations, and who may share memory.

use crate::kernels::cells::Cells;
use crate::kernels::parallel::Extent;
use crate::{NetworkConfig, Skip};

/// Where a convolution reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The caller's input or output array.
    Caller,
    /// An activation of the plan.
    Activation(usize),
}

impl Place {
    /// The activation, if it is one.
    pub(crate) fn activation(self) -> Option<usize> {
        match self {
            Self::Caller => None,
            Self::Activation(id) => Some(id),
        }
    }
}

/// A feature map that outlives the step that writes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Activation {
    pub(crate) features: usize,
    pub(crate) grid: Extent,
    /// The activation whose 2×2 maxima it holds, if it is a pooled one.
    pub(crate) pooled_from: Option<usize>,
}

impl Activation {
    /// Cells of one sample, gaps included.
    pub(crate) fn len(&self, cells: Cells) -> usize {
        cells
            .of(self.features)
            .checked_mul(self.grid.len())
            .expect("an activation that memory can hold")
    }
}

/// One convolution with all that is fused into it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Input on the output's own rows and columns.
    pub(crate) fine: Place,
    pub(crate) fine_features: usize,
    /// Input that is upsampled on the way: the decoder's path from below.
    pub(crate) coarse: Option<usize>,
    pub(crate) coarse_features: usize,
    pub(crate) output: Place,
    pub(crate) out_features: usize,
    /// Where the output's maxima go.
    pub(crate) pooled: Option<usize>,
    pub(crate) input_grid: Extent,
    pub(crate) output_grid: Extent,
    pub(crate) kernel: [usize; 3],
    pub(crate) depth_padding: usize,
    /// How the two inputs meet.
    pub(crate) join: Skip,
}

impl Step {
    /// Input features of the weight.
    pub(crate) fn in_features(&self) -> usize {
        match self.join {
            Skip::Concatenate => self.coarse_features + self.fine_features,
            Skip::Add => self.fine_features,
        }
    }

    /// The weight's input feature that multiplies the first fine one.
    pub(crate) fn first_fine(&self) -> usize {
        self.in_features() - self.fine_features
    }

    /// Taps of one pair of features.
    pub(crate) fn taps(&self) -> usize {
        self.kernel.iter().product()
    }

    /// Zeros before the first row.
    pub(crate) fn row_padding(&self) -> usize {
        self.kernel[1] / 2
    }
}

/// The convolutions of a network for one size of tile.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) steps: Vec<Step>,
    pub(crate) activations: Vec<Activation>,
    /// Grid of the logits, and how many features they have.
    pub(crate) output: Extent,
    pub(crate) outputs: usize,
}

impl Plan {
    /// The plan of a checked configuration for planes of `rows` × `cols`.
    ///
    /// `None` where the kernels of this crate do not reach: a kernel other than 3×3 along rows and
    /// columns, a head other than 1 or 3 columns, or sizes that cannot be halved once per level.
    ///
    /// # Panics
    /// If a feature map would hold more values than memory can address.
    #[must_use]
    pub fn new(config: &NetworkConfig, rows: usize, cols: usize) -> Option<Self> {
        let multiple = 1 << config.widths.len();
        let covered = config.kernel[1..] == [3, 3] && matches!(config.head_kernel[1], 1 | 3);
        if !covered
            || rows == 0
            || cols == 0
            || !rows.is_multiple_of(multiple)
            || !cols.is_multiple_of(multiple)
        {
            return None;
        }
        let [features, depth] = config.input_axes();
        let input = Extent::dense(depth, rows, cols);
        let mut builder = Builder {
            steps: Vec::new(),
            activations: Vec::new(),
            kernel: config.kernel,
            last: Place::Caller,
            features,
            grid: input,
        };
        let mut skips = Vec::new();
        for &width in &config.widths {
            builder.convolutions(config.encoder_convs, width);
            skips.push((builder.last, builder.features, builder.grid));
            builder.pool();
        }
        builder.convolutions(config.bottleneck_convs, config.bottleneck);
        for (&width, skip) in config.widths.iter().zip(skips).rev() {
            builder.join(config.skip, skip, width);
            builder.convolutions(config.decoder_convs - 1, width);
        }
        let output = Extent::dense(1, rows, cols);
        let [head_rows, head_cols] = config.head_kernel;
        builder.push(Step {
            output: Place::Caller,
            output_grid: output,
            kernel: [depth, head_rows, head_cols],
            depth_padding: 0,
            ..builder.convolution(config.outputs())
        });
        Some(Self {
            steps: builder.steps,
            activations: builder.activations,
            output,
            outputs: config.outputs(),
        })
    }

    /// Values of one sample's input.
    #[must_use]
    pub fn input_len(&self) -> usize {
        let first = &self.steps[0];
        first.fine_features * first.input_grid.len()
    }

    /// Features of the logits: the estimate's and, if the head has one, the spread's.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Values of one sample's logits.
    #[must_use]
    pub fn output_len(&self) -> usize {
        self.outputs * self.output.len()
    }

    /// Lengths of the parameter tensors: weight and bias of each convolution, in running order.
    #[must_use]
    pub fn parameter_lengths(&self) -> Vec<usize> {
        self.steps
            .iter()
            .flat_map(|s| [s.out_features * s.in_features() * s.taps(), s.out_features])
            .collect()
    }

    /// Slots for the activations when nothing is kept for a backward pass.
    pub(crate) fn inference_slots(&self, cells: Cells) -> Slots {
        let mut life = vec![(usize::MAX, 0); self.activations.len()];
        for (time, step) in self.steps.iter().enumerate() {
            for id in step.touched() {
                life[id] = (life[id].0.min(time), time);
            }
        }
        Slots::assign(&self.lengths(cells), &life)
    }

    /// Slots for the gradients of the activations in a backward pass.
    pub(crate) fn gradient_slots(&self) -> Slots {
        let mut life = vec![(usize::MAX, 0); self.activations.len()];
        for (time, step) in self.steps.iter().rev().enumerate() {
            // The pooled output's gradient is gone by then: it was handed on when it was made.
            for id in step.touched().filter(|&id| Some(id) != step.pooled) {
                life[id] = (life[id].0.min(time), time);
            }
        }
        Slots::assign(&self.lengths(Cells::F32), &life)
    }

    fn lengths(&self, cells: Cells) -> Vec<usize> {
        self.activations.iter().map(|a| a.len(cells)).collect()
    }
}

impl Step {
    /// Every activation that it reads or writes.
    fn touched(&self) -> impl Iterator<Item = usize> {
        [
            self.fine.activation(),
            self.coarse,
            self.output.activation(),
            self.pooled,
        ]
        .into_iter()
        .flatten()
    }
}

/// Which activations share a buffer: those that are never alive at once.
#[derive(Clone, Debug)]
pub(crate) struct Slots {
    /// Slot of each activation.
    pub(crate) of: Vec<usize>,
    /// Length of each slot.
    pub(crate) lengths: Vec<usize>,
}

impl Slots {
    /// One slot each.
    pub(crate) fn separate(plan: &Plan) -> Self {
        Self {
            of: (0..plan.activations.len()).collect(),
            lengths: plan.lengths(Cells::F32),
        }
    }

    /// Goes through the activations by time of birth; each takes the free slot that fits it most
    /// closely, or else a new one. Lives include both ends.
    fn assign(lengths: &[usize], life: &[(usize, usize)]) -> Self {
        let mut order: Vec<usize> = (0..lengths.len()).collect();
        order.sort_by_key(|&id| life[id].0);
        let mut slots = Self {
            of: vec![0; lengths.len()],
            lengths: Vec::new(),
        };
        let mut busy_until: Vec<usize> = Vec::new();
        for id in order {
            let (born, dies) = life[id];
            let free = (0..busy_until.len())
                .filter(|&slot| busy_until[slot] < born && slots.lengths[slot] >= lengths[id])
                .min_by_key(|&slot| slots.lengths[slot]);
            let slot = free.unwrap_or_else(|| {
                slots.lengths.push(lengths[id]);
                busy_until.push(0);
                busy_until.len() - 1
            });
            busy_until[slot] = dies;
            slots.of[id] = slot;
        }
        slots
    }
}

/// Builds the list, remembering what the last step left behind.
struct Builder {
    steps: Vec<Step>,
    activations: Vec<Activation>,
    kernel: [usize; 3],
    last: Place,
    features: usize,
    grid: Extent,
}

impl Builder {
    /// A convolution of the last activation, on its grid.
    fn convolution(&self, out_features: usize) -> Step {
        Step {
            fine: self.last,
            fine_features: self.features,
            coarse: None,
            coarse_features: 0,
            output: Place::Activation(self.activations.len()),
            out_features,
            pooled: None,
            input_grid: self.grid,
            output_grid: self.grid.spread(),
            kernel: self.kernel,
            depth_padding: self.kernel[0] / 2,
            join: Skip::Concatenate,
        }
    }

    fn push(&mut self, step: Step) {
        (self.last, self.features, self.grid) = (step.output, step.out_features, step.output_grid);
        if step.output != Place::Caller {
            self.activations.push(Activation {
                features: self.features,
                grid: self.grid,
                pooled_from: None,
            });
        }
        self.steps.push(step);
    }

    fn convolutions(&mut self, count: usize, width: usize) {
        for _ in 0..count {
            self.push(self.convolution(width));
        }
    }

    /// Lets the last convolution also write its maxima.
    fn pool(&mut self) {
        let Place::Activation(from) = self.last else {
            unreachable!("a level has a convolution")
        };
        let id = self.activations.len();
        self.steps
            .last_mut()
            .expect("a level has a convolution")
            .pooled = Some(id);
        self.grid = self.grid.halved();
        self.activations.push(Activation {
            features: self.features,
            grid: self.grid,
            pooled_from: Some(from),
        });
        self.last = Place::Activation(id);
    }

    /// The convolution of a skip with what comes from below.
    fn join(&mut self, join: Skip, (skip, features, grid): (Place, usize, Extent), width: usize) {
        let Place::Activation(below) = self.last else {
            unreachable!("the bottleneck has a convolution")
        };
        let coarse_features = self.features;
        (self.last, self.features, self.grid) = (skip, features, grid);
        self.push(Step {
            coarse: Some(below),
            coarse_features,
            join,
            ..self.convolution(width)
        });
    }
}
