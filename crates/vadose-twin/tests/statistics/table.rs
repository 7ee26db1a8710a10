//! A table of statistics that prints itself.

use std::fmt;

/// Quantiles 0, 5, 25, 50, 75, 95 and 100 %.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread(pub(crate) [f64; 7]);

impl Spread {
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        let last = values.len().saturating_sub(1) as f64;
        let at = |share: f64| {
            values
                .get((share * last) as usize)
                .copied()
                .unwrap_or(f64::NAN)
        };
        Self([0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0].map(at))
    }

    pub(crate) fn low(&self) -> f64 {
        self.0[1]
    }

    pub(crate) fn median(&self) -> f64 {
        self.0[3]
    }

    pub(crate) fn high(&self) -> f64 {
        self.0[5]
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|value| write!(out, "{value:9.3}"))
    }
}

/// What was measured, named as it is printed.
#[derive(Debug, Clone)]
pub(crate) struct Statistics {
    pub(crate) spreads: Vec<(&'static str, Spread)>,
    pub(crate) numbers: Vec<(&'static str, f64)>,
}

impl Statistics {
    pub(crate) fn spread(&self, name: &str) -> Spread {
        let found = self.spreads.iter().find(|(known, _)| *known == name);
        found.unwrap_or_else(|| panic!("no spread {name}")).1
    }

    pub(crate) fn number(&self, name: &str) -> f64 {
        let found = self.numbers.iter().find(|(known, _)| *known == name);
        found.unwrap_or_else(|| panic!("no number {name}")).1
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "{:44}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}",
            "quantile", 0, "5 %", "25 %", "50 %", "75 %", "95 %", "100 %"
        )?;
        for (name, spread) in &self.spreads {
            writeln!(out, "{name:44}{spread}")?;
        }
        for (name, number) in &self.numbers {
            writeln!(out, "{name:44}{number:9.3}")?;
        }
        Ok(())
    }
}
