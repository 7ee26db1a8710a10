//! From a coordinate to a cell and back.

use crate::cylindrical_equal_area::{self, EDGE_TOLERANCE_M, X_ANTIMERIDIAN_M};
use crate::parameters::Projection;
use crate::polar_azimuthal_equal_area;
use crate::{Cell, EaseGrid2, GridError, LatLonDeg, ProjectedM};

impl EaseGrid2 {
    /// Projects a geographic point into the plane of this grid.
    ///
    /// Defined for the whole globe, also beyond the rows of the grid. The series behind it are
    /// exact to rounding: against multiprecision values the error is below 5e-9 m on the M and T
    /// grids, and below 2e-15 of the distance from the pole on the N and S grids.
    ///
    /// # Shapes and units
    /// Degrees on WGS84 to metres. Longitudes in [-360, 360] are taken, so that both the
    /// -180…180 and the 0…360 convention work; they are turned into [-180, 180], and ±180 itself
    /// keeps its sign.
    /// # Errors
    /// [`GridError::Latitude`] and [`GridError::Longitude`] for NaN and for values out of range:
    /// larger ones are most often metres, or latitude and longitude interchanged.
    /// # References
    /// Snyder (1987), USGS Professional Paper 1395, pp. 76-85 and 182-190. Peer: PROJ, `cea` and
    /// `laea`.
    /// # Examples
    /// On the equator, 1° is `a k0 π/180 = 96,486.28 m`:
    /// ```
    /// use vadose_grid::{EaseGrid2, LatLonDeg};
    /// let p = EaseGrid2::M01.project(LatLonDeg { lat_deg: 0.0, lon_deg: 1.0 })?;
    /// assert!((p.x_m - 96_486.28).abs() < 0.01 && p.y_m == 0.0);
    /// # Ok::<(), vadose_grid::GridError>(())
    /// ```
    #[inline]
    pub fn project(self, point: LatLonDeg) -> Result<ProjectedM, GridError> {
        let projected = self.forward(normalised(point));
        if projected.y_m.is_nan() {
            Err(refusal(point))
        } else {
            Ok(projected)
        }
    }

    /// The geographic point whose image is `point`.
    ///
    /// Defined for the image of the whole globe. A round trip through [`project`](Self::project)
    /// returns the point within 1e-9°, save within 0.05° of the poles on the M and T grids and of
    /// the opposite pole on the N and S grids: there the last bit of the projected metre is worth
    /// more.
    ///
    /// # Shapes and units
    /// Metres to degrees; longitude within [-180, 180], and 0 at the pole of an N or S grid.
    /// # Errors
    /// [`GridError::OutsideProjection`] if no point of the Earth has this image, and for NaN.
    /// # References
    /// As for [`project`](Self::project). PROJ 9.6 and earlier err by up to 1.4e-8° here, by a
    /// series of three terms.
    /// # Examples
    /// ```
    /// use vadose_grid::{EaseGrid2, ProjectedM};
    /// let point = EaseGrid2::N09.unproject(ProjectedM { x_m: 0.0, y_m: -3_309_819.5510204895 })?;
    /// assert!((point.lat_deg - 60.0).abs() < 1e-9 && point.lon_deg == 0.0);
    /// # Ok::<(), vadose_grid::GridError>(())
    /// ```
    #[inline]
    pub fn unproject(self, point: ProjectedM) -> Result<LatLonDeg, GridError> {
        let geographic = self.inverse(point);
        if geographic.lat_deg.is_nan() || geographic.lon_deg.is_nan() {
            Err(GridError::OutsideProjection { grid: self, point })
        } else {
            Ok(geographic)
        }
    }

    /// The cell that holds a geographic point.
    ///
    /// A cell owns its northern and western edges. The 180th meridian, as -180° or +180°, belongs
    /// to column 0 of the M and T grids. The outer edge of the grid belongs to it.
    ///
    /// # Errors
    /// [`GridError::Latitude`], [`GridError::Longitude`] as for [`project`](Self::project);
    /// [`GridError::PointOutsideGrid`] beyond the grid, such as 86° N on an M grid.
    /// # Examples
    /// ```
    /// use vadose_grid::{Cell, EaseGrid2, LatLonDeg};
    /// // Just south-east of (0, 0): the first cell past the middle of 406 rows and 964 columns.
    /// let cell = EaseGrid2::M36.locate(LatLonDeg { lat_deg: -0.01, lon_deg: 0.01 })?;
    /// assert_eq!(cell, Cell { row: 203, col: 482 });
    /// # Ok::<(), vadose_grid::GridError>(())
    /// ```
    pub fn locate(self, point: LatLonDeg) -> Result<Cell, GridError> {
        self.cell_of(self.project(point)?)
            .ok_or(GridError::PointOutsideGrid { grid: self, point })
    }

    /// The cell that holds a projected point; edges as for [`locate`](Self::locate).
    ///
    /// # Errors
    /// [`GridError::ProjectedOutsideGrid`] beyond the grid, and for NaN. Points within 1 µm outside
    /// its edge, the rounding of the published corners, still count as on it.
    pub fn locate_m(self, point: ProjectedM) -> Result<Cell, GridError> {
        self.cell_of(point)
            .ok_or(GridError::ProjectedOutsideGrid { grid: self, point })
    }

    /// Centre of a cell, metres.
    ///
    /// # Errors
    /// [`GridError::CellOutsideGrid`].
    pub fn centre_m(self, cell: Cell) -> Result<ProjectedM, GridError> {
        self.check_cell(cell)?;
        let (origin, size_m) = (self.origin_m(), self.cell_size_m());
        Ok(ProjectedM {
            x_m: origin.x_m + (cell.col as f64 + 0.5) * size_m,
            y_m: origin.y_m - (cell.row as f64 + 0.5) * size_m,
        })
    }

    /// Centre of a cell, degrees.
    ///
    /// # Errors
    /// [`GridError::CellOutsideGrid`].
    /// # Examples
    /// ```
    /// use vadose_grid::{Cell, EaseGrid2};
    /// let centre = EaseGrid2::M36.centre(Cell { row: 0, col: 0 })?;
    /// assert!((centre.lat_deg - 83.631975279).abs() < 1e-9);
    /// assert!((centre.lon_deg + 179.813278008).abs() < 1e-9);
    /// # Ok::<(), vadose_grid::GridError>(())
    /// ```
    pub fn centre(self, cell: Cell) -> Result<LatLonDeg, GridError> {
        self.unproject(self.centre_m(cell)?)
    }

    /// Refuses a cell index beyond the grid.
    pub(crate) fn check_cell(self, Cell { row, col }: Cell) -> Result<(), GridError> {
        if row < self.rows() && col < self.cols() {
            Ok(())
        } else {
            Err(GridError::CellOutsideGrid {
                grid: self,
                row,
                col,
            })
        }
    }

    #[inline]
    pub(crate) fn forward(self, point: LatLonDeg) -> ProjectedM {
        match self.parameters().lattice.projection() {
            Projection::CylindricalEqualArea => cylindrical_equal_area::forward(point),
            Projection::AzimuthalEqualArea(pole) => {
                polar_azimuthal_equal_area::forward(pole, point)
            }
        }
    }

    #[inline]
    pub(crate) fn inverse(self, point: ProjectedM) -> LatLonDeg {
        match self.parameters().lattice.projection() {
            Projection::CylindricalEqualArea => cylindrical_equal_area::inverse(point),
            Projection::AzimuthalEqualArea(pole) => {
                polar_azimuthal_equal_area::inverse(pole, point)
            }
        }
    }

    /// The cell by its lattice unit, then by integer division.
    #[inline]
    pub(crate) fn cell_of(self, point: ProjectedM) -> Option<Cell> {
        let parameters = self.parameters();
        let (lattice, units_per_cell) = (parameters.lattice, parameters.units_per_cell);
        let (origin, unit_m) = (lattice.origin_m(), lattice.unit_m());
        let unit_row = unit_index(
            origin.y_m - point.y_m,
            unit_m,
            parameters.rows * units_per_cell,
        )?;
        let unit_col = match lattice.projection() {
            // The grids of the 25 km family end 5 mm short of the antimeridian: the rest of the
            // globe belongs to their outermost columns.
            Projection::CylindricalEqualArea => {
                let beyond_m = point.x_m.abs() - X_ANTIMERIDIAN_M;
                if beyond_m.abs() <= EDGE_TOLERANCE_M {
                    0
                } else if beyond_m < 0.0 {
                    let from_left_m = (point.x_m - origin.x_m).clamp(0.0, -2.0 * origin.x_m);
                    unit_index(from_left_m, unit_m, parameters.cols * units_per_cell)?
                } else {
                    return None;
                }
            }
            Projection::AzimuthalEqualArea(_) => unit_index(
                point.x_m - origin.x_m,
                unit_m,
                parameters.cols * units_per_cell,
            )?,
        };
        Some(Cell {
            row: unit_row / units_per_cell,
            col: unit_col / units_per_cell,
        })
    }
}

/// Index of the unit at `distance_m` from the upper or left edge of an axis of `n_units`.
#[inline]
fn unit_index(distance_m: f64, unit_m: f64, n_units: usize) -> Option<usize> {
    let length_m = unit_m * n_units as f64;
    let inside = (-EDGE_TOLERANCE_M..=length_m + EDGE_TOLERANCE_M).contains(&distance_m);
    // The conversion truncates, which is the floor of a positive number, and takes negative to 0.
    inside.then(|| ((distance_m / unit_m) as usize).min(n_units - 1))
}

/// The point with its longitude within [-180, 180]; NaN in both if it is no point.
#[inline(always)]
pub(crate) fn normalised(LatLonDeg { lat_deg, lon_deg }: LatLonDeg) -> LatLonDeg {
    let is_point = lat_deg.abs() <= 90.0 && lon_deg.abs() <= 360.0;
    let turns = if lon_deg.abs() > 180.0 {
        360.0_f64.copysign(lon_deg)
    } else {
        0.0
    };
    LatLonDeg {
        lat_deg: if is_point { lat_deg } else { f64::NAN },
        lon_deg: if is_point { lon_deg - turns } else { f64::NAN },
    }
}

/// Why a point is no point.
#[cold]
fn refusal(LatLonDeg { lat_deg, lon_deg }: LatLonDeg) -> GridError {
    if lat_deg.abs() <= 90.0 {
        GridError::Longitude { lon_deg }
    } else {
        GridError::Latitude { lat_deg }
    }
}

#[cfg(test)]
mod tests;
