//! The regularised dual-channel algorithm (DCA): soil moisture and vegetation opacity together.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::dielectric::SoilDielectric;
use crate::fresnel::Reflectivity;
use crate::inversion::Inverter;
use crate::status::CellStatus;
use crate::tau_omega::{BrightnessTemperature, Surface, emission};

/// Inputs of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DualChannelCell {
    /// Observed brightness temperatures, corrected for open water.
    pub tb: BrightnessTemperature,
    /// Soil, roughness, vegetation. Its `tau_slant` is the prior opacity: that of the
    /// single-channel algorithms. Albedo and roughness are those of DCA, which differ from theirs.
    pub surface: Surface,
    /// Dry bulk density, g cm-3; sets the upper bound of soil moisture.
    pub bulk_density_g_cm3: f64,
}

/// What the dual-channel inversion found in one cell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DualInversion {
    /// Soil moisture, m3 m-3; NaN unless [`CellStatus::has_value`].
    pub soil_moisture_m3m3: f64,
    /// Vegetation opacity along the line of sight; NaN likewise.
    pub tau_slant: f64,
    /// Root mean square of the two brightness-temperature residuals, K; NaN likewise. Large where
    /// no soil explains the observation, as in cells with open water left in them.
    pub misfit_kelvin: f64,
    /// How it came about.
    pub status: CellStatus,
}

impl DualInversion {
    fn without_value(status: CellStatus) -> Self {
        Self {
            soil_moisture_m3m3: f64::NAN,
            tau_slant: f64::NAN,
            misfit_kelvin: f64::NAN,
            status,
        }
    }
}

impl Inverter {
    /// Soil moisture and opacity that fit both channels best, the opacity held near its prior.
    ///
    /// Minimises `(TB_h - sim_h)^2 + (TB_v - sim_v)^2 + L^2 (tau - tau_prior)^2` over soil moisture
    /// between the lower bound and the porosity and slant opacity between 0 and its maximum, with
    /// `L` = `tau_penalty_kelvin`, by projected Levenberg-Marquardt steps from three starts.
    ///
    /// # What is verified and what is not
    /// NASA's documents of this algorithm were not at hand; `L = 20 K` and `q = 0.1771 h` come from
    /// secondary sources. That both opacities are slant ones, that the prior is the opacity of
    /// the single-channel algorithms, that the two channels have equal weight, and that porosity
    /// and zero opacity are bounds, was inferred here by trying the alternatives against NASA's
    /// values: on the 680 cells of an SPL2SMP R18290 half orbit 676 agree within 1e-3 m3 m-3, RMSD
    /// 3.8e-4, worst 7.7e-3 in a cell where the cost here is lower than at NASA's value
    /// (`tests/golden/spl2smp_r18290/SOURCE.md` has the table of alternatives). Unverified: the
    /// lower bound of soil moisture and the upper one of the opacity (no cell reaches either),
    /// the refusal of insensitive cells (the rule of SCA, taken over), NASA's minimiser and its
    /// stopping rule, other releases, and regions and seasons that this half orbit does not see.
    ///
    /// # Shapes and units
    /// `cell`: one cell; use [`crate::Roughness::dual_channel`]. Result: m3 m-3, dimensionless, K.
    /// # Missing values
    /// A NaN input gives NaN and [`CellStatus::MissingInput`].
    /// # References
    /// Chaubell et al. (2020), doi:10.1109/TGRS.2019.2959239; Chaubell et al. (2022),
    /// doi:10.48577/jpl.6JPAHR.
    /// # Examples
    /// ```
    /// use vadose_physics::{CellStatus, DualChannelCell, InversionConfig, Roughness, Surface};
    /// let inverter = InversionConfig::default().build()?;
    /// let surface = Surface {
    ///     clay_percent: 20.0,
    ///     temperature_kelvin: 290.0,
    ///     roughness: Roughness::dual_channel(0.9),
    ///     albedo: 0.07,
    ///     tau_slant: 0.25,
    /// };
    /// // Where the prior opacity is the true one, the truth costs nothing and is found.
    /// let tb = inverter.model().brightness_temperature(0.22, &surface);
    /// let found = inverter.invert_dual_channel(&DualChannelCell {
    ///     tb,
    ///     surface,
    ///     bulk_density_g_cm3: 1.2,
    /// });
    /// assert_eq!(found.status, CellStatus::Ok);
    /// assert!((found.soil_moisture_m3m3 - 0.22).abs() < 1e-6);
    /// assert!((found.tau_slant - 0.25).abs() < 1e-6);
    /// # Ok::<(), vadose_physics::PhysicsError>(())
    /// ```
    #[must_use]
    pub fn invert_dual_channel(&self, cell: &DualChannelCell) -> DualInversion {
        let observed = [cell.tb.tb_h_kelvin, cell.tb.tb_v_kelvin];
        let upper = match self.upper_bound(&observed, &cell.surface, cell.bulk_density_g_cm3) {
            Ok(upper) => upper,
            Err(status) => return DualInversion::without_value(status),
        };
        let fit = Fit {
            inverter: self,
            soil: self.model.soil(&cell.surface),
            cell,
            lower: [self.config.lower_bound_m3m3, 0.0],
            upper: [upper, self.config.max_tau_slant],
        };
        if fit.signal_range() < self.config.nedt_kelvin {
            return DualInversion::without_value(CellStatus::Insensitive);
        }
        match fit.minimum() {
            Some(state) => fit.describe(state),
            None => DualInversion::without_value(CellStatus::NotConverged),
        }
    }

    /// [`Inverter::invert_dual_channel`] for many cells, on all threads of the rayon pool.
    ///
    /// The result has one entry per cell, in the same order, and does not depend on the number of
    /// threads.
    #[must_use]
    pub fn invert_dual_channel_many(&self, cells: &[DualChannelCell]) -> Vec<DualInversion> {
        cells
            .par_iter()
            .map(|cell| self.invert_dual_channel(cell))
            .collect()
    }
}

/// Where the minimisation starts, as a share of the way from the lower bound to the porosity. Any
/// one is enough where some soil explains the observation; where none does, by tens of kelvin, the
/// kink of the permittivity and the bounds make side valleys, and three starts rarely all miss.
const START_SHARES: [f64; 3] = [0.05, 0.3, 0.7];
/// A step below this, in m3 m-3 and in opacity, ends the minimisation.
const STEP_TOLERANCE: f64 = 1e-9;
const MAX_STEPS: usize = 200;
const FIRST_DAMPING: f64 = 1e-2;
const LEAST_DAMPING: f64 = 1e-12;
/// Damping at which no downhill step exists any more that the arithmetic could resolve.
const MOST_DAMPING: f64 = 1e12;
/// Half width of the central difference over soil moisture, m3 m-3: truncation and rounding are
/// both below 1e-6 K per unit there.
const DIFFERENCE_M3M3: f64 = 1e-6;

/// One candidate: soil moisture and slant opacity, in this order.
type State = [f64; 2];

/// Half the gradient of the cost, negated, and its Gauss-Newton matrix.
struct Normal {
    descent: [f64; 2],
    diagonal: [f64; 2],
    coupling: f64,
}

impl Normal {
    /// Fall of the cost between two states, if the residuals were linear.
    fn promised_fall(&self, from: State, to: State) -> f64 {
        let [dm, dt] = [to[0] - from[0], to[1] - from[1]];
        2.0 * dot(self.descent, [dm, dt])
            - self.diagonal[0] * dm * dm
            - 2.0 * self.coupling * dm * dt
            - self.diagonal[1] * dt * dt
    }
}

/// The least-squares problem of one cell.
struct Fit<'a> {
    inverter: &'a Inverter,
    soil: SoilDielectric,
    cell: &'a DualChannelCell,
    lower: State,
    upper: State,
}

impl Fit<'_> {
    fn reflectivity(&self, soil_moisture_m3m3: f64) -> Reflectivity {
        self.inverter
            .model
            .rough_reflectivity(&self.soil, soil_moisture_m3m3, &self.cell.surface)
    }

    /// Observed minus simulated, horizontal then vertical, K.
    fn residuals(&self, [moisture, tau]: State) -> [f64; 2] {
        let simulated = emission(self.reflectivity(moisture), &self.cell.surface, tau);
        [
            self.cell.tb.tb_h_kelvin - simulated.tb_h_kelvin,
            self.cell.tb.tb_v_kelvin - simulated.tb_v_kelvin,
        ]
    }

    fn cost(&self, state: State) -> f64 {
        let [h, v] = self.residuals(state);
        let prior =
            self.inverter.config.tau_penalty_kelvin * (state[1] - self.cell.surface.tau_slant);
        h * h + v * v + prior * prior
    }

    /// Change from driest to wettest soil under the prior opacity, the larger of both channels, K.
    fn signal_range(&self) -> f64 {
        let tau = self.cell.surface.tau_slant;
        let [dry_h, dry_v] = self.residuals([self.lower[0], tau]);
        let [wet_h, wet_v] = self.residuals([self.upper[0], tau]);
        (wet_h - dry_h).max(wet_v - dry_v)
    }

    /// The best of the starts that settle.
    fn minimum(&self) -> Option<State> {
        START_SHARES
            .iter()
            .filter_map(|share| {
                let moisture = self.lower[0] + share * (self.upper[0] - self.lower[0]);
                self.descend(self.clipped([moisture, self.cell.surface.tau_slant]))
            })
            .min_by(|(_, left), (_, right)| left.total_cmp(right))
            .map(|(state, _)| state)
    }

    /// Levenberg-Marquardt steps, projected on the box; the state and its cost once it settles.
    fn descend(&self, start: State) -> Option<(State, f64)> {
        let mut state = start;
        let mut cost = self.cost(state);
        let mut normal = self.normal(state);
        let mut damping = FIRST_DAMPING;
        for _ in 0..MAX_STEPS {
            let trial = self.step(state, &normal, damping);
            let moved = (trial[0] - state[0]).abs().max((trial[1] - state[1]).abs());
            let trial_cost = self.cost(trial);
            if trial_cost <= cost {
                // How much of the fall that the quadratic model promised came true. Where the
                // misfit is large the model is poor, and damping must stay.
                let gain = (cost - trial_cost) / normal.promised_fall(state, trial);
                damping *= (1.0 - (2.0 * gain - 1.0).powi(3)).clamp(0.2, 2.0);
                damping = damping.max(LEAST_DAMPING);
                (state, cost) = (trial, trial_cost);
                normal = self.normal(state);
            } else {
                damping *= 4.0;
            }
            if moved < STEP_TOLERANCE || damping > MOST_DAMPING {
                return Some((state, cost));
            }
        }
        None
    }

    /// Gradient and Gauss-Newton matrix at a state.
    fn normal(&self, state: State) -> Normal {
        let [moisture, tau] = state;
        let surface = &self.cell.surface;
        let residuals = self.residuals(state);
        let drier = emission(self.reflectivity(moisture - DIFFERENCE_M3M3), surface, tau);
        let wetter = emission(self.reflectivity(moisture + DIFFERENCE_M3M3), surface, tau);
        let by_moisture = [
            (wetter.tb_h_kelvin - drier.tb_h_kelvin) / (2.0 * DIFFERENCE_M3M3),
            (wetter.tb_v_kelvin - drier.tb_v_kelvin) / (2.0 * DIFFERENCE_M3M3),
        ];
        let reflectivity = self.reflectivity(moisture);
        let by_tau = [reflectivity.h, reflectivity.v].map(|r| emission_by_tau(r, surface, tau));
        let penalty = self.inverter.config.tau_penalty_kelvin.powi(2);
        Normal {
            descent: [
                dot(by_moisture, residuals),
                dot(by_tau, residuals) - penalty * (tau - surface.tau_slant),
            ],
            diagonal: [dot(by_moisture, by_moisture), dot(by_tau, by_tau) + penalty],
            coupling: dot(by_moisture, by_tau),
        }
    }

    /// One damped step; a variable that its bound holds stays, and leaves the other one alone.
    fn step(&self, state: State, normal: &Normal, damping: f64) -> State {
        let held = [0, 1].map(|i| {
            (state[i] <= self.lower[i] && normal.descent[i] <= 0.0)
                || (state[i] >= self.upper[i] && normal.descent[i] >= 0.0)
        });
        let descent = [0, 1].map(|i| if held[i] { 0.0 } else { normal.descent[i] });
        let coupling = if held[0] || held[1] {
            0.0
        } else {
            normal.coupling
        };
        let diagonal = normal.diagonal.map(|value| value * (1.0 + damping));
        let determinant = diagonal[0] * diagonal[1] - coupling * coupling;
        self.clipped([
            state[0] + (diagonal[1] * descent[0] - coupling * descent[1]) / determinant,
            state[1] + (diagonal[0] * descent[1] - coupling * descent[0]) / determinant,
        ])
    }

    fn clipped(&self, state: State) -> State {
        [0, 1].map(|i| state[i].clamp(self.lower[i], self.upper[i]))
    }

    fn describe(&self, state: State) -> DualInversion {
        let [h, v] = self.residuals(state);
        let at_bound = (0..2).any(|i| state[i] <= self.lower[i] || state[i] >= self.upper[i]);
        DualInversion {
            soil_moisture_m3m3: state[0],
            tau_slant: state[1],
            misfit_kelvin: ((h * h + v * v) / 2.0).sqrt(),
            status: if at_bound {
                CellStatus::AtBound
            } else {
                CellStatus::Ok
            },
        }
    }
}

fn dot(left: [f64; 2], right: [f64; 2]) -> f64 {
    left[0] * right[0] + left[1] * right[1]
}

/// Derivative of the simulated brightness temperature by the slant opacity, K.
fn emission_by_tau(reflectivity: f64, surface: &Surface, tau_slant: f64) -> f64 {
    let transmissivity = (-tau_slant).exp();
    let by_transmissivity = surface.temperature_kelvin
        * ((1.0 - reflectivity)
            + (1.0 - surface.albedo)
                * ((1.0 - transmissivity) * reflectivity - (1.0 + reflectivity * transmissivity)));
    -transmissivity * by_transmissivity
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fresnel::Roughness;
    use crate::inversion::InversionConfig;

    fn surface(tau_slant: f64) -> Surface {
        Surface {
            clay_percent: 20.0,
            temperature_kelvin: 290.0,
            roughness: Roughness::dual_channel(0.9),
            albedo: 0.07,
            tau_slant,
        }
    }

    fn inverter(tau_penalty_kelvin: f64) -> Inverter {
        let config = InversionConfig {
            tau_penalty_kelvin,
            ..InversionConfig::default()
        };
        config.build().unwrap()
    }

    /// The cell that a truth gives, with a prior opacity of one's choice.
    fn cell(moisture: f64, tau_true: f64, tau_prior: f64) -> DualChannelCell {
        DualChannelCell {
            tb: inverter(20.0)
                .model()
                .brightness_temperature(moisture, &surface(tau_true)),
            surface: surface(tau_prior),
            bulk_density_g_cm3: 1.2,
        }
    }

    #[test]
    fn opacity_derivative_is_the_central_difference() {
        /// Truncation error of a central difference with a step of 1e-5, K per unit opacity.
        const TRUNCATION_KELVIN: f64 = 1e-5;
        for tau in [0.0, 0.2, 1.5] {
            let at = |tau| emission(Reflectivity { h: 0.4, v: 0.2 }, &surface(0.0), tau);
            let difference = (at(tau + 1e-5).tb_h_kelvin - at(tau - 1e-5).tb_h_kelvin) / 2e-5;
            let exact = emission_by_tau(0.4, &surface(0.0), tau);
            approx::assert_abs_diff_eq!(exact, difference, epsilon = TRUNCATION_KELVIN);
        }
    }

    #[test]
    fn without_a_penalty_both_unknowns_are_recovered() {
        /// The cost is flat to rounding closer than this.
        const RECOVERY: f64 = 1e-5;
        for (moisture, tau) in [(0.05, 0.1), (0.2, 0.3), (0.45, 0.6)] {
            let found = inverter(0.0).invert_dual_channel(&cell(moisture, tau, 0.2));
            assert_eq!(found.status, CellStatus::Ok);
            approx::assert_abs_diff_eq!(found.soil_moisture_m3m3, moisture, epsilon = RECOVERY);
            approx::assert_abs_diff_eq!(found.tau_slant, tau, epsilon = RECOVERY);
        }
    }

    #[test]
    fn penalty_pulls_the_opacity_towards_the_prior() {
        let weak = inverter(5.0).invert_dual_channel(&cell(0.2, 0.4, 0.2));
        let strong = inverter(100.0).invert_dual_channel(&cell(0.2, 0.4, 0.2));
        assert!(0.2 < strong.tau_slant && strong.tau_slant < weak.tau_slant);
        assert!(weak.tau_slant < 0.4);
        assert!(weak.misfit_kelvin < strong.misfit_kelvin);
    }

    #[test]
    fn no_neighbour_costs_less_than_the_solution() {
        let cell = cell(0.2, 0.4, 0.25);
        let inverter = inverter(20.0);
        let found = inverter.invert_dual_channel(&cell);
        let fit = Fit {
            inverter: &inverter,
            soil: inverter.model.soil(&cell.surface),
            cell: &cell,
            lower: [0.02, 0.0],
            upper: [0.5, 10.0],
        };
        let at = |dm: f64, dt: f64| fit.cost([found.soil_moisture_m3m3 + dm, found.tau_slant + dt]);
        for (dm, dt) in [
            (1e-4, 0.0),
            (-1e-4, 0.0),
            (0.0, 1e-4),
            (0.0, -1e-4),
            (1e-4, 1e-4),
        ] {
            assert!(at(dm, dt) > at(0.0, 0.0));
        }
    }

    #[test]
    fn impossible_cold_goes_to_the_bounds_and_says_so() {
        let mut cold = cell(0.3, 0.2, 0.2);
        cold.tb.tb_h_kelvin -= 80.0;
        cold.tb.tb_v_kelvin -= 80.0;
        let found = inverter(20.0).invert_dual_channel(&cold);
        assert_eq!(found.status, CellStatus::AtBound);
        assert_eq!(found.soil_moisture_m3m3, crate::porosity(1.2));
        assert_eq!(found.tau_slant, 0.0);
        assert!(found.misfit_kelvin > 10.0);
    }

    #[test]
    fn opaque_prior_and_missing_channel_give_no_value() {
        let opaque = inverter(20.0).invert_dual_channel(&cell(0.2, 4.0, 4.0));
        assert_eq!(opaque.status, CellStatus::Insensitive);
        let mut missing = cell(0.2, 0.2, 0.2);
        missing.tb.tb_h_kelvin = f64::NAN;
        let found = inverter(20.0).invert_dual_channel(&missing);
        assert_eq!(found.status, CellStatus::MissingInput);
        assert!(found.soil_moisture_m3m3.is_nan() && found.tau_slant.is_nan());
    }
}
