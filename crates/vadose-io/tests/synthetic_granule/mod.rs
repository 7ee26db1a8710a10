//! Small granules written from the crate's own schema, and where the real ones lie.
#![allow(dead_code)] // each test binary uses its own part

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hdf5::types::{FixedAscii, VarLenUnicode};
use ndarray::ArrayD;
use vadose_grid::{Cell, Window};
use vadose_io::Product;
use vadose_io::granule_writer::{GranuleContents, GroupContents, MetadataEntry, Placement, Values};
use vadose_io::schema::{GroupSpec, Kind, Layout, Storage, VariableSpec};

pub(crate) const SENTINEL_GRANULE: &str =
    "SMAP_L2_SM_SP_1AIWDV_20150410T054151_20150410T052055_010E36N_R17000_001.h5";
pub(crate) const RADIOMETER_GRANULE: &str = "SMAP_L2_SM_P_02802_A_20150811T030828_R18290_001.h5";

/// A real granule that lies in the workspace.
pub(crate) fn real(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/data/smap")
        .join(name)
}

/// A writable copy of a real granule.
pub(crate) fn copy_of(name: &str, folder: &Path) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, std::fs::read(real(name)).unwrap()).unwrap();
    path
}

/// First row and column of every synthetic group on its grid.
pub(crate) const ROW0: usize = 180;
pub(crate) const COL0: usize = 270;
/// Shape of synthetic rectangles; trajectories have as many cells.
pub(crate) const SHAPE: [usize; 2] = [4, 5];
pub(crate) const N_CELLS: usize = SHAPE[0] * SHAPE[1];

/// Writes a granule of a product with every dataset of its schema. `value` gives the values by base
/// name and cell; what it leaves to `None` is half-way between the valid limits, or 0.
pub(crate) fn write(path: &Path, product: Product, value: impl Fn(&str, usize) -> Option<f64>) {
    let file = hdf5::File::create(path).unwrap();
    let metadata = file.create_group("Metadata").unwrap();
    let identification = metadata.create_group("DatasetIdentification").unwrap();
    put_text(&identification, "SMAPShortName", product.mission_name());
    file.create_group("a").unwrap(); // a stray group, as in a real granule
    for spec in product.groups() {
        let group = file.create_group(spec.name).unwrap();
        for variable in spec.variables {
            write_variable(&group, spec, variable, &value);
        }
    }
    file.close().unwrap();
}

fn write_variable(
    group: &hdf5::Group,
    spec: &GroupSpec,
    variable: &VariableSpec,
    value: &impl Fn(&str, usize) -> Option<f64>,
) {
    let mut shape = match spec.layout {
        Layout::Rectangle => SHAPE.to_vec(),
        Layout::Trajectory => vec![N_CELLS],
        Layout::WholeGrid { .. } => panic!("whole grids come from the crate's own writer"),
    };
    if variable.per_cell > 1 {
        shape.push(variable.per_cell);
    }
    let middle = variable
        .valid_range
        .map_or(0.0, |[low, high]| f64::midpoint(low, high));
    let default = |cell: usize| match (variable.kind, variable.base) {
        (Kind::CellIndex, "EASE_row_index") => (ROW0 + cell / SHAPE[1]) as f64,
        (Kind::CellIndex, _) => (COL0 + cell % SHAPE[1]) as f64,
        _ => middle,
    };
    let n_values: usize = shape.iter().product();
    let values: Vec<f64> = (0..n_values)
        .map(|idx| idx / variable.per_cell)
        .map(|cell| value(variable.base, cell).unwrap_or_else(|| default(cell)))
        .collect();
    let name = spec.dataset(variable.base);
    let dataset = match variable.storage {
        Storage::F32 => put(
            group,
            &name,
            &shape,
            values.iter().map(|&v| v as f32),
            spec,
            variable,
        ),
        Storage::F64 => put(group, &name, &shape, values.iter().copied(), spec, variable),
        Storage::U16 => put(
            group,
            &name,
            &shape,
            values.iter().map(|&v| v as u16),
            spec,
            variable,
        ),
        Storage::U8 => put(
            group,
            &name,
            &shape,
            values.iter().map(|&v| v as u8),
            spec,
            variable,
        ),
        _ => {
            let text = FixedAscii::<24>::from_ascii(b"2015-08-11T03:59:12.928Z").unwrap();
            let builder = group.new_dataset::<FixedAscii<24>>().shape(shape);
            let dataset = builder.create(name.as_str()).unwrap();
            dataset.write_raw(&vec![text; n_values]).unwrap();
            dataset
        }
    };
    put_text(&dataset, "long_name", &spec.long_name(variable));
    if !variable.file_units.is_empty() {
        let units = FixedAscii::<32>::from_ascii(variable.file_units).unwrap();
        let attribute = dataset
            .new_attr::<FixedAscii<32>>()
            .create("units")
            .unwrap();
        attribute.write_scalar(&units).unwrap();
    }
}

/// A dataset of numbers with fill value and range in its own type.
fn put<T: hdf5::H5Type + Copy + FromF64>(
    group: &hdf5::Group,
    name: &str,
    shape: &[usize],
    values: impl Iterator<Item = T>,
    spec: &GroupSpec,
    variable: &VariableSpec,
) -> hdf5::Dataset {
    let dataset = group.new_dataset::<T>().shape(shape).create(name).unwrap();
    dataset.write_raw(&values.collect::<Vec<T>>()).unwrap();
    let limits = spec.valid_range(variable);
    for (attribute, number) in [
        ("_FillValue", variable.fill),
        ("valid_min", limits.map(|[low, _]| low)),
        ("valid_max", limits.map(|[_, high]| high)),
    ] {
        if let Some(number) = number {
            let attribute = dataset.new_attr::<T>().create(attribute).unwrap();
            attribute.write_scalar(&T::from_f64(number)).unwrap();
        }
    }
    dataset
}

trait FromF64 {
    fn from_f64(value: f64) -> Self;
}

macro_rules! from_f64 {
    ($($number:ty)+) => {
        $(impl FromF64 for $number {
            fn from_f64(value: f64) -> Self {
                value as $number
            }
        })+
    };
}

from_f64!(f32 f64 u16 u8);

pub(crate) fn put_text(location: &hdf5::Location, name: &str, text: &str) {
    let attribute = location.new_attr::<VarLenUnicode>().create(name).unwrap();
    attribute
        .write_scalar(&text.parse::<VarLenUnicode>().unwrap())
        .unwrap();
}

/// Contents for the crate's own writer: 3 x 4 cells from row 180, column 240, or 7 cells from row
/// 200 down column 30, with 0.25 everywhere but in the second cell, where the value is missing.
pub(crate) fn small(product: Product) -> GranuleContents {
    let groups = product.groups().iter().map(|spec| {
        let (placement, shape) = match spec.layout {
            Layout::Trajectory => {
                let cells = (0..7)
                    .map(|idx| Cell {
                        row: 200 + idx,
                        col: 30,
                    })
                    .collect();
                (Placement::Trajectory(cells), vec![7])
            }
            _ => {
                let window = Window::new(spec.grid, 180, 240, 3, 4).unwrap();
                (Placement::Rectangle(window), vec![3, 4])
            }
        };
        let base = match product {
            Product::Spl4Smgp => "sm_surface",
            Product::Spl1CtbE => "cell_tb_v_fore",
            _ => "soil_moisture",
        };
        let mut values = ArrayD::from_elem(shape, 0.25_f32);
        values.as_slice_mut().unwrap()[1] = f32::NAN;
        GroupContents {
            name: spec.name.to_string(),
            placement,
            values: BTreeMap::from([(base.to_string(), Values::F32(values))]),
        }
    });
    GranuleContents {
        product,
        metadata: vec![MetadataEntry::text(
            "Extent",
            "rangeBeginningDateTime",
            "2017-06-01T00:00:00.000Z",
        )],
        groups: groups.collect(),
    }
}
