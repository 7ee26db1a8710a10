//! What the operational processors make of the observations: field maps of SPL2SMP_E and SPL2SMAP_S.
//!
//! The processors do not know the truth: they correct, disaggregate and invert with ancillary
//! data that carry errors ([`AncillaryConfig`]) and with NASA's tables by land cover, while the
//! ground of the twin scatters about these tables. The physics is that of `vadose-physics`, which
//! reproduces NASA's own retrievals. With the defaults the retrieval at 9 km follows a point in the cell
//! with a temporal correlation of 0.62 (SCA-V and DCA; test
//! `a_coarse_retrieval_follows_stations_as_real_ones_do`).

mod ancillary;
mod coarse;
mod fine;
mod sentinel;
mod terrain;

pub use ancillary::AncillaryConfig;
pub use sentinel::SentinelProduct;

use std::collections::BTreeMap;

use ndarray::{Array2, Array3};
use serde::{Deserialize, Serialize};
use vadose_grid::Window;
use vadose_physics::{InversionConfig, Inverter};

use self::ancillary::Ancillary;
use crate::error::{TwinError, check_range};
use crate::radiometer::Radiometer;

/// Field maps of one group of a granule, by the base names of the product's schema.
///
/// Every array is `[row, col]` of the window, classes and their fractions `[row, col, rank]`.
/// Cell indices and coordinates follow from the window, the text `tb_time_utc` from the time, so
/// none is here; names of the schema that the twin does not simulate are absent too.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductMaps {
    /// The cells, on the group's grid.
    pub window: Window,
    /// Quantities; NaN where missing.
    pub quantities: BTreeMap<&'static str, Array2<f32>>,
    /// Seconds since J2000; NaN where nothing was observed, as for cells outside a swath.
    pub times: BTreeMap<&'static str, Array2<f64>>,
    /// Flag words, with the word that the product writes where it tried nothing.
    pub flags: BTreeMap<&'static str, Array2<u16>>,
    /// Class numbers, fill values included.
    pub classes: BTreeMap<&'static str, Array3<u8>>,
    /// Shares of the classes; NaN where missing.
    pub class_fractions: BTreeMap<&'static str, Array3<f32>>,
}

impl ProductMaps {
    fn new(window: Window) -> Self {
        Self {
            window,
            quantities: BTreeMap::new(),
            times: BTreeMap::new(),
            flags: BTreeMap::new(),
            classes: BTreeMap::new(),
            class_fractions: BTreeMap::new(),
        }
    }
}

/// How the operational processors work and what they believe.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProductConfig {
    /// Errors of the ancillary data.
    pub ancillary: AncillaryConfig,
    /// The inversion. Default: NASA's.
    pub inversion: InversionConfig,
    /// When a retrieval is made, and when it is recommended.
    pub limits: LimitConfig,
}

/// Conditions of a retrieval and of its recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitConfig {
    /// Water share above which nothing is retrieved, 0 to 1. Default 0.5.
    pub most_water: f32,
    /// Water share above which a cell is flagged, 0 to 1. Default 0.05: in a real SPL2SMP R18290
    /// granule the flag begins between 0.0498 and 0.0510.
    pub flagged_water: f32,
    /// Vegetation water content above which a cell is flagged, kg m-2, 0 to 30. Default 5: there
    /// it begins between 4.98 and 5.39.
    pub flagged_vwc_kg_m2: f32,
    /// Share of built-up land above which a cell is flagged, 0 to 1. Default 0.25 (SPL2SMAP_S).
    pub flagged_urban: f32,
    /// Recent rain above which a cell is flagged, mm, 0 to 100. Default 1.
    pub flagged_rain_mm: f32,
    /// Spread of elevation in a 9 km cell above which it is flagged, m, 0 to 5000. Default 150:
    /// the order of the document's 3 degrees of slope over 3 km.
    pub flagged_relief_m: f32,
    /// Share of the 1 km cells of a 9 km cell that must have sigma0 for a disaggregation, 0 to 1.
    /// Default 0.33.
    pub least_sigma0: f32,
}

impl Default for LimitConfig {
    fn default() -> Self {
        Self {
            most_water: 0.5,
            flagged_water: 0.05,
            flagged_vwc_kg_m2: 5.0,
            flagged_urban: 0.25,
            flagged_rain_mm: 1.0,
            flagged_relief_m: 150.0,
            least_sigma0: 0.33,
        }
    }
}

impl LimitConfig {
    fn check(&self) -> Result<(), TwinError> {
        check_range("most_water", self.most_water.into(), 0.0, 1.0)?;
        check_range("flagged_water", self.flagged_water.into(), 0.0, 1.0)?;
        check_range(
            "flagged_vwc_kg_m2",
            self.flagged_vwc_kg_m2.into(),
            0.0,
            30.0,
        )?;
        check_range("flagged_urban", self.flagged_urban.into(), 0.0, 1.0)?;
        check_range("flagged_rain_mm", self.flagged_rain_mm.into(), 0.0, 100.0)?;
        check_range(
            "flagged_relief_m",
            self.flagged_relief_m.into(),
            0.0,
            5000.0,
        )?;
        check_range("least_sigma0", self.least_sigma0.into(), 0.0, 1.0)
    }
}

impl ProductConfig {
    /// Checks the settings and makes the processors of one radiometer's data.
    ///
    /// # Errors
    /// [`TwinError::Config`] names the setting; [`TwinError::Physics`].
    pub fn build(self, radiometer: Radiometer, master_seed: u64) -> Result<Processor, TwinError> {
        self.limits.check()?;
        Ok(Processor {
            ancillary: Ancillary::new(self.ancillary, master_seed)?,
            inverter: self.inversion.build().map_err(TwinError::Physics)?,
            limits: self.limits,
            radiometer,
        })
    }
}

/// The operational processors; made by [`ProductConfig::build`].
///
/// [`Processor::radiometer_product`] makes SPL2SMP_E of a SMAP pass,
/// [`Processor::sentinel_product`] SPL2SMAP_S of a Sentinel-1 scene and that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Processor {
    ancillary: Ancillary,
    inverter: Inverter,
    limits: LimitConfig,
    radiometer: Radiometer,
}

#[cfg(test)]
mod tests;
