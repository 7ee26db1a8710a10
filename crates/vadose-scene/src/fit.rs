//! Statistics of all channels, collected scene by scene or tile by tile.

use ndarray::ArrayView2;
use rayon::prelude::*;

use crate::{ChannelEncoder, ChannelSet, Scene, SceneError, StatisticsBuilder, Tile};

/// Collects the statistics of a channel set over training scenes, one at a time.
///
/// For sources too large for memory, and for several processes: each collects its share, and the
/// shares are merged in a fixed order. [`ChannelEncoder::fit`] does it for scenes in memory.
/// Channels are worked on in parallel, cells of a channel in row-major order, so the result does
/// not depend on the number of threads.
#[derive(Clone, Debug)]
pub struct EncoderBuilder {
    channels: ChannelSet,
    builders: Vec<StatisticsBuilder>,
    /// For each channel, the first scene without it.
    lacking: Vec<Option<String>>,
    n_added: usize,
}

impl EncoderBuilder {
    /// Starts with no data.
    pub fn new(channels: ChannelSet) -> Self {
        let n = channels.len();
        Self {
            channels,
            builders: vec![StatisticsBuilder::default(); n],
            lacking: vec![None; n],
            n_added: 0,
        }
    }

    /// Adds all cells of a scene.
    ///
    /// # Errors
    /// [`SceneError::UnitsMismatch`] where a field is not in its channel's units.
    pub fn add_scene(&mut self, scene: &Scene) -> Result<(), SceneError> {
        self.add(scene, Some)
    }

    /// Adds the cells of a scene that lie in a tile. Cells of overlapping tiles count each time.
    ///
    /// # Errors
    /// As [`EncoderBuilder::add_scene`].
    pub fn add_tile(&mut self, scene: &Scene, tile: &Tile) -> Result<(), SceneError> {
        let meeting = tile.meet(scene.window());
        self.add(scene, |field| {
            meeting.as_ref().map(|meeting| meeting.in_window(field))
        })
    }

    fn add<'a>(
        &mut self,
        scene: &'a Scene,
        part: impl Fn(ArrayView2<'a, f32>) -> Option<ArrayView2<'a, f32>> + Sync,
    ) -> Result<(), SceneError> {
        for (channel, lacking) in self.channels.iter().zip(&mut self.lacking) {
            match scene.field_units(&channel.name) {
                Some(units) if units != channel.units => {
                    return Err(SceneError::UnitsMismatch {
                        scene: scene.id().to_owned(),
                        channel: channel.name.clone(),
                        expected: channel.units.clone(),
                        got: units.to_owned(),
                    });
                }
                Some(_) => {}
                None => {
                    lacking.get_or_insert_with(|| scene.id().to_owned());
                }
            }
        }
        let channels: Vec<_> = self.channels.iter().collect();
        channels
            .into_par_iter()
            .zip(&mut self.builders)
            .for_each(|(channel, builder)| {
                if let Some(values) = scene.field(&channel.name).and_then(&part) {
                    builder.extend(values.iter().map(|&value| channel.transform.apply(value)));
                }
            });
        self.n_added += 1;
        Ok(())
    }

    /// Adds all that another builder has collected.
    ///
    /// # Errors
    /// [`SceneError::ChannelSetMismatch`] unless both are for the same channels.
    pub fn merge(&mut self, other: &EncoderBuilder) -> Result<(), SceneError> {
        if self.channels != other.channels {
            return Err(SceneError::ChannelSetMismatch {
                expected: self.channels.names().map(str::to_owned).collect(),
                got: other.channels.names().map(str::to_owned).collect(),
            });
        }
        for (builder, more) in self.builders.iter_mut().zip(&other.builders) {
            builder.merge(more);
        }
        for (lacking, more) in self.lacking.iter_mut().zip(&other.lacking) {
            if lacking.is_none() {
                lacking.clone_from(more);
            }
        }
        self.n_added += other.n_added;
        Ok(())
    }

    /// The encoder. Channels without values, or with one and the same value everywhere, are absent.
    ///
    /// # Errors
    /// [`SceneError::Empty`] if nothing was added; [`SceneError::ChannelInSomeScenes`], because a
    /// scene that lacks a channel could not be encoded.
    pub fn finish(self) -> Result<ChannelEncoder, SceneError> {
        if self.n_added == 0 {
            return Err(SceneError::Empty {
                what: "fitting channel statistics",
                of: "scene",
            });
        }
        let statistics: Vec<_> = self
            .builders
            .iter()
            .map(StatisticsBuilder::finish)
            .collect();
        for ((channel, statistics), lacking) in
            self.channels.iter().zip(&statistics).zip(self.lacking)
        {
            if let Some(scene) = lacking.filter(|_| statistics.is_informative()) {
                return Err(SceneError::ChannelInSomeScenes {
                    scene,
                    channel: channel.name.clone(),
                });
            }
        }
        ChannelEncoder::from_statistics(self.channels, statistics)
    }
}
