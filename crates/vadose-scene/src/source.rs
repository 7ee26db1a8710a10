//! Where scenes come from: a trait, and its in-memory implementation.

use std::sync::Arc;

use crate::{Scene, SceneError};

/// A numbered collection of scenes, each loaded when asked for.
///
/// Training asks from several threads and in any order; the same index always gives the same
/// scene. Implementors report their own trouble as [`SceneError::Source`].
pub trait SceneSource: Send + Sync {
    /// Number of scenes.
    fn len(&self) -> usize;

    /// True where there is no scene.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The scene of this index, `0 .. len`.
    ///
    /// # Errors
    /// [`SceneError::IndexOutOfRange`]; [`SceneError::Source`] where it cannot be loaded.
    fn scene(&self, index: usize) -> Result<Arc<Scene>, SceneError>;
}

impl<S: SceneSource + ?Sized> SceneSource for &S {
    fn len(&self) -> usize {
        (**self).len()
    }

    fn scene(&self, index: usize) -> Result<Arc<Scene>, SceneError> {
        (**self).scene(index)
    }
}

/// Scenes that all lie in memory.
///
/// ```
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_scene::{InMemoryScenes, Scene, SceneSource};
///
/// let window = Window::new(EaseGrid2::M01, 0, 0, 9, 9)?;
/// let scenes = InMemoryScenes::from(vec![Scene::new("one", window)]);
/// assert_eq!(scenes.scene(0)?.id(), "one");
/// assert!(scenes.scene(1).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct InMemoryScenes(Vec<Arc<Scene>>);

impl From<Vec<Scene>> for InMemoryScenes {
    fn from(scenes: Vec<Scene>) -> Self {
        scenes.into_iter().collect()
    }
}

impl FromIterator<Scene> for InMemoryScenes {
    fn from_iter<I: IntoIterator<Item = Scene>>(scenes: I) -> Self {
        Self(scenes.into_iter().map(Arc::new).collect())
    }
}

impl SceneSource for InMemoryScenes {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn scene(&self, index: usize) -> Result<Arc<Scene>, SceneError> {
        self.0
            .get(index)
            .cloned()
            .ok_or(SceneError::IndexOutOfRange {
                index,
                len: self.0.len(),
            })
    }
}
