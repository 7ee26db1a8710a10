//! A page with a title above, a legend and a footnote below, and room for the plot between them.

use crate::drawing::{Drawing, Rect};
use crate::frame::{self, Axis};
use crate::legend::{self, Entry};

/// Empty border of a page, pixels.
pub(crate) const MARGIN: f64 = 36.0;

/// Words around a plot.
pub(crate) struct Furniture<'a> {
    pub(crate) title: &'a str,
    pub(crate) legend: &'a [Entry],
    pub(crate) footnote: &'a str,
}

impl Furniture<'_> {
    /// Draws title, legend and footnote of a page whose height is given; the room between them.
    pub(crate) fn draw(&self, drawing: &mut Drawing) -> Rect {
        let (width, height) = (f64::from(drawing.size.0), f64::from(drawing.size.1));
        let inner = width - 2.0 * MARGIN;
        let title = frame::draw_title(drawing, self.title, MARGIN);
        let (footnote, footnote_height) = frame::footnote(self.footnote, inner);
        let legend_height = legend::height(self.legend, inner);
        let foot = height - footnote_height - if footnote.is_empty() { 18.0 } else { 22.0 };
        frame::draw_footnote(drawing, &footnote, MARGIN, foot + 6.0);
        let legend_top = foot - legend_height - 4.0;
        legend::draw(drawing, self.legend, (MARGIN, width - MARGIN), legend_top);
        Rect {
            left: MARGIN,
            top: title + 24.0,
            right: width - MARGIN,
            bottom: legend_top - if self.legend.is_empty() { 0.0 } else { 10.0 },
        }
    }

    /// Draws the same around `room` above `bottom`, and cuts the page off below them.
    pub(crate) fn draw_below(&self, drawing: &mut Drawing, bottom: f64) {
        let width = f64::from(drawing.size.0);
        let inner = width - 2.0 * MARGIN;
        let legend_height = legend::height(self.legend, inner);
        legend::draw(drawing, self.legend, (MARGIN, width - MARGIN), bottom);
        let foot = bottom + legend_height + 10.0;
        let (footnote, footnote_height) = frame::footnote(self.footnote, inner);
        frame::draw_footnote(drawing, &footnote, MARGIN, foot);
        drawing.size.1 = (foot + footnote_height + 14.0).ceil() as u32;
    }
}

/// The largest plot that fits into `room` with its ticks and labels on the left and below.
pub(crate) fn plot_area(room: Rect, y: &Axis) -> Rect {
    Rect {
        left: room.left + 34.0 + frame::tick_width(&y.ticks),
        top: room.top,
        // A tick's number may stand out on the right.
        right: room.right - 14.0,
        bottom: room.bottom - frame::BELOW_LABEL,
    }
}
