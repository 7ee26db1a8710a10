//! The state of a run on disk: written atomically, resumed exactly.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::Path;

use candle_core::{Device, Tensor};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use crate::{EpochRecord, TrainError};

/// Key of the metadata entry that holds the state besides tensors.
const STATE_KEY: &str = "vadose.checkpoint";

/// Everything a run needs to go on as if it had not stopped.
///
/// The order of tiles and their orientations follow from the seed and the epoch
/// ([`TileSampler`](crate::TileSampler)), so no generator state is stored.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// The part that is not tensors.
    pub state: CheckpointState,
    /// Current weights by name.
    pub weights: BTreeMap<String, Tensor>,
    /// Weights of the best epoch so far, by name; empty if there is none.
    pub best_weights: BTreeMap<String, Tensor>,
    /// State of the optimiser.
    pub optimizer: BTreeMap<String, Tensor>,
}

/// Counters and history of a [`Checkpoint`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckpointState {
    /// Identifies configuration, network, channels and data of the run.
    pub fingerprint: String,
    /// Epochs done.
    pub epoch: usize,
    /// Optimiser steps done.
    pub step: u64,
    /// Best epoch so far and its validation RMSE in m3 m-3.
    pub best: Option<(usize, f64)>,
    /// All epochs so far.
    pub history: Vec<EpochRecord>,
}

impl Checkpoint {
    /// Writes the checkpoint to a temporary file beside `path`, then renames it.
    ///
    /// # Errors
    /// [`TrainError::CheckpointFile`]; an older file at `path` is then untouched.
    pub fn save(&self, path: &Path) -> Result<(), TrainError> {
        let fail = |reason: String| TrainError::CheckpointFile {
            path: path.to_owned(),
            reason,
        };
        let state = serde_json::to_string(&self.state).map_err(|e| fail(e.to_string()))?;
        let groups = [
            ("weight", &self.weights),
            ("best", &self.best_weights),
            ("optimizer", &self.optimizer),
        ];
        let tensors: BTreeMap<String, &Tensor> = groups
            .iter()
            .flat_map(|(group, tensors)| {
                tensors
                    .iter()
                    .map(move |(name, t)| (format!("{group}.{name}"), t))
            })
            .collect();
        let metadata = HashMap::from([(STATE_KEY.to_owned(), state)]);
        let bytes =
            safetensors::serialize(tensors, Some(metadata)).map_err(|e| fail(e.to_string()))?;
        let folder = path
            .parent()
            .filter(|p| !p.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(&bytes)?;
            file.as_file().sync_all()?;
            file.persist(path)?;
            Ok(())
        };
        write().map_err(|e| fail(format!("cannot be written: {e}")))
    }

    /// Reads a checkpoint; `None` if there is no file at `path`.
    ///
    /// # Errors
    /// [`TrainError::CheckpointFile`] if the file is damaged or is no checkpoint;
    /// [`TrainError::ForeignCheckpoint`] if it was written by another run.
    pub fn load(path: &Path, fingerprint: &str) -> Result<Option<Self>, TrainError> {
        let fail = |reason: String| TrainError::CheckpointFile {
            path: path.to_owned(),
            reason,
        };
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(fail(format!("cannot be read: {e}"))),
        };
        let (_, header) =
            SafeTensors::read_metadata(&bytes).map_err(|e| fail(format!("is damaged: {e}")))?;
        let state = header.metadata().as_ref().and_then(|m| m.get(STATE_KEY));
        let state = state.ok_or_else(|| {
            fail("is no checkpoint: its metadata lack the run's state".to_owned())
        })?;
        let state: CheckpointState =
            serde_json::from_str(state).map_err(|e| fail(format!("is damaged: {e}")))?;
        if state.fingerprint != fingerprint {
            return Err(TrainError::ForeignCheckpoint {
                path: path.to_owned(),
                found: state.fingerprint,
                expected: fingerprint.to_owned(),
            });
        }
        let tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)
            .map_err(|e| fail(e.to_string()))?;
        let group = |prefix: &str| -> BTreeMap<String, Tensor> {
            tensors
                .iter()
                .filter_map(|(key, t)| Some((key.strip_prefix(prefix)?.to_owned(), t.clone())))
                .collect()
        };
        let (weights, best_weights, optimizer) =
            (group("weight."), group("best."), group("optimizer."));
        Ok(Some(Self {
            state,
            weights,
            best_weights,
            optimizer,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        let tensor = Tensor::new(&[1.5f32, -2.0], &Device::Cpu).unwrap();
        let named = |name: &str| BTreeMap::from([(name.to_owned(), tensor.clone())]);
        Checkpoint {
            state: CheckpointState {
                fingerprint: "abc".to_owned(),
                epoch: 3,
                step: 6,
                best: Some((2, 0.031)),
                history: Vec::new(),
            },
            weights: named("w"),
            best_weights: named("w"),
            optimizer: named("mean.w"),
        }
    }

    #[test]
    fn a_checkpoint_round_trips() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.safetensors");
        assert!(Checkpoint::load(&path, "abc").unwrap().is_none());
        checkpoint().save(&path).unwrap();
        let read = Checkpoint::load(&path, "abc").unwrap().unwrap();
        assert_eq!(read.state, checkpoint().state);
        assert_eq!(read.weights["w"].to_vec1::<f32>().unwrap(), [1.5, -2.0]);
        assert_eq!(
            read.optimizer["mean.w"].to_vec1::<f32>().unwrap(),
            [1.5, -2.0]
        );
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "a temporary file was left"
        );
    }

    #[test]
    fn foreign_and_damaged_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.safetensors");
        checkpoint().save(&path).unwrap();
        assert!(matches!(
            Checkpoint::load(&path, "xyz"),
            Err(TrainError::ForeignCheckpoint { .. })
        ));
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        let message = Checkpoint::load(&path, "abc").unwrap_err().to_string();
        assert!(message.contains("checkpoint.safetensors"), "{message}");
    }
}
