//! A dataset as stored, with what its attributes and the schema say about it.

use std::ops::Range;

use hdf5::Hyperslab;
use ndarray::{Array, Dimension, IxDyn};
use vadose_grid::Window;

use crate::decode::{Decoded, OutOfRange, ValueRule};
use crate::field::{Field, IntegerField};
use crate::hdf5_file::{
    check_size, is_integer, number_attribute, read_whole, text_attribute, type_name,
};
use crate::schema::{GroupSpec, Kind, VariableSpec, cf_units};

/// A rectangle of arrays `[row, col]` that is read without the rest.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Shape of the arrays.
    pub(crate) whole: [usize; 2],
    rows: Range<usize>,
    cols: Range<usize>,
}

impl Part {
    /// What arrays that cover all of its grid have in a window.
    pub(crate) fn of_grid(window: &Window) -> Self {
        let (row0, col0) = (window.row0(), window.col0());
        Self {
            whole: [window.grid().rows(), window.grid().cols()],
            rows: row0..row0 + window.rows(),
            cols: col0..col0 + window.cols(),
        }
    }

    /// What arrays that cover `whole` have in a window, and which window that is; `None` if they
    /// do not meet.
    pub(crate) fn of_window(whole: &Window, window: &Window) -> Option<(Self, Window)> {
        let both = whole.intersection(window)?;
        let (row0, col0) = (both.row0() - whole.row0(), both.col0() - whole.col0());
        let part = Self {
            whole: [whole.rows(), whole.cols()],
            rows: row0..row0 + both.rows(),
            cols: col0..col0 + both.cols(),
        };
        Some((part, both))
    }
}

/// A dataset as stored, and how to decode it.
pub(crate) struct RawDataset {
    /// Base name of the schema where the schema knows the dataset, with `_apm` kept.
    pub(crate) base: String,
    pub(crate) kind: Kind,
    per_cell: usize,
    pub(crate) rule: ValueRule,
    pub(crate) units: String,
    pub(crate) long_name: String,
    /// Type in the file, e.g. `float32`.
    pub(crate) stored_type: String,
    values: Vec<f64>,
}

impl RawDataset {
    /// Reads values and attributes, all values or a `part` of them; what the attributes do not say,
    /// the schema does.
    pub(crate) fn read(
        base: &str,
        dataset: &hdf5::Dataset,
        group: &GroupSpec,
        known: Option<&VariableSpec>,
        part: Option<&Part>,
    ) -> Result<Self, hdf5::Error> {
        let kind = known.map_or_else(|| kind_of_unknown(dataset), |variable| variable.kind);
        let units = match known {
            Some(variable) => variable.units.to_string(),
            None => cf_units(&text_attribute(dataset, "units").unwrap_or_default()).to_string(),
        };
        let long_name = text_attribute(dataset, "long_name")
            .or_else(|| known.map(|variable| group.long_name(variable)))
            .unwrap_or_default();
        Ok(Self {
            base: canonical_base(base, known),
            kind,
            per_cell: known.map_or(1, |variable| variable.per_cell),
            rule: rule_of(dataset, kind, group, known),
            units,
            long_name,
            stored_type: type_name(dataset),
            values: match part {
                Some(part) => read_part(dataset, part)?,
                None => read_whole(dataset)?,
            },
        })
    }

    pub(crate) fn decode(self, out_of_range: OutOfRange) -> Decoded {
        self.rule.decode(self.values, out_of_range)
    }

    /// The dataset as a field of the given shape.
    pub(crate) fn into_field<D: Dimension>(
        self,
        shape: D,
        out_of_range: OutOfRange,
    ) -> (String, Field<D>) {
        let valid_range = self.rule.valid_range();
        let Decoded {
            values,
            counts,
            refused,
        } = self.rule.decode(self.values, out_of_range);
        let values = values.into_iter().map(|value| value as f32).collect();
        let field = Field {
            values: reshaped(shape, values),
            units: self.units,
            long_name: self.long_name,
            valid_range,
            counts,
            refused,
        };
        (self.base, field)
    }

    /// The dataset as flag words or classes of the given shape.
    pub(crate) fn into_integers<D: Dimension>(self, shape: D) -> (String, IntegerField<D>) {
        // `as` saturates: no SMAP word or class exceeds 16 bits.
        let words = self.values.iter().map(|&value| value as u16).collect();
        let decoded = self.rule.decode(self.values, OutOfRange::Missing);
        let valid = decoded.values.iter().map(|value| !value.is_nan()).collect();
        let field = IntegerField {
            values: reshaped(shape.clone(), words),
            valid: reshaped(shape, valid),
            counts: decoded.counts,
        };
        (self.base, field)
    }

    /// A dataset with several values for a cell as one dataset for each: `base`, `base_2`, `base_3`.
    pub(crate) fn into_ranks(self) -> Vec<RawDataset> {
        let n_ranks = self.per_cell;
        if n_ranks == 1 {
            return vec![self];
        }
        let of_rank = |rank: usize| self.values.iter().skip(rank).step_by(n_ranks).copied();
        (0..n_ranks)
            .map(|rank| RawDataset {
                base: match rank {
                    0 => self.base.clone(),
                    _ => format!("{}_{}", self.base, rank + 1),
                },
                kind: self.kind,
                per_cell: 1,
                rule: self.rule,
                units: self.units.clone(),
                long_name: self.long_name.clone(),
                stored_type: self.stored_type.clone(),
                values: of_rank(rank).collect(),
            })
            .collect()
    }
}

fn read_part(dataset: &hdf5::Dataset, part: &Part) -> Result<Vec<f64>, hdf5::Error> {
    let mut ranges = vec![part.rows.clone(), part.cols.clone()];
    ranges.extend(dataset.shape().iter().skip(2).map(|&length| 0..length));
    check_size(ranges.iter().map(ExactSizeIterator::len))?;
    let part: Vec<_> = ranges.into_iter().map(Into::into).collect();
    let values = dataset.read_slice::<f64, _, IxDyn>(Hyperslab::from(part))?;
    Ok(values.into_iter().collect())
}

/// Values in the shape of their dataset.
pub(crate) fn reshaped<T, D: Dimension>(shape: D, values: Vec<T>) -> Array<T, D> {
    Array::from_shape_vec(shape, values).expect("shapes are checked when a dataset is read")
}

/// The schema's name for a dataset that another release calls differently; `_apm` is kept.
fn canonical_base(base: &str, known: Option<&VariableSpec>) -> String {
    match known {
        Some(variable) if base.ends_with("_apm") => format!("{}_apm", variable.base),
        Some(variable) => variable.base.to_string(),
        None => base.to_string(),
    }
}

fn kind_of_unknown(dataset: &hdf5::Dataset) -> Kind {
    if !is_integer(dataset) {
        Kind::Quantity
    } else if text_attribute(dataset, "flag_masks").is_some() {
        Kind::Flags {
            bits: &[],
            prefix: "",
            nothing_tried: None,
        }
    } else {
        Kind::Class
    }
}

/// Fill value and valid range: the file's attributes where it has them, else the schema's.
fn rule_of(
    dataset: &hdf5::Dataset,
    kind: Kind,
    group: &GroupSpec,
    known: Option<&VariableSpec>,
) -> ValueRule {
    let range = known.and_then(|variable| group.valid_range(variable));
    let attribute = |name| number_attribute(dataset, name);
    ValueRule {
        fill: attribute("_FillValue").or_else(|| known.and_then(|variable| variable.fill)),
        nothing_tried: match kind {
            Kind::Flags { nothing_tried, .. } => nothing_tried.map(f64::from),
            _ => None,
        },
        valid_min: attribute("valid_min").or(range.map(|[low, _]| low)),
        valid_max: attribute("valid_max").or(range.map(|[_, high]| high)),
    }
}
