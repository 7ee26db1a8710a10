//! The layers of a configuration in the order they run: the one description from which the
//! layer table, the names and shapes of the weights and the network itself are made.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::NnError;
use crate::config::{CoarseRows, NetworkConfig, Skip};
use crate::conv3d::{Activation, Conv3dConfig, Padding};

/// Edge of a coarse cell in 1 km cells.
const COARSE_FACTOR: usize = 9;

/// What a layer does. `Display` and the serialised form are the same stable, lower-case names.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerKind {
    /// The input.
    Input,
    /// 3-D convolution, with its activation.
    Conv,
    /// 2x2 maximum over the plane.
    MaxPool,
    /// 2x2 repetition over the plane.
    Upsample,
    /// The skip, side by side with the path from below.
    Concatenate,
    /// The skip, added to the path from below.
    Add,
    /// First step of D: smoothing at 1 km.
    LowPass,
    /// Second step of D: mean over 9x9 cells.
    AveragePool,
    /// Third step of D: the coarse values, repeated to 1 km.
    Repeat,
}

impl LayerKind {
    /// The name, as serialised.
    pub fn as_str(self) -> &'static str {
        match self {
            LayerKind::Input => "input",
            LayerKind::Conv => "conv",
            LayerKind::MaxPool => "max_pool",
            LayerKind::Upsample => "upsample",
            LayerKind::Concatenate => "concatenate",
            LayerKind::Add => "add",
            LayerKind::LowPass => "low_pass",
            LayerKind::AveragePool => "average_pool",
            LayerKind::Repeat => "repeat",
        }
    }
}

impl fmt::Display for LayerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One row of the layer table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LayerRow {
    /// Number of the row, from 1.
    pub row: usize,
    /// Name of the layer; those of its weights begin with it.
    pub name: String,
    /// What it does.
    pub kind: LayerKind,
    /// `[feature, channel, row, col]` of its output, without the batch.
    pub output_shape: Vec<usize>,
    /// Weights and biases.
    pub parameters: usize,
}

/// One convolution of the network.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conv {
    inputs: usize,
    outputs: usize,
    kernel: [usize; 3],
    pub(crate) config: Conv3dConfig,
}

impl Conv {
    pub(crate) fn weight_shape(&self) -> [usize; 5] {
        let [depth, rows, cols] = self.kernel;
        [self.outputs, self.inputs, depth, rows, cols]
    }

    pub(crate) fn bias_shape(&self) -> [usize; 1] {
        [self.outputs]
    }

    /// Inputs that one output value sums over.
    pub(crate) fn fan_in(&self) -> usize {
        self.inputs * self.kernel.iter().product::<usize>()
    }

    fn parameters(&self) -> usize {
        self.outputs * (self.fan_in() + 1)
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Operation {
    Input,
    Conv(Conv),
    /// The input of the pooling is kept for the skip.
    MaxPool,
    Upsample,
    /// The skip kept last is used up.
    Join(Skip),
}

/// One step of the network, with the name that its weights carry.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) name: String,
    pub(crate) operation: Operation,
}

/// Name of the last layer of every network.
pub(crate) const HEAD: &str = "head";

/// The layers of a checked configuration, in running order, the head last.
pub(crate) fn layers(config: &NetworkConfig) -> Result<Vec<Layer>, NnError> {
    config.check()?;
    let [features, depth] = config.input_axes();
    let mut layers = Builder {
        kernel: config.kernel,
        layers: Vec::new(),
        features,
    };
    layers.push("input".to_owned(), Operation::Input);
    for (level, &width) in config.widths.iter().enumerate() {
        layers.convs(&format!("encoder.{level}"), config.encoder_convs, width);
        layers.push(format!("encoder.{level}.max_pool"), Operation::MaxPool);
    }
    layers.convs("bottleneck", config.bottleneck_convs, config.bottleneck);
    for (level, &width) in config.widths.iter().enumerate().rev() {
        let block = format!("decoder.{level}");
        layers.push(format!("{block}.upsample"), Operation::Upsample);
        let name = match config.skip {
            Skip::Concatenate => {
                layers.features += width;
                LayerKind::Concatenate
            }
            Skip::Add => LayerKind::Add,
        };
        layers.push(format!("{block}.{name}"), Operation::Join(config.skip));
        layers.convs(&block, config.decoder_convs, width);
    }
    let [rows, cols] = config.head_kernel;
    let head = Conv {
        inputs: layers.features,
        outputs: config.outputs(),
        kernel: [depth, rows, cols],
        config: Conv3dConfig {
            padding: [Padding::Valid, Padding::Same, Padding::Same],
            activation: Activation::Identity,
        },
    };
    layers.push(HEAD.to_owned(), Operation::Conv(head));
    Ok(layers.layers)
}

struct Builder {
    kernel: [usize; 3],
    layers: Vec<Layer>,
    /// Features of the last layer.
    features: usize,
}

impl Builder {
    fn push(&mut self, name: String, operation: Operation) {
        self.layers.push(Layer { name, operation });
    }

    fn convs(&mut self, block: &str, n_convs: usize, outputs: usize) {
        for conv in 0..n_convs {
            let config = Conv3dConfig {
                padding: [Padding::Same; 3],
                activation: Activation::Relu,
            };
            let inputs = std::mem::replace(&mut self.features, outputs);
            let operation = Conv {
                inputs,
                outputs,
                kernel: self.kernel,
                config,
            };
            self.push(format!("{block}.conv.{conv}"), Operation::Conv(operation));
        }
    }
}

impl NetworkConfig {
    /// Number of weights and biases.
    ///
    /// # Errors
    /// Those of [`NetworkConfig::check`].
    pub fn parameter_count(&self) -> Result<usize, NnError> {
        Ok(layers(self)?.iter().map(parameters).sum())
    }

    /// Names and shapes of all weights and biases, sorted by name.
    ///
    /// A name is the layer's name and `.weight` or `.bias`. Encoder and decoder blocks are numbered
    /// by level, 0 at full resolution, so `encoder.0.conv.1.weight` is the second convolution of
    /// the finest level, and `decoder.0` runs last.
    ///
    /// # Errors
    /// Those of [`NetworkConfig::check`].
    pub fn weight_shapes(&self) -> Result<BTreeMap<String, Vec<usize>>, NnError> {
        let mut shapes = BTreeMap::new();
        for layer in layers(self)? {
            if let Operation::Conv(conv) = layer.operation {
                shapes.insert(
                    format!("{}.weight", layer.name),
                    conv.weight_shape().to_vec(),
                );
                shapes.insert(format!("{}.bias", layer.name), conv.bias_shape().to_vec());
            }
        }
        Ok(shapes)
    }

    /// The layers, one row each, for an input of `(rows, cols)` cells.
    ///
    /// Counted as Keras does: the input, each pooling, upsampling and joining has a row of its own,
    /// an activation belongs to its convolution, and the head's last convolution includes its
    /// bound. With [`CoarseRows::Counted`] three rows follow for D; whole 9x9 blocks from the
    /// upper-left corner count, and the repeated map has the size of the input.
    ///
    /// # Errors
    /// Those of [`NetworkConfig::check`]; [`NnError::IndivisiblePlane`].
    /// # Examples
    /// ```
    /// use vadose_nn::NetworkConfig;
    ///
    /// let table = NetworkConfig::preset("paper")?.layer_table((256, 256))?;
    /// assert_eq!(table[0].output_shape, [1, 13, 256, 256]);
    /// assert_eq!((table[27].name.as_str(), table[27].parameters), ("head", 53));
    /// # Ok::<(), vadose_nn::NnError>(())
    /// ```
    pub fn layer_table(&self, (rows, cols): (usize, usize)) -> Result<Vec<LayerRow>, NnError> {
        let layers = layers(self)?;
        self.check_plane(rows, cols)?;
        let mut table = Table { rows: Vec::new() };
        let [features, depth] = self.input_axes();
        let mut shape = [features, depth, rows, cols];
        let mut skips = Vec::new();
        for layer in layers {
            let kind = match layer.operation {
                Operation::Input => LayerKind::Input,
                Operation::Conv(conv) => {
                    shape[0] = conv.outputs;
                    if layer.name == HEAD {
                        shape[1] = 1;
                    }
                    LayerKind::Conv
                }
                Operation::MaxPool => {
                    skips.push(shape[0]);
                    shape = [shape[0], shape[1], shape[2] / 2, shape[3] / 2];
                    LayerKind::MaxPool
                }
                Operation::Upsample => {
                    shape = [shape[0], shape[1], shape[2] * 2, shape[3] * 2];
                    LayerKind::Upsample
                }
                Operation::Join(Skip::Concatenate) => {
                    shape[0] += skips.pop().unwrap_or(0);
                    LayerKind::Concatenate
                }
                Operation::Join(Skip::Add) => LayerKind::Add,
            };
            let parameters = parameters(&layer);
            table.push(layer.name, kind, shape, parameters);
        }
        if self.coarse_rows == CoarseRows::Counted {
            let fine = [1, 1, rows, cols];
            let coarse = [1, 1, rows / COARSE_FACTOR, cols / COARSE_FACTOR];
            table.push("coarse.low_pass".to_owned(), LayerKind::LowPass, fine, 0);
            table.push(
                "coarse.average_pool".to_owned(),
                LayerKind::AveragePool,
                coarse,
                0,
            );
            table.push("coarse.repeat".to_owned(), LayerKind::Repeat, fine, 0);
        }
        Ok(table.rows)
    }
}

fn parameters(layer: &Layer) -> usize {
    match layer.operation {
        Operation::Conv(conv) => conv.parameters(),
        _ => 0,
    }
}

struct Table {
    rows: Vec<LayerRow>,
}

impl Table {
    fn push(&mut self, name: String, kind: LayerKind, shape: [usize; 4], parameters: usize) {
        let row = self.rows.len() + 1;
        self.rows.push(LayerRow {
            row,
            name,
            kind,
            output_shape: shape.to_vec(),
            parameters,
        });
    }
}
