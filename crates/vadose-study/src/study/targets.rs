//! Scenes kept in memory, and the same scenes with another coarse target.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use ndarray::Array2;
use vadose_retrieve::coarse_average;
use vadose_scene::{CoarseTarget, Scene, SceneError, SceneSource, seed};

use crate::evaluation::TRUTH_FIELD;
use crate::{StudyError, TrueScenes};

/// Scenes of a source, the first of which stay in memory once they were read: many trainings read the same.
pub(super) struct HeldScenes<S> {
    scenes: S,
    held: Vec<OnceLock<Arc<Scene>>>,
}

impl<S: SceneSource> HeldScenes<S> {
    pub(super) fn new(scenes: S, n_held: usize) -> Self {
        let n_held = n_held.min(scenes.len());
        Self {
            scenes,
            held: (0..n_held).map(|_| OnceLock::new()).collect(),
        }
    }
}

impl<S: SceneSource> SceneSource for HeldScenes<S> {
    fn len(&self) -> usize {
        self.scenes.len()
    }

    fn scene(&self, index: usize) -> Result<Arc<Scene>, SceneError> {
        let Some(held) = self.held.get(index) else {
            return self.scenes.scene(index);
        };
        if let Some(scene) = held.get() {
            return Ok(Arc::clone(scene));
        }
        let scene = self.scenes.scene(index)?;
        Ok(Arc::clone(held.get_or_init(|| scene)))
    }
}

/// Scenes whose coarse targets are replaced, one for each.
pub(super) struct OtherTargets<'a> {
    pub(super) scenes: &'a dyn SceneSource,
    pub(super) targets: &'a [CoarseTarget],
}

impl SceneSource for OtherTargets<'_> {
    fn len(&self) -> usize {
        self.scenes.len()
    }

    fn scene(&self, index: usize) -> Result<Arc<Scene>, SceneError> {
        let scene = Arc::unwrap_or_clone(self.scenes.scene(index)?);
        let target = self.targets.get(index).cloned();
        let target = target.ok_or(SceneError::IndexOutOfRange {
            index,
            len: self.targets.len(),
        })?;
        Ok(Arc::new(scene.with_coarse_target(target)?))
    }
}

/// For each scene the coarse target of another scene of the same window: no scene keeps its own. All missing
/// where a window has one scene.
///
/// The draw is one cycle through the scenes of a window (Sattolo's shuffle), by seed.
pub(super) fn shuffled_targets(
    scenes: &dyn SceneSource,
    master_seed: u64,
) -> Result<Vec<CoarseTarget>, StudyError> {
    let mut targets = Vec::with_capacity(scenes.len());
    let mut of_window: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for index in 0..scenes.len() {
        let scene = scenes.scene(index)?;
        let target = scene.coarse_target().ok_or(StudyError::NoCoarseTarget {
            scene: scene.id().to_owned(),
        })?;
        targets.push(target.clone());
        let window = scene.window();
        let place = (window.row0(), window.col0(), window.shape());
        of_window.entry(place).or_default().push(index);
    }
    let mut rng = seed::rng(master_seed, "shuffled coarse targets");
    let mut shuffled = targets.clone();
    for members in of_window.values() {
        if let [alone] = members[..] {
            shuffled[alone].values.fill(f32::NAN);
            continue;
        }
        let mut drawn = members.clone();
        for last in (1..drawn.len()).rev() {
            let other = seed::below(&mut rng, last);
            drawn.swap(last, other);
        }
        for (&index, &from) in members.iter().zip(&drawn) {
            shuffled[index].values.clone_from(&targets[from].values);
        }
    }
    Ok(shuffled)
}

/// For each scene `D` of the true field of its archive.
pub(super) fn true_targets(
    scenes: &dyn SceneSource,
    archive: &Path,
) -> Result<Vec<CoarseTarget>, StudyError> {
    let scenes = TrueScenes::open(scenes, archive)?;
    (0..scenes.len())
        .map(|index| {
            let scene = scenes.scene(index)?;
            let missing = || Array2::from_elem(scene.window().shape(), f32::NAN);
            let truth = scene.field(TRUTH_FIELD);
            let truth = truth.map_or_else(missing, |truth| truth.to_owned());
            Ok(coarse_average(scene.window(), truth.view())?)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use vadose_grid::{EaseGrid2, Window};
    use vadose_scene::InMemoryScenes;

    use super::*;

    /// Days of two windows, each with its number as coarse target, and one day of a third window.
    fn scenes() -> InMemoryScenes {
        let scene = |col: usize, number: usize| {
            let window = Window::new(EaseGrid2::M09, 100, 200 + col, 1, 1).unwrap();
            let target = CoarseTarget {
                window,
                values: Array2::from_elem((1, 1), number as f32),
            };
            let window = Window::new(EaseGrid2::M01, 900, 1800 + 9 * col, 9, 9).unwrap();
            let scene = Scene::new(format!("{number}"), window);
            scene.with_coarse_target(target).unwrap()
        };
        let mut scenes: Vec<Scene> = (0..20).map(|day| scene(day % 2, day)).collect();
        scenes.push(scene(2, 20));
        InMemoryScenes::from(scenes)
    }

    fn numbers(targets: &[CoarseTarget]) -> Vec<f32> {
        targets.iter().map(|target| target.values[[0, 0]]).collect()
    }

    #[test]
    fn shuffled_targets_are_those_of_other_days_of_the_same_window() {
        let scenes = scenes();
        let targets = shuffled_targets(&scenes, 7).unwrap();
        let drawn = numbers(&targets);
        for (index, &from) in drawn[..20].iter().enumerate() {
            assert_ne!(from as usize, index, "no scene keeps its own");
            assert_eq!(from as usize % 2, index % 2, "the same window");
            assert_eq!(targets[index].window.col0(), 200 + index % 2);
        }
        let mut all: Vec<usize> = drawn[..20].iter().map(|&from| from as usize).collect();
        all.sort_unstable();
        assert_eq!(all, Vec::from_iter(0..20), "each is used once");
        assert!(drawn[20].is_nan(), "a window of one day has no other");
        let again = shuffled_targets(&scenes, 7).unwrap();
        assert_eq!(numbers(&again)[..20], drawn[..20]);
        let other_seed = shuffled_targets(&scenes, 8).unwrap();
        assert_ne!(numbers(&other_seed)[..20], drawn[..20]);
        let other = OtherTargets {
            scenes: &scenes,
            targets: &targets,
        };
        let scene = other.scene(3).unwrap();
        assert_eq!(scene.coarse_target().unwrap().values[[0, 0]], drawn[3]);
    }

    #[test]
    fn held_scenes_are_read_once() {
        struct Counting(InMemoryScenes, AtomicUsize);
        impl SceneSource for Counting {
            fn len(&self) -> usize {
                self.0.len()
            }
            fn scene(&self, index: usize) -> Result<Arc<Scene>, SceneError> {
                self.1.fetch_add(1, Ordering::SeqCst);
                self.0.scene(index)
            }
        }
        let held = HeldScenes::new(Counting(scenes(), AtomicUsize::new(0)), 5);
        for _ in 0..3 {
            for index in 0..held.len() {
                assert_eq!(held.scene(index).unwrap().id(), index.to_string());
            }
        }
        assert_eq!(held.scenes.1.load(Ordering::SeqCst), 5 + 3 * 16);
        assert!(held.scene(21).is_err());
    }
}
