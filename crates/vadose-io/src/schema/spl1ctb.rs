//! Datasets of SPL1CTB_E: brightness temperatures of half orbits on 9 km grids, as the antenna
//! looked forward and aft.
//!
//! The names of the polar groups and the texts are not checked against a real granule; what a file
//! says of itself goes before them.

use vadose_grid::EaseGrid2;

use super::rows::{LATITUDE, LONGITUDE, NO_VARIANTS, flags, index, quantity, time};
use super::{CellNames, GroupSpec, Layout, Need, VariableSpec};
use crate::flags::TbQualityFlag;

pub(super) const GROUPS: &[GroupSpec] = &[
    group("Global_Projection", EaseGrid2::M09, Need::Required),
    group("North_Polar_Projection", EaseGrid2::N09, Need::Optional),
    group("South_Polar_Projection", EaseGrid2::S09, Need::Optional),
];

const fn group(name: &'static str, grid: EaseGrid2, need: Need) -> GroupSpec {
    GroupSpec {
        name,
        grid,
        layout: Layout::Trajectory,
        suffix: "",
        variants: NO_VARIANTS,
        cells: CELLS,
        need,
        variables: VARIABLES,
    }
}

const CELLS: CellNames = CellNames {
    row: "cell_row",
    col: "cell_column",
    latitude: "cell_lat",
    longitude: "cell_lon",
};

const VARIABLES: &[VariableSpec] = &[
    index(CELLS.row, None, "Row of the {km} km EASE grid cell."),
    index(CELLS.col, None, "Column of the {km} km EASE grid cell."),
    VariableSpec {
        base: CELLS.latitude,
        ..LATITUDE
    },
    VariableSpec {
        base: CELLS.longitude,
        ..LONGITUDE
    },
    temperature(
        "cell_tb_h_fore",
        "Horizontally polarised brightness temperature, fore look.",
    ),
    temperature(
        "cell_tb_h_aft",
        "Horizontally polarised brightness temperature, aft look.",
    ),
    temperature(
        "cell_tb_v_fore",
        "Vertically polarised brightness temperature, fore look.",
    ),
    temperature(
        "cell_tb_v_aft",
        "Vertically polarised brightness temperature, aft look.",
    ),
    temperature(
        "cell_tb_h_surface_corrected_fore",
        "Horizontally polarised brightness temperature without water bodies, fore look.",
    ),
    temperature(
        "cell_tb_h_surface_corrected_aft",
        "Horizontally polarised brightness temperature without water bodies, aft look.",
    ),
    temperature(
        "cell_tb_v_surface_corrected_fore",
        "Vertically polarised brightness temperature without water bodies, fore look.",
    ),
    temperature(
        "cell_tb_v_surface_corrected_aft",
        "Vertically polarised brightness temperature without water bodies, aft look.",
    ),
    error(
        "cell_tb_error_h_fore",
        "Noise of the horizontally polarised fore look.",
    ),
    error(
        "cell_tb_error_h_aft",
        "Noise of the horizontally polarised aft look.",
    ),
    error(
        "cell_tb_error_v_fore",
        "Noise of the vertically polarised fore look.",
    ),
    error(
        "cell_tb_error_v_aft",
        "Noise of the vertically polarised aft look.",
    ),
    quality("cell_tb_qual_flag_h_fore", "Horizontal_polarization_"),
    quality("cell_tb_qual_flag_h_aft", "Horizontal_polarization_"),
    quality("cell_tb_qual_flag_v_fore", "Vertical_polarization_"),
    quality("cell_tb_qual_flag_v_aft", "Vertical_polarization_"),
    time(
        "cell_tb_time_seconds_fore",
        "Time of the fore look, seconds since J2000.",
    ),
    time(
        "cell_tb_time_seconds_aft",
        "Time of the aft look, seconds since J2000.",
    ),
];

const KELVIN: [&str; 2] = ["K", "Kelvin"];

const fn temperature(base: &'static str, long_name: &'static str) -> VariableSpec {
    quantity(base, KELVIN, [0.0, 330.0], long_name)
}

/// An uncertainty, for which no range is known here.
const fn error(base: &'static str, long_name: &'static str) -> VariableSpec {
    VariableSpec {
        valid_range: None,
        ..quantity(base, KELVIN, [0.0, 0.0], long_name)
    }
}

const fn quality(base: &'static str, prefix: &'static str) -> VariableSpec {
    let long_name = "Bit flags that represent the quality of the brightness temperature.";
    flags(base, TbQualityFlag::BITS, prefix, None, long_name)
}
