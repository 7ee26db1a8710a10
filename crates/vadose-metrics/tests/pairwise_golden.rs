//! Peers' values: pytesmo, scipy and hydroeval on random series (`golden/pairwise/SOURCE.md`), and
//! one series of ten by hand.

use serde::Deserialize;
use vadose_metrics::{
    Skill, bias, kendall, kge, mse_parts, nse, pearson_r, rmse, rmse_minus_abs_bias, spearman,
    ubrmse,
};

/// Peers sum in another order: relative rounding of sums of up to 250 f64, and of the variance of
/// a spread of 0.01 about a mean of 250.
const PEER_RELATIVE: f64 = 1e-10;
/// The same where the value itself is near zero.
const PEER_ABSOLUTE: f64 = 1e-13;

#[derive(Deserialize)]
struct Case {
    name: String,
    estimate: Vec<Option<f64>>,
    reference: Vec<Option<f64>>,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    #[serde(flatten)]
    skill: Skill,
    mse_correlation: f64,
    mse_variance: f64,
    mse_bias: f64,
}

fn series(values: &[Option<f64>]) -> Vec<f64> {
    values
        .iter()
        .map(|value| value.unwrap_or(f64::NAN))
        .collect()
}

fn assert_close(what: &str, ours: f64, peer: f64) {
    let close = (ours - peer).abs() <= PEER_RELATIVE * peer.abs() + PEER_ABSOLUTE;
    assert!(close, "{what}: {ours} is not {peer}");
}

#[test]
fn every_metric_matches_the_peers() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("golden/pairwise/values.json")).unwrap();
    assert_eq!(cases.len(), 8);
    for case in &cases {
        let (estimate, reference) = (series(&case.estimate), series(&case.reference));
        let ours = Skill::of(&estimate, &reference).unwrap();
        let peer = case.expected.skill;
        assert_eq!(
            (ours.n, ours.dropped),
            (peer.n, peer.dropped),
            "{}",
            case.name
        );
        for (metric, ours, peer) in [
            ("bias", ours.bias, peer.bias),
            ("rmse", ours.rmse, peer.rmse),
            ("ubrmse", ours.ubrmse, peer.ubrmse),
            ("mae", ours.mae, peer.mae),
            ("r", ours.r, peer.r),
            ("spearman", ours.spearman, peer.spearman),
            ("kendall", ours.kendall, peer.kendall),
            ("nse", ours.nse, peer.nse),
            ("kge", ours.kge, peer.kge),
        ] {
            let what = format!("{} of {}", metric, case.name);
            assert_close(&what, ours.unwrap(), peer.unwrap());
        }
        let parts = mse_parts(&estimate, &reference).unwrap();
        assert_close(&case.name, parts.correlation, case.expected.mse_correlation);
        assert_close(&case.name, parts.variance, case.expected.mse_variance);
        assert_close(&case.name, parts.bias, case.expected.mse_bias);
    }
}

#[test]
fn ten_pairs_give_the_reference_values() {
    /// The reference values are given to sixteen digits: a few roundings of numbers near 1.
    const ROUNDING: f64 = 1e-14;
    /// The parts of the mean squared error are given with eight decimals or fewer.
    const PRINTED_PART: f64 = 6e-9;
    /// The compatibility metric is given with five decimals.
    const PRINTED_COMPATIBILITY: f64 = 6e-6;

    let x = [0.12, 0.18, 0.25, 0.31, 0.22, 0.15, 0.10, 0.28, 0.35, 0.20];
    let y = [0.10, 0.20, 0.22, 0.35, 0.20, 0.17, 0.08, 0.25, 0.40, 0.23];
    for (metric, got, expected) in [
        ("bias", bias(&x, &y), -0.004),
        ("rmse", rmse(&x, &y), 0.02966479394838266),
        ("ubrmse", ubrmse(&x, &y), 0.029393876913398145),
        ("r", pearson_r(&x, &y), 0.9576873992262249),
        ("spearman", spearman(&x, &y), 0.9544117035777014),
        ("kendall", kendall(&x, &y), 0.8989331499509895),
        ("nse", nse(&x, &y), 0.8995433789954337),
        ("kge", kge(&x, &y), 0.8258098156071023),
    ] {
        let got = got.unwrap();
        assert!(
            (got - expected).abs() <= ROUNDING,
            "{metric}: {got} is not {expected}"
        );
    }
    let parts = mse_parts(&x, &y).unwrap();
    approx::assert_abs_diff_eq!(parts.correlation, 0.00061678154, epsilon = PRINTED_PART);
    approx::assert_abs_diff_eq!(parts.variance, 0.00024721846, epsilon = PRINTED_PART);
    approx::assert_abs_diff_eq!(parts.bias, 1.6e-5, epsilon = PRINTED_PART);
    approx::assert_abs_diff_eq!(
        rmse_minus_abs_bias(&x, &y).unwrap(),
        0.02566,
        epsilon = PRINTED_COMPATIBILITY
    );
}
