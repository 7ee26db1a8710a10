//! What is done to a channel's values before the z-score.

use serde::{Deserialize, Serialize};

/// Fixed transform of a channel's values, applied before statistics and z-score.
///
/// | transform | formula | missing (NaN) |
/// |---|---|---|
/// | `None` | `v` | not finite |
/// | `Decibel` | `10 log10 v` | not finite, or `v <= 0` |
/// | `Log1p` | `ln(1 + v)` | not finite, or `v < 0` |
/// | `LandCoverRoughness` | the table below | no class of the table |
///
/// `LandCoverRoughness` replaces an IGBP class by the roughness parameter h of SMAP's single
/// channel algorithm, because one channel cannot be one-hot and the class number itself orders
/// nothing:
///
/// | class | h | | class | h |
/// |---|---|---|---|---|
/// | 0 and 17, water | 0 | | 9 savanna | 0.156 |
/// | 1 evergreen needleleaf | 0.160 | | 10 grassland | 0.156 |
/// | 2 evergreen broadleaf | 0.160 | | 11 permanent wetland | 0 |
/// | 3 deciduous needleleaf | 0.160 | | 12 cropland | 0.108 |
/// | 4 deciduous broadleaf | 0.160 | | 13 urban | 0 |
/// | 5 mixed forest | 0.160 | | 14 cropland and natural mosaic | 0.130 |
/// | 6 closed shrubland | 0.110 | | 15 snow and ice | 0 |
/// | 7 open shrubland | 0.110 | | 16 barren | 0.150 |
/// | 8 woody savanna | 0.125 | | | |
///
/// Water is 0 in SMAP files and 17 in MCD12Q1; both have no rough soil. Class 11 is where
/// published copies of the table differ (0, 0.100 and 0.156): 0 is taken here, the value that goes
/// with its zero vegetation parameters in the same row. Fill codes (254, 255), negative and broken
/// codes are missing.
///
/// # References
/// h by class: the single channel algorithm's parameter table of O'Neill et al., SMAP L2/L3 passive
/// soil moisture ATBD (JPL D-66480), as three independent codes carry it; they agree save for
/// class 11.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// The value itself.
    None,
    /// Linear power to decibel.
    Decibel,
    /// Natural logarithm of one plus the value, for amounts with a long tail.
    Log1p,
    /// IGBP class to the roughness parameter h.
    LandCoverRoughness,
}

/// Roughness parameter h by IGBP class 0 to 17, see [`Transform`].
const ROUGHNESS_BY_IGBP_CLASS: [f32; 18] = [
    0.0, 0.160, 0.160, 0.160, 0.160, 0.160, 0.110, 0.110, 0.125, 0.156, 0.156, 0.0, 0.108, 0.0,
    0.130, 0.0, 0.150, 0.0,
];

impl Transform {
    /// Transforms one value; NaN where it is missing or outside the transform's domain.
    ///
    /// # Shapes and units
    /// A scalar in the field's units; the result is in dB for `Decibel` and a plain number for
    /// `Log1p` and `LandCoverRoughness`. Logarithms are taken in f64.
    /// # Missing values
    /// NaN stays NaN; infinities become NaN; so does what the table above calls missing.
    /// # Examples
    /// ```
    /// use vadose_scene::Transform;
    ///
    /// assert_eq!(Transform::Decibel.apply(0.01), -20.0);
    /// assert!(Transform::Decibel.apply(0.0).is_nan());
    /// assert_eq!(Transform::LandCoverRoughness.apply(12.0), 0.108); // cropland
    /// assert!(Transform::LandCoverRoughness.apply(254.0).is_nan()); // fill
    /// ```
    pub fn apply(self, value: f32) -> f32 {
        if !value.is_finite() {
            return f32::NAN;
        }
        match self {
            Transform::None => value,
            Transform::Decibel if value > 0.0 => (10.0 * f64::from(value).log10()) as f32,
            Transform::Log1p if value >= 0.0 => f64::from(value).ln_1p() as f32,
            Transform::LandCoverRoughness => roughness(value),
            Transform::Decibel | Transform::Log1p => f32::NAN,
        }
    }
}

fn roughness(class: f32) -> f32 {
    let is_class = class >= 0.0 && class.fract() == 0.0;
    is_class
        .then(|| ROUGHNESS_BY_IGBP_CLASS.get(class as usize).copied())
        .flatten()
        .unwrap_or(f32::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Transform; 4] = [
        Transform::None,
        Transform::Decibel,
        Transform::Log1p,
        Transform::LandCoverRoughness,
    ];

    #[test]
    fn missing_stays_missing() {
        for transform in ALL {
            for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                assert!(transform.apply(value).is_nan(), "{transform:?} of {value}");
            }
        }
    }

    #[test]
    fn values_outside_the_domain_are_missing() {
        assert!(Transform::Decibel.apply(0.0).is_nan());
        assert!(Transform::Decibel.apply(-0.1).is_nan());
        assert!(Transform::Log1p.apply(-0.5).is_nan());
        assert_eq!(Transform::Log1p.apply(0.0), 0.0);
    }

    #[test]
    fn decibel_of_powers_of_ten_is_exact() {
        assert_eq!(Transform::Decibel.apply(1.0), 0.0);
        assert_eq!(Transform::Decibel.apply(100.0), 20.0);
        assert!(Transform::Decibel.apply(f32::MIN_POSITIVE).is_finite());
        assert!(Transform::Decibel.apply(f32::MAX).is_finite());
    }

    #[test]
    fn both_water_codes_agree_and_every_class_has_a_roughness() {
        let h = |class: f32| Transform::LandCoverRoughness.apply(class);
        assert_eq!(h(0.0), h(17.0));
        assert!((0..=17).all(|class| (0.0..=0.16).contains(&h(class as f32))));
        assert_eq!(
            (h(10.0), h(11.0), h(14.0), h(16.0)),
            (0.156, 0.0, 0.130, 0.150)
        );
    }

    #[test]
    fn codes_that_are_no_class_are_missing() {
        for code in [-1.0, 18.0, 254.0, 255.0, 3.5, f32::MAX] {
            assert!(Transform::LandCoverRoughness.apply(code).is_nan(), "{code}");
        }
    }

    #[test]
    fn names_in_files_are_snake_case() {
        let names: Vec<_> = ALL
            .iter()
            .map(|t| serde_json::to_string(t).unwrap())
            .collect();
        assert_eq!(
            names,
            [
                "\"none\"",
                "\"decibel\"",
                "\"log1p\"",
                "\"land_cover_roughness\""
            ]
        );
    }
}
