//! `vadose inspect`: what granules, station archives and rasters hold.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use vadose::io::ismn::{self, ArchiveInspection};
use vadose::io::raster::Raster;
use vadose::io::{Inspection, IoError, inspect};

use crate::failure::Failure;
use crate::print;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// SMAP granules, station archives of ISMN (folder, zip or .stm), rasters.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print JSON: one object for one file, a list for several.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    if let [file] = args.files.as_slice() {
        let inspection = Inspected::of(file)?;
        return if args.json {
            print::json(&inspection)
        } else {
            print::text(format_args!("{}: {inspection}", file.display()))
        };
    }
    // One bad file does not hide what the others hold.
    let (mut good, mut n_bad) = (Vec::new(), 0);
    for file in &args.files {
        match Inspected::of(file) {
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

/// What a file holds.
#[derive(Serialize)]
#[serde(untagged)]
enum Inspected {
    Granule(Inspection),
    Stations(ArchiveInspection),
    Raster(RasterInspection),
}

/// The header of a raster; no pixel is read.
#[derive(Serialize)]
struct RasterInspection {
    rows: usize,
    cols: usize,
    bands: usize,
    pixel_type: String,
    crs: Option<String>,
    geotransform: [f64; 6],
    nodata: Option<f64>,
    scale: f64,
    offset: f64,
}

impl Inspected {
    fn of(file: &Path) -> Result<Self, IoError> {
        let ending = file.extension().unwrap_or_default().to_ascii_lowercase();
        if file.is_dir() || ending == "zip" || ending == "stm" {
            return ismn::inspect(file).map(Self::Stations);
        }
        inspect(file)
            .map(Self::Granule)
            .or_else(|error| match &error {
                // Where neither reads it, the granule reader's word tells more.
                IoError::NotHdf5 { .. } => {
                    let raster = Raster::open(file).map_err(|_| error)?;
                    Ok(Self::Raster(RasterInspection::of(&raster)))
                }
                _ => Err(error),
            })
    }
}

impl RasterInspection {
    fn of(raster: &Raster) -> Self {
        let (rows, cols) = raster.shape();
        let (scale, offset) = raster.scale_and_offset();
        Self {
            rows,
            cols,
            bands: raster.n_bands(),
            pixel_type: raster.pixel_type(),
            crs: raster.crs().map(ToString::to_string),
            geotransform: raster.geotransform(),
            nodata: raster.nodata(),
            scale,
            offset,
        }
    }
}

impl fmt::Display for Inspected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Granule(inspection) => inspection.fmt(f),
            Self::Stations(inspection) => f.write_str(inspection.to_string().trim_end()),
            Self::Raster(inspection) => inspection.fmt(f),
        }
    }
}

impl fmt::Display for RasterInspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [west, width, _, north, _, height] = self.geotransform;
        writeln!(
            f,
            "raster, {} rows x {} columns, {} bands of {}",
            self.rows, self.cols, self.bands, self.pixel_type
        )?;
        writeln!(f, "  upper left {west}, {north}; pixel {width} x {height}")?;
        let crs = self.crs.as_deref().map_or("none", name_of_wkt);
        writeln!(f, "  coordinate reference system: {crs}")?;
        let nodata = self.nodata.map_or("none".to_owned(), |n| n.to_string());
        write!(
            f,
            "  nodata {nodata}; value = raw x {} + {}",
            self.scale, self.offset
        )
    }
}

/// `PROJCS["WGS 84 / UTM zone 13N",…` as its name alone; JSON has it in full.
fn name_of_wkt(definition: &str) -> &str {
    definition.split('"').nth(1).unwrap_or(definition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_system_is_named_by_its_wkt_or_told_as_it_is() {
        assert_eq!(name_of_wkt(r#"GEOGCS["WGS 84",DATUM["W"]]"#), "WGS 84");
        assert_eq!(name_of_wkt("+proj=sinu"), "+proj=sinu");
    }
}
