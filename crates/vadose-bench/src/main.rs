//! The measuring side of `cargo xtask bench`, which starts it in processes of their own.
//!
//! For each subject, `inputs` writes what all programs of the comparison compute, and `run` is ours among them,
//! with the command line that the programs in `peers/` have too; `compare` says how far two results differ.
//! `nn bf16` says how far reduced precision leads; `nn peak` and `nn layers` relate times to the machine's
//! arithmetic. `grid proj` is PROJ, a peer that is a library. Every answer is JSON on standard output.
#![forbid(unsafe_code)]

mod compare;
mod duel;
mod grid;
mod inputs;
mod ismn;
mod layers;
mod metrics;
mod model;
mod ops;
mod run;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use serde::Serialize;

/// Measurements for `cargo xtask bench`.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    subject: Subject,
}

#[derive(Subcommand)]
enum Subject {
    /// The network `paper`.
    #[command(subcommand)]
    Nn(Nn),
    /// EASE-Grid 2.0.
    #[command(subcommand)]
    Grid(grid::Command),
    /// D and its adjoint.
    #[command(subcommand)]
    Ops(ops::Command),
    /// Metrics with intervals.
    #[command(subcommand)]
    Metrics(metrics::Command),
    /// Station archives.
    #[command(subcommand)]
    Ismn(ismn::Command),
    /// Print the largest difference of two results, tensor by tensor.
    Compare {
        /// The result that differences are relative to.
        reference: PathBuf,
        /// The other one.
        other: PathBuf,
    },
}

#[derive(Subcommand)]
enum Nn {
    /// Write weights, encoded tiles and targets of a granule.
    Inputs {
        /// An SPL2SMAP_S granule.
        granule: PathBuf,
        /// The safetensors file to write.
        output: PathBuf,
    },
    /// Run the network: results to a file, or times.
    Run(run::Arguments),
    /// Print the largest difference of the output in bf16 from that in f32, m3 m-3.
    Bf16 {
        /// What `inputs` has written.
        inputs: PathBuf,
        #[arg(long)]
        threads: usize,
    },
    /// Measure how many multiply-adds the processor can do.
    Peak {
        #[arg(long)]
        threads: usize,
    },
    /// Time a training step convolution by convolution.
    Layers {
        /// What `inputs` has written.
        inputs: PathBuf,
        #[arg(long)]
        threads: usize,
        #[arg(long)]
        runs: usize,
    },
}

fn main() -> Result<()> {
    match Cli::parse().subject {
        Subject::Nn(command) => nn(command),
        Subject::Grid(command) => match command {
            grid::Command::Inputs { output } => grid::write_inputs(&output),
            grid::Command::Run(arguments) => print(&grid::run(&arguments)?),
            #[cfg(feature = "proj")]
            grid::Command::Proj(arguments) => print(&grid::run_proj(&arguments)?),
        },
        Subject::Ops(command) => match command {
            ops::Command::Inputs { output } => ops::write_inputs(&output),
            ops::Command::Run(arguments) => print(&ops::run(&arguments)?),
        },
        Subject::Metrics(command) => match command {
            metrics::Command::Inputs { output } => metrics::write_inputs(&output),
            metrics::Command::Run(arguments) => print(&metrics::run(&arguments)?),
        },
        Subject::Ismn(command) => match command {
            ismn::Command::Inputs { output } => ismn::write_inputs(&output),
            ismn::Command::Run(arguments) => print(&ismn::run(&arguments)?),
        },
        Subject::Compare { reference, other } => print(&compare::files(&reference, &other)?),
    }
}

fn nn(command: Nn) -> Result<()> {
    match command {
        Nn::Inputs { granule, output } => print(&inputs::write(&granule, &output)?),
        Nn::Run(arguments) => print(&run::run(&arguments)?),
        Nn::Bf16 { inputs, threads } => {
            set_threads(threads)?;
            print(&run::bf16_difference(&inputs)?)
        }
        Nn::Peak { threads } => print(&vadose_nn::kernels::peak::fma_peak_gflops(threads)),
        Nn::Layers {
            inputs,
            threads,
            runs,
        } => {
            set_threads(threads)?;
            print(&layers::measure(&inputs, runs)?)
        }
    }
}

/// Lets rayon use so many threads.
fn set_threads(threads: usize) -> Result<()> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .context("the threads are set once")
}

fn print(answer: &impl Serialize) -> Result<()> {
    println!("{}", serde_json::to_string(answer)?);
    Ok(())
}
