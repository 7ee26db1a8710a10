//! Datasets that half orbits (SPL2SMP) and daily composites (SPL3SMP) have in common, word for word.

use super::rows::{LONGITUDE_RANGE, flags, quantity, time};
use super::{Kind, Storage, VariableSpec};
use crate::flags::{FlagBit, TbQualityFlag};

pub(super) const M3M3: [&str; 2] = ["m3 m-3", "cm**3/cm**3"];
pub(super) const KELVIN: [&str; 2] = ["K", "Kelvin"];
pub(super) const DEGREES: [&str; 2] = ["degree", "degrees"];
pub(super) const ONE: [&str; 2] = ["1", ""];

pub(super) const FRACTION: [f64; 2] = [0.0, 1.0];
pub(super) const TB: [f64; 2] = [0.0, 330.0];

pub(super) const LATITUDE_CENTROID: VariableSpec = quantity(
    "latitude_centroid",
    DEGREES,
    [-90.0, 90.0],
    "Weighted average of the latitude of the center of the  brightness temperature \
     footprints that fall within the EASE grid cell.",
);

pub(super) const LONGITUDE_CENTROID: VariableSpec = quantity(
    "longitude_centroid",
    DEGREES,
    LONGITUDE_RANGE,
    "Weighted average of the longitude of the center of the brightness temperature \
     footprints that fall within the EASE grid cell.",
);

pub(super) const SOIL_MOISTURE_ERROR: VariableSpec = quantity(
    "soil_moisture_error",
    M3M3,
    [0.0, 0.2],
    "Net uncertainty measure of soil moisture measure for the Earth based grid cell. - \
     Calculation method is TBD.",
);

pub(super) const TB_H_UNCORRECTED: VariableSpec = quantity(
    "tb_h_uncorrected",
    KELVIN,
    TB,
    "Horizontal polarization brightness temperature in {km} km Earth grid cell before \
     adjustment for the presence of water bodies.",
);

pub(super) const TB_V_UNCORRECTED: VariableSpec = quantity(
    "tb_v_uncorrected",
    KELVIN,
    TB,
    "Vertical polarization brightness temperature in {km} km Earth grid cell before \
     adjustment for the presence of water bodies.",
);

pub(super) const TB_QUAL_FLAG_H: VariableSpec = flags(
    "tb_qual_flag_h",
    TbQualityFlag::BITS,
    "Horizontal_polarization_",
    None,
    "Bit flags that represent the quality of the horizontal polarization brightness \
     temperature within each grid cell",
);

pub(super) const TB_QUAL_FLAG_V: VariableSpec = flags(
    "tb_qual_flag_v",
    TbQualityFlag::BITS,
    "Vertical_polarization_",
    None,
    "Bit flags that represent the quality of the vertical polarization brightness \
     temperature within each grid cell",
);

pub(super) const TB_QUAL_FLAG_3: VariableSpec = flags(
    "tb_qual_flag_3",
    STOKES_BITS,
    "3rd_Stokes_",
    None,
    "Bit flags that represent the quality of the 3rd Stokes brightness temperature within \
     each grid cell",
);

pub(super) const TB_QUAL_FLAG_4: VariableSpec = flags(
    "tb_qual_flag_4",
    STOKES_BITS,
    "4th_Stokes_",
    None,
    "Bit flags that represent the quality of the 4th Stokes brightness temperature within \
     each grid cell",
);

pub(super) const TB_TIME_SECONDS: VariableSpec = time(
    "tb_time_seconds",
    "Arithmetic average of the acquisition time of all of the brightness temperature \
     footprints with a center that falls within the EASE grid cell in seconds since noon on \
     January 1, 2000 UTC.",
);

pub(super) const BORESIGHT_INCIDENCE: VariableSpec = quantity(
    "boresight_incidence",
    DEGREES,
    [0.0, 90.0],
    "Representative angle between the antenna boresight vector and the normal to the \
     Earth&apos;s surface for all footprints within the cell.",
);

pub(super) const SURFACE_TEMPERATURE: VariableSpec = quantity(
    "surface_temperature",
    ["K", "Kelvins"],
    [0.0, 350.0],
    "Temperature at land surface based on GMAO GEOS-5 data.",
);

pub(super) const VEGETATION_WATER_CONTENT: VariableSpec = quantity(
    "vegetation_water_content",
    ["kg m-2", "kg/m**2"],
    [0.0, 20.0],
    "Representative measure of water in the vegetation within the {km} km grid cell.",
);

pub(super) const LANDCOVER_CLASS_FRACTION: VariableSpec = VariableSpec {
    per_cell: 3,
    ..quantity(
        "landcover_class_fraction",
        ONE,
        FRACTION,
        "The fraction of the grid cell that contains the most common land cover in that \
         area based on the IGBP landcover map.",
    )
};

pub(super) const STATIC_WATER_BODY_FRACTION: VariableSpec = quantity(
    "static_water_body_fraction",
    ONE,
    FRACTION,
    "The fraction of the area of the {km} km grid cell that is covered by static water \
     based on a Digital Elevation Map.",
);

pub(super) const RADAR_WATER_BODY_FRACTION: VariableSpec = quantity(
    "radar_water_body_fraction",
    ONE,
    FRACTION,
    "The fraction of the area of the {km} km grid cell that is covered by water based on \
     the radar detection algorithm.",
);

pub(super) const SURFACE_WATER_FRACTION_MB_H: VariableSpec = quantity(
    "surface_water_fraction_mb_h",
    ONE,
    FRACTION,
    "Gain weighted fraction of static water within the radiometer horizontal polarization \
     brightness temperature antenna pattern in {km} km Earth grid cell.",
);

pub(super) const SURFACE_WATER_FRACTION_MB_V: VariableSpec = quantity(
    "surface_water_fraction_mb_v",
    ONE,
    FRACTION,
    "Gain weighted fraction of static water within the radiometer vertical polarization \
     brightness temperature antenna pattern in {km} km Earth grid cell.",
);

pub(super) const FREEZE_THAW_FRACTION: VariableSpec = quantity(
    "freeze_thaw_fraction",
    ONE,
    FRACTION,
    "Fraction of the {km} km grid cell that is denoted as frozen.  Based on binary flag \
     that specifies freeze thaw conditions in each of the component 3 km grid cells.",
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
