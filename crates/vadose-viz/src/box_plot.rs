//! How skill is distributed over stations, stratum by stratum.

use vadose_metrics::Distribution;

use crate::drawing::{Drawing, Mark, Rect};
use crate::frame::{self, Axis, Frame, stroke};
use crate::legend::{Entry, Sample};
use crate::marker::Marker;
use crate::page::{Furniture, MARGIN};
use crate::rows::{self, Rows};
use crate::text::FontSize;
use crate::ticks::Scale;
use crate::{Figure, VizError, curve, output, palette, wording};

/// Stations of one kind.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stratum {
    /// Name of the kind, such as a land cover.
    pub label: String,
    /// One value a station for each method, in the figure's order; a value that is not finite does not
    /// count.
    pub values: Vec<Vec<f64>>,
}

/// Box plots: rows of strata, in each a box for every method.
///
/// A box reaches from the first to the third quartile, its bar is the median, its whiskers end at the
/// last value within 1.5 times the box's length (Tukey), dots are the values beyond. Fewer than
/// five values are drawn as dots alone.
#[derive(Debug, Clone, PartialEq)]
pub struct BoxPlot {
    /// Title; empty for none.
    pub title: String,
    /// Names of the methods.
    pub methods: Vec<String>,
    /// The rows, from the top.
    pub strata: Vec<Stratum>,
    /// Name of the metric, with units.
    pub quantity: String,
    /// Line at the bottom; empty for none.
    pub footnote: String,
    /// Width in pixels; the height follows from the rows. Default 1200.
    pub width_px: u32,
}

impl Default for BoxPlot {
    fn default() -> Self {
        BoxPlot {
            title: String::new(),
            methods: Vec::new(),
            strata: Vec::new(),
            quantity: "ubRMSE (m³ m⁻³)".to_owned(),
            footnote: String::new(),
            width_px: 1200,
        }
    }
}

/// # Errors of drawing
/// [`VizError::NothingToDraw`] without a finite value, [`VizError::LengthMismatch`] for a stratum that has
/// not one list a method, [`VizError::Size`].
///
/// # Examples
/// ```
/// use vadose_viz::{BoxPlot, Figure, Stratum};
///
/// let figure = BoxPlot {
///     methods: vec!["network".into()],
///     strata: vec![Stratum {
///         label: "croplands".into(),
///         values: vec![vec![0.04, 0.05, 0.06, 0.05, 0.03]],
///     }],
///     ..BoxPlot::default()
/// };
/// assert!(figure.alternative_text().contains("croplands (n = 5): median 0.05 for network"));
/// # figure.svg()?;
/// # Ok::<(), vadose_viz::VizError>(())
/// ```
impl Figure for BoxPlot {
    fn draw(&self) -> Result<Drawing, VizError> {
        self.check()?;
        let labels: Vec<String> = self.strata.iter().map(Stratum::label_with_n).collect();
        let row = LANE * self.methods.len() as f64 + ROW_PAD;
        let rows = Rows::new(
            std::iter::once(rows::Group {
                heading: "",
                rows: labels.iter().map(String::as_str).collect(),
            }),
            row,
        );
        let left = MARGIN + rows.label_width() + LABEL_GAP;
        let smallest = (left + MARGIN + SMALLEST_PLOT).ceil() as u32;
        output::check_size((self.width_px, 0), (smallest, 0))?;
        let mut drawing = Drawing::new((self.width_px, 0));
        let top = frame::draw_title(&mut drawing, &self.title, MARGIN) + 22.0;
        let right = f64::from(self.width_px) - MARGIN;
        let area = Rect {
            left,
            top,
            right,
            bottom: top + rows.height(),
        };
        rows.draw(&mut drawing, (MARGIN, right), top);
        let values = self
            .strata
            .iter()
            .flat_map(|of| of.values.iter().flatten().copied());
        let range = curve::range_of(values, Scale::Linear, 0.02);
        let frame = Frame {
            area,
            x: Axis::new(range, Scale::Linear, 7),
            y: Axis::new((0.0, 1.0), Scale::Linear, 1),
        };
        for tick in &frame.x.ticks {
            let x = area.left + tick.fraction * area.width();
            drawing.line((x, area.top), (x, area.bottom), frame::HAIRLINE);
        }
        for (stratum, centre) in self.strata.iter().zip(rows.centres(top)) {
            for (index, values) in stratum.values.iter().enumerate() {
                let lane = index as f64 - 0.5 * (self.methods.len() as f64 - 1.0);
                draw_box(&mut drawing, &frame, values, centre + LANE * lane, index);
            }
        }
        frame::draw_frame(&mut drawing, area);
        frame::ticks_below(&mut drawing, area, &frame.x.ticks);
        let below = (area.centre().0, area.bottom + frame::BELOW_TICKS + 4.0);
        let anchor = crate::drawing::Anchor::TopCentre;
        drawing.text(below, &self.quantity, FontSize::Label, anchor);
        let entry = |(index, method): (usize, &String)| Entry {
            sample: Sample::Swatch(Marker::of(index).colour),
            text: method.clone(),
        };
        let legend: Vec<Entry> = self.methods.iter().enumerate().map(entry).collect();
        let furniture = Furniture {
            title: "",
            legend: &legend,
            footnote: &self.footnote,
        };
        furniture.draw_below(&mut drawing, area.bottom + frame::BELOW_LABEL + 6.0);
        output::check_size(drawing.size, (smallest, 0))?;
        Ok(drawing)
    }

    fn alternative_text(&self) -> String {
        let mut text = wording::opening(&self.title, "Box plots");
        text.push_str(&format!(" {} by stratum.", self.quantity));
        for stratum in &self.strata {
            let medians = self.methods.iter().zip(&stratum.values);
            let medians: Vec<String> = medians
                .filter_map(|(method, values)| {
                    let median = Distribution::of(values.iter().copied()).median?;
                    Some(format!("{} for {method}", wording::say(median)))
                })
                .collect();
            if !medians.is_empty() {
                let medians = wording::list(&medians);
                text.push_str(&format!(
                    " {}: median {medians}.",
                    stratum.alternative_label()
                ));
            }
        }
        text
    }
}

/// Height of a box with the gap to the next, and of the gap to the next row, pixels.
const LANE: f64 = 25.0;
const ROW_PAD: f64 = 14.0;
/// Half the height of a box, pixels.
const HALF_BOX: f64 = 8.5;
const LABEL_GAP: f64 = 22.0;
/// Smallest width of the plot, pixels.
const SMALLEST_PLOT: f64 = 300.0;
/// Whiskers reach at most this many lengths of the box; Tukey (1977), Exploratory Data Analysis.
const WHISKER: f64 = 1.5;
/// Fewer values than this have no quartiles worth drawing.
const FEW: usize = 5;

impl Stratum {
    /// The least and greatest number of values of a method.
    fn counts(&self) -> (usize, usize) {
        let counts = self.values.iter().map(|values| finite(values).count());
        counts.fold((usize::MAX, 0), |(least, most), n| {
            (least.min(n), most.max(n))
        })
    }

    fn n(&self) -> String {
        match self.counts() {
            (least, most) if least >= most => format!("n = {most}"),
            (least, most) => format!("n = {least}–{most}"),
        }
    }

    fn label_with_n(&self) -> String {
        format!("{}, {}", self.label, self.n())
    }

    fn alternative_label(&self) -> String {
        format!("{} ({})", self.label, self.n())
    }
}

impl BoxPlot {
    fn check(&self) -> Result<(), VizError> {
        for stratum in &self.strata {
            if stratum.values.len() != self.methods.len() {
                return Err(VizError::LengthMismatch {
                    what: format!("stratum {:?}", stratum.label),
                    expected: self.methods.len(),
                    got: stratum.values.len(),
                });
            }
        }
        let mut values = self.strata.iter().flat_map(|of| of.values.iter().flatten());
        if !values.any(|value| value.is_finite()) {
            return Err(VizError::NothingToDraw {
                what: "box plot".to_owned(),
            });
        }
        Ok(())
    }
}

fn finite(values: &[f64]) -> impl Iterator<Item = f64> {
    values.iter().copied().filter(|value| value.is_finite())
}

fn draw_box(drawing: &mut Drawing, frame: &Frame, values: &[f64], y: f64, index: usize) {
    let colour = Marker::of(index).colour;
    let x = |value: f64| frame.place((value, 0.0)).0;
    let distribution = Distribution::of(values.iter().copied());
    let quartiles = distribution
        .q25
        .zip(distribution.median)
        .zip(distribution.q75);
    let Some(((q25, median), q75)) = quartiles.filter(|_| distribution.count >= FEW) else {
        for value in finite(values) {
            drawing.add(Mark::Dot((x(value), y), 5.5, colour, 0.8));
        }
        return;
    };
    let reach = WHISKER * (q75 - q25);
    let within = |value: &f64| (q25 - reach..=q75 + reach).contains(value);
    let low = finite(values).filter(within).fold(q25, f64::min);
    let high = finite(values).filter(within).fold(q75, f64::max);
    let line = stroke(colour, 2.2);
    for (from, to) in [(low, q25), (q75, high)] {
        drawing.line((x(from), y), (x(to), y), line);
    }
    for end in [low, high] {
        drawing.line((x(end), y - 5.0), (x(end), y + 5.0), line);
    }
    let body = Rect {
        left: x(q25),
        top: y - HALF_BOX,
        right: x(q75),
        bottom: y + HALF_BOX,
    };
    drawing.add(Mark::Fill(body, colour));
    // The median is a notch of paper with a line of ink in it, seen on every colour, black too.
    for (width, colour) in [(7.0, palette::PAPER), (3.0, palette::INK)] {
        let (top, bottom) = ((x(median), y - HALF_BOX), (x(median), y + HALF_BOX));
        drawing.line(top, bottom, stroke(colour, width));
    }
    for value in finite(values).filter(|value| !within(value)) {
        drawing.add(Mark::Dot((x(value), y), 3.6, colour, 0.7));
    }
}
