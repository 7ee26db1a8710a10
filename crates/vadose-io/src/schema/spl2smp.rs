//! Datasets of SPL2SMP version 8 (36 km) and SPL2SMP_E (9 km): half orbits as lists of cells.
//!
//! Names, types, texts, ranges and fill values are those of a real SPL2SMP granule of release
//! R18290; the enhanced product has the same names on M09 and, polar, on N09.

use vadose_grid::EaseGrid2;

use super::radiometer::{
    BORESIGHT_INCIDENCE, FRACTION, FREEZE_THAW_FRACTION, KELVIN, LANDCOVER_CLASS_FRACTION,
    LATITUDE_CENTROID, LONGITUDE_CENTROID, M3M3, ONE, RADAR_WATER_BODY_FRACTION,
    SOIL_MOISTURE_ERROR, STATIC_WATER_BODY_FRACTION, SURFACE_TEMPERATURE,
    SURFACE_WATER_FRACTION_MB_H, SURFACE_WATER_FRACTION_MB_V, TB, TB_H_UNCORRECTED, TB_QUAL_FLAG_3,
    TB_QUAL_FLAG_4, TB_QUAL_FLAG_H, TB_QUAL_FLAG_V, TB_TIME_SECONDS, TB_V_UNCORRECTED, TIME_TEXT,
    VEGETATION_WATER_CONTENT,
};
use super::rows::{
    LATITUDE, LONGITUDE, NO_VARIANTS, class, flags, index, link, quantity, required,
};
use super::{CellNames, GroupSpec, Layout, Need, Storage, VariableSpec};
use crate::flags::{RadiometerRetrievalFlag, RadiometerSurfaceFlag};

const fn group(name: &'static str, grid: EaseGrid2, need: Need) -> GroupSpec {
    GroupSpec {
        name,
        grid,
        layout: Layout::Trajectory,
        suffix: "",
        variants: NO_VARIANTS,
        cells: CellNames::EASE,
        need,
        variables: VARIABLES,
    }
}

pub(super) const GROUPS_36_KM: &[GroupSpec] = &[group(
    "Soil_Moisture_Retrieval_Data",
    EaseGrid2::M36,
    Need::Required,
)];

pub(super) const GROUPS_9_KM: &[GroupSpec] = &[
    group(
        "Soil_Moisture_Retrieval_Data",
        EaseGrid2::M09,
        Need::Required,
    ),
    group(
        "Soil_Moisture_Retrieval_Data_Polar",
        EaseGrid2::N09,
        Need::Optional,
    ),
];

const SOIL_MOISTURE: [f64; 2] = [0.02, 0.5];
const STOKES: [f64; 2] = [-50.0, 50.0];
const OPACITY: [f64; 2] = [0.0, 10.0];

/// Options 1, 2 and 3 are the single-channel algorithm with H, with V, and the dual-channel
/// algorithm; the names without an option repeat the baseline, option 3 since release R18.
const VARIABLES: &[VariableSpec] = &[
    index(
        "EASE_row_index",
        None,
        "The row index of the {km} km EASE grid cell that contains the associated data.",
    ),
    index(
        "EASE_column_index",
        None,
        "The column index of the {km} km EASE grid cell that contains the associated data.",
    ),
    LATITUDE,
    LONGITUDE,
    LATITUDE_CENTROID,
    LONGITUDE_CENTROID,
    SOIL_MOISTURE_ROW,
    quantity(
        "soil_moisture_option1",
        M3M3,
        SOIL_MOISTURE,
        "Representative soil moisture measurement for the Earth based grid cell.",
    ),
    quantity(
        "soil_moisture_option2",
        M3M3,
        SOIL_MOISTURE,
        "Representative soil moisture measurement for the Earth based grid cell.",
    ),
    link("soil_moisture_option3", SOIL_MOISTURE_ROW),
    SOIL_MOISTURE_ERROR,
    QUALITY_ROW,
    quality(
        "retrieval_qual_flag_option1",
        "Bit flags that record the conditions and the quality of the retrieval algorithms that \
         generate soil moisture within each grid cell",
    ),
    quality(
        "retrieval_qual_flag_option2",
        "Bit flags that record the conditions and the quality of the retrieval algorithms that \
         generate soil moisture within each grid cell",
    ),
    link("retrieval_qual_flag_option3", QUALITY_ROW),
    flags(
        "surface_flag",
        RadiometerSurfaceFlag::BITS,
        "{km}_km_",
        None,
        "Bit flags that record ambient surface conditions within each grid cell",
    ),
    quantity(
        "tb_h_corrected",
        KELVIN,
        TB,
        "Horizontal polarization brightness temperature in {km} km Earth grid cell after \
         adjustment for the presence of water bodies.",
    ),
    quantity(
        "tb_v_corrected",
        KELVIN,
        TB,
        "Vertical polarization brightness temperature in {km} km Earth grid cell after \
         adjustment for the presence of water bodies.",
    ),
    TB_H_UNCORRECTED,
    TB_V_UNCORRECTED,
    quantity(
        "tb_3_corrected",
        KELVIN,
        STOKES,
        "Third stokes parameter for each {km} km grid cell calculated with an adjustment for \
         the presence of water bodies",
    ),
    quantity(
        "tb_4_corrected",
        KELVIN,
        STOKES,
        "Fourth stokes parameter for each {km} km grid cell calculated with an adjustment for \
         the presence of water bodies",
    ),
    TB_QUAL_FLAG_H,
    TB_QUAL_FLAG_V,
    TB_QUAL_FLAG_3,
    TB_QUAL_FLAG_4,
    TB_TIME_SECONDS,
    TIME_TEXT,
    BORESIGHT_INCIDENCE,
    SURFACE_TEMPERATURE,
    VEGETATION_WATER_CONTENT,
    OPACITY_ROW,
    quantity(
        "vegetation_opacity_option1",
        ONE,
        OPACITY,
        "The measured opacity of the vegetation in the grid cell.",
    ),
    quantity(
        "vegetation_opacity_option2",
        ONE,
        OPACITY,
        "The measured opacity of the vegetation in the grid cell.",
    ),
    link("vegetation_opacity_option3", OPACITY_ROW),
    quantity(
        "albedo",
        ONE,
        FRACTION,
        "Diffuse reflecting power of the Earth&apos;s surface within the grid cell.",
    ),
    quantity(
        "albedo_option3",
        ONE,
        FRACTION,
        "Diffuse reflecting power of the Earth&apos;s surface within the grid cell, used in \
         MDCA algorithm.",
    ),
    quantity(
        "roughness_coefficient",
        ONE,
        FRACTION,
        "A unitless value that is indicative of bare soil roughness within the {km} km grid \
         cell.",
    ),
    quantity(
        "roughness_coefficient_option3",
        ONE,
        FRACTION,
        "A unitless value that is indicative of bare soil roughness within the {km} km grid \
         cell. Derived by retrieval of global map of h from DCA.",
    ),
    quantity(
        "bulk_density",
        ["g cm-3", ""],
        [0.0, 2.65],
        "The aggregated bulk density, as used in the soil moisture retrieval, within the {km} \
         km grid cell.",
    ),
    quantity(
        "clay_fraction",
        ONE,
        FRACTION,
        "The aggregated clay fraction, as used in the soil moisture retrieval, within the {km} \
         km grid cell.",
    ),
    quantity(
        "sand_fraction",
        ONE,
        FRACTION,
        "The aggregated sand fraction, as used in the soil moisture retrieval, within the {km} \
         km grid cell.",
    ),
    // The file states no units; values up to 600 of 1000 say grams in a kilogram.
    quantity(
        "organic_content",
        ["g kg-1", ""],
        [0.0, 1000.0],
        "The aggregated organic content, as used in the soil moisture retrieval, within the \
         {km} km grid cell.",
    ),
    class(
        "landcover_class",
        3,
        "An enumerated type that specifies the most common landcover class in the grid cell \
         based on the IGBP landcover map.",
    ),
    LANDCOVER_CLASS_FRACTION,
    class_word(
        "grid_surface_status",
        "Indicates if the grid point lies on land (0) or water (1).",
    ),
    STATIC_WATER_BODY_FRACTION,
    RADAR_WATER_BODY_FRACTION,
    SURFACE_WATER_FRACTION_MB_H,
    SURFACE_WATER_FRACTION_MB_V,
    FREEZE_THAW_FRACTION,
];

const SOIL_MOISTURE_ROW: VariableSpec = required(quantity(
    "soil_moisture",
    M3M3,
    SOIL_MOISTURE,
    "Representative soil moisture measurement for the Earth based grid cell.",
));

const QUALITY_ROW: VariableSpec = required(quality(
    "retrieval_qual_flag",
    "Bit flags that record the conditions and the quality of the retrieval algorithms that \
     generate soil moisture within each grid cell",
));

const OPACITY_ROW: VariableSpec = quantity(
    "vegetation_opacity",
    ONE,
    OPACITY,
    "The measured opacity of the vegetation in the grid cell.",
);

const fn quality(base: &'static str, long_name: &'static str) -> VariableSpec {
    flags(base, RadiometerRetrievalFlag::BITS, "", None, long_name)
}

const fn class_word(base: &'static str, long_name: &'static str) -> VariableSpec {
    VariableSpec {
        storage: Storage::U16,
        fill: Some(super::rows::FILL_U16),
        valid_range: Some(FRACTION),
        ..class(base, 1, long_name)
    }
}
