//! `vadose init`: a configuration file with every default.

use std::path::PathBuf;

use vadose::cube::BuildConfig;
use vadose::io::{IoError, write_atomically};
use vadose_study::study::StudyConfig;

use super::evaluate::EvaluateFile;
use super::simulate::SimulateFile;
use crate::config::RunConfig;
use crate::failure::Failure;
use crate::print;
use crate::progress::Display;

/// What stands above the defaults.
const HEADER: &str = "\
# Configuration of `vadose train`. Every key has the default shown; a key that is left out keeps it.
# Paths are relative to this file.
#
# data.cube           may be added: folder of a cube of `vadose build`, in place of granules and stations
# data.granules       SPL2SMAP_S granules (1 km)
# data.stations       CSV with the columns lon, lat, time, soil_moisture, and by choice station, network
# data.coarse_target  \"granule\": Z is the granule's own soil moisture, low-passed and averaged to 9 km; \"none\"
# channels            \"spl2smap_s\": the 13 channels that such a granule has; \"paper\"; \"context\", of a cube; or
#                     a list of names
# split.method        \"random_station\", or a table spatial_block, region or network
# train.early_stopping may be added: { patience_epochs = 30 }
";

/// What stands above the defaults of a simulation.
const SIMULATE_HEADER: &str = "\
# Configuration of `vadose simulate`. Every key has the default shown; a key that is left out keeps it.
#
# output                    new or empty folder, relative to this file
# simulation.hourly_truth   \"stations\" or \"everywhere\"
# simulation.faults         \"none\" or \"typical\": the faults of real archives, listed in faults.json
# simulation.region         rows and columns of EASE-Grid 2.0 M01, on multiples of 9
";

/// What stands above the defaults of a cube.
const BUILD_HEADER: &str = "\
# Configuration of `vadose build`. Every key has the default shown; a key that is left out keeps it.
# Paths are relative to this file.
#
# archives    folders that are searched for SPL2SMP_E, SPL2SMAP_S, SPL4SMGP and IMERG granules
# region      preset = small, conus-mid, conus-west or conus; or a table bbox or window
# periods     first and last day, and every how many days one is taken
# lead_days   of how many days before each day the precipitation is held, for sums that reach back
";

/// What stands above the defaults of an evaluation.
const EVALUATE_HEADER: &str = "\
# Configuration of `vadose evaluate`. Every key has the default shown; a key that is left out keeps it.
#
# map_day                    may be added: day of the maps
# evaluation.comparisons     methods that are judged on the rows that all of them have; empty for the usual three
# evaluation.challengers     methods that are tested against all others; empty for those of --model
# evaluation.pairs           pairs that are tested instead, challenger first
# scale.every                every how many-th of the days taken is compared by scale, with --truth
";

/// What stands above the defaults of a study.
const STUDY_HEADER: &str = "\
# Configuration of `vadose study`. Every key has the default shown; a key that is left out keeps it.
# Paths are relative to this file.
#
# truth              may be added: the simulated archive that the cube was built of
# trainings          one kind of training each, in the order in which they run; every one trains a network a seed
# trainings.alpha    weight of the coarse term: a number; a list of which validation stations choose one; or the
#                    name of a training before, whose alpha is taken
# trainings.coarse   \"analysis\"; for controls \"shuffled\" (that of another day) or \"truth\" (D of the true field)
";

/// The commands that read a configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Of {
    /// `vadose train`.
    Train,
    /// `vadose simulate`.
    Simulate,
    /// `vadose build`.
    Build,
    /// `vadose evaluate`.
    Evaluate,
    /// `vadose study`.
    Study,
}

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Command that will read it.
    #[arg(long, value_enum, default_value = "train")]
    of: Of,
    /// File to write; stdout if left out.
    #[arg(value_name = "CONFIG")]
    path: Option<PathBuf>,
    /// Overwrite a file that is there.
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &Args, display: Display) -> Result<(), Failure> {
    let (header, defaults) = match args.of {
        Of::Train => (HEADER, RunConfig::default().to_toml()?),
        Of::Simulate => (SIMULATE_HEADER, SimulateFile::default().to_toml()?),
        Of::Build => (
            BUILD_HEADER,
            toml::to_string_pretty(&BuildConfig::default())?,
        ),
        Of::Evaluate => (EVALUATE_HEADER, EvaluateFile::default().to_toml()?),
        Of::Study => (
            STUDY_HEADER,
            toml::to_string_pretty(&StudyConfig::default())?,
        ),
    };
    let text = format!("{header}\n{defaults}");
    let Some(path) = &args.path else {
        return print::text(text.trim_end());
    };
    if path.exists() && !args.force {
        return Err(Failure::usage(format_args!(
            "{} exists; --force overwrites it",
            path.display()
        )));
    }
    write_atomically(path, |temporary| {
        std::fs::write(temporary, &text).map_err(|source| IoError::File {
            action: "write",
            path: temporary.to_owned(),
            source,
        })
    })?;
    display.note(format_args!("wrote {}", path.display()));
    Ok(())
}
