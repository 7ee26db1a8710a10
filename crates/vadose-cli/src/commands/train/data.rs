//! Granules and a station table become scenes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use vadose::io::{Resolution, StationRow, StationTable, spl2smap_s};
use vadose::retrieve::coarse_average;
use vadose::scene::{
    InMemoryScenes, Scene, StationCell, StationSite, average_by_cell, station_sites,
};

use super::record::SceneRecord;
use crate::config::{CoarseTargetChoice, RunConfig};
use crate::failure::Failure;
use crate::progress::Display;

/// Scenes, and what is to be said of each.
pub(super) struct Scenes {
    pub(super) scenes: Vec<Scene>,
    pub(super) records: Vec<SceneRecord>,
}

/// The granules as scenes, each with the stations that report near its overpass in cells that can be predicted.
pub(super) fn read_scenes(
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
pub(super) fn sites(
    source: &InMemoryScenes,
    stations: &StationTable,
) -> Result<Vec<StationSite>, Failure> {
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
pub(super) fn unmatched_stations(stations: &StationTable, records: &[SceneRecord]) -> Vec<String> {
    let met: BTreeSet<&String> = records
        .iter()
        .flat_map(|scene| scene.stations.iter().chain(&scene.stations_not_predictable))
        .collect();
    let all: BTreeSet<String> = stations.rows.iter().map(StationRow::id).collect();
    all.into_iter()
        .filter(|station| !met.contains(station))
        .collect()
}
