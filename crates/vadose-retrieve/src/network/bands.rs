//! A map in bands of finished rows: memory does not grow with its rows.

use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use ndarray::{Array2, Zip};
use vadose_grid::Window;
use vadose_nn::Precision;
use vadose_scene::{Sample, Scene, Tile, covering_tiles};

use super::{NetworkRetriever, TilingConfig};
use crate::{BlendWeights, Blender, ReducedPrecision, RetrieveError};

/// Threads that prepare tiles while the network works on another. Two, so that one reads while the other
/// decompresses and encodes; the network is slower than both.
const LOADERS: usize = 2;
/// Tiles that wait for the network, for each loader.
const WAITING: usize = 1;
/// How long a thread of rayon's pool waits for a tile before it looks for work of the pool.
const PATIENCE: Duration = Duration::from_millis(1);

/// Finished rows of a map, as wide as its window.
#[derive(Debug, Clone, PartialEq)]
pub struct MapBand {
    /// `[row, col]`, m3 m-3, NaN where nothing was retrieved.
    pub soil_moisture: Array2<f32>,
    /// The absolute error that a network with a spread head expects, of the same rows and with the same cells
    /// missing, m3 m-3, not calibrated; `None` from other networks.
    pub spread: Option<Array2<f32>>,
}

impl NetworkRetriever {
    /// Predicts a map of any size, and hands it on in bands of finished rows, from north to south.
    ///
    /// The tiles are those of [`Retriever::retrieve`](crate::Retriever::retrieve) on the whole window, each
    /// asked for and computed once, blended with the same weights in the same order: the rows are the same to
    /// the last bit. `scene_of` is asked for the part of `window` in each tile, by two threads, ahead of the
    /// network. `on_band` takes the bands, one after the other, as wide as `window`; their heights are those
    /// of the steps between tiles. `progress` is told how many tiles of how many are done.
    ///
    /// Memory: two rows of numbers for each row of one row of tiles (8 bytes a cell, twice that with a spread), and
    /// five tiles. It is flat in the rows of the map; a tile of 256 and 5,697 columns make 12 MB.
    ///
    /// # Missing values
    /// As [`Retriever::retrieve`](crate::Retriever::retrieve).
    /// # Errors
    /// The first error of `scene_of`, `on_band` or the network, which ends the work;
    /// [`RetrieveError::OtherWindow`] if a scene does not cover what it was asked for.
    /// # Examples
    /// ```no_run
    /// use vadose_grid::Window;
    /// use vadose_retrieve::{MapBand, NetworkRetriever, RetrieveError};
    /// use vadose_scene::Scene;
    ///
    /// fn dry_cells(
    ///     network: &NetworkRetriever,
    ///     read: impl Fn(&Window) -> Result<Scene, RetrieveError> + Sync,
    /// ) -> Result<usize, RetrieveError> {
    ///     let mut n_dry = 0;
    ///     network.retrieve_bands(&Window::conus_m01(), read, &mut |_, _| (), |band: MapBand| {
    ///         n_dry += band.soil_moisture.iter().filter(|&&moisture| moisture < 0.1).count();
    ///         Ok(())
    ///     })?;
    ///     Ok(n_dry)
    /// }
    /// ```
    pub fn retrieve_bands<E, S, B>(
        &self,
        window: &Window,
        scene_of: S,
        progress: &mut dyn FnMut(usize, usize),
        on_band: B,
    ) -> Result<Option<ReducedPrecision>, E>
    where
        E: From<RetrieveError> + Send,
        S: Fn(&Window) -> Result<Scene, E> + Sync,
        B: FnMut(MapBand) -> Result<(), E>,
    {
        let sample_of = |tile: Tile| {
            let asked = tile
                .part_of(window)
                .expect("tiles that cover a window meet it");
            let scene = scene_of(&asked)?;
            if *scene.window() != asked {
                return Err(E::from(RetrieveError::OtherWindow {
                    asked,
                    got: *scene.window(),
                    scene: scene.id().to_owned(),
                }));
            }
            Sample::cut(&scene, tile, &self.encoder).map_err(|e| RetrieveError::Scene(e).into())
        };
        self.blend_tiles(window, sample_of, progress, on_band)
    }

    /// Blends the estimates of all tiles over a window, in bands.
    pub(super) fn blend_tiles<E, S, B>(
        &self,
        window: &Window,
        sample_of: S,
        progress: &mut dyn FnMut(usize, usize),
        mut on_band: B,
    ) -> Result<Option<ReducedPrecision>, E>
    where
        E: From<RetrieveError> + Send,
        S: Fn(Tile) -> Result<Sample, E> + Sync,
        B: FnMut(MapBand) -> Result<(), E>,
    {
        let TilingConfig { tile_size, overlap } = self.tiling;
        let tiles = covering_tiles(window, tile_size, overlap).map_err(RetrieveError::Scene)?;
        let blender = || Blender::new(*window, BlendWeights::new(tile_size, overlap));
        let mut estimates = blender();
        let mut spreads = self.config.spread_head.then(blender);
        let mut fullest: Option<(usize, Tile, Sample)> = None;
        let (tiles, sample_of) = (&tiles, &sample_of);
        thread::scope(|scope| {
            let loaders: Vec<_> = (0..LOADERS)
                .map(|loader| {
                    let (hand_over, loaded) = sync_channel(WAITING);
                    scope.spawn(move || {
                        for &tile in tiles.iter().skip(loader).step_by(LOADERS) {
                            // Nobody takes it any more after an error.
                            if hand_over.send(sample_of(tile)).is_err() {
                                break;
                            }
                        }
                    });
                    loaded
                })
                .collect();
            for (done, tile) in tiles.iter().enumerate() {
                progress(done, tiles.len());
                let Some(sample) = next(&loaders[done % LOADERS]) else {
                    break; // The loader has panicked, and the scope passes that on.
                };
                let sample = sample?;
                let n_predictable = sample.predictable.iter().filter(|one| **one).count();
                if n_predictable > 0 {
                    let (estimate, spread) = self.predict_predictable(&sample)?;
                    estimates.add(tile, estimate.view());
                    if let (Some(spreads), Some(spread)) = (&mut spreads, spread) {
                        spreads.add(tile, spread.view());
                    }
                }
                if n_predictable > fullest.as_ref().map_or(0, |(most, ..)| *most) {
                    fullest = Some((n_predictable, *tile, sample));
                }
                let next_row0 = tiles.get(done + 1).map(|next| next.row0);
                if next_row0 != Some(tile.row0) {
                    let end = next_row0.map_or(window.rows(), |row0| {
                        (row0 as usize).saturating_sub(window.row0())
                    });
                    let band = MapBand {
                        soil_moisture: estimates.take_rows(end),
                        spread: spreads.as_mut().map(|spreads| spreads.take_rows(end)),
                    };
                    if !band.soil_moisture.is_empty() {
                        on_band(band)?;
                    }
                }
            }
            Ok::<(), E>(())
        })?;
        progress(tiles.len(), tiles.len());
        match (self.network.precision(), fullest) {
            (Precision::F32, _) | (_, None) => Ok(None),
            (_, Some((_, tile, sample))) => Ok(Some(self.compare(tile, &sample)?)),
        }
    }

    /// The network's estimate of a tile and its spread, NaN where none is wanted.
    fn predict_predictable(
        &self,
        sample: &Sample,
    ) -> Result<(Array2<f32>, Option<Array2<f32>>), RetrieveError> {
        let (mut estimate, mut spread) = self.predict(sample)?;
        for map in [Some(&mut estimate), spread.as_mut()].into_iter().flatten() {
            Zip::from(map)
                .and(&sample.predictable)
                .for_each(|value, &predictable| {
                    if !predictable {
                        *value = f32::NAN;
                    }
                });
        }
        Ok((estimate, spread))
    }
}

/// The next of a loader; `None` where it has gone.
///
/// Loaders hand work to rayon's pool. Were all of its threads to wait for loaders, as when several maps are made
/// in parallel, nobody would do it; so a thread of the pool works while it waits.
fn next<T>(loader: &Receiver<T>) -> Option<T> {
    if rayon::current_thread_index().is_none() {
        return loader.recv().ok();
    }
    loop {
        match loader.recv_timeout(PATIENCE) {
            Ok(next) => return Some(next),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => {
                rayon::yield_now();
            }
        }
    }
}

#[cfg(test)]
mod tests;
