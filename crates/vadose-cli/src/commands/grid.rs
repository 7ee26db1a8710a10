//! `vadose grid`: EASE-Grid 2.0 arithmetic.

use clap::Subcommand;
use serde::Serialize;
use vadose::grid::{Cell, EaseGrid2, GridError, LatLonDeg};

use crate::failure::Failure;
use crate::print;

#[derive(Subcommand)]
pub(crate) enum GridCommand {
    /// The cell that holds a coordinate.
    Locate {
        #[command(flatten)]
        grid: GridArg,
        /// Longitude, degrees east.
        #[arg(value_name = "LON", allow_negative_numbers = true)]
        lon_deg: f64,
        /// Latitude, degrees north.
        #[arg(value_name = "LAT", allow_negative_numbers = true)]
        lat_deg: f64,
    },
    /// The centre of a cell.
    Cell {
        #[command(flatten)]
        grid: GridArg,
        /// Row, from 0 in the north.
        row: usize,
        /// Column, from 0 in the west.
        col: usize,
    },
    /// Size, cell edge, origin and projection of a grid.
    Info {
        #[command(flatten)]
        grid: GridArg,
    },
}

#[derive(clap::Args)]
pub(crate) struct GridArg {
    /// Grid: M01, M03, M09, M36, M12.5, M25, T25, N01 …, S36.
    #[arg(long, short, default_value = "M01")]
    grid: EaseGrid2,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// A cell with its centre.
#[derive(Serialize)]
struct Located {
    grid: EaseGrid2,
    row: usize,
    col: usize,
    x_m: f64,
    y_m: f64,
    cell_lon_deg: f64,
    cell_lat_deg: f64,
}

#[derive(Serialize)]
struct Info {
    grid: EaseGrid2,
    nsidc_name: &'static str,
    epsg: u16,
    rows: usize,
    cols: usize,
    cell_size_m: f64,
    upper_left_x_m: f64,
    upper_left_y_m: f64,
}

pub(crate) fn run(command: &GridCommand) -> Result<(), Failure> {
    match command {
        GridCommand::Locate {
            grid,
            lon_deg,
            lat_deg,
        } => {
            let point = LatLonDeg {
                lat_deg: *lat_deg,
                lon_deg: *lon_deg,
            };
            show(located(grid.grid, grid.grid.locate(point)?)?, grid.json)
        }
        GridCommand::Cell { grid, row, col } => show(
            located(
                grid.grid,
                Cell {
                    row: *row,
                    col: *col,
                },
            )?,
            grid.json,
        ),
        GridCommand::Info {
            grid: GridArg { grid, json },
        } => {
            let origin = grid.origin_m();
            let info = Info {
                grid: *grid,
                nsidc_name: grid.nsidc_name(),
                epsg: grid.epsg(),
                rows: grid.rows(),
                cols: grid.cols(),
                cell_size_m: grid.cell_size_m(),
                upper_left_x_m: origin.x_m,
                upper_left_y_m: origin.y_m,
            };
            if *json {
                return print::json(&info);
            }
            print::text(format_args!(
                "{grid} ({}, EPSG:{}): {} rows, {} columns of {} m, upper-left corner at x {} m, y {} m",
                info.nsidc_name,
                info.epsg,
                info.rows,
                info.cols,
                info.cell_size_m,
                info.upper_left_x_m,
                info.upper_left_y_m
            ))
        }
    }
}

fn located(grid: EaseGrid2, cell: Cell) -> Result<Located, GridError> {
    let (centre_m, centre) = (grid.centre_m(cell)?, grid.centre(cell)?);
    Ok(Located {
        grid,
        row: cell.row,
        col: cell.col,
        x_m: centre_m.x_m,
        y_m: centre_m.y_m,
        cell_lon_deg: centre.lon_deg,
        cell_lat_deg: centre.lat_deg,
    })
}

fn show(at: Located, json: bool) -> Result<(), Failure> {
    if json {
        return print::json(&at);
    }
    print::text(format_args!(
        "{} row {}, column {}: centre at {:.6}° E, {:.6}° N (x {:.3} m, y {:.3} m)",
        at.grid, at.row, at.col, at.cell_lon_deg, at.cell_lat_deg, at.x_m, at.y_m
    ))
}
