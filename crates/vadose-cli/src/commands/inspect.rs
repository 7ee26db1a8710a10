//! `vadose inspect`: what granules hold.

use std::path::PathBuf;

use vadose::io::inspect;

use crate::failure::Failure;
use crate::print;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Granules.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print JSON: one object for one file, a list for several.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let inspections = args
        .files
        .iter()
        .map(inspect)
        .collect::<Result<Vec<_>, _>>()?;
    match (args.json, inspections.as_slice()) {
        (true, [only]) => print::json(only),
        (true, several) => print::json(&several),
        (false, several) => args
            .files
            .iter()
            .zip(several)
            .try_for_each(|(file, inspection)| {
                print::text(format_args!("{}: {inspection}", file.display()))
            }),
    }
}
