//! What is trained on: a cube, or granules and a station table, as scenes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::SignedDuration;
use vadose::cube::{Cube, CubeScenes, StationScenes};
use vadose::io::{Resolution, StationRow, StationTable, read_station_csv, spl2smap_s};
use vadose::retrieve::coarse_average;
use vadose::scene::{
    COARSE_FACTOR, InMemoryScenes, Scene, SceneSource, StationCell, StationSite, average_by_cell,
    station_sites,
};

use super::record::{CubeRecord, DataRecord, GranulesRecord, SceneRecord};
use crate::config::{CoarseTargetChoice, RunConfig};
use crate::failure::Failure;
use crate::progress::Display;

/// What is trained on, and what is to be said of it.
pub(super) struct Data {
    pub(super) source: Box<dyn SceneSource>,
    /// The same stations and days, for the leak report: of a cube without its maps.
    pub(super) stations: Box<dyn SceneSource>,
    /// Where the stations stand.
    pub(super) sites: Vec<StationSite>,
    /// Files that the run depends on.
    pub(super) inputs: Vec<PathBuf>,
    pub(super) record: DataRecord,
}

/// Opens what the configuration names.
pub(super) fn open(config: &RunConfig, display: Display) -> Result<Data, Failure> {
    match &config.data.cube {
        Some(cube) => open_cube(config, &config.resolve(cube), display),
        None => open_granules(config, display),
    }
}

fn open_cube(config: &RunConfig, path: &Path, display: Display) -> Result<Data, Failure> {
    let cube = Arc::new(Cube::open(path)?);
    let sites: Vec<StationSite> = cube.sites().cloned().collect();
    if sites.is_empty() {
        return Err(Failure::failed(format_args!(
            "{}: the cube holds no station",
            path.display()
        )));
    }
    // Whole 9 km cells, so that one tile holds a scene: 252 of 256 cells.
    let size = config.train.tile_size / COARSE_FACTOR * COARSE_FACTOR;
    let days: Vec<usize> = (0..cube.days().len()).collect();
    let scenes =
        CubeScenes::new(Arc::clone(&cube), size, 0, &days)?.with_channels(&config.channel_set()?);
    display.note(format_args!(
        "{}: {} tile-days, {} without brightness temperature left out",
        path.display(),
        scenes.len(),
        scenes.n_left_out()
    ));
    let record = CubeRecord {
        cube: path.to_owned(),
        days: days.len(),
        tile_days: scenes.len(),
        tile_days_left_out: scenes.n_left_out(),
    };
    Ok(Data {
        source: Box::new(scenes),
        stations: Box::new(StationScenes::new(cube)),
        sites,
        inputs: vec![path.join("build.json")],
        record: DataRecord::Cube(record),
    })
}

fn open_granules(config: &RunConfig, display: Display) -> Result<Data, Failure> {
    let station_file = config.resolve(&config.data.stations);
    let stations = read_station_csv(&station_file)?;
    let rejected: Vec<String> = stations
        .rejected
        .iter()
        .map(|row| format!("line {}: {}", row.line, row.reason))
        .collect();
    for row in &rejected {
        display.note(format_args!("{}: {row}", station_file.display()));
    }
    let Scenes { scenes, records } = read_scenes(config, &stations, display)?;
    let unmatched = unmatched_stations(&stations, &records);
    let n_not_predictable: usize = records
        .iter()
        .map(|scene| scene.stations_not_predictable.len())
        .sum();
    if n_not_predictable + unmatched.len() > 0 {
        display.note(format_args!(
            "stations left out: {} report near no overpass inside a granule, {n_not_predictable} lie in cells that \
             cannot be predicted (run.json names them)",
            unmatched.len()
        ));
    }
    let source = InMemoryScenes::from(scenes);
    let sites = sites(&source, &stations)?;
    if sites.is_empty() {
        return Err(Failure::failed(format_args!(
            "{}: no station reports within {} h of an overpass in a cell that can be predicted",
            station_file.display(),
            config.data.station_window_hours
        )));
    }
    let granules = config.data.granules.iter();
    let granules = granules.map(|granule| config.resolve(granule));
    Ok(Data {
        stations: Box::new(source.clone()),
        source: Box::new(source),
        sites,
        inputs: granules.chain([station_file]).collect(),
        record: DataRecord::Granules(GranulesRecord {
            scenes: records,
            rejected_station_rows: rejected,
            stations_without_granule: unmatched,
        }),
    })
}

/// Scenes, and what is to be said of each.
struct Scenes {
    scenes: Vec<Scene>,
    records: Vec<SceneRecord>,
}

/// The granules as scenes, each with the stations that report near its overpass in cells that can be predicted.
fn read_scenes(
    config: &RunConfig,
    stations: &StationTable,
    display: Display,
) -> Result<Scenes, Failure> {
    let tolerance = SignedDuration::try_from_secs_f64(config.data.station_window_hours * 3600.0)
        .map_err(|_| Failure::usage("data.station_window_hours is no length of time"))?;
    let mut task = display.task("read", config.data.granules.len() as u64);
    let mut read = Scenes {
        scenes: Vec::new(),
        records: Vec::new(),
    };
    for (done, path) in config.data.granules.iter().enumerate() {
        task.at(
            done as u64,
            path.file_name().unwrap_or_default().to_string_lossy(),
        );
        let granule = spl2smap_s::read(config.resolve(path), Resolution::Km1)?;
        let soil_moisture = &granule.require_soil_moisture()?.values;
        let mut scene = granule.to_scene()?;
        let near = match scene.time() {
            Some(time) => {
                average_by_cell(&stations.observations_near(time, tolerance, scene.window()))?
            }
            None => Vec::new(),
        };
        let predictable = |station: &StationCell| {
            scene
                .window()
                .offset_of(station.cell)
                .is_some_and(|at| scene.predictable()[at])
        };
        let (used, unused): (Vec<_>, Vec<_>) = near.into_iter().partition(predictable);
        let names = |cells: &[StationCell]| {
            cells
                .iter()
                .flat_map(|cell| cell.stations.clone())
                .collect()
        };
        read.records.push(SceneRecord {
            granule: scene.id().to_owned(),
            stations: names(&used),
            stations_not_predictable: names(&unused),
        });
        scene = scene.with_stations(used)?;
        if config.data.coarse_target == CoarseTargetChoice::Granule {
            let target = coarse_average(scene.window(), soil_moisture.view())?;
            scene = scene.with_coarse_target(target)?;
        }
        read.scenes.push(scene);
    }
    task.done(format!("{} granules", read.scenes.len()));
    Ok(read)
}

/// Where the stations of the scenes stand, and to which network they belong, as the table says.
fn sites(source: &InMemoryScenes, stations: &StationTable) -> Result<Vec<StationSite>, Failure> {
    let rows: BTreeMap<String, &StationRow> =
        stations.rows.iter().map(|row| (row.id(), row)).collect();
    let mut sites = station_sites(source)?;
    for site in &mut sites {
        if let Some(row) = rows.get(&site.station) {
            site.network = row.network.clone();
            site.location = row.position;
        }
    }
    Ok(sites)
}

/// Stations of the table that report near no overpass inside a granule.
fn unmatched_stations(stations: &StationTable, records: &[SceneRecord]) -> Vec<String> {
    let met: BTreeSet<&String> = records
        .iter()
        .flat_map(|scene| scene.stations.iter().chain(&scene.stations_not_predictable))
        .collect();
    let all: BTreeSet<String> = stations.rows.iter().map(StationRow::id).collect();
    all.into_iter()
        .filter(|station| !met.contains(station))
        .collect()
}
