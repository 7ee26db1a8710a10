//! An evaluation as text, for a terminal.

use std::fmt;

use vadose_metrics::{Distribution, Interval};

use super::Evaluation;
use super::comparison::{Comparison, TestedMetric};
use super::conformal::{Coverage, CoverageReference};
use super::scale::{Mean, ScaleReport};

impl fmt::Display for Evaluation {
    /// A table for each comparison and population, of medians over stations with their intervals; then how often
    /// calibrated intervals hold, and what each method has inside 9 km cells.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, comparison) in self.comparisons.iter().enumerate() {
            if position > 0 {
                writeln!(formatter)?;
            }
            comparison.fmt(formatter)?;
        }
        if !self.coverage.is_empty() {
            writeln!(formatter, "\nintervals from the spread of a method")?;
        }
        for coverage in &self.coverage {
            coverage.fmt(formatter)?;
        }
        if let Some(scale) = &self.scale {
            writeln!(formatter)?;
            scale.fmt(formatter)?;
        }
        if !self.methods_without_values.is_empty() {
            let names = self.methods_without_values.join(", ");
            writeln!(formatter, "\nwithout a single value: {names}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let summary = self.methods.first().map(|first| &first.summary);
        writeln!(
            formatter,
            "{}, {}: {} stations, {} of {} rows that all methods have",
            self.name,
            self.population.name(),
            summary.map_or(0, |summary| summary.stations),
            self.shared_rows,
            self.rows,
        )?;
        if self.stations_below_minimum > 0 {
            let few = self.stations_below_minimum;
            writeln!(formatter, "  ({few} stations with too few rows left out)")?;
        }
        let width = width(self.methods.iter().map(|of| of.method.as_str()));
        writeln!(
            formatter,
            "{:width$}  {:>20}  {:>23}  {:>26}  {:>6}  few n_eff",
            "method", "R", "ubRMSE", "bias", "RMSE"
        )?;
        for of in &self.methods {
            writeln!(
                formatter,
                "{:width$}  {:>20}  {:>23}  {:>26}  {:>6}  {:>9}",
                of.method,
                median(&of.summary.r, 2),
                median(&of.summary.ubrmse, 4),
                median(&of.summary.bias, 4),
                number(of.summary.rmse.median, 4),
                of.summary.few_effective,
            )?;
        }
        for pair in &self.pairs {
            let (Some(difference), Some(p)) = (pair.difference, pair.p_holm) else {
                continue;
            };
            if pair.metric == TestedMetric::Ubrmse {
                writeln!(
                    formatter,
                    "  ubRMSE of {} minus {}: {:+.4} [{:+.4}, {:+.4}], p {p:.3}",
                    pair.challenger,
                    pair.baseline,
                    difference.value,
                    difference.interval.lower,
                    difference.interval.upper,
                )?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = match self.reference {
            CoverageReference::Stations => "values of test stations",
            CoverageReference::Truth => "the true field, calibrated on other blocks of it",
            CoverageReference::StationsAgainstTruth => "the true field, calibrated on stations",
        };
        let of = self.coverage.map(|of| (of.value, of.interval));
        writeln!(
            formatter,
            "  {}, {:.0} %: {} of {values}; width {:.3}, {:.3} if the same everywhere",
            self.method,
            100.0 * self.calibration.level.level(),
            with_interval(of.map(|of| of.0), of.map(|of| of.1), 3),
            self.mean_width,
            self.constant_width,
        )
    }
}

impl fmt::Display for ScaleReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scenes, windows) = (self.scenes, self.windows);
        writeln!(formatter, "scale, {scenes} maps of {windows} windows")?;
        let width = width(self.methods.iter().map(|of| of.method.as_str()));
        writeln!(
            formatter,
            "{:width$}  {:>22}  {:>25}  {:>25}  {:>11}",
            "method", "R inside 9 km", "gain over bilinear", "of the pattern", "D minus Z"
        )?;
        let mean = |of: Option<Mean>| {
            with_interval(of.map(|of| of.value), of.and_then(|of| of.interval), 3)
        };
        for of in &self.methods {
            writeln!(
                formatter,
                "{:width$}  {:>22}  {:>25}  {:>25}  {:>11}",
                of.method,
                mean(of.r_inside_coarse_cells),
                mean(of.gain_over_bilinear),
                mean(of.pattern_gain_over_bilinear),
                number(of.consistency.map(|of| of.rmsd), 4),
            )?;
        }
        Ok(())
    }
}

fn width<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(str::len).max().unwrap_or(0).max("method".len())
}

fn median(of: &Distribution, digits: usize) -> String {
    with_interval(of.median, of.median_interval, digits)
}

fn with_interval(value: Option<f64>, interval: Option<Interval>, digits: usize) -> String {
    let middle = number(value, digits);
    match interval {
        Some(Interval { lower, upper }) => {
            format!("{middle} [{lower:.digits$}, {upper:.digits$}]")
        }
        None => middle,
    }
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.digits$}"))
}
