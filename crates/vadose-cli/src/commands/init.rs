//! `vadose init`: a configuration file with every default.

use std::path::PathBuf;

use vadose::io::{IoError, write_atomically};

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

#[derive(clap::Args)]
pub(crate) struct Args {
    /// File to write; stdout if left out.
    #[arg(value_name = "CONFIG")]
    path: Option<PathBuf>,
    /// Overwrite a file that is there.
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &Args, display: Display) -> Result<(), Failure> {
    let text = format!("{HEADER}\n{}", RunConfig::default().to_toml()?);
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
