//! D and its adjoint on a map of CONUS.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use candle_core::{Device, Tensor};
use clap::{Subcommand, ValueEnum};
use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use vadose_ops::{CoarseConfig, CoarseOperator};

use crate::duel::{Answer, Arguments, Inputs, Results, write};

/// CONUS at 1 km.
const SHAPE: (usize, usize) = (2646, 5697);
const SEED: u64 = 20_150_410;
/// Lakes: how many, and the largest radius, cells.
const LAKES: usize = 3000;
const LARGEST_LAKE: usize = 25;
/// Share of single cells without a value.
const MISSING: f64 = 0.02;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write a mask with lakes and single gaps, a map, and values of coarse cells.
    Inputs { output: PathBuf },
    /// Apply D or its adjoint.
    Run(Arguments<Work>),
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Work {
    /// D, made for its mask and applied.
    Forward,
    /// Its adjoint, likewise.
    Adjoint,
    /// D, made before.
    ForwardKept,
    /// Its adjoint, made before.
    AdjointKept,
}

pub(crate) fn write_inputs(output: &Path) -> Result<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let (rows, cols) = SHAPE;
    let mut mask =
        Array2::from_shape_simple_fn(SHAPE, || f32::from(u8::from(!rng.random_bool(MISSING))));
    for _ in 0..LAKES {
        let (row, col) = (rng.random_range(0..rows), rng.random_range(0..cols));
        let radius = rng.random_range(1..=LARGEST_LAKE);
        for at in row.saturating_sub(radius)..(row + radius).min(rows) {
            let half = radius - at.abs_diff(row);
            for cell in col.saturating_sub(half)..(col + half).min(cols) {
                mask[[at, cell]] = 0.0;
            }
        }
    }
    let map = Array2::from_shape_simple_fn(SHAPE, || rng.random_range(0.02..0.5_f32));
    let coarse = operator(&mask)?.apply(map.view())?;
    let coarse = coarse.mapv(|value| if value.is_nan() { 0.0 } else { value });
    write(
        output,
        vec![
            named("mask", mask)?,
            named("map", map)?,
            named("coarse", coarse)?,
        ],
    )
}

pub(crate) fn run(arguments: &Arguments<Work>) -> Result<Answer> {
    let inputs = arguments.start()?;
    let mask = array(&inputs, "mask")?;
    let kept = operator(&mask)?;
    let (map, coarse) = (array(&inputs, "map")?, array(&inputs, "coarse")?);
    match arguments.work {
        Work::Forward => arguments.measure(|| Ok(operator(&mask)?.apply(map.view())?), results),
        Work::Adjoint => {
            arguments.measure(|| Ok(operator(&mask)?.adjoint(coarse.view())?), results)
        }
        Work::ForwardKept => arguments.measure(|| Ok(kept.apply(map.view())?), results),
        Work::AdjointKept => arguments.measure(|| Ok(kept.adjoint(coarse.view())?), results),
    }
}

fn operator(mask: &Array2<f32>) -> Result<CoarseOperator> {
    Ok(CoarseOperator::new(mask.view(), &CoarseConfig::default())?)
}

/// What is missing is compared as zero.
fn results(found: Array2<f32>) -> Result<Results> {
    let found = found.mapv_into(|value| if value.is_nan() { 0.0 } else { value });
    Ok(vec![named("result", found)?])
}

fn named(name: &str, array: Array2<f32>) -> Result<(String, Tensor)> {
    let shape = array.dim();
    let values = array.into_raw_vec_and_offset().0;
    Ok((
        name.to_owned(),
        Tensor::from_vec(values, shape, &Device::Cpu)?,
    ))
}

fn array(inputs: &Inputs, name: &str) -> Result<Array2<f32>> {
    let tensor = inputs.tensor(name)?;
    let values = tensor.flatten_all()?.to_vec1()?;
    Array2::from_shape_vec(tensor.dims2()?, values).context("the file says so")
}
