//! Where stations stand.

use vadose_grid::{Cell, EaseGrid2, LatLonDeg, Window};
use vadose_physics::IgbpClass;
use vadose_scene::seed;

use super::name;
use crate::error::TwinError;
use crate::hash;
use crate::landscape::Landscape;

/// The network of a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Network {
    /// U.S. Climate Reference Network: anywhere.
    Uscrn,
    /// Snow Telemetry: in mountains, by the inch.
    Snotel,
}

impl Network {
    /// Name of the network in ISMN.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Uscrn => "USCRN",
            Self::Snotel => "SNOTEL",
        }
    }

    /// Depth of the shallow probe, m: 5 cm, or two inches.
    #[must_use]
    pub fn shallow_m(self) -> f64 {
        match self {
            Self::Uscrn => 0.05,
            Self::Snotel => 0.0508,
        }
    }

    /// Depth of the second probe, m: 10 cm, or eight inches.
    #[must_use]
    pub fn deep_m(self) -> f64 {
        match self {
            Self::Uscrn => 0.10,
            Self::Snotel => 0.2032,
        }
    }

    /// Sensor name in ISMN.
    #[must_use]
    pub fn sensor(self) -> &'static str {
        match self {
            Self::Uscrn => "Stevens-Hydraprobe-II-Sdi-12",
            Self::Snotel => "Hydraprobe-Analog-(2.5-Volt)",
        }
    }
}

/// A station.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Name, unique over the globe.
    pub name: String,
    /// Its network.
    pub network: Network,
    /// Cell of M01.
    pub cell: Cell,
    /// Coordinates, inside the cell.
    pub location: LatLonDeg,
    /// Height of the ground, m.
    pub elevation_m: f32,
    /// Seed of everything that is particular to it.
    pub(super) seed: u64,
}

/// Cells along an edge of the tiles in which stations are counted, as the paper's.
const TILE_CELLS: usize = 256;
/// Height above which a station is of SNOTEL, m: nine in ten SNOTEL sites lie above.
const SNOTEL_ABOVE_M: f32 = 1200.0;
/// One station in this many has a second one in its cell.
const PAIR_EVERY: u64 = 30;
/// Half the width of the middle of a cell in which stations stand, in cells: they cannot be
/// mistaken for the neighbour's.
const MIDDLE: f64 = 0.45;

/// The stations of a window of M01, by row, column and name: `per_tile` candidates in each tile of
/// 256 × 256 cells of the globe, without those on water, ice or built-up land.
///
/// A part of the window gives the same stations as the whole.
///
/// # Errors
/// [`TwinError::Grid`] for a window of another grid; [`TwinError::Config`] for more stations in a
/// tile than there are names (128).
pub fn place(
    landscape: &Landscape,
    master: u64,
    window: &Window,
    per_tile: u32,
) -> Result<Vec<Site>, TwinError> {
    if window.grid() != EaseGrid2::M01 {
        return Err(TwinError::Grid { got: window.grid() });
    }
    let most = name::PER_TILE as f64 / 2.0;
    crate::error::check_range("stations.per_tile", f64::from(per_tile), 0.0, most)?;
    let seed = seed::derive(master, "stations");
    let tiles_across = EaseGrid2::M01.cols().div_ceil(TILE_CELLS);
    let tiles = |first: usize, n: usize| first / TILE_CELLS..=(first + n - 1) / TILE_CELLS;
    let mut sites = Vec::new();
    for tile_row in tiles(window.row0(), window.rows()) {
        for tile_col in tiles(window.col0(), window.cols()) {
            let tile = (tile_row * tiles_across + tile_col) as u64;
            for number in 0..u64::from(per_tile) {
                let hash = hash::of_all(seed, &[tile as i64, number as i64]);
                let corner = (tile_row * TILE_CELLS, tile_col * TILE_CELLS);
                let Some((cell, ground)) = chosen(landscape, corner, hash)? else {
                    continue;
                };
                if !window.contains(cell) {
                    continue;
                }
                sites.push(site(cell, &ground, hash, name::of(tile, number))?);
                if (hash >> 32).is_multiple_of(PAIR_EVERY) {
                    let second = name::of(tile, number + name::PER_TILE / 2);
                    sites.push(site(cell, &ground, hash::of_all(hash, &[2]), second)?);
                }
            }
        }
    }
    sites.sort_by(|a, b| (a.cell, &a.name).cmp(&(b.cell, &b.name)));
    Ok(sites)
}

/// The cell of a station in the tile with this corner: the first of two draws, or the second if
/// only that lies in the mountains, where most stations of the real networks stand. `None` if no
/// station can stand there.
fn chosen(
    landscape: &Landscape,
    (row0, col0): (usize, usize),
    hash: u64,
) -> Result<Option<(Cell, Ground)>, TwinError> {
    let draw = |hash: u64| {
        let part = |hash: u64| (hash % TILE_CELLS as u64) as usize;
        let (row, col) = (row0 + part(hash), col0 + part(hash >> 16));
        let on_grid = row < EaseGrid2::M01.rows() && col < EaseGrid2::M01.cols();
        match on_grid {
            true => ground_of(landscape, Cell { row, col })
                .map(|ground| Some(Cell { row, col }).zip(ground)),
            false => Ok(None),
        }
    };
    let first = draw(hash)?;
    let second = draw(hash::of_all(hash, &[1]))?;
    let in_mountains = |place: &Option<(Cell, Ground)>| {
        place
            .as_ref()
            .is_some_and(|(_, ground)| ground.network == Network::Snotel)
    };
    let better = !in_mountains(&first) && in_mountains(&second);
    Ok(if better { second } else { first })
}

/// What decides about a station's network.
struct Ground {
    elevation_m: f32,
    network: Network,
}

/// `None` where no station can stand.
fn ground_of(landscape: &Landscape, cell: Cell) -> Result<Option<Ground>, TwinError> {
    let window = Window::new(EaseGrid2::M01, cell.row, cell.col, 1, 1).map_err(TwinError::Place)?;
    let layers = landscape.layers(&window)?;
    let unfit = [IgbpClass::Water, IgbpClass::Urban, IgbpClass::SnowAndIce].map(IgbpClass::code);
    let at = [0, 0];
    if unfit.contains(&layers.land_cover[at]) || layers.water_fraction[at] > 0.3 {
        return Ok(None);
    }
    let elevation_m = layers.elevation_m[at];
    let network = if elevation_m > SNOTEL_ABOVE_M {
        Network::Snotel
    } else {
        Network::Uscrn
    };
    Ok(Some(Ground {
        elevation_m,
        network,
    }))
}

fn site(cell: Cell, ground: &Ground, seed: u64, name: String) -> Result<Site, TwinError> {
    let centre = EaseGrid2::M01.centre_m(cell).map_err(TwinError::Place)?;
    let size_m = EaseGrid2::M01.cell_size_m();
    let offset = |idx| (2.0 * hash::uniform(hash::of_all(seed, &[idx])) - 1.0) * MIDDLE * size_m;
    let point = vadose_grid::ProjectedM {
        x_m: centre.x_m + offset(10),
        y_m: centre.y_m + offset(11),
    };
    Ok(Site {
        name,
        network: ground.network,
        cell,
        location: EaseGrid2::M01.unproject(point).map_err(TwinError::Place)?,
        elevation_m: ground.elevation_m,
        seed,
    })
}
