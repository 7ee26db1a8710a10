//! Datasets of SPL2SMP version 8 (36 km) and SPL2SMP_E (9 km): half orbits as lists of cells.
//!
//! Names, types, ranges and fill values are those of a real SPL2SMP granule of release R18290;
//! the enhanced product has the same names on M09 and, polar, on N09.

use vadose_grid::EaseGrid2;

use super::{
    GroupSpec, Kind, Layout, Need, Storage, VariableSpec, class, flags, index, quantity, required,
    time,
};
use crate::flags::{RadiometerRetrievalFlag, RadiometerSurfaceFlag, TbQualityFlag};

const fn group(name: &'static str, grid: EaseGrid2, need: Need) -> GroupSpec {
    GroupSpec {
        name,
        grid,
        layout: Layout::Trajectory,
        suffix: "",
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
        65_533.0,
        "row of the cell on the global grid",
    ),
    index(
        "EASE_column_index",
        65_533.0,
        "column of the cell on the global grid",
    ),
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
    quantity(
        "latitude_centroid",
        DEGREES,
        [-90.0, 90.0],
        "mean latitude of the footprints",
    ),
    quantity(
        "longitude_centroid",
        DEGREES,
        [-180.0, 180.0],
        "mean longitude of the footprints",
    ),
    required(quantity(
        "soil_moisture",
        M3M3,
        SOIL_MOISTURE,
        "soil moisture, 0 to 5 cm",
    )),
    quantity(
        "soil_moisture_option1",
        M3M3,
        SOIL_MOISTURE,
        "soil moisture, SCA-H",
    ),
    quantity(
        "soil_moisture_option2",
        M3M3,
        SOIL_MOISTURE,
        "soil moisture, SCA-V",
    ),
    quantity(
        "soil_moisture_option3",
        M3M3,
        SOIL_MOISTURE,
        "soil moisture, DCA",
    ),
    quantity(
        "soil_moisture_error",
        M3M3,
        [0.0, 0.2],
        "uncertainty of soil moisture",
    ),
    required(quality("retrieval_qual_flag", "quality of the retrieval")),
    quality(
        "retrieval_qual_flag_option1",
        "quality of the retrieval, SCA-H",
    ),
    quality(
        "retrieval_qual_flag_option2",
        "quality of the retrieval, SCA-V",
    ),
    quality(
        "retrieval_qual_flag_option3",
        "quality of the retrieval, DCA",
    ),
    flags(
        "surface_flag",
        RadiometerSurfaceFlag::BITS,
        None,
        "conditions at the surface",
    ),
    quantity(
        "tb_h_corrected",
        KELVIN,
        TB,
        "brightness temperature H, water removed",
    ),
    quantity(
        "tb_v_corrected",
        KELVIN,
        TB,
        "brightness temperature V, water removed",
    ),
    quantity("tb_h_uncorrected", KELVIN, TB, "brightness temperature H"),
    quantity("tb_v_uncorrected", KELVIN, TB, "brightness temperature V"),
    quantity("tb_3_corrected", KELVIN, STOKES, "third Stokes parameter"),
    quantity("tb_4_corrected", KELVIN, STOKES, "fourth Stokes parameter"),
    flags(
        "tb_qual_flag_h",
        TbQualityFlag::BITS,
        None,
        "quality of brightness temperature H",
    ),
    flags(
        "tb_qual_flag_v",
        TbQualityFlag::BITS,
        None,
        "quality of brightness temperature V",
    ),
    flags(
        "tb_qual_flag_3",
        TbQualityFlag::BITS,
        None,
        "quality of the third Stokes parameter",
    ),
    flags(
        "tb_qual_flag_4",
        TbQualityFlag::BITS,
        None,
        "quality of the fourth Stokes parameter",
    ),
    time(
        "tb_time_seconds",
        "time of the measurement, seconds since J2000",
    ),
    TIME_TEXT,
    quantity(
        "boresight_incidence",
        DEGREES,
        [0.0, 90.0],
        "incidence angle of the antenna",
    ),
    quantity(
        "surface_temperature",
        ["K", "Kelvins"],
        [0.0, 350.0],
        "effective temperature of the surface",
    ),
    quantity(
        "vegetation_water_content",
        ["kg m-2", "kg/m**2"],
        [0.0, 20.0],
        "water in the vegetation",
    ),
    quantity(
        "vegetation_opacity",
        ONE,
        OPACITY,
        "opacity of the vegetation, in nepers",
    ),
    quantity(
        "vegetation_opacity_option1",
        ONE,
        OPACITY,
        "opacity of the vegetation, SCA-H",
    ),
    quantity(
        "vegetation_opacity_option2",
        ONE,
        OPACITY,
        "opacity of the vegetation, SCA-V",
    ),
    quantity(
        "vegetation_opacity_option3",
        ONE,
        OPACITY,
        "opacity of the vegetation, DCA",
    ),
    quantity(
        "albedo",
        ONE,
        FRACTION,
        "single-scattering albedo of the vegetation",
    ),
    quantity(
        "albedo_option3",
        ONE,
        FRACTION,
        "single-scattering albedo, DCA",
    ),
    quantity(
        "roughness_coefficient",
        ONE,
        FRACTION,
        "roughness h of the bare soil",
    ),
    quantity(
        "roughness_coefficient_option3",
        ONE,
        FRACTION,
        "roughness h of the bare soil, DCA",
    ),
    quantity(
        "bulk_density",
        ["g cm-3", ""],
        [0.0, 2.65],
        "bulk density of the soil",
    ),
    quantity(
        "clay_fraction",
        ONE,
        FRACTION,
        "fraction of clay in the soil",
    ),
    quantity(
        "sand_fraction",
        ONE,
        FRACTION,
        "fraction of sand in the soil",
    ),
    // The file states no units; values up to 600 of 1000 say grams in a kilogram.
    quantity(
        "organic_content",
        ["g kg-1", ""],
        [0.0, 1000.0],
        "organic content of the soil",
    ),
    class(
        "landcover_class",
        3,
        "the three commonest land covers, IGBP classes",
    ),
    VariableSpec {
        per_cell: 3,
        ..quantity(
            "landcover_class_fraction",
            ONE,
            FRACTION,
            "fractions of these land covers",
        )
    },
    class_word("grid_surface_status", "0 land, 1 water at the cell centre"),
    quantity(
        "static_water_body_fraction",
        ONE,
        FRACTION,
        "fraction under static water",
    ),
    quantity(
        "radar_water_body_fraction",
        ONE,
        FRACTION,
        "fraction under water after the radar",
    ),
    quantity(
        "surface_water_fraction_mb_h",
        ONE,
        FRACTION,
        "water in the antenna pattern, H",
    ),
    quantity(
        "surface_water_fraction_mb_v",
        ONE,
        FRACTION,
        "water in the antenna pattern, V",
    ),
    quantity(
        "freeze_thaw_fraction",
        ONE,
        FRACTION,
        "fraction of the cell that is frozen",
    ),
];

const TIME_TEXT: VariableSpec = VariableSpec {
    kind: Kind::Text,
    storage: Storage::Ascii(24),
    valid_range: None,
    fill: None,
    ..quantity(
        "tb_time_utc",
        ONE,
        [0.0, 0.0],
        "time of the measurement, ISO 8601",
    )
};

const fn quality(base: &'static str, long_name: &'static str) -> VariableSpec {
    flags(base, RadiometerRetrievalFlag::BITS, None, long_name)
}

const fn class_word(base: &'static str, long_name: &'static str) -> VariableSpec {
    VariableSpec {
        storage: Storage::U16,
        fill: Some(super::FILL_U16),
        valid_range: Some(FRACTION),
        ..class(base, 1, long_name)
    }
}
