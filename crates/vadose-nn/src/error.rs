//! What can go wrong in this crate, one variant per cause.

use std::path::PathBuf;

use candle_core::DType;

use crate::FirstGuess;

/// Errors of convolution, pooling, the network and its model file.
///
/// Converts into [`candle_core::Error`], so that `?` works in a program that speaks candle.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum NnError {
    /// candle refused an operation.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),

    /// A tensor has another number of axes than the operation needs.
    #[error("{tensor} must have the axes {axes}, but its shape is {got:?}")]
    Rank {
        /// Which tensor.
        tensor: &'static str,
        /// The axes it needs, in words.
        axes: &'static str,
        /// Its shape.
        got: Vec<usize>,
    },

    /// A tensor holds nothing: one of its axes has length zero.
    #[error("{tensor} is empty: its shape is {got:?}")]
    Empty {
        /// Which tensor.
        tensor: &'static str,
        /// Its shape.
        got: Vec<usize>,
    },

    /// The weight of a convolution expects another number of input features than the input has.
    #[error("the weight takes {weight} input features, but the input has {input}")]
    InputFeatures {
        /// Input features of the weight (its axis 1).
        weight: usize,
        /// Features of the input (its axis 1).
        input: usize,
    },

    /// The bias of a convolution must have one value per output feature.
    #[error("the bias must have shape [{expected}], but its shape is {got:?}")]
    BiasShape {
        /// Output features of the weight (its axis 0).
        expected: usize,
        /// Shape of the bias.
        got: Vec<usize>,
    },

    /// `Padding::Same` needs an odd kernel: an even one has no centre.
    #[error("same padding needs an odd kernel, but it is {kernel} along {axis}")]
    EvenKernel {
        /// `depth`, `row` or `col`.
        axis: &'static str,
        /// Kernel length along it.
        kernel: usize,
    },

    /// The kernel does not fit into the padded input.
    #[error("a kernel of {kernel} does not fit along {axis}, which holds {size} with its padding")]
    KernelTooLarge {
        /// `depth`, `row` or `col`.
        axis: &'static str,
        /// Kernel length along it.
        kernel: usize,
        /// Input length along it, padding included.
        size: usize,
    },

    /// The sizes of a convolution multiply to more values than memory can address.
    #[error("{tensor} would hold more values than memory can address")]
    TooLarge {
        /// Which tensor.
        tensor: &'static str,
    },

    /// Only f32 and f64 are computed.
    #[error("{tensor} is {got:?}, but only F32 and F64 are supported")]
    UnsupportedDType {
        /// Which tensor.
        tensor: &'static str,
        /// Its type.
        got: DType,
    },

    /// Two tensors of one operation differ in type.
    #[error("{tensor} is {got:?}, but {expected:?} is expected")]
    DTypeMismatch {
        /// Which tensor.
        tensor: &'static str,
        /// The type of the tensor it meets.
        expected: DType,
        /// Its type.
        got: DType,
    },

    /// A plane is too small to pool: both its axes must hold at least two cells.
    #[error("a plane of {rows}x{cols} cells is too small for 2x2 pooling")]
    PlaneTooSmall {
        /// Rows of the plane.
        rows: usize,
        /// Columns of the plane.
        cols: usize,
    },

    /// The input has another number of channels than the network was built for.
    #[error("the network takes {expected} channels, but the input has {got}")]
    Channels {
        /// Channels of the configuration.
        expected: usize,
        /// Channels of the input.
        got: usize,
    },

    /// Every level halves the plane, so rows and columns must be multiples of 2^levels.
    #[error(
        "a plane of {rows}x{cols} cells does not fit {levels} levels: rows and columns must be \
         positive multiples of {multiple}"
    )]
    IndivisiblePlane {
        /// Rows of the input.
        rows: usize,
        /// Columns of the input.
        cols: usize,
        /// Levels of the network.
        levels: usize,
        /// 2^levels.
        multiple: usize,
    },

    /// The input holds NaN or an infinity. Missing values are encoded before the network.
    #[error("the input is {value} at [batch, channel, row, col] = {index:?}; it must be finite")]
    NonFiniteInput {
        /// Where it was found first.
        index: Vec<usize>,
        /// What was found.
        value: f64,
    },

    /// The upper bound must hold one value per cell of the output.
    #[error("the upper bound must have shape {expected:?}, but its shape is {got:?}")]
    UpperBoundShape {
        /// `[batch, rows, cols]` of the input.
        expected: [usize; 3],
        /// Shape of the upper bound.
        got: Vec<usize>,
    },

    /// The upper bound is not above the lower one, or not finite.
    #[error("the upper bound {upper} at [batch, row, col] = {index:?} is not above {lower}")]
    UpperBoundTooLow {
        /// Where it was found first.
        index: Vec<usize>,
        /// The bound there.
        upper: f64,
        /// Lower bound of the head.
        lower: f64,
    },

    /// Inference in reduced precision was asked for where only f32 and f64 run.
    #[error("inference in {precision} needs {needs}")]
    PrecisionNotCovered {
        /// The precision.
        precision: &'static str,
        /// What it needs, in words.
        needs: &'static str,
    },

    /// There is no preset of this name.
    #[error("there is no network preset {name:?}; the presets are {known:?}")]
    UnknownPreset {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: &'static [&'static str],
    },

    /// A setting of the network lies outside its range.
    #[error("network setting {field} is {value}, outside {min} to {max}")]
    OutOfRange {
        /// Name of the setting.
        field: &'static str,
        /// Its value.
        value: usize,
        /// Least value allowed.
        min: usize,
        /// Greatest value allowed.
        max: usize,
    },

    /// The lower bound of the head must be finite and below the default upper bound.
    #[error("the head's lower bound is {lower}; it must be finite and below {below}")]
    LowerBound {
        /// The lower bound.
        lower: f64,
        /// The default upper bound.
        below: f64,
    },

    /// Additive skips add features one by one, so both sides need the same width.
    #[error(
        "additive skips need equal widths, but level {level} has {width} features and the level \
         below it {deeper}"
    )]
    AdditiveWidths {
        /// Level of the skip, 0 at full resolution.
        level: usize,
        /// Its width.
        width: usize,
        /// Width of the level below, or of the bottleneck.
        deeper: usize,
    },

    /// A 2-D network whose kernels reach along a channel axis that it does not have.
    #[error("kernel has depth {depth}, but where channels are features the depth is 1")]
    FeatureKernel {
        /// Length of the kernel along channels.
        depth: usize,
    },

    /// A first guess that no channel can hold.
    #[error(
        "no first guess from channel {} of {channels}, mean {} and standard deviation {}: it takes a channel of the \
         input, and a finite mean and a positive standard deviation",
        guess.channel, guess.mean, guess.std_dev
    )]
    FirstGuess {
        /// As configured.
        guess: FirstGuess,
        /// Channels of the input.
        channels: usize,
    },

    /// A model file could not be read or written.
    #[error("cannot {action} model file {path}")]
    ModelIo {
        /// The file.
        path: PathBuf,
        /// `read` or `write`.
        action: &'static str,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },

    /// The file is not a whole safetensors file: foreign, cut short or damaged.
    #[error("{path} is not a whole safetensors file")]
    NotSafetensors {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        #[source]
        source: safetensors::SafeTensorError,
    },

    /// A safetensors file, but not one that this crate wrote.
    #[error("{path} is no model file: its metadata lacks {key:?}")]
    NotAModel {
        /// The file.
        path: PathBuf,
        /// The missing key.
        key: &'static str,
    },

    /// A model file of another format version.
    #[error("{path} has model format {found:?}, but this version reads {supported:?}")]
    ModelFormat {
        /// The file.
        path: PathBuf,
        /// Version in the file.
        found: String,
        /// Version that can be read.
        supported: &'static str,
    },

    /// The network configuration in a model file cannot be understood.
    #[error("{path} holds a network configuration that cannot be read")]
    ModelConfigSyntax {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        #[source]
        source: serde_json::Error,
    },

    /// The network configuration in a model file is not valid, or its weights do not fit it.
    #[error("{path} holds a network that cannot be built")]
    ModelInvalid {
        /// The file.
        path: PathBuf,
        /// The reason.
        #[source]
        source: Box<NnError>,
    },

    /// The configuration needs a tensor that is not there.
    #[error("tensor {tensor:?} is missing")]
    MissingTensor {
        /// Name of the tensor.
        tensor: String,
    },

    /// There is a tensor that the configuration does not know.
    #[error("tensor {tensor:?} does not belong to this network")]
    UnknownTensor {
        /// Name of the tensor.
        tensor: String,
    },

    /// A weight has another shape than the configuration says.
    #[error("tensor {tensor:?} must have shape {expected:?}, but its shape is {got:?}")]
    TensorShape {
        /// Name of the tensor.
        tensor: String,
        /// Shape by the configuration.
        expected: Vec<usize>,
        /// Its shape.
        got: Vec<usize>,
    },

    /// A weight of another number type than F32 or F64, or than its fellows.
    #[error("tensor {tensor:?} has type {got}, but {expected} is expected")]
    TensorDType {
        /// Name of the tensor.
        tensor: String,
        /// What is expected.
        expected: String,
        /// Its type.
        got: String,
    },

    /// A metadata key that the model file keeps for itself.
    #[error("metadata key {key:?} is reserved for the model file itself")]
    ReservedKey {
        /// The key.
        key: String,
    },
}

impl From<NnError> for candle_core::Error {
    fn from(error: NnError) -> Self {
        match error {
            NnError::Candle(error) => error,
            other => candle_core::Error::wrap(other),
        }
    }
}
