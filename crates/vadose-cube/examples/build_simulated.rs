//! Builds the cube of an archive that `vadose simulate --preset small` wrote: June 2017.
//!
//! `cargo run --release -p vadose-cube --example build_simulated -- ARCHIVE CUBE`

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use vadose_cube::{
    Build, BuildConfig, BuildObserver, Cube, CubeScenes, LandCoverConvention, LandCoverRaster,
    Period, QuantityRaster, QuantityResampling, RasterConfig, Region, RegionPreset, StationsConfig,
    Strictness, Unit, UnitOutcome,
};
use vadose_scene::SceneSource;

/// Prints a line for each unit.
struct Lines;

impl BuildObserver for Lines {
    fn on_unit(&mut self, unit: Unit, outcome: UnitOutcome) -> ControlFlow<()> {
        println!("{unit}: {outcome:?}");
        ControlFlow::Continue(())
    }
}

fn quantity(path: &str, scale: f64) -> Option<QuantityRaster> {
    Some(QuantityRaster {
        path: path.into(),
        scale,
        resampling: QuantityResampling::AreaMean,
        crs: None,
        nodata: None,
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(archive), Some(cube)) = (arguments.next(), arguments.next()) else {
        return Err("usage: build_simulated ARCHIVE CUBE".into());
    };
    let config = BuildConfig {
        output: std::path::absolute(&cube)?,
        archives: vec!["smap".into(), "imerg".into()],
        region: Region::Preset(RegionPreset::Small),
        periods: vec![Period {
            first: "2017-06-01".parse()?,
            last: "2017-06-30".parse()?,
            every: 1,
        }],
        rasters: RasterConfig {
            clay_fraction: quantity("ancillary/clay_0-5cm_mean.tif", 0.001),
            bulk_density: quantity("ancillary/bdod_0-5cm_mean.tif", 0.01),
            land_cover: Some(LandCoverRaster {
                path: "ancillary/mcd12q1_lc_type1.tif".into(),
                convention: LandCoverConvention::Mcd12q1V6,
                crs: None,
            }),
            elevation: quantity("ancillary/srtm_elevation.tif", 1.0),
        },
        stations: StationsConfig {
            archives: vec![
                "ismn/Data_separate_files_header_20170601_20170630".into(),
                "ismn/Data_separate_files_20170601_20170630.zip".into(),
            ],
            ..StationsConfig::default()
        },
        ..BuildConfig::default()
    };
    let start = Instant::now();
    let outcome = Build::new(config, &archive)?.run(Strictness::SkipAndReport, &mut Lines)?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{} units in {seconds:.1} s", outcome.n_written);
    for one in &outcome.record.coverage {
        println!("{:30} {:3} days {:.3}", one.variable, one.days, one.share);
    }
    for problem in &outcome.record.problems {
        println!("{}: {}", problem.path.display(), problem.reason);
    }
    let missing: usize = outcome
        .record
        .missing
        .iter()
        .map(|one| one.files.len())
        .sum();
    println!(
        "{missing} files are not there; stations {:?}",
        outcome.record.stations
    );

    let cube = Arc::new(Cube::open(&cube)?);
    let days: Vec<usize> = (0..cube.days().len()).collect();
    let start = Instant::now();
    let tiles = CubeScenes::new(cube, 256, 32, &days)?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{} tile-days in {seconds:.1} s, {} left out",
        tiles.len(),
        tiles.n_left_out()
    );
    let start = Instant::now();
    for index in 0..tiles.len() {
        tiles.scene(index)?;
    }
    println!("read in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
