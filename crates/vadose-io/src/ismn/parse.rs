//! From the bytes of a station file to a series, in both of ISMN's text formats.

use std::path::PathBuf;

use jiff::Timestamp;
use vadose_grid::LatLonDeg;

use super::series::{Observation, ReadOptions, RejectReason, Rejections, Series, SoilMoistureUnit};
use super::series_name::spelling;
use super::text::{Clock, Lines, Tokens, date_and_time, parse_f32, parse_f64};
use super::{FlagSet, SeriesInfo, Variable};
use crate::IoError;

/// No line of a station file is nearly as long (real ones have 35 to 150 bytes); a longer one is
/// none of text.
const MAX_LINE_BYTES: usize = 4096;
/// Words of a line in the format with everything on each line: `date time date time CSE network
/// station lat lon elevation from to value flag provider_flag`.
const CEOP_TOKENS: usize = 15;
/// Words before the names on such a line.
const CEOP_TIME_TOKENS: usize = 4;
/// Words at least before the position: CSE, network, station.
const NAME_TOKENS: usize = 3;
/// Numbers of the position: latitude, longitude, elevation, depth from, depth to.
const POSITION_TOKENS: usize = 5;
/// Files state depths with two decimals, rounded or cut.
const DEPTH_ROUNDING_M: f64 = 0.01;
/// Elevations below it are codes for a missing one: no land lies deeper than 430 m below the sea.
const LOWEST_ELEVATION_M: f64 = -500.0;
/// More different flags than any network has; a file with more keeps its values without them.
const MAX_PROVIDER_FLAGS: usize = 1000;

/// Reads a series from the bytes of its file.
///
/// The format is found as TU Wien's reader finds it: if the first two lines have 15 words each,
/// every line holds everything (CEOP); otherwise the first is a header and the others are date,
/// time, value, flag and, where it is set, the provider's flag. A first line that begins with two
/// times is CEOP too, so that names with blanks and a file of one line are read. Lines end in CR
/// LF, LF or CR; empty ones are passed over.
///
/// # Shapes and units
/// Soil moisture in m3 m-3; with [`SoilMoistureUnit::Percent`] values are divided by 100 first.
/// # Missing values
/// A line that cannot be understood, is flagged as missing (M), or whose value cannot be true
/// (soil moisture beyond 1.5 m3 m-3, temperature beyond 100 degrees Celsius, codes such as -9999)
/// is left out and counted in [`Series::rejected`]; flags other than M leave it in. Of lines with
/// the same time the first holds.
/// # Errors
/// [`IoError::StationSeries`] for bytes without a line of text, a line of more than 4096 bytes, a
/// first line without latitude, longitude, elevation and two depths, and a position off the Earth.
/// # References
/// Peer: `ismn.filehandlers.DataFile` 1.5 of TU Wien.
/// # Examples
/// ```
/// use vadose_io::ismn::{FlagPolicy, ReadOptions, SeriesInfo, parse_series};
///
/// let info = SeriesInfo::from_path("N_N_S_sm_0.050800_0.050800_Probe_20170601_20170630.stm")?;
/// let bytes = b"N N S 40.01500 -105.27050 1655.00 0.05 0.05 Probe\r\
///     2017/06/01 12:00 0.2140 G M\r2017/06/01 13:00 21.4000 G M\r2017/06/01 14:00 0.2100 D06 M\r";
/// let series = parse_series(bytes, &info, &ReadOptions::default())?;
/// assert_eq!(series.observations.len(), 2);
/// assert_eq!(series.rejected.total(), 1);
/// assert_eq!(series.kept(FlagPolicy::Good).map(|o| o.value).collect::<Vec<_>>(), [0.214]);
/// # Ok::<(), vadose_io::IoError>(())
/// ```
pub fn parse_series(
    bytes: &[u8],
    info: &SeriesInfo,
    options: &ReadOptions,
) -> Result<Series, IoError> {
    let refused = |line, reason: String| IoError::StationSeries {
        path: PathBuf::from(&info.path),
        line,
        reason,
    };
    let mut first_lines = text_lines(bytes);
    let Some((first_number, first)) = first_lines.next() else {
        return Err(refused(0, "the file holds no line of text".to_string()));
    };
    check_length(first_number, first).map_err(|(line, reason)| refused(line, reason))?;
    let second = first_lines.next().map_or(&b""[..], |(_, line)| line);
    let format = Format::detect(first, second);
    let place = Place::find(first, format, info).ok_or_else(|| {
        let reason = "no latitude, longitude, elevation and two depths in the first line";
        refused(first_number, reason.to_string())
    })?;
    let mut reader = LineReader {
        info,
        options,
        place: place.bytes,
        clock: Clock::default(),
        observations: Vec::with_capacity(bytes.len() / first.len().max(SHORT_LINE_BYTES)),
        provider_flags: Vec::new(),
        rejected: Rejections::default(),
    };
    let mut lines = text_lines(bytes);
    if format == Format::HeaderValues {
        lines.next();
    }
    for (number, line) in lines {
        check_length(number, line).map_err(|(line, reason)| refused(line, reason))?;
        match reader.line(line, format) {
            Ok(Some(observation)) => reader.keep(number, observation),
            Ok(None) => {}
            Err(reason) => reader.rejected.add(number, reason),
        }
    }
    let position = place.position;
    let on_earth = position.lat_deg.abs() <= 90.0 && position.lon_deg.abs() <= 180.0;
    if !on_earth {
        let LatLonDeg { lat_deg, lon_deg } = position;
        let reason = format!("latitude {lat_deg}, longitude {lon_deg} is nowhere on Earth");
        return Err(refused(first_number, reason));
    }
    Ok(reader.finish(position, place.elevation_m, place.discrepancy))
}

/// A record of the format with a header: to guess the number of lines from.
const SHORT_LINE_BYTES: usize = "2017/08/10 00:00   0.1410 G M\r\n".len();

fn text_lines(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    Lines::new(bytes).filter(|(_, line)| !line.trim_ascii().is_empty())
}

fn check_length(number: u64, line: &[u8]) -> Result<(), (u64, String)> {
    if line.len() <= MAX_LINE_BYTES {
        return Ok(());
    }
    let length = line.len();
    Err((
        number,
        format!("a line of {length} bytes; a station file has at most {MAX_LINE_BYTES}"),
    ))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    HeaderValues,
    Ceop,
}

impl Format {
    fn detect(first: &[u8], second: &[u8]) -> Self {
        let has_15 = |line| Tokens::new(line).count() == CEOP_TOKENS;
        let begins_with_two_times = || {
            let (mut tokens, mut clock) = (Tokens::new(first), Clock::default());
            (0..2).all(|_| match (tokens.next(), tokens.next()) {
                (Some(date), Some(time)) => clock.seconds(date, time).is_some(),
                _ => false,
            })
        };
        if (has_15(first) && has_15(second)) || begins_with_two_times() {
            Self::Ceop
        } else {
            Self::HeaderValues
        }
    }
}

/// What the first line tells of the station.
struct Place<'a> {
    position: LatLonDeg,
    elevation_m: f64,
    /// In CEOP, the part of the line from CSE to the lower depth, which every line repeats.
    bytes: &'a [u8],
    discrepancy: Option<String>,
}

impl<'a> Place<'a> {
    /// Names may hold blanks and be numbers, so the five numbers of the position are those whose
    /// depths agree with the name of the file; failing that, the first five numbers in a row.
    fn find(line: &'a [u8], format: Format, info: &SeriesInfo) -> Option<Self> {
        let tokens: Vec<&[u8]> = Tokens::new(line).collect();
        let names_idx = match format {
            Format::HeaderValues => 0,
            Format::Ceop => CEOP_TIME_TOKENS,
        };
        let candidates: Vec<(usize, [f64; POSITION_TOKENS])> = tokens
            .windows(POSITION_TOKENS)
            .enumerate()
            .skip(names_idx + NAME_TOKENS)
            .filter_map(|(idx, window)| {
                let mut numbers = [0.0; POSITION_TOKENS];
                for (number, token) in numbers.iter_mut().zip(window) {
                    *number = parse_f64(token).filter(|number| number.is_finite())?;
                }
                Some((idx, numbers))
            })
            .collect();
        let agrees = |&&(_, [_, _, _, from, to]): &&(usize, [f64; POSITION_TOKENS])| {
            (from - info.depth_from_m).abs() < DEPTH_ROUNDING_M
                && (to - info.depth_to_m).abs() < DEPTH_ROUNDING_M
        };
        let agreeing = candidates.iter().find(agrees);
        let &(idx, [lat_deg, lon_deg, elevation_m, from, to]) =
            agreeing.or_else(|| candidates.first())?;
        let network = String::from_utf8_lossy(tokens[names_idx + 1]);
        let discrepancy = if agreeing.is_none() {
            let (name_from, name_to) = (info.depth_from_m, info.depth_to_m);
            Some(format!(
                "depths {from} to {to} m, but {name_from} to {name_to} m in the name"
            ))
        } else if spelling(&network) != spelling(&info.network) {
            Some(format!(
                "network {network}, but {} in the name",
                info.network
            ))
        } else {
            None
        };
        // Tokens are parts of the line, so their places are differences of lengths.
        let mut before = Tokens::new(line);
        before.by_ref().take(names_idx).for_each(drop);
        let names = before.rest();
        before
            .by_ref()
            .take(idx + POSITION_TOKENS - names_idx)
            .for_each(drop);
        let bytes = &names[..names.len() - before.rest().len()];
        Some(Self {
            position: LatLonDeg { lat_deg, lon_deg },
            elevation_m: if elevation_m < LOWEST_ELEVATION_M {
                f64::NAN
            } else {
                elevation_m
            },
            bytes: bytes.trim_ascii_end(),
            discrepancy,
        })
    }
}

struct LineReader<'a> {
    info: &'a SeriesInfo,
    options: &'a ReadOptions,
    place: &'a [u8],
    clock: Clock,
    observations: Vec<Observation>,
    provider_flags: Vec<String>,
    rejected: Rejections,
}

impl LineReader<'_> {
    /// The observation of a line; `None` if it is outside the period that was asked for.
    fn line(&mut self, line: &[u8], format: Format) -> Result<Option<Observation>, RejectReason> {
        let (date, time, rest) = match date_and_time(line) {
            Some(parts) => parts,
            None => {
                let mut tokens = Tokens::new(line);
                let mut next = || tokens.next().ok_or(RejectReason::TooFewFields);
                (next()?, next()?, tokens.rest())
            }
        };
        let seconds = self.clock.seconds(date, time).ok_or(RejectReason::Time)?;
        let time = Timestamp::from_second(seconds).map_err(|_| RejectReason::Time)?;
        let mut tokens = Tokens::new(rest);
        let mut tokens = match format {
            Format::HeaderValues => tokens,
            Format::Ceop => {
                // The actual time follows the nominal one, which holds.
                let mut next = || tokens.next().ok_or(RejectReason::TooFewFields);
                next()?;
                next()?;
                Tokens::new(self.after_place(tokens.rest())?)
            }
        };
        let mut next = || tokens.next().ok_or(RejectReason::TooFewFields);
        let (value, flags) = (next()?, FlagSet::parse(next()?));
        if self
            .options
            .period
            .as_ref()
            .is_some_and(|period| !period.contains(&time))
        {
            return Ok(None);
        }
        if flags.contains(FlagSet::MISSING) {
            return Err(RejectReason::Missing);
        }
        let mut value = parse_f32(value).ok_or(RejectReason::Value)?;
        if self.info.variable == Variable::SoilMoisture
            && self.options.soil_moisture_unit == SoilMoistureUnit::Percent
        {
            value /= 100.0;
        }
        if !self.info.variable.is_plausible(value) {
            return Err(RejectReason::Implausible);
        }
        Ok(Some(Observation {
            time,
            value,
            flags,
            provider_flag_idx: self.provider_flag_idx(tokens.rest()),
        }))
    }

    /// What follows the names and the position, if they are those of the first line.
    fn after_place<'b>(&self, line: &'b [u8]) -> Result<&'b [u8], RejectReason> {
        if let Some(rest) = line.strip_prefix(self.place)
            && rest.first().is_some_and(u8::is_ascii_whitespace)
        {
            return Ok(rest);
        }
        let mut tokens = Tokens::new(line);
        for expected in Tokens::new(self.place) {
            let token = tokens.next().ok_or(RejectReason::TooFewFields)?;
            if token != expected {
                return Err(RejectReason::OtherStation);
            }
        }
        Ok(tokens.rest())
    }

    fn provider_flag_idx(&mut self, flag: &[u8]) -> Option<u16> {
        if flag.is_empty() {
            return None;
        }
        let known = self
            .provider_flags
            .iter()
            .position(|known| known.as_bytes() == flag);
        let idx = known.or_else(|| {
            let text = String::from_utf8_lossy(flag);
            // A flag that is no UTF-8 is kept with replacement characters, so it was not found above.
            let again = self.provider_flags.iter().position(|known| *known == text);
            again.or_else(|| {
                let has_room = self.provider_flags.len() < MAX_PROVIDER_FLAGS;
                has_room.then(|| {
                    self.provider_flags.push(text.into_owned());
                    self.provider_flags.len() - 1
                })
            })
        })?;
        u16::try_from(idx).ok()
    }

    /// Appends an observation; one that repeats a time of the line before is left out.
    fn keep(&mut self, line: u64, observation: Observation) {
        if self
            .observations
            .last()
            .is_some_and(|last| last.time == observation.time)
        {
            self.rejected.add(line, RejectReason::RepeatedTime);
        } else {
            self.observations.push(observation);
        }
    }

    fn finish(self, position: LatLonDeg, elevation_m: f64, discrepancy: Option<String>) -> Series {
        let mut series = Series {
            info: self.info.clone(),
            position,
            elevation_m,
            observations: self.observations,
            provider_flags: self.provider_flags,
            rejected: self.rejected,
            discrepancy,
        };
        if !series
            .observations
            .is_sorted_by_key(|observation| observation.time)
        {
            // The sort is stable, so the first of equal times stays the first.
            series
                .observations
                .sort_by_key(|observation| observation.time);
            let n_all = series.observations.len();
            series
                .observations
                .dedup_by_key(|observation| observation.time);
            let n_repeated = (n_all - series.observations.len()) as u64;
            if n_repeated > 0 {
                let counts = &mut series.rejected.counts;
                *counts.entry(RejectReason::RepeatedTime).or_default() += n_repeated;
            }
        }
        series
    }
}
