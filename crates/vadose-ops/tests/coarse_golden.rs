//! D and its transpose against scipy (`golden/coarse/SOURCE.md`).

use ndarray::Array2;
use vadose_ops::{CoarseConfig, CoarseOperator, LowPass};

/// m3 m-3: f32 rounding of values up to 0.4 through two filter sums, a few times 3e-8.
const MAX_COARSE_ERR: f32 = 2e-7;

/// Per unit residual of at most 3, spread over 81 cells and more: f32 rounding of values up to 0.04.
const MAX_ADJOINT_ERR: f32 = 2e-8;

fn read(text: &str) -> Array2<f32> {
    let rows: Vec<Vec<f32>> = text
        .lines()
        .map(|line| {
            line.split_whitespace()
                .map(|value| value.parse().expect("a number"))
                .collect()
        })
        .collect();
    let shape = (rows.len(), rows[0].len());
    Array2::from_shape_vec(shape, rows.concat()).expect("rows of one length")
}

fn assert_close(ours: &Array2<f32>, theirs: &Array2<f32>, limit: f32) {
    assert_eq!(ours.dim(), theirs.dim());
    for ((cell, ours), theirs) in ours.indexed_iter().zip(theirs) {
        assert_eq!(ours.is_nan(), theirs.is_nan(), "{cell:?}");
        assert!(
            ours.is_nan() || (ours - theirs).abs() <= limit,
            "{cell:?}: {ours} against {theirs}"
        );
    }
}

fn check(low_pass: LowPass, coarse: &str, adjoint: &str) {
    let mask = read(include_str!("golden/coarse/mask.txt"));
    let config = CoarseConfig {
        low_pass,
        ..CoarseConfig::default()
    };
    let operator = CoarseOperator::new(mask.view(), &config).expect("golden inputs are valid");
    let map = read(include_str!("golden/coarse/map.txt"));
    assert_close(
        &operator.apply(map.view()).expect("golden inputs are valid"),
        &read(coarse),
        MAX_COARSE_ERR,
    );
    let residual = read(include_str!("golden/coarse/residual.txt"));
    assert_close(
        &operator
            .adjoint(residual.view())
            .expect("golden inputs are valid"),
        &read(adjoint),
        MAX_ADJOINT_ERR,
    );
}

#[test]
fn gaussian_matches_scipy() {
    check(
        LowPass::default(),
        include_str!("golden/coarse/coarse_gaussian.txt"),
        include_str!("golden/coarse/adjoint_gaussian.txt"),
    );
}

#[test]
fn box_matches_scipy() {
    check(
        LowPass::Box { width: 9 },
        include_str!("golden/coarse/coarse_box.txt"),
        include_str!("golden/coarse/adjoint_box.txt"),
    );
}

#[test]
fn plain_mean_matches_numpy() {
    check(
        LowPass::None,
        include_str!("golden/coarse/coarse_none.txt"),
        include_str!("golden/coarse/adjoint_none.txt"),
    );
}
