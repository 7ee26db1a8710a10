//! The table that every method is judged on: one row for each cell and day with a reference.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};
use vadose_grid::{Cell, LatLonDeg};
use vadose_retrieve::InputRange;
use vadose_scene::{ChannelEncoder, ChannelSet, Split, StatisticsBuilder};

use crate::StudyError;

/// The field of the true soil moisture, which only a simulated scene holds; m3 m-3.
pub const TRUTH_FIELD: &str = "true_soil_moisture";

/// What the reference of a row is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Population {
    /// Stations that train.
    Train,
    /// Stations that choose and calibrate.
    Validation,
    /// Stations that are read once, for the tables.
    Test,
    /// Cells of the true field that hold no station.
    Truth,
}

impl Population {
    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
            Self::Truth => "truth",
        }
    }
}

impl From<Split> for Population {
    fn from(split: Split) -> Self {
        match split {
            Split::Train => Self::Train,
            Split::Validation => Self::Validation,
            Split::Test => Self::Test,
        }
    }
}

/// A cell that has references: of stations, or of the true field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleSite {
    /// The stations of the cell joined by ` + `, whether or not all have a value every day; `truth-ROW-COL` for
    /// a cell of the true field.
    pub name: String,
    /// The networks of the cell joined by ` + `. Empty where none is known.
    pub network: String,
    /// Cell of the scenes' grid.
    pub cell: Cell,
    /// Centre of the cell.
    pub location: LatLonDeg,
    /// What its rows are for.
    pub population: Population,
}

/// One cell on one day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampleRow {
    /// Position of the site in [`SampleTable::sites`].
    pub site: usize,
    /// Hours since 1970-01-01T00Z of the scene's time.
    pub hour: i64,
    /// What the stations, or the true field, say; m3 m-3.
    pub reference: f64,
    /// IGBP class; NaN where the scene has none.
    pub land_cover: f32,
    /// Clay fraction, 0 to 1; NaN where the scene has none.
    pub clay_fraction: f32,
    /// Vegetation water content, kg m-2; NaN where the scene has none.
    pub vegetation_water_content: f32,
    /// 1 where Sentinel-1 saw the cell that day; NaN where the scene has no such field.
    pub observed: f32,
}

/// What became of references on the way into the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleCounts {
    /// Scenes read.
    pub scenes: usize,
    /// Station values outside the cells that can be predicted.
    pub not_predictable: usize,
    /// Station values whose stations have no split, or not all the same.
    pub without_split: usize,
    /// Values of cells that several overlapping scenes of one time hold; each counts once.
    pub repeated: usize,
}

/// Rows with their references, inputs, strata, and the estimates of any number of methods.
///
/// Rows are in the order of population of the site (stations, then truth), cell and time, whatever the order of
/// the scenes.
#[derive(Debug, Clone)]
pub struct SampleTable {
    pub(super) sites: Vec<SampleSite>,
    pub(super) rows: Vec<SampleRow>,
    pub(super) channels: ChannelSet,
    /// Transformed channels, `[row, channel]`; NaN is missing.
    pub(super) inputs: Array2<f32>,
    pub(super) columns: Vec<Column>,
    pub(super) counts: SampleCounts,
}

/// The estimates of one method.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) method: String,
    pub(super) values: Vec<f64>,
    pub(super) spread: Option<Vec<f64>>,
}

impl SampleTable {
    /// Cells with references.
    #[must_use]
    pub fn sites(&self) -> &[SampleSite] {
        &self.sites
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[SampleRow] {
        &self.rows
    }

    /// The site of a row.
    #[must_use]
    pub fn site_of(&self, row: usize) -> &SampleSite {
        &self.sites[self.rows[row].site]
    }

    /// What became of references on the way.
    #[must_use]
    pub fn counts(&self) -> SampleCounts {
        self.counts
    }

    /// Positions of the rows of a population.
    #[must_use]
    pub fn rows_of(&self, population: Population) -> Vec<usize> {
        (0..self.rows.len())
            .filter(|row| self.site_of(*row).population == population)
            .collect()
    }

    /// The references, `[row]`, m3 m-3.
    #[must_use]
    pub fn references(&self) -> Vec<f64> {
        self.rows.iter().map(|row| row.reference).collect()
    }

    /// The methods, in the order in which they were added.
    pub fn methods(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.method.as_str())
    }

    /// The estimates of a method, `[row]`, m3 m-3; NaN where it has none.
    ///
    /// # Errors
    /// [`StudyError::UnknownMethod`].
    pub fn estimates(&self, method: &str) -> Result<&[f64], StudyError> {
        Ok(&self.column(method)?.values)
    }

    /// The spread of a method, `[row]`, m3 m-3; `None` for a method without one.
    ///
    /// # Errors
    /// [`StudyError::UnknownMethod`].
    pub fn spread(&self, method: &str) -> Result<Option<&[f64]>, StudyError> {
        Ok(self.column(method)?.spread.as_deref())
    }

    /// Adds the estimates of a method, `[row]`, m3 m-3; NaN where it has none.
    ///
    /// # Errors
    /// [`StudyError::DuplicateMethod`]; [`StudyError::Metric`] for another length than the table's.
    pub fn add_estimates(&mut self, method: &str, values: Vec<f64>) -> Result<(), StudyError> {
        if self.methods().any(|known| known == method) {
            return Err(StudyError::DuplicateMethod {
                name: method.to_owned(),
            });
        }
        if values.len() != self.rows.len() {
            return Err(vadose_metrics::MetricError::LengthMismatch {
                what: "a column of estimates",
                expected: self.rows.len(),
                got: values.len(),
            }
            .into());
        }
        self.columns.push(Column {
            method: method.to_owned(),
            values,
            spread: None,
        });
        Ok(())
    }

    /// The inputs, `[row, channel]`, after the channels' transforms; NaN is missing.
    #[must_use]
    pub fn inputs(&self) -> ArrayView2<'_, f32> {
        self.inputs.view()
    }

    /// The channels of [`Self::inputs`], in order.
    #[must_use]
    pub fn channels(&self) -> &ChannelSet {
        &self.channels
    }

    /// An encoder with the statistics of these rows.
    ///
    /// # Errors
    /// [`StudyError::Scene`] as [`ChannelEncoder::from_statistics`].
    pub fn encoder(&self, rows: &[usize]) -> Result<ChannelEncoder, StudyError> {
        let statistics = (0..self.channels.len()).map(|channel| {
            let mut builder = StatisticsBuilder::default();
            builder.extend(rows.iter().map(|row| self.inputs[[*row, channel]]));
            builder.finish()
        });
        Ok(ChannelEncoder::from_statistics(
            self.channels.clone(),
            statistics.collect(),
        )?)
    }

    /// The inputs of all rows as an encoder gives them to a method, `[row, channel]`: z-scores, 0 where
    /// missing or absent.
    #[must_use]
    pub fn encoded(&self, encoder: &ChannelEncoder) -> Array2<f64> {
        let statistics = encoder.statistics();
        Array2::from_shape_fn(self.inputs.dim(), |(row, channel)| {
            let (value, of) = (self.inputs[[row, channel]], &statistics[channel]);
            if value.is_nan() || !of.is_informative() {
                return 0.0;
            }
            // Rounded to f32 as the encoder of maps does, so that a tree sees the same number in both.
            f64::from(((f64::from(value) - of.mean) / of.std_dev) as f32)
        })
    }

    /// The range of the inputs of these rows.
    #[must_use]
    pub fn input_range(&self, rows: &[usize]) -> InputRange {
        let mut range = InputRange::new(self.channels.clone());
        for row in rows {
            range.add_cell(self.inputs.row(*row).iter().copied());
        }
        range
    }

    fn column(&self, method: &str) -> Result<&Column, StudyError> {
        let found = self.columns.iter().find(|column| column.method == method);
        found.ok_or_else(|| StudyError::UnknownMethod {
            name: method.to_owned(),
            known: self.methods().map(str::to_owned).collect(),
        })
    }
}
