//! From fields in physical units to the numbers a network sees, and back into a model file.

use ndarray::{Array3, Axis, Zip};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{ChannelSet, ChannelSpec, ChannelStatistics, EncoderBuilder, Scene, SceneError, Tile};

/// Key under which a model file's metadata holds [`ChannelEncoder::to_json`].
pub const CHANNELS_METADATA_KEY: &str = "vadose.channels";

/// Channels with the statistics of their training cells: turns a tile of a scene into input.
///
/// A channel that no training scene had, or that was constant there, is *absent*: it is encoded as
/// 0 everywhere and asked of no scene, so that the network keeps its shape.
///
/// # Examples
/// ```
/// use ndarray::array;
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_scene::{ChannelEncoder, ChannelSet, ChannelSpec, Scene, Tile};
///
/// let window = Window::new(EaseGrid2::M01, 0, 0, 1, 3)?;
/// let scene = Scene::new("training", window).with_field("tb_v", "K", array![[240.0, 260.0, f32::NAN]])?;
/// let channels = ChannelSet::new(vec![
///     ChannelSpec::known("tb_v").unwrap(),
///     ChannelSpec::known("elevation").unwrap(),
/// ])?;
/// let encoder = ChannelEncoder::fit(channels, [&scene])?;
/// assert_eq!(encoder.statistics()[0].mean, 250.0);
/// assert_eq!(encoder.absent(), ["elevation"]);
///
/// let x = encoder.encode(&scene, &Tile { row0: 0, col0: 0, size: 3 })?;
/// assert_eq!(x.dim(), (2, 3, 3)); // [channel, row, col]
/// assert_eq!((x[[0, 0, 0]], x[[0, 0, 1]], x[[0, 0, 2]]), (-1.0, 1.0, 0.0)); // (v - 250) / 10
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredEncoder", into = "StoredEncoder")]
pub struct ChannelEncoder {
    channels: ChannelSet,
    statistics: Vec<ChannelStatistics>,
    absent: Vec<String>,
}

impl ChannelEncoder {
    /// Statistics over all cells of the training scenes that are not missing.
    ///
    /// # Errors
    /// [`SceneError::Empty`] without scenes; [`SceneError::UnitsMismatch`];
    /// [`SceneError::ChannelInSomeScenes`].
    pub fn fit<'a>(
        channels: ChannelSet,
        scenes: impl IntoIterator<Item = &'a Scene>,
    ) -> Result<Self, SceneError> {
        let mut builder = EncoderBuilder::new(channels);
        for scene in scenes {
            builder.add_scene(scene)?;
        }
        builder.finish()
    }

    /// Statistics over the cells of training tiles only; cells of overlapping tiles count each
    /// time.
    ///
    /// # Errors
    /// As [`ChannelEncoder::fit`].
    pub fn fit_tiles<'a>(
        channels: ChannelSet,
        tiles: impl IntoIterator<Item = (&'a Scene, Tile)>,
    ) -> Result<Self, SceneError> {
        let mut builder = EncoderBuilder::new(channels);
        for (scene, tile) in tiles {
            builder.add_tile(scene, &tile)?;
        }
        builder.finish()
    }

    /// From known statistics, one for each channel in order. Those without values or spread
    /// ([`ChannelStatistics::is_informative`]) make their channel absent.
    ///
    /// # Errors
    /// [`SceneError::StatisticsCount`]; [`SceneError::InvalidStatistics`].
    pub fn from_statistics(
        channels: ChannelSet,
        statistics: Vec<ChannelStatistics>,
    ) -> Result<Self, SceneError> {
        if channels.len() != statistics.len() {
            return Err(SceneError::StatisticsCount {
                expected: channels.len(),
                got: statistics.len(),
            });
        }
        let mut absent = Vec::new();
        for (channel, statistics) in channels.iter().zip(&statistics) {
            let ChannelStatistics { mean, std_dev, .. } = *statistics;
            if !(mean.is_finite() && std_dev.is_finite() && std_dev >= 0.0) {
                return Err(SceneError::InvalidStatistics {
                    channel: channel.name.clone(),
                    mean,
                    std_dev,
                });
            }
            if !statistics.is_informative() {
                absent.push(channel.name.clone());
            }
        }
        Ok(Self {
            channels,
            statistics,
            absent,
        })
    }

    /// The channels in order.
    pub fn channels(&self) -> &ChannelSet {
        &self.channels
    }

    /// Statistics, in the order of the channels.
    pub fn statistics(&self) -> &[ChannelStatistics] {
        &self.statistics
    }

    /// Names of the channels that are 0 everywhere, in the order of the channels.
    pub fn absent(&self) -> &[String] {
        &self.absent
    }

    /// Refuses a scene that this encoder cannot encode. Absent channels are asked of no scene.
    ///
    /// # Errors
    /// [`SceneError::MissingChannel`] for a channel without a field of its name;
    /// [`SceneError::UnitsMismatch`] for one in other units.
    pub fn check(&self, scene: &Scene) -> Result<(), SceneError> {
        for (channel, statistics) in self.channels.iter().zip(&self.statistics) {
            if !statistics.is_informative() {
                continue;
            }
            match scene.field_units(&channel.name) {
                Some(units) if units == channel.units => {}
                Some(units) => {
                    return Err(SceneError::UnitsMismatch {
                        scene: scene.id().to_owned(),
                        channel: channel.name.clone(),
                        expected: channel.units.clone(),
                        got: units.to_owned(),
                    });
                }
                None => {
                    return Err(SceneError::MissingChannel {
                        scene: scene.id().to_owned(),
                        channel: channel.name.clone(),
                        units: channel.units.clone(),
                        available: scene.field_names().map(str::to_owned).collect(),
                    });
                }
            }
        }
        Ok(())
    }

    /// Network input of one tile: `(transform(v) - mean) / std_dev`, channel by channel.
    ///
    /// # Shapes and units
    /// `[channel, row, col]` with `size` rows and columns; standard deviations of the training
    /// cells. Computed in f64, rounded once.
    /// # Missing values
    /// 0, which is the training mean; so are cells outside the scene's window and absent channels.
    /// The result has no NaN.
    /// # Errors
    /// Those of [`ChannelEncoder::check`].
    pub fn encode(&self, scene: &Scene, tile: &Tile) -> Result<Array3<f32>, SceneError> {
        self.check(scene)?;
        let mut out = Array3::zeros((self.channels.len(), tile.size, tile.size));
        let Some(meeting) = tile.meet(scene.window()) else {
            return Ok(out);
        };
        let specs: Vec<_> = self.channels.iter().zip(&self.statistics).collect();
        out.axis_iter_mut(Axis(0))
            .into_par_iter()
            .zip(specs)
            .filter(|(_, (_, statistics))| statistics.is_informative())
            .for_each(|(plane, (channel, statistics))| {
                let Some(field) = scene.field(&channel.name) else {
                    return; // the check above has refused such a scene
                };
                Zip::from(meeting.in_tile(plane))
                    .and(meeting.in_window(field))
                    .for_each(|out, &value| *out = z_score(channel, statistics, value));
            });
        Ok(out)
    }

    /// The encoder as JSON, for a model file's metadata under [`CHANNELS_METADATA_KEY`]. All digits
    /// are kept: reading it back gives the same bits.
    ///
    /// # Errors
    /// [`SceneError::EncoderJson`].
    pub fn to_json(&self) -> Result<String, SceneError> {
        serde_json::to_string(self).map_err(|source| SceneError::EncoderJson { source })
    }

    /// Reads what [`ChannelEncoder::to_json`] wrote.
    ///
    /// # Errors
    /// [`SceneError::EncoderJson`], also for unknown keys, repeated channels, impossible statistics
    /// and a list of absent channels that disagrees with the statistics.
    pub fn from_json(json: &str) -> Result<Self, SceneError> {
        serde_json::from_str(json).map_err(|source| SceneError::EncoderJson { source })
    }
}

fn z_score(channel: &ChannelSpec, statistics: &ChannelStatistics, value: f32) -> f32 {
    let transformed = channel.transform.apply(value);
    if transformed.is_nan() {
        return 0.0;
    }
    ((f64::from(transformed) - statistics.mean) / statistics.std_dev) as f32
}

/// The stored form; `absent` is spelled out for readers of the file, and checked on the way in.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredEncoder {
    channels: ChannelSet,
    statistics: Vec<ChannelStatistics>,
    absent: Vec<String>,
}

impl From<ChannelEncoder> for StoredEncoder {
    fn from(encoder: ChannelEncoder) -> Self {
        Self {
            channels: encoder.channels,
            statistics: encoder.statistics,
            absent: encoder.absent,
        }
    }
}

impl TryFrom<StoredEncoder> for ChannelEncoder {
    type Error = SceneError;

    fn try_from(stored: StoredEncoder) -> Result<Self, SceneError> {
        let encoder = Self::from_statistics(stored.channels, stored.statistics)?;
        if encoder.absent != stored.absent {
            return Err(SceneError::AbsentMismatch {
                expected: encoder.absent,
                got: stored.absent,
            });
        }
        Ok(encoder)
    }
}

#[cfg(test)]
mod tests;
