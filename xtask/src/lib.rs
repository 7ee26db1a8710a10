//! The workspace's automation, as a library: the program `cargo xtask` and the end-to-end tests share
//! it. There are no shell scripts; continuous integration calls `cargo xtask test` and nothing else.

#![forbid(unsafe_code)]

pub mod bench;
pub mod demo;
pub mod features;
pub mod fuzz;
pub mod golden;
mod page;
pub mod process;
pub mod python;
pub mod steps;
pub mod study;
pub mod system_packages;
pub mod tidy;
pub mod workspace;
