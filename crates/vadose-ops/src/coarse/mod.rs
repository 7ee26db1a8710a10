//! D: from a 1 km map to the 9 km values that a coarse product would report.

mod config;
mod kernel;
mod operator;
mod passes;
#[cfg(test)]
mod tests;

pub use config::{CoarseConfig, CoarseMode};
pub(crate) use kernel::{CoarseKernel, Geometry};
pub use operator::CoarseOperator;
pub(crate) use operator::Inner;
