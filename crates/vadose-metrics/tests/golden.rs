//! Peers' values of intervals, anomalies, triple collocation and tests of differences
//! (`golden/*/SOURCE.md`).

use serde::Deserialize;
use serde::de::DeserializeOwned;
use vadose_metrics::{
    Climatology, ClimatologyConfig, Confidence, Dependence, Interval, KendallError, MovingMean,
    bias_interval, holm, kendall_interval, pearson_interval, short_term_anomalies,
    spearman_interval, triple_collocation, ubrmse_interval, wilcoxon_signed_rank,
};

/// Peers sum in another order, and invert the distributions by another method: relative.
const PEER_RELATIVE: f64 = 1e-9;
/// The same where the value itself is near zero.
const PEER_ABSOLUTE: f64 = 1e-12;

fn cases<T: DeserializeOwned>(values: &str) -> T {
    serde_json::from_str(values).expect("golden values are as the generator writes them")
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

/// Present where the peer's is, and then its value.
fn assert_same(what: &str, ours: Option<f64>, peer: Option<f64>) {
    assert_eq!(ours.is_some(), peer.is_some(), "{what}");
    if let (Some(ours), Some(peer)) = (ours, peer) {
        assert_close(what, ours, peer);
    }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[derive(Deserialize)]
struct IntervalCase {
    name: String,
    estimate: Vec<f64>,
    reference: Vec<f64>,
    p95: PeerIntervals,
    p80: PeerIntervals,
}

#[derive(Deserialize)]
struct PeerIntervals {
    bias: [f64; 2],
    ubrmse: [f64; 2],
    r: [f64; 2],
    spearman: [f64; 2],
    kendall: [f64; 2],
    kendall_pytesmo: [f64; 2],
}

fn assert_intervals(
    name: &str,
    e: &[f64],
    r: &[f64],
    confidence: Confidence,
    peer: &PeerIntervals,
) {
    let alone = Dependence::Independent;
    let kendall = |error| kendall_interval(e, r, alone, confidence, error);
    for (metric, ours, peer) in [
        ("bias", bias_interval(e, r, alone, confidence), peer.bias),
        (
            "ubrmse",
            ubrmse_interval(e, r, alone, confidence),
            peer.ubrmse,
        ),
        ("r", pearson_interval(e, r, alone, confidence), peer.r),
        (
            "spearman",
            spearman_interval(e, r, alone, confidence),
            peer.spearman,
        ),
        ("kendall", kendall(KendallError::Fieller), peer.kendall),
        (
            "kendall",
            kendall(KendallError::Pytesmo),
            peer.kendall_pytesmo,
        ),
    ] {
        let ours = ours.expect("both series vary");
        assert_eq!(ours.n_eff, e.len() as f64);
        assert_close(&format!("{metric} of {name}"), ours.interval.lower, peer[0]);
        assert_close(&format!("{metric} of {name}"), ours.interval.upper, peer[1]);
    }
}

#[test]
fn intervals_of_independent_samples_match_pytesmo() {
    let cases: Vec<IntervalCase> = cases(include_str!("golden/intervals/values.json"));
    assert_eq!(cases.len(), 5);
    for case in &cases {
        let (e, r) = (&case.estimate, &case.reference);
        assert_intervals(&case.name, e, r, Confidence::P95, &case.p95);
        assert_intervals(&case.name, e, r, Confidence::P80, &case.p80);
    }
}

#[test]
fn ten_pairs_give_the_reference_intervals() {
    let x = [0.12, 0.18, 0.25, 0.31, 0.22, 0.15, 0.10, 0.28, 0.35, 0.20];
    let y = [0.10, 0.20, 0.22, 0.35, 0.20, 0.17, 0.08, 0.25, 0.40, 0.23];
    for (metric, ours, lower, upper) in [
        (
            "bias",
            bias_interval as fn(_, _, _, _) -> _,
            -0.0261645230673508,
            0.018164523067350793,
        ),
        (
            "ubrmse",
            ubrmse_interval,
            0.021311794405392093,
            0.05656446266851995,
        ),
        (
            "r",
            pearson_interval,
            0.8263195161464281,
            0.9902235686630471,
        ),
    ] {
        let Interval {
            lower: low,
            upper: high,
        } = ours(&x, &y, Dependence::Independent, Confidence::P95)
            .unwrap()
            .interval;
        assert_close(metric, low, lower);
        assert_close(metric, high, upper);
    }
}

#[derive(Deserialize)]
struct TripleCase {
    name: String,
    datasets: [Vec<Option<f64>>; 3],
    n: usize,
    snr_db: [Option<f64>; 3],
    error_std: [Option<f64>; 3],
    scaling: [Option<f64>; 3],
}

#[test]
fn triple_collocation_matches_pytesmo() {
    let cases: Vec<TripleCase> = cases(include_str!("golden/triple_collocation/values.json"));
    assert_eq!(cases.len(), 5);
    for case in &cases {
        let [x, y, z] = case.datasets.each_ref().map(|dataset| series(dataset));
        let ours = triple_collocation([&x, &y, &z]).unwrap();
        assert_eq!(ours.n, case.n, "{}", case.name);
        for (at, ours) in ours.errors.iter().enumerate() {
            let what = |figure| format!("{figure} of data set {at}, {}", case.name);
            assert_same(&what("ratio"), ours.snr_db, case.snr_db[at]);
            assert_same(&what("error"), ours.error_std, case.error_std[at]);
            assert_same(&what("scaling"), ours.scaling, case.scaling[at]);
        }
    }
}

#[derive(Deserialize)]
struct AnomalyCase {
    name: String,
    hours: Vec<i64>,
    values: Vec<Option<f64>>,
    short_term: Vec<Option<f64>>,
    climatology: Vec<Option<f64>>,
    long_term: Vec<Option<f64>>,
}

#[test]
fn anomalies_match_pytesmo() {
    let cases: Vec<AnomalyCase> = cases(include_str!("golden/anomalies/values.json"));
    assert_eq!(cases.len(), 4);
    for case in &cases {
        let values = series(&case.values);
        let climatology =
            Climatology::of(&case.hours, &values, ClimatologyConfig::default()).unwrap();
        let short_term = short_term_anomalies(&case.hours, &values, MovingMean::default()).unwrap();
        let long_term = climatology.anomalies(&case.hours, &values).unwrap();
        for (kind, ours, peer) in [
            ("short-term anomaly", &short_term[..], &case.short_term),
            ("climatology", climatology.values(), &case.climatology),
            ("long-term anomaly", &long_term, &case.long_term),
        ] {
            assert_eq!(ours.len(), peer.len());
            for (at, (ours, peer)) in ours.iter().zip(peer).enumerate() {
                assert_same(
                    &format!("{kind} {at} of {}", case.name),
                    finite(*ours),
                    *peer,
                );
            }
        }
    }
}

#[derive(Deserialize)]
struct Significance {
    wilcoxon: Vec<WilcoxonCase>,
    holm: HolmCase,
}

#[derive(Deserialize)]
struct WilcoxonCase {
    name: String,
    challenger: Vec<f64>,
    baseline: Vec<f64>,
    smaller: f64,
    p_value: f64,
}

#[derive(Deserialize)]
struct HolmCase {
    p_values: Vec<f64>,
    corrected: Vec<f64>,
}

#[test]
fn tests_of_differences_match_scipy_and_statsmodels() {
    let cases: Significance = cases(include_str!("golden/significance/values.json"));
    assert_eq!(cases.wilcoxon.len(), 4);
    for case in &cases.wilcoxon {
        let ours = wilcoxon_signed_rank(&case.challenger, &case.baseline).unwrap();
        assert_eq!(
            ours.positive.min(ours.negative),
            case.smaller,
            "{}",
            case.name
        );
        assert_close(&case.name, ours.p_value, case.p_value);
    }
    for (ours, peer) in holm(&cases.holm.p_values)
        .unwrap()
        .iter()
        .zip(&cases.holm.corrected)
    {
        assert_close("holm", *ours, *peer);
    }
}
