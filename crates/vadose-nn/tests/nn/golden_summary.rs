//! Summaries of tensors in golden files: sum, norm and a few values.

use serde::Deserialize;

/// What a generator keeps of a tensor that is too large to store.
#[derive(Deserialize)]
pub(crate) struct Summary {
    sum: f64,
    norm: f64,
    /// Distance of the values that are stored.
    step: usize,
    values: Vec<f64>,
}

impl Summary {
    /// Fails unless `got` is the tensor within `max_error`, relative to its norm.
    pub(crate) fn assert_close(&self, got: &[f64], max_error: f64, what: &str) {
        let norm = got.iter().map(|value| value * value).sum::<f64>().sqrt();
        assert!(
            (norm - self.norm).abs() <= max_error * self.norm,
            "{what}: norm {norm}"
        );
        // A sum of n values may lose sqrt(n) times more than their norm.
        let bound = max_error * self.norm * (got.len() as f64).sqrt();
        assert!(
            (got.iter().sum::<f64>() - self.sum).abs() <= bound,
            "{what}: sum"
        );
        let picked: Vec<f64> = got.iter().copied().step_by(self.step).collect();
        assert_eq!(picked.len(), self.values.len(), "{what}");
        for (got, want) in picked.iter().zip(&self.values) {
            assert!(
                (got - want).abs() <= max_error * self.norm,
                "{what}: {got}, not {want}"
            );
        }
    }
}
