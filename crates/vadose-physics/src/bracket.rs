//! A root inside a bracket, by Chandrupatla's mixture of bisection and inverse quadratic steps.

/// One end of a bracket: the argument and the function there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) x: f64,
    pub(crate) f: f64,
}

/// Bisection alone would need 60 steps for any bracket and tolerance used here; this is a stop for
/// arithmetic that has run out of digits, never the usual exit.
const MAX_STEPS: usize = 200;

/// An argument within `2 tolerance` of a sign change of `function` between `low` and `high`.
///
/// The function needs no derivative and may have kinks; its values at the two ends must have
/// opposite signs (a zero counts as either). Chandrupatla (1997),
/// doi:10.1016/S0965-9978(96)00051-8.
pub(crate) fn find_root(
    mut function: impl FnMut(f64) -> f64,
    low: End,
    high: End,
    tolerance: f64,
) -> f64 {
    debug_assert!(low.f * high.f <= 0.0, "the ends do not bracket a root");
    // `newest` and `opposite` bracket the root; `previous` is the end that was dropped last.
    let (mut newest, mut opposite) = (high, low);
    let mut fraction = 0.5;
    for _ in 0..MAX_STEPS {
        let x = newest.x + fraction * (opposite.x - newest.x);
        let next = End { x, f: function(x) };
        let previous;
        if (next.f > 0.0) == (newest.f > 0.0) {
            previous = newest;
        } else {
            previous = opposite;
            opposite = newest;
        }
        newest = next;

        let smallest_fraction = tolerance / (opposite.x - newest.x).abs();
        if smallest_fraction > 0.5 || newest.f == 0.0 {
            break;
        }
        fraction = quadratic_fraction(newest, opposite, previous)
            .unwrap_or(0.5)
            .clamp(smallest_fraction, 1.0 - smallest_fraction);
    }
    if newest.f.abs() < opposite.f.abs() {
        newest.x
    } else {
        opposite.x
    }
}

/// Where, from `newest` towards `opposite`, the inverse parabola through the three points meets
/// zero; none where it is not known to stay inside the bracket.
fn quadratic_fraction(newest: End, opposite: End, previous: End) -> Option<f64> {
    let (one, two, three) = (newest, opposite, previous);
    let xi = (one.x - two.x) / (three.x - two.x);
    let phi = (one.f - two.f) / (three.f - two.f);
    if phi * phi >= xi || (1.0 - phi) * (1.0 - phi) >= 1.0 - xi {
        return None;
    }
    let along = one.f / (one.f - two.f) * three.f / (three.f - two.f);
    let across =
        (three.x - one.x) / (two.x - one.x) * one.f / (three.f - one.f) * two.f / (three.f - two.f);
    Some(along + across)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLERANCE: f64 = 1e-10;

    fn root_between(f: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
        let end = |x| End { x, f: f(x) };
        find_root(&f, end(low), end(high), TOLERANCE)
    }

    #[test]
    fn smooth_functions_give_their_root() {
        let cube_root = root_between(|x| x * x * x - 2.0, 0.0, 2.0);
        approx::assert_abs_diff_eq!(cube_root, 2.0_f64.cbrt(), epsilon = 2.0 * TOLERANCE);
        let falling = root_between(|x| 1.0 - x.exp(), -3.0, 1.0);
        approx::assert_abs_diff_eq!(falling, 0.0, epsilon = 2.0 * TOLERANCE);
    }

    #[test]
    fn kink_and_step_are_no_obstacle() {
        let kinked = root_between(
            |x| if x < 0.3 { x - 0.3 } else { 50.0 * (x - 0.3) },
            0.0,
            1.0,
        );
        approx::assert_abs_diff_eq!(kinked, 0.3, epsilon = 2.0 * TOLERANCE);
        let step = root_between(|x| if x < 0.7 { -1.0 } else { 1.0 }, 0.0, 1.0);
        approx::assert_abs_diff_eq!(step, 0.7, epsilon = 2.0 * TOLERANCE);
    }

    #[test]
    fn root_at_an_end_is_found() {
        let at_low = root_between(|x| x, 0.0, 1.0);
        approx::assert_abs_diff_eq!(at_low, 0.0, epsilon = 2.0 * TOLERANCE);
    }

    #[test]
    fn a_smooth_root_takes_few_evaluations() {
        let mut evaluations = 0;
        let low = End { x: 0.0, f: -1.0 };
        let high = End {
            x: 1.0,
            f: 1.0_f64.exp() - 2.0,
        };
        let count = |x: f64| {
            evaluations += 1;
            x.exp() - 2.0
        };
        find_root(count, low, high, TOLERANCE);
        assert!(evaluations < 12, "{evaluations}");
    }
}
