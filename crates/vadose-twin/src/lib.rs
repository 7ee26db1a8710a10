//! A landscape with known soil moisture, and what simulated instruments and stations see of it.
//!
//! | what | where |
//! |---|---|
//! | static layers of a window; the state of the ground at an overpass | [`Layers`], [`Ground`] |
//! | passes of SMAP and scenes of Sentinel-1 | [`orbit`] |
//! | brightness temperature: emission, footprint, noise | [`radiometer`] |
#![forbid(unsafe_code)]

mod error;
mod footprint;
mod ground;
mod hash;
mod layers;
pub mod orbit;
pub mod radar;
pub mod radiometer;
#[cfg(test)]
mod test_ground;

pub use error::TwinError;
pub use ground::Ground;
pub use layers::Layers;
