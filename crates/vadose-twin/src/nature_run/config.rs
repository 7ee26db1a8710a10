//! Numbers of the water balance.

use serde::{Deserialize, Serialize};

use crate::error::{TwinError, check_range};

/// Numbers of the water balance.
///
/// A default that says *tuned* was set so that the twin has the statistics of this crate's test
/// `statistics`; its source gives the process and the order of magnitude, not the number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NatureConfig {
    /// Days of weather before the first hour. Default 25: three to eight e-folding times of the
    /// surface layer, so that no trace of the start is left.
    pub spin_up_days: u32,
    /// Reference evaporative demand of a June day, mm. Default 5.0, tuned (reference
    /// evapotranspiration of June in the contiguous United States is 4 to 8 mm a day: gridMET,
    /// Abatzoglou 2013, doi:10.1002/joc.3413).
    pub demand_mm_day: f64,
    /// Share of the demand that bare soil takes from the upper 5 cm. Default 0.42, tuned
    /// (evaporation is fed by the upper 10 to 15 cm: Allen et al. 1998, FAO-56, chapter 7; the
    /// upper 5 cm give about half).
    pub bare_soil_share: f64,
    /// Share of the demand that full vegetation takes from the upper 5 cm. Default 0.20, tuned
    /// (roots above 5 cm by the profiles of Jackson et al. 1996, doi:10.1007/BF00333714, and what
    /// evaporates under the canopy).
    pub canopy_share: f64,
    /// Share of the rain that passes a wet layer in large pores or runs off; it grows with the
    /// square of the moisture. Default 0.7, tuned (the process: Beven and Germann 2013,
    /// doi:10.1002/wrcr.20156).
    pub bypass_share: f64,
    /// Rate at which a saturated layer drains, m3 m-3 per hour, where the conductivity is that of
    /// loam (15 mm/h). Default 0.06: the layer is near field capacity a day after a storm, which is
    /// what field capacity means.
    pub drainage_per_hour: f64,
    /// Rate at which a valley floor moves to its level, per hour. Default 0.008, five days, tuned
    /// (the process, an exponential recession of shallow subsurface flow: Beven and Kirkby 1979,
    /// doi:10.1080/02626667909491834).
    pub supply_per_hour: f64,
    /// How far the terrain shifts field capacity between ridge and valley floor, as a fraction.
    /// Default 0.22, tuned: with the supply a spread of about 0.02 m3 m-3 below 9 km (Famiglietti
    /// et al. 2008, doi:10.1029/2006WR005804, give the spread of point measurements, which is
    /// larger).
    pub terrain_effect: f64,
}

impl Default for NatureConfig {
    fn default() -> Self {
        Self {
            spin_up_days: 25,
            demand_mm_day: 5.0,
            bare_soil_share: 0.42,
            canopy_share: 0.20,
            bypass_share: 0.7,
            drainage_per_hour: 0.06,
            supply_per_hour: 0.008,
            terrain_effect: 0.22,
        }
    }
}

impl NatureConfig {
    pub(super) fn check(&self) -> Result<(), TwinError> {
        check_range(
            "nature.spin_up_days",
            f64::from(self.spin_up_days),
            0.0,
            366.0,
        )?;
        check_range("nature.demand_mm_day", self.demand_mm_day, 0.0, 15.0)?;
        check_range("nature.bare_soil_share", self.bare_soil_share, 0.0, 1.0)?;
        check_range("nature.canopy_share", self.canopy_share, 0.0, 1.0)?;
        check_range("nature.bypass_share", self.bypass_share, 0.0, 1.0)?;
        check_range("nature.drainage_per_hour", self.drainage_per_hour, 0.0, 0.2)?;
        check_range("nature.supply_per_hour", self.supply_per_hour, 0.0, 0.2)?;
        check_range("nature.terrain_effect", self.terrain_effect, 0.0, 0.5)
    }
}
