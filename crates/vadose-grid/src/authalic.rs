//! Equal-area latitude on the WGS84 ellipsoid, as power series in the sine of latitude.
//!
//! Both EASE-Grid 2.0 projections rest on `q(φ)`, the area between the equator and latitude φ in
//! units of `a²/2` per radian of longitude (Snyder 1987, eq. 3-12):
//!
//! `q = (1-e²) [ s/(1-e²s²) + atanh(e s)/e ]`, with `s = sin φ`.
//!
//! Expanded, `q = (1-e²) s Σ (2k+2)/(2k+1) (e s)^2k`, which gains more than two digits per term. So
//! the sine `w = q/q_p` of the authalic latitude is a short odd polynomial in `s`, and reversion
//! of that series gives `s` from `w`. Neither needs a logarithm, an iteration or a division.
//!
//! Near a pole `1 - w` cancels. As both polynomials `P` satisfy `P(1) = 1`, the difference
//! factors exactly:
//!
//! `1 - P(s) = (1-s) [ 1 + s (1+s) T(s²) ]`, where `T` holds the tail sums of `P`'s coefficients;
//!
//! the caller supplies `1 - s = 2 sin²(θ/2)` from the polar distance θ and loses no digit.

/// Semi-major axis of WGS84, metres (NGA.STND.0036).
pub(crate) const SEMI_MAJOR_AXIS_M: f64 = 6_378_137.0;
/// Inverse flattening of WGS84 (NGA.STND.0036).
const INVERSE_FLATTENING: f64 = 298.257_223_563;
/// Squared eccentricity, `f (2 - f)`.
const ECCENTRICITY_SQUARED: f64 = (2.0 - 1.0 / INVERSE_FLATTENING) / INVERSE_FLATTENING;

/// Terms kept: the first ones dropped are 2e-18 of the sum in `w(s)` and 2e-17 in `s(w)`.
const TERMS: usize = 8;
type Series = [f64; TERMS];

/// `q(s) / s` in powers of `s²`.
const AREA: Series = area_series();
/// `q` at the pole; 1.9955310875028368 for WGS84.
pub(crate) const Q_POLE: f64 = sum_from(&AREA, 0);
/// `w(s) / s` in powers of `s²`.
const TO_AUTHALIC: Series = scaled(&AREA, 1.0 / Q_POLE);
/// `s(w) / w` in powers of `w²`.
const FROM_AUTHALIC: Series = reverted(&TO_AUTHALIC);
/// Tail sums of the two.
const TO_AUTHALIC_TAILS: Series = tails(&TO_AUTHALIC);
const FROM_AUTHALIC_TAILS: Series = tails(&FROM_AUTHALIC);

/// Sine of the authalic latitude from the sine of the geodetic latitude.
#[inline(always)]
pub(crate) fn authalic_sine(geodetic_sine: f64) -> f64 {
    geodetic_sine * polynomial(&TO_AUTHALIC, geodetic_sine * geodetic_sine)
}

/// Sine of the geodetic latitude from the sine of the authalic latitude.
#[inline(always)]
pub(crate) fn geodetic_sine(authalic_sine: f64) -> f64 {
    authalic_sine * polynomial(&FROM_AUTHALIC, authalic_sine * authalic_sine)
}

/// `sin²(θ'/2)` of the authalic polar distance θ' from `sin²(θ/2)` of the geodetic one, to full
/// relative precision up to the pole.
#[inline(always)]
pub(crate) fn authalic_haversine(geodetic_haversine: f64) -> f64 {
    through_pole(&TO_AUTHALIC_TAILS, geodetic_haversine)
}

/// The inverse of [`authalic_haversine`].
#[inline(always)]
pub(crate) fn geodetic_haversine(authalic_haversine: f64) -> f64 {
    through_pole(&FROM_AUTHALIC_TAILS, authalic_haversine)
}

/// `(1 - P(s)) / 2` from `haversine = (1 - s) / 2`.
#[inline(always)]
fn through_pole(tails: &Series, haversine: f64) -> f64 {
    let sine = 1.0 - 2.0 * haversine;
    haversine * (1.0 + sine * (1.0 + sine) * polynomial(tails, sine * sine))
}

#[inline(always)]
fn polynomial(coefficients: &Series, x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, &c| sum * x + c)
}

const fn area_series() -> Series {
    let mut series = [0.0; TERMS];
    let mut power = 1.0 - ECCENTRICITY_SQUARED;
    let mut k = 0;
    while k < TERMS {
        series[k] = power * (2 * k + 2) as f64 / (2 * k + 1) as f64;
        power *= ECCENTRICITY_SQUARED;
        k += 1;
    }
    series
}

/// Coefficients of `s(w)/w` from those of `w(s)/s`.
///
/// With `s = w p(w²)` and `v = w²` the unknown satisfies `p Σ c_k (v p²)^k = 1`; each pass of
/// `p ← 1 / Σ c_k (v p²)^k` settles one more coefficient.
const fn reverted(series: &Series) -> Series {
    let mut p = [0.0; TERMS];
    let mut pass = 0;
    while pass < TERMS {
        let v_p_squared = shifted(&product(&p, &p));
        let mut sum = [0.0; TERMS];
        let mut k = TERMS;
        while k > 0 {
            k -= 1;
            sum = product(&sum, &v_p_squared);
            sum[0] += series[k];
        }
        p = reciprocal(&sum);
        pass += 1;
    }
    p
}

/// `tails[j]` is the sum of the coefficients after `j`.
const fn tails(series: &Series) -> Series {
    let mut tails = [0.0; TERMS];
    let mut j = 0;
    while j < TERMS {
        tails[j] = sum_from(series, j + 1);
        j += 1;
    }
    tails
}

/// Sum of the coefficients from `first` on, smallest first.
const fn sum_from(series: &Series, first: usize) -> f64 {
    let mut sum = 0.0;
    let mut k = TERMS;
    while k > first {
        k -= 1;
        sum += series[k];
    }
    sum
}

const fn scaled(series: &Series, factor: f64) -> Series {
    let mut result = *series;
    let mut k = 0;
    while k < TERMS {
        result[k] *= factor;
        k += 1;
    }
    result
}

/// Truncated product of two power series.
const fn product(a: &Series, b: &Series) -> Series {
    let mut result = [0.0; TERMS];
    let mut i = 0;
    while i < TERMS {
        let mut j = 0;
        while i + j < TERMS {
            result[i + j] += a[i] * b[j];
            j += 1;
        }
        i += 1;
    }
    result
}

/// Truncated `1 / a` of a power series with `a[0] != 0`.
const fn reciprocal(a: &Series) -> Series {
    let mut result = [0.0; TERMS];
    result[0] = 1.0 / a[0];
    let mut n = 1;
    while n < TERMS {
        let mut sum = 0.0;
        let mut k = 1;
        while k <= n {
            sum += a[k] * result[n - k];
            k += 1;
        }
        result[n] = -sum / a[0];
        n += 1;
    }
    result
}

/// A power series times its variable.
const fn shifted(a: &Series) -> Series {
    let mut result = [0.0; TERMS];
    let mut k = 1;
    while k < TERMS {
        result[k] = a[k - 1];
        k += 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// A few units in the last place of numbers near one.
    const ROUNDING: f64 = 1e-15;

    /// `q` as in the textbooks, with its logarithm.
    fn textbook_q(sine: f64) -> f64 {
        let e2 = ECCENTRICITY_SQUARED;
        let e = e2.sqrt();
        (1.0 - e2) * (sine / (1.0 - e2 * sine * sine) + (e * sine).atanh() / e)
    }

    #[test]
    fn wgs84_constants_have_their_published_values() {
        assert_relative_eq!(ECCENTRICITY_SQUARED, 0.006_694_379_990_141, epsilon = 1e-15);
        assert_relative_eq!(Q_POLE, 1.995_531_087_502_838, epsilon = 2e-15);
    }

    #[test]
    fn the_series_equals_the_closed_form() {
        for n in -100..=100 {
            let sine = f64::from(n) / 100.0;
            let expected = textbook_q(sine) / textbook_q(1.0);
            assert_relative_eq!(authalic_sine(sine), expected, epsilon = ROUNDING);
        }
    }

    #[test]
    fn reversion_undoes_the_series() {
        for n in -1000..=1000 {
            let sine = f64::from(n) / 1000.0;
            assert_relative_eq!(geodetic_sine(authalic_sine(sine)), sine, epsilon = ROUNDING);
        }
    }

    #[test]
    fn the_polar_forms_keep_relative_precision_to_the_pole() {
        for exponent in 0..300 {
            let h = 10.0_f64.powi(-exponent);
            assert_relative_eq!(
                geodetic_haversine(authalic_haversine(h)),
                h,
                epsilon = 0.0,
                max_relative = ROUNDING
            );
        }
    }

    #[test]
    fn the_polar_form_is_one_minus_the_equatorial_form() {
        for n in 0..=1000 {
            let h = f64::from(n) / 1000.0;
            let direct = (1.0 - authalic_sine(1.0 - 2.0 * h)) / 2.0;
            assert_relative_eq!(authalic_haversine(h), direct, epsilon = ROUNDING);
        }
    }
}
