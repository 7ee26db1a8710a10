//! The measuring side of `cargo xtask bench`, which starts it in processes of their own.
//!
//! `nn inputs` writes what all programs of the comparison compute; `nn run` is ours among them, with the
//! command line that the programs in `peers/` have too; `nn compare` says how far two results differ;
//! `nn bf16` how far reduced precision leads; `nn peak` and `nn layers` relate times to the machine's arithmetic. Every answer is JSON on standard output.
#![forbid(unsafe_code)]

mod compare;
mod inputs;
mod layers;
mod model;
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
    /// Print the largest difference of two results, tensor by tensor.
    Compare {
        /// The result that differences are relative to.
        reference: PathBuf,
        /// The other one.
        other: PathBuf,
    },
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
    let Subject::Nn(command) = Cli::parse().subject;
    match command {
        Nn::Inputs { granule, output } => print(&inputs::write(&granule, &output)?),
        Nn::Run(arguments) => print(&run::run(&arguments)?),
        Nn::Compare { reference, other } => print(&compare::files(&reference, &other)?),
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
