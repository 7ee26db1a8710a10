//! Where satellites fly: sun-synchronous repeat orbits as pure geometry on a sphere.

mod sentinel1;
mod smap;

pub use sentinel1::{Platform, Scene, Sentinel1Config};
pub use smap::{SmapConfig, SmapPass};

use std::f64::consts::{FRAC_PI_2, TAU};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vadose_grid::{EaseGrid2, Window};

use crate::error::{TwinError, check_range};

/// Mean radius of the earth, m.
const EARTH_RADIUS_M: f64 = 6_371_008.8;
const DAY_S: f64 = 86_400.0;

/// A sun-synchronous orbit whose ground track repeats, by its descending half.
///
/// The orbital plane turns with the sun, so in the plane's frame the earth turns once in exactly
/// a day, and each node lies where the local mean solar time is `descending_node_hour`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatOrbit {
    /// Orbits in a cycle, 1 to 1000.
    pub orbits_per_cycle: u32,
    /// Days in a cycle, 1 to 100.
    pub days_per_cycle: u32,
    /// Inclination, degrees, 90 to 110: retrograde, as every sun-synchronous orbit.
    pub inclination_deg: f64,
    /// Local mean solar time of the descending node, hours, 0 to 24.
    pub descending_node_hour: f64,
    /// Number of the orbit whose descending node is known.
    pub reference_orbit: u32,
    /// Time of that node.
    pub reference_node: Timestamp,
}

impl RepeatOrbit {
    fn check(&self) -> Result<(), TwinError> {
        check_range(
            "orbits_per_cycle",
            self.orbits_per_cycle.into(),
            1.0,
            1000.0,
        )?;
        check_range("days_per_cycle", self.days_per_cycle.into(), 1.0, 100.0)?;
        check_range("inclination_deg", self.inclination_deg, 90.0, 110.0)?;
        check_range("descending_node_hour", self.descending_node_hour, 0.0, 24.0)
    }

    /// Time of one revolution, s.
    #[must_use]
    pub fn period_s(&self) -> f64 {
        f64::from(self.days_per_cycle) * DAY_S / f64::from(self.orbits_per_cycle)
    }

    /// The descending halves that overlap `[first, last]`, in order of time.
    fn descending(&self, first: Timestamp, last: Timestamp) -> Vec<Track> {
        let period_s = self.period_s();
        let reference_s = unix_seconds(self.reference_node);
        let orbits_after = |time: Timestamp| (unix_seconds(time) - reference_s) / period_s;
        // A half orbit begins a quarter before its node and ends a quarter after it.
        let from = (orbits_after(first) - 0.25).ceil() as i64;
        let to = (orbits_after(last) + 0.25).floor() as i64;
        (from..=to)
            .filter_map(|step| {
                let orbit = u32::try_from(i64::from(self.reference_orbit) + step).ok()?;
                Some(self.track(orbit, reference_s + step as f64 * period_s))
            })
            .collect()
    }

    fn track(&self, orbit: u32, node_s: f64) -> Track {
        let utc_hour = node_s.rem_euclid(DAY_S) / 3600.0;
        let inclination = self.inclination_deg.to_radians();
        Track {
            orbit,
            node_s,
            node_lon: (15.0 * (self.descending_node_hour - utc_hour)).to_radians(),
            sin_inclination: inclination.sin(),
            cos_inclination: inclination.cos(),
            period_s: self.period_s(),
        }
    }
}

/// One descending half orbit.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Track {
    orbit: u32,
    node_s: f64,
    node_lon: f64,
    sin_inclination: f64,
    cos_inclination: f64,
    period_s: f64,
}

/// Where a place lies as seen from the track.
#[derive(Debug, Clone, Copy, PartialEq)]
struct View {
    /// When the satellite is abreast, seconds after the node.
    seconds: f64,
    /// Distance along the ground to the right of the track, m; negative to the left. NaN where
    /// only the ascending half comes abreast.
    right_m: f64,
}

/// A place on the sphere, ready for many tracks.
#[derive(Debug, Clone, Copy)]
struct Place {
    sin_lat: f64,
    cos_lat: f64,
    lon: f64,
}

impl Track {
    /// Beginning of the half orbit: the northernmost point, a quarter before the node.
    fn start_s(&self) -> f64 {
        self.node_s - self.period_s / 4.0
    }

    /// Whether a place within `radius_m` of `centre` can lie within `reach_m` of the track.
    fn may_reach(&self, centre: Place, radius_m: f64, reach_m: f64) -> bool {
        /// The earth turns meanwhile, which shifts distances by less than this share.
        const SHEAR: f64 = 0.1;
        let radius_m = (1.0 + SHEAR) * radius_m;
        let (along, left) = self.angles(centre);
        left.abs() * EARTH_RADIUS_M <= reach_m + radius_m
            && along.abs() <= FRAC_PI_2 + radius_m / EARTH_RADIUS_M
    }

    /// Angle along the track from the node, and to the left of it, at which a place is abreast.
    ///
    /// The earth turns meanwhile, so the place's longitude in the frame of the orbit depends on
    /// the moment that is sought.
    fn angles(&self, place: Place) -> (f64, f64) {
        /// A step shrinks the error at least by the ratio of a revolution to a day, 1/15, and where
        /// the track runs nearly north and south by much more: three leave metres.
        const STEPS: usize = 3;
        let turn_per_angle = self.period_s / DAY_S;
        let mut along = (-place.sin_lat / self.sin_inclination)
            .clamp(-1.0, 1.0)
            .asin();
        let mut left = 0.0;
        for _ in 0..STEPS {
            let (sin, cos) = (place.lon - self.node_lon + along * turn_per_angle).sin_cos();
            let (x, y, z) = (place.cos_lat * cos, place.cos_lat * sin, place.sin_lat);
            // The descending node, the direction of flight there, and the left of both.
            let flight = self.cos_inclination * y - self.sin_inclination * z;
            left = self.sin_inclination * y + self.cos_inclination * z;
            along = flight.atan2(x);
        }
        (along, left.clamp(-1.0, 1.0).asin())
    }

    fn view(&self, place: Place) -> View {
        let (along, left) = self.angles(place);
        let right_m = if along.abs() <= FRAC_PI_2 {
            -left * EARTH_RADIUS_M
        } else {
            f64::NAN
        };
        View {
            seconds: along / TAU * self.period_s,
            right_m,
        }
    }
}

/// Sines, cosines and longitudes of the cell centres of a window.
struct Places {
    sin_cos_lat: Vec<(f64, f64)>,
    lon: Vec<f64>,
}

impl Places {
    fn of(window: &Window) -> Result<Self, TwinError> {
        let grid = window.grid();
        let centre = |row: usize, col: usize| {
            grid.centre(vadose_grid::Cell { row, col })
                .map_err(TwinError::Place)
        };
        let rows = window.row0()..window.row0() + window.rows();
        let cols = window.col0()..window.col0() + window.cols();
        let latitudes: Result<Vec<_>, TwinError> = rows
            .map(|row| Ok(centre(row, window.col0())?.lat_deg.to_radians().sin_cos()))
            .collect();
        let longitudes: Result<Vec<_>, TwinError> = cols
            .map(|col| Ok(centre(window.row0(), col)?.lon_deg.to_radians()))
            .collect();
        Ok(Self {
            sin_cos_lat: latitudes?,
            lon: longitudes?,
        })
    }

    /// The middle cell, and the distance on the sphere to the farthest corner cell, m.
    fn extent(&self) -> (Place, f64) {
        let (last_row, last_col) = (self.sin_cos_lat.len() - 1, self.lon.len() - 1);
        let centre = self.at(last_row / 2, last_col / 2);
        let distance = |corner: Place| {
            let cos = centre.sin_lat * corner.sin_lat
                + centre.cos_lat * corner.cos_lat * (centre.lon - corner.lon).cos();
            cos.clamp(-1.0, 1.0).acos() * EARTH_RADIUS_M
        };
        let corners = [(0, 0), (0, last_col), (last_row, 0), (last_row, last_col)];
        let farthest = corners
            .into_iter()
            .map(|(row, col)| distance(self.at(row, col)))
            .fold(0.0, f64::max);
        (centre, farthest)
    }

    fn at(&self, row: usize, col: usize) -> Place {
        let (sin_lat, cos_lat) = self.sin_cos_lat[row];
        Place {
            sin_lat,
            cos_lat,
            lon: self.lon[col],
        }
    }
}

/// The 9 km cells of a window of M01.
pub(crate) fn whole_coarse_cells(window: &Window) -> Result<Window, TwinError> {
    let aligned = window.grid() == EaseGrid2::M01 && window.snapped_outward(9) == *window;
    if !aligned {
        return Err(TwinError::Window { window: *window });
    }
    window.coarsened(EaseGrid2::M09).map_err(TwinError::Place)
}

/// Days since 1970 of a moment, for noise that is correlated in time.
pub(crate) fn day_of(time: Timestamp) -> f64 {
    unix_seconds(time) / DAY_S
}

fn unix_seconds(time: Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1e3
}

/// The moment, to the millisecond.
fn timestamp(unix_s: f64) -> Timestamp {
    let milliseconds = (unix_s * 1e3).round() as i64;
    Timestamp::from_millisecond(milliseconds).expect("a time between two representable ones")
}

#[cfg(test)]
mod tests;
