//! `vadose report`: the page of an evaluation, in one HTML file.

use std::path::PathBuf;

use vadose_study::report::write_report;

use crate::failure::Failure;
use crate::print;
use crate::progress::Display;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of an evaluation, with its evaluation.json.
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// The page; by default report.html in that folder.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print what the page holds, and what the folder lacks, as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, display: Display) -> Result<(), Failure> {
    let output = match &args.output {
        Some(file) => file.clone(),
        None => args.run.join("report.html"),
    };
    let summary = write_report(&args.run, &output)?;
    for file in &summary.absent {
        display.note(format_args!("not there: {file}"));
    }
    if args.json {
        print::json(&summary)?;
    } else {
        print::text(format_args!(
            "wrote {}, {} figures",
            summary.report.display(),
            summary.figures
        ))?;
    }
    match &summary.unusable[..] {
        [] => Ok(()),
        unusable => Err(Failure::incomplete(format_args!(
            "the page lacks what these files hold: {}",
            unusable.join("; ")
        ))),
    }
}
