//! Parts of granules are the parts of the whole: NASA's own files, by name and by window.
#![cfg(feature = "hdf5")]
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]

mod synthetic_granule;

use ndarray::Array2;
use synthetic_granule::{RADIOMETER_GRANULE, SENTINEL_GRANULE, real};
use vadose_grid::{EaseGrid2, Window};
use vadose_io::{Counts, IoError, Resolution, spl2smap_s, spl2smp};

const VARIABLES: [&str; 4] = [
    "sigma0_vv_aggregated",
    "soil_moisture",
    "retrieval_qual_flag",
    "surface_temperature_apm",
];

/// The part of an array over `whole` that lies in a window.
fn cut<T: Clone>(array: &Array2<T>, whole: &Window, part: &Window) -> Array2<T> {
    let (row0, col0) = (part.row0() - whole.row0(), part.col0() - whole.col0());
    Array2::from_shape_fn(part.shape(), |(row, col)| {
        array[[row0 + row, col0 + col]].clone()
    })
}

fn bits(values: &Array2<f32>) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn a_window_of_a_scene_is_that_part_of_the_scene() {
    for (resolution, grid, margin) in [
        (Resolution::Km1, EaseGrid2::M01, 40),
        (Resolution::Km3, EaseGrid2::M03, 13),
    ] {
        let full = spl2smap_s::read(real(SENTINEL_GRANULE), resolution).unwrap();
        let whole = full.window();
        // Inside, over each corner, around it all.
        let at = |row0: usize, col0: usize, rows: usize, cols: usize| {
            Window::new(grid, row0, col0, rows, cols).unwrap()
        };
        let (row0, col0) = (whole.row0(), whole.col0());
        let (rows, cols) = whole.shape();
        for window in [
            at(row0 + margin, col0 + margin, 17, 23),
            at(row0 - margin, col0 - margin, 2 * margin, 2 * margin),
            at(row0 + rows - margin, col0 + cols - 1, 2 * margin, margin),
            at(row0 - 1, col0 - 1, rows + 2, cols + 2),
        ] {
            let read =
                spl2smap_s::read_window(real(SENTINEL_GRANULE), resolution, &VARIABLES, window);
            let part = read.unwrap().unwrap();
            let both = whole.intersection(&window).unwrap();
            assert_eq!(part.window(), both);
            assert_eq!((part.fields.len(), part.flags.len()), (3, 1));
            for (name, field) in &part.fields {
                let expected = cut(&full.fields[name].values, &whole, &both);
                assert_eq!(bits(&field.values), bits(&expected), "{name}");
                let Counts {
                    valid,
                    missing,
                    out_of_range,
                } = field.counts;
                assert_eq!(valid + missing + out_of_range, both.rows() * both.cols());
            }
            let words = &part.flags["retrieval_qual_flag"];
            let all = &full.flags["retrieval_qual_flag"];
            assert_eq!(words.values, cut(&all.values, &whole, &both));
            assert_eq!(words.valid, cut(&all.valid, &whole, &both));
            assert_eq!(part.recommended(), cut(&full.recommended(), &whole, &both));
        }
    }
}

#[test]
fn named_variables_of_a_scene_are_those_of_the_scene() {
    let path = real(SENTINEL_GRANULE);
    let full = spl2smap_s::read(&path, Resolution::Km1).unwrap();
    let some = spl2smap_s::read_variables(&path, Resolution::Km1, &VARIABLES).unwrap();
    assert_eq!(some.window(), full.window());
    assert_eq!(some.time(), None);
    for (name, field) in &some.fields {
        assert_eq!(field.counts, full.fields[name].counts);
        assert_eq!(
            bits(&field.values),
            bits(&full.fields[name].values),
            "{name}"
        );
    }
    let name = "spacecraft_overpass_time_seconds";
    let times = spl2smap_s::read_variables(&path, Resolution::Km1, &[name, "no_such"]).unwrap();
    assert_eq!(times.time(), full.time());
    assert!(times.fields.is_empty());
}

#[test]
fn a_window_elsewhere_gives_nothing_and_one_of_another_grid_is_refused() {
    let read = |grid| {
        let window = Window::new(grid, 0, 0, 9, 9).unwrap();
        spl2smap_s::read_window(real(SENTINEL_GRANULE), Resolution::Km1, &VARIABLES, window)
    };
    assert!(read(EaseGrid2::M01).unwrap().is_none());
    let refused = read(EaseGrid2::M09);
    assert!(matches!(refused, Err(IoError::WrongGrid { .. })));
}

#[test]
fn named_variables_of_a_half_orbit_are_those_of_the_half_orbit() {
    let path = real(RADIOMETER_GRANULE);
    let full = spl2smp::read(&path).unwrap();
    let names = [
        "tb_v_corrected",
        "soil_moisture",
        "landcover_class_fraction",
        "tb_qual_flag_v",
        "retrieval_qual_flag",
        "tb_time_seconds",
    ];
    let some = spl2smp::read_variables(&path, &names).unwrap();
    assert_eq!(some.cells, full.cells);
    // The fractions of the three commonest classes are three fields.
    assert_eq!((some.fields.len(), some.flags.len()), (5, 2));
    for (name, field) in &some.fields {
        let (got, expected) = (&field.values, &full.fields[name].values);
        assert!(
            got.iter()
                .zip(expected)
                .all(|(a, b)| a.to_bits() == b.to_bits())
        );
        assert_eq!(field.counts, full.fields[name].counts);
    }
    assert_eq!(some.flags["tb_qual_flag_v"], full.flags["tb_qual_flag_v"]);
    assert_eq!(some.recommended(), full.recommended());
    let seconds = |times: &Option<ndarray::Array1<f64>>| -> Vec<u64> {
        times.iter().flatten().map(|s| s.to_bits()).collect()
    };
    assert_eq!(seconds(&some.time_seconds), seconds(&full.time_seconds));
}
