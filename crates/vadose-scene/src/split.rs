//! Splits of stations into train, validation and test.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{SceneError, StationSite, seed};

/// What a station (or a scene) is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Its values enter the loss.
    Train,
    /// It decides when to stop and what to select; never enters the loss.
    Validation,
    /// Read once, at the end, for the tables.
    Test,
}

/// Number of members of each split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitCounts {
    /// In train.
    pub train: usize,
    /// In validation.
    pub validation: usize,
    /// In test.
    pub test: usize,
}

/// Which stations are kept together, and which are held out.
///
/// Stations of one cell always stay together. A station that moved keeps all its cells together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum SplitMethod {
    /// Cells are drawn at random: the paper's split by sensor. Stations of different splits may be
    /// neighbours.
    RandomStation,
    /// Square blocks are drawn at random, for test and for validation.
    SpatialBlock {
        /// Edge of a block in cells of the scenes' grid: 9 is a cell of M09, 36 of M36.
        cells: usize,
    },
    /// Regions between meridians are held out as test; validation is drawn from the other cells.
    Region {
        /// Boundaries in degrees east, ascending; two boundaries make three regions, numbered
        /// from 0 in the west. A station on a boundary belongs to the region east of it.
        boundaries_lon_deg: Vec<f64>,
        /// Numbers of the regions held out.
        test: BTreeSet<usize>,
    },
    /// Networks are held out as test; validation is drawn from the other cells.
    Network {
        /// Names of the networks held out.
        test: BTreeSet<String>,
    },
}

/// How stations are split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SplitConfig {
    /// Which stations are kept together, and which are held out.
    pub method: SplitMethod,
    /// Share of the stations for test, 0 to 1. Without effect for regions and networks, which
    /// name what they hold out.
    pub test_fraction: f64,
    /// Share of the stations that are not test, 0 to 1, for validation.
    pub validation_fraction_of_rest: f64,
    /// Master seed; the split uses the purpose `station split` of it. Not part of a configuration
    /// file, which has one seed for the whole run.
    #[serde(skip)]
    pub seed: u64,
}

impl Default for SplitConfig {
    /// [`SplitConfig::paper`] with seed 0.
    fn default() -> Self {
        Self::paper(0)
    }
}

impl SplitConfig {
    /// The paper's split by sensor: 30 % test, and of the other 70 % one seventh validation.
    pub fn paper(seed: u64) -> Self {
        Self {
            method: SplitMethod::RandomStation,
            test_fraction: 0.30,
            validation_fraction_of_rest: 1.0 / 7.0,
            seed,
        }
    }

    /// Splits the stations.
    ///
    /// Groups that must stay together are put in order of their first station's name, shuffled by
    /// the seed, and taken from the front: first test, then validation, then train. Each share
    /// ends where its number of stations is nearest to its fraction, so with one station in each
    /// cell the numbers are exact. The order of `sites` has no influence.
    ///
    /// # Errors
    /// [`SceneError::Empty`] without sites; [`SceneError::OutOfRange`];
    /// [`SceneError::RegionBoundaries`]; [`SceneError::InvalidLocation`] in a split by region;
    /// [`SceneError::NoNetwork`];
    /// [`SceneError::NothingHeldOut`] for a region or network without stations.
    /// # Examples
    /// ```
    /// use vadose_grid::{Cell, LatLonDeg};
    /// use vadose_scene::{Split, SplitConfig, StationSite};
    ///
    /// let sites: Vec<_> = (0..70)
    ///     .map(|i| StationSite {
    ///         station: format!("station-{i:02}"),
    ///         network: None,
    ///         cell: Cell { row: 2000 + i, col: 7000 },
    ///         location: LatLonDeg { lat_deg: 45.0, lon_deg: -100.0 },
    ///     })
    ///     .collect();
    /// let split = SplitConfig::paper(7).build(&sites)?;
    /// let counts = split.counts();
    /// assert_eq!((counts.train, counts.validation, counts.test), (42, 7, 21));
    /// # Ok::<(), vadose_scene::SceneError>(())
    /// ```
    pub fn build(&self, sites: &[StationSite]) -> Result<StationSplit, SceneError> {
        if sites.is_empty() {
            return Err(SceneError::Empty {
                what: "a station split",
                of: "station",
            });
        }
        for (what, value) in [
            ("test_fraction", self.test_fraction),
            (
                "validation_fraction_of_rest",
                self.validation_fraction_of_rest,
            ),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(SceneError::OutOfRange {
                    what,
                    value,
                    range: "from 0 to 1",
                });
            }
        }
        let block_cells = match self.method {
            SplitMethod::SpatialBlock { cells: 0 } => {
                return Err(SceneError::OutOfRange {
                    what: "block edge in cells",
                    value: 0.0,
                    range: "at least 1",
                });
            }
            SplitMethod::SpatialBlock { cells } => cells,
            _ => 1,
        };
        let mut groups = groups_by_block(sites, block_cells);
        let mut rng = seed::rng(self.seed, "station split");
        seed::shuffle(&mut rng, &mut groups);

        let (test, rest) = match self.held_out(sites)? {
            Some(held_out) => groups
                .into_iter()
                .partition(|group| group.iter().any(|station| held_out.contains(station))),
            None => split_front(groups, self.test_fraction),
        };
        let (validation, train) = split_front(rest, self.validation_fraction_of_rest);
        let shares = [
            (train, Split::Train),
            (validation, Split::Validation),
            (test, Split::Test),
        ];
        Ok(shares
            .into_iter()
            .flat_map(|(groups, split)| groups.into_iter().flatten().zip(std::iter::repeat(split)))
            .map(|(station, split)| (station.to_owned(), split))
            .collect())
    }

    /// Stations that the method itself names as test; `None` where test is drawn.
    fn held_out<'a>(
        &self,
        sites: &'a [StationSite],
    ) -> Result<Option<BTreeSet<&'a str>>, SceneError> {
        match &self.method {
            SplitMethod::RandomStation | SplitMethod::SpatialBlock { .. } => Ok(None),
            SplitMethod::Region {
                boundaries_lon_deg,
                test,
            } => {
                check_boundaries(boundaries_lon_deg)?;
                let region_of = |site: &StationSite| {
                    site.check()?;
                    let lon_deg = site.location.lon_deg;
                    Ok(boundaries_lon_deg.partition_point(|boundary| *boundary <= lon_deg))
                };
                stations_in(sites, test, "region", region_of).map(Some)
            }
            SplitMethod::Network { test } => {
                let network_of = |site: &StationSite| {
                    site.network.clone().ok_or_else(|| SceneError::NoNetwork {
                        station: site.station.clone(),
                    })
                };
                stations_in(sites, test, "network", network_of).map(Some)
            }
        }
    }
}

/// Station to split; every station of a cell in the same one when made by [`SplitConfig::build`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StationSplit(BTreeMap<String, Split>);

impl StationSplit {
    /// The split of a station, `None` for one that is not part of it.
    pub fn get(&self, station: &str) -> Option<Split> {
        self.0.get(station).copied()
    }

    /// The split that all these stations share (those of one cell, say); `None` where they differ,
    /// where one is unknown, or where there are none.
    pub fn of_all(&self, stations: &[String]) -> Option<Split> {
        let (first, others) = stations.split_first()?;
        let split = self.get(first)?;
        others
            .iter()
            .all(|other| self.get(other) == Some(split))
            .then_some(split)
    }

    /// Stations and their splits in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Split)> {
        self.0
            .iter()
            .map(|(station, split)| (station.as_str(), *split))
    }

    /// Number of stations in each split.
    pub fn counts(&self) -> SplitCounts {
        let of = |split| self.0.values().filter(|s| **s == split).count();
        SplitCounts {
            train: of(Split::Train),
            validation: of(Split::Validation),
            test: of(Split::Test),
        }
    }
}

/// For splits that are given and not drawn. The last of several entries for a station counts.
impl FromIterator<(String, Split)> for StationSplit {
    fn from_iter<I: IntoIterator<Item = (String, Split)>>(assignments: I) -> Self {
        Self(assignments.into_iter().collect())
    }
}

/// Stations that share a block, directly or through others; each group and the groups in order of
/// name.
fn groups_by_block(sites: &[StationSite], block_cells: usize) -> Vec<Vec<&str>> {
    let stations: BTreeSet<&str> = sites.iter().map(|site| site.station.as_str()).collect();
    let number: BTreeMap<&str, usize> = stations.iter().copied().zip(0..).collect();
    let mut parent: Vec<usize> = (0..stations.len()).collect();
    let mut first_in_block = BTreeMap::new();
    for site in sites {
        let own = number[site.station.as_str()];
        let block = (site.cell.row / block_cells, site.cell.col / block_cells);
        let other = *first_in_block.entry(block).or_insert(own);
        let (a, b) = (root(&mut parent, own), root(&mut parent, other));
        parent[a.max(b)] = a.min(b);
    }
    let mut groups: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (station, own) in number {
        groups
            .entry(root(&mut parent, own))
            .or_default()
            .push(station);
    }
    groups.into_values().collect()
}

/// Representative of a station's group, the path to it halved on the way.
fn root(parent: &mut [usize], mut own: usize) -> usize {
    while parent[own] != own {
        parent[own] = parent[parent[own]];
        own = parent[own];
    }
    own
}

/// Cuts groups after the number whose stations come nearest to the fraction (the fewer on a tie).
fn split_front(mut groups: Vec<Vec<&str>>, fraction: f64) -> (Vec<Vec<&str>>, Vec<Vec<&str>>) {
    let n_stations: usize = groups.iter().map(Vec::len).sum();
    let target = (fraction * n_stations as f64).round() as usize;
    let (mut n_groups, mut n_taken) = (0, 0);
    for group in &groups {
        if (n_taken + group.len()).abs_diff(target) >= n_taken.abs_diff(target) {
            break;
        }
        n_taken += group.len();
        n_groups += 1;
    }
    let rest = groups.split_off(n_groups);
    (groups, rest)
}

fn check_boundaries(boundaries_lon_deg: &[f64]) -> Result<(), SceneError> {
    let within = boundaries_lon_deg
        .iter()
        .all(|b| (-180.0..=180.0).contains(b));
    if within && boundaries_lon_deg.is_sorted_by(|west, east| west < east) {
        return Ok(());
    }
    Err(SceneError::RegionBoundaries {
        boundaries_lon_deg: boundaries_lon_deg.to_vec(),
    })
}

/// Stations of the classes that are held out; each class must have one.
fn stations_in<'a, C: Ord + std::fmt::Display>(
    sites: &'a [StationSite],
    held_out: &BTreeSet<C>,
    what: &'static str,
    class_of: impl Fn(&StationSite) -> Result<C, SceneError>,
) -> Result<BTreeSet<&'a str>, SceneError> {
    let mut stations = BTreeSet::new();
    let mut met = BTreeSet::new();
    for site in sites {
        let class = class_of(site)?;
        if held_out.contains(&class) {
            stations.insert(site.station.as_str());
            met.insert(class);
        }
    }
    match held_out.iter().find(|class| !met.contains(class)) {
        Some(class) => Err(SceneError::NothingHeldOut {
            what,
            name: class.to_string(),
        }),
        None => Ok(stations),
    }
}

#[cfg(test)]
mod tests;
