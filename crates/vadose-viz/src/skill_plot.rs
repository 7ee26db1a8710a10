//! Skill of several methods side by side, a dot with its interval each.

use std::cmp::Ordering;

use vadose_metrics::Interval;

use crate::drawing::{Anchor, Dash, Drawing, Mark, Rect, Stroke};
use crate::frame::{self, Axis, Frame, stroke};
use crate::marker::Marker;
use crate::page::{Furniture, MARGIN};
use crate::rows::{self, ROW, Rows};
use crate::text::{self, FontSize};
use crate::ticks::{Scale, Tick};
use crate::{Figure, VizError, curve, output, palette, wording};

/// Which values of a metric are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Better {
    /// Small ones: RMSE, ubRMSE.
    #[default]
    Lower,
    /// Large ones: correlation, efficiency.
    Higher,
    /// Those near zero: bias.
    NearZero,
}

impl Better {
    /// The better of two finite values comes first.
    pub(crate) fn compare(self, one: f64, other: f64) -> Ordering {
        match self {
            Better::Lower => one.total_cmp(&other),
            Better::Higher => other.total_cmp(&one),
            Better::NearZero => one.abs().total_cmp(&other.abs()),
        }
    }

    pub(crate) fn superlative(self) -> &'static str {
        match self {
            Better::Lower => "lowest",
            Better::Higher => "highest",
            Better::NearZero => "nearest to zero",
        }
    }
}

/// A value and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its interval, if there is one.
    pub interval: Option<Interval>,
}

/// A metric, a panel of the figure.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SkillMetric {
    /// Name, such as `ubRMSE`.
    pub name: String,
    /// Units; empty for none.
    pub units: String,
    /// Which values are good.
    pub better: Better,
}

/// A method's skill, a row of the figure.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MethodSkill {
    /// Name of the method.
    pub method: String,
    /// One value a metric, in the figure's order; `None` where there is none.
    pub values: Vec<Option<Estimate>>,
}

/// Methods judged on the same samples.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SkillGroup {
    /// What they are judged on, such as `test stations (n = 71)`; empty for none.
    pub heading: String,
    /// The methods. The same place in every group gets the same colour and shape.
    pub methods: Vec<MethodSkill>,
}

/// Rows of methods, panels of metrics, a dot and its interval in each: a table to be seen.
#[derive(Debug, Clone, PartialEq)]
pub struct SkillPlot {
    /// Title; empty for none.
    pub title: String,
    /// The panels, left to right.
    pub metrics: Vec<SkillMetric>,
    /// The rows, in groups, from the top.
    pub groups: Vec<SkillGroup>,
    /// Line at the bottom; empty for none.
    pub footnote: String,
    /// Width in pixels; the height follows from the rows. Default 1300.
    pub width_px: u32,
}

impl Default for SkillPlot {
    fn default() -> Self {
        SkillPlot {
            title: String::new(),
            metrics: Vec::new(),
            groups: Vec::new(),
            footnote: String::new(),
            width_px: 1300,
        }
    }
}

/// # Errors of drawing
/// [`VizError::NothingToDraw`] without metrics or without any finite value of one,
/// [`VizError::LengthMismatch`] for a method that has not one value a metric, [`VizError::Size`].
///
/// # Examples
/// ```
/// use vadose_metrics::Interval;
/// use vadose_viz::{Better, Estimate, Figure, MethodSkill, SkillGroup, SkillMetric, SkillPlot};
///
/// let method = |method: &str, value: f64| MethodSkill {
///     method: method.into(),
///     values: vec![Some(Estimate {
///         value,
///         interval: Some(Interval { lower: value - 0.005, upper: value + 0.006 }),
///     })],
/// };
/// let figure = SkillPlot {
///     metrics: vec![SkillMetric {
///         name: "ubRMSE".into(),
///         units: "m³ m⁻³".into(),
///         better: Better::Lower,
///     }],
///     groups: vec![SkillGroup {
///         heading: "test stations".into(),
///         methods: vec![method("network", 0.041), method("SPL2SMAP_S, 1 km", 0.062)],
///     }],
///     ..SkillPlot::default()
/// };
/// let text = figure.alternative_text();
/// assert!(text.contains("ubRMSE is lowest for network, 0.041 (0.036 to 0.047)"), "{text}");
/// # figure.svg()?;
/// # Ok::<(), vadose_viz::VizError>(())
/// ```
impl Figure for SkillPlot {
    fn draw(&self) -> Result<Drawing, VizError> {
        self.check()?;
        let rows = Rows::new(
            self.groups.iter().map(|group| rows::Group {
                heading: &group.heading,
                rows: group
                    .methods
                    .iter()
                    .map(|method| method.method.as_str())
                    .collect(),
            }),
            ROW,
        );
        let n = self.metrics.len() as f64;
        let left = MARGIN + rows.label_width() + LABEL_GAP;
        let smallest = (left + MARGIN + n * SMALLEST_PANEL + (n - 1.0) * BETWEEN).ceil() as u32;
        output::check_size((self.width_px, 0), (smallest, 0))?;
        let mut drawing = Drawing::new((self.width_px, 0));
        let title = frame::draw_title(&mut drawing, &self.title, MARGIN);
        let top = title + 56.0;
        let right = f64::from(self.width_px) - MARGIN;
        let panel = (right - left - (n - 1.0) * BETWEEN) / n;
        let bottom = top + rows.height();
        rows.draw(&mut drawing, (MARGIN, right), top);
        for (index, metric) in self.metrics.iter().enumerate() {
            let start = left + (panel + BETWEEN) * index as f64;
            let area = Rect {
                left: start,
                top,
                right: start + panel,
                bottom,
            };
            self.draw_panel(&mut drawing, area, index, &rows);
            let above = (area.centre().0, top - 10.0);
            drawing.text(
                above,
                &metric.name,
                FontSize::PanelTitle,
                Anchor::BottomCentre,
            );
        }
        let furniture = Furniture {
            title: "",
            legend: &[],
            footnote: &self.footnote,
        };
        let has_units = self.metrics.iter().any(|metric| !metric.units.is_empty());
        let below = if has_units {
            frame::BELOW_LABEL
        } else {
            frame::BELOW_TICKS
        };
        furniture.draw_below(&mut drawing, bottom + below);
        output::check_size(drawing.size, (smallest, 0))?;
        Ok(drawing)
    }

    fn alternative_text(&self) -> String {
        let mut text = wording::opening(&self.title, "Skill of methods");
        for group in &self.groups {
            let heading = group.heading.trim();
            let mut told: Vec<String> = Vec::new();
            for (index, metric) in self.metrics.iter().enumerate() {
                let mut ranked: Vec<(&str, Estimate)> = group
                    .methods
                    .iter()
                    .filter_map(|method| {
                        Some((method.method.as_str(), (*method.values.get(index)?)?))
                    })
                    .filter(|(_, estimate)| estimate.value.is_finite())
                    .collect();
                ranked.sort_by(|one, other| metric.better.compare(one.1.value, other.1.value));
                let say = |(method, estimate): &(&str, Estimate)| {
                    let value = wording::with_interval(estimate.value, estimate.interval);
                    format!("{method}, {value}")
                };
                if let [best, rest @ ..] = ranked.as_slice() {
                    let mut sentence = format!(
                        "{} is {} for {}",
                        metric.name,
                        metric.better.superlative(),
                        say(best)
                    );
                    if let Some(next) = rest.first() {
                        sentence.push_str(&format!("; next is {}", say(next)));
                    }
                    told.push(sentence);
                }
            }
            let of = if heading.is_empty() {
                String::new()
            } else {
                format!("{heading}: ")
            };
            text.push_str(&format!(" {of}{}.", told.join(". ")));
        }
        text
    }
}

/// Smallest width of a panel, pixels.
const SMALLEST_PANEL: f64 = 150.0;
/// Distance between panels, and from the methods' names to the first, pixels.
const BETWEEN: f64 = 40.0;
const LABEL_GAP: f64 = 22.0;
const RADIUS: f64 = 7.5;
const BAR: f64 = 3.0;

const ZERO: Stroke = Stroke {
    colour: palette::FAINT_INK,
    width: 2.0,
    dash: Dash::Dashed,
};

/// Whether a tick's number leaves room for that of the neighbouring panel.
fn stays_near(tick: &Tick, area: Rect) -> bool {
    let half = 0.5 * text::width(&tick.label, FontSize::Tick);
    let (x, room) = (tick.fraction * area.width(), 0.5 * BETWEEN - 4.0);
    x - half >= -room && x + half <= area.width() + room
}

impl SkillPlot {
    fn check(&self) -> Result<(), VizError> {
        let methods = || self.groups.iter().flat_map(|group| &group.methods);
        for method in methods() {
            if method.values.len() != self.metrics.len() {
                return Err(VizError::LengthMismatch {
                    what: format!("skill of {:?}", method.method),
                    expected: self.metrics.len(),
                    got: method.values.len(),
                });
            }
        }
        if self.metrics.is_empty() {
            return Err(VizError::NothingToDraw {
                what: "skill plot".to_owned(),
            });
        }
        for (index, metric) in self.metrics.iter().enumerate() {
            if !methods()
                .flat_map(|method| method.values[index])
                .any(|of| of.value.is_finite())
            {
                return Err(VizError::NothingToDraw {
                    what: format!("metric {:?}", metric.name),
                });
            }
        }
        Ok(())
    }

    fn draw_panel(&self, drawing: &mut Drawing, area: Rect, metric: usize, rows: &Rows<'_>) {
        let estimates = || {
            let methods = self.groups.iter().flat_map(|group| &group.methods);
            methods.filter_map(|method| method.values[metric])
        };
        let values = estimates().flat_map(|of| {
            let ends = of.interval.into_iter().flat_map(|of| [of.lower, of.upper]);
            ends.chain([of.value])
        });
        let ticks = ((area.width() / 70.0) as usize).clamp(3, 5);
        let range = curve::range_of(values, Scale::Linear, 0.03);
        let mut x = Axis::new(range, Scale::Linear, ticks);
        x.ticks.retain(|tick| stays_near(tick, area));
        let frame = Frame {
            area,
            x,
            y: Axis::new((0.0, 1.0), Scale::Linear, 1),
        };
        for tick in &frame.x.ticks {
            let x = area.left + tick.fraction * area.width();
            drawing.line((x, area.top), (x, area.bottom), frame::HAIRLINE);
        }
        let x_of = |value: f64| frame.place((value, 0.0)).0;
        if range.0 < 0.0 && range.1 > 0.0 {
            drawing.line((x_of(0.0), area.top), (x_of(0.0), area.bottom), ZERO);
        }
        let methods = self
            .groups
            .iter()
            .flat_map(|group| group.methods.iter().enumerate());
        for ((index, method), y) in methods.zip(rows.centres(area.top)) {
            let Some(estimate) = method.values[metric] else {
                let middle = (area.centre().0, y);
                drawing.text(middle, "–", FontSize::Tick, Anchor::Centre);
                continue;
            };
            let look = Marker::of(index);
            if let Some(Interval { lower, upper }) = estimate.interval {
                let ends = [lower, upper].map(|value| (x_of(value), y));
                if lower.is_finite() && upper.is_finite() {
                    drawing.add(Mark::Path(ends.to_vec(), stroke(look.colour, BAR)));
                }
            }
            if estimate.value.is_finite() {
                look.draw(drawing, (x_of(estimate.value), y), RADIUS);
            }
        }
        frame::draw_frame(drawing, area);
        frame::ticks_below(drawing, area, &frame.x.ticks);
        let below = (area.centre().0, area.bottom + frame::BELOW_TICKS + 4.0);
        drawing.text(
            below,
            &self.metrics[metric].units,
            FontSize::Label,
            Anchor::TopCentre,
        );
    }
}
