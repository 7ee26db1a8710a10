//! How the models learned: curves, a table, and in what their configurations differ.

use std::collections::BTreeMap;

use vadose_metrics::Skill;
use vadose_train::StopReason;
use vadose_viz::report::{Cell, Section, Table};
use vadose_viz::{LearningCurves, ReferenceLine, SkillHistory};

use super::page::{UNITS, add_figure};
use super::run::Run;
use super::settings::{self, Settings};
use super::training::{History, TrainedModel};
use crate::StudyError;
use crate::evaluation::Population;

/// Products drawn beside learning curves.
const PRODUCTS: [&str; 2] = ["spl2smap_s", "l4_bilinear"];

/// Adds the section.
pub(super) fn add(section: &mut Section, run: &Run) -> Result<(), StudyError> {
    let members: Vec<&TrainedModel> = run.models.iter().flat_map(|group| &group.members).collect();
    if members.is_empty() {
        section.paragraph("The run names no trained model.");
        return Ok(());
    }
    section.table(table(&members))?;
    independence(section, &members);
    let part = section.section("Learning curves");
    let products = products(run);
    let mut without = Vec::new();
    for member in &members {
        match &member.history {
            Some(history) => curves(part, run, member, history, &products),
            None => without.push(member.label.as_str()),
        }
    }
    if !without.is_empty() {
        part.paragraph(format!("No learning curve of {}.", without.join("; ")));
    }
    configurations(section, &members)
}

fn table(members: &[&TrainedModel]) -> Table {
    let mut table = Table::new(
        "Training runs; errors are of all stations pooled, as the curves are",
        &[
            ("model", ""),
            ("tiles", ""),
            ("steps", ""),
            ("best epoch", ""),
            ("end", ""),
            ("ubRMSE, training", UNITS),
            ("ubRMSE, validation", UNITS),
        ],
    );
    for member in members {
        let record = member.record.as_ref();
        let count = |n: Option<usize>| n.map_or(Cell::Missing, Cell::Count);
        let at_best = |of: fn(&History) -> &SkillHistory| {
            let of = of(member.history.as_ref()?);
            let best = record
                .and_then(|record| record.best_epoch)
                .map(|epoch| epoch as f64);
            let at = best.and_then(|best| of.epochs.iter().position(|epoch| *epoch == best));
            at.map_or(of.ubrmse.last(), |at| of.ubrmse.get(at)).copied()
        };
        table.rows.push(vec![
            member.label.as_str().into(),
            count(record.and_then(|record| record.tiles)),
            count(
                record
                    .and_then(|record| record.steps)
                    .map(|steps| steps as usize),
            ),
            count(record.and_then(|record| record.best_epoch)),
            match record.and_then(|record| record.stop_reason) {
                Some(StopReason::Finished) => "all epochs".into(),
                Some(StopReason::EarlyStopping) => "stopped early".into(),
                None => Cell::Missing,
            },
            Cell::metric(at_best(|history| &history.training), None, 4),
            Cell::metric(at_best(|history| &history.validation), None, 4),
        ]);
    }
    table.note = "Errors of the best epoch, or of the last where none was chosen.".to_owned();
    table
}

/// What ties the test stations to the others, and which inputs models never had; models that have it in common
/// together.
fn independence(section: &mut Section, members: &[&TrainedModel]) {
    let (mut leaks, mut absent) = (BTreeMap::new(), BTreeMap::new());
    for member in members {
        let Some(record) = &member.record else {
            continue;
        };
        if let (Some(counts), Some(split)) = (record.leaks, record.split)
            && counts.test_stations_affected > 0
        {
            let key = (counts.test_stations_affected, split.test);
            leaks
                .entry(key)
                .or_insert_with(Vec::new)
                .push(&*member.label);
        }
        if !record.absent_channels.is_empty() {
            let key = record.absent_channels.join(", ");
            absent
                .entry(key)
                .or_insert_with(Vec::new)
                .push(&*member.label);
        }
    }
    for ((affected, n_test), models) in leaks {
        section.warning(format!(
            "{affected} of {n_test} test stations share a tile and day, a 9 km cell or 36 km with a station of \
             another split ({}).",
            models.join("; ")
        ));
    }
    for (channels, models) in absent {
        section.paragraph(format!(
            "Trained without {channels}, constant or missing in all tiles: {}.",
            models.join("; ")
        ));
    }
}

/// The pooled error of products at the validation stations, each where it has values.
fn products(run: &Run) -> Vec<ReferenceLine> {
    let Some(samples) = &run.samples else {
        return Vec::new();
    };
    let rows = samples.rows_of(Population::Validation);
    let line = |method: &str| {
        let (estimate, reference) = samples.pairs(method, &rows);
        let skill = Skill::of(&estimate, &reference).ok()?;
        skill.rmse.is_some().then(|| ReferenceLine {
            label: method.to_owned(),
            rmse: skill.rmse,
            ubrmse: skill.ubrmse,
        })
    };
    PRODUCTS.into_iter().filter_map(line).collect()
}

fn curves(
    section: &mut Section,
    run: &Run,
    member: &TrainedModel,
    history: &History,
    products: &[ReferenceLine],
) {
    let figure = LearningCurves {
        title: run.titled(&member.label),
        training: history.training.clone(),
        validation: history.validation.clone(),
        references: products.to_vec(),
        footnote: run.footnote(),
        ..LearningCurves::default()
    };
    let mut caption = format!(
        "Error of {} against the epoch, all cells of training and of validation stations pooled.",
        member.label
    );
    if !products.is_empty() {
        caption.push_str(
            " Horizontal lines: products at the validation stations, where they have values.",
        );
    }
    add_figure(section, &figure, caption);
}

/// What all models have in common, and what tells them apart.
fn configurations(section: &mut Section, members: &[&TrainedModel]) -> Result<(), StudyError> {
    let known: Vec<(&str, &Settings)> = members
        .iter()
        .filter_map(|member| Some((member.label.as_str(), member.settings.as_ref()?)))
        .collect();
    if known.is_empty() {
        return Ok(());
    }
    let part = section.section("Configuration of the training");
    let all: Vec<&Settings> = known.iter().map(|(_, settings)| *settings).collect();
    let (common, different) = settings::compare(&all);
    if !different.is_empty() {
        let mut table = Table::new("Settings in which the models differ", &[("setting", "")]);
        table
            .columns
            .extend(known.iter().map(|(label, _)| vadose_viz::report::Column {
                name: (*label).to_owned(),
                ..Default::default()
            }));
        for name in different {
            let value = |settings: &&Settings| match settings.get(&name) {
                Some(value) => value.as_str().into(),
                None => Cell::Missing,
            };
            let mut row: Vec<Cell> = vec![name.as_str().into()];
            row.extend(all.iter().map(value));
            table.rows.push(row);
        }
        part.table(table)?;
    }
    part.settings(common);
    Ok(())
}
