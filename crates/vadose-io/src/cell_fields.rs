//! The datasets of a group by what they are: quantities, flag words, classes and times.

use std::collections::BTreeMap;

use ndarray::{Array, Dimension, Zip};

use crate::IoError;
use crate::decode::OutOfRange;
use crate::field::{Field, IntegerField};
use crate::flags::is_recommended;
use crate::granule_group::GranuleGroup;
use crate::raw_dataset::{Part, reshaped};
use crate::schema::Kind;

/// Datasets of a group, by base name.
pub(crate) struct CellFields<D: Dimension> {
    pub(crate) fields: BTreeMap<String, Field<D>>,
    pub(crate) flags: BTreeMap<String, IntegerField<D>>,
    pub(crate) classes: BTreeMap<String, IntegerField<D>>,
    /// Seconds since J2000, NaN where missing.
    pub(crate) times: BTreeMap<String, Array<f64, D>>,
}

/// Which datasets of a group are read, and how.
pub(crate) struct Wanted<'a, D> {
    /// Full names.
    pub(crate) names: &'a [String],
    /// Shape of what is read, without the axis of several values for a cell.
    pub(crate) shape: D,
    /// The part of the arrays that is read; all of a dataset where there is none.
    pub(crate) part: Option<Part>,
    pub(crate) out_of_range: OutOfRange,
}

impl GranuleGroup<'_> {
    pub(crate) fn read_fields<D: Dimension>(
        &self,
        wanted: Wanted<'_, D>,
    ) -> Result<CellFields<D>, IoError> {
        let Wanted {
            names,
            shape,
            part,
            out_of_range,
        } = wanted;
        let cells = match &part {
            Some(part) => part.whole.to_vec(),
            None => shape.slice().to_vec(),
        };
        let mut read = CellFields {
            fields: BTreeMap::new(),
            flags: BTreeMap::new(),
            classes: BTreeMap::new(),
            times: BTreeMap::new(),
        };
        for name in names {
            let Some(raw) = self.read(name, &cells, part.as_ref())? else {
                continue;
            };
            for raw in raw.into_ranks() {
                let shape = shape.clone();
                match raw.kind {
                    Kind::Quantity | Kind::CellCentre => {
                        read.fields.extend([raw.into_field(shape, out_of_range)]);
                    }
                    Kind::Flags { .. } => read.flags.extend([raw.into_integers(shape)]),
                    Kind::Class => read.classes.extend([raw.into_integers(shape)]),
                    Kind::Time => {
                        let base = raw.base.clone();
                        let seconds = raw.decode(OutOfRange::Missing).values;
                        read.times.insert(base, reshaped(shape, seconds));
                    }
                    Kind::CellIndex | Kind::Text => {}
                }
            }
        }
        Ok(read)
    }
}

/// Cells where soil moisture is present and bit 0 of `retrieval_qual_flag` is clear; none where a
/// file lacks either.
pub(crate) fn recommended<D: Dimension>(
    fields: &BTreeMap<String, Field<D>>,
    flags: &BTreeMap<String, IntegerField<D>>,
    shape: D,
) -> Array<bool, D> {
    let both = fields
        .get("soil_moisture")
        .zip(flags.get("retrieval_qual_flag"));
    let Some((soil_moisture, quality)) = both else {
        return Array::from_elem(shape, false);
    };
    Zip::from(&soil_moisture.values)
        .and(&quality.values)
        .and(&quality.valid)
        .map_collect(|value, &word, &valid| !value.is_nan() && valid && is_recommended(word))
}
