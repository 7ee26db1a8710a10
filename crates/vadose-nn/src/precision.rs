//! The precision that an inference asks for.

use crate::kernels::cells::Cells;

/// How feature maps are kept between the convolutions of an inference.
///
/// Weights, products, sums and the output are f32 in either case; training knows f32 alone.
///
/// # Examples
/// A network in bf16 says itself how far that leads from f32.
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use vadose_nn::{Network, NetworkConfig, NnError, Precision};
///
/// # fn main() -> Result<(), NnError> {
/// let config = NetworkConfig::preset("paper")?;
/// let (trained, variables) = Network::initialised(&config, 7, &Device::Cpu)?;
/// let file = vadose_nn::ModelFile::from_variables(config, &variables);
/// let network = file.network(&Device::Cpu)?.with_precision(Precision::Bf16);
/// let x = Tensor::rand(-1f32, 1f32, (1, 13, 32, 32), &Device::Cpu)?;
/// let largest = network.largest_difference(&x, None)?;
/// assert!(largest > 0.0 && largest < 1e-3, "{largest}"); // of outputs between 0 and 0.60
/// # Ok(())
/// # }
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// f32.
    #[default]
    F32,
    /// bf16, rounded to nearest even after each ReLU: half the memory, and 8 significant bits instead of 24.
    Bf16,
}

impl Precision {
    /// Its name, as it is written into records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
        }
    }

    /// What a cell of a feature map then holds.
    pub(crate) const fn cells(self) -> Cells {
        match self {
            Self::F32 => Cells::F32,
            Self::Bf16 => Cells::Bf16Pairs,
        }
    }
}
