//! When instruments look at an area, and what is known of those days.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use vadose_grid::{EaseGrid2, LatLonDeg};

use crate::days::descending_pass;
use crate::{CubeDay, CubeError, Period};

/// A rectangle of longitudes and latitudes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    south_west: LatLonDeg,
    north_east: LatLonDeg,
}

/// A cube is widened to whole 9 km cells: a tenth of a degree, and some more where the meridians meet.
const MARGIN_DEG: f64 = 0.2;
/// Mean radius of the Earth, km.
const EARTH_RADIUS_KM: f64 = 6371.0;
const MAX_LONGITUDE_DEG: f64 = 180.0;

impl Area {
    pub(super) fn new(south_west: LatLonDeg, north_east: LatLonDeg) -> Result<Self, CubeError> {
        let is_longitude = |degrees: f64| degrees.abs() <= MAX_LONGITUDE_DEG;
        let is_box = is_longitude(south_west.lon_deg)
            && is_longitude(north_east.lon_deg)
            && south_west.lon_deg < north_east.lon_deg
            && south_west.lat_deg < north_east.lat_deg;
        let on_grid = |corner| EaseGrid2::M01.locate(corner).is_ok();
        if !(is_box && on_grid(south_west) && on_grid(north_east)) {
            return Err(CubeError::Config {
                key: "bbox",
                value: format!(
                    "{},{},{},{}",
                    south_west.lon_deg, south_west.lat_deg, north_east.lon_deg, north_east.lat_deg
                ),
                allowed: "west, south, east, north in degrees, west below east, within 84.6 degrees of the equator",
            });
        }
        Ok(Self {
            south_west,
            north_east,
        })
    }

    pub(super) fn bbox(&self) -> [f64; 4] {
        let (low, high) = (self.south_west, self.north_east);
        [low.lon_deg, low.lat_deg, high.lon_deg, high.lat_deg]
    }

    pub(super) fn middle_longitude_deg(&self) -> f64 {
        f64::midpoint(self.south_west.lon_deg, self.north_east.lon_deg)
    }

    /// Width, degrees.
    pub(super) fn width_deg(&self) -> f64 {
        self.north_east.lon_deg - self.south_west.lon_deg
    }

    /// Least cosine of a latitude, where the meridians are closest.
    pub(super) fn narrowest_cosine(&self) -> f64 {
        let highest = self
            .south_west
            .lat_deg
            .abs()
            .max(self.north_east.lat_deg.abs());
        highest.to_radians().cos()
    }

    /// Area on the sphere, km2.
    pub(super) fn square_km(&self) -> f64 {
        let [low, high] =
            [self.south_west, self.north_east].map(|one| one.lat_deg.to_radians().sin());
        EARTH_RADIUS_KM.powi(2) * (high - low) * self.width_deg().to_radians()
    }

    /// 6 h local solar time of a date at the eastern and at the western edge, with a margin: the first and the
    /// last in the area.
    pub(super) fn six_o_clock(&self, date: Date) -> [Timestamp; 2] {
        let at = |lon_deg: f64| descending_pass(date, lon_deg);
        [
            at(self.north_east.lon_deg + MARGIN_DEG),
            at(self.south_west.lon_deg - MARGIN_DEG),
        ]
    }
}

/// The dates, UTC, of the times from one to another.
pub(super) fn dates_between(first: Timestamp, last: Timestamp) -> impl Iterator<Item = Date> {
    let date = |time: Timestamp| time.to_zoned(TimeZone::UTC).date();
    let end = date(last);
    date(first)
        .series(jiff::Span::new().days(1))
        .take_while(move |day| *day <= end)
}

/// Multiples of a length, counted from 1970, whose stretch of time a span touches: their beginnings.
pub(super) fn slots(first: Timestamp, last: Timestamp, length: SignedDuration) -> Vec<Timestamp> {
    let seconds = length.as_secs();
    let (begin, end) = (
        first.as_second().div_euclid(seconds),
        last.as_second().div_euclid(seconds),
    );
    (begin..=end)
        .filter_map(|number| Timestamp::from_second(number * seconds).ok())
        .collect()
}

/// Beginning and end, UTC, of what a period needs.
pub(super) fn span(
    area: &Area,
    period: &Period,
    [before, after]: [SignedDuration; 2],
) -> [String; 2] {
    let [begin, _] = area.six_o_clock(period.first);
    let [_, end] = area.six_o_clock(period.last);
    let text = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    [text(begin - before), text(end + after)]
}

/// When SMAP gave no data (NSIDC's notices on SPL4SMGP): 19 June to 23 July 2019, 6 August to 20 September 2022.
const OUTAGES: [[Date; 2]; 2] = [
    [Date::constant(2019, 6, 19), Date::constant(2019, 7, 23)],
    [Date::constant(2022, 8, 6), Date::constant(2022, 9, 20)],
];
/// First full day of SMAP's science data.
const SMAP_FIRST: Date = Date::constant(2015, 3, 31);

/// Whether SMAP measured on a day.
pub(super) fn has_smap(date: Date) -> bool {
    let is_out = |[first, last]: &[Date; 2]| (*first..=*last).contains(&date);
    date >= SMAP_FIRST && !OUTAGES.iter().any(is_out)
}

/// What to know of some days.
pub(super) fn notes(days: &[CubeDay]) -> Vec<String> {
    let dates: BTreeSet<Date> = days.iter().map(|day| day.date).collect();
    let mut notes = Vec::new();
    for [first, last] in OUTAGES {
        let n = dates.range(first..=last).count();
        if n > 0 {
            notes.push(format!(
                "SMAP gave no data from {first} to {last}: {n} of the days are without granules of SPL2SMP_E and \
                 SPL2SMAP_S, and SPL4SMGP is a model without observations on them"
            ));
        }
    }
    let n_before = dates.range(..SMAP_FIRST).count();
    if n_before > 0 {
        notes.push(format!(
            "SMAP's data begin on {SMAP_FIRST}: {n_before} of the days are earlier"
        ));
    }
    notes
}
