//! One training sample: everything about one tile, as arrays of the tile's size.

use ndarray::{Array2, Array3};

use crate::{ChannelEncoder, Scene, SceneError, Tile};

/// A station cell inside a tile.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleStation {
    /// Row in the tile.
    pub row: usize,
    /// Column in the tile.
    pub col: usize,
    /// Volumetric soil moisture, m3 m-3.
    pub value: f32,
    /// Weight in the loss.
    pub weight: f32,
    /// Names, by which a split chooses.
    pub stations: Vec<String>,
}

/// One tile of one scene, ready for a network and its loss. Nothing in it is outside the tile.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Where it lies.
    pub tile: Tile,
    /// Encoded input, `[channel, row, col]`; see [`ChannelEncoder::encode`].
    pub x: Array3<f32>,
    /// The fixed mask m as 0 and 1, `[row, col]`; 0 outside the scene's window.
    pub mask: Array2<f32>,
    /// Where a prediction is wanted, `[row, col]`; false outside the scene's window.
    pub predictable: Array2<bool>,
    /// Station cells in the tile.
    pub stations: Vec<SampleStation>,
    /// Coarse target Z of the tile's whole coarse cells, `[size / 9, size / 9]`, m3 m-3; NaN is
    /// missing. `None` where the scene has none, or the tile holds no whole coarse cell.
    pub coarse_target: Option<Array2<f32>>,
    /// Porosity, `[row, col]`, m3 m-3; see [`Scene::upper_bound`]. The value for unknown bulk
    /// density outside the scene's window.
    pub upper_bound: Array2<f32>,
}

impl Sample {
    /// Cuts a tile out of a scene.
    ///
    /// # Errors
    /// [`SceneError::TileNotAligned`] unless the origin lies on multiples of 9 and the size is
    /// above 0; those of [`ChannelEncoder::check`].
    /// # Examples
    /// ```
    /// use ndarray::Array2;
    /// use vadose_grid::{Cell, EaseGrid2, Window};
    /// use vadose_scene::{ChannelEncoder, ChannelSet, ChannelSpec, Sample, Scene, StationCell, Tile};
    ///
    /// let window = Window::new(EaseGrid2::M01, 9, 9, 9, 9)?;
    /// let scene = Scene::new("s", window)
    ///     .with_field("tb_v", "K", Array2::from_shape_fn((9, 9), |(row, _)| 250.0 + row as f32))?
    ///     .with_stations(vec![StationCell {
    ///         cell: Cell { row: 10, col: 12 },
    ///         value_m3m3: 0.2,
    ///         weight: 1.0,
    ///         stations: vec!["A".into()],
    ///     }])?;
    /// let channels = ChannelSet::new(vec![ChannelSpec::known("tb_v").unwrap()])?;
    /// let encoder = ChannelEncoder::fit(channels, [&scene])?;
    ///
    /// let sample = Sample::cut(&scene, Tile { row0: 0, col0: 9, size: 18 }, &encoder)?;
    /// assert_eq!(sample.x.dim(), (1, 18, 18));
    /// assert_eq!(sample.mask.sum(), 81.0);
    /// assert_eq!((sample.stations[0].row, sample.stations[0].col), (10, 3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cut(scene: &Scene, tile: Tile, encoder: &ChannelEncoder) -> Result<Self, SceneError> {
        let coarse_tile = tile.coarsened()?;
        let window = scene.window();
        let stations = scene.stations().iter().filter_map(|station| {
            let (row, col) = tile.offset_of(station.cell)?;
            Some(SampleStation {
                row,
                col,
                value: station.value_m3m3,
                weight: station.weight,
                stations: station.stations.clone(),
            })
        });
        let coarse_target = scene
            .coarse_target()
            .filter(|_| coarse_tile.size > 0)
            .map(|target| coarse_tile.cut(&target.window, target.values.view(), f32::NAN));
        Ok(Self {
            tile,
            x: encoder.encode(scene, &tile)?,
            mask: tile.cut(window, scene.land().view(), false).mapv(f32::from),
            predictable: tile.cut(window, scene.predictable().view(), false),
            stations: stations.collect(),
            coarse_target,
            upper_bound: scene.upper_bound_in(&tile),
        })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use vadose_grid::{Cell, EaseGrid2, Window};

    use super::*;
    use crate::{ChannelSet, ChannelSpec, CoarseTarget, StationCell};

    /// 30 by 20 cells from (100, 200), which is no multiple of 9 on either axis.
    fn scene() -> Scene {
        let window = Window::new(EaseGrid2::M01, 100, 200, 30, 20).unwrap();
        let by_position = Array2::from_shape_fn((30, 20), |(row, col)| (row * 20 + col) as f32);
        let station = |row, col| StationCell {
            cell: Cell { row, col },
            value_m3m3: 0.1,
            weight: 2.0,
            stations: vec![format!("{row}-{col}")],
        };
        Scene::new("s", window)
            .with_field("tb_v", "K", by_position)
            .unwrap()
            .with_field("bulk_density", "g cm-3", Array2::from_elem((30, 20), 1.325))
            .unwrap()
            .with_land(Array2::from_shape_fn((30, 20), |(row, _)| row > 0))
            .unwrap()
            .with_predictable(Array2::from_shape_fn((30, 20), |(row, _)| row > 1))
            .unwrap()
            .with_stations(vec![
                station(100, 200),
                station(116, 215),
                station(117, 215),
            ])
            .unwrap()
            .with_coarse_target(CoarseTarget {
                window: Window::new(EaseGrid2::M09, 11, 22, 2, 2).unwrap(),
                values: array![[0.1, 0.2], [0.3, f32::NAN]],
            })
            .unwrap()
    }

    fn encoder(scene: &Scene) -> ChannelEncoder {
        let channels = ChannelSet::new(vec![ChannelSpec::known("tb_v").unwrap()]).unwrap();
        ChannelEncoder::fit(channels, [scene]).unwrap()
    }

    #[test]
    fn everything_is_cut_at_the_same_place() {
        let scene = scene();
        // Rows 99 to 118, columns 198 to 217: one row and two columns stick out, north and west.
        let tile = Tile {
            row0: 99,
            col0: 198,
            size: 20,
        };
        let sample = Sample::cut(&scene, tile, &encoder(&scene)).unwrap();
        assert_eq!(sample.x.dim(), (1, 20, 20));
        assert_eq!(sample.mask.sum(), 18.0 * 18.0); // row 0 of the scene is no land
        assert_eq!((sample.mask[[1, 2]], sample.mask[[2, 2]]), (0.0, 1.0));
        assert_eq!(sample.predictable.iter().filter(|p| **p).count(), 17 * 18);
        assert_eq!(sample.upper_bound[[0, 0]], 0.60);
        assert!((sample.upper_bound[[1, 2]] - 0.5).abs() < 1e-6);

        let places: Vec<_> = sample.stations.iter().map(|s| (s.row, s.col)).collect();
        assert_eq!(places, [(1, 2), (17, 17), (18, 17)]);
        assert_eq!(sample.stations[1].stations, ["116-215"]);
        // tb_v encodes the position, so equal steps in it are equal steps in x.
        let step = sample.x[[0, 1, 3]] - sample.x[[0, 1, 2]];
        assert!(((sample.x[[0, 2, 2]] - sample.x[[0, 1, 2]]) / step - 20.0).abs() < 1e-3);

        let coarse = sample.coarse_target.unwrap();
        assert_eq!(coarse.dim(), (2, 2)); // 20 cells hold two whole coarse ones
        assert_eq!(
            (coarse[[0, 0]], coarse[[0, 1]], coarse[[1, 0]]),
            (0.1, 0.2, 0.3)
        );
        assert!(coarse[[1, 1]].is_nan());
    }

    #[test]
    fn stations_and_coarse_cells_outside_the_tile_stay_outside() {
        let scene = scene();
        let tile = Tile {
            row0: 108,
            col0: 207,
            size: 9,
        };
        let sample = Sample::cut(&scene, tile, &encoder(&scene)).unwrap();
        assert_eq!(sample.stations.len(), 1);
        assert_eq!((sample.stations[0].row, sample.stations[0].col), (8, 8));
        let coarse = sample.coarse_target.unwrap();
        assert_eq!(coarse.dim(), (1, 1));
        assert!(coarse[[0, 0]].is_nan()); // the coarse cell (12, 23)

        let far = Tile { row0: -900, ..tile };
        let sample = Sample::cut(&scene, far, &encoder(&scene)).unwrap();
        assert!(sample.stations.is_empty());
        assert_eq!(sample.mask.sum(), 0.0);
        assert!(sample.x.iter().all(|v| *v == 0.0));
        assert!(sample.coarse_target.unwrap().iter().all(|z| z.is_nan()));
    }

    #[test]
    fn a_tile_smaller_than_a_coarse_cell_has_no_coarse_target() {
        let scene = scene();
        let tile = Tile {
            row0: 108,
            col0: 207,
            size: 8,
        };
        let sample = Sample::cut(&scene, tile, &encoder(&scene)).unwrap();
        assert!(sample.coarse_target.is_none());
    }

    #[test]
    fn the_origin_must_lie_on_a_coarse_corner() {
        let scene = scene();
        let tile = Tile {
            row0: 100,
            col0: 198,
            size: 18,
        };
        assert_eq!(
            Sample::cut(&scene, tile, &encoder(&scene))
                .unwrap_err()
                .to_string(),
            "tile at row 100, col 198 of size 18: the origin must be a multiple of 9 and the size above 0"
        );
    }
}
