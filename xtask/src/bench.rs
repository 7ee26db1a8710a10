//! `cargo xtask bench`: our work side by side with other people's programs. Here the network `paper`; single
//! operations are in `subjects`.
//!
//! All programs read the same weights and tiles, and nothing is timed before their outputs, gradients and
//! first losses have been compared. Then each measurement is a process of its own, and the programs take
//! turns, so that what else the machine does meets all of them. Ratios of medians are what counts.

mod agreement;
mod build;
mod contender;
mod duel;
mod duel_report;
mod figures;
mod machine;
mod report;
mod subjects;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::thread;

use anyhow::{Context, Result};

use crate::{page, process, python, system_packages, workspace};
use agreement::Agreement;
pub use build::build;
use contender::{Contender, Task, Work};
use figures::{Figures, Layers};
pub use subjects::{grid, metrics, ops};

/// Where the peers' programs lie, from the workspace's root.
const PEERS: &str = "crates/vadose-bench/peers";
/// The granule whose tiles are the input.
const GRANULE: &str =
    "tests/data/smap/SMAP_L2_SM_SP_1AIWDV_20150410T054151_20150410T052055_010E36N_R17000_001.h5";
/// Rounds of a run, and of a quick one.
const RUNS: usize = 5;
const QUICK_RUNS: usize = 2;
/// Repetitions from which the layer table takes the shortest times.
const LAYER_RUNS: usize = 20;
/// What a round measures. The batch of 4 is there for its memory.
const TASKS: [Task; 3] = [
    Task {
        work: Work::Infer,
        batch: 1,
        repetitions: 4,
    },
    Task {
        work: Work::Step,
        batch: 1,
        repetitions: 4,
    },
    Task {
        work: Work::Step,
        batch: 4,
        repetitions: 2,
    },
];
/// Seconds that XLA gets, all compiling included, and in a quick run: Keras without it needs under ten.
const XLA_LIMIT_S: u32 = 180;
const QUICK_XLA_LIMIT_S: u32 = 60;
/// XLA takes part in the rounds if its first times are below so many times Keras's without it: it can then
/// be the faster of the two.
const XLA_MAY_WIN: f64 = 1.5;

/// How a run is made.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Fewer rounds, and for the network no PyTorch, which is large to install and slow.
    pub quick: bool,
    /// Rounds; each program is measured once a round.
    pub runs: Option<usize>,
    /// Replace the figures in docs/BENCHMARKS.md.
    pub write: bool,
}

/// Compares, measures and prints.
///
/// # Errors
/// If something cannot be installed, a program fails, or results differ. A limit that is missed on a
/// processor with AVX-512 is no error but exit code 1.
pub fn nn(options: &Options) -> Result<ExitCode> {
    let contenders = set_up(options.quick)?;
    let folder = workspace::target_dir()?.join("bench").join("nn");
    fs::create_dir_all(&folder)?;
    let inputs = folder.join("inputs.safetensors");
    let ours = &contenders[0];
    println!("\n==== inputs and agreement");
    ours.tool(&[
        "nn".as_ref(),
        "inputs".as_ref(),
        workspace::root().join(GRANULE).as_ref(),
        inputs.as_ref(),
    ])?;
    let agreement = agreement::check(&contenders, &inputs, &folder)?;

    println!("\n==== measurements");
    let runs = options
        .runs
        .unwrap_or(if options.quick { QUICK_RUNS } else { RUNS });
    let mut figures = Figures::default();
    let taking_part = taking_part(&contenders, &inputs, &agreement, &mut figures)?;
    for round in 1..=runs {
        println!("round {round} of {runs}");
        figures.add_peak(ours.json(&["nn", "peak", "--threads", &threads()])?);
        for task in &TASKS {
            for contender in taking_part.iter().filter(|one| one.does(task.work)) {
                if let Some(answer) = contender.measure(&inputs, task)? {
                    figures.add(contender.name, task, answer);
                }
            }
        }
    }
    let layers = measure_layers(ours, &inputs)?;
    figures.set_bf16_difference(measure_bf16(ours, &inputs)?);

    let command = command_line("nn", options);
    let page = report::page(&figures, &layers, &agreement, &machine::describe(&command)?)?;
    println!("\n{page}");
    if options.write {
        write_figures("nn", &page)?;
    }
    let missed = machine::has_avx512()? && report::verdicts(&figures).iter().any(|one| !one.held());
    Ok(ExitCode::from(u8::from(missed)))
}

/// Installs and builds what is compared: ours first.
fn set_up(quick: bool) -> Result<Vec<Contender>> {
    system_packages::ensure(&[system_packages::PROGRAM, system_packages::PYTHON].concat())?;
    process::run(process::cargo().args(["build", "--release", "--locked", "-p", "vadose-bench"]))?;
    let program = workspace::target_dir()?.join("release/vadose-bench");
    let peers = workspace::root().join(PEERS);
    let keras = python::environment_of_file(&peers.join("requirements_keras.txt"))?;
    let xla_limit_s = if quick {
        QUICK_XLA_LIMIT_S
    } else {
        XLA_LIMIT_S
    };
    let mut contenders = vec![
        Contender::ours("Vadose", &program, "fused"),
        Contender::ours("Vadose, layer by layer", &program, "layers"),
        Contender::ours(report::BF16, &program, "bf16").inference_only(),
        Contender::peer("Keras", &keras, &peers.join("keras_unet.py"), "plain"),
        Contender::peer("Keras, XLA", &keras, &peers.join("keras_unet.py"), "xla")
            .within(xla_limit_s),
    ];
    if !quick {
        let torch = python::environment_of_file(&peers.join("requirements_torch.txt"))?;
        contenders.push(Contender::peer(
            "PyTorch",
            &torch,
            &peers.join("torch_unet.py"),
            "plain",
        ));
    }
    Ok(contenders)
}

/// All programs, but XLA only if it can win. A step that did not even get as far as its results is not tried
/// again.
fn taking_part<'a>(
    contenders: &'a [Contender],
    inputs: &Path,
    agreement: &[Agreement],
    figures: &mut Figures,
) -> Result<Vec<&'a Contender>> {
    let named = |name: &str| {
        let found = contenders.iter().find(|one| one.name == name);
        found.with_context(|| format!("{name} is compared"))
    };
    let (plain, xla) = (named("Keras")?, named("Keras, XLA")?);
    let has_results = agreement.iter().any(|one| one.name == xla.name);
    let mut may_win = false;
    for task in TASKS.iter().filter(|task| task.batch == 1) {
        let task = Task {
            repetitions: 2,
            ..*task
        };
        let compiles = has_results || task.work == Work::Infer;
        let answer = if compiles {
            xla.measure(inputs, &task)?
        } else {
            None
        };
        let Some(answer) = answer else {
            figures.add_stopped(xla.name, task.work, xla.limit_s);
            continue;
        };
        let without = plain.measure(inputs, &task)?;
        may_win |= without.is_some_and(|one| answer.median() < XLA_MAY_WIN * one.median());
        figures.add(xla.name, &task, answer);
    }
    let is_in = |one: &&Contender| may_win || one.name != xla.name;
    Ok(contenders.iter().filter(is_in).collect())
}

fn measure_layers(ours: &Contender, inputs: &Path) -> Result<Layers> {
    let inputs = inputs.to_str().context("the target folder is UTF-8")?;
    let runs = LAYER_RUNS.to_string();
    ours.json(&[
        "nn",
        "layers",
        inputs,
        "--threads",
        &threads(),
        "--runs",
        &runs,
    ])
}

/// Largest difference of our output in bf16 from that in f32, m3 m-3.
fn measure_bf16(ours: &Contender, inputs: &Path) -> Result<f64> {
    let inputs = inputs.to_str().context("the target folder is UTF-8")?;
    ours.json(&["nn", "bf16", inputs, "--threads", &threads()])
}

/// As many threads as the machine has cores, for every program.
fn threads() -> String {
    thread::available_parallelism()
        .map_or(1, usize::from)
        .to_string()
}

/// Writes a subject's figures into the page that holds all of them.
fn write_figures(subject: &str, figures: &str) -> Result<()> {
    page::write("docs/BENCHMARKS.md", &format!("bench {subject}"), figures)
}

fn command_line(subject: &str, options: &Options) -> String {
    let mut command = format!("cargo xtask bench {subject}");
    if options.quick {
        command += " --quick";
    }
    if let Some(runs) = options.runs {
        command += &format!(" --runs {runs}");
    }
    command + if options.write { " --write" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_given_as_it_was_typed() {
        let options = Options {
            quick: true,
            runs: Some(3),
            write: true,
        };
        assert_eq!(
            command_line("nn", &options),
            "cargo xtask bench nn --quick --runs 3 --write"
        );
        assert_eq!(
            command_line("nn", &Options::default()),
            "cargo xtask bench nn"
        );
    }

    #[test]
    fn what_is_compared_is_there() {
        let peers = workspace::root().join(PEERS);
        for name in [
            "common.py",
            "duel.py",
            "ismn_read.py",
            "keras_unet.py",
            "pytesmo_metrics.py",
            "scipy_coarse.py",
            "torch_unet.py",
        ] {
            assert!(peers.join(name).is_file(), "{name}");
        }
        assert!(workspace::root().join(GRANULE).is_file());
        for name in [
            "requirements_ismn.txt",
            "requirements_keras.txt",
            "requirements_pytesmo.txt",
            "requirements_scipy.txt",
            "requirements_torch.txt",
        ] {
            let text = workspace::read(&peers.join(name)).unwrap();
            assert!(text.lines().all(|line| line.contains("==")), "{name}");
        }
    }
}
