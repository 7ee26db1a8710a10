//! What terrain, land cover and weather share: where the mountains are and how wet a June is.

use vadose_scene::seed;

use crate::noise::Noise;
use crate::positions::Positions;
use ndarray::Array2;

/// Smooth regional fields of the fictitious continent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Climate {
    mountains: Noise,
    moisture: Noise,
}

/// Log of the June rain at the driest and the wettest place, relative to [`REFERENCE_MM`].
const LOG_WETNESS: (f32, f32) = (-2.1, 0.85);
/// June rain where the wetness is 1, mm: about the mean over the contiguous United States, where
/// NOAA's normals of 1991-2020 give 74 mm, less in the interior west that the twin resembles.
pub(crate) const REFERENCE_MM: f64 = 60.0;

impl Climate {
    pub(crate) fn new(master: u64) -> Self {
        Self {
            mountains: Noise::fractal(seed::derive(master, "mountains"), 70.0, 280.0, 0.8),
            moisture: Noise::fractal(seed::derive(master, "regional moisture"), 90.0, 360.0, 0.4),
        }
    }

    /// 0 in plains, 1 in the core of a mountain range.
    pub(crate) fn mountainousness(&self, positions: &Positions) -> Array2<f32> {
        self.mountains.fill(positions).mapv_into(mountainousness)
    }

    /// Mean June rain, relative to [`REFERENCE_MM`]: 0.12 to 2.3.
    pub(crate) fn wetness(&self, positions: &Positions) -> Array2<f32> {
        let mut field = self.moisture.fill(positions);
        let mountains = self.mountains.fill(positions);
        ndarray::azip!((a in &mut field, &m in &mountains) *a = wetness(*a, m));
        field
    }

    /// [`wetness`](Self::wetness) at one point.
    pub(crate) fn wetness_at(&self, row: f64, col: f64) -> f32 {
        wetness(self.moisture.at(row, col), self.mountains.at(row, col))
    }
}

fn mountainousness(noise: f32) -> f32 {
    /// Noise values between which plains turn into mountains: a third of the land is above the
    /// middle.
    const RAMP: (f32, f32) = (-0.1, 1.35);
    smooth_step((noise - RAMP.0) / (RAMP.1 - RAMP.0))
}

fn wetness(moisture: f32, mountains: f32) -> f32 {
    /// How far a deviation of the regional noise moves the log of rain.
    const REGIONAL: f32 = 0.75;
    /// Mountains receive more than the plains around them.
    const OROGRAPHIC: f32 = 0.45;
    /// Puts the mean of the wetness near 1.
    const CENTRE: f32 = -0.35;
    let log = CENTRE + REGIONAL * moisture + OROGRAPHIC * mountainousness(mountains);
    log.clamp(LOG_WETNESS.0, LOG_WETNESS.1).exp()
}

/// `3 t^2 - 2 t^3` of `t` clamped to 0 ..= 1.
pub(crate) fn smooth_step(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
