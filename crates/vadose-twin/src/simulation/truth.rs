//! `truth.zarr`: what is true, apart from everything that instruments saw.

use ndarray::{Array1, Array2, ArrayD, ArrayView3, Axis};
use serde_json::{Value, json};
use vadose_grid::Window;
use vadose_io::zarr::{self, ArraySpec, DataType, Store, write_grid, write_time_axis};

use super::nature::SeasonSeries;
use super::{Archive, Simulation};
use crate::config::HourlyTruth;
use crate::period::{Season, timestamp_of_hour};
use crate::{Layers, TwinError};

/// Cells along the edge of a chunk.
pub(super) const CHUNK_CELLS: usize = 256;
/// Hours in a chunk of the hourly truth.
pub(super) const CHUNK_HOURS: usize = 24;
/// Local solar time of the daily truth: SMAP's descending pass.
pub(super) const OVERPASS_LOCAL_HOUR: f64 = 6.0;
/// Hourly truth is rounded to whole multiples of this, m3 m-3: half of the noise of no instrument, and a
/// third of the bytes.
const HOURLY_STEP: f32 = 1.0 / 16_384.0;

/// The store while it is written.
#[derive(Debug)]
pub(super) struct Truth {
    store: Store,
    daily: zarr::Array,
    hourly: Option<zarr::Array>,
    days_per_season: usize,
}

impl Truth {
    pub(super) fn create(
        simulation: &Simulation,
        layers: &Layers,
        archive: &Archive,
    ) -> Result<Self, TwinError> {
        let window = simulation.window();
        let attributes = [
            ("title", "truth of a simulated landscape"),
            ("source", "simulation; no measurement of any real place"),
        ];
        let store = Store::create(archive.path("truth.zarr"), &attributes)?;
        write_grid(&store, window)?;
        write_layers(&store, layers)?;

        let seasons = &simulation.seasons;
        let days_per_season = usize::from(simulation.config().period.days);
        let hour_of_day =
            OVERPASS_LOCAL_HOUR as i64 - (mean_longitude(window)? / 15.0).round() as i64;
        let days: Vec<_> = seasons
            .iter()
            .flat_map(|season| season.hours().step_by(24))
            .map(|midnight| timestamp_of_hour(midnight + hour_of_day))
            .collect();
        write_time_axis(
            &store,
            "time",
            "6 h local solar time, of the window's middle",
            &days,
        )?;
        let (rows, cols) = window.shape();
        let (rows, cols, chunk) = (rows as u64, cols as u64, CHUNK_CELLS as u64);
        let moisture = |name: &str, axis: (&str, u64), chunk_shape: &[u64]| ArraySpec {
            units: "m3 m-3".to_owned(),
            standard_name: Some("volume_fraction_of_condensed_water_in_soil".to_owned()),
            ..ArraySpec::new(
                name,
                DataType::F32,
                &[axis, ("y", rows), ("x", cols)],
                chunk_shape,
            )
        };
        let daily = store.create_array(&ArraySpec {
            long_name: "true soil moisture of 0 to 5 cm at 6 h local solar time".to_owned(),
            shard_shape: Some(vec![days_per_season as u64, chunk, chunk]),
            ..moisture(
                "soil_moisture",
                ("time", days.len() as u64),
                &[1, chunk, chunk],
            )
        })?;
        let hourly = match simulation.config().hourly_truth {
            HourlyTruth::Stations => None,
            HourlyTruth::Everywhere => {
                let hours: Vec<_> = seasons
                    .iter()
                    .flat_map(Season::hours)
                    .map(|hour| timestamp_of_hour(hour + 1))
                    .collect();
                write_time_axis(&store, "hour", "end of the hour", &hours)?;
                Some(store.create_array(&ArraySpec {
                    long_name: "true soil moisture of 0 to 5 cm at the end of the hour".to_owned(),
                    ..moisture(
                        "soil_moisture_hourly",
                        ("hour", hours.len() as u64),
                        &[CHUNK_HOURS as u64, chunk, chunk],
                    )
                })?)
            }
        };
        Ok(Self {
            store,
            daily,
            hourly,
            days_per_season,
        })
    }

    pub(super) fn is_hourly(&self) -> bool {
        self.hourly.is_some()
    }

    /// Writes the days of one tile of a season: `[day, row, col]`.
    pub(super) fn write_days(
        &self,
        season: usize,
        (row, col): (usize, usize),
        moisture: ArrayView3<'_, f32>,
    ) -> Result<(), TwinError> {
        let day = season * self.days_per_season;
        let start = [day as u64, row as u64, col as u64];
        Ok(self.daily.write(&start, moisture.into_dyn())?)
    }

    /// Writes up to [`CHUNK_HOURS`] hours of one tile of a season: `[hour, row, col]`.
    pub(super) fn write_hours(
        &self,
        season: usize,
        first_hour: usize,
        (row, col): (usize, usize),
        mut moisture: ndarray::Array3<f32>,
    ) -> Result<(), TwinError> {
        let Some(hourly) = &self.hourly else {
            return Ok(());
        };
        moisture.mapv_inplace(|value| (value / HOURLY_STEP).round() * HOURLY_STEP);
        let hour = season * self.days_per_season * 24 + first_hour;
        let start = [hour as u64, row as u64, col as u64];
        Ok(hourly.write(&start, moisture.view().into_dyn())?)
    }

    /// The map of one day.
    pub(super) fn day(&self, season: usize, day: usize) -> Result<Array2<f32>, TwinError> {
        let [_, rows, cols] = self.daily.shape() else {
            unreachable!("the daily truth has three axes");
        };
        let day = (season * self.days_per_season + day) as u64;
        let map: ArrayD<f32> = self.daily.read(&[day, 0, 0], &[1, *rows, *cols])?;
        let map = map.index_axis_move(Axis(0), 0);
        Ok(map.into_dimensionality().expect("two axes are left"))
    }

    /// Adds the hours of the stations' cells and marks the store as complete.
    pub(super) fn finish(&self, series: &[SeasonSeries]) -> Result<(), TwinError> {
        if let Some(first) = series.first()
            && !first.stations.is_empty()
        {
            let n_stations = first.stations.len();
            let hours: usize = series.iter().map(SeasonSeries::n_hours).sum();
            let names: Vec<_> = first.stations.iter().map(|s| json!(s.site.name)).collect();
            let mut spec = ArraySpec {
                units: "m3 m-3".to_owned(),
                long_name: "true soil moisture of the station's 1 km cell at the end of the hour"
                    .to_owned(),
                ..ArraySpec::new(
                    "soil_moisture_at_stations",
                    DataType::F32,
                    &[
                        ("station", n_stations as u64),
                        ("station_hour", hours as u64),
                    ],
                    &[n_stations as u64, hours as u64],
                )
            };
            spec.attributes
                .insert("station_names".to_owned(), Value::Array(names));
            let all: Vec<f32> = (0..n_stations)
                .flat_map(|station| {
                    let seasons = series.iter();
                    seasons.flat_map(move |season| &season.stations[station].moisture_m3m3)
                })
                .copied()
                .collect();
            let all = Array2::from_shape_vec((n_stations, hours), all)
                .expect("every station has every hour");
            let array = self.store.create_array(&spec)?;
            array.write(&[0, 0], all.view().into_dyn())?;
            let times: Vec<_> = series
                .iter()
                .flat_map(|season| season.hours.clone())
                .map(|hour| timestamp_of_hour(hour + 1))
                .collect();
            write_time_axis(&self.store, "station_hour", "end of the hour", &times)?;
            for (name, index) in [("station_row", 0), ("station_col", 1)] {
                let cells = first
                    .stations
                    .iter()
                    .map(|s| [s.site.cell.row, s.site.cell.col][index]);
                let cells: Array1<i64> = cells.map(|cell| cell as i64).collect();
                let spec = ArraySpec {
                    long_name: "index of the station's cell on M01".to_owned(),
                    ..ArraySpec::new(
                        name,
                        DataType::I64,
                        &[("station", n_stations as u64)],
                        &[n_stations as u64],
                    )
                };
                let array = self.store.create_array(&spec)?;
                array.write(&[0], cells.view().into_dyn())?;
            }
        }
        Ok(self.store.finish()?)
    }
}

/// The static layers, as they are in truth.
fn write_layers(store: &Store, layers: &Layers) -> Result<(), TwinError> {
    let (rows, cols) = layers.window.shape();
    let axes = [("y", rows as u64), ("x", cols as u64)];
    let chunk = [CHUNK_CELLS as u64; 2];
    for (name, units, long_name, values) in [
        (
            "elevation",
            "m",
            "height above sea level",
            &layers.elevation_m,
        ),
        (
            "wetness_index",
            "1",
            "place in the relief, -1 ridge to 1 valley",
            &layers.wetness_index,
        ),
        (
            "clay_fraction",
            "1",
            "mass fraction of clay",
            &layers.clay_fraction,
        ),
        (
            "sand_fraction",
            "1",
            "mass fraction of sand",
            &layers.sand_fraction,
        ),
        (
            "bulk_density",
            "g cm-3",
            "dry bulk density",
            &layers.bulk_density_g_cm3,
        ),
        (
            "water_fraction",
            "1",
            "share of open water",
            &layers.water_fraction,
        ),
    ] {
        let array = store.create_array(&ArraySpec {
            units: units.to_owned(),
            long_name: long_name.to_owned(),
            ..ArraySpec::new(name, DataType::F32, &axes, &chunk)
        })?;
        array.write(&[0, 0], values.view().into_dyn())?;
    }
    let land_cover = store.create_array(&ArraySpec {
        long_name: "IGBP class, 0 is water".to_owned(),
        ..ArraySpec::new("land_cover", DataType::U8, &axes, &chunk)
    })?;
    Ok(land_cover.write(&[0, 0], layers.land_cover.view().into_dyn())?)
}

fn mean_longitude(window: &Window) -> Result<f64, TwinError> {
    let middle = vadose_grid::Cell {
        row: window.row0() + window.rows() / 2,
        col: window.col0() + window.cols() / 2,
    };
    Ok(window
        .grid()
        .centre(middle)
        .map_err(TwinError::Place)?
        .lon_deg)
}
