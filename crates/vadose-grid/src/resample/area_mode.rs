//! Commonest class over the area of each cell.

use super::area::{Accumulator, gather};
use super::{Resampled, SourcePoint, SourceRaster};
use crate::{ProjectedM, Window};

/// The class that covers most of each cell of `window`.
///
/// Of classes that cover equal areas, to within a billionth, the smallest wins, so that the result
/// depends on nothing else.
///
/// # Shapes and units
/// `source`: classes `[row, col]`; the result is shaped as the window. `to_source` as for
/// [`area_mean`](super::area_mean).
/// # Missing values
/// `None` pixels and the area outside the source have no say; `valid_fraction` is the share of the
/// cell's area under any class, not under the winner. A cell without any class is `None`.
/// # Examples
/// Three quarters of an M36 cell are class 10:
/// ```
/// use ndarray::array;
/// use vadose_grid::resample::{SourcePoint, SourceRaster, area_mode};
/// use vadose_grid::{EaseGrid2, Window};
///
/// let window = Window::new(EaseGrid2::M36, 100, 200, 1, 1)?;
/// let [x, size, _, y, _, _] = window.geotransform();
/// let classes = array![[Some(10_u8), Some(10)], [Some(10), Some(12)]];
/// let source = SourceRaster::new(classes.view(), [x, size / 2.0, 0.0, y, 0.0, -size / 2.0])?;
///
/// let mode = area_mode(&source, &window, |p| Some(SourcePoint { x: p.x_m, y: p.y_m }));
/// assert_eq!(mode.values[[0, 0]], Some(10));
/// # Ok::<(), vadose_grid::GridError>(())
/// ```
pub fn area_mode<C, F>(
    source: &SourceRaster<'_, Option<C>>,
    window: &Window,
    to_source: F,
) -> Resampled<Option<C>>
where
    C: Copy + Ord + Send + Sync,
    F: Fn(ProjectedM) -> Option<SourcePoint> + Sync,
{
    gather::<Option<C>, Mode<C>, F>(source, window, to_source)
}

/// Areas within this share of each other are equal: the rounding of sums of many overlaps.
const TIE_TOLERANCE: f64 = 1e-9;

/// Classes met so far, each with its area: few enough to search one by one.
struct Mode<C>(Vec<(C, f64)>);

impl<C> Default for Mode<C> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<C: Copy + Ord> Accumulator<Option<C>> for Mode<C> {
    type Value = Option<C>;
    const MISSING: Option<C> = None;

    fn add(&mut self, pixel: Option<C>, overlap: f64) -> bool {
        let Some(class) = pixel else { return false };
        match self.0.iter_mut().find(|(known, _)| *known == class) {
            Some((_, area)) => *area += overlap,
            None => self.0.push((class, overlap)),
        }
        true
    }

    fn value(&self) -> Option<C> {
        let largest = self.0.iter().map(|&(_, area)| area).fold(0.0, f64::max);
        let tied = self
            .0
            .iter()
            .filter(|(_, area)| *area >= largest * (1.0 - TIE_TOLERANCE));
        tied.map(|&(class, _)| class).min()
    }
}
