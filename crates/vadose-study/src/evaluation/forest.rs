//! A random forest on the channels of one cell.

use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use smartcore::ensemble::random_forest_regressor::{
    RandomForestRegressor, RandomForestRegressorParameters,
};
use smartcore::linalg::basic::matrix::DenseMatrix;
use vadose_scene::seed;

use super::baselines::Regression;
use crate::StudyError;

/// The forest, and what it chooses from on the validation rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ForestConfig {
    /// Trees.
    pub n_trees: usize,
    /// Parameters tried; the one with the lowest RMSE on the validation rows is kept.
    pub candidates: Vec<ForestCandidate>,
}

/// Parameters of a forest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForestCandidate {
    /// Fewest training rows of a leaf. Rows of one station resemble each other, so a leaf should hold more than
    /// one station's.
    pub min_samples_leaf: usize,
    /// Channels that each split chooses from.
    pub features_per_split: usize,
}

impl Default for ForestConfig {
    /// 100 trees; leaves of 5, 20 and 60 rows (two months of one station), with 4 channels a split (a third of
    /// 13, Breiman's choice for regression) and 8.
    fn default() -> Self {
        let candidates = [5, 20, 60].into_iter().flat_map(|min_samples_leaf| {
            [4, 8].map(|features_per_split| ForestCandidate {
                min_samples_leaf,
                features_per_split,
            })
        });
        Self {
            n_trees: 100,
            candidates: candidates.collect(),
        }
    }
}

/// A fitted forest: the mean of regression trees, each grown on a bootstrap of the rows.
///
/// Grown by `smartcore`, tree after tree from one seed; candidates are fitted in parallel, so the number of
/// threads changes nothing.
///
/// # References
/// Breiman (2001), doi:10.1023/A:1010933404324.
#[derive(Debug)]
pub struct Forest {
    trees: Trees,
    chosen: ForestCandidate,
}

type Trees = RandomForestRegressor<f64, f64, DenseMatrix<f64>, Vec<f64>>;

impl Forest {
    /// Fits `[row, channel]` to `[row]` with every candidate, and keeps the one with the lowest RMSE on the
    /// validation rows.
    ///
    /// # Errors
    /// [`StudyError::Forest`] without rows or candidates, or if no tree can be grown.
    pub fn fit(
        train: (ArrayView2<'_, f64>, ArrayView1<'_, f64>),
        validation: (ArrayView2<'_, f64>, ArrayView1<'_, f64>),
        config: &ForestConfig,
        seed: u64,
    ) -> Result<Self, StudyError> {
        let refuse = |reason: String| StudyError::Forest {
            train: train.0.nrows(),
            validation: validation.0.nrows(),
            reason,
        };
        if validation.0.nrows() == 0 {
            return Err(refuse("nothing to choose its parameters on".to_owned()));
        }
        let (x, y) = (matrix(train.0).map_err(&refuse)?, train.1.to_vec());
        let fitted = config.candidates.par_iter().map(|candidate| {
            let parameters = RandomForestRegressorParameters::default()
                .with_n_trees(config.n_trees)
                .with_min_samples_leaf(candidate.min_samples_leaf)
                .with_m(candidate.features_per_split.clamp(1, train.0.ncols()))
                .with_seed(seed::derive(seed, "random forest"));
            let trees = Trees::fit(&x, &y, parameters).map_err(|error| error.to_string())?;
            let forest = Self {
                trees,
                chosen: *candidate,
            };
            let estimates = forest.predict_rows(validation.0);
            let squares = estimates.iter().zip(validation.1);
            let error: f64 = squares.map(|(e, r)| (e - r).powi(2)).sum();
            Ok((error, forest))
        });
        let fitted = fitted
            .collect::<Result<Vec<_>, String>>()
            .map_err(&refuse)?;
        fitted
            .into_iter()
            .min_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, forest)| forest)
            .ok_or_else(|| refuse("no candidate parameters".to_owned()))
    }

    /// The parameters that were chosen.
    #[must_use]
    pub fn chosen(&self) -> &ForestCandidate {
        &self.chosen
    }
}

impl Regression for Forest {
    fn predict_rows(&self, encoded: ArrayView2<'_, f64>) -> Vec<f64> {
        /// Rows that one task predicts.
        const ROWS: usize = 4096;
        let parts: Vec<Vec<f64>> = encoded
            .axis_chunks_iter(ndarray::Axis(0), ROWS)
            .into_par_iter()
            .map(|rows| {
                let estimates = matrix(rows).map(|rows| self.trees.predict(&rows));
                match estimates {
                    Ok(Ok(estimates)) => estimates,
                    _ => vec![f64::NAN; rows.nrows()],
                }
            })
            .collect();
        parts.concat()
    }
}

/// The rows in the crate's own matrix.
fn matrix(rows: ArrayView2<'_, f64>) -> Result<DenseMatrix<f64>, String> {
    let (n_rows, n_cols) = rows.dim();
    // Column after column, which is how a tree reads them.
    let values = rows.t().iter().copied().collect();
    DenseMatrix::new(n_rows, n_cols, values, true).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use super::*;

    /// A step in the first channel, nothing in the second.
    fn rows(n: usize, phase: f64) -> (Array2<f64>, Array1<f64>) {
        let x = Array2::from_shape_fn((n, 2), |(i, j)| ((i * (j + 3)) as f64 * 0.7 + phase).sin());
        let y = x
            .outer_iter()
            .map(|row| if row[0] > 0.0 { 0.3 } else { 0.1 });
        let y = y.collect();
        (x, y)
    }

    fn config() -> ForestConfig {
        ForestConfig {
            n_trees: 30,
            candidates: vec![
                ForestCandidate {
                    min_samples_leaf: 150,
                    features_per_split: 2,
                },
                ForestCandidate {
                    min_samples_leaf: 3,
                    features_per_split: 2,
                },
            ],
        }
    }

    fn fitted(seed: u64) -> Forest {
        let (train, validation) = (rows(200, 0.0), rows(60, 0.3));
        Forest::fit(
            (train.0.view(), train.1.view()),
            (validation.0.view(), validation.1.view()),
            &config(),
            seed,
        )
        .unwrap()
    }

    #[test]
    fn a_step_is_learnt_with_the_leaves_that_validation_prefers() {
        let forest = fitted(1);
        assert_eq!(forest.chosen().min_samples_leaf, 3);
        let estimates = forest.predict_rows(ndarray::array![[0.6, 0.1], [-0.6, 0.9]].view());
        assert!((estimates[0] - 0.3).abs() < 0.02 && (estimates[1] - 0.1).abs() < 0.02);
    }

    #[test]
    fn the_seed_decides_and_the_number_of_threads_does_not() {
        let test = rows(50, 0.9).0;
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap()
                .install(|| fitted(7).predict_rows(test.view()))
        };
        assert_eq!(with(1), with(3));
        assert_ne!(with(1), fitted(8).predict_rows(test.view()));
    }

    #[test]
    fn nothing_to_learn_from_is_refused() {
        let none = (Array2::zeros((0, 2)), Array1::zeros(0));
        let some = rows(5, 0.0);
        let view = |set: &(Array2<f64>, Array1<f64>)| (set.0.clone(), set.1.clone());
        let (none, some) = (view(&none), view(&some));
        for (train, validation) in [(&none, &some), (&some, &none)] {
            let fit = Forest::fit(
                (train.0.view(), train.1.view()),
                (validation.0.view(), validation.1.view()),
                &config(),
                1,
            );
            assert!(matches!(fit, Err(StudyError::Forest { .. })));
        }
    }
}
