//! One module a command.

pub(crate) mod demo;
pub(crate) mod grid;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod metrics;
pub(crate) mod network;
pub(crate) mod predict;
pub(crate) mod retrieve;
pub(crate) mod sca;
pub(crate) mod simulate;
pub(crate) mod train;
pub(crate) mod validate;
