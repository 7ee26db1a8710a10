//! Estimate against reference, the paper's figure 4.

use vadose_metrics::Skill;

use crate::drawing::{Anchor, Colour, Drawing, Label, Mark, Rect};
use crate::frame::{self, Axis, Frame, stroke};
use crate::output;
use crate::palette;
use crate::text::{self, FontSize};
use crate::ticks::{Scale, number, rounded_outward};
use crate::{Figure, VizError, wording};

/// What a series of pairs is, which gives its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SeriesRole {
    /// Stations that the model was trained on: blue.
    Training,
    /// Stations it has never seen: vermilion.
    #[default]
    Test,
    /// An existing product at the same stations: bluish green.
    Product,
}

/// The skill written beside a series.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SkillNote {
    /// Number of pairs.
    pub n: usize,
    /// Mean of estimate minus reference.
    pub bias: Option<f64>,
    /// Unbiased root-mean-square error.
    pub ubrmse: Option<f64>,
    /// Pearson's correlation.
    pub r: Option<f64>,
}

impl From<&Skill> for SkillNote {
    fn from(skill: &Skill) -> Self {
        SkillNote {
            n: skill.n,
            bias: skill.bias,
            ubrmse: skill.ubrmse,
            r: skill.r,
        }
    }
}

/// Pairs of one kind, drawn in a plot of their own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ScatterSeries {
    /// Heading of the plot.
    pub label: String,
    /// What the pairs are.
    pub role: SeriesRole,
    /// Estimates, `[n]`. A pair with a member that is not finite is left out.
    pub estimate: Vec<f64>,
    /// Reference values, `[n]`.
    pub reference: Vec<f64>,
    /// The skill to write; `None` computes it from the pairs.
    pub skill: Option<SkillNote>,
}

/// Estimate against reference, one plot for each series, all on the same axes with the 1:1 line.
#[derive(Debug, Clone, PartialEq)]
pub struct ScatterPlot {
    /// Title; empty for none.
    pub title: String,
    /// The series, left to right.
    pub series: Vec<ScatterSeries>,
    /// Label of the horizontal axes.
    pub reference_label: String,
    /// Label of the vertical axis.
    pub estimate_label: String,
    /// Line at the bottom; empty for none.
    pub footnote: String,
    /// Width in pixels; the height follows, since the plots are square. Default 1800.
    pub width_px: u32,
}

impl Default for ScatterPlot {
    fn default() -> Self {
        ScatterPlot {
            title: String::new(),
            series: Vec::new(),
            reference_label: "station soil moisture (m³ m⁻³)".to_owned(),
            estimate_label: "estimated soil moisture (m³ m⁻³)".to_owned(),
            footnote: String::new(),
            width_px: 1800,
        }
    }
}

/// # Errors of drawing
/// [`VizError::NothingToDraw`] if there is no series or one has no finite pair,
/// [`VizError::LengthMismatch`], [`VizError::Skill`], [`VizError::Size`].
///
/// # Examples
/// ```
/// use vadose_viz::{Figure, ScatterPlot, ScatterSeries, SeriesRole};
///
/// let figure = ScatterPlot {
///     series: vec![ScatterSeries {
///         label: "test stations".into(),
///         role: SeriesRole::Test,
///         reference: vec![0.10, 0.20, 0.30],
///         estimate: vec![0.12, 0.19, 0.33],
///         skill: None,
///     }],
///     width_px: 800,
///     ..ScatterPlot::default()
/// };
/// let folder = tempfile::tempdir()?;
/// figure.write(folder.path().join("scatter.png"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Figure for ScatterPlot {
    fn draw(&self) -> Result<Drawing, VizError> {
        draw(self)
    }

    fn alternative_text(&self) -> String {
        let mut text = wording::opening(&self.title, "Scatter plot");
        text.push_str(&format!(
            " {} against {}.",
            self.estimate_label, self.reference_label
        ));
        for series in &self.series {
            let Ok(note) = note_of(series) else {
                continue;
            };
            let values = [
                ("bias", note.bias, 3),
                ("ubRMSE", note.ubrmse, 3),
                ("R", note.r, 2),
            ];
            let values = values.into_iter().filter_map(|(name, value, decimals)| {
                Some(format!("{name} {}", number(value?, decimals)))
            });
            let mut told = vec![wording::count(note.n, "pair", "pairs")];
            told.extend(values);
            let name = if series.label.is_empty() {
                String::new()
            } else {
                format!("{}: ", series.label)
            };
            text.push_str(&format!(" {name}{}.", wording::list(&told)));
        }
        text
    }
}

/// Smallest edge of a plot, pixels: the box with the skill takes most of its width.
const SMALLEST_SIDE: f64 = 260.0;

/// Above this number of pairs dots shrink and fade, so that their density shows.
const MANY_PAIRS: usize = 2_000;

fn draw(figure: &ScatterPlot) -> Result<Drawing, VizError> {
    if figure.series.is_empty() {
        return Err(VizError::NothingToDraw {
            what: "scatter plot".to_owned(),
        });
    }
    let pairs = figure
        .series
        .iter()
        .map(finite_pairs)
        .collect::<Result<Vec<_>, _>>()?;
    let notes = figure
        .series
        .iter()
        .map(note_of)
        .collect::<Result<Vec<_>, _>>()?;
    let range = common_range(pairs.iter().flatten().copied());

    let width = f64::from(figure.width_px);
    let (margin, between) = (36.0, 60.0);
    let axis = Axis::new(range, Scale::Linear, 5);
    let left = margin + 34.0 + frame::tick_width(&axis.ticks);
    let n = figure.series.len() as f64;
    let furniture = left + margin + between * (n - 1.0);
    let smallest = (furniture + n * SMALLEST_SIDE).ceil() as u32;
    output::check_size((figure.width_px, 0), (smallest, 0))?;
    let side = (width - furniture) / n;
    let (footnote, footnote_height) = frame::footnote(&figure.footnote, width - 2.0 * margin);

    let mut drawing = Drawing::new((figure.width_px, 0));
    let top = frame::draw_title(&mut drawing, &figure.title, margin) + 60.0;
    for (index, ((series, pairs), note)) in figure.series.iter().zip(&pairs).zip(&notes).enumerate()
    {
        let start = left + (side + between) * index as f64;
        let area = Rect {
            left: start,
            top,
            right: start + side,
            bottom: top + side,
        };
        let mut frame = Frame {
            area,
            x: axis.clone(),
            y: axis.clone(),
        };
        frame.draw_grid(&mut drawing);
        drawing.path(
            &[range.0, range.1].map(|v| frame.place((v, v))),
            stroke(palette::FAINT_INK, 2.0),
        );
        let (radius, alpha) = if pairs.len() > MANY_PAIRS {
            (2.4, 0.25)
        } else {
            (4.2, 0.5)
        };
        let dots: Vec<_> = pairs.iter().map(|&pair| frame.place(pair)).collect();
        for &dot in &dots {
            drawing.add(Mark::Dot(dot, radius, colour_of(series.role), alpha));
        }
        draw_note(&mut drawing, area, note, &dots);
        if index > 0 {
            frame.y.ticks.iter_mut().for_each(|tick| tick.label.clear());
        }
        let y_label = if index == 0 {
            figure.estimate_label.as_str()
        } else {
            ""
        };
        frame.draw_axes(&mut drawing, "", y_label);
        let above = (area.centre().0, top - 12.0);
        drawing.text(
            above,
            &series.label,
            FontSize::PanelTitle,
            Anchor::BottomCentre,
        );
    }
    let below = (
        0.5 * (left + width - margin),
        top + side + frame::BELOW_TICKS + 4.0,
    );
    drawing.text(
        below,
        &figure.reference_label,
        FontSize::Label,
        Anchor::TopCentre,
    );
    let foot = top + side + frame::BELOW_LABEL + 14.0;
    frame::draw_footnote(&mut drawing, &footnote, margin, foot);
    drawing.size.1 = (foot + footnote_height + 14.0).ceil() as u32;
    output::check_size(drawing.size, (smallest, 0))?;
    Ok(drawing)
}

fn colour_of(role: SeriesRole) -> Colour {
    match role {
        SeriesRole::Training => palette::BLUE,
        SeriesRole::Test => palette::VERMILION,
        SeriesRole::Product => palette::BLUISH_GREEN,
    }
}

/// `(reference, estimate)` of the pairs that are whole.
fn finite_pairs(series: &ScatterSeries) -> Result<Vec<(f64, f64)>, VizError> {
    if series.estimate.len() != series.reference.len() {
        return Err(VizError::LengthMismatch {
            what: format!("estimate of series {:?}", series.label),
            expected: series.reference.len(),
            got: series.estimate.len(),
        });
    }
    let pairs = series
        .reference
        .iter()
        .copied()
        .zip(series.estimate.iter().copied());
    let whole: Vec<_> = pairs
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .collect();
    if whole.is_empty() {
        return Err(VizError::NothingToDraw {
            what: format!("series {:?}", series.label),
        });
    }
    Ok(whole)
}

fn note_of(series: &ScatterSeries) -> Result<SkillNote, VizError> {
    match series.skill {
        Some(note) => Ok(note),
        None => Skill::of(&series.estimate, &series.reference)
            .map(|skill| SkillNote::from(&skill))
            .map_err(|source| VizError::Skill {
                series: series.label.clone(),
                source,
            }),
    }
}

/// Round ends that hold both members of every pair; from zero if all are positive and near it.
fn common_range(pairs: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
    for (x, y) in pairs {
        least = least.min(x).min(y);
        greatest = greatest.max(x).max(y);
    }
    let span = greatest - least;
    if least >= 0.0 && least < span {
        least = 0.0;
    }
    let room = if span > 0.0 {
        0.02 * span
    } else {
        0.05 * greatest.abs().max(0.1)
    };
    let from = if least == 0.0 { 0.0 } else { least - room };
    rounded_outward((from, greatest + room), 5)
}

/// The box with the skill: in the corner above the 1:1 line, or below it if that hides fewer dots.
fn draw_note(drawing: &mut Drawing, area: Rect, note: &SkillNote, dots: &[(f64, f64)]) {
    let value = |value: Option<f64>, decimals| {
        value.map_or("–".to_owned(), |value| number(value, decimals))
    };
    let lines = [
        ("n", note.n.to_string()),
        ("bias", value(note.bias, 3)),
        ("ubRMSE", value(note.ubrmse, 3)),
        ("R", value(note.r, 2)),
    ];
    let (pad, line_height) = (11.0, 27.0);
    let widest = |texts: &mut dyn Iterator<Item = &str>| {
        texts
            .map(|t| text::width(t, FontSize::Tick))
            .fold(0.0, f64::max)
    };
    let names = widest(&mut lines.iter().map(|(name, _)| *name));
    let values = widest(&mut lines.iter().map(|(_, value)| value.as_str()));
    let (box_width, box_height) = (
        names + values + 18.0 + 2.0 * pad,
        line_height * 4.0 + 2.0 * pad - 4.0,
    );
    let inset = 14.0;
    let corner = |left, top| Rect {
        left,
        top,
        right: left + box_width,
        bottom: top + box_height,
    };
    let upper_left = corner(area.left + inset, area.top + inset);
    let lower_right = corner(
        area.right - inset - box_width,
        area.bottom - inset - box_height,
    );
    let covered = |rect: &Rect| dots.iter().filter(|dot| rect.contains(**dot)).count();
    let outline = if covered(&lower_right) < covered(&upper_left) {
        lower_right
    } else {
        upper_left
    };
    let (left, top) = (outline.left, outline.top);
    drawing.add(Mark::Fill(outline, palette::PAPER));
    drawing.add(Mark::Outline(outline, stroke(palette::MISSING, 1.4)));
    for (index, (name, value)) in lines.iter().enumerate() {
        let y = top + pad + line_height * (index as f64 + 0.5) - 2.0;
        drawing.text((left + pad, y), name, FontSize::Tick, Anchor::CentreLeft);
        drawing.label(Label {
            at: (outline.right - pad, y),
            text: value.clone(),
            size: FontSize::Tick,
            colour: palette::INK,
            anchor: Anchor::CentreRight,
            direction: crate::drawing::Direction::Across,
        });
    }
}
