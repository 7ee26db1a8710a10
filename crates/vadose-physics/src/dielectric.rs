//! Permittivity of moist mineral soil at L band: the refractive mixing models of Mironov.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

/// Relative complex permittivity, with the loss written positive: `real + i imag`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Permittivity {
    /// Real part, dimensionless.
    pub real: f64,
    /// Imaginary part (loss), dimensionless, not negative.
    pub imag: f64,
}

/// Which fit of the Mironov mixing model to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Dielectric {
    /// The mineralogically based model of 2009: any frequency of the fit (0.045 to 26.5 GHz),
    /// one temperature (20 to 22 °C). The SMAP products use it.
    #[default]
    Mironov2009,
    /// The fit of 2013 for 1.4 GHz, with temperature.
    Mironov2013,
}

/// Complex refractive index `n + i k`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Refraction {
    n: f64,
    k: f64,
}

/// One soil at one temperature: everything of the mixing model but the moisture.
///
/// [`Dielectric::soil`] makes it once per cell; an inversion then evaluates
/// [`SoilDielectric::permittivity`] many times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoilDielectric {
    dry: Refraction,
    bound: Refraction,
    free: Refraction,
    max_bound_m3m3: f64,
}

impl Dielectric {
    /// The mixing model of one soil.
    ///
    /// # Shapes and units
    /// `clay_percent`: mass percent of the mineral soil, 0 to 100 (the fits hold to about 75; a
    /// fraction from a SMAP file must be multiplied by 100). `temperature_kelvin`: used by
    /// [`Dielectric::Mironov2013`] only. `frequency_hz`: used by [`Dielectric::Mironov2009`] only.
    /// # Missing values
    /// NaN in gives NaN out.
    /// # References
    /// Mironov, Kosolapova and Fomin (2009), doi:10.1109/TGRS.2008.2011631. Mironov, Kerr,
    /// Wigneron, Kosolapova and Demontoux (2013), doi:10.1109/LGRS.2012.2207878; that paper was
    /// not read here. Two public codes of it disagree in three constants; where they do we take
    /// the maximum bound water and the `k` of dry soil that equal the 2009 model, and -1.46e-4
    /// for the clay-squared term of the free water's `k`, which stays closer to it.
    /// # Examples
    /// ```
    /// use vadose_physics::Dielectric;
    /// let loam = Dielectric::Mironov2009.soil(20.0, 293.15, 1.41e9);
    /// let permittivity = loam.permittivity(0.20);
    /// assert!((permittivity.real - 9.935006).abs() < 1e-6);
    /// assert!((permittivity.imag - 1.106034).abs() < 1e-6);
    /// ```
    #[must_use]
    pub fn soil(
        self,
        clay_percent: f64,
        temperature_kelvin: f64,
        frequency_hz: f64,
    ) -> SoilDielectric {
        match self {
            Self::Mironov2009 => mironov_2009(clay_percent, frequency_hz),
            Self::Mironov2013 => mironov_2013(clay_percent, temperature_kelvin - CELSIUS_KELVIN),
        }
    }
}

impl SoilDielectric {
    /// Permittivity at a given moisture: bound water first, free water beyond its maximum.
    ///
    /// # Shapes and units
    /// `soil_moisture_m3m3`: m3 m-3, not negative. Result: relative to vacuum.
    /// # Missing values
    /// NaN in gives NaN out.
    /// # References
    /// As [`Dielectric::soil`].
    /// # Examples
    /// ```
    /// use vadose_physics::Dielectric;
    /// let soil = Dielectric::Mironov2009.soil(10.0, 293.15, 1.41e9);
    /// assert!(soil.permittivity(0.4).real > 2.0 * soil.permittivity(0.2).real);
    /// ```
    #[must_use]
    pub fn permittivity(&self, soil_moisture_m3m3: f64) -> Permittivity {
        // Not `f64::min` and `max`: they would turn a NaN moisture into a number.
        let (bound, free) = if soil_moisture_m3m3 > self.max_bound_m3m3 {
            (
                self.max_bound_m3m3,
                soil_moisture_m3m3 - self.max_bound_m3m3,
            )
        } else {
            (soil_moisture_m3m3, 0.0)
        };
        let n = self.dry.n + (self.bound.n - 1.0) * bound + (self.free.n - 1.0) * free;
        let k = self.dry.k + self.bound.k * bound + self.free.k * free;
        Permittivity {
            real: n * n - k * k,
            imag: 2.0 * n * k,
        }
    }
}

const CELSIUS_KELVIN: f64 = 273.15;
/// Vacuum permittivity as rounded in the reference codes, F m-1.
const VACUUM_PERMITTIVITY: f64 = 8.854e-12;
/// High-frequency limit of the permittivity of soil water, both kinds.
const HIGH_FREQUENCY_PERMITTIVITY: f64 = 4.9;
const FREE_WATER_STATIC_PERMITTIVITY: f64 = 100.0;
const FREE_WATER_RELAXATION_S: f64 = 8.5e-12;

fn mironov_2009(clay_percent: f64, frequency_hz: f64) -> SoilDielectric {
    let c = clay_percent;
    SoilDielectric {
        dry: Refraction {
            n: 1.634 - 0.539e-2 * c + 0.2748e-4 * c * c,
            k: 0.03952 - 0.04038e-2 * c,
        },
        bound: debye(
            79.8 - 85.4e-2 * c + 32.7e-4 * c * c,
            1.062e-11 + 3.450e-14 * c,
            0.3112 + 0.467e-2 * c,
            frequency_hz,
        ),
        free: debye(
            FREE_WATER_STATIC_PERMITTIVITY,
            FREE_WATER_RELAXATION_S,
            0.3631 + 1.217e-2 * c,
            frequency_hz,
        ),
        max_bound_m3m3: 0.02863 + 0.30673e-2 * c,
    }
}

/// Refractive index of water by one Debye relaxation and an ohmic loss.
fn debye(
    static_permittivity: f64,
    relaxation_s: f64,
    conductivity_s_m: f64,
    frequency_hz: f64,
) -> Refraction {
    let omega = TAU * frequency_hz;
    let phase = omega * relaxation_s;
    let dispersion = (static_permittivity - HIGH_FREQUENCY_PERMITTIVITY) / (1.0 + phase * phase);
    let real = HIGH_FREQUENCY_PERMITTIVITY + dispersion;
    let imag = dispersion * phase + conductivity_s_m / (omega * VACUUM_PERMITTIVITY);
    let modulus = real.hypot(imag);
    Refraction {
        n: ((modulus + real) / 2.0).sqrt(),
        k: ((modulus - real) / 2.0).sqrt(),
    }
}

fn mironov_2013(clay_percent: f64, temperature_celsius: f64) -> SoilDielectric {
    let c = clay_percent;
    let t = temperature_celsius;
    let t2 = t * t;
    SoilDielectric {
        dry: Refraction {
            n: 1.634 - 0.00539 * c + 2.75e-5 * c * c,
            k: 0.0395 - 4.038e-4 * c,
        },
        bound: Refraction {
            n: (8.86 + 0.00321 * t) + (-0.0644 + 7.96e-4 * t) * c + (2.97e-4 - 9.6e-6 * t) * c * c,
            k: (0.738 - 0.00903 * t + 8.57e-5 * t2)
                + (-0.00215 + 1.47e-4 * t) * c
                + (7.36e-5 - 1.03e-6 * t + 1.05e-8 * t2) * c * c,
        },
        free: Refraction {
            n: (10.3 - 0.0173 * t) + (6.5e-4 + 8.82e-5 * t) * c + (-6.34e-6 - 6.32e-7 * t) * c * c,
            k: (0.7 - 0.017 * t + 1.78e-4 * t2)
                + (0.0161 + 7.25e-4 * t) * c
                + (-1.46e-4 - 6.03e-6 * t - 7.87e-9 * t2) * c * c,
        },
        max_bound_m3m3: 0.02863 + 0.0030673 * c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference values are printed with six decimals.
    const PRINTED_VALUE_TOLERANCE: f64 = 6e-7;

    fn assert_permittivity(got: Permittivity, real: f64, imag: f64) {
        approx::assert_abs_diff_eq!(got.real, real, epsilon = PRINTED_VALUE_TOLERANCE);
        approx::assert_abs_diff_eq!(got.imag, imag, epsilon = PRINTED_VALUE_TOLERANCE);
    }

    fn at_smap(clay_percent: f64, soil_moisture_m3m3: f64) -> Permittivity {
        Dielectric::Mironov2009
            .soil(clay_percent, 293.15, 1.41e9)
            .permittivity(soil_moisture_m3m3)
    }

    #[test]
    fn mironov_2009_gives_the_reference_permittivity() {
        for (clay, moisture, real, imag) in [
            (20.0, 0.02, 2.810573, 0.151718),
            (20.0, 0.05, 3.556153, 0.248757),
            (20.0, 0.10, 5.082839, 0.455510),
            (20.0, 0.20, 9.935006, 1.106034),
            (20.0, 0.30, 16.396419, 2.023916),
            (20.0, 0.40, 24.467077, 3.209154),
            (10.0, 0.30, 17.499120, 1.962256),
            (0.0, 0.10, 6.251816, 0.495821),
            (40.0, 0.20, 7.975344, 1.050045),
        ] {
            assert_permittivity(at_smap(clay, moisture), real, imag);
        }
    }

    #[test]
    fn mironov_2013_gives_the_reference_permittivity() {
        for (celsius, moisture, real, imag) in [
            (0.0, 0.30, 16.676622, 2.448470),
            (10.0, 0.30, 16.524953, 2.341626),
            (20.0, 0.30, 16.368744, 2.308389),
            (30.0, 0.30, 16.208141, 2.347715),
            (20.0, 0.20, 9.926095, 1.206024),
        ] {
            let soil = Dielectric::Mironov2013.soil(20.0, celsius + 273.15, 1.41e9);
            assert_permittivity(soil.permittivity(moisture), real, imag);
        }
    }

    #[test]
    fn both_models_agree_at_twenty_degrees() {
        /// Largest relative differences between the two fits for clay 10 to 60 % and moisture
        /// 0.05 to 0.4: a property of the fits, found with an independent implementation.
        const MAX_REAL: f64 = 0.005;
        const MAX_IMAG: f64 = 0.21;
        for clay in [10.0, 20.0, 30.0, 40.0, 50.0, 60.0] {
            let soil = Dielectric::Mironov2013.soil(clay, 293.15, 1.41e9);
            for moisture in [0.05, 0.1, 0.2, 0.3, 0.4] {
                let older = at_smap(clay, moisture);
                let newer = soil.permittivity(moisture);
                assert!(
                    (newer.real / older.real - 1.0).abs() <= MAX_REAL,
                    "{clay} {moisture}"
                );
                assert!(
                    (newer.imag / older.imag - 1.0).abs() <= MAX_IMAG,
                    "{clay} {moisture}"
                );
            }
        }
    }

    #[test]
    fn missing_moisture_stays_missing() {
        let permittivity = at_smap(20.0, f64::NAN);
        assert!(permittivity.real.is_nan() && permittivity.imag.is_nan());
    }
}
