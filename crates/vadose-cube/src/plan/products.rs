//! The products that NASA's client fetches.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use vadose_io::imerg::ImergName;

use super::PlannedProduct;
use super::dates::{Area, dates_between, has_smap, slots, span};
use crate::{CubeDay, Period};

const NSIDC: &str = "NSIDC_CPRD";
const GES_DISC: &str = "GES_DISC";

/// A pass comes at most so far from 6 h local solar time: 1.5 h by the inclination of the orbit (98.1°), 0.9 h by
/// the width of the swath, the rest from the equator to high latitudes.
const MAX_FROM_SIX: SignedDuration = SignedDuration::from_hours(3);
/// A half orbit; its name holds the beginning.
const HALF_ORBIT: SignedDuration = SignedDuration::from_mins(50);
const THREE_HOURS: SignedDuration = SignedDuration::from_hours(3);
const HALF_HOUR: SignedDuration = SignedDuration::from_mins(30);
const DAY: SignedDuration = SignedDuration::from_hours(24);
const NONE: SignedDuration = SignedDuration::ZERO;

/// Degrees of longitude between an orbit and the next: 360° × 98.5 min / 1440 min.
const ORBIT_SPACING_DEG: f64 = 24.6;
/// Width of SMAP's swath, km.
const SWATH_KM: f64 = 1000.0;
const KM_PER_DEGREE: f64 = 111.2;
/// Cells of the real SPL2SMAP_S granule that the readers are tested on: 207×315 of 1 km.
const SCENE_SQUARE_KM: f64 = 207.0 * 315.0;
/// Sentinel-1A's and -1B's orbits repeat after 12 days, and over most land one look in them is taken by one of
/// the two about the morning of a SMAP pass.
const DAYS_PER_LOOK: f64 = 12.0;

/// SPL2SMAP_S granule `…010E36N_R17000_001.h5`: 3,778,991 bytes.
const SCENE_BYTES: u64 = 3_800_000;
/// SPL2SMP granule `…02802_A…R18290_001.h5`: 1,201,846 bytes at 36 km; 9 km has 16 cells for one.
const HALF_ORBIT_BYTES: u64 = 16 * 1_200_000;
/// Some forty fields of 1624×3856 cells (25 MB each), compressed to about a tenth.
const ANALYSIS_BYTES: u64 = 140_000_000;
/// Some ten fields of 3600×1800 boxes (26 MB each), mostly zero or missing.
const IMERG_BYTES: u64 = 10_000_000;
/// Release in the names of version 07.
const IMERG_RELEASE: &str = "V07B";

fn spans(area: &Area, periods: &[Period], margins: [SignedDuration; 2]) -> Vec<[String; 2]> {
    periods
        .iter()
        .map(|period| span(area, period, margins))
        .collect()
}

pub(super) fn radiometer(area: &Area, periods: &[Period], days: &[CubeDay]) -> PlannedProduct {
    let margins = [MAX_FROM_SIX + HALF_ORBIT, MAX_FROM_SIX];
    let n_days = days.iter().filter(|day| has_smap(day.date)).count();
    let swath_deg = SWATH_KM / (KM_PER_DEGREE * area.narrowest_cosine());
    // Each day the orbits lie elsewhere, so that this is a mean.
    let per_day =
        ((area.width_deg() + swath_deg) / ORBIT_SPACING_DEG).min(360.0 / ORBIT_SPACING_DEG);
    PlannedProduct {
        short_name: "SPL2SMP_E",
        version: "006",
        provider: NSIDC,
        page: "https://nsidc.org/data/spl2smp_e",
        purpose: "brightness temperatures and 9 km soil moisture, descending half orbits",
        names: smap_names(area, days, margins, |date| {
            format!("SMAP_L2_SM_P_E_*_D_{date}T*_R*_*.h5")
        }),
        names_are_exact: false,
        granules: (n_days as f64 * per_day).ceil() as u64,
        count_basis: format!(
            "{per_day:.1} descending half orbits a day meet the region, from the spacing of the orbits and the width \
             of the swath"
        ),
        bytes_per_granule: HALF_ORBIT_BYTES,
        size_basis: "approximate: a real granule at 36 km (1.2 MB) times 16 cells of 9 km",
        spans: spans(area, periods, margins),
    }
}

pub(super) fn radar(area: &Area, periods: &[Period], days: &[CubeDay]) -> PlannedProduct {
    let margins = [MAX_FROM_SIX; 2];
    let n_days = days.iter().filter(|day| has_smap(day.date)).count();
    let n_scenes = (area.square_km() / SCENE_SQUARE_KM).max(1.0);
    let per_day = n_scenes / DAYS_PER_LOOK;
    PlannedProduct {
        short_name: "SPL2SMAP_S",
        version: "003",
        provider: NSIDC,
        page: "https://nsidc.org/data/spl2smap_s",
        purpose: "Sentinel-1 backscatter and 1 km soil moisture, scenes of SMAP's morning passes",
        names: smap_names(area, days, margins, |date| {
            format!("SMAP_L2_SM_SP_*_{date}T*_*_R*_*.h5")
        }),
        names_are_exact: false,
        granules: (n_days as f64 * per_day).ceil() as u64,
        count_basis: format!(
            "rough: {n_scenes:.0} scenes of 207 by 315 km cover the region once in {DAYS_PER_LOOK} days; Sentinel-1 \
             looks at some places more often, at others never"
        ),
        bytes_per_granule: SCENE_BYTES,
        size_basis: "approximate: measured on one real granule of 207 by 315 cells (3.8 MB)",
        spans: spans(area, periods, margins),
    }
}

/// One name for each date, UTC, on which a pass of the days can begin.
fn smap_names(
    area: &Area,
    days: &[CubeDay],
    [before, after]: [SignedDuration; 2],
    name: impl Fn(String) -> String,
) -> Vec<String> {
    let mut dates = BTreeSet::new();
    for day in days.iter().filter(|day| has_smap(day.date)) {
        let [first, last] = area.six_o_clock(day.date);
        dates.extend(dates_between(first - before, last + after));
    }
    let text = |date: jiff::civil::Date| date.strftime("%Y%m%d").to_string();
    dates.into_iter().map(|date| name(text(date))).collect()
}

pub(super) fn analysis(area: &Area, periods: &[Period], days: &[CubeDay]) -> PlannedProduct {
    let mut centres = BTreeSet::new();
    for day in days {
        let [first, last] = area.six_o_clock(day.date);
        let starts = slots(first, last, THREE_HOURS);
        centres.extend(starts.into_iter().map(|start| start + THREE_HOURS / 2));
    }
    let name = |centre: &Timestamp| {
        format!(
            "SMAP_L4_SM_gph_{}_Vv*_*.h5",
            centre.strftime("%Y%m%dT%H%M%S")
        )
    };
    let names: Vec<String> = centres.iter().map(name).collect();
    PlannedProduct {
        short_name: "SPL4SMGP",
        version: "008",
        provider: NSIDC,
        page: "https://nsidc.org/data/spl4smgp",
        purpose: "9 km soil moisture of the analysis, the 3 h means that hold 6 h local solar time",
        names_are_exact: true,
        granules: names.len() as u64,
        names,
        count_basis: "one a name".to_owned(),
        bytes_per_granule: ANALYSIS_BYTES,
        size_basis: "approximate: not measured; global fields of 1624 by 3856 cells",
        spans: spans(area, periods, [THREE_HOURS; 2]),
    }
}

/// `days` are all of which the precipitation is wanted; the first of a period come `lead_days` before it.
pub(super) fn precipitation(
    area: &Area,
    periods: &[Period],
    days: &[CubeDay],
    lead_days: u16,
) -> PlannedProduct {
    let mut starts = BTreeSet::new();
    for day in days {
        // Ends are rounded to half hours.
        let [first, last] = area.six_o_clock(day.date);
        starts.extend(slots(first - DAY - HALF_HOUR / 2, last, HALF_HOUR));
    }
    let name = |start: Timestamp| {
        let version = IMERG_RELEASE.to_owned();
        ImergName { start, version }.to_string()
    };
    let names: Vec<String> = starts.into_iter().map(name).collect();
    PlannedProduct {
        short_name: "GPM_3IMERGHH",
        version: "07",
        provider: GES_DISC,
        page: "https://disc.gsfc.nasa.gov/datasets/GPM_3IMERGHH_07/summary",
        purpose: "precipitation of the 24 h before each day and lead day, half hours of the final run",
        names_are_exact: true,
        granules: names.len() as u64,
        names,
        count_basis: "one a name".to_owned(),
        bytes_per_granule: IMERG_BYTES,
        size_basis: "approximate: not measured; global fields of 3600 by 1800 boxes",
        spans: spans(
            area,
            periods,
            [DAY * (i32::from(lead_days) + 1) + HALF_HOUR, NONE],
        ),
    }
}
