//! Where the fields of the twin are asked for: rows and columns in units of M01 cells.

use vadose_grid::{EaseGrid2, LatLonDeg, Window};

use crate::error::TwinError;

/// The centres of a lattice of pixels, as fractional rows and columns of M01.
///
/// The centre of M01 cell (r, c) is exactly (r, c). M09 and M36 windows, and latitude-longitude
/// grids such as IMERG's, are lattices too, because M01 is cylindrical: latitude alone gives the
/// row, longitude alone the column.
#[derive(Debug, Clone, PartialEq)]
pub struct Positions {
    rows: Vec<f64>,
    cols: Vec<f64>,
    pixel_cells: f64,
}

impl Positions {
    /// The cell centres of a window of M01 or of a grid that M01 nests in.
    ///
    /// # Errors
    /// [`TwinError::Grid`] for any other grid.
    /// # Examples
    /// ```
    /// use vadose_grid::{EaseGrid2, Window};
    /// use vadose_twin::Positions;
    /// let coarse = Positions::of_window(&Window::new(EaseGrid2::M09, 188, 589, 2, 1)?)?;
    /// assert_eq!(coarse.rows(), [188.0 * 9.0 + 4.0, 189.0 * 9.0 + 4.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_window(window: &Window) -> Result<Self, TwinError> {
        let factor = EaseGrid2::M01
            .nesting_factor(window.grid())
            .ok_or(TwinError::Grid { got: window.grid() })? as f64;
        let centres = |first: usize, n: usize| {
            (first..first + n)
                .map(|idx| idx as f64 * factor + 0.5 * (factor - 1.0))
                .collect()
        };
        Ok(Self {
            rows: centres(window.row0(), window.rows()),
            cols: centres(window.col0(), window.cols()),
            pixel_cells: factor,
        })
    }

    /// The lattice of these latitudes (north to south) and longitudes (west to east), for pixels
    /// that are `pixel_km` wide.
    ///
    /// # Errors
    /// [`TwinError::Place`] for a coordinate that M01 refuses.
    pub fn of_lat_lon(
        lats_deg: &[f64],
        lons_deg: &[f64],
        pixel_km: f64,
    ) -> Result<Self, TwinError> {
        let (origin, size_m) = (EaseGrid2::M01.origin_m(), EaseGrid2::M01.cell_size_m());
        let project = |lat_deg: f64, lon_deg: f64| {
            EaseGrid2::M01
                .project(LatLonDeg { lat_deg, lon_deg })
                .map_err(TwinError::Place)
        };
        let rows = lats_deg.iter().map(|&lat_deg| {
            project(lat_deg, 0.0).map(|point| (origin.y_m - point.y_m) / size_m - 0.5)
        });
        let cols = lons_deg.iter().map(|&lon_deg| {
            project(0.0, lon_deg).map(|point| (point.x_m - origin.x_m) / size_m - 0.5)
        });
        Ok(Self {
            rows: rows.collect::<Result<_, _>>()?,
            cols: cols.collect::<Result<_, _>>()?,
            pixel_cells: pixel_km * 1000.0 / size_m,
        })
    }

    /// Fractional M01 rows, north to south.
    #[must_use]
    pub fn rows(&self) -> &[f64] {
        &self.rows
    }

    /// Fractional M01 columns, west to east.
    #[must_use]
    pub fn cols(&self) -> &[f64] {
        &self.cols
    }

    /// Width of a pixel in M01 cells.
    #[must_use]
    pub fn pixel_cells(&self) -> f64 {
        self.pixel_cells
    }

    /// `(rows, cols)`.
    #[must_use]
    pub fn shape(&self) -> (usize, usize) {
        (self.rows.len(), self.cols.len())
    }
}

/// Longitude of a fractional M01 column, degrees: the grid spans 360° evenly.
pub(crate) fn lon_deg_of_col(col: f64) -> f64 {
    (col + 0.5) / EaseGrid2::M01.cols() as f64 * 360.0 - 180.0
}

/// Latitude of a fractional M01 row, degrees, on the sphere of equal area.
///
/// The authalic latitude, which is within 0.13° of the geodetic one: enough for a climate.
pub(crate) fn lat_deg_of_row(row: f64) -> f64 {
    let half = EaseGrid2::M01.rows() as f64 / 2.0;
    /// Sine of the authalic latitude of the grid's edge, 84.9°.
    const EDGE_SINE: f64 = 0.996;
    ((half - row - 0.5) / half * EDGE_SINE)
        .clamp(-1.0, 1.0)
        .asin()
        .to_degrees()
}

#[cfg(test)]
mod tests {
    use vadose_grid::Cell;

    use super::*;

    #[test]
    fn a_latitude_and_a_longitude_give_their_cell() {
        /// Rounding of a projection there and back, in cells.
        const ROUNDING_CELLS: f64 = 1e-6;
        let centre = EaseGrid2::M01
            .centre(Cell {
                row: 2603,
                col: 7203,
            })
            .unwrap();
        let positions = Positions::of_lat_lon(&[centre.lat_deg], &[centre.lon_deg], 10.0).unwrap();
        approx::assert_abs_diff_eq!(positions.rows()[0], 2603.0, epsilon = ROUNDING_CELLS);
        approx::assert_abs_diff_eq!(positions.cols()[0], 7203.0, epsilon = ROUNDING_CELLS);
    }

    #[test]
    fn the_climate_latitude_is_close_to_the_geodetic_one() {
        /// What the sphere leaves out, degrees.
        const AUTHALIC_DEG: f64 = 0.2;
        for row in [0, 1692, 2603, 4337, 7000, 14_000] {
            let centre = EaseGrid2::M01.centre(Cell { row, col: 7203 }).unwrap();
            let lat_deg = lat_deg_of_row(row as f64);
            if row > 0 {
                approx::assert_abs_diff_eq!(lat_deg, centre.lat_deg, epsilon = AUTHALIC_DEG);
            }
            let lon_deg = lon_deg_of_col(7203.0);
            approx::assert_abs_diff_eq!(lon_deg, centre.lon_deg, epsilon = 1e-9);
        }
    }

    #[test]
    fn polar_grids_are_refused() {
        let window = Window::new(EaseGrid2::N36, 0, 0, 1, 1).unwrap();
        assert!(matches!(
            Positions::of_window(&window),
            Err(TwinError::Grid {
                got: EaseGrid2::N36
            })
        ));
    }
}
