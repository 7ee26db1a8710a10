//! Power spectra and structure functions, on logarithmic axes.

use crate::curve::{Curve, CurveStyle, range_of};
use crate::drawing::Drawing;
use crate::frame::Axis;
use crate::ticks::{Scale, number};
use crate::wording;
use crate::xy_plot::{Guide, VerticalMark, XyPlot};
use crate::{Figure, VizError};

/// Curves on two logarithmic axes: power against wavelength, structure function against distance.
#[derive(Debug, Clone, PartialEq)]
pub struct SpectrumPlot {
    /// Title; empty for none.
    pub title: String,
    /// One curve a field; `x` and `y` must be positive.
    pub curves: Vec<Curve>,
    /// Exponents of power laws to compare slopes with, drawn above the middle of the first curve.
    pub slopes: Vec<f64>,
    /// Scales that have a meaning, such as 9 km.
    pub marks: Vec<VerticalMark>,
    /// Label of the horizontal axis, with units.
    pub x_label: String,
    /// Label of the vertical axis, with units.
    pub y_label: String,
    /// Line at the bottom; empty for none.
    pub footnote: String,
    /// Width and height, pixels. Default 1200×800.
    pub size_px: (u32, u32),
}

impl Default for SpectrumPlot {
    fn default() -> Self {
        SpectrumPlot {
            title: String::new(),
            curves: Vec::new(),
            slopes: Vec::new(),
            marks: Vec::new(),
            x_label: "wavelength (km)".to_owned(),
            y_label: "power ((m³ m⁻³)² km)".to_owned(),
            footnote: String::new(),
            size_px: (1200, 800),
        }
    }
}

/// # Errors of drawing
/// [`VizError::NothingToDraw`] without curves or for one without a finite point,
/// [`VizError::LengthMismatch`], [`VizError::NotPositive`], [`VizError::Size`].
///
/// # Examples
/// ```
/// use vadose_viz::{Curve, Figure, SpectrumPlot};
///
/// let wavelength_km: Vec<f64> = (1..=6).map(|octave| f64::from(1 << octave)).collect();
/// let figure = SpectrumPlot {
///     curves: vec![Curve {
///         label: "truth".into(),
///         y: wavelength_km.iter().map(|length| 1e-4 * length.powf(1.8)).collect(),
///         x: wavelength_km,
///         intervals: Vec::new(),
///     }],
///     slopes: vec![1.8],
///     ..SpectrumPlot::default()
/// };
/// assert!(figure.alternative_text().contains("slope 1.8"));
/// # figure.svg()?;
/// # Ok::<(), vadose_viz::VizError>(())
/// ```
impl Figure for SpectrumPlot {
    fn draw(&self) -> Result<Drawing, VizError> {
        if self.curves.is_empty() {
            return Err(VizError::NothingToDraw {
                what: "spectrum".to_owned(),
            });
        }
        for curve in &self.curves {
            curve.check((Scale::Log, Scale::Log))?;
        }
        let x = self.curves.iter().flat_map(|curve| curve.x.iter().copied());
        let y = self.curves.iter().flat_map(|curve| curve.y.iter().copied());
        let (x, y) = (range_of(x, Scale::Log, 0.0), range_of(y, Scale::Log, ROOM));
        let guides: Vec<Guide> = self
            .slopes
            .iter()
            .map(|&slope| self.guide(slope, x))
            .collect();
        let plot = XyPlot {
            title: &self.title,
            footnote: &self.footnote,
            size_px: self.size_px,
            x_label: &self.x_label,
            y_label: &self.y_label,
            x: Axis::new(x, Scale::Log, 6),
            y: Axis::new(y, Scale::Log, 6),
            curves: &self.curves,
            style: CurveStyle::Smooth,
            levels: &[],
            marks: &self.marks,
            guides: &guides,
        };
        plot.draw()
    }

    fn alternative_text(&self) -> String {
        let mut text = wording::opening(&self.title, "Logarithmic plot");
        text.push_str(&format!(" {} against {}.", self.y_label, self.x_label));
        for curve in &self.curves {
            let (Some(first), Some(last)) = (curve.points().next(), curve.points().last()) else {
                continue;
            };
            text.push_str(&format!(
                " {} goes from {} at {} to {} at {}",
                curve.label,
                wording::say(first.1),
                wording::say(first.0),
                wording::say(last.1),
                wording::say(last.0),
            ));
            match log_slope(curve) {
                Some(slope) => text.push_str(&format!(", slope {}.", number(slope, 1))),
                None => text.push('.'),
            }
        }
        text
    }
}

/// Room above and below the curves, as a share of the axis.
const ROOM: f64 = 0.03;
/// A guide lies this factor above the curve, so that neither hides the other.
const ABOVE: f64 = 3.0;

impl SpectrumPlot {
    /// A power law above the middle of the first curve, from end to end of the axis.
    fn guide(&self, slope: f64, x: (f64, f64)) -> Guide {
        let points: Vec<_> = self.curves[0].points().collect();
        let (x_middle, y_middle) = points[points.len() / 2];
        let at = |x: f64| (x, ABOVE * y_middle * (x / x_middle).powf(slope));
        Guide {
            ends: [at(x.0), at(x.1)],
            label: format!("slope {}", wording::say(slope)),
        }
    }
}

/// The least-squares slope of the logarithms.
fn log_slope(curve: &Curve) -> Option<f64> {
    let positive = |(x, y): &(f64, f64)| *x > 0.0 && *y > 0.0;
    let logs = curve
        .points()
        .filter(positive)
        .map(|(x, y)| (x.ln(), y.ln()));
    let logs: Vec<(f64, f64)> = logs.collect();
    let n = logs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / n;
    let (x_mean, y_mean) = (mean(|log| log.0), mean(|log| log.1));
    let of_x: f64 = logs.iter().map(|log| (log.0 - x_mean).powi(2)).sum();
    let of_both = logs.iter().map(|log| (log.0 - x_mean) * (log.1 - y_mean));
    (of_x > 0.0).then(|| of_both.sum::<f64>() / of_x)
}
