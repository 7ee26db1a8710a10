//! The tiles that training visits, each with its operators.

use std::sync::Arc;

use ndarray::{Array2, Array3};
use sha2::{Digest, Sha256};
use vadose_grid::Cell;
use vadose_ops::{CoarseConfig, CoarseMode, CoarseOperator, StationPoint, StationSampling};
use vadose_scene::{
    COARSE_FACTOR, ChannelEncoder, ChannelSet, EncoderBuilder, Sample, SampleStation, Scene,
    SceneSource, Split, StationCell, StationSplit, Tile, covering_tiles,
};

use crate::{LossConfig, TrainError};

/// One tile of one scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TileRef {
    /// Position of the scene in its source.
    pub scene: usize,
    /// Where the tile lies.
    pub tile: Tile,
}

/// All training tiles of a source, cut one at a time, so that memory does not grow with their number.
pub struct TrainingTiles<'a> {
    source: &'a dyn SceneSource,
    split: &'a StationSplit,
    encoder: ChannelEncoder,
    coarse: CoarseConfig,
    tiles: Vec<TileRef>,
    evaluated: Vec<TileRef>,
    n_validation: usize,
    data_digest: [u8; 32],
}

impl<'a> TrainingTiles<'a> {
    /// Covers every scene with tiles, keeps for training those that a term of the loss with a weight
    /// above 0 reaches (a training station that can be predicted, or a valid cell of the coarse
    /// target), and computes the channel statistics on them. Those with a training or validation
    /// station that can be predicted are kept for evaluation, whether trained on or not.
    ///
    /// # Errors
    /// [`TrainError::NothingToTrainOn`] if no tile is left; errors of scenes and statistics.
    pub fn plan(
        source: &'a dyn SceneSource,
        split: &'a StationSplit,
        channels: ChannelSet,
        tile_size: usize,
        tile_overlap: usize,
        loss: &LossConfig,
    ) -> Result<Self, TrainError> {
        // The loss counts each coarse cell once, so the operator is always the nested one.
        let coarse = CoarseConfig {
            mode: CoarseMode::Nested9km,
            ..loss.coarse
        };
        let (mut tiles, mut evaluated) = (Vec::new(), Vec::new());
        let (mut n_tiles, mut n_validation) = (0, 0);
        let mut digest = Sha256::new();
        for index in 0..source.len() {
            let scene = scene(source, index)?;
            add_to_digest(&mut digest, &scene);
            n_validation += predictable(&scene, split, Split::Validation).count();
            let covering = covering_tiles(scene.window(), tile_size, tile_overlap)
                .map_err(|source| TrainError::Scene { index, source })?;
            for tile in covering {
                n_tiles += 1;
                let holds = |wanted| {
                    predictable(&scene, split, wanted).any(|station| tile.contains(station.cell))
                };
                let trains = holds(Split::Train);
                if (trains && loss.station_weight > 0.0)
                    || (loss.alpha > 0.0 && holds_target(&scene, &tile))
                {
                    tiles.push(TileRef { scene: index, tile });
                }
                if trains || holds(Split::Validation) {
                    evaluated.push(TileRef { scene: index, tile });
                }
            }
        }
        if tiles.is_empty() {
            return Err(TrainError::NothingToTrainOn {
                scenes: source.len(),
                tiles: n_tiles,
            });
        }
        let encoder = fit_statistics(source, channels, &tiles)?;
        Ok(Self {
            source,
            split,
            encoder,
            coarse,
            tiles,
            evaluated,
            n_validation,
            data_digest: digest.finalize().into(),
        })
    }

    /// Validation station cells that can be predicted.
    #[must_use]
    pub fn n_validation(&self) -> usize {
        self.n_validation
    }

    /// SHA-256 of everything in the scenes that training reads: fields, masks, stations, coarse targets.
    #[must_use]
    pub fn data_digest(&self) -> [u8; 32] {
        self.data_digest
    }

    /// The tiles to train on, in the order of scenes, then row by row.
    #[must_use]
    pub fn tiles(&self) -> &[TileRef] {
        &self.tiles
    }

    /// The tiles to evaluate on, in the same order.
    #[must_use]
    pub fn evaluated(&self) -> &[TileRef] {
        &self.evaluated
    }

    /// The channels with their statistics on the training tiles.
    #[must_use]
    pub fn encoder(&self) -> &ChannelEncoder {
        &self.encoder
    }

    /// Cuts one tile and builds its operators.
    ///
    /// # Errors
    /// Those of the scene source, of cutting and of the operators.
    pub fn prepare(&self, tile: TileRef) -> Result<PreparedTile, TrainError> {
        let TileRef { scene: index, tile } = tile;
        let scene = scene(self.source, index)?;
        let sample = Sample::cut(&scene, tile, &self.encoder)
            .map_err(|source| TrainError::Scene { index, source })?;
        PreparedTile::new(index, sample, self.split, &self.coarse)
    }
}

fn scene(source: &dyn SceneSource, index: usize) -> Result<Arc<Scene>, TrainError> {
    source
        .scene(index)
        .map_err(|source| TrainError::Scene { index, source })
}

/// Whether a tile holds a valid cell of the scene's coarse target.
fn holds_target(scene: &Scene, tile: &Tile) -> bool {
    let Some(target) = scene.coarse_target() else {
        return false;
    };
    target.values.indexed_iter().any(|((row, col), value)| {
        let first_cell = Cell {
            row: (target.window.row0() + row) * COARSE_FACTOR,
            col: (target.window.col0() + col) * COARSE_FACTOR,
        };
        value.is_finite() && tile.contains(first_cell)
    })
}

/// Station cells of a split that can be predicted.
fn predictable<'s>(
    scene: &'s Scene,
    split: &'s StationSplit,
    wanted: Split,
) -> impl Iterator<Item = &'s StationCell> {
    scene.stations().iter().filter(move |station| {
        split.of_all(&station.stations) == Some(wanted)
            && scene
                .window()
                .offset_of(station.cell)
                .is_some_and(|at| scene.predictable()[at])
    })
}

/// Adds a scene's content to a digest, so that a checkpoint of other data is told from this one's.
fn add_to_digest(digest: &mut Sha256, scene: &Scene) {
    digest.update(format!("{} {:?}", scene.id(), scene.window()));
    for name in scene.field_names() {
        digest.update(name);
        if let Some(values) = scene.field(name) {
            let bytes: Vec<[u8; 4]> = values.iter().map(|value| value.to_le_bytes()).collect();
            digest.update(bytes.as_flattened());
        }
    }
    for mask in [scene.land(), scene.predictable()] {
        digest.update(mask.iter().map(|cell| u8::from(*cell)).collect::<Vec<_>>());
    }
    for station in scene.stations() {
        digest.update(format!("{:?} {:?}", station.cell, station.stations));
        digest.update(station.value_m3m3.to_bits().to_le_bytes());
        digest.update(station.weight.to_bits().to_le_bytes());
    }
    for value in scene
        .coarse_target()
        .into_iter()
        .flat_map(|target| &target.values)
    {
        digest.update(value.to_bits().to_le_bytes());
    }
}

/// Channel statistics over the training tiles: one pass, scene by scene.
fn fit_statistics(
    source: &dyn SceneSource,
    channels: ChannelSet,
    tiles: &[TileRef],
) -> Result<ChannelEncoder, TrainError> {
    let mut builder = EncoderBuilder::new(channels);
    for of_scene in tiles.chunk_by(|a, b| a.scene == b.scene) {
        let scene = scene(source, of_scene[0].scene)?;
        for TileRef { tile, .. } in of_scene {
            builder
                .add_tile(&scene, tile)
                .map_err(TrainError::Statistics)?;
        }
    }
    builder.finish().map_err(TrainError::Statistics)
}

/// One tile, ready for the loss: inputs, training stations, coarse target with its operator.
pub struct PreparedTile {
    scene: usize,
    sample: Sample,
    stations: StationSampling,
    coarse: Option<CoarseTerm>,
    held: Vec<HeldStation>,
}

/// A station cell of any split, for evaluation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct HeldStation {
    pub(crate) split: Split,
    /// Cell in the tile.
    pub(crate) at: (usize, usize),
    /// Cell in the grid.
    pub(crate) cell: (i64, i64),
    pub(crate) value: f32,
}

impl PreparedTile {
    /// Sorts the sample's stations by split and builds the operators.
    ///
    /// Stations of cells that cannot be predicted (no brightness temperature or no static inputs)
    /// take no part, in training as in evaluation.
    ///
    /// # Errors
    /// [`TrainError::Operator`].
    pub fn new(
        scene: usize,
        sample: Sample,
        split: &StationSplit,
        coarse: &CoarseConfig,
    ) -> Result<Self, TrainError> {
        let operator_error = |source| TrainError::Operator {
            index: scene,
            source,
        };
        let (row0, col0) = (sample.tile.row0, sample.tile.col0);
        let held: Vec<HeldStation> = sample
            .stations
            .iter()
            .filter(|station| sample.predictable[[station.row, station.col]])
            .filter_map(|station| {
                Some(HeldStation {
                    split: split.of_all(&station.stations)?,
                    at: (station.row, station.col),
                    cell: (row0 + station.row as i64, col0 + station.col as i64),
                    value: station.value,
                })
            })
            .collect();
        let points = sample
            .stations
            .iter()
            .filter(|station| sample.predictable[[station.row, station.col]])
            .filter(|station| split.of_all(&station.stations) == Some(Split::Train))
            .map(point)
            .collect();
        let stations = StationSampling::new(sample.mask.dim(), points).map_err(operator_error)?;
        let coarse = match &sample.coarse_target {
            Some(target) => {
                let operator =
                    CoarseOperator::new(sample.mask.view(), coarse).map_err(operator_error)?;
                Some(CoarseTerm::new(operator, target)).filter(|term| term.n_valid > 0)
            }
            None => None,
        };
        Ok(Self {
            scene,
            sample,
            stations,
            coarse,
            held,
        })
    }

    /// Position of the scene in its source.
    #[must_use]
    pub fn scene(&self) -> usize {
        self.scene
    }

    /// Inputs, masks and targets.
    #[must_use]
    pub fn sample(&self) -> &Sample {
        &self.sample
    }

    /// `P_Ω` of the training stations.
    #[must_use]
    pub fn stations(&self) -> &StationSampling {
        &self.stations
    }

    /// `D` and `Z`, where the tile has any valid coarse target.
    #[must_use]
    pub fn coarse(&self) -> Option<&CoarseTerm> {
        self.coarse.as_ref()
    }

    /// The inputs `[channel, row, col]`, to change.
    pub(crate) fn inputs_mut(&mut self) -> &mut Array3<f32> {
        &mut self.sample.x
    }

    pub(crate) fn held(&self) -> &[HeldStation] {
        &self.held
    }
}

fn point(station: &SampleStation) -> StationPoint {
    StationPoint {
        row: station.row,
        col: station.col,
        value: station.value,
        weight: station.weight,
    }
}

/// The coarse operator of a tile with its target, missing cells weighted 0.
pub struct CoarseTerm {
    operator: CoarseOperator,
    target: Vec<f32>,
    weight: Vec<f32>,
    n_valid: usize,
}

impl CoarseTerm {
    fn new(operator: CoarseOperator, target: &Array2<f32>) -> Self {
        let counts = |(valid, value): (&bool, &f32)| *valid && value.is_finite();
        let pairs = || operator.valid().iter().zip(target.iter());
        let weight: Vec<f32> = pairs()
            .map(|pair| f32::from(u8::from(counts(pair))))
            .collect();
        let target = pairs()
            .map(|pair| if counts(pair) { *pair.1 } else { 0.0 })
            .collect();
        let n_valid = weight.iter().filter(|w| **w > 0.0).count();
        Self {
            operator,
            target,
            weight,
            n_valid,
        }
    }

    /// `D`.
    #[must_use]
    pub fn operator(&self) -> &CoarseOperator {
        &self.operator
    }

    /// `Z`, row by row, 0 where missing.
    #[must_use]
    pub fn target(&self) -> Vec<f32> {
        self.target.clone()
    }

    /// 1 where both `D` and `Z` are valid, else 0.
    #[must_use]
    pub fn weight(&self) -> Vec<f32> {
        self.weight.clone()
    }

    /// Coarse cells that count.
    #[must_use]
    pub fn n_valid(&self) -> usize {
        self.n_valid
    }
}
