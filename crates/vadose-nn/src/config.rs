//! What a network looks like: plain data with documented defaults, and the three presets.

use serde::{Deserialize, Serialize};

use crate::NnError;

/// Upper bound of [`Head::Bounded`] where the caller gives none: the porosity, m3 m-3, that the
/// project assumes where bulk density is missing.
pub const DEFAULT_UPPER_BOUND: f64 = 0.60;

/// Unit of a network's spread, m3 m-3: `SPREAD_UNIT * softplus(0)` is 0.05, a usual error at stations.
pub const SPREAD_UNIT: f64 = 0.05 / std::f64::consts::LN_2;

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

/// What the channels of the input are to the convolutions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelAxis {
    /// The depth axis of a map with one feature: kernels slide along it.
    Depth,
    /// The features of a map of depth 1, as in a 2-D network.
    Feature,
}

/// A first guess of the output, which the network corrects, and that one of its input channels holds.
///
/// The guess is `mean + std_dev * x`, so where the channel is missing (0) it is `mean`. A bounded head adds its
/// correction before the sigmoid, a linear one to the guess itself.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstGuess {
    /// Position of the channel in the input.
    pub channel: usize,
    /// What an encoded 0 stands for, in the units of the output.
    pub mean: f64,
    /// What an encoded 1 adds to that; positive.
    pub std_dev: f64,
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
/// convolutions, and the input has one feature, unless [`ChannelAxis::Feature`] makes it a 2-D network.
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
    /// Channels of the input. Default 13; 1 to 1,024.
    pub channels: usize,
    /// What they are to the convolutions. Default: the depth axis.
    pub channel_axis: ChannelAxis,
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
    /// What the network corrects. Default: nothing, the output is its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_guess: Option<FirstGuess>,
    /// Whether the head has a second output, the spread: how far the estimate is likely to be off
    /// ([`Network::predict`](crate::Network::predict)). Default: no.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub spread_head: bool,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        NetworkConfig {
            channels: 13,
            channel_axis: ChannelAxis::Depth,
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
            first_guess: None,
            spread_head: false,
        }
    }
}

impl NetworkConfig {
    /// Names of the presets.
    pub const PRESETS: &'static [&'static str] = &["paper", "planar16", "additive10", "features6"];

    /// The preset of this name.
    ///
    /// - `paper`: four levels, widths 4, 6, 8, 14, bottleneck 20, 3x3x3 kernels, concatenated
    ///   skips; 53,001 parameters, 31 table rows with those of D.
    /// - `planar16`: three levels of three convolutions, 16 features everywhere, 1x3x3 kernels
    ///   (no mixing of channels before the 13x3x3 head), concatenated skips; 53,025 parameters,
    ///   31 rows without D.
    /// - `additive10`: the same with 10 features, 3x3x3 kernels and additive skips; 52,941
    ///   parameters, 31 rows without D.
    /// - `features6`: `paper` as a 2-D network, the channels its input features, 1x3x3 kernels and wider levels;
    ///   53,078 parameters, 31 rows with D.
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
            "features6" => Ok(NetworkConfig {
                channel_axis: ChannelAxis::Feature,
                widths: vec![6, 10, 14, 24],
                bottleneck: 35,
                kernel: [1, 3, 3],
                ..NetworkConfig::default()
            }),
            _ => Err(NnError::UnknownPreset {
                name: name.to_owned(),
                known: Self::PRESETS,
            }),
        }
    }

    /// Checks every setting against its documented range.
    ///
    /// # Errors
    /// [`NnError::OutOfRange`], [`NnError::EvenKernel`], [`NnError::FeatureKernel`],
    /// [`NnError::AdditiveWidths`], [`NnError::LowerBound`], [`NnError::FirstGuess`].
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
        if self.channel_axis == ChannelAxis::Feature && depth != 1 {
            return Err(NnError::FeatureKernel { depth });
        }
        if let Some(guess) = self.first_guess {
            let is_usable = guess.channel < self.channels
                && guess.mean.is_finite()
                && guess.std_dev.is_finite()
                && guess.std_dev > 0.0;
            if !is_usable {
                return Err(NnError::FirstGuess {
                    guess,
                    channels: self.channels,
                });
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

    /// `[feature, depth]` of the input.
    pub(crate) fn input_axes(&self) -> [usize; 2] {
        match self.channel_axis {
            ChannelAxis::Depth => [1, self.channels],
            ChannelAxis::Feature => [self.channels, 1],
        }
    }

    /// Features of the head: the estimate and, if it has one, the spread.
    pub(crate) fn outputs(&self) -> usize {
        1 + usize::from(self.spread_head)
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
