//! One plot of curves with its marks, levels and slopes.

use vadose_metrics::Interval;

use crate::curve::{self, Curve, CurveStyle};
use crate::drawing::{Anchor, Colour, Dash, Drawing, Mark, Rect, Stroke};
use crate::frame::{Axis, Frame};
use crate::legend::{Entry, Sample};
use crate::page::{self, Furniture};
use crate::text::{self, FontSize};
use crate::{VizError, output, palette};

/// A value along the horizontal axis that has a meaning: a vertical line with a label above the plot.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VerticalMark {
    /// Where it stands; left out if the axis does not reach it.
    pub x: f64,
    /// What it is.
    pub label: String,
}

/// A value to compare with, a horizontal line with its interval as a band.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReferenceLevel {
    /// Name in the legend.
    pub label: String,
    /// Its value.
    pub value: f64,
    /// Its interval, if there is one.
    pub interval: Option<Interval>,
}

/// Everything of a plot of curves; the public figures fill it in.
pub(crate) struct XyPlot<'a> {
    pub(crate) title: &'a str,
    pub(crate) footnote: &'a str,
    pub(crate) size_px: (u32, u32),
    pub(crate) x_label: &'a str,
    pub(crate) y_label: &'a str,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) curves: &'a [Curve],
    pub(crate) style: CurveStyle,
    pub(crate) levels: &'a [ReferenceLevel],
    pub(crate) marks: &'a [VerticalMark],
    pub(crate) guides: &'a [Guide],
}

/// A line that is straight on the plot's axes, to compare slopes with.
pub(crate) struct Guide {
    /// Two of its points, in values.
    pub(crate) ends: [(f64, f64); 2],
    pub(crate) label: String,
}

/// Smallest width and height that hold a plot and its labels, pixels.
const SMALLEST: (u32, u32) = (640, 480);
/// Height of a row of labels above the plot, pixels.
const MARK_ROW: f64 = 26.0;
/// Distance between neighbouring labels of a row, pixels.
const MARK_GAP: f64 = 14.0;
/// Opacity of a level's band.
const BAND: f64 = 0.14;

const GUIDE: Stroke = Stroke {
    colour: palette::FAINT_INK,
    width: 2.0,
    dash: Dash::Dashed,
};

fn level_stroke(index: usize) -> Stroke {
    Stroke {
        colour: level_colour(index),
        width: 2.6,
        dash: Dash::Dashed,
    }
}

/// From the palette's end, so that levels and curves differ as long as they can.
fn level_colour(index: usize) -> Colour {
    let colours = palette::SERIES;
    colours[colours.len() - 1 - index % colours.len()]
}

/// A vertical mark with the place of its label.
struct PlacedMark<'a> {
    x: f64,
    label_centre: f64,
    row: usize,
    label: &'a str,
}

impl XyPlot<'_> {
    pub(crate) fn draw(self) -> Result<Drawing, VizError> {
        output::check_size(self.size_px, SMALLEST)?;
        let mut drawing = Drawing::new(self.size_px);
        let legend = self.legend();
        let furniture = Furniture {
            title: self.title,
            legend: &legend,
            footnote: self.footnote,
        };
        let mut area = page::plot_area(furniture.draw(&mut drawing), &self.y);
        let marks = place_marks(self.marks, &self.x, area);
        let rows = marks.iter().map(|mark| mark.row + 1).max().unwrap_or(0);
        area.top += MARK_ROW * rows as f64;
        let frame = Frame {
            area,
            x: self.x,
            y: self.y,
        };
        frame.draw_grid(&mut drawing);
        for (index, level) in self.levels.iter().enumerate() {
            draw_level(&mut drawing, &frame, level, index);
        }
        for mark in marks {
            let y = area.top - 4.0 - MARK_ROW * mark.row as f64;
            drawing.line((mark.x, area.top), (mark.x, area.bottom), GUIDE);
            let at = (mark.label_centre, y);
            drawing.text(at, mark.label, FontSize::Tick, Anchor::BottomCentre);
        }
        for guide in self.guides {
            let ends = guide.ends.map(|point| frame.place(point));
            if let Some(ends) = clipped(ends, area) {
                drawing.path(&ends, GUIDE);
            }
        }
        curve::draw_all(&mut drawing, &frame, self.curves, self.style);
        frame.draw_axes(&mut drawing, self.x_label, self.y_label);
        Ok(drawing)
    }

    fn legend(&self) -> Vec<Entry> {
        let mut entries = curve::legend_entries(self.curves, self.style);
        let line = |stroke, text: &str| Entry {
            sample: Sample::Line(stroke),
            text: text.to_owned(),
        };
        let levels = self.levels.iter().enumerate();
        entries.extend(levels.map(|(index, level)| line(level_stroke(index), &level.label)));
        entries.extend(self.guides.iter().map(|guide| line(GUIDE, &guide.label)));
        entries
    }
}

/// Lets no two labels of a row touch, and none leave the plot's sides.
fn place_marks<'a>(marks: &'a [VerticalMark], x: &Axis, area: Rect) -> Vec<PlacedMark<'a>> {
    let reached = |mark: &&VerticalMark| (x.range.0..=x.range.1).contains(&mark.x);
    let mut ends: Vec<f64> = Vec::new();
    let mut marks: Vec<&VerticalMark> = marks.iter().filter(reached).collect();
    marks.sort_by(|one, other| one.x.total_cmp(&other.x));
    let place = |mark: &'a VerticalMark| {
        let at = area.left + x.scale.fraction(mark.x, x.range) * area.width();
        let half = 0.5 * text::width(&mark.label, FontSize::Tick);
        let label_centre = at.min(area.right - half).max(area.left + half);
        let start = label_centre - half - MARK_GAP;
        let row = ends.iter().position(|end| *end <= start);
        let row = row.unwrap_or_else(|| {
            ends.push(0.0);
            ends.len() - 1
        });
        ends[row] = label_centre + half;
        PlacedMark {
            x: at,
            label_centre,
            row,
            label: &mark.label,
        }
    };
    marks.into_iter().map(place).collect()
}

fn draw_level(drawing: &mut Drawing, frame: &Frame, level: &ReferenceLevel, index: usize) {
    let (left, right) = frame.x.range;
    let (low, high) = frame.y.range;
    if let Some(Interval { lower, upper }) = level.interval
        && lower <= high
        && upper >= low
    {
        let (lower, upper) = (lower.max(low), upper.min(high));
        let corners = [(left, lower), (right, lower), (right, upper), (left, upper)];
        let corners = corners.map(|corner| frame.place(corner)).to_vec();
        drawing.add(Mark::Polygon(corners, level_colour(index), BAND));
    }
    if (low..=high).contains(&level.value) {
        let ends = [left, right].map(|x| frame.place((x, level.value)));
        drawing.path(&ends, level_stroke(index));
    }
}

/// The part of a straight line that lies in the area.
fn clipped(ends: [(f64, f64); 2], area: Rect) -> Option<[(f64, f64); 2]> {
    let [(x0, y0), (x1, y1)] = ends;
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    for (start, run, low, high) in [
        (x0, x1 - x0, area.left, area.right),
        (y0, y1 - y0, area.top, area.bottom),
    ] {
        if run == 0.0 {
            if !(low..=high).contains(&start) {
                return None;
            }
            continue;
        }
        let (enter, leave) = ((low - start) / run, (high - start) / run);
        from = from.max(enter.min(leave));
        to = to.min(enter.max(leave));
    }
    let at = |share: f64| (x0 + share * (x1 - x0), y0 + share * (y1 - y0));
    (from < to).then(|| [at(from), at(to)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticks::Scale;

    const AREA: Rect = Rect {
        left: 0.0,
        top: 0.0,
        right: 10.0,
        bottom: 10.0,
    };

    #[test]
    fn lines_are_cut_at_the_frame() {
        let cut = clipped([(-10.0, 0.0), (20.0, 15.0)], AREA).unwrap();
        assert!(
            (cut[0].1 - 5.0).abs() < 1e-12 && (cut[1].1 - 10.0).abs() < 1e-12,
            "{cut:?}"
        );
        assert!(clipped([(-5.0, 0.0), (-1.0, 9.0)], AREA).is_none());
        let upright = clipped([(2.0, -5.0), (2.0, 50.0)], AREA).unwrap();
        assert_eq!([upright[0].0, upright[1].0], [2.0, 2.0]);
        assert!(upright[0].1.abs() < 1e-12 && (upright[1].1 - 10.0).abs() < 1e-12);
    }

    #[test]
    fn labels_that_would_touch_stand_above_each_other() {
        let marks = [1.0, 1.2, 90.0].map(|x| VerticalMark {
            x,
            label: format!("at {x} kilometres"),
        });
        let area = Rect {
            right: 800.0,
            ..AREA
        };
        let placed = place_marks(&marks, &Axis::new((0.5, 100.0), Scale::Log, 5), area);
        let rows: Vec<usize> = placed.iter().map(|mark| mark.row).collect();
        assert_eq!(rows, [0, 1, 0]);
        assert!(placed[0].label_centre >= 0.5 * text::width(&marks[0].label, FontSize::Tick));
    }
}
