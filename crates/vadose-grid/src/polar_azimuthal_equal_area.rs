//! EPSG:6931 and EPSG:6932, the Lambert azimuthal equal-area projections of the N and S grids.
//!
//! WGS84, centred on a pole, no false origin. Snyder (1987), pp. 182-190, eqs. 24-23 and 21-30 ff:
//! `ρ = a sqrt(q_p - q(φ))`, which with the authalic polar distance θ' is `a sqrt(2 q_p)
//! sin(θ'/2)`. Greenwich points down on the northern map and up on the southern one.

use crate::authalic::{Q_POLE, SEMI_MAJOR_AXIS_M, authalic_haversine, geodetic_haversine};
use crate::cylindrical_equal_area::EDGE_TOLERANCE_M;
use crate::trigonometry::{atan2_deg, sin_cos_deg};
use crate::{LatLonDeg, ProjectedM};

/// The pole at the centre of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pole {
    North,
    South,
}

impl Pole {
    pub(crate) const fn epsg(self) -> u16 {
        match self {
            Self::North => 6931,
            Self::South => 6932,
        }
    }

    /// +1 in the north, -1 in the south: turns a latitude into one counted towards this pole.
    const fn sign(self) -> f64 {
        match self {
            Self::North => 1.0,
            Self::South => -1.0,
        }
    }
}

/// Squared radius of the map of the whole globe, `2 a² q_p`, m².
const GLOBE_RADIUS_SQUARED_M2: f64 = 2.0 * SEMI_MAJOR_AXIS_M * SEMI_MAJOR_AXIS_M * Q_POLE;

/// Metres from degrees; latitude within [-90, 90], longitude within [-180, 180].
#[inline(always)]
pub(crate) fn forward(pole: Pole, point: LatLonDeg) -> ProjectedM {
    // Exact for the half of the globe around the pole, hence full precision there.
    let polar_distance_deg = 90.0 - pole.sign() * point.lat_deg;
    let (half_sine, _) = sin_cos_deg(0.5 * polar_distance_deg);
    let radius_m = (GLOBE_RADIUS_SQUARED_M2 * authalic_haversine(half_sine * half_sine)).sqrt();
    let (sin_lon, cos_lon) = sin_cos_deg(point.lon_deg);
    ProjectedM {
        x_m: radius_m * sin_lon,
        y_m: -pole.sign() * radius_m * cos_lon,
    }
}

/// Degrees from metres; NaN beyond the image of the globe. The pole gets longitude 0.
#[inline(always)]
pub(crate) fn inverse(pole: Pole, point: ProjectedM) -> LatLonDeg {
    let (x_m, towards_greenwich_m) = (point.x_m, -pole.sign() * point.y_m);
    let authalic =
        (x_m * x_m + towards_greenwich_m * towards_greenwich_m) * (1.0 / GLOBE_RADIUS_SQUARED_M2);
    let haversine = geodetic_haversine(on_earth(authalic));
    let half_polar_distance_deg = atan2_deg(haversine.sqrt(), (1.0 - haversine).abs().sqrt());
    LatLonDeg {
        lat_deg: pole.sign() * (90.0 - 2.0 * half_polar_distance_deg),
        lon_deg: atan2_deg(x_m, towards_greenwich_m),
    }
}

/// The squared radius as a share of the globe's: NaN beyond the antipode, save rounding.
#[inline(always)]
fn on_earth(share: f64) -> f64 {
    const TOLERANCE: f64 = EDGE_TOLERANCE_M / SEMI_MAJOR_AXIS_M;
    if share <= 1.0 + TOLERANCE {
        if share < 1.0 { share } else { 1.0 }
    } else {
        f64::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pole_is_the_origin_and_back() {
        for (pole, lat_deg) in [(Pole::North, 90.0), (Pole::South, -90.0)] {
            for lon_deg in [-180.0, -35.0, 0.0, 120.0, 180.0] {
                let origin = forward(pole, LatLonDeg { lat_deg, lon_deg });
                assert_eq!((origin.x_m.abs(), origin.y_m.abs()), (0.0, 0.0));
                assert_eq!(inverse(pole, origin).lat_deg, lat_deg);
            }
            let origin = ProjectedM { x_m: 0.0, y_m: 0.0 };
            assert_eq!(
                inverse(pole, origin),
                LatLonDeg {
                    lat_deg,
                    lon_deg: 0.0
                }
            );
        }
    }

    #[test]
    fn greenwich_points_down_in_the_north_and_up_in_the_south() {
        let north = forward(
            Pole::North,
            LatLonDeg {
                lat_deg: 60.0,
                lon_deg: 0.0,
            },
        );
        assert!(north.x_m == 0.0 && north.y_m < 0.0);
        let south = forward(
            Pole::South,
            LatLonDeg {
                lat_deg: -60.0,
                lon_deg: 0.0,
            },
        );
        assert!(south.x_m == 0.0 && south.y_m > 0.0);
    }

    #[test]
    fn beyond_the_antipode_there_is_nothing() {
        let beyond = ProjectedM {
            x_m: GLOBE_RADIUS_SQUARED_M2.sqrt() + 1.0,
            y_m: 0.0,
        };
        assert!(inverse(Pole::North, beyond).lat_deg.is_nan());
    }
}
