//! An evaluation as text, for a terminal.

use std::fmt;

use vadose_metrics::Distribution;

use super::Evaluation;
use super::comparison::{Comparison, TestedMetric};

impl fmt::Display for Evaluation {
    /// A table for each comparison and population; medians over stations with their intervals.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, comparison) in self.comparisons.iter().enumerate() {
            if position > 0 {
                writeln!(formatter)?;
            }
            comparison.fmt(formatter)?;
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
        let stations = self.methods.first().map_or(0, |first| first.stations.len());
        writeln!(
            formatter,
            "{}, {}: {stations} stations, {} of {} rows that all methods have",
            self.name,
            self.population.name(),
            self.shared_rows,
            self.rows,
        )?;
        if self.stations_below_minimum > 0 {
            let few = self.stations_below_minimum;
            writeln!(formatter, "  ({few} stations with too few rows left out)")?;
        }
        let longest = self.methods.iter().map(|of| of.method.chars().count());
        let width = longest.max().unwrap_or(0).max("method".len());
        writeln!(
            formatter,
            "{:width$}  {:>22}  {:>24}  {:>26}  {:>6}",
            "method", "R", "ubRMSE", "bias", "RMSE"
        )?;
        for of in &self.methods {
            writeln!(
                formatter,
                "{:width$}  {:>22}  {:>24}  {:>26}  {:>6}",
                of.method,
                with_interval(&of.summary.r, 2),
                with_interval(&of.summary.ubrmse, 4),
                with_interval(&of.summary.bias, 4),
                number(of.summary.rmse.median, 4),
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

fn with_interval(of: &Distribution, digits: usize) -> String {
    let middle = number(of.median, digits);
    match of.median_interval {
        Some(interval) => format!(
            "{middle} [{:.digits$}, {:.digits$}]",
            interval.lower, interval.upper
        ),
        None => middle,
    }
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.digits$}"))
}
