//! The leak report: where stations of different splits are not independent.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use vadose_grid::{Cell, LatLonDeg};

use crate::{
    COARSE_FACTOR, SceneError, SceneSource, Split, StationSite, StationSplit, Tile, covering_tiles,
    great_circle_km,
};

/// What counts as a leak.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LeakConfig {
    /// Edge of the tiles, cells.
    pub tile_size: usize,
    /// Least overlap of neighbouring tiles, cells.
    pub min_overlap: usize,
    /// Stations nearer than this are reported, km.
    pub min_distance_km: f64,
}

impl Default for LeakConfig {
    /// The paper's tiles of 256 cells, side by side, and 36 km: SMAP's footprint.
    fn default() -> Self {
        Self {
            tile_size: 256,
            min_overlap: 0,
            min_distance_km: 36.0,
        }
    }
}

/// A station and what it is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeakStation {
    /// Name.
    pub station: String,
    /// Its split.
    pub split: Split,
}

/// Two stations of different splits that a network sees in the same tile of the same day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedTileDays {
    /// The one.
    pub first: LeakStation,
    /// The other.
    pub second: LeakStation,
    /// Number of different tiles and days in which both have a value.
    pub tile_days: usize,
}

/// Two stations of different splits in one cell of the coarse grid, hence of one coarse target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedCoarseCell {
    /// The one.
    pub first: LeakStation,
    /// The other.
    pub second: LeakStation,
    /// The coarse cell (of M09 for scenes on M01).
    pub coarse_cell: Cell,
}

/// Two stations of different splits that stand near to each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClosePair {
    /// The one.
    pub first: LeakStation,
    /// The other.
    pub second: LeakStation,
    /// Great-circle distance, km.
    pub distance_km: f64,
}

/// Lengths of the lists, and how many test stations are on any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeakCounts {
    /// Pairs that share a tile and day.
    pub shared_tile_days: usize,
    /// Pairs that share a coarse cell.
    pub shared_coarse_cells: usize,
    /// Pairs nearer than the least distance.
    pub close_pairs: usize,
    /// Test stations in any of these pairs.
    pub test_stations_affected: usize,
}

/// Pairs of stations of different splits that are not independent, by three criteria.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeakReport {
    /// What was looked for.
    pub config: LeakConfig,
    /// How many of each.
    pub counts: LeakCounts,
    /// Pairs that share a tile and day, in order of names.
    pub shared_tile_days: Vec<SharedTileDays>,
    /// Pairs that share a coarse cell, in order of names.
    pub shared_coarse_cells: Vec<SharedCoarseCell>,
    /// Pairs nearer than the least distance, in order of names.
    pub close_pairs: Vec<ClosePair>,
}

impl LeakReport {
    /// True where nothing was found.
    pub fn is_clean(&self) -> bool {
        self.shared_tile_days.is_empty()
            && self.shared_coarse_cells.is_empty()
            && self.close_pairs.is_empty()
    }
}

/// Lists the pairs of stations of different splits that share a tile and day, a coarse cell, or
/// less than a chosen distance.
///
/// Tiles are those of [`covering_tiles`] for each scene's window; the day is the UTC date of the
/// scene, and a scene without time is a day of its own. Several scenes of one day with the same
/// tile count once. Stations that the split does not hold are left out. A station with several
/// sites (it moved) is near to another by the least of their distances.
///
/// A source without scenes leaves the first list empty; sites decide the other two. Stations of
/// one split are never a pair, whatever they share.
///
/// # Errors
/// [`SceneError::TileOverlap`]; [`SceneError::OutOfRange`] for a distance that is negative or not
/// finite; [`SceneError::InvalidLocation`]; what the source returns.
/// # Examples
/// ```
/// use vadose_grid::{Cell, LatLonDeg};
/// use vadose_scene::{InMemoryScenes, LeakConfig, Split, StationSite, StationSplit, leak_report};
///
/// let site = |station: &str, row, lat_deg| StationSite {
///     station: station.into(),
///     network: None,
///     cell: Cell { row, col: 7200 },
///     location: LatLonDeg { lat_deg, lon_deg: -105.0 },
/// };
/// let sites = [site("A", 2601, 40.00), site("B", 2602, 39.99), site("C", 3000, 36.0)];
/// let split: StationSplit =
///     [("A", Split::Train), ("B", Split::Test), ("C", Split::Test)].map(|(s, split)| (s.to_owned(), split)).into_iter().collect();
///
/// let report = leak_report(&sites, &InMemoryScenes::default(), &split, &LeakConfig::default())?;
/// assert_eq!(report.counts.shared_coarse_cells, 1); // rows 2601 and 2602 both lie in M09 row 289
/// assert_eq!(report.counts.close_pairs, 1); // 1.1 km
/// assert_eq!(report.counts.test_stations_affected, 1); // B; C is far away
/// # Ok::<(), vadose_scene::SceneError>(())
/// ```
pub fn leak_report(
    sites: &[StationSite],
    scenes: &dyn SceneSource,
    split: &StationSplit,
    config: &LeakConfig,
) -> Result<LeakReport, SceneError> {
    if !(config.min_distance_km.is_finite() && config.min_distance_km >= 0.0) {
        return Err(SceneError::OutOfRange {
            what: "min_distance_km",
            value: config.min_distance_km,
            range: "finite and at least 0",
        });
    }
    sites.iter().try_for_each(StationSite::check)?;
    let shared_tile_days = shared_tile_days(scenes, split, config)?;
    let shared_coarse_cells = shared_coarse_cells(sites, split);
    let close_pairs = close_pairs(sites, split, config.min_distance_km);
    let tile_days = shared_tile_days.iter().map(|p| (&p.first, &p.second));
    let coarse_cells = shared_coarse_cells.iter().map(|p| (&p.first, &p.second));
    let close = close_pairs.iter().map(|p| (&p.first, &p.second));
    let affected: BTreeSet<&LeakStation> = tile_days
        .chain(coarse_cells)
        .chain(close)
        .flat_map(|(first, second)| [first, second])
        .filter(|station| station.split == Split::Test)
        .collect();
    let counts = LeakCounts {
        shared_tile_days: shared_tile_days.len(),
        shared_coarse_cells: shared_coarse_cells.len(),
        close_pairs: close_pairs.len(),
        test_stations_affected: affected.len(),
    };
    Ok(LeakReport {
        config: *config,
        counts,
        shared_tile_days,
        shared_coarse_cells,
        close_pairs,
    })
}

/// Names in order with their splits, where the splits differ.
fn pair_of_different_splits(
    a: &str,
    b: &str,
    split: &StationSplit,
) -> Option<(LeakStation, LeakStation)> {
    let of = |station: &str| {
        Some(LeakStation {
            station: station.to_owned(),
            split: split.get(station)?,
        })
    };
    let (first, second) = (of(a.min(b))?, of(a.max(b))?);
    (first.split != second.split).then_some((first, second))
}

/// All pairs of a group that are of different splits.
fn pairs_within<'a>(
    group: &'a BTreeSet<&'a str>,
    split: &'a StationSplit,
) -> impl Iterator<Item = (LeakStation, LeakStation)> + 'a {
    group.iter().enumerate().flat_map(move |(idx, a)| {
        group
            .iter()
            .skip(idx + 1)
            .filter_map(move |b| pair_of_different_splits(a, b, split))
    })
}

fn shared_tile_days(
    scenes: &dyn SceneSource,
    split: &StationSplit,
    config: &LeakConfig,
) -> Result<Vec<SharedTileDays>, SceneError> {
    let mut stations_by_tile_day: BTreeMap<(String, Tile), BTreeSet<String>> = BTreeMap::new();
    for index in 0..scenes.len() {
        let scene = scenes.scene(index)?;
        let day = match scene.time() {
            Some(time) => time.to_zoned(TimeZone::UTC).date().to_string(),
            None => format!("scene {index} ({})", scene.id()),
        };
        for tile in covering_tiles(scene.window(), config.tile_size, config.min_overlap)? {
            let inside = scene.stations().iter().filter(|s| tile.contains(s.cell));
            let names = inside.flat_map(|s| s.stations.iter().cloned());
            stations_by_tile_day
                .entry((day.clone(), tile))
                .or_default()
                .extend(names);
        }
    }
    let mut pairs: BTreeMap<(LeakStation, LeakStation), usize> = BTreeMap::new();
    for stations in stations_by_tile_day.values() {
        let group = stations.iter().map(String::as_str).collect();
        for pair in pairs_within(&group, split) {
            *pairs.entry(pair).or_default() += 1;
        }
    }
    let shared = pairs
        .into_iter()
        .map(|((first, second), tile_days)| SharedTileDays {
            first,
            second,
            tile_days,
        });
    Ok(shared.collect())
}

fn shared_coarse_cells(sites: &[StationSite], split: &StationSplit) -> Vec<SharedCoarseCell> {
    let mut stations_by_cell: BTreeMap<Cell, BTreeSet<&str>> = BTreeMap::new();
    for site in sites {
        let coarse_cell = Cell {
            row: site.cell.row / COARSE_FACTOR,
            col: site.cell.col / COARSE_FACTOR,
        };
        stations_by_cell
            .entry(coarse_cell)
            .or_default()
            .insert(&site.station);
    }
    let mut shared: Vec<_> = stations_by_cell
        .iter()
        .flat_map(|(&coarse_cell, group)| {
            pairs_within(group, split).map(move |(first, second)| SharedCoarseCell {
                first,
                second,
                coarse_cell,
            })
        })
        .collect();
    shared.sort_by(|a, b| {
        (&a.first, &a.second, a.coarse_cell).cmp(&(&b.first, &b.second, b.coarse_cell))
    });
    shared
}

fn close_pairs(
    sites: &[StationSite],
    split: &StationSplit,
    min_distance_km: f64,
) -> Vec<ClosePair> {
    let mut by_latitude: Vec<_> = sites.iter().collect();
    by_latitude.sort_by(|a, b| a.location.lat_deg.total_cmp(&b.location.lat_deg));
    let mut nearest: BTreeMap<(LeakStation, LeakStation), f64> = BTreeMap::new();
    for (idx, a) in by_latitude.iter().enumerate() {
        for b in &by_latitude[idx + 1..] {
            // No pair is nearer than its difference in latitude, and later ones differ by more.
            let north = LatLonDeg {
                lat_deg: b.location.lat_deg,
                ..a.location
            };
            if great_circle_km(a.location, north) > min_distance_km {
                break;
            }
            let distance_km = great_circle_km(a.location, b.location);
            if distance_km >= min_distance_km {
                continue;
            }
            if let Some(pair) = pair_of_different_splits(&a.station, &b.station, split) {
                let least = nearest.entry(pair).or_insert(distance_km);
                *least = least.min(distance_km);
            }
        }
    }
    let close = nearest
        .into_iter()
        .map(|((first, second), distance_km)| ClosePair {
            first,
            second,
            distance_km,
        });
    close.collect()
}

#[cfg(test)]
mod tests;
