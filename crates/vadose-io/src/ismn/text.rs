//! Lines, tokens, numbers and times of station files, taken from bytes without copying.

use std::str;

use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Lines that end in `\r\n`, `\n` or `\r`: all three occur, even within one file.
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    number: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            number: 0,
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    /// Number of the line, counted from 1, and its bytes without the ending.
    type Item = (u64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr::memchr2(b'\n', b'\r', self.rest);
        let (line, rest) = match end {
            Some(at) => {
                let ending = if self.rest[at..].starts_with(b"\r\n") {
                    2
                } else {
                    1
                };
                (&self.rest[..at], &self.rest[at + ending..])
            }
            None => (self.rest, &self.rest[..0]),
        };
        self.rest = rest;
        self.number += 1;
        Some((self.number, line))
    }
}

/// Words between blanks and tabs.
#[derive(Clone)]
pub(super) struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    pub(super) fn new(line: &'a [u8]) -> Self {
        Self { rest: line }
    }

    /// What follows the words taken so far, without blanks around it.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest.trim_ascii()
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let start = self
            .rest
            .iter()
            .position(|byte| !byte.is_ascii_whitespace())?;
        let line = &self.rest[start..];
        let end = line.iter().position(u8::is_ascii_whitespace);
        let (token, rest) = line.split_at(end.unwrap_or(line.len()));
        self.rest = rest;
        Some(token)
    }
}

/// `yyyy/mm/dd HH:MM`, the two words that nearly every line begins with, without a search for blanks;
/// and the rest of the line.
pub(super) fn date_and_time(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (head, rest) = line.split_at_checked(DATE_TIME_BYTES)?;
    let (date, time) = (&head[..DATE_BYTES], &head[DATE_BYTES + 1..]);
    let has_blanks = head[DATE_BYTES] == b' ' && rest.first() == Some(&b' ');
    let is_whole = !date.contains(&b' ') && !time.contains(&b' ');
    (has_blanks && is_whole).then_some((date, time, rest))
}

/// Up to this many digits, the quotient in f64 of a decimal's digits and its power of ten is so
/// close to the decimal that rounding it to f32 gives the f32 nearest to the decimal: a decimal of
/// eight digits is no nearer than 1e-16 of its own size to the middle between two f32, unless it
/// is that middle, which f64 holds exactly.
const MAX_FAST_DIGITS: usize = 8;
const POWERS_OF_TEN: [f64; MAX_FAST_DIGITS + 1] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

/// The f32 nearest to a decimal number.
pub(super) fn parse_f32(token: &[u8]) -> Option<f32> {
    short_decimal(token).or_else(|| str::from_utf8(token).ok()?.parse().ok())
}

/// `-12.3456`: the form that files use, several times faster than the general parser.
fn short_decimal(token: &[u8]) -> Option<f32> {
    let digits = token.strip_prefix(b"-").unwrap_or(token);
    if digits.is_empty() || digits.len() > MAX_FAST_DIGITS + 1 {
        return None;
    }
    let (mut mantissa, mut n_digits, mut decimals_from) = (0_u64, 0, None);
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + u64::from(byte - b'0');
                n_digits += 1;
            }
            b'.' if decimals_from.is_none() => decimals_from = Some(n_digits),
            _ => return None,
        }
    }
    if n_digits == 0 || n_digits > MAX_FAST_DIGITS {
        return None;
    }
    let n_decimals = decimals_from.map_or(0, |from| n_digits - from);
    let value = (mantissa as f64 / POWERS_OF_TEN[n_decimals]) as f32;
    Some(if digits.len() < token.len() {
        -value
    } else {
        value
    })
}

pub(super) fn parse_f64(token: &[u8]) -> Option<f64> {
    str::from_utf8(token).ok()?.parse().ok()
}

/// Reads `2017/06/01` and `12:00` as seconds since 1970, UTC. Remembers the last date, because 24
/// lines in a row share it.
#[derive(Default)]
pub(super) struct Clock {
    date: [u8; DATE_BYTES],
    midnight: i64,
}

const DATE_BYTES: usize = "yyyy/mm/dd".len();
const DATE_TIME_BYTES: usize = "yyyy/mm/dd HH:MM".len();

impl Clock {
    /// `yyyy/mm/dd` (or with `-`) and `HH:MM` or `HH:MM:SS`; `None` for anything else.
    pub(super) fn seconds(&mut self, date: &[u8], time: &[u8]) -> Option<i64> {
        let date: [u8; DATE_BYTES] = date.try_into().ok()?;
        if date != self.date {
            self.midnight = midnight(&date)?;
            self.date = date;
        }
        let (hour, minute, second) = match *time {
            [h1, h2, b':', m1, m2] => (two_digits(h1, h2)?, two_digits(m1, m2)?, 0),
            [h1, h2, b':', m1, m2, b':', s1, s2] => (
                two_digits(h1, h2)?,
                two_digits(m1, m2)?,
                two_digits(s1, s2)?,
            ),
            _ => return None,
        };
        let is_time = hour < 24 && minute < 60 && second < 60;
        is_time.then_some(self.midnight + hour * 3600 + minute * 60 + second)
    }
}

fn two_digits(tens: u8, ones: u8) -> Option<i64> {
    let are_digits = tens.is_ascii_digit() && ones.is_ascii_digit();
    are_digits.then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

fn midnight(date: &[u8; DATE_BYTES]) -> Option<i64> {
    let [y1, y2, y3, y4, first, m1, m2, second, d1, d2] = *date;
    if first != second || !matches!(first, b'/' | b'-') {
        return None;
    }
    let year = two_digits(y1, y2)? * 100 + two_digits(y3, y4)?;
    let (month, day) = (two_digits(m1, m2)?, two_digits(d1, d2)?);
    let date = Date::new(year as i16, month as i8, day as i8).ok()?;
    let midnight = date.to_zoned(TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(text: &str) -> Vec<(u64, &str)> {
        Lines::new(text.as_bytes())
            .map(|(number, line)| (number, str::from_utf8(line).unwrap()))
            .collect()
    }

    #[test]
    fn all_three_line_endings_end_a_line() {
        assert_eq!(
            lines("a\n\rb\r\nc\rd"),
            [(1, "a"), (2, ""), (3, "b"), (4, "c"), (5, "d")]
        );
        assert!(lines("").is_empty());
    }

    #[test]
    fn words_are_split_at_blanks_and_the_rest_keeps_its_own() {
        let mut tokens = Tokens::new(b"  a\tb  c d ");
        assert_eq!(tokens.next(), Some(&b"a"[..]));
        assert_eq!(tokens.next(), Some(&b"b"[..]));
        assert_eq!(tokens.rest(), b"c d");
        assert_eq!(tokens.count(), 2);
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        for text in ["", "-", ".", "1.2.3", "0,21", "--1", "0x1", "1e", "NA"] {
            assert_eq!(parse_f32(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse_f32(b"-9999"), Some(-9999.0));
        assert_eq!(parse_f32(b".5"), Some(0.5));
        assert_eq!(parse_f32(b"-0.0"), Some(-0.0));
        assert!(parse_f32(b"NaN").unwrap().is_nan());
    }

    #[test]
    fn times_are_utc_and_wrong_ones_are_refused() {
        let mut clock = Clock::default();
        assert_eq!(clock.seconds(b"1970/01/02", b"01:02"), Some(86_400 + 3720));
        assert_eq!(
            clock.seconds(b"1970/01/02", b"01:02:03"),
            Some(86_400 + 3723)
        );
        assert_eq!(clock.seconds(b"2017-06-01", b"12:00"), Some(1_496_318_400));
        for (date, time) in [
            ("2017/02/29", "12:00"),
            ("2017/13/01", "12:00"),
            ("2017/06-01", "12:00"),
            ("17/06/01", "12:00"),
            ("2017/06/01", "24:00"),
            ("2017/06/01", "12:60"),
            ("2017/06/01", "12"),
        ] {
            assert_eq!(
                clock.seconds(date.as_bytes(), time.as_bytes()),
                None,
                "{date} {time}"
            );
        }
    }

    proptest! {
        #[test]
        fn short_decimals_equal_the_general_parser(
            mantissa in 0_u32..100_000_000, n_decimals in 0_usize..=8, negative: bool,
        ) {
            let digits = format!("{mantissa:08}");
            let (whole, decimals) = digits.split_at(8 - n_decimals);
            let sign = if negative { "-" } else { "" };
            let text = format!("{sign}{whole}.{decimals}");
            let fast = short_decimal(text.as_bytes()).unwrap();
            prop_assert_eq!(fast.to_bits(), text.parse::<f32>().unwrap().to_bits());
        }
    }
}
