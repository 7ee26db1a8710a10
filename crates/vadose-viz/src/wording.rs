//! Words for alternative texts: numbers as one says them, and lists.

use vadose_metrics::Interval;

use crate::ticks::number;

/// About three significant digits, without an exponent where few digits do.
pub(crate) fn say(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return "no value".to_owned();
    }
    let power = value.abs().log10().floor();
    if !(-4.0..6.0).contains(&power) {
        return format!("{value:.1e}").replace('-', "−");
    }
    let decimals = (2.0 - power).max(0.0) as usize;
    let text = number(value, decimals);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A value with its interval, if there is one: `0.041 (0.038 to 0.044)`.
pub(crate) fn with_interval(value: f64, interval: Option<Interval>) -> String {
    match interval {
        Some(Interval { lower, upper }) if lower.is_finite() && upper.is_finite() => {
            format!("{} ({} to {})", say(value), say(lower), say(upper))
        }
        _ => say(value),
    }
}

/// `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A title as the first sentence, or what kind of figure it is where there is none.
pub(crate) fn opening(title: &str, kind: &str) -> String {
    let title = title.trim().trim_end_matches('.');
    if title.is_empty() {
        format!("{kind}.")
    } else {
        format!("{kind}: {title}.")
    }
}

/// `count` things, in singular or plural.
pub(crate) fn count(n: usize, singular: &str, plural: &str) -> String {
    format!("{n} {}", if n == 1 { singular } else { plural })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits() {
        let said = [0.041_37, 12.0, -0.5, 1234.6, 0.0, 1e-6, 2.5e9, 0.1].map(say);
        assert_eq!(
            said,
            [
                "0.0414", "12", "−0.5", "1235", "0", "1.0e−6", "2.5e9", "0.1"
            ]
        );
        let interval = Interval {
            lower: 0.03,
            upper: 0.05,
        };
        assert_eq!(with_interval(0.04, Some(interval)), "0.04 (0.03 to 0.05)");
    }

    #[test]
    fn lists_end_in_and() {
        let items = |n: usize| {
            ["a", "b", "c"][..n]
                .iter()
                .map(|s| (*s).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            [0, 1, 2, 3].map(|n| list(&items(n))),
            ["", "a", "a and b", "a, b and c"]
        );
    }
}
