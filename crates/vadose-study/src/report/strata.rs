//! The error of the main methods by land cover, texture, vegetation, network, and what the radar saw.

use vadose_viz::report::Section;
use vadose_viz::{BoxPlot, Stratum as Boxes};

use super::page::{add_figure, population};
use super::run::Run;
use crate::evaluation::{Population, Stratum, StratumSkill};

/// Boxes side by side in a stratum.
const MAX_METHODS: usize = 4;

/// Adds the section.
pub(super) fn add(section: &mut Section, run: &Run) {
    let strata = &run.evaluation.strata;
    if strata.is_empty() {
        section.paragraph("The run holds no strata.");
        return;
    }
    section.paragraph(
        "Stations by the kind of their cell and day, on the rows that all methods of the first comparison have. A \
         station that reports in several kinds counts in each. A kind of few stations is an example and no \
         estimate; strata.csv holds medians with intervals of every method.",
    );
    for stratum in Stratum::ALL {
        let part = section.section(heading(stratum));
        for population in [Population::Test, Population::Truth] {
            let of: Vec<&StratumSkill> = strata
                .iter()
                .filter(|of| of.stratum == stratum && of.population == population)
                .collect();
            // Cells of the true field are of no network.
            if !of.is_empty() && (stratum, population) != (Stratum::Network, Population::Truth) {
                boxes(part, run, stratum, population, &of);
            }
        }
    }
}

fn heading(stratum: Stratum) -> &'static str {
    match stratum {
        Stratum::LandCover => "Land cover",
        Stratum::Texture => "Soil texture",
        Stratum::Vegetation => "Vegetation water content",
        Stratum::Network => "Network",
        Stratum::Observed => "Observed by Sentinel-1",
    }
}

fn boxes(
    section: &mut Section,
    run: &Run,
    stratum: Stratum,
    of_population: Population,
    skills: &[&StratumSkill],
) {
    let mut there: Vec<&str> = Vec::new();
    let mut labels: Vec<&str> = Vec::new();
    for skill in skills {
        if !there.contains(&skill.method.as_str()) {
            there.push(&skill.method);
        }
        if !labels.contains(&skill.label.as_str()) {
            labels.push(&skill.label);
        }
    }
    let methods = run.main_methods(&there, MAX_METHODS);
    let values = |label: &str, method: &str| {
        let of = skills
            .iter()
            .find(|of| of.label == label && of.method == method);
        of.map_or(Vec::new(), |of| of.ubrmse_of_stations.clone())
    };
    let strata = labels.iter().map(|label| Boxes {
        label: (*label).to_owned(),
        values: methods.iter().map(|method| values(label, method)).collect(),
    });
    let at = population(of_population);
    let figure = BoxPlot {
        title: run.titled(&format!("{}, {at}", heading(stratum))),
        strata: strata.collect(),
        methods: methods.iter().map(|method| (*method).to_owned()).collect(),
        footnote: run.footnote(),
        ..BoxPlot::default()
    };
    let caption = format!(
        "ubRMSE of {} at {at}. Boxes from quartile to quartile, whiskers to the last value within 1.5 times that.",
        methods.join(", ")
    );
    add_figure(section, &figure, caption);
}
