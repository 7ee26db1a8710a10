//! What a granule is written from.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ndarray::{Array, ArrayD, Dimension};
use vadose_grid::{Cell, Window};

use crate::schema::Storage;
use crate::{GranuleName, GranuleOrigin, Product};

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

/// What every granule says of itself: file name, release, beginning and end; of a half orbit its
/// number and direction too.
///
/// # Examples
/// ```
/// use vadose_io::granule_writer::{MetadataValue, metadata_of};
///
/// let name = "SMAP_L2_SM_P_E_12345_D_20170601T120000_R18290_001.h5".parse()?;
/// let begin = "2017-06-01T12:00:00Z".parse().unwrap();
/// let metadata = metadata_of(&name, begin, "2017-06-01T12:49:30.5Z".parse().unwrap());
/// let end = metadata.iter().find(|entry| entry.attribute == "rangeEndingDateTime").unwrap();
/// assert_eq!(end.value, MetadataValue::Text("2017-06-01T12:49:30.500Z".to_string()));
/// # Ok::<(), vadose_io::IoError>(())
/// ```
#[must_use]
pub fn metadata_of(name: &GranuleName, begin: Timestamp, end: Timestamp) -> Vec<MetadataEntry> {
    let time = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    let identification = "DatasetIdentification";
    let mut metadata = vec![
        MetadataEntry::text(identification, "fileName", name.to_string()),
        MetadataEntry::text(identification, "CompositeReleaseID", name.release.clone()),
        MetadataEntry::text("Extent", "rangeBeginningDateTime", time(begin)),
        MetadataEntry::text("Extent", "rangeEndingDateTime", time(end)),
    ];
    if let GranuleOrigin::HalfOrbit { orbit, direction } = &name.origin {
        let location = "OrbitMeasuredLocation";
        let direction = format!("{direction:?}");
        metadata.push(MetadataEntry::text(location, "orbitDirection", direction));
        metadata.push(MetadataEntry {
            group: location.to_string(),
            attribute: "revNumber".to_string(),
            value: MetadataValue::U32(*orbit),
        });
    }
    metadata
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
    /// One text for each cell of a trajectory, ASCII.
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
