//! What the comparisons of single operations share: command line, clock, answer, results.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use candle_core::{Device, Tensor};
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::set_threads;

/// The command line of every program, those in `peers/` included; `W` is what it can be asked for.
#[derive(Args)]
pub(crate) struct Arguments<W: ValueEnum + Clone + Send + Sync + 'static> {
    /// What `inputs` has written.
    pub(crate) inputs: PathBuf,
    #[arg(long)]
    pub(crate) work: W,
    #[arg(long)]
    pub(crate) threads: usize,
    /// Calls to time, after one that does not count.
    #[arg(long)]
    pub(crate) runs: usize,
    /// Where to write the results.
    #[arg(long)]
    pub(crate) output: Option<PathBuf>,
}

/// What a program answers.
#[derive(Serialize)]
pub(crate) struct Answer {
    version: String,
    /// Seconds of each call, the first one left out.
    seconds: Vec<f64>,
}

/// Named results, as they are compared.
pub(crate) type Results = Vec<(String, Tensor)>;

impl<W: ValueEnum + Clone + Send + Sync + 'static> Arguments<W> {
    /// Lets rayon use as many threads as were asked for, and reads the inputs.
    pub(crate) fn start(&self) -> Result<Inputs> {
        set_threads(self.threads)?;
        Inputs::load(&self.inputs)
    }

    /// Times `call`, and writes what it gave the first time if that was asked for.
    pub(crate) fn measure<T>(
        &self,
        call: impl Fn() -> Result<T>,
        results: impl FnOnce(T) -> Result<Results>,
    ) -> Result<Answer> {
        self.measure_changing(|| (), |()| call(), results, env!("CARGO_PKG_VERSION"))
    }

    /// The same for a `call` that needs something prepared anew each time, which is not timed.
    pub(crate) fn measure_changing<S, T>(
        &self,
        prepare: impl Fn() -> S,
        call: impl Fn(S) -> Result<T>,
        results: impl FnOnce(T) -> Result<Results>,
        version: &str,
    ) -> Result<Answer> {
        let first = call(prepare())?;
        if let Some(path) = &self.output {
            write(path, results(first)?)?;
        }
        let seconds = (0..self.runs).map(|_| {
            let prepared = prepare();
            let start = Instant::now();
            let result = call(prepared)?;
            let seconds = start.elapsed().as_secs_f64();
            drop(result);
            Ok(seconds)
        });
        Ok(Answer {
            version: version.to_owned(),
            seconds: seconds.collect::<Result<_>>()?,
        })
    }
}

/// Named arrays that all programs of a comparison read.
pub(crate) struct Inputs(std::collections::HashMap<String, Tensor>);

impl Inputs {
    fn load(path: &Path) -> Result<Self> {
        let tensors = candle_core::safetensors::load(path, &Device::Cpu);
        let tensors = tensors.with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self(tensors))
    }

    pub(crate) fn tensor(&self, name: &str) -> Result<&Tensor> {
        let tensor = self.0.get(name);
        tensor.with_context(|| format!("the inputs have no `{name}`"))
    }

    pub(crate) fn vector(&self, name: &str) -> Result<Vec<f64>> {
        Ok(self.tensor(name)?.to_vec1()?)
    }
}

/// Writes named arrays.
pub(crate) fn write(path: &Path, tensors: Results) -> Result<()> {
    let tensors = tensors.into_iter().collect();
    candle_core::safetensors::save(&tensors, path)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// A named vector.
pub(crate) fn vector(name: &str, values: Vec<f64>) -> Result<(String, Tensor)> {
    let n = values.len();
    Ok((name.to_owned(), Tensor::from_vec(values, n, &Device::Cpu)?))
}
