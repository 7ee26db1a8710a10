//! The result of a retrieval, and the interface of all methods.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ndarray::{Array2, ArrayView2, Axis, Slice};
use vadose_grid::{EaseGrid2, Window};
use vadose_nn::Precision;
use vadose_ops::{CoarseConfig, CoarseMode, CoarseOperator};
use vadose_scene::{CoarseTarget, Scene, Tile};

use crate::{RetrievalStatus, RetrieveError};

/// A method that turns a scene into a soil-moisture map.
pub trait Retriever {
    /// The method's name, as it is written into files: `network`, `SCA-V`, …
    fn method(&self) -> String;

    /// Retrieves the whole scene, and tells `progress` how many of how many steps are done.
    ///
    /// # Errors
    /// A scene that lacks what the method needs is refused by the name of the missing field.
    fn retrieve_with_progress(
        &self,
        scene: &Scene,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Retrieval, RetrieveError>;

    /// Retrieves the whole scene.
    ///
    /// # Errors
    /// As [`Retriever::retrieve_with_progress`].
    fn retrieve(&self, scene: &Scene) -> Result<Retrieval, RetrieveError> {
        self.retrieve_with_progress(scene, &mut |_, _| ())
    }
}

/// Surface soil moisture of one scene.
#[derive(Debug, Clone)]
pub struct Retrieval {
    /// The method.
    pub method: String,
    /// Where the map lies, on M01.
    pub window: Window,
    /// The SMAP overpass, where known.
    pub time: Option<Timestamp>,
    /// `[row, col]`, m3 m-3, 1 km; NaN where nothing was retrieved.
    pub soil_moisture: Array2<f32>,
    /// The same, low-passed and averaged to 9 km by the operator `D`; NaN where fewer than 41 of the
    /// 81 cells are retrieved.
    pub coarse: CoarseTarget,
    /// One standard deviation of `soil_moisture`, `[row, col]`, m3 m-3, from the method's stated errors; NaN
    /// where there is no value, and where it is a bound. `None` from methods that state no errors.
    pub uncertainty: Option<Array2<f32>>,
    /// How far `soil_moisture` is likely to be off, `[row, col]`, m3 m-3, not calibrated; NaN where there is no
    /// value. From a network with a spread head the absolute error that it expects; from an ensemble see
    /// [`EnsembleRetriever`](crate::EnsembleRetriever). `None` from other methods.
    pub spread: Option<Array2<f32>>,
    /// What became of each cell, `[row, col]`; `None` from methods that do not say.
    pub status: Option<Array2<RetrievalStatus>>,
    /// How far the map is from f32, if it was computed in less.
    pub reduced_precision: Option<ReducedPrecision>,
}

/// A network in reduced precision beside the same network in f32.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReducedPrecision {
    /// The precision that the map was computed in.
    pub precision: Precision,
    /// Largest difference of the two estimates over all cells of `tile`, m3 m-3.
    pub largest_difference_m3m3: f64,
    /// The tile that was compared: of all tiles of the map, the first with the most predictable cells.
    pub tile: Tile,
}

impl Retrieval {
    /// Completes a 1 km map with its 9 km average.
    pub(crate) fn new(
        method: String,
        scene: &Scene,
        soil_moisture: Array2<f32>,
    ) -> Result<Self, RetrieveError> {
        let coarse = coarse_average(scene.window(), soil_moisture.view())?;
        Ok(Self {
            method,
            window: *scene.window(),
            time: scene.time(),
            soil_moisture,
            coarse,
            uncertainty: None,
            spread: None,
            status: None,
            reduced_precision: None,
        })
    }

    /// Cells by what became of them; empty without [`Retrieval::status`]. A status that no cell has is left out.
    #[must_use]
    pub fn status_counts(&self) -> BTreeMap<RetrievalStatus, usize> {
        let mut counts = BTreeMap::new();
        for status in self.status.iter().flatten() {
            *counts.entry(*status).or_insert(0) += 1;
        }
        counts
    }
}

/// `D` of a 1 km map, its missing cells masked out: the operator of the loss, applied to a product.
///
/// The mask is where the map has values. In the loss it is land with static inputs, whatever was observed, so
/// near gaps in brightness temperature the two differ: a map that is written must not hold invented cells.
///
/// # Shapes and units
/// `soil_moisture`: `[row, col]` of `window` (on M01), m3 m-3. The result holds the M09 cells that lie
/// wholly inside the window.
/// # Missing values
/// NaN cells are left out of low-pass and average; a 9 km cell with fewer than 41 valid cells is NaN.
/// # Errors
/// [`RetrieveError::NoCoarseCell`] if no whole M09 cell lies inside the window;
/// [`RetrieveError::ShapeMismatch`] if the map has not the window's shape.
pub fn coarse_average(
    window: &Window,
    soil_moisture: ArrayView2<'_, f32>,
) -> Result<CoarseTarget, RetrieveError> {
    let config = CoarseConfig {
        mode: CoarseMode::Nested9km,
        ..CoarseConfig::default()
    };
    let factor = config.factor;
    let (first_row, first_col) = (
        window.row0().div_ceil(factor),
        window.col0().div_ceil(factor),
    );
    let rows = ((window.row0() + window.rows()) / factor).saturating_sub(first_row);
    let cols = ((window.col0() + window.cols()) / factor).saturating_sub(first_col);
    if soil_moisture.dim() != window.shape() {
        let (expected, got) = (window.shape(), soil_moisture.dim());
        return Err(RetrieveError::ShapeMismatch { expected, got });
    }
    let no_cell = || RetrieveError::NoCoarseCell {
        rows: window.rows(),
        cols: window.cols(),
    };
    if rows == 0 || cols == 0 {
        return Err(no_cell());
    }
    let (skip_rows, skip_cols) = (
        first_row * factor - window.row0(),
        first_col * factor - window.col0(),
    );
    let mut aligned = soil_moisture;
    aligned.slice_axis_inplace(Axis(0), Slice::from(skip_rows..skip_rows + rows * factor));
    aligned.slice_axis_inplace(Axis(1), Slice::from(skip_cols..skip_cols + cols * factor));
    let mask = aligned.mapv(|value| f32::from(u8::from(value.is_finite())));
    let operator = CoarseOperator::new(mask.view(), &config).map_err(RetrieveError::Coarse)?;
    let values = operator.apply(aligned).map_err(RetrieveError::Coarse)?;
    let window =
        Window::new(EaseGrid2::M09, first_row, first_col, rows, cols).map_err(|_| no_cell())?;
    Ok(CoarseTarget { window, values })
}
