//! SMAP's descending passes over a window: which 9 km cells they see, and when.

use jiff::Timestamp;
use ndarray::Array2;
use ndarray::parallel::prelude::*;
use serde::{Deserialize, Serialize};
use vadose_grid::Window;

use super::{Places, RepeatOrbit, timestamp, whole_coarse_cells};
use crate::error::{TwinError, check_range};

/// Orbit and swath of SMAP.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmapConfig {
    /// Default: 117 orbits in 8 days, 98.12 degrees, descending node at 6 a.m. (Entekhabi et al.,
    /// 2010, doi:10.1109/JPROC.2010.2043918). The phase is that of orbit 2802, whose ascending
    /// half begins at 2015-08-11T03:08:28Z by the name of a real granule; that its descending half
    /// comes before is an assumption.
    pub orbit: RepeatOrbit,
    /// Width of the swath, km, 100 to 2000. Default 1000 (same source).
    pub swath_km: f64,
}

impl Default for SmapConfig {
    fn default() -> Self {
        Self {
            orbit: RepeatOrbit {
                orbits_per_cycle: 117,
                days_per_cycle: 8,
                inclination_deg: 98.12,
                descending_node_hour: 6.0,
                reference_orbit: 2802,
                reference_node: Timestamp::constant(1_439_261_031, 0),
            },
            swath_km: 1000.0,
        }
    }
}

/// One descending half orbit of SMAP over a window.
#[derive(Debug, Clone, PartialEq)]
pub struct SmapPass {
    /// Orbit number.
    pub orbit: u32,
    /// Beginning of the half orbit, at its northernmost point.
    pub start: Timestamp,
    /// The window on M09.
    pub window: Window,
    /// When each cell is seen, seconds after `start`, `[row, col]`; NaN outside the swath.
    pub seconds: Array2<f32>,
}

impl SmapPass {
    /// Mean time at which the window is seen.
    #[must_use]
    pub fn mean_time(&self) -> Timestamp {
        let seen = || self.seconds.iter().filter(|seconds| seconds.is_finite());
        let sum: f64 = seen().map(|seconds| f64::from(*seconds)).sum();
        timestamp(super::unix_seconds(self.start) + sum / seen().count().max(1) as f64)
    }
}

impl SmapConfig {
    /// The descending passes that see part of a window, in order of time.
    ///
    /// A cell is seen if its centre lies within half the swath's width of the ground track; the
    /// time is that at which the satellite is abreast (the conical scan sees the cell up to a
    /// minute earlier and later).
    ///
    /// # Shapes and units
    /// `window`: of M01, edges on multiples of 9. Half orbits that begin before `first` or end
    /// after `last` are listed if they overlap the period.
    /// # Errors
    /// [`TwinError::Config`], [`TwinError::Window`].
    /// # Examples
    /// ```
    /// use vadose_grid::{EaseGrid2, Window};
    /// use vadose_twin::orbit::SmapConfig;
    /// let window = Window::new(EaseGrid2::M01, 2610, 7704, 513, 513)?;
    /// let (first, last) = ("2018-06-01T00:00:00Z".parse()?, "2018-06-09T00:00:00Z".parse()?);
    /// let passes = SmapConfig::default().passes(&window, first, last)?;
    /// // Eight days are a cycle; at 40 degrees a cell is seen every other morning.
    /// assert!((4..=8).contains(&passes.len()));
    /// assert_eq!(passes[0].seconds.dim(), (57, 57));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn passes(
        &self,
        window: &Window,
        first: Timestamp,
        last: Timestamp,
    ) -> Result<Vec<SmapPass>, TwinError> {
        self.orbit.check()?;
        check_range("swath_km", self.swath_km, 100.0, 2000.0)?;
        let coarse = whole_coarse_cells(window)?;
        let places = Places::of(&coarse)?;
        let half_swath_m = 500.0 * self.swath_km;

        let (centre, radius_m) = places.extent();
        let mut tracks = self.orbit.descending(first, last);
        tracks.retain(|track| track.may_reach(centre, radius_m, half_swath_m));

        let passes = tracks.into_iter().map(|track| {
            let mut seconds = Array2::from_elem(coarse.shape(), f32::NAN);
            seconds
                .outer_iter_mut()
                .into_par_iter()
                .enumerate()
                .for_each(|(row, mut cells)| {
                    for (col, cell) in cells.iter_mut().enumerate() {
                        let view = track.view(places.at(row, col));
                        if view.right_m.abs() <= half_swath_m {
                            *cell = (view.seconds + track.period_s / 4.0) as f32;
                        }
                    }
                });
            SmapPass {
                orbit: track.orbit,
                start: timestamp(track.start_s()),
                window: coarse,
                seconds,
            }
        });
        let sees = |pass: &SmapPass| pass.seconds.iter().any(|seconds| seconds.is_finite());
        Ok(passes.filter(sees).collect())
    }
}
