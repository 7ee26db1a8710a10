//! Maps of one day: truth, coarse field, estimates and their errors.

use std::ops::Range;
use std::path::Path;

use jiff::Timestamp;
use ndarray::{Array2, ArrayView2, Axis, Ix3};
use vadose_grid::{EaseGrid2, ProjectedM};
use vadose_io::zarr::{Store, read_time_axis};
use vadose_viz::report::Section;
use vadose_viz::{ColourMap, ColourRange, Extent, MapImage, MapPanel, MapRow};

use super::page::{UNITS, add_figure};
use super::run::Run;
use crate::StudyError;
use crate::evaluation::TRUTH_FIELD;
use crate::files::read_error;

/// A map of more cells across is averaged for the page, where it would weigh megabytes and show no more.
const MAX_CELLS: usize = 540;
/// Edge of the part that is shown cell by cell then.
const CLOSE_UP_CELLS: usize = 252;
/// Methods with a map of their own.
const MAX_METHODS: usize = 4;
/// The coarse field among the methods.
const COARSE: [&str; 2] = ["l4_nearest", "l4_bilinear"];

/// `maps.zarr`: a map of each method, all of one day. Maps are read when they are drawn.
pub(super) struct DayMaps {
    store: Store,
    names: Vec<String>,
    time: Option<Timestamp>,
    x_centres_m: Vec<f64>,
    y_centres_m: Vec<f64>,
}

/// A part of the window, and how many cells across are averaged to one.
struct View {
    heading: String,
    rows: Range<usize>,
    cols: Range<usize>,
    average: usize,
}

/// A map that is to be drawn.
struct Layer {
    title: String,
    values: Array2<f32>,
    is_error: bool,
}

impl DayMaps {
    pub(super) fn open(path: &Path) -> Result<Self, StudyError> {
        let store = Store::open(path)?;
        let axis = |name: &str| -> Result<Vec<f64>, StudyError> {
            let array = store.array(name)?;
            let shape = array.shape().to_vec();
            Ok(array
                .read::<f64>(&vec![0; shape.len()], &shape)?
                .into_iter()
                .collect())
        };
        let (x_centres_m, y_centres_m) = (axis("x")?, axis("y")?);
        let shape = [y_centres_m.len() as u64, x_centres_m.len() as u64];
        let mut names = Vec::new();
        for name in store.array_names()? {
            if store.array(&name)?.shape().get(1..) == Some(&shape[..]) {
                names.push(name);
            }
        }
        if shape.iter().any(|length| *length < 2) {
            return Err(read_error(path, "its maps have less than two cells across"));
        }
        Ok(Self {
            time: read_time_axis(&store, "time")?.first().copied(),
            store,
            names,
            x_centres_m,
            y_centres_m,
        })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// The coarse field.
    fn coarse(&self) -> Option<&'static str> {
        COARSE.into_iter().find(|name| self.has(name))
    }

    /// The whole window, and a part of it where that is shown coarser than it is.
    fn views(&self) -> Vec<View> {
        let (rows, cols) = (self.y_centres_m.len(), self.x_centres_m.len());
        let average = rows.max(cols).div_ceil(MAX_CELLS);
        let whole = |n: usize| 0..n / average * average;
        let mut views = vec![View {
            heading: match average {
                1 => "The whole window".to_owned(),
                _ => format!("The whole window, averaged to {average} km"),
            },
            rows: whole(rows),
            cols: whole(cols),
            average,
        }];
        if average > 1 {
            let middle = |n: usize| {
                let length = CLOSE_UP_CELLS.min(n);
                (n - length) / 2..(n + length) / 2
            };
            views.push(View {
                heading: "A part, cell by cell".to_owned(),
                rows: middle(rows),
                cols: middle(cols),
                average: 1,
            });
        }
        views
    }

    /// A map of one method, `[row, col]`, m3 m-3.
    fn map(&self, name: &str, view: &View) -> Result<Array2<f32>, StudyError> {
        let start = [0, view.rows.start as u64, view.cols.start as u64];
        let shape = [1, view.rows.len() as u64, view.cols.len() as u64];
        let values = self.store.array(name)?.read::<f32>(&start, &shape)?;
        let values = values
            .into_dimensionality::<Ix3>()
            .map_err(|error| read_error(self.store.path(), error))?;
        Ok(averaged(values.index_axis(Axis(0), 0), view.average))
    }

    fn extent(&self, view: &View) -> Result<Extent, StudyError> {
        // Centres to outer edges.
        let half = 0.5 * (self.x_centres_m[1] - self.x_centres_m[0]);
        let corner = |x_m: f64, y_m: f64| {
            EaseGrid2::M01
                .unproject(ProjectedM { x_m, y_m })
                .map_err(|error| read_error(self.store.path(), error))
        };
        let (x, y) = (
            &self.x_centres_m[view.cols.clone()],
            &self.y_centres_m[view.rows.clone()],
        );
        let north_west = corner(x[0] - half, y[0] + half)?;
        let south_east = corner(x[x.len() - 1] + half, y[y.len() - 1] - half)?;
        Ok(Extent::EqualAreaDeg {
            west: north_west.lon_deg,
            east: south_east.lon_deg,
            south: south_east.lat_deg,
            north: north_west.lat_deg,
        })
    }
}

/// Means of blocks of `n` by `n` cells; missing cells do not count.
fn averaged(map: ArrayView2<'_, f32>, n: usize) -> Array2<f32> {
    if n == 1 {
        return map.to_owned();
    }
    let blocks = map.exact_chunks((n, n));
    let means = blocks.into_iter().map(|block| {
        let valid = block.iter().filter(|value| value.is_finite());
        let (sum, count) = valid.fold((0.0_f32, 0.0_f32), |(sum, count), value| {
            (sum + value, count + 1.0)
        });
        sum / count
    });
    let shape = (map.nrows() / n, map.ncols() / n);
    Array2::from_shape_vec(shape, means.collect()).expect("one mean a block")
}

/// Adds the section.
pub(super) fn add(section: &mut Section, run: &Run) -> Result<(), StudyError> {
    let Some(maps) = &run.maps else {
        section.paragraph("The run holds no maps.");
        return Ok(());
    };
    let there: Vec<&str> = maps.names.iter().map(String::as_str).collect();
    let methods: Vec<&str> = there
        .iter()
        .filter(|name| **name != TRUTH_FIELD && Some(**name) != maps.coarse())
        .copied()
        .collect();
    let shown = run.main_methods(&methods, MAX_METHODS);
    let Some((subject, others)) = shown.split_first() else {
        section.paragraph("The run's store of maps holds no method.");
        return Ok(());
    };
    let day = maps
        .time
        .map_or_else(String::new, |time| format!(" on {}", day_of(time)));
    let against_truth = maps.has(TRUTH_FIELD);
    section.paragraph(format!(
        "Soil moisture of the upper 5 cm{day}. {} Missing cells are grey.",
        if against_truth {
            "The truth is the simulated field; errors are estimate minus simulated truth."
        } else {
            "No true field is known here; differences between methods are no errors."
        }
    ));
    for view in maps.views() {
        let part = section.section(view.heading.clone());
        let mut layers = first_layers(maps, &view)?;
        for method in std::iter::once(subject).chain(others) {
            layers.extend(of_method(maps, &view, method, subject)?);
        }
        draw(part, run, &layers, maps.extent(&view)?);
    }
    Ok(())
}

/// The truth, if there is one, and the coarse field, missing all over if there is none: with them, the layers
/// of all methods make rows of two.
fn first_layers(maps: &DayMaps, view: &View) -> Result<Vec<Layer>, StudyError> {
    let mut layers = Vec::new();
    if maps.has(TRUTH_FIELD) {
        layers.push(Layer {
            title: "simulated truth, 1 km".to_owned(),
            values: maps.map(TRUTH_FIELD, view)?,
            is_error: false,
        });
    }
    layers.push(match maps.coarse() {
        Some(name) => Layer {
            title: "coarse field Z, 9 km".to_owned(),
            values: maps.map(name, view)?,
            is_error: false,
        },
        None => Layer {
            title: "coarse field: not in the run".to_owned(),
            values: Array2::from_elem((view.rows.len(), view.cols.len()), f32::NAN),
            is_error: false,
        },
    });
    Ok(layers)
}

/// A method's map, and what it differs by: from the truth, or else from the method that the report is about.
fn of_method(
    maps: &DayMaps,
    view: &View,
    method: &str,
    subject: &str,
) -> Result<Vec<Layer>, StudyError> {
    let values = maps.map(method, view)?;
    let reference = match maps.has(TRUTH_FIELD) {
        true => Some((TRUTH_FIELD, "simulated truth")),
        false => (method != subject).then_some((subject, subject)),
    };
    let difference = match reference {
        Some((name, title)) => Some(Layer {
            title: format!("{method} minus {title}"),
            values: &values - &maps.map(name, view)?,
            is_error: true,
        }),
        None => None,
    };
    let estimate = Layer {
        title: method.to_owned(),
        values,
        is_error: false,
    };
    Ok(std::iter::once(estimate).chain(difference).collect())
}

fn draw(section: &mut Section, run: &Run, layers: &[Layer], extent: Extent) {
    let moisture = bulk(layers, |layer| !layer.is_error, |value| value);
    let error = bulk(layers, |layer| layer.is_error, f32::abs).map(|(_, most)| (-most, most));
    let image = |layer| image(layer, moisture, error);
    let rows = layers.chunks_exact(2).map(|pair| MapRow {
        left: image(&pair[0]),
        right: image(&pair[1]),
        colour_range: ColourRange::Own,
    });
    let panel = MapPanel {
        title: run.titled("Soil moisture of one day"),
        footnote: run.footnote(),
        ..MapPanel::new(rows.collect(), extent)
    };
    let titles: Vec<&str> = layers.iter().map(|layer| layer.title.as_str()).collect();
    let caption = format!(
        "From left to right and from the top: {}. One colour scale for all soil moisture, one for all differences.",
        titles.join("; ")
    );
    add_figure(section, &panel, caption);
}

fn image(layer: &Layer, moisture: Option<(f64, f64)>, error: Option<(f64, f64)>) -> MapImage<'_> {
    let plain = MapImage::new(layer.title.clone(), layer.values.view(), UNITS);
    match layer.is_error {
        true => MapImage {
            colour_map: ColourMap::Difference,
            range: error,
            ..plain
        },
        false => MapImage {
            range: moisture,
            ..plain
        },
    }
}

/// The values from the 1st to the 99th percentile of some layers together.
fn bulk(
    layers: &[Layer],
    counts: impl Fn(&Layer) -> bool,
    of: impl Fn(f32) -> f32,
) -> Option<(f64, f64)> {
    let layers = layers.iter().filter(|layer| counts(layer));
    let mut values: Vec<f32> = layers
        .flat_map(|layer| layer.values.iter().map(|value| of(*value)))
        .filter(|value| value.is_finite())
        .collect();
    values.sort_unstable_by(f32::total_cmp);
    let at = |share: f64| {
        Some(f64::from(
            *values.get((share * values.len() as f64) as usize)?,
        ))
    };
    let range = (at(0.01)?, at(0.99)?);
    (range.0 < range.1).then_some(range)
}

fn day_of(time: Timestamp) -> jiff::civil::Date {
    time.to_zoned(jiff::tz::TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_leave_missing_cells_out() {
        let map = ndarray::array![
            [1.0, 2.0, f32::NAN, f32::NAN, 9.0],
            [3.0, f32::NAN, f32::NAN, f32::NAN, 9.0]
        ];
        let means = averaged(map.view(), 2);
        assert_eq!(means.dim(), (1, 2));
        assert_eq!(means[[0, 0]], 2.0);
        assert!(means[[0, 1]].is_nan());
        assert_eq!(averaged(map.view(), 1).dim(), (2, 5));
    }

    #[test]
    fn one_range_is_for_all_layers_of_a_kind() {
        let layer = |values: Vec<f32>, is_error| Layer {
            title: String::new(),
            values: Array2::from_shape_vec((1, values.len()), values).unwrap(),
            is_error,
        };
        let layers = [
            layer(vec![0.1, f32::NAN], false),
            layer(vec![0.4], false),
            layer(vec![-3.0], true),
        ];
        let (low, high) = bulk(&layers, |layer| !layer.is_error, |value| value).unwrap();
        assert!((low - 0.1).abs() < 1e-6 && (high - 0.4).abs() < 1e-6);
        assert_eq!(bulk(&layers, |layer| layer.is_error, f32::abs), None); // one value is no range
    }
}
