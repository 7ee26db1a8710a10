//! Cubes of growing regions, and maps of them: how fast, and how much memory.
//!
//! There is no peer to compare with; what counts is that memory does not grow with the region. Archives are
//! simulated, once, and kept.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::figures::median;
use super::machine::{self, Machine};
use super::{Options, QUICK_RUNS, command_line, subjects, write_figures};
use crate::{process, system_packages, workspace};

/// The regions, smallest first: their names, and rows and columns of M01 along each edge, whole 9 km cells.
const REGIONS: [Region; 3] = [
    Region {
        name: "2×2 tiles",
        folder: "tiles-2",
        cells: 513,
    },
    Region {
        name: "4×4 tiles",
        folder: "tiles-4",
        cells: 1026,
    },
    Region {
        name: "10×10 tiles",
        folder: "tiles-10",
        cells: 2565,
    },
];
/// Where all regions begin, on M01.
const FIRST_CELL: [usize; 2] = [1692, 5301];
/// Days of June 2017.
const DAYS: usize = 4;
/// Rounds, unless `--runs` says otherwise: what is measured takes minutes.
const RUNS: usize = 3;
/// Peak memory at the region that takes most over that at the region that takes least, at most.
const FLAT: f64 = 1.2;
/// How often memory is looked at. The mark is the highest so far, so only the last moment can be missed.
const LOOK: Duration = Duration::from_millis(20);

struct Region {
    name: &'static str,
    folder: &'static str,
    cells: usize,
}

/// What a process took.
#[derive(Clone, Copy, Debug)]
struct Cost {
    seconds: f64,
    peak_bytes: f64,
}

/// What was found of a region.
struct Found {
    input_bytes: u64,
    build: Vec<Cost>,
    predict: Vec<Cost>,
}

/// Reads station archives beside the peer, then builds cubes and makes maps of them, and prints.
///
/// # Errors
/// If something cannot be installed or a program fails. A limit that is missed is no error but exit code 1.
pub fn build(options: &Options) -> Result<ExitCode> {
    let of_archives = subjects::ismn(options)?;
    system_packages::ensure(system_packages::PROGRAM)?;
    process::run(process::cargo().args(["build", "--release", "--locked", "-p", "vadose-cli"]))?;
    let bench = Bench {
        program: workspace::target_dir()?.join("release/vadose"),
        folder: workspace::target_dir()?.join("bench/build"),
    };

    println!("\n==== archives and a model");
    for region in &REGIONS {
        bench.simulate(region)?;
    }
    let model = bench.train()?;

    println!("\n==== measurements");
    let runs = options
        .runs
        .unwrap_or(if options.quick { QUICK_RUNS } else { RUNS });
    let mut found = Vec::new();
    for region in &REGIONS {
        found.push(Found {
            input_bytes: bytes_below(&bench.archive(region))?,
            build: Vec::new(),
            predict: Vec::new(),
        });
    }
    for round in 1..=runs {
        println!("round {round} of {runs}");
        for (region, found) in REGIONS.iter().zip(&mut found) {
            found.build.push(bench.build(region)?);
            found.predict.push(bench.predict(region, &model)?);
            println!(
                "  {}: build {:.1} s",
                region.name,
                found.build[round - 1].seconds
            );
        }
    }

    let machine = machine::describe(&command_line("build", options))?;
    let text = table(&found, &machine)?;
    println!("\n{text}");
    if options.write {
        write_figures("build", &text)?;
    }
    let [build, predict] = growth(&found);
    let held = build <= FLAT && predict <= FLAT;
    Ok(if held { of_archives } else { ExitCode::FAILURE })
}

struct Bench {
    program: PathBuf,
    folder: PathBuf,
}

impl Bench {
    fn archive(&self, region: &Region) -> PathBuf {
        self.folder.join(region.folder).join("archive")
    }

    fn cube(&self, region: &Region) -> PathBuf {
        self.folder.join(region.folder).join("cube")
    }

    /// Writes a region's archive if it is not there: a simulation that was stopped leaves no `build.toml`.
    fn simulate(&self, region: &Region) -> Result<()> {
        let archive = self.archive(region);
        if archive.join("build.toml").is_file() {
            return Ok(());
        }
        remove(&archive)?;
        let [row0, col0] = FIRST_CELL;
        let config = self.folder.join(region.folder).join("twin.toml");
        let cells = region.cells;
        fs::create_dir_all(config.parent().context("it has a folder")?)?;
        fs::write(
            &config,
            format!(
                "output = \"archive\"\n\n[simulation.region]\nrow0 = {row0}\ncol0 = {col0}\nrows = {cells}\n\
                 cols = {cells}\n\n[simulation.period]\nyears = [2017]\ndays = {DAYS}\n\
                 lead_days = 1\n"
            ),
        )?;
        process::run(Command::new(&self.program).arg("simulate").arg(&config))
    }

    /// Trains a few steps on the smallest cube: what a map costs does not depend on how good it is.
    fn train(&self) -> Result<PathBuf> {
        let smallest = &REGIONS[0];
        self.build(smallest)?;
        let config = self.folder.join("train.toml");
        fs::write(
            &config,
            format!(
                "output = \"run\"\nchannels = \"paper\"\n\n[data]\ncube = \"{}/cube\"\n\n[train]\nepochs = 1\n",
                smallest.folder
            ),
        )?;
        remove(&self.folder.join("run"))?;
        process::run(Command::new(&self.program).arg("train").arg(&config))?;
        Ok(self.folder.join("run/model.safetensors"))
    }

    fn build(&self, region: &Region) -> Result<Cost> {
        let cube = self.cube(region);
        remove(&cube)?;
        let config = self.archive(region).join("build.toml");
        let mut command = Command::new(&self.program);
        command.args(["build", "--quiet", "--strict"]).arg(config);
        measure(command.arg("--output").arg(cube))
    }

    /// Maps of the first day.
    fn predict(&self, region: &Region, model: &Path) -> Result<Cost> {
        let maps = self.folder.join(region.folder).join("maps");
        remove(&maps)?;
        let mut command = Command::new(&self.program);
        command.args(["predict", "--quiet", "--last", "2017-06-01"]);
        measure(
            command
                .arg(model)
                .arg(self.cube(region))
                .arg("--output")
                .arg(maps),
        )
    }
}

/// Runs a command to its end and looks at its memory meanwhile.
fn measure(command: &mut Command) -> Result<Cost> {
    let shown = process::display(command);
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start `{shown}`"))?;
    let mut peak_bytes = 0.0;
    let status = loop {
        peak_bytes = peak_of(&child).unwrap_or(peak_bytes);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(LOOK);
    };
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(Cost {
        seconds: start.elapsed().as_secs_f64(),
        peak_bytes,
    })
}

/// The highest mark of a process's memory; `None` once it has ended.
fn peak_of(child: &Child) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(1024.0 * kibibytes)
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Bytes of the files that a build reads: the truth is none of them.
fn bytes_below(archive: &Path) -> Result<u64> {
    let mut bytes = 0;
    for folder in ["smap", "imerg", "ancillary", "ismn"] {
        for file in workspace::files_below(&archive.join(folder))? {
            bytes += fs::metadata(file)?.len();
        }
    }
    Ok(bytes)
}

fn middle(costs: &[Cost], of: fn(&Cost) -> f64) -> f64 {
    median(&costs.iter().map(of).collect::<Vec<_>>())
}

/// Peak memory at the region that takes most over that at the region that takes least, of `build` and of `predict`.
fn growth(found: &[Found]) -> [f64; 2] {
    let of = |costs: fn(&Found) -> &Vec<Cost>| {
        let peaks = found
            .iter()
            .map(|found| middle(costs(found), |cost| cost.peak_bytes));
        peaks.clone().fold(0.0, f64::max) / peaks.fold(f64::INFINITY, f64::min)
    };
    [of(|found| &found.build), of(|found| &found.predict)]
}

fn table(found: &[Found], machine: &Machine) -> Result<String> {
    let mut page = String::new();
    writeln!(
        page,
        "Taken on {} with `{}`: {}, {} threads, {:.0} GB; {}.\n",
        machine.date,
        machine.command,
        machine.cpu,
        machine.threads,
        machine.memory_gb,
        machine.rustc
    )?;
    writeln!(
        page,
        "| region | cells | input, MB | `build`, s | million cells of a day, per s | MB per s | peak, MB | `predict` a day, s | \
         million cells per s | peak, MB |\n|---|---|---|---|---|---|---|---|---|---|"
    )?;
    for (region, found) in REGIONS.iter().zip(found) {
        let cells = (region.cells * region.cells) as f64 / 1e6;
        let input = found.input_bytes as f64 / 1e6;
        let seconds = middle(&found.build, |cost| cost.seconds);
        let predict = middle(&found.predict, |cost| cost.seconds);
        writeln!(
            page,
            "| {} | {}×{} | {input:.0} | {seconds:.1} | {:.2} | {:.0} | {:.0} | {predict:.1} | {:.2} | {:.0} |",
            region.name,
            region.cells,
            region.cells,
            DAYS as f64 * cells / seconds,
            input / seconds,
            middle(&found.build, |cost| cost.peak_bytes) / 1e6,
            cells / predict,
            middle(&found.predict, |cost| cost.peak_bytes) / 1e6,
        )?;
    }
    let [build, predict] = growth(found);
    writeln!(
        page,
        "\nPeak memory, the largest of the regions over the smallest: {build:.2} of `build`, {predict:.2} of `predict` (limit {FLAT})."
    )?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_whole_coarse_cells_and_grow() {
        for region in &REGIONS {
            assert_eq!(region.cells % 9, 0, "{}", region.name);
        }
        assert!(REGIONS.is_sorted_by_key(|region| region.cells));
    }

    #[test]
    fn a_measured_command_has_a_time_and_memory_and_may_not_fail() {
        let cost = measure(Command::new("sleep").arg("0.1")).unwrap();
        assert!(cost.seconds >= 0.1 && cost.peak_bytes > 0.0, "{cost:?}");
        let error = measure(&mut Command::new("false")).unwrap_err();
        assert!(error.to_string().contains("`false` failed"), "{error}");
    }

    #[test]
    fn growth_is_the_largest_peak_over_the_smallest() {
        let of = |peak: f64| {
            let cost = |peak_bytes| Cost {
                seconds: 1.0,
                peak_bytes,
            };
            Found {
                input_bytes: 0,
                build: vec![cost(peak)],
                predict: vec![cost(1.0)],
            }
        };
        assert_eq!(growth(&[of(2.0), of(1.0), of(3.0)]), [3.0, 1.0]);
    }
}
