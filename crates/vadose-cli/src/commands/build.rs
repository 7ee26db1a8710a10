//! `vadose build`: granules, station archives and rasters become an analysis-ready cube.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use vadose::cube::{
    Build, BuildConfig, BuildObserver, BuildOutcome, BuildPlan, BuildRecord, CubeError, Source,
    Strictness, Unit, UnitOutcome, UnitState,
};

use crate::failure::Failure;
use crate::print;
use crate::progress::{Display, Task};
use crate::toml_error::explain;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Configuration file; `vadose init --of build` writes one with every default, and `vadose simulate` one
    /// for its archive.
    config: PathBuf,
    /// Folder of the cube, overriding the configuration.
    #[arg(long, short, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Show what would be used, what is missing and the size on disk; write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Refuse damaged and foreign files instead of leaving them out.
    #[arg(long)]
    strict: bool,
    /// Print the record (of a dry run the plan) as JSON.
    #[arg(long)]
    json: bool,
}

/// Longest list of days or files that is printed; records have all.
const MAX_LISTED: usize = 10;

pub(crate) fn run(args: &Args, display: Display) -> Result<(), Failure> {
    let mut config = read_config(&args.config)?;
    if let Some(output) = &args.output {
        config.output = std::path::absolute(output)?;
    }
    let folder = args.config.parent().unwrap_or(Path::new(""));
    let build = Build::new(config, folder).map_err(failure)?;
    if args.dry_run {
        let plan = build.plan().map_err(failure)?;
        return if args.json {
            print::json(&plan)
        } else {
            print_plan(&plan, build.cube())
        };
    }
    let strictness = if args.strict {
        Strictness::Refuse
    } else {
        Strictness::SkipAndReport
    };
    let mut bar = Bar {
        display,
        task: None,
        done: 0,
    };
    let outcome = build.run(strictness, &mut bar).map_err(failure)?;
    if let Some(task) = bar.task.take() {
        task.done(format!(
            "{} units written, {} as they were",
            outcome.n_written, outcome.n_unchanged
        ));
    }
    if args.json {
        print::json(&outcome.record)?;
    } else {
        print_record(&outcome.record, build.cube())?;
    }
    complete(&outcome)
}

/// Reads a configuration; unknown keys name the nearest known one.
fn read_config(path: &Path) -> Result<BuildConfig, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(format_args!("{}: cannot be read: {error}", path.display()))
    })?;
    toml::from_str(&text).map_err(|error| {
        Failure::usage(format_args!(
            "{}: {}",
            path.display(),
            explain(&text, &error)
        ))
    })
}

/// What the configuration is to blame for, and what the data are.
fn failure(error: CubeError) -> Failure {
    match error {
        CubeError::Config { .. } | CubeError::Grid(_) | CubeError::OtherCube { .. } => {
            Failure::usage(error)
        }
        other => Failure::Failed(other.into()),
    }
}

/// A cube that lacks what files were to give is there, but the exit code says so.
fn complete(outcome: &BuildOutcome) -> Result<(), Failure> {
    if outcome.is_complete() {
        return Ok(());
    }
    let n_unsettled = outcome.unsettled.len();
    let unsettled = match n_unsettled {
        0 => String::new(),
        n => format!("; {n} units have files that changed while they were read: build again"),
    };
    Err(Failure::incomplete(format_args!(
        "{} files could not be used in full (build.json has each with its reason; --strict refuses them){unsettled}",
        outcome.record.problems.len()
    )))
}

fn print_plan(plan: &BuildPlan, cube: &Path) -> Result<(), Failure> {
    print::text(format_args!(
        "{}: {} x {} cells from row {}, column {} of EASE-Grid 2.0 M01, {} days",
        cube.display(),
        plan.window.rows(),
        plan.window.cols(),
        plan.window.row0(),
        plan.window.col0(),
        plan.n_days
    ))?;
    print::text(format_args!(
        "{:<14} {:>6} {:>6} {:>6} {:>16}",
        "source", "units", "to do", "files", "units with gaps"
    ))?;
    let sources = [Source::Antecedent, Source::Static, Source::Stations];
    for source in Source::DAILY.into_iter().chain(sources) {
        let of = || plan.of(source);
        print::text(format_args!(
            "{:<14} {:>6} {:>6} {:>6} {:>16}",
            source.name(),
            of().count(),
            of().filter(|unit| unit.state == UnitState::ToDo).count(),
            of().map(|unit| unit.files.len()).sum::<usize>(),
            of().filter(|unit| !unit.missing.is_empty()).count()
        ))?;
    }
    for source in Source::DAILY.into_iter().chain([Source::Antecedent]) {
        print_missing(plan, source)?;
    }
    for problem in &plan.rejected {
        print::text(format_args!(
            "cannot be used: {}: {}",
            problem.path.display(),
            problem.reason
        ))?;
    }
    if !plan.superseded.is_empty() {
        print::text(format_args!(
            "{} files are there in a newer version too and are left out",
            plan.superseded.len()
        ))?;
    }
    print::text(format_args!(
        "about {:.1} GB on disk; nothing was written",
        plan.bytes_estimated as f64 / 1e9
    ))
}

/// The days on which files of a source are missing: all of them, or for half orbits perhaps none that ever was.
fn print_missing(plan: &BuildPlan, source: Source) -> Result<(), Failure> {
    let missing = plan.missing();
    let days: Vec<String> = missing
        .iter()
        .filter(|missing| missing.source == source)
        .filter_map(|missing| missing.day)
        .map(|day| day.to_string())
        .collect();
    if days.is_empty() {
        return Ok(());
    }
    let shown = days[..days.len().min(MAX_LISTED)].join(", ");
    let more = match days.len().saturating_sub(MAX_LISTED) {
        0 => String::new(),
        more => format!(" and {more} more (--json has all)"),
    };
    print::text(format_args!(
        "missing: {} on {} of {} days: {shown}{more}",
        source.name(),
        days.len(),
        plan.of(source).count()
    ))
}

fn print_record(record: &BuildRecord, cube: &Path) -> Result<(), Failure> {
    let [first, last] = record.days;
    print::text(format_args!(
        "{} days from {first} to {last}, {} x {} cells",
        record.n_days,
        record.window.rows(),
        record.window.cols()
    ))?;
    print::text(format_args!(
        "{:<28} {:>5} {:>9}",
        "variable", "days", "observed"
    ))?;
    for coverage in &record.coverage {
        print::text(format_args!(
            "{:<28} {:>5} {:>8.1}%",
            coverage.variable,
            coverage.days,
            100.0 * coverage.share
        ))?;
    }
    if let Some(stations) = &record.stations {
        print::text(format_args!(
            "stations: {} kept, {} observations",
            stations.kept, stations.observations
        ))?;
        for (reason, lost) in &stations.lost {
            print::text(format_args!("  lost: {reason}: {} stations", lost.stations))?;
        }
    }
    for problem in record.problems.iter().take(MAX_LISTED) {
        print::text(format_args!(
            "left out: {}: {}",
            problem.path.display(),
            problem.reason
        ))?;
    }
    if record.problems.len() > MAX_LISTED {
        print::text(format_args!(
            "left out: {} more, see build.json",
            record.problems.len() - MAX_LISTED
        ))?;
    }
    if !record.missing.is_empty() {
        print::text(format_args!(
            "missing: files of {} days and sources, see build.json",
            record.missing.len()
        ))?;
    }
    print::text(format_args!("wrote {}", cube.display()))
}

/// One bar over all units; its message names the unit at work.
struct Bar {
    display: Display,
    task: Option<Task>,
    done: u64,
}

impl BuildObserver for Bar {
    fn on_plan(&mut self, plan: &BuildPlan) {
        let to_do = plan.to_do().count() as u64;
        self.task = Some(self.display.task("build", to_do));
    }

    fn on_block(&mut self, unit: Unit, done: usize, total: usize) -> ControlFlow<()> {
        if let Some(task) = &mut self.task {
            task.at(self.done, format!("{unit}, block {done} of {total}"));
        }
        ControlFlow::Continue(())
    }

    fn on_unit(&mut self, unit: Unit, _outcome: UnitOutcome) -> ControlFlow<()> {
        self.done += 1;
        if let Some(task) = &mut self.task {
            task.at(self.done, unit.to_string());
        }
        ControlFlow::Continue(())
    }
}
