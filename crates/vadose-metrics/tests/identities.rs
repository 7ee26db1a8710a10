//! Identities that hold for any series: how metrics are tied to each other, and what leaves them
//! unchanged.

use proptest::prelude::*;
use vadose_metrics::{
    Skill, bias, kendall, kge, mae, mse_parts, nse, pearson_r, rmse, rmse_minus_abs_bias, spearman,
    ubrmse,
};

/// Rounding of sums over at most 60 values between 0 and 1.
const ROUNDING: f64 = 1e-12;
/// Rounding of a correlation, whose divisor can be as small as the square of the smallest step
/// between values, 1/64.
const CORRELATION_ROUNDING: f64 = 1e-10;

/// Paired series of 64ths, so that ties happen and rounding does not decide them.
fn paired() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    prop::collection::vec((0..64_u8, 0..64_u8), 2..60).prop_map(|pairs| {
        pairs
            .into_iter()
            .map(|(e, r)| (f64::from(e) / 64.0, f64::from(r) / 64.0))
            .unzip()
    })
}

/// Kendall's tau-b by its definition, over every pair of pairs.
fn kendall_by_definition(estimate: &[f64], reference: &[f64]) -> f64 {
    let (mut score, mut untied_estimate, mut untied_reference) = (0.0, 0.0, 0.0);
    let sign = |a: f64, b: f64| f64::from(i8::from(a > b) - i8::from(a < b));
    for i in 0..estimate.len() {
        for j in 0..i {
            let e = sign(estimate[i], estimate[j]);
            let r = sign(reference[i], reference[j]);
            score += e * r;
            untied_estimate += e * e;
            untied_reference += r * r;
        }
    }
    score / f64::sqrt(untied_estimate * untied_reference)
}

fn varies(values: &[f64]) -> bool {
    values.iter().any(|&value| value != values[0])
}

proptest! {
    #[test]
    fn ubrmse_squared_is_rmse_squared_minus_bias_squared((e, r) in paired()) {
        let scatter = ubrmse(&e, &r).unwrap().powi(2);
        let rest = rmse(&e, &r).unwrap().powi(2) - bias(&e, &r).unwrap().powi(2);
        prop_assert!((scatter - rest).abs() <= ROUNDING);
    }

    #[test]
    fn parts_of_the_mean_squared_error_add_up((e, r) in paired()) {
        let parts = mse_parts(&e, &r).unwrap();
        prop_assert!((parts.total() - rmse(&e, &r).unwrap().powi(2)).abs() <= ROUNDING);
        let scatter = parts.correlation + parts.variance;
        prop_assert!((scatter - ubrmse(&e, &r).unwrap().powi(2)).abs() <= ROUNDING);
    }

    #[test]
    fn errors_are_ordered((e, r) in paired()) {
        let (bias, mae) = (bias(&e, &r).unwrap().abs(), mae(&e, &r).unwrap());
        let (rmse, ubrmse) = (rmse(&e, &r).unwrap(), ubrmse(&e, &r).unwrap());
        prop_assert!(bias <= mae + ROUNDING && mae <= rmse + ROUNDING);
        prop_assert!(ubrmse <= rmse + ROUNDING);
        prop_assert!(rmse_minus_abs_bias(&e, &r).unwrap() <= ubrmse + ROUNDING);
    }

    #[test]
    fn exchange_of_the_series_turns_the_bias_only((e, r) in paired()) {
        let (one, other) = (Skill::of(&e, &r).unwrap(), Skill::of(&r, &e).unwrap());
        prop_assert!((one.bias.unwrap() + other.bias.unwrap()).abs() <= ROUNDING);
        prop_assert!((one.ubrmse.unwrap() - other.ubrmse.unwrap()).abs() <= ROUNDING);
        prop_assert_eq!(one.kendall, other.kendall);
        if let (Some(one), Some(other)) = (one.r, other.r) {
            prop_assert!((one - other).abs() <= CORRELATION_ROUNDING);
        }
    }

    #[test]
    fn kendall_is_its_definition((e, r) in paired()) {
        if varies(&e) && varies(&r) {
            let fast = kendall(&e, &r).unwrap();
            prop_assert!((fast - kendall_by_definition(&e, &r)).abs() <= ROUNDING);
        } else {
            prop_assert!(kendall(&e, &r).is_err());
        }
    }

    #[test]
    fn gain_and_offset_leave_correlation_alone(
        (e, r) in paired(),
        gain in 0.1..10.0_f64,
        offset in -5.0..5.0_f64,
    ) {
        prop_assume!(varies(&e) && varies(&r));
        let moved: Vec<f64> = e.iter().map(|value| gain * value + offset).collect();
        let (before, after) = (pearson_r(&e, &r).unwrap(), pearson_r(&moved, &r).unwrap());
        prop_assert!((before - after).abs() <= CORRELATION_ROUNDING);
        let turned: Vec<f64> = e.iter().map(|value| -value).collect();
        prop_assert!((pearson_r(&turned, &r).unwrap() + before).abs() <= CORRELATION_ROUNDING);
    }

    #[test]
    fn any_rising_curve_leaves_rank_correlation_alone((e, r) in paired()) {
        prop_assume!(varies(&e) && varies(&r));
        // Exact on 64ths, so ties stay ties and differences stay differences.
        let curved: Vec<f64> = e.iter().map(|value| value * value * value).collect();
        prop_assert_eq!(spearman(&e, &r), spearman(&curved, &r));
        prop_assert_eq!(kendall(&e, &r), kendall(&curved, &r));
    }

    #[test]
    fn common_offset_leaves_every_difference_alone((e, r) in paired(), offset in -8..8_i8) {
        let shift = |values: &[f64]| -> Vec<f64> {
            values.iter().map(|value| value + f64::from(offset)).collect()
        };
        let (before, after) =
            (Skill::of(&e, &r).unwrap(), Skill::of(&shift(&e), &shift(&r)).unwrap());
        prop_assert_eq!(before.bias, after.bias);
        prop_assert_eq!(before.rmse, after.rmse);
        prop_assert_eq!(before.ubrmse, after.ubrmse);
        prop_assert_eq!(before.mae, after.mae);
    }

    #[test]
    fn efficiencies_are_one_at_best((e, r) in paired()) {
        for efficiency in [nse(&e, &r), kge(&e, &r)].into_iter().flatten() {
            prop_assert!(efficiency <= 1.0);
        }
        if varies(&r) {
            prop_assert_eq!(nse(&r, &r), Ok(1.0));
        }
    }

    #[test]
    fn missing_members_change_nothing_but_the_count((e, r) in paired(), at in any::<prop::sample::Index>()) {
        let (mut padded_e, mut padded_r) = (e.clone(), r.clone());
        let position = at.index(e.len());
        padded_e.insert(position, f64::NAN);
        padded_r.insert(position, 0.5);
        let (plain, padded) = (Skill::of(&e, &r).unwrap(), Skill::of(&padded_e, &padded_r).unwrap());
        prop_assert_eq!(padded, Skill { dropped: 1, ..plain });
    }
}
