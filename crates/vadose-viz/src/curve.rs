//! Curves with intervals: what spectra, sweeps and calibration have in common.

use vadose_metrics::Interval;

use crate::VizError;
use crate::drawing::{Drawing, Mark};
use crate::frame::{Frame, stroke};
use crate::legend::{Entry, Sample};
use crate::marker::Marker;
use crate::ticks::{Scale, rounded_outward};

/// One line of a plot, with its uncertainty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    /// Name in the legend.
    pub label: String,
    /// Where along the horizontal axis, `[n]`, rising.
    pub x: Vec<f64>,
    /// Values, `[n]`; one that is not finite leaves a gap.
    pub y: Vec<f64>,
    /// Intervals of the values, `[n]`, or empty for none; one with an end that is not finite is left out.
    pub intervals: Vec<Interval>,
}

/// How a curve shows its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CurveStyle {
    /// A line alone, intervals as a band: for many values.
    Smooth,
    /// A marker at each value, intervals as bars: for few.
    Marked,
}

/// Opacity of bands, low enough that several lie over each other.
const BAND: f64 = 0.18;
const LINE_WIDTH: f64 = 3.2;
const BAR_WIDTH: f64 = 2.2;
const RADIUS: f64 = 6.5;
/// Half the width of the cap of a bar, pixels.
const CAP: f64 = 6.0;

impl Curve {
    /// Refuses lists of different lengths, values that `scales` of x and y cannot show, and curves
    /// without a point.
    pub(crate) fn check(&self, scales: (Scale, Scale)) -> Result<(), VizError> {
        let n = self.x.len();
        let mismatch = |part: &str, got| VizError::LengthMismatch {
            what: format!("{part} of curve {:?}", self.label),
            expected: n,
            got,
        };
        if self.y.len() != n {
            return Err(mismatch("y", self.y.len()));
        }
        if !self.intervals.is_empty() && self.intervals.len() != n {
            return Err(mismatch("intervals", self.intervals.len()));
        }
        if self.points().next().is_none() {
            return Err(VizError::NothingToDraw {
                what: format!("curve {:?}", self.label),
            });
        }
        for (scale, values) in [(scales.0, &self.x), (scales.1, &self.y)] {
            let refused = |value: &&f64| scale == Scale::Log && **value <= 0.0;
            if let Some(&value) = values.iter().find(refused) {
                return Err(VizError::NotPositive {
                    what: format!("curve {:?}", self.label),
                    value,
                });
            }
        }
        Ok(())
    }

    /// The finite points.
    pub(crate) fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        let all = self.x.iter().copied().zip(self.y.iter().copied());
        all.filter(|(x, y)| x.is_finite() && y.is_finite())
    }

    /// The interval of point `index`, if it has one that can be drawn.
    fn interval(&self, index: usize, frame: &Frame) -> Option<Interval> {
        let interval = self.intervals.get(index).copied()?;
        let (low, high) = frame.y.range;
        let drawable = interval.lower.is_finite() && interval.upper.is_finite();
        (drawable && interval.lower <= high && interval.upper >= low).then(|| Interval {
            lower: interval.lower.max(low),
            upper: interval.upper.min(high),
        })
    }

    /// Draws the curve's uncertainty; all curves' go below the first curve's line.
    pub(crate) fn draw_intervals(
        &self,
        drawing: &mut Drawing,
        frame: &Frame,
        look: Marker,
        style: CurveStyle,
    ) {
        let ends = (0..self.x.len()).map(|index| {
            let interval = self.interval(index, frame)?;
            let x = self.x[index];
            Some([interval.lower, interval.upper].map(|y| frame.place((x, y))))
        });
        let ends: Vec<Option<[(f64, f64); 2]>> = ends.collect();
        match style {
            CurveStyle::Smooth => {
                for run in ends.split(Option::is_none).filter(|run| run.len() > 1) {
                    let lower = run.iter().flatten().map(|ends| ends[0]);
                    let upper = run.iter().rev().flatten().map(|ends| ends[1]);
                    let corners = lower.chain(upper).collect();
                    drawing.add(Mark::Polygon(corners, look.colour, BAND));
                }
            }
            CurveStyle::Marked => {
                let bar = stroke(look.colour, BAR_WIDTH);
                for [lower, upper] in ends.into_iter().flatten() {
                    drawing.line(lower, upper, bar);
                    for (x, y) in [lower, upper] {
                        drawing.line((x - CAP, y), (x + CAP, y), bar);
                    }
                }
            }
        }
    }

    /// Draws the line through the finite values, broken at the others, and markers in that style.
    pub(crate) fn draw_line(
        &self,
        drawing: &mut Drawing,
        frame: &Frame,
        look: Marker,
        style: CurveStyle,
    ) {
        let points: Vec<_> = self.x.iter().copied().zip(self.y.iter().copied()).collect();
        let is_gap = |point: &(f64, f64)| !(point.0.is_finite() && point.1.is_finite());
        for run in points.split(is_gap) {
            let places: Vec<_> = run.iter().map(|&point| frame.place(point)).collect();
            if places.len() > 1 {
                drawing.path(&places, stroke(look.colour, LINE_WIDTH));
            }
            if style == CurveStyle::Marked || places.len() == 1 {
                for place in places {
                    look.draw(drawing, place, RADIUS);
                }
            }
        }
    }
}

/// Draws all curves, uncertainty below and lines above.
pub(crate) fn draw_all(drawing: &mut Drawing, frame: &Frame, curves: &[Curve], style: CurveStyle) {
    for (index, curve) in curves.iter().enumerate() {
        curve.draw_intervals(drawing, frame, Marker::of(index), style);
    }
    for (index, curve) in curves.iter().enumerate() {
        curve.draw_line(drawing, frame, Marker::of(index), style);
    }
}

/// Legend entries of curves.
pub(crate) fn legend_entries(curves: &[Curve], style: CurveStyle) -> Vec<Entry> {
    let entry = |(index, curve): (usize, &Curve)| {
        let look = Marker::of(index);
        let line = stroke(look.colour, LINE_WIDTH);
        Entry {
            sample: match style {
                CurveStyle::Smooth => Sample::Line(line),
                CurveStyle::Marked => Sample::MarkedLine(line, look),
            },
            text: curve.label.clone(),
        }
    };
    curves.iter().enumerate().map(entry).collect()
}

/// The ends of an axis that holds all values; `room` is the share of the span added at both ends.
/// Values without a span get one.
pub(crate) fn range_of(values: impl Iterator<Item = f64>, scale: Scale, room: f64) -> (f64, f64) {
    let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values.filter(|value| value.is_finite()) {
        if scale == Scale::Log && value <= 0.0 {
            continue;
        }
        least = least.min(value);
        greatest = greatest.max(value);
    }
    match scale {
        Scale::Log => {
            let by = (greatest / least).powf(room).max(1.05);
            (least / by, greatest * by)
        }
        Scale::Linear => {
            let span = greatest - least;
            let by = if span > 0.0 {
                room * span
            } else {
                0.05 * greatest.abs().max(0.1)
            };
            rounded_outward((least - by, greatest + by), 6)
        }
    }
}
