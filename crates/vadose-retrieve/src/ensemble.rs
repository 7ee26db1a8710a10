//! Several retrievers of one kind: their mean, and how far they lie apart.

use ndarray::{Array2, Zip};
use vadose_scene::Scene;

use crate::{Retrieval, RetrieveError, Retriever};

/// Retrieves with every member, and takes mean and standard deviation cell by cell.
///
/// Networks that were trained alike but for their seed disagree where the training data say little. Their
/// spread is no interval by itself: it must be calibrated on stations that did not train.
///
/// # References
/// Lakshminarayanan, Pritzel and Blundell (2017), arXiv:1612.01474.
pub struct EnsembleRetriever {
    members: Vec<Box<dyn Retriever + Send + Sync>>,
}

/// What an ensemble makes of a scene.
#[derive(Debug, Clone)]
pub struct EnsembleRetrieval {
    /// The mean of the members, with its 9 km average.
    pub mean: Retrieval,
    /// Standard deviation of the members (divisor `members - 1`), `[row, col]`, m3 m-3; NaN where the mean is.
    pub spread: Array2<f32>,
}

impl EnsembleRetriever {
    /// Takes the members.
    ///
    /// # Errors
    /// [`RetrieveError::TooFewMembers`] below two, which have no spread.
    pub fn new(members: Vec<Box<dyn Retriever + Send + Sync>>) -> Result<Self, RetrieveError> {
        if members.len() < 2 {
            return Err(RetrieveError::TooFewMembers { got: members.len() });
        }
        Ok(Self { members })
    }

    /// Number of members.
    #[must_use]
    pub fn n_members(&self) -> usize {
        self.members.len()
    }

    /// Mean and spread of the members.
    ///
    /// # Shapes and units
    /// `[row, col]` of the scene's window, m3 m-3. Sums over the members are f64, in their order.
    /// # Missing values
    /// NaN where any member has none, so that a mean is never of other members than its neighbour's.
    /// # Errors
    /// Those of the members.
    pub fn retrieve_with_spread(&self, scene: &Scene) -> Result<EnsembleRetrieval, RetrieveError> {
        self.run(scene, &mut |_, _| ())
    }

    fn run(
        &self,
        scene: &Scene,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<EnsembleRetrieval, RetrieveError> {
        let shape = scene.window().shape();
        let (mut mean, mut squares) = (Array2::<f64>::zeros(shape), Array2::<f64>::zeros(shape));
        for (done, member) in self.members.iter().enumerate() {
            progress(done, self.members.len());
            let map = member.retrieve(scene)?.soil_moisture;
            if map.dim() != shape {
                let (expected, got) = (shape, map.dim());
                return Err(RetrieveError::ShapeMismatch { expected, got });
            }
            // Welford's update: a spread far below the mean keeps its digits.
            let n = (done + 1) as f64;
            Zip::from(&mut mean)
                .and(&mut squares)
                .and(&map)
                .for_each(|mean, squares, &value| {
                    let before = f64::from(value) - *mean;
                    *mean += before / n;
                    *squares += before * (f64::from(value) - *mean);
                });
        }
        progress(self.members.len(), self.members.len());
        let freedom = (self.members.len() - 1) as f64;
        Ok(EnsembleRetrieval {
            mean: Retrieval::new(self.method(), scene, mean.mapv(|value| value as f32))?,
            spread: squares.mapv(|sum| (sum / freedom).sqrt() as f32),
        })
    }
}

impl Retriever for EnsembleRetriever {
    fn method(&self) -> String {
        format!(
            "ensemble of {} ({})",
            self.members.len(),
            self.members[0].method()
        )
    }

    fn retrieve_with_progress(
        &self,
        scene: &Scene,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Retrieval, RetrieveError> {
        Ok(self.run(scene, progress)?.mean)
    }
}

#[cfg(test)]
mod tests {
    use vadose_grid::{EaseGrid2, Window};

    use super::*;

    /// Rounding of a mean of f32 values near 0.3.
    const MAX_ERR: f32 = 1e-7;

    /// Gives the same value everywhere, and none in the corner.
    struct Constant(f32);

    impl Retriever for Constant {
        fn method(&self) -> String {
            "constant".to_owned()
        }

        fn retrieve_with_progress(
            &self,
            scene: &Scene,
            _: &mut dyn FnMut(usize, usize),
        ) -> Result<Retrieval, RetrieveError> {
            let mut map = Array2::from_elem(scene.window().shape(), self.0);
            if self.0 > 0.25 {
                map[[0, 0]] = f32::NAN;
            }
            Retrieval::new(self.method(), scene, map)
        }
    }

    fn ensemble(values: &[f32]) -> Result<EnsembleRetriever, RetrieveError> {
        let members = values
            .iter()
            .map(|value| Box::new(Constant(*value)) as Box<dyn Retriever + Send + Sync>);
        EnsembleRetriever::new(members.collect())
    }

    #[test]
    fn mean_and_spread_are_those_of_the_members() {
        let scene = Scene::new("s", Window::new(EaseGrid2::M01, 9, 9, 9, 9).unwrap());
        let ensemble = ensemble(&[0.1, 0.2, 0.3]).unwrap();
        let result = ensemble.retrieve_with_spread(&scene).unwrap();
        assert!((result.mean.soil_moisture[[4, 4]] - 0.2).abs() < MAX_ERR);
        assert!((result.spread[[4, 4]] - 0.1).abs() < MAX_ERR);
        assert!((result.mean.coarse.values[[0, 0]] - 0.2).abs() < MAX_ERR);
        // One member has no value in the corner, so the ensemble has none.
        assert!(result.mean.soil_moisture[[0, 0]].is_nan() && result.spread[[0, 0]].is_nan());
        assert_eq!(result.mean.method, "ensemble of 3 (constant)");
    }

    #[test]
    fn one_member_has_no_spread() {
        assert!(matches!(
            ensemble(&[0.1]),
            Err(RetrieveError::TooFewMembers { got: 1 })
        ));
    }
}
