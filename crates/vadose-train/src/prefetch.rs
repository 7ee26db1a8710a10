//! Tiles prepared while the network is at work on the ones before them.

use std::sync::mpsc::sync_channel;
use std::thread;

use crate::{Orientation, PreparedTile, TrainError, TrainingTiles};

/// Batches that wait for the network: one is enough, since both sides take about equally long at worst.
const WAITING_BATCHES: usize = 1;

/// A batch, ready for a step.
pub(crate) struct PreparedBatch {
    pub(crate) tiles: Vec<PreparedTile>,
    pub(crate) orientations: Vec<Orientation>,
}

/// Prepares the batches in a thread of their own and hands them to `use_batch` one by one, in order. So reading
/// and decompressing a cube's tiles costs no time as long as it takes less than a step; the order, and hence
/// every result, is that of the batches. Ends with the first error of either side.
pub(crate) fn for_each_batch(
    tiles: &TrainingTiles<'_>,
    batches: &[&[(usize, Orientation)]],
    mut use_batch: impl FnMut(PreparedBatch) -> Result<(), TrainError>,
) -> Result<(), TrainError> {
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(WAITING_BATCHES);
        scope.spawn(move || {
            for batch in batches {
                // A receiver that is gone has met an error of its own.
                if sender.send(prepare(tiles, batch)).is_err() {
                    return;
                }
            }
        });
        receiver.iter().try_for_each(|batch| use_batch(batch?))
    })
}

fn prepare(
    tiles: &TrainingTiles<'_>,
    batch: &[(usize, Orientation)],
) -> Result<PreparedBatch, TrainError> {
    let prepared = batch
        .iter()
        .map(|(tile, _)| tiles.prepare(tiles.tiles()[*tile]));
    Ok(PreparedBatch {
        tiles: prepared.collect::<Result<_, _>>()?,
        orientations: batch.iter().map(|(_, orientation)| *orientation).collect(),
    })
}
