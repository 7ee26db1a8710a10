//! `vadose sca`: physical retrieval beside the product's own.

use std::path::PathBuf;

use vadose_study::StudyError;
use vadose_study::sca::{Ancillary, compare};

use crate::failure::Failure;
use crate::print;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// An SPL2SMP, SPL2SMP_E or SPL2SMAP_S granule.
    file: PathBuf,
    /// Clay fraction (0 to 1) everywhere, for a product that has none.
    #[arg(long, value_name = "FRACTION")]
    clay_fraction: Option<f64>,
    /// Dry bulk density everywhere, g cm-3, for a product that has none.
    #[arg(long, value_name = "G_PER_CM3")]
    bulk_density: Option<f64>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let ancillary = Ancillary {
        clay_fraction: args.clay_fraction,
        bulk_density_g_cm3: args.bulk_density,
    };
    let agreements = compare(&args.file, &ancillary).map_err(|error| match error {
        StudyError::MissingAncillary { .. }
        | StudyError::NeedlessAncillary { .. }
        | StudyError::AncillaryOutOfRange { .. } => Failure::Usage(error.into()),
        _ => Failure::Failed(error.into()),
    })?;
    if args.json {
        for a in agreements.iter().filter(|a| a.not_retrieved > 0) {
            print::note(format_args!(
                "{}: {} cells of the product not retrieved",
                a.algorithm, a.not_retrieved
            ));
        }
        return print::json(&agreements);
    }
    print::text(
        "algorithm      n       bias       rmsd   max diff   not retrieved   (m3 m-3, ours minus product)",
    )?;
    agreements.iter().try_for_each(|a| {
        print::text(format_args!(
            "{:<9} {:>6} {:>+10.2e} {:>10.2e} {:>10.2e} {:>15}",
            a.algorithm, a.n, a.bias, a.rmsd, a.max_abs_diff, a.not_retrieved
        ))
    })
}
