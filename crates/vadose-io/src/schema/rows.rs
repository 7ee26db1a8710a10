//! How the tables of the products are written down: one function for each kind of row.

use super::{Kind, Need, Storage, VariableSpec};
use crate::flags::FlagBit;

/// What stands for the cell's own dataset, without a twin.
pub(super) const NO_VARIANTS: &[&str] = &[""];

/// Fill value of floating-point datasets.
pub(crate) const FILL_FLOAT: f64 = -9999.0;
/// Fill value of 16-bit datasets.
pub(super) const FILL_U16: f64 = crate::flags::FILL_U16 as f64;
/// Fill value of 8-bit class numbers.
pub(super) const FILL_U8: f64 = 254.0;

pub(super) const fn quantity(
    base: &'static str,
    [units, file_units]: [&'static str; 2],
    valid_range: [f64; 2],
    long_name: &'static str,
) -> VariableSpec {
    VariableSpec {
        base,
        kind: Kind::Quantity,
        storage: Storage::F32,
        per_cell: 1,
        units,
        file_units,
        valid_range: Some(valid_range),
        fill: Some(FILL_FLOAT),
        need: Need::Optional,
        same_as: None,
        long_name,
    }
}

pub(super) const fn flags(
    base: &'static str,
    bits: &'static [FlagBit],
    prefix: &'static str,
    nothing_tried: Option<u16>,
    long_name: &'static str,
) -> VariableSpec {
    VariableSpec {
        kind: Kind::Flags {
            bits,
            prefix,
            nothing_tried,
        },
        storage: Storage::U16,
        valid_range: None,
        fill: Some(FILL_U16),
        ..quantity(base, ["1", ""], [0.0, 0.0], long_name)
    }
}

pub(super) const fn index(
    base: &'static str,
    valid_range: Option<[f64; 2]>,
    long_name: &'static str,
) -> VariableSpec {
    VariableSpec {
        kind: Kind::CellIndex,
        storage: Storage::U16,
        valid_range,
        fill: Some(FILL_U16),
        need: Need::Required,
        ..quantity(base, ["1", ""], [0.0, 0.0], long_name)
    }
}

pub(super) const LATITUDE: VariableSpec = VariableSpec {
    kind: Kind::CellCentre,
    ..quantity(
        "latitude",
        ["degrees_north"; 2],
        [-90.0, 90.0],
        "Latitude of the center of the Earth based grid cell.",
    )
};

pub(super) const LONGITUDE: VariableSpec = VariableSpec {
    kind: Kind::CellCentre,
    ..quantity(
        "longitude",
        ["degrees_east"; 2],
        LONGITUDE_RANGE,
        "Longitude of the center of the Earth based grid cell.",
    )
};

/// The files' own limits: east of 179.999 degrees they know no longitude.
pub(super) const LONGITUDE_RANGE: [f64; 2] = [-180.0, 179.999];

pub(super) const fn class(
    base: &'static str,
    per_cell: usize,
    long_name: &'static str,
) -> VariableSpec {
    VariableSpec {
        kind: Kind::Class,
        storage: Storage::U8,
        per_cell,
        valid_range: None,
        fill: Some(FILL_U8),
        ..quantity(base, ["1", ""], [0.0, 0.0], long_name)
    }
}

pub(super) const fn time(base: &'static str, long_name: &'static str) -> VariableSpec {
    VariableSpec {
        kind: Kind::Time,
        storage: Storage::F64,
        ..quantity(
            base,
            ["s", "seconds"],
            [-999_999.9, 940_000_000.0],
            long_name,
        )
    }
}

/// A second name of another dataset of the group, whose row this copies.
pub(super) const fn link(base: &'static str, target: VariableSpec) -> VariableSpec {
    VariableSpec {
        base,
        need: Need::Optional,
        same_as: Some(target.base),
        ..target
    }
}

pub(super) const fn required(variable: VariableSpec) -> VariableSpec {
    VariableSpec {
        need: Need::Required,
        ..variable
    }
}
