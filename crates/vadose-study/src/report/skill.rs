//! Skill of every method in every comparison, and the tests of their differences.

use vadose_metrics::Distribution;
use vadose_viz::report::{Cell, Section, Table};
use vadose_viz::{Better, Estimate, MethodSkill, SkillGroup, SkillMetric, SkillPlot};

use super::page::{UNITS, add_figure, comparison as words, p_cell, population};
use super::run::Run;
use crate::StudyError;
use crate::evaluation::{Comparison, PairedTest, TestedMetric};

/// More pairs than this are left to `comparisons.csv`, those without a trained model first.
const MAX_PAIRS: usize = 40;

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
    for comparison in comparisons {
        if !comparison.pairs.is_empty() {
            part.table(pairs(run, comparison))?;
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
            ("mean ubRMSE", UNITS),
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
            Cell::metric(summary.ubrmse.mean, summary.ubrmse.mean_interval, 3),
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

/// Every pair of a comparison by ubRMSE and R, as far as they fit.
fn pairs(run: &Run, comparison: &Comparison) -> Table {
    let mut table = Table::new(
        format!(
            "Paired differences {} at {}: median over stations of challenger minus baseline",
            words(&comparison.name),
            population(comparison.population)
        ),
        &[
            ("challenger", ""),
            ("baseline", ""),
            ("ubRMSE", UNITS),
            ("p", "Holm"),
            ("p, signed ranks", "Holm"),
            ("R", ""),
            ("p", "Holm"),
            ("p, signed ranks", "Holm"),
        ],
    );
    let by = |metric| {
        let pairs = comparison.pairs.iter();
        pairs.filter(move |pair: &&PairedTest| pair.metric == metric)
    };
    let mut shown: Vec<&PairedTest> = by(TestedMetric::Ubrmse).collect();
    let n_pairs = shown.len();
    if n_pairs > MAX_PAIRS {
        shown.sort_by_key(|pair| !(run.is_model(&pair.challenger) || run.is_model(&pair.baseline)));
        shown.truncate(MAX_PAIRS);
        table.note = format!("{MAX_PAIRS} of {n_pairs} pairs; ");
    }
    table.note += "comparisons.csv holds them all, by RMSE and bias too.";
    for pair in shown {
        let by_r = by(TestedMetric::R)
            .find(|of| of.challenger == pair.challenger && of.baseline == pair.baseline);
        let mut row: Vec<Cell> = vec![
            pair.challenger.as_str().into(),
            pair.baseline.as_str().into(),
        ];
        for (of, decimals) in [(Some(pair), 4), (by_r, 3)] {
            let difference = of.and_then(|of| of.difference);
            row.push(Cell::metric(
                difference.map(|of| of.value),
                difference.map(|of| of.interval),
                decimals,
            ));
            row.push(p_cell(of.and_then(|of| of.p_holm)));
            row.push(p_cell(of.and_then(|of| of.wilcoxon_holm)));
        }
        table.rows.push(row);
    }
    table
}
