//! Soil texture and density.

use ndarray::Array2;
use vadose_scene::seed;

use super::terrain::Relief;
use crate::noise::Noise;
use crate::positions::Positions;

/// Noise of the two degrees of freedom of texture, and of density.
#[derive(Debug, Clone)]
pub(super) struct Soil {
    clay: Noise,
    sand: Noise,
    density: Noise,
}

/// Fields of a window, as in [`crate::Layers`].
pub(super) struct SoilFields {
    pub(super) clay_fraction: Array2<f32>,
    pub(super) sand_fraction: Array2<f32>,
    pub(super) bulk_density_g_cm3: Array2<f32>,
}

/// Range of clay in SoilGrids' topsoil over the United States, mass fraction.
const CLAY_RANGE: (f32, f32) = (0.03, 0.60);
/// Range of bulk density, from organic mountain soils to compacted plains, g cm-3.
const DENSITY_RANGE: (f32, f32) = (0.80, 1.70);

impl Soil {
    pub(super) fn new(master: u64) -> Self {
        let of =
            |purpose, coarsest| Noise::fractal(seed::derive(master, purpose), 1.5, coarsest, 0.2);
        Self {
            clay: of("clay", 160.0),
            sand: of("sand", 160.0),
            density: of("bulk density", 80.0),
        }
    }

    /// Valleys are finer and mountains coarser and more organic, as sediment sorts itself.
    pub(super) fn fields(
        &self,
        positions: &Positions,
        relief: &Relief,
        mountains: &Array2<f32>,
        wetness: &Array2<f32>,
    ) -> SoilFields {
        let mut clay = self.clay.fill(positions);
        let mut sand = self.sand.fill(positions);
        let mut density = self.density.fill(positions);
        ndarray::azip!((clay in &mut clay, &valley in &relief.wetness_index, &mountain in mountains) {
            // Median 20 % on a plain; a deviation of the noise is a factor of about 1.5.
            let logit = -1.25 + 0.50 * *clay + 0.40 * valley - 0.35 * mountain;
            *clay = logistic(logit).clamp(CLAY_RANGE.0, CLAY_RANGE.1);
        });
        ndarray::azip!((sand in &mut sand, &clay in &clay, &valley in &relief.wetness_index) {
            // Share of sand in what is not clay: 55 % on average.
            *sand = (1.0 - clay) * logistic(0.2 + 0.7 * *sand - 0.30 * valley);
        });
        ndarray::azip!((density in &mut density, &clay in &clay, &mountain in mountains, &wetness in wetness) {
            let organic = 0.13 * mountain + 0.07 * wetness.ln();
            let value = 1.47 + 0.07 * *density - 0.30 * (clay - 0.2) - organic;
            *density = value.clamp(DENSITY_RANGE.0, DENSITY_RANGE.1);
        });
        SoilFields {
            clay_fraction: clay,
            sand_fraction: sand,
            bulk_density_g_cm3: density,
        }
    }
}

fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}
