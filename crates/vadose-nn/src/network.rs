//! The network that runs: weights bound to the layers of a configuration.

use std::collections::HashMap;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor, WithDType};
use candle_nn::{VarBuilder, VarMap};

use crate::config::{
    ChannelAxis, DEFAULT_UPPER_BOUND, FirstGuess, Head, NetworkConfig, SPREAD_UNIT, Skip,
};
use crate::conv3d::{Conv3dConfig, conv3d_with};
use crate::executor::Plan;
use crate::fused::{self, Pass, Workspaces};
use crate::init;
use crate::kernels::Element;
use crate::layers::{Operation, layers};
use crate::max_pool_plane::max_pool_plane;
use crate::upsample_plane::upsample_plane;
use crate::{NnError, Precision, cpu, operators};

/// How close to its bounds a first guess may lie, as a share of their range: beyond, the sigmoid is so flat that
/// a network would hardly learn to correct it.
const GUESS_MARGIN: f64 = 0.02;

/// What carries out a network's layers.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// The fastest that the case allows: on the CPU the kernels of this crate, fused into one operation
    /// in f32 if `x` needs no gradient; on another device [`Engine::Operators`].
    #[default]
    Fastest,
    /// candle's own operators ([`operators`]) on any device, to compare with.
    Operators,
}

/// A network with its weights, ready to run forward and, if they are variables, backward.
///
/// # Examples
/// An untrained network starts in the middle of its range, 0 to 0.60.
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use vadose_nn::{Network, NetworkConfig};
///
/// # fn main() -> Result<(), vadose_nn::NnError> {
/// let config = NetworkConfig::preset("paper")?;
/// let (network, _variables) = Network::initialised(&config, 7, &Device::Cpu)?;
/// let x = Tensor::zeros((1, 13, 32, 32), DType::F32, &Device::Cpu)?;
/// let y = network.forward(&x, None)?;
/// assert_eq!(y.dims(), [1, 32, 32]);
/// assert!((y.mean_all()?.to_scalar::<f32>()? - 0.30).abs() < 1e-6);
/// # Ok(())
/// # }
/// ```
pub struct Network {
    config: NetworkConfig,
    steps: Vec<Step>,
    dtype: DType,
    engine: Engine,
    precision: Precision,
    workspaces: Arc<Workspaces>,
}

/// What a network says of each cell.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// `[batch, row, col]`, in the units of the target.
    pub estimate: Tensor,
    /// How far the estimate is likely to be off: the expected absolute error as training taught it, not
    /// calibrated. Positive, `[batch, row, col]`, in the units of the target; `None` without
    /// [`NetworkConfig::spread_head`].
    pub spread: Option<Tensor>,
}

/// A layer with its weights.
#[derive(Clone)]
enum Step {
    Conv {
        weight: Tensor,
        bias: Tensor,
        config: Conv3dConfig,
    },
    MaxPool,
    Upsample,
    Join(Skip),
}

impl Network {
    /// Takes the weights of [`NetworkConfig::weight_shapes`] from `weights`.
    ///
    /// A builder over a `VarMap` adds what it lacks, filled with zeros; start a training with
    /// [`Network::initialised`].
    ///
    /// # Errors
    /// Those of [`NetworkConfig::check`]; [`NnError::Candle`] for a weight that is missing or
    /// misshapen.
    pub fn new(config: &NetworkConfig, weights: VarBuilder) -> Result<Self, NnError> {
        let mut steps = Vec::new();
        for layer in layers(config)? {
            match layer.operation {
                Operation::Input => {}
                Operation::Conv(conv) => {
                    let weights = weights.pp(&layer.name);
                    steps.push(Step::Conv {
                        weight: weights.get(&conv.weight_shape(), "weight")?,
                        bias: weights.get(&conv.bias_shape(), "bias")?,
                        config: conv.config,
                    });
                }
                Operation::MaxPool => steps.push(Step::MaxPool),
                Operation::Upsample => steps.push(Step::Upsample),
                Operation::Join(skip) => steps.push(Step::Join(skip)),
            }
        }
        Ok(Network {
            config: config.clone(),
            steps,
            dtype: weights.dtype(),
            engine: Engine::default(),
            precision: Precision::default(),
            workspaces: Arc::default(),
        })
    }

    /// A network of f32 variables, drawn from `seed`; the same seed gives the same bits anywhere.
    ///
    /// Weights that ReLU follows are uniform within `sqrt(6 / fan_in)` (He et al. 2015), so that
    /// the variance is kept from layer to layer; biases are 0. The head's weights lie within
    /// `0.1 sqrt(3 / fan_in)`, and its bias is 0, which puts the output in the middle of its range.
    /// [`Head::Linear`] starts like a head bounded by 0 and [`DEFAULT_UPPER_BOUND`]: its weights
    /// are scaled by the slope of that sigmoid, 0.15, and its bias is 0.30. With a first guess the bias is 0, so
    /// that the output starts near the guess. A spread head starts near 0.05, with weights within
    /// `0.1 sqrt(3 / fan_in)` that are drawn after the estimate's, and bias 0.
    ///
    /// # Errors
    /// Those of [`NetworkConfig::check`]; [`NnError::Candle`] if the device refuses.
    /// # References
    /// He et al. (2015), doi:10.1109/ICCV.2015.123.
    pub fn initialised(
        config: &NetworkConfig,
        seed: u64,
        device: &Device,
    ) -> Result<(Self, VarMap), NnError> {
        let variables = init::variables(config, seed, device)?;
        let weights = VarBuilder::from_varmap(&variables, DType::F32, device);
        Ok((Network::new(config, weights)?, variables))
    }

    /// A network of plain tensors, which record no graph.
    pub(crate) fn from_tensors(
        config: &NetworkConfig,
        weights: HashMap<String, Tensor>,
        dtype: DType,
        device: &Device,
    ) -> Result<Self, NnError> {
        Network::new(config, VarBuilder::from_tensors(weights, dtype, device))
    }

    /// The same network, carried out by another engine.
    #[must_use]
    pub fn with_engine(self, engine: Engine) -> Self {
        Network { engine, ..self }
    }

    /// The same network, whose inference keeps its feature maps in another precision.
    ///
    /// bf16 is for inference with the kernels of this crate: f32 weights that record no graph, on the CPU,
    /// and an input that asks for no gradient. [`Network::forward`] refuses anything else.
    #[must_use]
    pub fn with_precision(self, precision: Precision) -> Self {
        Network { precision, ..self }
    }

    /// The precision of its inference.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// The configuration that it was built from.
    pub fn config(&self) -> &NetworkConfig {
        &self.config
    }

    /// The same network recording no graph, which takes less time and memory and gives the same bits. It shares
    /// the weights: a training that goes on changes both.
    #[must_use]
    pub fn detached(&self) -> Self {
        let detached = |step: &Step| match step {
            Step::Conv {
                weight,
                bias,
                config,
            } => Step::Conv {
                weight: weight.detach(),
                bias: bias.detach(),
                config: *config,
            },
            other => other.clone(),
        };
        Self {
            config: self.config.clone(),
            steps: self.steps.iter().map(detached).collect(),
            dtype: self.dtype,
            engine: self.engine,
            precision: self.precision,
            workspaces: Arc::clone(&self.workspaces),
        }
    }

    /// Maps encoded channels to the output at 1 km.
    ///
    /// # Shapes and units
    /// `x`: `[batch, channel, row, col]`, encoded (z-scores, 0 where missing), of the weights' type;
    /// rows and columns are multiples of [`NetworkConfig::size_multiple`]. `upper_bound`:
    /// `[batch, row, col]`, above the head's lower bound, for soil moisture the porosity in m3 m-3;
    /// `None` means [`DEFAULT_UPPER_BOUND`] everywhere, and [`Head::Linear`] takes no notice of it.
    /// Result: `[batch, row, col]`, in the units of the target.
    /// # Missing values
    /// None: the input and the bound must be finite, which a pass over them checks first, on the CPU (under
    /// one part in a thousand of the network's time there).
    /// # Errors
    /// [`NnError::Rank`], [`NnError::Channels`], [`NnError::IndivisiblePlane`],
    /// [`NnError::NonFiniteInput`], [`NnError::DTypeMismatch`], [`NnError::UpperBoundShape`],
    /// [`NnError::UpperBoundTooLow`]; [`NnError::PrecisionNotCovered`].
    pub fn forward(&self, x: &Tensor, upper_bound: Option<&Tensor>) -> Result<Tensor, NnError> {
        Ok(self.predict(x, upper_bound)?.estimate)
    }

    /// What [`Network::forward`] gives, and beside it the spread of a network that has a spread head:
    /// `SPREAD_UNIT * softplus(z)` of the head's second feature `z`.
    ///
    /// # Shapes and units
    /// As [`Network::forward`]; the spread has shape and units of the estimate.
    /// # Missing values
    /// As [`Network::forward`].
    /// # Errors
    /// As [`Network::forward`].
    /// # Examples
    /// An untrained network expects an error of 0.05 m3 m-3.
    /// ```
    /// use candle_core::{DType, Device, Tensor};
    /// use vadose_nn::{Network, NetworkConfig};
    ///
    /// # fn main() -> Result<(), vadose_nn::NnError> {
    /// let config = NetworkConfig { spread_head: true, ..NetworkConfig::preset("paper")? };
    /// let (network, _variables) = Network::initialised(&config, 7, &Device::Cpu)?;
    /// let x = Tensor::zeros((1, 13, 32, 32), DType::F32, &Device::Cpu)?;
    /// let spread = network.predict(&x, None)?.spread.expect("the head has a spread");
    /// assert_eq!(spread.dims(), [1, 32, 32]);
    /// assert!((spread.mean_all()?.to_scalar::<f32>()? - 0.05).abs() < 1e-6);
    /// # Ok(())
    /// # }
    /// ```
    pub fn predict(&self, x: &Tensor, upper_bound: Option<&Tensor>) -> Result<Prediction, NnError> {
        self.predict_in(self.precision, x, upper_bound)
    }

    /// The largest difference, over all cells, of this network's estimate from what it is in f32: 0 for a
    /// network in f32.
    ///
    /// Runs the network in both precisions.
    ///
    /// # Shapes and units
    /// As [`Network::forward`]; the result is in the units of the output. NaN if an output is.
    /// # Errors
    /// As [`Network::forward`].
    pub fn largest_difference(
        &self,
        x: &Tensor,
        upper_bound: Option<&Tensor>,
    ) -> Result<f64, NnError> {
        let values = |precision| -> Result<Vec<f64>, NnError> {
            let Prediction { estimate, .. } = self.predict_in(precision, x, upper_bound)?;
            Ok(estimate.flatten_all()?.to_dtype(DType::F64)?.to_vec1()?)
        };
        let pairs = values(Precision::F32)?
            .into_iter()
            .zip(values(self.precision)?);
        Ok(pairs
            .map(|(exact, reduced)| (reduced - exact).abs())
            .fold(0.0, |largest: f64, one| {
                match one <= largest || largest.is_nan() {
                    true => largest,
                    false => one,
                }
            }))
    }

    fn predict_in(
        &self,
        precision: Precision,
        x: &Tensor,
        upper_bound: Option<&Tensor>,
    ) -> Result<Prediction, NnError> {
        self.check_input(x)?;
        let logits = match (self.plan(x), precision) {
            (Some(plan), _) => self.fused(plan, precision, x)?,
            (None, Precision::F32) => self.layer_by_layer(x)?,
            (None, Precision::Bf16) => {
                return Err(NnError::PrecisionNotCovered {
                    precision: precision.name(),
                    needs: "f32 on the CPU, a 3x3 kernel along rows and columns, a head of 1 or 3 \
                            columns, and an input without a gradient",
                });
            }
        };
        let z = |feature| logits.narrow(1, feature, 1)?.squeeze(1);
        Ok(Prediction {
            estimate: self.estimate(&z(0)?, x, upper_bound)?,
            spread: match self.config.spread_head {
                true => Some((softplus(&z(1)?)? * SPREAD_UNIT)?),
                false => None,
            },
        })
    }

    /// The plan of the fused network, where it applies: f32 on the CPU, sizes that the kernels cover, and no
    /// gradient asked for `x`.
    fn plan(&self, x: &Tensor) -> Option<Plan> {
        let fits = self.engine == Engine::Fastest
            && self.dtype == DType::F32
            && x.device().is_cpu()
            && !x.track_op();
        if !fits {
            return None;
        }
        let &[_, _, rows, cols] = x.dims() else {
            return None;
        };
        Plan::new(&self.config, rows, cols)
    }

    /// All layers as one operation.
    fn fused(&self, plan: Plan, precision: Precision, x: &Tensor) -> Result<Tensor, NnError> {
        let mut parameters = Vec::with_capacity(2 * self.steps.len());
        for step in &self.steps {
            if let Step::Conv { weight, bias, .. } = step {
                parameters.extend([weight.flatten_all()?, bias.clone()]);
            }
        }
        let parameters = Tensor::cat(&parameters, 0)?;
        let pass = match (parameters.track_op(), precision) {
            (false, precision) => Pass::Inference(precision),
            (true, Precision::F32) => Pass::Training { batch: x.dim(0)? },
            (true, Precision::Bf16) => {
                return Err(NnError::PrecisionNotCovered {
                    precision: precision.name(),
                    needs: "weights that record no graph, as `ModelFile::network` binds them",
                });
            }
        };
        Ok(fused::run(plan, &self.workspaces, pass, x, &parameters)?)
    }

    /// One candle operation a layer: any type, any kernel, and a gradient for `x`.
    fn layer_by_layer(&self, x: &Tensor) -> Result<Tensor, NnError> {
        type Convolve = fn(&Tensor, &Tensor, &Tensor, &Conv3dConfig) -> Result<Tensor, NnError>;
        type Resample = fn(&Tensor) -> Result<Tensor, NnError>;
        let (convolve, pool, upsample): (Convolve, Resample, Resample) = match self.engine {
            Engine::Fastest => (conv3d_with, max_pool_plane, upsample_plane),
            Engine::Operators => (
                operators::conv3d_with,
                operators::max_pool_plane,
                operators::upsample_plane,
            ),
        };
        let feature_axis = match self.config.channel_axis {
            ChannelAxis::Depth => 1,
            ChannelAxis::Feature => 2,
        };
        let mut features = x.unsqueeze(feature_axis)?;
        let mut skips = Vec::new();
        for step in &self.steps {
            features = match step {
                Step::Conv {
                    weight,
                    bias,
                    config,
                } => convolve(&features, weight, bias, config)?,
                Step::MaxPool => {
                    let pooled = pool(&features)?;
                    skips.push(features);
                    pooled
                }
                Step::Upsample => upsample(&features)?,
                Step::Join(kind) => {
                    let skip = skips.pop().expect("every level pools before it joins");
                    match kind {
                        Skip::Concatenate => Tensor::cat(&[&features, &skip], 1)?,
                        Skip::Add => (features + skip)?,
                    }
                }
            };
        }
        // The head leaves one channel.
        Ok(features.squeeze(2)?)
    }

    /// The estimate from the head's first feature.
    fn estimate(
        &self,
        z: &Tensor,
        x: &Tensor,
        upper_bound: Option<&Tensor>,
    ) -> Result<Tensor, NnError> {
        let guess = match self.config.first_guess {
            Some(FirstGuess {
                channel,
                mean,
                std_dev,
            }) => Some(x.narrow(1, channel, 1)?.squeeze(1)?.affine(std_dev, mean)?),
            None => None,
        };
        let Head::Bounded { lower } = self.config.head else {
            return Ok(match guess {
                Some(guess) => (guess + z)?,
                None => z.clone(),
            });
        };
        let range = match upper_bound {
            Some(upper) => {
                check_upper_bound(upper, z, lower)?;
                Some(upper.affine(1.0, -lower)?)
            }
            None => None,
        };
        let z = match guess {
            Some(guess) => {
                let above = guess.affine(1.0, -lower)?;
                let share = match &range {
                    Some(range) => (above / range)?,
                    None => (above / (DEFAULT_UPPER_BOUND - lower))?,
                };
                (z + logit(&share.clamp(GUESS_MARGIN, 1.0 - GUESS_MARGIN)?)?)?
            }
            None => z.clone(),
        };
        let share = candle_nn::ops::sigmoid(&z)?;
        match range {
            None => Ok(share.affine(DEFAULT_UPPER_BOUND - lower, lower)?),
            Some(range) => Ok((share * range)?.affine(1.0, lower)?),
        }
    }

    fn check_input(&self, x: &Tensor) -> Result<(), NnError> {
        let got = x.dims();
        let &[_, channels, rows, cols] = got else {
            let axes = "[batch, channel, row, col]";
            return Err(NnError::Rank {
                tensor: "x",
                axes,
                got: got.to_vec(),
            });
        };
        if channels != self.config.channels {
            return Err(NnError::Channels {
                expected: self.config.channels,
                got: channels,
            });
        }
        self.config.check_plane(rows, cols)?;
        if x.dtype() != self.dtype {
            let (expected, got) = (self.dtype, x.dtype());
            return Err(NnError::DTypeMismatch {
                tensor: "x",
                expected,
                got,
            });
        }
        match first_value(x, |value| !value.is_finite())? {
            None => Ok(()),
            Some((index, value)) => Err(NnError::NonFiniteInput { index, value }),
        }
    }
}

/// `log(1 + exp(z))`, without overflow.
fn softplus(z: &Tensor) -> candle_core::Result<Tensor> {
    z.relu()? + (z.abs()?.neg()?.exp()? + 1.0)?.log()?
}

/// Inverse of the sigmoid.
fn logit(share: &Tensor) -> candle_core::Result<Tensor> {
    (share / share.affine(-1.0, 1.0)?)?.log()
}

fn check_upper_bound(upper: &Tensor, z: &Tensor, lower: f64) -> Result<(), NnError> {
    if upper.dims() != z.dims() {
        let expected = z.dims3()?.into();
        return Err(NnError::UpperBoundShape {
            expected,
            got: upper.dims().to_vec(),
        });
    }
    if upper.dtype() != z.dtype() {
        let (expected, got) = (z.dtype(), upper.dtype());
        return Err(NnError::DTypeMismatch {
            tensor: "upper bound",
            expected,
            got,
        });
    }
    let is_bad = |value: f64| !(value.is_finite() && value > lower);
    match first_value(upper, is_bad)? {
        None => Ok(()),
        Some((index, upper)) => Err(NnError::UpperBoundTooLow {
            index,
            upper,
            lower,
        }),
    }
}

/// The first value in memory order that is bad, and its index.
fn first_value(
    tensor: &Tensor,
    is_bad: impl Fn(f64) -> bool,
) -> Result<Option<(Vec<usize>, f64)>, NnError> {
    fn search<T: Element + WithDType>(
        tensor: &Tensor,
        is_bad: impl Fn(f64) -> bool,
    ) -> Result<Option<(usize, f64)>, NnError> {
        let (storage, layout) = tensor.storage_and_layout();
        let values = cpu::values::<T>(&storage, layout, "the check of the input")?;
        let values = values.iter().map(|&value| Element::to_f64(value));
        Ok(values.enumerate().find(|&(_, value)| is_bad(value)))
    }

    let tensor = tensor.to_device(&Device::Cpu)?.contiguous()?;
    let found = match tensor.dtype() {
        DType::F64 => search::<f64>(&tensor, is_bad)?,
        _ => search::<f32>(&tensor, is_bad)?,
    };
    Ok(found.map(|(mut offset, value)| {
        let mut index = vec![0; tensor.rank()];
        for (index, &len) in index.iter_mut().zip(tensor.dims()).rev() {
            *index = offset % len;
            offset /= len;
        }
        (index, value)
    }))
}
