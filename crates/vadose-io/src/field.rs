//! The datasets of a granule after reading: quantities with NaN, integers with a mask.

use ndarray::{Array, Dimension, Ix1, Ix2};
use serde::{Deserialize, Serialize};

/// How many values of a dataset are what. The three add up to its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Present and inside the valid range.
    pub valid: usize,
    /// The fill value, NaN, or a flag word that says 'nothing tried'.
    pub missing: usize,
    /// Present, but outside the valid range; treated as missing.
    pub out_of_range: usize,
}

/// A quantity on the cells of a granule.
#[derive(Debug, Clone, PartialEq)]
pub struct Field<D: Dimension> {
    /// NaN where missing or out of range.
    pub values: Array<f32, D>,
    /// CF units.
    pub units: String,
    /// What the quantity is, in the file's words.
    pub long_name: String,
    /// Smallest and largest valid value, both included.
    pub valid_range: Option<[f64; 2]>,
    /// How many values are valid, missing and out of range.
    pub counts: Counts,
    /// Smallest and largest of the values that were out of range.
    pub refused: Option<[f64; 2]>,
}

/// A field of a granule that is a rectangle of the grid, `[row, col]`, row 0 northernmost.
pub type GranuleField = Field<Ix2>;
/// A field of a granule that is a list of cells, `[cell]`.
pub type TrajectoryField = Field<Ix1>;

impl<D: Dimension> Field<D> {
    /// Why values were refused, e.g. `outside valid range [200, 350] K: -10068.993`; `None` if
    /// none were.
    #[must_use]
    pub fn out_of_range_reason(&self) -> Option<String> {
        out_of_range_reason(self.valid_range, &self.units, self.refused)
    }
}

/// Flag words or class numbers on the cells of a granule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegerField<D: Dimension> {
    /// As stored; meaningless where `valid` is false.
    pub values: Array<u16, D>,
    /// False where the value is the fill value, out of range, or a word of 'nothing tried'.
    pub valid: Array<bool, D>,
    /// How many values are valid, missing and out of range.
    pub counts: Counts,
}

/// Flag words or classes, `[row, col]`.
pub type FlagField = IntegerField<Ix2>;
/// Flag words or classes, `[cell]`.
pub type TrajectoryFlagField = IntegerField<Ix1>;

/// The sentence for values outside the valid range.
pub(crate) fn out_of_range_reason(
    valid_range: Option<[f64; 2]>,
    units: &str,
    refused: Option<[f64; 2]>,
) -> Option<String> {
    let [low, high] = refused?;
    let range = valid_range.map_or_else(
        || "outside the valid range".to_string(),
        |range| {
            let [min, max] = range.map(shortest);
            match units {
                "1" => format!("outside valid range [{min}, {max}]"),
                _ => format!("outside valid range [{min}, {max}] {units}"),
            }
        },
    );
    let (low, high) = (shortest(low), shortest(high));
    let values = if low == high {
        format!("{low}")
    } else {
        format!("{low} to {high}")
    };
    Some(format!("{range}: {values}"))
}

/// A number that was an `f32`, as the `f64` with the fewest digits that is still that `f32`:
/// 0.02 and not 0.019999999552965164. Whole numbers and other `f64` come back unchanged, zero
/// without a sign.
pub(crate) fn shortest(value: f64) -> f64 {
    let narrow = value as f32;
    if value.fract() == 0.0 || f64::from(narrow) != value {
        return value + 0.0;
    }
    narrow.to_string().parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_names_range_units_and_value() {
        let leaked = f64::from(-10_068.993_f32);
        let reason = out_of_range_reason(Some([200.0, 350.0]), "K", Some([leaked, leaked]));
        assert_eq!(
            reason.unwrap(),
            "outside valid range [200, 350] K: -10068.993"
        );
        assert_eq!(out_of_range_reason(Some([200.0, 350.0]), "K", None), None);
    }

    #[test]
    fn reason_gives_both_ends_of_several_values() {
        let stored = [0.02_f32, 0.5].map(f64::from);
        let reason = out_of_range_reason(Some(stored), "m3 m-3", Some([0.76, 0.79]));
        assert_eq!(
            reason.unwrap(),
            "outside valid range [0.02, 0.5] m3 m-3: 0.76 to 0.79"
        );
    }

    #[test]
    fn single_precision_numbers_print_with_their_own_digits() {
        assert_eq!(shortest(f64::from(0.02_f32)), 0.02);
        assert_eq!(shortest(0.02), 0.02);
        assert_eq!(shortest(481_916_544.0), 481_916_544.0); // as f32 it prints 481916540
        assert!(shortest(-0.0).is_sign_positive());
    }
}
