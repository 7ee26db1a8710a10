//! What the sections share: figures that may fail, numbers in sentences, names of populations.

use vadose_metrics::{Distribution, Interval};
use vadose_viz::Figure;
use vadose_viz::report::{Cell, Section};

use crate::evaluation::Population;

pub(super) const UNITS: &str = "m³ m⁻³";

/// Adds a figure, or says why it is missing: one that has nothing to show keeps no reader from the others.
pub(super) fn add_figure(section: &mut Section, figure: &dyn Figure, caption: impl Into<String>) {
    let caption = caption.into();
    if let Err(error) = section.figure(figure, caption.clone()) {
        section.paragraph(format!(
            "No figure here ({error}). It would show: {caption}"
        ));
    }
}

/// Whose samples, in words.
pub(super) fn population(of: Population) -> &'static str {
    match of {
        Population::Train => "training stations",
        Population::Validation => "validation stations",
        Population::Test => "test stations",
        Population::Truth => "cells of the simulated truth",
    }
}

/// The median over stations, with its interval where there is one.
pub(super) fn median(of: &Distribution, decimals: usize) -> String {
    of.median.map_or("–".to_owned(), |value| {
        with_interval(value, of.median_interval, decimals)
    })
}

/// `0.041 [0.038, 0.044]`.
pub(super) fn with_interval(value: f64, interval: Option<Interval>, decimals: usize) -> String {
    let value = number(value, decimals);
    match interval {
        Some(of) => format!(
            "{value} [{}, {}]",
            number(of.lower, decimals),
            number(of.upper, decimals)
        ),
        None => value,
    }
}

/// A number with a minus that is as wide as its plus.
pub(super) fn number(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}").replace('-', "−")
}

/// The smallest p-value that three decimals show.
const SMALLEST_P: f64 = 0.001;

/// A p-value as a cell of a table.
pub(super) fn p_cell(p: Option<f64>) -> Cell {
    p.map_or(Cell::Missing, |p| match p < SMALLEST_P {
        true => Cell::Below(SMALLEST_P, 3),
        false => Cell::Number(p, 3),
    })
}

/// `1 station`, `2 stations`.
pub(super) fn count(n: usize, singular: &str, plural: &str) -> String {
    format!("{n} {}", if n == 1 { singular } else { plural })
}

/// A comparison's name in words; its name in the tables for one that the configuration names.
pub(super) fn comparison(name: &str) -> &str {
    match name {
        "with_spl2smap_s" => "where Sentinel-1 saw the cell",
        "recommended" => "where the products are recommended",
        other => other,
    }
}
