//! Bulk properties of the soil column: pore space and effective temperature.

use serde::{Deserialize, Serialize};

/// Density of mineral particles that the SMAP retrievals assume, g cm-3.
pub const PARTICLE_DENSITY_G_CM3: f64 = 2.65;
/// Melting point of water, K.
pub const FREEZING_KELVIN: f64 = 273.15;

/// Share of the soil volume that is pores, the upper bound of soil moisture.
///
/// # Shapes and units
/// `bulk_density_g_cm3`: dry bulk density, g cm-3. Result: m3 m-3.
/// # Missing values
/// NaN in gives NaN out.
/// # Examples
/// ```
/// assert!((vadose_physics::porosity(1.325) - 0.5).abs() < 1e-15);
/// ```
#[must_use]
pub fn porosity(bulk_density_g_cm3: f64) -> f64 {
    1.0 - bulk_density_g_cm3 / PARTICLE_DENSITY_G_CM3
}

/// Direction of a SMAP pass, which sets the local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overpass {
    /// Southbound, about 6 a.m. local time.
    Descending,
    /// Northbound, about 6 p.m. local time.
    Ascending,
}

/// Effective soil temperature from the two uppermost layers of a land model.
///
/// `1.007 (c t1 + (1 - c) t2)` with `c = 0.246` for the morning pass and 1 for the evening one.
///
/// # Shapes and units
/// `layer1_kelvin`, `layer2_kelvin`: K, upper layer first. Result: K.
/// # Missing values
/// NaN if a layer is NaN or not above 273.15 K: there is no retrieval over frozen soil.
/// # References
/// Choudhury, Schmugge and Mo (1982), doi:10.1029/JC087iC02p01301; the constants as in NASA's Land
/// Information System.
/// # Examples
/// ```
/// use vadose_physics::{Overpass, effective_temperature_kelvin};
/// let evening = effective_temperature_kelvin(300.0, 290.0, Overpass::Ascending);
/// assert!((evening - 302.1).abs() < 1e-10);
/// ```
#[must_use]
pub fn effective_temperature_kelvin(
    layer1_kelvin: f64,
    layer2_kelvin: f64,
    overpass: Overpass,
) -> f64 {
    const SCALE: f64 = 1.007;
    let upper_weight = match overpass {
        Overpass::Descending => 0.246,
        Overpass::Ascending => 1.0,
    };
    if layer1_kelvin > FREEZING_KELVIN && layer2_kelvin > FREEZING_KELVIN {
        SCALE * (upper_weight * layer1_kelvin + (1.0 - upper_weight) * layer2_kelvin)
    } else {
        f64::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounding of a few operations on temperatures, K.
    const ROUNDING_KELVIN: f64 = 1e-12;

    #[test]
    fn morning_pass_weighs_the_deeper_layer() {
        let morning = effective_temperature_kelvin(280.0, 290.0, Overpass::Descending);
        let expected = 1.007 * (0.246 * 280.0 + 0.754 * 290.0);
        approx::assert_abs_diff_eq!(morning, expected, epsilon = ROUNDING_KELVIN);
    }

    #[test]
    fn frozen_or_missing_layer_gives_no_temperature() {
        for (t1, t2) in [(273.15, 290.0), (290.0, 260.0), (f64::NAN, 290.0)] {
            assert!(effective_temperature_kelvin(t1, t2, Overpass::Ascending).is_nan());
        }
    }
}
