//! Skill against a setting, over models that differ in it alone.

use std::collections::BTreeMap;

use vadose_metrics::{Distribution, Interval};
use vadose_viz::report::Section;
use vadose_viz::{Curve, ReferenceLevel, SweepPlot};

use super::page::{UNITS, add_figure, population};
use super::run::Run;
use super::settings::Settings;
use vadose_metrics::SkillSummary;

use crate::evaluation::{Comparison, MethodSkill, Population};

/// Fewer values of a setting are a comparison, which tables show.
const LEAST_VALUES: usize = 3;
/// What tells kinds of training apart by name alone.
const NAME: &str = "training";
/// The analysis as it is, beside the networks.
const INTERPOLATED: &str = "l4_bilinear";

/// A setting that sweeps are drawn over.
struct Setting {
    name: &'static str,
    heading: &'static str,
    x_label: &'static str,
}

const SETTINGS: [Setting; 2] = [
    Setting {
        name: "train.loss.alpha",
        heading: "Weight of the coarse term",
        x_label: "α",
    },
    Setting {
        name: "station_share",
        heading: "Number of stations",
        x_label: "share of the training stations",
    },
];

/// A model with the value of the setting.
struct Point<'a> {
    x: f64,
    model: &'a str,
    kind: &'a str,
}

/// Adds the section, where at least three models differ in one of the settings alone.
pub(super) fn add(section: &mut Section, run: &Run) {
    let before = section.figure_count();
    for setting in &SETTINGS {
        let families = families(run, setting.name);
        if families.is_empty() {
            continue;
        }
        let part = section.section(setting.heading);
        for at in [Population::Test, Population::Truth] {
            let Some(comparison) = run.first_comparison(at) else {
                continue;
            };
            for (metric, of) in [
                (
                    "ubRMSE",
                    (|of: &SkillSummary| of.ubrmse) as fn(&SkillSummary) -> Distribution,
                ),
                ("RMSE", |of| of.rmse),
            ] {
                let figure = SweepPlot {
                    title: run.titled(&format!("{} at {}", setting.heading, population(at))),
                    curves: curves(comparison, &families, of),
                    levels: levels(comparison, &families, of),
                    x_label: setting.x_label.to_owned(),
                    y_label: format!("{metric} ({UNITS})"),
                    footnote: run.footnote(),
                    ..SweepPlot::default()
                };
                add_figure(
                    part,
                    &figure,
                    "Medians with their intervals, of networks that differ in this setting alone, one seed each.",
                );
            }
        }
    }
    if section.figure_count() == before {
        section.paragraph("No three models of the run differ in one setting alone.");
    }
}

/// The models that differ in a setting alone, by the settings that they share; those with the most values first.
fn families<'a>(run: &'a Run, setting: &str) -> Vec<Vec<Point<'a>>> {
    let mut families: BTreeMap<Settings, Vec<Point<'a>>> = BTreeMap::new();
    for group in &run.models {
        let [member] = &group.members[..] else {
            continue;
        };
        let Some(settings) = &member.settings else {
            continue;
        };
        let Some(x) = settings.get(setting).and_then(|value| value.parse().ok()) else {
            continue;
        };
        let mut shared = settings.clone();
        shared.remove(setting);
        shared.remove(NAME);
        let family = families.entry(shared).or_default();
        family.push(Point {
            x,
            model: &group.name,
            kind: settings.get(NAME).unwrap_or(&group.name),
        });
    }
    let mut families: Vec<Vec<Point>> = families
        .into_values()
        .filter(|family| family.iter().filter(|point| point.x > 0.0).count() >= LEAST_VALUES)
        .collect();
    for family in &mut families {
        family.sort_by(|one, other| one.x.total_cmp(&other.x));
    }
    families.sort_by_key(|family| std::cmp::Reverse(family.len()));
    families
}

fn find<'a>(comparison: &'a Comparison, model: &str) -> Option<&'a MethodSkill> {
    comparison.methods.iter().find(|of| of.method == model)
}

/// A curve for each family, named after its training, or that of its largest value.
fn curves(
    comparison: &Comparison,
    families: &[Vec<Point>],
    metric: impl Fn(&SkillSummary) -> Distribution,
) -> Vec<Curve> {
    let curve = |family: &Vec<Point>| {
        let points = family.iter().filter(|point| point.x > 0.0);
        let found: Vec<(f64, f64, Interval)> = points
            .filter_map(|point| {
                let of = metric(&find(comparison, point.model)?.summary);
                let value = of.median?;
                let missing = Interval {
                    lower: f64::NAN,
                    upper: f64::NAN,
                };
                Some((point.x, value, of.median_interval.unwrap_or(missing)))
            })
            .collect();
        Curve {
            label: family.last().map_or("", |point| point.kind).to_owned(),
            x: found.iter().map(|(x, _, _)| *x).collect(),
            y: found.iter().map(|(_, y, _)| *y).collect(),
            intervals: found.iter().map(|(_, _, interval)| *interval).collect(),
        }
    };
    families
        .iter()
        .map(curve)
        .filter(|curve| !curve.x.is_empty())
        .collect()
}

/// What has no place on a logarithmic axis, the models at 0, and the analysis.
fn levels(
    comparison: &Comparison,
    families: &[Vec<Point>],
    metric: impl Fn(&SkillSummary) -> Distribution,
) -> Vec<ReferenceLevel> {
    let zeros = families.iter().flatten().filter(|point| point.x == 0.0);
    zeros
        .map(|point| (point.model, format!("{}, at 0", point.model)))
        .chain([(INTERPOLATED, INTERPOLATED.to_owned())])
        .filter_map(|(model, label)| {
            let of = metric(&find(comparison, model)?.summary);
            Some(ReferenceLevel {
                label,
                value: of.median?,
                interval: of.median_interval,
            })
        })
        .collect()
}
