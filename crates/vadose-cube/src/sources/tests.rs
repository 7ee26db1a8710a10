//! Tests of the sources: on granules made for the purpose, and on an archive of the twin.

mod damaged;
mod granules;
mod radar;
mod radiometer;
mod statics;
mod three_hours_and_half_hours;
mod twin_archive;

use std::path::PathBuf;
use std::sync::Mutex;

use jiff::civil::date;
use ndarray::Array2;
use vadose_grid::{EaseGrid2, Window};

use super::open_day;
use crate::{Calendar, CubeDay, Period, Problem, Problems, Source};

/// 4 × 5 cells of 9 km in Kansas.
fn window() -> Window {
    Window::new(EaseGrid2::M01, 2700, 7650, 36, 45).unwrap()
}

/// 6 June 2017, whose time there is 13 h UTC.
fn day() -> CubeDay {
    let period = Period {
        first: date(2017, 6, 6),
        last: date(2017, 6, 6),
        every: 1,
    };
    let calendar = Calendar::new(&[period], -100.6).unwrap();
    calendar.days()[0]
}

/// The layers of the whole window, and the problems.
fn layers(source: Source, files: &[PathBuf]) -> (Vec<Array2<f32>>, Vec<Problem>) {
    let problems = Mutex::default();
    let blocks = open_day(source, files, &day(), &window(), &problems).unwrap();
    let layers = blocks.block(&window()).unwrap();
    drop(blocks);
    let problems: Problems = problems.into_inner().unwrap();
    (layers, problems.into_sorted())
}

/// The layers of a window without any problem.
fn clean_layers(source: Source, files: &[PathBuf]) -> Vec<Array2<f32>> {
    let (layers, problems) = layers(source, files);
    assert!(problems.is_empty(), "{problems:?}");
    layers
}

fn assert_same(a: &Array2<f32>, b: &Array2<f32>, what: &str) {
    assert_eq!(a.dim(), b.dim(), "{what}");
    let same = |(a, b): (&f32, &f32)| a == b || (a.is_nan() && b.is_nan());
    assert!(a.iter().zip(b).all(same), "{what}");
}

#[test]
fn a_day_without_files_is_missing_and_unobserved() {
    for source in Source::DAILY {
        let layers = clean_layers(source, &[]);
        let names = crate::variables(source).map(|variable| variable.name);
        let names: Vec<_> = names.collect();
        assert_eq!(layers.len(), names.len());
        for (name, layer) in names.into_iter().zip(layers) {
            match name {
                "observed" => assert!(layer.iter().all(|&value| value == 0.0)),
                _ => assert!(layer.iter().all(|value| value.is_nan()), "{name}"),
            }
        }
    }
}

#[test]
fn what_is_static_has_no_day() {
    let problems = Mutex::default();
    let refused = open_day(Source::Static, &[], &day(), &window(), &problems);
    assert!(matches!(
        refused.err(),
        Some(crate::CubeError::NotDaily { name: "static" })
    ));
}
