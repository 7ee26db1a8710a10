//! Where a cube lies.

use serde::{Deserialize, Serialize};
use vadose_grid::{EaseGrid2, LatLonDeg, Window};
use vadose_scene::COARSE_FACTOR;

use crate::CubeError;

/// Which part of the 1 km grid M01 a cube covers. It is widened to whole 9 km cells.
///
/// # Examples
/// ```
/// use vadose_cube::{BoundingBox, Region, RegionPreset};
///
/// let conus = Region::Preset(RegionPreset::Conus).window()?;
/// assert_eq!(conus.shape(), (2646, 5697));
/// let oklahoma = Region::Bbox(BoundingBox { west_deg: -103.0, south_deg: 33.6, east_deg: -94.4, north_deg: 37.0 });
/// let window = oklahoma.window()?;
/// assert_eq!((window.row0() % 9, window.rows() % 9), (0, 0));
/// # Ok::<(), vadose_cube::CubeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// A region by name.
    Preset(RegionPreset),
    /// Cells of M01.
    Window(M01Window),
    /// Geographic coordinates.
    Bbox(BoundingBox),
}

/// A region by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegionPreset {
    /// 513×513 cells in Kansas and Nebraska.
    Small,
    /// 1026×1026 cells, the Great Plains.
    ConusMid,
    /// 2565×2565 cells, the western half of the United States.
    ConusWest,
    /// The contiguous United States, 2646×5697 cells.
    Conus,
}

/// A rectangle of M01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct M01Window {
    /// First row, counted from the north.
    pub row0: usize,
    /// First column, counted from 180° W.
    pub col0: usize,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
}

/// A rectangle of longitudes and latitudes, degrees, that does not cross the 180th meridian.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundingBox {
    /// Western edge, degrees east.
    pub west_deg: f64,
    /// Southern edge, degrees north.
    pub south_deg: f64,
    /// Eastern edge, degrees east.
    pub east_deg: f64,
    /// Northern edge, degrees north.
    pub north_deg: f64,
}

impl Region {
    /// The window of M01, its edges on edges of 9 km cells.
    ///
    /// # Errors
    /// [`CubeError::Grid`] beyond the grid (84.6° north and south);
    /// [`CubeError::Config`] for a box without extent.
    pub fn window(&self) -> Result<Window, CubeError> {
        let of = |row0, col0, rows, cols| Window::new(EaseGrid2::M01, row0, col0, rows, cols);
        let window = match self {
            Self::Preset(preset) => {
                let [row0, col0, rows, cols] = preset.cells();
                of(row0, col0, rows, cols)?
            }
            Self::Window(window) => of(window.row0, window.col0, window.rows, window.cols)?,
            Self::Bbox(bbox) => bbox.window()?,
        };
        Ok(window.snapped_outward(COARSE_FACTOR))
    }
}

impl RegionPreset {
    /// First row, first column, rows, columns: those of the presets of `vadose simulate`.
    fn cells(self) -> [usize; 4] {
        match self {
            Self::Small => [2475, 7065, 513, 513],
            Self::ConusMid => [2250, 7200, 1026, 1026],
            Self::ConusWest => [1692, 5301, 2565, 2565],
            Self::Conus => [1692, 5301, 2646, 5697],
        }
    }
}

impl BoundingBox {
    fn window(&self) -> Result<Window, CubeError> {
        let is_box = self.west_deg < self.east_deg && self.south_deg < self.north_deg;
        if !is_box {
            return Err(CubeError::Config {
                key: "region.bbox",
                value: format!(
                    "west {} east {} south {} north {}",
                    self.west_deg, self.east_deg, self.south_deg, self.north_deg
                ),
                allowed: "west < east and south < north, in degrees",
            });
        }
        let cell = |lat_deg, lon_deg| EaseGrid2::M01.locate(LatLonDeg { lat_deg, lon_deg });
        let first = cell(self.north_deg, self.west_deg)?;
        let last = cell(self.south_deg, self.east_deg)?;
        Ok(Window::new(
            EaseGrid2::M01,
            first.row,
            first.col,
            last.row + 1 - first.row,
            last.col.saturating_sub(first.col) + 1,
        )?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_lies_on_whole_coarse_cells() {
        let bbox = BoundingBox {
            west_deg: -100.0,
            south_deg: 40.0,
            east_deg: -99.0,
            north_deg: 41.0,
        };
        let window = M01Window {
            row0: 2480,
            col0: 7066,
            rows: 10,
            cols: 3,
        };
        let widened = Region::Window(window).window().unwrap();
        let corner = (widened.row0(), widened.col0());
        assert_eq!((corner, widened.shape()), ((2475, 7065), (18, 9)));
        for region in [
            Region::Bbox(bbox),
            Region::Preset(RegionPreset::ConusWest),
            Region::Preset(RegionPreset::Small),
        ] {
            let window = region.window().unwrap();
            assert_eq!(window.snapped_outward(9), window);
        }
        assert_eq!(
            Region::Preset(RegionPreset::Conus).window().unwrap(),
            Window::conus_m01()
        );
    }

    #[test]
    fn a_box_turned_round_is_refused() {
        let bbox = BoundingBox {
            west_deg: 10.0,
            south_deg: 40.0,
            east_deg: -10.0,
            north_deg: 41.0,
        };
        let refused = Region::Bbox(bbox).window();
        assert!(matches!(
            refused,
            Err(CubeError::Config {
                key: "region.bbox",
                ..
            })
        ));
    }
}
