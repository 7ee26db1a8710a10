//! PROJ as the coordinate transform of the resamplers.

use std::cell::RefCell;

use proj::Proj;

use super::SourcePoint;
use crate::{EaseGrid2, GridError, ProjectedM};

/// The transform from the plane of a grid to any coordinate reference system that PROJ knows.
///
/// The grid's own inverse leads to WGS84, PROJ from there to the source. So PROJ sees checked
/// latitudes and longitudes only; it would fail a whole array, with a line on standard error, for
/// one bad point. Coordinates come in the order easting, northing (longitude, latitude), whatever
/// order the authority gives.
///
/// A PROJ object cannot move between threads: each thread prepares its own (some 10 ms) at its
/// first point and keeps it for as long as it lives.
///
/// # Examples
/// Boulder's UTM zone:
/// ```
/// use vadose_grid::resample::ProjTransform;
/// use vadose_grid::{EaseGrid2, LatLonDeg};
/// let utm = ProjTransform::new(EaseGrid2::M01, "EPSG:32613")?;
/// let on_meridian = LatLonDeg { lat_deg: 0.0, lon_deg: -105.0 };
/// let point = utm.to_source(EaseGrid2::M01.project(on_meridian)?).unwrap();
/// assert!((point.x - 500_000.0).abs() < 1e-6 && point.y.abs() < 1e-6);
/// # Ok::<(), vadose_grid::GridError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjTransform {
    grid: EaseGrid2,
    source_crs: String,
}

thread_local! {
    /// What this thread has prepared: the source's system and the way there from WGS84.
    static PREPARED: RefCell<Vec<(String, Proj)>> = const { RefCell::new(Vec::new()) };
}

impl ProjTransform {
    /// A transform from `grid` to `source_crs`: an authority code such as `"EPSG:32613"`, a PROJ
    /// string or WKT.
    ///
    /// # Errors
    /// [`GridError::SourceCrs`] if PROJ knows no such system or no way there.
    pub fn new(grid: EaseGrid2, source_crs: &str) -> Result<Self, GridError> {
        with_prepared(source_crs, |_| ())?;
        Ok(Self {
            grid,
            source_crs: source_crs.to_owned(),
        })
    }

    /// Where a point of the grid's plane lies in the source; `None` if one of them does not know
    /// it.
    pub fn to_source(&self, point: ProjectedM) -> Option<SourcePoint> {
        let geographic = self.grid.unproject(point).ok()?;
        let (x, y) = with_prepared(&self.source_crs, |proj| {
            proj.convert((geographic.lon_deg, geographic.lat_deg)).ok()
        })
        .ok()??;
        (x.is_finite() && y.is_finite()).then_some(SourcePoint { x, y })
    }
}

/// Calls `use_proj` with this thread's transformation, prepared if need be.
fn with_prepared<T>(source_crs: &str, use_proj: impl FnOnce(&Proj) -> T) -> Result<T, GridError> {
    PREPARED.with_borrow_mut(|prepared| {
        let index = match prepared.iter().position(|(known, _)| known == source_crs) {
            Some(index) => index,
            None => {
                let proj = Proj::new_known_crs("EPSG:4326", source_crs, None).map_err(|cause| {
                    GridError::SourceCrs {
                        source_crs: source_crs.to_owned(),
                        reason: cause.to_string(),
                    }
                })?;
                prepared.push((source_crs.to_owned(), proj));
                prepared.len() - 1
            }
        };
        Ok(use_proj(&prepared[index].1))
    })
}
