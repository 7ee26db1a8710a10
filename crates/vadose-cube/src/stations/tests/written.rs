//! An archive of stations, and what went into it.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::date;
use vadose_grid::{EaseGrid2, LatLonDeg, Window};
use vadose_io::ismn::{
    ArchiveForm, FlagSet, Observation, Rejections, Series, SeriesInfo, write_archive,
};

use super::*;
use crate::{Calendar, Period};

pub(super) const N_DAYS: i64 = 12;
pub(super) const BOULDER: LatLonDeg = LatLonDeg {
    lat_deg: 40.015,
    lon_deg: -105.2705,
};

/// One written series, as the recomputation sees it: (seconds, ten-thousandths, flags).
pub(super) struct Written {
    pub(super) station: &'static str,
    pub(super) variable: &'static str,
    pub(super) depth_m: f64,
    pub(super) sensor: &'static str,
    pub(super) position: LatLonDeg,
    pub(super) lines: Vec<(i64, i32, &'static str)>,
}

/// Some number of a position and a time, much alike a random one.
pub(super) fn hashed(seed: u64, hour: i64) -> u64 {
    let mut x = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (hour as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    x ^= x >> 32;
    x = x.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    x ^ (x >> 32)
}

pub(super) fn start() -> i64 {
    "2017-06-01T00:00:00Z"
        .parse::<Timestamp>()
        .unwrap()
        .as_second()
}

pub(super) const FLAGS: [&str; 8] = ["G", "G", "G", "G", "D01", "D01,D03", "C03", "U"];

impl Written {
    /// Hourly values with gaps and flags.
    pub(super) fn moisture(
        station: &'static str,
        sensor: &'static str,
        depth_m: f64,
        position: LatLonDeg,
        seed: u64,
    ) -> Self {
        let line = |hour: i64| {
            let drawn = hashed(seed, hour);
            // Stations report at odd minutes, too.
            let seconds = start() + hour * 3600 + (seed as i64 % 3) * 600;
            let flags = FLAGS[(drawn >> 20) as usize % FLAGS.len()];
            (!drawn.is_multiple_of(4)).then_some((
                seconds,
                500 + (drawn >> 40) as i32 % 4000,
                flags,
            ))
        };
        Self {
            station,
            variable: "sm",
            depth_m,
            sensor,
            position,
            lines: (0..24 * (N_DAYS + 1)).filter_map(line).collect(),
        }
    }

    /// A series of another variable, the same value all along each day.
    pub(super) fn daily(
        station: &'static str,
        variable: &'static str,
        depth_m: f64,
        position: LatLonDeg,
        values: impl Fn(i64) -> i32,
    ) -> Self {
        let line = |hour: i64| (start() + hour * 3600, values(hour / 24), "G");
        Self {
            station,
            variable,
            depth_m,
            sensor: "Gauge",
            position,
            lines: (0..24 * (N_DAYS + 1)).map(line).collect(),
        }
    }

    pub(super) fn file(&self) -> String {
        let Self {
            station,
            variable,
            depth_m,
            sensor,
            ..
        } = self;
        format!(
            "NET/{station}/NET_NET_{station}_{variable}_{depth_m:.6}_{depth_m:.6}_{sensor}_20170601_20170613.stm"
        )
    }

    pub(super) fn series(&self) -> Series {
        let observation = |&(seconds, value, flags): &(i64, i32, &str)| Observation {
            time: Timestamp::from_second(seconds).unwrap(),
            value: value as f32 / 1e4,
            flags: FlagSet::parse(flags.as_bytes()),
            provider_flag_idx: None,
        };
        Series {
            info: SeriesInfo::from_path(&self.file()).unwrap(),
            position: self.position,
            elevation_m: 1655.0,
            observations: self.lines.iter().map(observation).collect(),
            provider_flags: Vec::new(),
            rejected: Rejections::default(),
            discrepancy: None,
        }
    }
}

pub(super) fn east(km: f64) -> LatLonDeg {
    LatLonDeg {
        lon_deg: BOULDER.lon_deg + km / 85.0,
        ..BOULDER
    }
}

pub(super) fn written() -> Vec<Written> {
    let frozen = |day: i64| if day % 4 == 1 { -50_000 } else { 80_000 };
    let snow = |day: i64| if day % 5 == 2 { 30_000 } else { 0 };
    vec![
        Written::moisture("A", "P", 0.05, BOULDER, 1),
        Written::moisture("A", "Q", 0.0508, BOULDER, 2),
        Written::moisture("A", "P", 0.2, BOULDER, 3),
        Written::moisture("B", "P", 0.05, BOULDER, 4),
        Written::moisture("C", "P", 0.05, east(5.0), 5),
        Written::moisture("D", "P", 0.0508, east(-6.0), 6),
        Written::moisture("Far", "P", 0.05, east(400.0), 7),
        Written::daily("B", "ts", 0.05, BOULDER, frozen),
        Written::daily("B", "ts", 0.5, BOULDER, |_| -10_000),
        Written::daily("D", "sd", 0.0, east(-6.0), snow),
    ]
}

pub(super) fn write(path: &Path, form: ArchiveForm, written: &[Written]) {
    let series: Vec<Series> = written.iter().map(Written::series).collect();
    write_archive(path, form, |archive| archive.add_series(&series)).unwrap();
}

pub(super) fn window() -> Window {
    let home = EaseGrid2::M01.locate(BOULDER).unwrap();
    Window::new(EaseGrid2::M01, home.row - 9, home.col - 9, 18, 18).unwrap()
}

pub(super) fn days() -> Vec<CubeDay> {
    let june = Period {
        first: date(2017, 6, 1),
        last: date(2017, 6, N_DAYS as i8),
        every: 1,
    };
    Calendar::new(&[june], BOULDER.lon_deg)
        .unwrap()
        .days()
        .to_vec()
}

pub(super) fn config() -> StationsConfig {
    StationsConfig {
        archives: vec!["ismn".into()],
        ..StationsConfig::default()
    }
}
