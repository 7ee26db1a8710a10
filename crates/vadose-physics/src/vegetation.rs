//! Vegetation water content from greenness, and vegetation opacity, vertical and along the view.

/// Vegetation water content from NDVI, as in the SMAP ancillary data.
///
/// `1.9134 ndvi^2 - 0.3215 ndvi + stem (ndvi_max - ndvi_min) / (1 - ndvi_min)`: leaves from the
/// current greenness, stems from the annual range.
///
/// # Shapes and units
/// NDVI: dimensionless; `ndvi_max` and `ndvi_min` over the year. `stem_factor_kg_m2`: kg m-2, by
/// land cover from [`crate::LandCoverParameters`]. Result: kg m-2.
/// # Missing values
/// NaN in gives NaN out.
/// # References
/// Chan, Bindlish, Hunt, Jackson and Kimball (2013), SMAP ancillary data report, vegetation water
/// content, JPL D-53061.
/// # Examples
/// ```
/// use vadose_physics::vegetation_water_content_kg_m2;
/// let maize = vegetation_water_content_kg_m2(0.6, 0.6, 0.1, 3.5);
/// assert!((maize - 2.440368444).abs() < 1e-9);
/// ```
#[must_use]
pub fn vegetation_water_content_kg_m2(
    ndvi: f64,
    ndvi_max: f64,
    ndvi_min: f64,
    stem_factor_kg_m2: f64,
) -> f64 {
    let leaves = 1.9134 * ndvi * ndvi - 0.3215 * ndvi;
    let stems = stem_factor_kg_m2 * (ndvi_max - ndvi_min) / (1.0 - ndvi_min);
    leaves + stems
}

/// Vertical vegetation opacity, `b` times water content.
///
/// # Shapes and units
/// `b_m2_kg`: m2 kg-1, by land cover. `vwc_kg_m2`: kg m-2. Result: dimensionless, for a vertical
/// path; the radiative transfer takes [`tau_slant_from_nadir`] of it.
/// # Missing values
/// NaN in gives NaN out.
/// # References
/// Jackson and Schmugge (1991), doi:10.1016/0034-4257(91)90057-D.
/// # Examples
/// ```
/// use vadose_physics::{tau_nadir, tau_slant_from_nadir};
/// let slant = tau_slant_from_nadir(tau_nadir(0.11, 2.0), 40.0);
/// assert!((slant - 0.2871896036531013).abs() < 1e-15);
/// ```
#[must_use]
pub fn tau_nadir(b_m2_kg: f64, vwc_kg_m2: f64) -> f64 {
    b_m2_kg * vwc_kg_m2
}

/// Opacity along the line of sight, from the vertical one: division by `cos(incidence_deg)`.
#[must_use]
pub fn tau_slant_from_nadir(tau_nadir: f64, incidence_deg: f64) -> f64 {
    tau_nadir / incidence_deg.to_radians().cos()
}

/// Vertical opacity, from the one along the line of sight: the inverse of [`tau_slant_from_nadir`].
#[must_use]
pub fn tau_nadir_from_slant(tau_slant: f64, incidence_deg: f64) -> f64 {
    tau_slant * incidence_deg.to_radians().cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounding of a few operations on numbers near 1.
    const ROUNDING: f64 = 1e-15;

    #[test]
    fn water_content_gives_the_reference_value() {
        /// The reference value is printed with nine decimals.
        const PRINTED_KG_M2: f64 = 6e-10;
        let vwc = vegetation_water_content_kg_m2(0.6, 0.6, 0.1, 3.5);
        approx::assert_abs_diff_eq!(vwc, 2.440368444, epsilon = PRINTED_KG_M2);
    }

    #[test]
    fn slant_and_nadir_opacity_round_trip() {
        let slant = tau_slant_from_nadir(0.3, 40.0);
        assert!(slant > 0.3);
        approx::assert_abs_diff_eq!(tau_nadir_from_slant(slant, 40.0), 0.3, epsilon = ROUNDING);
    }
}
