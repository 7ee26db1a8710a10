//! SPL2SMAP_S: SMAP with Sentinel-1 at 1 km, the scenes of a day.

use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use ndarray::{Array2, Zip};
use vadose_grid::{Cell, Window};
use vadose_io::{GranuleName, Resolution, Spl2SmapS, spl2smap_s};

use super::DayBlocks;
use super::notes::Notes;
use crate::archives::MAX_FROM_SIX;
use crate::days::descending_pass;
use crate::{CubeDay, CubeError};

/// Quantities of which the mean over the scenes is taken.
const QUANTITIES: [&str; 4] = [
    "sigma0_vv_aggregated",
    "sigma0_vh_aggregated",
    "sigma0_incidence_angle",
    SOIL_MOISTURE,
];
const SOIL_MOISTURE: &str = "soil_moisture";
/// The other datasets that are read.
const QUALITY: &str = "retrieval_qual_flag";
const TIME: &str = "spacecraft_overpass_time_seconds";

/// The name of a real granule and the times of its cells differ by less than a minute.
const MAX_FROM_NAME: SignedDuration = SignedDuration::from_hours(1);

/// The scenes of a day that can be used. They are read by part, when a block asks for them.
pub(super) struct Radar<'p> {
    scenes: Vec<RadarScene>,
    notes: Notes<'p>,
}

struct RadarScene {
    path: PathBuf,
    /// Its cells within the window of the cube.
    window: Window,
}

/// Reads each scene once, to see that it can be used, and keeps only where it lies.
pub(super) fn open<'p>(
    files: &[PathBuf],
    day: &CubeDay,
    window: &Window,
    notes: Notes<'p>,
) -> Result<Radar<'p>, CubeError> {
    let mut scenes = Vec::new();
    for path in files {
        let place = notes.read(
            path,
            spl2smap_s::read_window(path, Resolution::Km1, &[], *window),
        );
        let Some(Some(place)) = place else {
            continue; // damaged, or elsewhere
        };
        if is_descending(path, day, &place.window())? && is_usable(path, &notes) {
            scenes.push(RadarScene {
                path: path.clone(),
                window: place.window(),
            });
        }
    }
    Ok(Radar { scenes, notes })
}

/// Whether SMAP passed in the morning of the day, by the local time of the scene's middle. A scene
/// whose name says nothing counts as one.
fn is_descending(path: &Path, day: &CubeDay, place: &Window) -> Result<bool, CubeError> {
    let Ok(name) = path.to_string_lossy().parse::<GranuleName>() else {
        return Ok(true);
    };
    let middle = Cell {
        row: place.row0() + place.rows() / 2,
        col: place.col0() + place.cols() / 2,
    };
    let six = descending_pass(day.date, place.grid().centre(middle)?.lon_deg);
    Ok(name.start.duration_since(six).abs() <= MAX_FROM_SIX)
}

/// Whether a scene holds anything, of the time in its name.
fn is_usable(path: &Path, notes: &Notes<'_>) -> bool {
    let mut variables = QUANTITIES.to_vec();
    variables.extend([QUALITY, TIME]);
    let read = spl2smap_s::read_variables(path, Resolution::Km1, &variables);
    let Some(scene) = notes.read(path, read) else {
        return false;
    };
    notes.fields(path, &QUANTITIES, &scene.fields);
    if scene.fields.values().all(|field| field.counts.valid == 0) {
        notes.note(path, "holds no valid value");
        return false;
    }
    let named = path.to_string_lossy().parse::<GranuleName>().ok();
    named
        .zip(scene.time())
        .is_none_or(|(named, found)| notes.agrees_in_time(path, found, named.start, MAX_FROM_NAME))
}

/// Sum and number of the values of each cell.
struct Mean {
    sum: Array2<f32>,
    count: Array2<u16>,
}

impl Mean {
    fn new(shape: (usize, usize)) -> Self {
        Self {
            sum: Array2::zeros(shape),
            count: Array2::zeros(shape),
        }
    }

    fn add(&mut self, at: (usize, usize), value: f32) {
        if !value.is_nan() {
            self.sum[at] += value;
            self.count[at] += 1;
        }
    }

    /// NaN where there was no value.
    fn finish(self) -> Array2<f32> {
        let mut mean = self.sum;
        Zip::from(&mut mean)
            .and(&self.count)
            .for_each(|mean, &count| {
                *mean = match count {
                    0 => f32::NAN,
                    count => *mean / f32::from(count),
                }
            });
        mean
    }
}

impl DayBlocks for Radar<'_> {
    fn block(&self, block: &Window) -> Result<Vec<Array2<f32>>, CubeError> {
        let mut means: [Mean; QUANTITIES.len()] = std::array::from_fn(|_| Mean::new(block.shape()));
        let mut recommended = Mean::new(block.shape());
        for scene in &self.scenes {
            let Some(part) = self.part(scene, block) else {
                continue;
            };
            let window = part.window();
            let (row0, col0) = (window.row0() - block.row0(), window.col0() - block.col0());
            for (mean, name) in means.iter_mut().zip(QUANTITIES) {
                for ((row, col), &value) in part
                    .fields
                    .get(name)
                    .iter()
                    .flat_map(|field| field.values.indexed_iter())
                {
                    mean.add((row0 + row, col0 + col), value);
                }
            }
            let Some(soil_moisture) = part.fields.get(SOIL_MOISTURE) else {
                continue;
            };
            for ((at, &good), value) in part.recommended().indexed_iter().zip(&soil_moisture.values)
            {
                if !value.is_nan() {
                    recommended.add((row0 + at.0, col0 + at.1), f32::from(u8::from(good)));
                }
            }
        }
        let [vv, vh, angle, soil_moisture] = means.map(Mean::finish);
        let observed = Zip::from(&vv)
            .and(&vh)
            .map_collect(|vv, vh| f32::from(u8::from(!vv.is_nan() && !vh.is_nan())));
        Ok(vec![
            vv,
            vh,
            angle,
            observed,
            soil_moisture,
            recommended.finish(),
        ])
    }
}

impl Radar<'_> {
    /// What a scene has in a block. It could be read when the day was opened; if it no longer can,
    /// its cells in the block are missing.
    fn part(&self, scene: &RadarScene, block: &Window) -> Option<Spl2SmapS> {
        let window = scene.window.intersection(block)?;
        let mut variables = QUANTITIES.to_vec();
        variables.push(QUALITY);
        let read = spl2smap_s::read_window(&scene.path, Resolution::Km1, &variables, window);
        self.notes.read(&scene.path, read)?
    }
}
