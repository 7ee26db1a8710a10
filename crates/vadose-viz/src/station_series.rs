//! Estimate and station through time, with the estimate's interval.

use vadose_metrics::Interval;

use crate::curve::range_of;
use crate::drawing::{Anchor, Drawing, Mark, Rect};
use crate::frame::{self, Axis, stroke};
use crate::legend::{Entry, Sample};
use crate::marker::Marker;
use crate::page::{Furniture, MARGIN};
use crate::text::FontSize;
use crate::ticks::Scale;
use crate::time_line::TimeLine;
use crate::{Figure, VizError, output, palette, wording};

/// One station's values, a panel of the figure.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StationSeries {
    /// Heading: the station, its network, its skill.
    pub heading: String,
    /// Hours since 1970-01-01T00Z, rising, `[n]`.
    pub hours: Vec<i64>,
    /// What the station measured, `[n]`; NaN where it did not.
    pub station: Vec<f64>,
    /// The estimate, `[n]`; NaN where there is none.
    pub estimate: Vec<f64>,
    /// Intervals of the estimate, `[n]`, or empty for none.
    pub intervals: Vec<Interval>,
    /// A product to compare with, `[n]`, or empty for none.
    pub product: Vec<f64>,
}

/// Time series of stations, a panel each, on one time axis and one scale.
///
/// Gaps are not bridged: values further apart than `longest_gap_hours` are not connected, and a pause of
/// more than thirty days is cut out of the axis, so that three Junes stand side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct StationSeriesPlot {
    /// Title; empty for none.
    pub title: String,
    /// The panels, from the top.
    pub stations: Vec<StationSeries>,
    /// Name of the estimate in the legend.
    pub estimate_label: String,
    /// Name of the interval in the legend, such as `90 % interval`.
    pub interval_label: String,
    /// Name of the product in the legend.
    pub product_label: String,
    /// Label of the vertical axes, with units.
    pub y_label: String,
    /// Values further apart are not connected, hours. Default 36: daily values are, others not.
    pub longest_gap_hours: i64,
    /// Line at the bottom; empty for none.
    pub footnote: String,
    /// Width in pixels; the height follows from the number of stations. Default 1500.
    pub width_px: u32,
}

impl Default for StationSeriesPlot {
    fn default() -> Self {
        StationSeriesPlot {
            title: String::new(),
            stations: Vec::new(),
            estimate_label: "estimate".to_owned(),
            interval_label: "interval".to_owned(),
            product_label: "product".to_owned(),
            y_label: "soil moisture (m³ m⁻³)".to_owned(),
            longest_gap_hours: 36,
            footnote: String::new(),
            width_px: 1500,
        }
    }
}

/// # Errors of drawing
/// [`VizError::NothingToDraw`] without stations or for one without a finite value,
/// [`VizError::LengthMismatch`], [`VizError::TimesDoNotRise`], [`VizError::Size`].
///
/// # Examples
/// ```
/// use vadose_viz::{Figure, StationSeries, StationSeriesPlot};
///
/// let noon = |day: i64| 24 * (17_318 + day) + 12; // 2017-06-01 and after
/// let figure = StationSeriesPlot {
///     stations: vec![StationSeries {
///         heading: "SCAN/Abrams".into(),
///         hours: (0..4).map(noon).collect(),
///         station: vec![0.21, 0.20, f64::NAN, 0.26],
///         estimate: vec![0.19, 0.20, 0.22, 0.25],
///         ..StationSeries::default()
///     }],
///     ..StationSeriesPlot::default()
/// };
/// assert!(figure.alternative_text().contains("2017-06-01 to 2017-06-04"));
/// # figure.svg()?;
/// # Ok::<(), vadose_viz::VizError>(())
/// ```
impl Figure for StationSeriesPlot {
    fn draw(&self) -> Result<Drawing, VizError> {
        for station in &self.stations {
            station.check()?;
        }
        let hours = self
            .stations
            .iter()
            .flat_map(|station| station.hours.iter().copied());
        let Some(time) = TimeLine::new(hours) else {
            return Err(VizError::NothingToDraw {
                what: "station series".to_owned(),
            });
        };
        let values = self.stations.iter().flat_map(StationSeries::heights);
        let y = Axis::new(range_of(values, Scale::Linear, 0.03), Scale::Linear, 4);
        let left = MARGIN + 34.0 + frame::tick_width(&y.ticks);
        let right = f64::from(self.width_px) - MARGIN;
        let smallest = (left + MARGIN + SMALLEST_PLOT).ceil() as u32;
        output::check_size((self.width_px, 0), (smallest, 0))?;
        let mut drawing = Drawing::new((self.width_px, 0));
        let mut top = frame::draw_title(&mut drawing, &self.title, MARGIN) + 16.0;
        let segments = time.segments(left, right);
        let mut bottom = top;
        for station in &self.stations {
            let heading = ((left + right) * 0.5, top + HEADING - 8.0);
            let anchor = Anchor::BottomCentre;
            drawing.text(heading, &station.heading, FontSize::PanelTitle, anchor);
            bottom = top + HEADING + PANEL;
            for (index, segment) in segments.iter().enumerate() {
                let area = Rect {
                    left: segment.left,
                    top: top + HEADING,
                    right: segment.right,
                    bottom,
                };
                let panel = Panel {
                    area,
                    y: &y,
                    figure: self,
                    station,
                };
                panel.draw(&mut drawing, segment);
                if index == 0 {
                    panel.draw_y_axis(&mut drawing);
                }
            }
            top = bottom + BETWEEN;
        }
        for segment in &segments {
            segment.draw_dates(&mut drawing, bottom);
        }
        let legend = self.legend();
        let furniture = Furniture {
            title: "",
            legend: &legend,
            footnote: &self.footnote,
        };
        furniture.draw_below(&mut drawing, bottom + frame::BELOW_LABEL + 10.0);
        output::check_size(drawing.size, (smallest, 0))?;
        Ok(drawing)
    }

    fn alternative_text(&self) -> String {
        let mut text = wording::opening(&self.title, "Time series");
        text.push_str(&format!(" {}.", self.y_label));
        for station in &self.stations {
            let days = TimeLine::new(station.hours.iter().copied());
            let days = days.map_or(String::new(), |time| time.first_to_last());
            let pairs = station.station.iter().zip(&station.estimate);
            let both = pairs.filter(|(one, other)| one.is_finite() && other.is_finite());
            text.push_str(&format!(
                " {}, {days}: {}",
                station.heading,
                wording::count(both.count(), "value", "values"),
            ));
            if let Ok(error) = vadose_metrics::rmse(&station.estimate, &station.station) {
                let r = vadose_metrics::pearson_r(&station.estimate, &station.station).ok();
                text.push_str(&format!(", RMSE {}", wording::say(error)));
                if let Some(r) = r {
                    text.push_str(&format!(", R {}", wording::say(r)));
                }
            }
            text.push('.');
        }
        text
    }
}

/// Height of a station's heading, of its panel, and of the gap to the next, pixels.
const HEADING: f64 = 40.0;
const PANEL: f64 = 190.0;
const BETWEEN: f64 = 14.0;
const SMALLEST_PLOT: f64 = 400.0;
const BAND: f64 = 0.2;

/// The look of the product's values.
fn product() -> Marker {
    Marker::of(1)
}

impl StationSeries {
    fn check(&self) -> Result<(), VizError> {
        let n = self.hours.len();
        for (what, got, optional) in [
            ("station values", self.station.len(), false),
            ("estimates", self.estimate.len(), false),
            ("intervals", self.intervals.len(), true),
            ("product values", self.product.len(), true),
        ] {
            if got != n && !(optional && got == 0) {
                return Err(VizError::LengthMismatch {
                    what: format!("{what} of {:?}", self.heading),
                    expected: n,
                    got,
                });
            }
        }
        if !self.hours.is_sorted_by(|one, other| one < other) {
            return Err(VizError::TimesDoNotRise {
                what: self.heading.clone(),
            });
        }
        let mut values = self.station.iter().chain(&self.estimate);
        if !values.any(|value| value.is_finite()) {
            return Err(VizError::NothingToDraw {
                what: format!("station {:?}", self.heading),
            });
        }
        Ok(())
    }

    fn heights(&self) -> impl Iterator<Item = f64> {
        let ends = self.intervals.iter().flat_map(|of| [of.lower, of.upper]);
        let values = self
            .station
            .iter()
            .chain(&self.estimate)
            .chain(&self.product);
        values.copied().chain(ends)
    }
}

impl StationSeriesPlot {
    fn legend(&self) -> Vec<Entry> {
        let entry = |sample, text: &str| Entry {
            sample,
            text: text.to_owned(),
        };
        let mut entries = vec![
            entry(Sample::Line(stroke(palette::BLACK, 2.4)), "station"),
            entry(
                Sample::Line(stroke(palette::BLUE, 3.0)),
                &self.estimate_label,
            ),
        ];
        if self.stations.iter().any(|of| !of.intervals.is_empty()) {
            let tint = palette::BLUE.over_paper(BAND);
            entries.push(entry(Sample::Swatch(tint), &self.interval_label));
        }
        if self.stations.iter().any(|of| !of.product.is_empty()) {
            entries.push(entry(Sample::Marker(product()), &self.product_label));
        }
        entries
    }
}

/// One station in one stretch of time.
struct Panel<'a> {
    area: Rect,
    y: &'a Axis,
    figure: &'a StationSeriesPlot,
    station: &'a StationSeries,
}

impl Panel<'_> {
    fn y_of(&self, value: f64) -> f64 {
        self.area.bottom - self.y.scale.fraction(value, self.y.range) * self.area.height()
    }

    fn draw(&self, drawing: &mut Drawing, segment: &crate::time_line::Segment) {
        let area = self.area;
        for tick in &self.y.ticks {
            let y = area.bottom - tick.fraction * area.height();
            drawing.line((area.left, y), (area.right, y), frame::HAIRLINE);
        }
        for tick in &segment.ticks {
            let x = area.left + tick.fraction * area.width();
            drawing.line((x, area.top), (x, area.bottom), frame::HAIRLINE);
        }
        let station = self.station;
        let inside: Vec<usize> = (0..station.hours.len())
            .filter(|&index| segment.contains(station.hours[index]))
            .collect();
        let x = |index: usize| segment.x(station.hours[index]);
        let has_interval = |index: usize| {
            let interval = station.intervals.get(index);
            interval.is_some_and(|of| of.lower.is_finite() && of.upper.is_finite())
        };
        for run in self.runs(&inside, has_interval) {
            let end = |index: usize, upper: fn(&Interval) -> f64| {
                (x(index), self.y_of(upper(&station.intervals[index])))
            };
            let mut corners: Vec<_> = run.iter().map(|&index| end(index, |of| of.lower)).collect();
            corners.extend(run.iter().rev().map(|&index| end(index, |of| of.upper)));
            match corners.as_slice() {
                [lower, upper] => {
                    let tint = palette::BLUE.over_paper(BAND);
                    drawing.line(*lower, *upper, stroke(tint, 8.0));
                }
                _ => drawing.add(Mark::Polygon(corners, palette::BLUE, BAND)),
            }
        }
        for (values, colour, width) in [
            (&station.station, palette::BLACK, 2.4),
            (&station.estimate, palette::BLUE, 3.0),
        ] {
            for run in self.runs(&inside, |index| values[index].is_finite()) {
                let places: Vec<_> = run
                    .iter()
                    .map(|&index| (x(index), self.y_of(values[index])))
                    .collect();
                match places.as_slice() {
                    [alone] => drawing.add(Mark::Dot(*alone, 1.2 * width, colour, 1.0)),
                    _ => drawing.path(&places, stroke(colour, width)),
                }
            }
        }
        for &index in &inside {
            if let Some(value) = station.product.get(index).filter(|value| value.is_finite()) {
                let at = (x(index), self.y_of(*value));
                product().draw(drawing, at, 4.5);
            }
        }
        frame::draw_frame(drawing, area);
    }

    /// Neighbours that count and are near enough to be connected.
    fn runs(&self, inside: &[usize], counts: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
        let mut runs: Vec<Vec<usize>> = Vec::new();
        let mut previous = None;
        for &index in inside.iter().filter(|&&index| counts(index)) {
            let hour = self.station.hours[index];
            let near = previous.is_some_and(|of| hour - of <= self.figure.longest_gap_hours);
            match runs.last_mut() {
                Some(run) if near => run.push(index),
                _ => runs.push(vec![index]),
            }
            previous = Some(hour);
        }
        runs
    }

    fn draw_y_axis(&self, drawing: &mut Drawing) {
        let widest = frame::ticks_left(drawing, self.area, &self.y.ticks);
        let (beside, y) = (self.area.left - widest - 10.0, self.area.centre().1);
        let label = &self.figure.y_label;
        let size = if crate::text::width(label, FontSize::Label) > PANEL + HEADING {
            FontSize::Note
        } else {
            FontSize::Label
        };
        drawing.label(crate::drawing::Label {
            at: (beside, y),
            text: label.clone(),
            size,
            colour: palette::INK,
            anchor: Anchor::BottomCentre,
            direction: crate::drawing::Direction::Upwards,
        });
    }
}
