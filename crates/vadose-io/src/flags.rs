//! The bits of SMAP's flag words, by name.
//!
//! Bits 7 and 11 of `surface_flag` mean different things in radiometer products and in
//! SPL2SMAP_S, so each has its own type. The bits of `retrieval_qual_flag` are set when the
//! statement of their long name is *false*; the variants here are named for what a set bit says.

/// One bit of a flag word as a file describes it: `flag_masks` and `flag_meanings`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlagBit {
    /// The bit.
    pub mask: u16,
    /// The file's own word for it.
    pub meaning: &'static str,
}

macro_rules! flag_bits {
    ($(#[$doc:meta])* $name:ident { $($(#[$bit_doc:meta])* $bit:ident = $mask:expr, $meaning:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$bit_doc])* $bit,)+ }

        impl $name {
            /// Every bit, lowest first.
            pub const ALL: &'static [$name] = &[$($name::$bit),+];

            /// Masks and meanings as the files write them, lowest bit first.
            pub const BITS: &'static [FlagBit] =
                &[$(FlagBit { mask: $mask, meaning: $meaning }),+];

            /// The bit's mask.
            #[must_use]
            pub const fn mask(self) -> u16 {
                match self { $($name::$bit => $mask,)+ }
            }

            /// Whether the bit is set in a flag word.
            #[must_use]
            pub const fn is_set_in(self, word: u16) -> bool {
                word & self.mask() != 0
            }

            /// The bits that are set in a flag word, lowest first.
            pub fn set_in(word: u16) -> impl Iterator<Item = $name> {
                $name::ALL.iter().copied().filter(move |bit| bit.is_set_in(word))
            }
        }
    };
}

flag_bits! {
    /// `surface_flag` of the radiometer products SPL2SMP and SPL2SMP_E.
    ///
    /// # Examples
    /// ```
    /// use vadose_io::flags::RadiometerSurfaceFlag::{self, DenseVegetation, StaticWater};
    ///
    /// let set: Vec<_> = RadiometerSurfaceFlag::set_in(1025).collect();
    /// assert_eq!(set, [StaticWater, DenseVegetation]);
    /// ```
    RadiometerSurfaceFlag {
        /// Static water body.
        StaticWater = 1, "static_water_body";
        /// Water body seen by the radar.
        RadarWater = 2, "radar_water_body_detection";
        /// Coast nearby.
        CoastalProximity = 4, "coastal_proximity";
        /// Urban area.
        Urban = 8, "urban_area";
        /// Precipitation.
        Precipitation = 16, "precipitation";
        /// Snow or ice.
        SnowOrIce = 32, "snow_or_ice";
        /// Permanent snow or ice.
        PermanentSnowOrIce = 64, "permanent_snow_or_ice";
        /// Frozen ground after the radiometer.
        RadiometerFrozenGround = 128, "radiometer_frozen_ground";
        /// Frozen ground after the model.
        ModelFrozenGround = 256, "model_frozen_ground";
        /// Mountainous terrain.
        Mountainous = 512, "mountainous_terrain";
        /// Dense vegetation.
        DenseVegetation = 1024, "dense_vegetation";
        /// Nadir region of the swath.
        NadirRegion = 2048, "nadir_region";
    }
}

flag_bits! {
    /// `surface_flag` of SPL2SMAP_S. The word [`NOTHING_TRIED_SURFACE`] says nothing.
    SentinelSurfaceFlag {
        /// Static water body.
        StaticWater = 1, "static_water_body_flag";
        /// Water body seen by the radar.
        RadarWater = 2, "radar_water_body_detection_flag";
        /// Coast nearby.
        CoastalProximity = 4, "coastal_proximity_flag";
        /// Urban area.
        Urban = 8, "urban_area_flag";
        /// Precipitation.
        Precipitation = 16, "precipitation_flag";
        /// Snow or ice.
        SnowOrIce = 32, "snow_or_ice_flag";
        /// Permanent snow or ice.
        PermanentSnowOrIce = 64, "permanent_snow_or_ice_flag";
        /// Frozen ground after the radar.
        RadarFrozenGround = 128, "radar_frozen_ground_flag";
        /// Frozen ground after the model.
        ModelFrozenGround = 256, "model_frozen_ground_flag";
        /// Mountainous terrain.
        Mountainous = 512, "mountainous_terrain_flag";
        /// Dense vegetation.
        DenseVegetation = 1024, "dense_vegetation_flag";
        /// Edge of the Sentinel-1 scene.
        SceneEdge = 2048, "scene_edge_flag";
        /// Anomalous sigma0.
        AnomalousSigma0 = 4096, "anomalous_sigma0_flag";
    }
}

flag_bits! {
    /// `retrieval_qual_flag` of SPL2SMP and SPL2SMP_E.
    RadiometerRetrievalFlag {
        /// The retrieval is not of recommended quality.
        NotRecommended = 1, "Soil_moisture_retrieval_recommended";
        /// No retrieval was attempted.
        NotAttempted = 2, "Soil_moisture_retrieval_attempted";
        /// The retrieval did not succeed.
        NotSuccessful = 4, "Soil_moisture_retrieval_success";
        /// The freeze/thaw retrieval did not succeed.
        FreezeThawNotSuccessful = 8, "FT_retrieval_success";
    }
}

flag_bits! {
    /// `retrieval_qual_flag` of SPL2SMAP_S. The word [`NOTHING_TRIED_RETRIEVAL`] says nothing.
    SentinelRetrievalFlag {
        /// The retrieval is not of recommended quality.
        NotRecommended = 1, "Retrieval_recommended_flag";
        /// No retrieval was attempted.
        NotAttempted = 2, "Retrieval_attempted_flag";
        /// The retrieval did not succeed.
        NotSuccessful = 4, "Retrieval_success_flag";
        /// The radar's detection of water did not succeed.
        RadarWaterNotSuccessful = 8, "Radar_water_body_detection_success_flag";
        /// The freeze/thaw retrieval did not succeed.
        FreezeThawNotSuccessful = 16, "Freeze-thaw_retrieval_success_flag";
        /// The radar vegetation index did not succeed.
        VegetationIndexNotSuccessful = 32, "Radar_vegetation_index_retrieval_success_flag";
        /// The disaggregated brightness temperature is of poor quality.
        PoorDisaggregatedTb = 64, "Disagreggated_brightness_temperature_quality";
        /// The soil moisture lies above the retrieval's upper threshold.
        AboveUpperThreshold = 128, "Soil_moisture_retrieval_upper_threshold_flag";
    }
}

flag_bits! {
    /// `disaggregated_tb_v_qual_flag` of SPL2SMAP_S. [`NOTHING_TRIED_DISAGGREGATION`] says nothing.
    DisaggregatedTbFlag {
        /// The disaggregated brightness temperature is of poor quality.
        PoorTb = 1, "Disagreggated_brightness_temperature_v-pol_quality";
        /// sigma0 VV is of poor quality.
        PoorSigma0Vv = 2, "Sigma0_vv_quality_flag";
        /// Cross-polarised sigma0 is of poor quality.
        PoorSigma0Xpol = 4, "Sigma0_xpol_quality_flag";
        /// The coarse brightness temperature is of poor quality.
        PoorCoarseTb = 8, "Brightness_temperature_v-pol_quality_flag";
        /// Interference detected in the brightness temperature.
        TbInterference = 16, "Brightness_temperature_v-pol_RFI_detected_flag";
        /// Interference in the brightness temperature was not corrected.
        TbInterferenceUncorrected = 32, "Brightness_temperature_v-pol_RFI_corrected_flag";
        /// Interference detected in sigma0 VV.
        Sigma0VvInterference = 64, "Sigma0_vv_RFI_detected_flag";
        /// Interference in sigma0 VV was not corrected.
        Sigma0VvInterferenceUncorrected = 128, "Sigma0_vv_RFI_corrected_flag";
        /// Interference detected in cross-polarised sigma0.
        Sigma0XpolInterference = 256, "Sigma0_xpol_RFI_detected_flag";
        /// Interference in cross-polarised sigma0 was not corrected.
        Sigma0XpolInterferenceUncorrected = 512, "Sigma0_xpol_RFI_corrected_flag";
        /// sigma0 VV is negative.
        NegativeSigma0Vv = 1024, "Negative_sigma0_vv_flag";
        /// Cross-polarised sigma0 is negative.
        NegativeSigma0Xpol = 2048, "Negative_sigma0_xpol_flag";
        /// No water correction of the brightness temperature.
        NoWaterCorrection = 4096, "Brightness_temperature_v-pol_water_correction_flag";
        /// Ascending rather than descending pass.
        Ascending = 8192, "Ascending_or_Descending_flag";
        /// SMAP and Sentinel-1 do not overlap.
        NoOverlap = 16384, "SMAP-Sentinel_Overlap_flag";
    }
}

flag_bits! {
    /// `tb_qual_flag_h` and `tb_qual_flag_v` of SPL2SMP and SPL2SMP_E.
    TbQualityFlag {
        /// Not of acceptable quality.
        Poor = 1, "quality";
        /// Outside the expected range.
        OutsideRange = 2, "range";
        /// Interference detected.
        Interference = 4, "RFI_detection";
        /// Interference was not corrected.
        InterferenceUncorrected = 8, "RFI_correction";
        /// Noise above the limit.
        Noise = 16, "NEDT";
        /// No correction of direct sun.
        NoDirectSunCorrection = 32, "direct_sun_correction";
        /// No correction of reflected sun.
        NoReflectedSunCorrection = 64, "reflected_sun_correction";
        /// No correction of reflected moon.
        NoReflectedMoonCorrection = 128, "reflected_moon_correction";
        /// No correction of direct galaxy.
        NoDirectGalaxyCorrection = 256, "direct_galaxy_correction";
        /// No correction of reflected galaxy.
        NoReflectedGalaxyCorrection = 512, "reflected_galaxy_correction";
        /// No correction of the atmosphere.
        NoAtmosphereCorrection = 1024, "atmosphere_correction";
        /// No correction of Faraday rotation.
        NoFaradayCorrection = 2048, "Faraday_rotation_correction";
        /// No value.
        Null = 4096, "null_value_bit";
        /// No water correction.
        NoWaterCorrection = 8192, "water_correction";
        /// Interference check.
        InterferenceCheck = 16384, "RFI_check";
        /// Interference clean.
        InterferenceClean = 32768, "RFI_clean";
    }
}

/// `surface_flag` of SPL2SMAP_S where nothing was tried: all thirteen bits, which describe nothing.
pub const NOTHING_TRIED_SURFACE: u16 = 8191;
/// `retrieval_qual_flag` of SPL2SMAP_S where nothing was tried.
pub const NOTHING_TRIED_RETRIEVAL: u16 = 199;
/// `disaggregated_tb_v_qual_flag` of SPL2SMAP_S where nothing was tried.
pub const NOTHING_TRIED_DISAGGREGATION: u16 = 32767;
/// Fill value of every 16-bit flag word and cell index.
pub const FILL_U16: u16 = 65534;

/// Whether a `retrieval_qual_flag` word of any product says 'recommended': bit 0 is clear.
///
/// The word 8 of SPL2SMP, where only the freeze/thaw retrieval failed, is recommended too.
///
/// # Examples
/// ```
/// assert!(vadose_io::flags::is_recommended(8));
/// assert!(!vadose_io::flags::is_recommended(1));
/// ```
#[must_use]
pub const fn is_recommended(retrieval_qual_flag: u16) -> bool {
    !RadiometerRetrievalFlag::NotRecommended.is_set_in(retrieval_qual_flag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surface_bits_7_and_11_differ_between_products() {
        let meaning = |bits: &[FlagBit], idx: usize| bits[idx].meaning.to_string();
        for idx in [7, 11] {
            let radiometer = meaning(RadiometerSurfaceFlag::BITS, idx);
            let sentinel = meaning(SentinelSurfaceFlag::BITS, idx);
            assert_ne!(format!("{radiometer}_flag"), sentinel);
        }
        assert!(RadiometerSurfaceFlag::NadirRegion.is_set_in(2048));
        assert!(SentinelSurfaceFlag::SceneEdge.is_set_in(2048));
    }

    #[test]
    fn every_table_has_single_bits_in_rising_order() {
        let tables = [
            RadiometerSurfaceFlag::BITS,
            SentinelSurfaceFlag::BITS,
            RadiometerRetrievalFlag::BITS,
            SentinelRetrievalFlag::BITS,
            DisaggregatedTbFlag::BITS,
            TbQualityFlag::BITS,
        ];
        for bits in tables {
            for (idx, bit) in bits.iter().enumerate() {
                assert_eq!(bit.mask, 1 << idx, "{}", bit.meaning);
            }
        }
    }

    #[test]
    fn nothing_tried_words_are_not_recommended() {
        assert!(!is_recommended(NOTHING_TRIED_RETRIEVAL));
        assert_eq!(
            SentinelSurfaceFlag::set_in(NOTHING_TRIED_SURFACE).count(),
            13
        );
        assert_eq!(
            DisaggregatedTbFlag::set_in(NOTHING_TRIED_DISAGGREGATION).count(),
            15
        );
    }
}
