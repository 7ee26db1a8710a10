//! A landscape with known soil moisture, and what simulated instruments and stations see of it.
//!
//! | what | where |
//! |---|---|
//! | static layers of a window; the state of the ground at an overpass | [`Layers`], [`Ground`] |
//! | passes of SMAP and scenes of Sentinel-1 | [`orbit`] |
//! | brightness temperature: emission, footprint, noise | [`radiometer`] |
//! | backscatter of a scene | [`radar`] |
//! | what the operational processors make of both | [`product`] |
#![forbid(unsafe_code)]

mod draw;
mod error;
mod footprint;
mod ground;
mod layers;
pub mod orbit;
pub mod product;
pub mod radar;
pub mod radiometer;
#[cfg(test)]
mod test_ground;

pub use error::TwinError;
pub use ground::Ground;
pub use layers::Layers;
