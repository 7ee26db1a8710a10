//! From stored numbers to values with NaN: fill value first, then the valid range.

use crate::Counts;

/// What a dataset calls missing, and what it calls valid.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ValueRule {
    pub(crate) fill: Option<f64>,
    /// A flag word whose bits describe nothing.
    pub(crate) nothing_tried: Option<f64>,
    pub(crate) valid_min: Option<f64>,
    pub(crate) valid_max: Option<f64>,
}

/// What becomes of values outside the valid range. They are counted either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutOfRange {
    /// They become missing: the rule everywhere else in this crate.
    #[default]
    Missing,
    /// They stay. For the comparison with a product's own numbers, some of which lie outside the
    /// range that the product itself declares (SPL2SMP: soil moisture above 0.5).
    Keep,
}

/// Values of one dataset after decoding.
pub(crate) struct Decoded {
    /// NaN where missing.
    pub(crate) values: Vec<f64>,
    pub(crate) counts: Counts,
    /// Smallest and largest value that lay outside the valid range.
    pub(crate) refused: Option<[f64; 2]>,
}

impl ValueRule {
    fn is_missing(&self, value: f64) -> bool {
        value.is_nan() || Some(value) == self.fill || Some(value) == self.nothing_tried
    }

    fn is_outside(&self, value: f64) -> bool {
        self.valid_min.is_some_and(|low| value < low)
            || self.valid_max.is_some_and(|high| value > high)
    }

    /// Both ends of the valid range, where both are known.
    pub(crate) fn valid_range(&self) -> Option<[f64; 2]> {
        Some([self.valid_min?, self.valid_max?])
    }

    /// Fill values are tested before the range, because some ranges contain them: the cell indices
    /// of SPL2SMAP_S are valid up to 65535 and missing at 65534.
    pub(crate) fn decode(&self, mut values: Vec<f64>, out_of_range: OutOfRange) -> Decoded {
        let mut counts = Counts::default();
        let mut refused: Option<[f64; 2]> = None;
        for value in &mut values {
            if self.is_missing(*value) {
                counts.missing += 1;
                *value = f64::NAN;
            } else if self.is_outside(*value) {
                counts.out_of_range += 1;
                let [low, high] = refused.unwrap_or([*value, *value]);
                refused = Some([low.min(*value), high.max(*value)]);
                if out_of_range == OutOfRange::Missing {
                    *value = f64::NAN;
                }
            } else {
                counts.valid += 1;
            }
        }
        Decoded {
            values,
            counts,
            refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPERATURE: ValueRule = ValueRule {
        fill: Some(-9999.0),
        nothing_tried: None,
        valid_min: Some(200.0),
        valid_max: Some(350.0),
    };

    #[test]
    fn a_leaked_fill_value_is_out_of_range_and_not_missing() {
        let leaked = f64::from(-10_068.993_f32);
        let decoded = TEMPERATURE.decode(vec![-9999.0, leaked, 288.0], OutOfRange::Missing);
        assert_eq!(
            decoded.counts,
            Counts {
                valid: 1,
                missing: 1,
                out_of_range: 1
            }
        );
        assert_eq!(decoded.refused, Some([leaked, leaked]));
        assert!(decoded.values[0].is_nan() && decoded.values[1].is_nan());
        assert_eq!(decoded.values[2], 288.0);
    }

    #[test]
    fn the_fill_value_is_missing_even_where_the_range_contains_it() {
        let index = ValueRule {
            fill: Some(65_534.0),
            valid_max: Some(65_535.0),
            ..ValueRule::default()
        };
        let decoded = index.decode(vec![65_534.0, 65_535.0], OutOfRange::Missing);
        assert_eq!(
            decoded.counts,
            Counts {
                valid: 1,
                missing: 1,
                out_of_range: 0
            }
        );
    }

    #[test]
    fn limits_of_the_range_are_valid_and_stored_nan_is_missing() {
        let decoded = TEMPERATURE.decode(vec![200.0, 350.0, f64::NAN], OutOfRange::Missing);
        assert_eq!(
            decoded.counts,
            Counts {
                valid: 2,
                missing: 1,
                out_of_range: 0
            }
        );
    }

    #[test]
    fn kept_values_outside_the_range_are_counted_all_the_same() {
        let decoded = TEMPERATURE.decode(vec![199.0, 351.0], OutOfRange::Keep);
        assert_eq!(decoded.values, [199.0, 351.0]);
        assert_eq!(decoded.counts.out_of_range, 2);
        assert_eq!(decoded.refused, Some([199.0, 351.0]));
    }

    #[test]
    fn a_word_of_nothing_tried_is_missing() {
        let flags = ValueRule {
            nothing_tried: Some(199.0),
            ..ValueRule::default()
        };
        let decoded = flags.decode(vec![0.0, 199.0, 1.0], OutOfRange::Missing);
        assert_eq!(
            decoded.counts,
            Counts {
                valid: 2,
                missing: 1,
                out_of_range: 0
            }
        );
    }
}
