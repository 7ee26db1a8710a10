//! Skill of every method in every comparison, and the tests of their differences.

use vadose_metrics::{Distribution, Interval};
use vadose_viz::report::{Cell, Section, Table};
use vadose_viz::{Better, Estimate, MethodSkill, SkillGroup, SkillMetric, SkillPlot};

use super::page::{UNITS, add_figure, comparison as words, p_cell, population};
use super::run::Run;
use crate::StudyError;
use crate::evaluation::{Comparison, PairedTest, TestedMetric};

/// More pairs than this are left to `comparisons.csv`.
const MAX_PAIRS: usize = 30;
/// A bootstrap whose smallest possible p-value lies above this cannot tell methods apart.
const LARGE_LEAST_P: f64 = 0.05;

/// Adds the section.
pub(super) fn add(section: &mut Section, run: &Run) -> Result<(), StudyError> {
    let comparisons = &run.evaluation.comparisons;
    if comparisons.is_empty() {
        section.paragraph("The run holds no comparison.");
        return Ok(());
    }
    let mut names: Vec<&str> = Vec::new();
    for comparison in comparisons {
        if !names.contains(&comparison.name.as_str()) {
            names.push(&comparison.name);
        }
    }
    for (index, name) in names.into_iter().enumerate() {
        let part = section.section(heading(name));
        let of_name: Vec<&Comparison> = comparisons
            .iter()
            .filter(|comparison| comparison.name == name)
            .collect();
        for comparison in &of_name {
            part.table(skill_table(comparison))?;
        }
        // The first comparison's figure stands at the top of the page.
        if index > 0 {
            let figure = skill_plot(run, &heading(name), &of_name);
            let caption =
                "Medians over stations with their intervals, on the rows that all methods have.";
            add_figure(part, &figure, caption);
        }
    }
    let part = section.section("Differences between methods");
    part.paragraph(
        "Pairs that hold a trained model; comparisons.csv holds all, by RMSE and bias too.",
    );
    for comparison in comparisons {
        if let Some(table) = differences(run, comparison, &tested_pairs(run, comparison)) {
            part.table(table)?;
        }
    }
    Ok(())
}

fn heading(name: &str) -> String {
    let words = words(name);
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

fn skill_table(comparison: &Comparison) -> Table {
    let n_stations = comparison
        .methods
        .first()
        .map_or(0, |of| of.summary.stations);
    let mut table = Table::new(
        format!(
            "Skill {} at {n_stations} {}: medians with intervals",
            words(&comparison.name),
            population(comparison.population)
        ),
        &[
            ("method", ""),
            ("ubRMSE", UNITS),
            ("R", ""),
            ("bias", UNITS),
            ("RMSE", UNITS),
            ("few samples", "stations"),
        ],
    );
    for of in &comparison.methods {
        let summary = &of.summary;
        let median =
            |of: &Distribution, decimals| Cell::metric(of.median, of.median_interval, decimals);
        table.rows.push(vec![
            of.method.as_str().into(),
            median(&summary.ubrmse, 3),
            median(&summary.r, 2),
            median(&summary.bias, 3),
            median(&summary.rmse, 3),
            summary.few_effective.into(),
        ]);
    }
    let blocks = comparison.methods.first().map_or(0, |of| of.blocks);
    table.note = format!(
        "{} of {} rows, which are those that all methods have; {} stations with too few rows are left out. \
         Intervals resample {blocks} blocks of stations. 'Few samples': stations of which an interval rests on \
         fewer than 30 effective samples.",
        comparison.shared_rows, comparison.rows, comparison.stations_below_minimum,
    );
    table
}

/// ubRMSE, bias and R of all methods, a group for each comparison.
pub(super) fn skill_plot(run: &Run, title: &str, comparisons: &[&Comparison]) -> SkillPlot {
    let metric = |name: &str, units: &str, better| SkillMetric {
        name: name.to_owned(),
        units: units.to_owned(),
        better,
    };
    let estimate = |of: &Distribution| {
        of.median.map(|value| Estimate {
            value,
            interval: of.median_interval,
        })
    };
    let group = |comparison: &&Comparison| {
        let methods = comparison.methods.iter().map(|of| MethodSkill {
            method: of.method.clone(),
            values: [&of.summary.ubrmse, &of.summary.bias, &of.summary.r]
                .map(estimate)
                .to_vec(),
        });
        let n_stations = comparison
            .methods
            .first()
            .map_or(0, |of| of.summary.stations);
        SkillGroup {
            heading: format!("{n_stations} {}", population(comparison.population)),
            methods: methods.collect(),
        }
    };
    SkillPlot {
        title: run.titled(title),
        metrics: vec![
            metric("ubRMSE", UNITS, Better::Lower),
            metric("bias", UNITS, Better::NearZero),
            metric("R", "", Better::Higher),
        ],
        groups: comparisons.iter().map(group).collect(),
        footnote: run.footnote(),
        ..SkillPlot::default()
    }
}

/// The median of the paired differences of some pairs of methods, first minus second, by ubRMSE and R; `None`
/// where none was tested.
pub(super) fn differences(
    run: &Run,
    comparison: &Comparison,
    pairs: &[(&str, &str)],
) -> Option<Table> {
    let mut table = Table::new(
        format!(
            "Paired differences {} at {}: medians with intervals",
            words(&comparison.name),
            population(comparison.population)
        ),
        &[
            ("first minus second", ""),
            ("ubRMSE", UNITS),
            ("p", "bootstrap"),
            ("p", "ranks"),
            ("R", ""),
            ("p", "bootstrap"),
            ("p", "ranks"),
        ],
    );
    for &(first, second) in pairs {
        let tests = [(TestedMetric::Ubrmse, 4), (TestedMetric::R, 3)]
            .map(|(metric, decimals)| (test(comparison, metric, first, second), decimals));
        if tests.iter().all(|(test, _)| test.is_none()) {
            continue;
        }
        let mut row: Vec<Cell> = vec![format!("{first} − {second}").into()];
        for (test, decimals) in tests {
            let difference = test.and_then(|of| of.difference);
            let sign = test.map_or(1.0, |of| if of.challenger == first { 1.0 } else { -1.0 });
            row.push(Cell::metric(
                difference.map(|of| sign * of.value),
                difference.map(|of| signed(of.interval, sign)),
                decimals,
            ));
            row.push(p_cell(test.and_then(|of| of.p_holm)));
            row.push(p_cell(test.and_then(|of| of.wilcoxon_holm)));
        }
        table.rows.push(row);
    }
    table.note = note(run, comparison);
    (!table.rows.is_empty()).then_some(table)
}

/// The test of two methods, whichever of them was the challenger.
fn test<'a>(
    comparison: &'a Comparison,
    metric: TestedMetric,
    first: &str,
    second: &str,
) -> Option<&'a PairedTest> {
    comparison.pairs.iter().find(|pair| {
        let names = (pair.challenger.as_str(), pair.baseline.as_str());
        pair.metric == metric && (names == (first, second) || names == (second, first))
    })
}

fn signed(interval: Interval, sign: f64) -> Interval {
    let ends = (sign * interval.lower, sign * interval.upper);
    Interval {
        lower: ends.0.min(ends.1),
        upper: ends.0.max(ends.1),
    }
}

/// What the columns of differences mean, and below what no p-value can fall.
fn note(run: &Run, comparison: &Comparison) -> String {
    let mut note = "Below zero, the first errs less (ubRMSE), or follows the reference less well (R). p: \
        bootstrap over blocks of stations, and Wilcoxon's signed ranks of the blocks, both after Holm's \
        correction over all pairs of the comparison."
        .to_owned();
    let of_metric = |pair: &&PairedTest| pair.metric == TestedMetric::Ubrmse;
    let n_pairs = comparison.pairs.iter().filter(of_metric).count();
    let resamples = run.evaluation.config.resamples;
    let least = 2.0 * n_pairs as f64 / (resamples + 1) as f64;
    if least > LARGE_LEAST_P {
        note.push_str(&format!(
            " With {resamples} resamples and {n_pairs} pairs, the bootstrap's smallest p cannot fall below \
             {:.2}: it says nothing of significance here.",
            least.min(1.0)
        ));
    }
    note
}

/// The pairs of a comparison that hold a trained model, which comes first; every pair if none does.
fn tested_pairs<'a>(run: &Run, comparison: &'a Comparison) -> Vec<(&'a str, &'a str)> {
    let of_metric = |pair: &&PairedTest| pair.metric == TestedMetric::Ubrmse;
    let all = comparison.pairs.iter().filter(of_metric);
    let pairs: Vec<(&str, &str)> = all
        .map(|pair| (pair.challenger.as_str(), pair.baseline.as_str()))
        .map(|(first, second)| match run.is_model(first) {
            true => (first, second),
            false => (second, first),
        })
        .collect();
    let mut with_model = pairs.clone();
    with_model.retain(|(first, _)| run.is_model(first));
    with_model
        .sort_by_key(|(first, _)| comparison.methods.iter().position(|of| of.method == *first));
    if with_model.is_empty() {
        with_model = pairs;
    }
    with_model.truncate(MAX_PAIRS);
    with_model
}
