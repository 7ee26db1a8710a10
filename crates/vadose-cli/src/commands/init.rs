//! `vadose init`: a configuration file with every default.

use std::path::PathBuf;

use vadose::io::{IoError, write_atomically};

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
# data.granules       SPL2SMAP_S granules (1 km)
# data.stations       CSV with the columns lon, lat, time, soil_moisture, and by choice station, network
# data.coarse_target  \"granule\": Z is the granule's own soil moisture, low-passed and averaged to 9 km; \"none\"
# channels            \"spl2smap_s\": the 13 channels that such a granule has; \"paper\"; or a list of names
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

/// The commands that read a configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Of {
    /// `vadose train`.
    Train,
    /// `vadose simulate`.
    Simulate,
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
