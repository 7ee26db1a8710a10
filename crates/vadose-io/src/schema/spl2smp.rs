//! Datasets of SPL2SMP version 8 (36 km) and SPL2SMP_E (9 km): half orbits as lists of cells.
//!
//! Names, types, texts, ranges and fill values are those of a real SPL2SMP granule of release
//! R18290; the enhanced product has the same names on M09 and, polar, on N09.

use vadose_grid::EaseGrid2;

use super::rows::{
    LATITUDE, LONGITUDE, LONGITUDE_RANGE, NO_VARIANTS, class, flags, index, link, quantity,
    required, time,
};
use super::{CellNames, GroupSpec, Kind, Layout, Need, Storage, VariableSpec};
use crate::flags::{FlagBit, RadiometerRetrievalFlag, RadiometerSurfaceFlag, TbQualityFlag};

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

const M3M3: [&str; 2] = ["m3 m-3", "cm**3/cm**3"];
const KELVIN: [&str; 2] = ["K", "Kelvin"];
const DEGREES: [&str; 2] = ["degree", "degrees"];
const ONE: [&str; 2] = ["1", ""];

const SOIL_MOISTURE: [f64; 2] = [0.02, 0.5];
const FRACTION: [f64; 2] = [0.0, 1.0];
const TB: [f64; 2] = [0.0, 330.0];
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
    quantity(
        "latitude_centroid",
        DEGREES,
        [-90.0, 90.0],
        "Weighted average of the latitude of the center of the  brightness temperature \
         footprints that fall within the EASE grid cell.",
    ),
    quantity(
        "longitude_centroid",
        DEGREES,
        LONGITUDE_RANGE,
        "Weighted average of the longitude of the center of the brightness temperature \
         footprints that fall within the EASE grid cell.",
    ),
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
    quantity(
        "soil_moisture_error",
        M3M3,
        [0.0, 0.2],
        "Net uncertainty measure of soil moisture measure for the Earth based grid cell. - \
         Calculation method is TBD.",
    ),
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
    quantity(
        "tb_h_uncorrected",
        KELVIN,
        TB,
        "Horizontal polarization brightness temperature in {km} km Earth grid cell before \
         adjustment for the presence of water bodies.",
    ),
    quantity(
        "tb_v_uncorrected",
        KELVIN,
        TB,
        "Vertical polarization brightness temperature in {km} km Earth grid cell before \
         adjustment for the presence of water bodies.",
    ),
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
    flags(
        "tb_qual_flag_h",
        TbQualityFlag::BITS,
        "Horizontal_polarization_",
        None,
        "Bit flags that represent the quality of the horizontal polarization brightness \
         temperature within each grid cell",
    ),
    flags(
        "tb_qual_flag_v",
        TbQualityFlag::BITS,
        "Vertical_polarization_",
        None,
        "Bit flags that represent the quality of the vertical polarization brightness \
         temperature within each grid cell",
    ),
    flags(
        "tb_qual_flag_3",
        STOKES_BITS,
        "3rd_Stokes_",
        None,
        "Bit flags that represent the quality of the 3rd Stokes brightness temperature within \
         each grid cell",
    ),
    flags(
        "tb_qual_flag_4",
        STOKES_BITS,
        "4th_Stokes_",
        None,
        "Bit flags that represent the quality of the 4th Stokes brightness temperature within \
         each grid cell",
    ),
    time(
        "tb_time_seconds",
        "Arithmetic average of the acquisition time of all of the brightness temperature \
         footprints with a center that falls within the EASE grid cell in seconds since noon on \
         January 1, 2000 UTC.",
    ),
    TIME_TEXT,
    quantity(
        "boresight_incidence",
        DEGREES,
        [0.0, 90.0],
        "Representative angle between the antenna boresight vector and the normal to the \
         Earth&apos;s surface for all footprints within the cell.",
    ),
    quantity(
        "surface_temperature",
        ["K", "Kelvins"],
        [0.0, 350.0],
        "Temperature at land surface based on GMAO GEOS-5 data.",
    ),
    quantity(
        "vegetation_water_content",
        ["kg m-2", "kg/m**2"],
        [0.0, 20.0],
        "Representative measure of water in the vegetation within the {km} km grid cell.",
    ),
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
    VariableSpec {
        per_cell: 3,
        ..quantity(
            "landcover_class_fraction",
            ONE,
            FRACTION,
            "The fraction of the grid cell that contains the most common land cover in that \
             area based on the IGBP landcover map.",
        )
    },
    class_word(
        "grid_surface_status",
        "Indicates if the grid point lies on land (0) or water (1).",
    ),
    quantity(
        "static_water_body_fraction",
        ONE,
        FRACTION,
        "The fraction of the area of the {km} km grid cell that is covered by static water \
         based on a Digital Elevation Map.",
    ),
    quantity(
        "radar_water_body_fraction",
        ONE,
        FRACTION,
        "The fraction of the area of the {km} km grid cell that is covered by water based on \
         the radar detection algorithm.",
    ),
    quantity(
        "surface_water_fraction_mb_h",
        ONE,
        FRACTION,
        "Gain weighted fraction of static water within the radiometer horizontal polarization \
         brightness temperature antenna pattern in {km} km Earth grid cell.",
    ),
    quantity(
        "surface_water_fraction_mb_v",
        ONE,
        FRACTION,
        "Gain weighted fraction of static water within the radiometer vertical polarization \
         brightness temperature antenna pattern in {km} km Earth grid cell.",
    ),
    quantity(
        "freeze_thaw_fraction",
        ONE,
        FRACTION,
        "Fraction of the {km} km grid cell that is denoted as frozen.  Based on binary flag \
         that specifies freeze thaw conditions in each of the component 3 km grid cells.",
    ),
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

/// The bits of the third and fourth Stokes parameters: those of H and V without the corrections of
/// Faraday rotation and water.
pub(super) const STOKES_BITS: &[FlagBit] = {
    const ALL: &[FlagBit] = TbQualityFlag::BITS;
    &[
        ALL[0], ALL[1], ALL[2], ALL[3], ALL[4], ALL[5], ALL[6], ALL[7], ALL[8], ALL[9], ALL[10],
        ALL[12], ALL[14], ALL[15],
    ]
};

pub(super) const TIME_TEXT: VariableSpec = VariableSpec {
    kind: Kind::Text,
    storage: Storage::Ascii(24),
    valid_range: None,
    fill: None,
    ..quantity(
        "tb_time_utc",
        ONE,
        [0.0, 0.0],
        "Arithmetic average of the acquisition time of all of the brightness temperature \
         footprints with a center that falls within the EASE grid cell in UTC.",
    )
};

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
