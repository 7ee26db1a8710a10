//! What `vadose train` wrote beside a model.

use std::path::Path;

use serde::Deserialize;
use vadose_io::Provenance;
use vadose_scene::{LeakCounts, SplitCounts};
use vadose_train::StopReason;
use vadose_viz::SkillHistory;

use super::run::Gaps;
use super::settings::{Settings, toml_settings};
use crate::StudyError;
use crate::files::{read_error, read_json, read_text};

/// One trained network.
pub(super) struct TrainedModel {
    /// Its name in figures and tables.
    pub(super) label: String,
    pub(super) record: Option<TrainingRecord>,
    pub(super) history: Option<History>,
    pub(super) settings: Option<Settings>,
}

/// `run.json`, as far as a report needs it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct TrainingRecord {
    pub(super) days: Option<usize>,
    pub(super) tiles: Option<usize>,
    pub(super) steps: Option<u64>,
    pub(super) best_epoch: Option<usize>,
    pub(super) stop_reason: Option<StopReason>,
    pub(super) absent_channels: Vec<String>,
    pub(super) split: Option<SplitCounts>,
    pub(super) leaks: Option<LeakCounts>,
    pub(super) provenance: Option<Provenance>,
    /// Wall-clock time of the training.
    pub(super) seconds: Option<f64>,
}

/// `history.csv`: errors of all stations pooled, m3 m-3.
pub(super) struct History {
    pub(super) training: SkillHistory,
    pub(super) validation: SkillHistory,
}

/// A line of `history.csv`; nothing where an epoch was not evaluated.
#[derive(Deserialize)]
struct Epoch {
    epoch: f64,
    train_rmse: Option<f64>,
    train_ubrmse: Option<f64>,
    validation_rmse: Option<f64>,
    validation_ubrmse: Option<f64>,
}

impl TrainedModel {
    /// Reads what lies beside a model file; notes what is missing.
    pub(super) fn read(label: String, model: &Path, gaps: &mut Gaps) -> Self {
        let folder = model.parent().unwrap_or(Path::new(""));
        Self {
            record: gaps.read(
                &folder.join("run.json"),
                &format!("how {label} was trained"),
                read_json,
            ),
            history: gaps.read(
                &folder.join("history.csv"),
                &format!("the learning curve of {label}"),
                History::read,
            ),
            settings: gaps.read(
                &folder.join("config.toml"),
                &format!("the configuration of {label}"),
                |path| toml_settings(&read_text(path)?).map_err(|error| read_error(path, error)),
            ),
            label,
        }
    }
}

impl History {
    fn read(path: &Path) -> Result<Self, StudyError> {
        let mut reader = csv::Reader::from_path(path).map_err(|error| read_error(path, error))?;
        let mut history = Self {
            training: SkillHistory::default(),
            validation: SkillHistory::default(),
        };
        for epoch in reader.deserialize() {
            let epoch: Epoch = epoch.map_err(|error| read_error(path, error))?;
            let errors = [
                (&mut history.training, epoch.train_rmse, epoch.train_ubrmse),
                (
                    &mut history.validation,
                    epoch.validation_rmse,
                    epoch.validation_ubrmse,
                ),
            ];
            for (of, rmse, ubrmse) in errors {
                if let (Some(rmse), Some(ubrmse)) = (rmse, ubrmse) {
                    of.epochs.push(epoch.epoch);
                    of.rmse.push(rmse);
                    of.ubrmse.push(ubrmse);
                }
            }
        }
        Ok(history)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_without_evaluation_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.csv");
        let text = "epoch,step,loss,train_rmse,train_ubrmse,validation_rmse,validation_ubrmse\n\
                    1,8,0.5,0.06,0.05,,\n2,16,0.4,,,0.07,0.04\n";
        std::fs::write(&path, text).unwrap();
        let history = History::read(&path).unwrap();
        assert_eq!(
            (history.training.epochs, history.training.rmse),
            (vec![1.0], vec![0.06])
        );
        assert_eq!(
            (history.validation.epochs, history.validation.ubrmse),
            (vec![2.0], vec![0.04])
        );
    }

    #[test]
    fn a_damaged_history_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("history.csv"),
            "epoch,train_rmse\none,2\n",
        )
        .unwrap();
        let mut gaps = Gaps::default();
        let model = TrainedModel::read(
            "network".to_owned(),
            &folder.path().join("model.safetensors"),
            &mut gaps,
        );
        assert!(model.history.is_none());
        assert_eq!((gaps.absent.len(), gaps.unusable.len()), (2, 1));
        assert!(gaps.unusable[0].contains("history.csv") && gaps.unusable[0].contains("line: 2"));
    }
}
