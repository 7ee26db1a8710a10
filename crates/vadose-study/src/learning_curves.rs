//! The learning curve of a training run as a figure.

use vadose_train::{EpochRecord, SkillRecord};
use vadose_viz::{LearningCurves, SkillHistory};

/// Error against epoch at training and validation stations; epochs without evaluation are left out.
#[must_use]
pub fn learning_curves(history: &[EpochRecord]) -> LearningCurves {
    LearningCurves {
        training: curve(history, |epoch| epoch.train),
        validation: curve(history, |epoch| epoch.validation),
        ..LearningCurves::default()
    }
}

fn curve(history: &[EpochRecord], of: fn(&EpochRecord) -> Option<SkillRecord>) -> SkillHistory {
    let points: Vec<_> = history
        .iter()
        .filter_map(|epoch| Some((epoch.epoch as f64, of(epoch)?)))
        .collect();
    SkillHistory {
        epochs: points.iter().map(|(epoch, _)| *epoch).collect(),
        rmse: points.iter().map(|(_, skill)| skill.rmse).collect(),
        ubrmse: points.iter().map(|(_, skill)| skill.ubrmse).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vadose_train::LossRecord;

    #[test]
    fn epochs_without_evaluation_are_left_out() {
        let skill = SkillRecord {
            n: 5,
            rmse: 0.05,
            ubrmse: 0.04,
            bias: 0.03,
        };
        let epoch = |epoch, train| EpochRecord {
            epoch,
            step: epoch as u64,
            loss: LossRecord::default(),
            train,
            validation: None,
        };
        let figure = learning_curves(&[epoch(1, None), epoch(2, Some(skill))]);
        assert_eq!(
            (figure.training.epochs, figure.training.ubrmse),
            (vec![2.0], vec![0.04])
        );
        assert!(figure.validation.epochs.is_empty());
    }
}
