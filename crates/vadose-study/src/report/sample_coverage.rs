//! What was compared: stations, days and rows of each population, and what was lost on the way.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use vadose_viz::report::{Cell, Section, Table};

use super::page::{comparison as words, population};
use super::run::Run;
use crate::StudyError;
use crate::evaluation::Population;

const POPULATIONS: [Population; 4] = [
    Population::Train,
    Population::Validation,
    Population::Test,
    Population::Truth,
];

/// Adds the section.
pub(super) fn add(section: &mut Section, run: &Run) -> Result<(), StudyError> {
    let counts = run.evaluation.samples;
    section.paragraph(format!(
        "A sample is a cell on a day with a reference. {} scenes were read; {} station values lie in cells that \
         cannot be predicted, {} have no split or several, and {} of overlapping scenes count once.",
        counts.scenes, counts.not_predictable, counts.without_split, counts.repeated
    ));
    section.table(populations(run))?;
    if !run.evaluation.methods_without_values.is_empty() {
        section.paragraph(format!(
            "Without a single value, and so in no comparison: {}.",
            run.evaluation.methods_without_values.join(", ")
        ));
    }
    section
        .section("Rows lost to each method")
        .table(losses(run))?;
    let part = section.section("Inputs outside the range of training");
    match outside(run) {
        Some(table) => part.table(table)?,
        None => part.paragraph("No input of any row lies outside the range of the training rows."),
    };
    Ok(())
}

fn populations(run: &Run) -> Table {
    let mut table = Table::new(
        "Samples by what they are for",
        &[
            ("samples of", ""),
            ("cells", ""),
            ("networks", ""),
            ("rows", ""),
            ("days", ""),
            ("first", ""),
            ("last", ""),
        ],
    );
    for of in POPULATIONS {
        let sites = || {
            let sites = run.evaluation.sites.iter();
            sites.filter(|site| site.population == of)
        };
        if sites().next().is_none() {
            continue;
        }
        let mut networks: Vec<&str> = sites()
            .map(|site| site.network.as_str())
            .filter(|network| !network.is_empty())
            .collect();
        networks.sort_unstable();
        networks.dedup();
        let mut row: Vec<Cell> = vec![
            population(of).into(),
            sites().count().into(),
            match of {
                Population::Truth => Cell::Missing,
                _ => networks.len().into(),
            },
        ];
        match &run.samples {
            Some(samples) => {
                let rows = samples.rows_of(of);
                let mut days: Vec<i64> = rows
                    .iter()
                    .map(|row| samples.rows[*row].hour.div_euclid(24))
                    .collect();
                days.sort_unstable();
                days.dedup();
                let date = |day: Option<&i64>| {
                    day.and_then(|day| date_of(*day))
                        .map_or(Cell::Missing, Cell::Text)
                };
                row.extend([
                    rows.len().into(),
                    days.len().into(),
                    date(days.first()),
                    date(days.last()),
                ]);
            }
            None => row.extend(std::iter::repeat_n(Cell::Missing, 4)),
        }
        table.rows.push(row);
    }
    if run.is_simulated() {
        table.note = "Cells of the simulated truth hold no station of any split.".to_owned();
    }
    table
}

fn date_of(days_since_1970: i64) -> Option<String> {
    let time = Timestamp::from_second(days_since_1970.checked_mul(86_400)?).ok()?;
    Some(time.to_zoned(TimeZone::UTC).date().to_string())
}

fn losses(run: &Run) -> Table {
    let mut table = Table::new(
        "Rows at which methods have no value; a comparison counts those that all of its methods have",
        &[
            ("comparison", ""),
            ("samples of", ""),
            ("method", ""),
            ("rows", ""),
            ("without a value", ""),
            ("for lack of this alone", ""),
        ],
    );
    let mut complete = 0;
    for comparison in &run.evaluation.comparisons {
        for loss in &comparison.losses {
            if loss.missing == 0 {
                complete += 1;
                continue;
            }
            table.rows.push(vec![
                words(&comparison.name).into(),
                population(comparison.population).into(),
                loss.method.as_str().into(),
                comparison.rows.into(),
                loss.missing.into(),
                loss.missing_here_only.into(),
            ]);
        }
    }
    table.note = format!("{complete} further entries are of methods that have a value everywhere.");
    table
}

/// Channels of which some rows lie outside; `None` if there are none.
fn outside(run: &Run) -> Option<Table> {
    let mut table = Table::new(
        "Rows of which an input is smaller or larger than in any training row",
        &[
            ("channel", ""),
            ("samples of", ""),
            ("rows outside", ""),
            ("rows with a value", ""),
            ("share", "%"),
        ],
    );
    for count in &run.evaluation.out_of_range {
        if count.outside > 0 {
            table.rows.push(vec![
                count.channel.as_str().into(),
                population(count.population).into(),
                count.outside.into(),
                count.with_value.into(),
                Cell::Number(100.0 * count.outside as f64 / count.with_value as f64, 2),
            ]);
        }
    }
    table.note = "Channels that are not listed never leave the range.".to_owned();
    (!table.rows.is_empty()).then_some(table)
}
