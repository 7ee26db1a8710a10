//! Datasets of SPL4SMGP, the 3-hourly 9 km analysis: the variables of group `Geophysical_Data` that
//! soil-moisture work uses.
//!
//! Names, units and the ranges of soil moisture, wetness and temperature are those of the product;
//! a range that is not known here stays open. The product has more variables; a reader takes any
//! of them by its own attributes.

use vadose_grid::EaseGrid2;

use super::rows::{NO_VARIANTS, quantity, required};
use super::{CellNames, GroupSpec, Layout, Need, VariableSpec};

/// Divides the 1624 x 3856 cells of the grid into 8 x 16 equal blocks of 0.2 MB.
pub(crate) const CHUNK: [usize; 2] = [203, 241];

pub(super) const GROUPS: &[GroupSpec] = &[GroupSpec {
    name: "Geophysical_Data",
    grid: EaseGrid2::M09,
    layout: Layout::WholeGrid { chunk: CHUNK },
    suffix: "",
    variants: NO_VARIANTS,
    cells: CellNames {
        row: "cell_row",
        col: "cell_column",
        latitude: "cell_lat",
        longitude: "cell_lon",
    },
    need: Need::Required,
    variables: VARIABLES,
}];

const M3M3: [&str; 2] = ["m3 m-3"; 2];
const KELVIN: [&str; 2] = ["K"; 2];
const ONE: [&str; 2] = ["1", "dimensionless"];

const SOIL_MOISTURE: [f64; 2] = [0.0, 0.9];
const FRACTION: [f64; 2] = [0.0, 1.0];
const TEMPERATURE: [f64; 2] = [180.0, 350.0];

const VARIABLES: &[VariableSpec] = &[
    required(quantity(
        "sm_surface",
        M3M3,
        SOIL_MOISTURE,
        "Top layer soil moisture (0-5 cm)",
    )),
    quantity(
        "sm_rootzone",
        M3M3,
        SOIL_MOISTURE,
        "Root zone soil moisture (0-100 cm)",
    ),
    quantity(
        "sm_profile",
        M3M3,
        SOIL_MOISTURE,
        "Total profile soil moisture (0 cm to model bedrock depth)",
    ),
    quantity(
        "sm_surface_wetness",
        ONE,
        FRACTION,
        "Top layer soil wetness (0-5 cm)",
    ),
    quantity(
        "sm_rootzone_wetness",
        ONE,
        FRACTION,
        "Root zone soil wetness (0-100 cm)",
    ),
    quantity(
        "sm_profile_wetness",
        ONE,
        FRACTION,
        "Total profile soil wetness (0 cm to model bedrock depth)",
    ),
    quantity(
        "surface_temp",
        KELVIN,
        TEMPERATURE,
        "Mean land surface temperature (incl. snow-covered land area)",
    ),
    soil_temperature(
        "soil_temp_layer1",
        "Soil temperature in layer 1 of soil heat diffusion model",
    ),
    soil_temperature(
        "soil_temp_layer2",
        "Soil temperature in layer 2 of soil heat diffusion model",
    ),
    soil_temperature(
        "soil_temp_layer3",
        "Soil temperature in layer 3 of soil heat diffusion model",
    ),
    soil_temperature(
        "soil_temp_layer4",
        "Soil temperature in layer 4 of soil heat diffusion model",
    ),
    soil_temperature(
        "soil_temp_layer5",
        "Soil temperature in layer 5 of soil heat diffusion model",
    ),
    soil_temperature(
        "soil_temp_layer6",
        "Soil temperature in layer 6 of soil heat diffusion model",
    ),
    open_ended(
        "precipitation_total_surface_flux",
        ["kg m-2 s-1"; 2],
        "Total surface precipitation (incl. snow fall)",
    ),
    open_ended(
        "leaf_area_index",
        ["1", "m2 m-2"],
        "Vegetation leaf area index",
    ),
    quantity(
        "vegetation_greenness_fraction",
        ONE,
        FRACTION,
        "Vegetation greenness fraction",
    ),
    open_ended(
        "snow_mass",
        ["kg m-2"; 2],
        "Average snow mass over land fraction of grid cell",
    ),
    quantity(
        "land_fraction_saturated",
        ONE,
        FRACTION,
        "Fractional land area that is saturated",
    ),
    quantity(
        "land_fraction_unsaturated",
        ONE,
        FRACTION,
        "Fractional land area that is unsaturated",
    ),
    quantity(
        "land_fraction_wilting",
        ONE,
        FRACTION,
        "Fractional land area at wilting point",
    ),
    quantity(
        "land_fraction_snow_covered",
        ONE,
        FRACTION,
        "Fractional land area that is snow-covered",
    ),
    open_ended(
        "depth_to_water_table_from_surface_in_peat",
        ["m"; 2],
        "Depth to water table from surface in peat",
    ),
    open_ended(
        "mwrtm_vegopacity",
        ONE,
        "Microwave radiative transfer model: vegetation opacity",
    ),
];

const fn soil_temperature(base: &'static str, long_name: &'static str) -> VariableSpec {
    open_ended(base, KELVIN, long_name)
}

/// A quantity whose valid range is not known here.
const fn open_ended(
    base: &'static str,
    units: [&'static str; 2],
    long_name: &'static str,
) -> VariableSpec {
    VariableSpec {
        valid_range: None,
        ..quantity(base, units, [0.0, 0.0], long_name)
    }
}
