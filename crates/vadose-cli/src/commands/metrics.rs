//! `vadose metrics`: skill of two columns of a CSV table.

use std::path::{Path, PathBuf};

use anyhow::Context;
use vadose::metrics::Skill;

use crate::failure::Failure;
use crate::print;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A CSV table with a header row.
    #[arg(value_name = "TABLE.csv")]
    table: PathBuf,
    /// Column of the estimates.
    #[arg(long, value_name = "COL")]
    estimate: String,
    /// Column of the reference values.
    #[arg(long, value_name = "COL")]
    reference: String,
    /// Print JSON, at full precision.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let (estimate, reference) = read_columns(&args.table, &args.estimate, &args.reference)?;
    let skill =
        Skill::of(&estimate, &reference).with_context(|| args.table.display().to_string())?;
    if args.json {
        return print::json(&skill);
    }
    let serde_json::Value::Object(figures) = serde_json::to_value(skill)? else {
        return Err(Failure::failed("a skill is a set of named figures"));
    };
    figures
        .iter()
        .try_for_each(|(name, value)| match value.as_f64() {
            Some(figure) if !value.is_u64() => print::text(format_args!("{name:<10} {figure:.6}")),
            _ => print::text(format_args!("{name:<10} {value}")),
        })
}

/// Two columns of numbers; an empty cell is NaN, a cell that is no number is an error.
fn read_columns(
    path: &Path,
    estimate: &str,
    reference: &str,
) -> Result<(Vec<f64>, Vec<f64>), Failure> {
    let name = path.display();
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(path)
        .with_context(|| format!("{name}: cannot be read"))?;
    let header = reader
        .headers()
        .with_context(|| format!("{name}: cannot be read"))?
        .clone();
    let position = |column: &str| {
        header
            .iter()
            .position(|title| title == column)
            .ok_or_else(|| {
                let known = header.iter().collect::<Vec<_>>().join(", ");
                Failure::usage(format_args!(
                    "{name}: no column {column:?}; the table has {known}"
                ))
            })
    };
    let columns = [position(estimate)?, position(reference)?];
    let mut values = [Vec::new(), Vec::new()];
    for record in reader.records() {
        let record = record.with_context(|| format!("{name}: cannot be read"))?;
        let line = record.position().map_or(0, csv::Position::line);
        for (column, values) in columns.into_iter().zip(&mut values) {
            let cell = record.get(column).unwrap_or_default();
            values.push(number(cell).ok_or_else(|| {
                Failure::failed(format_args!(
                    "{name}: line {line}: column {:?}: {cell:?} is no number",
                    &header[column]
                ))
            })?);
        }
    }
    let [estimate, reference] = values;
    Ok((estimate, reference))
}

fn number(cell: &str) -> Option<f64> {
    if cell.is_empty() {
        Some(f64::NAN)
    } else {
        cell.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_cell_is_missing_and_a_word_is_refused() {
        assert!(number("").unwrap().is_nan());
        assert!(number("NaN").unwrap().is_nan());
        assert_eq!(number("-1.5e-3"), Some(-1.5e-3));
        assert_eq!(number("wet"), None);
    }
}
