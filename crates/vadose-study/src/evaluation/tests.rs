use super::test_scenes::{Noisy, boxed, hours, sites, table};
use super::*;

/// Rounding of f32 maps near 0.3 m3 m-3.
const MAX_ROUNDING_M3M3: f64 = 1e-6;

fn config() -> EvaluationConfig {
    EvaluationConfig {
        station_block_cells: 1,
        truth_block_cells: 9,
        ..EvaluationConfig::default()
    }
}

fn comparison<'a>(evaluation: &'a Evaluation, population: Population) -> &'a Comparison {
    let of = |found: &&Comparison| found.population == population;
    evaluation.comparisons.iter().find(of).unwrap()
}

#[test]
fn table_holds_a_row_for_each_reference() {
    let methods = boxed(vec![Noisy::new("exact", 0.0, 0.0)]);
    let table = table(&methods);
    let n_days = hours().len();
    assert_eq!(table.rows_of(Population::Train).len(), 24 * n_days);
    assert_eq!(table.rows_of(Population::Validation).len(), 8 * n_days);
    assert_eq!(table.rows_of(Population::Test).len(), 16 * n_days);
    assert_eq!(table.rows_of(Population::Truth).len(), 100 * n_days);
    // A cell of the true field holds no station of any split.
    let held: Vec<_> = sites().iter().map(|site| site.cell).collect();
    for site in table.sites() {
        assert_eq!(
            site.population == Population::Truth,
            !held.contains(&site.cell)
        );
    }
    let estimates = table.estimates("exact").unwrap();
    for (row, estimate) in table.rows().iter().zip(estimates) {
        assert!((estimate - row.reference).abs() < MAX_ROUNDING_M3M3);
    }
}
