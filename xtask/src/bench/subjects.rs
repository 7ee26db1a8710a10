//! The single operations that are compared: what is done, by whom, and what is aimed at.

use std::process::ExitCode;

use anyhow::Result;

use super::duel::{self, Duel, Peer, Row, Threads};
use super::{Options, PEERS};
use crate::{python, system_packages, workspace};

/// Named arrays that all programs read.
const INPUTS: &str = "inputs.safetensors";

/// Ours over the peer's, at most.
const GRID_LIMIT: f64 = 0.1;
const OPS_LIMIT: f64 = 0.1;
const METRICS_LIMIT: f64 = 0.02;
const ISMN_LIMIT: f64 = 0.03;
/// Of a list that is there already, the peer has only pandas's reader left to run, which is in C.
const ISMN_SERIES_LIMIT: f64 = 0.06;

/// A micrometre of the largest coordinate on an M grid.
const FORWARD_TOLERANCE: f64 = 6e-14;
/// 2e-8 degrees of a latitude of 85: what PROJ 9.6 errs by in its inverse, a series of three terms.
const INVERSE_TOLERANCE: f64 = 2.4e-10;
/// Rounding of f32 through two filter sums.
const OPS_TOLERANCE: f64 = 2e-6;
/// Rounding of f64 in sums of a thousand terms, and of quantiles that are found by iteration.
const METRICS_TOLERANCE: f64 = 1e-8;
/// Means of values that are f32 in memory, f64 there.
const ISMN_TOLERANCE: f64 = 1e-7;
/// Widths of intervals from 1,000 resamples scatter by 6 %.
const BOOTSTRAP_TOLERANCE: f64 = 0.3;

/// EASE-Grid 2.0 against PROJ.
///
/// # Errors
/// As [`super::nn`].
pub fn grid(options: &Options) -> Result<ExitCode> {
    let row = |title, work, tolerance| Row {
        title,
        ours: work,
        theirs: work,
        limit: GRID_LIMIT,
        tolerance: Some(tolerance),
    };
    duel::run(
        &Duel {
            subject: "grid",
            command: "grid",
            peer_name: "PROJ",
            packages: &[system_packages::PROGRAM, system_packages::TESTS].concat(),
            features: &["proj"],
            inputs: INPUTS,
            repetitions: 5,
            threads: Threads::One,
            rows: &[
                row("forward, M grids", "forward-m", FORWARD_TOLERANCE),
                row("inverse, M grids", "inverse-m", INVERSE_TOLERANCE),
                row("forward, N grids", "forward-n", FORWARD_TOLERANCE),
                row("inverse, N grids", "inverse-n", INVERSE_TOLERANCE),
            ],
        },
        |program| Ok(Peer::of(program, &["grid", "proj"])),
        options,
    )
}

/// D and its adjoint against scipy.
///
/// # Errors
/// As [`super::nn`].
pub fn ops(options: &Options) -> Result<ExitCode> {
    let row = |title, ours, theirs| Row {
        title,
        ours,
        theirs,
        limit: OPS_LIMIT,
        tolerance: Some(OPS_TOLERANCE),
    };
    duel::run(
        &Duel {
            subject: "ops",
            command: "ops",
            peer_name: "scipy",
            packages: &[system_packages::PROGRAM, system_packages::PYTHON].concat(),
            features: &[],
            inputs: INPUTS,
            repetitions: 3,
            threads: Threads::All,
            rows: &[
                row("D, with its mask", "forward", "forward"),
                row("its adjoint, with its mask", "adjoint", "adjoint"),
                row("D, mask filtered before", "forward-kept", "forward-kept"),
                row(
                    "its adjoint, mask filtered before",
                    "adjoint-kept",
                    "adjoint-kept",
                ),
            ],
        },
        |_| script("scipy_coarse.py", "requirements_scipy.txt"),
        options,
    )
}

/// Metrics with intervals against pytesmo.
///
/// # Errors
/// As [`super::nn`].
pub fn metrics(options: &Options) -> Result<ExitCode> {
    let row = |title, ours, theirs, tolerance| Row {
        title,
        ours,
        theirs,
        limit: METRICS_LIMIT,
        tolerance,
    };
    duel::run(
        &Duel {
            subject: "metrics",
            command: "metrics",
            peer_name: "pytesmo",
            packages: &[system_packages::PROGRAM, system_packages::PYTHON].concat(),
            features: &[],
            inputs: INPUTS,
            repetitions: 2,
            threads: Threads::All,
            rows: &[
                row(
                    "metrics and intervals of 500 stations, independent samples",
                    "intervals",
                    "intervals",
                    Some(METRICS_TOLERANCE),
                ),
                row(
                    "the same, ours with effective sizes",
                    "effective-intervals",
                    "intervals",
                    None,
                ),
                row(
                    "percentile bootstrap of 4 stations, 1,000 resamples",
                    "bootstrap",
                    "bootstrap",
                    Some(BOOTSTRAP_TOLERANCE),
                ),
                row(
                    "the same, ours in blocks and BCa",
                    "block-bootstrap",
                    "bootstrap",
                    None,
                ),
            ],
        },
        |_| script("pytesmo_metrics.py", "requirements_pytesmo.txt"),
        options,
    )
}

/// Station archives against TU Wien's `ismn`.
///
/// # Errors
/// As [`super::nn`].
pub(super) fn ismn(options: &Options) -> Result<ExitCode> {
    let row = |title, work, limit| Row {
        title,
        ours: work,
        theirs: work,
        limit,
        tolerance: Some(ISMN_TOLERANCE),
    };
    duel::run(
        &Duel {
            subject: "ismn",
            command: "build",
            peer_name: "ismn",
            packages: &[system_packages::PROGRAM, system_packages::PYTHON].concat(),
            features: &[],
            inputs: "archive",
            repetitions: 2,
            threads: Threads::One,
            rows: &[
                row(
                    "600 series of three months, archive opened and read",
                    "open-and-series",
                    ISMN_LIMIT,
                ),
                row(
                    "the series alone, archive opened before",
                    "series",
                    ISMN_SERIES_LIMIT,
                ),
            ],
        },
        |_| script("ismn_read.py", "requirements_ismn.txt"),
        options,
    )
}

/// A script of ours in an environment of Python.
fn script(name: &str, requirements: &str) -> Result<Peer> {
    let peers = workspace::root().join(PEERS);
    let python = python::environment_of_file(&peers.join(requirements))?;
    Ok(Peer::of(&python, &[peers.join(name)]))
}
