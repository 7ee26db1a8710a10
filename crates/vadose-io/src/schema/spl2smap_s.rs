//! Datasets of SPL2SMAP_S version 3: the same names at 1 km and 3 km.
//!
//! Names, types, ranges and fill values are those of a real granule of release R17000. Two `units`
//! attributes of the files are wrong and stand corrected here: the overpass difference is in hours
//! (the file says seconds) and the vegetation water content in kg m-2 (the file says kg/m**3).

use vadose_grid::EaseGrid2;

use super::{GroupSpec, Layout, Need, VariableSpec, class, flags, index, quantity, required, time};
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
        65_535.0,
        "row of the cell on the global grid",
    ),
    index(
        "EASE_column_index",
        65_535.0,
        "column of the cell on the global grid",
    ),
    // The files state neither fill value nor range for coordinates, yet write the fill value.
    quantity(
        "latitude",
        ["degrees_north"; 2],
        [-90.0, 90.0],
        "latitude of the cell centre",
    ),
    quantity(
        "longitude",
        ["degrees_east"; 2],
        [-180.0, 180.0],
        "longitude of the cell centre",
    ),
    required(quantity(
        "soil_moisture",
        M3M3,
        [0.0, 0.75],
        "soil moisture, 0 to 5 cm",
    )),
    quantity(
        "soil_moisture_std_dev",
        M3M3,
        [0.0, 0.5],
        "standard deviation of soil moisture",
    ),
    quantity(
        "disagg_soil_moisture",
        M3M3,
        [0.0, 0.75],
        "soil moisture disaggregated from 9 km",
    ),
    required(flags(
        "retrieval_qual_flag",
        SentinelRetrievalFlag::BITS,
        Some(NOTHING_TRIED_RETRIEVAL),
        "quality of the soil moisture retrieval",
    )),
    flags(
        "surface_flag",
        SentinelSurfaceFlag::BITS,
        Some(NOTHING_TRIED_SURFACE),
        "conditions at the surface",
    ),
    flags(
        "disaggregated_tb_v_qual_flag",
        DisaggregatedTbFlag::BITS,
        Some(NOTHING_TRIED_DISAGGREGATION),
        "quality of the disaggregated brightness temperature",
    ),
    quantity(
        "tb_v_disaggregated",
        KELVIN,
        [0.0, 330.0],
        "brightness temperature V, disaggregated",
    ),
    quantity(
        "tb_h_disaggregated",
        KELVIN,
        [0.0, 330.0],
        "brightness temperature H, disaggregated",
    ),
    quantity(
        "tb_v_disaggregated_std",
        KELVIN,
        [0.0, 100.0],
        "standard deviation of the disaggregated brightness temperature V",
    ),
    quantity(
        "surface_temperature",
        KELVIN,
        [200.0, 350.0],
        "temperature of the land surface",
    ),
    quantity(
        "vegetation_water_content",
        ["kg m-2", "kg/m**3"],
        [0.0, 30.0],
        "water in the vegetation",
    ),
    quantity(
        "vegetation_opacity",
        ONE,
        [0.0, 1.0],
        "opacity of the vegetation, in nepers",
    ),
    quantity(
        "albedo",
        ONE,
        [0.0, 1.0],
        "single-scattering albedo of the vegetation",
    ),
    quantity(
        "bare_soil_roughness_retrieved",
        ["m", "meters"],
        [0.0, 2.0],
        "roughness of the bare soil, from a table by land cover",
    ),
    class("landcover_class", 1, "commonest land cover, IGBP class"),
    quantity(
        "water_body_fraction",
        ONE,
        [0.0, 1.0],
        "fraction of the cell under water",
    ),
    quantity(
        "sigma0_vv_aggregated",
        ONE,
        [-1.0, 10.0],
        "sigma0 VV, linear power",
    ),
    quantity(
        "sigma0_vh_aggregated",
        ONE,
        [-1.0, 10.0],
        "sigma0 VH, linear power",
    ),
    quantity(
        "sigma0_incidence_angle",
        ["degree", ""],
        [0.0, 90.0],
        "incidence angle of sigma0",
    ),
    quantity(
        "beta_tbv_vv",
        ["K dB-1", "Kelvin/dB"],
        [-35.0, 0.0],
        "slope of brightness temperature V against sigma0 VV",
    ),
    quantity(
        "gamma_vv_xpol",
        ONE,
        [0.0, 10.0],
        "slope of sigma0 VV against cross-polarised sigma0",
    ),
    quantity(
        "SMAP_Sentinel_overpass_timediff_hr",
        ["h", "seconds"],
        [-999_999.9, 999_999.9],
        "time between the SMAP and the Sentinel-1 overpass",
    ),
    time(
        "spacecraft_overpass_time_seconds",
        "time of the SMAP overpass, seconds since J2000",
    ),
];
