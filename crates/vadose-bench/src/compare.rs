//! How far two results differ.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use candle_core::{DType, Device, Tensor};
use serde::Serialize;

/// How far one tensor differs from its reference.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Difference {
    /// Its name.
    tensor: String,
    /// Largest difference of two values over the reference's largest value. NaN counts as infinite.
    relative: f64,
}

/// Compares all tensors of two safetensors files, which must have the same names and shapes.
pub(crate) fn files(reference: &Path, other: &Path) -> Result<Vec<Difference>> {
    let load = |path: &Path| -> Result<BTreeMap<String, Tensor>> {
        let tensors = candle_core::safetensors::load(path, &Device::Cpu);
        let tensors = tensors.with_context(|| format!("cannot read {}", path.display()))?;
        Ok(tensors.into_iter().collect())
    };
    tensors(&load(reference)?, &load(other)?)
}

fn tensors(
    reference: &BTreeMap<String, Tensor>,
    other: &BTreeMap<String, Tensor>,
) -> Result<Vec<Difference>> {
    ensure!(
        reference.keys().eq(other.keys()),
        "the results have other names"
    );
    reference
        .iter()
        .zip(other.values())
        .map(|((name, reference), other)| {
            ensure!(
                reference.dims() == other.dims(),
                "`{name}` has shape {:?} and {:?}",
                reference.dims(),
                other.dims()
            );
            let values =
                |tensor: &Tensor| tensor.flatten_all()?.to_dtype(DType::F64)?.to_vec1::<f64>();
            Ok(Difference {
                tensor: name.clone(),
                relative: relative(&values(reference)?, &values(other)?),
            })
        })
        .collect()
}

fn relative(reference: &[f64], other: &[f64]) -> f64 {
    // `f64::max` would pass over a NaN.
    let largest = |values: &mut dyn Iterator<Item = f64>| {
        values.fold(0.0, |largest: f64, value| match value.is_nan() {
            true => f64::INFINITY,
            false => largest.max(value.abs()),
        })
    };
    let difference = largest(&mut reference.iter().zip(other).map(|(a, b)| a - b));
    let scale = largest(&mut reference.iter().copied());
    if difference == 0.0 {
        0.0
    } else {
        difference / scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_is_relative_to_the_largest_value() {
        assert_eq!(relative(&[4.0, 0.0], &[4.0, 1.0]), 0.25);
        assert_eq!(relative(&[0.0], &[0.0]), 0.0);
    }

    #[test]
    fn a_value_that_is_no_number_differs_infinitely() {
        assert_eq!(relative(&[1.0], &[f64::NAN]), f64::INFINITY);
    }

    #[test]
    fn results_of_other_names_are_refused() {
        let one = Tensor::new(&[1f32], &Device::Cpu).unwrap();
        let a = BTreeMap::from([("a".to_owned(), one.clone())]);
        let b = BTreeMap::from([("b".to_owned(), one)]);
        assert!(tensors(&a, &b).is_err());
        assert!(tensors(&a, &a).is_ok());
    }
}
