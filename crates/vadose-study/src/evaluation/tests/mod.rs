//! Tests on small scenes with known answers.

mod methods;
mod output;
mod samples;
mod scenes;
mod skill;

use self::scenes::{Noisy, boxed, table};
use super::*;

/// Rounding of f32 maps near 0.3 m3 m-3.
const MAX_ROUNDING_M3M3: f64 = 1e-6;

/// Every station by itself, and cells of the true field by 9 km cells, of which there are enough to resample.
fn config() -> EvaluationConfig {
    EvaluationConfig {
        station_block_cells: 1,
        truth_block_cells: 9,
        ..EvaluationConfig::default()
    }
}

fn evaluated(methods: Vec<Noisy>) -> Evaluation {
    Evaluation::of(&table(&boxed(methods)), &config(), 1).unwrap()
}

fn comparison(evaluation: &Evaluation, population: Population) -> &Comparison {
    let of = |found: &&Comparison| found.population == population;
    evaluation.comparisons.iter().find(of).unwrap()
}
