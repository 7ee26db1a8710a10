//! Properties of the forward model and of its inversion, over the whole range of surfaces.

use proptest::prelude::*;
use vadose_physics::{
    CellStatus, Dielectric, InversionConfig, Polarization, Roughness, SingleChannelCell, Surface,
    TauOmegaConfig, porosity,
};

/// The root is found to 1e-6 m3 m-3; the rest is the rounding of the forward model where it is
/// flat.
const ROUND_TRIP_M3M3: f64 = 1e-5;

fn surfaces() -> impl Strategy<Value = Surface> {
    (
        0.0..60.0_f64,
        274.0..320.0_f64,
        0.0..1.5_f64,
        0.0..0.3_f64,
        0.0..0.12_f64,
        0.0..1.0_f64,
    )
        .prop_map(
            |(clay_percent, temperature_kelvin, h, q, albedo, tau_slant)| Surface {
                clay_percent,
                temperature_kelvin,
                roughness: Roughness { h, q },
                albedo,
                tau_slant,
            },
        )
}

fn dielectrics() -> impl Strategy<Value = Dielectric> {
    prop_oneof![Just(Dielectric::Mironov2009), Just(Dielectric::Mironov2013)]
}

fn polarizations() -> impl Strategy<Value = Polarization> {
    prop_oneof![Just(Polarization::H), Just(Polarization::V)]
}

fn config(dielectric: Dielectric) -> TauOmegaConfig {
    TauOmegaConfig {
        dielectric,
        ..TauOmegaConfig::default()
    }
}

proptest! {
    #[test]
    fn brightness_temperature_falls_with_moisture(
        surface in surfaces(),
        dielectric in dielectrics(),
        drier in 0.02..0.6_f64,
        added in 0.001..0.2_f64,
    ) {
        let model = config(dielectric).build().unwrap();
        let dry = model.brightness_temperature(drier, &surface);
        let wet = model.brightness_temperature(drier + added, &surface);
        prop_assert!(wet.tb_v_kelvin < dry.tb_v_kelvin);
        prop_assert!(wet.tb_h_kelvin < dry.tb_h_kelvin);
    }

    #[test]
    fn vertical_channel_is_the_warmer_one(
        surface in surfaces(),
        moisture in 0.02..0.6_f64,
    ) {
        let model = TauOmegaConfig::default().build().unwrap();
        let tb = model.brightness_temperature(moisture, &surface);
        prop_assert!(tb.tb_v_kelvin >= tb.tb_h_kelvin);
        prop_assert!(tb.tb_v_kelvin <= surface.temperature_kelvin);
    }

    #[test]
    fn inversion_undoes_the_forward_model(
        surface in surfaces(),
        dielectric in dielectrics(),
        polarization in polarizations(),
        bulk_density_g_cm3 in 0.6..1.8_f64,
        share in 0.0..1.0_f64,
    ) {
        let inverter = InversionConfig {
            tau_omega: config(dielectric),
            ..InversionConfig::default()
        }
        .build()
        .unwrap();
        let moisture = 0.02 + share * (porosity(bulk_density_g_cm3) - 0.02);
        let tb = inverter.model().brightness_temperature(moisture, &surface);
        let tb_kelvin = match polarization {
            Polarization::H => tb.tb_h_kelvin,
            Polarization::V => tb.tb_v_kelvin,
        };
        let cell = SingleChannelCell { tb_kelvin, surface, bulk_density_g_cm3, land_cover: None };
        let found = inverter.invert_single_channel(polarization, &cell);
        if found.status == CellStatus::Insensitive {
            // Rough soil under dense vegetation: refused, not wrong.
            prop_assert!(found.soil_moisture_m3m3.is_nan());
        } else {
            prop_assert!((found.soil_moisture_m3m3 - moisture).abs() <= ROUND_TRIP_M3M3);
        }
    }

    #[test]
    fn a_value_lies_within_the_bounds_whatever_the_observation(
        surface in surfaces(),
        polarization in polarizations(),
        tb_kelvin in 60.0..340.0_f64,
        bulk_density_g_cm3 in 0.1..2.5_f64,
    ) {
        let inverter = InversionConfig::default().build().unwrap();
        let cell = SingleChannelCell { tb_kelvin, surface, bulk_density_g_cm3, land_cover: None };
        let found = inverter.invert_single_channel(polarization, &cell);
        prop_assert_eq!(found.status.has_value(), found.soil_moisture_m3m3.is_finite());
        if found.status.has_value() {
            let bounds = 0.02..=porosity(bulk_density_g_cm3);
            prop_assert!(bounds.contains(&found.soil_moisture_m3m3));
        }
    }
}
