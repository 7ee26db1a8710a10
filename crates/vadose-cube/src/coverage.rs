//! How much of a cube has a value.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};
use vadose_grid::Window;

use crate::{Axes, Source, Variable};

/// How much of a variable has a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// The variable.
    pub variable: String,
    /// What it comes from.
    pub source: Source,
    /// Days with a value anywhere; 1 or 0 for static layers.
    pub days: u64,
    /// Share of the window's cells that have a value, over all days (or lead days) of the cube. Of masks
    /// (`observed`, `land`), which are never missing, the share that is 1.
    pub share: f64,
}

/// Variables whose cells count where they are 1.
const MASKS: [&str; 2] = ["land", "observed"];

/// Cells that count: those with a value, or of masks those that are 1.
pub(crate) fn valid_cells(variable: &Variable, values: ArrayView2<'_, f32>) -> u64 {
    let counts: fn(&f32) -> bool = if MASKS.contains(&variable.name) {
        |value| *value == 1.0
    } else {
        |value| !value.is_nan()
    };
    values.iter().filter(|value| counts(value)).count() as u64
}

/// Cells of a variable, of one day.
pub(crate) fn n_cells(variable: &Variable, window: &Window, coarse: &Window) -> u64 {
    let (rows, cols) = match variable.axes {
        Axes::Map | Axes::DailyMap | Axes::LeadMap => window.shape(),
        Axes::DailyCoarseMap => coarse.shape(),
    };
    (rows * cols) as u64
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::variables;

    #[test]
    fn masks_count_their_ones_and_fields_their_values() {
        let values = array![[0.0, 1.0, f32::NAN], [0.25, 1.0, 1.0]];
        let of = |source, name: &str| {
            let variable = variables(source).find(|v| v.name == name).unwrap();
            valid_cells(variable, values.view())
        };
        assert_eq!(of(Source::Radar, "observed"), 3);
        assert_eq!(of(Source::Radar, "sigma0_vv"), 5);
    }
}
