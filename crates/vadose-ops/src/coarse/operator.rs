//! The public face of D.

use std::sync::{Arc, OnceLock};

use ndarray::parallel::prelude::*;
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::{CoarseConfig, CoarseKernel, CoarseMode, Geometry};
use crate::OpsError;
use crate::real::Real;

/// Cells of the mask that are checked at a time.
const CELLS_PER_TASK: usize = 1 << 16;

/// D for one fixed mask: low-pass filter, then the mean over each coarse cell.
///
/// With `m` the mask (1 where a cell counts) and `k` the kernel of [`LowPass`](crate::LowPass),
///
/// `y_s = (k * (m y)) / (k * m)`, and `(D y)_c = Σ_{i in c} m_i y_s,i / Σ_{i in c} m_i`.
///
/// Outside the map `m = 0`: the filter renormalises at an edge as it does at a coast, and nothing is
/// reflected. Coarse cells are counted from the upper-left corner and only whole ones exist: a tile
/// of 256 cells has 28. A coarse cell is valid if at least `min_valid_cells` of its cells count.
///
/// For a fixed mask D is linear, keeps constants, and maps a field into its own range. Without
/// filter it is the plain mean over the cells that count, so on an equal-area grid it keeps the
/// area mean. [`adjoint`](Self::adjoint) is its exact transpose. Results have the same bits for any
/// number of threads. Cloning is cheap, the tables are shared.
///
/// # Shapes and units
/// Maps are `[rows, cols]` as the mask; coarse values are in the map's units, shaped as
/// [`output_shape`](Self::output_shape).
/// # Missing values
/// Values where the mask is 0 are not read. A coarse cell that is not valid is NaN in
/// [`apply`](Self::apply), 0 in the tensor form, and contributes 0 to the transpose.
/// # References
/// Tsagkatakis, Moghaddam and Tsakalides (IGARSS 2024), equation 2. Peer:
/// `scipy.ndimage.gaussian_filter(mode="constant", radius=12)` of `m y` and of `m`.
/// # Examples
/// ```
/// use ndarray::Array2;
/// use vadose_ops::{CoarseConfig, CoarseOperator};
///
/// // A lake (mask 0) fills the lower right coarse cell of 2×2.
/// let mask = Array2::from_shape_fn((18, 18), |(row, col)| if row < 9 || col < 9 { 1.0 } else { 0.0 });
/// let coarse = CoarseOperator::new(mask.view(), &CoarseConfig::default())?;
/// assert_eq!(coarse.coarse_shape(), (2, 2));
///
/// let mut map = Array2::from_elem((18, 18), 0.25);
/// map[[17, 17]] = f32::NAN; // never read
/// let values = coarse.apply(map.view())?;
/// assert!((values[[0, 0]] - 0.25).abs() < 1e-6); // constants are kept
/// assert!(values[[1, 1]].is_nan()); // no cell counts there
/// # Ok::<(), vadose_ops::OpsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct CoarseOperator {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    config: CoarseConfig,
    geometry: Geometry,
    /// `geometry.valid` in the posting of the result.
    valid: Array2<bool>,
    single: CoarseKernel<f32>,
    double: OnceLock<CoarseKernel<f64>>,
}

impl Inner {
    pub(crate) fn single(&self) -> &CoarseKernel<f32> {
        &self.single
    }

    /// The f64 tables, made when first asked for: only gradient checks and f64 tensors do.
    pub(crate) fn double(&self) -> &CoarseKernel<f64> {
        self.double
            .get_or_init(|| CoarseKernel::new(&self.geometry))
    }
}

impl CoarseOperator {
    /// D for `mask`, `[rows, cols]`, which holds 1 where a cell counts and 0 elsewhere.
    ///
    /// # Errors
    /// [`OpsError::MaskNotBinary`] (NaN included), and what the configuration may hold wrong:
    /// [`OpsError::ZeroFactor`], [`OpsError::MinValidCells`], [`OpsError::BoxWidth`],
    /// [`OpsError::GaussianWidth`], [`OpsError::FilterRadius`].
    pub fn new(mask: ArrayView2<'_, f32>, config: &CoarseConfig) -> Result<Self, OpsError> {
        let half_kernel = config.half_kernel()?;
        let (shape, factor) = (mask.dim(), config.factor);
        let mask = mask.as_standard_layout();
        let cells = mask.as_slice().expect("made standard");
        let is_binary = |m: f32| (m == 0.0) | (m == 1.0);
        let mut flags = vec![false; cells.len()];
        // Read once, and no early end within a part, so that the loop takes many cells at a time.
        let read = |(flags, cells): (&mut [bool], &[f32])| {
            let parts = flags.iter_mut().zip(cells);
            parts.fold(true, |all, (flag, &m)| {
                *flag = m == 1.0;
                all & is_binary(m)
            })
        };
        let are_binary = flags
            .par_chunks_mut(CELLS_PER_TASK)
            .zip(cells.par_chunks(CELLS_PER_TASK))
            .all(read);
        if !are_binary {
            let ((row, col), &value) = mask
                .indexed_iter()
                .find(|(_, m)| !is_binary(**m))
                .expect("one is not");
            return Err(OpsError::MaskNotBinary { row, col, value });
        }
        let mask = flags;
        let mut counts = Array2::zeros((shape.0 / factor, shape.1 / factor));
        counts
            .outer_iter_mut()
            .into_par_iter()
            .zip(mask.par_chunks((factor * shape.1).max(1)))
            .for_each(|(mut counts, lines)| {
                for line in lines.chunks_exact(shape.1.max(1)) {
                    for (count, cells) in counts.iter_mut().zip(line.chunks_exact(factor)) {
                        *count += cells.iter().filter(|&&counts| counts).count();
                    }
                }
            });
        let valid = counts.mapv(|count| count >= config.min_valid_cells);
        let geometry = Geometry {
            shape,
            factor,
            mask,
            valid,
            counts,
            half_kernel,
        };
        let inner = Inner {
            config: *config,
            valid: post(&geometry, config.mode, geometry.valid.view(), false),
            single: CoarseKernel::new(&geometry),
            double: OnceLock::new(),
            geometry,
        };
        Ok(CoarseOperator {
            inner: Arc::new(inner),
        })
    }

    /// The configuration that D was built with.
    pub fn config(&self) -> &CoarseConfig {
        &self.inner.config
    }

    /// Rows and columns of the maps that D takes.
    pub fn shape(&self) -> (usize, usize) {
        self.inner.geometry.shape
    }

    /// Rows and columns of whole coarse cells, in both modes.
    pub fn coarse_shape(&self) -> (usize, usize) {
        self.inner.geometry.valid.dim()
    }

    /// Rows and columns of the result: those of the coarse cells, or of the map if posted to 1 km.
    pub fn output_shape(&self) -> (usize, usize) {
        self.inner.valid.dim()
    }

    /// Which values of the result are valid, shaped as the result.
    pub fn valid(&self) -> &Array2<bool> {
        &self.inner.valid
    }

    /// What one value of the result weighs in a sum that shall count each coarse cell once: 1 for
    /// [`CoarseMode::Nested9km`], `1 / factor²` for [`CoarseMode::Posted1km`].
    pub fn posting_weight(&self) -> f64 {
        match self.inner.config.mode {
            CoarseMode::Nested9km => 1.0,
            CoarseMode::Posted1km => 1.0 / self.inner.config.factor.pow(2) as f64,
        }
    }

    /// `D y`: `[rows, cols]` → [`output_shape`](Self::output_shape), NaN where not valid.
    ///
    /// # Errors
    /// [`OpsError::ShapeMismatch`]; [`OpsError::NotFinite`] for a cell that counts, lies within the
    /// filter's reach of a whole coarse cell, and is NaN or infinite.
    pub fn apply(&self, map: ArrayView2<'_, f32>) -> Result<Array2<f32>, OpsError> {
        let map = standard(&map, self.shape())?;
        let values = self.forward(map.as_slice().expect("made standard"))?;
        let mut values = shaped(self.output_shape(), values);
        values.zip_mut_with(&self.inner.valid, |value, &valid| {
            if !valid {
                *value = f32::NAN;
            }
        });
        Ok(values)
    }

    /// `D' g`, the exact transpose: [`output_shape`](Self::output_shape) → `[rows, cols]`.
    ///
    /// Entries that are not valid contribute 0 whatever they hold; cells that do not count get 0.
    ///
    /// # Errors
    /// [`OpsError::ShapeMismatch`]; [`OpsError::NotFinite`] for a valid entry that is NaN or
    /// infinite.
    pub fn adjoint(&self, coarse: ArrayView2<'_, f32>) -> Result<Array2<f32>, OpsError> {
        let coarse = standard(&coarse, self.output_shape())?;
        let map = self.transpose(coarse.as_slice().expect("made standard"))?;
        Ok(shaped(self.shape(), map))
    }

    /// `D y` with 0 where not valid.
    pub(crate) fn forward<T: Real>(&self, map: &[T]) -> Result<Vec<T>, OpsError> {
        let geometry = &self.inner.geometry;
        let nested = T::coarse_kernel(&self.inner).forward(geometry, map)?;
        Ok(match self.inner.config.mode {
            CoarseMode::Nested9km => nested,
            CoarseMode::Posted1km => {
                let nested = shaped(self.coarse_shape(), nested);
                post(geometry, CoarseMode::Posted1km, nested.view(), T::ZERO)
                    .into_raw_vec_and_offset()
                    .0
            }
        })
    }

    /// `D' g`.
    pub(crate) fn transpose<T: Real>(&self, coarse: &[T]) -> Result<Vec<T>, OpsError> {
        let geometry = &self.inner.geometry;
        let kernel = T::coarse_kernel(&self.inner);
        match self.inner.config.mode {
            CoarseMode::Nested9km => kernel.transpose(geometry, coarse),
            CoarseMode::Posted1km => kernel.transpose(geometry, &gather(geometry, coarse)),
        }
    }
}

/// Coarse values in the posting of `mode`; `outside` fills the rim that is no whole coarse cell.
fn post<V: Copy>(
    geometry: &Geometry,
    mode: CoarseMode,
    nested: ArrayView2<'_, V>,
    outside: V,
) -> Array2<V> {
    match mode {
        CoarseMode::Nested9km => nested.to_owned(),
        CoarseMode::Posted1km => Array2::from_shape_fn(geometry.shape, |(row, col)| {
            *nested
                .get([row / geometry.factor, col / geometry.factor])
                .unwrap_or(&outside)
        }),
    }
}

/// The transpose of [`post`]: sums in f64 over the cells of each coarse cell.
fn gather<T: Real>(geometry: &Geometry, posted: &[T]) -> Vec<T> {
    let (coarse_rows, coarse_cols) = geometry.valid.dim();
    let (factor, cols) = (geometry.factor, geometry.shape.1);
    let mut sums = vec![0.0_f64; coarse_rows * coarse_cols];
    for (row, line) in posted
        .chunks_exact(cols.max(1))
        .take(coarse_rows * factor)
        .enumerate()
    {
        let sums = &mut sums[row / factor * coarse_cols..];
        for (sum, cells) in sums[..coarse_cols]
            .iter_mut()
            .zip(line.chunks_exact(factor))
        {
            *sum += cells.iter().map(|value| value.to_f64()).sum::<f64>();
        }
    }
    sums.into_iter().map(T::from_f64).collect()
}

/// The view in standard layout, if it has the shape that is expected.
fn standard<'a>(
    view: &'a ArrayView2<'a, f32>,
    expected: (usize, usize),
) -> Result<ndarray::CowArray<'a, f32, ndarray::Ix2>, OpsError> {
    if view.dim() != expected {
        return Err(OpsError::ShapeMismatch {
            expected,
            got: view.dim(),
        });
    }
    Ok(view.as_standard_layout())
}

fn shaped<V>(shape: (usize, usize), values: Vec<V>) -> Array2<V> {
    Array2::from_shape_vec(shape, values).expect("the kernels return whole maps")
}
