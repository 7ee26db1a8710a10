//! Pseudo-stations: cells of a known field, with noise, in place of stations on the ground.

use ndarray::{Array2, ArrayView2};
use rand_distr::{Distribution, StandardNormal};
use vadose_grid::Window;

use crate::{SceneError, StationCell, seed};

/// Draws cells of a field as stations named `pseudo-0001`, `pseudo-0002`, …, with noise added.
///
/// They show that the machinery works where no station stands; they are no statement of accuracy
/// against the ground.
///
/// # Shapes and units
/// `values`, `eligible`: `[row, col]` of `window`, m3 m-3. `noise_std`: standard deviation of
/// Gaussian noise, m3 m-3, drawn in f64. The noise is not clipped, so that its mean stays 0; a
/// value in a very dry cell may come out negative. Weight 1.
/// The result is in the order drawn, so a prefix is a fair draw too. Cells are the same on every
/// platform; noise is as well, up to how its `exp` and `ln` round.
/// # Missing values
/// Cells without a finite value are not drawn.
/// # Errors
/// [`SceneError::ShapeMismatch`]; [`SceneError::OutOfRange`] for a noise that is negative or not
/// finite; [`SceneError::TooFewEligibleCells`].
/// # Examples
/// ```
/// use ndarray::{Array2, array};
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_scene::pseudo_stations;
///
/// let window = Window::new(EaseGrid2::M01, 10, 20, 1, 3)?;
/// let values = array![[0.1, f32::NAN, 0.3]];
/// let eligible = Array2::from_elem((1, 3), true);
/// let stations = pseudo_stations(values.view(), &eligible, &window, 2, 0.0, 1)?;
/// assert_eq!(stations[0].stations, ["pseudo-0001"]);
/// assert_eq!(stations[0].value_m3m3 + stations[1].value_m3m3, 0.4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn pseudo_stations(
    values: ArrayView2<'_, f32>,
    eligible: &Array2<bool>,
    window: &Window,
    n: usize,
    noise_std: f32,
    seed: u64,
) -> Result<Vec<StationCell>, SceneError> {
    for (what, got) in [
        ("pseudo-station values", values.dim()),
        ("eligible cells", eligible.dim()),
    ] {
        if got != window.shape() {
            return Err(SceneError::ShapeMismatch {
                what: what.to_owned(),
                expected: window.shape(),
                got,
            });
        }
    }
    if !(noise_std.is_finite() && noise_std >= 0.0) {
        return Err(SceneError::OutOfRange {
            what: "noise standard deviation",
            value: f64::from(noise_std),
            range: "finite and at least 0",
        });
    }
    let mut candidates: Vec<_> = values
        .indexed_iter()
        .filter(|(position, value)| value.is_finite() && eligible[*position])
        .filter_map(|((row, col), &value)| Some((window.cell_at(row, col)?, value)))
        .collect();
    if candidates.len() < n {
        return Err(SceneError::TooFewEligibleCells {
            asked: n,
            available: candidates.len(),
        });
    }
    seed::partial_shuffle(
        &mut seed::rng(seed, "pseudo-station cells"),
        &mut candidates,
        n,
    );
    // The noise has a generator of its own: a longer draw keeps the values of a shorter one.
    let mut noise_rng = seed::rng(seed, "pseudo-station noise");
    let stations = (1..=n).zip(candidates).map(|(number, (cell, value))| {
        let noise: f64 = StandardNormal.sample(&mut noise_rng);
        StationCell {
            cell,
            value_m3m3: (f64::from(value) + f64::from(noise_std) * noise) as f32,
            weight: 1.0,
            stations: vec![format!("pseudo-{number:04}")],
        }
    });
    Ok(stations.collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use vadose_grid::EaseGrid2;

    use super::*;

    fn field() -> (Window, Array2<f32>, Array2<bool>) {
        let window = Window::new(EaseGrid2::M01, 2871, 18308, 60, 50).unwrap();
        let values = Array2::from_shape_fn((60, 50), |(row, col)| {
            if (row + col) % 7 == 0 {
                f32::NAN
            } else {
                0.05 + 0.001 * row as f32
            }
        });
        let eligible = Array2::from_shape_fn((60, 50), |(row, col)| row % 2 == 0 || col % 3 == 0);
        (window, values, eligible)
    }

    proptest! {
        #[test]
        fn only_eligible_cells_are_drawn_and_none_twice(n in 0_usize..1500, seed in any::<u64>()) {
            let (window, values, eligible) = field();
            let stations = pseudo_stations(values.view(), &eligible, &window, n, 0.0, seed).unwrap();
            prop_assert_eq!(stations.len(), n);
            let cells: BTreeSet<_> = stations.iter().map(|s| s.cell).collect();
            prop_assert_eq!(cells.len(), n);
            for station in &stations {
                let position = window.offset_of(station.cell).unwrap();
                prop_assert!(eligible[position]);
                prop_assert_eq!(station.value_m3m3, values[position]);
            }
        }
    }

    #[test]
    fn a_longer_draw_begins_with_the_shorter_one() {
        let (window, values, eligible) = field();
        let draw = |n| pseudo_stations(values.view(), &eligible, &window, n, 0.02, 3).unwrap();
        assert_eq!(draw(300)[..210], draw(210));
        assert_eq!(draw(210)[209].stations, ["pseudo-0210"]);
    }

    #[test]
    fn noise_has_the_spread_asked_for() {
        // Of 1,500 draws the sample deviation errs by 0.02 / sqrt(2 n) = 3.7e-4, the mean by
        // 0.02 / sqrt(n) = 5.2e-4; four of each are allowed.
        let (window, values, eligible) = field();
        let noisy = pseudo_stations(values.view(), &eligible, &window, 1500, 0.02, 11).unwrap();
        let errors: Vec<f64> = noisy
            .iter()
            .map(|s| f64::from(s.value_m3m3) - f64::from(values[window.offset_of(s.cell).unwrap()]))
            .collect();
        let mean = errors.iter().sum::<f64>() / 1500.0;
        let std_dev = (errors.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / 1500.0).sqrt();
        assert!(mean.abs() < 2.1e-3, "{mean}");
        assert!((std_dev - 0.02).abs() < 1.5e-3, "{std_dev}");
    }

    #[test]
    fn more_stations_than_cells_and_bad_noise_are_refused() {
        let (window, values, eligible) = field();
        let draw = |n, noise| pseudo_stations(values.view(), &eligible, &window, n, noise, 0);
        let available = match draw(3000, 0.0) {
            Err(SceneError::TooFewEligibleCells {
                asked: 3000,
                available,
            }) => available,
            other => panic!("{other:?}"),
        };
        assert!(draw(available, 0.0).is_ok());
        assert!(draw(available + 1, 0.0).is_err());
        for noise in [-0.1, f32::NAN, f32::INFINITY] {
            assert!(matches!(draw(1, noise), Err(SceneError::OutOfRange { .. })));
        }
    }

    #[test]
    fn arrays_must_have_the_window_s_shape() {
        let (window, values, _) = field();
        let eligible = Array2::from_elem((50, 60), true);
        assert!(matches!(
            pseudo_stations(values.view(), &eligible, &window, 1, 0.0, 0),
            Err(SceneError::ShapeMismatch { .. })
        ));
    }
}
