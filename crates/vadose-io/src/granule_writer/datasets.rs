//! The datasets of one group, each with the attributes, chunks and compression of the product.

use hdf5::types::{FixedAscii, OwnedDynValue};
use hdf5::{Dataset, Group, H5Type, Hyperslab};
use ndarray::{ArrayD, ArrayViewD};

use super::contents::Values;
use super::placed::Placed;
use crate::hdf5_output::{create_chunked, put_number, put_text};
use crate::schema::{GroupSpec, Kind, Layout, Storage, VariableSpec};

/// Attribute by which the variables of the model say what their grid is. They bear the fill value
/// under two more names.
const GRID_MAPPING: &str = "grid_mapping";
/// Bytes of the one text dataset, `tb_time_utc`: `2015-08-11T03:59:12.928Z`.
const TIME_TEXT_BYTES: usize = 24;

/// A number that granules store.
pub(super) trait Stored: H5Type + Copy + Into<OwnedDynValue> {
    fn from_f64(number: f64) -> Self;
    /// The number, with `fill` for NaN.
    fn filled(self, fill: Self) -> Self;
}

macro_rules! stored {
    ($($float:ty)+ ; $($integer:ty)+) => {
        $(impl Stored for $float {
            fn from_f64(number: f64) -> Self { number as $float }
            fn filled(self, fill: Self) -> Self { if self.is_nan() { fill } else { self } }
        })+
        $(impl Stored for $integer {
            fn from_f64(number: f64) -> Self { number as $integer }
            fn filled(self, _: Self) -> Self { self }
        })+
    };
}

stored!(f32 f64; u8 u16 u32);

/// Writes the datasets of one group.
pub(super) struct GroupWriter<'a> {
    group: Group,
    spec: &'a GroupSpec,
    placed: &'a Placed,
    /// What the datasets say about where their cells are: attribute and text.
    location: (&'static str, String),
}

impl<'a> GroupWriter<'a> {
    pub(super) fn new(group: Group, spec: &'a GroupSpec, placed: &'a Placed) -> Self {
        let full = |base| format!("/{}/{}", spec.name, spec.dataset(base));
        let location = if spec.variable(spec.cells.latitude).is_some() {
            let [latitude, longitude] = [spec.cells.latitude, spec.cells.longitude].map(full);
            let both = format!("{latitude} {longitude}");
            ("coordinates", both)
        } else {
            (GRID_MAPPING, super::spl4_root::GRID_MAPPING.to_string())
        };
        Self {
            group,
            spec,
            placed,
            location,
        }
    }

    /// Makes a dataset and its attributes; values that are not given are fill.
    pub(super) fn write(
        &self,
        base: &str,
        variable: &VariableSpec,
        values: Option<&Values>,
    ) -> hdf5::Result<()> {
        let name = self.spec.dataset(base);
        let is_twin = base != variable.base;
        let name = name.as_str();
        match (variable.storage, values) {
            (Storage::F32, Some(Values::F32(values))) => {
                self.put(name, variable, is_twin, Some(values))
            }
            (Storage::F64, Some(Values::F64(values))) => {
                self.put(name, variable, is_twin, Some(values))
            }
            (Storage::U16, Some(Values::U16(values))) => {
                self.put(name, variable, is_twin, Some(values))
            }
            (Storage::U8, Some(Values::U8(values))) => {
                self.put(name, variable, is_twin, Some(values))
            }
            (Storage::F32, _) => self.put::<f32>(name, variable, is_twin, None),
            (Storage::F64, _) => self.put::<f64>(name, variable, is_twin, None),
            (Storage::U16, _) => self.put::<u16>(name, variable, is_twin, None),
            (Storage::U8, _) => self.put::<u8>(name, variable, is_twin, None),
            (Storage::Ascii(_), Some(Values::Text(texts))) => {
                self.put_text(name, variable, is_twin, texts)
            }
            (Storage::Ascii(_), _) => self.put_text(name, variable, is_twin, &[]),
        }
    }

    /// Makes a second name of a dataset.
    pub(super) fn link(&self, target: &str, name: &str) -> hdf5::Result<()> {
        let (target, name) = (self.spec.dataset(target), self.spec.dataset(name));
        self.group.link_hard(&target, &name)
    }

    fn put<T: Stored>(
        &self,
        name: &str,
        variable: &VariableSpec,
        is_twin: bool,
        values: Option<&ArrayD<T>>,
    ) -> hdf5::Result<()> {
        let fill = variable.fill.map(T::from_f64);
        let dataset = create_chunked::<T>(
            &self.group,
            name,
            &self.shape(variable),
            &self.chunk(variable),
            fill.map(Into::into),
        )?;
        self.describe::<T>(&dataset, variable, is_twin)?;
        let Some(values) = values.filter(|values| !values.is_empty()) else {
            return Ok(());
        };
        let stored = match fill {
            Some(fill) => values.mapv(|value| value.filled(fill)),
            None => values.as_standard_layout().into_owned(),
        };
        // `mapv` keeps the memory order of its input.
        write_at(
            &dataset,
            self.placed.origin,
            stored.as_standard_layout().view(),
        )
    }

    fn put_text(
        &self,
        name: &str,
        variable: &VariableSpec,
        is_twin: bool,
        texts: &[String],
    ) -> hdf5::Result<()> {
        type Text = FixedAscii<TIME_TEXT_BYTES>;
        let dataset = create_chunked::<Text>(
            &self.group,
            name,
            &self.shape(variable),
            &self.chunk(variable),
            None,
        )?;
        self.describe::<f32>(&dataset, variable, is_twin)?;
        if texts.is_empty() {
            return Ok(());
        }
        let texts: Result<Vec<Text>, _> = texts
            .iter()
            .map(|text| Text::from_ascii(text.as_str()))
            .collect();
        dataset.write_raw(&texts.map_err(|error| hdf5::Error::from(error.to_string()))?)
    }

    fn shape(&self, variable: &VariableSpec) -> Vec<usize> {
        let mut shape = self.placed.shape.clone();
        shape.extend((variable.per_cell > 1).then_some(variable.per_cell));
        shape
    }

    /// One row of a rectangle, a whole half orbit, or a block of the globe.
    fn chunk(&self, variable: &VariableSpec) -> Vec<usize> {
        let mut chunk = self.shape(variable);
        match self.spec.layout {
            Layout::Rectangle => chunk[0] = 1,
            Layout::Trajectory => {}
            Layout::WholeGrid { chunk: block } => chunk[..2].copy_from_slice(&block),
        }
        chunk
    }

    /// The attributes of a dataset, in the order of the real files.
    fn describe<T: Stored>(
        &self,
        dataset: &Dataset,
        variable: &VariableSpec,
        is_twin: bool,
    ) -> hdf5::Result<()> {
        let number = |name: &str, number: f64| put_number(dataset, name, T::from_f64(number));
        // Of the cell centres only the twins have more than a name and units.
        let is_bare = variable.kind == Kind::CellCentre && !is_twin;
        if let Some(fill) = variable.fill.filter(|_| !is_bare) {
            number("_FillValue", fill)?;
        }
        if self.location.0 == GRID_MAPPING
            && let Some(fill) = variable.fill
        {
            number("missing_value", fill)?;
            number("fmissing_value", fill)?;
        }
        if !is_bare && variable.per_cell == 1 {
            put_text(dataset, self.location.0, &self.location.1)?;
        }
        if let Kind::Flags { bits, prefix, .. } = variable.kind {
            let masks: Vec<_> = bits.iter().map(|bit| format!("{}s", bit.mask)).collect();
            put_text(dataset, "flag_masks", &masks.join(", "))?;
            let prefix = self.spec.with_cell_size(prefix);
            let meanings: Vec<_> = bits
                .iter()
                .map(|bit| format!("{prefix}{}", bit.meaning))
                .collect();
            put_text(dataset, "flag_meanings", &meanings.join(" "))?;
        }
        put_text(dataset, "long_name", &self.spec.long_name(variable))?;
        if !variable.file_units.is_empty() {
            put_text(dataset, "units", variable.file_units)?;
        }
        if let Some([low, high]) = self.spec.valid_range(variable).filter(|_| !is_bare) {
            number("valid_max", high)?;
            number("valid_min", low)?;
        }
        Ok(())
    }
}

/// Writes values from a position on, or all of a dataset.
pub(crate) fn write_at<T: H5Type>(
    dataset: &Dataset,
    origin: Option<[usize; 2]>,
    values: ArrayViewD<'_, T>,
) -> hdf5::Result<()> {
    let Some([row0, col0]) = origin else {
        return dataset.write(values);
    };
    let mut ranges = vec![
        row0..row0 + values.shape()[0],
        col0..col0 + values.shape()[1],
    ];
    ranges.extend(values.shape()[2..].iter().map(|&length| 0..length));
    let part: Vec<_> = ranges.into_iter().map(Into::into).collect();
    dataset.write_slice(values, Hyperslab::from(part))
}
