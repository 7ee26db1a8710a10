//! Radar backscatter of bare soil: the semi-empirical model of Oh (1992).

use std::f64::consts::FRAC_PI_2;

use serde::{Deserialize, Serialize};

use crate::dielectric::Permittivity;
use crate::fresnel::fresnel_at_cosine;

/// Backscatter of one cell in both channels of a dual-polarised radar, linear power.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backscatter {
    /// sigma0 received as sent (VV of Sentinel-1), linear power.
    pub copolarized: f64,
    /// sigma0 received in the other polarisation (VH of Sentinel-1), linear power.
    pub cross_polarized: f64,
}

impl Backscatter {
    /// Whether both channels hold a power that has a logarithm.
    #[must_use]
    pub fn is_positive(self) -> bool {
        let usable = |power: f64| power > 0.0 && power.is_finite();
        usable(self.copolarized) && usable(self.cross_polarized)
    }
}

/// Backscatter of a bare rough surface, VV and VH.
///
/// With the nadir reflectivity `G0` and the Fresnel reflectivities `Gv`, `Gh`:
/// `p = (1 - (2 theta / pi)^(1 / (3 G0)) exp(-ks))^2`, `q = 0.23 sqrt(G0) (1 - exp(-ks))`,
/// `g = 0.7 (1 - exp(-0.65 ks^1.8))`,
/// `VV = g cos(theta)^3 (Gv + Gh) / sqrt(p)` and `VH = q VV`.
///
/// # Shapes and units
/// `ks`: root-mean-square height times wave number, dimensionless. `incidence_deg`: from the
/// vertical. Result: linear power. The fit was made for `ks` 0.1 to 6, soil moisture 0.09 to 0.31
/// and incidence 10 to 70 degrees; outside it is an extrapolation, and no value is refused.
/// # Missing values
/// NaN in gives NaN out.
/// # References
/// Oh, Sarabandi and Ulaby (1992), doi:10.1109/36.134086, in the form of Ulaby and Long,
/// Microwave Radar and Radiometric Remote Sensing (2014), section 10-5.
/// # Examples
/// ```
/// use vadose_physics::{Dielectric, oh_1992};
/// let soil = Dielectric::Mironov2009.soil(20.0, 293.15, 5.405e9);
/// let dry = oh_1992(soil.permittivity(0.1), 1.0, 40.0);
/// let wet = oh_1992(soil.permittivity(0.3), 1.0, 40.0);
/// let gain_db = 10.0 * (wet.copolarized / dry.copolarized).log10();
/// assert!((3.0..5.0).contains(&gain_db));
/// assert!(wet.cross_polarized < 0.1 * wet.copolarized);
/// ```
#[must_use]
pub fn oh_1992(permittivity: Permittivity, ks: f64, incidence_deg: f64) -> Backscatter {
    let theta = incidence_deg.to_radians();
    let cos = theta.cos();
    let nadir = fresnel_at_cosine(permittivity, 1.0).v;
    let oblique = fresnel_at_cosine(permittivity, cos);
    let smoothness = (-ks).exp();

    let root_p = 1.0 - (theta / FRAC_PI_2).powf(1.0 / (3.0 * nadir)) * smoothness;
    let q = 0.23 * nadir.sqrt() * (1.0 - smoothness);
    let g = 0.7 * (1.0 - (-0.65 * ks.powf(1.8)).exp());
    let copolarized = g * cos.powi(3) * (oblique.v + oblique.h) / root_p;
    Backscatter {
        copolarized,
        cross_polarized: q * copolarized,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dielectric::Dielectric;

    fn at(soil_moisture: f64, ks: f64, incidence_deg: f64) -> Backscatter {
        let soil = Dielectric::Mironov2009.soil(20.0, 293.15, 5.405e9);
        oh_1992(soil.permittivity(soil_moisture), ks, incidence_deg)
    }

    #[test]
    fn a_lossless_soil_gives_the_values_of_a_hand_calculation() {
        /// The hand calculation carries five digits.
        const HAND_CALCULATION: f64 = 2e-5;
        // Permittivity 9, ks 1, 60 degrees: nadir 0.25, v 0.048748, h 0.494858, sqrt(p) 0.785746,
        // g 0.334568, q 0.072694.
        let soil = Permittivity {
            real: 9.0,
            imag: 0.0,
        };
        let got = oh_1992(soil, 1.0, 60.0);
        approx::assert_abs_diff_eq!(got.copolarized, 0.028933, epsilon = HAND_CALCULATION);
        approx::assert_abs_diff_eq!(got.cross_polarized, 0.002103, epsilon = HAND_CALCULATION);
    }

    #[test]
    fn wetter_rougher_and_steeper_reflect_more() {
        let base = at(0.15, 1.0, 40.0);
        for brighter in [
            at(0.25, 1.0, 40.0),
            at(0.15, 1.5, 40.0),
            at(0.15, 1.0, 30.0),
        ] {
            assert!(brighter.copolarized > base.copolarized);
        }
        assert!(at(0.15, 1.5, 40.0).cross_polarized > base.cross_polarized);
    }

    #[test]
    fn missing_input_stays_missing() {
        assert!(at(f64::NAN, 1.0, 40.0).copolarized.is_nan());
        assert!(at(0.2, f64::NAN, 40.0).cross_polarized.is_nan());
    }
}
