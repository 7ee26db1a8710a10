//! The rules of station tables again, on plain numbers: no series, no calendar, no reader.

use std::collections::BTreeMap;

use approx::assert_abs_diff_eq;
use vadose_grid::{Cell, EaseGrid2};
use vadose_io::ismn::FlagPolicy;

use super::written::{N_DAYS, Written, days, start, window};
use super::*;

/// Means in f64 that are rounded to f32 once.
const MAX_ROUNDING_ERR_M3M3: f32 = 6e-8;

/// Times and values of sensors.
pub(super) type SensorsByStation = BTreeMap<&'static str, Vec<(i64, f64)>>;

/// By day and cell: sensors by station, each with its value; and reasons by sensor file.
#[derive(Default)]
pub(super) struct Expected {
    pub(super) values: BTreeMap<(usize, Cell), SensorsByStation>,
    pub(super) lost: BTreeMap<(String, String), u64>,
}

/// What the rules give.
pub(super) fn recomputed(written: &[Written], config: &StationsConfig) -> Expected {
    let mut expected = Expected::default();
    let moisture = written.iter().filter(|one| one.variable == "sm");
    for sensor in moisture {
        let name = format!("ismn/{}", sensor.file());
        let mut lose =
            |reason: String, n: u64| *expected.lost.entry((reason, name.clone())).or_default() += n;
        let cell = EaseGrid2::M01.locate(sensor.position).unwrap();
        if sensor.depth_m > 0.055 {
            lose("outside_layer".to_owned(), N_DAYS as u64);
        } else if !window().contains(cell) {
            lose("outside_window".to_owned(), N_DAYS as u64);
        } else {
            for day in 0..N_DAYS {
                let pass = start()
                    + 86_400 * day
                    + ((6.0 - sensor.position.lon_deg / 15.0) * 3600.0).round() as i64;
                match of_day(sensor, pass, config) {
                    Err(reason) => lose(reason, 1),
                    Ok(found) => {
                        let reports = |variable: &str, is_bad: fn(f64) -> bool| {
                            written.iter().any(|one| {
                                (one.station, one.variable) == (sensor.station, variable)
                                    && one.depth_m <= 0.055
                                    && of_day(one, pass, config)
                                        .is_ok_and(|(_, value)| is_bad(value))
                            })
                        };
                        if reports("ts", |value| value < 0.0) {
                            lose("frozen".to_owned(), 1);
                        } else if reports("sd", |value| value > 0.0) {
                            lose("snow".to_owned(), 1);
                        } else {
                            let stations = expected.values.entry((day as usize, cell)).or_default();
                            stations.entry(sensor.station).or_default().push(found);
                        }
                    }
                }
            }
        }
    }
    expected
}

pub(super) fn of_day(
    sensor: &Written,
    pass: i64,
    config: &StationsConfig,
) -> Result<(i64, f64), String> {
    let is_good = |flags: &str| match config.flags {
        FlagPolicy::Good => flags == "G",
        FlagPolicy::GoodOrUnchecked => flags == "G" || flags == "U",
    };
    let mut about: Vec<(i64, i64, f64, &str)> = Vec::new();
    for &(time, value, flags) in &sensor.lines {
        let since = time - pass;
        let is_about = match config.matching {
            StationMatching::Nearest { window_hours } => {
                since.abs() as f64 <= window_hours * 3600.0
            }
            StationMatching::DailyMean => (-6 * 3600..18 * 3600).contains(&since),
        };
        if is_about {
            about.push((since.abs(), time, f64::from(value as f32 / 1e4), flags));
        }
    }
    about.sort_by_key(|one| (one.0, one.1));
    let good: Vec<_> = about.iter().filter(|one| is_good(one.3)).collect();
    match (good.first(), about.first()) {
        (Some(nearest), _) => Ok(match config.matching {
            StationMatching::Nearest { .. } => (nearest.1, nearest.2),
            StationMatching::DailyMean => {
                let mean = good.iter().map(|one| one.2).sum::<f64>() / good.len() as f64;
                (pass, f64::from(mean as f32))
            }
        }),
        (None, Some(nearest)) => Err(format!("flagged:{}", nearest.3.replace(',', "+"))),
        (None, None) => Err("no_value".to_owned()),
    }
}

pub(super) fn assert_equals(table: &StationTable, expected: &Expected) {
    assert_eq!(table.observations.len(), expected.values.len());
    for (found, ((day, cell), stations)) in table.observations.iter().zip(&expected.values) {
        assert_eq!((found.date, found.cell), (days()[*day].date, *cell));
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let of_station =
            |values: &Vec<(i64, f64)>| mean(&values.iter().map(|one| one.1).collect::<Vec<_>>());
        let means: Vec<f64> = stations.values().map(of_station).collect();
        let variance = mean(
            &means
                .iter()
                .map(|one| (one - mean(&means)).powi(2))
                .collect::<Vec<_>>(),
        );
        assert_abs_diff_eq!(
            found.soil_moisture_m3m3,
            mean(&means) as f32,
            epsilon = MAX_ROUNDING_ERR_M3M3
        );
        assert_abs_diff_eq!(
            found.standard_deviation_m3m3,
            variance.sqrt() as f32,
            epsilon = MAX_ROUNDING_ERR_M3M3
        );
        let names: Vec<_> = stations.keys().map(|name| format!("NET/{name}")).collect();
        assert_eq!(found.stations, names);
        let times: Vec<i64> = stations.values().flatten().map(|one| one.0).collect();
        assert_eq!(found.n_sensors as usize, times.len());
        let mean_time = times.iter().sum::<i64>().div_euclid(times.len() as i64);
        assert_eq!(found.time.as_second(), mean_time);
    }
    let lost: BTreeMap<_, _> = table
        .exclusions
        .iter()
        .map(|one| ((one.reason.to_string(), one.sensor.clone()), one.count))
        .collect();
    assert_eq!(lost, expected.lost);
}

/// Every sensor is somewhere on every day.
pub(super) fn assert_complete(table: &StationTable, n_sensors: u64) {
    let used: u64 = table
        .observations
        .iter()
        .map(|one| u64::from(one.n_sensors))
        .sum();
    let lost: u64 = table.exclusions.iter().map(|one| one.count).sum();
    assert_eq!(used + lost, n_sensors * N_DAYS as u64);
}
