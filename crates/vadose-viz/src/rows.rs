//! Named rows in groups, on the left of a figure: what skill plots and box plots share.

use crate::drawing::{Anchor, Drawing, Mark, Rect};
use crate::palette;
use crate::text::{self, FontSize};

/// Height of a row of text, pixels.
pub(crate) const ROW: f64 = 36.0;
/// Height of a group's heading, pixels.
const HEADING: f64 = 38.0;
/// Room above the first and below the last row, pixels.
const PAD: f64 = 8.0;
/// How far names stand to the right of headings, pixels.
const INDENT: f64 = 14.0;

pub(crate) struct Group<'a> {
    pub(crate) heading: &'a str,
    pub(crate) rows: Vec<&'a str>,
}

pub(crate) struct Rows<'a> {
    groups: Vec<Group<'a>>,
    row: f64,
}

impl<'a> Rows<'a> {
    /// Groups from the top, each row `row` pixels high.
    pub(crate) fn new(groups: impl Iterator<Item = Group<'a>>, row: f64) -> Self {
        Rows {
            groups: groups.collect(),
            row,
        }
    }

    /// Width of the widest name or heading, pixels.
    pub(crate) fn label_width(&self) -> f64 {
        let widths = self.groups.iter().flat_map(|group| {
            let rows = group.rows.iter();
            let rows = rows.map(|row| INDENT + text::width(row, FontSize::Tick));
            rows.chain([text::width(group.heading, FontSize::Label)])
        });
        widths.fold(0.0, f64::max)
    }

    pub(crate) fn height(&self) -> f64 {
        let groups = self.groups.iter().map(|group| self.height_of(group));
        2.0 * PAD + groups.sum::<f64>()
    }

    fn height_of(&self, group: &Group<'_>) -> f64 {
        heading_height(group) + self.row * group.rows.len() as f64
    }

    /// Middle of each row of all groups, if the first begins at `top`.
    pub(crate) fn centres(&self, top: f64) -> Vec<f64> {
        let mut centres = Vec::new();
        let mut y = top + PAD;
        for group in &self.groups {
            y += heading_height(group);
            for _ in &group.rows {
                centres.push(y + 0.5 * self.row);
                y += self.row;
            }
        }
        centres
    }

    /// Draws headings, names and a tint behind every other row, from side to side.
    pub(crate) fn draw(&self, drawing: &mut Drawing, (left, right): (f64, f64), top: f64) {
        let mut y = top + PAD;
        for group in &self.groups {
            let heading = heading_height(group);
            let at = (left, y + 0.5 * heading);
            drawing.text(at, group.heading, FontSize::Label, Anchor::CentreLeft);
            y += heading;
            for (index, row) in group.rows.iter().enumerate() {
                let band = Rect {
                    left,
                    top: y,
                    right,
                    bottom: y + self.row,
                };
                if index % 2 == 0 {
                    drawing.add(Mark::Fill(band, palette::TINT));
                }
                let at = (left + INDENT, band.centre().1);
                drawing.text(at, row, FontSize::Tick, Anchor::CentreLeft);
                y += self.row;
            }
        }
    }
}

fn heading_height(group: &Group<'_>) -> f64 {
    if group.heading.is_empty() {
        0.0
    } else {
        HEADING
    }
}
