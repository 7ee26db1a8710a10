//! The SMAP products that this crate reads and writes, and the two resolutions of SPL2SMAP_S.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A SMAP product, by its NSIDC short name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Product {
    /// SMAP/Sentinel-1 soil moisture at 1 km and 3 km, one scene per file.
    #[serde(rename = "SPL2SMAP_S")]
    Spl2SmapS,
    /// Radiometer soil moisture at 36 km, one half orbit per file.
    #[serde(rename = "SPL2SMP")]
    Spl2Smp,
    /// Enhanced radiometer soil moisture at 9 km, one half orbit per file.
    #[serde(rename = "SPL2SMP_E")]
    Spl2SmpE,
    /// Radiometer soil moisture at 36 km, the passes of a day.
    #[serde(rename = "SPL3SMP")]
    Spl3Smp,
    /// Enhanced radiometer soil moisture at 9 km, the passes of a day.
    #[serde(rename = "SPL3SMP_E")]
    Spl3SmpE,
    /// Surface and root-zone soil moisture of the assimilating model at 9 km, three hours per file.
    #[serde(rename = "SPL4SMGP")]
    Spl4Smgp,
    /// Enhanced brightness temperatures at 9 km, one half orbit per file.
    #[serde(rename = "SPL1CTB_E")]
    Spl1CtbE,
}

impl Product {
    /// Every product.
    pub const ALL: [Product; 7] = [
        Product::Spl2SmapS,
        Product::Spl2Smp,
        Product::Spl2SmpE,
        Product::Spl3Smp,
        Product::Spl3SmpE,
        Product::Spl4Smgp,
        Product::Spl1CtbE,
    ];

    /// NSIDC short name, e.g. `SPL2SMAP_S`.
    #[must_use]
    pub fn short_name(self) -> &'static str {
        match self {
            Product::Spl2SmapS => "SPL2SMAP_S",
            Product::Spl2Smp => "SPL2SMP",
            Product::Spl2SmpE => "SPL2SMP_E",
            Product::Spl3Smp => "SPL3SMP",
            Product::Spl3SmpE => "SPL3SMP_E",
            Product::Spl4Smgp => "SPL4SMGP",
            Product::Spl1CtbE => "SPL1CTB_E",
        }
    }

    /// The name that the mission writes into files and file names, e.g. `L2_SM_SP`.
    #[must_use]
    pub fn mission_name(self) -> &'static str {
        match self {
            Product::Spl2SmapS => "L2_SM_SP",
            Product::Spl2Smp => "L2_SM_P",
            Product::Spl2SmpE => "L2_SM_P_E",
            Product::Spl3Smp => "L3_SM_P",
            Product::Spl3SmpE => "L3_SM_P_E",
            Product::Spl4Smgp => "L4_SM_gph",
            Product::Spl1CtbE => "L1C_TB_E",
        }
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short_name())
    }
}

/// The two grids of an SPL2SMAP_S granule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// EASE-Grid 2.0 M01, group `Soil_Moisture_Retrieval_Data_1km`.
    Km1,
    /// EASE-Grid 2.0 M03, group `Soil_Moisture_Retrieval_Data_3km`.
    Km3,
}

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Resolution::Km1 => "1 km",
            Resolution::Km3 => "3 km",
        })
    }
}
