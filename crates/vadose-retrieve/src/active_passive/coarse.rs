//! One 9 km cell: its covariation, its disaggregation, and what errors do to it.

use vadose_physics::{
    ActivePassiveForm, Backscatter, CoarseCell, Covariation, Disaggregation,
    copolarized_by_cross_polarized,
};

use crate::RetrievalStatus;
use crate::map_inverter::CellTb;
use crate::surface_fields::SurfaceState;

/// Largest `gamma_vv_xpol` that the product's specification allows.
const MOST_GAMMA: f64 = 10.0;

/// A fine cell that takes part in the disaggregation.
pub(super) struct FineCell {
    pub(super) tb_kelvin: f64,
    pub(super) backscatter: Backscatter,
    /// None where a field is missing.
    pub(super) state: Option<SurfaceState>,
    /// Where it is given and not to be estimated.
    pub(super) covariation: Option<Covariation>,
}

/// A 9 km cell that can be disaggregated.
#[derive(Debug, Clone, Copy)]
pub(super) struct CoarseTb {
    disaggregation: Disaggregation,
    covariation: Covariation,
    /// Where beta follows from the state of this cell; none where it is given or a limit.
    black_soil: Option<BlackSoil>,
    speckle: Speckle,
}

/// The end of the line that beta is the slope of: soil that reflects nothing.
#[derive(Debug, Clone, Copy)]
struct BlackSoil {
    emissivity: f64,
    /// Change of its brightness temperature with the relative error of the vegetation, K.
    by_vegetation_kelvin: f64,
}

/// What speckle does to the mean of the signal `pp - gamma pq` and to gamma.
#[derive(Debug, Clone, Copy)]
struct Speckle {
    /// Standard deviation of a power, as a share of it.
    share: f64,
    n: f64,
    mean_cross: f64,
    /// Sum over the cells of the variance of the signal.
    signal: f64,
    /// None where gamma is given or a limit.
    slope: Option<SlopeSums>,
}

/// Sums over the cells, with `d` the departure of the cross-polarised power from its mean and `v` the
/// variance of the signal.
#[derive(Debug, Clone, Copy)]
struct SlopeSums {
    dd: f64,
    dv: f64,
    ddv: f64,
}

impl CoarseTb {
    /// The disaggregation about these cells, at least one.
    pub(super) fn of(cells: &[FineCell], sigma0_share: f64) -> Result<Self, RetrievalStatus> {
        let backscatter: Vec<Backscatter> = cells.iter().map(|cell| cell.backscatter).collect();
        let mean_backscatter = Backscatter {
            copolarized: mean(backscatter.iter().map(|b| b.copolarized)),
            cross_polarized: mean(backscatter.iter().map(|b| b.cross_polarized)),
        };
        let states: Vec<SurfaceState> = cells.iter().filter_map(|cell| cell.state).collect();
        if states.is_empty() {
            return Err(RetrievalStatus::NoSurfaceState);
        }
        let tb_kelvin = mean(cells.iter().map(|cell| cell.tb_kelvin));
        let temperature_kelvin = mean(states.iter().map(|state| state.temperature_kelvin));
        let tau_slant = mean(states.iter().map(|state| state.tau_slant));
        let albedo = mean(states.iter().map(|state| state.albedo));

        let given: Option<Vec<Covariation>> = cells.iter().map(|cell| cell.covariation).collect();
        let mut black_soil = None;
        let mut slope_is_estimated = false;
        let covariation = match given {
            Some(given) => Covariation {
                beta: mean(given.iter().map(|one| one.beta)),
                gamma: mean(given.iter().map(|one| one.gamma)),
            },
            None => {
                let slope = copolarized_by_cross_polarized(&backscatter)
                    .ok_or(RetrievalStatus::NoCovariation)?;
                let gamma = slope.clamp(0.0, MOST_GAMMA);
                slope_is_estimated = gamma == slope;
                let found = Covariation::snapshot(
                    tb_kelvin,
                    temperature_kelvin,
                    albedo,
                    tau_slant,
                    mean_backscatter,
                    gamma,
                )
                .ok_or(RetrievalStatus::NoCovariation)?;
                let usual = found.with_usual_slope();
                black_soil = (usual == found).then(|| BlackSoil {
                    emissivity: 1.0 - albedo * (1.0 - (-tau_slant).exp()),
                    by_vegetation_kelvin: -temperature_kelvin
                        * albedo
                        * (-tau_slant).exp()
                        * tau_slant,
                });
                usual
            }
        };
        let coarse = CoarseCell {
            tb_kelvin,
            form: ActivePassiveForm::Emissivity { temperature_kelvin },
            covariation,
        };
        let disaggregation = coarse.around(&backscatter);
        if !disaggregation.kelvin_per_signal().is_finite() {
            return Err(RetrievalStatus::NoCovariation);
        }
        let mut speckle = Speckle {
            share: sigma0_share,
            n: backscatter.len() as f64,
            mean_cross: mean_backscatter.cross_polarized,
            signal: 0.0,
            slope: None,
        };
        let mut sums = SlopeSums {
            dd: 0.0,
            dv: 0.0,
            ddv: 0.0,
        };
        for &cell in &backscatter {
            let variance = speckle.variance(cell, covariation.gamma);
            let departure = cell.cross_polarized - speckle.mean_cross;
            speckle.signal += variance;
            sums.dd += departure * departure;
            sums.dv += departure * variance;
            sums.ddv += departure * departure * variance;
        }
        speckle.slope = slope_is_estimated.then_some(sums);
        Ok(Self {
            disaggregation,
            covariation,
            black_soil,
            speckle,
        })
    }

    /// Brightness temperature of a fine cell, and how it answers to errors.
    ///
    /// Where beta follows from the cell itself, `TB(j) = black T + (TB - black T) s(j) / mean s` with the
    /// signal `s = pp - gamma pq`: errors of `TB` and `T` are stretched by the ratio of the signals. Where
    /// beta is given, `TB(j) = TB + beta T (s(j) - mean s)`. In both, speckle shifts `TB(j)` by
    /// `beta T [ds(j) - follow d(mean s) + g d(gamma)]`, whose variance is written out here.
    pub(super) fn fine(&self, backscatter: Backscatter) -> CellTb {
        let gamma = self.covariation.gamma;
        let mean_signal = self.disaggregation.mean_signal();
        let signal = backscatter.copolarized - gamma * backscatter.cross_polarized;
        let (follow, to_temperature, to_vegetation_kelvin) = match self.black_soil {
            Some(black) => {
                let ratio = signal / mean_signal;
                (
                    ratio,
                    black.emissivity * (1.0 - ratio),
                    black.by_vegetation_kelvin * (1.0 - ratio),
                )
            }
            None => (1.0, self.covariation.beta * (signal - mean_signal), 0.0),
        };
        CellTb {
            kelvin: self.disaggregation.tb_kelvin(backscatter),
            to_tb: follow,
            to_temperature,
            to_vegetation_kelvin,
            variance_kelvin2: self.disaggregation.kelvin_per_signal().powi(2)
                * self.speckle.shift_variance(backscatter, gamma, follow),
        }
    }
}

impl Speckle {
    /// Variance of the signal of a cell.
    fn variance(&self, cell: Backscatter, gamma: f64) -> f64 {
        let powers = [cell.copolarized, gamma * cell.cross_polarized];
        powers
            .iter()
            .map(|power| (self.share * power).powi(2))
            .sum()
    }

    /// Variance of `ds - follow d(mean s) + g d(gamma)` of a cell that is one of the mean.
    fn shift_variance(&self, cell: Backscatter, gamma: f64, follow: f64) -> f64 {
        let own = self.variance(cell, gamma);
        let n = self.n;
        let of_mean = own * (1.0 - 2.0 * follow / n) + follow * follow * self.signal / (n * n);
        let of_slope = self.slope.map_or(0.0, |SlopeSums { dd, dv, ddv }| {
            let departure = cell.cross_polarized - self.mean_cross;
            let by_gamma = follow * self.mean_cross - cell.cross_polarized;
            2.0 * own * by_gamma * departure / dd + by_gamma * by_gamma * ddv / (dd * dd)
                - 2.0 * follow * by_gamma * dv / (n * dd)
        });
        (of_mean + of_slope).max(0.0)
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}
