//! What an array is before it is made.

use std::sync::Arc;

use serde_json::{Map, Value};
use zarrs::array::codec::{Crc32cCodec, ShardingCodecOptions, SubchunkWriteOrder, ZstdCodec};
use zarrs::array::{ArrayBuilder, CodecSpecificOptions, FillValue, data_type};

use crate::cf;
use crate::map_file::is_variable_name;

/// Zstandard's own default: a higher level costs time and hardly shrinks noisy fields.
const DEFAULT_COMPRESSION_LEVEL: i32 = 3;

/// Type of the values of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataType {
    /// 32-bit floating point: fields.
    F32,
    /// 64-bit floating point: coordinates.
    F64,
    /// Unsigned byte: classes and flags.
    U8,
    /// 16-bit integer.
    I16,
    /// 64-bit integer: counts and identifiers.
    I64,
}

/// What an array is: name, axes, layout and meaning.
///
/// Fields that are seldom needed have the values of [`ArraySpec::new`].
#[derive(Debug, Clone)]
pub struct ArraySpec {
    /// Name in the store: a letter, then letters, digits and underscores.
    pub name: String,
    /// Type of the values.
    pub data_type: DataType,
    /// Names of the axes. An array with axes `y` and `x` refers to the projection that
    /// [`write_grid`](super::write_grid) writes.
    pub dims: Vec<String>,
    /// Length of each axis.
    pub shape: Vec<u64>,
    /// What is compressed together, and so the least that is read.
    pub chunk_shape: Vec<u64>,
    /// What is one file, and so the least that is written: whole multiples of the chunk. Without
    /// it every chunk is a file of its own.
    pub shard_shape: Option<Vec<u64>>,
    /// The integer that stands for a missing value; in arrays of floats that is NaN. Readers that
    /// follow CF show it as missing. Chunks that were never written hold it, or 0 without it.
    pub missing: Option<i64>,
    /// CF units, `1` where dimensionless; empty where units make no sense.
    pub units: String,
    /// What the array is, in words.
    pub long_name: String,
    /// The CF standard name, where there is one.
    pub standard_name: Option<String>,
    /// Further attributes, such as `flag_values` and `flag_meanings`.
    pub attributes: Map<String, Value>,
    /// Level of Zstandard, 1 to 22.
    pub compression_level: i32,
}

impl ArraySpec {
    /// An array of these axes, each with its length, and chunks.
    pub fn new(name: &str, data_type: DataType, axes: &[(&str, u64)], chunk_shape: &[u64]) -> Self {
        Self {
            name: name.to_owned(),
            data_type,
            dims: axes.iter().map(|(dim, _)| (*dim).to_owned()).collect(),
            shape: axes.iter().map(|&(_, length)| length).collect(),
            chunk_shape: chunk_shape.to_vec(),
            shard_shape: None,
            missing: None,
            units: "1".to_owned(),
            long_name: name.replace('_', " "),
            standard_name: None,
            attributes: Map::new(),
            compression_level: DEFAULT_COMPRESSION_LEVEL,
        }
    }

    /// The array as zarrs makes it, or why it cannot be made.
    pub(super) fn builder(&self) -> Result<ArrayBuilder, String> {
        self.check()?;
        let (data_type, fill) = self.data_type_and_fill()?;
        let file_shape = self.shard_shape.as_ref().unwrap_or(&self.chunk_shape);
        let mut builder =
            ArrayBuilder::new(self.shape.clone(), file_shape.clone(), data_type, fill);
        builder
            .subchunk_shape(self.shard_shape.as_ref().map(|_| self.chunk_shape.clone()))
            .bytes_to_bytes_codecs(vec![
                Arc::new(ZstdCodec::new(self.compression_level, false)),
                Arc::new(Crc32cCodec::new()),
            ])
            .dimension_names(Some(self.dims.clone()))
            .attributes(self.all_attributes())
            .codec_specific_options(deterministic());
        Ok(builder)
    }

    fn check(&self) -> Result<(), String> {
        let rank = self.shape.len();
        if !is_variable_name(&self.name) {
            return Err("the name must be a letter, then letters, digits, `_`".to_owned());
        }
        let shard_shape = self.shard_shape.as_ref().unwrap_or(&self.chunk_shape);
        for (what, n) in [
            ("names of axes", self.dims.len()),
            ("lengths of the chunk", self.chunk_shape.len()),
            ("lengths of the shard", shard_shape.len()),
        ] {
            if n != rank {
                return Err(format!("{n} {what} for {rank} axes"));
            }
        }
        for ((dim, &chunk), &shard) in self.dims.iter().zip(&self.chunk_shape).zip(shard_shape) {
            if chunk == 0 || shard == 0 || shard % chunk != 0 {
                return Err(format!(
                    "along `{dim}` shards of {shard} are not made of whole chunks of {chunk}"
                ));
            }
        }
        Ok(())
    }

    fn data_type_and_fill(&self) -> Result<(zarrs::array::DataType, FillValue), String> {
        let missing = self.missing.unwrap_or(0);
        let beyond = |_| format!("{missing} is no {:?}", self.data_type);
        let of_floats = matches!(self.data_type, DataType::F32 | DataType::F64);
        if of_floats && self.missing.is_some() {
            return Err("a missing float is NaN and nothing else".to_owned());
        }
        Ok(match self.data_type {
            DataType::F32 => (data_type::float32(), f32::NAN.into()),
            DataType::F64 => (data_type::float64(), f64::NAN.into()),
            DataType::U8 => (
                data_type::uint8(),
                u8::try_from(missing).map_err(beyond)?.into(),
            ),
            DataType::I16 => (
                data_type::int16(),
                i16::try_from(missing).map_err(beyond)?.into(),
            ),
            DataType::I64 => (data_type::int64(), missing.into()),
        })
    }

    fn all_attributes(&self) -> Map<String, Value> {
        let mut attributes = Map::new();
        let mut put = |name: &str, value: Value| attributes.insert(name.to_owned(), value);
        put("long_name", self.long_name.as_str().into());
        if let Some(standard_name) = &self.standard_name {
            put("standard_name", standard_name.as_str().into());
        }
        if !self.units.is_empty() {
            put("units", self.units.as_str().into());
        }
        if let Some(missing) = self.missing {
            // xarray takes this, and not Zarr's own fill value, for what is missing.
            put("_FillValue", missing.into());
        }
        if ["y", "x"]
            .iter()
            .all(|axis| self.dims.iter().any(|dim| dim == axis))
        {
            put("grid_mapping", cf::GRID_MAPPING.into());
        }
        attributes.extend(self.attributes.clone());
        attributes
    }
}

/// Chunks lie in a shard in their own order, however many threads compress them.
pub(super) fn deterministic() -> CodecSpecificOptions {
    CodecSpecificOptions::default().with_option(
        ShardingCodecOptions::default().with_subchunk_write_order(SubchunkWriteOrder::C),
    )
}
