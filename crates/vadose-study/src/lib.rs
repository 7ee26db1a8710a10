//! Comparisons of retrieval methods on the same samples, and the demonstration experiment.
//!
//! Unpublished: the program and the workspace's own studies use it. What is compared is compared on the same
//! cells, and what a comparison cannot show is said in its output.
#![forbid(unsafe_code)]

pub mod demo;
mod error;
pub mod evaluation;
mod files;
mod history;
mod learning_curves;
mod phase;
pub mod report;
mod ridge;
pub mod sca;
pub mod study;
mod truth;
pub mod validate;

pub use error::StudyError;
pub use history::write_history;
pub use learning_curves::learning_curves;
pub use phase::{PhaseClock, PhaseTime, StudyObserver, peak_memory_bytes};
pub use ridge::QuadraticRidge;
pub use truth::TrueScenes;
