//! Half orbits: which pass counts, and which brightness temperatures.

use std::sync::Mutex;

use jiff::SignedDuration;
use vadose_grid::{Cell, EaseGrid2, Window};

use super::granules::{HalfOrbit, time};
use super::{clean_layers, day, window};
use crate::sources::open_day;
use crate::{Problems, Source};

/// The first cell of the window, whose 6 h are at 12:43 UTC, and the one east of it.
const CELLS: [Cell; 2] = [Cell { row: 300, col: 850 }, Cell { row: 300, col: 851 }];
const NEAR: &str = "2017-06-06T12:50:00Z";
const FAR: &str = "2017-06-06T13:50:00Z";

fn at_first_cell(layers: &[ndarray::Array2<f32>]) -> Vec<f32> {
    layers.iter().map(|layer| layer[[0, 0]]).collect()
}

#[test]
fn all_variables_come_from_the_pass_nearest_to_six() {
    let folder = tempfile::tempdir().unwrap();
    let near = HalfOrbit::new(2, time(NEAR), &CELLS[..1], 0.25).write(folder.path());
    let far = HalfOrbit::new(1, time(FAR), &CELLS, 0.125).write(folder.path());
    for files in [[near.clone(), far.clone()], [far, near]] {
        let layers = clean_layers(Source::Radiometer, &files);
        let [near, far] = [0.25, 0.125];
        // 12:50 is 10 minutes before the day's time, 13 h UTC.
        let expected = [
            200.0 + near,
            220.0 + near,
            280.0 + near,
            1.0 + near,
            0.2 + near,
            0.1 + near,
            1.0,
            -1.0 / 6.0,
        ];
        assert_eq!(at_first_cell(&layers), expected);
        // 81 cells of 1 km nest in each cell of 9 km; the third was not seen.
        assert_eq!(layers[0].dim(), (36, 45));
        assert_eq!(layers[0][[8, 8]], 200.0 + near);
        assert_eq!(layers[0][[0, 9]], 200.0 + far);
        assert!(layers[0][[0, 18]].is_nan() && layers[0][[9, 0]].is_nan());
        assert_eq!(layers[4].dim(), (4, 5));
        assert_eq!(layers[4][[0, 1]], 0.2 + far);
    }
}

#[test]
fn a_poor_brightness_temperature_is_missing_and_its_pass_comes_second() {
    let folder = tempfile::tempdir().unwrap();
    let mut near = HalfOrbit::new(2, time(NEAR), &CELLS[..1], 0.25);
    near.set_word("tb_qual_flag_h", 1);
    let near = near.write(folder.path());
    let layers = clean_layers(Source::Radiometer, std::slice::from_ref(&near));
    assert!(layers[0][[0, 0]].is_nan());
    assert_eq!(layers[1][[0, 0]], 220.25);
    let far = HalfOrbit::new(1, time(FAR), &CELLS[..1], 0.125).write(folder.path());
    let layers = clean_layers(Source::Radiometer, &[near, far]);
    assert_eq!((layers[0][[0, 0]], layers[1][[0, 0]]), (200.125, 220.125));
}

#[test]
fn other_bits_of_the_word_leave_a_brightness_temperature_alone_and_no_word_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut orbit = HalfOrbit::new(2, time(NEAR), &CELLS[..1], 0.0);
    orbit.set_word("tb_qual_flag_h", 2 | 4 | 8192);
    orbit.set_word("tb_qual_flag_v", vadose_io::flags::FILL_U16);
    let layers = clean_layers(Source::Radiometer, &[orbit.write(folder.path())]);
    assert_eq!(layers[0][[0, 0]], 200.0);
    assert!(layers[1][[0, 0]].is_nan());
}

#[test]
fn recommended_is_said_of_retrievals_only() {
    let folder = tempfile::tempdir().unwrap();
    let recommended = |word: u16, soil_moisture: f32| {
        let mut orbit = HalfOrbit::new(2, time(NEAR), &CELLS[..1], 0.0);
        orbit.set_word("retrieval_qual_flag", word);
        orbit.set("soil_moisture", soil_moisture);
        let path = orbit.write(folder.path());
        clean_layers(Source::Radiometer, &[path])[6][[0, 0]]
    };
    assert_eq!((recommended(8, 0.2), recommended(1, 0.2)), (1.0, 0.0));
    assert!(recommended(1, f32::NAN).is_nan());
}

#[test]
fn a_pass_of_another_day_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let yesterday = time(NEAR) - SignedDuration::from_hours(24);
    let path = HalfOrbit::new(1, yesterday, &CELLS, 0.0).write(folder.path());
    let layers = clean_layers(Source::Radiometer, &[path]);
    assert!(layers.iter().flatten().all(|value| value.is_nan()));
}

#[test]
fn values_out_of_range_are_missing_and_counted_and_no_problem() {
    let folder = tempfile::tempdir().unwrap();
    let mut orbit = HalfOrbit::new(2, time(NEAR), &CELLS, 0.0);
    orbit.set("soil_moisture_option2", 0.6);
    let path = orbit.write(folder.path());
    let problems = Mutex::new(Problems::default());
    let blocks = open_day(Source::Radiometer, &[path], &day(), &window(), &problems).unwrap();
    let corner = Window::new(EaseGrid2::M01, 2700, 7650, 9, 9).unwrap();
    assert!(blocks.block(&corner).unwrap()[5][[0, 0]].is_nan());
    drop(blocks);
    let problems = problems.into_inner().unwrap();
    assert_eq!(problems.out_of_range()["soil_moisture_option2"], 2);
    assert!(problems.into_sorted().is_empty());
}
