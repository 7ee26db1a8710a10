//! What was run: versions, seed, inputs, configuration, how figures are made, times, and what is missing.

use vadose_viz::report::{Cell, Section, Table};

use super::run::Run;
use super::settings::{Settings, settings, toml_settings};
use crate::StudyError;

/// More input files than this are counted, not listed.
const MAX_INPUTS: usize = 30;
/// Digits of a checksum that tell files apart.
const CHECKSUM_DIGITS: usize = 12;

/// Adds the section.
pub(super) fn add(section: &mut Section, run: &Run) -> Result<(), StudyError> {
    let provenance = &run.provenance;
    let seed = provenance
        .seed
        .map_or("none".to_owned(), |seed| seed.to_string());
    section.settings([
        ("evaluated with", provenance.software.clone()),
        (
            "evaluated on",
            provenance
                .created
                .strftime("%Y-%m-%d %H:%M UTC")
                .to_string(),
        ),
        ("seed", seed),
        (
            "configuration, SHA-256",
            provenance.configuration_sha256.clone(),
        ),
        ("input files", provenance.inputs.len().to_string()),
    ]);
    if (1..=MAX_INPUTS).contains(&provenance.inputs.len()) {
        let mut table = Table::new("Input files", &[("file", ""), ("SHA-256 begins with", "")]);
        for input in &provenance.inputs {
            let digits: String = input.sha256.chars().take(CHECKSUM_DIGITS).collect();
            table
                .rows
                .push(vec![input.name.as_str().into(), digits.into()]);
        }
        section.table(table)?;
    }
    models(section, run)?;
    if let Some(phases) = &run.phases {
        let mut table = Table::new("Time of the evaluation", &[("phase", ""), ("time", "s")]);
        let row = |name: &str, seconds| vec![name.into(), Cell::Number(seconds, 1)];
        table
            .rows
            .extend(phases.iter().map(|phase| row(&phase.name, phase.seconds)));
        let total = phases.iter().map(|phase| phase.seconds).sum();
        table.rows.push(row("together", total));
        section.table(table)?;
    }
    missing(section, run);
    let part = section.section("How the figures are made");
    for sentence in &run.evaluation.method {
        part.paragraph(sentence.clone());
    }
    section
        .section("Configuration of the evaluation")
        .settings(configuration(run));
    Ok(())
}

/// The models with the versions and seeds that they were trained with.
fn models(section: &mut Section, run: &Run) -> Result<(), StudyError> {
    let mut table = Table::new(
        "Trained models",
        &[
            ("model", ""),
            ("trained with", ""),
            ("on", ""),
            ("seed", ""),
            ("days", ""),
            ("time", "s"),
        ],
    );
    for member in run.models.iter().flat_map(|group| &group.members) {
        let record = member.record.as_ref();
        let provenance = record.and_then(|record| record.provenance.as_ref());
        let date =
            |time: jiff::Timestamp| time.to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
        table.rows.push(vec![
            member.label.as_str().into(),
            provenance.map_or(Cell::Missing, |of| of.software.as_str().into()),
            provenance.map_or(Cell::Missing, |of| date(of.created).into()),
            provenance
                .and_then(|of| of.seed)
                .map_or(Cell::Missing, |seed| seed.to_string().into()),
            record
                .and_then(|record| record.days)
                .map_or(Cell::Missing, Cell::Count),
            Cell::metric(record.and_then(|record| record.seconds), None, 0),
        ]);
    }
    if !table.rows.is_empty() {
        section.table(table)?;
    }
    Ok(())
}

fn missing(section: &mut Section, run: &Run) {
    let part = section.section("What is missing");
    if run.gaps.absent.is_empty() && run.gaps.unusable.is_empty() {
        part.paragraph("Nothing: every file that a report reads is there.");
    }
    for file in &run.gaps.absent {
        part.paragraph(format!("Not there: {file}."));
    }
    for reason in &run.gaps.unusable {
        part.warning(format!("Not usable: {reason}."));
    }
}

/// The configuration as the program was given it, or else that of the evaluation alone.
fn configuration(run: &Run) -> Settings {
    let given = toml_settings(&run.provenance.configuration).unwrap_or_default();
    if !given.is_empty() {
        return given;
    }
    serde_json::to_value(&run.evaluation.config)
        .map_or_else(|_| Settings::new(), |of| settings(&of))
}
