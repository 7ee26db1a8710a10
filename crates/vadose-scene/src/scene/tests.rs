//! Tests of [`Scene`].

use ndarray::array;
use vadose_grid::EaseGrid2;

use super::*;

fn window() -> Window {
    Window::new(EaseGrid2::M01, 90, 180, 2, 3).unwrap()
}

fn station(row: usize, col: usize, value_m3m3: f32, weight: f32) -> StationCell {
    StationCell {
        cell: Cell { row, col },
        value_m3m3,
        weight,
        stations: vec![format!("s-{row}-{col}")],
    }
}

#[test]
fn land_is_everywhere_and_predictable_equals_land_until_set() {
    let land = array![[true, false, true], [true, true, false]];
    let scene = Scene::new("s", window());
    assert!(scene.land().iter().all(|land| *land));
    let scene = scene.with_land(land.clone()).unwrap();
    assert_eq!(scene.predictable(), land);
    let predictable = Array2::from_elem((2, 3), false);
    let scene = scene.with_predictable(predictable.clone()).unwrap();
    assert_eq!(scene.predictable(), predictable);
    assert_eq!(scene.land(), land);
}

#[test]
fn upper_bound_is_the_clamped_porosity_and_never_missing() {
    let density = array![[1.325, 0.1, 2.6], [f32::NAN, f32::INFINITY, 1.06]];
    let scene = Scene::new("s", window())
        .with_field("bulk_density", "g cm-3", density)
        .unwrap();
    let expected = array![[0.5_f32, 0.75, 0.35], [0.60, 0.60, 0.60]];
    let difference = (scene.upper_bound() - expected).mapv(f32::abs);
    assert!(
        difference.iter().all(|d| *d <= f32::EPSILON),
        "{difference}"
    );
    let without = Scene::new("s", window()).upper_bound();
    assert!(without.iter().all(|bound| *bound == 0.60));
}

#[test]
fn arrays_of_another_shape_are_refused_by_name() {
    let message = |result: Result<Scene, SceneError>| result.unwrap_err().to_string();
    let transposed = Array2::zeros((3, 2));
    assert_eq!(
        message(Scene::new("s", window()).with_field("tb_v", "K", transposed)),
        "field tb_v has shape (3, 2), its window needs (2, 3) (rows, cols)"
    );
    let mask = Array2::from_elem((1, 1), true);
    assert!(message(Scene::new("s", window()).with_land(mask.clone())).starts_with("land mask"));
    assert!(message(Scene::new("s", window()).with_predictable(mask)).starts_with("predictable"));
}

#[test]
fn a_field_cannot_be_given_twice() {
    let error = Scene::new("s", window())
        .with_field("tb_v", "K", Array2::zeros((2, 3)))
        .unwrap()
        .with_field("tb_v", "K", Array2::zeros((2, 3)))
        .unwrap_err();
    assert!(matches!(error, SceneError::DuplicateField { field, .. } if field == "tb_v"));
}

#[test]
fn bulk_density_in_other_units_is_refused() {
    let error = Scene::new("s", window())
        .with_field("bulk_density", "kg m-3", Array2::zeros((2, 3)))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "channel bulk_density of scene s: expected units \"g cm-3\", got \"kg m-3\""
    );
}

#[test]
fn stations_must_be_inside_unique_and_finite() {
    let with = |stations| Scene::new("s", window()).with_stations(stations);
    assert!(with(vec![station(90, 180, 0.2, 1.0), station(91, 182, 0.3, 2.0)]).is_ok());
    assert!(matches!(
        with(vec![station(92, 180, 0.2, 1.0)]),
        Err(SceneError::StationOutsideWindow { .. })
    ));
    assert!(matches!(
        with(vec![station(90, 181, 0.2, 1.0), station(91, 181, 0.2, 1.0), station(90, 181, 0.3, 1.0)]),
        Err(SceneError::DuplicateStationCell { cell }) if cell == Cell { row: 90, col: 181 }
    ));
    for (value, weight) in [
        (f32::NAN, 1.0),
        (0.2, 0.0),
        (0.2, -1.0),
        (0.2, f32::INFINITY),
    ] {
        assert!(matches!(
            with(vec![station(90, 180, value, weight)]),
            Err(SceneError::InvalidStation { .. })
        ));
    }
}

#[test]
fn the_coarse_target_must_lie_on_the_nine_fold_parent() {
    let with = |grid, values: Array2<f32>| {
        let window_of_target = Window::new(grid, 10, 20, 1, 1).unwrap();
        Scene::new("s", window()).with_coarse_target(CoarseTarget {
            window: window_of_target,
            values,
        })
    };
    assert!(with(EaseGrid2::M09, array![[0.2]]).is_ok());
    for grid in [
        EaseGrid2::M01,
        EaseGrid2::M03,
        EaseGrid2::M36,
        EaseGrid2::M25,
    ] {
        assert!(matches!(
            with(grid, array![[0.2]]),
            Err(SceneError::CoarseGrid { got, .. }) if got == grid
        ));
    }
    assert!(matches!(
        with(EaseGrid2::M09, array![[0.2, 0.3]]),
        Err(SceneError::ShapeMismatch { .. })
    ));
}
