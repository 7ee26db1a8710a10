//! Points and cells: named fields, so that latitude and longitude, or row and column, cannot swap.

use serde::{Deserialize, Serialize};

/// A geographic point on WGS84, degrees north and degrees east.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LatLonDeg {
    /// Geodetic latitude, degrees, within [-90, 90].
    pub lat_deg: f64,
    /// Longitude, degrees east; within [-180, 180] in results.
    pub lon_deg: f64,
}

/// A point in the plane of a grid's projection, metres.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ProjectedM {
    /// Easting, metres.
    pub x_m: f64,
    /// Northing, metres.
    pub y_m: f64,
}

/// One cell of a grid, counted from 0 at its upper-left (north-west) corner.
///
/// Cells order by row, then by column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cell {
    /// Row; 0 is the northernmost.
    pub row: usize,
    /// Column; 0 is the westernmost.
    pub col: usize,
}
