//! Many points at once, on all threads of the current rayon pool.
//!
//! The loop over points is compiled for several widths of vectors, and the widest that the processor has is chosen
//! when the program runs. For that the whole projection must be part of the loop: it is `#[inline(always)]` down to
//! the polynomials. No multiply-add is fused, so that every width gives the same bits.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::locate::normalised;
use crate::parameters::Projection;
use crate::polar_azimuthal_equal_area::Pole;
use crate::{Cell, EaseGrid2, LatLonDeg, ProjectedM};
use crate::{cylindrical_equal_area, polar_azimuthal_equal_area};

/// Points per task: some tens of microseconds of work.
const POINTS_PER_TASK: usize = 4096;

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
            Projection::CylindricalEqualArea => map(points, CylindricalForward),
            Projection::AzimuthalEqualArea(pole) => map(points, PolarForward(pole)),
        }
    }

    /// [`unproject`](Self::unproject) for many points; the same numbers, in the same order.
    ///
    /// # Missing values
    /// A point that `unproject` refuses becomes NaN in both coordinates.
    pub fn unproject_many(self, points: &[ProjectedM]) -> Vec<LatLonDeg> {
        match self.parameters().lattice.projection() {
            Projection::CylindricalEqualArea => map(points, CylindricalInverse),
            Projection::AzimuthalEqualArea(pole) => map(points, PolarInverse(pole)),
        }
    }

    /// [`locate`](Self::locate) for many points, in the same order; `None` where it refuses.
    pub fn locate_many(self, points: &[LatLonDeg]) -> Vec<Option<Cell>> {
        map(points, Locate(self))
    }
}

/// What is done to each point. A trait and not a closure, so that it is compiled into the loop.
trait PointMap: Copy + Sync {
    type From: Copy + Sync;
    type To: Copy + Send;
    /// Stands for a result that is not yet there.
    const UNSET: Self::To;

    fn apply(self, point: Self::From) -> Self::To;
}

#[derive(Clone, Copy)]
struct CylindricalForward;
#[derive(Clone, Copy)]
struct CylindricalInverse;
#[derive(Clone, Copy)]
struct PolarForward(Pole);
#[derive(Clone, Copy)]
struct PolarInverse(Pole);
#[derive(Clone, Copy)]
struct Locate(EaseGrid2);

impl PointMap for CylindricalForward {
    type From = LatLonDeg;
    type To = ProjectedM;
    const UNSET: ProjectedM = ProjectedM { x_m: 0.0, y_m: 0.0 };

    #[inline(always)]
    fn apply(self, point: LatLonDeg) -> ProjectedM {
        cylindrical_equal_area::forward(normalised(point))
    }
}

impl PointMap for CylindricalInverse {
    type From = ProjectedM;
    type To = LatLonDeg;
    const UNSET: LatLonDeg = LatLonDeg {
        lat_deg: 0.0,
        lon_deg: 0.0,
    };

    #[inline(always)]
    fn apply(self, point: ProjectedM) -> LatLonDeg {
        both_or_neither(cylindrical_equal_area::inverse(point))
    }
}

impl PointMap for PolarForward {
    type From = LatLonDeg;
    type To = ProjectedM;
    const UNSET: ProjectedM = CylindricalForward::UNSET;

    #[inline(always)]
    fn apply(self, point: LatLonDeg) -> ProjectedM {
        polar_azimuthal_equal_area::forward(self.0, normalised(point))
    }
}

impl PointMap for PolarInverse {
    type From = ProjectedM;
    type To = LatLonDeg;
    const UNSET: LatLonDeg = CylindricalInverse::UNSET;

    #[inline(always)]
    fn apply(self, point: ProjectedM) -> LatLonDeg {
        both_or_neither(polar_azimuthal_equal_area::inverse(self.0, point))
    }
}

impl PointMap for Locate {
    type From = LatLonDeg;
    type To = Option<Cell>;
    const UNSET: Option<Cell> = None;

    #[inline(always)]
    fn apply(self, point: LatLonDeg) -> Option<Cell> {
        self.0.locate(point).ok()
    }
}

/// NaN in both coordinates if in one.
#[inline(always)]
fn both_or_neither(LatLonDeg { lat_deg, lon_deg }: LatLonDeg) -> LatLonDeg {
    LatLonDeg {
        lat_deg: lat_deg + 0.0 * lon_deg,
        lon_deg: lon_deg + 0.0 * lat_deg,
    }
}

fn map<M: PointMap>(points: &[M::From], point_map: M) -> Vec<M::To> {
    let mut results = vec![M::UNSET; points.len()];
    let arch = Arch::new();
    results
        .par_chunks_mut(POINTS_PER_TASK)
        .zip(points.par_chunks(POINTS_PER_TASK))
        .for_each(|(results, points)| {
            arch.dispatch(Task {
                points,
                results,
                point_map,
            });
        });
    results
}

/// The loop over some points, compiled for each width of vectors that a processor may have.
struct Task<'a, M: PointMap> {
    points: &'a [M::From],
    results: &'a mut [M::To],
    point_map: M,
}

impl<M: PointMap> WithSimd for Task<'_, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (result, &point) in self.results.iter_mut().zip(self.points) {
            *result = self.point_map.apply(point);
        }
    }
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
