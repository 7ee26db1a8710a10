//! An inspection as a table for people.

use std::fmt;

use super::{Extent, GroupInspection, Inspection, VariableInspection};

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.product)?;
        for group in &self.groups {
            write!(f, "\n\n{group}")?;
        }
        Ok(())
    }
}

impl fmt::Display for GroupInspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            grid,
            extent,
            recommended,
            variables,
        } = self;
        write!(
            f,
            "{name}: grid {grid}, {extent}, {recommended} cells of recommended quality"
        )?;
        let width = variables
            .iter()
            .map(|variable| variable.name.len())
            .max()
            .unwrap_or(0);
        write!(
            f,
            "\n  {:width$} {:>13} {:>8} {:>8} {:>8} {:>12} {:>12} {:>12}",
            "variable", "units", "valid", "missing", "refused", "min", "median", "max"
        )?;
        for variable in variables {
            let VariableInspection {
                name,
                units,
                valid,
                missing,
                out_of_range,
                ..
            } = variable;
            write!(
                f,
                "\n  {name:width$} {units:>13} {valid:>8} {missing:>8} {out_of_range:>8}"
            )?;
            for value in [variable.min, variable.median, variable.max] {
                match value {
                    Some(value) => write!(f, " {:>12}", significant(value))?,
                    None => write!(f, " {:>12}", "-")?,
                }
            }
            if let Some(reason) = &variable.out_of_range_reason {
                write!(f, "\n  {:width$} {out_of_range} refused: {reason}", "")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Extent::Rectangle {
                rows,
                cols,
                row0,
                col0,
            } => {
                write!(f, "{rows} x {cols} cells from row {row0}, column {col0}")
            }
            Extent::Trajectory { cells } => write!(f, "{cells} cells along the orbit"),
        }
    }
}

/// A number for the table: six significant digits, whole numbers in full.
fn significant(value: f64) -> String {
    if value == 0.0 || value.fract() == 0.0 {
        return format!("{value}");
    }
    let digits_before_point = value.abs().log10().floor() as i32 + 1;
    let decimals = usize::try_from(6 - digits_before_point).unwrap_or(0);
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_numbers_have_six_significant_digits() {
        for (value, text) in [
            (0.0, "0"),
            (0.136_974_42, "0.136974"),
            (-10_068.993, "-10069.0"),
            (481_916_544.0, "481916544"),
            (0.000_346_121_4, "0.000346121"),
        ] {
            assert_eq!(significant(value), text);
        }
    }
}
