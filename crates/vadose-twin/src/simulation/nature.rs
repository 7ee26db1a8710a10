//! The nature run of a season: tile by tile to the truth, and hour by hour at the stations.

use std::ops::Range;
use std::sync::Mutex;

use ndarray::{Array3, Axis};
use rayon::prelude::*;
use vadose_grid::Window;

use super::truth::{CHUNK_CELLS, CHUNK_HOURS, OVERPASS_LOCAL_HOUR, Truth};
use super::{Phase, Progress, ShowProgress, Simulation};
use crate::TwinError;
use crate::nature_run::{Hydraulics, utc_hours_of_local};
use crate::period::Season;
use crate::stations::Site;
use crate::weather::{Level, RainView};

/// The truth at the stations in one season.
#[derive(Debug, Clone)]
pub(super) struct SeasonSeries {
    /// Hours since 1970-01-01T00Z.
    pub(super) hours: Range<i64>,
    /// In the order of the simulation's sites.
    pub(super) stations: Vec<StationTruth>,
}

impl SeasonSeries {
    pub(super) fn n_hours(&self) -> usize {
        (self.hours.end - self.hours.start) as usize
    }
}

/// The truth at one station, hour by hour.
#[derive(Debug, Clone)]
pub(super) struct StationTruth {
    pub(super) site: Site,
    pub(super) soil: Hydraulics,
    pub(super) clay_fraction: f32,
    pub(super) sand_fraction: f32,
    pub(super) moisture_m3m3: Vec<f32>,
    pub(super) soil_5cm_kelvin: Vec<f32>,
    pub(super) soil_20cm_kelvin: Vec<f32>,
}

/// A station and where in its tile it stands, `(row, col)`.
type PlacedStation = (StationTruth, (usize, usize));

/// Runs one season.
pub(super) fn run(
    simulation: &Simulation,
    season_idx: usize,
    season: Season,
    truth: &Truth,
    show: &mut ShowProgress<'_>,
) -> Result<SeasonSeries, TwinError> {
    let tiles = tiles(simulation.window())?;
    let total = tiles.len() as u64;
    let progress = Mutex::new((0, show));
    let parts = tiles
        .into_par_iter()
        .map(|tile| {
            let tile = Tile {
                simulation,
                season_idx,
                season,
                window: tile,
                truth,
            };
            let part = tile.run()?;
            let mut progress = progress.lock().expect("showing progress does not panic");
            progress.0 += 1;
            let (done, year) = (progress.0, season.first.year());
            (progress.1)(Progress {
                phase: Phase::Nature,
                year,
                done,
                total,
            });
            Ok(part)
        })
        .collect::<Result<Vec<_>, TwinError>>()?;
    let mut stations: Vec<_> = parts.into_iter().flatten().collect();
    stations.sort_by(|a, b| (a.site.cell, &a.site.name).cmp(&(b.site.cell, &b.site.name)));
    Ok(SeasonSeries {
        hours: season.hours(),
        stations,
    })
}

/// The window cut into chunks of the truth.
fn tiles(window: &Window) -> Result<Vec<Window>, TwinError> {
    let mut tiles = Vec::new();
    for row in (0..window.rows()).step_by(CHUNK_CELLS) {
        for col in (0..window.cols()).step_by(CHUNK_CELLS) {
            let tile = Window::new(
                window.grid(),
                window.row0() + row,
                window.col0() + col,
                CHUNK_CELLS.min(window.rows() - row),
                CHUNK_CELLS.min(window.cols() - col),
            );
            tiles.push(tile.map_err(TwinError::Place)?);
        }
    }
    Ok(tiles)
}

/// One tile on its way through a season.
struct Tile<'a> {
    simulation: &'a Simulation,
    season_idx: usize,
    season: Season,
    window: Window,
    truth: &'a Truth,
}

impl Tile<'_> {
    fn run(self) -> Result<Vec<StationTruth>, TwinError> {
        let Simulation {
            landscape,
            nature,
            weather,
            ..
        } = self.simulation;
        let layers = landscape.layers(&self.window)?;
        let (rows, cols) = self.window.shape();
        let place = (
            self.window.row0() - self.simulation.window().row0(),
            self.window.col0() - self.simulation.window().col0(),
        );
        let n_days = usize::from(self.season.days);
        let mut days = Array3::from_elem((n_days, rows, cols), f32::NAN);
        let utc_hours = utc_hours_of_local(&self.window, OVERPASS_LOCAL_HOUR)?;
        let n_hours = if self.truth.is_hourly() {
            CHUNK_HOURS
        } else {
            0
        };
        let mut hours = Array3::from_elem((n_hours, rows, cols), f32::NAN);
        let mut stations = self.stations(&layers)?;
        let mut failure = None;

        let period = self.season.hours();
        nature.run(&layers, weather, &RainView::Truth, period.clone(), |hour| {
            let ends_at = hour.hour + 1 - period.start;
            for (col, &utc_hour) in utc_hours.iter().enumerate() {
                let since = ends_at - utc_hour;
                let day = usize::try_from(since.div_euclid(24)).unwrap_or(n_days);
                if since.rem_euclid(24) == 0 && day < n_days {
                    let mut map = days.index_axis_mut(Axis(0), day);
                    map.column_mut(col).assign(&hour.moisture.column(col));
                }
            }
            for (station, at) in &mut stations {
                station.moisture_m3m3.push(hour.moisture[*at]);
            }
            if self.truth.is_hourly() && failure.is_none() {
                let idx = (ends_at - 1) as usize;
                let within = idx % CHUNK_HOURS;
                hours.index_axis_mut(Axis(0), within).assign(&hour.moisture);
                if within + 1 == CHUNK_HOURS {
                    let first = idx + 1 - CHUNK_HOURS;
                    let written =
                        self.truth
                            .write_hours(self.season_idx, first, place, hours.clone());
                    failure = written.err();
                }
            }
        })?;
        if let Some(error) = failure {
            return Err(error);
        }
        self.truth.write_days(self.season_idx, place, days.view())?;
        Ok(stations.into_iter().map(|(station, _)| station).collect())
    }

    /// The stations of the tile with their temperatures, and where in the tile they stand.
    fn stations(&self, layers: &crate::Layers) -> Result<Vec<PlacedStation>, TwinError> {
        let sites = self.simulation.sites().iter();
        let here = sites.filter_map(|site| Some((site, self.window.offset_of(site.cell)?)));
        let porosity = layers.porosity();
        here.map(|(site, at)| {
            let (soil_5cm_kelvin, soil_20cm_kelvin) = self.temperatures(site)?;
            let soil = Hydraulics::new(
                layers.clay_fraction[at],
                layers.sand_fraction[at],
                porosity[at],
            );
            let station = StationTruth {
                site: site.clone(),
                soil,
                clay_fraction: layers.clay_fraction[at],
                sand_fraction: layers.sand_fraction[at],
                moisture_m3m3: Vec::with_capacity(soil_5cm_kelvin.len()),
                soil_5cm_kelvin,
                soil_20cm_kelvin,
            };
            Ok((station, at))
        })
        .collect()
    }

    /// Soil temperatures of a site at 5 cm and 20 cm, at the end of each hour.
    fn temperatures(&self, site: &Site) -> Result<(Vec<f32>, Vec<f32>), TwinError> {
        let cell = Window::new(self.window.grid(), site.cell.row, site.cell.col, 1, 1)
            .map_err(TwinError::Place)?;
        let layers = self.simulation.landscape.layers(&cell)?;
        let mut temperature = self.simulation.weather.temperature(&layers)?;
        let mut kelvin = |level, hour: i64| temperature.kelvin(level, (hour + 1) as f64)[[0, 0]];
        Ok(self
            .season
            .hours()
            .map(|hour| (kelvin(Level::Soil5Cm, hour), kelvin(Level::Soil20Cm, hour)))
            .unzip())
    }
}
