//! What the end-to-end tests share: the real granules, the program, a small training run, and a small
//! simulated archive.
//!
//! The tests drive the program as its users do and read its files with other people's programs, so
//! nothing here uses the libraries under test.

#![forbid(unsafe_code)]

pub mod granule;
pub mod program;
pub mod training;
pub mod twin;

pub use program::{Run, vadose};
