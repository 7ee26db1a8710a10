//! The network of the comparison with the weights, tiles and targets that all programs share.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use candle_core::{Device, Tensor, Var};
use vadose_nn::{ModelFile, Network, NetworkConfig, named_variables};
use vadose_train::{AdamW, AdamWConfig};

/// Rows and columns of a tile.
pub(crate) const SIZE: usize = 256;
/// Name of the encoded tiles, `[tile, channel, row, col]`.
pub(crate) const X: &str = "x";
/// Name of the targets, `[tile, row, col]`, m3 m-3.
pub(crate) const TARGET: &str = "target";
/// What the optimiser is told; the peers have the same numbers.
const OPTIMISER: AdamWConfig = AdamWConfig {
    learning_rate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weight_decay: 0.0,
};

/// The network that is compared.
pub(crate) fn config() -> Result<NetworkConfig> {
    Ok(NetworkConfig::preset("paper")?)
}

/// What `nn inputs` has written, cut to a batch.
pub(crate) struct Shared {
    pub(crate) weights: BTreeMap<String, Tensor>,
    pub(crate) x: Tensor,
    pub(crate) target: Tensor,
}

impl Shared {
    /// Reads the weights and the first `batch` tiles.
    pub(crate) fn load(path: &Path, batch: usize) -> Result<Self> {
        let mut tensors: HashMap<_, _> = candle_core::safetensors::load(path, &Device::Cpu)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let mut take = |name: &str| -> Result<Tensor> {
            let all = tensors
                .remove(name)
                .with_context(|| format!("the inputs have no `{name}`"))?;
            ensure!(batch <= all.dim(0)?, "there are only {} tiles", all.dim(0)?);
            // A copy, so that the other tiles do not stay in memory.
            Ok(all.narrow(0, 0, batch)?.copy()?)
        };
        Ok(Self {
            x: take(X)?,
            target: take(TARGET)?,
            weights: tensors.into_iter().collect(),
        })
    }

    /// The network with weights that record no graph.
    pub(crate) fn network(&self) -> Result<Network> {
        let file = ModelFile {
            config: config()?,
            weights: self.weights.clone(),
            metadata: BTreeMap::new(),
        };
        Ok(file.network(&Device::Cpu)?)
    }

    /// The network with weights to be trained.
    pub(crate) fn training(&self) -> Result<Training> {
        // The drawn weights are replaced at once.
        let (network, variables) = Network::initialised(&config()?, 0, &Device::Cpu)?;
        let variables = named_variables(&variables);
        for (name, variable) in &variables {
            let weight = self.weights.get(name);
            variable.set(weight.with_context(|| format!("the inputs have no `{name}`"))?)?;
        }
        Ok(Training {
            optimiser: AdamW::new(OPTIMISER, &variables)?,
            network,
            variables,
        })
    }
}

/// A network in training.
pub(crate) struct Training {
    network: Network,
    variables: BTreeMap<String, Var>,
    optimiser: AdamW,
}

impl Training {
    /// Output, mean square loss and the gradient of every weight.
    pub(crate) fn gradients(
        &self,
        x: &Tensor,
        target: &Tensor,
    ) -> Result<(Tensor, f32, BTreeMap<String, Tensor>)> {
        let output = self.network.forward(x, None)?;
        let loss = (&output - target)?.sqr()?.mean_all()?;
        let store = loss.backward()?;
        let mut gradients = BTreeMap::new();
        for (name, variable) in &self.variables {
            let gradient = store.get(variable);
            let gradient = gradient.with_context(|| format!("`{name}` has no gradient"))?;
            gradients.insert(name.clone(), gradient.clone());
        }
        Ok((output.detach(), loss.to_scalar()?, gradients))
    }

    /// One step of training: forward, loss, backward, Adam. Gives the loss before the step.
    pub(crate) fn step(&mut self, x: &Tensor, target: &Tensor) -> Result<f32> {
        let (_, loss, gradients) = self.gradients(x, target)?;
        self.optimiser.step(&self.variables, &gradients, 1.0)?;
        Ok(loss)
    }
}
