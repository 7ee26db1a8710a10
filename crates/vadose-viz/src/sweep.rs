//! A metric against a setting: the weight α of the coarse term, the number of stations.

use crate::curve::{Curve, CurveStyle, range_of};
use crate::drawing::Drawing;
use crate::frame::Axis;
use crate::skill_plot::Better;
use crate::ticks::Scale;
use crate::wording;
use crate::xy_plot::{ReferenceLevel, VerticalMark, XyPlot};
use crate::{Figure, VizError};

/// A metric against a setting that runs over decades, a marker with its interval at each value tried.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepPlot {
    /// Title; empty for none.
    pub title: String,
    /// One curve a method or set of stations; `x` must be positive.
    pub curves: Vec<Curve>,
    /// Values without the setting, such as α = 0, which a logarithmic axis cannot show.
    pub levels: Vec<ReferenceLevel>,
    /// Settings that have a meaning, such as the one chosen.
    pub marks: Vec<VerticalMark>,
    /// Label of the horizontal axis, with units.
    pub x_label: String,
    /// Label of the vertical axis, with units.
    pub y_label: String,
    /// Which values are good, for the alternative text.
    pub better: Better,
    /// Line at the bottom; empty for none.
    pub footnote: String,
    /// Width and height, pixels. Default 1200×800.
    pub size_px: (u32, u32),
}

impl Default for SweepPlot {
    fn default() -> Self {
        SweepPlot {
            title: String::new(),
            curves: Vec::new(),
            levels: Vec::new(),
            marks: Vec::new(),
            x_label: "α".to_owned(),
            y_label: "ubRMSE (m³ m⁻³)".to_owned(),
            better: Better::Lower,
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
/// use vadose_metrics::Interval;
/// use vadose_viz::{Curve, Figure, SweepPlot};
///
/// let around = |value: f64| Interval { lower: value - 0.004, upper: value + 0.004 };
/// let figure = SweepPlot {
///     title: "Error against the weight of the coarse term".into(),
///     curves: vec![Curve {
///         label: "validation stations".into(),
///         x: vec![1e-4, 1e-3, 1e-2],
///         y: vec![0.061, 0.052, 0.057],
///         intervals: [0.061, 0.052, 0.057].map(around).to_vec(),
///     }],
///     ..SweepPlot::default()
/// };
/// assert!(figure.alternative_text().contains("lowest at 0.001"));
/// let svg = figure.svg()?;
/// # assert!(svg.starts_with("<svg"));
/// # Ok::<(), vadose_viz::VizError>(())
/// ```
impl Figure for SweepPlot {
    fn draw(&self) -> Result<Drawing, VizError> {
        if self.curves.is_empty() {
            return Err(VizError::NothingToDraw {
                what: "sweep".to_owned(),
            });
        }
        for curve in &self.curves {
            curve.check((Scale::Log, Scale::Linear))?;
        }
        let x = self.curves.iter().flat_map(|curve| curve.x.iter().copied());
        let x = range_of(x, Scale::Log, X_ROOM);
        let y = range_of(self.heights(), Scale::Linear, Y_ROOM);
        let plot = XyPlot {
            title: &self.title,
            footnote: &self.footnote,
            size_px: self.size_px,
            x_label: &self.x_label,
            y_label: &self.y_label,
            x: Axis::new(x, Scale::Log, 7),
            y: Axis::new(y, Scale::Linear, 6),
            curves: &self.curves,
            style: CurveStyle::Marked,
            levels: &self.levels,
            marks: &self.marks,
            guides: &[],
        };
        plot.draw()
    }

    fn alternative_text(&self) -> String {
        let mut text = wording::opening(&self.title, "Sweep");
        text.push_str(&format!(" {} against {}.", self.y_label, self.x_label));
        for curve in &self.curves {
            let best = (0..curve.x.len().min(curve.y.len()))
                .filter(|&index| curve.x[index].is_finite() && curve.y[index].is_finite())
                .min_by(|&one, &other| self.better.compare(curve.y[one], curve.y[other]));
            let Some(best) = best else {
                continue;
            };
            text.push_str(&format!(
                " {} is {} at {}: {}.",
                curve.label,
                self.better.superlative(),
                wording::say(curve.x[best]),
                wording::with_interval(curve.y[best], curve.intervals.get(best).copied()),
            ));
        }
        for level in &self.levels {
            let value = wording::with_interval(level.value, level.interval);
            text.push_str(&format!(" {}: {value}.", level.label));
        }
        text
    }
}

/// Room beside the first and last value, as a share of the axis.
const X_ROOM: f64 = 0.04;
/// Room above and below the intervals, as a share of their span.
const Y_ROOM: f64 = 0.04;

impl SweepPlot {
    /// All that the vertical axis must hold.
    fn heights(&self) -> impl Iterator<Item = f64> {
        let curves = self.curves.iter().flat_map(|curve| {
            let ends = curve.intervals.iter().flat_map(|of| [of.lower, of.upper]);
            curve.y.iter().copied().chain(ends)
        });
        let levels = self.levels.iter().flat_map(|level| {
            let ends = level
                .interval
                .into_iter()
                .flat_map(|of| [of.lower, of.upper]);
            ends.chain([level.value])
        });
        curves.chain(levels)
    }
}
