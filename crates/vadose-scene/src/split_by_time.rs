//! Splits of scenes by date.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Scene, SceneError, Split};

/// A span of time, its end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// First instant in it.
    pub from: Timestamp,
    /// First instant after it.
    pub until: Timestamp,
}

impl Period {
    fn contains(&self, time: Timestamp) -> bool {
        self.from <= time && time < self.until
    }

    fn overlaps(&self, other: &Period) -> bool {
        self.from < other.until && other.from < self.until
    }
}

/// Periods whose scenes are held out; every other scene is for training.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TimeSplit {
    /// For validation.
    pub validation: Vec<Period>,
    /// For test.
    pub test: Vec<Period>,
}

/// The split of each scene, in the order of the scenes.
///
/// Soil moisture remembers days to weeks: leave a gap, or hold out whole months, or the split is
/// not independent.
///
/// # Errors
/// [`SceneError::NoTime`]; [`SceneError::Periods`] for a period that ends before it starts, or
/// where validation and test overlap.
/// # Examples
/// ```
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_scene::{Period, Scene, Split, TimeSplit, split_by_time};
///
/// let window = Window::new(EaseGrid2::M01, 0, 0, 9, 9)?;
/// let scene = |time: &str| Ok::<_, jiff::Error>(Scene::new(time, window).with_time(time.parse()?));
/// let scenes = [scene("2017-06-10T12:00Z")?, scene("2018-06-10T12:00Z")?, scene("2019-06-10T12:00Z")?];
/// let year = |from: &str, until: &str| Ok::<_, jiff::Error>(Period { from: from.parse()?, until: until.parse()? });
/// let config = TimeSplit {
///     validation: vec![year("2018-01-01T00:00Z", "2019-01-01T00:00Z")?],
///     test: vec![year("2019-01-01T00:00Z", "2020-01-01T00:00Z")?],
/// };
/// assert_eq!(split_by_time(&scenes, &config)?, [Split::Train, Split::Validation, Split::Test]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn split_by_time<'a>(
    scenes: impl IntoIterator<Item = &'a Scene>,
    config: &TimeSplit,
) -> Result<Vec<Split>, SceneError> {
    config.check()?;
    let within = |periods: &[Period], time| periods.iter().any(|period| period.contains(time));
    scenes
        .into_iter()
        .map(|scene| {
            let time = scene.time().ok_or_else(|| SceneError::NoTime {
                scene: scene.id().to_owned(),
            })?;
            Ok(if within(&config.test, time) {
                Split::Test
            } else if within(&config.validation, time) {
                Split::Validation
            } else {
                Split::Train
            })
        })
        .collect()
}

impl TimeSplit {
    fn check(&self) -> Result<(), SceneError> {
        let fault = |period: &Period, problem| SceneError::Periods {
            from: period.from,
            until: period.until,
            problem,
        };
        for period in self.validation.iter().chain(&self.test) {
            if period.from >= period.until {
                return Err(fault(period, "it must end after it starts"));
            }
        }
        for period in &self.validation {
            if self.test.iter().any(|test| test.overlaps(period)) {
                return Err(fault(period, "validation and test must not overlap"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use vadose_grid::{EaseGrid2, Window};

    use super::*;

    fn period(from: &str, until: &str) -> Period {
        Period {
            from: from.parse().unwrap(),
            until: until.parse().unwrap(),
        }
    }

    fn scene(time: &str) -> Scene {
        let window = Window::new(EaseGrid2::M01, 0, 0, 1, 1).unwrap();
        Scene::new(time, window).with_time(time.parse().unwrap())
    }

    #[test]
    fn the_end_of_a_period_belongs_to_the_next() {
        let config = TimeSplit {
            validation: vec![period("2018-06-01T00:00Z", "2018-06-02T00:00Z")],
            test: vec![period("2018-06-02T00:00Z", "2018-06-03T00:00Z")],
        };
        let scenes = [
            "2018-05-31T23:59:59Z",
            "2018-06-01T00:00Z",
            "2018-06-02T00:00Z",
            "2018-06-03T00:00Z",
        ]
        .map(scene);
        assert_eq!(
            split_by_time(&scenes, &config).unwrap(),
            [Split::Train, Split::Validation, Split::Test, Split::Train]
        );
    }

    #[test]
    fn overlapping_and_backward_periods_are_refused() {
        let june = period("2018-06-01T00:00Z", "2018-07-01T00:00Z");
        let overlapping = TimeSplit {
            validation: vec![june],
            test: vec![period("2018-06-30T00:00Z", "2018-08-01T00:00Z")],
        };
        let backward = TimeSplit {
            validation: vec![],
            test: vec![period("2018-06-30T00:00Z", "2018-06-01T00:00Z")],
        };
        for config in [overlapping, backward] {
            assert!(matches!(
                split_by_time([], &config),
                Err(SceneError::Periods { .. })
            ));
        }
    }

    #[test]
    fn a_scene_without_time_is_named() {
        let window = Window::new(EaseGrid2::M01, 0, 0, 1, 1).unwrap();
        let error = split_by_time([&Scene::new("undated", window)], &TimeSplit::default());
        assert_eq!(
            error.unwrap_err().to_string(),
            "scene undated has no time, which a split by time needs"
        );
    }
}
