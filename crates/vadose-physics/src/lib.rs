//! Soil dielectric, tau-omega emission, SMAP's soil-moisture inversions, radar backscatter and active-passive disaggregation.
//!
//! From the ground up: [`Dielectric`] turns soil moisture into a [`Permittivity`]; [`fresnel`] and
//! [`Roughness`] turn that into a rough-surface [`Reflectivity`]; [`TauOmega`] adds vegetation and
//! gives the brightness temperature; [`Inverter`] goes back from brightness temperature to soil
//! moisture with one channel (SCA-H, SCA-V) or two (DCA). Beside them stand the radar: [`oh_1992`]
//! and [`WaterCloud`] give the backscatter of bare and vegetated soil, and [`CoarseCell`] spreads
//! a coarse brightness temperature over fine cells by it (active-passive disaggregation).
//!
//! On a real half orbit of NASA's SPL2SMP the three inversions reproduce NASA's own numbers; the
//! test `tests/nasa_agreement.rs` holds them there, and the README gives the figures.
//!
//! # Conventions
//! Soil moisture is volumetric, m3 m-3. Temperatures are kelvin unless the name says otherwise.
//! Clay is percent where the argument says `clay_percent`. Vegetation opacity is always named
//! `tau_slant` (along the line of sight, as SMAP files store it) or `tau_nadir` (vertical);
//! [`tau_slant_from_nadir`] converts. Missing values are NaN going in, and come out as NaN with
//! the reason in a [`CellStatus`]; nothing here panics on data.
//!
//! # Example
//! ```
//! use vadose_physics::{
//!     InversionConfig, Polarization, Roughness, SingleChannelCell, Surface, TauOmegaConfig,
//! };
//!
//! let surface = Surface {
//!     clay_percent: 20.0,
//!     temperature_kelvin: 295.0,
//!     roughness: Roughness { h: 0.108, q: 0.0 },
//!     albedo: 0.05,
//!     tau_slant: 0.2871896036531013,
//! };
//! let tb = TauOmegaConfig::default().build()?.brightness_temperature(0.20, &surface);
//! assert!((tb.tb_v_kelvin - 262.6920).abs() < 1e-4);
//!
//! let inverter = InversionConfig::default().build()?;
//! let inversion = inverter.invert_single_channel(
//!     Polarization::V,
//!     &SingleChannelCell {
//!         tb_kelvin: tb.tb_v_kelvin,
//!         surface,
//!         bulk_density_g_cm3: 1.3,
//!         land_cover: None,
//!     },
//! );
//! assert!((inversion.soil_moisture_m3m3 - 0.20).abs() < 1e-6);
//! # Ok::<(), vadose_physics::PhysicsError>(())
//! ```
#![forbid(unsafe_code)]

mod active_passive;
mod bare_soil;
mod bracket;
mod dielectric;
mod dual_channel;
mod error;
mod fresnel;
mod inversion;
mod land_cover;
mod sensitivity;
mod single_channel;
mod soil;
mod status;
mod tau_omega;
mod vegetation;
mod water_cloud;

pub use active_passive::{
    ActivePassiveForm, CoarseCell, CoarseObservation, Covariation, Disaggregation,
    copolarized_by_cross_polarized,
};
pub use bare_soil::{Backscatter, oh_1992};
pub use dielectric::{Dielectric, Permittivity, SoilDielectric};
pub use dual_channel::{DualChannelCell, DualInversion};
pub use error::PhysicsError;
pub use fresnel::{DUAL_CHANNEL_Q_PER_H, Reflectivity, Roughness, fresnel};
pub use inversion::{FrozenSoil, InversionConfig, Inverter};
pub use land_cover::{IgbpClass, LandCoverParameters};
pub use sensitivity::Sensitivity;
pub use single_channel::{Inversion, Polarization, SingleChannelCell};
pub use soil::{
    FREEZING_KELVIN, Overpass, PARTICLE_DENSITY_G_CM3, effective_temperature_kelvin, porosity,
};
pub use status::CellStatus;
pub use tau_omega::{
    BrightnessTemperature, SMAP_FREQUENCY_HZ, SMAP_INCIDENCE_DEG, Surface, TauOmega, TauOmegaConfig,
};
pub use vegetation::{
    tau_nadir, tau_nadir_from_slant, tau_slant_from_nadir, vegetation_water_content_kg_m2,
};
pub use water_cloud::{
    BareSoil, CanopyParameters, SENTINEL1_FREQUENCY_HZ, WaterCloud, WaterCloudBackscatter,
    WaterCloudConfig,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
