//! The box around a plot: frame, ticks, labels and grid.

use crate::drawing::{Anchor, Colour, Dash, Direction, Drawing, Label, Mark, Rect, Stroke};
use crate::palette;
use crate::text::{self, FontSize};
use crate::ticks::{Scale, Tick};

/// Length of a tick, and the gap between it and its number, pixels.
const TICK: f64 = 7.0;
const GAP: f64 = 7.0;
/// Length of a tick without a number, pixels.
const MINOR_TICK: f64 = 4.0;

/// Space of a number below the frame and of an axis label below that, pixels.
pub(crate) const BELOW_TICKS: f64 = TICK + GAP + 24.0;
pub(crate) const BELOW_LABEL: f64 = BELOW_TICKS + 32.0;

pub(crate) const HAIRLINE: Stroke = stroke(palette::GRID, 1.4);
pub(crate) const FRAME: Stroke = stroke(palette::INK, 1.6);

pub(crate) const fn stroke(colour: Colour, width: f64) -> Stroke {
    Stroke {
        colour,
        width,
        dash: Dash::Solid,
    }
}

/// One axis of a plot.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    pub(crate) range: (f64, f64),
    pub(crate) scale: Scale,
    pub(crate) ticks: Vec<Tick>,
    /// Fractions of ticks without a number.
    minor: Vec<f64>,
}

impl Axis {
    pub(crate) fn new(range: (f64, f64), scale: Scale, count: usize) -> Self {
        Axis {
            range,
            scale,
            ticks: scale.ticks(range, count),
            minor: scale.minor_fractions(range),
        }
    }

    fn fraction(&self, value: f64) -> f64 {
        self.scale.fraction(value, self.range)
    }
}

/// A plot's rectangle with its axes.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) area: Rect,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
}

impl Frame {
    /// Pixel of a pair of values.
    pub(crate) fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (
            self.area.left + self.x.fraction(x) * self.area.width(),
            self.area.bottom - self.y.fraction(y) * self.area.height(),
        )
    }

    /// Grid lines at the ticks; drawn before the data.
    pub(crate) fn draw_grid(&self, drawing: &mut Drawing) {
        let Rect {
            left,
            top,
            right,
            bottom,
        } = self.area;
        for tick in &self.x.ticks {
            let x = left + tick.fraction * self.area.width();
            drawing.line((x, top), (x, bottom), HAIRLINE);
        }
        for tick in &self.y.ticks {
            let y = bottom - tick.fraction * self.area.height();
            drawing.line((left, y), (right, y), HAIRLINE);
        }
    }

    /// Frame, ticks and axis labels; drawn after the data. An empty label is left out.
    pub(crate) fn draw_axes(&self, drawing: &mut Drawing, x_label: &str, y_label: &str) {
        draw_frame(drawing, self.area);
        for fraction in &self.x.minor {
            let x = self.area.left + fraction * self.area.width();
            drawing.line(
                (x, self.area.bottom),
                (x, self.area.bottom + MINOR_TICK),
                FRAME,
            );
        }
        for fraction in &self.y.minor {
            let y = self.area.bottom - fraction * self.area.height();
            drawing.line((self.area.left - MINOR_TICK, y), (self.area.left, y), FRAME);
        }
        ticks_below(drawing, self.area, &self.x.ticks);
        let widest = ticks_left(drawing, self.area, &self.y.ticks);
        let (x, y) = self.area.centre();
        let below = (x, self.area.bottom + BELOW_TICKS + 4.0);
        drawing.text(below, x_label, FontSize::Label, Anchor::TopCentre);
        let beside = (self.area.left - widest - 10.0, y);
        drawing.label(Label {
            at: beside,
            text: y_label.to_owned(),
            size: FontSize::Label,
            colour: palette::INK,
            anchor: Anchor::BottomCentre,
            direction: Direction::Upwards,
        });
    }
}

pub(crate) fn draw_frame(drawing: &mut Drawing, area: Rect) {
    drawing.add(Mark::Outline(area, FRAME));
}

/// Ticks and numbers along the lower edge.
pub(crate) fn ticks_below(drawing: &mut Drawing, area: Rect, ticks: &[Tick]) {
    for tick in ticks {
        let x = area.left + tick.fraction * area.width();
        drawing.line((x, area.bottom), (x, area.bottom + TICK), FRAME);
        let at = (x, area.bottom + TICK + GAP - 2.0);
        drawing.text(at, &tick.label, FontSize::Tick, Anchor::TopCentre);
    }
}

/// Ticks and numbers along the left edge; the width they take.
pub(crate) fn ticks_left(drawing: &mut Drawing, area: Rect, ticks: &[Tick]) -> f64 {
    for tick in ticks {
        let y = area.bottom - tick.fraction * area.height();
        drawing.line((area.left - TICK, y), (area.left, y), FRAME);
        let at = (area.left - TICK - GAP, y);
        drawing.text(at, &tick.label, FontSize::Tick, Anchor::CentreRight);
    }
    tick_width(ticks)
}

/// Ticks and numbers along the right edge; the width they take.
pub(crate) fn ticks_right(drawing: &mut Drawing, area: Rect, ticks: &[Tick]) -> f64 {
    for tick in ticks {
        let y = area.bottom - tick.fraction * area.height();
        drawing.line((area.right, y), (area.right + TICK, y), FRAME);
        let at = (area.right + TICK + GAP, y);
        drawing.text(at, &tick.label, FontSize::Tick, Anchor::CentreLeft);
    }
    tick_width(ticks)
}

/// Space that ticks and their numbers take beside a frame, pixels.
pub(crate) fn tick_width(ticks: &[Tick]) -> f64 {
    let widths = ticks
        .iter()
        .map(|tick| text::width(&tick.label, FontSize::Tick));
    TICK + GAP + widths.fold(0.0, f64::max)
}

/// A title above everything, centred; the height it takes, 0 if there is none.
pub(crate) fn draw_title(drawing: &mut Drawing, title: &str, margin: f64) -> f64 {
    let width = f64::from(drawing.size.0);
    let lines = text::wrap(title, FontSize::Title, width - 2.0 * margin);
    let height = 1.2 * FontSize::Title.pixels();
    for (index, line) in lines.iter().enumerate() {
        let at = (0.5 * width, 20.0 + height * index as f64);
        drawing.text(at, line, FontSize::Title, Anchor::TopCentre);
    }
    if lines.is_empty() {
        0.0
    } else {
        12.0 + height * lines.len() as f64
    }
}

/// Lines of a footnote, and the height they will take.
pub(crate) fn footnote(text: &str, width: f64) -> (Vec<String>, f64) {
    let lines = text::wrap(text, FontSize::Note, width);
    let height = 1.25 * FontSize::Note.pixels() * lines.len() as f64;
    (lines, height)
}

/// The footnote at the lower left, its first line at `top`.
pub(crate) fn draw_footnote(drawing: &mut Drawing, lines: &[String], left: f64, top: f64) {
    for (index, line) in lines.iter().enumerate() {
        drawing.label(Label {
            at: (left, top + 1.25 * FontSize::Note.pixels() * index as f64),
            text: line.clone(),
            size: FontSize::Note,
            colour: palette::FAINT_INK,
            anchor: Anchor::TopLeft,
            direction: Direction::Across,
        });
    }
}
