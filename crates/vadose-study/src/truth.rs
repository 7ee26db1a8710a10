//! The true field of a simulated archive, as a field of its scenes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use ndarray::{Array2, Axis};
use vadose_grid::{EaseGrid2, Window};
use vadose_io::zarr::{self, Store, read_grid, read_time_axis};
use vadose_scene::{Scene, SceneError, SceneSource};

use crate::StudyError;
use crate::evaluation::TRUTH_FIELD;

/// The store of the truth in an archive.
const STORE: &str = "truth.zarr";
/// Its daily soil moisture, m3 m-3.
const SOIL_MOISTURE: &str = "soil_moisture";
/// Truth and scenes are of 6 h local solar time, each at the middle of its own window; windows of one archive
/// are less than three time zones apart.
const MAX_DIFFERENCE: SignedDuration = SignedDuration::from_hours(3);

/// Scenes of an archive that `vadose simulate` wrote, each with the true soil moisture of its cells and day in
/// the field [`TRUTH_FIELD`] (m3 m-3, 0 to 5 cm, 6 h local solar time).
///
/// Only for evaluation: nothing that trains or predicts may see it. The field is read with the scene.
#[derive(Debug)]
pub struct TrueScenes<S> {
    scenes: S,
    truth: Truth,
}

/// `truth.zarr`.
#[derive(Debug)]
struct Truth {
    path: PathBuf,
    window: Window,
    days: Vec<Timestamp>,
    soil_moisture: zarr::Array,
}

impl<S: SceneSource> TrueScenes<S> {
    /// Opens the truth of an archive.
    ///
    /// A scene that the truth does not hold is an error when it is asked for ([`SceneError::Source`]): one
    /// outside its window, or of a day that was not simulated.
    ///
    /// # Errors
    /// [`StudyError::Io`] if there is no `truth.zarr`, or if it is damaged;
    /// [`StudyError::UnfinishedTruth`] if the simulation has not come to its end.
    pub fn open(scenes: S, archive: &Path) -> Result<Self, StudyError> {
        let path = archive.join(STORE);
        let store = Store::open(&path)?;
        if !store.is_finished()? {
            return Err(StudyError::UnfinishedTruth { path });
        }
        let truth = Truth {
            window: read_grid(&store, EaseGrid2::M01)?,
            days: read_time_axis(&store, "time")?,
            soil_moisture: store.array(SOIL_MOISTURE)?,
            path,
        };
        Ok(Self { scenes, truth })
    }
}

impl Truth {
    /// The truth of a scene's cells, `[row, col]`, m3 m-3.
    fn of(&self, scene: &Scene) -> Result<Array2<f32>, StudyError> {
        let part = scene.window();
        if self.window.intersection(part).as_ref() != Some(part) {
            return Err(StudyError::TruthWindow {
                path: self.path.clone(),
                truth: self.window,
                scene: *part,
            });
        }
        let day = self.day(scene)?;
        let (rows, cols) = part.shape();
        let start = [
            day,
            part.row0() - self.window.row0(),
            part.col0() - self.window.col0(),
        ];
        let map = self.soil_moisture.read::<f32>(
            &start.map(|start| start as u64),
            &[1, rows as u64, cols as u64],
        )?;
        let map = map.index_axis_move(Axis(0), 0);
        Ok(map.into_dimensionality().expect("two axes are left"))
    }

    fn day(&self, scene: &Scene) -> Result<usize, StudyError> {
        let time = scene.time().ok_or_else(|| SceneError::NoTime {
            scene: scene.id().to_owned(),
        })?;
        let away = |day: &Timestamp| day.duration_since(time).abs();
        let nearest = self.days.iter().map(away).enumerate();
        nearest
            .min_by_key(|(_, away)| *away)
            .filter(|(_, away)| *away <= MAX_DIFFERENCE)
            .map(|(day, _)| day)
            .ok_or_else(|| StudyError::TruthDay {
                path: self.path.clone(),
                time,
            })
    }
}

impl<S: SceneSource> SceneSource for TrueScenes<S> {
    fn len(&self) -> usize {
        self.scenes.len()
    }

    fn scene(&self, index: usize) -> Result<Arc<Scene>, SceneError> {
        let scene = self.scenes.scene(index)?;
        let field = self.truth.of(&scene).map_err(|source| SceneError::Source {
            scene: scene.id().to_owned(),
            source: Box::new(source),
        })?;
        let scene = Arc::unwrap_or_clone(scene);
        Ok(Arc::new(scene.with_field(TRUTH_FIELD, "m3 m-3", field)?))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array3;
    use vadose_io::zarr::{ArraySpec, DataType, write_grid, write_time_axis};
    use vadose_scene::InMemoryScenes;

    use super::*;

    fn window(row0: usize, col0: usize, rows: usize, cols: usize) -> Window {
        Window::new(EaseGrid2::M01, row0, col0, rows, cols).unwrap()
    }

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn value(day: usize, row: usize, col: usize) -> f32 {
        0.1 * (day + 1) as f32 + 0.001 * row as f32 + 0.0001 * col as f32
    }

    /// Two days, not neighbours, of 18 by 27 cells.
    fn archive(folder: &Path) -> Store {
        let store = Store::create(folder.join(STORE), &[] as &[(&str, &str)]).unwrap();
        write_grid(&store, &window(1800, 7200, 18, 27)).unwrap();
        let days = [time("2017-06-01T13:00:00Z"), time("2017-06-03T13:00:00Z")];
        write_time_axis(&store, "time", "overpass", &days).unwrap();
        let axes = [("time", 2), ("y", 18), ("x", 27)];
        let spec = ArraySpec::new(SOIL_MOISTURE, DataType::F32, &axes, &[1, 16, 16]);
        let values = Array3::from_shape_fn((2, 18, 27), |(day, row, col)| value(day, row, col));
        let array = store.create_array(&spec).unwrap();
        array.write(&[0, 0, 0], values.view().into_dyn()).unwrap();
        store
    }

    fn scenes(part: Window, at: &str) -> InMemoryScenes {
        InMemoryScenes::from(vec![Scene::new("s", part).with_time(time(at))])
    }

    #[test]
    fn a_scene_holds_the_truth_of_its_cells_and_day() {
        let folder = tempfile::tempdir().unwrap();
        archive(folder.path()).finish().unwrap();
        let part = window(1804, 7209, 9, 14);
        // The middle of a smaller window may lie in the neighbouring time zone.
        let scenes = scenes(part, "2017-06-03T12:00:00Z");
        let scenes = TrueScenes::open(scenes, folder.path()).unwrap();
        let scene = scenes.scene(0).unwrap();
        assert_eq!((scenes.len(), scene.id()), (1, "s"));
        let truth = scene.field(TRUTH_FIELD).unwrap();
        for ((row, col), &found) in truth.indexed_iter() {
            assert_eq!(found, value(1, row + 4, col + 9));
        }
    }

    #[test]
    fn another_window_a_day_that_was_not_simulated_and_a_cut_simulation_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let store = archive(folder.path());
        let inside = window(1800, 7200, 9, 9);
        let unfinished = TrueScenes::open(scenes(inside, "2017-06-01T13:00:00Z"), folder.path());
        assert!(matches!(
            unfinished,
            Err(StudyError::UnfinishedTruth { .. })
        ));
        store.finish().unwrap();
        for (part, at, expected) in [
            (inside, "2017-06-02T13:00:00Z", "2017-06-02T13:00:00Z"),
            (window(1791, 7200, 18, 9), "2017-06-01T13:00:00Z", "1791"),
        ] {
            let scenes = TrueScenes::open(scenes(part, at), folder.path()).unwrap();
            let message = scenes.scene(0).unwrap_err().to_string();
            assert!(
                message.contains(expected) && message.contains(STORE),
                "{message}"
            );
        }
        let none = TrueScenes::open(scenes(inside, "2017-06-01T13:00:00Z"), Path::new("none"));
        assert!(matches!(none, Err(StudyError::Io(_))));
    }
}
