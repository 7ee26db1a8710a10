//! Several retrievers of one kind: their mean, and how far they lie apart.

use ndarray::{Array2, Zip};
use vadose_scene::Scene;

use crate::{Retrieval, RetrieveError, Retriever};

/// Retrieves with every member, and takes mean and spread cell by cell.
///
/// Networks that were trained alike but for their seed disagree where the training data say little: the
/// [spread](Retrieval::spread) is the standard deviation of the members' estimates (divisor `members - 1`). Where
/// every member has a spread of its own, as networks with a spread head have, it is
/// `hypot(standard deviation, mean of the members' spreads)`; if only some have, theirs are left out. The spread is
/// no interval by itself: it must be calibrated on stations that did not train.
///
/// Sums over the members are f64, in their order. A cell is NaN where any member has no value, so that a mean is
/// never of other members than its neighbour's.
///
/// # References
/// Lakshminarayanan, Pritzel and Blundell (2017), arXiv:1612.01474.
pub struct EnsembleRetriever {
    members: Vec<Box<dyn Retriever + Send + Sync>>,
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
        let shape = scene.window().shape();
        let zeros = || Array2::<f64>::zeros(shape);
        let (mut mean, mut squares, mut spreads) = (zeros(), zeros(), Some(zeros()));
        for (done, member) in self.members.iter().enumerate() {
            progress(done, self.members.len());
            let retrieval = member.retrieve(scene)?;
            let map = &retrieval.soil_moisture;
            if map.dim() != shape {
                let (expected, got) = (shape, map.dim());
                return Err(RetrieveError::ShapeMismatch { expected, got });
            }
            // Welford's update: a spread far below the mean keeps its digits.
            let n = (done + 1) as f64;
            Zip::from(&mut mean)
                .and(&mut squares)
                .and(map)
                .for_each(|mean, squares, &value| {
                    let before = f64::from(value) - *mean;
                    *mean += before / n;
                    *squares += before * (f64::from(value) - *mean);
                });
            spreads = spreads
                .zip(retrieval.spread)
                .map(|(sum, spread)| sum + spread.mapv(f64::from));
        }
        progress(self.members.len(), self.members.len());
        let (n, freedom) = (self.members.len() as f64, (self.members.len() - 1) as f64);
        let mut spread = squares.mapv(|sum| (sum / freedom).sqrt());
        if let Some(sum) = spreads {
            spread.zip_mut_with(&sum, |spread, sum| *spread = spread.hypot(sum / n));
        }
        Ok(Retrieval {
            spread: Some(spread.mapv(|value| value as f32)),
            ..Retrieval::new(self.method(), scene, mean.mapv(|value| value as f32))?
        })
    }
}

#[cfg(test)]
mod tests {
    use vadose_grid::{EaseGrid2, Window};

    use super::*;

    /// Rounding of a mean of f32 values near 0.3.
    const MAX_ERR: f32 = 1e-7;

    /// Gives the same value everywhere, and none in the corner.
    struct Constant {
        value: f32,
        spread: Option<f32>,
    }

    impl Retriever for Constant {
        fn method(&self) -> String {
            "constant".to_owned()
        }

        fn retrieve_with_progress(
            &self,
            scene: &Scene,
            _: &mut dyn FnMut(usize, usize),
        ) -> Result<Retrieval, RetrieveError> {
            let shape = scene.window().shape();
            let mut map = Array2::from_elem(shape, self.value);
            if self.value > 0.25 {
                map[[0, 0]] = f32::NAN;
            }
            Ok(Retrieval {
                spread: self.spread.map(|spread| Array2::from_elem(shape, spread)),
                ..Retrieval::new(self.method(), scene, map)?
            })
        }
    }

    fn ensemble(members: &[(f32, Option<f32>)]) -> Result<EnsembleRetriever, RetrieveError> {
        let members = members.iter().map(|&(value, spread)| {
            Box::new(Constant { value, spread }) as Box<dyn Retriever + Send + Sync>
        });
        EnsembleRetriever::new(members.collect())
    }

    fn retrieved(members: &[(f32, Option<f32>)]) -> Retrieval {
        let scene = Scene::new("s", Window::new(EaseGrid2::M01, 9, 9, 9, 9).unwrap());
        ensemble(members).unwrap().retrieve(&scene).unwrap()
    }

    #[test]
    fn mean_and_spread_are_those_of_the_members() {
        let result = retrieved(&[(0.1, None), (0.2, None), (0.3, None)]);
        let spread = result.spread.unwrap();
        assert!((result.soil_moisture[[4, 4]] - 0.2).abs() < MAX_ERR);
        assert!((spread[[4, 4]] - 0.1).abs() < MAX_ERR);
        assert!((result.coarse.values[[0, 0]] - 0.2).abs() < MAX_ERR);
        // One member has no value in the corner, so the ensemble has none.
        assert!(result.soil_moisture[[0, 0]].is_nan() && spread[[0, 0]].is_nan());
        assert_eq!(result.method, "ensemble of 3 (constant)");
    }

    #[test]
    fn spreads_of_all_members_add_to_their_disagreement_in_squares() {
        let spread = |members: &[(f32, Option<f32>)]| retrieved(members).spread.unwrap()[[4, 4]];
        // Estimates 0.06 apart by their standard deviation, spreads of 0.08 on average.
        let own = spread(&[(0.14, Some(0.1)), (0.2, Some(0.08)), (0.08, Some(0.06))]);
        assert!((own - 0.1).abs() < MAX_ERR, "{own}");
        let mixed = spread(&[(0.14, Some(0.1)), (0.2, Some(0.08)), (0.08, None)]);
        assert!((mixed - 0.06).abs() < MAX_ERR, "{mixed}");
    }

    #[test]
    fn one_member_has_no_spread() {
        assert!(matches!(
            ensemble(&[(0.1, None)]),
            Err(RetrieveError::TooFewMembers { got: 1 })
        ));
    }
}
