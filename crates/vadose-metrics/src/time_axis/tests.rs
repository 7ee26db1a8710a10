//! Tests of the time axis.

use super::*;

/// Rounding of sums over a few hundred terms of about 1.
const ROUNDING: f64 = 1e-9;

fn daily(n: i64) -> TimeAxis {
    let hours: Vec<i64> = (0..n).map(|day| 24 * day).collect();
    TimeAxis::new(&hours, 24 * 30).unwrap()
}

/// The effective size of an even axis that nothing is left out of.
fn even(n: f64, phi: f64) -> f64 {
    n * (1.0 - phi) / (1.0 + phi)
}

#[test]
fn even_axis_has_the_closed_form() {
    for phi in [0.1, 0.5, 0.8, 0.9] {
        let n_eff = daily(200).effective_size(phi);
        approx::assert_abs_diff_eq!(n_eff, even(200.0, phi), epsilon = ROUNDING);
    }
}

#[test]
fn size_is_clipped_to_four_and_to_n() {
    assert_eq!(daily(50).effective_size(0.999), 4.0);
    assert_eq!(daily(50).effective_size(1.5), 4.0);
    assert_eq!(daily(50).effective_size(-0.5), 50.0);
    assert_eq!(daily(3).effective_size(0.9), 3.0);
    assert_eq!(daily(1).effective_size(0.9), 1.0);
    assert_eq!(daily(0).effective_size(0.9), 0.0);
}

#[test]
fn segments_do_not_know_each_other() {
    let june = |year: i64| (0..30).map(move |day| 24 * (365 * year + day));
    let hours: Vec<i64> = (0..3).flat_map(june).collect();
    let axis = TimeAxis::new(&hours, 24 * 30).unwrap();
    assert_eq!(axis.segments(), [0..30, 30..60, 60..90]);
    approx::assert_abs_diff_eq!(
        axis.effective_size(0.7),
        even(90.0, 0.7),
        epsilon = ROUNDING
    );

    // Each June is constant up to a jump between neighbours of different years, which no pair sees.
    let jumps: Vec<f64> = (0..90)
        .map(|day| if day % 2 == 0 { 1.0 } else { -1.0 } + if day < 30 { 100.0 } else { 0.0 })
        .collect();
    let crossing = TimeAxis::new(&hours, i64::MAX).unwrap();
    assert_eq!(crossing.segments().len(), 1);
    assert_ne!(
        axis.autocorrelation(&jumps).unwrap(),
        crossing.autocorrelation(&jumps).unwrap()
    );
}

#[test]
fn lag_pairs_never_cross_a_gap() {
    // Products 1 within the two segments; the pair across them would be -1.
    let axis = TimeAxis::new(&[0, 1, 9000, 9001], 24).unwrap();
    let values = [1.0, 1.0, -1.0, -1.0];
    assert_eq!(axis.autocorrelation(&values).unwrap(), HIGHEST_PERSISTENCE);
}

#[test]
fn gaps_are_powers_of_the_step() {
    // Days 0 1 3 4 6 7 ...: distances 1 and 2 in turn.
    let hours: Vec<i64> = (0..100).flat_map(|k| [72 * k, 72 * k + 24]).collect();
    let axis = TimeAxis::new(&hours, 24 * 30).unwrap();
    assert_eq!(axis.step_hours(), 24);
    assert_eq!(axis.lags, [(1, 100), (2, 99)]);
    // phi + phi^2 = 1.2 has the root 0.7041595.
    let phi =
        axis.solve(100.0 * 0.704_159_457_879_230_3 + 99.0 * 0.704_159_457_879_230_3_f64.powi(2));
    approx::assert_abs_diff_eq!(phi, 0.704_159_457_879_230_3, epsilon = ROUNDING);
}

#[test]
fn size_with_gaps_is_the_double_sum_but_for_its_ends() {
    let days = [
        0_i64, 1, 2, 5, 6, 9, 10, 11, 14, 20, 21, 23, 24, 25, 26, 30, 33, 34,
    ];
    let hours: Vec<i64> = (0..40)
        .flat_map(|k| days.map(|day| 24 * (day + 35 * k)))
        .collect();
    let axis = TimeAxis::new(&hours, 24 * 30).unwrap();
    let phi: f64 = 0.6;
    let n = hours.len() as f64;
    let sum: f64 = hours
        .iter()
        .flat_map(|a| {
            hours
                .iter()
                .map(move |b| phi.powf((a - b).abs() as f64 / 24.0))
        })
        .sum();
    // Both ends of 720 samples remember a few neighbours that are not there.
    let difference = axis.effective_size(phi) / (n * n / sum) - 1.0;
    assert!((-0.005..0.0).contains(&difference), "{difference}");
}

#[test]
fn reversed_time_changes_nothing() {
    let hours = [0, 24, 96, 120, 144, 300, 324, 500];
    let reversed: Vec<i64> = hours.iter().rev().map(|hour| 1000 - hour).collect();
    let values = [0.1, 0.2, 0.15, 0.3, 0.28, 0.1, 0.12, 0.2];
    let backwards: Vec<f64> = values.iter().rev().copied().collect();
    let (one, other) = (
        TimeAxis::new(&hours, 1000).unwrap(),
        TimeAxis::new(&reversed, 1000).unwrap(),
    );
    approx::assert_abs_diff_eq!(
        one.autocorrelation(&values).unwrap(),
        other.autocorrelation(&backwards).unwrap(),
        epsilon = ROUNDING
    );
    approx::assert_abs_diff_eq!(
        one.effective_size(0.8),
        other.effective_size(0.8),
        epsilon = ROUNDING
    );
}

#[test]
fn alternating_values_have_no_persistence() {
    let values: Vec<f64> = (0..20).map(|day| f64::from(day % 2)).collect();
    assert_eq!(daily(20).autocorrelation(&values), Ok(0.0));
}

#[test]
fn times_that_do_not_rise_are_refused() {
    let error = TimeAxis::new(&[0, 24, 24], 100).unwrap_err();
    assert_eq!(
        error.to_string(),
        "time 24 h follows 24 h: the times of a series must rise"
    );
    assert!(TimeAxis::new(&[5, 3], 100).is_err());
    assert!(TimeAxis::new(&[i64::MIN, i64::MAX], 100).is_ok());
}

#[test]
fn constant_series_and_other_lengths_are_refused() {
    assert_eq!(
        daily(3).autocorrelation(&[0.1; 3]),
        Err(MetricError::ZeroVariance {
            series: Series::Values
        })
    );
    assert!(daily(3).autocorrelation(&[0.1; 2]).is_err());
}
