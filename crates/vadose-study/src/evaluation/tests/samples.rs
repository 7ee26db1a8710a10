//! The table of samples.

use ndarray::Array2;
use vadose_grid::{Cell, EaseGrid2, Window};
use vadose_scene::{InMemoryScenes, Scene, Split, StationCell, StationSplit};

use super::scenes::{
    COL0, ROW0, SIZE, channels, hours, noise, scene, scenes, sites, split, station_cell,
    station_name,
};
use super::*;

/// First row of the scenes' southern half.
const HALF: usize = SIZE / 2;

#[test]
fn table_holds_a_row_for_each_reference() {
    let table = table(&boxed(vec![Noisy::new("exact", 0.0, 0.0)]));
    let n_days = hours().len();
    assert_eq!(table.rows_of(Population::Train).len(), 24 * n_days);
    assert_eq!(table.rows_of(Population::Validation).len(), 8 * n_days);
    assert_eq!(table.rows_of(Population::Test).len(), 16 * n_days);
    assert_eq!(table.rows_of(Population::Truth).len(), 100 * n_days);
    // A cell of the true field holds no station of any split.
    let held: Vec<_> = sites().iter().map(|site| site.cell).collect();
    for site in table.sites() {
        assert_eq!(
            site.population == Population::Truth,
            !held.contains(&site.cell)
        );
    }
    let estimates = table.estimates("exact").unwrap();
    for (row, estimate) in table.rows().iter().zip(estimates) {
        assert!((estimate - row.reference).abs() < MAX_ROUNDING_M3M3);
    }
}

#[test]
fn a_cell_in_overlapping_scenes_counts_where_it_lies_deepest() {
    let config = |split, sites, channels| SampleConfig {
        split,
        sites,
        channels,
        truth_cells_per_window: 0,
        seed: 1,
    };
    /// Says how far east the scene's window begins.
    struct West;
    impl Method for West {
        fn name(&self) -> &str {
            "west"
        }
        fn estimate(&self, scene: &Scene) -> Result<Estimate, StudyError> {
            let west = scene.window().col0() as f32;
            Ok(Array2::from_elem(scene.window().shape(), west).into())
        }
    }
    // Two windows of 27 cells, the second 18 cells further east; the station is in column 20 of the first.
    let cell = Cell {
        row: ROW0 + 13,
        col: COL0 + 20,
    };
    let part = |col0: usize| {
        let window = Window::new(EaseGrid2::M01, ROW0, col0, 27, 27).unwrap();
        Scene::new(format!("{col0}"), window)
            .with_time("2018-06-03T12:00Z".parse().unwrap())
            .with_stations(vec![StationCell {
                cell,
                value_m3m3: 0.2,
                weight: 1.0,
                stations: vec![station_name(0)],
            }])
            .unwrap()
    };
    let (split, sites, channels) = (split(), sites(), channels());
    for order in [[COL0, COL0 + 18], [COL0 + 18, COL0]] {
        let source: InMemoryScenes = order.into_iter().map(part).collect();
        let methods: Vec<Box<dyn Method>> = vec![Box::new(West)];
        let config = config(&split, &sites, &channels);
        let table = SampleTable::collect(&source, &config, &methods, &mut |_, _| ()).unwrap();
        assert_eq!((table.rows().len(), table.counts().repeated), (1, 1));
        // 6 cells from the edge of the first window, 2 from that of the second.
        assert_eq!(table.estimates("west").unwrap(), [COL0 as f64]);
    }
}

#[test]
fn references_that_cannot_be_used_are_counted() {
    let hour = hours()[0];
    let predictable = Array2::from_shape_fn((SIZE, SIZE), |(row, _)| row >= HALF);
    let source = InMemoryScenes::from(vec![scene(hour).with_predictable(predictable).unwrap()]);
    let known: StationSplit = split()
        .iter()
        .take(40)
        .map(|(n, s)| (n.to_owned(), s))
        .collect();
    let (sites, channels) = (sites(), channels());
    let config = SampleConfig {
        split: &known,
        sites: &sites,
        channels: &channels,
        truth_cells_per_window: 0,
        seed: 1,
    };
    let table = SampleTable::collect(&source, &config, &[], &mut |_, _| ()).unwrap();
    let in_north = |station: &usize| station_cell(*station).0 < HALF;
    let n_north = (0..48).filter(in_north).count();
    let n_unknown = (40..48).filter(|station| !in_north(station)).count();
    let counts = table.counts();
    assert_eq!(
        (counts.not_predictable, counts.without_split),
        (n_north, n_unknown)
    );
    assert_eq!(table.rows().len(), 48 - n_north - n_unknown);
}

#[test]
fn two_methods_of_one_name_are_refused() {
    let methods = boxed(vec![
        Noisy::new("same", 0.0, 0.1),
        Noisy::new("same", 0.0, 0.2),
    ]);
    let (split, sites, channels) = (split(), sites(), channels());
    let config = SampleConfig {
        split: &split,
        sites: &sites,
        channels: &channels,
        truth_cells_per_window: 0,
        seed: 1,
    };
    let error = SampleTable::collect(&scenes(), &config, &methods, &mut |_, _| ()).unwrap_err();
    assert!(matches!(error, StudyError::DuplicateMethod { name } if name == "same"));
    let mut table = table(&[]);
    assert!(table.add_estimates("short", vec![0.1]).is_err());
    assert!(table.estimates("none").is_err());
}

#[test]
fn inputs_outside_the_training_range_are_counted() {
    let mut scenes: Vec<Scene> = hours().into_iter().map(scene).collect();
    // On one more day the cells are colder than any that trained, and no training station reports.
    let hour = hours()[89] + 24;
    let of_test = |station: &StationCell| split().of_all(&station.stations) == Some(Split::Test);
    let cold = scene(hour);
    let stations = cold
        .stations()
        .iter()
        .filter(|s| of_test(s))
        .cloned()
        .collect();
    let window = *cold.window();
    let cold = Scene::new("cold", window)
        .with_time(cold.time().unwrap())
        .with_field("tb_v", "K", noise("cold", hour).mapv(|n| 100.0 + n))
        .unwrap()
        .with_stations(stations)
        .unwrap();
    scenes.push(cold);
    let (split, sites, channels) = (split(), sites(), channels());
    let config_of = SampleConfig {
        split: &split,
        sites: &sites,
        channels: &channels,
        truth_cells_per_window: 0,
        seed: 1,
    };
    let methods = boxed(vec![]);
    let source = InMemoryScenes::from(scenes);
    let mut table = SampleTable::collect(&source, &config_of, &methods, &mut |_, _| ()).unwrap();
    let n = table.rows().len();
    table.add_estimates("flat", vec![0.2; n]).unwrap();
    let evaluation = Evaluation::of(&table, &config(), 1).unwrap();
    let of = |channel: &str| {
        let is = |count: &&OutOfRangeCount| {
            count.channel == channel && count.population == Population::Test
        };
        evaluation.out_of_range.iter().find(is).unwrap()
    };
    let tb = of("tb_v");
    assert_eq!(tb.with_value, 16 * 91);
    assert!((16..32).contains(&tb.outside), "{tb:?}"); // and a few of the other days
    assert_eq!(of("clay_fraction").outside, 0);
}
