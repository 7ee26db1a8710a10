//! Tests: Relief, soils and land cover.

use super::*;

fn window(row0: usize, col0: usize, rows: usize, cols: usize) -> Window {
    Window::new(EaseGrid2::M01, row0, col0, rows, cols).unwrap()
}

/// A plain with a desert and the edge of a mountain range.
const CORNER: (usize, usize) = (2493, 6750);

#[test]
fn a_tile_alone_equals_the_tile_of_the_whole() {
    let landscape = Landscape::new(42);
    let whole = landscape
        .layers(&window(CORNER.0, CORNER.1, 70, 90))
        .unwrap();
    let tile = landscape
        .layers(&window(CORNER.0 + 19, CORNER.1 + 23, 37, 41))
        .unwrap();
    let part = |field: &Array2<f32>| {
        let mut part = field.view();
        part.slice_axis_inplace(Axis(0), (19..19 + 37).into());
        part.slice_axis_inplace(Axis(1), (23..23 + 41).into());
        part.to_owned()
    };
    assert_eq!(tile.elevation_m, part(&whole.elevation_m));
    assert_eq!(tile.wetness_index, part(&whole.wetness_index));
    assert_eq!(tile.clay_fraction, part(&whole.clay_fraction));
    assert_eq!(tile.sand_fraction, part(&whole.sand_fraction));
    assert_eq!(tile.bulk_density_g_cm3, part(&whole.bulk_density_g_cm3));
    assert_eq!(tile.water_fraction, part(&whole.water_fraction));
    assert_eq!(tile.ndvi_min, part(&whole.ndvi_min));
    assert_eq!(tile.ndvi_max, part(&whole.ndvi_max));
    for ((row, col), &class) in tile.land_cover.indexed_iter() {
        assert_eq!(class, whole.land_cover[[row + 19, col + 23]]);
    }
}

#[test]
fn another_seed_is_another_land() {
    let cells = window(CORNER.0, CORNER.1, 8, 8);
    let [a, b] = [1, 2].map(|seed| Landscape::new(seed).layers(&cells).unwrap());
    assert_ne!(a.elevation_m, b.elevation_m);
}

#[test]
fn every_value_is_one_that_land_can_have() {
    let layers = Landscape::new(7)
        .layers(&window(CORNER.0, CORNER.1, 256, 256))
        .unwrap();
    let within = |field: &Array2<f32>, low: f32, high: f32| {
        field.iter().all(|value| (low..=high).contains(value))
    };
    assert!(within(&layers.elevation_m, 0.0, 3500.0));
    assert!(within(&layers.wetness_index, -1.0, 1.0));
    assert!(within(&layers.clay_fraction, 0.03, 0.60));
    assert!(within(&layers.sand_fraction, 0.0, 0.97));
    assert!(within(&layers.bulk_density_g_cm3, 0.80, 1.70));
    assert!(within(&layers.water_fraction, 0.0, 1.0));
    assert!(within(&layers.ndvi_max, 0.0, 0.92));
    ndarray::azip!((&clay in &layers.clay_fraction, &sand in &layers.sand_fraction,
                    &min in &layers.ndvi_min, &max in &layers.ndvi_max) {
        assert!(clay + sand <= 1.0);
        assert!(min < max);
    });
}

#[test]
fn every_major_class_has_a_place_somewhere() {
    // Every 24th cell of the land, 16 blocks of it far apart.
    let landscape = Landscape::new(42);
    let mut counts = [0_u32; 17];
    for row in 0..16 {
        for col in 0..16 {
            let part = window(1700 + 160 * row, 5310 + 160 * col, 12, 12);
            let layers = landscape.layers(&part).unwrap();
            layers
                .land_cover
                .iter()
                .for_each(|&class| counts[usize::from(class)] += 1);
        }
    }
    for class in [0, 1, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 16] {
        assert!(counts[class] > 0, "no cell of class {class}: {counts:?}");
    }
}

#[test]
fn mountains_are_wooded_and_plains_are_farmed() {
    let landscape = Landscape::new(42);
    let layers = landscape
        .layers(&window(CORNER.0, CORNER.1, 513, 513))
        .unwrap();
    let share = |high: bool, classes: &[u8]| {
        let cells = || {
            let pairs = layers.elevation_m.iter().zip(&layers.land_cover);
            pairs.filter(move |(height, _)| (**height > 1200.0) == high)
        };
        let n = cells().filter(|(_, class)| classes.contains(class)).count();
        n as f64 / cells().count() as f64
    };
    let (forest, crops) = ([1, 4, 5], [12, 14]);
    assert!(share(true, &forest) > 0.4, "{}", share(true, &forest));
    assert!(share(true, &forest) > 3.0 * share(false, &forest));
    assert!(share(false, &crops) > 0.15, "{}", share(false, &crops));
    assert!(share(true, &crops) < 0.05, "{}", share(true, &crops));
}

#[test]
fn other_grids_are_refused() {
    let coarse = Window::new(EaseGrid2::M09, 188, 589, 2, 2).unwrap();
    assert!(matches!(
        Landscape::new(1).layers(&coarse),
        Err(TwinError::Grid {
            got: EaseGrid2::M09
        })
    ));
}
