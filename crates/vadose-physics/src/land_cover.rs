//! Land-cover classes and the vegetation and roughness parameters that SMAP ties to them.

use serde::{Deserialize, Serialize};

use crate::error::PhysicsError;

/// Land cover in the IGBP legend, numbered as in SMAP files (0 is water).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the names are the legend
pub enum IgbpClass {
    Water = 0,
    EvergreenNeedleleafForest = 1,
    EvergreenBroadleafForest = 2,
    DeciduousNeedleleafForest = 3,
    DeciduousBroadleafForest = 4,
    MixedForest = 5,
    ClosedShrubland = 6,
    OpenShrubland = 7,
    WoodySavanna = 8,
    Savanna = 9,
    Grassland = 10,
    Wetland = 11,
    Cropland = 12,
    Urban = 13,
    CroplandMosaic = 14,
    SnowAndIce = 15,
    Barren = 16,
}

/// Parameters of one land-cover class in the SMAP retrievals.
///
/// NASA averages them over the classes inside a cell, weighted by area, before a retrieval; where
/// the product stores them (`roughness_coefficient`, `albedo`, `vegetation_opacity`) the stored
/// values are the better input.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LandCoverParameters {
    /// Roughness height parameter of SCA, dimensionless.
    pub roughness_h: f64,
    /// Nadir opacity per vegetation water content, m2 kg-1.
    pub b_m2_kg: f64,
    /// Single-scattering albedo of SCA.
    pub albedo: f64,
    /// Single-scattering albedo of DCA.
    pub albedo_dual_channel: f64,
    /// Stem factor of the vegetation water content, kg m-2.
    pub stem_factor_kg_m2: f64,
}

/// Rows by class number: h, b, albedo (SCA), albedo (DCA), stem factor.
///
/// h: three independent public codes agree but for wetland, where they have 0, 0.100 and 0.156.
/// Stem factors: one public code of the SMAP vegetation water content. Albedo (SCA): codes that
/// cite the SMAP documents; cropland and urban are unverified. Albedo (DCA): a secondary source
/// (the CIMR algorithm document). b: unverified against the current SMAP document.
///
/// A fit of area-weighted classes to the stored fields of one SPL2SMP R18290 half orbit
/// gives for open shrubland h 0.109, b 0.110, albedo 0.050 and 0.070, as here; the
/// other classes are too rare in it to decide.
const PARAMETERS: [[f64; 5]; 17] = [
    [0.0, 0.0, 0.0, 0.0, 0.0],
    [0.160, 0.100, 0.050, 0.07, 15.96],
    [0.160, 0.100, 0.050, 0.07, 19.15],
    [0.160, 0.120, 0.050, 0.07, 7.98],
    [0.160, 0.120, 0.050, 0.07, 12.77],
    [0.160, 0.110, 0.050, 0.07, 12.77],
    [0.110, 0.110, 0.050, 0.08, 3.00],
    [0.110, 0.110, 0.050, 0.07, 1.50],
    [0.125, 0.110, 0.050, 0.08, 4.00],
    [0.156, 0.110, 0.080, 0.10, 3.00],
    [0.156, 0.130, 0.050, 0.07, 1.50],
    [0.0, 0.0, 0.0, 0.10, 4.00],
    [0.108, 0.110, 0.050, 0.06, 3.50],
    [0.0, 0.100, 0.030, 0.08, 6.49],
    [0.130, 0.110, 0.065, 0.10, 3.25],
    [0.0, 0.0, 0.0, 0.00, 0.0],
    [0.150, 0.0, 0.0, 0.00, 0.0],
];

impl IgbpClass {
    /// Every class, by number.
    pub const ALL: [Self; 17] = [
        Self::Water,
        Self::EvergreenNeedleleafForest,
        Self::EvergreenBroadleafForest,
        Self::DeciduousNeedleleafForest,
        Self::DeciduousBroadleafForest,
        Self::MixedForest,
        Self::ClosedShrubland,
        Self::OpenShrubland,
        Self::WoodySavanna,
        Self::Savanna,
        Self::Grassland,
        Self::Wetland,
        Self::Cropland,
        Self::Urban,
        Self::CroplandMosaic,
        Self::SnowAndIce,
        Self::Barren,
    ];

    /// Whether the class is one of the five forests, IGBP 1 to 5.
    #[must_use]
    pub fn is_forest(self) -> bool {
        (1..=5).contains(&self.code())
    }

    /// The number in SMAP files.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The class's parameters in the SMAP retrievals; [`LandCoverParameters`] says which are
    /// uncertain.
    ///
    /// # Examples
    /// ```
    /// use vadose_physics::IgbpClass;
    /// let cropland = IgbpClass::try_from(12)?.parameters();
    /// assert_eq!((cropland.roughness_h, cropland.albedo), (0.108, 0.05));
    /// # Ok::<(), vadose_physics::PhysicsError>(())
    /// ```
    #[must_use]
    pub fn parameters(self) -> LandCoverParameters {
        let [
            roughness_h,
            b_m2_kg,
            albedo,
            albedo_dual_channel,
            stem_factor_kg_m2,
        ] = PARAMETERS[usize::from(self.code())];
        LandCoverParameters {
            roughness_h,
            b_m2_kg,
            albedo,
            albedo_dual_channel,
            stem_factor_kg_m2,
        }
    }
}

impl TryFrom<u8> for IgbpClass {
    type Error = PhysicsError;

    /// Reads the number in a SMAP file (water 0) or in MODIS MCD12Q1 (water 17).
    fn try_from(code: u8) -> Result<Self, PhysicsError> {
        let smap_code = if code == 17 { 0 } else { code };
        Self::ALL
            .get(usize::from(smap_code))
            .copied()
            .ok_or(PhysicsError::UnknownLandCover { code })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip_and_both_waters_are_water() {
        for class in IgbpClass::ALL {
            assert_eq!(IgbpClass::try_from(class.code()), Ok(class));
        }
        assert_eq!(IgbpClass::try_from(17), Ok(IgbpClass::Water));
        for code in [18, 99, 254, 255] {
            assert_eq!(
                IgbpClass::try_from(code),
                Err(PhysicsError::UnknownLandCover { code })
            );
        }
    }

    #[test]
    fn forests_are_classes_one_to_five() {
        let forests: Vec<u8> = IgbpClass::ALL
            .into_iter()
            .filter(|class| class.is_forest())
            .map(IgbpClass::code)
            .collect();
        assert_eq!(forests, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn parameters_follow_their_class() {
        let forest = IgbpClass::EvergreenNeedleleafForest.parameters();
        assert_eq!(forest.stem_factor_kg_m2, 15.96);
        let barren = IgbpClass::Barren.parameters();
        assert_eq!((barren.roughness_h, barren.b_m2_kg), (0.150, 0.0));
        let open_shrubland = IgbpClass::OpenShrubland.parameters();
        assert_eq!(
            (open_shrubland.albedo, open_shrubland.albedo_dual_channel),
            (0.05, 0.07)
        );
    }
}
