//! The answer first: how the trained method does against the others, and what a reader must know.

use vadose_viz::report::{Section, Table};

use super::page::{UNITS, add_figure, count, median, population};
use super::run::Run;
use super::skill::{differences, skill_plot};
use crate::StudyError;
use crate::evaluation::{Comparison, MethodSkill, Population};

/// Below this many test stations a headline says little, however narrow its interval.
const FEW_STATIONS: usize = 20;
/// Methods that the first table holds the subject against.
const MAX_RIVALS: usize = 8;

/// The line below the title.
pub(super) fn summary(run: &Run) -> String {
    let evaluation = &run.evaluation;
    let n_methods = evaluation
        .comparisons
        .iter()
        .map(|comparison| comparison.methods.len())
        .max()
        .unwrap_or(0);
    let origin = match run.is_simulated() {
        true => "a simulated landscape whose true soil moisture is known",
        false => "satellite products and stations",
    };
    format!(
        "{} on the same samples of {origin}, evaluated on {} with {}.",
        count(n_methods, "method", "methods"),
        run.provenance
            .created
            .to_zoned(jiff::tz::TimeZone::UTC)
            .date(),
        run.provenance.software,
    )
}

/// Adds the section.
pub(super) fn add(section: &mut Section, run: &Run) -> Result<(), StudyError> {
    warn(section, run);
    let populations = [Population::Test, Population::Truth];
    let firsts: Vec<&Comparison> = populations
        .into_iter()
        .filter_map(|population| run.first_comparison(population))
        .collect();
    for comparison in &firsts {
        if let Some(subject) = run.subject(comparison) {
            section.paragraph(headline(comparison, subject));
        }
    }
    if firsts.is_empty() {
        section.paragraph("The run holds no comparison at test stations or on a true field.");
        return Ok(());
    }
    let caption = "Medians over stations with their intervals, on the rows that all methods have.";
    add_figure(section, &skill_plot(run, "All methods", &firsts), caption);
    for comparison in firsts {
        if let Some(table) = rivals(run, comparison) {
            section.table(table)?;
        }
    }
    Ok(())
}

fn warn(section: &mut Section, run: &Run) {
    if run.is_simulated() {
        section.warning(
            "Simulated data. Landscape, stations, products and truth come from a simulation; nothing here says \
             how accurate a real product is.",
        );
    }
    if let Some(comment) = &run.provenance.comment {
        section.warning(comment.clone());
    }
    let n_test = run
        .first_comparison(Population::Test)
        .and_then(|comparison| comparison.methods.first())
        .map(|of| of.summary.stations);
    if let Some(n_test) = n_test.filter(|n| *n < FEW_STATIONS) {
        section.warning(format!(
            "Only {} count; other stations may well give another order.",
            count(n_test, "test station", "test stations")
        ));
    }
    let n_gaps = run.gaps.absent.len() + run.gaps.unusable.len();
    if n_gaps > 0 {
        section.warning(format!(
            "The run lacks {}; the last section names them.",
            count(n_gaps, "file", "files")
        ));
    }
}

fn headline(comparison: &Comparison, subject: &MethodSkill) -> String {
    let skill = |of: &MethodSkill| {
        format!(
            "a median ubRMSE of {} {UNITS} and a median R of {}",
            median(&of.summary.ubrmse, 3),
            median(&of.summary.r, 2)
        )
    };
    let others = comparison.methods.iter();
    let best = others
        .filter(|of| of.method != subject.method && of.summary.ubrmse.median.is_some())
        .min_by(|one, other| {
            let middle = |of: &MethodSkill| of.summary.ubrmse.median.unwrap_or(f64::INFINITY);
            middle(one).total_cmp(&middle(other))
        });
    let best = best.map_or(String::new(), |best| {
        format!(
            " Of the others, {} errs least: {}.",
            best.method,
            skill(best)
        )
    });
    format!(
        "At {} {} ({} rows that all methods have), {} has {}.{best}",
        subject.summary.stations,
        population(comparison.population),
        comparison.shared_rows,
        subject.method,
        skill(subject),
    )
}

/// The subject against each of the main methods.
fn rivals(run: &Run, comparison: &Comparison) -> Option<Table> {
    let subject = run.subject(comparison)?.method.as_str();
    let there: Vec<&str> = comparison
        .methods
        .iter()
        .map(|of| of.method.as_str())
        .collect();
    let mut others = run.main_methods(&there, MAX_RIVALS + 1);
    others.retain(|other| *other != subject);
    let pairs: Vec<(&str, &str)> = others.into_iter().map(|other| (subject, other)).collect();
    differences(run, comparison, &pairs)
}
