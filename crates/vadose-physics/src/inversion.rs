//! Settings shared by the inversions, and the checks that every cell passes first.

use serde::{Deserialize, Serialize};

use crate::error::{PhysicsError, check_range};
use crate::soil::{FREEZING_KELVIN, porosity};
use crate::status::CellStatus;
use crate::tau_omega::{Surface, TauOmega, TauOmegaConfig};

/// What to do with soil below 273.15 K.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrozenSoil {
    /// No value, status [`CellStatus::Frozen`]: liquid water is what the dielectric models know.
    #[default]
    Refuse,
    /// Retrieve as if the soil were thawed, for instance where the temperature is known to be
    /// biased. The SMAP products flag such cells and may still hold a value.
    Retrieve,
}

/// Settings of the inversions; the default reproduces NASA's SPL2SMP R18290.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InversionConfig {
    /// Radiative transfer. Default: SMAP's.
    pub tau_omega: TauOmegaConfig,
    /// Smallest soil moisture a retrieval may give, m3 m-3, 0 to 0.2. Default 0.02. The largest is
    /// the porosity.
    pub lower_bound_m3m3: f64,
    /// Noise of the radiometer, K, 0 to 20: how far outside the simulated range an observation may
    /// lie before it is flagged, and the least range that carries information. Default 2.
    pub nedt_kelvin: f64,
    /// Soil below 273.15 K. Default [`FrozenSoil::Refuse`].
    pub frozen: FrozenSoil,
    /// Dual channel only: misfit that a departure of 1 from the prior slant opacity costs, K,
    /// 0 to 1000. Default 20.
    pub tau_penalty_kelvin: f64,
    /// Dual channel only: largest slant opacity, 0.1 to 20. Default 10, the valid maximum that
    /// the SMAP files state.
    pub max_tau_slant: f64,
}

impl Default for InversionConfig {
    fn default() -> Self {
        Self {
            tau_omega: TauOmegaConfig::default(),
            lower_bound_m3m3: 0.02,
            nedt_kelvin: 2.0,
            frozen: FrozenSoil::default(),
            tau_penalty_kelvin: 20.0,
            max_tau_slant: 10.0,
        }
    }
}

impl InversionConfig {
    /// Checks the settings and makes the inverter.
    ///
    /// # Errors
    /// [`PhysicsError::OutOfRange`] names the setting; and the errors of [`TauOmegaConfig::build`].
    pub fn build(self) -> Result<Inverter, PhysicsError> {
        check_range("lower_bound_m3m3", self.lower_bound_m3m3, 0.0, 0.2)?;
        check_range("nedt_kelvin", self.nedt_kelvin, 0.0, 20.0)?;
        check_range("tau_penalty_kelvin", self.tau_penalty_kelvin, 0.0, 1000.0)?;
        check_range("max_tau_slant", self.max_tau_slant, 0.1, 20.0)?;
        Ok(Inverter {
            config: self,
            model: self.tau_omega.build()?,
        })
    }
}

/// From brightness temperature to soil moisture; made by [`InversionConfig::build`].
///
/// One channel: [`Inverter::invert_single_channel`]. Two: [`Inverter::invert_dual_channel`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inverter {
    pub(crate) config: InversionConfig,
    pub(crate) model: TauOmega,
}

impl Inverter {
    /// The settings the inverter was built from.
    #[must_use]
    pub fn config(&self) -> &InversionConfig {
        &self.config
    }

    /// The forward model that is inverted.
    #[must_use]
    pub fn model(&self) -> &TauOmega {
        &self.model
    }

    /// The upper bound of soil moisture in a cell that can be retrieved, or why it cannot.
    pub(crate) fn upper_bound(
        &self,
        tb_kelvin: &[f64],
        surface: &Surface,
        bulk_density_g_cm3: f64,
    ) -> Result<f64, CellStatus> {
        let observed = tb_kelvin.iter().all(|tb| tb.is_finite());
        if !observed || !surface.is_finite() || !bulk_density_g_cm3.is_finite() {
            return Err(CellStatus::MissingInput);
        }
        let upper = porosity(bulk_density_g_cm3);
        let possible = bulk_density_g_cm3 > 0.0 && upper > self.config.lower_bound_m3m3;
        let emitting = tb_kelvin.iter().all(|&tb| tb > 0.0);
        if !possible || !emitting || !surface.is_physical() {
            return Err(CellStatus::InvalidInput);
        }
        if surface.temperature_kelvin < FREEZING_KELVIN && self.config.frozen == FrozenSoil::Refuse
        {
            return Err(CellStatus::Frozen);
        }
        Ok(upper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_build_and_foreign_values_are_named() {
        assert!(InversionConfig::default().build().is_ok());
        let config = InversionConfig {
            nedt_kelvin: -1.0,
            ..InversionConfig::default()
        };
        let error = config.build().unwrap_err();
        assert_eq!(error.to_string(), "nedt_kelvin is -1, expected 0 to 20");
    }
}
