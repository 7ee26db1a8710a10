//! What a granule is written from.

use std::collections::BTreeMap;

use ndarray::{Array, ArrayD, Dimension};
use vadose_grid::{Cell, Window};

use crate::Product;
use crate::schema::Storage;

/// All that [`super::write_granule`] needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct GranuleContents {
    /// The product, whose table says which datasets the file has.
    pub product: Product,
    /// Attributes beside those that identify the product, e.g. `rangeBeginningDateTime` of group
    /// `Extent`.
    pub metadata: Vec<MetadataEntry>,
    /// The groups: every required one, each once.
    pub groups: Vec<GroupContents>,
}

/// One attribute below the file's group `Metadata`.
#[derive(Debug, Clone, PartialEq)]
pub struct MetadataEntry {
    /// Group below `Metadata`, e.g. `Extent` or `Lineage/L3_SM_P_E`.
    pub group: String,
    /// Name of the attribute.
    pub attribute: String,
    /// Its value.
    pub value: MetadataValue,
}

impl MetadataEntry {
    /// A text, which must be ASCII.
    #[must_use]
    pub fn text(group: &str, attribute: &str, text: impl Into<String>) -> Self {
        Self {
            group: group.to_string(),
            attribute: attribute.to_string(),
            value: MetadataValue::Text(text.into()),
        }
    }
}

/// Value of an attribute below `Metadata`.
#[derive(Debug, Clone, PartialEq)]
pub enum MetadataValue {
    /// ASCII text.
    Text(String),
    /// A number.
    F32(f32),
    /// Numbers, e.g. of `polygonPosList`.
    F32List(Vec<f32>),
    /// A whole number.
    U32(u32),
}

/// One group of a granule.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupContents {
    /// Name in the root of the file, as in [`crate::schema::GroupSpec::name`].
    pub name: String,
    /// Where the cells are.
    pub placement: Placement,
    /// Values by base name, without the group's suffix: `soil_moisture`, `soil_moisture_apm`.
    pub values: BTreeMap<String, Values>,
}

/// Where the cells of a group are.
#[derive(Debug, Clone, PartialEq)]
pub enum Placement {
    /// A rectangle of the group's grid.
    Rectangle(Window),
    /// Cells of the group's grid, in any order.
    Trajectory(Vec<Cell>),
}

/// Values of one dataset, in the type of the file. Any `ndarray` array of numbers turns into it.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// NaN where missing.
    F32(ArrayD<f32>),
    /// NaN where missing.
    F64(ArrayD<f64>),
    /// As stored, fill value included.
    U16(ArrayD<u16>),
    /// As stored, fill value included.
    U8(ArrayD<u8>),
    /// One text for each cell, ASCII.
    Text(Vec<String>),
}

impl Values {
    pub(super) fn shape(&self) -> Vec<usize> {
        match self {
            Values::F32(values) => values.shape().to_vec(),
            Values::F64(values) => values.shape().to_vec(),
            Values::U16(values) => values.shape().to_vec(),
            Values::U8(values) => values.shape().to_vec(),
            Values::Text(values) => vec![values.len()],
        }
    }

    pub(super) fn is_stored_as(&self, storage: Storage) -> bool {
        matches!(
            (self, storage),
            (Values::F32(_), Storage::F32)
                | (Values::F64(_), Storage::F64)
                | (Values::U16(_), Storage::U16)
                | (Values::U8(_), Storage::U8)
                | (Values::Text(_), Storage::Ascii(_))
        )
    }
}

macro_rules! from_array {
    ($($number:ty => $variant:ident,)+) => {
        $(impl<D: Dimension> From<Array<$number, D>> for Values {
            fn from(values: Array<$number, D>) -> Self {
                Values::$variant(values.into_dyn())
            }
        })+
    };
}

from_array! {
    f32 => F32,
    f64 => F64,
    u16 => U16,
    u8 => U8,
}
