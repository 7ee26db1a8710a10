//! Active-passive disaggregation: a coarse brightness temperature, spread over fine cells by radar.

use serde::{Deserialize, Serialize};

use crate::bare_soil::Backscatter;

/// How backscatter explains brightness temperature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivePassiveForm {
    /// `TB = a + beta (pp_db - gamma pq_db)`: backscatter in dB, `beta` in K dB-1. SMAP's own radar.
    Decibel,
    /// `TB / T = a + beta (pp - gamma pq)`: backscatter linear, `beta` dimensionless, with the
    /// temperature of the coarse cell. SMAP with Sentinel-1 (SPL2SMAP_S).
    Emissivity {
        /// Effective temperature of the coarse cell, K.
        temperature_kelvin: f64,
    },
}

impl ActivePassiveForm {
    /// Change of brightness temperature per unit of the form's left-hand side, K.
    fn kelvin(self) -> f64 {
        match self {
            Self::Decibel => 1.0,
            Self::Emissivity { temperature_kelvin } => temperature_kelvin,
        }
    }

    /// Backscatter on the form's scale: co-polarised, cross-polarised; none without a value.
    fn scaled(self, backscatter: Backscatter) -> Option<[f64; 2]> {
        let powers = [backscatter.copolarized, backscatter.cross_polarized];
        backscatter.is_positive().then(|| match self {
            Self::Decibel => powers.map(|power| 10.0 * power.log10()),
            Self::Emissivity { .. } => powers,
        })
    }
}

/// How brightness temperature and backscatter vary together in one coarse cell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Covariation {
    /// Slope of brightness temperature (K dB-1) or emissivity against co-polarised backscatter;
    /// negative, as wet soil is cold and bright.
    pub beta: f64,
    /// Co-polarised change per cross-polarised change that vegetation and roughness alone cause,
    /// not negative.
    pub gamma: f64,
}

/// One coarse cell at one time, for [`Covariation::regress`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoarseObservation {
    /// Brightness temperature, K.
    pub tb_kelvin: f64,
    /// Form of the disaggregation, with the temperature of that time.
    pub form: ActivePassiveForm,
    /// Mean backscatter of the coarse cell, linear power.
    pub backscatter: Backscatter,
}

/// A coarse cell to be disaggregated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoarseCell {
    /// Brightness temperature of the coarse cell, K, corrected for open water.
    pub tb_kelvin: f64,
    /// Form of the disaggregation.
    pub form: ActivePassiveForm,
    /// Covariation parameters in that form's units.
    pub covariation: Covariation,
}

impl CoarseCell {
    /// Brightness temperature of the fine cells inside a coarse cell.
    ///
    /// `TB(j) = TB(C) + beta k { [pp(j) - pp(C)] + gamma [pq(C) - pq(j)] }`; in the decibel form
    /// `k` is 1, in the emissivity form the temperature of the coarse cell, which is the same as
    /// `{ TB(C) / T + beta (...) } T`. `pp(C)`, `pq(C)` are the means over the fine cells that
    /// have a value, on the form's own scale (in dB a mean of dB), so that the mean of the result
    /// is `TB(C)`.
    ///
    /// # What is verified and what is not
    /// The decibel form is quoted by public codes that cite SMAP's document; it was not read here.
    /// The emissivity form is known here from quotations too, but reproduces NASA's own numbers:
    /// on a real SPL2SMAP_S R17000 granule, with the file's `beta_tbv_vv` (dimensionless, whatever
    /// its `units` say) and `gamma_vv_xpol`, the disaggregated temperatures of whole 9 km cells
    /// agree at 3 km (test `tests/active_passive.rs`).
    ///
    /// # Shapes and units
    /// `fine`: `[n]`, the nested cells in any order, linear power. Result: `[n]`, K.
    /// # Missing values
    /// A fine cell without two positive finite powers is NaN and takes no part in the means. A
    /// coarse cell with a missing value or a temperature not above 0 gives NaN everywhere.
    /// # References
    /// Das, Entekhabi, Dunbar et al. (2019), doi:10.1016/j.rse.2019.111380. Das, Entekhabi and
    /// Njoku (2011), doi:10.1109/TGRS.2010.2089526.
    /// # Examples
    /// ```
    /// use vadose_physics::{ActivePassiveForm, Backscatter, CoarseCell, Covariation};
    /// let cell = CoarseCell {
    ///     tb_kelvin: 250.0,
    ///     form: ActivePassiveForm::Emissivity { temperature_kelvin: 290.0 },
    ///     covariation: Covariation { beta: -4.0, gamma: 3.0 },
    /// };
    /// let fine = [0.07, 0.09].map(|copolarized| Backscatter { copolarized, cross_polarized: 0.015 });
    /// let tb = cell.disaggregate(&fine);
    /// assert!((tb[0] - (250.0 + 4.0 * 0.01 * 290.0)).abs() < 1e-9);
    /// assert!((tb[0] + tb[1] - 500.0).abs() < 1e-9);
    /// ```
    #[must_use]
    pub fn disaggregate(&self, fine: &[Backscatter]) -> Vec<f64> {
        let disaggregation = self.around(fine);
        fine.iter()
            .map(|&fine| disaggregation.tb_kelvin(fine))
            .collect()
    }

    /// The disaggregation about the mean of these fine cells, to be asked for one of them at a
    /// time: what [`CoarseCell::disaggregate`] does for all.
    #[must_use]
    pub fn around(&self, fine: &[Backscatter]) -> Disaggregation {
        let signals = || fine.iter().filter_map(|&fine| self.signal(fine));
        let mean_signal = signals().sum::<f64>() / signals().count() as f64;
        let kelvin = self.form.kelvin();
        let kelvin_per_signal = if self.tb_kelvin > 0.0 && kelvin > 0.0 {
            self.covariation.beta * kelvin
        } else {
            f64::NAN
        };
        Disaggregation {
            cell: *self,
            mean_signal,
            kelvin_per_signal,
        }
    }

    /// `pp - gamma pq` on the form's scale; none without a value.
    fn signal(&self, fine: Backscatter) -> Option<f64> {
        let [pp, pq] = self.form.scaled(fine)?;
        Some(pp - self.covariation.gamma * pq)
    }
}

/// A coarse cell with the mean of its fine cells; made by [`CoarseCell::around`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disaggregation {
    cell: CoarseCell,
    mean_signal: f64,
    kelvin_per_signal: f64,
}

impl Disaggregation {
    /// Brightness temperature of a fine cell, K; NaN as [`CoarseCell::disaggregate`] says.
    #[must_use]
    pub fn tb_kelvin(&self, fine: Backscatter) -> f64 {
        self.cell.signal(fine).map_or(f64::NAN, |signal| {
            self.cell.tb_kelvin + self.kelvin_per_signal * (signal - self.mean_signal)
        })
    }

    /// Mean of `pp - gamma pq` over the fine cells, on the form's scale.
    #[must_use]
    pub fn mean_signal(&self) -> f64 {
        self.mean_signal
    }

    /// Change of brightness temperature per change of `pp - gamma pq`, K.
    #[must_use]
    pub fn kelvin_per_signal(&self) -> f64 {
        self.kelvin_per_signal
    }
}

impl Covariation {
    /// Covariation of one coarse cell from a series of observations of it.
    ///
    /// Least squares of `dTB = a dpp + b d(-pq)`, departures from the means of the series, on the
    /// form's scales (in the emissivity form `dTB` is that of `TB / T`); `beta = a`,
    /// `gamma = b / a`.
    ///
    /// # Shapes and units
    /// `series`: `[time]`, all in one form. Result: units of that form.
    /// # Missing values
    /// An observation with a missing temperature or power is left out. `None` if fewer than four
    /// remain, if both channels move in proportion, or if the slope is 0.
    /// # References
    /// As [`CoarseCell::disaggregate`].
    /// # Examples
    /// ```
    /// use vadose_physics::{ActivePassiveForm, Backscatter, CoarseObservation, Covariation};
    /// let form = ActivePassiveForm::Emissivity { temperature_kelvin: 280.0 };
    /// let series: Vec<_> = [(0.06, 0.012), (0.08, 0.015), (0.09, 0.011), (0.07, 0.018)]
    ///     .map(|(copolarized, cross_polarized)| CoarseObservation {
    ///         tb_kelvin: 280.0 * (0.95 - 3.0 * (copolarized - 2.0 * cross_polarized)),
    ///         form,
    ///         backscatter: Backscatter { copolarized, cross_polarized },
    ///     })
    ///     .into();
    /// let found = Covariation::regress(&series).unwrap();
    /// assert!((found.beta + 3.0).abs() < 1e-9 && (found.gamma - 2.0).abs() < 1e-9);
    /// ```
    #[must_use]
    pub fn regress(series: &[CoarseObservation]) -> Option<Self> {
        /// Two slopes and a mean leave one observation to spare.
        const LEAST_OBSERVATIONS: usize = 4;
        let usable: Vec<[f64; 3]> = series
            .iter()
            .filter_map(|observation| {
                let [pp, pq] = observation.form.scaled(observation.backscatter)?;
                let response = observation.tb_kelvin / observation.form.kelvin();
                response.is_finite().then_some([response, pp, -pq])
            })
            .collect();
        if usable.len() < LEAST_OBSERVATIONS {
            return None;
        }
        let mean = [0, 1, 2].map(|i| mean_of(usable.iter().map(|row| row[i])));
        let mut products = [[0.0; 3]; 3];
        for row in &usable {
            let departure = [0, 1, 2].map(|i| row[i] - mean[i]);
            for (i, left) in departure.into_iter().enumerate() {
                for (j, right) in departure.into_iter().enumerate() {
                    products[i][j] += left * right;
                }
            }
        }
        let [beta, by_cross] = slopes(&products)?;
        (beta != 0.0).then(|| Self {
            beta,
            gamma: by_cross / beta,
        })
    }

    /// Covariation of one coarse cell in the emissivity form, from a single pass.
    ///
    /// `beta = { TB / T - [1 - omega (1 - exp(-tau))] } / (pp - gamma pq)`: the line through the
    /// cell's own state and that of soil that reflects nothing, whose emissivity is
    /// `exp(-tau) + (1 - omega)(1 - exp(-tau))` and whose co-polarised backscatter is that of the
    /// vegetation alone, `gamma pq`.
    ///
    /// # What is verified and what is not
    /// On the granule of [`CoarseCell::disaggregate`] this gives NASA's `beta_tbv_vv` within some
    /// percent (median 1 %), with opacity and albedo averaged over the cell; NASA writes
    /// -1 where the formula exceeds it, and -3 where it falls below about -10. Its `gamma` was not
    /// reproduced.
    ///
    /// # Shapes and units
    /// `tb_kelvin`, `temperature_kelvin`: K. `albedo`, `tau_slant`: of the vegetation.
    /// `backscatter`: mean of the coarse cell, linear power. Result: the emissivity form's units.
    /// # Missing values
    /// `None` if an argument is missing, or the co-polarised power does not exceed `gamma` times
    /// the cross-polarised one.
    /// # References
    /// Jagdhuber et al. (2019), doi:10.1109/TGRS.2018.2860630.
    /// # Examples
    /// ```
    /// use vadose_physics::{Backscatter, Covariation};
    /// // A 9 km cell of the granule; NASA's beta there is -9.616.
    /// let cell = Backscatter { copolarized: 0.06815, cross_polarized: 0.01390 };
    /// let found = Covariation::snapshot(259.33, 284.34, 0.05, 0.4053, cell, 4.3632).unwrap();
    /// assert!((found.beta / -9.616 - 1.0).abs() < 0.03);
    /// ```
    #[must_use]
    pub fn snapshot(
        tb_kelvin: f64,
        temperature_kelvin: f64,
        albedo: f64,
        tau_slant: f64,
        backscatter: Backscatter,
        gamma: f64,
    ) -> Option<Self> {
        let black_soil = 1.0 - albedo * (1.0 - (-tau_slant).exp());
        let soil_power = backscatter.copolarized - gamma * backscatter.cross_polarized;
        let beta = (tb_kelvin / temperature_kelvin - black_soil) / soil_power;
        (soil_power > 0.0 && beta.is_finite()).then_some(Self { beta, gamma })
    }

    /// NASA's rule for single-pass slopes outside the usual range: above -1 it is -1, below -10
    /// it is -3.
    ///
    /// Read off a real SPL2SMAP_S R17000 granule; the document was not read.
    ///
    /// # Examples
    /// ```
    /// use vadose_physics::Covariation;
    /// let slope = |beta| Covariation { beta, gamma: 3.0 }.with_usual_slope().beta;
    /// assert_eq!([-0.4, -5.0, -14.0].map(slope), [-1.0, -5.0, -3.0]);
    /// ```
    #[must_use]
    pub fn with_usual_slope(self) -> Self {
        const FLATTEST: f64 = -1.0;
        const STEEPEST: f64 = -10.0;
        const INSTEAD_OF_STEEPER: f64 = -3.0;
        let beta = if self.beta < STEEPEST {
            INSTEAD_OF_STEEPER
        } else {
            self.beta.min(FLATTEST)
        };
        Self { beta, ..self }
    }
}

/// Slope of co-polarised on cross-polarised linear power over the fine cells of a coarse cell: an
/// estimate of `gamma` from a single pass.
///
/// # Missing values
/// Cells without two positive powers are left out. `None` with fewer than three, or if the
/// cross-polarised power does not vary.
/// # References
/// Jagdhuber et al. (2019), doi:10.1109/TGRS.2018.2860630. On the granule of
/// [`CoarseCell::disaggregate`] the median ratio of NASA's `gamma_vv_xpol` to this slope is 1.00,
/// but the middle half of the cells spreads from 0.87 to 1.15: NASA's estimate is another one.
#[must_use]
pub fn copolarized_by_cross_polarized(fine: &[Backscatter]) -> Option<f64> {
    let valid: Vec<Backscatter> = fine.iter().copied().filter(|f| f.is_positive()).collect();
    if valid.len() < 3 {
        return None;
    }
    let like = mean_of(valid.iter().map(|f| f.copolarized));
    let cross = mean_of(valid.iter().map(|f| f.cross_polarized));
    let (mut together, mut alone) = (0.0, 0.0);
    for cell in &valid {
        let departure = cell.cross_polarized - cross;
        together += departure * (cell.copolarized - like);
        alone += departure * departure;
    }
    (alone > 0.0).then(|| together / alone)
}

fn mean_of(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}

/// Slopes of the first variable on the other two from the sums of products of all three, unless
/// the other two are proportional.
fn slopes(products: &[[f64; 3]; 3]) -> Option<[f64; 2]> {
    /// Determinant of the correlation matrix below which rounding decides the solution.
    const SINGULAR: f64 = 1e-9;
    let [[_, right_a, right_b], [_, aa, ab], [_, _, bb]] = *products;
    let determinant = aa * bb - ab * ab;
    (determinant > SINGULAR * aa * bb).then(|| {
        [
            (bb * right_a - ab * right_b) / determinant,
            (aa * right_b - ab * right_a) / determinant,
        ]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMISSIVITY: ActivePassiveForm = ActivePassiveForm::Emissivity {
        temperature_kelvin: 288.0,
    };

    fn fine() -> Vec<Backscatter> {
        (0..81_u32)
            .map(|i| Backscatter {
                copolarized: 0.05 + 0.001 * f64::from(i * i % 37),
                cross_polarized: 0.008 + 0.0003 * f64::from(i * 7 % 29),
            })
            .collect()
    }

    fn cell(form: ActivePassiveForm, beta: f64) -> CoarseCell {
        CoarseCell {
            tb_kelvin: 251.0,
            form,
            covariation: Covariation { beta, gamma: 2.5 },
        }
    }

    #[test]
    fn fine_cells_average_to_the_coarse_temperature() {
        /// Rounding of 81 additions of numbers near 250, K.
        const ROUNDING_KELVIN: f64 = 1e-11;
        for cell in [
            cell(ActivePassiveForm::Decibel, -3.0),
            cell(EMISSIVITY, -5.0),
        ] {
            let tb = cell.disaggregate(&fine());
            let mean = tb.iter().sum::<f64>() / 81.0;
            approx::assert_abs_diff_eq!(mean, 251.0, epsilon = ROUNDING_KELVIN);
            let spread = tb
                .iter()
                .fold(0.0_f64, |most, tb| most.max((tb - 251.0).abs()));
            assert!(spread > 5.0);
        }
    }

    #[test]
    fn missing_fine_cells_leave_the_mean_of_the_rest() {
        let mut gappy = fine();
        gappy[3].copolarized = f64::NAN;
        gappy[40].cross_polarized = 0.0;
        let tb = cell(EMISSIVITY, -5.0).disaggregate(&gappy);
        assert!(tb[3].is_nan() && tb[40].is_nan());
        let mean = tb.iter().filter(|tb| tb.is_finite()).sum::<f64>() / 79.0;
        approx::assert_abs_diff_eq!(mean, 251.0, epsilon = 1e-11);
    }

    #[test]
    fn a_missing_coarse_value_gives_no_fine_values() {
        let mut coarse = cell(EMISSIVITY, f64::NAN);
        assert!(coarse.disaggregate(&fine()).iter().all(|tb| tb.is_nan()));
        coarse = cell(EMISSIVITY, -5.0);
        coarse.tb_kelvin = f64::NAN;
        assert!(coarse.disaggregate(&fine()).iter().all(|tb| tb.is_nan()));
        let cold = ActivePassiveForm::Emissivity {
            temperature_kelvin: 0.0,
        };
        let tb = cell(cold, -5.0).disaggregate(&fine());
        assert!(tb.iter().all(|tb| tb.is_nan()));
        assert!(cell(EMISSIVITY, -5.0).disaggregate(&[]).is_empty());
    }

    #[test]
    fn regression_needs_four_observations_and_two_directions() {
        let observation = |copolarized: f64, cross_polarized: f64| CoarseObservation {
            tb_kelvin: 250.0 - 100.0 * copolarized,
            form: ActivePassiveForm::Decibel,
            backscatter: Backscatter {
                copolarized,
                cross_polarized,
            },
        };
        let proportional: Vec<_> = [0.05, 0.06, 0.08, 0.09]
            .map(|power| observation(power, 0.2 * power))
            .into();
        assert_eq!(Covariation::regress(&proportional), None);
        let mut series: Vec<_> = [(0.05, 0.01), (0.06, 0.02), (0.08, 0.01), (0.09, 0.015)]
            .map(|(pp, pq)| observation(pp, pq))
            .into();
        assert!(Covariation::regress(&series).unwrap().beta < 0.0);
        series[0].tb_kelvin = f64::NAN;
        assert_eq!(Covariation::regress(&series), None);
    }

    #[test]
    fn snapshot_line_ends_at_the_black_soil() {
        let (albedo, tau, gamma, temperature) = (0.05, 0.4, 3.0, 290.0);
        let mean = Backscatter {
            copolarized: 0.08,
            cross_polarized: 0.015,
        };
        let covariation =
            Covariation::snapshot(255.0, temperature, albedo, tau, mean, gamma).unwrap();
        let emissivity = 255.0 / temperature - covariation.beta * (0.08 - gamma * 0.015);
        let black = (-tau).exp() + (1.0 - albedo) * (1.0 - (-tau).exp());
        approx::assert_abs_diff_eq!(emissivity, black, epsilon = 1e-12);
        assert_eq!(
            Covariation::snapshot(255.0, temperature, albedo, tau, mean, 6.0),
            None
        );
    }

    #[test]
    fn slope_of_a_line_is_found() {
        let line: Vec<_> = [0.010, 0.012, 0.015]
            .map(|cross_polarized| Backscatter {
                copolarized: 0.03 + 3.5 * cross_polarized,
                cross_polarized,
            })
            .into();
        let slope = copolarized_by_cross_polarized(&line).unwrap();
        approx::assert_abs_diff_eq!(slope, 3.5, epsilon = 1e-12);
        assert_eq!(copolarized_by_cross_polarized(&line[..2]), None);
    }
}
