//! The text of a station file, byte for byte as ISMN writes it.

use std::io::Write;

use jiff::tz::TimeZone;

use super::series::{Observation, Series};
use super::series_name::{SERIES_ENDING, spelling};

/// The two text formats of ISMN downloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextFormat {
    /// A header with the station, then date, time, value and flags on each line.
    #[default]
    HeaderValues,
    /// Everything on each line: 'CEOP formatted, in separate files'.
    Ceop,
}

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineEnd {
    /// CR LF; after the header, LF CR, as the archives have it.
    #[default]
    CrLf,
    /// A blank and CR, as archives before 2019 have it.
    Cr,
}

/// What stands for a missing value.
const MISSING: f32 = -9999.0;
/// What stands for an unknown elevation.
const UNKNOWN_ELEVATION_M: f64 = -9999.0;
/// Decimals of a value.
const VALUE_DECIMALS: usize = 4;
const VALUE_SCALE: f64 = 1e4;
/// Bytes of a value with its four decimals; longer ones push the rest to the right.
const VALUE_WIDTH: usize = 8;

/// Path of a series in its archive:
/// `Network/Station/Network_Network_Station_sm_0.050000_0.050000_Sensor_20170601_20170630.stm`;
/// `None` if neither [`SeriesInfo::period`](super::SeriesInfo::period) nor an observation tells the days.
pub(super) fn path_of_series(series: &Series) -> Option<String> {
    let info = &series.info;
    let day =
        |observation: Option<&Observation>| Some(observation?.time.to_zoned(TimeZone::UTC).date());
    let [first, last] = info.period.or_else(|| {
        let observations = &series.observations;
        Some([day(observations.first())?, day(observations.last())?])
    })?;
    let (network, station) = (&info.network, &info.station);
    let (spelled, variable, sensor) = (spelling(network), &info.variable, &info.sensor);
    let (from, to) = (info.depth_from_m, info.depth_to_m);
    let (first, last) = (first.strftime("%Y%m%d"), last.strftime("%Y%m%d"));
    Some(format!(
        "{network}/{station}/{spelled}_{spelled}_{station}_{variable}_{from:.6}_{to:.6}_{sensor}_{first}_{last}{SERIES_ENDING}"
    ))
}

/// The bytes of the file.
pub(super) fn text_of_series(series: &Series, format: TextFormat, line_end: LineEnd) -> Vec<u8> {
    let place = place(series);
    let (after_header, after_line) = match line_end {
        LineEnd::CrLf => (&b"\n\r"[..], &b"\r\n"[..]),
        LineEnd::Cr => (&b" \r"[..], &b" \r"[..]),
    };
    let n_bytes = match format {
        TextFormat::HeaderValues => MAX_SHORT_LINE_BYTES,
        TextFormat::Ceop => MAX_SHORT_LINE_BYTES + place.len() + MINUTE_BYTES,
    };
    let mut text = Vec::with_capacity((series.observations.len() + 2) * n_bytes);
    if format == TextFormat::HeaderValues {
        text.extend_from_slice(&place);
        text.push(b' ');
        text.extend_from_slice(series.info.sensor.as_bytes());
        text.extend_from_slice(after_header);
    }
    let mut minutes = Minutes::default();
    for observation in &series.observations {
        let minute = minutes.text(observation);
        text.extend_from_slice(&minute);
        text.push(b' ');
        if format == TextFormat::Ceop {
            text.extend_from_slice(&minute);
            text.push(b' ');
            text.extend_from_slice(&place);
            text.push(b' ');
        }
        let is_missing = observation.value.is_nan();
        push_value(
            &mut text,
            if is_missing {
                MISSING
            } else {
                observation.value
            },
        );
        text.push(b' ');
        for (idx, code) in observation.flags.codes().enumerate() {
            if idx > 0 {
                text.push(b',');
            }
            text.extend_from_slice(code.as_bytes());
        }
        if let Some(flag) = series.provider_flag(observation) {
            text.push(b' ');
            text.extend_from_slice(flag.as_bytes());
        }
        text.extend_from_slice(after_line);
    }
    text
}

/// Bytes that a record rarely exceeds.
const MAX_SHORT_LINE_BYTES: usize = 40;

/// CSE, network, station, latitude, longitude, elevation and the two depths, in their columns.
fn place(series: &Series) -> Vec<u8> {
    let info = &series.info;
    let (network, station) = (&info.network, &info.station);
    let (lat_deg, lon_deg) = (series.position.lat_deg, series.position.lon_deg);
    let (from, to) = (info.depth_from_m, info.depth_to_m);
    let elevation_m = if series.elevation_m.is_nan() {
        UNKNOWN_ELEVATION_M
    } else {
        series.elevation_m
    };
    format!(
        "{network:<10} {network:<15} {station:<15} {lat_deg:>10.5} {lon_deg:>11.5} {elevation_m:>7.2} {from:>7.2} {to:>7.2}"
    )
    .into_bytes()
}

const MINUTE_BYTES: usize = "yyyy/mm/dd HH:MM".len();

/// Writes times; remembers the last date, because 24 values in a row share it.
#[derive(Default)]
struct Minutes {
    day: Option<i64>,
    text: [u8; MINUTE_BYTES],
}

impl Minutes {
    fn text(&mut self, observation: &Observation) -> [u8; MINUTE_BYTES] {
        const SECONDS_OF_DAY: i64 = 86_400;
        let seconds = observation.time.as_second();
        let day = seconds.div_euclid(SECONDS_OF_DAY);
        if self.day != Some(day) {
            let date = observation.time.to_zoned(TimeZone::UTC).date();
            let mut text = &mut self.text[..];
            // Ten bytes fit into sixteen; a year of five digits does not exist in jiff.
            let _ = write!(
                text,
                "{:04}/{:02}/{:02} ",
                date.year(),
                date.month(),
                date.day()
            );
            self.day = Some(day);
        }
        let minute = seconds.rem_euclid(SECONDS_OF_DAY) / 60;
        let digit = |number: i64| b'0' + (number % 10) as u8;
        let (hours, minutes) = (minute / 60, minute % 60);
        self.text[11..].copy_from_slice(&[
            digit(hours / 10),
            digit(hours),
            b':',
            digit(minutes / 10),
            digit(minutes),
        ]);
        self.text
    }
}

/// `  0.1410`: four decimals, rounded, at least eight bytes.
fn push_value(text: &mut Vec<u8>, value: f32) {
    let scaled = (f64::from(value) * VALUE_SCALE).round();
    let mut digits = (scaled.abs() as u64).to_string();
    if digits.len() <= VALUE_DECIMALS {
        digits.insert_str(0, &"00000"[..VALUE_DECIMALS + 1 - digits.len()]);
    }
    let (whole, decimals) = digits.split_at(digits.len() - VALUE_DECIMALS);
    let sign = if scaled < 0.0 { "-" } else { "" };
    let length = sign.len() + digits.len() + 1;
    text.extend(std::iter::repeat_n(
        b' ',
        VALUE_WIDTH.saturating_sub(length),
    ));
    for part in [sign, whole, ".", decimals] {
        text.extend_from_slice(part.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn values_are_written_as_the_formatter_writes_decimals(scaled in -20_000_000_i32..20_000_000) {
            let value = (f64::from(scaled) / VALUE_SCALE) as f32;
            let mut text = Vec::new();
            push_value(&mut text, value);
            // Of four decimals an f32 below 1000 is the nearest, so rounding has one answer.
            prop_assume!(value.abs() < 1000.0);
            let wanted = format!("{:>8.4}", f64::from(scaled) / VALUE_SCALE);
            prop_assert_eq!(String::from_utf8(text).unwrap(), wanted);
        }
    }
}
