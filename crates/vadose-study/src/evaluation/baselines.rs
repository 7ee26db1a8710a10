//! Methods that learn from the rows of the training stations alone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};
use vadose_scene::{ChannelEncoder, Scene, SceneError, Tile};

use super::forest::{Forest, ForestConfig};
use super::method::{Estimate, Method};
use super::samples::{Population, SampleTable};
use crate::{QuadraticRidge, StudyError};

/// Ridge penalties tried, per training row.
const RIDGE_PENALTIES: [f64; 9] = [1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0];

/// What is fitted to the training rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BaselineConfig {
    /// Penalties that the ridge chooses from on the validation rows.
    pub ridge_penalties: Vec<f64>,
    /// The random forest and what it chooses from.
    pub forest: ForestConfig,
}

impl Default for BaselineConfig {
    fn default() -> Self {
        Self {
            ridge_penalties: RIDGE_PENALTIES.to_vec(),
            forest: ForestConfig::default(),
        }
    }
}

/// Station mean, climatology, ridge and forest, fitted to the training rows of a table.
///
/// As [`Method`]s they make maps; [`Baselines::add_to`] takes the short way to a table's rows.
pub struct Baselines {
    mean: StationMean,
    climatology: StationClimatology,
    ridge: CellRegression<QuadraticRidge>,
    forest: CellRegression<Forest>,
}

impl Baselines {
    /// Names of the methods, in their order.
    pub(super) const NAMES: [&str; 4] = ["station_mean", "station_climatology", "ridge", "forest"];

    /// Fits all of them. Ridge and forest see the encoded channels of one cell, with statistics of the training
    /// rows, and choose their parameters by the RMSE of the validation rows.
    ///
    /// # Errors
    /// [`StudyError::Ridge`] and [`StudyError::Forest`] without training or validation rows.
    pub fn fit(
        table: &SampleTable,
        config: &BaselineConfig,
        seed: u64,
    ) -> Result<Self, StudyError> {
        let train = table.rows_of(Population::Train);
        let validation = table.rows_of(Population::Validation);
        let encoder = table.encoder(&train)?;
        let encoded = table.encoded(&encoder);
        let reference = Array1::from(table.references());
        let of = |rows: &[usize]| -> (Array2<f64>, Array1<f64>) {
            (
                encoded.select(Axis(0), rows),
                reference.select(Axis(0), rows),
            )
        };
        let (train_set, validation_set) = (of(&train), of(&validation));
        let sets = [&train_set, &validation_set].map(|(x, y)| (x.view(), y.view()));
        let ridge = QuadraticRidge::fit(sets[0], sets[1], &config.ridge_penalties)?;
        let forest = Forest::fit(sets[0], sets[1], &config.forest, seed)?;
        Ok(Self {
            mean: StationMean::of(table, &train),
            climatology: StationClimatology::of(table, &train),
            ridge: CellRegression {
                name: "ridge",
                encoder: encoder.clone(),
                regression: ridge,
            },
            forest: CellRegression {
                name: "forest",
                encoder,
                regression: forest,
            },
        })
    }

    /// Adds the estimates of all of them to the table they were fitted on, or to another of the same channels.
    ///
    /// # Errors
    /// [`StudyError::DuplicateMethod`].
    pub fn add_to(&self, table: &mut SampleTable) -> Result<(), StudyError> {
        let n = table.rows().len();
        table.add_estimates(self.mean.name(), vec![self.mean.0; n])?;
        let rows = table.rows().iter();
        let climatology = rows.map(|row| self.climatology.at_hour(row.hour)).collect();
        table.add_estimates(self.climatology.name(), climatology)?;
        let encoded = table.encoded(&self.ridge.encoder);
        table.add_estimates(
            self.ridge.name,
            self.ridge.regression.predict_rows(encoded.view()),
        )?;
        table.add_estimates(
            self.forest.name,
            self.forest.regression.predict_rows(encoded.view()),
        )
    }

    /// All of them, to make maps with.
    #[must_use]
    pub fn methods(&self) -> [&dyn Method; 4] {
        [&self.mean, &self.climatology, &self.ridge, &self.forest]
    }

    /// What validation chose, for the record.
    #[must_use]
    pub fn chosen(&self) -> ChosenParameters {
        ChosenParameters {
            ridge_penalty: self.ridge.regression.penalty(),
            forest: *self.forest.regression.chosen(),
        }
    }
}

/// Parameters that the validation rows chose.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ChosenParameters {
    /// The ridge's penalty per training row.
    pub ridge_penalty: f64,
    /// The forest's.
    pub forest: super::forest::ForestCandidate,
}

/// The mean of all training rows, everywhere and always.
#[derive(Debug, Clone, PartialEq)]
pub struct StationMean(f64);

impl StationMean {
    /// Each station weighs the same, however often it reports.
    fn of(table: &SampleTable, rows: &[usize]) -> Self {
        let mut by_site: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        for row in rows.iter().map(|row| &table.rows()[*row]) {
            let (sum, n) = by_site.entry(row.site).or_default();
            *sum += row.reference;
            *n += 1.0;
        }
        let n_sites = by_site.len() as f64;
        Self(by_site.values().map(|(sum, n)| sum / n).sum::<f64>() / n_sites)
    }
}

impl Method for StationMean {
    fn name(&self) -> &str {
        "station_mean"
    }

    fn estimate(&self, scene: &Scene) -> Result<Estimate, StudyError> {
        Ok(Array2::from_elem(scene.window().shape(), self.0 as f32).into())
    }
}

/// The mean of the training rows of each day of the year, of all years together; the same everywhere.
///
/// A day without a training row has the mean of all rows.
#[derive(Debug, Clone, PartialEq)]
pub struct StationClimatology {
    by_day: BTreeMap<i16, f64>,
    otherwise: f64,
}

impl StationClimatology {
    fn of(table: &SampleTable, rows: &[usize]) -> Self {
        let mut by_day: BTreeMap<i16, (f64, f64)> = BTreeMap::new();
        let (mut total, mut n_total) = (0.0, 0.0);
        for row in rows.iter().map(|row| &table.rows()[*row]) {
            let (sum, n) = by_day.entry(day_of_year(row.hour)).or_default();
            *sum += row.reference;
            *n += 1.0;
            total += row.reference;
            n_total += 1.0;
        }
        Self {
            by_day: by_day
                .into_iter()
                .map(|(day, (sum, n))| (day, sum / n))
                .collect(),
            otherwise: total / n_total,
        }
    }

    fn at_hour(&self, hour: i64) -> f64 {
        let known = self.by_day.get(&day_of_year(hour));
        known.copied().unwrap_or(self.otherwise)
    }
}

impl Method for StationClimatology {
    fn name(&self) -> &str {
        "station_climatology"
    }

    fn estimate(&self, scene: &Scene) -> Result<Estimate, StudyError> {
        let time = scene.time().ok_or_else(|| SceneError::NoTime {
            scene: scene.id().to_owned(),
        })?;
        let value = self.at_hour(time.as_second().div_euclid(3600));
        Ok(Array2::from_elem(scene.window().shape(), value as f32).into())
    }
}

/// Day of the year in UTC, 1 to 366; 0 for an hour outside the calendar.
fn day_of_year(hour: i64) -> i16 {
    let time = Timestamp::from_second(hour.saturating_mul(3600));
    time.map_or(0, |time| time.to_zoned(TimeZone::UTC).day_of_year())
}

/// A regression on the channels of one cell.
pub(super) trait Regression: Send + Sync {
    /// Estimates of encoded rows, `[row, channel]` → `[row]`.
    fn predict_rows(&self, encoded: ArrayView2<'_, f64>) -> Vec<f64>;
}

impl Regression for QuadraticRidge {
    fn predict_rows(&self, encoded: ArrayView2<'_, f64>) -> Vec<f64> {
        encoded.outer_iter().map(|row| self.predict(row)).collect()
    }
}

/// A regression with the encoder that it was fitted with.
struct CellRegression<R> {
    name: &'static str,
    encoder: ChannelEncoder,
    regression: R,
}

impl<R: Regression> Method for CellRegression<R> {
    fn name(&self) -> &str {
        self.name
    }

    fn estimate(&self, scene: &Scene) -> Result<Estimate, StudyError> {
        let window = scene.window();
        let (rows, cols) = window.shape();
        let tile = Tile {
            row0: window.row0() as i64,
            col0: window.col0() as i64,
            size: rows.max(cols),
        };
        let channels = self.encoder.encode(scene, &tile)?;
        let predictable = scene.predictable();
        let cells: Vec<(usize, usize)> = predictable
            .indexed_iter()
            .filter(|(_, predictable)| **predictable)
            .map(|(at, _)| at)
            .collect();
        let encoded = Array2::from_shape_fn((cells.len(), channels.dim().0), |(cell, channel)| {
            let (row, col) = cells[cell];
            f64::from(channels[[channel, row, col]])
        });
        let mut values = Array2::from_elem(window.shape(), f32::NAN);
        let estimates = self.regression.predict_rows(encoded.view());
        for (at, estimate) in cells.into_iter().zip(estimates) {
            values[at] = estimate as f32;
        }
        Ok(values.into())
    }
}
