//! Do intervals hold what they promise: observed against nominal coverage.

use crate::curve::{Curve, CurveStyle};
use crate::drawing::Drawing;
use crate::frame::Axis;
use crate::ticks::Scale;
use crate::wording;
use crate::xy_plot::{Guide, XyPlot};
use crate::{Figure, VizError};

/// The share of values that lie in their intervals against the share that should, both 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibrationPlot {
    /// Title; empty for none.
    pub title: String,
    /// One curve a method: `x` is the nominal coverage, `y` the observed one.
    pub curves: Vec<Curve>,
    /// Line at the bottom; empty for none.
    pub footnote: String,
    /// Width and height, pixels. Default 1000×940.
    pub size_px: (u32, u32),
}

impl Default for CalibrationPlot {
    fn default() -> Self {
        CalibrationPlot {
            title: String::new(),
            curves: Vec::new(),
            footnote: String::new(),
            size_px: (1000, 940),
        }
    }
}

/// # Errors of drawing
/// [`VizError::NothingToDraw`] without curves or for one without a finite point,
/// [`VizError::LengthMismatch`], [`VizError::OutOfRange`] for a share outside 0 to 1, [`VizError::Size`].
///
/// # Examples
/// ```
/// use vadose_viz::{CalibrationPlot, Curve, Figure};
///
/// let figure = CalibrationPlot {
///     curves: vec![Curve {
///         label: "ensemble".into(),
///         x: vec![0.5, 0.8, 0.9],
///         y: vec![0.41, 0.70, 0.82],
///         intervals: Vec::new(),
///     }],
///     ..CalibrationPlot::default()
/// };
/// assert!(figure.alternative_text().contains("90 % intervals of ensemble hold 82 %"));
/// # figure.svg()?;
/// # Ok::<(), vadose_viz::VizError>(())
/// ```
impl Figure for CalibrationPlot {
    fn draw(&self) -> Result<Drawing, VizError> {
        if self.curves.is_empty() {
            return Err(VizError::NothingToDraw {
                what: "calibration".to_owned(),
            });
        }
        for curve in &self.curves {
            curve.check((Scale::Linear, Scale::Linear))?;
            let shares = curve.points().flat_map(|(x, y)| [x, y]);
            if let Some(value) = shares
                .into_iter()
                .find(|share| !(0.0..=1.0).contains(share))
            {
                return Err(VizError::OutOfRange {
                    what: format!("a coverage of {:?}", curve.label),
                    value,
                    from: 0.0,
                    to: 1.0,
                });
            }
        }
        let axis = Axis::new((0.0, 1.0), Scale::Linear, 5);
        let plot = XyPlot {
            title: &self.title,
            footnote: &self.footnote,
            size_px: self.size_px,
            x_label: "nominal coverage",
            y_label: "observed coverage",
            x: axis.clone(),
            y: axis,
            curves: &self.curves,
            style: CurveStyle::Marked,
            levels: &[],
            marks: &[],
            guides: &[Guide {
                ends: [(0.0, 0.0), (1.0, 1.0)],
                label: "as promised".to_owned(),
            }],
        };
        plot.draw()
    }

    fn alternative_text(&self) -> String {
        let mut text = wording::opening(&self.title, "Calibration plot");
        text.push_str(" Observed against nominal coverage of intervals.");
        for curve in &self.curves {
            let distance = |x: f64| (x - TOLD).abs();
            let points = (0..curve.x.len().min(curve.y.len()))
                .filter(|&index| curve.x[index].is_finite() && curve.y[index].is_finite());
            let told = points
                .min_by(|&one, &other| distance(curve.x[one]).total_cmp(&distance(curve.x[other])));
            let Some(told) = told else {
                continue;
            };
            let percent = |share: f64| wording::say((1000.0 * share).round() / 10.0);
            let interval = curve
                .intervals
                .get(told)
                .map(|of| format!(" ({} to {} %)", percent(of.lower), percent(of.upper)));
            text.push_str(&format!(
                " {} % intervals of {} hold {} %{} of the values.",
                percent(curve.x[told]),
                curve.label,
                percent(curve.y[told]),
                interval.unwrap_or_default(),
            ));
        }
        text
    }
}

/// The nominal coverage that the text tells of.
const TOLD: f64 = 0.9;
