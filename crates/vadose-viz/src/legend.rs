//! A legend of samples in centred rows.

use crate::drawing::{Anchor, Colour, Dash, Drawing, Mark, Rect, Stroke};
use crate::marker::Marker;
use crate::text::{self, FontSize};

/// What stands before a legend's text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sample {
    Line(Stroke),
    /// A line with a marker on it.
    MarkedLine(Stroke, Marker),
    Marker(Marker),
    /// A dot of this radius with a rim of ink.
    Dot(f64, Colour),
    /// A black ring: the reference of a Taylor diagram.
    Target,
    Swatch(Colour),
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) sample: Sample,
    pub(crate) text: String,
}

/// Width of a sample, the gap to its text, and between entries, pixels.
const SAMPLE: f64 = 46.0;
const GAP: f64 = 10.0;
const BETWEEN: f64 = 36.0;
/// Size of a sample's marker, pixels.
const RADIUS: f64 = 6.5;
/// Height of a row, pixels.
const ROW: f64 = 33.0;

fn entry_width(entry: &Entry) -> f64 {
    SAMPLE + GAP + text::width(&entry.text, FontSize::Tick)
}

/// Entries of each row, as many as `width` holds.
fn rows(entries: &[Entry], width: f64) -> Vec<&[Entry]> {
    let mut rows = Vec::new();
    let (mut start, mut used) = (0, 0.0);
    for (index, entry) in entries.iter().enumerate() {
        let more = entry_width(entry) + if index > start { BETWEEN } else { 0.0 };
        if index > start && used + more > width {
            rows.push(&entries[start..index]);
            (start, used) = (index, entry_width(entry));
        } else {
            used += more;
        }
    }
    if start < entries.len() {
        rows.push(&entries[start..]);
    }
    rows
}

/// Height that the entries take within `width`.
pub(crate) fn height(entries: &[Entry], width: f64) -> f64 {
    ROW * rows(entries, width).len() as f64
}

/// Draws the entries in rows, centred in `left..right`, from `top` down.
pub(crate) fn draw(drawing: &mut Drawing, entries: &[Entry], (left, right): (f64, f64), top: f64) {
    for (index, row) in rows(entries, right - left).into_iter().enumerate() {
        let total = row.iter().map(entry_width).sum::<f64>() + BETWEEN * (row.len() - 1) as f64;
        let mut x = 0.5 * (left + right - total);
        let y = top + ROW * (index as f64 + 0.5);
        for entry in row {
            match entry.sample {
                Sample::Line(stroke) => {
                    // Two whole dashes and their gap fill the sample.
                    let inset = if stroke.dash == Dash::Dashed {
                        3.5
                    } else {
                        0.0
                    };
                    drawing.line((x + inset, y), (x + SAMPLE - inset, y), stroke);
                }
                Sample::MarkedLine(stroke, marker) => {
                    drawing.line((x, y), (x + SAMPLE, y), stroke);
                    marker.draw(drawing, (x + 0.5 * SAMPLE, y), RADIUS);
                }
                Sample::Marker(marker) => {
                    marker.draw(drawing, (x + SAMPLE - 12.0, y), RADIUS);
                }
                Sample::Dot(radius, colour) => {
                    let centre = (x + SAMPLE - 16.0, y);
                    drawing.add(Mark::Dot(centre, radius + 1.4, crate::palette::INK, 1.0));
                    drawing.add(Mark::Dot(centre, radius, colour, 1.0));
                }
                Sample::Target => {
                    let centre = (x + SAMPLE - 12.0, y);
                    drawing.add(Mark::Dot(centre, 8.0, crate::palette::INK, 1.0));
                    drawing.add(Mark::Dot(centre, 3.5, crate::palette::PAPER, 1.0));
                }
                Sample::Swatch(colour) => {
                    let swatch = Rect {
                        left: x + 14.0,
                        top: y - 10.0,
                        right: x + SAMPLE,
                        bottom: y + 10.0,
                    };
                    drawing.add(Mark::Fill(swatch, colour));
                }
            }
            drawing.text(
                (x + SAMPLE + GAP, y),
                &entry.text,
                FontSize::Tick,
                Anchor::CentreLeft,
            );
            x += entry_width(entry) + BETWEEN;
        }
    }
}
