//! Where a scene's inputs leave the range that a model was trained in.

use ndarray::{Array2, ArrayView2, Zip};
use serde::{Deserialize, Serialize};
use vadose_scene::{ChannelSet, Scene};

use crate::RetrieveError;

/// The least and the greatest value of each channel in training, after the channel's transform.
///
/// Outside of it a network extrapolates, and neither its estimate nor the spread of an ensemble deserves
/// trust: members that share an architecture agree on nonsense.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputRange {
    channels: ChannelSet,
    /// One per channel, in order; `None` where training had no value.
    ranges: Vec<Option<(f32, f32)>>,
}

/// The cells of a scene whose inputs leave the range.
#[derive(Debug, Clone, PartialEq)]
pub struct OutOfRange {
    /// True where any channel has a value outside its range, `[row, col]` of the scene's window.
    pub cells: Array2<bool>,
    /// Cells outside the range of each channel, in the order of the channels.
    pub by_channel: Vec<(String, usize)>,
}

impl InputRange {
    /// A range that holds nothing yet.
    #[must_use]
    pub fn new(channels: ChannelSet) -> Self {
        let ranges = vec![None; channels.len()];
        Self { channels, ranges }
    }

    /// Widens the range by the predictable cells of a training scene.
    ///
    /// # Missing values
    /// Values that are missing, or that the channel's transform does not take, do not count.
    pub fn add_scene(&mut self, scene: &Scene) {
        for (channel, range) in self.channels.iter().zip(&mut self.ranges) {
            let Some(field) = scene.field(&channel.name) else {
                continue;
            };
            Zip::from(field)
                .and(scene.predictable())
                .for_each(|&value, &predictable| {
                    if predictable {
                        widen(range, channel.transform.apply(value));
                    }
                });
        }
    }

    /// Widens the range by one cell's channels, in order and already transformed.
    pub fn add_cell(&mut self, transformed: impl IntoIterator<Item = f32>) {
        for (range, value) in self.ranges.iter_mut().zip(transformed) {
            widen(range, value);
        }
    }

    /// The channels.
    #[must_use]
    pub fn channels(&self) -> &ChannelSet {
        &self.channels
    }

    /// The range of each channel after its transform, in order; `None` where training had no value.
    #[must_use]
    pub fn ranges(&self) -> &[Option<(f32, f32)>] {
        &self.ranges
    }

    /// The predictable cells of a scene that lie outside.
    ///
    /// # Missing values
    /// A missing value is not outside: the encoder sets it to the training mean, which is a range's inside. A
    /// channel without a range is encoded as absent and never outside.
    /// # Errors
    /// [`RetrieveError::Scene`] where a field is not in its channel's units.
    /// # Examples
    /// ```
    /// use ndarray::array;
    /// use vadose_grid::{EaseGrid2, Window};
    /// use vadose_retrieve::InputRange;
    /// use vadose_scene::{ChannelSet, ChannelSpec, Scene};
    ///
    /// let window = Window::new(EaseGrid2::M01, 0, 0, 1, 3)?;
    /// let scene = |values| Scene::new("s", window).with_field("tb_v", "K", values);
    /// let mut range = InputRange::new(ChannelSet::new(vec![ChannelSpec::known("tb_v").unwrap()])?);
    /// range.add_scene(&scene(array![[220.0, 250.0, 280.0]])?);
    ///
    /// let outside = range.check(&scene(array![[219.0, 280.0, f32::NAN]])?)?;
    /// assert_eq!(outside.cells, array![[true, false, false]]);
    /// assert_eq!(outside.by_channel, [("tb_v".to_owned(), 1)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(&self, scene: &Scene) -> Result<OutOfRange, RetrieveError> {
        let mut cells = Array2::from_elem(scene.window().shape(), false);
        let mut by_channel = Vec::with_capacity(self.ranges.len());
        for (channel, range) in self.channels.iter().zip(&self.ranges) {
            let mut count = 0;
            let field = self.field(scene, &channel.name, &channel.units)?;
            if let (Some((low, high)), Some(field)) = (range, field) {
                Zip::from(&mut cells)
                    .and(field)
                    .and(scene.predictable())
                    .for_each(|outside, &value, &predictable| {
                        let value = channel.transform.apply(value);
                        if predictable && (value < *low || value > *high) {
                            *outside = true;
                            count += 1;
                        }
                    });
            }
            by_channel.push((channel.name.clone(), count));
        }
        Ok(OutOfRange { cells, by_channel })
    }

    fn field<'a>(
        &self,
        scene: &'a Scene,
        name: &str,
        units: &str,
    ) -> Result<Option<ArrayView2<'a, f32>>, RetrieveError> {
        match scene.field_units(name) {
            Some(got) if got != units => Err(RetrieveError::Scene(
                vadose_scene::SceneError::UnitsMismatch {
                    scene: scene.id().to_owned(),
                    channel: name.to_owned(),
                    expected: units.to_owned(),
                    got: got.to_owned(),
                },
            )),
            _ => Ok(scene.field(name)),
        }
    }
}

fn widen(range: &mut Option<(f32, f32)>, value: f32) {
    if value.is_finite() {
        let (low, high) = range.unwrap_or((value, value));
        *range = Some((low.min(value), high.max(value)));
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use vadose_grid::{EaseGrid2, Window};
    use vadose_scene::ChannelSpec;

    use super::*;

    fn scene(tb: Array2<f32>, sigma0: Array2<f32>) -> Scene {
        let window = Window::new(EaseGrid2::M01, 0, 0, 1, 3).unwrap();
        let scene = Scene::new("s", window).with_field("tb_v", "K", tb);
        scene.unwrap().with_field("sigma0_vv", "1", sigma0).unwrap()
    }

    fn range() -> InputRange {
        let known = |name| ChannelSpec::known(name).unwrap();
        let channels = ["tb_v", "sigma0_vv", "elevation"].map(known);
        InputRange::new(ChannelSet::new(channels.to_vec()).unwrap())
    }

    #[test]
    fn each_channel_counts_its_own_cells() {
        let mut range = range();
        range.add_scene(&scene(
            array![[220.0, 250.0, f32::NAN]],
            array![[0.01, 0.1, 0.0]],
        ));
        // In decibels, and a backscatter of 0 is missing.
        assert_eq!(range.ranges()[1], Some((-20.0, -10.0)));
        let outside = range
            .check(&scene(
                array![[260.0, 230.0, 260.0]],
                array![[0.2, 0.05, f32::NAN]],
            ))
            .unwrap();
        assert_eq!(outside.cells, array![[true, false, true]]);
        let counts: Vec<usize> = outside.by_channel.iter().map(|(_, n)| *n).collect();
        assert_eq!(counts, [2, 1, 0]); // elevation has no range
    }

    #[test]
    fn cells_that_are_not_predicted_do_not_count() {
        let mut range = range();
        range.add_cell([250.0, -15.0, f32::NAN]);
        let far = scene(array![[300.0, 250.0, 250.0]], array![[0.03, 0.03, 0.03]]);
        let n_tb = |scene: &Scene| range.check(scene).unwrap().by_channel[0].1;
        assert_eq!(n_tb(&far), 1);
        let masked = far.with_predictable(array![[false, true, true]]).unwrap();
        assert_eq!(n_tb(&masked), 0);
    }

    #[test]
    fn ranges_survive_json() {
        let mut range = range();
        range.add_cell([250.1, -15.3, f32::NAN]);
        let json = serde_json::to_string(&range).unwrap();
        assert_eq!(serde_json::from_str::<InputRange>(&json).unwrap(), range);
    }
}
