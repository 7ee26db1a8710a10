//! Baselines, products, spreads, scale.

use vadose_grid::{EaseGrid2, Window};
use vadose_metrics::{Confidence, Skill};
use vadose_scene::{Scene, SceneSource};

use super::scenes::{COL0, ROW0, hours, scenes};
use super::*;

#[test]
fn baselines_learn_from_training_stations_alone() {
    let mut table = table(&[]);
    let config = BaselineConfig {
        forest: ForestConfig {
            n_trees: 20,
            candidates: vec![ForestCandidate {
                min_samples_leaf: 10,
                features_per_split: 2,
            }],
        },
        ..BaselineConfig::default()
    };
    let baselines = Baselines::fit(&table, &config, 1).unwrap();
    baselines.add_to(&mut table).unwrap();
    assert_eq!(baselines.methods().map(Method::name), Baselines::NAMES);
    let train = table.rows_of(Population::Train);
    let mean: f64 = train
        .iter()
        .map(|row| table.rows()[*row].reference)
        .sum::<f64>()
        / train.len() as f64;
    assert!((table.estimates("station_mean").unwrap()[0] - mean).abs() < 1e-9);

    // One day's mean of the 24 training stations.
    let hour = hours()[40];
    let on_day = |row: &&usize| table.rows()[**row].hour == hour;
    let day: Vec<f64> = train
        .iter()
        .filter(on_day)
        .map(|row| table.rows()[*row].reference)
        .collect();
    let other_years = |row: &&usize| {
        let hours_apart = (table.rows()[**row].hour - hour).abs();
        hours_apart % (365 * 24) == 0 && hours_apart > 0
    };
    let others: Vec<f64> = train
        .iter()
        .filter(other_years)
        .map(|row| table.rows()[*row].reference)
        .collect();
    assert_eq!((day.len(), others.len()), (24, 48));
    let expected = day.iter().chain(&others).sum::<f64>() / 72.0;
    let at = (0..table.rows().len())
        .find(|row| table.rows()[*row].hour == hour)
        .unwrap();
    let climatology = table.estimates("station_climatology").unwrap()[at];
    assert!((climatology - expected).abs() < 1e-12);

    // Brightness temperature tells soil moisture to 1 K / 120 K per m3 m-3.
    let test = table.rows_of(Population::Test);
    // A forest is made of steps, no finer than the few cells that it has learnt from.
    for (method, bound) in [("ridge", 0.012), ("forest", 0.02)] {
        let pick = |column: &[f64]| test.iter().map(|row| column[*row]).collect::<Vec<_>>();
        let skill = Skill::of(
            &pick(table.estimates(method).unwrap()),
            &pick(&table.references()),
        )
        .unwrap();
        assert!(skill.rmse.unwrap() < bound, "{method} {:?}", skill.rmse);
    }
    // The map of a regression is what it says at the rows.
    let source = scenes();
    let first = source.scene(0).unwrap();
    for method in baselines.methods() {
        let map = method.estimate(&first).unwrap().values;
        let column = table.estimates(method.name()).unwrap();
        for (row, estimate) in table.rows().iter().zip(column) {
            if row.hour == hours()[0] {
                let cell = table.sites()[row.site].cell;
                let at = (cell.row - ROW0, cell.col - COL0);
                assert!((f64::from(map[at]) - estimate).abs() < MAX_ROUNDING_M3M3);
            }
        }
    }
}

#[test]
fn products_count_where_they_are_recommended() {
    let window = Window::new(EaseGrid2::M01, 900, 1800, 1, 4).unwrap();
    let scene = Scene::new("s", window)
        .with_field(
            "spl2smap_s_soil_moisture",
            "m3 m-3",
            ndarray::array![[0.1, 0.2, f32::NAN, 0.4]],
        )
        .unwrap()
        .with_field(
            "spl2smap_s_recommended",
            "1",
            ndarray::array![[1.0, 0.5, f32::NAN, f32::NAN]],
        )
        .unwrap();
    let finite = |product: ProductField| {
        let values = product.estimate(&scene).unwrap().values;
        values
            .iter()
            .map(|value| value.is_finite())
            .collect::<Vec<_>>()
    };
    assert_eq!(finite(ProductField::SPL2SMAP_S), [true, true, false, true]);
    assert_eq!(
        finite(ProductField::SPL2SMAP_S_RECOMMENDED),
        [true, false, false, false]
    );
    assert_eq!(finite(ProductField::SPL2SMP_E), [false; 4]); // not in the scene
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let find = || {
            let methods = boxed(vec![
                Noisy::new("a", 0.0, 0.03),
                Noisy::new("b", 0.01, 0.04),
            ]);
            let mut table = table(&methods);
            let forest = ForestConfig {
                n_trees: 5,
                ..ForestConfig::default()
            };
            let config_of = BaselineConfig {
                forest,
                ..BaselineConfig::default()
            };
            let baselines = Baselines::fit(&table, &config_of, 4).unwrap();
            baselines.add_to(&mut table).unwrap();
            let maps: Vec<&dyn Method> = baselines.methods().to_vec();
            let every = ScaleConfig {
                every: 30,
                ..ScaleConfig::default()
            };
            let scale = ScaleReport::of(&scenes(), &maps, &every, 4, &mut |_, _| ()).unwrap();
            let evaluation = Evaluation::of(&table, &config(), 4).unwrap();
            serde_json::to_string(&evaluation.with_scale(scale)).unwrap()
        };
        pool.unwrap().install(find)
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn spread_of_the_right_size_needs_the_normal_factor() {
    let table = table(&boxed(vec![Noisy::new("noisy", 0.0, 0.03)]));
    let conformal = ConformalConfig {
        levels: vec![Confidence::P80],
        floor_m3m3: Some(0.0),
    };
    let found = coverage(&table, "noisy", &config(), &conformal, 1).unwrap();
    let references: Vec<_> = found.iter().map(|of| of.reference).collect();
    assert_eq!(references, CoverageReference::ALL);
    for of in &found {
        // The weights of K groups reach 80 % where 80 % times (K + 1) / K of their values lie: of the eight
        // validation stations 90 %, where the normal factor is 1.645.
        let groups = of.calibration.groups as f64;
        let expected = 0.8 * (groups + 1.0) / groups;
        assert!(
            (of.coverage.unwrap().value - expected).abs() < 0.03,
            "{of:?}"
        );
        let factors = match of.reference {
            CoverageReference::Truth => 1.28..1.48,
            _ => 1.52..1.77,
        };
        assert!(factors.contains(&of.calibration.factor), "{of:?}");
        assert!((of.mean_width / of.constant_width - 1.0).abs() < 1e-5);
    }
    // At 90 % eight stations promise nothing; the blocks of the true field do.
    let levels = vec![Confidence::P90];
    let conformal = ConformalConfig {
        levels,
        ..conformal
    };
    let found = coverage(&table, "noisy", &config(), &conformal, 1).unwrap();
    let references: Vec<_> = found.iter().map(|of| of.reference).collect();
    assert_eq!(references, [CoverageReference::Truth]);
}

#[test]
fn scale_tells_detail_from_smoothness() {
    let every = ScaleConfig {
        every: 3,
        ..ScaleConfig::default()
    };
    let (exact, noisy) = (
        Noisy::new("exact", 0.0, 0.0),
        Noisy::new("noisy", 0.0, 0.03),
    );
    let methods: [&dyn Method; 4] = [
        &exact,
        &noisy,
        &CoarseMethod::Bilinear,
        &CoarseMethod::Nearest,
    ];
    let report = ScaleReport::of(&scenes(), &methods, &every, 1, &mut |_, _| ()).unwrap();
    assert_eq!((report.scenes, report.windows), (30, 1));
    let [exact, noisy, bilinear, nearest] = &report.methods[..] else {
        panic!("four methods");
    };
    assert!((exact.r_inside_coarse_cells.unwrap().value - 1.0).abs() < 1e-6);
    assert_eq!(exact.gain_over_bilinear.unwrap().value, 1.0);
    assert!(exact.structure.iter().all(|point| point.error < 1e-12));

    // White noise of 0.03: its variance over all bands, and twice of it at every distance.
    let variance: f64 = noisy.bands.iter().map(|band| band.error_variance).sum();
    assert!((variance / 0.0009 - 1.0).abs() < 0.03);
    for point in &noisy.structure {
        assert!((point.error / 0.0018 - 1.0).abs() < 0.03, "{point:?}");
    }
    // Detail of 0.02 under noise of 0.03, and a little of the slow pattern.
    let r = noisy.r_inside_coarse_cells.unwrap().value;
    assert!((r - 0.02 / 0.02_f64.hypot(0.03)).abs() < 0.04, "{r}");
    assert!(noisy.detail_ratio.unwrap() > 1.5 && bilinear.detail_ratio.unwrap() < 0.7);
    assert!(noisy.gain_over_bilinear.unwrap().value < 0.0);

    assert_eq!(bilinear.gain_over_bilinear.unwrap().value, 0.0);
    assert_eq!(nearest.r_inside_coarse_cells, None);
    assert_eq!(nearest.detail_ratio, Some(0.0));
    // Short waves belong to the detail, which a coarse field cannot have; long ones it has.
    assert!(bilinear.bands[1].r.unwrap() < 0.3 && bilinear.bands[5].r.unwrap() > 0.9);
    let consistency = exact.consistency.unwrap();
    assert_eq!(consistency.n, 30 * 64);
    assert!(consistency.rmsd < 0.01 && consistency.r.unwrap() > 0.9);
}
