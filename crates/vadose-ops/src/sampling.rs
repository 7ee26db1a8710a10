//! P_Ω: the cells of a map that hold a station.

use std::collections::BTreeMap;
use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use crate::OpsError;

/// One station cell: where it lies in the map, what was measured, how much it counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StationPoint {
    /// Row of the map, 0 is northernmost.
    pub row: usize,
    /// Column of the map.
    pub col: usize,
    /// The measured value, in the map's units; finite.
    pub value: f32,
    /// Weight of the cell in a loss; positive.
    pub weight: f32,
}

/// P_Ω, which keeps the values of a map where there are stations.
///
/// `(P y)_i = y[row_i, col_i]`, one value per distinct cell, in the order of rows and then columns.
/// Sensors that share a cell are averaged first, with their weights (the paper's rule), and their
/// weights summed, so no cell occurs twice. The transpose puts each value back into its cell and 0
/// elsewhere; it is exact. An empty Ω is allowed: it samples nothing and its transpose is 0
/// everywhere, so a loss over it is 0 with a zero gradient.
///
/// Values and weights are carried for the loss; [`apply`](Self::apply) does not use them.
///
/// # References
/// Tsagkatakis, Moghaddam and Tsakalides (IGARSS 2024), equation 1.
///
/// # Examples
/// ```
/// use ndarray::array;
/// use vadose_ops::{StationPoint, StationSampling};
///
/// let sensor = |row, col, value| StationPoint { row, col, value, weight: 1.0 };
/// // Two sensors share cell [0, 2].
/// let stations = vec![sensor(1, 0, 0.30), sensor(0, 2, 0.10), sensor(0, 2, 0.20)];
/// let sampling = StationSampling::new((2, 3), stations)?;
///
/// let map = array![[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]];
/// assert_eq!(sampling.apply(map.view())?, array![0.3, 0.4]);
/// assert_eq!(sampling.points()[0].value, 0.15);
/// assert_eq!(sampling.points()[0].weight, 2.0);
///
/// let back = sampling.adjoint(array![1.0, 2.0].view())?;
/// assert_eq!(back, array![[0.0, 0.0, 1.0], [2.0, 0.0, 0.0]]);
/// # Ok::<(), vadose_ops::OpsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct StationSampling {
    shape: (usize, usize),
    points: Arc<[StationPoint]>,
}

impl StationSampling {
    /// Samples a map of `shape` (rows, columns) at `points`, which may repeat a cell.
    ///
    /// # Errors
    /// [`OpsError::StationOutside`], [`OpsError::StationValue`] for a value that is not finite,
    /// [`OpsError::StationWeight`] for a weight that is not positive and finite.
    pub fn new(shape: (usize, usize), points: Vec<StationPoint>) -> Result<Self, OpsError> {
        let mut cells: BTreeMap<(usize, usize), (f64, f64)> = BTreeMap::new();
        for StationPoint {
            row,
            col,
            value,
            weight,
        } in points
        {
            if row >= shape.0 || col >= shape.1 {
                return Err(OpsError::StationOutside { row, col, shape });
            }
            if !value.is_finite() {
                return Err(OpsError::StationValue { row, col, value });
            }
            if !(weight.is_finite() && weight > 0.0) {
                return Err(OpsError::StationWeight { row, col, weight });
            }
            let (sum, total_weight) = cells.entry((row, col)).or_default();
            *sum += f64::from(weight) * f64::from(value);
            *total_weight += f64::from(weight);
        }
        let points = cells
            .into_iter()
            .map(|((row, col), (sum, weight))| StationPoint {
                row,
                col,
                value: (sum / weight) as f32,
                weight: weight as f32,
            })
            .collect();
        Ok(StationSampling { shape, points })
    }

    /// Rows and columns of the maps that are sampled.
    pub fn shape(&self) -> (usize, usize) {
        self.shape
    }

    /// Number of distinct cells.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there is no station at all.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The distinct cells, in the order of [`apply`](Self::apply)'s result.
    pub fn points(&self) -> &[StationPoint] {
        &self.points
    }

    /// The map's values at the station cells, `[rows, cols]` → `[n]`, copied as they are (NaN too).
    ///
    /// # Errors
    /// [`OpsError::ShapeMismatch`].
    pub fn apply(&self, map: ArrayView2<'_, f32>) -> Result<Array1<f32>, OpsError> {
        if map.dim() != self.shape {
            return Err(OpsError::ShapeMismatch {
                expected: self.shape,
                got: map.dim(),
            });
        }
        Ok(self
            .points
            .iter()
            .map(|point| map[[point.row, point.col]])
            .collect())
    }

    /// The transpose: each value in its cell and 0 elsewhere, `[n]` → `[rows, cols]`.
    ///
    /// # Errors
    /// [`OpsError::LengthMismatch`].
    pub fn adjoint(&self, values: ArrayView1<'_, f32>) -> Result<Array2<f32>, OpsError> {
        if values.len() != self.len() {
            return Err(OpsError::LengthMismatch {
                expected: self.len(),
                got: values.len(),
            });
        }
        let mut map = Array2::zeros(self.shape);
        for (point, &value) in self.points.iter().zip(values) {
            map[[point.row, point.col]] = value;
        }
        Ok(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(row: usize, col: usize, value: f32, weight: f32) -> StationPoint {
        StationPoint {
            row,
            col,
            value,
            weight,
        }
    }

    #[test]
    fn sensors_of_one_cell_are_averaged_with_their_weights() {
        let sensors = vec![
            point(1, 1, 0.1, 1.0),
            point(0, 2, 0.5, 1.0),
            point(1, 1, 0.4, 2.0),
        ];
        let sampling = StationSampling::new((2, 3), sensors).unwrap();
        assert_eq!(
            sampling.points(),
            [point(0, 2, 0.5, 1.0), point(1, 1, 0.3, 3.0)]
        );
    }

    #[test]
    fn empty_set_samples_nothing_and_returns_zeros() {
        let sampling = StationSampling::new((2, 2), Vec::new()).unwrap();
        assert!(sampling.is_empty());
        assert_eq!(
            sampling
                .apply(Array2::from_elem((2, 2), f32::NAN).view())
                .unwrap()
                .len(),
            0
        );
        assert_eq!(
            sampling.adjoint(Array1::zeros(0).view()).unwrap(),
            Array2::<f32>::zeros((2, 2))
        );
    }

    #[test]
    fn points_that_make_no_sense_are_refused() {
        let build = |point| StationSampling::new((2, 3), vec![point]).unwrap_err();
        assert!(matches!(
            build(point(2, 0, 0.1, 1.0)),
            OpsError::StationOutside { row: 2, .. }
        ));
        assert!(matches!(
            build(point(0, 3, 0.1, 1.0)),
            OpsError::StationOutside { col: 3, .. }
        ));
        assert!(matches!(
            build(point(0, 0, f32::NAN, 1.0)),
            OpsError::StationValue { .. }
        ));
        for weight in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            assert!(matches!(
                build(point(0, 0, 0.1, weight)),
                OpsError::StationWeight { .. }
            ));
        }
    }

    #[test]
    fn other_shapes_are_refused() {
        let sampling = StationSampling::new((2, 3), vec![point(0, 0, 0.1, 1.0)]).unwrap();
        assert_eq!(
            sampling.apply(Array2::zeros((3, 2)).view()),
            Err(OpsError::ShapeMismatch {
                expected: (2, 3),
                got: (3, 2)
            })
        );
        assert_eq!(
            sampling.adjoint(Array1::zeros(2).view()),
            Err(OpsError::LengthMismatch {
                expected: 1,
                got: 2
            })
        );
    }
}
