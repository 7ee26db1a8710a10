//! Sine, cosine and arc tangent in degrees, without branches, so that loops over points vectorise.
//!
//! The standard library's functions take radians and cost more than a whole projection may. These
//! are as accurate (see the tests), exact at multiples of 90°, and give the same bits on every
//! platform.

use std::f64::consts::PI;

const RADIANS_PER_DEGREE: f64 = PI / 180.0;
const DEGREES_PER_RADIAN: f64 = 180.0 / PI;
/// Adding and subtracting it rounds a small number to the nearest integer.
const ROUND_TO_INTEGER: f64 = 1.5 * (1_u64 << 52) as f64;
/// tan 22.5°: beyond it the arc tangent is taken about 45°.
const TAN_22_5_DEG: f64 = std::f64::consts::SQRT_2 - 1.0;

// Minimax polynomials of fdlibm (Sun Microsystems 1993): k_sin.c, k_cos.c on [-45°, 45°], s_atan.c
// on [-7/16, 7/16]; errors below 2^-57.
const SINE: [f64; 6] = [
    -1.666_666_666_666_663_2e-1,
    8.333_333_333_322_49e-3,
    -1.984_126_982_985_795e-4,
    2.755_731_370_707_006_8e-6,
    -2.505_076_025_340_686_3e-8,
    1.589_690_995_211_55e-10,
];
const COSINE: [f64; 6] = [
    4.166_666_666_666_66e-2,
    -1.388_888_888_887_411e-3,
    2.480_158_728_947_673e-5,
    -2.755_731_435_139_066_3e-7,
    2.087_572_321_298_175e-9,
    -1.135_964_755_778_819_5e-11,
];
const ARC_TANGENT: [f64; 11] = [
    -3.333_333_333_333_293e-1,
    1.999_999_999_987_648_3e-1,
    -1.428_571_427_250_346_6e-1,
    1.111_111_040_546_235_6e-1,
    -9.090_887_133_436_507e-2,
    7.691_876_205_044_83e-2,
    -6.661_073_137_387_531e-2,
    5.833_570_133_790_573_5e-2,
    -4.976_877_994_615_932e-2,
    3.653_157_274_421_691_6e-2,
    -1.628_582_011_536_578_2e-2,
];
/// The arc sine on [-1/2, 1/2]: SLEEF's `xasin` (Shibata and Petrogalli 2020, doi:10.1109/TPDS.2019.2960333),
/// error below 2^-55 of the result.
const ARC_SINE: [f64; 12] = [
    1.666_666_666_666_497_5e-1,
    7.500_000_000_378_582e-2,
    4.464_285_681_377_102_4e-2,
    3.038_195_928_038_132_2e-2,
    2.237_176_181_932_048_3e-2,
    1.735_956_991_223_614_6e-2,
    1.388_715_184_501_609_2e-2,
    1.215_360_525_577_377_3e-2,
    6.606_077_476_277_171e-3,
    1.929_045_477_267_910_7e-2,
    -1.581_918_243_329_996_6e-2,
    3.161_587_650_653_934_6e-2,
];

/// Sine and cosine of an angle within ±360 degrees.
#[inline(always)]
pub(crate) fn sin_cos_deg(angle_deg: f64) -> (f64, f64) {
    let shifted = angle_deg * (1.0 / 90.0) + ROUND_TO_INTEGER;
    let quadrant = shifted.to_bits();
    let x = (angle_deg - 90.0 * (shifted - ROUND_TO_INTEGER)) * RADIANS_PER_DEGREE;
    let z = x * x;
    let sine = x + x * z * polynomial(&SINE, z);
    let cosine = 1.0 - 0.5 * z + z * z * polynomial(&COSINE, z);
    let (s, c) = if quadrant & 1 == 0 {
        (sine, cosine)
    } else {
        (cosine, sine)
    };
    (
        with_sign_flipped_by(s, quadrant),
        with_sign_flipped_by(c, quadrant.wrapping_add(1)),
    )
}

/// `x` negated if bit 1 of `quadrant` is set.
#[inline(always)]
fn with_sign_flipped_by(x: f64, quadrant: u64) -> f64 {
    f64::from_bits(x.to_bits() ^ ((quadrant & 2) << 62))
}

/// Angle of the vector (`x`, `y`) from the x axis, within ±180 degrees; 0 for the null vector.
///
/// Lengths below some 1e-290 lose precision.
#[inline(always)]
pub(crate) fn atan2_deg(y: f64, x: f64) -> f64 {
    let (abs_x, abs_y) = (x.abs(), y.abs());
    let steep = abs_y > abs_x;
    let (low, high) = if steep {
        (abs_x, abs_y)
    } else {
        (abs_y, abs_x)
    };
    let diagonal = low > TAN_22_5_DEG * high;
    let (opposite, adjacent, offset_deg) = if diagonal {
        (low - high, low + high, 45.0)
    } else {
        (low, high, 0.0)
    };
    // The smallest normal number vanishes in any sum but the one with zero.
    let t = opposite / (adjacent + f64::MIN_POSITIVE);
    let z = t * t;
    let octant_deg = (t + t * z * polynomial(&ARC_TANGENT, z)) * DEGREES_PER_RADIAN + offset_deg;
    let quadrant_deg = if steep { 90.0 - octant_deg } else { octant_deg };
    let half_turn_deg = if x < 0.0 {
        180.0 - quadrant_deg
    } else {
        quadrant_deg
    };
    half_turn_deg.copysign(y)
}

/// Angle within ±90 degrees that has this sine; what exceeds ±1 counts as ±1.
#[inline(always)]
pub(crate) fn asin_deg(sine: f64) -> f64 {
    let size = sine.abs();
    let shallow = size <= 0.5;
    // Beyond 30°, half the angle from the pole: its squared sine is (1 - size) / 2.
    let haversine = 0.5 * (1.0 - size);
    let haversine = if haversine < 0.0 { 0.0 } else { haversine };
    let z = if shallow { size * size } else { haversine };
    let x = if shallow { size } else { haversine.sqrt() };
    let angle_deg = (x + x * z * polynomial(&ARC_SINE, z)) * DEGREES_PER_RADIAN;
    let from_equator_deg = if shallow {
        angle_deg
    } else {
        90.0 - 2.0 * angle_deg
    };
    from_equator_deg.copysign(sine)
}

#[inline(always)]
fn polynomial<const N: usize>(coefficients: &[f64; N], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, &c| sum * x + c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two units in the last place of a number near one.
    const MAX_SINE_ERR: f64 = 4.5e-16;
    /// Two units in the last place of 180.
    const MAX_ANGLE_ERR_DEG: f64 = 6e-14;

    #[test]
    fn sine_and_cosine_agree_with_the_standard_library() {
        for n in -36_000..=36_000 {
            let angle_deg = f64::from(n) * 0.009_999;
            let (sine, cosine) = sin_cos_deg(angle_deg);
            let (expected_sine, expected_cosine) = angle_deg.to_radians().sin_cos();
            // Of the standard library's error most is that of its argument in radians.
            let argument_err = angle_deg.to_radians().abs() * f64::EPSILON;
            assert!(
                (sine - expected_sine).abs() <= MAX_SINE_ERR + argument_err,
                "{angle_deg}"
            );
            assert!(
                (cosine - expected_cosine).abs() <= MAX_SINE_ERR + argument_err,
                "{angle_deg}"
            );
        }
    }

    #[test]
    fn sine_is_precise_for_small_angles_too() {
        for exponent in 0..300 {
            let angle_deg = 10.0_f64.powi(-exponent);
            let expected = angle_deg.to_radians().sin();
            assert!((sin_cos_deg(angle_deg).0 / expected - 1.0).abs() <= MAX_SINE_ERR);
        }
    }

    #[test]
    fn right_angles_are_exact() {
        for (angle_deg, expected) in [
            (-360.0, (0.0, 1.0)),
            (-180.0, (0.0, -1.0)),
            (-90.0, (-1.0, 0.0)),
            (0.0, (0.0, 1.0)),
            (90.0, (1.0, 0.0)),
            (180.0, (0.0, -1.0)),
            (270.0, (-1.0, 0.0)),
        ] {
            assert_eq!(sin_cos_deg(angle_deg), expected, "{angle_deg}");
            let (sine, cosine) = expected;
            let difference = (atan2_deg(sine, cosine) - angle_deg).rem_euclid(360.0);
            assert_eq!(difference, 0.0, "{angle_deg}");
        }
        assert_eq!(atan2_deg(1.0, 1.0), 45.0);
        assert_eq!(atan2_deg(0.0, 0.0), 0.0);
        assert_eq!(atan2_deg(0.0, -0.0), 0.0);
    }

    #[test]
    fn arc_tangent_agrees_with_the_standard_library() {
        for n in -1800..=1800 {
            for radius in [1e-280, 1e-9, 1.0, 7.3e6, 1e200] {
                let (sine, cosine) = (f64::from(n) * 0.099_99).to_radians().sin_cos();
                let (y, x) = (radius * sine, radius * cosine);
                let err_deg = (atan2_deg(y, x) - y.atan2(x).to_degrees()).abs();
                assert!(err_deg <= MAX_ANGLE_ERR_DEG, "{n} {radius}: {err_deg}");
            }
        }
    }

    #[test]
    fn arc_sine_agrees_with_the_standard_library() {
        for n in -10_000..=10_000 {
            let sine = f64::from(n) / 10_000.0;
            let err_deg = (asin_deg(sine) - sine.asin().to_degrees()).abs();
            assert!(err_deg <= MAX_ANGLE_ERR_DEG / 2.0, "{sine}: {err_deg}");
        }
        assert_eq!(asin_deg(1.0), 90.0);
        assert_eq!(asin_deg(-1.0 - f64::EPSILON), -90.0);
    }

    #[test]
    fn arc_sine_is_precise_for_small_angles_too() {
        for exponent in 0..300 {
            let sine = 0.5 * 10.0_f64.powi(-exponent);
            let expected = sine.asin().to_degrees();
            assert!((asin_deg(sine) / expected - 1.0).abs() <= MAX_SINE_ERR);
        }
    }

    #[test]
    fn nan_stays_nan() {
        assert!(asin_deg(f64::NAN).is_nan());
        assert!(sin_cos_deg(f64::NAN).0.is_nan() && sin_cos_deg(f64::NAN).1.is_nan());
        assert!(atan2_deg(f64::NAN, 1.0).is_nan() && atan2_deg(1.0, f64::NAN).is_nan());
    }
}
