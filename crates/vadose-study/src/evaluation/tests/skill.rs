//! Comparisons and strata.

use std::collections::BTreeMap;

use vadose_scene::Split;

use super::scenes::{SIZE, hours, split, station_cell, station_name};
use super::*;

/// First row of the scenes' southern half.
const HALF: usize = SIZE / 2;

/// Median of the deviation (divisor n) of 90 normal draws of deviation 0.03: 0.9 % less.
const MEDIAN_DEVIATION: f64 = 0.0297;

#[test]
fn known_noise_is_found_within_its_interval() {
    let evaluation = evaluated(vec![Noisy::new("noisy", 0.02, 0.03)]);
    for (population, n_stations) in [(Population::Test, 16), (Population::Truth, 100)] {
        let comparison = comparison(&evaluation, population);
        let summary = &comparison.methods[0].summary;
        assert_eq!((summary.stations, summary.n), (n_stations, n_stations * 90));
        // 90 draws a station: the deviation is known to 0.03 / sqrt(180) = 0.0022 at one station.
        assert!((summary.ubrmse.median.unwrap() - 0.03).abs() < 0.0015);
        assert!(
            summary
                .ubrmse
                .median_interval
                .unwrap()
                .contains(MEDIAN_DEVIATION)
        );
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
fn planned_pairs_are_tested_and_no_others() {
    let methods = ["good", "bad", "as_good"].map(|name| Noisy::new(name, 0.0, 0.02));
    let pair = |challenger: &str, baseline: &str| [challenger.to_owned(), baseline.to_owned()];
    let config = EvaluationConfig {
        pairs: vec![pair("as_good", "good")],
        ..config()
    };
    let table = table(&boxed(methods.into()));
    let evaluation = Evaluation::of(&table, &config, 1).unwrap();
    let pairs = &comparison(&evaluation, Population::Test).pairs;
    assert_eq!(pairs.len(), TestedMetric::ALL.len());
    let names = |pair: &PairedTest| (pair.challenger.clone(), pair.baseline.clone());
    assert_eq!(names(&pairs[0]), ("as_good".to_owned(), "good".to_owned()));
    let unknown = EvaluationConfig {
        pairs: vec![pair("good", "goo")],
        ..config
    };
    assert!(matches!(
        Evaluation::of(&table, &unknown, 1),
        Err(StudyError::UnknownMethod { name, .. }) if name == "goo"
    ));
}

#[test]
fn compared_methods_are_judged_on_the_rows_that_all_have() {
    // North: nothing on even days from one; south: nothing on days of multiples of three from the other.
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
        .filter(|station| split.get(&station_name(*station)) == Some(Split::Test))
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
    assert!(lost_north > 100 && lost_south > 100);
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
    /// Noon of the sixth day of the first June, hours since 1970.
    const SIXTH_DAY: i64 = (17_318 + 5) * 24 + 12;
    assert_eq!(hours()[5], SIXTH_DAY);
    // In the north 6 days of 90 are left.
    let late: fn(usize, i64) -> bool = |row, hour| row < HALF && hour > SIXTH_DAY;
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
