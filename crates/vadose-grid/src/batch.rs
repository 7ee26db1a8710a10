//! Many points at once, on all threads of the current rayon pool.

use rayon::prelude::*;

use crate::locate::normalised;
use crate::parameters::Projection;
use crate::{Cell, EaseGrid2, LatLonDeg, ProjectedM};
use crate::{cylindrical_equal_area, polar_azimuthal_equal_area};

/// Points per task: some tens of microseconds of work.
const POINTS_PER_TASK: usize = 4096;

/// Stands for a point that could not be projected.
const NO_PROJECTED: ProjectedM = ProjectedM {
    x_m: f64::NAN,
    y_m: f64::NAN,
};
/// Stands for a point that could not be unprojected.
const NO_LAT_LON: LatLonDeg = LatLonDeg {
    lat_deg: f64::NAN,
    lon_deg: f64::NAN,
};

impl EaseGrid2 {
    /// [`project`](Self::project) for many points; the same numbers, in the same order.
    ///
    /// # Missing values
    /// A point that `project` refuses becomes NaN in both coordinates.
    /// # Examples
    /// ```
    /// use vadose_grid::{EaseGrid2, LatLonDeg};
    /// let origin = LatLonDeg { lat_deg: 0.0, lon_deg: 0.0 };
    /// let points = [origin, LatLonDeg { lat_deg: 91.0, lon_deg: 0.0 }];
    /// let projected = EaseGrid2::M09.project_many(&points);
    /// assert_eq!(projected[0].x_m, 0.0);
    /// assert!(projected[1].x_m.is_nan());
    /// ```
    pub fn project_many(self, points: &[LatLonDeg]) -> Vec<ProjectedM> {
        match self.parameters().lattice.projection() {
            Projection::CylindricalEqualArea => map(points, NO_PROJECTED, |point| {
                cylindrical_equal_area::forward(normalised(point))
            }),
            Projection::AzimuthalEqualArea(pole) => map(points, NO_PROJECTED, |point| {
                polar_azimuthal_equal_area::forward(pole, normalised(point))
            }),
        }
    }

    /// [`unproject`](Self::unproject) for many points; the same numbers, in the same order.
    ///
    /// # Missing values
    /// A point that `unproject` refuses becomes NaN in both coordinates.
    pub fn unproject_many(self, points: &[ProjectedM]) -> Vec<LatLonDeg> {
        match self.parameters().lattice.projection() {
            Projection::CylindricalEqualArea => map(points, NO_LAT_LON, |point| {
                both_or_neither(cylindrical_equal_area::inverse(point))
            }),
            Projection::AzimuthalEqualArea(pole) => map(points, NO_LAT_LON, |point| {
                both_or_neither(polar_azimuthal_equal_area::inverse(pole, point))
            }),
        }
    }

    /// [`locate`](Self::locate) for many points, in the same order; `None` where it refuses.
    pub fn locate_many(self, points: &[LatLonDeg]) -> Vec<Option<Cell>> {
        map(points, None, |point| self.locate(point).ok())
    }
}

/// NaN in both coordinates if in one.
#[inline]
fn both_or_neither(LatLonDeg { lat_deg, lon_deg }: LatLonDeg) -> LatLonDeg {
    LatLonDeg {
        lat_deg: lat_deg + 0.0 * lon_deg,
        lon_deg: lon_deg + 0.0 * lat_deg,
    }
}

fn map<T: Copy + Sync, U: Copy + Send>(
    points: &[T],
    unset: U,
    f: impl Fn(T) -> U + Sync,
) -> Vec<U> {
    let mut results = vec![unset; points.len()];
    results
        .par_chunks_mut(POINTS_PER_TASK)
        .zip(points.par_chunks(POINTS_PER_TASK))
        .for_each(|(results, points)| {
            for (result, &point) in results.iter_mut().zip(points) {
                *result = f(point);
            }
        });
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some_points() -> Vec<LatLonDeg> {
        (0..10_000)
            .map(f64::from)
            .map(|n| LatLonDeg {
                lat_deg: n * 0.019 - 95.0,
                lon_deg: (n * 0.37) % 800.0 - 400.0,
            })
            .collect()
    }

    #[test]
    fn many_equals_one_by_one() {
        let points = some_points();
        for &grid in EaseGrid2::ALL {
            let projected = grid.project_many(&points);
            let geographic = grid.unproject_many(&projected);
            let cells = grid.locate_many(&points);
            for (n, &point) in points.iter().enumerate() {
                match grid.project(point) {
                    Ok(expected) => {
                        assert_eq!(projected[n], expected);
                        assert_eq!(geographic[n], grid.unproject(expected).unwrap());
                    }
                    Err(_) => {
                        assert!(projected[n].x_m.is_nan() && projected[n].y_m.is_nan());
                        assert!(geographic[n].lat_deg.is_nan() && geographic[n].lon_deg.is_nan());
                    }
                }
                assert_eq!(cells[n], grid.locate(point).ok());
            }
        }
    }

    #[test]
    fn no_points_give_no_results() {
        assert!(EaseGrid2::M01.project_many(&[]).is_empty());
    }
}
