//! Correlation, spread and centred error of several estimates at once.

use vadose_metrics::{MetricError, pearson_r, ubrmse};

use crate::drawing::{Anchor, Dash, Direction, Drawing, Label, Mark, Rect, Stroke};
use crate::frame::{self, stroke};
use crate::legend::{Entry, Sample};
use crate::marker::Marker;
use crate::page::Furniture;
use crate::text::{self, FontSize};
use crate::ticks::{Scale, number, rounded_outward};
use crate::{Figure, VizError, output, palette, wording};

/// One estimate, a point of the diagram.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TaylorPoint {
    /// Name in the legend.
    pub label: String,
    /// Pearson's correlation with the reference.
    pub r: f64,
    /// Standard deviation of the estimate over that of the reference.
    pub sd_ratio: f64,
}

impl TaylorPoint {
    /// The point of one pair of series.
    ///
    /// # Shapes and units
    /// `estimate`, `reference`: `[n]`, in one unit.
    /// # Missing values
    /// A pair counts only if both members are finite.
    /// # Errors
    /// Those of [`pearson_r`].
    /// # Examples
    /// ```
    /// use vadose_viz::TaylorPoint;
    /// let point = TaylorPoint::of("half", &[0.05, 0.10, 0.15], &[0.1, 0.2, 0.3])?;
    /// assert!((point.r - 1.0).abs() < 1e-12 && (point.sd_ratio - 0.5).abs() < 1e-12);
    /// # Ok::<(), vadose_metrics::MetricError>(())
    /// ```
    pub fn of(
        label: impl Into<String>,
        estimate: &[f64],
        reference: &[f64],
    ) -> Result<Self, MetricError> {
        let r = pearson_r(estimate, reference)?;
        // The scatter of a series is its ubRMSE against a constant; pairs that are not whole do not count.
        let scatter = |of: &[f64], other: &[f64]| {
            let constant: Vec<f64> = other.iter().map(|value| 0.0 * value).collect();
            ubrmse(of, &constant)
        };
        Ok(TaylorPoint {
            label: label.into(),
            r,
            sd_ratio: scatter(estimate, reference)? / scatter(reference, estimate)?,
        })
    }

    /// The unbiased error over the reference's standard deviation.
    fn centred_error(&self) -> f64 {
        let squared = 1.0 + self.sd_ratio * (self.sd_ratio - 2.0 * self.r);
        squared.max(0.0).sqrt()
    }
}

/// Taylor's diagram: the angle is the correlation, the distance from the origin the standard deviation
/// over the reference's, the distance from the reference the unbiased error.
///
/// Taylor (2001), doi:10.1029/2000JD900719.
#[derive(Debug, Clone, PartialEq)]
pub struct TaylorDiagram {
    /// Title; empty for none.
    pub title: String,
    /// The estimates.
    pub points: Vec<TaylorPoint>,
    /// Name of the reference.
    pub reference: String,
    /// Line at the bottom; empty for none.
    pub footnote: String,
    /// Width and height, pixels. Default 1000×980.
    pub size_px: (u32, u32),
}

impl Default for TaylorDiagram {
    fn default() -> Self {
        TaylorDiagram {
            title: String::new(),
            points: Vec::new(),
            reference: "stations".to_owned(),
            footnote: String::new(),
            size_px: (1000, 980),
        }
    }
}

/// # Errors of drawing
/// [`VizError::NothingToDraw`] without points, [`VizError::OutOfRange`] for a correlation outside −1 to 1 or
/// a ratio that is negative or not finite, [`VizError::Size`].
///
/// # Examples
/// ```
/// use vadose_viz::{Figure, TaylorDiagram, TaylorPoint};
///
/// let figure = TaylorDiagram {
///     points: vec![TaylorPoint { label: "network".into(), r: 0.8, sd_ratio: 1.0 }],
///     ..TaylorDiagram::default()
/// };
/// // sqrt(1 + 1 - 2 * 0.8)
/// assert!(figure.alternative_text().contains("unbiased error 0.632"));
/// # figure.svg()?;
/// # Ok::<(), vadose_viz::VizError>(())
/// ```
impl Figure for TaylorDiagram {
    fn draw(&self) -> Result<Drawing, VizError> {
        output::check_size(self.size_px, SMALLEST)?;
        self.check()?;
        let legend = self.legend();
        let furniture = Furniture {
            title: &self.title,
            legend: &legend,
            footnote: &self.footnote,
        };
        let mut drawing = Drawing::new(self.size_px);
        let room = furniture.draw(&mut drawing);
        let negative = self.points.iter().any(|point| point.r < 0.0);
        let greatest = self.points.iter().map(|point| point.sd_ratio);
        let greatest = greatest.fold(SMALLEST_RANGE, f64::max);
        let (_, range) = rounded_outward((0.0, 1.05 * greatest), 5);
        let (wide, high) = (
            room.width() - OUTSIDE.0 - OUTSIDE.1,
            room.height() - OUTSIDE.1 - frame::BELOW_LABEL,
        );
        let radius = if negative {
            high.min(0.5 * wide)
        } else {
            high.min(wide)
        };
        let middle = 0.5 * (room.left + OUTSIDE.0 + room.right - OUTSIDE.1);
        let polar = Polar {
            origin: (
                if negative {
                    middle
                } else {
                    middle - 0.5 * radius
                },
                room.top + OUTSIDE.1 + 0.5 * (high - radius) + radius,
            ),
            scale: radius / range,
            range,
            least_r: if negative { -1.0 } else { 0.0 },
        };
        polar.draw_grid(&mut drawing);
        polar.draw_errors(&mut drawing);
        polar.draw_axes(&mut drawing);
        drawing.add(Mark::Dot(polar.place(1.0, 1.0), 11.0, palette::PAPER, 1.0));
        drawing.add(Mark::Dot(polar.place(1.0, 1.0), 9.0, palette::INK, 1.0));
        drawing.add(Mark::Dot(polar.place(1.0, 1.0), 4.0, palette::PAPER, 1.0));
        for (index, point) in self.points.iter().enumerate() {
            let at = polar.place(point.r, point.sd_ratio);
            Marker::of(index).draw(&mut drawing, at, 9.0);
        }
        Ok(drawing)
    }

    fn alternative_text(&self) -> String {
        let mut text = wording::opening(&self.title, "Taylor diagram");
        text.push_str(&format!(" Reference: {}.", self.reference));
        for point in &self.points {
            text.push_str(&format!(
                " {}: correlation {}, standard deviation {} and unbiased error {} of the reference's standard deviation.",
                point.label,
                number(point.r, 2),
                wording::say(point.sd_ratio),
                wording::say(point.centred_error()),
            ));
        }
        text
    }
}

const SMALLEST: (u32, u32) = (700, 640);
/// The axis reaches at least to this ratio.
const SMALLEST_RANGE: f64 = 1.4;
/// Room left of the diagram and on its other sides, pixels.
const OUTSIDE: (f64, f64) = (70.0, 62.0);
/// Correlations with a ray and a number.
const RAYS: [f64; 11] = [0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0];
/// About so many arcs of equal unbiased error.
const ERROR_ARCS: usize = 5;

const RAY: Stroke = frame::HAIRLINE;
const ARC: Stroke = stroke(palette::MISSING, 1.4);
const ERROR: Stroke = Stroke {
    colour: palette::FAINT_INK,
    width: 1.6,
    dash: Dash::Dashed,
};

impl TaylorDiagram {
    fn check(&self) -> Result<(), VizError> {
        if self.points.is_empty() {
            return Err(VizError::NothingToDraw {
                what: "Taylor diagram".to_owned(),
            });
        }
        for point in &self.points {
            for (what, value, from, to) in [
                ("correlation", point.r, -1.0, 1.0),
                (
                    "ratio of standard deviations",
                    point.sd_ratio,
                    0.0,
                    f64::MAX,
                ),
            ] {
                if !(from..=to).contains(&value) {
                    return Err(VizError::OutOfRange {
                        what: format!("{what} of {:?}", point.label),
                        value,
                        from,
                        to,
                    });
                }
            }
        }
        Ok(())
    }

    fn legend(&self) -> Vec<Entry> {
        let point = |(index, point): (usize, &TaylorPoint)| Entry {
            sample: Sample::Marker(Marker::of(index)),
            text: point.label.clone(),
        };
        let mut entries: Vec<Entry> = self.points.iter().enumerate().map(point).collect();
        entries.push(Entry {
            sample: Sample::Target,
            text: self.reference.clone(),
        });
        entries.push(Entry {
            sample: Sample::Line(ERROR),
            text: "unbiased error".to_owned(),
        });
        entries
    }
}

/// The diagram's coordinates.
struct Polar {
    origin: (f64, f64),
    /// Pixels for a ratio of 1.
    scale: f64,
    /// The greatest ratio.
    range: f64,
    /// 0 for a quarter of a circle, −1 for a half.
    least_r: f64,
}

impl Polar {
    fn place(&self, r: f64, ratio: f64) -> (f64, f64) {
        let length = self.scale * ratio;
        let (x, y) = self.origin;
        (x + length * r, y - length * (1.0 - r * r).max(0.0).sqrt())
    }

    /// Points of a circle's arc, from angle to angle, radians.
    fn arc(&self, ratio: f64) -> Vec<(f64, f64)> {
        let last = self.least_r.acos();
        (0..=ARC_STEPS)
            .map(|step| self.place((last * f64::from(step) / f64::from(ARC_STEPS)).cos(), ratio))
            .collect()
    }

    fn draw_grid(&self, drawing: &mut Drawing) {
        for r in self.rays() {
            drawing.line(self.origin, self.place(r, self.range), RAY);
        }
        for tick in Scale::Linear.ticks((0.0, self.range), 5) {
            drawing.path(&self.arc(tick.fraction * self.range), ARC);
        }
        drawing.path(&self.arc(1.0), stroke(palette::FAINT_INK, 1.8));
    }

    /// Arcs around the reference, as far as they lie in the diagram, with their error at the top.
    fn draw_errors(&self, drawing: &mut Drawing) {
        let place = |(x, y): (f64, f64)| {
            (
                self.origin.0 + self.scale * x,
                self.origin.1 - self.scale * y,
            )
        };
        let inside =
            |(x, y): (f64, f64)| x.hypot(y) <= self.range && (self.least_r < 0.0 || x >= 0.0);
        let far = (1.0 + self.range * self.range - 2.0 * self.least_r * self.range).sqrt();
        for tick in Scale::Linear
            .ticks((0.0, far), ERROR_ARCS)
            .into_iter()
            .skip(1)
        {
            let error = tick.fraction * far;
            let points: Vec<_> = (0..=ARC_STEPS)
                .map(|step| {
                    let angle = std::f64::consts::PI * f64::from(step) / f64::from(ARC_STEPS);
                    (1.0 + error * angle.cos(), error * angle.sin())
                })
                .collect();
            for run in points
                .split(|&point| !inside(point))
                .filter(|run| run.len() > 1)
            {
                let places: Vec<_> = run.iter().map(|&point| place(point)).collect();
                drawing.path(&places, ERROR);
            }
            // Right of the top there is most room; the number stands on paper.
            let at = (1.0 + error * LABEL_AT.cos(), error * LABEL_AT.sin());
            if inside((1.06 * at.0, 1.06 * at.1)) {
                let (x, y) = place(at);
                let half = 0.5 * text::width(&tick.label, FontSize::Note) + 3.0;
                let paper = Rect {
                    left: x - half,
                    top: y - 11.0,
                    right: x + half,
                    bottom: y + 11.0,
                };
                drawing.add(Mark::Fill(paper, palette::PAPER));
                drawing.label(Label {
                    at: (x, y),
                    text: tick.label,
                    size: FontSize::Note,
                    colour: palette::FAINT_INK,
                    anchor: Anchor::Centre,
                    direction: Direction::Across,
                });
            }
        }
    }

    fn draw_axes(&self, drawing: &mut Drawing) {
        let mut outline = self.arc(self.range);
        if self.least_r == 0.0 {
            outline.push(self.origin);
        }
        outline.push(outline[0]);
        drawing.path(&outline, frame::FRAME);
        for r in self.rays() {
            // Numbers stand outside the arc, on their ray, at a distance that their width asks for.
            let (x, y) = self.place(r, self.range);
            let angle = r.acos();
            let at = (x + 30.0 * angle.cos(), y - 22.0 * angle.sin());
            let decimals = if (r * 10.0).fract().abs() > 1e-9 {
                2
            } else {
                1
            };
            drawing.text(at, &number(r, decimals), FontSize::Tick, Anchor::Centre);
        }
        let half = if self.least_r < 0.0 { 0.62 } else { 0.72 };
        let (x, y) = self.place(half, self.range);
        let angle = f64::acos(half);
        let at = (x + 62.0 * angle.cos(), y - 52.0 * angle.sin());
        drawing.text(at, "correlation", FontSize::Label, Anchor::CentreLeft);
        let ticks = Scale::Linear.ticks((0.0, self.range), 5);
        for tick in &ticks {
            let value = tick.fraction * self.range;
            for side in [1.0, self.least_r] {
                if side == 0.0 || (side < 0.0 && value == 0.0) {
                    continue;
                }
                let (x, y) = self.place(side, value);
                drawing.line((x, y), (x, y + 7.0), frame::FRAME);
                drawing.text(
                    (x, y + 12.0),
                    &tick.label,
                    FontSize::Tick,
                    Anchor::TopCentre,
                );
            }
        }
        let left = self.place(self.least_r, self.range * self.least_r.abs()).0;
        let middle = 0.5 * (left + self.place(1.0, self.range).0);
        let below = (middle, self.origin.1 + frame::BELOW_TICKS + 6.0);
        let label = "standard deviation over the reference's";
        drawing.text(below, label, FontSize::Label, Anchor::TopCentre);
    }

    fn rays(&self) -> Vec<f64> {
        let mut rays: Vec<f64> = RAYS.to_vec();
        if self.least_r < 0.0 {
            // The half circle has room for fewer.
            rays.retain(|r| ![0.5, 0.7, 0.95].contains(r));
            let mirrored: Vec<f64> = rays.iter().filter(|r| **r > 0.0).map(|r| -r).collect();
            rays.extend(mirrored);
        }
        rays
    }
}

/// Where on its arc an error is written, radians from the axis.
const LABEL_AT: f64 = 1.35;
/// Straight pieces of an arc; none is longer than a few pixels.
const ARC_STEPS: i32 = 180;
