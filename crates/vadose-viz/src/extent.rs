//! Where a map lies, for its axes.

use crate::VizError;
use crate::ticks::{Scale, Tick, decimals_of, linear, number};

/// Eccentricity of the WGS 84 ellipsoid, from `f = 1 / 298.257223563`; NIMA TR8350.2, table 3.1.
const ECCENTRICITY: f64 = 0.081_819_190_842_621_5;

/// The outer edges of all maps of a panel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Extent {
    /// Edges in projected metres; the axes are in kilometres.
    ProjectedM {
        /// Left edge, m.
        west: f64,
        /// Right edge, m.
        east: f64,
        /// Lower edge, m.
        south: f64,
        /// Upper edge, m.
        north: f64,
    },
    /// Edges in degrees on a cylindrical equal-area grid (EASE-Grid 2.0 global): meridians are
    /// evenly spaced, parallels as the area below them.
    EqualAreaDeg {
        /// Left edge, °.
        west: f64,
        /// Right edge, °.
        east: f64,
        /// Lower edge, °.
        south: f64,
        /// Upper edge, °.
        north: f64,
    },
}

impl Extent {
    pub(crate) fn check(&self) -> Result<(), VizError> {
        let (Extent::ProjectedM {
            west,
            east,
            south,
            north,
        }
        | Extent::EqualAreaDeg {
            west,
            east,
            south,
            north,
        }) = *self;
        for (what, from, to) in [
            ("extent, west to east", west, east),
            ("extent, south to north", south, north),
        ] {
            if !(from.is_finite() && to.is_finite() && from < to) {
                return Err(VizError::BadRange {
                    what: what.to_owned(),
                    from,
                    to,
                });
            }
        }
        Ok(())
    }

    /// Where a point lies, from the west and from the south, 0 to 1; `None` outside.
    pub(crate) fn fractions(&self, east_of: f64, north_of: f64) -> Option<(f64, f64)> {
        let fractions = match *self {
            Extent::ProjectedM {
                west,
                east,
                south,
                north,
            } => (
                (east_of - west) / (east - west),
                (north_of - south) / (north - south),
            ),
            Extent::EqualAreaDeg {
                west,
                east,
                south,
                north,
            } => {
                let (low, high) = (authalic_q(south), authalic_q(north));
                (
                    (east_of - west) / (east - west),
                    (authalic_q(north_of) - low) / (high - low),
                )
            }
        };
        let inside = (0.0..=1.0).contains(&fractions.0) && (0.0..=1.0).contains(&fractions.1);
        inside.then_some(fractions)
    }

    /// Height over width of the region on its grid.
    pub(crate) fn aspect(&self) -> f64 {
        match *self {
            Extent::ProjectedM {
                west,
                east,
                south,
                north,
            } => (north - south) / (east - west),
            Extent::EqualAreaDeg {
                west,
                east,
                south,
                north,
            } => {
                let height = (authalic_q(north) - authalic_q(south)) / 2.0;
                let k = scale_on_equator();
                height / (k * k * (east - west).to_radians())
            }
        }
    }

    /// Ticks along the lower edge.
    pub(crate) fn x_ticks(&self, count: usize) -> Vec<Tick> {
        match *self {
            Extent::ProjectedM { west, east, .. } => {
                Scale::Linear.ticks((west / 1e3, east / 1e3), count)
            }
            Extent::EqualAreaDeg { west, east, .. } => {
                degrees((west, east), count, ["°W", "°E"], |lon| {
                    (lon - west) / (east - west)
                })
            }
        }
    }

    /// Ticks along the left edge, from south to north.
    pub(crate) fn y_ticks(&self, count: usize) -> Vec<Tick> {
        match *self {
            Extent::ProjectedM { south, north, .. } => {
                Scale::Linear.ticks((south / 1e3, north / 1e3), count)
            }
            Extent::EqualAreaDeg { south, north, .. } => {
                let (low, high) = (authalic_q(south), authalic_q(north));
                degrees((south, north), count, ["°S", "°N"], |lat| {
                    (authalic_q(lat) - low) / (high - low)
                })
            }
        }
    }

    /// What the axes say: `(x, y)`. Degrees need no label, their ticks carry it.
    pub(crate) fn labels(&self) -> (&'static str, &'static str) {
        match self {
            Extent::ProjectedM { .. } => ("easting (km)", "northing (km)"),
            Extent::EqualAreaDeg { .. } => ("", ""),
        }
    }
}

/// Ticks in degrees with the hemisphere's letter.
fn degrees(
    range: (f64, f64),
    count: usize,
    letters: [&str; 2],
    fraction: impl Fn(f64) -> f64,
) -> Vec<Tick> {
    let values = linear(range, count);
    let decimals = decimals_of(&values);
    let tick = |value: f64| {
        let letter = if value.abs() < 1e-9 {
            "°"
        } else {
            letters[usize::from(value > 0.0)]
        };
        Tick {
            fraction: fraction(value),
            label: format!("{}{letter}", number(value.abs(), decimals)),
        }
    };
    values.into_iter().map(tick).collect()
}

/// Proportional to the ellipsoid's area between the equator and a latitude: Snyder (1987), USGS
/// Professional Paper 1395, equation 3-12.
fn authalic_q(lat_deg: f64) -> f64 {
    let sin = lat_deg.to_radians().sin();
    let e = ECCENTRICITY;
    (1.0 - e * e) * (sin / (1.0 - e * e * sin * sin) + (e * sin).atanh() / e)
}

/// Shrinkage of the equator on EASE-Grid 2.0, whose true parallel is 30°: Brodzik et al. (2012),
/// doi:10.3390/ijgi1010032.
fn scale_on_equator() -> f64 {
    let sin = TRUE_PARALLEL_DEG.to_radians().sin();
    TRUE_PARALLEL_DEG.to_radians().cos() / (1.0 - (ECCENTRICITY * sin).powi(2)).sqrt()
}

const TRUE_PARALLEL_DEG: f64 = 30.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_carry_their_hemisphere() {
        let extent = Extent::EqualAreaDeg {
            west: -102.3,
            east: -99.6,
            south: -1.2,
            north: 1.3,
        };
        let labels =
            |ticks: Vec<Tick>| ticks.into_iter().map(|tick| tick.label).collect::<Vec<_>>();
        assert_eq!(labels(extent.x_ticks(3)), ["102°W", "101°W", "100°W"]);
        assert_eq!(labels(extent.y_ticks(3)), ["1°S", "0°", "1°N"]);
    }

    #[test]
    fn parallels_crowd_towards_the_pole() {
        let extent = Extent::EqualAreaDeg {
            west: 0.0,
            east: 40.0,
            south: 20.0,
            north: 60.0,
        };
        let at: Vec<f64> = extent
            .y_ticks(4)
            .into_iter()
            .map(|tick| tick.fraction)
            .collect();
        assert_eq!(at.len(), 5);
        assert!((at[0]).abs() < 1e-12 && (at[4] - 1.0).abs() < 1e-12);
        assert!(
            at.windows(3)
                .all(|three| three[2] - three[1] < three[1] - three[0])
        );
        // The middle parallel on the sphere: (sin 40° - sin 20°) / (sin 60° - sin 20°) = 0.5737;
        // the ellipsoid moves it by less than 0.002.
        assert!((at[2] - 0.5737).abs() < 0.002, "{}", at[2]);
    }

    #[test]
    fn a_degree_at_the_true_parallel_is_as_long_both_ways_as_the_ellipsoid_says() {
        let extent = Extent::EqualAreaDeg {
            west: 0.0,
            east: 1.0,
            south: 29.5,
            north: 30.5,
        };
        // WGS 84 at 30°: a degree of latitude is 110.852 km, one of longitude 96.486 km.
        assert!(
            (extent.aspect() - 110.852 / 96.486).abs() < 1e-3,
            "{}",
            extent.aspect()
        );
        let (across, up) = extent.fractions(0.25, 30.0).unwrap();
        assert!((across - 0.25).abs() < 1e-12 && (up - 0.5).abs() < 0.002);
        assert_eq!(extent.fractions(0.5, 31.0), None);
    }

    #[test]
    fn projected_axes_are_in_kilometres() {
        let extent = Extent::ProjectedM {
            west: -1e5,
            east: 1e5,
            south: 0.0,
            north: 5e4,
        };
        let labels: Vec<String> = extent
            .x_ticks(4)
            .into_iter()
            .map(|tick| tick.label)
            .collect();
        assert_eq!(labels, ["−100", "−50", "0", "50", "100"]);
    }

    #[test]
    fn extents_out_of_order_are_refused() {
        let extent = Extent::ProjectedM {
            west: 1.0,
            east: 0.0,
            south: 0.0,
            north: 1.0,
        };
        assert!(matches!(extent.check(), Err(VizError::BadRange { .. })));
        let extent = Extent::EqualAreaDeg {
            west: 0.0,
            east: 1.0,
            south: f64::NAN,
            north: 1.0,
        };
        assert!(matches!(extent.check(), Err(VizError::BadRange { .. })));
    }
}
