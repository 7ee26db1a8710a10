//! Datasets of SPL2SMAP_S version 3: the same names at 1 km and 3 km.
//!
//! Names, types, texts, ranges and fill values are those of a real granule of release R17000. Three
//! `units` attributes of the files are wrong and stand corrected here: the overpass difference is in
//! hours (the file says seconds), the vegetation water content in kg m-2 (the file says kg/m**3),
//! and beta has no dimension (the file says Kelvin/dB; vadose-physics' golden values of
//! SPL2SMAP_S show it).

use vadose_grid::EaseGrid2;

use super::rows::{LATITUDE, LONGITUDE, class, flags, index, quantity, required, time};
use super::{CellNames, GroupSpec, Layout, Need, VariableSpec};
use crate::flags::{
    DisaggregatedTbFlag, NOTHING_TRIED_DISAGGREGATION, NOTHING_TRIED_RETRIEVAL,
    NOTHING_TRIED_SURFACE, SentinelRetrievalFlag, SentinelSurfaceFlag,
};

pub(super) const GROUPS: &[GroupSpec] = &[
    group(
        "Soil_Moisture_Retrieval_Data_1km",
        EaseGrid2::M01,
        "_1km",
        Need::Required,
    ),
    group(
        "Soil_Moisture_Retrieval_Data_3km",
        EaseGrid2::M03,
        "_3km",
        Need::Optional,
    ),
];

const fn group(name: &'static str, grid: EaseGrid2, suffix: &'static str, need: Need) -> GroupSpec {
    GroupSpec {
        name,
        grid,
        layout: Layout::Rectangle,
        suffix,
        variants: &["", "_apm"],
        cells: CellNames::EASE,
        need,
        variables: VARIABLES,
    }
}

const M3M3: [&str; 2] = ["m3 m-3", "cm**3/cm**3"];
const KELVIN: [&str; 2] = ["K", "Kelvin"];
const ONE: [&str; 2] = ["1", ""];

/// `valid_max` of the indices is above their fill value 65534.
const VARIABLES: &[VariableSpec] = &[
    index(
        "EASE_row_index",
        Some([0.0, 65_535.0]),
        "The row index of the {km} km EASE grid cell that contains the associated data.",
    ),
    index(
        "EASE_column_index",
        Some([0.0, 65_535.0]),
        "The column index of the {km} km EASE grid cell that contains the associated data.",
    ),
    LATITUDE,
    LONGITUDE,
    required(quantity(
        "soil_moisture",
        M3M3,
        [0.0, 0.75],
        "Representative soil moisture measurement for the {km} km Earth based grid cell for \
         option 1.",
    )),
    quantity(
        "soil_moisture_std_dev",
        M3M3,
        [0.0, 0.5],
        "Standard deviation of soil moisture measure for the {km}km Earth based grid cell.",
    ),
    quantity(
        "disagg_soil_moisture",
        M3M3,
        [0.0, 0.75],
        "Representative soil moisture measurement for the {km} km Earth based grid cell \
         obtained from disaggregating the coarse resolution soil moisture.",
    ),
    required(flags(
        "retrieval_qual_flag",
        SentinelRetrievalFlag::BITS,
        "",
        Some(NOTHING_TRIED_RETRIEVAL),
        "Bit flags that record the conditions and the quality of the retrieval algorithms that \
         generate soil moisture for option1 generated for the grid cell.",
    )),
    flags(
        "surface_flag",
        SentinelSurfaceFlag::BITS,
        "{km}_km_",
        Some(NOTHING_TRIED_SURFACE),
        "Bit flags that record ambient surface conditions for the grid cell",
    ),
    flags(
        "disaggregated_tb_v_qual_flag",
        DisaggregatedTbFlag::BITS,
        "",
        Some(NOTHING_TRIED_DISAGGREGATION),
        "Bit flags that record the conditions and the quality of the disaggregated vertical \
         polarization brightness temperature for option1 generated for the grid cell.",
    ),
    quantity(
        "tb_v_disaggregated",
        KELVIN,
        [0.0, 330.0],
        "Vertical polarization brightness temperature adjusted for the presence of water bodies \
         and disaggregated from the 9 km EASE grid cells into {km} km EASE grid cells.",
    ),
    // Only in granules whose production included H; named as its V counterpart is.
    VariableSpec {
        need: Need::Rare,
        ..quantity(
            "tb_h_disaggregated",
            KELVIN,
            [0.0, 330.0],
            "Horizontal polarization brightness temperature adjusted for the presence of water \
             bodies and disaggregated from the 9 km EASE grid cells into {km} km EASE grid \
             cells.",
        )
    },
    quantity(
        "tb_v_disaggregated_std",
        KELVIN,
        [0.0, 100.0],
        "Standard deviation of the vertical polarization brightness temperature adjusted for \
         the presence of water bodies and disaggregated from the 9 km EASE grid cells into {km} \
         km EASE grid cells.",
    ),
    quantity(
        "surface_temperature",
        KELVIN,
        [200.0, 350.0],
        "Temperature at land surface based on GEOS5 GMAO.",
    ),
    quantity(
        "vegetation_water_content",
        ["kg m-2", "kg/m**3"],
        [0.0, 30.0],
        "Representative measure of water in the vegetation within the {km} km grid cell.",
    ),
    quantity(
        "vegetation_opacity",
        ONE,
        [0.0, 1.0],
        "The measured opacity of the vegetation in the grid cell.",
    ),
    quantity(
        "albedo",
        ONE,
        [0.0, 1.0],
        "Diffuse reflecting power of the Earth&apos;s surface within the grid cell.",
    ),
    quantity(
        "bare_soil_roughness_retrieved",
        ["m", "meters"],
        [0.0, 2.0],
        "soil roughness provided by the lookup table at {km} km EASE grid cell.",
    ),
    class(
        "landcover_class",
        1,
        "An enumerated type that specifies the predominant surface vegetation found in the grid \
         cell.",
    ),
    quantity(
        "water_body_fraction",
        ONE,
        [0.0, 1.0],
        "Fraction of the area of {km} km grid cell that is a permanent or transient water body.  \
          Derived from the DEM and radar processing.",
    ),
    quantity(
        "sigma0_vv_aggregated",
        ONE,
        [-1.0, 10.0],
        "The outcome of aggretating a set of 1 km vertical polarization radar backscatter \
         measurements into a {km} km EASE grid cell.",
    ),
    quantity(
        "sigma0_vh_aggregated",
        ONE,
        [-1.0, 10.0],
        "The outcome of aggretating a set of 1 km cross-polarized radar backscatter \
         measurements into a {km} km EASE grid cell.",
    ),
    quantity(
        "sigma0_incidence_angle",
        ["degree", ""],
        [0.0, 90.0],
        "The outcome of aggretating a set of 1 km incidence angle of radar backscatter \
         measurements into a {km} km EASE grid cell.",
    ),
    quantity(
        "beta_tbv_vv",
        ["1", "Kelvin/dB"],
        [-35.0, 0.0],
        "Beta parameter used in the Active/Passive retrieval algorithm for the corresponding \
         EASE  grid cell, derived using time series Tbv and sigma0_vv ",
    ),
    quantity(
        "gamma_vv_xpol",
        ONE,
        [0.0, 10.0],
        "Gamma parameter used in the Active/Passive retrieval algorithm for the corresponding \
         EASE  grid cell, derived using high resolution sigma0_vv and sigma0_xpol",
    ),
    quantity(
        "SMAP_Sentinel_overpass_timediff_hr",
        ["h", "seconds"],
        [-999_999.9, 999_999.9],
        "Number of hours difference between the SMAP overpass and the Sentinel overpass.",
    ),
    time(
        "spacecraft_overpass_time_seconds",
        "Number of seconds since a specified epoch that represents the spacecraft overpass \
         relative to the 9 km EASE grid cell that contains each {km} km EASE grid cell \
         represented in this data product.",
    ),
];
