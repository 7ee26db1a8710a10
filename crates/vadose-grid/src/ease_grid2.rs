//! The grids as an enumeration, and the plain facts about each.

use serde::{Deserialize, Serialize};

use crate::ProjectedM;
use crate::parameters::{Extent, Projection};

/// One of NSIDC's EASE-Grids 2.0 on WGS84, named by region and cell size in kilometres.
///
/// | grids | projection | covers |
/// |---|---|---|
/// | `M01`, `M03`, `M09`, `M36` | EPSG:6933, cylindrical equal-area | ±85.0445664° |
/// | `M12_5`, `M25` | EPSG:6933 | ±84.4397901° |
/// | `T25` | EPSG:6933 | ±67.0575406° |
/// | `N01` … `N36` | EPSG:6931, azimuthal equal-area about the North Pole | a square of 18,000 km |
/// | `S01` … `S36` | EPSG:6932, azimuthal equal-area about the South Pole | a square of 18,000 km |
///
/// Projection ([`project`](Self::project), [`unproject`](Self::unproject)) is defined for the whole
/// globe; cells ([`locate`](Self::locate), [`centre`](Self::centre)) exist only on the grid.
///
/// In serialised form a grid is its [`name`](Self::name), such as `"M09"` or `"N12.5"`.
///
/// # References
/// Brodzik et al. (2012), doi:10.3390/ijgi1010032, and its correction (2014),
/// doi:10.3390/ijgi3031154. Constants: NSIDC's grid parameter definitions (`EASE2_*.gpd`).
///
/// # Examples
/// ```
/// use vadose_grid::EaseGrid2;
/// let grid: EaseGrid2 = "EASE2_M36km".parse()?;
/// assert_eq!(grid, EaseGrid2::M36);
/// assert_eq!((grid.rows(), grid.cols()), (406, 964));
/// # Ok::<(), vadose_grid::GridError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
#[allow(missing_docs)] // the names say it, the table above explains them
pub enum EaseGrid2 {
    M01,
    M03,
    M09,
    M36,
    #[serde(rename = "M12.5")]
    M12_5,
    M25,
    T25,
    N01,
    N03,
    N09,
    #[serde(rename = "N12.5")]
    N12_5,
    N25,
    N36,
    S01,
    S03,
    S09,
    #[serde(rename = "S12.5")]
    S12_5,
    S25,
    S36,
}

impl EaseGrid2 {
    /// Every grid, in the order of declaration.
    pub const ALL: &'static [EaseGrid2] = &[
        Self::M01,
        Self::M03,
        Self::M09,
        Self::M36,
        Self::M12_5,
        Self::M25,
        Self::T25,
        Self::N01,
        Self::N03,
        Self::N09,
        Self::N12_5,
        Self::N25,
        Self::N36,
        Self::S01,
        Self::S03,
        Self::S09,
        Self::S12_5,
        Self::S25,
        Self::S36,
    ];

    /// Short name: `"M01"`, `"M12.5"`.
    pub fn name(self) -> &'static str {
        let nsidc_name = self.nsidc_name();
        &nsidc_name["EASE2_".len()..nsidc_name.len() - "km".len()]
    }

    /// NSIDC's name: `"EASE2_M01km"`, `"EASE2_M12.5km"`.
    pub fn nsidc_name(self) -> &'static str {
        self.parameters().nsidc_name
    }

    /// EPSG code of the projection: 6933 (global), 6931 (north) or 6932 (south).
    pub fn epsg(self) -> u16 {
        match self.parameters().lattice.projection() {
            Projection::CylindricalEqualArea => 6933,
            Projection::AzimuthalEqualArea(pole) => pole.epsg(),
        }
    }

    /// Number of rows.
    pub fn rows(self) -> usize {
        self.parameters().rows
    }

    /// Number of columns.
    pub fn cols(self) -> usize {
        self.parameters().cols
    }

    /// Edge length of a cell in the projection plane, metres.
    ///
    /// Cells have equal areas on the ground, not equal sides: an M01 cell measures 1001 m by
    /// 1001 m at 30° and 579 m (east-west) by 1731 m (north-south) at 60°.
    pub fn cell_size_m(self) -> f64 {
        self.parameters().cell_size_m
    }

    /// Outer corner of the upper-left cell, metres.
    pub fn origin_m(self) -> ProjectedM {
        self.parameters().lattice.origin_m()
    }

    /// GDAL geotransform of the whole grid: `[x, cell, 0, y, 0, -cell]`, metres.
    ///
    /// # Examples
    /// ```
    /// use vadose_grid::EaseGrid2;
    /// let n25 = EaseGrid2::N25.geotransform();
    /// assert_eq!(n25, [-9_000_000.0, 25_000.0, 0.0, 9_000_000.0, 0.0, -25_000.0]);
    /// ```
    pub fn geotransform(self) -> [f64; 6] {
        let origin = self.origin_m();
        let cell = self.cell_size_m();
        [origin.x_m, cell, 0.0, origin.y_m, 0.0, -cell]
    }

    /// What the grid covers, for messages.
    pub(crate) fn coverage(self) -> Extent {
        self.parameters().lattice.extent()
    }
}
