//! What is built: where, when, of which files.

use std::path::PathBuf;

use jiff::civil::date;
use serde::{Deserialize, Serialize};
use vadose_grid::{Cell, Window};
use vadose_scene::COARSE_FACTOR;

use crate::{Calendar, CubeError, Period, RasterConfig, Region, RegionPreset, StationsConfig};

/// A cube to be built, complete.
///
/// Relative paths are counted from the folder of the configuration ([`Build::new`](crate::Build::new)).
///
/// # Examples
/// ```
/// use vadose_cube::BuildConfig;
///
/// let config = BuildConfig::default();
/// assert_eq!(config.window()?.shape(), (2646, 5697));
/// assert_eq!(config.calendar()?.days().len(), 90); // three Junes
/// # Ok::<(), vadose_cube::CubeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BuildConfig {
    /// Folder of the cube. Default `cube`.
    pub output: PathBuf,
    /// Folders that are searched, with all below them, for granules of SPL2SMP_E, SPL2SMAP_S,
    /// SPL4SMGP and IMERG, which are told by their names. Default `archive`.
    pub archives: Vec<PathBuf>,
    /// Where. Default the contiguous United States.
    pub region: Region,
    /// When, in the order of time. Default June of 2017, 2018 and 2019, as in Tsagkatakis et al.
    /// (2024).
    pub periods: Vec<Period>,
    /// Of how many days before each day the precipitation is held, where they are no days of the cube: for sums
    /// that reach back. 0 to 366. Default 29: with the day itself 30.
    pub lead_days: u16,
    /// The static layers.
    pub rasters: RasterConfig,
    /// The stations.
    pub stations: StationsConfig,
    /// How the arrays are cut into files.
    pub store: StoreConfig,
}

/// How the 1 km arrays are cut into files. Both are fixed when the cube is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// Cells along the edge of a chunk, the least that is read: a multiple of 9. Default 288,
    /// which is 32 cells of 9 km.
    pub chunk_cells: usize,
    /// Cells along the edge of a shard, which is one file a day, and what is worked on at once: a
    /// multiple of the chunk. Default 576.
    pub shard_cells: usize,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            chunk_cells: 288,
            shard_cells: 576,
        }
    }
}

impl Default for BuildConfig {
    fn default() -> Self {
        let june = |year| Period {
            first: date(year, 6, 1),
            last: date(year, 6, 30),
            every: 1,
        };
        Self {
            output: PathBuf::from("cube"),
            archives: vec![PathBuf::from("archive")],
            region: Region::Preset(RegionPreset::Conus),
            periods: [2017, 2018, 2019].map(june).to_vec(),
            lead_days: 29,
            rasters: RasterConfig::default(),
            stations: StationsConfig::default(),
            store: StoreConfig::default(),
        }
    }
}

impl BuildConfig {
    /// The window of M01, its edges on edges of 9 km cells.
    ///
    /// # Errors
    /// Those of [`Region::window`].
    pub fn window(&self) -> Result<Window, CubeError> {
        self.region.window()
    }

    /// The configuration but for where the cube lies, which says nothing of what it holds.
    pub(crate) fn anywhere(&self) -> Self {
        Self {
            output: PathBuf::new(),
            ..self.clone()
        }
    }

    /// The days.
    ///
    /// # Errors
    /// Those of [`Calendar::new`] and [`Region::window`].
    pub fn calendar(&self) -> Result<Calendar, CubeError> {
        Calendar::new(&self.periods, middle_longitude_deg(&self.window()?)?)
    }
}

impl StoreConfig {
    /// Refuses sizes by which 9 km cells or chunks would be cut.
    pub(crate) fn check(&self) -> Result<(), CubeError> {
        let is_multiple = |n: usize, of: usize| n > 0 && of > 0 && n.is_multiple_of(of);
        for (key, n, of, allowed) in [
            (
                "store.chunk_cells",
                self.chunk_cells,
                COARSE_FACTOR,
                "a multiple of 9",
            ),
            (
                "store.shard_cells",
                self.shard_cells,
                self.chunk_cells,
                "a multiple of store.chunk_cells",
            ),
        ] {
            if !is_multiple(n, of) {
                return Err(CubeError::Config {
                    key,
                    value: n.to_string(),
                    allowed,
                });
            }
        }
        Ok(())
    }
}

/// Longitude of the middle of a window, degrees east, which sets its local solar time.
pub(crate) fn middle_longitude_deg(window: &Window) -> Result<f64, CubeError> {
    let middle = Cell {
        row: window.row0() + window.rows() / 2,
        col: window.col0() + window.cols() / 2,
    };
    Ok(window.grid().centre(middle)?.lon_deg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_comes_back_from_json_and_unknown_keys_do_not() {
        let config = BuildConfig::default();
        let json = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<BuildConfig>(&json).unwrap(), config);
        assert!(serde_json::from_str::<BuildConfig>(r#"{"ouput": "x"}"#).is_err());
        let region = r#"{"region": {"preset": "conus-mid"}}"#;
        let config: BuildConfig = serde_json::from_str(region).unwrap();
        assert_eq!(config.window().unwrap().shape(), (1026, 1026));
    }

    #[test]
    fn files_that_would_cut_coarse_cells_are_refused() {
        assert!(StoreConfig::default().check().is_ok());
        for (chunk_cells, shard_cells) in [(256, 1024), (0, 0), (288, 0), (288, 300)] {
            let store = StoreConfig {
                chunk_cells,
                shard_cells,
            };
            assert!(store.check().is_err(), "{store:?}");
        }
    }
}
