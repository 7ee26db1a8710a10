//! Error against epoch, the paper's figure 2.

use crate::drawing::{Anchor, Colour, Dash, Drawing, Mark, Rect, Stroke};
use crate::frame::{self, Axis, Frame, stroke};
use crate::legend::{self, Entry, Sample};
use crate::output;
use crate::palette;
use crate::text::FontSize;
use crate::ticks::{Scale, rounded_outward};
use crate::{Figure, VizError, wording};

/// RMSE and ubRMSE of one set of stations, epoch by epoch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SkillHistory {
    /// Epochs, rising.
    pub epochs: Vec<f64>,
    /// Root-mean-square error at each epoch; a value that is not finite leaves a gap.
    pub rmse: Vec<f64>,
    /// Unbiased root-mean-square error at each epoch; a value that is not finite leaves a gap.
    pub ubrmse: Vec<f64>,
}

/// A product's error, a horizontal line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReferenceLine {
    /// Name in the legend.
    pub label: String,
    /// Its RMSE, if there is one to show.
    pub rmse: Option<f64>,
    /// Its ubRMSE, if there is one to show.
    pub ubrmse: Option<f64>,
}

/// The vertical axis of the learning curves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum YScale {
    /// From zero.
    #[default]
    Linear,
    /// Logarithmic; every value must be positive.
    Log,
}

/// RMSE and ubRMSE against the epoch, side by side on one vertical axis.
#[derive(Debug, Clone, PartialEq)]
pub struct LearningCurves {
    /// Title; empty for none.
    pub title: String,
    /// Error on the training stations.
    pub training: SkillHistory,
    /// Error on the validation stations; may be empty.
    pub validation: SkillHistory,
    /// Products to compare with.
    pub references: Vec<ReferenceLine>,
    /// Units of all errors. Default m³ m⁻³.
    pub units: String,
    /// Default linear.
    pub y_scale: YScale,
    /// Line at the bottom; empty for none.
    pub footnote: String,
    /// Width and height, pixels. Default 1600×760.
    pub size_px: (u32, u32),
}

impl Default for LearningCurves {
    fn default() -> Self {
        LearningCurves {
            title: String::new(),
            training: SkillHistory::default(),
            validation: SkillHistory::default(),
            references: Vec::new(),
            units: "m³ m⁻³".to_owned(),
            y_scale: YScale::default(),
            footnote: String::new(),
            size_px: (1600, 760),
        }
    }
}

/// # Errors of drawing
/// [`VizError::NothingToDraw`] if training and validation hold no finite error,
/// [`VizError::LengthMismatch`] between epochs and errors, [`VizError::NotPositive`] on a logarithmic
/// axis, [`VizError::Size`].
///
/// # Examples
/// ```
/// use vadose_viz::{Figure, LearningCurves, ReferenceLine, SkillHistory};
///
/// let figure = LearningCurves {
///     training: SkillHistory {
///         epochs: vec![1.0, 2.0, 3.0],
///         rmse: vec![0.12, 0.08, 0.06],
///         ubrmse: vec![0.10, 0.07, 0.055],
///     },
///     references: vec![ReferenceLine {
///         label: "SPL2SMAP_S, 1 km".into(),
///         rmse: Some(0.09),
///         ubrmse: Some(0.07),
///     }],
///     ..LearningCurves::default()
/// };
/// let folder = tempfile::tempdir()?;
/// figure.write(folder.path().join("learning.svg"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Figure for LearningCurves {
    fn draw(&self) -> Result<Drawing, VizError> {
        draw(self)
    }

    fn alternative_text(&self) -> String {
        let mut text = wording::opening(&self.title, "Learning curves");
        for (name, set) in [
            ("training", &self.training),
            ("validation", &self.validation),
        ] {
            for measure in &MEASURES {
                let points = set.epochs.iter().zip((measure.history)(set));
                let mut points =
                    points.filter(|(epoch, value)| epoch.is_finite() && value.is_finite());
                let Some(best) = points.clone().min_by(|one, other| one.1.total_cmp(other.1))
                else {
                    continue;
                };
                let ends = points.clone().next().zip(points.next_back());
                let Some((first, last)) = ends else {
                    continue;
                };
                text.push_str(&format!(
                    " {} of {name} goes from {} to {} {} in {} epochs; the lowest is {} at epoch {}.",
                    measure.name,
                    wording::say(*first.1),
                    wording::say(*last.1),
                    self.units,
                    wording::say(*last.0),
                    wording::say(*best.1),
                    wording::say(*best.0),
                ));
            }
        }
        for line in &self.references {
            let values = MEASURES.iter().filter_map(|measure| {
                let value = (measure.reference)(line)?;
                Some(format!("{} {}", measure.name, wording::say(value)))
            });
            let values: Vec<String> = values.collect();
            if !values.is_empty() {
                text.push_str(&format!(" {}: {}.", line.label, wording::list(&values)));
            }
        }
        text
    }
}

/// One error measure: how it is called and where it is found.
struct Measure {
    name: &'static str,
    history: fn(&SkillHistory) -> &[f64],
    reference: fn(&ReferenceLine) -> Option<f64>,
}

const MEASURES: [Measure; 2] = [
    Measure {
        name: "RMSE",
        history: |set| &set.rmse,
        reference: |line| line.rmse,
    },
    Measure {
        name: "ubRMSE",
        history: |set| &set.ubrmse,
        reference: |line| line.ubrmse,
    },
];

const TRAINING: Stroke = stroke(palette::BLUE, 3.2);
const VALIDATION: Stroke = stroke(palette::VERMILION, 3.2);

fn reference_stroke(index: usize) -> Stroke {
    let colour: Colour = palette::REFERENCES[index % palette::REFERENCES.len()];
    Stroke {
        colour,
        width: 2.6,
        dash: Dash::Dashed,
    }
}

/// Smallest width and height that hold two plots and their labels, pixels.
const SMALLEST: (u32, u32) = (900, 560);

/// Histories shorter than this get a dot at each epoch, so that a single one is seen.
const FEW_EPOCHS: usize = 30;

fn draw(figure: &LearningCurves) -> Result<Drawing, VizError> {
    output::check_size(figure.size_px, SMALLEST)?;
    let sets = [
        ("training", &figure.training, TRAINING),
        ("validation", &figure.validation, VALIDATION),
    ];
    for (name, set, _) in sets {
        for (measure, got) in [("RMSE", set.rmse.len()), ("ubRMSE", set.ubrmse.len())] {
            if got != set.epochs.len() {
                let what = format!("{measure} of {name}");
                return Err(VizError::LengthMismatch {
                    what,
                    expected: set.epochs.len(),
                    got,
                });
            }
        }
    }
    let drawn: Vec<_> = sets
        .into_iter()
        .filter(|(_, set, _)| has_points(set))
        .collect();
    if drawn.is_empty() {
        return Err(VizError::NothingToDraw {
            what: "learning curves".to_owned(),
        });
    }
    let scale = match figure.y_scale {
        YScale::Linear => Scale::Linear,
        YScale::Log => Scale::Log,
    };
    let y_range = error_range(figure, scale)?;
    let epochs: Vec<f64> = drawn
        .iter()
        .flat_map(|(_, set, _)| finite(&set.epochs))
        .collect();
    let x_range = spread((min(&epochs), max(&epochs)), 0.5);

    let mut drawing = Drawing::new(figure.size_px);
    let (width, height) = (f64::from(figure.size_px.0), f64::from(figure.size_px.1));
    let (margin, between) = (36.0, 40.0);
    let title = frame::draw_title(&mut drawing, &figure.title, margin);
    let entries = legend_entries(figure, &drawn);
    let legend_height = legend::height(&entries, width - 2.0 * margin);
    let (footnote, footnote_height) = frame::footnote(&figure.footnote, width - 2.0 * margin);

    let y = Axis::new(y_range, scale, 6);
    let left = margin + 34.0 + frame::tick_width(&y.ticks);
    let top = title + 60.0;
    let bottom = height - footnote_height - legend_height - frame::BELOW_LABEL - 44.0;
    let plot_width = 0.5 * (width - left - margin - between);
    for (index, measure) in MEASURES.iter().enumerate() {
        let start = left + (plot_width + between) * index as f64;
        let area = Rect {
            left: start,
            top,
            right: start + plot_width,
            bottom,
        };
        let mut frame = Frame {
            area,
            x: Axis::new(x_range, Scale::Linear, 6),
            y: y.clone(),
        };
        frame.x.ticks.retain(|tick| !tick.label.contains('.'));
        frame.draw_grid(&mut drawing);
        for (index, line) in figure.references.iter().enumerate() {
            if let Some(value) = (measure.reference)(line) {
                let ends = [x_range.0, x_range.1].map(|x| frame.place((x, value)));
                drawing.path(&ends, reference_stroke(index));
            }
        }
        for (_, set, stroke) in &drawn {
            draw_curve(
                &mut drawing,
                &frame,
                &set.epochs,
                (measure.history)(set),
                *stroke,
            );
        }
        if index > 0 {
            frame.y.ticks.iter_mut().for_each(|tick| tick.label.clear());
        }
        let y_label = if index == 0 {
            format!("error ({})", figure.units)
        } else {
            String::new()
        };
        frame.draw_axes(&mut drawing, "epoch", &y_label);
        let above = (area.centre().0, top - 12.0);
        drawing.text(
            above,
            measure.name,
            FontSize::PanelTitle,
            Anchor::BottomCentre,
        );
    }
    let legend_top = bottom + frame::BELOW_LABEL + 14.0;
    legend::draw(&mut drawing, &entries, (margin, width - margin), legend_top);
    frame::draw_footnote(
        &mut drawing,
        &footnote,
        margin,
        height - footnote_height - 14.0,
    );
    Ok(drawing)
}

fn legend_entries(figure: &LearningCurves, drawn: &[(&str, &SkillHistory, Stroke)]) -> Vec<Entry> {
    let curves = drawn.iter().map(|(name, _, stroke)| Entry {
        sample: Sample::Line(*stroke),
        text: (*name).to_owned(),
    });
    let lines = figure
        .references
        .iter()
        .enumerate()
        .map(|(index, line)| Entry {
            sample: Sample::Line(reference_stroke(index)),
            text: line.label.clone(),
        });
    curves.chain(lines).collect()
}

/// A connected line through the finite points, broken at the others.
fn draw_curve(
    drawing: &mut Drawing,
    frame: &Frame,
    epochs: &[f64],
    values: &[f64],
    stroke: Stroke,
) {
    let points: Vec<(f64, f64)> = epochs.iter().copied().zip(values.iter().copied()).collect();
    let finite = |point: &(f64, f64)| point.0.is_finite() && point.1.is_finite();
    for run in points.split(|point| !finite(point)) {
        let places: Vec<_> = run.iter().map(|&point| frame.place(point)).collect();
        if places.len() > 1 {
            drawing.path(&places, stroke);
        }
        if points.len() <= FEW_EPOCHS || places.len() == 1 {
            for place in places {
                drawing.add(Mark::Dot(place, 5.0, stroke.colour, 1.0));
            }
        }
    }
}

/// The vertical range: all errors and reference lines, from zero or from a little below the least.
fn error_range(figure: &LearningCurves, scale: Scale) -> Result<(f64, f64), VizError> {
    let mut all = Vec::new();
    for measure in &MEASURES {
        let sets = [&figure.training, &figure.validation];
        let lines = figure.references.iter().filter_map(measure.reference);
        let values = sets
            .into_iter()
            .flat_map(measure.history)
            .copied()
            .chain(lines);
        for value in values.filter(|value| value.is_finite()) {
            if scale == Scale::Log && value <= 0.0 {
                return Err(VizError::NotPositive {
                    what: measure.name.to_owned(),
                    value,
                });
            }
            all.push(value);
        }
    }
    let (least, greatest) = (min(&all), max(&all));
    Ok(match scale {
        Scale::Linear => rounded_outward(spread((0.0, 1.02 * greatest), 0.01), 6),
        Scale::Log => (least / 1.12, greatest * 1.12),
    })
}

fn has_points(set: &SkillHistory) -> bool {
    let pairs = |values: &[f64]| {
        set.epochs
            .iter()
            .zip(values)
            .any(|(e, v)| e.is_finite() && v.is_finite())
    };
    pairs(&set.rmse) || pairs(&set.ubrmse)
}

fn finite(values: &[f64]) -> impl Iterator<Item = f64> {
    values.iter().copied().filter(|value| value.is_finite())
}

fn min(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn max(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// The range, or one of width `2 by` around it if it has no width.
fn spread((from, to): (f64, f64), by: f64) -> (f64, f64) {
    if to > from {
        (from, to)
    } else {
        (from - by, to + by)
    }
}
