//! The single-channel algorithms: SCA-H and SCA-V, soil moisture from one brightness temperature.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::bracket::{End, find_root};
use crate::inversion::Inverter;
use crate::land_cover::IgbpClass;
use crate::status::CellStatus;
use crate::tau_omega::{Surface, emission};

/// Polarisation of the one channel that is inverted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Polarization {
    /// Horizontal (SCA-H).
    H,
    /// Vertical (SCA-V).
    V,
}

/// Inputs of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SingleChannelCell {
    /// Observed brightness temperature of the channel, K, corrected for open water.
    pub tb_kelvin: f64,
    /// Soil, roughness, vegetation.
    pub surface: Surface,
    /// Dry bulk density, g cm-3; sets the upper bound of soil moisture.
    pub bulk_density_g_cm3: f64,
    /// Dominant land cover; decides to which bound an observation that is too warm is clamped.
    /// Without one the cell counts as no forest.
    pub land_cover: Option<IgbpClass>,
}

/// What an inversion found in one cell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inversion {
    /// Soil moisture, m3 m-3; NaN unless [`CellStatus::has_value`].
    pub soil_moisture_m3m3: f64,
    /// How it came about.
    pub status: CellStatus,
}

/// Width to which the bracket shrinks, m3 m-3: a tenth of the 1e-6 that the retrieval promises.
const ROOT_TOLERANCE_M3M3: f64 = 1e-7;

impl Inverter {
    /// Soil moisture whose simulated brightness temperature is the observed one.
    ///
    /// The simulated temperature falls with soil moisture, so that a bracketed root between the
    /// lower bound (0.02) and the porosity is the only one. Outside the simulated range: within
    /// the noise, the nearest bound; too cold, the upper bound; too warm, the lower bound, or the
    /// upper one in forest. A range below the noise gives no value.
    ///
    /// # Shapes and units
    /// Result: m3 m-3, within 1e-6 of the root.
    /// # Missing values
    /// A NaN input gives NaN and [`CellStatus::MissingInput`].
    /// # References
    /// Jackson (1993), doi:10.1002/hyp.3360070205; O'Neill et al., SMAP algorithm theoretical basis
    /// document, JPL D-66480; the rules outside the range as in NASA's Land Information System.
    /// On the 680 cells of a real SPL2SMP R18290 half orbit SCA-H and SCA-V differ from NASA's
    /// values by at most 4.2e-4 and 2.4e-4 m3 m-3 (test `tests/nasa_agreement.rs`).
    /// # Examples
    /// ```
    /// use vadose_physics::{
    ///     CellStatus, InversionConfig, Polarization, Roughness, SingleChannelCell, Surface,
    /// };
    /// let cell = SingleChannelCell {
    ///     tb_kelvin: 246.6001,
    ///     surface: Surface {
    ///         clay_percent: 10.0,
    ///         temperature_kelvin: 300.0,
    ///         roughness: Roughness::single_channel(0.15),
    ///         albedo: 0.0,
    ///         tau_slant: 0.0,
    ///     },
    ///     bulk_density_g_cm3: 1.325, // porosity 0.5
    ///     land_cover: None,
    /// };
    /// let inverter = InversionConfig::default().build()?;
    /// let inversion = inverter.invert_single_channel(Polarization::V, &cell);
    /// assert_eq!(inversion.status, CellStatus::Ok);
    /// assert!((inversion.soil_moisture_m3m3 - 0.20).abs() < 1e-5);
    /// # Ok::<(), vadose_physics::PhysicsError>(())
    /// ```
    #[must_use]
    pub fn invert_single_channel(
        &self,
        polarization: Polarization,
        cell: &SingleChannelCell,
    ) -> Inversion {
        match self.upper_bound(&[cell.tb_kelvin], &cell.surface, cell.bulk_density_g_cm3) {
            Ok(upper) => self.invert_within(polarization, cell, upper),
            Err(status) => Inversion {
                soil_moisture_m3m3: f64::NAN,
                status,
            },
        }
    }

    /// [`Inverter::invert_single_channel`] for many cells, on all threads of the rayon pool.
    ///
    /// The result has one entry per cell, in the same order, and does not depend on the number of
    /// threads.
    #[must_use]
    pub fn invert_many(
        &self,
        polarization: Polarization,
        cells: &[SingleChannelCell],
    ) -> Vec<Inversion> {
        cells
            .par_iter()
            .map(|cell| self.invert_single_channel(polarization, cell))
            .collect()
    }

    fn invert_within(
        &self,
        polarization: Polarization,
        cell: &SingleChannelCell,
        upper_m3m3: f64,
    ) -> Inversion {
        let lower_m3m3 = self.config.lower_bound_m3m3;
        let nedt = self.config.nedt_kelvin;
        let soil = self.model.soil(&cell.surface);
        let excess = |soil_moisture_m3m3: f64| {
            let reflectivity =
                self.model
                    .rough_reflectivity(&soil, soil_moisture_m3m3, &cell.surface);
            let tb = emission(reflectivity, &cell.surface, cell.surface.tau_slant);
            match polarization {
                Polarization::H => tb.tb_h_kelvin - cell.tb_kelvin,
                Polarization::V => tb.tb_v_kelvin - cell.tb_kelvin,
            }
        };
        let at_lower = excess(lower_m3m3);
        let at_upper = excess(upper_m3m3);

        let (soil_moisture_m3m3, status) = if at_lower - at_upper < nedt {
            (f64::NAN, CellStatus::Insensitive)
        } else if at_lower < -nedt {
            let forest = cell.land_cover.is_some_and(IgbpClass::is_forest);
            let bound = if forest { upper_m3m3 } else { lower_m3m3 };
            (bound, CellStatus::TooWarm)
        } else if at_upper > nedt {
            (upper_m3m3, CellStatus::TooCold)
        } else if at_lower < 0.0 {
            (lower_m3m3, CellStatus::WithinNoise)
        } else if at_upper > 0.0 {
            (upper_m3m3, CellStatus::WithinNoise)
        } else {
            let low = End {
                x: lower_m3m3,
                f: at_lower,
            };
            let high = End {
                x: upper_m3m3,
                f: at_upper,
            };
            (
                find_root(excess, low, high, ROOT_TOLERANCE_M3M3),
                CellStatus::Ok,
            )
        };
        Inversion {
            soil_moisture_m3m3,
            status,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fresnel::Roughness;
    use crate::inversion::{FrozenSoil, InversionConfig};
    use crate::soil::porosity;

    const BULK_DENSITY: f64 = 1.3;

    fn cell(tb_kelvin: f64) -> SingleChannelCell {
        SingleChannelCell {
            tb_kelvin,
            surface: Surface {
                clay_percent: 20.0,
                temperature_kelvin: 295.0,
                roughness: Roughness::single_channel(0.108),
                albedo: 0.05,
                tau_slant: 0.2871896036531013,
            },
            bulk_density_g_cm3: BULK_DENSITY,
            land_cover: None,
        }
    }

    fn invert(cell: &SingleChannelCell) -> Inversion {
        InversionConfig::default()
            .build()
            .unwrap()
            .invert_single_channel(Polarization::V, cell)
    }

    fn simulated(soil_moisture_m3m3: f64) -> f64 {
        let inverter = InversionConfig::default().build().unwrap();
        inverter
            .model()
            .brightness_temperature(soil_moisture_m3m3, &cell(200.0).surface)
            .tb_v_kelvin
    }

    #[test]
    fn too_warm_is_dry_outside_forest_and_wet_inside() {
        let mut warm = cell(simulated(0.02) + 2.5);
        let open = invert(&warm);
        assert_eq!(
            (open.soil_moisture_m3m3, open.status),
            (0.02, CellStatus::TooWarm)
        );
        warm.land_cover = Some(IgbpClass::MixedForest);
        let forest = invert(&warm);
        assert_eq!(forest.soil_moisture_m3m3, porosity(BULK_DENSITY));
        assert_eq!(forest.status, CellStatus::TooWarm);
    }

    #[test]
    fn too_cold_is_saturated() {
        let cold = invert(&cell(simulated(porosity(BULK_DENSITY)) - 2.5));
        assert_eq!(cold.soil_moisture_m3m3, porosity(BULK_DENSITY));
        assert_eq!(cold.status, CellStatus::TooCold);
    }

    #[test]
    fn observation_outside_the_range_by_less_than_the_noise_takes_the_bound() {
        let mut slightly_warm = cell(simulated(0.02) + 1.5);
        slightly_warm.land_cover = Some(IgbpClass::MixedForest);
        let dry = invert(&slightly_warm);
        assert_eq!(
            (dry.soil_moisture_m3m3, dry.status),
            (0.02, CellStatus::WithinNoise)
        );
        let wet = invert(&cell(simulated(porosity(BULK_DENSITY)) - 1.5));
        assert_eq!(wet.status, CellStatus::WithinNoise);
        assert_eq!(wet.soil_moisture_m3m3, porosity(BULK_DENSITY));
    }

    #[test]
    fn opaque_canopy_gives_no_value() {
        let mut forest = cell(280.0);
        forest.surface.tau_slant = 4.0;
        let inversion = invert(&forest);
        assert!(inversion.soil_moisture_m3m3.is_nan());
        assert_eq!(inversion.status, CellStatus::Insensitive);
    }

    #[test]
    fn frozen_soil_is_refused_unless_asked_for() {
        let mut frozen = cell(230.0);
        frozen.surface.temperature_kelvin = 270.0;
        assert_eq!(invert(&frozen).status, CellStatus::Frozen);
        let config = InversionConfig {
            frozen: FrozenSoil::Retrieve,
            ..InversionConfig::default()
        };
        let inverter = config.build().unwrap();
        let inversion = inverter.invert_single_channel(Polarization::V, &frozen);
        assert_eq!(inversion.status, CellStatus::Ok);
    }

    #[test]
    fn missing_and_impossible_inputs_are_told_apart() {
        let mut missing = cell(250.0);
        missing.surface.albedo = f64::NAN;
        assert_eq!(invert(&missing).status, CellStatus::MissingInput);
        let mut dense = cell(250.0);
        dense.bulk_density_g_cm3 = 2.65;
        assert_eq!(invert(&dense).status, CellStatus::InvalidInput);
        assert_eq!(invert(&cell(-9999.0)).status, CellStatus::InvalidInput);
        assert!(invert(&cell(-9999.0)).soil_moisture_m3m3.is_nan());
    }

    #[test]
    fn many_cells_come_back_in_order() {
        let inverter = InversionConfig::default().build().unwrap();
        let cells: Vec<_> = (0..500).map(|i| cell(200.0 + 0.2 * f64::from(i))).collect();
        let many = inverter.invert_many(Polarization::V, &cells);
        for (cell, inversion) in cells.iter().zip(&many) {
            assert_eq!(
                *inversion,
                inverter.invert_single_channel(Polarization::V, cell)
            );
        }
    }
}
