//! Scenes of a cube of the fake layers.

use vadose_grid::EaseGrid2;

use super::*;
use crate::build::fake::Workshop;
use crate::{PRODUCTS, Strictness};

fn cube(workshop: &Workshop) -> Arc<Cube> {
    let build = workshop.build("cube");
    build.run(Strictness::SkipAndReport, &mut ()).unwrap();
    Arc::new(Cube::open(workshop.cube("cube")).unwrap())
}

#[test]
fn tiles_and_days_with_a_cell_to_predict_are_scenes_and_all_others_are_counted() {
    let workshop = Workshop::new();
    // No brightness temperature at all on the second day.
    std::fs::remove_file(workshop.file("radiometer-2017-06-02-a")).unwrap();
    let cube = cube(&workshop);
    let scenes = CubeScenes::new(Arc::clone(&cube), 9, 0, &[0, 1]).unwrap();
    // 18 by 27 cells, origins on multiples of 9.
    let tiles = covering_tiles(cube.window(), 9, 0).unwrap();
    assert_eq!((tiles.len(), scenes.len() + scenes.n_left_out()), (6, 12));
    let mut expected = Vec::new();
    for day_idx in 0..2 {
        for tile in &tiles {
            let (row0, col0) = (tile.row0 as usize, tile.col0 as usize);
            let window = Window::new(cube.window().grid(), row0, col0, 9, 9).unwrap();
            let scene = cube.scene(day_idx, &window).unwrap();
            if scene.predictable().iter().any(|&predictable| predictable) {
                expected.push(SceneRef { day_idx, window });
            }
        }
    }
    assert_eq!(scenes.scenes(), expected);
    // Two 9 km cells of the first day are missing, too.
    assert_eq!(expected.len(), 4);
    assert!(expected.iter().all(|scene| scene.day_idx == 0));
    // Tiles that stick out are cut at the edge.
    let scenes = CubeScenes::new(Arc::clone(&cube), 12, 0, &[0]).unwrap();
    let last = scenes.scenes().last().unwrap().window;
    assert_eq!((last.rows(), last.cols()), (9, 12));
}

#[test]
fn products_come_on_request_and_those_of_9_km_nest_in_1_km_cells() {
    let workshop = Workshop::new();
    // 12 is no multiple of 9, so the second column of tiles begins inside a 9 km cell or ends there.
    let scenes = CubeScenes::new(cube(&workshop), 12, 0, &[1]).unwrap();
    let cube = Arc::clone(scenes.cube());
    let without = scenes.scene(0).unwrap();
    assert!(
        PRODUCTS
            .iter()
            .all(|product| without.field(product).is_none())
    );
    let scenes = scenes.with_products();
    let coarse = cube.window().coarsened(EaseGrid2::M09).unwrap();
    let mut n_compared = 0;
    for index in 0..scenes.len() {
        let scene = scenes.scene(index).unwrap();
        for product in PRODUCTS {
            let is_coarse = product.starts_with("spl2smp_e");
            let whole = if is_coarse { &coarse } else { cube.window() };
            let map = cube.map(product, 1, whole).unwrap();
            for ((row, col), &found) in scene.field(product).unwrap().indexed_iter() {
                let cell = scene.window().cell_at(row, col).unwrap();
                let factor = if is_coarse { COARSE_FACTOR } else { 1 };
                let (row, col) = (cell.row / factor, cell.col / factor);
                let expected = map[[row - whole.row0(), col - whole.col0()]];
                assert!(found == expected || (found.is_nan() && expected.is_nan()));
                n_compared += usize::from(found.is_finite());
            }
            let units = if product.ends_with("recommended") {
                "1"
            } else {
                "m3 m-3"
            };
            assert_eq!(scene.field_units(product), Some(units));
        }
    }
    assert!(n_compared > 500, "{n_compared}");
}

#[test]
fn the_same_index_is_the_same_scene_from_any_thread() {
    let workshop = Workshop::new();
    let scenes = CubeScenes::new(cube(&workshop), 18, 9, &[1]).unwrap();
    let expected: Vec<Scene> = scenes
        .scenes()
        .iter()
        .map(|scene| scenes.cube().scene(scene.day_idx, &scene.window).unwrap())
        .collect();
    (0..4 * scenes.len()).into_par_iter().for_each(|position| {
        let index = position % scenes.len();
        let scene = scenes.scene(index).unwrap();
        assert_eq!(scene.id(), expected[index].id());
        assert_eq!(scene.predictable(), expected[index].predictable());
    });
    assert!(matches!(
        scenes.scene(scenes.len()),
        Err(SceneError::IndexOutOfRange { .. })
    ));
    assert!(CubeScenes::new(Arc::clone(scenes.cube()), 18, 12, &[0]).is_err());
    assert!(CubeScenes::new(Arc::clone(scenes.cube()), 18, 0, &[2]).is_err());
}
