//! Round numbers for axes.

/// A tick: where along the axis, 0 to 1 from its lower end, and what it says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) fraction: f64,
    pub(crate) label: String,
}

/// How values map to lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    Linear,
    Log,
}

impl Scale {
    /// Position of `value` along `range`, 0 to 1.
    pub(crate) fn fraction(self, value: f64, range: (f64, f64)) -> f64 {
        match self {
            Scale::Linear => (value - range.0) / (range.1 - range.0),
            Scale::Log => (value / range.0).ln() / (range.1 / range.0).ln(),
        }
    }

    /// About `count` ticks at round values of `range`.
    pub(crate) fn ticks(self, range: (f64, f64), count: usize) -> Vec<Tick> {
        let values = match self {
            Scale::Linear => linear(range, count),
            Scale::Log => logarithmic(range, count),
        };
        let decimals = decimals_of(&values);
        let as_powers = self == Scale::Log && values.iter().any(|&value| is_unwieldy(value));
        let tick = |value: f64| Tick {
            fraction: self.fraction(value, range),
            label: if as_powers {
                scientific(value)
            } else {
                number(value, decimals)
            },
        };
        values.into_iter().map(tick).collect()
    }

    /// Fractions of the unlabelled ticks between the labelled ones: 2 to 9 times powers of ten on a
    /// logarithmic axis that is short enough for them, none on others.
    pub(crate) fn minor_fractions(self, range: (f64, f64)) -> Vec<f64> {
        if self == Scale::Linear || (range.1 / range.0).log10() > MOST_DECADES {
            return Vec::new();
        }
        let multiples = multiples_within(range, &[2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
        let fraction = |value: f64| self.fraction(value, range);
        multiples.into_iter().map(fraction).collect()
    }
}

/// The step, 1, 2, 2.5 or 5 times a power of ten, that cuts `span` into `count` parts at most.
pub(crate) fn round_step(span: f64, count: usize) -> f64 {
    let raw = span / count.max(1) as f64;
    let power = 10_f64.powf(raw.log10().floor());
    // The margin forgives a rounding error of the division.
    let step = [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .find(|step| step * power >= raw * (1.0 - 1e-9));
    step.unwrap_or(10.0) * power
}

/// The multiples of a round step that lie within `range`.
pub(crate) fn linear(range: (f64, f64), count: usize) -> Vec<f64> {
    let step = round_step(range.1 - range.0, count);
    let slack = 1e-6;
    let first = (range.0 / step - slack).ceil() as i64;
    let last = (range.1 / step + slack).floor() as i64;
    (first..=last)
        .map(|multiple| multiple as f64 * step)
        .collect()
}

/// 1, 2 and 5 times powers of ten, or round steps where the range holds fewer than three of them.
fn logarithmic(range: (f64, f64), count: usize) -> Vec<f64> {
    let fine = multiples_within(range, &[1.0, 2.0, 5.0]);
    match fine.len() {
        0..=2 => linear(range, count),
        many if many > 2 * count => multiples_within(range, &[1.0]),
        _ => fine,
    }
}

/// Logarithmic axes longer than this have no small ticks.
const MOST_DECADES: f64 = 9.0;

/// These multiples of powers of ten, as far as they lie within `range`.
fn multiples_within(range: (f64, f64), factors: &[f64]) -> Vec<f64> {
    let decades = range.0.log10().floor() as i32..=range.1.log10().ceil() as i32;
    let within = |value: &f64| *value >= range.0 && *value <= range.1;
    let all = decades.flat_map(|power| factors.iter().map(move |f| f * 10_f64.powi(power)));
    all.filter(within).collect()
}

/// Whether a number is easier to read as a power of ten.
fn is_unwieldy(value: f64) -> bool {
    !(1e-3..1e5).contains(&(value * (1.0 + 1e-9)))
}

/// A positive number as a power of ten, with a factor where it is not 1: `10⁻⁴`, `2×10⁻⁴`.
fn scientific(value: f64) -> String {
    let power = (value.log10() + 1e-9).floor();
    let factor = number(value / 10_f64.powf(power), 0);
    let digits = format!("{power}")
        .chars()
        .map(superscript)
        .collect::<String>();
    if factor == "1" {
        format!("10{digits}")
    } else {
        format!("{factor}×10{digits}")
    }
}

fn superscript(digit: char) -> char {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    digit
        .to_digit(10)
        .map_or('⁻', |digit| DIGITS[digit as usize])
}

/// `range` widened to multiples of its round step.
pub(crate) fn rounded_outward(range: (f64, f64), count: usize) -> (f64, f64) {
    let step = round_step(range.1 - range.0, count);
    (
        (range.0 / step + 1e-6).floor() * step,
        (range.1 / step - 1e-6).ceil() * step,
    )
}

/// Decimals that tell all values apart and show each exactly, six at most.
pub(crate) fn decimals_of(values: &[f64]) -> usize {
    let exact = |decimals: usize| {
        let scale = 10_f64.powi(decimals as i32);
        values.iter().all(|value| {
            (value * scale - (value * scale).round()).abs() < 1e-6 * scale.max(1.0).sqrt()
        })
    };
    (0..6).find(|&decimals| exact(decimals)).unwrap_or(6)
}

/// A number with a true minus sign, and no minus before zero.
pub(crate) fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.bytes().all(|byte| matches!(byte, b'0' | b'.')) => digits.to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, range: (f64, f64), count: usize) -> Vec<String> {
        scale
            .ticks(range, count)
            .into_iter()
            .map(|tick| tick.label)
            .collect()
    }

    #[test]
    fn linear_ticks_are_round() {
        assert_eq!(
            labels(Scale::Linear, (0.0, 0.5), 5),
            ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"]
        );
        assert_eq!(labels(Scale::Linear, (-12.3, 1.0), 4), ["−10", "−5", "0"]);
        assert_eq!(
            labels(Scale::Linear, (251.0, 288.0), 4),
            ["260", "270", "280"]
        );
        assert_eq!(
            labels(Scale::Linear, (0.0, 0.1), 4),
            ["0.000", "0.025", "0.050", "0.075", "0.100"]
        );
    }

    #[test]
    fn logarithmic_ticks_follow_the_decades() {
        assert_eq!(
            labels(Scale::Log, (0.018, 0.3), 5),
            ["0.02", "0.05", "0.10", "0.20"]
        );
        assert_eq!(labels(Scale::Log, (0.021, 0.048), 3), ["0.03", "0.04"]);
    }

    #[test]
    fn far_powers_are_written_as_such() {
        let wide = labels(Scale::Log, (1e-6, 1.0), 6);
        assert_eq!(
            wide,
            ["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰"]
        );
        let narrow = labels(Scale::Log, (1e-4, 1e-3), 6);
        assert_eq!(narrow, ["10⁻⁴", "2×10⁻⁴", "5×10⁻⁴", "10⁻³"]);
    }

    #[test]
    fn small_ticks_stand_between_powers_of_ten() {
        let minor = Scale::Log.minor_fractions((1.0, 100.0));
        assert_eq!(minor.len(), 16);
        assert!((minor[0] - 2_f64.log10() / 2.0).abs() < 1e-12);
        assert!(Scale::Linear.minor_fractions((1.0, 100.0)).is_empty());
    }

    #[test]
    fn fractions_run_from_end_to_end() {
        for scale in [Scale::Linear, Scale::Log] {
            assert_eq!(scale.fraction(2.0, (2.0, 8.0)), 0.0);
            assert_eq!(scale.fraction(8.0, (2.0, 8.0)), 1.0);
        }
        assert!((Scale::Log.fraction(4.0, (2.0, 8.0)) - 0.5).abs() < 1e-15);
    }

    #[test]
    fn ranges_round_outward() {
        let (from, to) = rounded_outward((0.013, 0.482), 5);
        assert!((from - 0.0).abs() < 1e-12 && (to - 0.5).abs() < 1e-12);
    }

    #[test]
    fn zero_has_no_sign() {
        assert_eq!(number(-0.0004, 3), "0.000");
        assert_eq!(number(-0.004, 3), "−0.004");
    }
}
