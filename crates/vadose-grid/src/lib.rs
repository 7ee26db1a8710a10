//! EASE-Grid 2.0 for Rust: projection, cells, exact nesting, windows and resampling.
//!
//! The grids on which NASA publishes SMAP (and much else) are equal-area grids on the WGS84
//! ellipsoid. This crate answers, in pure Rust and without a C library, where a coordinate lies
//! on them, which coarse cell holds which fine cell, and what a raster in another projection
//! amounts to on their cells.
//!
//! | what | where |
//! |---|---|
//! | the grids, their constants, forward and inverse projection, cells, nesting | [`EaseGrid2`] |
//! | a rectangle of cells of one grid | [`Window`] |
//! | area mean, area mode, nearest and bilinear onto a window | [`resample`] |
//!
//! Conventions: row 0 is the northernmost, indices start at 0, coordinates are `f64` in the unit
//! of their name, fields are `f32` with NaN where missing.
//!
//! # Examples
//! Boulder, Colorado, on the 1 km grid and on the 9 km grid that holds it:
//! ```
//! use vadose_grid::{Cell, EaseGrid2, LatLonDeg};
//!
//! let boulder = LatLonDeg { lat_deg: 40.0150, lon_deg: -105.2705 };
//! let cell = EaseGrid2::M01.locate(boulder)?;
//! assert_eq!(cell, Cell { row: 2603, col: 7203 });
//! assert_eq!(EaseGrid2::M01.parent(cell, EaseGrid2::M09)?, Cell { row: 289, col: 800 });
//! # Ok::<(), vadose_grid::GridError>(())
//! ```
//!
//! # Features
//! `proj`: [`resample`] from a raster in any coordinate reference system that PROJ knows.
#![forbid(unsafe_code)]

mod authalic;
mod batch;
mod cylindrical_equal_area;
mod ease_grid2;
mod error;
mod locate;
mod name;
mod nesting;
mod parameters;
mod point;
mod polar_azimuthal_equal_area;
pub mod resample;
mod trigonometry;
mod window;

pub use ease_grid2::EaseGrid2;
pub use error::GridError;
pub use point::{Cell, LatLonDeg, ProjectedM};
pub use window::Window;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
