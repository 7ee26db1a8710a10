//! What can go wrong on a grid.

use crate::{EaseGrid2, LatLonDeg, ProjectedM};

/// Why a grid, window or resampling request was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GridError {
    /// The latitude is NaN, or not within [-90, 90] degrees.
    #[error("latitude {lat_deg} deg is not within -90 to 90 deg")]
    Latitude {
        /// The latitude as given.
        lat_deg: f64,
    },
    /// The longitude is NaN, or not within [-360, 360] degrees.
    #[error("longitude {lon_deg} deg is not within -360 to 360 deg")]
    Longitude {
        /// The longitude as given.
        lon_deg: f64,
    },
    /// A geographic point that the grid does not cover.
    #[error(
        "latitude {} deg, longitude {} deg lies outside grid {grid}, which covers {}",
        .point.lat_deg, .point.lon_deg, .grid.coverage()
    )]
    PointOutsideGrid {
        /// The grid.
        grid: EaseGrid2,
        /// The point as given.
        point: LatLonDeg,
    },
    /// A projected point that the grid does not cover.
    #[error(
        "x {} m, y {} m lies outside grid {grid}, which covers {}",
        .point.x_m, .point.y_m, .grid.coverage()
    )]
    ProjectedOutsideGrid {
        /// The grid.
        grid: EaseGrid2,
        /// The point as given.
        point: ProjectedM,
    },
    /// A projected point that is the image of no point on the Earth.
    #[error(
        "x {} m, y {} m is no point of projection EPSG:{}",
        .point.x_m, .point.y_m, .grid.epsg()
    )]
    OutsideProjection {
        /// The grid whose projection was asked.
        grid: EaseGrid2,
        /// The point as given.
        point: ProjectedM,
    },
    /// A cell index beyond the grid.
    #[error(
        "cell (row {row}, column {col}) lies outside grid {grid} of {} rows and {} columns",
        .grid.rows(), .grid.cols()
    )]
    CellOutsideGrid {
        /// The grid.
        grid: EaseGrid2,
        /// The row as given.
        row: usize,
        /// The column as given.
        col: usize,
    },
    /// The cells of the coarser grid are not whole blocks of cells of the finer one.
    #[error("grid {fine} does not nest in grid {coarse}")]
    NotNested {
        /// The grid meant as the finer one.
        fine: EaseGrid2,
        /// The grid meant as the coarser one.
        coarse: EaseGrid2,
    },
    /// Two windows of different grids where one grid was needed.
    #[error("the window is of grid {got}, expected {expected}")]
    GridMismatch {
        /// The grid of the first window.
        expected: EaseGrid2,
        /// The grid of the other.
        got: EaseGrid2,
    },
    /// A window that is empty or sticks out of its grid.
    #[error(
        "a window of {rows} x {cols} cells at row {row0}, column {col0} is empty or not inside \
         grid {grid} of {} rows and {} columns",
        .grid.rows(), .grid.cols()
    )]
    Window {
        /// The grid.
        grid: EaseGrid2,
        /// First row.
        row0: usize,
        /// First column.
        col0: usize,
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        cols: usize,
    },
    /// No grid of that name.
    #[error("no EASE-Grid 2.0 is named '{name}'; known are {}", known_names())]
    UnknownGrid {
        /// The name as given.
        name: String,
    },
    /// A source raster without pixels.
    #[error("the source raster has no pixels: {rows} rows, {cols} columns")]
    EmptyRaster {
        /// Rows of the raster.
        rows: usize,
        /// Columns of the raster.
        cols: usize,
    },
    /// A geotransform that is not finite or maps the raster onto a line.
    #[error("geotransform {geotransform:?} is not finite or not invertible")]
    Geotransform {
        /// The six coefficients, in GDAL's order.
        geotransform: [f64; 6],
    },
    /// The period of a source raster's x axis is not a positive number.
    #[error("the period {period} of the source's x axis is not positive and finite")]
    Period {
        /// The period as given, in units of the source.
        period: f64,
    },
    /// PROJ could not prepare a transformation.
    #[cfg(feature = "proj")]
    #[error("PROJ offers no transformation from EPSG:4326 to '{source_crs}': {reason}")]
    SourceCrs {
        /// The coordinate reference system asked for.
        source_crs: String,
        /// What PROJ says.
        reason: String,
    },
}

fn known_names() -> String {
    EaseGrid2::ALL
        .iter()
        .map(|grid| grid.name())
        .collect::<Vec<_>>()
        .join(", ")
}
