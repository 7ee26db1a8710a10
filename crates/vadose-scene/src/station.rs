//! Stations: observations, cells that hold them, and where they stand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vadose_grid::{Cell, LatLonDeg};

use crate::{SceneError, SceneSource};

/// Soil moisture that one station reports, and the cell it stands in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationObservation {
    /// Name, unique over all networks (`USCRN/Denio-52-WSW`).
    pub station: String,
    /// Cell of the scene's grid.
    pub cell: Cell,
    /// Volumetric soil moisture, m3 m-3.
    pub value_m3m3: f32,
}

/// Soil moisture of one cell: a single station, or the mean of those that stand in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationCell {
    /// Cell of the scene's grid.
    pub cell: Cell,
    /// Volumetric soil moisture, m3 m-3.
    pub value_m3m3: f32,
    /// Weight of this cell's term in the loss; above 0.
    pub weight: f32,
    /// The stations in this cell, in alphabetic order when made by [`average_by_cell`].
    pub stations: Vec<String>,
}

impl StationCell {
    /// Refuses values and weights that a loss cannot use.
    pub(crate) fn check(&self) -> Result<(), SceneError> {
        let weight_is_good = self.weight.is_finite() && self.weight > 0.0;
        if self.value_m3m3.is_finite() && weight_is_good {
            return Ok(());
        }
        Err(SceneError::InvalidStation {
            station: self.stations.join(", "),
            value: self.value_m3m3,
            weight: self.weight,
        })
    }
}

/// Averages stations that share a cell: first each station's own observations, then the stations
/// of a cell, each with equal say.
///
/// # Shapes and units
/// m3 m-3; sums in f64. Every cell gets weight 1, whatever the number of its stations, as in the
/// paper. The result is ordered by cell (row, then column), whatever the order of the input.
/// # Missing values
/// None are taken: leave missing observations out.
/// # Errors
/// [`SceneError::InvalidStation`] for a value that is not finite.
/// # Examples
/// ```
/// use vadose_grid::Cell;
/// use vadose_scene::{StationObservation, average_by_cell};
///
/// let cell = Cell { row: 1974, col: 7623 };
/// let of = |station: &str, value_m3m3| StationObservation { station: station.into(), cell, value_m3m3 };
/// let cells = average_by_cell(&[of("A", 0.10), of("A", 0.20), of("B", 0.25)])?;
/// assert_eq!(cells.len(), 1);
/// assert_eq!(cells[0].value_m3m3, 0.20); // (0.15 + 0.25) / 2
/// assert_eq!(cells[0].stations, ["A", "B"]);
/// # Ok::<(), vadose_scene::SceneError>(())
/// ```
pub fn average_by_cell(
    observations: &[StationObservation],
) -> Result<Vec<StationCell>, SceneError> {
    let mut by_cell: BTreeMap<Cell, BTreeMap<&str, (f64, u32)>> = BTreeMap::new();
    for observation in observations {
        if !observation.value_m3m3.is_finite() {
            return Err(SceneError::InvalidStation {
                station: observation.station.clone(),
                value: observation.value_m3m3,
                weight: 1.0,
            });
        }
        let stations = by_cell.entry(observation.cell).or_default();
        let (sum, n) = stations.entry(&observation.station).or_default();
        *sum += f64::from(observation.value_m3m3);
        *n += 1;
    }
    let cells = by_cell.into_iter().map(|(cell, stations)| {
        let sum: f64 = stations.values().map(|&(sum, n)| sum / f64::from(n)).sum();
        StationCell {
            cell,
            value_m3m3: (sum / stations.len() as f64) as f32,
            weight: 1.0,
            stations: stations.into_keys().map(str::to_owned).collect(),
        }
    });
    Ok(cells.collect())
}

/// Where a station stands: what a split and a leak report need to know of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationSite {
    /// Name, as in [`StationCell::stations`].
    pub station: String,
    /// Network, where it is known; needed only by a split by network.
    pub network: Option<String>,
    /// Cell of the scenes' grid.
    pub cell: Cell,
    /// Coordinates, longitude within -180 to 180.
    pub location: LatLonDeg,
}

impl StationSite {
    /// Refuses coordinates that no distance can be measured from.
    pub(crate) fn check(&self) -> Result<(), SceneError> {
        let LatLonDeg { lat_deg, lon_deg } = self.location;
        if (-90.0..=90.0).contains(&lat_deg) && (-180.0..=180.0).contains(&lon_deg) {
            return Ok(());
        }
        Err(SceneError::InvalidLocation {
            station: self.station.clone(),
            location: self.location,
        })
    }
}

/// The sites of all stations of a source, at the centres of their cells, without networks.
///
/// For stations whose exact coordinates or networks matter, build [`StationSite`]s from the
/// station table instead. Ordered by name, then cell; a station that moved has one site for each
/// of its cells.
///
/// # Errors
/// What the source returns; [`SceneError::Grid`] for a cell without a centre.
pub fn station_sites(source: &dyn SceneSource) -> Result<Vec<StationSite>, SceneError> {
    let mut locations: BTreeMap<(String, Cell), LatLonDeg> = BTreeMap::new();
    for index in 0..source.len() {
        let scene = source.scene(index)?;
        let grid = scene.window().grid();
        for station_cell in scene.stations() {
            let centre = grid.centre(station_cell.cell).map_err(SceneError::grid)?;
            for station in &station_cell.stations {
                locations.insert((station.clone(), station_cell.cell), centre);
            }
        }
    }
    let sites = locations
        .into_iter()
        .map(|((station, cell), location)| StationSite {
            station,
            network: None,
            cell,
            location,
        });
    Ok(sites.collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vadose_grid::{EaseGrid2, Window};

    use super::*;
    use crate::{InMemoryScenes, Scene};

    fn observation(station: &str, row: usize, value_m3m3: f32) -> StationObservation {
        StationObservation {
            station: station.to_owned(),
            cell: Cell { row, col: 7 },
            value_m3m3,
        }
    }

    #[test]
    fn a_station_with_many_probes_has_no_more_say_than_its_neighbour() {
        let observations = [
            observation("b", 3, 0.30),
            observation("a", 3, 0.10),
            observation("a", 3, 0.10),
            observation("a", 3, 0.10),
            observation("c", 1, 0.25),
        ];
        let cells = average_by_cell(&observations).unwrap();
        assert_eq!(cells.len(), 2);
        assert_eq!((cells[0].cell.row, cells[1].cell.row), (1, 3));
        assert_eq!(cells[0].value_m3m3, 0.25);
        assert_eq!(cells[1].value_m3m3, 0.2);
        assert_eq!(cells[1].weight, 1.0);
        assert_eq!(cells[1].stations, ["a", "b"]);
    }

    #[test]
    fn no_observation_gives_no_cell_and_a_missing_value_is_refused() {
        assert!(average_by_cell(&[]).unwrap().is_empty());
        assert!(matches!(
            average_by_cell(&[observation("a", 1, f32::NAN)]),
            Err(SceneError::InvalidStation { station, .. }) if station == "a"
        ));
    }

    #[test]
    fn sites_are_collected_once_over_all_scenes() {
        let window = Window::new(EaseGrid2::M01, 2603, 7203, 2, 1).unwrap();
        let station = |row, names: &[&str]| StationCell {
            cell: Cell { row, col: 7203 },
            value_m3m3: 0.2,
            weight: 1.0,
            stations: names.iter().map(|n| (*n).to_owned()).collect(),
        };
        let scene = |stations| Scene::new("s", window).with_stations(stations).unwrap();
        let scenes: InMemoryScenes = [
            scene(vec![station(2604, &["b"]), station(2603, &["c", "a"])]),
            scene(vec![station(2604, &["b"])]),
        ]
        .into_iter()
        .collect();
        let sites = station_sites(&scenes).unwrap();
        let names: Vec<_> = sites.iter().map(|site| site.station.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        // Boulder, 40.0150 N 105.2705 W, lies in this cell, whose edges are about 1 km.
        let boulder = LatLonDeg {
            lat_deg: 40.0150,
            lon_deg: -105.2705,
        };
        assert!(crate::great_circle_km(sites[0].location, boulder) < 0.75);
    }

    proptest! {
        #[test]
        fn averages_lie_within_their_observations_whatever_the_order(
            values in proptest::collection::vec((0_usize..5, 0_usize..4, 0.0_f32..0.6), 1..40),
        ) {
            let observations: Vec<_> = values
                .iter()
                .map(|(row, station, value)| observation(&station.to_string(), *row, *value))
                .collect();
            let cells = average_by_cell(&observations).unwrap();
            for cell in &cells {
                let own = || observations.iter().filter(|o| o.cell == cell.cell).map(|o| o.value_m3m3);
                let least = own().fold(f32::INFINITY, f32::min);
                let most = own().fold(f32::NEG_INFINITY, f32::max);
                prop_assert!((least..=most).contains(&cell.value_m3m3));
            }
            let reversed: Vec<_> = observations.iter().rev().cloned().collect();
            for (a, b) in cells.iter().zip(average_by_cell(&reversed).unwrap()) {
                prop_assert_eq!(a.cell, b.cell);
                prop_assert!((a.value_m3m3 - b.value_m3m3).abs() <= f32::EPSILON);
            }
        }
    }
}
