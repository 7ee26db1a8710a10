use std::collections::BTreeMap;

use ndarray::Array2;
use vadose_grid::{Cell, EaseGrid2, Window};
use vadose_io::Provenance;
use vadose_metrics::Skill;
use vadose_scene::{InMemoryScenes, Scene, SceneSource, StationCell};

use super::test_scenes::{
    COL0, Noisy, ROW0, SIZE, boxed, channels, hours, noise, scene, scenes, sites, split,
    station_cell, station_name, table,
};
use super::*;

/// Rounding of f32 maps near 0.3 m3 m-3.
const MAX_ROUNDING_M3M3: f64 = 1e-6;
/// First row of the scenes' southern half.
const HALF: usize = SIZE / 2;

fn config() -> EvaluationConfig {
    EvaluationConfig {
        station_block_cells: 1,
        truth_block_cells: 9,
        ..EvaluationConfig::default()
    }
}

fn evaluated(methods: Vec<Noisy>) -> Evaluation {
    Evaluation::of(&table(&boxed(methods)), &config(), 1).unwrap()
}

fn comparison(evaluation: &Evaluation, population: Population) -> &Comparison {
    let of = |found: &&Comparison| found.population == population;
    evaluation.comparisons.iter().find(of).unwrap()
}

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
fn known_noise_is_found_within_its_interval() {
    let evaluation = evaluated(vec![Noisy::new("noisy", 0.02, 0.03)]);
    for (population, n_stations) in [(Population::Test, 16), (Population::Truth, 100)] {
        let comparison = comparison(&evaluation, population);
        let summary = &comparison.methods[0].summary;
        assert_eq!((summary.stations, summary.n), (n_stations, n_stations * 90));
        // 90 draws a station: the deviation is known to 0.03 / sqrt(180) = 0.0022 at one station.
        assert!((summary.ubrmse.median.unwrap() - 0.03).abs() < 0.0015);
        assert!(summary.ubrmse.median_interval.unwrap().contains(0.03));
        assert!(summary.bias.median_interval.unwrap().contains(0.02));
        let covered = comparison.methods[0].stations.iter().filter(|station| {
            let ubrmse = station.intervals.unwrap().ubrmse.unwrap();
            ubrmse.interval.contains(0.03)
        });
        // Of 95 % intervals at 16 (100) stations at least 13 (88) hold in 99 of 100 cases.
        assert!(covered.count() >= n_stations * 13 / 16);
    }
}

#[test]
fn a_method_that_is_another_differs_by_nothing() {
    let evaluation = evaluated(vec![
        Noisy::new("first", 0.0, 0.03),
        Noisy {
            purpose: "first",
            ..Noisy::new("twin", 0.0, 0.03)
        },
    ]);
    let pairs = &comparison(&evaluation, Population::Test).pairs;
    assert_eq!(pairs.len(), TestedMetric::ALL.len());
    for pair in pairs {
        assert_eq!(pair.difference.unwrap().value, 0.0);
        assert_eq!((pair.p_value, pair.p_holm), (Some(1.0), Some(1.0)));
        assert_eq!((pair.wilcoxon, pair.wilcoxon_holm), (Some(1.0), Some(1.0)));
    }
}

#[test]
fn a_worse_method_is_told_from_a_better_one() {
    let mut methods = vec![
        Noisy::new("good", 0.0, 0.02),
        Noisy::new("bad", 0.0, 0.05),
        Noisy::new("as_good", 0.0, 0.02),
    ];
    methods.reverse();
    let config = EvaluationConfig {
        challengers: vec!["good".to_owned()],
        ..config()
    };
    let evaluation = Evaluation::of(&table(&boxed(methods)), &config, 1).unwrap();
    let pairs = &comparison(&evaluation, Population::Test).pairs;
    // One challenger against two others: two pairs a metric, whatever the order of the methods.
    assert_eq!(pairs.len(), 2 * TestedMetric::ALL.len());
    let of = |metric, baseline: &str| {
        let is = |pair: &&PairedTest| pair.metric == metric && pair.baseline == baseline;
        pairs.iter().find(is).unwrap()
    };
    let won = of(TestedMetric::Ubrmse, "bad");
    assert_eq!(won.challenger, "good");
    let difference = won.difference.unwrap();
    assert!(difference.interval.contains(-0.03) && difference.interval.upper < -0.025);
    assert!(won.p_holm.unwrap() < 0.01 && won.wilcoxon_holm.unwrap() < 0.001);
    assert!(won.p_holm >= won.p_value);
    let drawn = of(TestedMetric::Ubrmse, "as_good");
    assert!(drawn.difference.unwrap().interval.contains(0.0));
    assert!(drawn.wilcoxon_holm.unwrap() > 0.05);
    assert!(of(TestedMetric::R, "bad").difference.unwrap().value > 0.0);
}

#[test]
fn compared_methods_are_judged_on_the_rows_that_all_have() {
    // North: nothing on even days from one; south: nothing on days of multiples of three from the other.
    let day = |hour: i64| hour / 24;
    let north: fn(usize, i64) -> bool = |row, hour| row < HALF && (hour / 24) % 2 == 0;
    let south: fn(usize, i64) -> bool = |row, hour| row >= HALF && (hour / 24) % 3 == 0;
    let evaluation = evaluated(vec![
        Noisy::new("whole", 0.0, 0.03),
        Noisy {
            missing: north,
            ..Noisy::new("north_gaps", 0.0, 0.03)
        },
        Noisy {
            missing: south,
            ..Noisy::new("south_gaps", 0.0, 0.03)
        },
    ]);
    let split = split();
    let test_rows: Vec<usize> = (0..48)
        .filter(|station| split.get(&station_name(*station)) == Some(vadose_scene::Split::Test))
        .map(|station| station_cell(station).0)
        .collect();
    let count = |missing: fn(usize, i64) -> bool| {
        let rows = test_rows.iter();
        rows.flat_map(|row| hours().into_iter().map(move |hour| (*row, hour)))
            .filter(|(row, hour)| missing(*row, *hour))
            .count()
    };
    let comparison = comparison(&evaluation, Population::Test);
    let (lost_north, lost_south) = (count(north), count(south));
    assert!(lost_north > 100 && lost_south > 100 && day(hours()[0]) > 0);
    let losses: Vec<_> = comparison
        .losses
        .iter()
        .map(|loss| (loss.method.as_str(), loss.missing, loss.missing_here_only))
        .collect();
    assert_eq!(
        losses,
        [
            ("whole", 0, 0),
            ("north_gaps", lost_north, lost_north),
            ("south_gaps", lost_south, lost_south)
        ]
    );
    assert_eq!(comparison.rows, 16 * 90);
    assert_eq!(comparison.shared_rows, 16 * 90 - lost_north - lost_south);
    for method in &comparison.methods {
        assert_eq!(
            (method.summary.n, method.summary.dropped),
            (comparison.shared_rows, 0)
        );
    }
}

#[test]
fn stations_with_few_rows_do_not_count_and_are_counted() {
    // In the north 6 days of 90 are left.
    let late: fn(usize, i64) -> bool = |row, hour| row < HALF && hour > hours()[5];
    let evaluation = evaluated(vec![Noisy {
        missing: late,
        ..Noisy::new("late", 0.0, 0.03)
    }]);
    let comparison = comparison(&evaluation, Population::Test);
    let n_kept = comparison.methods[0].stations.len();
    assert!(comparison.stations_below_minimum > 0);
    assert_eq!(comparison.stations_below_minimum + n_kept, 16);
    assert!(
        comparison.methods[0]
            .stations
            .iter()
            .all(|station| station.skill.n == 90)
    );
}

#[test]
fn strata_part_the_shared_rows() {
    let evaluation = evaluated(vec![Noisy::new("noisy", 0.0, 0.03)]);
    let mut rows: BTreeMap<Stratum, BTreeMap<&str, usize>> = BTreeMap::new();
    for skill in &evaluation.strata {
        if skill.population == Population::Test {
            rows.entry(skill.stratum)
                .or_default()
                .insert(&skill.label, skill.rows);
        }
    }
    for parts in rows.values() {
        assert_eq!(parts.values().sum::<usize>(), 16 * 90);
    }
    let labels = |stratum| rows[&stratum].keys().copied().collect::<Vec<_>>();
    assert_eq!(labels(Stratum::LandCover), ["cropland", "grassland"]);
    assert_eq!(
        labels(Stratum::Texture),
        ["clay above 35 %", "clay below 18 %"]
    );
    assert_eq!(
        labels(Stratum::Vegetation),
        ["0 to 1 kg m-2", "3 to 5 kg m-2"]
    );
    assert_eq!(labels(Stratum::Network), ["east", "west"]);
    assert_eq!(labels(Stratum::Observed), ["not observed", "observed"]);
    let east =
        |skill: &&StratumSkill| skill.label == "east" && skill.population == Population::Test;
    let east = evaluation.strata.iter().find(east).unwrap();
    assert!(!east.too_few_stations && east.ubrmse.median_interval.is_some());
}

#[test]
fn small_strata_have_no_interval() {
    let config = EvaluationConfig {
        min_stations: 17,
        ..config()
    };
    let table = table(&boxed(vec![Noisy::new("noisy", 0.0, 0.03)]));
    let evaluation = Evaluation::of(&table, &config, 1).unwrap();
    for skill in &evaluation.strata {
        assert_eq!(skill.too_few_stations, skill.stations < 17);
        assert_eq!(
            skill.ubrmse.median_interval.is_none(),
            skill.too_few_stations
        );
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
    let known: vadose_scene::StationSplit = split()
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
    for method in ["ridge", "forest"] {
        let pick = |column: &[f64]| test.iter().map(|row| column[*row]).collect::<Vec<_>>();
        let skill = Skill::of(
            &pick(table.estimates(method).unwrap()),
            &pick(&table.references()),
        )
        .unwrap();
        assert!(skill.rmse.unwrap() < 0.012, "{method} {:?}", skill.rmse);
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
fn default_comparisons_keep_gappy_products_apart() {
    let mut table = table(&boxed(vec![Noisy::new("network", 0.0, 0.03)]));
    let n = table.rows().len();
    let mut half = vec![0.2; n];
    half[..n / 2].fill(f64::NAN);
    table.add_estimates("spl2smp_e", vec![0.2; n]).unwrap();
    table.add_estimates("spl2smap_s", half.clone()).unwrap();
    table
        .add_estimates("spl2smap_s_recommended", vec![f64::NAN; n])
        .unwrap();
    table.add_estimates("spl2smp_e_recommended", half).unwrap();
    let comparisons = default_comparisons(&table);
    let names: Vec<(&str, Vec<&str>)> = comparisons
        .iter()
        .map(|c| {
            (
                c.name.as_str(),
                c.methods.iter().map(String::as_str).collect(),
            )
        })
        .collect();
    assert_eq!(
        names,
        [
            ("everywhere", vec!["network", "spl2smp_e"]),
            (
                "with_spl2smap_s",
                vec!["network", "spl2smp_e", "spl2smap_s"]
            ),
            (
                "recommended",
                vec![
                    "network",
                    "spl2smp_e",
                    "spl2smap_s",
                    "spl2smp_e_recommended"
                ]
            ),
        ]
    );
    let evaluation = Evaluation::of(&table, &config(), 1).unwrap();
    assert_eq!(
        evaluation.methods_without_values,
        ["spl2smap_s_recommended"]
    );
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
        levels: vec![vadose_metrics::Confidence::P80],
        floor_m3m3: 0.0,
    };
    let found = coverage(&table, "noisy", &config(), &conformal, 1).unwrap();
    let references: Vec<_> = found.iter().map(|of| of.reference).collect();
    assert_eq!(references, CoverageReference::ALL);
    for of in &found {
        // Eight validation stations: the weights reach 80 % where 90 % of the 720 values lie.
        let quantile = if of.reference == CoverageReference::Truth {
            1.2816
        } else {
            1.6449
        };
        assert!(
            (of.calibration.factor / quantile - 1.0).abs() < 0.08,
            "{of:?}"
        );
        let expected = if of.reference == CoverageReference::Truth {
            0.8
        } else {
            0.9
        };
        assert!(
            (of.coverage.unwrap().value - expected).abs() < 0.03,
            "{of:?}"
        );
        assert!((of.mean_width / of.constant_width - 1.0).abs() < 1e-5);
    }
    // At 90 % eight stations promise nothing; the blocks of the true field do.
    let levels = vec![vadose_metrics::Confidence::P90];
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

#[test]
fn files_hold_what_was_found() {
    let methods = boxed(vec![
        Noisy::new("a", 0.0, 0.03),
        Noisy::new("b", 0.01, 0.04),
    ]);
    let table = table(&methods);
    let evaluation = Evaluation::of(&table, &config(), 1).unwrap();
    let provenance = Provenance::collect("", Some(1), &[] as &[&str]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    evaluation.write(folder.path(), &provenance).unwrap();
    table.write(&folder.path().join("samples.csv")).unwrap();
    let n_lines = |name: &str| {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        text.lines().count() - 1
    };
    assert_eq!(n_lines("skill.csv"), 4);
    assert_eq!(n_lines("stations.csv"), 2 * (16 + 100));
    assert_eq!(n_lines("comparisons.csv"), 2 * TestedMetric::ALL.len());
    assert_eq!(n_lines("losses.csv"), 4);
    assert_eq!(n_lines("strata.csv"), evaluation.strata.len());
    assert_eq!(n_lines("coverage.csv"), evaluation.coverage.len());
    assert_eq!(n_lines("samples.csv"), table.rows().len());

    let json = std::fs::read(folder.path().join("evaluation.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["provenance"]["seed"], 1);
    assert_eq!(json["comparisons"][0]["methods"][1]["method"], "b");
    let median = &json["comparisons"][0]["methods"][0]["summary"]["ubrmse"]["median"];
    let skill = std::fs::File::open(folder.path().join("skill.csv")).unwrap();
    let first: BTreeMap<String, String> = csv::Reader::from_reader(skill)
        .deserialize()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(
        first["ubrmse_median"].parse::<f64>().unwrap(),
        median.as_f64().unwrap()
    );
    let text = evaluation.to_string();
    assert!(text.contains("everywhere, test: 16 stations") && text.contains("ubRMSE of a minus b"));
}

#[test]
fn inputs_outside_the_training_range_are_counted() {
    let mut scenes: Vec<Scene> = hours().into_iter().map(scene).collect();
    // On one more day the cells are colder than any that trained, and no training station reports.
    let hour = hours()[89] + 24;
    let of_test = |station: &StationCell| {
        split().of_all(&station.stations) == Some(vadose_scene::Split::Test)
    };
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
