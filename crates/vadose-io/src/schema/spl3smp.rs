//! Datasets of SPL3SMP version 8 (36 km) and SPL3SMP_E (9 km): daily composites of the morning and
//! the evening passes on whole grids.
//!
//! Names, types, texts, ranges and fill values are those of an SPL3SMP granule of release R18290.
//! The file gives all four Stokes parameters one valid range, 0 to 330 K, although the third and
//! fourth are as often negative. The enhanced product has the same names on M09 and, polar, on N09.

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
use crate::flags::{FlagBit, RadiometerSurfaceFlag};

pub(super) const GROUPS_36_KM: &[GroupSpec] = &[
    group(
        "Soil_Moisture_Retrieval_Data_AM",
        EaseGrid2::M36,
        "",
        Need::Required,
    ),
    group(
        "Soil_Moisture_Retrieval_Data_PM",
        EaseGrid2::M36,
        EVENING,
        Need::Optional,
    ),
];

pub(super) const GROUPS_9_KM: &[GroupSpec] = &[
    group(
        "Soil_Moisture_Retrieval_Data_AM",
        EaseGrid2::M09,
        "",
        Need::Required,
    ),
    group(
        "Soil_Moisture_Retrieval_Data_PM",
        EaseGrid2::M09,
        EVENING,
        Need::Optional,
    ),
    group(
        "Soil_Moisture_Retrieval_Data_Polar_AM",
        EaseGrid2::N09,
        "",
        Need::Optional,
    ),
    group(
        "Soil_Moisture_Retrieval_Data_Polar_PM",
        EaseGrid2::N09,
        EVENING,
        Need::Optional,
    ),
];

/// What the datasets of evening passes end in.
const EVENING: &str = "_pm";

const fn group(name: &'static str, grid: EaseGrid2, suffix: &'static str, need: Need) -> GroupSpec {
    GroupSpec {
        name,
        grid,
        layout: Layout::WholeGrid { chunk: CHUNK },
        suffix,
        variants: NO_VARIANTS,
        cells: CellNames::EASE,
        need,
        variables: VARIABLES,
    }
}

/// Divides the 406 x 964 cells of M36 into 2 x 4 equal blocks; those of M09 and N09 nearly so.
const CHUNK: [usize; 2] = [203, 241];

const SOIL_MOISTURE_RANGE: [f64; 2] = [0.02, 0.5];
/// As the file has it: no limit that means anything.
const OPACITY: [f64; 2] = [-999_999.9, 999_999.9];

/// The baseline algorithm, the dual-channel one, has two names: with and without `_dca`.
const VARIABLES: &[VariableSpec] = &[
    optional_index(
        "EASE_row_index",
        "The row index of the {km} km EASE grid cell that contains the associated data.",
    ),
    optional_index(
        "EASE_column_index",
        "The column index of the {km} km EASE grid cell that contains the associated data.",
    ),
    LATITUDE,
    LONGITUDE,
    SOIL_MOISTURE,
    quantity(
        "soil_moisture_scah",
        M3M3,
        SOIL_MOISTURE_RANGE,
        "Representative SCA-H soil moisture measurement for the Earth based grid cell.",
    ),
    quantity(
        "soil_moisture_scav",
        M3M3,
        SOIL_MOISTURE_RANGE,
        "Representative SCA-V soil moisture measurement for the Earth based grid cell.",
    ),
    link("soil_moisture_dca", SOIL_MOISTURE),
    SOIL_MOISTURE_ERROR,
    RETRIEVAL_QUAL_FLAG_DCA,
    required(link("retrieval_qual_flag", RETRIEVAL_QUAL_FLAG_DCA)),
    flags(
        "retrieval_qual_flag_scah",
        RETRIEVAL_BITS,
        "",
        None,
        "Bit flags that record the conditions and the quality of the SCA-H retrieval algorithms \
         that generate soil moisture for the grid cell.",
    ),
    flags(
        "retrieval_qual_flag_scav",
        RETRIEVAL_BITS,
        "",
        None,
        "Bit flags that record the conditions and the quality of the SCA-V retrieval algorithms \
         that generate soil moisture for the grid cell.",
    ),
    flags(
        "surface_flag",
        RadiometerSurfaceFlag::BITS,
        "{km}_km_",
        None,
        "Bit flags that record ambient surface conditions for the grid cell",
    ),
    quantity(
        "tb_h_corrected",
        KELVIN,
        TB,
        "Horizontal polarization brightness temperature in {km} km Earth grid cell adjusted for \
         the presence of water bodies.",
    ),
    quantity(
        "tb_v_corrected",
        KELVIN,
        TB,
        "Vertical polarization brightness temperature in {km} km Earth grid cell adjusted for \
         the presence of water bodies.",
    ),
    TB_H_UNCORRECTED,
    TB_V_UNCORRECTED,
    quantity(
        "tb_3_corrected",
        KELVIN,
        TB,
        "Third stokes parameter for each {km} km grid cell calculated with an adjustment for \
         the presence of water bodies",
    ),
    quantity(
        "tb_4_corrected",
        KELVIN,
        TB,
        "Fourth stokes parameter for each {km} km grid cell calculated with an adjustment for \
         the presence of water bodies",
    ),
    TB_QUAL_FLAG_H,
    TB_QUAL_FLAG_V,
    TB_QUAL_FLAG_3,
    TB_QUAL_FLAG_4,
    TB_TIME_SECONDS,
    TIME_TEXT,
    LATITUDE_CENTROID,
    LONGITUDE_CENTROID,
    BORESIGHT_INCIDENCE,
    SURFACE_TEMPERATURE,
    VEGETATION_WATER_CONTENT,
    VEGETATION_OPACITY,
    quantity(
        "vegetation_opacity_scah",
        ONE,
        OPACITY,
        "The measured opacity of the vegetation used in the SCA-H retrieval in the grid cell.",
    ),
    quantity(
        "vegetation_opacity_scav",
        ONE,
        OPACITY,
        "The measured opacity of the vegetation used in the SCA-V retrieval in the grid cell.",
    ),
    link("vegetation_opacity_dca", VEGETATION_OPACITY),
    ALBEDO,
    quantity(
        "albedo_scah",
        ONE,
        FRACTION,
        "Diffuse reflecting power of the Earth&apos;s surface used in SCA-H within the grid \
         cell.",
    ),
    quantity(
        "albedo_scav",
        ONE,
        FRACTION,
        "Diffuse reflecting power of the Earth&apos;s surface used in SCA-V within the grid \
         cell.",
    ),
    link("albedo_dca", ALBEDO),
    ROUGHNESS_COEFFICIENT,
    quantity(
        "roughness_coefficient_scah",
        ONE,
        FRACTION,
        "A unitless value that is indicative of bare soil roughness used in SCA-H within the \
         {km} km grid cell.",
    ),
    quantity(
        "roughness_coefficient_scav",
        ONE,
        FRACTION,
        "A unitless value that is indicative of bare soil roughness used in SCA-V within the \
         {km} km grid cell.",
    ),
    link("roughness_coefficient_dca", ROUGHNESS_COEFFICIENT),
    quantity(
        "bulk_density",
        ["g cm-3", ""],
        [0.0, 2.65],
        "A unitless value that is indicative of aggregated bulk_density within the {km} km grid \
         cell.",
    ),
    quantity(
        "clay_fraction",
        ONE,
        FRACTION,
        "A unitless value that is indicative of aggregated clay fraction within the {km} km \
         grid cell.",
    ),
    class(
        "landcover_class",
        3,
        "An enumerated type that specifies the most common landcover class in the grid cell \
         based on the IGBP landcover map. The array order is longitude (ascending), followed by \
         latitude (descending), and followed by IGBP land cover type descending dominance (only \
         the first three types are listed)",
    ),
    LANDCOVER_CLASS_FRACTION,
    VariableSpec {
        storage: Storage::U16,
        fill: Some(super::rows::FILL_U16),
        valid_range: Some(FRACTION),
        ..class(
            "grid_surface_status",
            1,
            "Indicates if the grid point lies on land (0) or water (1).",
        )
    },
    STATIC_WATER_BODY_FRACTION,
    RADAR_WATER_BODY_FRACTION,
    SURFACE_WATER_FRACTION_MB_H,
    SURFACE_WATER_FRACTION_MB_V,
    FREEZE_THAW_FRACTION,
];

/// Arrays of the whole grid lie where they lie, with indices or without.
const fn optional_index(base: &'static str, long_name: &'static str) -> VariableSpec {
    VariableSpec {
        need: Need::Optional,
        ..index(base, None, long_name)
    }
}

const SOIL_MOISTURE: VariableSpec = required(quantity(
    "soil_moisture",
    M3M3,
    SOIL_MOISTURE_RANGE,
    "Representative DCA soil moisture measurement for the Earth based grid cell.",
));

const RETRIEVAL_QUAL_FLAG_DCA: VariableSpec = flags(
    "retrieval_qual_flag_dca",
    RETRIEVAL_BITS,
    "",
    None,
    "Bit flags that record the conditions and the quality of the DCA retrieval algorithms that \
     generate soil moisture for the grid cell.",
);

const VEGETATION_OPACITY: VariableSpec = quantity(
    "vegetation_opacity",
    ONE,
    OPACITY,
    "The measured opacity of the vegetation used in the DCA retrieval in the grid cell.",
);

const ALBEDO: VariableSpec = quantity(
    "albedo",
    ONE,
    FRACTION,
    "Diffuse reflecting power of the Earth&apos;s surface used in DCA within the grid cell.",
);

const ROUGHNESS_COEFFICIENT: VariableSpec = quantity(
    "roughness_coefficient",
    ONE,
    FRACTION,
    "A unitless value that is indicative of bare soil roughness used in DCA within the {km} km \
     grid cell.",
);

const RETRIEVAL_BITS: &[FlagBit] = &[
    FlagBit {
        mask: 1,
        meaning: "Retrieval_recommended",
    },
    FlagBit {
        mask: 2,
        meaning: "Retrieval_attempted",
    },
    FlagBit {
        mask: 4,
        meaning: "Retrieval_success",
    },
    FlagBit {
        mask: 8,
        meaning: "FT_retrieval_success",
    },
];
