//! A figure as a list of marks in pixels, before any file format.

use crate::text::{self, FontSize};

/// An opaque sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour(pub(crate) [u8; 3]);

impl Colour {
    /// From 0xRRGGBB.
    pub(crate) const fn new(rgb: u32) -> Self {
        Colour([(rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8])
    }

    /// What the colour looks like at this opacity on white paper.
    pub(crate) fn over_paper(self, opacity: f64) -> Self {
        let Colour(rgb) = self;
        Colour(rgb.map(|byte| (255.0 - opacity * (255.0 - f64::from(byte))).round() as u8))
    }
}

/// A rectangle in pixels; y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Rect {
    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub(crate) fn contains(&self, (x, y): (f64, f64)) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    pub(crate) fn centre(&self) -> (f64, f64) {
        (
            0.5 * (self.left + self.right),
            0.5 * (self.top + self.bottom),
        )
    }
}

/// Which point of a text its position names, across and then down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    TopLeft,
    TopCentre,
    CentreLeft,
    Centre,
    CentreRight,
    BottomCentre,
}

impl Anchor {
    /// How far the baseline lies below the named point, in line heights.
    pub(crate) fn baseline(self) -> f64 {
        match self {
            Anchor::TopLeft | Anchor::TopCentre => text::ASCENT,
            Anchor::CentreLeft | Anchor::Centre | Anchor::CentreRight => 0.5 * text::CAPITALS,
            Anchor::BottomCentre => text::ASCENT - 1.0,
        }
    }

    /// SVG's word for the point's place along the text.
    pub(crate) fn across(self) -> &'static str {
        match self {
            Anchor::TopLeft | Anchor::CentreLeft => "start",
            Anchor::TopCentre | Anchor::Centre | Anchor::BottomCentre => "middle",
            Anchor::CentreRight => "end",
        }
    }
}

/// How a text runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Across,
    /// Read with the head tilted to the left.
    Upwards,
}

#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) at: (f64, f64),
    pub(crate) text: String,
    pub(crate) size: FontSize,
    pub(crate) colour: Colour,
    pub(crate) anchor: Anchor,
    pub(crate) direction: Direction,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stroke {
    pub(crate) colour: Colour,
    pub(crate) width: f64,
    pub(crate) dash: Dash,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dash {
    Solid,
    Dashed,
}

/// Lengths of a dash and of the gap after it, pixels.
const DASH: [f64; 2] = [9.0, 6.0];

#[derive(Debug, Clone)]
pub(crate) enum Mark {
    Fill(Rect, Colour),
    Outline(Rect, Stroke),
    Path(Vec<(f64, f64)>, Stroke),
    /// Corners, colour, opacity.
    Polygon(Vec<(f64, f64)>, Colour, f64),
    /// Centre, radius, colour, opacity.
    Dot((f64, f64), f64, Colour, f64),
    Text(Label),
    /// Cells of one colour each, row-major, stretched over the rectangle.
    Cells {
        area: Rect,
        cols: usize,
        colours: Vec<Colour>,
    },
}

/// A finished figure: its size and its marks, the later ones on top.
#[derive(Debug, Clone)]
pub struct Drawing {
    pub(crate) size: (u32, u32),
    pub(crate) marks: Vec<Mark>,
}

impl Drawing {
    pub(crate) fn new(size: (u32, u32)) -> Self {
        Drawing {
            size,
            marks: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, mark: Mark) {
        self.marks.push(mark);
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: Stroke) {
        self.path(&[from, to], stroke);
    }

    /// A connected line; dashes run on through its corners.
    pub(crate) fn path(&mut self, points: &[(f64, f64)], stroke: Stroke) {
        match stroke.dash {
            Dash::Solid => self.add(Mark::Path(points.to_vec(), stroke)),
            Dash::Dashed => {
                for dash in dashes(points) {
                    self.add(Mark::Path(dash, stroke));
                }
            }
        }
    }

    /// A text across in ink.
    pub(crate) fn text(&mut self, at: (f64, f64), text: &str, size: FontSize, anchor: Anchor) {
        let colour = crate::palette::INK;
        self.label(Label {
            at,
            text: text.to_owned(),
            size,
            colour,
            anchor,
            direction: Direction::Across,
        });
    }

    pub(crate) fn label(&mut self, label: Label) {
        if !label.text.is_empty() {
            self.add(Mark::Text(label));
        }
    }
}

#[cfg(test)]
impl Label {
    /// The rectangle that the text covers.
    pub(crate) fn bounds(&self) -> Rect {
        let (length, height) = (
            crate::text::width(&self.text, self.size),
            self.size.pixels(),
        );
        let (across, down) = match self.anchor {
            Anchor::TopLeft => (0.0, 0.0),
            Anchor::TopCentre => (0.5, 0.0),
            Anchor::CentreLeft => (0.0, 0.5),
            Anchor::Centre => (0.5, 0.5),
            Anchor::CentreRight => (1.0, 0.5),
            Anchor::BottomCentre => (0.5, 1.0),
        };
        let (x, y) = self.at;
        match self.direction {
            Direction::Across => {
                let (left, top) = (x - across * length, y - down * height);
                Rect {
                    left,
                    top,
                    right: left + length,
                    bottom: top + height,
                }
            }
            Direction::Upwards => {
                let (left, bottom) = (x - down * height, y + across * length);
                Rect {
                    left,
                    top: bottom - length,
                    right: left + height,
                    bottom,
                }
            }
        }
    }
}

/// Cuts a connected line into dashes.
fn dashes(points: &[(f64, f64)]) -> Vec<Vec<(f64, f64)>> {
    let mut dashes = Vec::new();
    let (mut phase, mut left) = (0, DASH[0]);
    let mut open: Vec<(f64, f64)> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let length = (x1 - x0).hypot(y1 - y0);
        let mut walked = 0.0;
        while length - walked > left {
            walked += left;
            let at = (
                x0 + (x1 - x0) * walked / length,
                y0 + (y1 - y0) * walked / length,
            );
            if phase == 0 {
                open.push(at);
                dashes.push(std::mem::take(&mut open));
            } else {
                open = vec![at];
            }
            phase = 1 - phase;
            left = DASH[phase];
        }
        left -= length - walked;
        if phase == 0 {
            open.push((x1, y1));
        }
    }
    if open.len() > 1 {
        dashes.push(open);
    }
    dashes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_cover_their_share_of_the_line_around_corners() {
        let corner = [(0.0, 0.0), (100.0, 0.0), (100.0, 50.0)];
        let drawn: f64 = dashes(&corner)
            .iter()
            .flat_map(|dash| {
                dash.windows(2)
                    .map(|p| (p[1].0 - p[0].0).hypot(p[1].1 - p[0].1))
            })
            .sum();
        // Ten whole periods of 15 make 150; 9 of each is drawn.
        assert!((drawn - 90.0).abs() < 1e-9, "{drawn}");
    }
}
