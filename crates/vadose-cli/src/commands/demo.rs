//! `vadose demo`: the whole chain on the bundled granule.

use std::path::PathBuf;

use anyhow::Context;
use vadose_study::demo::{self, DemoConfig, DemoSummary};

use crate::failure::Failure;
use crate::print;
use crate::progress::{Display, Phases};

/// The granule that the program carries: NASA/NSIDC SPL2SMAP_S version 3, openly shared.
const GRANULE: &[u8] = include_bytes!(
    "../../../../tests/data/smap/SMAP_L2_SM_SP_1AIWDV_20150410T054151_20150410T052055_010E36N_R17000_001.h5"
);
const GRANULE_NAME: &str =
    "SMAP_L2_SM_SP_1AIWDV_20150410T054151_20150410T052055_010E36N_R17000_001.h5";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of everything that is written.
    #[arg(long, short, default_value = "out/demo", value_name = "FOLDER")]
    output: PathBuf,
    /// Another SPL2SMAP_S granule than the bundled one.
    #[arg(long, value_name = "FILE")]
    granule: Option<PathBuf>,
    /// Seed of pseudo-stations and training.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Passes over the granule's tiles; fewer for a quick look.
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// Print the summary as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, display: Display) -> Result<(), Failure> {
    display.note(demo::DISCLAIMER);
    let mut config = DemoConfig {
        seed: args.seed,
        ..DemoConfig::default()
    };
    if let Some(epochs) = args.epochs {
        config.train.epochs = epochs;
    }
    config.train.validate().map_err(Failure::usage)?;
    let unpacked =
        tempfile::tempdir().context("cannot make a temporary folder for the bundled granule")?;
    let granule = match &args.granule {
        Some(path) => path.clone(),
        None => {
            let path = unpacked.path().join(GRANULE_NAME);
            std::fs::write(&path, GRANULE).context("cannot unpack the bundled granule")?;
            path
        }
    };
    let mut observer = Phases::new(display);
    let summary = demo::run(&config, &granule, &args.output, &mut observer)?;
    observer.finish();
    if args.json {
        return print::json(&summary);
    }
    show(&summary)?;
    display.note(format_args!("wrote {}", args.output.display()));
    Ok(())
}

fn show(summary: &DemoSummary) -> Result<(), Failure> {
    let tables = [
        ("withheld recommended cells", &summary.skill.withheld_cells),
        (
            "of these, in 9 km cells without a pseudo-station",
            &summary.skill.withheld_m09_cells,
        ),
    ];
    for (title, table) in tables {
        print::text(format_args!("{title} (n = {})", table.network.n))?;
        print::text("  method              ubRMSE     RMSE      bias        R   (m3 m-3)")?;
        for (name, skill) in table.methods() {
            let figure =
                |figure: Option<f64>| figure.map_or("–".to_owned(), |f| format!("{f:.4}"));
            print::text(format_args!(
                "  {name:<18} {:>7}  {:>7}  {:>8}  {:>7}",
                figure(skill.ubrmse),
                figure(skill.rmse),
                figure(skill.bias),
                figure(skill.r)
            ))?;
        }
    }
    let seconds: f64 = summary.phases.iter().map(|phase| phase.seconds).sum();
    let memory = summary
        .peak_memory_bytes
        .map_or(String::new(), |b| format!(", {} MB of memory", b >> 20));
    print::text(format_args!(
        "{} steps; {seconds:.0} s in all{memory}",
        summary.steps
    ))?;
    print::text(format_args!("Note: {}", summary.note))
}
