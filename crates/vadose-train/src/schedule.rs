//! The learning rate over time.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use crate::TrainError;

/// A factor on the base learning rate, by optimiser step.
///
/// ```
/// use vadose_train::Schedule;
///
/// let cosine = Schedule::Cosine { warmup_steps: 10, final_fraction: 0.1 };
/// assert!((cosine.factor(5, 100) - 0.5).abs() < 1e-12);   // half way through the warm-up
/// assert!((cosine.factor(100, 100) - 0.1).abs() < 1e-12); // the end
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Schedule {
    /// Always 1.
    Constant,
    /// Linear warm-up, then half a cosine down to `final_fraction` at the last planned step.
    Cosine {
        /// Steps of linear growth from 0 to 1.
        warmup_steps: u64,
        /// Factor at the last planned step, 0 to 1.
        final_fraction: f64,
    },
}

impl Default for Schedule {
    fn default() -> Self {
        Self::Cosine {
            warmup_steps: 10,
            final_fraction: 0.05,
        }
    }
}

impl Schedule {
    /// The factor at `step` (1-based) of `planned_steps`.
    #[must_use]
    pub fn factor(&self, step: u64, planned_steps: u64) -> f64 {
        match *self {
            Self::Constant => 1.0,
            Self::Cosine { warmup_steps, .. } if step < warmup_steps => {
                step as f64 / warmup_steps as f64
            }
            Self::Cosine {
                warmup_steps,
                final_fraction,
            } => {
                let span = planned_steps.saturating_sub(warmup_steps).max(1) as f64;
                let progress = ((step - warmup_steps) as f64 / span).min(1.0);
                final_fraction + (1.0 - final_fraction) * 0.5 * (1.0 + (PI * progress).cos())
            }
        }
    }

    /// Checks the ranges of the fields.
    ///
    /// # Errors
    /// [`TrainError::Config`] if `final_fraction` is not within 0 to 1.
    pub fn validate(&self) -> Result<(), TrainError> {
        match *self {
            Self::Cosine { final_fraction, .. } if !(0.0..=1.0).contains(&final_fraction) => {
                Err(TrainError::Config {
                    key: "train.schedule.final_fraction",
                    value: final_fraction.to_string(),
                    allowed: "between 0 and 1",
                })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_rises_to_one_and_falls_to_its_end() {
        let cosine = Schedule::Cosine {
            warmup_steps: 4,
            final_fraction: 0.2,
        };
        assert!(cosine.factor(1, 20) < cosine.factor(3, 20));
        approx::assert_abs_diff_eq!(cosine.factor(4, 20), 1.0);
        approx::assert_abs_diff_eq!(cosine.factor(12, 20), 0.6, epsilon = 1e-12);
        approx::assert_abs_diff_eq!(cosine.factor(20, 20), 0.2, epsilon = 1e-12);
        approx::assert_abs_diff_eq!(cosine.factor(99, 20), 0.2, epsilon = 1e-12);
    }

    #[test]
    fn warm_up_longer_than_the_run_stays_finite() {
        let cosine = Schedule::Cosine {
            warmup_steps: 50,
            final_fraction: 0.0,
        };
        assert!((1..=20).all(|step| cosine.factor(step, 20).is_finite()));
    }
}
