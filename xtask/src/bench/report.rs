//! The figures as a page of markdown.

use std::fmt::Write as _;

use anyhow::Result;

use super::agreement::Agreement;
use super::contender::Work;
use super::figures::{Figures, Layer, Layers};
use super::machine::Machine;

const OURS: &str = "Vadose";
const NAMES: [&str; 5] = [
    OURS,
    "Vadose, layer by layer",
    "Keras",
    "Keras, XLA",
    "PyTorch",
];
/// Ours with feature maps in bf16.
pub(super) const BF16: &str = "Vadose, bf16";
/// Ours over the faster Keras, at most.
const STEP_LIMIT: f64 = 0.50;
const INFERENCE_LIMIT: f64 = 0.45;
const MEMORY_LIMIT: f64 = 0.50;

/// A limit and what was measured.
#[derive(Debug, PartialEq)]
pub(super) struct Verdict {
    what: &'static str,
    ratio: f64,
    limit: f64,
}

impl Verdict {
    pub(super) fn held(&self) -> bool {
        self.ratio <= self.limit
    }
}

/// Ours against Keras, with XLA or without, whichever is better.
pub(super) fn verdicts(figures: &Figures) -> Vec<Verdict> {
    let seconds =
        |work, batch| ratio(OURS, |name| figures.seconds(name, work, batch)).unwrap_or(f64::NAN);
    let memory = ratio(OURS, |name| Some(figures.megabytes(name, Work::Step, 4)?.0));
    vec![
        Verdict {
            what: "training step, batch 1",
            ratio: seconds(Work::Step, 1),
            limit: STEP_LIMIT,
        },
        Verdict {
            what: "inference, batch 1",
            ratio: seconds(Work::Infer, 1),
            limit: INFERENCE_LIMIT,
        },
        Verdict {
            what: "peak memory of training, batch 4",
            ratio: memory.unwrap_or(f64::NAN),
            limit: MEMORY_LIMIT,
        },
    ]
}

/// A program's value over the smaller of Keras's two.
fn ratio(name: &'static str, of: impl Fn(&'static str) -> Option<f64>) -> Option<f64> {
    let keras = ["Keras", "Keras, XLA"].into_iter().filter_map(&of);
    Some(of(name)? / keras.reduce(f64::min)?)
}

/// All tables.
pub(super) fn page(
    figures: &Figures,
    layers: &Layers,
    agreement: &[Agreement],
    machine: &Machine,
) -> Result<String> {
    let mut page = String::new();
    head(&mut page, figures, layers, machine)?;
    times(&mut page, figures, layers)?;
    reduced_precision(&mut page, figures)?;
    memory(&mut page, figures)?;
    limits(&mut page, figures)?;
    agreements(&mut page, agreement)?;
    layer_table(&mut page, figures, layers)?;
    Ok(page)
}

fn head(page: &mut String, figures: &Figures, layers: &Layers, machine: &Machine) -> Result<()> {
    let versions: Vec<_> = figures
        .versions()
        .into_iter()
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    writeln!(
        page,
        "Taken on {} with `{}`: {}, {} threads, {:.0} GB; {}; {}. Kernels: {}. FMA peak of all threads, \
         measured in the same run: {:.0} GFLOP/s. Forward pass {:.2} GFLOP, training step {:.2} GFLOP.\n",
        machine.date,
        machine.command,
        machine.cpu,
        machine.threads,
        machine.memory_gb,
        machine.rustc,
        versions.join(", "),
        layers.instruction_set,
        figures.peak_gflops(),
        layers.gflop(Work::Infer),
        layers.gflop(Work::Step),
    )?;
    Ok(())
}

fn times(page: &mut String, figures: &Figures, layers: &Layers) -> Result<()> {
    writeln!(
        page,
        "| batch 1 | inference, s | of Keras | GFLOP/s | of peak | training step, s | of Keras | GFLOP/s | of peak |\n\
         |---|---|---|---|---|---|---|---|---|"
    )?;
    for name in NAMES {
        let cells: Vec<_> = [Work::Infer, Work::Step]
            .into_iter()
            .map(|work| match figures.seconds(name, work, 1) {
                Some(seconds) => {
                    let of_keras = ratio(name, |name| figures.seconds(name, work, 1));
                    let speed = layers.gflop(work) / seconds;
                    format!(
                        "{seconds:.4} | {:.2} | {speed:.0} | {:.0} %",
                        of_keras.unwrap_or(f64::NAN),
                        100.0 * speed / figures.peak_gflops()
                    )
                }
                None => format!("{} | – | – | –", absence(figures, name, work)),
            })
            .collect();
        writeln!(page, "| {name} | {} |", cells.join(" | "))?;
    }
    writeln!(page)?;
    Ok(())
}

/// Inference in bf16 beside that in f32.
fn reduced_precision(page: &mut String, figures: &Figures) -> Result<()> {
    writeln!(
        page,
        "| inference, batch 1 | s | of f32 | peak memory, MB | largest difference from f32, m3 m-3 |\n\
         |---|---|---|---|---|"
    )?;
    let f32_seconds = figures.seconds(OURS, Work::Infer, 1);
    for (name, difference) in [
        (OURS, "–".to_owned()),
        (BF16, format!("{:.1e}", figures.bf16_difference())),
    ] {
        let seconds = figures.seconds(name, Work::Infer, 1);
        let megabytes = figures.megabytes(name, Work::Infer, 1);
        let (Some(seconds), Some((peak, _))) = (seconds, megabytes) else {
            let absence = absence(figures, name, Work::Infer);
            writeln!(page, "| {name} | {absence} | – | – | – |")?;
            continue;
        };
        let of_f32 = seconds / f32_seconds.unwrap_or(f64::NAN);
        writeln!(
            page,
            "| {name} | {seconds:.4} | {of_f32:.2} | {peak:.0} | {difference} |"
        )?;
    }
    writeln!(page)?;
    Ok(())
}

/// Why there is no figure.
fn absence(figures: &Figures, name: &'static str, work: Work) -> String {
    match figures.stopped_after(name, work) {
        Some(seconds) => format!("did not finish in {seconds} s"),
        None => "not measured".to_owned(),
    }
}

fn memory(page: &mut String, figures: &Figures) -> Result<()> {
    writeln!(
        page,
        "| training, batch 4 | step, s | of Keras | peak memory, MB | of Keras | of that before the network, MB |\n\
         |---|---|---|---|---|---|"
    )?;
    for name in NAMES {
        let seconds = figures.seconds(name, Work::Step, 4);
        let megabytes = figures.megabytes(name, Work::Step, 4);
        let (Some(seconds), Some((peak, before))) = (seconds, megabytes) else {
            let absence = absence(figures, name, Work::Step);
            writeln!(page, "| {name} | {absence} | – | – | – | – |")?;
            continue;
        };
        let of_keras = ratio(name, |name| figures.seconds(name, Work::Step, 4));
        let memory_of_keras = ratio(name, |name| Some(figures.megabytes(name, Work::Step, 4)?.0));
        writeln!(
            page,
            "| {name} | {seconds:.3} | {:.2} | {peak:.0} | {:.2} | {before:.0} |",
            of_keras.unwrap_or(f64::NAN),
            memory_of_keras.unwrap_or(f64::NAN)
        )?;
    }
    writeln!(page)?;
    Ok(())
}

fn limits(page: &mut String, figures: &Figures) -> Result<()> {
    writeln!(
        page,
        "| ours over Keras | ratio | limit | |\n|---|---|---|---|"
    )?;
    for verdict in verdicts(figures) {
        writeln!(
            page,
            "| {} | {:.2} | {:.2} | {} |",
            verdict.what,
            verdict.ratio,
            verdict.limit,
            if verdict.held() { "held" } else { "missed" }
        )?;
    }
    writeln!(page)?;
    Ok(())
}

fn agreements(page: &mut String, agreement: &[Agreement]) -> Result<()> {
    writeln!(
        page,
        "| largest difference from ours, over the largest value | output | gradients | losses of 4 steps |\n\
         |---|---|---|---|"
    )?;
    for one in agreement {
        writeln!(
            page,
            "| {} | {:.0e} | {:.0e} | {:.0e} |",
            one.name, one.output, one.gradient, one.loss
        )?;
    }
    writeln!(page)?;
    Ok(())
}

fn layer_table(page: &mut String, figures: &Figures, layers: &Layers) -> Result<()> {
    writeln!(
        page,
        "| convolution (from below + skip -> out) | GFLOP | forward, ms | of peak | gradient of weights, ms | of peak \
         | gradient of input, ms | of peak |\n|---|---|---|---|---|---|---|---|"
    )?;
    /// Operations in 10^9 and seconds of one part of a step.
    type Part = fn(&Layer) -> (f64, f64);
    let columns: [Part; 3] = [
        |layer| (layer.forward_gflop, layer.forward_s),
        |layer| (layer.weight_gflop, layer.weight_s),
        |layer| (layer.input_gflop, layer.input_s),
    ];
    let cell = |(gflop, seconds): (f64, f64)| match seconds > 0.0 {
        true => format!(
            "{:.2} | {:.0} %",
            1e3 * seconds,
            100.0 * gflop / seconds / figures.peak_gflops()
        ),
        false => "– | –".to_owned(),
    };
    for layer in &layers.layers {
        let cells: Vec<_> = columns.iter().map(|column| cell(column(layer))).collect();
        let label = &layer.label;
        writeln!(
            page,
            "| {label} | {:.2} | {} |",
            layer.forward_gflop,
            cells.join(" | ")
        )?;
    }
    let sums: Vec<_> = columns
        .iter()
        .map(|column| {
            let all = layers.layers.iter().map(column);
            cell(all.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1)))
        })
        .collect();
    writeln!(
        page,
        "| **all** | {:.2} | {} |",
        layers.gflop(Work::Infer),
        sums.join(" | ")
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::contender::{Answer, Task};
    use super::*;

    fn add(figures: &mut Figures, name: &'static str, work: Work, seconds: f64) {
        let answer = Answer {
            version: "1".into(),
            seconds: vec![seconds],
            before_bytes: 0,
            peak_bytes: 1_000_000,
        };
        let task = Task {
            work,
            batch: 1,
            repetitions: 1,
        };
        figures.add(name, &task, answer);
    }

    #[test]
    fn the_faster_keras_is_the_one_to_beat() {
        let mut figures = Figures::default();
        for (name, seconds) in [(OURS, 1.0), ("Keras", 4.0), ("Keras, XLA", 2.0)] {
            add(&mut figures, name, Work::Step, seconds);
        }
        let verdicts = verdicts(&figures);
        assert_eq!(verdicts[0].ratio, 0.5);
        assert!(verdicts[0].held());
        assert!(!verdicts[1].held(), "what was not measured is not held");
    }

    #[test]
    fn a_program_that_was_stopped_is_shown_as_such() {
        let mut figures = Figures::default();
        figures.add_stopped("Keras, XLA", Work::Step, 300);
        let layers = Layers {
            instruction_set: "portable".into(),
            layers: Vec::new(),
        };
        let mut page = String::new();
        times(&mut page, &figures, &layers).unwrap();
        assert!(page.contains("did not finish in 300 s"), "{page}");
        assert!(page.contains("| PyTorch | not measured"), "{page}");
    }

    #[test]
    fn bf16_stands_beside_f32_with_its_difference() {
        let mut figures = Figures::default();
        add(&mut figures, OURS, Work::Infer, 0.5);
        add(&mut figures, BF16, Work::Infer, 0.25);
        figures.set_bf16_difference(0.00123);
        let mut page = String::new();
        reduced_precision(&mut page, &figures).unwrap();
        assert!(page.contains("| 0.2500 | 0.50 | 1 | 1.2e-3 |"), "{page}");
    }
}
