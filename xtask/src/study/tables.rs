//! The figures of a study as tables in Markdown.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Products and regressions, in the order of the tables, before the networks.
const STANDING: [&str; 8] = [
    "spl2smp_e",
    "spl2smap_s",
    "l4_nearest",
    "l4_bilinear",
    "station_mean",
    "station_climatology",
    "ridge",
    "forest",
];

/// `study.json`, as far as the tables need it.
#[derive(Deserialize)]
struct Study {
    networks: Vec<Network>,
    alphas: BTreeMap<String, f64>,
    models: Vec<Model>,
}

#[derive(Deserialize)]
struct Network {
    training: String,
    alpha: f64,
    seed: u64,
    split: Counts,
    last_epoch: Option<Epoch>,
    seconds: f64,
}

#[derive(Deserialize)]
struct Counts {
    train: usize,
    validation: usize,
    test: usize,
}

#[derive(Deserialize)]
struct Epoch {
    validation: Option<Pooled>,
}

#[derive(Deserialize)]
struct Pooled {
    rmse: f64,
}

#[derive(Deserialize)]
struct Model {
    name: String,
    files: Vec<PathBuf>,
}

/// `evaluation/evaluation.json`.
#[derive(Deserialize)]
struct Evaluation {
    comparisons: Vec<Comparison>,
    coverage: Vec<Coverage>,
    scale: Option<Scale>,
}

#[derive(Deserialize)]
struct Comparison {
    name: String,
    population: String,
    shared_rows: usize,
    methods: Vec<Method>,
    pairs: Vec<Pair>,
}

#[derive(Deserialize)]
struct Method {
    method: String,
    summary: Summary,
    blocks: usize,
}

#[derive(Deserialize)]
struct Summary {
    stations: usize,
    bias: Spread,
    ubrmse: Spread,
    rmse: Spread,
    r: Spread,
}

#[derive(Deserialize)]
struct Spread {
    median: Option<f64>,
    median_interval: Option<Interval>,
}

#[derive(Deserialize, Clone, Copy)]
struct Interval {
    lower: f64,
    upper: f64,
}

#[derive(Deserialize)]
struct Pair {
    metric: String,
    challenger: String,
    baseline: String,
    difference: Option<Resampled>,
    p_holm: Option<f64>,
}

#[derive(Deserialize)]
struct Resampled {
    value: f64,
    interval: Option<Interval>,
}

#[derive(Deserialize)]
struct Coverage {
    method: String,
    reference: String,
    calibration: Calibration,
    coverage: Option<Resampled>,
    mean_width: f64,
    constant_width: f64,
}

#[derive(Deserialize)]
struct Calibration {
    level: f64,
}

#[derive(Deserialize)]
struct Scale {
    methods: Vec<MethodScale>,
}

#[derive(Deserialize)]
struct MethodScale {
    method: String,
    r_inside_coarse_cells: Option<Resampled>,
    gain_over_bilinear: Option<Resampled>,
    pattern_gain_over_bilinear: Option<Resampled>,
    consistency: Option<Consistency>,
}

#[derive(Deserialize)]
struct Consistency {
    rmsd: f64,
}

/// All tables of the study in a folder.
///
/// # Errors
/// If the folder holds no finished study.
pub(super) fn tables(folder: &Path) -> Result<String> {
    let study: Study = read(&folder.join("study.json"))?;
    let evaluation: Evaluation = read(&folder.join("evaluation/evaluation.json"))?;
    let mut text = String::new();
    trainings(&mut text, &study)?;
    for name in ["everywhere", "with_spl2smap_s"] {
        skill(&mut text, &study, &evaluation, name)?;
        pairs(&mut text, &evaluation, name)?;
    }
    scale(&mut text, &evaluation)?;
    coverage(&mut text, &evaluation)?;
    Ok(text)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text)
        .with_context(|| format!("{} is not what is expected", path.display()))
}

/// What validation says of every network.
fn trainings(text: &mut String, study: &Study) -> Result<()> {
    let split = &study.networks.first().context("no network")?.split;
    let seconds: f64 = study.networks.iter().map(|network| network.seconds).sum();
    writeln!(
        text,
        "**At validation stations** (RMSE of all values, m³ m⁻³; {} stations train, {} validate, {} test; {} networks \
         took {:.0} min in all)\n\n| training | α | RMSE of each seed |\n|---|---|---|",
        split.train,
        split.validation,
        split.test,
        study.networks.len(),
        seconds / 60.0,
    )?;
    let mut lines: Vec<(&str, f64, Vec<String>)> = Vec::new();
    for network in &study.networks {
        let rmse = network
            .last_epoch
            .as_ref()
            .and_then(|epoch| epoch.validation.as_ref());
        let rmse = rmse.map_or("–".to_owned(), |of| format!("{:.4}", of.rmse));
        let same = |line: &&mut (&str, f64, Vec<String>)| {
            line.0 == network.training && line.1 == network.alpha
        };
        match lines.iter_mut().find(same) {
            Some(line) => line.2.push(rmse),
            None => lines.push((&network.training, network.alpha, vec![rmse])),
        }
    }
    for (training, alpha, rmse) in lines {
        let is_chosen = study.alphas.get(training) == Some(&alpha);
        let mark = if is_chosen { "" } else { " (not chosen)" };
        writeln!(
            text,
            "| `{training}` | {alpha:e}{mark} | {} |",
            rmse.join(", ")
        )?;
    }
    writeln!(text)?;
    Ok(())
}

/// Skill of every method in a comparison, at test stations beside cells of the true field.
fn skill(text: &mut String, study: &Study, evaluation: &Evaluation, name: &str) -> Result<()> {
    let [test, truth] = both(evaluation, name);
    let Some(test) = test else { return Ok(()) };
    let of = |comparison: &Comparison| {
        let first = comparison.methods.first();
        let (stations, blocks) = first.map_or((0, 0), |of| (of.summary.stations, of.blocks));
        format!(
            "{stations} sites in {blocks} blocks, {} rows",
            comparison.shared_rows
        )
    };
    writeln!(
        text,
        "**Skill, {}**: medians over sites with 95 % intervals (test stations: {}; truth: {})\n\n\
         | method | test ubRMSE | test RMSE | test R | test bias | truth ubRMSE | truth RMSE | truth R |\n\
         |---|---|---|---|---|---|---|---|",
        name.replace('_', " "),
        of(test),
        truth.map_or("none".to_owned(), of),
    )?;
    let place = |method: &str| STANDING.iter().position(|name| *name == method);
    let mut methods: Vec<&Method> = test.methods.iter().collect();
    methods.sort_by_key(|of| place(&of.method).unwrap_or(STANDING.len()));
    for of in methods {
        let on_truth = truth.and_then(|truth| find(truth, &of.method));
        let truth = |cell: fn(&Summary) -> String| {
            on_truth.map_or("–".to_owned(), |of| cell(&of.summary))
        };
        let summary = &of.summary;
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            label(study, &of.method),
            spread(&summary.ubrmse, 4),
            spread(&summary.rmse, 4),
            spread(&summary.r, 3),
            spread(&summary.bias, 3),
            truth(|of| spread(&of.ubrmse, 4)),
            truth(|of| spread(&of.rmse, 4)),
            truth(|of| spread(&of.r, 3)),
        )?;
    }
    writeln!(text)?;
    Ok(())
}

/// The planned pairs, by RMSE and R.
fn pairs(text: &mut String, evaluation: &Evaluation, name: &str) -> Result<()> {
    let [Some(test), Some(truth)] = both(evaluation, name) else {
        return Ok(());
    };
    writeln!(
        text,
        "**Planned differences, {}**: first minus second, medians over sites with 95 % intervals, p after Holm\n\n\
         | pair | test ubRMSE | p | test R | p | truth ubRMSE | p | truth R | p |\n|---|---|---|---|---|---|---|---|---|",
        name.replace('_', " ")
    )?;
    for pair in test.pairs.iter().filter(|pair| pair.metric == "ubrmse") {
        let mut cells = vec![format!("`{}` − `{}`", pair.challenger, pair.baseline)];
        for comparison in [test, truth] {
            for (metric, decimals) in [("ubrmse", 4), ("r", 3)] {
                let of = comparison.pairs.iter().find(|of| {
                    of.metric == metric
                        && of.challenger == pair.challenger
                        && of.baseline == pair.baseline
                });
                cells.push(resampled(
                    of.and_then(|of| of.difference.as_ref()),
                    decimals,
                ));
                let p = of.and_then(|of| of.p_holm);
                cells.push(p.map_or("–".to_owned(), |p| format!("{p:.3}")));
            }
        }
        writeln!(text, "| {} |", cells.join(" | "))?;
    }
    writeln!(text)?;
    Ok(())
}

fn scale(text: &mut String, evaluation: &Evaluation) -> Result<()> {
    let Some(scale) = &evaluation.scale else {
        return Ok(());
    };
    writeln!(
        text,
        "**By scale, against the truth**: R within 9 km cells; share of the bilinear analysis' squared error that is \
         gone, and the same of the pattern within windows; root mean square difference of D(Ŷ) from Z\n\n\
         | method | R within 9 km | gain over bilinear | gain in pattern | D(Ŷ) − Z |\n|---|---|---|---|---|"
    )?;
    for of in &scale.methods {
        let rmsd = of.consistency.as_ref();
        writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            of.method,
            resampled(of.r_inside_coarse_cells.as_ref(), 3),
            resampled(of.gain_over_bilinear.as_ref(), 3),
            resampled(of.pattern_gain_over_bilinear.as_ref(), 3),
            rmsd.map_or("–".to_owned(), |of| format!("{:.4}", of.rmsd)),
        )?;
    }
    writeln!(text)?;
    Ok(())
}

fn coverage(text: &mut String, evaluation: &Evaluation) -> Result<()> {
    writeln!(
        text,
        "**Intervals of ensembles**: how often they hold, and their mean width beside that of intervals of one width\n\n\
         | method | calibrated and tested on | nominal | coverage | width | one width |\n|---|---|---|---|---|---|"
    )?;
    for of in &evaluation.coverage {
        writeln!(
            text,
            "| `{}` | {} | {:.2} | {} | {:.3} | {:.3} |",
            of.method,
            of.reference,
            of.calibration.level,
            resampled(of.coverage.as_ref(), 3),
            of.mean_width,
            of.constant_width
        )?;
    }
    Ok(())
}

fn both<'a>(evaluation: &'a Evaluation, name: &str) -> [Option<&'a Comparison>; 2] {
    ["test", "truth"].map(|population| {
        let mut comparisons = evaluation.comparisons.iter();
        comparisons.find(|of| of.name == name && of.population == population)
    })
}

fn find<'a>(comparison: &'a Comparison, method: &str) -> Option<&'a Method> {
    comparison.methods.iter().find(|of| of.method == method)
}

/// A method's name; of a network with its alpha, of an ensemble with its size.
fn label(study: &Study, method: &str) -> String {
    let Some(model) = study.models.iter().find(|model| model.name == method) else {
        return method.to_owned();
    };
    let [file] = &model.files[..] else {
        return format!("`{method}` ({})", model.files.len());
    };
    let folder = file.parent().and_then(Path::file_name).unwrap_or_default();
    let network = study.networks.iter().find(|of| {
        *folder.to_string_lossy()
            == format!("{}-alpha-{:e}-seed-{}", of.training, of.alpha, of.seed)
    });
    match network {
        Some(network) => format!("`{}`, α {:e}", network.training, network.alpha),
        None => format!("`{method}`"),
    }
}

fn spread(of: &Spread, decimals: usize) -> String {
    with_interval(of.median, of.median_interval, decimals)
}

fn resampled(of: Option<&Resampled>, decimals: usize) -> String {
    with_interval(
        of.map(|of| of.value),
        of.and_then(|of| of.interval),
        decimals,
    )
}

fn with_interval(value: Option<f64>, interval: Option<Interval>, decimals: usize) -> String {
    match (value, interval) {
        (Some(value), Some(Interval { lower, upper })) => {
            format!("{value:.decimals$} [{lower:.decimals$}, {upper:.decimals$}]")
        }
        (Some(value), None) => format!("{value:.decimals$}"),
        (None, _) => "–".to_owned(),
    }
}
