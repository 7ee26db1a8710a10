//! The low-pass filter of D: which kernel, and its weights.

use serde::{Deserialize, Serialize};

use crate::OpsError;

/// Gaussian full width at half maximum over its standard deviation, `2 sqrt(2 ln 2)`.
const FWHM_PER_SIGMA: f64 = 2.354_820_045_030_949_3;

/// Largest filter radius, cells: one 36 km radiometer cell on either side and then some. A larger
/// one is a slip of units (metres for cells).
const MAX_RADIUS_CELLS: usize = 64;

/// The low-pass kernel, separable and symmetric, on a square of cells.
///
/// The kernel that the paper used is not stated. The default makes what one coarse cell passes on
/// as wide as the cell itself: a Gaussian whose half-power width is 9 cells, cut at 12 cells
/// (3.1 σ, where it has fallen to 0.7 % of its centre).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LowPass {
    /// No filter: D is the plain mean over the coarse cell.
    None,
    /// Equal weights over `width` × `width` cells.
    Box {
        /// Edge in cells, odd.
        width: usize,
    },
    /// Gaussian weights.
    Gaussian {
        /// Full width at half maximum, cells; σ is this over 2.35482.
        fwhm_cells: f64,
        /// The kernel is zero beyond this many rows or columns from its centre.
        radius_cells: usize,
    },
}

impl Default for LowPass {
    fn default() -> Self {
        LowPass::Gaussian {
            fwhm_cells: 9.0,
            radius_cells: 12,
        }
    }
}

impl LowPass {
    /// Weights along one axis from the centre outwards, `[radius + 1]`; both sides sum to 1.
    pub(crate) fn half_kernel(self) -> Result<Vec<f64>, OpsError> {
        let half: Vec<f64> = match self {
            LowPass::None => vec![1.0],
            LowPass::Box { width } if width % 2 == 1 => vec![1.0; width / 2 + 1],
            LowPass::Box { width } => return Err(OpsError::BoxWidth { width }),
            LowPass::Gaussian { fwhm_cells, .. }
                if !(fwhm_cells.is_finite() && fwhm_cells > 0.0) =>
            {
                return Err(OpsError::GaussianWidth { fwhm_cells });
            }
            LowPass::Gaussian {
                fwhm_cells,
                radius_cells,
            } => {
                let sigma = fwhm_cells / FWHM_PER_SIGMA;
                (0..=radius_cells.min(MAX_RADIUS_CELLS + 1))
                    .map(|distance| (-0.5 * (distance as f64 / sigma).powi(2)).exp())
                    .collect()
            }
        };
        let radius = half.len() - 1;
        if radius > MAX_RADIUS_CELLS {
            return Err(OpsError::FilterRadius {
                radius,
                limit: MAX_RADIUS_CELLS,
            });
        }
        let total = half[0] + 2.0 * half[1..].iter().sum::<f64>();
        Ok(half.into_iter().map(|weight| weight / total).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_gaussian_is_half_as_high_at_half_its_width() {
        let half = LowPass::default().half_kernel().unwrap();
        assert_eq!(half.len(), 13);
        // 4.5 cells lies between taps 4 and 5 on the logarithm's parabola.
        let at_half_width = half[0] * (half[1] / half[0]).powf(4.5 * 4.5);
        approx::assert_relative_eq!(at_half_width, 0.5 * half[0], max_relative = 1e-12);
        approx::assert_relative_eq!(
            half[1] / half[0],
            (-0.5 / 3.821_949_f64.powi(2)).exp(),
            max_relative = 1e-6
        );
    }

    #[test]
    fn kernels_sum_to_one() {
        for low_pass in [LowPass::None, LowPass::Box { width: 9 }, LowPass::default()] {
            let half = low_pass.half_kernel().unwrap();
            let total = half[0] + 2.0 * half[1..].iter().sum::<f64>();
            approx::assert_relative_eq!(total, 1.0, max_relative = 1e-15);
        }
    }

    #[test]
    fn senseless_kernels_are_refused() {
        let gaussian = |fwhm_cells, radius_cells| LowPass::Gaussian {
            fwhm_cells,
            radius_cells,
        };
        assert_eq!(
            LowPass::Box { width: 4 }.half_kernel(),
            Err(OpsError::BoxWidth { width: 4 })
        );
        assert_eq!(
            LowPass::Box { width: 0 }.half_kernel(),
            Err(OpsError::BoxWidth { width: 0 })
        );
        assert!(matches!(
            gaussian(0.0, 3).half_kernel(),
            Err(OpsError::GaussianWidth { .. })
        ));
        assert!(matches!(
            gaussian(f64::NAN, 3).half_kernel(),
            Err(OpsError::GaussianWidth { .. })
        ));
        assert!(matches!(
            gaussian(9.0, 9_000).half_kernel(),
            Err(OpsError::FilterRadius {
                limit: MAX_RADIUS_CELLS,
                ..
            })
        ));
        assert!(matches!(
            LowPass::Box { width: 9_001 }.half_kernel(),
            Err(OpsError::FilterRadius { radius: 4_500, .. })
        ));
    }
}
