//! `vadose validate`: any SMAP soil moisture product against stations, without training anything.

use std::path::PathBuf;

use clap::ValueEnum;
use vadose::io::Product;
use vadose::io::ismn::{FlagPolicy, SURFACE_LAYER_M, SkippedFile};
use vadose_study::StudyError;
use vadose_study::validate::{Matching, QualityPolicy, ValidateConfig, validate};

use crate::failure::Failure;
use crate::print;
use crate::progress::Display;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Granules of SPL2SMP, SPL2SMP_E, SPL2SMAP_S, SPL3SMP, SPL3SMP_E or SPL4SMGP, or folders with them.
    #[arg(required = true, value_name = "GRANULES")]
    granules: Vec<PathBuf>,
    /// Station archives of ISMN (folder, zip or .stm) or tables (.csv: lon,lat,time,soil_moisture).
    #[arg(long, required = true, num_args = 1.., value_name = "ISMN")]
    stations: Vec<PathBuf>,
    /// The product, where the granules are of several, e.g. SPL2SMP_E.
    #[arg(long, value_name = "NAME", value_parser = product)]
    product: Option<Product>,
    /// The soil moisture to validate, e.g. soil_moisture_option1; by default the product's own.
    #[arg(long, value_name = "NAME")]
    field: Option<String>,
    /// Which values of the product count.
    #[arg(long, value_enum, default_value_t = Quality::Recommended)]
    quality: Quality,
    /// Greatest distance in time between product and station, hours.
    #[arg(long, value_name = "HOURS", default_value_t = 1.5)]
    window_hours: f64,
    /// Compare means over UTC days instead of the nearest values.
    #[arg(long, conflicts_with = "window_hours")]
    daily_mean: bool,
    /// Which quality flags a station's value may carry.
    #[arg(long, value_enum, default_value_t = Flags::Good)]
    flags: Flags,
    /// Lower end of the deepest layer that counts as surface, m.
    #[arg(long, value_name = "METRES", default_value_t = SURFACE_LAYER_M[1])]
    max_depth: f64,
    /// Stations with fewer samples are listed, but left out of the summary.
    #[arg(long, value_name = "N", default_value_t = 10)]
    min_samples: usize,
    /// Folder for stations.csv, samples.csv, summary.json and scatter.png.
    #[arg(long, short, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Refuse damaged granules and station files instead of leaving them out.
    #[arg(long)]
    strict: bool,
    /// Print the summary as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Quality {
    /// Of recommended quality only.
    Recommended,
    /// All within the valid range.
    All,
}

#[derive(Clone, Copy, ValueEnum)]
enum Flags {
    /// `G` only.
    Good,
    /// `G`, and `U` of old files.
    GoodOrUnchecked,
}

pub(crate) fn run(args: &Args, display: Display) -> Result<(), Failure> {
    let mut bar = None;
    let validation = validate(
        &args.granules,
        &args.stations,
        &config(args),
        |done, total| {
            bar.get_or_insert_with(|| display.task("granules", total as u64))
                .at(done as u64, "");
        },
    );
    if let Some(task) = bar {
        task.done("");
    }
    let validation = validation.map_err(failure)?;
    let summary = &validation.summary;
    let skipped = [&summary.skipped_granules, &summary.skipped_station_files];
    for SkippedFile { path, reason } in skipped.into_iter().flatten() {
        display.note(format_args!("skipped: {path}: {reason}"));
    }
    let n_skipped: usize = skipped.into_iter().map(Vec::len).sum();
    if let (true, Some(SkippedFile { path, reason })) =
        (args.strict, skipped.into_iter().flatten().next())
    {
        return Err(Failure::failed(format_args!(
            "--strict: {n_skipped} files cannot be used, and nothing was written; the first, {path}: {reason}"
        )));
    }
    if let Some(folder) = &args.output {
        validation.write(folder)?;
        display.note(format_args!("wrote {}", folder.display()));
    }
    if n_skipped > 0 {
        display.note(format_args!(
            "note: {n_skipped} files were skipped; --strict refuses them"
        ));
    }
    if args.json {
        print::json(summary)
    } else {
        print::text(format_args!("{}", summary.to_string().trim_end()))
    }
}

fn config(args: &Args) -> ValidateConfig {
    ValidateConfig {
        product: args.product,
        field: args.field.clone(),
        quality: match args.quality {
            Quality::Recommended => QualityPolicy::Recommended,
            Quality::All => QualityPolicy::All,
        },
        matching: match args.daily_mean {
            true => Matching::DailyMean,
            false => Matching::Nearest {
                window_hours: args.window_hours,
            },
        },
        flags: match args.flags {
            Flags::Good => FlagPolicy::Good,
            Flags::GoodOrUnchecked => FlagPolicy::GoodOrUnchecked,
        },
        max_depth_m: args.max_depth,
        min_samples: args.min_samples,
        ..ValidateConfig::default()
    }
}

/// A product by its short name, in upper or lower case.
fn product(name: &str) -> Result<Product, String> {
    let named = |product: &Product| product.short_name().eq_ignore_ascii_case(name);
    Product::ALL.into_iter().find(named).ok_or_else(|| {
        let known = Product::ALL.map(Product::short_name);
        format!("the products are {}", known.join(", "))
    })
}

/// What the arguments are to blame for, and what the data are; with a way out where there is one.
fn failure(error: StudyError) -> Failure {
    match error {
        StudyError::ConfigOutOfRange { .. } | StudyError::NoSuchField { .. } => {
            Failure::usage(error)
        }
        StudyError::SeveralProducts { .. } => {
            Failure::usage(format_args!("{error} with --product"))
        }
        StudyError::NoPairs { flagged, .. } if flagged > 0 => Failure::failed(format_args!(
            "{error}; unchecked values count with --flags good-or-unchecked"
        )),
        _ => error.into(),
    }
}
