//! The constants of every grid, each from NSIDC's published definition.
//!
//! Grids that share an outer corner and whose cells are whole blocks of one another lie on one
//! *lattice* of small square units. The cell of a coordinate is found once on the lattice and
//! divided down, so that a coarse cell never disagrees with its children about an edge.

use std::fmt;

use crate::polar_azimuthal_equal_area::Pole;
use crate::{EaseGrid2, ProjectedM};

/// How a lattice is projected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Projection {
    /// EPSG:6933.
    CylindricalEqualArea,
    /// EPSG:6931 or EPSG:6932.
    AzimuthalEqualArea(Pole),
}

/// An outer corner, a unit and a projection shared by the grids that nest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lattice {
    /// M01, M03, M09 and M36; the unit is the M01 cell.
    Global36,
    /// M12.5 and M25; the unit is the M12.5 cell.
    Global25,
    /// T25 alone.
    Temperate25,
    /// The N and S grids; the unit is 500 m, which divides 1, 3, 9, 12.5, 25 and 36 km.
    Polar(Pole),
}

/// The published numbers of one grid.
#[derive(Debug)]
pub(crate) struct Parameters {
    pub(crate) nsidc_name: &'static str,
    pub(crate) lattice: Lattice,
    /// Edge of a cell in lattice units.
    pub(crate) units_per_cell: usize,
    pub(crate) cols: usize,
    pub(crate) rows: usize,
    pub(crate) cell_size_m: f64,
}

/// "Map Origin X" of EASE2_M01km.gpd … EASE2_M36km.gpd: the image of 180° W.
const GLOBAL_36_LEFT_M: f64 = -17_367_530.445_161_5;
/// "Map Origin Y" of EASE2_M01km.gpd … EASE2_M36km.gpd. (Code that rounds the cell size before
/// it multiplies puts it some 4 cm away.)
const GLOBAL_36_TOP_M: f64 = 7_314_540.830_638_6;
/// EASE2_M01km.gpd, "Grid Map Units per Cell"; also `ease2_grid_info.pro`.
const M01_CELL_M: f64 = 1_000.895_023_349_56;
/// EASE2_M03km.gpd, as above.
const M03_CELL_M: f64 = 3_002.685_070_048_7;
/// EASE2_M09km.gpd, as above.
const M09_CELL_M: f64 = 9_008.055_210_146;
/// EASE2_M36km.gpd, as above.
const M36_CELL_M: f64 = 36_032.220_840_584;

/// EASE2_M25km.gpd: "Scale revised to 25025.26000 m" on 2014-03-05; before, it was 25025.2600081.
const M25_CELL_M: f64 = 25_025.26;
/// Half of [`M25_CELL_M`].
const M12_5_CELL_M: f64 = 12_512.63;
/// EASE2_M25km.gpd: 694 cells of [`M25_CELL_M`] west of the meridian of Greenwich, 5 mm short of
/// the image of 180° W.
const GLOBAL_25_LEFT_M: f64 = -17_367_530.44;
/// EASE2_M25km.gpd: 292 cells of [`M25_CELL_M`] north of the equator.
const GLOBAL_25_TOP_M: f64 = 7_307_375.92;
/// EASE2_T25km.gpd: 270 cells of [`M25_CELL_M`] north of the equator.
const TEMPERATE_25_TOP_M: f64 = 6_756_820.2;

/// EASE2_N25km.gpd and EASE2_S25km.gpd, "Map Origin": half the edge of the square.
const POLAR_HALF_WIDTH_M: f64 = 9_000_000.0;
/// Greatest common divisor of the polar cell sizes.
const POLAR_UNIT_M: f64 = 500.0;

impl Lattice {
    pub(crate) const fn projection(self) -> Projection {
        match self {
            Self::Global36 | Self::Global25 | Self::Temperate25 => Projection::CylindricalEqualArea,
            Self::Polar(pole) => Projection::AzimuthalEqualArea(pole),
        }
    }

    pub(crate) const fn origin_m(self) -> ProjectedM {
        let (x_m, y_m) = match self {
            Self::Global36 => (GLOBAL_36_LEFT_M, GLOBAL_36_TOP_M),
            Self::Global25 => (GLOBAL_25_LEFT_M, GLOBAL_25_TOP_M),
            Self::Temperate25 => (GLOBAL_25_LEFT_M, TEMPERATE_25_TOP_M),
            Self::Polar(_) => (-POLAR_HALF_WIDTH_M, POLAR_HALF_WIDTH_M),
        };
        ProjectedM { x_m, y_m }
    }

    pub(crate) const fn unit_m(self) -> f64 {
        match self {
            Self::Global36 => M01_CELL_M,
            Self::Global25 => M12_5_CELL_M,
            Self::Temperate25 => M25_CELL_M,
            Self::Polar(_) => POLAR_UNIT_M,
        }
    }

    pub(crate) const fn extent(self) -> Extent {
        match self {
            Self::Global36 => Extent::Latitudes(85.044_566_4),
            Self::Global25 => Extent::Latitudes(84.439_790_3),
            Self::Temperate25 => Extent::Latitudes(67.057_540_6),
            Self::Polar(_) => Extent::Square(POLAR_HALF_WIDTH_M),
        }
    }
}

/// What a lattice covers, in words for messages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Extent {
    /// All longitudes, latitudes up to this many degrees north and south (seven decimals).
    Latitudes(f64),
    /// `|x|` and `|y|` up to this many metres.
    Square(f64),
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latitudes(limit_deg) => write!(f, "latitudes -{limit_deg} to {limit_deg} deg"),
            Self::Square(half_m) => write!(f, "x and y from -{half_m} to {half_m} m"),
        }
    }
}

const fn grid(
    nsidc_name: &'static str,
    lattice: Lattice,
    units_per_cell: usize,
    (cols, rows): (usize, usize),
    cell_size_m: f64,
) -> Parameters {
    Parameters {
        nsidc_name,
        lattice,
        units_per_cell,
        cols,
        rows,
        cell_size_m,
    }
}

/// A polar grid: `n` cells of `cell_size_m` along each edge.
const fn polar(nsidc_name: &'static str, pole: Pole, n: usize, cell_size_m: f64) -> Parameters {
    let units_per_cell = (cell_size_m / POLAR_UNIT_M) as usize;
    grid(
        nsidc_name,
        Lattice::Polar(pole),
        units_per_cell,
        (n, n),
        cell_size_m,
    )
}

impl EaseGrid2 {
    /// Columns, rows and cell sizes: the `.gpd` of each grid and NSIDC's `ease2_grid_info.pro`.
    #[inline]
    pub(crate) const fn parameters(self) -> &'static Parameters {
        use Lattice::{Global25, Global36, Temperate25};
        use Pole::{North, South};
        match self {
            Self::M01 => const { &grid("EASE2_M01km", Global36, 1, (34_704, 14_616), M01_CELL_M) },
            Self::M03 => const { &grid("EASE2_M03km", Global36, 3, (11_568, 4_872), M03_CELL_M) },
            Self::M09 => const { &grid("EASE2_M09km", Global36, 9, (3_856, 1_624), M09_CELL_M) },
            Self::M36 => const { &grid("EASE2_M36km", Global36, 36, (964, 406), M36_CELL_M) },
            Self::M12_5 => {
                const { &grid("EASE2_M12.5km", Global25, 1, (2_776, 1_168), M12_5_CELL_M) }
            }
            Self::M25 => const { &grid("EASE2_M25km", Global25, 2, (1_388, 584), M25_CELL_M) },
            Self::T25 => const { &grid("EASE2_T25km", Temperate25, 1, (1_388, 540), M25_CELL_M) },
            Self::N01 => const { &polar("EASE2_N01km", North, 18_000, 1_000.0) },
            Self::N03 => const { &polar("EASE2_N03km", North, 6_000, 3_000.0) },
            Self::N09 => const { &polar("EASE2_N09km", North, 2_000, 9_000.0) },
            Self::N12_5 => const { &polar("EASE2_N12.5km", North, 1_440, 12_500.0) },
            Self::N25 => const { &polar("EASE2_N25km", North, 720, 25_000.0) },
            Self::N36 => const { &polar("EASE2_N36km", North, 500, 36_000.0) },
            Self::S01 => const { &polar("EASE2_S01km", South, 18_000, 1_000.0) },
            Self::S03 => const { &polar("EASE2_S03km", South, 6_000, 3_000.0) },
            Self::S09 => const { &polar("EASE2_S09km", South, 2_000, 9_000.0) },
            Self::S12_5 => const { &polar("EASE2_S12.5km", South, 1_440, 12_500.0) },
            Self::S25 => const { &polar("EASE2_S25km", South, 720, 25_000.0) },
            Self::S36 => const { &polar("EASE2_S36km", South, 500, 36_000.0) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The corner is published to 1e-7 m, the cell sizes to about 1e-11 m; over 34,704 cells.
    const MAX_EXTENT_ERR_M: f64 = 1e-6;

    #[test]
    fn cells_times_size_spans_the_grid() {
        for &grid in EaseGrid2::ALL {
            let (origin, cell) = (grid.origin_m(), grid.cell_size_m());
            let width_m = grid.cols() as f64 * cell;
            let height_m = grid.rows() as f64 * cell;
            assert!(
                (width_m + 2.0 * origin.x_m).abs() <= MAX_EXTENT_ERR_M,
                "{grid}"
            );
            assert!(
                (height_m - 2.0 * origin.y_m).abs() <= MAX_EXTENT_ERR_M,
                "{grid}"
            );
        }
    }

    #[test]
    fn a_cell_is_a_whole_number_of_lattice_units() {
        for &grid in EaseGrid2::ALL {
            let p = grid.parameters();
            let by_units_m = p.lattice.unit_m() * (p.units_per_cell * p.cols) as f64;
            let by_cells_m = p.cell_size_m * p.cols as f64;
            assert!(
                (by_units_m - by_cells_m).abs() <= MAX_EXTENT_ERR_M,
                "{grid}"
            );
        }
    }

    #[test]
    fn the_temperate_grid_starts_22_rows_below_the_global_one() {
        let rows = (GLOBAL_25_TOP_M - TEMPERATE_25_TOP_M) / M25_CELL_M;
        assert!((rows - 22.0).abs() < 1e-9, "{rows}");
    }

    #[test]
    fn the_extents_named_in_messages_are_those_of_the_grids() {
        for grid in [EaseGrid2::M01, EaseGrid2::M25, EaseGrid2::T25] {
            let edge = ProjectedM {
                x_m: 0.0,
                y_m: grid.origin_m().y_m,
            };
            let lat_deg = grid.unproject(edge).unwrap().lat_deg;
            let Extent::Latitudes(named_deg) = grid.coverage() else {
                panic!("{grid}")
            };
            assert!((lat_deg - named_deg).abs() <= 0.5e-7, "{grid}: {lat_deg}");
        }
    }
}
