//! IMERG files: what a satellite makes of the rain, every half hour.

use jiff::tz::TimeZone;
use ndarray::Array2;
use vadose_grid::{Cell, Window};
use vadose_io::imerg::{self, ImergContents, ImergName, ImergVersion, ImergWindow, LatLonBox};
use vadose_scene::seed;

use super::archive::{Archive, Kind};
use super::{Phase, Progress, ShowProgress, Simulation};
use crate::period::{Season, timestamp_of_hour};
use crate::weather::RainView;
use crate::{Positions, TwinError};

/// Version that is imitated.
const VERSION: &str = "V06B";
/// Width of a pixel of 0.1° at 40° N, km.
const PIXEL_KM: f64 = 9.8;
/// Hours before the season whose rain the first day's pass needs.
const LEAD_HOURS: i64 = 24;

pub(super) fn write(
    simulation: &Simulation,
    season: Season,
    archive: &mut Archive,
    show: &mut ShowProgress<'_>,
) -> Result<(), TwinError> {
    let window = around(simulation.window())?;
    let positions = positions(&window)?;
    let view = RainView::Estimate {
        errors: simulation.config().precipitation.clone(),
        seed: seed::derive(simulation.config().seed, "imerg"),
    };
    let mut field = simulation.weather.rain_field(positions, view);
    let hours = season.hours();
    let first = hours.start - LEAD_HOURS;
    let total = ((hours.end - first) / 24) as u64;
    let mut rain = Array2::zeros((window.rows(), window.cols()));
    for hour in first..hours.end {
        for half in [0.0, 0.5] {
            let from = hour as f64 + half;
            field.fill(from, from + 0.5, &mut rain);
            let start =
                timestamp_of_hour(hour) + jiff::SignedDuration::from_mins((60.0 * half) as i64);
            let name = ImergName {
                start,
                version: VERSION.to_owned(),
            };
            let date = start.to_zoned(TimeZone::UTC).date();
            archive.granule(Kind::Imerg, date, &name.to_string(), |path, _| {
                let contents = ImergContents {
                    version: ImergVersion::V06,
                    start,
                    window,
                    // Two half hours make an hour: the field holds mm, the file mm/h. At the edge of
                    // a storm rounding leaves some -1e-7 mm, which no file would hold.
                    precipitation: rain.mapv(|mm| (2.0 * mm).max(0.0)),
                };
                Ok(imerg::write(path, &contents)?)
            })?;
        }
        if (hour + 1 - first) % 24 == 0 {
            show(Progress {
                phase: Phase::Precipitation,
                year: season.first.year(),
                done: ((hour + 1 - first) / 24) as u64,
                total,
            });
        }
    }
    Ok(())
}

/// The IMERG cells that cover a window of M01.
fn around(window: &Window) -> Result<ImergWindow, TwinError> {
    let centre = |row, col| {
        window
            .grid()
            .centre(Cell { row, col })
            .map_err(TwinError::Place)
    };
    let north_west = centre(window.row0(), window.col0())?;
    let south_east = centre(
        window.row0() + window.rows() - 1,
        window.col0() + window.cols() - 1,
    )?;
    Ok(ImergWindow::covering(LatLonBox {
        south_deg: south_east.lat_deg,
        north_deg: north_west.lat_deg,
        west_deg: north_west.lon_deg,
        east_deg: south_east.lon_deg,
    })?)
}

fn positions(window: &ImergWindow) -> Result<Positions, TwinError> {
    let latitudes: Vec<_> = (0..window.rows())
        .map(|row| window.latitude_deg(row))
        .collect();
    let longitudes: Vec<_> = (0..window.cols())
        .map(|col| window.longitude_deg(col))
        .collect();
    Positions::of_lat_lon(&latitudes, &longitudes, PIXEL_KM)
}
