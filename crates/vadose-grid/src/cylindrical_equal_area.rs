//! EPSG:6933, the Lambert cylindrical equal-area projection of the M and T grids.
//!
//! WGS84, standard parallel 30°, central meridian 0°, no false origin. Snyder (1987), pp. 76-85,
//! eqs. 10-13 to 10-18: `x = a k0 λ`, `y = a q(φ) / (2 k0)`.

use crate::authalic::{Q_POLE, SEMI_MAJOR_AXIS_M, authalic_sine, geodetic_sine};
use crate::trigonometry::{asin_deg, sin_cos_deg};
use crate::{LatLonDeg, ProjectedM};

/// Scale along the equator: `cos φ1 / sqrt(1 - e² sin² φ1)` at φ1 = 30°, which is
/// `sqrt(3 / (4 - e²))`.
const EQUATOR_SCALE: f64 = 0.866_751_002_572_198_7;
const X_PER_DEGREE_M: f64 = SEMI_MAJOR_AXIS_M * EQUATOR_SCALE * (std::f64::consts::PI / 180.0);
/// Image of the North Pole, metres: the largest `y`.
const Y_POLE_M: f64 = SEMI_MAJOR_AXIS_M * Q_POLE / (2.0 * EQUATOR_SCALE);
/// Image of 180° E, metres: the largest `x`.
pub(crate) const X_ANTIMERIDIAN_M: f64 = 180.0 * X_PER_DEGREE_M;

/// Rounding of published corners, and of a sum of metres of the Earth's size in `f64`: points that
/// far outside still count as on the edge.
pub(crate) const EDGE_TOLERANCE_M: f64 = 1e-6;

/// Metres from degrees; latitude within [-90, 90], longitude within [-180, 180].
#[inline(always)]
pub(crate) fn forward(point: LatLonDeg) -> ProjectedM {
    let (sine, _) = sin_cos_deg(point.lat_deg);
    ProjectedM {
        x_m: point.lon_deg * X_PER_DEGREE_M,
        y_m: authalic_sine(sine) * Y_POLE_M,
    }
}

/// Degrees from metres; NaN beyond the image of the globe.
#[inline(always)]
pub(crate) fn inverse(point: ProjectedM) -> LatLonDeg {
    let lon_deg = within(point.x_m * (1.0 / X_PER_DEGREE_M), 180.0);
    let sine = geodetic_sine(within(point.y_m * (1.0 / Y_POLE_M), 1.0));
    LatLonDeg {
        lat_deg: asin_deg(sine),
        lon_deg,
    }
}

/// `x`, brought to ±`limit` if it is beyond by rounding alone, NaN if by more.
#[inline(always)]
fn within(x: f64, limit: f64) -> f64 {
    const TOLERANCE: f64 = EDGE_TOLERANCE_M / SEMI_MAJOR_AXIS_M;
    let nearest = if x > limit { limit } else { x };
    let nearest = if nearest < -limit { -limit } else { nearest };
    if (x - nearest).abs() <= TOLERANCE * limit {
        nearest
    } else {
        f64::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_that_of_the_parallel_of_30_degrees() {
        let flattening: f64 = 1.0 / 298.257_223_563;
        let e2 = flattening * (2.0 - flattening);
        assert!((EQUATOR_SCALE - (3.0 / (4.0 - e2)).sqrt()).abs() <= 2.0 * f64::EPSILON);
    }

    #[test]
    fn the_origin_maps_onto_itself_exactly() {
        assert_eq!(
            forward(LatLonDeg {
                lat_deg: 0.0,
                lon_deg: 0.0
            }),
            ProjectedM { x_m: 0.0, y_m: 0.0 }
        );
        assert_eq!(
            inverse(ProjectedM { x_m: 0.0, y_m: 0.0 }),
            LatLonDeg {
                lat_deg: 0.0,
                lon_deg: 0.0
            }
        );
    }

    #[test]
    fn the_poles_are_the_top_and_bottom_lines() {
        for sign in [-1.0, 1.0] {
            let y_m = forward(LatLonDeg {
                lat_deg: sign * 90.0,
                lon_deg: 10.0,
            })
            .y_m;
            assert!((y_m - sign * Y_POLE_M).abs() <= EDGE_TOLERANCE_M);
            assert_eq!(
                inverse(ProjectedM {
                    x_m: 0.0,
                    y_m: sign * Y_POLE_M
                })
                .lat_deg,
                sign * 90.0
            );
        }
    }
}
