//! Quadratic ridge regression, cell by cell: what a method without any spatial context reaches.

use nalgebra::{DMatrix, DVector};
use ndarray::{ArrayView1, ArrayView2};

use crate::StudyError;

/// Linear least squares on the channels, their squares and their products, with an L2 penalty.
///
/// Features are centred and scaled to unit deviation over the training rows; the intercept carries no
/// penalty. Solved by Cholesky decomposition of the normal equations. A channel beyond its range in the
/// training rows is set to the end of that range, since a quadratic says nothing sensible out there.
#[derive(Debug, Clone, PartialEq)]
pub struct QuadraticRidge {
    range: Vec<(f64, f64)>,
    mean: DVector<f64>,
    scale: DVector<f64>,
    weights: DVector<f64>,
    intercept: f64,
    penalty: f64,
}

impl QuadraticRidge {
    /// Fits `[sample, channel]` to `[sample]` for each penalty, and keeps the one with the lowest RMSE on
    /// the validation samples.
    ///
    /// # Errors
    /// [`StudyError::Ridge`] if there are fewer than two training samples, or no validation sample, or no
    /// penalty gives a solvable system.
    pub fn fit(
        train: (ArrayView2<'_, f64>, ArrayView1<'_, f64>),
        validation: (ArrayView2<'_, f64>, ArrayView1<'_, f64>),
        penalties: &[f64],
    ) -> Result<Self, StudyError> {
        if train.0.nrows() < 2 || validation.0.nrows() == 0 {
            return Err(StudyError::Ridge {
                train: train.0.nrows(),
                validation: validation.0.nrows(),
            });
        }
        let error = |ridge: &Self| -> f64 {
            let squares = validation
                .0
                .outer_iter()
                .zip(validation.1)
                .map(|(x, y)| (ridge.predict(x) - y).powi(2));
            squares.sum()
        };
        penalties
            .iter()
            .filter_map(|penalty| Self::fit_one(train.0, train.1, *penalty))
            .min_by(|a, b| error(a).total_cmp(&error(b)))
            .ok_or(StudyError::Ridge {
                train: train.0.nrows(),
                validation: validation.0.nrows(),
            })
    }

    fn fit_one(x: ArrayView2<'_, f64>, y: ArrayView1<'_, f64>, penalty: f64) -> Option<Self> {
        let range: Vec<(f64, f64)> = x
            .columns()
            .into_iter()
            .map(|channel| {
                channel.iter().fold((f64::MAX, f64::MIN), |(low, high), v| {
                    (low.min(*v), high.max(*v))
                })
            })
            .collect();
        let rows: Vec<DVector<f64>> = x
            .outer_iter()
            .map(|row| quadratic_features(row, &range))
            .collect();
        let n = rows.len() as f64;
        let p = rows.first()?.len();
        let mean = rows.iter().fold(DVector::zeros(p), |sum, row| sum + row) / n;
        let variance = rows
            .iter()
            .fold(DVector::zeros(p), |sum: DVector<f64>, row| {
                sum + (row - &mean).map(|deviation| deviation * deviation)
            })
            / n;
        let scale = variance.map(|v: f64| if v > 0.0 { v.sqrt() } else { 1.0 });
        let design = DMatrix::from_fn(rows.len(), p, |sample, feature| {
            (rows[sample][feature] - mean[feature]) / scale[feature]
        });
        let intercept = y.sum() / n;
        let target = DVector::from_iterator(rows.len(), y.iter().map(|value| value - intercept));
        let normal = design.transpose() * &design + DMatrix::identity(p, p) * (penalty * n);
        let weights = normal.cholesky()?.solve(&(design.transpose() * target));
        Some(Self {
            range,
            mean,
            scale,
            weights,
            intercept,
            penalty,
        })
    }

    /// The estimate for one cell's channels.
    #[must_use]
    pub fn predict(&self, channels: ArrayView1<'_, f64>) -> f64 {
        let features = quadratic_features(channels, &self.range);
        let scaled = (features - &self.mean).component_div(&self.scale);
        self.intercept + self.weights.dot(&scaled)
    }

    /// The penalty chosen, per training sample.
    #[must_use]
    pub fn penalty(&self) -> f64 {
        self.penalty
    }
}

/// The channels, held to their training range, then all products of two of them.
fn quadratic_features(channels: ArrayView1<'_, f64>, range: &[(f64, f64)]) -> DVector<f64> {
    let held: Vec<f64> = channels
        .iter()
        .zip(range)
        .map(|(v, (low, high))| v.clamp(*low, *high))
        .collect();
    let products = (0..held.len()).flat_map(|i| (i..held.len()).map(move |j| (i, j)));
    let products: Vec<f64> = products.map(|(i, j)| held[i] * held[j]).collect();
    DVector::from_vec([held, products].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Array2};

    /// Rounding of the solve, in units of the target.
    const MAX_FIT_ERR: f64 = 1e-6;

    fn samples(n: usize, phase: f64) -> (Array2<f64>, Array1<f64>) {
        let x = Array2::from_shape_fn((n, 2), |(i, j)| ((i * (j + 2)) as f64 * 0.37 + phase).sin());
        let y = x
            .outer_iter()
            .map(|r| 0.3 - 0.2 * r[0] + 0.5 * r[0] * r[1] + 0.1 * r[1] * r[1])
            .collect();
        (x, y)
    }

    #[test]
    fn a_quadratic_law_is_recovered() {
        let (train, validation) = (samples(60, 0.0), samples(20, 1.0));
        let ridge = QuadraticRidge::fit(
            (train.0.view(), train.1.view()),
            (validation.0.view(), validation.1.view()),
            &[1e-9, 1.0],
        )
        .unwrap();
        assert_eq!(ridge.penalty(), 1e-9);
        for (x, y) in train.0.outer_iter().zip(&train.1) {
            approx::assert_abs_diff_eq!(ridge.predict(x), *y, epsilon = MAX_FIT_ERR);
        }
    }

    #[test]
    fn a_huge_penalty_leaves_the_mean() {
        let train = samples(60, 0.0);
        let view = (train.0.view(), train.1.view());
        let ridge = QuadraticRidge::fit(view, view, &[1e12]).unwrap();
        let mean = train.1.mean().unwrap();
        approx::assert_abs_diff_eq!(ridge.predict(train.0.row(3)), mean, epsilon = MAX_FIT_ERR);
    }

    #[test]
    fn beyond_the_training_range_the_estimate_stays_at_its_end() {
        let train = samples(60, 0.0);
        let view = (train.0.view(), train.1.view());
        let ridge = QuadraticRidge::fit(view, view, &[1e-6]).unwrap();
        let at = |first: f64| ridge.predict(Array1::from(vec![first, 0.2]).view());
        assert_eq!(at(50.0), at(500.0));
        assert!(at(50.0).abs() < 2.0);
    }

    #[test]
    fn no_samples_are_refused() {
        let none = (Array2::zeros((0, 2)), Array1::zeros(0));
        let view = (none.0.view(), none.1.view());
        assert!(matches!(
            QuadraticRidge::fit(view, view, &[1.0]),
            Err(StudyError::Ridge {
                train: 0,
                validation: 0
            })
        ));
    }
}
