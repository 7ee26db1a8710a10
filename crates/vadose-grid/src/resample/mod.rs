//! Rasters in another projection, brought onto the cells of a [`Window`](crate::Window).
//!
//! A [`SourceRaster`] is an array with a GDAL geotransform. The way from the plane of the grid to
//! the source's coordinates is a closure, so that the methods know no projection library:
//! [`geographic`] serves rasters in longitude and latitude, and `ProjTransform` (feature `proj`)
//! everything else.
//!
//! | method | for | value of a cell |
//! |---|---|---|
//! | [`area_mean`] | quantities on a finer raster | mean of the pixels under it, weighted by overlap |
//! | [`area_mode`] | classes on a finer raster | class with the largest overlap |
//! | [`nearest`] | indices, flags, anything that must not be mixed | the pixel under its centre |
//! | [`bilinear`] | smooth quantities on a coarser raster | interpolated between pixel centres |
//!
//! Each also returns the share of the cell, or of the interpolation weights, that was valid: it
//! is 0 exactly where the value is missing, and it is the caller who decides how much is enough.
//!
//! Averages are taken of the numbers as they are. Radar backscatter (`sigma0`) must therefore be
//! given **in linear power, never in dB**: the mean of decibels is the geometric mean of the power.
//!
//! Every cell is computed on its own, so that results do not depend on the number of threads.

mod area;
mod area_mean;
mod area_mode;
mod point_sample;
#[cfg(feature = "proj")]
mod proj_transform;
mod source_raster;
#[cfg(test)]
mod tests;

use ndarray::Array2;

pub use area_mean::area_mean;
pub use area_mode::area_mode;
pub use point_sample::{bilinear, nearest};
#[cfg(feature = "proj")]
pub use proj_transform::ProjTransform;
pub use source_raster::{SourcePoint, SourceRaster};

use crate::{EaseGrid2, ProjectedM};

/// A field on the cells of a window, with the share of each cell that it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Resampled<T> {
    /// `[row, col]` of the window; NaN (or `None` for classes) where nothing valid lies.
    pub values: Array2<T>,
    /// `[row, col]`, 0 to 1: valid share of the cell's area, or of the interpolation weights.
    pub valid_fraction: Array2<f32>,
}

/// The transform from the plane of `grid` to a source in degrees: x is longitude, y is latitude.
///
/// Give the source [`with_x_period(360.0)`](SourceRaster::with_x_period) if its longitudes run from
/// 0 to 360°, or if a window of an N or S grid crosses its seam: without it a cell across the seam
/// would seem to span the globe.
///
/// # Examples
/// ```
/// use vadose_grid::resample::geographic;
/// use vadose_grid::{EaseGrid2, ProjectedM};
/// let to_degrees = geographic(EaseGrid2::M01);
/// let greenwich = to_degrees(ProjectedM { x_m: 0.0, y_m: 0.0 }).unwrap();
/// assert_eq!((greenwich.x, greenwich.y), (0.0, 0.0));
/// ```
pub fn geographic(grid: EaseGrid2) -> impl Fn(ProjectedM) -> Option<SourcePoint> + Sync {
    move |point| {
        let geographic = grid.unproject(point).ok()?;
        Some(SourcePoint {
            x: geographic.lon_deg,
            y: geographic.lat_deg,
        })
    }
}
