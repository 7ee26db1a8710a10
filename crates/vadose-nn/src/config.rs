//! What a network looks like: plain data with documented defaults, and the three presets.

use serde::{Deserialize, Serialize};

use crate::NnError;

/// Upper bound of [`Head::Bounded`] where the caller gives none: the porosity, m3 m-3, that the
/// project assumes where bulk density is missing.
pub const DEFAULT_UPPER_BOUND: f64 = 0.60;

/// How the features of a level and of the path from below meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// Side by side: first the features from below, then those of the level.
    Concatenate,
    /// Sum; all widths must be equal.
    Add,
}

/// How the last feature map becomes the output.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Head {
    /// As it is, unbounded.
    Linear,
    /// `lower + (upper - lower) sigmoid(z)`, with the upper bound given by cell in
    /// [`Network::forward`](crate::Network::forward), else [`DEFAULT_UPPER_BOUND`].
    Bounded {
        /// Lower bound, in the units of the output; finite and below [`DEFAULT_UPPER_BOUND`].
        lower: f64,
    },
}

/// Whether the layer table counts the operator D (low-pass, 9x9 average, repeated to 1 km), which
/// makes the second, coarse output. D has no weights and is not part of `Network::forward`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoarseRows {
    /// Three more rows at the end of the table.
    Counted,
    /// The table ends with the head.
    Omitted,
}

/// A U-Net over `[channel, row, col]`: the channels of the input are the depth axis of its 3-D
/// convolutions, and the input has one feature.
///
/// Every level convolves, keeps its result for the skip and halves rows and columns by max
/// pooling; the way back doubles them, joins the skip and convolves. The channel axis is never
/// pooled, because it has no scale. Every convolution but the head is followed by ReLU.
///
/// Plain data; [`NetworkConfig::check`] says whether it can be built. The default is the preset
/// `paper`, and a field that is left out of a file has its value. Unknown fields are errors.
///
/// # References
/// The presets are reconstructions: Tsagkatakis et al. (IGARSS 2024) state '31-layer CNNs with
/// 53,000 parameters', 'similar to a U-Net', on 256x256x13 patches, and no more.
///
/// # Examples
/// ```
/// use vadose_nn::NetworkConfig;
///
/// let config = NetworkConfig::preset("paper")?;
/// assert_eq!(config.parameter_count()?, 53_001);
/// assert_eq!(config.layer_table((256, 256))?.len(), 31);
/// # Ok::<(), vadose_nn::NnError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkConfig {
    /// Channels of the input: length of the depth axis. Default 13; 1 to 1,024.
    pub channels: usize,
    /// Features of each level, full resolution first. Default 4, 6, 8, 14; 1 to 8 levels of 1 to
    /// 4,096 features.
    pub widths: Vec<usize>,
    /// Features of the bottleneck, below the last level. Default 20; 1 to 4,096.
    pub bottleneck: usize,
    /// Kernel lengths `[channel, row, col]` of every convolution but the head. Default 3, 3, 3;
    /// odd, 1 to 31.
    pub kernel: [usize; 3],
    /// Convolutions of each level on the way down. Default 2; 1 to 16.
    pub encoder_convs: usize,
    /// Convolutions of the bottleneck. Default 2; 1 to 16.
    pub bottleneck_convs: usize,
    /// Convolutions of each level on the way up. Default 1; 1 to 16.
    pub decoder_convs: usize,
    /// How the two paths meet. Default: concatenate.
    pub skip: Skip,
    /// Kernel lengths `[row, col]` of the head, which spans all channels. Default 1, 1; odd, 1 to
    /// 31.
    pub head_kernel: [usize; 2],
    /// How the output is bounded. Default: bounded with lower bound 0.
    pub head: Head,
    /// Whether the layer table counts D. Default: counted.
    pub coarse_rows: CoarseRows,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        NetworkConfig {
            channels: 13,
            widths: vec![4, 6, 8, 14],
            bottleneck: 20,
            kernel: [3, 3, 3],
            encoder_convs: 2,
            bottleneck_convs: 2,
            decoder_convs: 1,
            skip: Skip::Concatenate,
            head_kernel: [1, 1],
            head: Head::Bounded { lower: 0.0 },
            coarse_rows: CoarseRows::Counted,
        }
    }
}

impl NetworkConfig {
    /// Names of the presets.
    pub const PRESETS: &'static [&'static str] = &["paper", "planar16", "additive10"];

    /// The preset of this name.
    ///
    /// - `paper`: four levels, widths 4, 6, 8, 14, bottleneck 20, 3x3x3 kernels, concatenated
    ///   skips; 53,001 parameters, 31 table rows with those of D.
    /// - `planar16`: three levels of three convolutions, 16 features everywhere, 1x3x3 kernels
    ///   (no mixing of channels before the 13x3x3 head), concatenated skips; 53,025 parameters,
    ///   31 rows without D.
    /// - `additive10`: the same with 10 features, 3x3x3 kernels and additive skips; 52,941
    ///   parameters, 31 rows without D.
    ///
    /// # Errors
    /// [`NnError::UnknownPreset`].
    pub fn preset(name: &str) -> Result<Self, NnError> {
        let three_levels = |features: usize, kernel, skip| NetworkConfig {
            widths: vec![features; 3],
            bottleneck: features,
            kernel,
            encoder_convs: 3,
            decoder_convs: 3,
            skip,
            head_kernel: [3, 3],
            coarse_rows: CoarseRows::Omitted,
            ..NetworkConfig::default()
        };
        match name {
            "paper" => Ok(NetworkConfig::default()),
            "planar16" => Ok(three_levels(16, [1, 3, 3], Skip::Concatenate)),
            "additive10" => Ok(three_levels(10, [3, 3, 3], Skip::Add)),
            _ => Err(NnError::UnknownPreset {
                name: name.to_owned(),
                known: Self::PRESETS,
            }),
        }
    }

    /// Checks every setting against its documented range.
    ///
    /// # Errors
    /// [`NnError::OutOfRange`], [`NnError::EvenKernel`], [`NnError::AdditiveWidths`],
    /// [`NnError::LowerBound`].
    pub fn check(&self) -> Result<(), NnError> {
        let in_range = |field, value, max| {
            if (1..=max).contains(&value) {
                Ok(())
            } else {
                Err(NnError::OutOfRange {
                    field,
                    value,
                    min: 1,
                    max,
                })
            }
        };
        in_range("channels", self.channels, 1024)?;
        in_range("widths (levels)", self.widths.len(), 8)?;
        for &width in &self.widths {
            in_range("widths", width, 4096)?;
        }
        in_range("bottleneck", self.bottleneck, 4096)?;
        in_range("encoder_convs", self.encoder_convs, 16)?;
        in_range("bottleneck_convs", self.bottleneck_convs, 16)?;
        in_range("decoder_convs", self.decoder_convs, 16)?;
        let [depth, row, col] = self.kernel;
        let [head_row, head_col] = self.head_kernel;
        for (field, axis, kernel) in [
            ("kernel", "depth", depth),
            ("kernel", "row", row),
            ("kernel", "col", col),
            ("head_kernel", "row", head_row),
            ("head_kernel", "col", head_col),
        ] {
            in_range(field, kernel, 31)?;
            if kernel % 2 == 0 {
                return Err(NnError::EvenKernel { axis, kernel });
            }
        }
        if self.skip == Skip::Add {
            let deeper = self.widths.iter().skip(1).chain([&self.bottleneck]);
            for (level, (&width, &deeper)) in self.widths.iter().zip(deeper).enumerate() {
                if width != deeper {
                    return Err(NnError::AdditiveWidths {
                        level,
                        width,
                        deeper,
                    });
                }
            }
        }
        match self.head {
            Head::Bounded { lower } if !(lower.is_finite() && lower < DEFAULT_UPPER_BOUND) => {
                Err(NnError::LowerBound {
                    lower,
                    below: DEFAULT_UPPER_BOUND,
                })
            }
            _ => Ok(()),
        }
    }

    /// What rows and columns of the input must be multiples of: 2 to the power of the levels.
    pub fn size_multiple(&self) -> usize {
        2usize.saturating_pow(self.widths.len().try_into().unwrap_or(u32::MAX))
    }

    /// Checks that a plane can be halved once by level and doubled back to its size.
    pub(crate) fn check_plane(&self, rows: usize, cols: usize) -> Result<(), NnError> {
        let (levels, multiple) = (self.widths.len(), self.size_multiple());
        let fits = |len: usize| len > 0 && len.is_multiple_of(multiple);
        if !(fits(rows) && fits(cols)) {
            return Err(NnError::IndivisiblePlane {
                rows,
                cols,
                levels,
                multiple,
            });
        }
        Ok(())
    }
}
