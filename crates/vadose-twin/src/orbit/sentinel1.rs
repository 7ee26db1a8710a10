//! Sentinel-1's descending scenes over a window: which 1 km cells they cover, under which angle.

use jiff::{SignedDuration, Timestamp};
use ndarray::Array2;
use ndarray::parallel::prelude::*;
use serde::{Deserialize, Serialize};
use vadose_grid::{EaseGrid2, Window};
use vadose_scene::seed;

use super::{EARTH_RADIUS_M, Places, RepeatOrbit, Track, View, timestamp, whole_coarse_cells};
use crate::draw;
use crate::error::{TwinError, check_range};

/// Orbit, swath and acquisition plan of the two satellites.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sentinel1Config {
    /// Orbit of Sentinel-1A. Default: 175 orbits in 12 days, 98.18 degrees, descending node at
    /// 6 a.m. (Torres et al., 2012, doi:10.1016/j.rse.2011.05.028). The phase puts a track over
    /// the scene of 2015-04-10T05:20:55Z in the name of a real granule; orbit numbers are nominal.
    pub orbit: RepeatOrbit,
    /// Height above the ground, km, 400 to 1000. Default 693 (same source).
    pub altitude_km: f64,
    /// Incidence angle at the far edge of the swath, degrees, 20 to 60. Default 46 (same source).
    pub far_incidence_deg: f64,
    /// Width of the swath, km, 50 to 500. Default 250: interferometric wide swath. With the far
    /// edge at 46 degrees the near edge lies at 30.9; the 29.1 that is quoted beside it belongs to
    /// other heights along the orbit.
    pub swath_km: f64,
    /// Length of a scene along the track, km, 20 to 2000. Default 185: products are cut at 170 to
    /// 200 km.
    pub scene_km: f64,
    /// Days by which Sentinel-1B follows 1A on the same tracks, 1 to 30. Default 6.
    pub days_to_1b: u32,
    /// Share of the tracks on which 1B acquires, 0 to 1. Default 0.4: over North America 1B
    /// served part of the tracks, so that some are seen every 6 days and the rest every 12.
    pub share_1b: f64,
}

impl Default for Sentinel1Config {
    fn default() -> Self {
        Self {
            orbit: RepeatOrbit {
                orbits_per_cycle: 175,
                days_per_cycle: 12,
                inclination_deg: 98.18,
                descending_node_hour: 6.0,
                reference_orbit: 5_416,
                reference_node: Timestamp::constant(1_428_643_871, 0),
            },
            altitude_km: 693.0,
            far_incidence_deg: 46.0,
            swath_km: 250.0,
            scene_km: 185.0,
            days_to_1b: 6,
            share_1b: 0.4,
        }
    }
}

/// One of the two satellites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Platform {
    /// Sentinel-1A.
    A,
    /// Sentinel-1B.
    B,
}

/// One scene of Sentinel-1 over a window.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Satellite.
    pub platform: Platform,
    /// Orbit number; 1B counts as the 1A orbit on whose track it flies, `days_to_1b` later.
    pub orbit: u32,
    /// Number of the track within the cycle, from 1.
    pub relative_orbit: u32,
    /// Beginning of the scene.
    pub start: Timestamp,
    /// Smallest rectangle of M01 around the covered cells of the window, on whole 9 km cells, as
    /// in SPL2SMAP_S granules.
    pub window: Window,
    /// Incidence angle on the sphere, degrees, `[row, col]`; NaN where the scene does not cover.
    pub incidence_deg: Array2<f32>,
}

/// The swath in terms of ground distance from the track.
#[derive(Clone, Copy)]
struct Swath {
    near_m: f64,
    far_m: f64,
    /// Distance of the satellite from the earth's centre, earth radii.
    orbit_radii: f64,
}

impl Swath {
    fn of(config: &Sentinel1Config) -> Self {
        let orbit_radii = 1.0 + 1e3 * config.altitude_km / EARTH_RADIUS_M;
        let incidence = config.far_incidence_deg.to_radians();
        let look = (incidence.sin() / orbit_radii).asin();
        let far_m = (incidence - look) * EARTH_RADIUS_M;
        Self {
            near_m: far_m - 1e3 * config.swath_km,
            far_m,
            orbit_radii,
        }
    }

    /// The radar looks to the right.
    fn incidence_deg(&self, right_m: f64) -> Option<f64> {
        if !(self.near_m..=self.far_m).contains(&right_m) {
            return None;
        }
        let arc = right_m / EARTH_RADIUS_M;
        let look = arc.sin().atan2(self.orbit_radii - arc.cos());
        Some((arc + look).to_degrees())
    }
}

impl Sentinel1Config {
    /// The descending scenes that cover part of a window and begin in a period, in order of time.
    ///
    /// A swath is cut into scenes at fixed distances along the track, counted from the node, so
    /// that scenes do not depend on the window and do not overlap within a pass. The result holds
    /// an array for every scene: for long periods ask day by day.
    ///
    /// # Shapes and units
    /// `window`: of M01, edges on multiples of 9. `master_seed` chooses the tracks of Sentinel-1B.
    /// # Errors
    /// [`TwinError::Config`], [`TwinError::Window`].
    /// # Examples
    /// ```
    /// use vadose_grid::{EaseGrid2, Window};
    /// use vadose_twin::orbit::Sentinel1Config;
    /// let window = Window::new(EaseGrid2::M01, 2610, 7704, 513, 513)?;
    /// let (first, last) = ("2018-06-01T00:00:00Z".parse()?, "2018-06-13T00:00:00Z".parse()?);
    /// let scenes = Sentinel1Config::default().scenes(&window, first, last, 42)?;
    /// let scene = &scenes[0];
    /// assert_eq!(scene.incidence_deg.dim(), scene.window.shape());
    /// let mut seen = scene.incidence_deg.iter().filter(|angle| angle.is_finite());
    /// assert!(seen.all(|angle| (30.0..=46.0).contains(angle)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scenes(
        &self,
        window: &Window,
        first: Timestamp,
        last: Timestamp,
        master_seed: u64,
    ) -> Result<Vec<Scene>, TwinError> {
        self.check()?;
        let plan_seed = seed::derive(master_seed, "sentinel1/plan");
        let coarse = whole_coarse_cells(window)?;
        let coarse_places = Places::of(&coarse)?;
        let (centre, radius_m) = coarse_places.extent();
        let swath = Swath::of(self);
        let lag = SignedDuration::from_hours(24 * i64::from(self.days_to_1b));

        let mut scenes = Vec::new();
        for (platform, lag) in [(Platform::A, SignedDuration::ZERO), (Platform::B, lag)] {
            let mut tracks = self.orbit.descending(first - lag, last - lag);
            tracks.retain(|track| track.may_reach(centre, radius_m, swath.far_m));
            for track in tracks {
                if platform == Platform::B
                    && !self.acquires_1b(plan_seed, self.relative_orbit(track.orbit))
                {
                    continue;
                }
                for slice in self.slices(&track, &swath, &coarse_places, &coarse) {
                    let Some((window, incidence_deg)) =
                        self.cover(&track, &swath, &slice, window)?
                    else {
                        continue;
                    };
                    scenes.push(Scene {
                        platform,
                        orbit: track.orbit,
                        relative_orbit: self.relative_orbit(track.orbit),
                        start: timestamp(track.node_s + slice.number as f64 * self.slice_s()) + lag,
                        window,
                        incidence_deg,
                    });
                }
            }
        }
        scenes.retain(|scene| (first..=last).contains(&scene.start));
        scenes.sort_by_key(|scene| scene.start);
        Ok(scenes)
    }

    fn check(&self) -> Result<(), TwinError> {
        self.orbit.check()?;
        check_range("altitude_km", self.altitude_km, 400.0, 1000.0)?;
        check_range("far_incidence_deg", self.far_incidence_deg, 20.0, 60.0)?;
        check_range("swath_km", self.swath_km, 50.0, 500.0)?;
        check_range("scene_km", self.scene_km, 20.0, 2000.0)?;
        check_range("days_to_1b", self.days_to_1b.into(), 1.0, 30.0)?;
        check_range("share_1b", self.share_1b, 0.0, 1.0)
    }

    /// Track number of Sentinel-1A: `(orbit - 73) mod 175 + 1`.
    fn relative_orbit(&self, orbit: u32) -> u32 {
        /// The orbit of Sentinel-1A that flew the first track.
        const FIRST_TRACK: i64 = 73;
        let cycle = i64::from(self.orbit.orbits_per_cycle);
        let position = (i64::from(orbit) - FIRST_TRACK).rem_euclid(cycle);
        u32::try_from(position).expect("a remainder of a u32") + 1
    }

    fn acquires_1b(&self, plan_seed: u64, relative_orbit: u32) -> bool {
        let draw = draw::uniform(plan_seed, relative_orbit.into(), 0, 0);
        f64::from(draw) < self.share_1b
    }

    /// Time in which the satellite passes the length of a scene.
    fn slice_s(&self) -> f64 {
        let circumference_km = std::f64::consts::TAU * EARTH_RADIUS_M / 1e3;
        self.scene_km / circumference_km * self.orbit.period_s()
    }

    fn slice_of(&self, view: View) -> i64 {
        (view.seconds / self.slice_s()).floor() as i64
    }

    /// The slices of a pass that may cover the window, and the 9 km cells around each.
    fn slices(&self, track: &Track, swath: &Swath, places: &Places, coarse: &Window) -> Vec<Slice> {
        /// Half the diagonal of a 9 km cell where cells are longest in this grid's mid latitudes.
        const MARGIN_M: f64 = 10_000.0;
        let (near_m, far_m) = (swath.near_m - MARGIN_M, swath.far_m + MARGIN_M);
        let mut slices: Vec<Slice> = Vec::new();
        for row in 0..coarse.rows() {
            for col in 0..coarse.cols() {
                let view = track.view(places.at(row, col));
                if (near_m..=far_m).contains(&view.right_m) {
                    // A cell near a cut holds cells of both sides.
                    let margin_s = MARGIN_M / (1e3 * self.scene_km) * self.slice_s();
                    let at = |seconds: f64| self.slice_of(View { seconds, ..view });
                    for number in at(view.seconds - margin_s)..=at(view.seconds + margin_s) {
                        Slice::note(&mut slices, number, row, col);
                    }
                }
            }
        }
        slices
    }

    /// The covered cells of a slice and the rectangle around them, if there are any.
    fn cover(
        &self,
        track: &Track,
        swath: &Swath,
        slice: &Slice,
        window: &Window,
    ) -> Result<Option<(Window, Array2<f32>)>, TwinError> {
        let search = slice.rectangle(window)?;
        let places = Places::of(&search)?;
        let mut incidence_deg = Array2::from_elem(search.shape(), f32::NAN);
        incidence_deg
            .outer_iter_mut()
            .into_par_iter()
            .enumerate()
            .for_each(|(row, mut cells)| {
                for (col, cell) in cells.iter_mut().enumerate() {
                    let view = track.view(places.at(row, col));
                    if self.slice_of(view) == slice.number
                        && let Some(angle) = swath.incidence_deg(view.right_m)
                    {
                        *cell = angle as f32;
                    }
                }
            });
        let mut rows = None;
        let mut cols = None;
        for ((row, col), angle) in incidence_deg.indexed_iter() {
            if angle.is_finite() {
                extend(&mut rows, row);
                extend(&mut cols, col);
            }
        }
        let (Some(rows), Some(cols)) = (rows, cols) else {
            return Ok(None);
        };
        let covered = rectangle(&search, rows, cols)?.snapped_outward(9);
        let (row0, col0) = (
            covered.row0() - search.row0(),
            covered.col0() - search.col0(),
        );
        let cropped = Array2::from_shape_fn(covered.shape(), |(row, col)| {
            incidence_deg[[row0 + row, col0 + col]]
        });
        Ok(Some((covered, cropped)))
    }
}

/// A stretch of a swath, and the 9 km cells of the window among which it lies.
struct Slice {
    number: i64,
    rows: (usize, usize),
    cols: (usize, usize),
}

impl Slice {
    fn note(slices: &mut Vec<Self>, number: i64, row: usize, col: usize) {
        if let Some(slice) = slices.iter_mut().find(|slice| slice.number == number) {
            slice.rows = (slice.rows.0.min(row), slice.rows.1.max(row));
            slice.cols = (slice.cols.0.min(col), slice.cols.1.max(col));
        } else {
            slices.push(Self {
                number,
                rows: (row, row),
                cols: (col, col),
            });
        }
    }

    /// The 1 km cells of these 9 km cells.
    fn rectangle(&self, window: &Window) -> Result<Window, TwinError> {
        let fine = |(first, last): (usize, usize)| (9 * first, 9 * last + 8);
        rectangle(window, fine(self.rows), fine(self.cols))
    }
}

/// The cells of a window between two offsets, both included.
fn rectangle(
    window: &Window,
    rows: (usize, usize),
    cols: (usize, usize),
) -> Result<Window, TwinError> {
    Window::new(
        EaseGrid2::M01,
        window.row0() + rows.0,
        window.col0() + cols.0,
        rows.1 - rows.0 + 1,
        cols.1 - cols.0 + 1,
    )
    .map_err(TwinError::Place)
}

fn extend(range: &mut Option<(usize, usize)>, idx: usize) {
    *range = Some(range.map_or((idx, idx), |(low, high)| (low.min(idx), high.max(idx))));
}
