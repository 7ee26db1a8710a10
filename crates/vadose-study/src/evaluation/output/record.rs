//! A row of a table that knows the names of its columns.

use serde::Serialize;
use vadose_metrics::{AnalyticInterval, CentreEstimate, Distribution, Interval};

/// Names and values of one row; rows of one table are made alike, so that the first names the columns.
#[derive(Default)]
pub(super) struct Record {
    names: Vec<String>,
    values: Vec<String>,
}

impl Record {
    /// A word, or anything that serialises as one.
    pub(super) fn word(mut self, name: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or_default();
        let text = match value {
            serde_json::Value::String(text) => text,
            serde_json::Value::Null => String::new(),
            other => other.to_string(),
        };
        self.names.push(name.to_owned());
        self.values.push(text);
        self
    }

    /// A number at full precision; empty where it is missing or not finite.
    pub(super) fn number(mut self, name: &str, value: impl Into<Option<f64>>) -> Self {
        let value: Option<f64> = value.into();
        let text = value.filter(|value| value.is_finite());
        self.names.push(name.to_owned());
        self.values
            .push(text.map_or(String::new(), |value| value.to_string()));
        self
    }

    /// A number and the ends of its interval, `NAME`, `NAME_lower`, `NAME_upper`.
    pub(super) fn interval(
        self,
        name: &str,
        value: Option<f64>,
        interval: Option<Interval>,
    ) -> Self {
        self.number(name, value)
            .number(&format!("{name}_lower"), interval.map(|of| of.lower))
            .number(&format!("{name}_upper"), interval.map(|of| of.upper))
    }

    /// A metric of one station.
    pub(super) fn metric(
        self,
        name: &str,
        value: Option<f64>,
        interval: Option<AnalyticInterval>,
    ) -> Self {
        self.interval(name, value, interval.map(|of| of.interval))
    }

    /// The median of a metric over stations.
    pub(super) fn median(self, name: &str, of: &Distribution) -> Self {
        self.interval(&format!("{name}_median"), of.median, of.median_interval)
    }

    /// Median, mean and quartiles of a metric over stations.
    pub(super) fn distribution(self, name: &str, of: &Distribution) -> Self {
        self.median(name, of)
            .interval(&format!("{name}_mean"), of.mean, of.mean_interval)
            .number(&format!("{name}_q25"), of.q25)
            .number(&format!("{name}_q75"), of.q75)
    }

    /// A middle over stations that was resampled.
    pub(super) fn centre(self, name: &str, of: Option<CentreEstimate>) -> Self {
        self.interval(name, of.map(|of| of.value), of.map(|of| of.interval))
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn values(&self) -> &[String] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_numbers_are_empty_and_intervals_have_three_columns() {
        let interval = Interval {
            lower: 0.1,
            upper: 0.3,
        };
        let record = Record::default()
            .word("method", "ridge")
            .word("n", 3)
            .number("bias", f64::NAN)
            .interval("r", Some(0.2), Some(interval))
            .interval("rmse", None, None);
        assert_eq!(
            record.names().join(","),
            "method,n,bias,r,r_lower,r_upper,rmse,rmse_lower,rmse_upper"
        );
        assert_eq!(record.values().join(","), "ridge,3,,0.2,0.1,0.3,,,");
    }
}
