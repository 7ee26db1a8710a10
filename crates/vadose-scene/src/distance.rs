//! Distance on the ground.

use vadose_grid::LatLonDeg;

/// Mean radius of the Earth, km: (2a + b) / 3 of GRS 80 (Moritz 2000, doi:10.1007/s001900050278).
pub const EARTH_RADIUS_KM: f64 = 6371.0088;

/// Great-circle distance by the haversine formula, km.
///
/// On the sphere of [`EARTH_RADIUS_KM`]: within 0.6 % of the ellipsoid's distance. Cells of an
/// equal-area grid are not square on the ground (818 m by 1,225 m at 45°), so distances between
/// stations are not taken from row and column.
///
/// # Missing values
/// NaN in, NaN out.
/// # References
/// Sinnott (1984), Virtues of the haversine, Sky and Telescope 68, 159.
/// # Examples
/// ```
/// use vadose_grid::LatLonDeg;
/// use vadose_scene::great_circle_km;
///
/// let equator = |lon_deg| LatLonDeg { lat_deg: 0.0, lon_deg };
/// // One degree along the equator: 6371.0088 * pi / 180. The shorter way crosses the antimeridian.
/// assert!((great_circle_km(equator(179.5), equator(-179.5)) - 111.195_08).abs() < 1e-5);
/// ```
pub fn great_circle_km(from: LatLonDeg, to: LatLonDeg) -> f64 {
    let half_lat = (to.lat_deg - from.lat_deg).to_radians() / 2.0;
    let half_lon = (to.lon_deg - from.lon_deg).to_radians() / 2.0;
    let (lat_from, lat_to) = (from.lat_deg.to_radians(), to.lat_deg.to_radians());
    let haversine = half_lat.sin().powi(2) + lat_from.cos() * lat_to.cos() * half_lon.sin().powi(2);
    2.0 * EARTH_RADIUS_KM * haversine.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    fn at(lat_deg: f64, lon_deg: f64) -> LatLonDeg {
        LatLonDeg { lat_deg, lon_deg }
    }

    #[test]
    fn antipodes_are_half_the_circumference_apart() {
        let half = std::f64::consts::PI * EARTH_RADIUS_KM;
        assert_relative_eq!(great_circle_km(at(90.0, 0.0), at(-90.0, 77.0)), half);
        assert_relative_eq!(great_circle_km(at(0.0, 0.0), at(0.0, 180.0)), half);
    }

    #[test]
    fn a_point_is_nowhere_from_itself_and_distance_is_symmetric() {
        let (boulder, kendall) = (at(40.0150, -105.2705), at(31.7365, -109.9419));
        assert_eq!(great_circle_km(boulder, boulder), 0.0);
        assert_eq!(
            great_circle_km(boulder, kendall),
            great_circle_km(kendall, boulder)
        );
    }

    #[test]
    fn nearby_points_keep_their_digits() {
        // 1e-7 degrees of latitude is 1.11 cm.
        let near = great_circle_km(at(45.0, 10.0), at(45.000_000_1, 10.0));
        assert_relative_eq!(near, 1.111_950_8e-5, max_relative = 1e-6);
    }
}
