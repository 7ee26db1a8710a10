//! A landscape with known soil moisture, and what simulated instruments and stations see of it.
#![forbid(unsafe_code)]

mod layers;

pub use layers::Layers;
