//! A trained network over a whole map.

mod bands;

pub use bands::MapBand;

use candle_core::{Device, Tensor};
use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};
use vadose_nn::{ModelFile, Network, NetworkConfig, Precision, Prediction};
use vadose_scene::{CHANNELS_METADATA_KEY, COARSE_FACTOR, ChannelEncoder, Sample, Scene, Tile};

use crate::{ReducedPrecision, Retrieval, RetrieveError, Retriever};

/// How a map is cut into tiles for prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TilingConfig {
    /// Edge of a tile in 1 km cells, a multiple of 2 to the number of network levels.
    pub tile_size: usize,
    /// Cells by which neighbours overlap at least, and over which they are blended.
    pub overlap: usize,
}

impl Default for TilingConfig {
    fn default() -> Self {
        Self {
            tile_size: 256,
            overlap: 64,
        }
    }
}

impl TilingConfig {
    /// Checks that the tile suits the network, and that tiles can advance by whole 9 km cells.
    ///
    /// # Errors
    /// [`RetrieveError::Tiling`].
    pub fn check(&self, network: &NetworkConfig) -> Result<(), RetrieveError> {
        let Self {
            tile_size: size,
            overlap,
        } = *self;
        let refuse = |reason: String| {
            Err(RetrieveError::Tiling {
                size,
                overlap,
                reason,
            })
        };
        if size < overlap + COARSE_FACTOR {
            return refuse("a tile must be at least 9 cells larger than the overlap".to_owned());
        }
        match network.layer_table((size, size)) {
            Ok(_) => Ok(()),
            Err(reason) => refuse(reason.to_string()),
        }
    }
}

/// Retrieves with a trained network: overlapping tiles, blended with smooth weights.
///
/// Cells that the scene marks as not predictable (no brightness temperature, or no static inputs) are NaN.
/// A map that is too large for memory comes row by row from [`NetworkRetriever::retrieve_bands`].
pub struct NetworkRetriever {
    network: Network,
    encoder: ChannelEncoder,
    config: NetworkConfig,
    tiling: TilingConfig,
    device: Device,
}

impl NetworkRetriever {
    /// Takes network, weights, channel list and statistics from a model file.
    ///
    /// # Errors
    /// [`RetrieveError::NoChannelList`] if the file has none; [`RetrieveError::Scene`] if it cannot be
    /// read; [`RetrieveError::Tiling`]; [`RetrieveError::Network`].
    pub fn from_model(
        model: &ModelFile,
        tiling: TilingConfig,
        device: &Device,
    ) -> Result<Self, RetrieveError> {
        let key = CHANNELS_METADATA_KEY;
        let channels = model
            .metadata
            .get(key)
            .ok_or(RetrieveError::NoChannelList { key })?;
        let encoder = ChannelEncoder::from_json(channels).map_err(RetrieveError::Scene)?;
        tiling.check(&model.config)?;
        let network = model.network(device).map_err(RetrieveError::Network)?;
        Ok(Self {
            network,
            encoder,
            config: model.config.clone(),
            tiling,
            device: device.clone(),
        })
    }

    /// The same, with the network's feature maps in another precision than f32.
    ///
    /// Each map then says how far it is from f32 ([`Retrieval::reduced_precision`]). That is measured on one
    /// tile, the one with the most predictable cells, which costs one f32 run of that tile.
    #[must_use]
    pub fn with_precision(self, precision: Precision) -> Self {
        Self {
            network: self.network.with_precision(precision),
            ..self
        }
    }

    /// The channels that the network expects.
    #[must_use]
    pub fn encoder(&self) -> &ChannelEncoder {
        &self.encoder
    }

    /// The network's shape.
    #[must_use]
    pub fn network_config(&self) -> &NetworkConfig {
        &self.config
    }

    /// What the network takes of one tile: the encoded channels and the upper bound, as a batch of one.
    fn input(&self, sample: &Sample) -> Result<[Tensor; 2], RetrieveError> {
        let x = Tensor::from_iter(sample.x.iter().copied(), &self.device)
            .and_then(|x| x.reshape(sample.x.dim())?.unsqueeze(0))
            .map_err(RetrieveError::Tensor)?;
        let bound = Tensor::from_iter(sample.upper_bound.iter().copied(), &self.device)
            .and_then(|bound| bound.reshape(sample.upper_bound.dim())?.unsqueeze(0))
            .map_err(RetrieveError::Tensor)?;
        Ok([x, bound])
    }

    /// The network's estimate `[row, col]` of one tile, and its spread if it has one.
    fn predict(
        &self,
        sample: &Sample,
    ) -> Result<(Array2<f32>, Option<Array2<f32>>), RetrieveError> {
        let [x, bound] = self.input(sample)?;
        let Prediction { estimate, spread } = self
            .network
            .predict(&x, Some(&bound))
            .map_err(RetrieveError::Network)?;
        let map = |tensor: &Tensor| {
            let values = tensor.flatten_all().and_then(|flat| flat.to_vec1::<f32>());
            let values = values.map_err(RetrieveError::Tensor)?;
            Ok(Array2::from_shape_vec(sample.mask.dim(), values)
                .expect("an output has the tile's shape"))
        };
        Ok((map(&estimate)?, spread.as_ref().map(map).transpose()?))
    }

    /// Compares the network with itself in f32 on one tile.
    fn compare(&self, tile: Tile, sample: &Sample) -> Result<ReducedPrecision, RetrieveError> {
        let [x, bound] = self.input(sample)?;
        let largest = self.network.largest_difference(&x, Some(&bound));
        Ok(ReducedPrecision {
            precision: self.network.precision(),
            largest_difference_m3m3: largest.map_err(RetrieveError::Network)?,
            tile,
        })
    }
}

impl Retriever for NetworkRetriever {
    fn method(&self) -> String {
        "network".to_owned()
    }

    fn retrieve_with_progress(
        &self,
        scene: &Scene,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Retrieval, RetrieveError> {
        self.encoder.check(scene).map_err(RetrieveError::Scene)?;
        let none_yet = || Array2::zeros((0, scene.window().cols()));
        let mut map = none_yet();
        let mut spread = self.config.spread_head.then(none_yet);
        let reduced_precision = self.blend_tiles(
            scene.window(),
            |tile| Sample::cut(scene, tile, &self.encoder).map_err(RetrieveError::Scene),
            progress,
            |band| {
                append(&mut map, &band.soil_moisture);
                if let (Some(spread), Some(rows)) = (&mut spread, &band.spread) {
                    append(spread, rows);
                }
                Ok(())
            },
        )?;
        Ok(Retrieval {
            spread,
            reduced_precision,
            ..Retrieval::new(self.method(), scene, map)?
        })
    }
}

fn append(map: &mut Array2<f32>, rows: &Array2<f32>) {
    map.append(Axis(0), rows.view())
        .expect("bands are as wide as the map");
}

#[cfg(test)]
mod tests;
