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
    if let [file] = args.files.as_slice() {
        let inspection = inspect(file)?;
        return if args.json {
            print::json(&inspection)
        } else {
            print::text(format_args!("{}: {inspection}", file.display()))
        };
    }
    // One bad file does not hide what the others hold.
    let (mut good, mut n_bad) = (Vec::new(), 0);
    for file in &args.files {
        match inspect(file) {
            Ok(inspection) => good.push((file, inspection)),
            Err(error) => {
                n_bad += 1;
                let _ = Failure::from(error).report();
            }
        }
    }
    if args.json {
        print::json(
            &good
                .iter()
                .map(|(_, inspection)| inspection)
                .collect::<Vec<_>>(),
        )?;
    } else {
        good.iter().try_for_each(|(file, inspection)| {
            print::text(format_args!("{}: {inspection}", file.display()))
        })?;
    }
    if n_bad > 0 {
        return Err(Failure::failed(format_args!(
            "{n_bad} of {} files cannot be read",
            args.files.len()
        )));
    }
    Ok(())
}
