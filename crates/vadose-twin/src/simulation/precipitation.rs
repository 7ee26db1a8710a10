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
    let hours = hours(simulation, season);
    let total = (hours.len() / 24) as u64;
    let mut rain = Array2::zeros((window.rows(), window.cols()));
    for (n, &hour) in hours.iter().enumerate() {
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
        if (n + 1) % 24 == 0 {
            show(Progress {
                phase: Phase::Precipitation,
                year: season.first.year(),
                done: ((n + 1) / 24) as u64,
                total,
            });
        }
    }
    Ok(())
}

/// The hours of a season with the day before, then the lead days that are left, so that no file of the season gets
/// another fault for their number. What the season before has is not written again.
fn hours(simulation: &Simulation, season: Season) -> Vec<i64> {
    let own = season.hours();
    let before = simulation.seasons.iter().map(|other| other.hours().end);
    let written = before.filter(|end| *end <= own.start).max();
    let back = |days: u16| (own.start - 24 * i64::from(days)).max(written.unwrap_or(i64::MIN));
    let (eve, first) = (back(1), back(simulation.config().period.lead_days));
    (eve..own.end).chain(first..eve).collect()
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
