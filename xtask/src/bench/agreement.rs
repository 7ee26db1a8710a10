//! Whether all programs compute the same thing; asked before anything is timed.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde::Deserialize;

use super::contender::{Contender, Work};

/// Largest difference of two outputs over the largest output: some ten f32 roundings in sums of up to a
/// thousand terms.
const OUTPUT_TOLERANCE: f64 = 1e-5;
/// The same for the losses of the first steps: a mean of outputs, moved by a step that saw the gradients.
const LOSS_TOLERANCE: f64 = 1e-5;
/// The same for the gradient of a weight. Sums run over 851,968 cells in different orders, and where two
/// values of a pooling window, or a pre-activation and zero, differ by a rounding, programs send the
/// gradient of a cell different ways.
const GRADIENT_TOLERANCE: f64 = 2e-3;

/// How far a tensor of one program differs from ours.
#[derive(Debug, Deserialize)]
pub(super) struct Difference {
    pub(super) tensor: String,
    /// `null` in JSON stands for what is no number.
    pub(super) relative: Option<f64>,
}

/// The largest differences of a program from ours, relative to the largest value of each tensor.
#[derive(Debug, PartialEq)]
pub(super) struct Agreement {
    pub(super) name: &'static str,
    pub(super) output: f64,
    pub(super) gradient: f64,
    pub(super) loss: f64,
}

/// Compares every program that trains with the first. One that is stopped before it has results has no entry.
///
/// # Errors
/// If one differs by more than the tolerances, with the tensor that does.
pub(super) fn check(
    contenders: &[Contender],
    inputs: &Path,
    folder: &Path,
) -> Result<Vec<Agreement>> {
    let (ours, others) = contenders.split_first().expect("ours is the first");
    let file = |idx: usize| -> PathBuf { folder.join(format!("results-{idx}.safetensors")) };
    ours.write_results(inputs, &file(0))?;
    let mut agreements = Vec::new();
    let training = others.iter().filter(|one| one.does(Work::Step));
    for (idx, other) in training.enumerate() {
        let file_of_other = file(idx + 1);
        if !other.write_results(inputs, &file_of_other)? {
            println!("  {:<23} was stopped", other.name);
            continue;
        }
        let answer = ours.tool(&["compare".as_ref(), file(0).as_ref(), file_of_other.as_ref()])?;
        let agreement = judge(other.name, &serde_json::from_str::<Vec<_>>(&answer)?)?;
        println!(
            "  {:<23} output {:.1e}, gradients {:.1e}, losses {:.1e}",
            agreement.name, agreement.output, agreement.gradient, agreement.loss
        );
        agreements.push(agreement);
    }
    Ok(agreements)
}

fn judge(name: &'static str, differences: &[Difference]) -> Result<Agreement> {
    let mut agreement = Agreement {
        name,
        output: 0.0,
        gradient: 0.0,
        loss: 0.0,
    };
    for Difference { tensor, relative } in differences {
        let (largest, tolerance) = match tensor.as_str() {
            "output" => (&mut agreement.output, OUTPUT_TOLERANCE),
            "losses" => (&mut agreement.loss, LOSS_TOLERANCE),
            _ => (&mut agreement.gradient, GRADIENT_TOLERANCE),
        };
        let relative = relative.unwrap_or(f64::INFINITY);
        if relative > tolerance {
            bail!(
                "{name}: `{tensor}` differs from ours by {relative:.1e}, more than {tolerance:.0e}"
            );
        }
        *largest = largest.max(relative);
    }
    Ok(agreement)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(tensor: &str, relative: Option<f64>) -> Difference {
        Difference {
            tensor: tensor.into(),
            relative,
        }
    }

    #[test]
    fn the_largest_difference_of_each_kind_is_kept() {
        let differences = [
            difference("head.weight", Some(1e-6)),
            difference("head.bias", Some(1e-4)),
            difference("output", Some(1e-7)),
            difference("losses", Some(2e-7)),
        ];
        let agreement = judge("Keras", &differences).unwrap();
        assert_eq!(agreement.gradient, 1e-4);
        assert_eq!((agreement.output, agreement.loss), (1e-7, 2e-7));
    }

    #[test]
    fn an_output_that_differs_is_an_error() {
        let error = judge("Keras", &[difference("output", Some(1e-3))]).unwrap_err();
        assert!(error.to_string().contains("`output`"), "{error}");
    }

    #[test]
    fn what_is_no_number_differs() {
        assert!(judge("Keras", &[difference("head.bias", None)]).is_err());
    }
}
